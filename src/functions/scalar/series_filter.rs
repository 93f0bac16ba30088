//! Linear filters over series.

use arrow::array::ArrayRef;

use super::series_values::{Number, reals, write_numbers};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Series;

    /// Applies a finite impulse response filter: sums of the last elements, weighted.
    ///
    /// Weights are divided by their sum unless `normalize` is false; with a negative weight false is
    /// the default and true gives null. With `center` the window lies around each element. Elements
    /// outside the series count as 0.
    ///
    /// ```kql
    /// print series_fir(dynamic([5, 15, 10]), dynamic([1, -1]), false, false)       //=> [5,10,-5]
    /// print series_fir(dynamic([3, 6, 9]), dynamic([1, 1, 1]))                     //=> [1.0,3.0,6.0]
    /// ```
    SERIES_FIR = "series_fir", name First {
        (series: Dynamic, filter: Dynamic, [normalize: Bool], [center: Bool]) -> Dynamic => series_fir;
    }

    /// Applies an infinite impulse response filter, whose output feeds back into it.
    ///
    /// ```kql
    /// print series_iir(dynamic([10, 30, 0]), dynamic([1]), dynamic([1, -1]))       //=> [10.0,40.0,40.0]
    /// ```
    SERIES_IIR = "series_iir", name First {
        (series: Dynamic, numerators: Dynamic, denominators: Dynamic) -> Dynamic => series_iir;
    }
}

fn series_fir(args: &Args) -> Result<ArrayRef> {
    let (mut series, mut filters) = (args.arrays(0)?, args.arrays(1)?);
    let normalize = args.reader::<Option<bool>>(2)?;
    let center = args.reader::<Option<bool>>(3)?;
    jsons(args.rows(), |row, out| {
        let numbers = |items: &[_]| -> Option<Vec<Number>> {
            items.iter().map(|item| Number::read(*item)).collect()
        };
        let (values, weights) = (numbers(series.get(row)?)?, numbers(filters.get(row)?)?);
        let negative = weights.iter().any(|weight| weight.real() < 0.0);
        let normalize = normalize.get(row)?.unwrap_or(!negative);
        if weights.is_empty() || (negative && normalize) {
            return None;
        }
        let ahead = if center.get(row)?.unwrap_or(false) { (weights.len() - 1) / 2 } else { 0 };
        // The elements under the weights, from the newest to the oldest.
        let window = |at: usize| {
            weights.iter().enumerate().filter_map({
                let values = &values;
                move |(back, weight)| {
                    let position = (at + ahead).checked_sub(back)?;
                    values.get(position).map(|value| (*weight, *value))
                }
            })
        };
        let longs = |items: &[Number]| items.iter().all(|item| matches!(item, Number::Long(_)));
        let whole = !normalize && longs(&values) && longs(&weights);
        let total: f64 = weights.iter().map(|weight| weight.real()).sum();
        let result = (0..values.len()).map(|at| {
            Some(if whole {
                Number::Long(window(at).fold(0, |sum, pair| match pair {
                    (Number::Long(weight), Number::Long(value)) => {
                        weight.wrapping_mul(value).wrapping_add(sum)
                    }
                    _ => sum,
                }))
            } else {
                let sum: f64 = window(at).map(|(weight, value)| weight.real() * value.real()).sum();
                Number::Real(if normalize { sum / total } else { sum })
            })
        });
        write_numbers(result, out);
        Some(())
    })
}

fn series_iir(args: &Args) -> Result<ArrayRef> {
    let (mut series, mut forward, mut back) = (args.arrays(0)?, args.arrays(1)?, args.arrays(2)?);
    jsons(args.rows(), |row, out| {
        let values = reals(series.get(row)?)?;
        let (b, a) = (reals(forward.get(row)?)?, reals(back.get(row)?)?);
        let lead = *a.first().filter(|lead| **lead != 0.0)?;
        let mut result: Vec<f64> = Vec::with_capacity(values.len());
        for at in 0..values.len() {
            let taps = |weights: &[f64], values: &[f64], from: usize| -> f64 {
                let reach = weights.len().min(at + 1);
                (from..reach).map(|back| weights[back] * values[at - back]).sum()
            };
            let next = (taps(&b, &values, 0) - taps(&a, &result, 1)) / lead;
            result.push(next);
        }
        write_numbers(result.into_iter().map(|value| Some(Number::Real(value))), out);
        Some(())
    })
}
