//! Series taken apart into season, trend and rest.

use arrow::array::ArrayRef;

use super::series_fft::autocovariance;
use super::series_fit::Line;
use super::series_outliers::{Test, quantile};
use super::series_values::{Number, reals, write_numbers};
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::dynamics;
use crate::functions::declare::scalar_functions;
use crate::functions::kernel::Reader;

scalar_functions! {
    family: Series;

    /// The seasonal part of a series: in place of each element the median of those that lie whole
    /// periods apart.
    ///
    /// Without a period, or with -1, it is looked for; where no period stands out, and with any other
    /// number below 1, the result is zeros. Where it is not clear whether a period stands out, the
    /// query fails and asks for it. `test_points` at the end are not learned from.
    ///
    /// ```kql
    /// print series_seasonal(dynamic([1, 3, 5, 2, 4, 6]), 3)     //=> [1.5,3.5,5.5,1.5,3.5,5.5]
    /// ```
    SERIES_SEASONAL = "series_seasonal" {
        (series: Dynamic, [period: Integer], [test_points: Integer]) -> Dynamic => series_seasonal;
    }

    /// Takes a series apart: the columns are baseline, season, trend, and what is left.
    ///
    /// The season is that of `series_seasonal`; the trend of the rest is its average (`avg`, the
    /// default), a line (`linefit`), or 0 (`none`); the baseline is their sum. `test_points` at the end are not
    /// learned from. A period is looked for where none or -1 is given, and 0 means none. Kusto does not
    /// publish how it scores periods: where it is not clear whether one passes `seasonality_threshold`
    /// (0.6), the query fails and asks for the period.
    ///
    /// ```kql
    /// print x = dynamic([1, 3, 5, 2, 4, 6]) | project series_decompose(x, 3) | project series_decompose_x_residual  //=> [-0.5,-0.5,-0.5,0.5,0.5,0.5]
    /// ```
    SERIES_DECOMPOSE = "series_decompose" {
        (series: Dynamic, [period: Integer], [trend: String], [test_points: Integer],
            [seasonality_threshold: RealNumber]) -> Dynamic => binder;
    }

    /// The values of `series_decompose` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 3, 5, 2, 4, 6]) | project series_decompose(x, 3) | project series_decompose_x_baseline  //=> [1.5,3.5,5.5,1.5,3.5,5.5]
    /// ```
    SERIES_DECOMPOSE_PACKED = "series_decompose packed" {
        (series: Dynamic, [period: Integer], [trend: String], [test_points: Integer],
            [seasonality_threshold: RealNumber]) -> Dynamic => series_decompose_packed;
    }

    /// Foretells the last `test_points` elements of a series from those before: the first column is the
    /// baseline of the whole series, then season, trend and what is left, as `series_decompose` has
    /// them.
    ///
    /// ```kql
    /// print x = dynamic([1, 2, 3, 0]) | project f = series_decompose_forecast(x, 1, 0, "linefit") | project round(todouble(f[3]), 6)    //=> 4.0
    /// ```
    SERIES_DECOMPOSE_FORECAST = "series_decompose_forecast" {
        (series: Dynamic, test_points: Integer, [period: Integer], [trend: String],
            [seasonality_threshold: RealNumber]) -> Dynamic => binder;
    }

    /// The values of `series_decompose_forecast` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 3, 1, 3, 0]) | project f = series_decompose_forecast(x, 1, 2, "none")   //=> [1.0,3.0,1.0,3.0,1.0]
    /// ```
    SERIES_DECOMPOSE_FORECAST_PACKED = "series_decompose_forecast packed" {
        (series: Dynamic, test_points: Integer, [period: Integer], [trend: String],
            [seasonality_threshold: RealNumber]) -> Dynamic => series_decompose_forecast_packed;
    }

    /// Finds the elements of a series far from its baseline: the columns are 1, -1 or 0 for far above,
    /// far below and near it, the scores, and the baseline.
    ///
    /// The baseline is that of `series_decompose`, the scores are those that `series_outliers` gives to
    /// what is left, and far is a score beyond the threshold, 1.5 unless given.
    ///
    /// ```kql
    /// print x = dynamic([1, 2, 1, 2, 1, 9]) | project series_decompose_anomalies(x, 1.5, 2) | project series_decompose_anomalies_x_ad_flag  //=> [0,0,0,0,0,1]
    /// ```
    SERIES_DECOMPOSE_ANOMALIES = "series_decompose_anomalies" {
        (series: Dynamic, [threshold: RealNumber], [period: Integer], [trend: String],
            [test_points: Integer], [method: String], [seasonality_threshold: RealNumber]) -> Dynamic
            => binder;
    }

    /// The values of `series_decompose_anomalies` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 2, 3, 4, 20]) | project series_decompose_anomalies(x, 9, 0, "none", 0, "tukey") | project series_decompose_anomalies_x_ad_score  //=> [-0.5,0.0,0.0,0.0,8.0]
    /// ```
    SERIES_DECOMPOSE_ANOMALIES_PACKED = "series_decompose_anomalies packed" {
        (series: Dynamic, [threshold: RealNumber], [period: Integer], [trend: String],
            [test_points: Integer], [method: String], [seasonality_threshold: RealNumber]) -> Dynamic
            => series_decompose_anomalies_packed;
    }
}

/// The default of `series_seasonal`, whose threshold cannot be given.
const SEASONAL_THRESHOLD: f64 = 0.7;
const THRESHOLD: f64 = 0.6;

#[derive(Clone, Copy)]
enum Trend {
    Average,
    Line,
    None,
}

/// Where the options stand among the arguments, and what they are in a row.
struct Options<'a> {
    function: &'static str,
    period: Reader<'a, Option<i64>>,
    trend: Reader<'a, Option<&'a str>>,
    test_points: Reader<'a, Option<i64>>,
    threshold: Reader<'a, Option<f64>>,
    default_threshold: f64,
}

/// The options of one row.
struct Settings {
    function: &'static str,
    period: i64,
    trend: Trend,
    test_points: i64,
    threshold: f64,
}

impl<'a> Options<'a> {
    /// The positions are those of period, trend, test points and threshold. Constants are looked at
    /// now.
    fn new(args: &Args<'a>, function: &'static str, positions: [usize; 4]) -> Result<Self> {
        let [period, trend, test_points, threshold] = positions;
        let options = Options {
            function,
            period: args.reader(period)?,
            trend: args.reader(trend)?,
            test_points: args.reader(test_points)?,
            threshold: args.reader(threshold)?,
            default_threshold: THRESHOLD,
        };
        if let Some(name) = args.constant_str(trend) {
            options.trend(name)?;
        }
        Ok(options)
    }

    fn trend(&self, name: &str) -> Result<Trend> {
        match name {
            "avg" => Ok(Trend::Average),
            "linefit" => Ok(Trend::Line),
            "none" => Ok(Trend::None),
            other => Err(Error::Execution(format!(
                "a trend of `{}` is `avg`, `linefit` or `none`, not `{other}`",
                self.function
            ))),
        }
    }

    fn get(&self, row: usize) -> Result<Settings> {
        Ok(Settings {
            function: self.function,
            period: self.period.get(row).flatten().unwrap_or(-1),
            trend: match self.trend.get(row).flatten() {
                Some(name) => self.trend(name)?,
                None => Trend::Average,
            },
            test_points: self.test_points.get(row).flatten().unwrap_or(0),
            threshold: self.threshold.get(row).flatten().unwrap_or(self.default_threshold),
        })
    }
}

/// A series taken apart.
struct Parts {
    seasonal: Vec<f64>,
    trend: Vec<f64>,
    /// How many elements were learned from.
    learned: usize,
}

impl Parts {
    fn new(values: &[f64], settings: &Settings) -> Result<Option<Parts>> {
        let function = settings.function;
        let Ok(test_points) = usize::try_from(settings.test_points) else {
            return Err(Error::Execution(format!(
                "`{function}` cannot leave out fewer than 0 points"
            )));
        };
        let Some(learned) = values.len().checked_sub(test_points).filter(|learned| *learned > 0)
        else {
            return Ok(None);
        };
        let known = &values[..learned];
        let period = match settings.period {
            -1 => detect(known, settings)?,
            period => usize::try_from(period).unwrap_or(0),
        };
        if period > learned && test_points > 0 {
            return Err(Error::Execution(format!(
                "`{function}` learns from {learned} points, fewer than the period of {period}"
            )));
        }
        let seasonal = season(known, period, values.len());
        let rest: Vec<f64> = known.iter().zip(&seasonal).map(|(x, part)| x - part).collect();
        let trend = match settings.trend {
            Trend::None => vec![0.0; values.len()],
            Trend::Average => vec![rest.iter().sum::<f64>() / learned as f64; values.len()],
            Trend::Line => {
                let Some(line) = Line::new(&rest) else { return Ok(None) };
                (0..values.len()).map(|at| line.at(at)).collect()
            }
        };
        Ok(Some(Parts { seasonal, trend, learned }))
    }

    fn baseline(&self) -> impl Iterator<Item = f64> {
        self.seasonal.iter().zip(&self.trend).map(|(season, trend)| season + trend)
    }

    fn residual(&self, values: &[f64]) -> impl Iterator<Item = f64> {
        values.iter().zip(self.baseline()).map(|(value, baseline)| value - baseline)
    }

    fn write(&self, values: &[f64]) -> String {
        let mut out = String::from("[");
        write_reals(self.baseline(), &mut out);
        out.push(',');
        write_reals(self.seasonal.iter().copied(), &mut out);
        out.push(',');
        write_reals(self.trend.iter().copied(), &mut out);
        out.push(',');
        write_reals(self.residual(values), &mut out);
        out.push(']');
        out
    }
}

fn write_reals(values: impl Iterator<Item = f64>, out: &mut String) {
    write_numbers(values.map(|value| Some(Number::Real(value))), out);
}

/// The medians of the elements whole periods apart, repeated; zeros without a period.
fn season(known: &[f64], period: usize, length: usize) -> Vec<f64> {
    if period == 0 {
        return vec![0.0; length];
    }
    let medians: Vec<f64> = (0..period.min(known.len()))
        .map(|phase| {
            let mut values: Vec<f64> = known[phase..].iter().step_by(period).copied().collect();
            values.sort_unstable_by(f64::total_cmp);
            quantile(&values, 0.5)
        })
        .collect();
    (0..length).map(|at| medians[at % period]).collect()
}

/// By how much a score must differ to be clear.
const MARGIN: f64 = 0.05;
/// Shorter periods than this are never found.
const SHORTEST: usize = 4;

/// The period that stands out, 0 if none does; fails where another way to score might decide
/// otherwise.
///
/// The score of a period is the correlation of the series, less its trend, with itself a period
/// later.
fn detect(values: &[f64], settings: &Settings) -> Result<usize> {
    let end = values.len() / 2;
    let Some(line) = Line::new(values).filter(|_| end > SHORTEST) else { return Ok(0) };
    let flat: Vec<f64> = values.iter().enumerate().map(|(at, v)| v - line.at(at)).collect();
    let sums = autocovariance(&flat);
    let size = values.iter().map(|value| value * value).sum::<f64>();
    // What is left of a straight line is rounding.
    if sums[0] <= size * 1e-20 {
        return Ok(0);
    }
    let count = values.len() as f64;
    let scores: Vec<f64> = sums[..=end]
        .iter()
        .enumerate()
        .map(|(lag, sum)| sum / sums[0] * count / (count - lag as f64))
        .collect();
    let threshold = settings.threshold;
    let peak = |lag: &usize| {
        let valley = scores[1..*lag].iter().copied().fold(f64::INFINITY, f64::min);
        let hill = scores[*lag] > scores[lag - 1] && scores[*lag] >= scores[lag + 1];
        hill && scores[*lag] >= threshold - MARGIN && scores[*lag] - valley >= MARGIN
    };
    let peaks: Vec<usize> = (2..end).filter(peak).collect();
    let long = peaks.iter().copied().filter(|lag| *lag >= SHORTEST);
    let Some(best) = long.map(|lag| scores[lag]).reduce(f64::max) else { return Ok(0) };
    let rivals: Vec<usize> =
        peaks.into_iter().filter(|lag| scores[*lag] >= best - 2.0 * MARGIN).collect();
    let period = rivals[0];
    let beside = |lag: &usize| {
        let away = lag % period;
        away.min(period - away) <= 1.max(lag / 50)
    };
    let clear = period >= SHORTEST
        && scores[period] >= best - MARGIN
        && scores[period] >= threshold + MARGIN
        && rivals.iter().all(beside);
    if clear {
        return Ok(period);
    }
    Err(Error::Execution(format!(
        "`{}` cannot tell whether a series of {} points has a season: give the period, or 0 for none",
        settings.function,
        values.len()
    )))
}

/// Applies `write` to the series of every row and to what it is made of.
fn decomposed(
    args: &Args,
    options: &Options,
    write: impl Fn(usize, &[f64], &Parts) -> Result<String>,
) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    dynamics((0..args.rows()).map(|row| {
        let Some(values) = series.get(row).and_then(|items| reals(items)) else { return Ok(None) };
        match Parts::new(&values, &options.get(row)?)? {
            Some(parts) => write(row, &values, &parts).map(Some),
            None => Ok(None),
        }
    }))
}

/// The position of an argument that a function does not take.
const ABSENT: usize = usize::MAX;

fn series_seasonal(args: &Args) -> Result<ArrayRef> {
    let mut options = Options::new(args, "series_seasonal", [1, ABSENT, 2, ABSENT])?;
    options.default_threshold = SEASONAL_THRESHOLD;
    decomposed(args, &options, |_, _, parts| {
        let mut out = String::new();
        write_reals(parts.seasonal.iter().copied(), &mut out);
        Ok(out)
    })
}

fn series_decompose_packed(args: &Args) -> Result<ArrayRef> {
    let options = Options::new(args, "series_decompose", [1, 2, 3, 4])?;
    decomposed(args, &options, |_, values, parts| Ok(parts.write(values)))
}

fn series_decompose_forecast_packed(args: &Args) -> Result<ArrayRef> {
    let options = Options::new(args, "series_decompose_forecast", [2, 3, 1, 4])?;
    decomposed(args, &options, |_, values, parts| Ok(parts.write(values)))
}

fn series_decompose_anomalies_packed(args: &Args) -> Result<ArrayRef> {
    let function = "series_decompose_anomalies";
    let options = Options::new(args, function, [2, 3, 4, 6])?;
    let thresholds = args.reader::<Option<f64>>(1)?;
    let methods = args.reader::<Option<&str>>(5)?;
    if let Some(method) = args.constant_str(5) {
        Test::named(method, function)?;
    }
    decomposed(args, &options, |row, values, parts| {
        let threshold = thresholds.get(row).flatten().unwrap_or(1.5);
        let test = Test::named(methods.get(row).flatten().unwrap_or("ctukey"), function)?;
        let residual: Vec<Option<f64>> = parts.residual(values).map(Some).collect();
        let scores = test.scores(&residual, parts.learned);
        let flag = |score: &f64| {
            Some(Number::Long(i64::from(*score > threshold) - i64::from(*score < -threshold)))
        };
        let mut out = String::from("[");
        write_numbers(scores.iter().map(flag), &mut out);
        out.push(',');
        write_reals(scores.iter().copied(), &mut out);
        out.push(',');
        write_reals(parts.baseline(), &mut out);
        out.push(']');
        Ok(out)
    })
}
