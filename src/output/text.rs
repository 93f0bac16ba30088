//! The text form and the JSON form of every value of a canonical column.
//!
//! The text form is what `tostring` gives: `True`, `6.0`, `2020-01-02T03:04:05.6000000Z`, and
//! nothing at all for null.

use std::fmt::Write;
use std::io;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal256Array, Float64Array, Int32Array, Int64Array,
    StringViewArray,
};
use arrow::datatypes::{Decimal256Type, Float64Type, Int32Type, Int64Type};

use crate::types::{Column, Decimal, Type, arrow::data_type, datetime, real, timespan};

/// A typed view of one column of a batch.
pub enum Cells<'a> {
    Bool(&'a BooleanArray),
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Real(&'a Float64Array),
    Decimal(&'a Decimal256Array),
    String(&'a StringViewArray),
    DateTime(&'a Int64Array),
    TimeSpan(&'a Int64Array),
    Guid(&'a StringViewArray),
    Dynamic(&'a StringViewArray),
}

impl<'a> Cells<'a> {
    /// The view of `array` as the type of `column`; an error where it is not in that type's
    /// canonical form.
    pub fn new(column: &Column, array: &'a ArrayRef) -> io::Result<Self> {
        if *array.data_type() != data_type(column.ty) {
            let message = format!(
                "column `{}` of type {} arrived as {}",
                column.name,
                column.ty,
                array.data_type()
            );
            return Err(io::Error::other(message));
        }
        Ok(match column.ty {
            Type::Bool => Cells::Bool(array.as_boolean()),
            Type::Int => Cells::Int(array.as_primitive::<Int32Type>()),
            Type::Long => Cells::Long(array.as_primitive::<Int64Type>()),
            Type::Real => Cells::Real(array.as_primitive::<Float64Type>()),
            Type::Decimal => Cells::Decimal(array.as_primitive::<Decimal256Type>()),
            Type::String | Type::Unknown => Cells::String(array.as_string_view()),
            Type::DateTime => Cells::DateTime(array.as_primitive::<Int64Type>()),
            Type::TimeSpan => Cells::TimeSpan(array.as_primitive::<Int64Type>()),
            Type::Guid => Cells::Guid(array.as_string_view()),
            Type::Dynamic => Cells::Dynamic(array.as_string_view()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Cells::Bool(array) => array,
            Cells::Int(array) => array,
            Cells::Long(array) | Cells::DateTime(array) | Cells::TimeSpan(array) => array,
            Cells::Real(array) => array,
            Cells::Decimal(array) => array,
            Cells::String(array) | Cells::Guid(array) | Cells::Dynamic(array) => array,
        }
    }

    /// Whether the value at `row` is null. A string never is.
    pub fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row) && !matches!(self, Cells::String(_))
    }

    /// Appends the text form of the value at `row`.
    pub fn write_text(&self, row: usize, out: &mut String) {
        if self.array().is_null(row) {
            return;
        }
        match self {
            Cells::Bool(array) => out.push_str(if array.value(row) { "True" } else { "False" }),
            Cells::Int(array) => display(array.value(row), out),
            Cells::Long(array) => display(array.value(row), out),
            Cells::Real(array) => out.push_str(&real::format(array.value(row))),
            Cells::Decimal(array) => display(Decimal(array.value(row)), out),
            Cells::DateTime(array) => out.push_str(&datetime::format(array.value(row))),
            Cells::TimeSpan(array) => out.push_str(&timespan::format(array.value(row))),
            Cells::String(array) | Cells::Guid(array) => out.push_str(array.value(row)),
            Cells::Dynamic(array) => out.push_str(&unquoted(array.value(row))),
        }
    }

    /// Appends the JSON form of the value at `row`: numbers as numbers, not-a-number and the
    /// infinities by name, decimals and times as text, dynamic values inline.
    pub fn write_json(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            out.push_str("null");
            return;
        }
        match self {
            Cells::Bool(array) => display(array.value(row), out),
            Cells::Int(array) => display(array.value(row), out),
            Cells::Long(array) => display(array.value(row), out),
            Cells::Real(array) => write_json_real(array.value(row), out),
            Cells::Decimal(array) => {
                let _ = write!(out, "\"{}\"", Decimal(array.value(row)));
            }
            Cells::DateTime(array) => write_json_string(&datetime::format(array.value(row)), out),
            Cells::TimeSpan(array) => write_json_string(&timespan::format(array.value(row)), out),
            Cells::String(array) if array.is_null(row) => out.push_str("\"\""),
            Cells::String(array) | Cells::Guid(array) => write_json_string(array.value(row), out),
            Cells::Dynamic(array) => out.push_str(array.value(row)),
        }
    }
}

/// Appends `text` as a JSON string.
pub(super) fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        if escape.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

fn write_json_real(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("\"NaN\"");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else {
        // The shortest text that reads back as the same number, always with a point or exponent.
        let _ = write!(out, "{value:?}");
    }
}

/// A dynamic value's text: strings without their quotes, everything else as JSON.
fn unquoted(json: &str) -> std::borrow::Cow<'_, str> {
    if json.starts_with('"')
        && let Ok(text) = serde_json::from_str::<String>(json)
    {
        return text.into();
    }
    json.into()
}

fn display(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}
