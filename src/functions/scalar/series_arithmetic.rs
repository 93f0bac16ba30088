//! Arithmetic and comparison of series, element by element.

use arrow::array::ArrayRef;

use super::series_values::{Number, Operand, write_numbers};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;

use Number::{Long, Real};

scalar_functions! {
    family: Series;

    /// The sums of the elements of two series.
    ///
    /// An element that one of them lacks, or that is no number, gives null. A number in place of a
    /// series stands for every element.
    ///
    /// ```kql
    /// print series_add(dynamic([1, 2, 4]), dynamic([4, 2, 1]))             //=> [5,4,5]
    /// ```
    SERIES_ADD = "series_add" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_add;
    }

    /// The differences of the elements of two series.
    ///
    /// ```kql
    /// print series_subtract(dynamic([1, 2, 4]), dynamic([4, 2, 1]))        //=> [-3,0,3]
    /// ```
    SERIES_SUBTRACT = "series_subtract" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_subtract;
    }

    /// The products of the elements of two series.
    ///
    /// ```kql
    /// print series_multiply(dynamic([1, 2, 4]), dynamic([4, 2, 1]))        //=> [4,4,4]
    /// print series_multiply(10, dynamic([0, 1]))                           //=> [0,10]
    /// ```
    SERIES_MULTIPLY = "series_multiply" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_multiply;
    }

    /// The quotients of the elements of two series, always reals.
    ///
    /// ```kql
    /// print series_divide(dynamic([1, 2, 4]), dynamic([4, 2, 1]))          //=> [0.25,1.0,4.0]
    /// ```
    SERIES_DIVIDE = "series_divide" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_divide;
    }

    /// The elements of one series to the powers of another, always reals.
    ///
    /// ```kql
    /// print series_pow(dynamic([1, 2, 3, 4]), dynamic([1, 2, 3, 0.5]))     //=> [1.0,4.0,27.0,2.0]
    /// ```
    SERIES_POW = "series_pow" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_pow;
    }

    /// Whether the elements of two series are equal.
    ///
    /// ```kql
    /// print series_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))          //=> [false,true,false]
    /// ```
    SERIES_EQUALS = "series_equals" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_equals;
    }

    /// Whether the elements of two series differ.
    ///
    /// ```kql
    /// print series_not_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))      //=> [true,false,true]
    /// ```
    SERIES_NOT_EQUALS = "series_not_equals" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_not_equals;
    }

    /// Whether the elements of the first series are greater than those of the second.
    ///
    /// ```kql
    /// print series_greater(dynamic([1, 2, 4]), dynamic([4, 2, 1]))         //=> [false,false,true]
    /// ```
    SERIES_GREATER = "series_greater" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_greater;
    }

    /// Whether the elements of the first series are at least as great as those of the second.
    ///
    /// ```kql
    /// print series_greater_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))  //=> [false,true,true]
    /// ```
    SERIES_GREATER_EQUALS = "series_greater_equals" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_greater_equals;
    }

    /// Whether the elements of the first series are less than those of the second.
    ///
    /// ```kql
    /// print series_less(dynamic([1, 2, 4]), dynamic([4, 2, 1]))            //=> [true,false,false]
    /// ```
    SERIES_LESS = "series_less" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_less;
    }

    /// Whether the elements of the first series are at most as great as those of the second.
    ///
    /// ```kql
    /// print series_less_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))     //=> [true,true,false]
    /// ```
    SERIES_LESS_EQUALS = "series_less_equals" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Dynamic => series_less_equals;
    }

    /// The absolute values of the elements of a series.
    ///
    /// ```kql
    /// print series_abs(dynamic([-6.5, 0, 8.2]))                            //=> [6.5,0,8.2]
    /// ```
    SERIES_ABS = "series_abs" {
        (series: Dynamic) -> Dynamic => series_abs;
    }

    /// The signs of the elements of a series: -1, 0 or 1.
    ///
    /// ```kql
    /// print series_sign(dynamic([-6, 0, 8]))                               //=> [-1,0,1]
    /// ```
    SERIES_SIGN = "series_sign" {
        (series: Dynamic) -> Dynamic => series_sign;
    }

    /// The elements of a series rounded down, as reals.
    ///
    /// ```kql
    /// print series_floor(dynamic([-1.5, 1, 2.5]))                          //=> [-2.0,1.0,2.0]
    /// ```
    SERIES_FLOOR = "series_floor" {
        (series: Dynamic) -> Dynamic => series_floor;
    }

    /// The elements of a series rounded up, as reals.
    ///
    /// ```kql
    /// print series_ceiling(dynamic([-1.5, 1, 2.5]))                        //=> [-1.0,1.0,3.0]
    /// ```
    SERIES_CEILING = "series_ceiling" {
        (series: Dynamic) -> Dynamic => series_ceiling;
    }

    /// The exponential function of the elements of a series.
    ///
    /// ```kql
    /// print series_exp(dynamic([0]))                                       //=> [1.0]
    /// ```
    SERIES_EXP = "series_exp" {
        (series: Dynamic) -> Dynamic => series_exp;
    }

    /// The natural logarithms of the elements of a series.
    ///
    /// ```kql
    /// print series_log(dynamic([1]))                                       //=> [0.0]
    /// ```
    SERIES_LOG = "series_log" {
        (series: Dynamic) -> Dynamic => series_log;
    }

    /// The sines of the elements of a series.
    ///
    /// ```kql
    /// print series_sin(dynamic([0]))                                       //=> [0.0]
    /// ```
    SERIES_SIN = "series_sin" {
        (series: Dynamic) -> Dynamic => series_sin;
    }

    /// The cosines of the elements of a series.
    ///
    /// ```kql
    /// print series_cos(dynamic([0]))                                       //=> [1.0]
    /// ```
    SERIES_COS = "series_cos" {
        (series: Dynamic) -> Dynamic => series_cos;
    }

    /// The tangents of the elements of a series.
    ///
    /// ```kql
    /// print series_tan(dynamic([0]))                                       //=> [0.0]
    /// ```
    SERIES_TAN = "series_tan" {
        (series: Dynamic) -> Dynamic => series_tan;
    }

    /// The arc sines of the elements of a series.
    ///
    /// ```kql
    /// print series_asin(dynamic([0]))                                      //=> [0.0]
    /// ```
    SERIES_ASIN = "series_asin" {
        (series: Dynamic) -> Dynamic => series_asin;
    }

    /// The arc cosines of the elements of a series.
    ///
    /// ```kql
    /// print series_acos(dynamic([1]))                                      //=> [0.0]
    /// ```
    SERIES_ACOS = "series_acos" {
        (series: Dynamic) -> Dynamic => series_acos;
    }

    /// The arc tangents of the elements of a series.
    ///
    /// ```kql
    /// print series_atan(dynamic([0]))                                      //=> [0.0]
    /// ```
    SERIES_ATAN = "series_atan" {
        (series: Dynamic) -> Dynamic => series_atan;
    }
}

/// Applies a function to each element.
fn each(args: &Args, f: impl Fn(Number) -> Number) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let items = arrays.get(row)?;
        write_numbers(items.iter().map(|item| Number::read(*item).map(&f)), out);
        Some(())
    })
}

fn each_real(args: &Args, f: impl Fn(f64) -> f64) -> Result<ArrayRef> {
    each(args, |v| Real(f(v.real())))
}

/// Applies a function to the elements at each position; null where one of them is no number.
fn pairs(args: &Args, mut write: impl FnMut(Number, Number, &mut String)) -> Result<ArrayRef> {
    let (mut left, mut right) = (Operand::new(args, 0)?, Operand::new(args, 1)?);
    jsons(args.rows(), |row, out| {
        let (left, right) = (left.get(row)?, right.get(row)?);
        let length = left.len().max(right.len())?;
        out.push('[');
        for position in 0..length {
            if position > 0 {
                out.push(',');
            }
            match (left.at(position), right.at(position)) {
                (Some(a), Some(b)) => write(a, b, out),
                _ => out.push_str("null"),
            }
        }
        out.push(']');
        Some(())
    })
}

fn arithmetic(
    args: &Args,
    longs: impl Fn(i64, i64) -> i64,
    reals: impl Fn(f64, f64) -> f64,
) -> Result<ArrayRef> {
    pairs(args, |a, b, out| {
        let result = match (a, b) {
            (Long(a), Long(b)) => Long(longs(a, b)),
            _ => Real(reals(a.real(), b.real())),
        };
        result.write(out);
    })
}

fn comparison(args: &Args, holds: impl Fn(f64, f64) -> bool) -> Result<ArrayRef> {
    pairs(args, |a, b, out| {
        let holds = match (a, b) {
            // Longs beyond 2^53 differ although their reals may not.
            (Long(a), Long(b)) => holds(f64::from(u8::from(a > b)), f64::from(u8::from(a < b))),
            _ => holds(a.real(), b.real()),
        };
        out.push_str(if holds { "true" } else { "false" });
    })
}

fn series_add(args: &Args) -> Result<ArrayRef> {
    arithmetic(args, i64::wrapping_add, |a, b| a + b)
}

fn series_subtract(args: &Args) -> Result<ArrayRef> {
    arithmetic(args, i64::wrapping_sub, |a, b| a - b)
}

fn series_multiply(args: &Args) -> Result<ArrayRef> {
    arithmetic(args, i64::wrapping_mul, |a, b| a * b)
}

fn series_divide(args: &Args) -> Result<ArrayRef> {
    pairs(args, |a, b, out| Real(a.real() / b.real()).write(out))
}

fn series_pow(args: &Args) -> Result<ArrayRef> {
    pairs(args, |a, b, out| Real(a.real().powf(b.real())).write(out))
}

fn series_equals(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a == b)
}

fn series_not_equals(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a != b)
}

fn series_greater(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a > b)
}

fn series_greater_equals(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a >= b)
}

fn series_less(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a < b)
}

fn series_less_equals(args: &Args) -> Result<ArrayRef> {
    comparison(args, |a, b| a <= b)
}

fn series_abs(args: &Args) -> Result<ArrayRef> {
    each(args, |v| match v {
        Long(v) => Long(v.wrapping_abs()),
        Real(v) => Real(v.abs()),
    })
}

fn series_sign(args: &Args) -> Result<ArrayRef> {
    each(args, |v| match v {
        Long(v) => Long(v.signum()),
        Real(v) if v == 0.0 || v.is_nan() => Real(v),
        Real(v) => Real(v.signum()),
    })
}

fn series_floor(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::floor)
}

fn series_ceiling(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::ceil)
}

fn series_exp(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::exp)
}

fn series_log(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::ln)
}

fn series_sin(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::sin)
}

fn series_cos(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::cos)
}

fn series_tan(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::tan)
}

fn series_asin(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::asin)
}

fn series_acos(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::acos)
}

fn series_atan(args: &Args) -> Result<ArrayRef> {
    each_real(args, f64::atan)
}
