//! Constants of any type.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Decimal, Type};

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
