//! The types of columns that text gives no types for, from a sample of their values.

use crate::types::{Type, datetime};

/// Rows of a sample at least, if the file has them.
pub(super) const SAMPLE_ROWS: usize = 1_000;
/// Bytes of a sample at least: files up to this size are sampled as a whole.
pub(super) const SAMPLE_BYTES: usize = 4 << 20;

/// What one value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Long,
    Real,
    DateTime,
    Text,
    Nested,
}

/// The kinds that values of a column had.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    fn are(self, kinds: &[Kind]) -> bool {
        let mut only = Kinds::default();
        kinds.iter().for_each(|kind| only.add(*kind));
        self.0 != 0 && self.0 & !only.0 == 0
    }

    /// The one type for all values; `mixed` if they have nothing in common.
    pub fn ty(self, mixed: Type) -> Type {
        if self.0 == 0 || self.are(&[Kind::DateTime, Kind::Text]) && !self.are(&[Kind::DateTime]) {
            Type::String
        } else if self.are(&[Kind::Bool]) {
            Type::Bool
        } else if self.are(&[Kind::Long]) {
            Type::Long
        } else if self.are(&[Kind::Long, Kind::Real]) {
            Type::Real
        } else if self.are(&[Kind::DateTime]) {
            Type::DateTime
        } else {
            mixed
        }
    }
}

/// What text of a file without types looks like.
pub(super) fn kind_of_text(text: &str) -> Kind {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    // Digits behind a zero are an identifier, as are digits that no long holds.
    let padded = digits > 1 && unsigned.starts_with('0');
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        Kind::Bool
    } else if digits == unsigned.len() && digits > 0 {
        if !padded && text.parse::<i64>().is_ok() { Kind::Long } else { Kind::Text }
    } else if !padded && is_real(unsigned) {
        Kind::Real
    } else {
        kind_of_string(text)
    }
}

/// What the text of a string looks like.
pub(super) fn kind_of_string(text: &str) -> Kind {
    if is_iso(text.as_bytes()) && datetime::parse(text).is_some() {
        Kind::DateTime
    } else {
        Kind::Text
    }
}

fn is_real(unsigned: &str) -> bool {
    matches!(unsigned, "NaN" | "inf")
        || unsigned
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
            && unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && unsigned.parse::<f64>().is_ok_and(f64::is_finite)
}

/// `2020-01-31`, alone or before `T` or a blank and a digit.
fn is_iso(text: &[u8]) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else {
        return false;
    };
    let date = date.iter().enumerate().all(|(i, byte)| match i {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    date && match time {
        [] => true,
        [b'T' | b' ', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, kind) in [
            ("true", Kind::Bool),
            ("False", Kind::Bool),
            ("0", Kind::Long),
            ("-9223372036854775808", Kind::Long),
            ("9223372036854775808", Kind::Text),
            ("007", Kind::Text),
            ("007.5", Kind::Text),
            ("+1", Kind::Text),
            ("1_000", Kind::Text),
            ("0.5", Kind::Real),
            (".5", Kind::Real),
            ("-1e-3", Kind::Real),
            ("1e999", Kind::Text),
            ("NaN", Kind::Real),
            ("-inf", Kind::Real),
            ("-", Kind::Text),
            ("1.2.3", Kind::Text),
            ("infinity", Kind::Text),
            ("2020-01-31", Kind::DateTime),
            ("2020-01-31 10:20", Kind::DateTime),
            ("2020-01-31T10:20:30.1234567+02:00", Kind::DateTime),
            ("2020-13-31", Kind::Text),
            ("2020-01-31 noon", Kind::Text),
            ("01/31/2020", Kind::Text),
            ("10:20:30", Kind::Text),
        ] {
            assert_eq!(kind_of_text(text), kind, "{text}");
        }
    }

    #[test]
    fn mixtures() {
        let of = |kinds: &[Kind]| {
            let mut all = Kinds::default();
            kinds.iter().for_each(|kind| all.add(*kind));
            all.ty(Type::Dynamic)
        };
        assert_eq!(of(&[]), Type::String);
        assert_eq!(of(&[Kind::Long]), Type::Long);
        assert_eq!(of(&[Kind::Real, Kind::Long]), Type::Real);
        assert_eq!(of(&[Kind::Bool, Kind::Long]), Type::Dynamic);
        assert_eq!(of(&[Kind::DateTime]), Type::DateTime);
        assert_eq!(of(&[Kind::DateTime, Kind::Text]), Type::String);
        assert_eq!(of(&[Kind::Text]), Type::String);
        assert_eq!(of(&[Kind::Nested]), Type::Dynamic);
        assert_eq!(of(&[Kind::Nested, Kind::Text]), Type::Dynamic);
    }
}
