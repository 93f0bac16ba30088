//! Timelines cut into bins of equal steps or of calendar periods.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use std::cmp::Ordering;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::types::Value;
use crate::types::datetime::{self, Civil, Period};

/// A place on a timeline: a whole number or ticks, or a real.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instant {
    Whole(i64),
    Real(f64),
}

impl Instant {
    /// The place that a value names.
    pub fn of(value: &Value) -> Option<Instant> {
        match value {
            Value::Real(real) => Some(Instant::Real(*real)),
            other => other.as_i64().map(Instant::Whole),
        }
    }

    /// The distance from `earlier`; both are places on one timeline.
    pub fn since(self, earlier: Instant) -> Instant {
        match (self, earlier) {
            (Instant::Whole(a), Instant::Whole(b)) => Instant::Whole(a.saturating_sub(b)),
            (a, b) => Instant::Real(a.real() - b.real()),
        }
    }

    /// The order along the timeline.
    pub fn order(self, other: Instant) -> Ordering {
        match (self, other) {
            (Instant::Whole(a), Instant::Whole(b)) => a.cmp(&b),
            (a, b) => a.real().total_cmp(&b.real()),
        }
    }

    fn real(self) -> f64 {
        match self {
            Instant::Whole(whole) => whole as f64,
            Instant::Real(real) => real,
        }
    }
}

/// A constant argument as a place or distance on a timeline.
pub fn instant(constants: &[Value], index: usize) -> Result<Instant> {
    let found = constants.get(index).and_then(Instant::of);
    found.ok_or_else(|| Error::Internal(format!("constant {index} is no instant")))
}

/// A column as places on a timeline, null-free.
pub fn instants(column: &ArrayRef) -> Result<Vec<Instant>> {
    if column.null_count() > 0 {
        return Err(Error::Internal("a timeline has nulls".into()));
    }
    Ok(match column.data_type() {
        DataType::Int32 => {
            let values = column.as_primitive::<Int32Type>().values();
            values.iter().map(|value| Instant::Whole(i64::from(*value))).collect()
        }
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>().values();
            values.iter().map(|value| Instant::Whole(*value)).collect()
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>().values();
            values.iter().map(|value| Instant::Real(*value)).collect()
        }
        other => return Err(Error::Internal(format!("{other} is no timeline"))),
    })
}

/// A column of places on a timeline, of the type that the timeline had.
pub fn column(instants: &[Instant], ty: &DataType) -> ArrayRef {
    let whole = |instant: &Instant| match instant {
        Instant::Whole(whole) => *whole,
        Instant::Real(real) => *real as i64,
    };
    match ty {
        DataType::Int32 => {
            let narrow = |instant| i32::try_from(whole(instant)).ok();
            Arc::new(Int32Array::from_iter(instants.iter().map(narrow)))
        }
        DataType::Float64 => {
            Arc::new(Float64Array::from_iter_values(instants.iter().map(|i| i.real())))
        }
        _ => Arc::new(Int64Array::from_iter_values(instants.iter().map(whole))),
    }
}

/// How a timeline is cut into bins, which are numbered.
#[derive(Clone, Copy, Debug)]
pub enum Axis {
    /// Bin 0 begins at `origin`.
    Whole { origin: i64, step: i64 },
    /// As `Whole`.
    Real { origin: f64, step: f64 },
    /// Bin 0 is the period that holds `origin`.
    Calendar { origin: i64, period: Period },
}

impl Axis {
    /// An axis whose bin 0 begins at `origin` (an instant of the timeline's type); `step` is a
    /// distance, or the name of a period.
    pub fn new(origin: Instant, step: &Value) -> Result<Axis> {
        let refused = || Error::Execution("the step of a timeline must be positive".into());
        if let Some(name) = step.as_str() {
            let period = period(name).ok_or_else(refused)?;
            return match origin {
                Instant::Whole(origin) => Ok(Axis::Calendar { origin, period }),
                Instant::Real(_) => Err(refused()),
            };
        }
        match (origin, Instant::of(step)) {
            (Instant::Whole(origin), Some(Instant::Whole(step))) if step > 0 => {
                Ok(Axis::Whole { origin, step })
            }
            (Instant::Real(origin), Some(Instant::Real(step))) if step > 0.0 => {
                Ok(Axis::Real { origin, step })
            }
            _ => Err(refused()),
        }
    }

    /// The bin that holds a place.
    pub fn bin(self, instant: Instant) -> i64 {
        match (self, instant) {
            (Axis::Whole { origin, step }, Instant::Whole(at)) => {
                (i128::from(at) - i128::from(origin)).div_euclid(i128::from(step)) as i64
            }
            (Axis::Real { origin, step }, at) => ((at.real() - origin) / step).floor() as i64,
            (Axis::Calendar { origin, period }, Instant::Whole(at)) => {
                number(period, at) - number(period, origin)
            }
            (_, Instant::Real(at)) => self.bin(Instant::Whole(at as i64)),
        }
    }

    /// Where a bin begins.
    pub fn start(self, bin: i64) -> Instant {
        match self {
            Axis::Whole { origin, step } => {
                Instant::Whole(origin.saturating_add(bin.saturating_mul(step)))
            }
            Axis::Real { origin, step } => Instant::Real(origin + bin as f64 * step),
            Axis::Calendar { origin, period } => {
                Instant::Whole(datetime::start_of(period, origin, bin).unwrap_or(datetime::MAX))
            }
        }
    }

    /// The last bin, up to `most`, from which a lookback still reaches `bin`. A lookback counts in
    /// whole bins, at least one; of calendar periods it reaches those that begin less than itself
    /// before.
    pub fn last_reaching(self, bin: i64, lookback: Instant, most: i64) -> i64 {
        let bins = match (self, lookback) {
            (Axis::Whole { step, .. }, Instant::Whole(lookback)) => lookback / step,
            (Axis::Real { step, .. }, lookback) => (lookback.real() / step).floor() as i64,
            (_, lookback) => {
                let start = self.start(bin);
                let reaches =
                    |last: i64| self.start(last).since(start).order(lookback) == Ordering::Less;
                let mut last = bin;
                while last < most && reaches(last + 1) {
                    last += 1;
                }
                return last;
            }
        };
        bin.saturating_add(bins.max(1) - 1).min(most)
    }
}

/// The period that a step's name means.
pub fn period(name: &str) -> Option<Period> {
    match name {
        "week" => Some(Period::Week),
        "month" => Some(Period::Month),
        "year" => Some(Period::Year),
        _ => None,
    }
}

/// The number of a period since the first one.
fn number(period: Period, ticks: i64) -> i64 {
    let day = ticks.div_euclid(datetime::TICKS_PER_DAY);
    let civil = || Civil::from_ticks(ticks);
    match period {
        Period::Day => day,
        Period::Week => (day - datetime::day_of_week(ticks)).div_euclid(7),
        Period::Month => civil().year * 12 + civil().month,
        Period::Year => civil().year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Instant {
        Instant::Whole(datetime::parse(text).unwrap())
    }

    #[test]
    fn bins_begin_at_the_origin() {
        let axis = Axis::new(day("2018-07-01"), &Value::TimeSpan(7 * datetime::TICKS_PER_DAY));
        let axis = axis.unwrap();
        assert_eq!(axis.bin(day("2018-07-07T23:59")), 0);
        assert_eq!(axis.bin(day("2018-07-08")), 1);
        assert_eq!(axis.bin(day("2018-06-30")), -1);
        assert_eq!(axis.start(2), day("2018-07-15"));
        let days = |n: i64| Instant::Whole(n * datetime::TICKS_PER_DAY);
        assert_eq!(axis.last_reaching(5, days(21), 100), 7);
        assert_eq!(axis.last_reaching(5, days(20), 100), 6);
        assert_eq!(axis.last_reaching(5, days(1), 100), 5);
        assert_eq!(axis.last_reaching(5, days(21), 6), 6);
    }

    #[test]
    fn calendar_periods() {
        let axis = Axis::new(day("2018-07-15"), &Value::String("month".into())).unwrap();
        assert_eq!(axis.bin(day("2018-07-01")), 0);
        assert_eq!(axis.bin(day("2019-01-31")), 6);
        assert_eq!(axis.start(6), day("2019-01-01"));
        let week = Axis::new(day("2018-07-04"), &Value::String("week".into())).unwrap();
        assert_eq!(week.start(0), day("2018-07-01"));
        assert_eq!(week.bin(day("2018-07-07")), 0);
        assert_eq!(week.bin(day("2018-07-08")), 1);
        let days = Instant::Whole(15 * datetime::TICKS_PER_DAY);
        assert_eq!(week.last_reaching(1, days, 9), 3);
    }
}
