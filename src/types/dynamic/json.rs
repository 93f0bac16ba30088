//! JSON text of dynamics: the scanner that every reader shares, parsing and printing.

use std::borrow::Cow;

use super::Dynamic;
use crate::types::real;

/// Arrays and bags may nest this deep; deeper text counts as no JSON.
const MAX_DEPTH: usize = 256;

/// Reads whole JSON text; `None` when it is not JSON.
pub fn parse(text: &str) -> Option<Dynamic> {
    let mut scanner = Scanner::new(text);
    let value = scanner.value(0)?;
    scanner.at_end().then_some(value)
}

/// Appends compact JSON text.
pub fn write(value: &Dynamic, out: &mut String) {
    match value {
        Dynamic::Null => out.push_str("null"),
        Dynamic::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
        Dynamic::Long(v) => out.push_str(&v.to_string()),
        Dynamic::Real(v) => real::write_json(*v, out),
        Dynamic::String(text) => write_string(text, out),
        Dynamic::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Dynamic::Bag(members) => {
            out.push('{');
            for (i, (key, item)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

/// Appends a JSON string with its quotes; only what must be escaped is.
pub fn write_string(text: &str, out: &mut String) {
    use std::fmt::Write;

    out.push('"');
    let mut start = 0;
    for (i, b) in text.bytes().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.push_str(&text[start..i]);
        start = i + 1;
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{b:04x}");
            }
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// The text that the inside of a JSON string means.
pub(super) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = &rest[at + 2..];
        out.push(match escape {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = hex4(rest)?;
                rest = &rest[4..];
                let low = rest.strip_prefix("\\u").and_then(hex4);
                match low {
                    Some(low @ 0xdc00..0xe000) if (0xd800..0xdc00).contains(&high) => {
                        rest = &rest[6..];
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                            .unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    // Half a surrogate pair is no character.
                    _ => char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
                }
            }
            _ => return None,
        });
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// The number that JSON number text means: long where it fits, else real.
pub(super) fn number(text: &str) -> Dynamic {
    if !text.contains(['.', 'e', 'E'])
        && let Ok(value) = text.parse()
    {
        return Dynamic::Long(value);
    }
    Dynamic::Real(text.parse().unwrap_or(f64::NAN))
}

/// Walks over JSON text and checks it on the way.
#[derive(Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The next byte that is not a blank.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b) = bytes.get(self.at) {
            if !matches!(b, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*b);
            }
            self.at += 1;
        }
        None
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The inside of the string at hand, escapes checked but not resolved.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        if !self.eat(b'"') {
            return None;
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        loop {
            self.at += plain_bytes(&bytes[self.at..]);
            match bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(&self.text[start..self.at - 1]);
                }
                b'\\' => {
                    let length = match bytes.get(self.at + 1)? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                        b'u' => {
                            hex4(self.text.get(self.at + 2..)?)?;
                            6
                        }
                        _ => return None,
                    };
                    self.at += length;
                }
                _ => return None,
            }
        }
    }

    fn digits(&mut self) -> Option<()> {
        let bytes = &self.text.as_bytes()[self.at..];
        let count = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        let byte = |scanner: &Self| scanner.text.as_bytes().get(scanner.at).copied();
        if byte(self) == Some(b'-') {
            self.at += 1;
        }
        if byte(self) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if byte(self) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(byte(self), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(byte(self), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(&self.text[start..self.at])
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if !self.text[self.at..].starts_with(word) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// Steps over the value at hand and gives its text.
    pub(super) fn skip(&mut self, depth: usize) -> Option<&'a str> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.skip_members(first, depth)?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => {
                self.number()?;
            }
        }
        Some(&self.text[start..self.at])
    }

    fn skip_members(&mut self, open: u8, depth: usize) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let close = if open == b'{' { b'}' } else { b']' };
        if self.eat(close) {
            return Some(());
        }
        loop {
            if open == b'{' {
                self.string()?;
                if !self.eat(b':') {
                    return None;
                }
            }
            self.skip(depth + 1)?;
            if !self.eat(b',') {
                return self.eat(close).then_some(());
            }
        }
    }

    /// Reads the value at hand.
    fn value(&mut self, depth: usize) -> Option<Dynamic> {
        Some(match self.peek()? {
            b'"' => Dynamic::String(unescape(self.string()?)?.into_owned()),
            b'{' | b'[' if depth >= MAX_DEPTH => return None,
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.eat(b']') {
                    loop {
                        items.push(self.value(depth + 1)?);
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    if !self.eat(b']') {
                        return None;
                    }
                }
                Dynamic::Array(items)
            }
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                if !self.eat(b'}') {
                    loop {
                        let key = unescape(self.string()?)?.into_owned();
                        if !self.eat(b':') {
                            return None;
                        }
                        let value = self.value(depth + 1)?;
                        members.push((key, value));
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    if !self.eat(b'}') {
                        return None;
                    }
                }
                Dynamic::Bag(unique(members))
            }
            b't' => self.word("true").map(|()| Dynamic::Bool(true))?,
            b'f' => self.word("false").map(|()| Dynamic::Bool(false))?,
            b'n' => self.word("null").map(|()| Dynamic::Null)?,
            _ => number(self.number()?),
        })
    }
}

/// Members without repeated keys: the last value in the place of the first.
fn unique(members: Vec<(String, Dynamic)>) -> Vec<(String, Dynamic)> {
    let repeated = if members.len() <= 16 {
        members.iter().enumerate().any(|(i, (key, _))| members[..i].iter().any(|(k, _)| k == key))
    } else {
        let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    };
    if !repeated {
        return members;
    }
    let mut places = std::collections::HashMap::new();
    let mut kept: Vec<(String, Dynamic)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        match places.get(&key) {
            Some(&place) => {
                let member: &mut (String, Dynamic) = &mut kept[place];
                member.1 = value;
            }
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}

/// How many bytes come before a quote, a backslash or a control character.
fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut count = 0;
    for chunk in bytes.chunks_exact(8) {
        let word = chunk.iter().rev().fold(0_u64, |word, b| (word << 8) | u64::from(*b));
        let quote = zero_bytes(word ^ (ONES * u64::from(b'"')));
        let backslash = zero_bytes(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quote | backslash | control;
        if found != 0 {
            return count + found.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count + bytes[count..].iter().take_while(|b| **b >= 0x20 && **b != b'"' && **b != b'\\').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn canonical_text() {
        for (text, json) in [
            (
                r#" { "a" : [ 1 , 2.50 , "x\u0041\/" ] , "b" : null } "#,
                r#"{"a":[1,2.5,"xA/"],"b":null}"#,
            ),
            ("[]", "[]"),
            ("{}", "{}"),
            ("-0", "0"),
            ("1e3", "1000.0"),
            ("9223372036854775807", "9223372036854775807"),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
            (r#""\ud83d\ude00\n\u0001""#, "\"😀\\n\\u0001\""),
        ] {
            assert_eq!(parse(text).map(|v| v.to_json()).as_deref(), Some(json), "{text}");
        }
        for text in [
            "", "abc", "[1,]", "{a:1}", "01", "1.", "\"x", "[1", "nul", "1 2", "'a'", "\"\\q\"",
            "\"a\nb\"",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_none());
    }

    #[test]
    fn plain_bytes_stop_at_the_first_special() {
        for text in ["abcdefgh\"", "abc\\defghij", "éééééé\u{1}x", "\"", "", "12345678", "é\"é\\"]
        {
            let slow = text.bytes().take_while(|b| *b >= 0x20 && *b != b'"' && *b != b'\\').count();
            assert_eq!(plain_bytes(text.as_bytes()), slow, "{text:?}");
        }
    }

    fn any_dynamic() -> impl Strategy<Value = Dynamic> {
        let leaf = prop_oneof![
            Just(Dynamic::Null),
            any::<bool>().prop_map(Dynamic::Bool),
            any::<i64>().prop_map(Dynamic::Long),
            proptest::num::f64::NORMAL.prop_map(Dynamic::Real),
            any::<String>().prop_map(Dynamic::String),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Dynamic::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Dynamic::Bag(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_round_trips(value in any_dynamic()) {
            let text = value.to_json();
            let back = parse(&text);
            prop_assert_eq!(back.as_ref().map(Dynamic::to_json), Some(text.clone()));
            prop_assert_eq!(back, Some(value));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
