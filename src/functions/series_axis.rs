//! The axis of `make-series`: evenly spaced points and the bins between them.

use std::fmt::Write;

use arrow::datatypes::i256;

use crate::error::Error;
use crate::types::{Decimal, Type, Value, datetime, real, timespan};

/// Most values of a series.
pub const MOST: usize = 1 << 20;

/// Evenly spaced points: `from` is number 0, the point after it number 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Axis {
    /// Longs; datetimes and timespans as ticks.
    Whole {
        from: i64,
        step: i64,
        ty: Type,
    },
    Real {
        from: f64,
        step: f64,
    },
    Decimal {
        from: Decimal,
        step: Decimal,
    },
}

impl Axis {
    /// The axis through `from` with points `step` apart; `None` unless the step is positive and
    /// the types go together.
    pub fn new(from: &Value, step: &Value) -> Option<Axis> {
        match (from, step) {
            (Value::Long(from), Value::Long(step)) if *step > 0 => {
                Some(Axis::Whole { from: *from, step: *step, ty: Type::Long })
            }
            (Value::DateTime(from), Value::TimeSpan(step)) if *step > 0 => {
                Some(Axis::Whole { from: *from, step: *step, ty: Type::DateTime })
            }
            (Value::TimeSpan(from), Value::TimeSpan(step)) if *step > 0 => {
                Some(Axis::Whole { from: *from, step: *step, ty: Type::TimeSpan })
            }
            (Value::Real(from), Value::Real(step)) if *step > 0.0 && step.is_finite() => {
                from.is_finite().then_some(Axis::Real { from: *from, step: *step })
            }
            (Value::Decimal(from), Value::Decimal(step)) if step.0 > i256::ZERO => {
                Some(Axis::Decimal { from: *from, step: *step })
            }
            _ => None,
        }
    }

    /// The number of the bin that a value lies in, for values of the axis's type.
    pub fn bin(&self, value: &Value) -> Option<i64> {
        match (self, value) {
            (Axis::Whole { .. }, Value::Long(v) | Value::DateTime(v) | Value::TimeSpan(v)) => {
                self.bin_whole(*v)
            }
            (Axis::Real { .. }, Value::Real(v)) => self.bin_real(*v),
            (Axis::Decimal { .. }, Value::Decimal(v)) => self.bin_decimal(*v),
            _ => None,
        }
    }

    /// [`bin`](Self::bin) of a long or of ticks.
    pub fn bin_whole(&self, value: i64) -> Option<i64> {
        let Axis::Whole { from, step, .. } = self else { return None };
        let bin = (i128::from(value) - i128::from(*from)).div_euclid(i128::from(*step));
        i64::try_from(bin).ok()
    }

    /// [`bin`](Self::bin) of a real; none of NaN.
    pub fn bin_real(&self, value: f64) -> Option<i64> {
        let Axis::Real { from, step } = self else { return None };
        let bin = ((value - from) / step).floor();
        (!bin.is_nan()).then_some(bin as i64)
    }

    /// [`bin`](Self::bin) of a decimal.
    pub fn bin_decimal(&self, value: Decimal) -> Option<i64> {
        let Axis::Decimal { from, step } = self else { return None };
        let distance = value.checked_sub(*from)?.0;
        let mut bin = distance.checked_div(step.0)?;
        if distance.checked_rem(step.0)? < i256::ZERO {
            bin = bin.checked_sub(i256::ONE)?;
        }
        i64::try_from(bin.to_i128()?).ok()
    }

    /// The number of the last point below `end`.
    pub fn last_below(&self, end: &Value) -> Option<i64> {
        let bin = self.bin(end)?;
        let on_point = match (self, end) {
            (
                Axis::Whole { from, step, .. },
                Value::Long(end) | Value::DateTime(end) | Value::TimeSpan(end),
            ) => (i128::from(*end) - i128::from(*from)) % i128::from(*step) == 0,
            (Axis::Real { from, step }, Value::Real(end)) => from + bin as f64 * step >= *end,
            (Axis::Decimal { from, step }, Value::Decimal(end)) => {
                end.checked_sub(*from)?.0.checked_rem(step.0)? == i256::ZERO
            }
            _ => false,
        };
        if on_point { bin.checked_sub(1) } else { Some(bin) }
    }

    /// Appends the point of a number as JSON; null where its type has no such value.
    pub fn write(&self, number: i64, json: &mut String) {
        match self {
            Axis::Whole { from, step, ty } => {
                let value = number.checked_mul(*step).and_then(|far| far.checked_add(*from));
                match (value, ty) {
                    (None, _) => json.push_str("null"),
                    (Some(value), Type::DateTime) => {
                        quoted(json, |out| datetime::write(value, out))
                    }
                    (Some(value), Type::TimeSpan) => {
                        quoted(json, |out| timespan::write(value, out))
                    }
                    // Writing to a string cannot fail.
                    (Some(value), _) => drop(write!(json, "{value}")),
                }
            }
            Axis::Real { from, step } => real::write_json(from + number as f64 * step, json),
            Axis::Decimal { from, step } => {
                let far = step.checked_mul(Decimal::from_i64(number));
                match far.and_then(|far| far.checked_add(*from)) {
                    Some(value) => quoted(json, |out| out.push_str(&value.to_string())),
                    None => json.push_str("null"),
                }
            }
        }
    }
}

fn quoted(json: &mut String, write: impl FnOnce(&mut String)) {
    json.push('"');
    write(json);
    json.push('"');
}

/// How many values a series from number `first` to number `last` has.
///
/// # Errors
///
/// If there are more than [`MOST`].
pub fn length(first: i64, last: i64) -> Result<usize, Error> {
    let length = i128::from(last) - i128::from(first) + 1;
    match usize::try_from(length.max(0)) {
        Ok(length) if length <= MOST => Ok(length),
        _ => Err(Error::Execution(format!(
            "`make-series` would give {length} values a series; at most {MOST} are possible"
        ))),
    }
}
