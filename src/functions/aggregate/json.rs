//! Collected values as JSON text.

use std::fmt::Write;

use arrow::datatypes::{Decimal256Type, Float64Type, Int32Type, Int64Type};

use super::values::{Plain, Texts, Values};
use crate::types::{Decimal, Type, datetime, real, timespan};

/// Values that can be elements of a dynamic array.
pub trait Element: Values {
    /// Appends the value at `index`, which has KQL type `ty`, as JSON.
    fn write(&self, index: usize, ty: Type, json: &mut String);
}

impl Element for Plain<Int32Type> {
    fn write(&self, index: usize, ty: Type, json: &mut String) {
        let value = self.values()[index];
        match ty {
            Type::Bool => json.push_str(if value == 0 { "false" } else { "true" }),
            _ => number(value, json),
        }
    }
}

impl Element for Plain<Int64Type> {
    fn write(&self, index: usize, ty: Type, json: &mut String) {
        let value = self.values()[index];
        match ty {
            Type::DateTime => string(&datetime::format(value), json),
            Type::TimeSpan => string(&timespan::format(value), json),
            _ => number(value, json),
        }
    }
}

impl Element for Plain<Float64Type> {
    fn write(&self, index: usize, _: Type, json: &mut String) {
        let value = self.values()[index];
        let text = real::format(value);
        if value.is_finite() { json.push_str(&text) } else { string(&text, json) }
    }
}

/// Decimals are strings in JSON.
impl Element for Plain<Decimal256Type> {
    fn write(&self, index: usize, _: Type, json: &mut String) {
        string(&Decimal(self.values()[index]).to_string(), json);
    }
}

impl Element for Texts {
    fn write(&self, index: usize, ty: Type, json: &mut String) {
        match ty {
            Type::Dynamic => json.push_str(self.value(index)),
            _ => string(self.value(index), json),
        }
    }
}

/// Appends an array of the values at `indices`.
pub fn write_array<V: Element>(
    values: &V,
    ty: Type,
    indices: impl Iterator<Item = usize>,
    is_null: impl Fn(usize) -> bool,
    json: &mut String,
) {
    json.push('[');
    for (position, index) in indices.enumerate() {
        if position > 0 {
            json.push(',');
        }
        if is_null(index) {
            json.push_str("null");
        } else {
            values.write(index, ty, json);
        }
    }
    json.push(']');
}

fn number(value: impl std::fmt::Display, json: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(json, "{value}");
}

/// Appends a string with its quotes.
pub fn string(text: &str, json: &mut String) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
        let (plain, special) = rest.split_at(at);
        json.push_str(plain);
        match special.as_bytes()[0] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            0x08 => json.push_str("\\b"),
            0x0c => json.push_str("\\f"),
            control => {
                let _ = write!(json, "\\u{control:04x}");
            }
        }
        rest = &special[1..];
    }
    json.push_str(rest);
    json.push('"');
}
