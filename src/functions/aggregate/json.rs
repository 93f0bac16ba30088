//! Collected values as JSON text.

use std::fmt::Write;

use arrow::datatypes::{Decimal256Type, Float64Type, Int32Type, Int64Type};

use super::values::{Plain, Texts, Values};
use crate::types::dynamic::write_string;
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
            Type::DateTime => quoted(|json| datetime::write(value, json), json),
            Type::TimeSpan => quoted(|json| timespan::write(value, json), json),
            _ => number(value, json),
        }
    }
}

impl Element for Plain<Float64Type> {
    fn write(&self, index: usize, _: Type, json: &mut String) {
        real::write_json(self.values()[index], json);
    }
}

/// Decimals are strings in JSON.
impl Element for Plain<Decimal256Type> {
    fn write(&self, index: usize, _: Type, json: &mut String) {
        let value = Decimal(self.values()[index]);
        quoted(|json| number(value, json), json);
    }
}

impl Element for Texts {
    fn write(&self, index: usize, ty: Type, json: &mut String) {
        match ty {
            Type::Dynamic => json.push_str(self.value(index)),
            _ => write_string(self.value(index), json),
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

/// Appends text that needs no escapes, with quotes.
fn quoted(write: impl FnOnce(&mut String), json: &mut String) {
    json.push('"');
    write(json);
    json.push('"');
}

fn number(value: impl std::fmt::Display, json: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(json, "{value}");
}
