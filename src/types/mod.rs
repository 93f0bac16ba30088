//! KQL's type system: types, constant values, schemas, and the text forms of every type.
//!
//! Nothing here knows an engine. [`arrow`] fixes the one Arrow form of each type.

pub mod arrow;
pub mod coerce;
pub mod datetime;
pub mod decimal;
pub mod dynamic;
pub mod external;
pub mod guid;
pub mod integer;
pub mod real;
pub mod schema;
pub mod timespan;
pub mod value;

pub use decimal::Decimal;
pub use schema::{Column, RowSchema, Schemas, TableSchema};
pub use value::Value;

use std::fmt;

/// A KQL scalar type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    DateTime,
    TimeSpan,
    Guid,
    Dynamic,
    /// The type of an expression that already has an error; it fits everywhere, so that one
    /// mistake gives one diagnostic. Never reaches execution.
    Unknown,
}

impl Type {
    /// The ten types of the language, in the documentation's order.
    pub const ALL: [Type; 10] = [
        Type::Bool,
        Type::Int,
        Type::Long,
        Type::Real,
        Type::Decimal,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Guid,
        Type::Dynamic,
    ];

    /// The name as `getschema` and `gettype` print it.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Long => "long",
            Type::Real => "real",
            Type::Decimal => "decimal",
            Type::String => "string",
            Type::DateTime => "datetime",
            Type::TimeSpan => "timespan",
            Type::Guid => "guid",
            Type::Dynamic => "dynamic",
            Type::Unknown => "unknown",
        }
    }

    /// The type that a name in a schema means, aliases included (`double`, `date`, `int64` …).
    pub fn from_name(name: &str) -> Option<Type> {
        Some(match name {
            "bool" | "boolean" => Type::Bool,
            "int" | "int8" => Type::Int,
            "long" | "int64" => Type::Long,
            "real" | "double" => Type::Real,
            "decimal" => Type::Decimal,
            "string" => Type::String,
            "datetime" | "date" => Type::DateTime,
            "timespan" | "time" => Type::TimeSpan,
            "guid" | "uniqueid" => Type::Guid,
            "dynamic" => Type::Dynamic,
            _ => return None,
        })
    }

    /// The .NET type that `getschema` names in `DataType`.
    pub const fn clr_name(self) -> &'static str {
        match self {
            Type::Bool => "System.SByte",
            Type::Int => "System.Int32",
            Type::Long => "System.Int64",
            Type::Real => "System.Double",
            Type::Decimal => "System.Data.SqlTypes.SqlDecimal",
            Type::String => "System.String",
            Type::DateTime => "System.DateTime",
            Type::TimeSpan => "System.TimeSpan",
            Type::Guid => "System.Guid",
            Type::Dynamic | Type::Unknown => "System.Object",
        }
    }

    /// int or long.
    pub const fn is_integer(self) -> bool {
        matches!(self, Type::Int | Type::Long)
    }

    /// int, long, real or decimal.
    pub const fn is_numeric(self) -> bool {
        matches!(self, Type::Int | Type::Long | Type::Real | Type::Decimal)
    }

    /// datetime or timespan.
    pub const fn is_temporal(self) -> bool {
        matches!(self, Type::DateTime | Type::TimeSpan)
    }

    /// The numeric type two numbers meet in: int < long < real < decimal.
    pub fn promote(self, other: Type) -> Option<Type> {
        (self.is_numeric() && other.is_numeric()).then(|| self.max(other))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
