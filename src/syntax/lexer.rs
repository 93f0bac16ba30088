//! The lexer: one pass over the text that cannot fail. What has no meaning becomes a token of kind
//! `Other` or `Unterminated`, which the parser reports.

use super::token::{Token, TokenKind};
use crate::text::Span;

/// Names that, directly before `(`, may begin a typed literal such as `datetime(2020-01-01)`.
const TYPED: &[&str] = &[
    "bool", "boolean", "int", "int64", "long", "real", "double", "decimal", "datetime", "date",
    "timespan", "time", "guid", "dynamic",
];

/// The suffixes of timespan literals.
pub const TIMESPAN_SUFFIXES: &[&str] = &[
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

/// Splits a text into tokens, the last one of kind `End`.
pub fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0, tokens: vec![], broken_until: 0 };
    lexer.run();
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Where a `dynamic(` whose brackets do not match stops making sense: those inside it are not
    /// looked at again.
    broken_until: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = Span::new(start as u32, self.at as u32);
        self.tokens.push(Token { kind, span });
    }

    fn run(&mut self) {
        loop {
            self.skip_blanks();
            let start = self.at;
            if start >= self.bytes.len() {
                self.push(TokenKind::End, start);
                return;
            }
            let kind = self.token();
            self.push(kind, start);
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += memchr::memchr(b'\n', trimmed.as_bytes()).unwrap_or(trimmed.len());
        }
    }

    fn token(&mut self) -> TokenKind {
        let byte = self.peek(0);
        match byte {
            b'0'..=b'9' => self.number_or_name(),
            b'"' | b'\'' => self.string(byte, false),
            b'@' if matches!(self.peek(1), b'"' | b'\'') => {
                self.at += 1;
                self.string(self.peek(0), true)
            }
            b'h' | b'H' if matches!(self.peek(1), b'"' | b'\'') => {
                self.at += 1;
                self.string(self.peek(0), false)
            }
            b'h' | b'H' if self.peek(1) == b'@' && matches!(self.peek(2), b'"' | b'\'') => {
                self.at += 2;
                self.string(self.peek(0), true)
            }
            b'`' if self.rest().starts_with("```") => self.fenced("```"),
            b'~' if self.rest().starts_with("~~~") => self.fenced("~~~"),
            b'_' | b'$' | b'a'..=b'z' | b'A'..=b'Z' => self.name(),
            0x80.. if self.rest().starts_with(char::is_alphanumeric) => self.name(),
            _ => self.punctuation(),
        }
    }

    fn punctuation(&mut self) -> TokenKind {
        use TokenKind as T;
        let pair = (self.peek(0), self.peek(1));
        let two = match pair {
            (b'=', b'=') => Some(T::Equal),
            (b'=', b'~') if self.peek(2) != b'~' || self.peek(3) != b'~' => Some(T::EqualTilde),
            (b'=', b'~') => Some(T::EqualTilde),
            (b'=', b'>') => Some(T::Arrow),
            (b'!', b'=') | (b'<', b'>') => Some(T::NotEqual),
            (b'!', b'~') => Some(T::NotTilde),
            (b'<', b'=') => Some(T::LessEqual),
            (b'>', b'=') => Some(T::GreaterEqual),
            (b'.', b'.') => Some(T::DotDot),
            _ => None,
        };
        if let Some(kind) = two {
            self.at += 2;
            return kind;
        }
        let kind = match pair.0 {
            b'(' => T::OpenParen,
            b')' => T::CloseParen,
            b'[' => T::OpenBracket,
            b']' => T::CloseBracket,
            b'{' => T::OpenBrace,
            b'}' => T::CloseBrace,
            b'|' => T::Pipe,
            b';' => T::Semicolon,
            b',' => T::Comma,
            b'.' => T::Dot,
            b':' => T::Colon,
            b'=' => T::Assign,
            b'<' => T::Less,
            b'>' => T::Greater,
            b'!' => T::Bang,
            b'+' => T::Plus,
            b'-' => T::Minus,
            b'*' => T::Star,
            b'/' => T::Slash,
            b'%' => T::Percent,
            b'~' => T::Tilde,
            _ => T::Other,
        };
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        kind
    }

    /// A quoted string from its first quote on.
    fn string(&mut self, quote: u8, verbatim: bool) -> TokenKind {
        self.at += 1;
        loop {
            match self.peek(0) {
                0 if self.at >= self.bytes.len() => return TokenKind::Unterminated,
                b'\n' if !verbatim => return TokenKind::Unterminated,
                b'\\' if !verbatim => {
                    self.at += 1;
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                }
                byte if byte == quote => {
                    self.at += 1;
                    if verbatim && self.peek(0) == quote {
                        self.at += 1;
                        continue;
                    }
                    return TokenKind::String;
                }
                _ => self.at += 1,
            }
        }
    }

    fn fenced(&mut self, fence: &str) -> TokenKind {
        let body = &self.text[self.at + 3..];
        match body.find(fence) {
            Some(end) => {
                self.at += end + 6;
                TokenKind::String
            }
            None => {
                self.at = self.bytes.len();
                TokenKind::Unterminated
            }
        }
    }

    fn word_end(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        from + rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
    }

    fn name(&mut self) -> TokenKind {
        let start = self.at;
        if self.peek(0) == b'$' {
            self.at += 1;
        }
        self.at = self.word_end(self.at);
        if self.at == start {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if TYPED.contains(&word)
            && let Some(end) = self.typed_literal(word)
        {
            self.at = end;
            return TokenKind::TypedLiteral;
        }
        TokenKind::Name
    }

    /// The end of `word(…)` if that is a literal and not a call: `bool(x)` and the like are
    /// literals wherever the parentheses hold no nested call.
    fn typed_literal(&mut self, word: &str) -> Option<usize> {
        let mut at = self.at;
        while self.bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if self.bytes.get(at) != Some(&b'(') || (at < self.broken_until && word == "dynamic") {
            return None;
        }
        // `typeof(long)` and schemas name types without parentheses after them; `dynamic(` nests.
        let mut open: Vec<u8> = vec![];
        let mut inner =
            Lexer { text: self.text, bytes: self.bytes, at, tokens: vec![], broken_until: 0 };
        while inner.at < inner.bytes.len() {
            match inner.peek(0) {
                b'(' if !open.is_empty() && word != "dynamic" => return None,
                byte @ (b'(' | b'[' | b'{') => open.push(byte),
                byte @ (b')' | b']' | b'}') => {
                    let begun = open.pop();
                    if word == "dynamic" && begun != Some(opening(byte)) {
                        self.broken_until = inner.at;
                        return None;
                    }
                    if open.is_empty() {
                        return Some(inner.at + 1);
                    }
                }
                quote @ (b'"' | b'\'') => {
                    let verbatim = inner.at > 0 && inner.bytes[inner.at - 1] == b'@';
                    if inner.string(quote, verbatim) == TokenKind::Unterminated {
                        return None;
                    }
                    continue;
                }
                b'/' if inner.peek(1) == b'/' && word == "dynamic" => {
                    inner.skip_blanks();
                    continue;
                }
                b'|' | b';' if word != "dynamic" => return None,
                _ => {}
            }
            inner.at += 1;
        }
        if word == "dynamic" {
            self.broken_until = self.bytes.len();
        }
        None
    }

    fn number_or_name(&mut self) -> TokenKind {
        let start = self.at;
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') {
            let end = self.word_end(start);
            self.at = end;
            let digits = &self.text[start + 2..end];
            let hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            return if hex { TokenKind::Integer } else { TokenKind::Name };
        }
        let digits = |from: usize| {
            from + self.bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count()
        };
        let whole = digits(start);
        let mut end = whole;
        let mut real = false;
        // `1.` and `1.5`, but not `1..5` nor `1.name`.
        if self.bytes.get(whole) == Some(&b'.') && self.bytes.get(whole + 1) != Some(&b'.') {
            let fraction = digits(whole + 1);
            let next = self.text[fraction..].chars().next();
            let named = fraction == whole + 1
                && next.is_some_and(|c| c.is_alphabetic() || c == '_')
                && !matches!(next, Some('e' | 'E'));
            if !named {
                real = true;
                end = fraction;
            }
        }
        // Exponent.
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let mut exponent = end + 1;
            if matches!(self.bytes.get(exponent), Some(b'+' | b'-')) {
                exponent += 1;
            }
            let stop = digits(exponent);
            if stop > exponent && self.word_end(stop) == stop {
                self.at = stop;
                return TokenKind::Real;
            }
        }
        let word = self.word_end(end);
        if word == end {
            self.at = end;
            return if real { TokenKind::Real } else { TokenKind::Integer };
        }
        self.at = word;
        let suffix = &self.text[end..word];
        if TIMESPAN_SUFFIXES.contains(&suffix) {
            TokenKind::Timespan
        } else if real {
            self.at = end;
            TokenKind::Real
        } else {
            TokenKind::Name
        }
    }
}

/// The bracket that a closing one ends.
fn opening(closing: u8) -> u8 {
    match closing {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        let mut tokens = lex(text);
        tokens.pop();
        tokens.into_iter().map(|t| (t.kind, &text[t.span.range()])).collect()
    }

    #[test]
    fn numbers_names_and_timespans() {
        use TokenKind as T;
        assert_eq!(
            kinds("1 1.5 1. 1e3 0x1F"),
            [
                (T::Integer, "1"),
                (T::Real, "1.5"),
                (T::Real, "1."),
                (T::Real, "1e3"),
                (T::Integer, "0x1F")
            ]
        );
        assert_eq!(
            kinds("1d 1.5h 3abc 1us 1_000"),
            [
                (T::Timespan, "1d"),
                (T::Timespan, "1.5h"),
                (T::Name, "3abc"),
                (T::Name, "1us"),
                (T::Name, "1_000")
            ]
        );
        assert_eq!(kinds("1..5"), [(T::Integer, "1"), (T::DotDot, ".."), (T::Integer, "5")]);
    }

    #[test]
    fn strings_and_typed_literals() {
        use TokenKind as T;
        assert_eq!(
            kinds(r#"@"a\" h'x' "a\"b""#),
            [(T::String, r#"@"a\""#), (T::String, "h'x'"), (T::String, r#""a\"b""#)]
        );
        assert_eq!(
            kinds("datetime(2020-01-01 10:20)"),
            [(T::TypedLiteral, "datetime(2020-01-01 10:20)")]
        );
        assert_eq!(kinds(r#"dynamic({"a":[1,")"]})"#).len(), 1);
        assert_eq!(kinds("\"open")[0].0, T::Unterminated);
    }

    #[test]
    fn tokens_tile_any_text() {
        for text in ["=~~~q~~~", "a|b", "😀 x", "`x`", "!has", "\u{0}\u{7f}é"] {
            let tokens = lex(text);
            assert_eq!(tokens.last().map(|t| t.kind), Some(TokenKind::End), "{text}");
            assert!(tokens.windows(2).all(|w| w[0].span.end <= w[1].span.start), "{text}");
        }
    }
}
