//! Text forms of timespan: signed ticks of 100 ns.

use super::datetime::{
    TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND,
};

/// Reads text as `totimespan` does: `[-][d.]hh:mm[:ss[.fffffff]]`, trimmed; digits beyond the tick
/// are dropped.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut parts = text.split(':');
    let head = parts.next()?;
    let (days, hours) = match head.split_once('.') {
        Some((days, hours)) => (number(days, 8)?, number(hours, 2)?),
        None => (0, number(head, 2)?),
    };
    let minutes = number(parts.next()?, 2)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(part) => match part.split_once('.') {
            None => (number(part, 2)?, 0),
            Some((seconds, fraction)) => (number(seconds, 2)?, fraction_ticks(fraction)?),
        },
    };
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let rest = hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE + seconds * TICKS_PER_SECOND;
    let ticks = i128::from(days) * i128::from(TICKS_PER_DAY) + i128::from(rest + fraction);
    i64::try_from(if negative { -ticks } else { ticks }).ok()
}

/// Reads a timespan literal, or what stands between the parentheses of `timespan(…)`: a number
/// with a unit, a clock, quoted or not, or a bare whole number of days.
pub fn parse_literal(text: &str) -> Option<i64> {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return parse_literal(inner);
        }
    }
    if text.contains(':') {
        return parse(text);
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let (count, unit) = rest.split_at(end);
    let unit = unit.trim();
    let (whole, fraction) = count.split_once('.').unwrap_or((count, ""));
    if unit.is_empty() && count.contains('.') {
        return None;
    }
    let hundredths = if unit.is_empty() { unit_of("d")? } else { unit_of(unit)? };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > 18 {
        return None;
    }
    let scale = 10_i128.pow(fraction.len() as u32);
    let mantissa = format!("{whole}{fraction}").parse::<i128>().ok()?;
    let ticks = mantissa.checked_mul(hundredths)? / scale / 100;
    i64::try_from(if negative { -ticks } else { ticks }).ok()
}

/// The form that `tostring` gives: `[-][d.]hh:mm:ss[.fffffff]`.
pub fn format(ticks: i64) -> String {
    let mut out = String::with_capacity(20);
    write(ticks, &mut out);
    out
}

/// Appends the form that [`format()`] gives.
pub fn write(ticks: i64, out: &mut String) {
    use std::fmt::Write;

    let size = ticks.unsigned_abs();
    let part = |unit: i64| size / unit.unsigned_abs();
    if ticks < 0 {
        out.push('-');
    }
    let days = part(TICKS_PER_DAY);
    // Writing to a string cannot fail.
    if days > 0 {
        let _ = write!(out, "{days}.");
    }
    let _ = write!(
        out,
        "{:02}:{:02}:{:02}",
        part(TICKS_PER_HOUR) % 24,
        part(TICKS_PER_MINUTE) % 60,
        part(TICKS_PER_SECOND) % 60
    );
    let fraction = size % TICKS_PER_SECOND.unsigned_abs();
    if fraction > 0 {
        let _ = write!(out, ".{fraction:07}");
    }
}

/// The length of a unit of the suffix form, in hundredths of a tick (nanoseconds).
fn unit_of(name: &str) -> Option<i128> {
    let ticks = match name {
        "d" | "day" | "days" => TICKS_PER_DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => TICKS_PER_HOUR,
        "m" | "min" | "minute" | "minutes" => TICKS_PER_MINUTE,
        "s" | "sec" | "second" | "seconds" => TICKS_PER_SECOND,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => {
            TICKS_PER_MILLISECOND
        }
        "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => 10,
        "tick" | "ticks" => 1,
        "nano" | "nanos" | "nanosec" | "nanosecond" | "nanoseconds" => return Some(1),
        _ => return None,
    };
    Some(i128::from(ticks) * 100)
}

fn number(text: &str, max_digits: usize) -> Option<i64> {
    let valid = (1..=max_digits).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

fn fraction_ticks(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((0..7).fold(0, |ticks, place| {
        ticks * 10 + text.as_bytes().get(place).map_or(0, |b| i64::from(b - b'0'))
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tostring_forms() {
        for (literal, text) in [
            ("1d", "1.00:00:00"),
            ("100d", "100.00:00:00"),
            ("90m", "01:30:00"),
            ("-2h", "-02:00:00"),
            ("-1.5d", "-1.12:00:00"),
            ("0s", "00:00:00"),
            ("1ms", "00:00:00.0010000"),
            ("1.5s", "00:00:01.5000000"),
            ("1microsecond", "00:00:00.0000010"),
            ("1.02:03:04.5", "1.02:03:04.5000000"),
            ("10:00", "10:00:00"),
            ("-1.00:00:00", "-1.00:00:00"),
            ("15 seconds", "00:00:15"),
            ("\"1.00:00:00\"", "1.00:00:00"),
            ("2", "2.00:00:00"),
        ] {
            assert_eq!(parse_literal(literal).map(format).as_deref(), Some(text), "{literal}");
        }
    }

    #[test]
    fn ticks_of_literals() {
        for (literal, ticks) in [
            ("1milli", Some(10_000)),
            ("10ticks", Some(10)),
            ("150nanoseconds", Some(1)),
            ("199nanoseconds", Some(1)),
            ("250nanoseconds", Some(2)),
            ("1us", None),
            ("100ns", None),
            ("1w", None),
            ("d", None),
        ] {
            assert_eq!(parse_literal(literal), ticks, "{literal}");
        }
    }

    #[test]
    fn forms_of_totimespan() {
        for (text, ticks) in [
            ("13:00", Some(13 * TICKS_PER_HOUR)),
            ("0:0:0.001", Some(10_000)),
            (" 01:00:00 ", Some(TICKS_PER_HOUR)),
            ("00:00:00.12345678", Some(1_234_567)),
            ("-1.02:00:00", Some(-26 * TICKS_PER_HOUR)),
            ("10", None),
            ("abc", None),
            ("1d", None),
            ("01:00:00x", None),
            ("25:00", None),
        ] {
            assert_eq!(parse(text), ticks, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(ticks: i64) {
            prop_assert_eq!(parse(&format(ticks)), Some(ticks));
        }
    }
}
