//! `bin` and rounding.

use arrow::array::ArrayRef;
use arrow::datatypes::i256;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::datetime::checked;
use crate::types::{Decimal, Type};

scalar_functions! {
    family: Binning;

    /// Rounds a value down to a multiple of a size.
    ///
    /// Integers give a long and are null for a size of zero. Bins of datetimes are counted from
    /// 0001-01-01, a Monday, so that bins of seven days start on Mondays.
    ///
    /// ```kql
    /// print bin(7, 5)                                      //=> 5
    /// print bin(-7, 5)                                     //=> -10
    /// print bin(7.5, 2)                                    //=> 6.0
    /// print bin(decimal(7.5), 2)                           //=> 6
    /// print floor(16d, 7d)                                 //=> 14.00:00:00
    /// print bin(datetime(2007-03-05 12:34), 1d)            //=> 2007-03-05T00:00:00.0000000Z
    /// ```
    BIN = "bin" | "floor", name First {
        (value: WholeOrBool, size: WholeOrBool) -> Long => bin_long;
        (value: RealOrLess, size: RealOrLess) -> Real => bin_real;
        (value: Decimal, size: Decimal) -> Decimal => bin_decimal;
        (value: DateTime, size: TimeSpan) -> DateTime => bin_datetime;
        (value: TimeSpan, size: TimeSpan) -> TimeSpan => bin_long;
    }

    /// Rounds a value down to a multiple of a size from a fixed point.
    ///
    /// ```kql
    /// print bin_at(8, 5, 1)                                //=> 6
    /// print bin_at(6.5, 2.5, 7)                            //=> 4.5
    /// print bin_at(decimal(6.5), decimal(2.5), 7)          //=> 4.5
    /// print bin_at(1h, 1d, 12h)                            //=> -12:00:00
    /// print bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))   //=> 2017-05-14T00:00:00.0000000Z
    /// ```
    BIN_AT = "bin_at", name First {
        (value: WholeOrBool, size: WholeOrBool, fixed_point: WholeOrBool) -> Long => bin_at_long;
        (value: RealOrLess, size: RealOrLess, fixed_point: RealOrLess) -> Real => bin_at_real;
        (value: Decimal, size: Decimal, fixed_point: Decimal) -> Decimal => bin_at_decimal;
        (value: TimeSpan, size: TimeSpan, fixed_point: TimeSpan) -> TimeSpan => bin_at_long;
        (value: DateTime, size: TimeSpan, fixed_point: DateTime) -> DateTime => bin_at_datetime;
    }

    /// Rounds a value down to a bin whose size and fixed point `set` gives for the whole query.
    ///
    /// `query_bin_auto_size` is needed; without `query_bin_auto_at` bins are those of `bin`.
    ///
    /// ```kql
    /// set query_bin_auto_size = 1h; print bin_auto(90m)     //=> 01:00:00
    /// set query_bin_auto_size = 5; set query_bin_auto_at = 1; print bin_auto(8)     //=> 6
    /// ```
    BIN_AUTO = "bin_auto", name First { (value: Averageable) -> First => binder; }

    /// Rounds a number to a number of digits after the point, none unless given.
    ///
    /// Ties go away from zero; negative digits round before the point. The type is kept.
    ///
    /// ```kql
    /// print round(2.5)                                     //=> 3.0
    /// print round(2.98765, 3)                              //=> 2.988
    /// print round(21.5, -1)                                //=> 20.0
    /// print round(25, -1)                                  //=> 30
    /// ```
    ROUND = "round", name First {
        (number: Number, [precision: Long]) -> First => round;
    }

    /// The smallest whole number that is not below a number. The type is kept.
    ///
    /// ```kql
    /// print ceiling(0.9)                                   //=> 1.0
    /// print ceiling(-1.1)                                  //=> -1.0
    /// print ceiling(3)                                     //=> 3
    /// ```
    CEILING = "ceiling", name First {
        (number: Number) -> First => ceiling;
    }
}

/// Rounds down in wrapping arithmetic, as Kusto does.
fn floor_long(value: i64, size: i64) -> Option<i64> {
    let adjustment = match size {
        0 => return None,
        1.. if value < 0 => size - 1,
        ..0 if value > 0 => size + 1,
        _ => 0,
    };
    Some(value.wrapping_sub(adjustment).wrapping_div(size).wrapping_mul(size))
}

fn floor_real(value: f64, size: f64) -> f64 {
    (value / size).floor() * size
}

fn floor_decimal(value: Decimal, size: Decimal) -> Option<Decimal> {
    let quotient = value.0.checked_div(size.0)?;
    let below = value.0.checked_rem(size.0)? != i256::ZERO
        && (value.0 < i256::ZERO) != (size.0 < i256::ZERO);
    let quotient = if below { quotient.checked_sub(i256::ONE)? } else { quotient };
    quotient.checked_mul(size.0).map(Decimal)
}

fn bin_long(args: &Args) -> Result<ArrayRef> {
    args.map2(floor_long)
}

fn bin_real(args: &Args) -> Result<ArrayRef> {
    args.map2(floor_real)
}

fn bin_decimal(args: &Args) -> Result<ArrayRef> {
    args.map2(floor_decimal)
}

fn bin_datetime(args: &Args) -> Result<ArrayRef> {
    args.map2(|value: i64, size: i64| floor_long(value, size).and_then(checked))
}

fn bin_at_long(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: i64, size: i64, fixed: i64| {
        Some(floor_long(value.wrapping_sub(fixed), size)?.wrapping_add(fixed))
    })
}

fn bin_at_real(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: f64, size: f64, fixed: f64| floor_real(value - fixed, size) + fixed)
}

fn bin_at_decimal(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: Decimal, size: Decimal, fixed: Decimal| {
        floor_decimal(value.checked_sub(fixed)?, size)?.checked_add(fixed)
    })
}

fn bin_at_datetime(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: i64, size: i64, fixed: i64| {
        checked(floor_long(value - fixed, size)?.checked_add(fixed)?)
    })
}

fn round(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Real => {
            args.map2(|value: f64, digits: Option<i64>| round_real(value, digits.unwrap_or(0)))
        }
        Type::Decimal => args.map2(|value: Decimal, digits: Option<i64>| {
            value.round(digits.unwrap_or(0).clamp(-39, 39) as i32)
        }),
        Type::Int => args.map2(|value: i64, digits: Option<i64>| {
            round_long(value, digits.unwrap_or(0)).and_then(|v| i32::try_from(v).ok())
        }),
        _ => args.map2(|value: i64, digits: Option<i64>| round_long(value, digits.unwrap_or(0))),
    }
}

fn round_real(value: f64, digits: i64) -> f64 {
    let factor = 10f64.powi(digits.unsigned_abs().min(400) as i32);
    match digits {
        0 => value.round(),
        1.. if (value * factor).is_finite() => (value * factor).round() / factor,
        1.. => value,
        ..0 if factor.is_finite() => (value / factor).round() * factor,
        ..0 => 0.0,
    }
}

fn round_long(value: i64, digits: i64) -> Option<i64> {
    if digits >= 0 {
        return Some(value);
    }
    if digits < -19 {
        return Some(0);
    }
    let size = 10i128.pow(digits.unsigned_abs() as u32);
    let value = i128::from(value);
    let away = if value < 0 { -size / 2 } else { size / 2 };
    i64::try_from((value + away) / size * size).ok()
}

fn ceiling(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Real => args.map1(f64::ceil),
        Type::Decimal => args.map1(|value: Decimal| value.ceil(0)),
        Type::Int => args.map1(|value: i64| value as i32),
        _ => args.map1(|value: i64| value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longs_round_down_and_wrap() {
        for (value, size, expected) in [
            (7, 5, Some(5)),
            (-7, 5, Some(-10)),
            (7, -5, Some(10)),
            (-7, -5, Some(-5)),
            (-10, 5, Some(-10)),
            (7, 0, None),
            (-9_223_372_036_854_775_806, 4, Some(9_223_372_036_854_775_804)),
            (9_223_372_036_854_775_805, -3, Some(9_223_372_036_854_775_806)),
        ] {
            assert_eq!(floor_long(value, size), expected, "bin({value}, {size})");
        }
    }

    #[test]
    fn reals_follow_ieee() {
        assert_eq!(floor_real(0.3, 0.1), 0.2);
        assert_eq!(floor_real(-0.3, 0.1), -0.30000000000000004);
        assert_eq!(floor_real(5.0, -2.0), 6.0);
        assert_eq!(floor_real(f64::INFINITY, 1.0), f64::INFINITY);
        assert!(floor_real(1.0, f64::INFINITY).is_nan());
        assert!(floor_real(7.0, 0.0).is_nan());
    }

    #[test]
    fn rounding() {
        assert_eq!(round_real(2.98765, 3), 2.988);
        assert_eq!(round_real(2.15, 1), 2.2);
        assert_eq!(round_real(-50.55, -2), -100.0);
        assert_eq!(round_real(21.5, -1), 20.0);
        assert_eq!(round_real(-2.5, 0), -3.0);
        assert_eq!(round_real(1.5, 400), 1.5);
        assert_eq!(round_long(-25, -1), Some(-30));
        let decimal = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(floor_decimal(decimal("-7.5"), decimal("2")), Some(decimal("-8")));
        assert_eq!(floor_decimal(decimal("7.5"), decimal("-2")), Some(decimal("8")));
        assert_eq!(floor_decimal(decimal("7.5"), decimal("0")), None);
    }
}
