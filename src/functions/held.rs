//! What a dynamic value holds: a look at compact JSON text without building a tree.

use std::borrow::Cow;

use crate::types::{Decimal, datetime, guid, integer, real, timespan};

/// The content of a dynamic value. Arrays and bags stay JSON text.
#[derive(Clone, Debug, PartialEq)]
pub enum Held<'a> {
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Array(&'a str),
    Bag(&'a str),
}

impl<'a> Held<'a> {
    /// Reads the canonical JSON text of a dynamic value.
    pub fn of(json: &'a str) -> Self {
        match json.as_bytes().first() {
            Some(b'"') => Held::Text(unquote(json)),
            Some(b'[') => Held::Array(json),
            Some(b'{') => Held::Bag(json),
            Some(b't') => Held::Bool(true),
            Some(b'f') => Held::Bool(false),
            Some(b'n') | None => Held::Null,
            Some(_) => match json.parse::<i64>() {
                Ok(value) => Held::Long(value),
                Err(_) => json.parse().map_or(Held::Null, Held::Real),
            },
        }
    }

    /// Its number as a long; a real is cut towards zero. Only a number has one.
    pub fn long(&self) -> Option<i64> {
        match self {
            Held::Long(value) => Some(*value),
            Held::Real(value) if !value.is_nan() => Some(*value as i64),
            _ => None,
        }
    }

    /// Its number as a double. Only a number has one.
    pub fn real(&self) -> Option<f64> {
        match self {
            Held::Long(value) => Some(*value as f64),
            Held::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// Its number as a decimal. Only a number has one.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Held::Long(value) => Some(Decimal::from_i64(*value)),
            Held::Real(value) => Decimal::from_f64(*value),
            _ => None,
        }
    }

    /// What `tobool` makes of it.
    pub fn to_bool(&self) -> Option<bool> {
        match self {
            Held::Bool(value) => Some(*value),
            Held::Text(text) => truth(text),
            _ => self.real().map(|value| value != 0.0),
        }
    }

    /// What `tolong` makes of it.
    pub fn to_long(&self) -> Option<i64> {
        match self {
            Held::Bool(value) => Some(i64::from(*value)),
            Held::Text(text) => integer::parse_long(text),
            _ => self.long(),
        }
    }

    /// What `toint` makes of it: a long wraps, a real saturates.
    pub fn to_int(&self) -> Option<i32> {
        match self {
            Held::Bool(value) => Some(i32::from(*value)),
            Held::Long(value) => Some(*value as i32),
            Held::Real(value) if !value.is_nan() => Some(*value as i32),
            Held::Text(text) => integer::parse_int(text),
            _ => None,
        }
    }

    /// What `toreal` makes of it.
    pub fn to_real(&self) -> Option<f64> {
        match self {
            Held::Bool(value) => Some(f64::from(u8::from(*value))),
            Held::Text(text) => real::parse(text),
            _ => self.real(),
        }
    }

    /// What `todecimal` makes of it.
    pub fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Held::Bool(value) => Some(Decimal::from_i64(i64::from(*value))),
            Held::Text(text) => Decimal::parse(text),
            _ => self.decimal(),
        }
    }

    /// What `todatetime` makes of it: a number counts ticks.
    pub fn to_datetime(&self) -> Option<i64> {
        match self {
            Held::Text(text) => datetime::parse(text),
            _ => self.to_long().and_then(datetime::checked),
        }
    }

    /// What `totimespan` makes of it: a number counts ticks.
    pub fn to_timespan(&self) -> Option<i64> {
        match self {
            Held::Text(text) => timespan::parse(text),
            Held::Real(value) if !value.is_finite() => None,
            _ => self.to_long(),
        }
    }

    /// What `toguid` makes of it.
    pub fn to_guid(&self) -> Option<String> {
        match self {
            Held::Text(text) => guid::parse(text),
            _ => None,
        }
    }
}

/// The text of a dynamic in a string context: a string unquoted, anything else compact JSON.
pub fn text_of(json: &str) -> Cow<'_, str> {
    if json.starts_with('"') { unquote(json) } else { Cow::Borrowed(json) }
}

fn unquote(json: &str) -> Cow<'_, str> {
    if json.contains('\\') {
        serde_json::from_str::<String>(json).map_or(Cow::Borrowed(json), Cow::Owned)
    } else {
        Cow::Borrowed(json.strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(json))
    }
}

/// Reads truth text: `true` or `false` in any case without blanks, or an integer.
pub fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        integer::parse_long(text).map(|value| value != 0)
    }
}

/// The JSON text of a string.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The JSON texts of the elements of an array.
pub fn elements(json: &str) -> Vec<&str> {
    serde_json::from_str::<Vec<&serde_json::value::RawValue>>(json)
        .map(|items| items.into_iter().map(serde_json::value::RawValue::get).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind() {
        assert_eq!(Held::of("17"), Held::Long(17));
        assert_eq!(Held::of("-1.5"), Held::Real(-1.5));
        assert_eq!(Held::of("true"), Held::Bool(true));
        assert_eq!(Held::of(r#""a\"b""#), Held::Text("a\"b".into()));
        assert_eq!(Held::of("[1]"), Held::Array("[1]"));
        assert_eq!(elements(r#"[1,"a",[2,3]]"#), ["1", "\"a\"", "[2,3]"]);
        assert_eq!(text_of(r#""x""#), "x");
        assert_eq!(text_of("{}"), "{}");
    }

    #[test]
    fn truth_text() {
        for (text, value) in [
            ("tRuE", Some(true)),
            (" true", None),
            ("2", Some(true)),
            ("0", Some(false)),
            ("1.5", None),
            ("yes", None),
        ] {
            assert_eq!(truth(text), value, "{text:?}");
        }
    }
}
