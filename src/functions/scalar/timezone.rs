//! Conversion between UTC and the local times of the IANA zones.

use arrow::array::{ArrayRef, Int64Builder, StringViewArray};
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::datetime::{TICKS_PER_SECOND, UNIX_EPOCH, checked};

scalar_functions! {
    family: DateTime;

    /// The local time of a zone at a moment in UTC.
    ///
    /// Zones go by their IANA names; an unknown name is an error.
    ///
    /// ```kql
    /// print datetime_utc_to_local(datetime(2024-07-01 12:00), 'Europe/Berlin')     //=> 2024-07-01T14:00:00.0000000Z
    /// ```
    DATETIME_UTC_TO_LOCAL = "datetime_utc_to_local" {
        (from: DateTime, timezone: String) -> DateTime => utc_to_local;
    }

    /// The moment in UTC at a local time of a zone.
    ///
    /// A local time that the change to summer time skips is read with the offset after the change;
    /// one that occurs twice is its first occurrence.
    ///
    /// ```kql
    /// print datetime_local_to_utc(datetime(2024-07-01 14:00), 'Europe/Berlin')     //=> 2024-07-01T12:00:00.0000000Z
    /// ```
    DATETIME_LOCAL_TO_UTC = "datetime_local_to_utc" {
        (from: DateTime, timezone: String) -> DateTime => local_to_utc;
    }

    /// The names of all zones, as an array.
    ///
    /// ```kql
    /// print set_has_element(datetime_list_timezones(), 'Europe/Berlin')     //=> true
    /// ```
    DATETIME_LIST_TIMEZONES = "datetime_list_timezones" {
        () -> Dynamic => list_timezones;
    }
}

fn zone(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| Error::Execution(format!("`{name}` is not the name of a time zone")))
}

fn convert(args: &Args, shift: fn(Tz, &NaiveDateTime) -> Option<i64>) -> Result<ArrayRef> {
    let constant = args.constant_str(1).map(zone).transpose()?;
    let (times, zones) = (args.reader::<i64>(0)?, args.reader::<&str>(1)?);
    let mut last: Option<(&str, Tz)> = None;
    let mut builder = Int64Builder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let (Some(ticks), Some(name)) = (times.get(row), zones.get(row)) else {
            builder.append_null();
            continue;
        };
        let zone = match (constant, last) {
            (Some(zone), _) => zone,
            (None, Some((known, zone))) if known == name => zone,
            (None, _) => {
                let found = zone(name)?;
                last = Some((name, found));
                found
            }
        };
        let seconds = (ticks - UNIX_EPOCH).div_euclid(TICKS_PER_SECOND);
        let moved = DateTime::from_timestamp(seconds, 0)
            .and_then(|time| shift(zone, &time.naive_utc()))
            .and_then(|shift| checked(ticks + shift * TICKS_PER_SECOND));
        builder.append_option(moved);
    }
    Ok(Arc::new(builder.finish()))
}

fn offset_at_utc(zone: Tz, time: &NaiveDateTime) -> i64 {
    i64::from(zone.offset_from_utc_datetime(time).fix().local_minus_utc())
}

fn offset_at_local(zone: Tz, time: &NaiveDateTime) -> Option<i64> {
    Some(match zone.offset_from_local_datetime(time) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => {
            i64::from(offset.fix().local_minus_utc())
        }
        LocalResult::None => offset_at_utc(zone, &time.checked_add_signed(Duration::days(1))?),
    })
}

fn utc_to_local(args: &Args) -> Result<ArrayRef> {
    convert(args, |zone, time| Some(offset_at_utc(zone, time)))
}

fn local_to_utc(args: &Args) -> Result<ArrayRef> {
    convert(args, |zone, time| offset_at_local(zone, time).map(|offset| -offset))
}

fn list_timezones(args: &Args) -> Result<ArrayRef> {
    let names: Vec<&str> = TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    let json = serde_json::Value::from(names).to_string();
    Ok(Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n(json, args.rows()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn offsets_follow_the_zone() {
        let zone: Tz = "US/Pacific".parse().unwrap();
        let time = |month, day, hour| {
            NaiveDate::from_ymd_opt(2024, month, day).unwrap().and_hms_opt(hour, 30, 0).unwrap()
        };
        assert_eq!(offset_at_utc(zone, &time(1, 1, 12)), -8 * 3600);
        assert_eq!(offset_at_utc(zone, &time(7, 1, 12)), -7 * 3600);
        // The hour that is skipped in March and the one that comes twice in November.
        assert_eq!(offset_at_local(zone, &time(3, 10, 2)), Some(-7 * 3600));
        assert_eq!(offset_at_local(zone, &time(11, 3, 1)), Some(-7 * 3600));
    }
}
