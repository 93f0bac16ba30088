//! Formats of datetimes and timespans, and timespans from their parts.

use arrow::array::{ArrayRef, Int64Builder};
use std::fmt::Write;
use std::sync::Arc;

use super::datetime::seconds_to_ticks;
use crate::error::{Defect, Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::datetime::{
    Civil, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND,
};

scalar_functions! {
    family: TimeSpan;

    /// A datetime as text, by a constant format.
    ///
    /// Elements: `d dd` day, `M MM` month, `y yy yyyy` year, `h hh` hour of twelve, `H HH` hour,
    /// `m mm` minute, `s ss` second, `f` to `fffffff` fraction, `F` to `FFFFFFF` fraction unless it
    /// is zero, `tt` AM or PM. Delimiters: blank and `/ - : , . _ [ ]`.
    ///
    /// ```kql
    /// print format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [hh:mm:ss tt]')   //=> 17-01-29 [09:00:05 AM]
    /// ```
    FORMAT_DATETIME = "format_datetime", name First {
        (date: DateTime, const format: String) -> String => format_datetime;
    }

    /// A timespan as text, by a constant format.
    ///
    /// Elements: `d` to `dddddddd` days, `h hh` or `H HH` hours, `m mm` minutes, `s ss` seconds, `f`
    /// to `fffffff` fraction, `F` to `FFFFFFF` fraction unless the digits shown are zero. Delimiters
    /// as for `format_datetime`. A negative timespan starts with `-`.
    ///
    /// ```kql
    /// print format_timespan(29d + 9h + 5s, 'dd.hh:mm:ss')      //=> 29.09:00:05
    /// print format_timespan(-90m, 'hh:mm')                     //=> -01:30
    /// ```
    FORMAT_TIMESPAN = "format_timespan", name First {
        (timespan: TimeSpan, const format: String) -> String => format_timespan;
    }

    /// A timespan from its parts; null where they are out of range. One argument is converted.
    ///
    /// ```kql
    /// print make_timespan(2, 30)                   //=> 02:30:00
    /// print make_timespan(2, 30, 5)                //=> 02:30:05
    /// print make_timespan(1, 12, 30, 55.123)       //=> 1.12:30:55.1230000
    /// print make_timespan('01:00:00')              //=> 01:00:00
    /// print make_timespan(25, 70)                  //=> null
    /// ```
    MAKE_TIMESPAN = "make_timespan" {
        (value: Scalar) -> TimeSpan => convert_timespan;
        (hours: Number, minutes: Number, [seconds: Number]) -> TimeSpan => clock_timespan;
        (days: Number, hours: Number, minutes: Number, seconds: Number) -> TimeSpan => make_timespan;
    }
}

/// A piece of a format.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Literal(char),
    Year {
        digits: usize,
    },
    Month {
        digits: usize,
    },
    Day {
        digits: usize,
    },
    /// The hour of twelve.
    Hour12 {
        digits: usize,
    },
    Hour {
        digits: usize,
    },
    Minute {
        digits: usize,
    },
    Second {
        digits: usize,
    },
    Fraction {
        digits: usize,
    },
    /// A fraction that is left out when zero.
    OptionalFraction {
        digits: usize,
    },
    HalfOfDay,
}

fn invalid(function: &str, text: &str) -> Error {
    Error::Execution(format!("`{text}` cannot stand in a format of `{function}`"))
}

/// Cuts a format into pieces; runs longer than an element are read greedily.
fn pieces(format: &str, function: &str, timespan: bool) -> Result<Vec<Piece>> {
    if format.is_empty() {
        let message = format!("the format of `{function}` is empty");
        return Err(Error::argument(Defect::Empty, message));
    }
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if matches!(first, ' ' | '/' | '-' | ':' | ',' | '.' | '_' | '[' | ']') {
            pieces.push(Piece::Literal(first));
            rest = &rest[1..];
            continue;
        }
        let run = rest.chars().take_while(|&c| c == first).count();
        let longest = match first {
            'd' if timespan => 8,
            'f' | 'F' => 7,
            'y' => 4,
            _ => 2,
        };
        let digits = run.min(longest);
        let piece = match first {
            'd' => Piece::Day { digits },
            'h' if !timespan => Piece::Hour12 { digits },
            'h' | 'H' => Piece::Hour { digits },
            'm' => Piece::Minute { digits },
            's' => Piece::Second { digits },
            'f' => Piece::Fraction { digits },
            'F' => Piece::OptionalFraction { digits },
            'M' if !timespan => Piece::Month { digits },
            'y' if !timespan && digits == 3 && rest.len() == 3 => Piece::Year { digits: 2 },
            'y' if !timespan && digits != 3 => Piece::Year { digits },
            't' if !timespan && digits == 2 => Piece::HalfOfDay,
            _ => return Err(invalid(function, &rest[..run * first.len_utf8()])),
        };
        pieces.push(piece);
        rest = &rest[digits..];
    }
    Ok(pieces)
}

fn constant_pieces(args: &Args, function: &str, timespan: bool) -> Result<Vec<Piece>> {
    let format = args.constant_str(1).ok_or_else(|| {
        Error::Execution(format!("the format of `{function}` must be a constant"))
    })?;
    pieces(format, function, timespan)
}

/// A moment or duration taken apart.
struct Parts {
    date: Civil,
    /// The day of the month, or the days of a timespan.
    days: i64,
    clock: i64,
}

fn render(out: &mut String, pieces: &[Piece], parts: &Parts) {
    let hour = parts.clock / TICKS_PER_HOUR;
    let fraction = parts.clock % TICKS_PER_SECOND;
    let half = if hour < 12 { "AM" } else { "PM" };
    let shown = |digits: usize| fraction / 10i64.pow(7 - digits as u32);
    for piece in pieces {
        let (value, digits) = match *piece {
            Piece::Literal(literal) => {
                out.push(literal);
                continue;
            }
            Piece::HalfOfDay => {
                out.push_str(half);
                continue;
            }
            Piece::OptionalFraction { digits } => {
                if shown(digits) == 0 {
                    continue;
                }
                (shown(digits), digits)
            }
            Piece::Year { digits: 4 } => (parts.date.year, 4),
            Piece::Year { digits } => (parts.date.year % 100, digits),
            Piece::Month { digits } => (parts.date.month, digits),
            Piece::Day { digits } => (parts.days, digits),
            Piece::Hour12 { digits } => ((hour + 11) % 12 + 1, digits),
            Piece::Hour { digits } => (hour, digits),
            Piece::Minute { digits } => (parts.clock % TICKS_PER_HOUR / TICKS_PER_MINUTE, digits),
            Piece::Second { digits } => (parts.clock % TICKS_PER_MINUTE / TICKS_PER_SECOND, digits),
            Piece::Fraction { digits } => (shown(digits), digits),
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "{value:0digits$}");
    }
}

fn format_datetime(args: &Args) -> Result<ArrayRef> {
    let pieces = constant_pieces(args, "format_datetime", false)?;
    args.map1(|ticks: i64| {
        let date = Civil::from_ticks(ticks);
        let parts = Parts { date, days: date.day, clock: ticks.rem_euclid(TICKS_PER_DAY) };
        let mut out = String::new();
        render(&mut out, &pieces, &parts);
        out
    })
}

fn format_timespan(args: &Args) -> Result<ArrayRef> {
    let pieces = constant_pieces(args, "format_timespan", true)?;
    args.map1(|ticks: i64| {
        let length = ticks.unsigned_abs();
        let day = TICKS_PER_DAY.unsigned_abs();
        let parts = Parts {
            date: Civil::date(1, 1, 1),
            days: (length / day) as i64,
            clock: (length % day) as i64,
        };
        let mut out = String::from(if ticks < 0 { "-" } else { "" });
        render(&mut out, &pieces, &parts);
        out
    })
}

fn convert_timespan(args: &Args) -> Result<ArrayRef> {
    super::conversion::totimespan(args)
}

fn clock_timespan(args: &Args) -> Result<ArrayRef> {
    args.map3(|hours: f64, minutes: f64, seconds: Option<f64>| {
        span(0.0, hours, minutes, seconds.or((args.len() < 3).then_some(0.0))?)
    })
}

fn make_timespan(args: &Args) -> Result<ArrayRef> {
    let readers = (0..4).map(|index| args.reader::<f64>(index)).collect::<Result<Vec<_>>>()?;
    let mut builder = Int64Builder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let part = |index: usize| readers[index].get(row);
        let parts = || span(part(0)?, part(1)?, part(2)?, part(3)?);
        builder.append_option(parts());
    }
    Ok(Arc::new(builder.finish()))
}

fn span(days: f64, hours: f64, minutes: f64, seconds: f64) -> Option<i64> {
    let valid = (0.0..10_675_199.0).contains(&days)
        && (0.0..24.0).contains(&hours)
        && (0.0..60.0).contains(&minutes)
        && (0.0..60.0).contains(&seconds);
    valid.then(|| {
        days as i64 * TICKS_PER_DAY
            + hours as i64 * TICKS_PER_HOUR
            + minutes as i64 * TICKS_PER_MINUTE
            + seconds_to_ticks(seconds)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datetime(format: &str, date: (i64, i64, i64), clock: i64) -> String {
        let date = Civil::date(date.0, date.1, date.2);
        let pieces = pieces(format, "format_datetime", false).unwrap();
        let mut out = String::new();
        render(&mut out, &pieces, &Parts { date, days: date.day, clock });
        out
    }

    fn clock(hours: i64, minutes: i64, seconds: i64, ticks: i64) -> i64 {
        hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE + seconds * TICKS_PER_SECOND + ticks
    }

    #[test]
    fn runs_are_read_in_pieces() {
        let day = (2007, 3, 9);
        let time = clock(5, 4, 3, 0);
        assert_eq!(datetime("dddd, MMMM d, yyyy", day, time), "0909, 0303 9, 2007");
        assert_eq!(datetime("ddd MMM", day, time), "099 033");
        assert_eq!(datetime("yyyyy", (2009, 1, 1), 0), "20099");
        assert_eq!(datetime("yyy", (2009, 1, 1), 0), "09");
        assert_eq!(datetime("tttt", day, time), "AMAM");
        assert_eq!(datetime("h hh HH tt", day, clock(0, 0, 0, 0)), "12 12 00 AM");
        assert_eq!(datetime("h hh HH tt", day, clock(13, 0, 0, 0)), "1 01 13 PM");
        assert_eq!(datetime("ss.FFF", day, clock(0, 0, 5, 0)), "05.");
        assert_eq!(datetime("ss.FF", day, clock(0, 0, 3, 5_000_000)), "03.50");
        assert_eq!(datetime("ffffff", day, clock(0, 0, 0, 1_234_567)), "123456");
        for format in ["yyyy T", "zzz", "K", "yyy-MM", "t", ""] {
            assert!(pieces(format, "format_datetime", false).is_err(), "{format}");
        }
    }

    #[test]
    fn timespans() {
        let show = |format: &str, days, clock| {
            let pieces = pieces(format, "format_timespan", true).unwrap();
            let parts = Parts { date: Civil::date(1, 1, 1), days, clock };
            let mut out = String::new();
            render(&mut out, &pieces, &parts);
            out
        };
        let time = clock(9, 0, 5, 1_234_500);
        assert_eq!(show("dd.hh:mm:ss:FF", 29, time), "29.09:00:05:12");
        assert_eq!(show("ddd.h:mm:ss [fffffff]", 29, time), "029.9:00:05 [1234500]");
        assert_eq!(show("s.FFF", 0, clock(0, 0, 5, 9)), "5.");
        assert!(pieces("%d", "format_timespan", true).is_err());
        assert!(pieces("MM", "format_timespan", true).is_err());
        assert_eq!(span(0.0, 25.0, 70.0, 0.0), None);
    }
}
