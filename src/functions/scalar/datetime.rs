//! Parts, floors, differences and construction of datetimes.

use arrow::array::{ArrayRef, Int64Builder};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::Type;
use crate::types::datetime::{
    self, Civil, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, UNIX_EPOCH,
    add_months, checked, day_of_week, day_of_year, end_of, quarter, start_of, week_of_year,
};

scalar_functions! {
    family: DateTime;

    /// The time at which the query runs, the same throughout, moved by an offset if one is given.
    ///
    /// ```kql
    /// print now() == now()                 //=> true
    /// print now(-5m) == ago(5m)            //=> true
    /// ```
    NOW = "now", volatility Stable {
        ([offset: TimeSpan]) -> DateTime => binder;
    }

    /// The time at which the query runs less a timespan.
    ///
    /// ```kql
    /// print ago(1d) == now() - 1d          //=> true
    /// ```
    AGO = "ago", volatility Stable {
        (timespan: TimeSpan) -> DateTime => binder;
    }

    /// When a row was ingested; files do not record it.
    ///
    /// ```kql
    /// print isnull(ingestion_time())       //=> true
    /// ```
    INGESTION_TIME = "ingestion_time", volatility Stable {
        () -> DateTime => binder;
    }

    /// The start of the day, moved by a number of days.
    ///
    /// ```kql
    /// print startofday(datetime(2024-02-29 10:30))         //=> 2024-02-29T00:00:00.0000000Z
    /// print startofday(datetime(2024-02-29 10:30), 1)      //=> 2024-03-01T00:00:00.0000000Z
    /// ```
    STARTOFDAY = "startofday", name First {
        (date: DateTime, [offset: Long]) -> DateTime => startofday;
    }

    /// The start of the week, a Sunday, moved by a number of weeks.
    ///
    /// ```kql
    /// print startofweek(datetime(2024-02-29 10:30))        //=> 2024-02-25T00:00:00.0000000Z
    /// ```
    STARTOFWEEK = "startofweek" {
        (date: DateTime, [offset: Long]) -> DateTime => startofweek;
    }

    /// The start of the month, moved by a number of months.
    ///
    /// ```kql
    /// print startofmonth(datetime(2024-02-29 10:30), -1)   //=> 2024-01-01T00:00:00.0000000Z
    /// ```
    STARTOFMONTH = "startofmonth" {
        (date: DateTime, [offset: Long]) -> DateTime => startofmonth;
    }

    /// The start of the year, moved by a number of years.
    ///
    /// ```kql
    /// print startofyear(datetime(2024-02-29 10:30))        //=> 2024-01-01T00:00:00.0000000Z
    /// ```
    STARTOFYEAR = "startofyear" {
        (date: DateTime, [offset: Long]) -> DateTime => startofyear;
    }

    /// The last tick of the day, moved by a number of days.
    ///
    /// ```kql
    /// print endofday(datetime(2024-02-29 10:30))           //=> 2024-02-29T23:59:59.9999999Z
    /// ```
    ENDOFDAY = "endofday" {
        (date: DateTime, [offset: Long]) -> DateTime => endofday;
    }

    /// The last tick of the week, on a Saturday, moved by a number of weeks.
    ///
    /// ```kql
    /// print endofweek(datetime(2024-02-29 10:30))          //=> 2024-03-02T23:59:59.9999999Z
    /// ```
    ENDOFWEEK = "endofweek" {
        (date: DateTime, [offset: Long]) -> DateTime => endofweek;
    }

    /// The last tick of the month, moved by a number of months.
    ///
    /// ```kql
    /// print endofmonth(datetime(2024-01-31), 1)            //=> 2024-02-29T23:59:59.9999999Z
    /// ```
    ENDOFMONTH = "endofmonth" {
        (date: DateTime, [offset: Long]) -> DateTime => endofmonth;
    }

    /// The last tick of the year, moved by a number of years.
    ///
    /// ```kql
    /// print endofyear(datetime(2024-02-29))                //=> 2024-12-31T23:59:59.9999999Z
    /// ```
    ENDOFYEAR = "endofyear" {
        (date: DateTime, [offset: Long]) -> DateTime => endofyear;
    }

    /// The time since the start of the last Sunday in whole days, as a timespan.
    ///
    /// ```kql
    /// print dayofweek(datetime(2024-02-29))                //=> 4.00:00:00
    /// ```
    DAYOFWEEK = "dayofweek" {
        (date: DateTime) -> TimeSpan => dayofweek;
    }

    /// The day of the month, 1 to 31.
    ///
    /// ```kql
    /// print dayofmonth(datetime(2024-02-29))               //=> 29
    /// ```
    DAYOFMONTH = "dayofmonth" {
        (date: DateTime) -> Int => dayofmonth;
    }

    /// The day of the year, 1 to 366.
    ///
    /// ```kql
    /// print dayofyear(datetime(2024-02-29))                //=> 60
    /// ```
    DAYOFYEAR = "dayofyear" {
        (date: DateTime) -> Int => dayofyear;
    }

    /// The hour of the day, 0 to 23.
    ///
    /// ```kql
    /// print hourofday(datetime(2024-02-29 10:30))          //=> 10
    /// ```
    HOUROFDAY = "hourofday" {
        (date: DateTime) -> Int => hourofday;
    }

    /// The month of the year, 1 to 12.
    ///
    /// ```kql
    /// print getmonth(datetime(2024-02-29))                 //=> 2
    /// ```
    MONTHOFYEAR = "monthofyear" | "getmonth" {
        (date: DateTime) -> Int => monthofyear;
    }

    /// The year.
    ///
    /// ```kql
    /// print getyear(datetime(2024-02-29))                  //=> 2024
    /// ```
    GETYEAR = "getyear" {
        (date: DateTime) -> Int => getyear;
    }

    /// The week of the year by ISO 8601, 1 to 53.
    ///
    /// ```kql
    /// print week_of_year(datetime(2023-01-01))             //=> 52
    /// ```
    WEEK_OF_YEAR = "week_of_year" | "weekofyear" {
        (date: DateTime) -> Int => iso_week;
    }

    /// One part of a datetime, named by a constant.
    ///
    /// Parts: `year`, `quarter`, `month`, `week_of_year`, `day`, `dayofyear`, `hour`, `minute`,
    /// `second`, `millisecond`, `microsecond`, `nanosecond`. The parts below a second count the
    /// whole fraction.
    ///
    /// ```kql
    /// print datetime_part('quarter', datetime(2024-02-29))                         //=> 1
    /// print datetime_part('millisecond', datetime(2024-02-29 10:30:00.7654321))    //=> 765
    /// ```
    DATETIME_PART = "datetime_part" | "datepart" {
        (const part: String, date: DateTime) -> Int => datetime_part;
    }

    /// A datetime moved by a number of calendar periods.
    ///
    /// Periods: `year`, `quarter`, `month`, `week`, `day`, `hour`, `minute`, `second`,
    /// `millisecond`, `microsecond`, `nanosecond`. A day that the month lacks becomes its last.
    ///
    /// ```kql
    /// print datetime_add('month', 1, datetime(2024-01-31))         //=> 2024-02-29T00:00:00.0000000Z
    /// print datetime_add('hour', -1, datetime(2024-01-01))         //=> 2023-12-31T23:00:00.0000000Z
    /// ```
    DATETIME_ADD = "datetime_add" {
        (const period: String, amount: Long, datetime: DateTime) -> DateTime => datetime_add;
    }

    /// How many boundaries of a calendar period lie between two datetimes, the first less the second.
    ///
    /// Periods as for `datetime_add`. Weeks start on Sunday, and their number is a real.
    ///
    /// ```kql
    /// print datetime_diff('year', datetime(2024-01-01), datetime(2023-12-31))      //=> 1
    /// print datetime_diff('minute', datetime(2024-01-01 00:05:01), datetime(2024-01-01 00:00:59))   //=> 5
    /// ```
    DATETIME_DIFF = "datetime_diff" {
        (const period: String, first: DateTime, second: DateTime) -> Long => datetime_diff;
    }

    /// `datetime_diff` for weeks, whose number is a real. It cannot be called by this name.
    ///
    /// ```kql
    /// print datetime_diff('week', datetime(2020-01-15), datetime(2020-01-01))      //=> 2.0
    /// ```
    DATETIME_DIFF_WEEKS = "datetime_diff week" {
        (const period: String, first: DateTime, second: DateTime) -> Real => datetime_diff_weeks;
    }

    /// A datetime from its parts; null where they are no datetime. One argument is converted.
    ///
    /// ```kql
    /// print make_datetime(2024, 2, 29)                         //=> 2024-02-29T00:00:00.0000000Z
    /// print make_datetime(2024, 2, 29, 10, 30)                 //=> 2024-02-29T10:30:00.0000000Z
    /// print make_datetime(2024, 2, 29, 10, 30, 12.5)           //=> 2024-02-29T10:30:12.5000000Z
    /// print make_datetime('2024-02-29')                        //=> 2024-02-29T00:00:00.0000000Z
    /// print make_datetime(2023, 2, 29)                         //=> null
    /// ```
    MAKE_DATETIME = "make_datetime" {
        (value: Scalar) -> DateTime => convert_datetime;
        (year: Number, month: Number, day: Number, [hour: Number], [minute: Number], [second: Number])
            -> DateTime => make_datetime;
    }

    /// The datetime some seconds after 1970-01-01.
    ///
    /// ```kql
    /// print unixtime_seconds_todatetime(1709164800)            //=> 2024-02-29T00:00:00.0000000Z
    /// ```
    UNIXTIME_SECONDS = "unixtime_seconds_todatetime" {
        (seconds: Number) -> DateTime => unixtime_seconds;
    }

    /// The datetime some milliseconds after 1970-01-01.
    ///
    /// ```kql
    /// print unixtime_milliseconds_todatetime(1709164800000)    //=> 2024-02-29T00:00:00.0000000Z
    /// ```
    UNIXTIME_MILLISECONDS = "unixtime_milliseconds_todatetime" {
        (milliseconds: Number) -> DateTime => unixtime_milliseconds;
    }

    /// The datetime some microseconds after 1970-01-01.
    ///
    /// ```kql
    /// print unixtime_microseconds_todatetime(1709164800000000) //=> 2024-02-29T00:00:00.0000000Z
    /// ```
    UNIXTIME_MICROSECONDS = "unixtime_microseconds_todatetime" {
        (microseconds: Number) -> DateTime => unixtime_microseconds;
    }

    /// The datetime some nanoseconds after 1970-01-01.
    ///
    /// ```kql
    /// print unixtime_nanoseconds_todatetime(1709164800000000000)   //=> 2024-02-29T00:00:00.0000000Z
    /// ```
    UNIXTIME_NANOSECONDS = "unixtime_nanoseconds_todatetime" {
        (nanoseconds: Number) -> DateTime => unixtime_nanoseconds;
    }
}

fn start(args: &Args, period: datetime::Period) -> Result<ArrayRef> {
    args.map2(|ticks: i64, offset: Option<i64>| start_of(period, ticks, offset.unwrap_or(0)))
}

fn end(args: &Args, period: datetime::Period) -> Result<ArrayRef> {
    args.map2(|ticks: i64, offset: Option<i64>| end_of(period, ticks, offset.unwrap_or(0)))
}

macro_rules! periods {
    ($($start:ident $end:ident $period:ident;)+) => {
        $(
            fn $start(args: &Args) -> Result<ArrayRef> {
                start(args, datetime::Period::$period)
            }

            fn $end(args: &Args) -> Result<ArrayRef> {
                end(args, datetime::Period::$period)
            }
        )+
    };
}

periods! {
    startofday endofday Day;
    startofweek endofweek Week;
    startofmonth endofmonth Month;
    startofyear endofyear Year;
}

fn dayofweek(args: &Args) -> Result<ArrayRef> {
    // Kusto's answer for the last day of the range is null.
    const LAST: i64 = datetime::MAX - datetime::MAX % TICKS_PER_DAY;
    args.map1(|ticks: i64| (ticks < LAST).then(|| day_of_week(ticks) * TICKS_PER_DAY))
}

macro_rules! date_parts {
    ($($kernel:ident $part:expr;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                let part: fn(i64) -> i64 = $part;
                args.map1(|ticks: i64| part(ticks) as i32)
            }
        )+
    };
}

date_parts! {
    dayofmonth |ticks| Civil::from_ticks(ticks).day;
    dayofyear day_of_year;
    hourofday |ticks| ticks.rem_euclid(TICKS_PER_DAY) / TICKS_PER_HOUR;
    monthofyear |ticks| Civil::from_ticks(ticks).month;
    getyear |ticks| Civil::from_ticks(ticks).year;
    iso_week week_of_year;
}

/// The name of a part or period: a constant, in any case.
fn part_name(args: &Args, function: &str) -> Result<String> {
    args.constant_str(0).map(str::to_ascii_lowercase).ok_or_else(|| {
        Error::Execution(format!("the first argument of `{function}` must be a constant"))
    })
}

fn unknown_part(function: &str, part: &str) -> Error {
    Error::Execution(format!("`{function}` does not know the part `{part}`"))
}

fn datetime_part(args: &Args) -> Result<ArrayRef> {
    let name = part_name(args, "datetime_part")?;
    let fraction = |ticks: i64| ticks.rem_euclid(TICKS_PER_SECOND);
    let part: &dyn Fn(i64) -> i64 = match &*name {
        "year" => &|ticks| Civil::from_ticks(ticks).year,
        "quarter" => &quarter,
        "month" => &|ticks| Civil::from_ticks(ticks).month,
        "week_of_year" | "weekofyear" => &week_of_year,
        "day" => &|ticks| Civil::from_ticks(ticks).day,
        "dayofyear" => &day_of_year,
        "hour" => &|ticks| ticks.rem_euclid(TICKS_PER_DAY) / TICKS_PER_HOUR,
        "minute" => &|ticks| ticks.rem_euclid(TICKS_PER_HOUR) / TICKS_PER_MINUTE,
        "second" => &|ticks| ticks.rem_euclid(TICKS_PER_MINUTE) / TICKS_PER_SECOND,
        "millisecond" => &|ticks| fraction(ticks) / 10_000,
        "microsecond" => &|ticks| fraction(ticks) / 10,
        "nanosecond" => &|ticks| fraction(ticks) * 100,
        _ => return Err(unknown_part("datetime_part", &name)),
    };
    args.map2(|_: &str, ticks: i64| part(ticks) as i32)
}

/// A period of the calendar, or one of fixed length.
enum Period {
    Months(i64),
    Weeks,
    Ticks(i64),
    Nanoseconds,
}

fn period(args: &Args, function: &str) -> Result<Period> {
    let name = part_name(args, function)?;
    Ok(match &*name {
        "year" => Period::Months(12),
        "quarter" => Period::Months(3),
        "month" => Period::Months(1),
        "week" => Period::Weeks,
        "day" => Period::Ticks(TICKS_PER_DAY),
        "hour" => Period::Ticks(TICKS_PER_HOUR),
        "minute" => Period::Ticks(TICKS_PER_MINUTE),
        "second" => Period::Ticks(TICKS_PER_SECOND),
        "millisecond" => Period::Ticks(10_000),
        "microsecond" => Period::Ticks(10),
        "nanosecond" => Period::Nanoseconds,
        _ => return Err(unknown_part(function, &name)),
    })
}

fn datetime_add(args: &Args) -> Result<ArrayRef> {
    let period = period(args, "datetime_add")?;
    args.map3(|_: &str, amount: i64, ticks: i64| {
        let length = match period {
            Period::Months(months) => return add_months(ticks, amount.checked_mul(months)?),
            Period::Nanoseconds => return ticks.checked_add(amount / 100).and_then(checked),
            Period::Weeks => 7 * TICKS_PER_DAY,
            Period::Ticks(length) => length,
        };
        ticks.checked_add(amount.checked_mul(length)?).and_then(checked)
    })
}

/// Boundaries between two moments.
fn boundaries(period: &Period, first: i64, second: i64) -> Option<i64> {
    match period {
        Period::Months(months) => {
            let number = |ticks| {
                let civil = Civil::from_ticks(ticks);
                (civil.year * 12 + civil.month - 1).div_euclid(*months)
            };
            Some(number(first) - number(second))
        }
        Period::Weeks => {
            let number = |ticks: i64| (ticks.div_euclid(TICKS_PER_DAY) + 1).div_euclid(7);
            Some(number(first) - number(second))
        }
        Period::Ticks(length) => Some(first.div_euclid(*length) - second.div_euclid(*length)),
        Period::Nanoseconds => (first - second).checked_mul(100),
    }
}

fn datetime_diff(args: &Args) -> Result<ArrayRef> {
    let period = period(args, "datetime_diff")?;
    args.map3(|_: &str, first: i64, second: i64| boundaries(&period, first, second))
}

fn datetime_diff_weeks(args: &Args) -> Result<ArrayRef> {
    args.map3(|_: &str, first: i64, second: i64| {
        boundaries(&Period::Weeks, first, second).map(|weeks| weeks as f64)
    })
}

fn convert_datetime(args: &Args) -> Result<ArrayRef> {
    super::conversion::todatetime(args)
}

/// Seconds as ticks, cut below a tick; doubles next to a whole tick count as that tick.
pub(super) fn seconds_to_ticks(seconds: f64) -> i64 {
    let ticks = seconds * TICKS_PER_SECOND as f64;
    let nearest = ticks.round();
    if (ticks - nearest).abs() < 1e-3 { nearest as i64 } else { ticks as i64 }
}

fn make_datetime(args: &Args) -> Result<ArrayRef> {
    let readers =
        (0..6).map(|index| args.reader::<Option<f64>>(index)).collect::<Result<Vec<_>>>()?;
    let mut builder = Int64Builder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let part = |index: usize| match readers[index].get(row).flatten() {
            Some(value) => value.is_finite().then_some(value),
            None => (index >= args.len()).then_some(0.0),
        };
        let moment = || {
            let whole = |index| part(index).map(|value| value as i64);
            let second = part(5).filter(|second| (0.0..60.0).contains(second))?;
            let ticks = seconds_to_ticks(second);
            let date = Civil::date(whole(0)?, whole(1)?, whole(2)?);
            let clock = Civil { hour: whole(3)?, minute: whole(4)?, ..date };
            clock.to_ticks()?.checked_add(ticks)
        };
        builder.append_option(moment().and_then(checked));
    }
    Ok(Arc::new(builder.finish()))
}

fn unixtime(args: &Args, ticks: i64, per_tick: i64) -> Result<ArrayRef> {
    if matches!(args.ty(0), Type::Real | Type::Decimal) {
        return args.map1(|value: f64| {
            let ticks = value * ticks as f64 / per_tick as f64;
            let ticks = (ticks.abs() < 9e18).then(|| ticks.floor() as i64)?;
            ticks.checked_add(UNIX_EPOCH).and_then(checked)
        });
    }
    args.map1(|value: i64| {
        let ticks = value.checked_mul(ticks)?.div_euclid(per_tick);
        ticks.checked_add(UNIX_EPOCH).and_then(checked)
    })
}

fn unixtime_seconds(args: &Args) -> Result<ArrayRef> {
    unixtime(args, TICKS_PER_SECOND, 1)
}

fn unixtime_milliseconds(args: &Args) -> Result<ArrayRef> {
    unixtime(args, 10_000, 1)
}

fn unixtime_microseconds(args: &Args) -> Result<ArrayRef> {
    unixtime(args, 10, 1)
}

fn unixtime_nanoseconds(args: &Args) -> Result<ArrayRef> {
    unixtime(args, 1, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: i64, day: i64, clock: i64) -> i64 {
        Civil::date(year, month, day).to_ticks().unwrap() + clock
    }

    #[test]
    fn boundaries_are_counted() {
        let hours = |n: i64| n * TICKS_PER_HOUR;
        let cases = [
            (Period::Months(12), at(2017, 1, 1, 0), at(2000, 12, 31, 0), 17),
            (Period::Months(3), at(2017, 7, 1, 0), at(2017, 3, 30, 0), 2),
            (Period::Months(1), at(2017, 1, 1, 0), at(2015, 12, 30, 0), 13),
            (Period::Weeks, at(2017, 10, 29, 0), at(2017, 9, 30, hours(23)), 5),
            (Period::Ticks(TICKS_PER_DAY), at(2017, 10, 29, 0), at(2017, 9, 30, hours(23)), 29),
            (
                Period::Ticks(TICKS_PER_HOUR),
                at(2017, 10, 31, hours(1)),
                at(2017, 10, 30, hours(23)),
                2,
            ),
            (Period::Nanoseconds, at(2020, 1, 1, 0), at(2020, 1, 1, 7), -700),
        ];
        for (index, (period, first, second, expected)) in cases.into_iter().enumerate() {
            assert_eq!(boundaries(&period, first, second), Some(expected), "case {index}");
        }
    }

    #[test]
    fn fractions_of_seconds_are_whole_ticks() {
        assert_eq!(seconds_to_ticks(59.999_999_9), 599_999_999);
        assert_eq!(seconds_to_ticks(1.000_000_06), 10_000_000);
    }

    #[test]
    fn moments_from_parts() {
        use arrow::array::{Array, AsArray, Int64Array, StringViewArray};
        let long = |value| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
        let make = |parts: &[Option<i64>]| {
            let arrays: Vec<_> = parts.iter().copied().map(long).collect();
            let types = vec![Type::Long; parts.len()];
            let scalars = vec![true; parts.len()];
            let made = make_datetime(&Args::new(&arrays, &scalars, &types, 1)).unwrap();
            let made = made.as_primitive::<arrow::datatypes::Int64Type>();
            made.is_valid(0).then(|| made.value(0))
        };
        let day = at(2020, 2, 29, 0);
        assert_eq!(make(&[Some(2020), Some(2), Some(29)]), Some(day));
        let late = day + 23 * TICKS_PER_HOUR + 59 * TICKS_PER_MINUTE;
        assert_eq!(make(&[Some(2020), Some(2), Some(29), Some(23), Some(59)]), Some(late));
        assert_eq!(make(&[Some(2021), Some(2), Some(29)]), None);
        assert_eq!(make(&[Some(2020), Some(2), Some(29), Some(24), Some(0)]), None);
        assert_eq!(make(&[Some(2020), None, Some(29)]), None);

        let part = |name: &str| {
            let name: ArrayRef = Arc::new(StringViewArray::from(vec![name]));
            let arrays = [name, long(Some(day + 7_654_321))];
            let types = [Type::String, Type::DateTime];
            let found = datetime_part(&Args::new(&arrays, &[true, true], &types, 1)).ok()?;
            Some(found.as_primitive::<arrow::datatypes::Int32Type>().value(0))
        };
        assert_eq!(part("dayOfYear"), Some(60));
        assert_eq!(part("millisecond"), Some(765));
        assert_eq!(part("nanosecond"), Some(765_432_100));
        assert_eq!(part("week"), None);
    }
}
