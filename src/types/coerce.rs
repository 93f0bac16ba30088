//! Conversions between types: the conversion functions over values, the coercion of literals, and
//! the type in which several values meet.

use super::dynamic::{Dynamic, RawValue};
use super::{Decimal, Type, Value, datetime, guid, integer, real, timespan};

/// `tolong` of a real: truncated, saturating; NaN is null.
pub fn real_to_long(value: f64) -> Option<i64> {
    (!value.is_nan()).then_some(value as i64)
}

/// `toint` of a real: truncated, saturating; NaN is null.
pub fn real_to_int(value: f64) -> Option<i32> {
    (!value.is_nan()).then_some(value as i32)
}

/// The ticks a real counts, truncated; what is not finite or does not fit is null.
pub fn real_to_ticks(value: f64) -> Option<i64> {
    // 2^63 as a double; the largest long has no double of its own.
    (value.abs() < 9_223_372_036_854_775_808.0).then_some(value as i64)
}

/// `tobool` of text: `true` or `false` in any case, not trimmed, or integer text.
pub fn text_to_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        integer::parse_long(text).map(|v| v != 0)
    }
}

impl Value {
    /// What the conversion function of `ty` (`toint`, `tostring`, …) gives; unreadable input is
    /// null.
    pub fn cast(&self, ty: Type) -> Value {
        if self.ty() == ty || ty == Type::Unknown {
            return self.clone();
        }
        let converted = match ty {
            Type::Bool => self.to_bool().map(Value::Bool),
            Type::Int => self.to_int().map(Value::Int),
            Type::Long => self.to_long().map(Value::Long),
            Type::Real => self.to_real().map(Value::Real),
            Type::Decimal => self.to_decimal().map(Value::Decimal),
            Type::String => Some(Value::String(self.text().into())),
            Type::DateTime => self.to_datetime().map(Value::DateTime),
            Type::TimeSpan => self.to_timespan().map(Value::TimeSpan),
            Type::Guid => match self {
                Value::String(text) => guid::parse(text).map(|text| Value::Guid(text.into())),
                Value::Dynamic(json) => {
                    RawValue::new(json).as_guid().map(|text| Value::Guid(text.into()))
                }
                _ => None,
            },
            Type::Dynamic => Some(match self {
                Value::String(text) => Value::from_dynamic(&Dynamic::from_text(text)),
                other => Value::from_dynamic(&other.to_dynamic()),
            }),
            Type::Unknown => None,
        };
        converted.unwrap_or_else(|| Value::null(ty))
    }

    fn to_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(v) => Some(*v),
            Value::Int(_) | Value::Long(_) => self.as_i64().map(|v| v != 0),
            Value::Real(v) => Some(*v != 0.0),
            Value::Decimal(v) => Some(!v.is_zero()),
            Value::String(text) => text_to_bool(text),
            Value::Dynamic(json) => RawValue::new(json).as_bool(),
            _ => None,
        }
    }

    fn to_int(&self) -> Option<i32> {
        match self {
            Value::Real(v) => real_to_int(*v),
            Value::String(text) => integer::parse_int(text),
            Value::Dynamic(json) => RawValue::new(json).as_int(),
            other => other.to_long().map(|v| v as i32),
        }
    }

    fn to_long(&self) -> Option<i64> {
        match self {
            Value::Bool(v) => Some(i64::from(*v)),
            Value::Real(v) => real_to_long(*v),
            Value::Decimal(v) => v.to_i64(),
            Value::String(text) => integer::parse_long(text),
            Value::Dynamic(json) => RawValue::new(json).as_long(),
            other => other.as_i64(),
        }
    }

    fn to_real(&self) -> Option<f64> {
        match self {
            Value::Bool(v) => Some(f64::from(u8::from(*v))),
            Value::DateTime(v) | Value::TimeSpan(v) => Some(*v as f64),
            Value::String(text) => real::parse(text),
            Value::Dynamic(json) => RawValue::new(json).as_real(),
            other => other.as_f64(),
        }
    }

    fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Value::Decimal(v) => Some(*v),
            Value::Real(v) => Decimal::from_f64(*v),
            Value::String(text) => Decimal::parse(text),
            Value::Dynamic(json) => RawValue::new(json).as_decimal(),
            other => other.to_long().map(Decimal::from_i64),
        }
    }

    fn to_datetime(&self) -> Option<i64> {
        match self {
            Value::Int(_) | Value::Long(_) | Value::TimeSpan(_) => {
                self.as_i64().and_then(datetime::checked)
            }
            Value::Real(v) => real_to_ticks(*v).and_then(datetime::checked),
            Value::String(text) => datetime::parse(text),
            Value::Dynamic(json) => RawValue::new(json).as_datetime(),
            _ => None,
        }
    }

    fn to_timespan(&self) -> Option<i64> {
        match self {
            Value::Bool(v) => Some(i64::from(*v)),
            Value::Real(v) => real_to_ticks(*v),
            Value::Decimal(v) => v.to_i64(),
            Value::String(text) => timespan::parse(text),
            Value::Dynamic(json) => RawValue::new(json).as_timespan(),
            other => other.as_i64(),
        }
    }
}

/// The literal as a value of the type it is compared with; `None` where Kusto does not coerce or
/// the value would change.
pub fn coerce_literal(value: &Value, ty: Type) -> Option<Value> {
    if value.ty() == ty {
        return Some(value.clone());
    }
    if value.is_null() {
        return (ty != Type::String).then_some(Value::Null(ty));
    }
    let coerced = match (value, ty) {
        (Value::String(_), Type::Dynamic) => Value::from_dynamic(&value.to_dynamic()),
        (Value::String(_), _) => value.cast(ty),
        (_, Type::String) => return None,
        (_, Type::Dynamic) => value.cast(ty),
        (Value::Bool(_), _) if ty.is_numeric() => value.cast(ty),
        (Value::Int(_) | Value::Long(_), Type::Bool) => value.cast(ty),
        _ if value.ty().is_numeric() && ty.is_numeric() => {
            let cast = value.cast(ty);
            if cast.is_null() || value.compare(&cast).is_ne() {
                return None;
            }
            cast
        }
        _ => return None,
    };
    (!coerced.is_null()).then_some(coerced)
}

/// The type in which branches or arguments of these types meet: numbers promote, dynamic pairs with
/// anything, an unknown type counts as none; `None` when they do not meet.
pub fn common_type(types: &[Type]) -> Option<Type> {
    let mut known = types.iter().copied().filter(|ty| *ty != Type::Unknown);
    let Some(first) = known.next() else {
        return (!types.is_empty()).then_some(Type::Unknown);
    };
    known.try_fold(first, |common, ty| {
        if common == ty {
            Some(common)
        } else if common == Type::Dynamic || ty == Type::Dynamic {
            Some(Type::Dynamic)
        } else {
            common.promote(ty)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(text: &str) -> Value {
        Value::String(text.into())
    }

    #[test]
    fn numbers_convert_as_over_rows() {
        for (value, long, int) in [
            (Value::Real(5.7), Some(5), Some(5)),
            (Value::Real(-5.7), Some(-5), Some(-5)),
            (Value::Real(1e10), Some(10_000_000_000), Some(i32::MAX)),
            (Value::Real(-1e10), Some(-10_000_000_000), Some(i32::MIN)),
            (Value::Real(1e30), Some(i64::MAX), Some(i32::MAX)),
            (Value::Real(f64::NAN), None, None),
            (Value::Long(9_999_999_999), Some(9_999_999_999), Some(1_410_065_407)),
            (Value::Long(2_147_483_648), Some(2_147_483_648), Some(i32::MIN)),
            (Value::TimeSpan(864_000_000_000), Some(864_000_000_000), Some(711_573_504)),
            (
                Value::DateTime(637_134_336_000_000_000),
                Some(637_134_336_000_000_000),
                Some(-1_954_807_808),
            ),
            (Value::Bool(true), Some(1), Some(1)),
            (s(" 7 "), Some(7), Some(7)),
            (s("5.7"), None, None),
            (s("9999999999"), Some(9_999_999_999), None),
        ] {
            let expected = (
                long.map_or(Value::Null(Type::Long), Value::Long),
                int.map_or(Value::Null(Type::Int), Value::Int),
            );
            assert_eq!((value.cast(Type::Long), value.cast(Type::Int)), expected, "{value:?}");
        }
        assert_eq!(Value::Decimal(Decimal::parse("9.99").unwrap()).cast(Type::Int), Value::Int(9));
    }

    #[test]
    fn bools_and_spans() {
        for (text, expected) in [
            ("TRUE", Some(true)),
            ("false", Some(false)),
            (" true", None),
            ("2", Some(true)),
            ("0", Some(false)),
            ("-1", Some(true)),
            ("1.5", None),
            ("0.0", None),
            ("yes", None),
            ("", None),
        ] {
            let expected = expected.map_or(Value::Null(Type::Bool), Value::Bool);
            assert_eq!(s(text).cast(Type::Bool), expected, "{text}");
        }
        assert_eq!(Value::Real(1.5).cast(Type::Bool), Value::Bool(true));
        assert_eq!(Value::Long(1230).cast(Type::TimeSpan), Value::TimeSpan(1230));
        assert_eq!(Value::Real(f64::INFINITY).cast(Type::TimeSpan), Value::Null(Type::TimeSpan));
    }

    #[test]
    fn strings_and_dynamics() {
        assert_eq!(Value::Null(Type::Long).cast(Type::String), s(""));
        assert_eq!(s("abc").cast(Type::Dynamic), Value::Dynamic("\"abc\"".into()));
        assert_eq!(s("").cast(Type::Dynamic), Value::Null(Type::Dynamic));
        assert_eq!(s("{\"a\": 1}").cast(Type::Dynamic), Value::Dynamic("{\"a\":1}".into()));
        assert_eq!(
            Value::TimeSpan(864_000_000_000).cast(Type::Dynamic),
            Value::Dynamic("\"1.00:00:00\"".into())
        );
        assert_eq!(Value::Dynamic("[1]".into()).cast(Type::Long), Value::Null(Type::Long));
    }

    #[test]
    fn literals_meet_columns() {
        assert_eq!(coerce_literal(&s("1"), Type::Long), Some(Value::Long(1)));
        assert_eq!(coerce_literal(&s("x"), Type::Long), None);
        assert_eq!(coerce_literal(&s("true"), Type::Bool), Some(Value::Bool(true)));
        assert_eq!(
            coerce_literal(&s("2020-01-01"), Type::DateTime),
            Some(Value::DateTime(637_134_336_000_000_000))
        );
        assert_eq!(coerce_literal(&Value::Long(5), Type::Int), Some(Value::Int(5)));
        assert_eq!(coerce_literal(&Value::Long(1 << 40), Type::Int), None);
        assert_eq!(coerce_literal(&Value::Real(1.5), Type::Long), None);
        assert_eq!(coerce_literal(&Value::Long(1), Type::String), None);
        assert_eq!(coerce_literal(&Value::Long(1), Type::Bool), Some(Value::Bool(true)));
        assert_eq!(
            coerce_literal(&Value::Null(Type::Long), Type::Real),
            Some(Value::Null(Type::Real))
        );
    }

    #[test]
    fn common_types() {
        for (types, common) in [
            (&[Type::Int, Type::Int][..], Some(Type::Int)),
            (&[Type::Int, Type::Long], Some(Type::Long)),
            (&[Type::Long, Type::Real, Type::Decimal], Some(Type::Decimal)),
            (&[Type::String, Type::Dynamic], Some(Type::Dynamic)),
            (&[Type::Long, Type::String], None),
            (&[Type::Unknown, Type::Bool], Some(Type::Bool)),
            (&[Type::Bool, Type::Long], None),
            (&[], None),
        ] {
            assert_eq!(common_type(types), common, "{types:?}");
        }
    }
}
