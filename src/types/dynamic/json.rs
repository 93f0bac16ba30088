//! JSON text of dynamics: parsing and printing.

use std::borrow::Cow;

use super::Dynamic;
use super::scanner::Scanner;
use crate::types::real;

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

pub(super) fn hex4(text: &str) -> Option<u32> {
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

/// Members without repeated keys: the last value in the place of the first.
pub(super) fn unique(members: Vec<(String, Dynamic)>) -> Vec<(String, Dynamic)> {
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
