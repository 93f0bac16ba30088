//! Constants of any type.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::dynamic::{Dynamic, RawValue, compare_reals};
use super::{Decimal, Type, datetime, real, timespan};

/// A constant. Every type but string has a null that keeps its type.
#[derive(Clone, Debug)]
pub enum Value {
    /// The null of a type; never of `Type::String`.
    Null(Type),
    Bool(bool),
    Int(i32),
    Long(i64),
    Real(f64),
    Decimal(Decimal),
    String(Arc<str>),
    /// Ticks of 100 ns since 0001-01-01.
    DateTime(i64),
    /// Signed ticks of 100 ns.
    TimeSpan(i64),
    /// Lower-case text with dashes.
    Guid(Arc<str>),
    /// Compact JSON text; never the text `null`, which is `Null(Type::Dynamic)`.
    Dynamic(Arc<str>),
}

impl Value {
    /// The null of `ty`; for string that is the empty string.
    pub fn null(ty: Type) -> Value {
        if ty == Type::String { Value::String("".into()) } else { Value::Null(ty) }
    }

    pub fn ty(&self) -> Type {
        match self {
            Value::Null(ty) => *ty,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Long(_) => Type::Long,
            Value::Real(_) => Type::Real,
            Value::Decimal(_) => Type::Decimal,
            Value::String(_) => Type::String,
            Value::DateTime(_) => Type::DateTime,
            Value::TimeSpan(_) => Type::TimeSpan,
            Value::Guid(_) => Type::Guid,
            Value::Dynamic(_) => Type::Dynamic,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null(_))
    }

    /// The integer of an int or long, or the ticks of a datetime or timespan.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(v) => Some(i64::from(*v)),
            Value::Long(v) | Value::DateTime(v) | Value::TimeSpan(v) => Some(*v),
            _ => None,
        }
    }

    /// Any number as a double.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(v) => Some(f64::from(*v)),
            Value::Long(v) => Some(*v as f64),
            Value::Real(v) => Some(*v),
            Value::Decimal(v) => Some(v.to_f64()),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(v) => Some(*v),
            _ => None,
        }
    }

    /// The text of a string, guid or dynamic (JSON) value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(v) | Value::Guid(v) | Value::Dynamic(v) => Some(v),
            _ => None,
        }
    }

    /// The form that `tostring` gives; any null is empty.
    pub fn text(&self) -> String {
        match self {
            Value::Null(_) => String::new(),
            Value::Bool(v) => if *v { "True" } else { "False" }.to_string(),
            Value::Int(v) => v.to_string(),
            Value::Long(v) => v.to_string(),
            Value::Real(v) => real::format(*v),
            Value::Decimal(v) => v.to_string(),
            Value::String(v) | Value::Guid(v) => v.to_string(),
            Value::DateTime(v) => datetime::format(*v),
            Value::TimeSpan(v) => timespan::format(*v),
            Value::Dynamic(v) => RawValue::new(v).to_kql_string().into_owned(),
        }
    }

    /// KQL source that reads back to this value.
    pub fn literal(&self) -> String {
        match self {
            Value::Null(ty) => format!("{ty}(null)"),
            Value::Bool(v) => v.to_string(),
            Value::Long(v) if *v >= 0 => v.to_string(),
            Value::Real(v) if v.is_infinite() => {
                if *v > 0.0 { "real(+inf)" } else { "real(-inf)" }.to_string()
            }
            Value::Real(v) if v.is_nan() => "real(nan)".to_string(),
            Value::String(v) => quoted(v),
            Value::TimeSpan(v) => format!("time({})", timespan::format(*v)),
            Value::Dynamic(v) => format!("dynamic({v})"),
            other => format!("{}({})", other.ty(), other.text()),
        }
    }

    /// The order that `sort` and the extrema use: null first, then NaN, then ascending values;
    /// text by code point. Numbers compare across types; other types by their place in
    /// [`Type::ALL`].
    pub fn compare(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Null(_), Value::Null(_)) => Ordering::Equal,
            (Value::Null(_), _) => Ordering::Less,
            (_, Value::Null(_)) => Ordering::Greater,
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::DateTime(a), Value::DateTime(b)) | (Value::TimeSpan(a), Value::TimeSpan(b)) => {
                a.cmp(b)
            }
            (Value::String(a), Value::String(b)) | (Value::Guid(a), Value::Guid(b)) => a.cmp(b),
            (Value::Dynamic(_), Value::Dynamic(_)) => {
                self.to_dynamic().compare(&other.to_dynamic())
            }
            _ => self.compare_numbers(other).unwrap_or_else(|| self.ty().cmp(&other.ty())),
        }
    }

    fn compare_numbers(&self, other: &Value) -> Option<Ordering> {
        let common = self.ty().promote(other.ty())?;
        if common.is_integer() {
            return Some(self.as_i64()?.cmp(&other.as_i64()?));
        }
        if common == Type::Decimal
            && let (Value::Decimal(a), Value::Decimal(b)) = (self.cast(common), other.cast(common))
        {
            return Some(a.cmp(&b));
        }
        Some(compare_reals(self.as_f64()?, other.as_f64()?))
    }

    /// The dynamic value as a constant; JSON null becomes the null of dynamic.
    pub fn from_dynamic(value: &Dynamic) -> Value {
        if value.is_null() {
            Value::Null(Type::Dynamic)
        } else {
            Value::Dynamic(value.to_json().into())
        }
    }

    /// The constant as an element of a dynamic: what JSON has no type for becomes its text.
    pub fn to_dynamic(&self) -> Dynamic {
        match self {
            Value::Null(_) => Dynamic::Null,
            Value::Bool(v) => Dynamic::Bool(*v),
            Value::Int(v) => Dynamic::Long(i64::from(*v)),
            Value::Long(v) => Dynamic::Long(*v),
            Value::Real(v) if v.is_finite() => Dynamic::Real(*v),
            Value::Real(v) if v.is_nan() => Dynamic::String("NaN".to_string()),
            Value::Real(v) => {
                Dynamic::String(if *v > 0.0 { "Infinity" } else { "-Infinity" }.to_string())
            }
            Value::Dynamic(v) => RawValue::new(v).to_dynamic(),
            other => Dynamic::String(other.text()),
        }
    }
}

/// A string literal in double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Sameness, not KQL's `==`: nulls of one type are the same, and so are two NaN of the same bits.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null(a), Value::Null(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Long(a), Value::Long(b))
            | (Value::DateTime(a), Value::DateTime(b))
            | (Value::TimeSpan(a), Value::TimeSpan(b)) => a == b,
            (Value::Real(a), Value::Real(b)) => a.to_bits() == b.to_bits(),
            (Value::Decimal(a), Value::Decimal(b)) => a == b,
            (Value::String(a), Value::String(b))
            | (Value::Guid(a), Value::Guid(b))
            | (Value::Dynamic(a), Value::Dynamic(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ty().hash(state);
        match self {
            Value::Null(_) => 0u8.hash(state),
            Value::Bool(v) => v.hash(state),
            Value::Int(v) => v.hash(state),
            Value::Long(v) | Value::DateTime(v) | Value::TimeSpan(v) => v.hash(state),
            Value::Real(v) => v.to_bits().hash(state),
            Value::Decimal(v) => v.hash(state),
            Value::String(v) | Value::Guid(v) | Value::Dynamic(v) => v.hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_literals() {
        for (value, text, literal) in [
            (Value::Bool(true), "True", "true"),
            (Value::Int(-5), "-5", "int(-5)"),
            (Value::Long(5), "5", "5"),
            (Value::Long(-5), "-5", "long(-5)"),
            (Value::Real(6.0), "6.0", "real(6.0)"),
            (Value::Real(f64::INFINITY), "inf", "real(+inf)"),
            (Value::Null(Type::Long), "", "long(null)"),
            (Value::null(Type::String), "", "\"\""),
            (Value::String("a\"b\\c\n".into()), "a\"b\\c\n", r#""a\"b\\c\n""#),
            (
                Value::DateTime(637_134_336_000_000_000),
                "2020-01-01T00:00:00.0000000Z",
                "datetime(2020-01-01T00:00:00.0000000Z)",
            ),
            (Value::TimeSpan(864_000_000_000), "1.00:00:00", "time(1.00:00:00)"),
            (Value::Dynamic("\"x\"".into()), "x", "dynamic(\"x\")"),
            (Value::Dynamic("[1,\"a\"]".into()), "[1,\"a\"]", "dynamic([1,\"a\"])"),
            (Value::Dynamic("true".into()), "true", "dynamic(true)"),
        ] {
            assert_eq!((value.text().as_str(), value.literal().as_str()), (text, literal));
        }
    }

    #[test]
    fn order() {
        let ordered = [
            Value::Null(Type::Real),
            Value::Real(f64::NAN),
            Value::Real(f64::NEG_INFINITY),
            Value::Long(-1),
            Value::Real(-0.5),
            Value::Int(0),
            Value::Decimal(Decimal::from_i64(3)),
            Value::Real(f64::INFINITY),
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(a.compare(b), i.cmp(&j), "{a:?} {b:?}");
            }
        }
        let words = ["", "CAFE", "Café", "cafe", "café"].map(|w| Value::String(w.into()));
        assert!(words.windows(2).all(|pair| pair[0].compare(&pair[1]).is_lt()));
        assert!(Value::Long(i64::MAX).compare(&Value::Long(i64::MAX - 1)).is_gt());
    }
}
