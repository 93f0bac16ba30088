//! `+ - * / %` and the unary minus.
//!
//! Longs wrap, reals are IEEE, decimals exact; a datetime or timespan that leaves its range is null.

use arrow::array::ArrayRef;

use super::number;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::dynamic::RawValue;
use crate::types::{Decimal, Type, datetime, real};

scalar_functions! {
    family: Operators;

    /// Adds two numbers, two timespans, or a timespan to a datetime.
    ///
    /// Two integers give a long, which wraps on overflow. A datetime outside the years 1 to 9999 is
    /// null. A dynamic takes part with the number it holds.
    ///
    /// ```kql
    /// print 1 + 2                                      //=> 3
    /// print 1 + 0.5                                    //=> 1.5
    /// print decimal(0.1) + decimal(0.2)                //=> 0.3
    /// print datetime(2024-02-28) + 1d                  //=> 2024-02-29T00:00:00.0000000Z
    /// print 1d + datetime(2024-02-28)                  //=> 2024-02-29T00:00:00.0000000Z
    /// print 1h + 30m                                   //=> 01:30:00
    /// print dynamic(2) + 1                             //=> 3
    /// ```
    ADD = "+" {
        (left: Long, right: Long) -> Long => add_long;
        (left: Real, right: Real) -> Real => add_real;
        (left: Decimal, right: Decimal) -> Decimal => add_decimal;
        (left: DateTime, right: TimeSpan) -> DateTime => add_datetime;
        (left: TimeSpan, right: DateTime) -> DateTime => add_datetime;
        (left: TimeSpan, right: TimeSpan) -> TimeSpan => add_timespan;
        (left: Dynamic, right: Long) -> Long => add_dynamic;
        (left: Dynamic, right: Real) -> Real => add_dynamic;
        (left: Dynamic, right: Decimal) -> Decimal => add_dynamic;
        (left: Long, right: Dynamic) -> Long => add_dynamic;
        (left: Real, right: Dynamic) -> Real => add_dynamic;
        (left: Decimal, right: Dynamic) -> Decimal => add_dynamic;
        (left: Dynamic, right: Dynamic) -> Dynamic => add_dynamics;
    }

    /// Subtracts numbers, timespans, a timespan from a datetime, or two datetimes.
    ///
    /// The difference of two datetimes is a timespan.
    ///
    /// ```kql
    /// print 1 - 2                                                  //=> -1
    /// print 1 - 0.5                                                //=> 0.5
    /// print decimal(0.3) - decimal(0.1)                            //=> 0.2
    /// print datetime(2024-03-01) - datetime(2024-02-28)            //=> 2.00:00:00
    /// print datetime(2024-03-01) - 1d                              //=> 2024-02-29T00:00:00.0000000Z
    /// print 1h - 90m                                               //=> -00:30:00
    /// print dynamic(2) - 1                                         //=> 1
    /// ```
    SUBTRACT = "-" {
        (left: Long, right: Long) -> Long => subtract_long;
        (left: Real, right: Real) -> Real => subtract_real;
        (left: Decimal, right: Decimal) -> Decimal => subtract_decimal;
        (left: DateTime, right: DateTime) -> TimeSpan => subtract_timespan;
        (left: DateTime, right: TimeSpan) -> DateTime => subtract_datetime;
        (left: TimeSpan, right: TimeSpan) -> TimeSpan => subtract_timespan;
        (left: Dynamic, right: Long) -> Long => subtract_dynamic;
        (left: Dynamic, right: Real) -> Real => subtract_dynamic;
        (left: Dynamic, right: Decimal) -> Decimal => subtract_dynamic;
        (left: Long, right: Dynamic) -> Long => subtract_dynamic;
        (left: Real, right: Dynamic) -> Real => subtract_dynamic;
        (left: Decimal, right: Dynamic) -> Decimal => subtract_dynamic;
        (left: Dynamic, right: DateTime) -> TimeSpan => subtract_dynamic_datetime;
        (left: DateTime, right: Dynamic) -> TimeSpan => subtract_dynamic_datetime;
        (left: Dynamic, right: Dynamic) -> Dynamic => subtract_dynamics;
    }

    /// Multiplies two numbers, or a timespan by a number.
    ///
    /// ```kql
    /// print 6 * 7                          //=> 42
    /// print 3 * 0.5                        //=> 1.5
    /// print decimal(1.5) * decimal(2)      //=> 3
    /// print 1h * 3                         //=> 03:00:00
    /// print 2.5 * 1d                       //=> 2.12:00:00
    /// print dynamic(3) * 2                 //=> 6
    /// ```
    MULTIPLY = "*" {
        (left: Long, right: Long) -> Long => multiply_long;
        (left: Real, right: Real) -> Real => multiply_real;
        (left: Decimal, right: Decimal) -> Decimal => multiply_decimal;
        (left: TimeSpan, right: Number) -> TimeSpan => scale_timespan;
        (left: Number, right: TimeSpan) -> TimeSpan => scale_timespan;
        (left: Dynamic, right: Long) -> Long => multiply_dynamic;
        (left: Dynamic, right: Real) -> Real => multiply_dynamic;
        (left: Dynamic, right: Decimal) -> Decimal => multiply_dynamic;
        (left: Long, right: Dynamic) -> Long => multiply_dynamic;
        (left: Real, right: Dynamic) -> Real => multiply_dynamic;
        (left: Decimal, right: Dynamic) -> Decimal => multiply_dynamic;
        (left: Dynamic, right: Dynamic) -> Dynamic => multiply_dynamics;
    }

    /// Divides two numbers, a timespan by a number, or two timespans.
    ///
    /// The quotient of two integers is cut towards zero, and null when the divisor is zero. The
    /// quotient of two timespans is a real.
    ///
    /// ```kql
    /// print 7 / 2                          //=> 3
    /// print -7 / 2                         //=> -3
    /// print 1 / 0                          //=> null
    /// print 7 / 2.0                        //=> 3.5
    /// print decimal(7) / decimal(2)        //=> 3.5
    /// print 1d / 5h                        //=> 4.8
    /// print 1s / 1000                      //=> 00:00:00.0010000
    /// print dynamic(9) / 2                 //=> 4
    /// ```
    DIVIDE = "/" {
        (left: Long, right: Long) -> Long => divide_long;
        (left: Real, right: Real) -> Real => divide_real;
        (left: Decimal, right: Decimal) -> Decimal => divide_decimal;
        (left: TimeSpan, right: TimeSpan) -> Real => divide_timespans;
        (left: TimeSpan, right: Number) -> TimeSpan => shrink_timespan;
        (left: Dynamic, right: Long) -> Long => divide_dynamic;
        (left: Dynamic, right: Real) -> Real => divide_dynamic;
        (left: Dynamic, right: Decimal) -> Decimal => divide_dynamic;
        (left: Long, right: Dynamic) -> Long => divide_dynamic;
        (left: Real, right: Dynamic) -> Real => divide_dynamic;
        (left: Decimal, right: Dynamic) -> Decimal => divide_dynamic;
        (left: Dynamic, right: Dynamic) -> Dynamic => divide_dynamics;
    }

    /// The remainder of a division, never negative.
    ///
    /// Integers modulo zero give null.
    ///
    /// ```kql
    /// print 10 % 4                         //=> 2
    /// print -10 % 4                        //=> 2
    /// print 10 % -4                        //=> 2
    /// print 1 % 0                          //=> null
    /// print -5.5 % 3.0                     //=> 0.5
    /// print decimal(7) % decimal(4)        //=> 3
    /// print 25h % 1d                       //=> 01:00:00
    /// print datetime(2024-01-15 14:45:30) % 12h    //=> 02:45:30
    /// print dynamic(9) % 2                 //=> 1
    /// ```
    MODULO = "%" {
        (left: Long, right: Long) -> Long => modulo_long;
        (left: Real, right: Real) -> Real => modulo_real;
        (left: Decimal, right: Decimal) -> Decimal => modulo_decimal;
        (left: TimeSpan, right: TimeSpan) -> TimeSpan => modulo_long;
        (left: DateTime, right: TimeSpan) -> TimeSpan => modulo_long;
        (left: Dynamic, right: Long) -> Long => modulo_dynamic;
        (left: Dynamic, right: Real) -> Real => modulo_dynamic;
        (left: Dynamic, right: Decimal) -> Decimal => modulo_dynamic;
        (left: Long, right: Dynamic) -> Long => modulo_dynamic;
        (left: Real, right: Dynamic) -> Real => modulo_dynamic;
        (left: Decimal, right: Dynamic) -> Decimal => modulo_dynamic;
    }

    /// The opposite of a number or timespan.
    ///
    /// Of an int it is a long. Zero has no sign: the opposite of `0.0` is `0.0`.
    ///
    /// ```kql
    /// print -(1 + 2)                       //=> -3
    /// print -(1.5)                         //=> -1.5
    /// print -decimal(1.5)                  //=> -1.5
    /// print -(1h)                          //=> -01:00:00
    /// print -dynamic(5)                    //=> -5
    /// ```
    NEGATE = "unary -" {
        (value: Long) -> Long => negate_long;
        (value: Real) -> Real => negate_real;
        (value: Decimal) -> Decimal => negate_decimal;
        (value: TimeSpan) -> TimeSpan => negate_timespan;
        (value: Dynamic) -> Dynamic => negate_dynamic;
    }
}

macro_rules! over_longs {
    ($($kernel:ident $rule:expr;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                args.map2(|a: i64, b: i64| $rule(a, b))
            }
        )+
    };
}

over_longs! {
    add_long i64::wrapping_add;
    subtract_long i64::wrapping_sub;
    multiply_long i64::wrapping_mul;
    divide_long quotient;
    modulo_long remainder;
    add_timespan i64::checked_add;
    subtract_timespan i64::checked_sub;
    add_datetime datetime::checked_add;
    subtract_datetime |a: i64, b: i64| a.checked_sub(b).and_then(datetime::checked);
    divide_timespans |a: i64, b: i64| a as f64 / b as f64;
}

fn quotient(a: i64, b: i64) -> Option<i64> {
    (b != 0).then(|| a.wrapping_div(b))
}

fn remainder(a: i64, b: i64) -> Option<i64> {
    (b != 0).then(|| a.wrapping_rem_euclid(b))
}

macro_rules! over_reals {
    ($($kernel:ident $rule:expr;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                args.map2(|a: f64, b: f64| $rule(a, b))
            }
        )+
    };
}

over_reals! {
    add_real |a, b| a + b;
    subtract_real |a, b| a - b;
    multiply_real |a, b| a * b;
    divide_real |a, b| a / b;
    modulo_real f64::rem_euclid;
}

macro_rules! over_decimals {
    ($($kernel:ident $rule:expr;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                args.map2(|a: Decimal, b: Decimal| $rule(a, b))
            }
        )+
    };
}

over_decimals! {
    add_decimal Decimal::checked_add;
    subtract_decimal Decimal::checked_sub;
    multiply_decimal Decimal::checked_mul;
    divide_decimal Decimal::checked_div;
    modulo_decimal Decimal::checked_rem;
}

/// A timespan times a number, in either order.
fn scale_timespan(args: &Args) -> Result<ArrayRef> {
    if args.types().iter().any(|ty| matches!(ty, Type::Real | Type::Decimal)) {
        return args.map2(|a: f64, b: f64| whole_ticks(a * b));
    }
    args.map2(|a: i64, b: i64| a.checked_mul(b))
}

fn shrink_timespan(args: &Args) -> Result<ArrayRef> {
    if matches!(args.ty(1), Type::Real | Type::Decimal) {
        return args.map2(|a: f64, b: f64| whole_ticks(a / b));
    }
    args.map2(quotient)
}

fn whole_ticks(ticks: f64) -> Option<i64> {
    (ticks.abs() < 9.2e18).then_some(ticks as i64)
}

fn negate_long(args: &Args) -> Result<ArrayRef> {
    args.map1(i64::wrapping_neg)
}

fn negate_real(args: &Args) -> Result<ArrayRef> {
    args.map1(|a: f64| 0.0 - a)
}

fn negate_decimal(args: &Args) -> Result<ArrayRef> {
    args.map1(Decimal::negate)
}

fn negate_timespan(args: &Args) -> Result<ArrayRef> {
    args.map1(i64::checked_neg)
}

/// One operation over each type of number.
#[derive(Clone, Copy)]
struct Operation {
    long: fn(i64, i64) -> Option<i64>,
    real: fn(f64, f64) -> f64,
    decimal: fn(Decimal, Decimal) -> Option<Decimal>,
}

const ADD_NUMBERS: Operation = Operation {
    long: |a, b| Some(a.wrapping_add(b)),
    real: |a, b| a + b,
    decimal: Decimal::checked_add,
};
const SUBTRACT_NUMBERS: Operation = Operation {
    long: |a, b| Some(a.wrapping_sub(b)),
    real: |a, b| a - b,
    decimal: Decimal::checked_sub,
};
const MULTIPLY_NUMBERS: Operation = Operation {
    long: |a, b| Some(a.wrapping_mul(b)),
    real: |a, b| a * b,
    decimal: Decimal::checked_mul,
};
const DIVIDE_NUMBERS: Operation =
    Operation { long: quotient, real: |a, b| a / b, decimal: Decimal::checked_div };
const MODULO_NUMBERS: Operation =
    Operation { long: remainder, real: f64::rem_euclid, decimal: Decimal::checked_rem };

macro_rules! over_dynamics {
    ($($kernel:ident $rule:ident $operation:ident;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                $rule(args, $operation)
            }
        )+
    };
}

over_dynamics! {
    add_dynamic with_number ADD_NUMBERS;
    subtract_dynamic with_number SUBTRACT_NUMBERS;
    multiply_dynamic with_number MULTIPLY_NUMBERS;
    divide_dynamic with_number DIVIDE_NUMBERS;
    modulo_dynamic with_number MODULO_NUMBERS;
    add_dynamics between_dynamics ADD_NUMBERS;
    subtract_dynamics between_dynamics SUBTRACT_NUMBERS;
    multiply_dynamics between_dynamics MULTIPLY_NUMBERS;
    divide_dynamics between_dynamics DIVIDE_NUMBERS;
}

/// A dynamic and a number: the dynamic's number is taken as the other's type.
fn with_number(args: &Args, operation: Operation) -> Result<ArrayRef> {
    let left = args.ty(0) == Type::Dynamic;
    let ty = if left { args.ty(1) } else { args.ty(0) };
    match (ty, left) {
        (Type::Real, true) => {
            args.map2(|a: &str, b: f64| Some((operation.real)(number(a)?.as_real()?, b)))
        }
        (Type::Real, false) => {
            args.map2(|a: f64, b: &str| Some((operation.real)(a, number(b)?.as_real()?)))
        }
        (Type::Decimal, true) => {
            args.map2(|a: &str, b: Decimal| (operation.decimal)(number(a)?.as_decimal()?, b))
        }
        (Type::Decimal, false) => {
            args.map2(|a: Decimal, b: &str| (operation.decimal)(a, number(b)?.as_decimal()?))
        }
        (_, true) => args.map2(|a: &str, b: i64| (operation.long)(number(a)?.as_long()?, b)),
        (_, false) => args.map2(|a: i64, b: &str| (operation.long)(a, number(b)?.as_long()?)),
    }
}

/// Two dynamics that hold numbers: longs stay long, anything else computes as reals.
fn between_dynamics(args: &Args, operation: Operation) -> Result<ArrayRef> {
    args.map2(|a: &str, b: &str| {
        let (x, y) = (number(a)?, number(b)?);
        match (a.parse(), b.parse()) {
            (Ok(a), Ok(b)) => (operation.long)(a, b).map(|v| v.to_string()),
            _ => Some(real::format_json((operation.real)(x.as_real()?, y.as_real()?))),
        }
    })
}

fn negate_dynamic(args: &Args) -> Result<ArrayRef> {
    args.map1(|a: &str| {
        let value = number(a)?;
        match a.parse::<i64>() {
            Ok(value) => Some(value.wrapping_neg().to_string()),
            Err(_) => value.as_real().map(|value| real::format_json(0.0 - value)),
        }
    })
}

fn subtract_dynamic_datetime(args: &Args) -> Result<ArrayRef> {
    let ticks = |json: &str| RawValue::new(json).as_datetime();
    if args.ty(0) == Type::Dynamic {
        args.map2(|a: &str, b: i64| ticks(a)?.checked_sub(b))
    } else {
        args.map2(|a: i64, b: &str| a.checked_sub(ticks(b)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::kernel::{array_of, value_at};
    use crate::types::Value;

    #[track_caller]
    fn check(kernel: fn(&Args) -> Result<ArrayRef>, left: Value, right: Value, expected: Value) {
        let types = [left.ty(), right.ty()];
        let arrays = [array_of(&[left], types[0]), array_of(&[right], types[1])];
        let result = kernel(&Args::new(&arrays, &[true, true], &types, 1)).unwrap();
        assert_eq!(value_at(&result, expected.ty(), 0), expected);
    }

    fn dynamic(json: &str) -> Value {
        Value::Dynamic(json.into())
    }

    const NULL: Value = Value::Null(Type::Long);

    #[test]
    fn longs() {
        use Value::Long;
        check(add_long, Long(i64::MAX), Long(1), Long(i64::MIN));
        check(multiply_long, Long(i64::MIN), Long(2), Long(0));
        check(divide_long, Long(-7), Long(2), Long(-3));
        check(divide_long, Long(0), Long(0), NULL);
        for (a, b) in [(10, 4), (-10, 4), (10, -4), (-10, -4)] {
            check(modulo_long, Long(a), Long(b), Long(2));
        }
        check(modulo_long, Long(1), Long(0), NULL);
        check(add_long, NULL, Long(1), NULL);
    }

    #[test]
    fn moments_and_spans() {
        use Value::{DateTime, Real, TimeSpan};
        check(add_datetime, DateTime(datetime::MAX), TimeSpan(1), Value::Null(Type::DateTime));
        check(subtract_datetime, DateTime(0), TimeSpan(1), Value::Null(Type::DateTime));
        check(scale_timespan, TimeSpan(24), Real(2.5), TimeSpan(60));
        check(scale_timespan, Value::Long(-2), TimeSpan(5), TimeSpan(-10));
        check(shrink_timespan, TimeSpan(10_000_000), Value::Long(1000), TimeSpan(10_000));
        check(shrink_timespan, TimeSpan(1), Real(0.0), Value::Null(Type::TimeSpan));
        check(divide_timespans, TimeSpan(24), TimeSpan(5), Real(4.8));
        check(add_timespan, TimeSpan(i64::MAX), TimeSpan(1), Value::Null(Type::TimeSpan));
    }

    #[test]
    fn dynamics() {
        check(add_dynamic, dynamic("1"), Value::Long(1), Value::Long(2));
        check(subtract_dynamic, Value::Real(1.0), dynamic("0.5"), Value::Real(0.5));
        check(add_dynamic, dynamic("[1]"), Value::Long(1), NULL);
        check(divide_dynamics, dynamic("7"), dynamic("2"), dynamic("3"));
        check(multiply_dynamics, dynamic("2"), dynamic("1.5"), dynamic("3.0"));
        let moment = dynamic("\"0001-01-02\"");
        let day = Value::TimeSpan(datetime::TICKS_PER_DAY);
        check(subtract_dynamic_datetime, moment, Value::DateTime(0), day);
    }
}
