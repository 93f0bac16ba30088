//! `== != < <= > >=` and `between`.
//!
//! Equality is total: one null makes `==` false and `!=` true, two nulls make both null. Orderings
//! with a null are null. A NaN equals nothing and is in no order.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};

use super::number;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::kernel::FromArg;
use crate::functions::text::dynamic_text;
use crate::types::dynamic::RawValue;
use crate::types::{Decimal, Type, guid};

scalar_functions! {
    family: Operators;

    /// Whether two values are equal.
    ///
    /// Numbers of different types meet in the wider one. A null equals no value; two nulls compare
    /// to null. A dynamic is compared by what it holds, with a string by its text.
    ///
    /// ```kql
    /// print 1 == 1.0                                                   //=> true
    /// print 'a' == 'A'                                                 //=> false
    /// print true == 1                                                  //=> true
    /// print 0 == false                                                 //=> true
    /// print dynamic({'a': 5}).a == 5                                   //=> true
    /// print 'x' == dynamic(['x'])[0]                                   //=> true
    /// print guid(74be27de-1e4e-49d9-b579-fe0b331d3642) == '74BE27DE-1E4E-49D9-B579-FE0B331D3642'     //=> true
    /// print '74BE27DE-1E4E-49D9-B579-FE0B331D3642' == guid(74be27de-1e4e-49d9-b579-fe0b331d3642)     //=> true
    /// print long(null) == 5                                            //=> false
    /// print real(nan) == real(nan)                                     //=> false
    /// ```
    EQUAL = "==" {
        (left: Dynamic, right: Plain) -> Bool => equal;
        (left: Plain, right: Dynamic) -> Bool => equal;
        (left: Bool, right: Number) -> Bool => equal;
        (left: Number, right: Bool) -> Bool => equal;
        (left: Guid, right: String) -> Bool => equal;
        (left: String, right: Guid) -> Bool => equal;
        (left: Common, right: Common) -> Bool => equal;
    }

    /// Whether two values differ: the opposite of `==`, null only for two nulls.
    ///
    /// ```kql
    /// print 1 != 2                                                     //=> true
    /// print long(null) != 5                                            //=> true
    /// print true != 0                                                  //=> true
    /// print 2 != true                                                  //=> true
    /// print dynamic(5) != 5                                            //=> false
    /// print 5 != dynamic('a')                                          //=> true
    /// print guid(74be27de-1e4e-49d9-b579-fe0b331d3642) != 'x'          //=> true
    /// print 'x' != guid(74be27de-1e4e-49d9-b579-fe0b331d3642)          //=> true
    /// ```
    NOT_EQUAL = "!=" {
        (left: Dynamic, right: Plain) -> Bool => not_equal;
        (left: Plain, right: Dynamic) -> Bool => not_equal;
        (left: Bool, right: Number) -> Bool => not_equal;
        (left: Number, right: Bool) -> Bool => not_equal;
        (left: Guid, right: String) -> Bool => not_equal;
        (left: String, right: Guid) -> Bool => not_equal;
        (left: Common, right: Common) -> Bool => not_equal;
    }

    /// Whether the left value is smaller. Strings have no such order.
    ///
    /// ```kql
    /// print 1 < 2                                                      //=> true
    /// print 1 < 1.5                                                    //=> true
    /// print decimal(1) < decimal(1.5)                                  //=> true
    /// print int(1) < int(2)                                            //=> true
    /// print false < true                                               //=> true
    /// print datetime(2024-01-01) < datetime(2024-01-02)                //=> true
    /// print 1h < 30m                                                   //=> false
    /// print false < 1                                                  //=> true
    /// print 0 < true                                                   //=> true
    /// print dynamic(1) < 2                                             //=> true
    /// print 2 < dynamic(1)                                             //=> false
    /// print long(null) < 1                                             //=> null
    /// ```
    LESS = "<" {
        (left: Int, right: Int) -> Bool => less;
        (left: Long, right: Long) -> Bool => less;
        (left: Real, right: Real) -> Bool => less;
        (left: Decimal, right: Decimal) -> Bool => less;
        (left: Bool, right: Bool) -> Bool => less;
        (left: DateTime, right: DateTime) -> Bool => less;
        (left: TimeSpan, right: TimeSpan) -> Bool => less;
        (left: Bool, right: Number) -> Bool => less;
        (left: Number, right: Bool) -> Bool => less;
        (left: Dynamic, right: Number) -> Bool => less;
        (left: Number, right: Dynamic) -> Bool => less;
    }

    /// Whether the left value is smaller or equal. Strings have no such order.
    ///
    /// ```kql
    /// print 2 <= 2                                                     //=> true
    /// print 1.5 <= 1                                                   //=> false
    /// print decimal(1) <= decimal(1)                                   //=> true
    /// print int(1) <= int(2)                                           //=> true
    /// print true <= true                                               //=> true
    /// print datetime(2024-01-01) <= datetime(2024-01-01)               //=> true
    /// print 1h <= 60m                                                  //=> true
    /// print true <= 1                                                  //=> true
    /// print 2 <= true                                                  //=> false
    /// print dynamic(1) <= 1                                            //=> true
    /// print 2 <= dynamic(1)                                            //=> false
    /// ```
    LESS_OR_EQUAL = "<=" {
        (left: Int, right: Int) -> Bool => less_or_equal;
        (left: Long, right: Long) -> Bool => less_or_equal;
        (left: Real, right: Real) -> Bool => less_or_equal;
        (left: Decimal, right: Decimal) -> Bool => less_or_equal;
        (left: Bool, right: Bool) -> Bool => less_or_equal;
        (left: DateTime, right: DateTime) -> Bool => less_or_equal;
        (left: TimeSpan, right: TimeSpan) -> Bool => less_or_equal;
        (left: Bool, right: Number) -> Bool => less_or_equal;
        (left: Number, right: Bool) -> Bool => less_or_equal;
        (left: Dynamic, right: Number) -> Bool => less_or_equal;
        (left: Number, right: Dynamic) -> Bool => less_or_equal;
    }

    /// Whether the left value is greater. Strings have no such order.
    ///
    /// ```kql
    /// print 2 > 1                                                      //=> true
    /// print 1.5 > 1                                                    //=> true
    /// print decimal(1) > decimal(1.5)                                  //=> false
    /// print int(1) > int(2)                                            //=> false
    /// print true > false                                               //=> true
    /// print datetime(2024-01-02) > datetime(2024-01-01)                //=> true
    /// print 1h > 30m                                                   //=> true
    /// print true > 0                                                   //=> true
    /// print 2 > true                                                   //=> true
    /// print dynamic(1) > 2                                             //=> false
    /// print 2 > dynamic(1)                                             //=> true
    /// ```
    GREATER = ">" {
        (left: Int, right: Int) -> Bool => greater;
        (left: Long, right: Long) -> Bool => greater;
        (left: Real, right: Real) -> Bool => greater;
        (left: Decimal, right: Decimal) -> Bool => greater;
        (left: Bool, right: Bool) -> Bool => greater;
        (left: DateTime, right: DateTime) -> Bool => greater;
        (left: TimeSpan, right: TimeSpan) -> Bool => greater;
        (left: Bool, right: Number) -> Bool => greater;
        (left: Number, right: Bool) -> Bool => greater;
        (left: Dynamic, right: Number) -> Bool => greater;
        (left: Number, right: Dynamic) -> Bool => greater;
    }

    /// Whether the left value is greater or equal. Strings have no such order.
    ///
    /// ```kql
    /// print 2 >= 2                                                     //=> true
    /// print 1.5 >= 1                                                   //=> true
    /// print decimal(1) >= decimal(1)                                   //=> true
    /// print int(1) >= int(2)                                           //=> false
    /// print true >= true                                               //=> true
    /// print datetime(2024-01-01) >= datetime(2024-01-01)               //=> true
    /// print 1h >= 60m                                                  //=> true
    /// print true >= 1                                                  //=> true
    /// print 2 >= true                                                  //=> true
    /// print dynamic(1) >= 1                                            //=> true
    /// print 2 >= dynamic(3)                                            //=> false
    /// ```
    GREATER_OR_EQUAL = ">=" {
        (left: Int, right: Int) -> Bool => greater_or_equal;
        (left: Long, right: Long) -> Bool => greater_or_equal;
        (left: Real, right: Real) -> Bool => greater_or_equal;
        (left: Decimal, right: Decimal) -> Bool => greater_or_equal;
        (left: Bool, right: Bool) -> Bool => greater_or_equal;
        (left: DateTime, right: DateTime) -> Bool => greater_or_equal;
        (left: TimeSpan, right: TimeSpan) -> Bool => greater_or_equal;
        (left: Bool, right: Number) -> Bool => greater_or_equal;
        (left: Number, right: Bool) -> Bool => greater_or_equal;
        (left: Dynamic, right: Number) -> Bool => greater_or_equal;
        (left: Number, right: Dynamic) -> Bool => greater_or_equal;
    }

    /// Whether a value lies in a range; both ends belong to it.
    ///
    /// A timespan as the high end of a datetime range is its length. A reversed range holds nothing;
    /// any null makes the answer null.
    ///
    /// ```kql
    /// print 5 between (5 .. 10)                                                //=> true
    /// print int(5) between (int(6) .. int(10))                                 //=> false
    /// print 2.5 between (1 .. 2.5)                                             //=> true
    /// print decimal(2) between (decimal(1) .. decimal(3))                      //=> true
    /// print true between (false .. true)                                       //=> true
    /// print datetime(2024-01-02) between (datetime(2024-01-01) .. datetime(2024-01-03))     //=> true
    /// print datetime(2024-01-04) between (datetime(2024-01-01) .. 3d)          //=> true
    /// print 7h between (2h .. 6h)                                              //=> false
    /// print 5 between (10 .. 1)                                                //=> false
    /// ```
    BETWEEN = "between" {
        (value: Int, low: Int, high: Int) -> Bool => between_ticks;
        (value: Long, low: Long, high: Long) -> Bool => between_ticks;
        (value: Real, low: Real, high: Real) -> Bool => between_reals;
        (value: Decimal, low: Decimal, high: Decimal) -> Bool => between_decimals;
        (value: Bool, low: Bool, high: Bool) -> Bool => between_ticks;
        (value: DateTime, low: DateTime, high: DateTime) -> Bool => between_ticks;
        (value: DateTime, low: DateTime, length: TimeSpan) -> Bool => between_length;
        (value: TimeSpan, low: TimeSpan, high: TimeSpan) -> Bool => between_ticks;
    }
}

fn equal(args: &Args) -> Result<ArrayRef> {
    equality(args, false)
}

fn not_equal(args: &Args) -> Result<ArrayRef> {
    equality(args, true)
}

fn equality(args: &Args, negated: bool) -> Result<ArrayRef> {
    match (args.ty(0), args.ty(1)) {
        (Type::Dynamic, Type::Dynamic) => same(args, negated, |a: &&str, b: &&str| a == b),
        (Type::Dynamic, other) => dynamic_equality(args, 0, other, negated),
        (other, Type::Dynamic) => dynamic_equality(args, 1, other, negated),
        (Type::Guid, Type::String) => {
            same(args, negated, |a: &&str, b: &&str| guid::parse(b).is_some_and(|b| b == **a))
        }
        (Type::String, Type::Guid) => {
            same(args, negated, |a: &&str, b: &&str| guid::parse(a).is_some_and(|a| a == **b))
        }
        (Type::String | Type::Guid, _) => same(args, negated, |a: &&str, b: &&str| a == b),
        (Type::Decimal, Type::Decimal) => same(args, negated, |a: &Decimal, b: &Decimal| a == b),
        (Type::Real | Type::Decimal, _) | (_, Type::Real | Type::Decimal) => {
            same(args, negated, |a: &f64, b: &f64| a == b)
        }
        _ => same(args, negated, |a: &i64, b: &i64| a == b),
    }
}

/// Equality of two arguments of one Rust type, total in nulls.
fn same<'a, T: FromArg<'a>>(
    args: &Args<'a>,
    negated: bool,
    test: impl Fn(&T, &T) -> bool,
) -> Result<ArrayRef> {
    let left = args.reader::<T>(0)?;
    let right = args.reader::<T>(1)?;
    let values = BooleanBuffer::collect_bool(args.rows(), |row| {
        let equal = match (left.get(row), right.get(row)) {
            (Some(a), Some(b)) => test(&a, &b),
            _ => false,
        };
        equal != negated
    });
    Ok(finish(values, valid(args, |left, right| left || right)))
}

/// Which rows of a binary result are valid, given which operands are; `None` is all.
fn valid(args: &Args, rule: impl Fn(bool, bool) -> bool) -> Option<NullBuffer> {
    let (a, b) = (args.array(0), args.array(1));
    if a.null_count() == 0 && b.null_count() == 0 {
        return None;
    }
    let at = |index: usize, row: usize| if args.is_scalar(index) { 0 } else { row };
    let rows = BooleanBuffer::collect_bool(args.rows(), |row| {
        rule(a.is_valid(at(0, row)), b.is_valid(at(1, row)))
    });
    Some(NullBuffer::new(rows))
}

fn finish(values: BooleanBuffer, valid: Option<NullBuffer>) -> ArrayRef {
    Arc::new(BooleanArray::new(values, valid))
}

/// A dynamic (the argument at `dynamic`) against a value of type `other`.
fn dynamic_equality(args: &Args, dynamic: usize, other: Type, negated: bool) -> Result<ArrayRef> {
    let plain = 1 - dynamic;
    let json = args.reader::<Option<&str>>(dynamic)?;
    let json = |row| json.get(row).flatten();
    if other == Type::String {
        let text = args.reader::<&str>(plain)?;
        let values = BooleanBuffer::collect_bool(args.rows(), |row| {
            let held = json(row).map_or("".into(), dynamic_text);
            (held == text.get(row).unwrap_or("")) != negated
        });
        return Ok(finish(values, None));
    }
    macro_rules! against {
        ($ty:ty, $equal:expr) => {{
            let value = args.reader::<$ty>(plain)?;
            let equal: fn(RawValue, $ty) -> bool = $equal;
            BooleanBuffer::collect_bool(args.rows(), |row| {
                let equal = match (json(row), value.get(row)) {
                    (Some(json), Some(value)) => equal(RawValue::new(json), value),
                    _ => false,
                };
                equal != negated
            })
        }};
    }
    let values = match other {
        Type::Bool => against!(bool, |held, value| held.as_bool() == Some(value)),
        Type::Int | Type::Long => {
            against!(i64, |held, value| long_order(held, value).flatten() == Some(Ordering::Equal))
        }
        Type::Real => against!(f64, |held, value| held.as_real() == Some(value)),
        Type::Decimal => against!(Decimal, |held, value| held.as_decimal() == Some(value)),
        Type::DateTime => against!(i64, |held, value| held.as_datetime() == Some(value)),
        Type::TimeSpan => against!(i64, |held, value| held.as_timespan() == Some(value)),
        _ => against!(&str, |held, value| held.as_guid().as_deref() == Some(value)),
    };
    Ok(finish(values, valid(args, |left, right| left || right)))
}

/// How what a dynamic holds compares with a long; the outer `None` is null, the inner a NaN.
fn long_order(held: RawValue, value: i64) -> Option<Option<Ordering>> {
    let whole =
        if number(held.json()).is_some() { held.json().parse().ok() } else { held.as_long() };
    match whole {
        Some(whole) => Some(Some(i64::cmp(&whole, &value))),
        None => Some(held.as_real()?.partial_cmp(&(value as f64))),
    }
}

macro_rules! orderings {
    ($($kernel:ident $pattern:pat,)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                ordering(args, |order| matches!(order, $pattern))
            }
        )+
    };
}

orderings! {
    less Some(Ordering::Less),
    less_or_equal Some(Ordering::Less | Ordering::Equal),
    greater Some(Ordering::Greater),
    greater_or_equal Some(Ordering::Greater | Ordering::Equal),
}

fn ordering(args: &Args, test: impl Fn(Option<Ordering>) -> bool) -> Result<ArrayRef> {
    match (args.ty(0), args.ty(1)) {
        (Type::Dynamic, Type::Int | Type::Long) => {
            args.map2(|a: &str, b: i64| long_order(RawValue::new(a), b).map(&test))
        }
        (Type::Int | Type::Long, Type::Dynamic) => args.map2(|a: i64, b: &str| {
            long_order(RawValue::new(b), a).map(|order| test(order.map(Ordering::reverse)))
        }),
        (Type::Dynamic, Type::Decimal) => args
            .map2(|a: &str, b: Decimal| Some(test(Some(RawValue::new(a).as_decimal()?.cmp(&b))))),
        (Type::Decimal, Type::Dynamic) => args
            .map2(|a: Decimal, b: &str| Some(test(Some(a.cmp(&RawValue::new(b).as_decimal()?))))),
        (Type::Dynamic, _) => {
            args.map2(|a: &str, b: f64| Some(test(RawValue::new(a).as_real()?.partial_cmp(&b))))
        }
        (_, Type::Dynamic) => {
            args.map2(|a: f64, b: &str| Some(test(a.partial_cmp(&RawValue::new(b).as_real()?))))
        }
        (Type::Decimal, Type::Decimal) => {
            ordered(args, |a: Decimal, b: Decimal| test(Some(a.cmp(&b))))
        }
        (Type::Real | Type::Decimal, _) | (_, Type::Real | Type::Decimal) => {
            ordered(args, |a: f64, b: f64| test(a.partial_cmp(&b)))
        }
        _ => ordered(args, |a: i64, b: i64| test(Some(a.cmp(&b)))),
    }
}

/// An ordering of two arguments of one Rust type; any null makes null.
fn ordered<'a, T: FromArg<'a>>(args: &Args<'a>, test: impl Fn(T, T) -> bool) -> Result<ArrayRef> {
    let left = args.reader::<T>(0)?;
    let right = args.reader::<T>(1)?;
    let values = BooleanBuffer::collect_bool(args.rows(), |row| {
        left.get(row).zip(right.get(row)).is_some_and(|(a, b)| test(a, b))
    });
    Ok(finish(values, valid(args, |left, right| left && right)))
}

fn between_ticks(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: i64, low: i64, high: i64| low <= value && value <= high)
}

fn between_reals(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: f64, low: f64, high: f64| low <= value && value <= high)
}

fn between_decimals(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: Decimal, low: Decimal, high: Decimal| low <= value && value <= high)
}

fn between_length(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: i64, low: i64, length: i64| {
        low <= value && value <= low.saturating_add(length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, StringViewArray};

    fn run(
        kernel: fn(&Args) -> Result<ArrayRef>,
        left: ArrayRef,
        right: ArrayRef,
        types: [Type; 2],
    ) -> Vec<Option<bool>> {
        let rows = left.len().max(right.len());
        let scalars = [left.len() < rows, right.len() < rows];
        let result = kernel(&Args::new(&[left, right], &scalars, &types, rows)).unwrap();
        result.as_any().downcast_ref::<BooleanArray>().unwrap().iter().collect()
    }

    #[test]
    fn equality_is_total_and_ordering_is_not() {
        let column = || -> ArrayRef { Arc::new(Int64Array::from(vec![Some(5), Some(6), None])) };
        let five = || -> ArrayRef { Arc::new(Int64Array::from(vec![5])) };
        let null = || -> ArrayRef { Arc::new(Int64Array::from(vec![None::<i64>])) };
        let longs = [Type::Long; 2];
        let (t, f) = (Some(true), Some(false));
        assert_eq!(run(equal, column(), five(), longs), [t, f, f]);
        assert_eq!(run(not_equal, column(), five(), longs), [f, t, t]);
        assert_eq!(run(equal, column(), null(), longs), [f, f, None]);
        assert_eq!(run(not_equal, null(), column(), longs), [t, t, None]);
        assert_eq!(run(less_or_equal, column(), five(), longs), [t, f, None]);
        assert_eq!(run(greater, column(), null(), longs), [None, None, None]);
    }

    #[test]
    fn nan_equals_nothing_and_has_no_order() {
        let column = || -> ArrayRef { Arc::new(Float64Array::from(vec![f64::NAN, 0.0])) };
        let zero = || -> ArrayRef { Arc::new(Float64Array::from(vec![-0.0])) };
        let reals = [Type::Real; 2];
        let (t, f) = (Some(true), Some(false));
        assert_eq!(run(equal, column(), column(), reals), [f, t]);
        assert_eq!(run(not_equal, column(), column(), reals), [t, f]);
        assert_eq!(run(less, column(), zero(), reals), [f, f]);
        assert_eq!(run(greater_or_equal, column(), zero(), reals), [f, t]);
    }

    #[test]
    fn dynamics_compare_by_content() {
        let column = || -> ArrayRef {
            Arc::new(StringViewArray::from(vec![Some("1"), Some("\"x\""), Some("1.5"), None]))
        };
        let (t, f) = (Some(true), Some(false));
        let one = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
        assert_eq!(run(equal, column(), one(), [Type::Dynamic, Type::Long]), [t, f, f, f]);
        assert_eq!(run(greater, column(), one(), [Type::Dynamic, Type::Long]), [f, None, t, None]);
        assert_eq!(run(greater, one(), column(), [Type::Long, Type::Dynamic]), [f, None, f, None]);
        let x = || -> ArrayRef { Arc::new(StringViewArray::from(vec!["x"])) };
        assert_eq!(run(equal, column(), x(), [Type::Dynamic, Type::String]), [f, t, f, f]);
        let empty = || -> ArrayRef { Arc::new(StringViewArray::from(vec![""])) };
        assert_eq!(run(equal, empty(), column(), [Type::String, Type::Dynamic]), [f, f, f, t]);
    }
}
