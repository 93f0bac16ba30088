//! Exact decimal numbers: text, conversions and arithmetic.

use std::fmt;

use arrow::datatypes::i256;

/// A decimal number: the value times 10^38. Magnitudes stay below 10^38.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decimal(pub i256);

/// Digits after the point.
const SCALE: u32 = 38;
/// Significant digits that text and quotients keep.
const SIGNIFICANT: usize = 34;
const TEN: i256 = i256::from_i128(10);
const ONE: i256 = i256::from_i128(10_i128.pow(SCALE));

fn power_of_ten(exponent: u32) -> i256 {
    TEN.wrapping_pow(exponent)
}

/// `value / divisor` to the nearest, ties away from zero; `divisor` is positive.
fn divide_rounding(value: i256, divisor: i256) -> i256 {
    let quotient = value.wrapping_div(divisor);
    let rest = value.wrapping_rem(divisor).wrapping_abs();
    // Twice the rest could overflow.
    if rest >= divisor.wrapping_sub(rest) {
        quotient.wrapping_add(value.signum())
    } else {
        quotient
    }
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal(i256::ZERO);

    fn checked(scaled: i256) -> Option<Decimal> {
        (scaled.wrapping_abs() < power_of_ten(2 * SCALE) && scaled != i256::MIN)
            .then_some(Decimal(scaled))
    }

    /// Reads text as `todecimal` and `decimal(…)` do: sign, digits, point, exponent; rounded to 34
    /// significant digits.
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Decimal::ZERO);
        }
        let kept = &digits[..digits.len().min(SIGNIFICANT)];
        let up = digits.as_bytes().get(SIGNIFICANT).is_some_and(|b| *b >= b'5');
        let number = i256::from_i128(kept.parse::<i128>().ok()? + i128::from(up));
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        let shift =
            i64::from(exponent) + dropped - i64::try_from(fraction.len()).ok()? + i64::from(SCALE);
        let scaled = match u32::try_from(shift) {
            Ok(shift) if shift <= 2 * SCALE => number.checked_mul(power_of_ten(shift))?,
            Ok(_) => return None,
            Err(_) if shift < -i64::from(2 * SCALE) => i256::ZERO,
            Err(_) => divide_rounding(number, power_of_ten((-shift) as u32)),
        };
        Decimal::checked(if negative { scaled.wrapping_neg() } else { scaled })
    }

    /// The decimal of an integer.
    pub fn from_i64(value: i64) -> Decimal {
        Decimal(i256::from(value).wrapping_mul(ONE))
    }

    /// The decimal of a real's shortest digits; `None` for NaN, infinities and what is too large.
    pub fn from_f64(value: f64) -> Option<Decimal> {
        if value.is_finite() { Decimal::parse(&format!("{value:e}")) } else { None }
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The whole part, if it fits.
    pub fn to_i64(self) -> Option<i64> {
        i64::try_from(self.0.wrapping_div(ONE).to_i128()?).ok()
    }

    /// Whether the value is zero.
    pub fn is_zero(self) -> bool {
        self.0 == i256::ZERO
    }

    /// Minus the value.
    #[must_use]
    pub fn negate(self) -> Decimal {
        Decimal(self.0.wrapping_neg())
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(self) -> Decimal {
        Decimal(self.0.wrapping_abs())
    }

    /// The sum; `None` when too large.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        Decimal::checked(self.0.checked_add(other.0)?)
    }

    /// The difference; `None` when too large.
    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        Decimal::checked(self.0.checked_sub(other.0)?)
    }

    /// The product, rounded to 38 digits after the point; `None` when too large.
    pub fn checked_mul(self, other: Decimal) -> Option<Decimal> {
        let negative = self.0.is_negative() != other.0.is_negative();
        let (a, b) = (self.0.wrapping_abs(), other.0.wrapping_abs());
        // Split at the point, so that no partial product exceeds 256 bits.
        let (a_whole, a_rest) = (a.wrapping_div(ONE), a.wrapping_rem(ONE));
        let (b_whole, b_rest) = (b.wrapping_div(ONE), b.wrapping_rem(ONE));
        let whole = a_whole.wrapping_mul(b_whole).checked_mul(ONE)?;
        let cross = a_whole.wrapping_mul(b_rest).checked_add(a_rest.wrapping_mul(b_whole))?;
        let rest = divide_rounding(a_rest.wrapping_mul(b_rest), ONE);
        let size = whole.checked_add(cross)?.checked_add(rest)?;
        Decimal::checked(if negative { size.wrapping_neg() } else { size })
    }

    /// The quotient, rounded to 34 significant digits; `None` by zero or when too large.
    pub fn checked_div(self, other: Decimal) -> Option<Decimal> {
        if other.is_zero() {
            return None;
        }
        let negative = self.0.is_negative() != other.0.is_negative();
        let (a, b) = (self.0.wrapping_abs(), other.0.wrapping_abs());
        let mut quotient = a.wrapping_div(b);
        let mut rest = a.wrapping_rem(b);
        // One digit at a time; tenfold the rest can exceed 256 bits, fivefold cannot.
        for _ in 0..SCALE {
            let five = rest.wrapping_mul(i256::from_i128(5));
            let two = five.wrapping_rem(b).wrapping_mul(i256::from_i128(2));
            let digit = five
                .wrapping_div(b)
                .wrapping_mul(i256::from_i128(2))
                .wrapping_add(two.wrapping_div(b));
            rest = two.wrapping_rem(b);
            quotient = quotient.checked_mul(TEN)?.checked_add(digit)?;
        }
        let size = match quotient.to_string().len().checked_sub(SIGNIFICANT) {
            Some(extra) if extra > 0 => {
                let unit = power_of_ten(extra as u32);
                divide_rounding(quotient, unit).checked_mul(unit)?
            }
            _ if rest >= b.wrapping_sub(rest) => quotient.wrapping_add(i256::ONE),
            _ => quotient,
        };
        Decimal::checked(if negative { size.wrapping_neg() } else { size })
    }

    /// The remainder, never negative; `None` by zero.
    pub fn checked_rem(self, other: Decimal) -> Option<Decimal> {
        let rest = self.0.checked_rem(other.0)?;
        let size = other.0.wrapping_abs();
        Some(Decimal(if rest.is_negative() { rest.wrapping_add(size) } else { rest }))
    }

    /// The unit of the last digit kept when keeping `digits` after the point.
    fn unit(digits: i32) -> i256 {
        let exponent = (SCALE as i32).saturating_sub(digits).clamp(0, 2 * SCALE as i32);
        power_of_ten(exponent as u32)
    }

    /// Rounded to `digits` after the point, ties away from zero.
    pub fn round(self, digits: i32) -> Option<Decimal> {
        let unit = Decimal::unit(digits);
        Decimal::checked(divide_rounding(self.0, unit).checked_mul(unit)?)
    }

    /// Cut to `digits` after the point.
    #[must_use]
    pub fn trunc(self, digits: i32) -> Decimal {
        Decimal(self.0.wrapping_sub(self.0.wrapping_rem(Decimal::unit(digits))))
    }

    /// The largest value of `digits` after the point that is not above this.
    pub fn floor(self, digits: i32) -> Option<Decimal> {
        let cut = self.trunc(digits);
        if cut <= self { Some(cut) } else { cut.checked_sub(Decimal(Decimal::unit(digits))) }
    }

    /// The smallest value of `digits` after the point that is not below this.
    pub fn ceil(self, digits: i32) -> Option<Decimal> {
        let cut = self.trunc(digits);
        if cut >= self { Some(cut) } else { cut.checked_add(Decimal(Decimal::unit(digits))) }
    }
}

/// Plain notation without padding: `1`, `-0.25`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.wrapping_abs();
        let sign = if self.0.is_negative() { "-" } else { "" };
        let fraction = format!("{:0>38}", size.wrapping_rem(ONE).to_string());
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", size.wrapping_div(ONE))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn texts() {
        for (text, shown) in [
            ("1", "1"),
            ("1.50", "1.5"),
            ("-0.25", "-0.25"),
            ("1e5", "100000"),
            ("1.5E-3", "0.0015"),
            (".5", "0.5"),
            ("-0", "0"),
            ("12345678901234567890123456789012345", "12345678901234567890123456789012350"),
            ("0.12345678901234567890123456789012345", "0.1234567890123456789012345678901235"),
            ("1e-39", "0"),
            ("9e37", "90000000000000000000000000000000000000"),
        ] {
            assert_eq!(d(text).to_string(), shown, "{text}");
        }
        for text in ["", ".", "abc", "1_0", "1e38", "0x10", "nan", "1e", "--1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic() {
        assert_eq!(d("0.1").checked_add(d("0.2")), Some(d("0.3")));
        assert_eq!(d("7").checked_div(d("2")), Some(d("3.5")));
        assert_eq!(d("-7").checked_div(d("2")), Some(d("-3.5")));
        assert_eq!(
            d("10").checked_div(d("3")).map(|v| v.to_string()),
            Some(format!("3.{}", "3".repeat(33)))
        );
        assert_eq!(
            d("2").checked_div(d("3")).map(|v| v.to_string()),
            Some(format!("0.{}7", "6".repeat(33)))
        );
        assert_eq!(d("9e37").checked_div(d("9e37")), Some(d("1")));
        assert_eq!(d("1").checked_div(d("0")), None);
        assert_eq!(d("1e37").checked_mul(d("10")), None);
        assert_eq!(d("1.5").checked_mul(d("-2.5")), Some(d("-3.75")));
        assert_eq!(d("1e18").checked_mul(d("1e19")), Some(d("1e37")));
        for (a, b, rest) in
            [("10", "4", "2"), ("-10", "4", "2"), ("10", "-4", "2"), ("-5.5", "3", "0.5")]
        {
            assert_eq!(d(a).checked_rem(d(b)), Some(d(rest)), "{a} % {b}");
        }
        assert_eq!(d("1").checked_rem(d("0")), None);
    }

    #[test]
    fn rounding() {
        assert_eq!(d("2.15").round(1), Some(d("2.2")));
        assert_eq!(d("-2.5").round(0), Some(d("-3")));
        assert_eq!(d("-50.55").round(-2), Some(d("-100")));
        assert_eq!(d("-1.1").ceil(0), Some(d("-1")));
        assert_eq!(d("-1.1").floor(0), Some(d("-2")));
        assert_eq!(d("9.99").to_i64(), Some(9));
        assert_eq!(d("-9.99").to_i64(), Some(-9));
        assert_eq!(d("1e19").to_i64(), None);
        assert_eq!(d("0.1").to_f64(), 0.1);
        assert_eq!(Decimal::from_f64(0.1), Some(d("0.1")));
    }

    proptest! {
        #[test]
        fn text_round_trips(number in -10_i128.pow(34)..10_i128.pow(34), shift in 0_u32..38) {
            let scaled = i256::from_i128(number).wrapping_mul(power_of_ten(shift));
            let value = Decimal(scaled);
            prop_assert_eq!(Decimal::parse(&value.to_string()), Some(value));
        }

        #[test]
        fn division_undoes_multiplication(a in -1_000_000_000_i64.., b in 1_i64..1_000_000_000) {
            let (a, b) = (Decimal::from_i64(a), Decimal::from_i64(b));
            let product = a.checked_mul(b).unwrap();
            prop_assert_eq!(product.checked_div(b), Some(a));
        }
    }
}
