//! Numeric arrays as the series functions read them.

use std::fmt::Write;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::json::{Arrays, Jsons};
use crate::types::dynamic::{Dynamic, RawValue};
use crate::types::{Type, real};

/// A number of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Long(i64),
    Real(f64),
}

impl Number {
    /// The number that an element is, if it is one; reals that JSON cannot say are strings there.
    pub fn read(value: RawValue) -> Option<Number> {
        match value.json() {
            "\"NaN\"" => Some(Number::Real(f64::NAN)),
            "\"Infinity\"" => Some(Number::Real(f64::INFINITY)),
            "\"-Infinity\"" => Some(Number::Real(f64::NEG_INFINITY)),
            text if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                match value.to_dynamic() {
                    Dynamic::Long(v) => Some(Number::Long(v)),
                    Dynamic::Real(v) => Some(Number::Real(v)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The value as a real.
    pub fn real(self) -> f64 {
        match self {
            Number::Long(v) => v as f64,
            Number::Real(v) => v,
        }
    }

    /// Appends the JSON text.
    pub fn write(self, out: &mut String) {
        match self {
            // Writing to a string cannot fail.
            Number::Long(v) => drop(write!(out, "{v}")),
            Number::Real(v) => real::write_json(v, out),
        }
    }
}

/// Appends an array of numbers; what is missing is null.
pub fn write_numbers(items: impl IntoIterator<Item = Option<Number>>, out: &mut String) {
    out.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        match item {
            Some(number) => number.write(out),
            None => out.push_str("null"),
        }
    }
    out.push(']');
}

/// An argument that holds series, or numbers that stand for every element.
pub enum Operand<'a> {
    Series(Arrays<'a>),
    Number(Jsons),
}

/// The operand in one row.
pub enum Elements {
    Series(Vec<Option<Number>>),
    Number(Option<Number>),
}

impl<'a> Operand<'a> {
    /// The operand at a position of the call.
    pub fn new(args: &Args<'a>, index: usize) -> Result<Self> {
        Ok(if args.ty(index) == Type::Dynamic {
            Operand::Series(args.arrays(index)?)
        } else {
            Operand::Number(args.jsons(index)?)
        })
    }

    /// What it is in `row`; `None` if it should be a series and is none.
    pub fn get(&mut self, row: usize) -> Option<Elements> {
        Some(match self {
            Operand::Series(arrays) => {
                let items = arrays.get(row)?;
                Elements::Series(items.iter().map(|item| Number::read(*item)).collect())
            }
            Operand::Number(values) => {
                Elements::Number(Number::read(RawValue::new(values.get(row))))
            }
        })
    }
}

impl Elements {
    /// How many elements there are; a number has as many as needed.
    pub fn len(&self) -> Option<usize> {
        match self {
            Elements::Series(items) => Some(items.len()),
            Elements::Number(_) => None,
        }
    }

    /// The element at a position; `None` where there is no number.
    pub fn at(&self, position: usize) -> Option<Number> {
        match self {
            Elements::Series(items) => items.get(position).copied().flatten(),
            Elements::Number(number) => *number,
        }
    }
}

/// All elements of a series as reals; `None` if one of them is no number.
pub fn reals(items: &[RawValue]) -> Option<Vec<f64>> {
    items.iter().map(|item| Number::read(*item).map(Number::real)).collect()
}
