//! Captured texts as values, and the columns that collect them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Decimal256Builder, Float64Builder, Int32Builder, Int64Builder,
    StringViewBuilder,
};
use arrow::datatypes::DataType;

use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::dynamic::Dynamic;
use crate::types::{Decimal, Type, datetime, guid, integer, real, timespan};

/// A captured value.
pub enum Cell<'t> {
    /// Nothing captured, or nothing that converts.
    Null,
    Bool(bool),
    Int(i32),
    /// A long, datetime or timespan.
    Long(i64),
    Real(f64),
    Decimal(Decimal),
    Text(&'t str),
    Owned(String),
}

impl<'t> Cell<'t> {
    /// The value of type `ty` that a captured text spells.
    pub fn read(ty: Type, text: &'t str) -> Self {
        fn cell<'t, T>(value: Option<T>, cell: fn(T) -> Cell<'t>) -> Cell<'t> {
            value.map_or(Cell::Null, cell)
        }
        match ty {
            Type::String | Type::Unknown => Cell::Text(text),
            Type::Bool => cell(read_bool(text), Cell::Bool),
            Type::Int => cell(integer::parse_int(text), Cell::Int),
            Type::Long => cell(integer::parse_long(text), Cell::Long),
            Type::Real => cell(real::parse(text), Cell::Real),
            Type::Decimal => cell(Decimal::parse(text.trim()), Cell::Decimal),
            Type::DateTime => cell(datetime::parse(text), Cell::Long),
            Type::TimeSpan => cell(timespan::parse(text), Cell::Long),
            Type::Guid => cell(guid::parse(text.trim()), Cell::Owned),
            Type::Dynamic => match Dynamic::from_text(text) {
                Dynamic::Null => Cell::Null,
                value => Cell::Owned(value.to_json()),
            },
        }
    }
}

fn read_bool(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        integer::parse_long(text).map(|number| number != 0)
    }
}

/// A column of one type under construction.
pub enum Column {
    Bool(BooleanBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Decimal(Decimal256Builder),
    /// Strings: what is missing is empty.
    String(StringViewBuilder),
    /// Guids and dynamics.
    Text(StringViewBuilder),
}

impl Column {
    /// An empty column of type `ty` with room for `rows` values.
    pub fn new(ty: Type, rows: usize) -> Self {
        match ty {
            Type::Bool => Column::Bool(BooleanBuilder::with_capacity(rows)),
            Type::Int => Column::Int(Int32Builder::with_capacity(rows)),
            Type::Long | Type::DateTime | Type::TimeSpan => {
                Column::Long(Int64Builder::with_capacity(rows))
            }
            Type::Real => Column::Real(Float64Builder::with_capacity(rows)),
            Type::Decimal => Column::Decimal(
                Decimal256Builder::with_capacity(rows)
                    .with_data_type(DataType::Decimal256(DECIMAL_PRECISION, DECIMAL_SCALE)),
            ),
            Type::String | Type::Unknown => Column::String(StringViewBuilder::with_capacity(rows)),
            Type::Guid | Type::Dynamic => Column::Text(StringViewBuilder::with_capacity(rows)),
        }
    }

    /// Appends a value of the column's type.
    pub fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Column::Bool(column), Cell::Bool(value)) => column.append_value(value),
            (Column::Bool(column), _) => column.append_null(),
            (Column::Int(column), Cell::Int(value)) => column.append_value(value),
            (Column::Int(column), _) => column.append_null(),
            (Column::Long(column), Cell::Long(value)) => column.append_value(value),
            (Column::Long(column), _) => column.append_null(),
            (Column::Real(column), Cell::Real(value)) => column.append_value(value),
            (Column::Real(column), _) => column.append_null(),
            (Column::Decimal(column), Cell::Decimal(value)) => column.append_value(value.0),
            (Column::Decimal(column), _) => column.append_null(),
            (Column::String(column), Cell::Text(text)) => column.append_value(text),
            (Column::String(column), _) => column.append_value(""),
            (Column::Text(column), Cell::Owned(text)) => column.append_value(text),
            (Column::Text(column), _) => column.append_null(),
        }
    }

    /// The finished array, in canonical form.
    pub fn finish(self) -> ArrayRef {
        match self {
            Column::Bool(mut column) => Arc::new(column.finish()),
            Column::Int(mut column) => Arc::new(column.finish()),
            Column::Long(mut column) => Arc::new(column.finish()),
            Column::Real(mut column) => Arc::new(column.finish()),
            Column::Decimal(mut column) => Arc::new(column.finish()),
            Column::String(mut column) | Column::Text(mut column) => Arc::new(column.finish()),
        }
    }
}
