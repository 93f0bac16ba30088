//! The one Arrow form of every KQL type.
//!
//! | KQL | Arrow |
//! |---|---|
//! | bool, int, long, real | `Boolean`, `Int32`, `Int64`, `Float64` |
//! | decimal | `Decimal256(76, 38)`: one scale for all values, so that arithmetic never rescales |
//! | string | `Utf8View`, never null |
//! | datetime, timespan | `Int64` ticks of 100 ns (datetime from 0001-01-01) |
//! | guid | `Utf8View`, lower-case text |
//! | dynamic | `Utf8View`, compact JSON text; JSON `null` is the Arrow null |
//!
//! Several KQL types share a form, so fields name theirs in metadata under [`TYPE_KEY`].

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, Schema};

use super::{Column, RowSchema, Type};

/// Metadata key under which a field carries the name of its KQL type.
pub const TYPE_KEY: &str = "kql.type";

/// Precision and scale of the decimal form.
pub const DECIMAL_PRECISION: u8 = 76;
/// Digits after the point in the decimal form.
pub const DECIMAL_SCALE: i8 = 38;

/// The Arrow type in which values of `ty` travel.
pub fn data_type(ty: Type) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Int => DataType::Int32,
        Type::Long | Type::DateTime | Type::TimeSpan => DataType::Int64,
        Type::Real => DataType::Float64,
        Type::Decimal => DataType::Decimal256(DECIMAL_PRECISION, DECIMAL_SCALE),
        Type::String | Type::Guid | Type::Dynamic | Type::Unknown => DataType::Utf8View,
    }
}

/// The Arrow field of a column: canonical type, nullable, marked with the KQL type.
pub fn field(column: &Column) -> Field {
    let metadata = HashMap::from([(TYPE_KEY.to_string(), column.ty.name().to_string())]);
    Field::new(&*column.name, data_type(column.ty), true).with_metadata(metadata)
}

/// The Arrow schema in which rows travel, without marks: what passes through unions and aggregates
/// would not keep them.
pub fn schema(columns: &RowSchema) -> Schema {
    let fields = columns
        .columns()
        .iter()
        .map(|column| Field::new(&*column.name, data_type(column.ty), true));
    Schema::new(fields.collect::<Vec<_>>())
}

/// The KQL type that a field is marked with.
pub fn marked_type(field: &Field) -> Option<Type> {
    field.metadata().get(TYPE_KEY).and_then(|name| Type::from_name(name))
}
