//! `range`: equally spaced values.

use std::fmt::Write;

use arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::types::datetime::TICKS_PER_HOUR;
use crate::types::{Type, datetime, real, timespan};

/// Most elements of a generated array.
pub const MOST: usize = 1 << 20;

pub fn range(args: &Args) -> Result<ArrayRef> {
    let ty = args.ty(0);
    if matches!(args.constant(2).and_then(|step| step.as_f64()), Some(0.0)) {
        return Err(Error::Execution("the step of `range` must not be 0".into()));
    }
    if (0..args.len()).any(|index| args.ty(index) == Type::Real) {
        return reals(args);
    }
    let (starts, stops) = (args.reader::<i64>(0)?, args.reader::<i64>(1)?);
    let default = if ty.is_temporal() { TICKS_PER_HOUR } else { 1 };
    let steps = args.reader::<i64>(2.min(args.len()));
    let steps = if args.len() > 2 { Some(steps?) } else { None };
    jsons(args.rows(), |row, out| {
        let (start, stop) = (starts.get(row)?, stops.get(row)?);
        let step = match &steps {
            Some(steps) => steps.get(row)?,
            None => default,
        };
        if step == 0 {
            return None;
        }
        let mut next = Some(start);
        out.push('[');
        for count in 0..MOST {
            let Some(value) =
                next.filter(|value| if step > 0 { *value <= stop } else { *value >= stop })
            else {
                break;
            };
            if count > 0 {
                out.push(',');
            }
            match ty {
                Type::DateTime => quoted(out, |out| datetime::write(value, out)),
                Type::TimeSpan => quoted(out, |out| timespan::write(value, out)),
                // Writing to a string cannot fail.
                _ => drop(write!(out, "{value}")),
            }
            next = value.checked_add(step);
        }
        out.push(']');
        Some(())
    })
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

fn reals(args: &Args) -> Result<ArrayRef> {
    let (starts, stops) = (args.reader::<f64>(0)?, args.reader::<f64>(1)?);
    let steps = if args.len() > 2 { Some(args.reader::<f64>(2)?) } else { None };
    jsons(args.rows(), |row, out| {
        let (start, stop) = (starts.get(row)?, stops.get(row)?);
        let step = match &steps {
            Some(steps) => steps.get(row)?,
            None => 1.0,
        };
        if step == 0.0 || !(start.is_finite() && stop.is_finite() && step.is_finite()) {
            return None;
        }
        out.push('[');
        for count in 0..MOST {
            let value = start + step * count as f64;
            if if step > 0.0 { value > stop } else { value < stop } {
                break;
            }
            if count > 0 {
                out.push(',');
            }
            real::write_json(value, out);
        }
        out.push(']');
        Some(())
    })
}
