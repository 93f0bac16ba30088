//! Text forms of datetime: what `todatetime` and `datetime(…)` read, what `tostring` prints.

use super::{Civil, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, UNIX_EPOCH, checked_add};

/// Reads text as `todatetime` does: ISO forms, month-first numeric dates, English month names;
/// an offset is applied and dropped.
pub fn parse(text: &str) -> Option<i64> {
    let mut cursor = Cursor { rest: text.trim() };
    cursor.weekday();
    let (mut civil, year_after_time) = cursor.date()?;
    let has_time = if cursor.rest.is_empty() {
        false
    } else {
        let marked = cursor.eat("T") || cursor.eat("t");
        if !marked && !cursor.blanks() {
            return None;
        }
        cursor.blanks();
        cursor.time(&mut civil)?;
        true
    };
    let offset = if has_time { cursor.zone()? } else { 0 };
    if year_after_time {
        cursor.blanks();
        civil.year = cursor.digits(4..=4)?;
    }
    if !cursor.rest.is_empty() {
        return None;
    }
    checked_add(civil.to_ticks()?, -offset)
}

/// Reads what stands between the parentheses of `datetime(…)`: text forms, quoted or not, the
/// comma form and single numbers. `null` and the empty literal are the caller's.
pub fn parse_literal(text: &str) -> Option<i64> {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return parse(inner);
        }
    }
    if text.contains(',') && text.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b' ') {
        let parts = text.split(',').map(|p| p.trim().parse().ok()).collect::<Option<Vec<i64>>>()?;
        return match parts[..] {
            [year, month] => Civil::date(year, month, 1).to_ticks(),
            [year, month, day] => Civil::date(year, month, day).to_ticks(),
            _ => None,
        };
    }
    match text.parse::<i64>() {
        // Numbers below a thousand are seconds of Unix time; the readings above 9999 that are no
        // date are unknown, so they are no literal.
        Ok(n @ 0..1000) if text.len() <= 3 => checked_add(UNIX_EPOCH, n * TICKS_PER_SECOND),
        _ => parse(text).or_else(|| parse(&dashes_closed(text)?)),
    }
}

/// `2017 - 08 - 01` with its dashes closed up; `None` where none stands apart.
fn dashes_closed(text: &str) -> Option<String> {
    text.contains(" - ").then(|| text.replace(" - ", "-"))
}

/// The form that `tostring` gives: `2020-01-02T03:04:05.6000000Z`.
pub fn format(ticks: i64) -> String {
    let mut out = String::with_capacity(28);
    write(ticks, &mut out);
    out
}

/// Appends the form that [`format`] gives.
pub fn write(ticks: i64, out: &mut String) {
    let civil = Civil::from_ticks(ticks.clamp(super::MIN, super::MAX));
    digits(out, civil.year, 4);
    for (mark, value) in [
        ('-', civil.month),
        ('-', civil.day),
        ('T', civil.hour),
        (':', civil.minute),
        (':', civil.second),
    ] {
        out.push(mark);
        digits(out, value, 2);
    }
    out.push('.');
    digits(out, civil.tick, 7);
    out.push('Z');
}

fn digits(out: &mut String, value: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(char::from(b'0' + (value / 10_i64.pow(place) % 10) as u8));
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The position of a full or three-letter English name, in any case.
fn position(names: &[&str], word: &str) -> Option<usize> {
    names.iter().position(|name| {
        name.eq_ignore_ascii_case(word) || (word.len() == 3 && name[..3].eq_ignore_ascii_case(word))
    })
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn blanks(&mut self) -> bool {
        let rest = self.rest.trim_start();
        let moved = rest.len() < self.rest.len();
        self.rest = rest;
        moved
    }

    fn digit_count(&self) -> usize {
        self.rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    /// A number of an allowed count of digits.
    fn digits(&mut self, count: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let n = self.digit_count();
        if !count.contains(&n) {
            return None;
        }
        let (number, rest) = self.rest.split_at(n);
        self.rest = rest;
        number.parse().ok()
    }

    fn word(&mut self) -> &'a str {
        let n = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at(n);
        self.rest = rest;
        word
    }

    fn weekday(&mut self) {
        let before = self.rest;
        if position(&WEEKDAYS, self.word()).is_none() {
            self.rest = before;
            return;
        }
        self.eat(",");
        self.blanks();
    }

    /// The date, and whether its year follows the time (`Dec 2 13:45:56 2022`).
    fn date(&mut self) -> Option<(Civil, bool)> {
        let civil = match self.digit_count() {
            0 => return self.month_name_first(),
            8 => {
                let n = self.digits(8..=8)?;
                Civil::date(n / 10_000, n / 100 % 100, n % 100)
            }
            4 => {
                let year = self.digits(4..=4)?;
                if self.rest.is_empty() {
                    Civil::date(year, 1, 1)
                } else {
                    let separator = self.separator()?;
                    let month = self.digits(1..=2)?;
                    if !self.eat(separator) {
                        return None;
                    }
                    Civil::date(year, month, self.digits(1..=2)?)
                }
            }
            _ => {
                let first = self.digits(1..=2)?;
                if let Some(separator) = self.numeric_separator() {
                    let day = self.digits(1..=2)?;
                    if !self.eat(separator) {
                        return None;
                    }
                    Civil::date(self.digits(4..=4)?, first, day)
                } else {
                    let dashed = self.eat("-");
                    if !dashed && !self.blanks() {
                        return None;
                    }
                    let month = position(&MONTHS, self.word())? as i64 + 1;
                    let joined = if dashed {
                        self.eat("-")
                    } else {
                        self.eat(",");
                        self.blanks()
                    };
                    if !joined {
                        return None;
                    }
                    Civil::date(self.year()?, month, first)
                }
            }
        };
        Some((civil, false))
    }

    /// `Dec 2, 2022` or `Dec 2 13:45:56 2022`.
    fn month_name_first(&mut self) -> Option<(Civil, bool)> {
        let month = position(&MONTHS, self.word())? as i64 + 1;
        self.blanks();
        let day = self.digits(1..=2)?;
        let before = self.rest;
        let comma = self.eat(",");
        if !self.blanks() && !comma {
            return None;
        }
        if self.digit_count() == 4 {
            return Some((Civil::date(self.digits(4..=4)?, month, day), false));
        }
        // The blank before the time is the caller's to read.
        self.rest = before;
        Some((Civil::date(1, month, day), true))
    }

    fn year(&mut self) -> Option<i64> {
        let short = self.digit_count() == 2;
        let year = self.digits(2..=4)?;
        Some(match (short, year) {
            (true, 0..50) => 2000 + year,
            (true, _) => 1900 + year,
            (false, _) => year,
        })
    }

    fn separator(&mut self) -> Option<&'static str> {
        ["-", "/", "."].into_iter().find(|s| self.eat(s))
    }

    /// A separator with a digit behind it.
    fn numeric_separator(&mut self) -> Option<&'static str> {
        self.rest.as_bytes().get(1).filter(|b| b.is_ascii_digit())?;
        self.separator()
    }

    /// `hh:mm[:ss[.fraction]] [AM|PM]`; digits beyond the tick are cut.
    fn time(&mut self, civil: &mut Civil) -> Option<()> {
        civil.hour = self.digits(1..=2)?;
        if !self.eat(":") {
            return None;
        }
        civil.minute = self.digits(1..=2)?;
        if self.eat(":") {
            civil.second = self.digits(1..=2)?;
            if self.eat(".") {
                let n = self.digit_count();
                if n == 0 {
                    return None;
                }
                let (fraction, rest) = self.rest.split_at(n);
                self.rest = rest;
                for place in 0..7 {
                    let digit = fraction.as_bytes().get(place).map_or(0, |b| b - b'0');
                    civil.tick = civil.tick * 10 + i64::from(digit);
                }
            }
        }
        let before = self.rest;
        self.blanks();
        match self.word() {
            word if word.eq_ignore_ascii_case("am") && (1..=12).contains(&civil.hour) => {
                civil.hour %= 12;
            }
            word if word.eq_ignore_ascii_case("pm") && (1..=12).contains(&civil.hour) => {
                civil.hour = civil.hour % 12 + 12;
            }
            _ => self.rest = before,
        }
        Some(())
    }

    /// Ticks east of UTC: `Z`, `GMT`, `UTC`, `+02:00`, `+0200`, `+02`, or nothing.
    fn zone(&mut self) -> Option<i64> {
        let before = self.rest;
        self.blanks();
        let sign = match self.rest.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(b) if b.is_ascii_alphabetic() => {
                let word = self.word();
                let known = ["z", "gmt", "utc"].iter().any(|zone| word.eq_ignore_ascii_case(zone));
                return known.then_some(0);
            }
            _ => {
                self.rest = before;
                return Some(0);
            }
        };
        self.rest = &self.rest[1..];
        let (hours, minutes) = if self.digit_count() == 4 {
            let n = self.digits(4..=4)?;
            (n / 100, n % 100)
        } else {
            let hours = self.digits(1..=2)?;
            (hours, if self.eat(":") { self.digits(2..=2)? } else { 0 })
        };
        (hours <= 14 && minutes < 60)
            .then_some(sign * (hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{MAX, MIN};
    use super::*;

    #[test]
    fn forms_of_todatetime() {
        for (text, expected) in [
            ("2022-12-02", "2022-12-02T00:00:00.0000000Z"),
            ("2022-12-02 13:45:56", "2022-12-02T13:45:56.0000000Z"),
            ("2022-12-02 13:45", "2022-12-02T13:45:00.0000000Z"),
            ("2022-12-02T13:45:56Z", "2022-12-02T13:45:56.0000000Z"),
            ("2022-12-02T13:45:56.12345678Z", "2022-12-02T13:45:56.1234567Z"),
            ("2022-12-02T13:45:56+02:00", "2022-12-02T11:45:56.0000000Z"),
            ("2022/12/02", "2022-12-02T00:00:00.0000000Z"),
            ("20221202", "2022-12-02T00:00:00.0000000Z"),
            ("12-02-2022", "2022-12-02T00:00:00.0000000Z"),
            ("12/02/2022", "2022-12-02T00:00:00.0000000Z"),
            ("12.02.2022", "2022-12-02T00:00:00.0000000Z"),
            ("2/3/2022", "2022-02-03T00:00:00.0000000Z"),
            ("02/17/2016 08:40:01", "2016-02-17T08:40:01.0000000Z"),
            ("02/17/2016 08:40:01 PM", "2016-02-17T20:40:01.0000000Z"),
            ("2 Dec 2022", "2022-12-02T00:00:00.0000000Z"),
            ("Dec 2, 2022", "2022-12-02T00:00:00.0000000Z"),
            ("Fri, 02 Dec 2022 13:45:56 GMT", "2022-12-02T13:45:56.0000000Z"),
            ("Friday, 02-Dec-22 13:45:56 GMT", "2022-12-02T13:45:56.0000000Z"),
            ("Fri Dec 2 13:45:56 2022", "2022-12-02T13:45:56.0000000Z"),
        ] {
            assert_eq!(parse(text).map(format).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "13-01-2022",
            "not a date",
            "",
            "x12-02-2022",
            "2020-02-30",
            "2020-13-01",
            "2020-01-01T24:00",
            "2020-01-01junk",
            "0001-01-01T00:00:00+01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn forms_of_the_literal() {
        for (text, expected) in [
            ("2020-01-01 10:20", "2020-01-01T10:20:00.0000000Z"),
            ("\"2020-01-01\"", "2020-01-01T00:00:00.0000000Z"),
            ("2025, 6, 14", "2025-06-14T00:00:00.0000000Z"),
            ("2025, 6", "2025-06-01T00:00:00.0000000Z"),
            ("2025", "2025-01-01T00:00:00.0000000Z"),
            ("20250614", "2025-06-14T00:00:00.0000000Z"),
            ("1", "1970-01-01T00:00:01.0000000Z"),
        ] {
            assert_eq!(parse_literal(text).map(format).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse_literal("2025, 6, 14, 1"), None);
        assert_eq!(parse_literal("99999999"), None);
    }

    proptest! {
        #[test]
        fn text_round_trips(ticks in MIN..=MAX) {
            prop_assert_eq!(parse(&format(ticks)), Some(ticks));
        }
    }
}
