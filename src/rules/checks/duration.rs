//! Lengths of time as rules write them: `5h` and `1.02:00:00` in YAML, `PT5H` in resources of Azure.

pub const MINUTE: u64 = 60;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

/// The ways to write a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `5m`, `5h`, `5d`, and .NET's `[d.]hh:mm[:ss]`.
    Template,
    /// ISO 8601: `PT5H`, `P14D`.
    Iso,
}

/// What a text says, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Length(u64, Spelling),
    /// A number alone, which .NET takes for days.
    Days(u64),
}

impl Reading {
    pub fn seconds(self) -> u64 {
        match self {
            Reading::Length(seconds, _) | Reading::Days(seconds) => seconds,
        }
    }
}

/// Reads a length of time, if a text is one.
pub fn read(text: &str) -> Option<Reading> {
    if let Some(iso) = text.strip_prefix('P') {
        return Some(Reading::Length(read_iso(iso)?, Spelling::Iso));
    }
    if let Some(days) = number(text) {
        return Some(Reading::Days(days.checked_mul(DAY)?));
    }
    let units = [('m', MINUTE), ('h', HOUR), ('d', DAY)];
    for (letter, unit) in units {
        if let Some(count) = text.strip_suffix(letter).and_then(number) {
            return Some(Reading::Length(count.checked_mul(unit)?, Spelling::Template));
        }
    }
    Some(Reading::Length(read_clock(text)?, Spelling::Template))
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// `[d.]hh:mm[:ss[.fff]]`
fn read_clock(text: &str) -> Option<u64> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (number(days)?, clock),
        _ => (0, text),
    };
    let mut parts = clock.split(':');
    let hours = number(parts.next()?).filter(|hours| *hours < 24)?;
    let minutes = number(parts.next()?).filter(|minutes| *minutes < 60)?;
    let seconds = match parts.next() {
        Some(seconds) => number(seconds.split('.').next()?).filter(|seconds| *seconds < 60)?,
        None => 0,
    };
    let rest = hours * HOUR + minutes * MINUTE + seconds;
    parts.next().is_none().then_some(days.checked_mul(DAY)?.checked_add(rest)?)
}

/// What follows the `P`: `14D`, `T5H`, `1DT2H30M`, `2W`.
fn read_iso(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let date = read_units(date, &[('W', 7 * DAY), ('D', DAY)])?;
    date.checked_add(read_units(time, &[('H', HOUR), ('M', MINUTE), ('S', 1)])?)
}

/// Numbers, each with one of the units behind it, in their order.
fn read_units(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total = 0u64;
    for (letter, unit) in units {
        if let Some((count, rest)) = text.split_once(*letter) {
            // Seconds may have a fraction, which is nothing to a schedule.
            let whole = count.split_once('.').filter(|_| *unit == 1).map_or(count, |(w, _)| w);
            total = total.checked_add(number(whole)?.checked_mul(*unit)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

/// Writes a length of time, as short as it goes.
pub fn write(seconds: u64, spelling: Spelling) -> String {
    let (count, letter) = match seconds {
        s if s.is_multiple_of(DAY) && s > 0 => (s / DAY, 'd'),
        s if s.is_multiple_of(HOUR) => (s / HOUR, 'h'),
        s => (s / MINUTE, 'm'),
    };
    match spelling {
        Spelling::Template => format!("{count}{letter}"),
        Spelling::Iso => {
            let time = if letter == 'd' { "" } else { "T" };
            format!("P{time}{count}{}", letter.to_ascii_uppercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        let length = |text| match read(text) {
            Some(Reading::Length(seconds, _)) => Some(seconds),
            _ => None,
        };
        assert_eq!(length("5m"), Some(300));
        assert_eq!(length("14d"), Some(14 * DAY));
        assert_eq!(length("05:30"), Some(5 * HOUR + 30 * MINUTE));
        assert_eq!(length("1.02:00:00"), Some(26 * HOUR));
        assert_eq!(length("PT5H"), Some(5 * HOUR));
        assert_eq!(length("P1DT2H30M"), Some(26 * HOUR + 30 * MINUTE));
        assert_eq!(length("P2W"), Some(14 * DAY));
        assert_eq!(read("5"), Some(Reading::Days(5 * DAY)));
        for wrong in ["", "h", "P", "PT", "5x", "5 h", "25:00", "P1H", "PT1D", "-5m", "1:2:3:4"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn writings() {
        assert_eq!(write(14 * DAY, Spelling::Iso), "P14D");
        assert_eq!(write(90 * MINUTE, Spelling::Iso), "PT90M");
        assert_eq!(write(26 * HOUR, Spelling::Template), "26h");
        assert_eq!(write(0, Spelling::Template), "0h");
    }
}
