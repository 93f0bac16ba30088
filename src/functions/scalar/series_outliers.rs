//! Scores of elements far from the rest of their series.

use arrow::array::ArrayRef;

use super::series_values::{Number, write_numbers};
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Series;

    /// How far each element lies outside the middle of its series, by Tukey's test: 0 within, above
    /// it positive, below it negative, beyond 1.5 and -1.5 an outlier.
    ///
    /// With `tukey` the middle lies between the 25th and the 75th percentile and its width is the
    /// unit. With `ctukey`, the default, it lies between the 10th and the 90th, and scores are scaled
    /// so that those of normally distributed values mean the same. Other percentiles are refused,
    /// because their scale is not published. Percentiles are interpolated; a score is infinite where the
    /// middle has no width. Elements that are no
    /// numbers, or equal to `ignore_val`, do not count and score 0.
    ///
    /// ```kql
    /// print series_outliers(dynamic([1, 2, 3, 4, 20]), "tukey")     //=> [-0.5,0.0,0.0,0.0,8.0]
    /// ```
    SERIES_OUTLIERS = "series_outliers", name First {
        (series: Dynamic, [kind: String], [ignore_val: RealNumber], [min_percentile: RealNumber],
            [max_percentile: RealNumber]) -> Dynamic => series_outliers;
    }
}

/// What brings scores outside the 10th and 90th percentile to those outside the quartiles; measured.
const CUSTOM_SCALE: f64 = 2.772_605_605_507_915;

/// How scores are given.
#[derive(Clone, Copy)]
pub(super) enum Test {
    Quartiles,
    Deciles,
}

impl Test {
    /// The test called `name` in an argument of `function`.
    pub fn named(name: &str, function: &str) -> Result<Test> {
        match name {
            "tukey" => Ok(Test::Quartiles),
            "ctukey" => Ok(Test::Deciles),
            other => Err(Error::Execution(format!(
                "`{function}` tests by `ctukey` or `tukey`, not by `{other}`"
            ))),
        }
    }

    /// The scores of all values, by the middle of the first `learned` of them; a missing value has
    /// 0.
    pub fn scores(self, values: &[Option<f64>], learned: usize) -> Vec<f64> {
        let mut known: Vec<f64> = values.iter().take(learned).flatten().copied().collect();
        if known.is_empty() {
            return vec![0.0; values.len()];
        }
        known.sort_unstable_by(f64::total_cmp);
        let (low, high, scale) = match self {
            Test::Quartiles => (0.25, 0.75, 1.0),
            Test::Deciles => (0.1, 0.9, CUSTOM_SCALE),
        };
        let (low, high) = (quantile(&known, low), quantile(&known, high));
        let score = |value: f64| {
            let beyond = if value > high {
                value - high
            } else if value < low {
                value - low
            } else {
                return 0.0;
            };
            beyond / (high - low) * scale
        };
        values.iter().map(|value| value.map_or(0.0, score)).collect()
    }
}

/// The quantile of sorted values, interpolated between neighbours.
pub(super) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

fn series_outliers(args: &Args) -> Result<ArrayRef> {
    let (kinds, ignored) = (args.reader::<Option<&str>>(1)?, args.reader::<Option<f64>>(2)?);
    let bounds = [args.reader::<Option<f64>>(3)?, args.reader::<Option<f64>>(4)?];
    let test = |row: usize| {
        let kind = kinds.get(row).flatten().unwrap_or("ctukey");
        let test = Test::named(kind, "series_outliers")?;
        for (bound, default) in bounds.iter().zip([10.0, 90.0]) {
            let given = bound.get(row).flatten().unwrap_or(default);
            if matches!(test, Test::Deciles) && given != default {
                return Err(Error::Execution(format!(
                    "`series_outliers` takes no other percentiles than 10 and 90, not {given}: how Kusto scales scores then is not published"
                )));
            }
        }
        Ok(test)
    };
    let constant = (1..args.len()).all(|index| args.is_scalar(index));
    let mut tests = if constant { vec![test(0)?] } else { vec![] };
    for row in 0..if constant { 0 } else { args.rows() } {
        tests.push(test(row)?);
    }
    let mut series = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let missing = ignored.get(row).flatten();
        let values: Vec<Option<f64>> = series
            .get(row)?
            .iter()
            .map(|item| Number::read(*item).map(Number::real).filter(|v| Some(*v) != missing))
            .collect();
        let scores = tests[if constant { 0 } else { row }].scores(&values, values.len());
        write_numbers(scores.into_iter().map(|score| Some(Number::Real(score))), out);
        Some(())
    })
}
