//! What the conversion functions answer for a value inside a dynamic: strings convert as strings,
//! numbers as numbers, bools as 0 and 1; null, arrays and bags do not convert.

use super::{Dynamic, RawValue};
use crate::types::coerce::{real_to_int, real_to_long, real_to_ticks, text_to_bool};
use crate::types::{Decimal, datetime, guid, integer, real, timespan};

impl RawValue<'_> {
    /// `tolong`.
    pub fn as_long(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Text(text) => integer::parse_long(&text),
            Scalar::Long(v) => Some(v),
            Scalar::Real(v) => real_to_long(v),
            Scalar::Bool(v) => Some(i64::from(v)),
        }
    }

    /// `toint`: a long wraps, a real saturates.
    pub fn as_int(self) -> Option<i32> {
        match self.scalar()? {
            Scalar::Text(text) => integer::parse_int(&text),
            Scalar::Long(v) => Some(v as i32),
            Scalar::Real(v) => real_to_int(v),
            Scalar::Bool(v) => Some(i32::from(v)),
        }
    }

    /// `toreal`.
    pub fn as_real(self) -> Option<f64> {
        match self.scalar()? {
            Scalar::Text(text) => real::parse(&text),
            Scalar::Long(v) => Some(v as f64),
            Scalar::Real(v) => Some(v),
            Scalar::Bool(v) => Some(f64::from(u8::from(v))),
        }
    }

    /// `todecimal`.
    pub fn as_decimal(self) -> Option<Decimal> {
        match self.scalar()? {
            Scalar::Text(text) => Decimal::parse(&text),
            Scalar::Long(v) => Some(Decimal::from_i64(v)),
            Scalar::Real(_) => Decimal::parse(self.json()),
            Scalar::Bool(v) => Some(Decimal::from_i64(i64::from(v))),
        }
    }

    /// `tobool`.
    pub fn as_bool(self) -> Option<bool> {
        match self.scalar()? {
            Scalar::Text(text) => text_to_bool(&text),
            Scalar::Long(v) => Some(v != 0),
            Scalar::Real(v) => Some(v != 0.0),
            Scalar::Bool(v) => Some(v),
        }
    }

    /// `todatetime`: text forms, and numbers as ticks.
    pub fn as_datetime(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Text(text) => datetime::parse(&text),
            Scalar::Long(v) => datetime::checked(v),
            Scalar::Real(v) => real_to_ticks(v).and_then(datetime::checked),
            Scalar::Bool(_) => None,
        }
    }

    /// `totimespan`: clock text, and numbers as ticks.
    pub fn as_timespan(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Text(text) => timespan::parse(&text),
            Scalar::Long(v) => Some(v),
            Scalar::Real(v) => real_to_ticks(v),
            Scalar::Bool(v) => Some(i64::from(v)),
        }
    }

    /// `toguid`.
    pub fn as_guid(self) -> Option<String> {
        guid::parse(&self.as_string()?)
    }

    /// The name that `gettype` gives.
    pub fn type_name(self) -> &'static str {
        match self.json().as_bytes().first() {
            Some(b'"') => "string",
            Some(b'[') => "array",
            Some(b'{') => "dictionary",
            Some(b't' | b'f') => "bool",
            Some(b'n') | None => "null",
            Some(_) => self.to_dynamic().type_name(),
        }
    }

    fn scalar(&self) -> Option<Scalar<'_>> {
        match self.json().as_bytes().first()? {
            b'"' => self.as_string().map(Scalar::Text),
            b't' => Some(Scalar::Bool(true)),
            b'f' => Some(Scalar::Bool(false)),
            b'[' | b'{' | b'n' => None,
            _ => match self.to_dynamic() {
                Dynamic::Long(v) => Some(Scalar::Long(v)),
                Dynamic::Real(v) => Some(Scalar::Real(v)),
                _ => None,
            },
        }
    }
}

enum Scalar<'a> {
    Text(std::borrow::Cow<'a, str>),
    Long(i64),
    Real(f64),
    Bool(bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions() {
        for (json, long, int, double) in [
            ("5.7", Some(5), Some(5), Some(5.7)),
            ("\"5.7\"", None, None, Some(5.7)),
            ("9999999999", Some(9_999_999_999), Some(1_410_065_407), Some(9_999_999_999.0)),
            ("\" 7 \"", Some(7), Some(7), Some(7.0)),
            ("\"0x10\"", Some(16), Some(16), None),
            ("true", Some(1), Some(1), Some(1.0)),
            ("[1]", None, None, None),
            ("{}", None, None, None),
            ("null", None, None, None),
        ] {
            let raw = RawValue::new(json);
            assert_eq!((raw.as_long(), raw.as_int(), raw.as_real()), (long, int, double), "{json}");
        }
        assert_eq!(RawValue::new("50").as_timespan(), Some(50));
        assert_eq!(RawValue::new("\"01:00:00\"").as_timespan(), Some(36_000_000_000));
        assert_eq!(RawValue::new("\"TRUE\"").as_bool(), Some(true));
        assert_eq!(RawValue::new("0.5").as_bool(), Some(true));
        assert_eq!(RawValue::new("0.1").as_decimal(), Decimal::parse("0.1"));
        assert_eq!(RawValue::new("1.5").type_name(), "double");
        assert_eq!(
            RawValue::new("\"2020-01-01T00:00:00.0000000Z\"").as_datetime(),
            Some(637_134_336_000_000_000)
        );
    }
}
