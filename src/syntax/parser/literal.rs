//! The values of literals.

use std::sync::Arc;

use crate::types::{Decimal, Type, Value, datetime, dynamic::Dynamic, guid, timespan};

/// The text of a string literal of any form; `None` for an escape that does not exist.
pub fn string(literal: &str) -> Option<String> {
    let rest = literal.strip_prefix(['h', 'H']).unwrap_or(literal);
    for fence in ["```", "~~~"] {
        if let Some(body) = rest.strip_prefix(fence) {
            return body.strip_suffix(fence).map(str::to_string);
        }
    }
    if let Some(verbatim) = rest.strip_prefix('@') {
        let quote = &verbatim[..1];
        let body = verbatim.get(1..verbatim.len() - 1)?;
        return Some(body.replace(&quote.repeat(2), quote));
    }
    unescape(rest.get(1..rest.len() - 1)?)
}

fn unescape(body: &str) -> Option<String> {
    if !body.contains('\\') {
        return Some(body.to_string());
    }
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    // Pairs of surrogates may be written as two escapes.
    let mut high: Option<u32> = None;
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\u{b}'),
            c @ ('"' | '\'' | '\\') => out.push(c),
            'u' => {
                let unit = hex(&mut chars, 4)?;
                match (high.take(), unit) {
                    (None, 0xD800..=0xDBFF) => high = Some(unit),
                    (Some(first), 0xDC00..=0xDFFF) => {
                        let code = 0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00);
                        out.push(char::from_u32(code)?);
                    }
                    _ => out.push(char::from_u32(unit)?),
                }
            }
            'x' => out.push(char::from_u32(hex(&mut chars, 2)?)?),
            c @ '0'..='7' => {
                let mut code = c.to_digit(8)?;
                for _ in 0..2 {
                    match chars.peek().and_then(|c| c.to_digit(8)) {
                        Some(digit) => code = code * 8 + digit,
                        None => break,
                    }
                    chars.next();
                }
                out.push(char::from_u32(code)?);
            }
            _ => return None,
        }
    }
    Some(out)
}

fn hex(chars: &mut impl Iterator<Item = char>, digits: usize) -> Option<u32> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + chars.next()?.to_digit(16)?;
    }
    Some(code)
}

/// A bare whole number: decimal or hexadecimal, 64 bits.
pub fn integer(text: &str) -> Option<Value> {
    hexadecimal(text)
        .map(|v| Value::Long(v as i64))
        .or_else(|| text.parse::<i64>().ok().map(Value::Long))
}

fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    u64::from_str_radix(digits, 16).ok()
}

/// A bare fraction.
pub fn real(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().map(Value::Real)
}

/// `1.5h` and the like.
pub fn duration(text: &str) -> Option<Value> {
    timespan::parse_literal(text).map(Value::TimeSpan)
}

/// The type that the name of a typed literal means.
pub fn type_of(word: &str) -> Type {
    Type::from_name(word).unwrap_or(Type::Unknown)
}

/// The value of `word(body)`. `datetime()` is the current time, which only binding knows: the
/// parser keeps it apart.
pub fn typed(ty: Type, body: &str) -> Option<Value> {
    let body = body.trim();
    if body == "null" {
        return (ty != Type::String).then(|| Value::null(ty));
    }
    let quoted = matches!(body.as_bytes().first(), Some(b'"' | b'\'' | b'@' | b'h' | b'H'))
        && body.ends_with(['"', '\'']);
    let text: Arc<str> =
        if quoted && ty != Type::Dynamic { string(body)?.into() } else { body.into() };
    match ty {
        Type::Bool => match &*text {
            "true" | "True" | "TRUE" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" => Some(Value::Bool(false)),
            other => other.parse::<i64>().ok().map(|v| Value::Bool(v != 0)),
        },
        Type::Int => match hexadecimal(&text) {
            Some(bits) => u32::try_from(bits).ok().map(|v| Value::Int(v as i32)),
            None => whole(&text)?.parse().ok().map(Value::Int),
        },
        Type::Long => match hexadecimal(&text) {
            Some(bits) => Some(Value::Long(bits as i64)),
            None => whole(&text)?.parse().ok().map(Value::Long),
        },
        Type::Real => match &*text {
            "nan" | "NaN" => Some(Value::Real(f64::NAN)),
            "+inf" | "inf" => Some(Value::Real(f64::INFINITY)),
            "-inf" => Some(Value::Real(f64::NEG_INFINITY)),
            other if other.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                other.parse().ok().map(Value::Real)
            }
            _ => None,
        },
        Type::Decimal => Decimal::parse(&text).map(Value::Decimal),
        Type::DateTime => datetime::parse_literal(&text).map(Value::DateTime),
        Type::TimeSpan => timespan::parse_literal(&text).map(Value::TimeSpan),
        Type::Guid => guid::parse(&text).map(|text| Value::Guid(text.into())),
        Type::Dynamic => {
            let value = dynamic(body)?;
            Some(match value {
                Dynamic::Null => Value::Null(Type::Dynamic),
                value => Value::Dynamic(value.to_json().into()),
            })
        }
        Type::String | Type::Unknown => None,
    }
}

/// Digits with a sign; nothing else.
fn whole(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).trim_start();
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// The value inside `dynamic(…)`: JSON, plus Kusto's own scalars.
pub fn dynamic(body: &str) -> Option<Dynamic> {
    nested(body, 0)
}

fn nested(body: &str, depth: usize) -> Option<Dynamic> {
    let tokens = crate::syntax::lexer::lex(body);
    let mut reader = Reader { text: body, tokens: &tokens, at: 0, depth };
    let value = reader.value()?;
    (reader.kind() == crate::syntax::token::TokenKind::End).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [crate::syntax::token::Token],
    at: usize,
    depth: usize,
}

/// Arrays and bags in a literal nest no deeper.
const MAX_DEPTH: usize = 200;

impl<'a> Reader<'a> {
    fn kind(&self) -> crate::syntax::token::TokenKind {
        self.tokens[self.at].kind
    }

    fn text(&self) -> &'a str {
        &self.text[self.tokens[self.at].span.range()]
    }

    fn accept(&mut self, kind: crate::syntax::token::TokenKind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    fn strings(&mut self) -> Option<String> {
        let mut out = String::new();
        while self.kind() == crate::syntax::token::TokenKind::String {
            out.push_str(&string(self.text())?);
            self.at += 1;
        }
        Some(out)
    }

    fn value(&mut self) -> Option<Dynamic> {
        use crate::syntax::token::TokenKind as T;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let negative = self.accept(T::Minus);
        let text = self.text();
        let scalar = match self.kind() {
            T::String => return self.strings().filter(|_| !negative).map(Dynamic::String),
            T::OpenBracket if !negative => return self.array(),
            T::OpenBrace if !negative => return self.bag(),
            T::Integer if negative && !text.starts_with("0x") => {
                format!("-{text}").parse().ok().map(Dynamic::Long)
            }
            T::Integer => match integer(text)? {
                Value::Long(v) if !negative => Some(Dynamic::Long(v)),
                _ => None,
            },
            T::Real => text
                .parse::<f64>()
                .ok()
                .filter(|v| v.is_finite())
                .map(|v| Dynamic::Real(if negative { -v } else { v })),
            T::Timespan => match duration(text)? {
                Value::TimeSpan(v) => Some(Dynamic::Long(if negative { -v } else { v })),
                _ => None,
            },
            T::Name if !negative => match text {
                "null" => Some(Dynamic::Null),
                "true" | "True" | "TRUE" => Some(Dynamic::Bool(true)),
                "false" | "False" | "FALSE" => Some(Dynamic::Bool(false)),
                _ => None,
            },
            T::TypedLiteral if !negative => self.typed(text),
            _ => None,
        };
        self.at += 1;
        scalar
    }

    fn typed(&self, text: &str) -> Option<Dynamic> {
        let open = text.find('(')?;
        let (word, body) = (text[..open].trim(), text.get(open + 1..text.len() - 1)?);
        let ty = type_of(word);
        if ty == Type::Dynamic {
            return nested(body, self.depth + 1);
        }
        let value = typed(ty, body)?;
        match value {
            Value::Null(Type::DateTime) | Value::Bool(_) => None,
            Value::TimeSpan(ticks) => Some(Dynamic::Long(ticks)),
            Value::Real(v) if !v.is_finite() => Some(Dynamic::String(value.text())),
            other => Some(other.to_dynamic()),
        }
    }

    fn array(&mut self) -> Option<Dynamic> {
        use crate::syntax::token::TokenKind as T;
        self.at += 1;
        self.depth += 1;
        let mut items = vec![];
        if !self.accept(T::CloseBracket) {
            loop {
                items.push(self.value()?);
                if self.accept(T::CloseBracket) {
                    break;
                }
                if !self.accept(T::Comma) {
                    return None;
                }
            }
        }
        self.depth -= 1;
        Some(Dynamic::Array(items))
    }

    fn bag(&mut self) -> Option<Dynamic> {
        use crate::syntax::token::TokenKind as T;
        self.at += 1;
        self.depth += 1;
        let mut members: Vec<(String, Dynamic)> = vec![];
        if !self.accept(T::CloseBrace) {
            loop {
                let key = match self.kind() {
                    T::String => self.strings()?,
                    T::Name => {
                        let name = self.text().to_string();
                        self.at += 1;
                        name
                    }
                    _ => return None,
                };
                if !self.accept(T::Colon) {
                    return None;
                }
                let value = self.value()?;
                match members.iter_mut().find(|(name, _)| *name == key) {
                    Some(member) => member.1 = value,
                    None => members.push((key, value)),
                }
                if self.accept(T::CloseBrace) {
                    break;
                }
                if !self.accept(T::Comma) {
                    return None;
                }
            }
        }
        self.depth -= 1;
        Some(Dynamic::Bag(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_form() {
        assert_eq!(string(r#""a\tb\"\x41\u00e9\101""#).as_deref(), Some("a\tb\"AéA"));
        assert_eq!(string(r"@'it''s\'").as_deref(), Some(r"it's\"));
        assert_eq!(string("h'x'").as_deref(), Some("x"));
        assert_eq!(string("```a\nb```").as_deref(), Some("a\nb"));
        assert_eq!(string(r#""bad\q""#), None);
    }

    #[test]
    fn dynamic_literals_hold_kusto_scalars() {
        let text = |body: &str| dynamic(body).map(|value| value.to_json());
        assert_eq!(
            text("{'a':1d, \"b\":[1,-2.5,null]}").as_deref(),
            Some(r#"{"a":864000000000,"b":[1,-2.5,null]}"#)
        );
        assert_eq!(text("'x' 'y'").as_deref(), Some("\"xy\""));
        assert_eq!(text("[1,]"), None);
        assert_eq!(
            text("[datetime(2020-01-01)]").as_deref(),
            Some(r#"["2020-01-01T00:00:00.0000000Z"]"#)
        );
    }
}
