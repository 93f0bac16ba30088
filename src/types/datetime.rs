//! Calendar arithmetic of datetime: ticks of 100 ns since 0001-01-01, no zone, no leap seconds.
//!
//! Text forms live in [`text`]; its functions are re-exported here.

mod text;

pub use text::{format, parse, parse_literal, write};

/// Ticks in a millisecond.
pub const TICKS_PER_MILLISECOND: i64 = 10_000;
/// Ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
/// Ticks in an hour.
pub const TICKS_PER_HOUR: i64 = 60 * TICKS_PER_MINUTE;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 24 * TICKS_PER_HOUR;
/// The ticks of 1970-01-01.
pub const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
/// The smallest datetime, 0001-01-01.
pub const MIN: i64 = 0;
/// The largest datetime, 9999-12-31T23:59:59.9999999.
pub const MAX: i64 = 3_155_378_975_999_999_999;

/// The ticks if they lie in the range of datetime.
pub fn checked(ticks: i64) -> Option<i64> {
    (MIN..=MAX).contains(&ticks).then_some(ticks)
}

/// `datetime ± timespan`: `None` outside the range of datetime.
pub fn checked_add(ticks: i64, span: i64) -> Option<i64> {
    ticks.checked_add(span).and_then(checked)
}

/// The parts of a datetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// 1 to 9999.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// Ticks within the second.
    pub tick: i64,
}

impl Civil {
    /// Midnight of a date.
    pub const fn date(year: i64, month: i64, day: i64) -> Civil {
        Civil { year, month, day, hour: 0, minute: 0, second: 0, tick: 0 }
    }

    /// The parts of a datetime.
    pub fn from_ticks(ticks: i64) -> Civil {
        let (year, month, day) = civil_from_days(ticks.div_euclid(TICKS_PER_DAY));
        let rest = ticks.rem_euclid(TICKS_PER_DAY);
        Civil {
            year,
            month,
            day,
            hour: rest / TICKS_PER_HOUR,
            minute: rest / TICKS_PER_MINUTE % 60,
            second: rest / TICKS_PER_SECOND % 60,
            tick: rest % TICKS_PER_SECOND,
        }
    }

    /// The datetime of these parts, `None` when a part is out of its range.
    pub fn to_ticks(self) -> Option<i64> {
        let valid = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..TICKS_PER_SECOND).contains(&self.tick);
        valid.then(|| {
            days_from_civil(self.year, self.month, self.day) * TICKS_PER_DAY
                + self.hour * TICKS_PER_HOUR
                + self.minute * TICKS_PER_MINUTE
                + self.second * TICKS_PER_SECOND
                + self.tick
        })
    }
}

/// Whether February of `year` has 29 days.
pub const fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The length of a month; `month` is 1 to 12.
pub const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 0001-01-01 to a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of its year.
    let y = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    y * 365 + y.div_euclid(4) - y.div_euclid(100)
        + y.div_euclid(400)
        + (153 * shifted + 2) / 5
        + day
        - 307
}

/// The date `days` after 0001-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 306;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let shifted = (5 * doy + 2) / 153;
    let day = doy - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// Moves by whole months; a day beyond the end of the month becomes its last day.
pub fn add_months(ticks: i64, months: i64) -> Option<i64> {
    let mut civil = Civil::from_ticks(ticks);
    let index = (civil.year * 12 + civil.month - 1).checked_add(months)?;
    civil.year = index.div_euclid(12);
    civil.month = index.rem_euclid(12) + 1;
    civil.day = civil.day.min(days_in_month(civil.year, civil.month));
    civil.to_ticks()
}

/// Moves by whole years; 29 February becomes the 28th where it must.
pub fn add_years(ticks: i64, years: i64) -> Option<i64> {
    add_months(ticks, years.checked_mul(12)?)
}

/// Days since the last Sunday, 0 to 6.
pub fn day_of_week(ticks: i64) -> i64 {
    (ticks.div_euclid(TICKS_PER_DAY) + 1).rem_euclid(7)
}

/// 1 to 366.
pub fn day_of_year(ticks: i64) -> i64 {
    let year = Civil::from_ticks(ticks).year;
    ticks.div_euclid(TICKS_PER_DAY) - days_from_civil(year, 1, 1) + 1
}

/// 1 to 4.
pub fn quarter(ticks: i64) -> i64 {
    (Civil::from_ticks(ticks).month + 2) / 3
}

/// The ISO 8601 week, 1 to 53: weeks start on Monday and belong to the year of their Thursday.
pub fn week_of_year(ticks: i64) -> i64 {
    let days = ticks.div_euclid(TICKS_PER_DAY);
    let thursday = days - days.rem_euclid(7) + 3;
    let (year, _, _) = civil_from_days(thursday);
    (thursday - days_from_civil(year, 1, 1)) / 7 + 1
}

/// A calendar period that datetimes are floored to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    /// Starts on Sunday.
    Week,
    Month,
    Year,
}

/// The first tick of the period that holds `ticks`, moved by `offset` periods.
pub fn start_of(period: Period, ticks: i64, offset: i64) -> Option<i64> {
    edge(period, ticks, offset).and_then(checked)
}

/// The last tick of the period that holds `ticks`, moved by `offset` periods.
pub fn end_of(period: Period, ticks: i64, offset: i64) -> Option<i64> {
    start_of(period, ticks, offset)?;
    edge(period, ticks, offset.checked_add(1)?).and_then(|next| checked(next - 1))
}

/// Like [`start_of`], reaching one period beyond the range.
fn edge(period: Period, ticks: i64, offset: i64) -> Option<i64> {
    let day = ticks.div_euclid(TICKS_PER_DAY);
    let days = match period {
        Period::Day => day.checked_add(offset)?,
        Period::Week => (day - day_of_week(ticks)).checked_add(offset.checked_mul(7)?)?,
        Period::Month | Period::Year => {
            let civil = Civil::from_ticks(ticks);
            let index = if period == Period::Month {
                (civil.year * 12 + civil.month - 1).checked_add(offset)?
            } else {
                civil.year.checked_add(offset)?.checked_mul(12)?
            };
            if !(0..=120_000).contains(&index) {
                return None;
            }
            days_from_civil(index.div_euclid(12), index.rem_euclid(12) + 1, 1)
        }
    };
    days.checked_mul(TICKS_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        parse(text).unwrap()
    }

    #[test]
    fn constants_agree() {
        assert_eq!(Civil::date(1970, 1, 1).to_ticks(), Some(UNIX_EPOCH));
        assert_eq!(Civil::date(2020, 1, 1).to_ticks(), Some(637_134_336_000_000_000));
        assert_eq!(Civil::date(1, 1, 1).to_ticks(), Some(MIN));
        assert_eq!(at("9999-12-31T23:59:59.9999999Z"), MAX);
    }

    #[test]
    fn every_day_survives_the_calendar() {
        let mut previous = (0, 12, 31);
        for day in 0..=MAX / TICKS_PER_DAY {
            let (y, m, d) = civil_from_days(day);
            assert!((y, m, d) > previous && d <= days_in_month(y, m));
            assert_eq!(days_from_civil(y, m, d), day);
            previous = (y, m, d);
        }
        assert_eq!(previous, (9999, 12, 31));
    }

    #[test]
    fn months_clamp() {
        for (from, months, to) in [
            ("2017-01-01", -15, Some("2015-10-01")),
            ("2020-01-31", 1, Some("2020-02-29")),
            ("2020-02-29", 12, Some("2021-02-28")),
            ("2020-11-30", 3, Some("2021-02-28")),
            ("9999-12-01", 1, None),
            ("0001-01-01", -1, None),
        ] {
            assert_eq!(add_months(at(from), months), to.map(at), "{from} {months}");
        }
        assert_eq!(add_years(at("2020-02-29"), 1), Some(at("2021-02-28")));
    }

    #[test]
    fn weeks() {
        for (date, week) in
            [("2016-01-01", 53), ("2018-12-31", 1), ("2023-01-01", 52), ("2020-06-15", 25)]
        {
            assert_eq!(week_of_year(at(date)), week, "{date}");
        }
        assert_eq!(day_of_week(at("1970-05-11")), 1);
        assert_eq!(day_of_week(at("1947-11-30")), 0);
        assert_eq!(day_of_week(MIN), 1);
        assert_eq!(day_of_year(at("2017-10-30")), 303);
    }

    #[test]
    fn periods() {
        let t = at("2017-01-01 10:10");
        assert_eq!(start_of(Period::Week, t, 0), Some(at("2017-01-01")));
        assert_eq!(start_of(Period::Month, t, -1), Some(at("2016-12-01")));
        assert_eq!(end_of(Period::Day, t, 0), Some(at("2017-01-01T23:59:59.9999999")));
        assert_eq!(end_of(Period::Year, MAX, 0), Some(MAX));
        assert_eq!(end_of(Period::Week, MAX, 0), None);
        assert_eq!(start_of(Period::Year, MIN, -1), None);
        assert_eq!(
            end_of(Period::Month, at("2020-01-31"), 1),
            Some(at("2020-02-29T23:59:59.9999999"))
        );
    }
}
