//! What `make-series` computes row by row: the bins of values, and the points of the axis.

use arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::series_axis::{Axis, length};
use crate::types::{Decimal, Type};

scalar_functions! {
    family: Series;

    /// The number of the bin of `make-series` that a value lies in. It cannot be called by name.
    ///
    /// ```kql
    /// datatable(x: long)[1, 5] | make-series n = count() on x from 1 to 7 step 2 | project n   //=> [1,0,1]
    /// ```
    MAKE_SERIES_BIN = "make-series bin" {
        (value: Long, const from: Long, const step: Long) -> Long => bin;
        (value: Real, const from: Real, const step: Real) -> Long => bin;
        (value: Decimal, const from: Decimal, const step: Decimal) -> Long => bin;
        (value: DateTime, const from: DateTime, const step: TimeSpan) -> Long => bin;
        (value: TimeSpan, const from: TimeSpan, const step: TimeSpan) -> Long => bin;
    }

    /// The points of an axis of `make-series` from one bin to another. It cannot be called by name.
    ///
    /// ```kql
    /// datatable(x: long)[1, 5] | make-series n = count() on x from 1 to 7 step 2 | project x   //=> [1,3,5]
    /// ```
    MAKE_SERIES_AXIS = "make-series axis" {
        (first: Long, last: Long, const from: Scalar, const step: Scalar) -> Dynamic => points;
    }
}

fn axis(args: &Args, first: usize) -> Result<Axis> {
    let axis = args.constant(first).zip(args.constant(first + 1));
    axis.and_then(|(from, step)| Axis::new(&from, &step)).ok_or_else(|| {
        Error::Execution("the step of `make-series` must be greater than zero".into())
    })
}

fn bin(args: &Args) -> Result<ArrayRef> {
    let axis = axis(args, 1)?;
    match args.ty(0) {
        Type::Real => args.map1(|value: f64| axis.bin_real(value)),
        Type::Decimal => args.map1(|value: Decimal| axis.bin_decimal(value)),
        _ => args.map1(|value: i64| axis.bin_whole(value)),
    }
}

fn points(args: &Args) -> Result<ArrayRef> {
    let axis = axis(args, 2)?;
    let (firsts, lasts) = (args.reader::<i64>(0)?, args.reader::<i64>(1)?);
    let mut lengths = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        let ends = firsts.get(row).zip(lasts.get(row));
        lengths.push(ends.map_or(Ok(0), |(first, last)| length(first, last))?);
    }
    jsons(args.rows(), |row, json| {
        let first = firsts.get(row).unwrap_or(0);
        json.push('[');
        for offset in 0..lengths[row] {
            if offset > 0 {
                json.push(',');
            }
            axis.write(first + offset as i64, json);
        }
        json.push(']');
        Some(())
    })
}
