//! `iff`, `case`, `coalesce`, `max_of`, `min_of`, `around`: choosing among values.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::interleave;

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::kernel::FromArg;
use crate::types::{Decimal, Type};

scalar_functions! {
    family: Conditional;

    /// One of two values, by a condition. A null condition takes the second. A dynamic becomes of the
    /// type of the other value.
    ///
    /// ```kql
    /// print iff(1 > 0, 'yes', 'no')                //=> yes
    /// print iif(bool(null), 1, 2)                  //=> 2
    /// print gettype(iff(true, dynamic(5), ''))      //=> string
    /// ```
    IFF = "iff" | "iif" {
        (condition: Bool, then: Branch, else_: Branch) -> Common => iff;
    }

    /// The value after the first condition that holds, or the last value if none does.
    ///
    /// Conditions and values alternate; the value for all other rows comes last.
    ///
    /// ```kql
    /// print case(1 > 2, 'a', 2 > 1, 'b', 'c')      //=> b
    /// print case(bool(null), 'a', 'c')             //=> c
    /// ```
    CASE = "case" {
        (condition: Bool, then: Branch, {more: Alternating}) -> Common => case;
    }

    /// The first argument that is neither null nor an empty string.
    ///
    /// Takes 2 to 64 arguments.
    ///
    /// ```kql
    /// print coalesce(long(null), 5)                //=> 5
    /// print coalesce('', 'a', 'b')                 //=> a
    /// ```
    COALESCE = "coalesce" {
        (first: Common, second: Common, {more: Common}) -> Common => coalesce;
    }

    /// The greatest argument. Nulls are passed over; a NaN beats every number.
    ///
    /// ```kql
    /// print max_of(10, 1, 17)                      //=> 17
    /// print max_of(1, long(null))                  //=> 1
    /// ```
    MAX_OF = "max_of" {
        (first: Common, second: Common, {more: Common}) -> Common => max_of;
    }

    /// The smallest argument. Nulls are passed over; a NaN beats every number.
    ///
    /// ```kql
    /// print min_of(10, 1, 17)                      //=> 1
    /// print min_of(int(null), int(5))              //=> 5
    /// ```
    MIN_OF = "min_of" {
        (first: Common, second: Common, {more: Common}) -> Common => min_of;
    }

    /// True if a condition holds; otherwise the query fails with a message.
    ///
    /// ```kql
    /// print assert(1 < 2, 'one is less than two')  //=> true
    /// ```
    ASSERT = "assert" {
        (condition: Bool, const message: String) -> Bool => assert;
    }

    /// Whether a value lies within a distance of a centre, the ends included.
    ///
    /// ```kql
    /// print around(95, 100, 5)                                             //=> true
    /// print around(1.5, 1.0, 0.25)                                         //=> false
    /// print around(datetime(2024-01-01 00:30), datetime(2024-01-01), 1h)   //=> true
    /// print around(3h, 1h, 1h)                                             //=> false
    /// ```
    AROUND = "around" {
        (value: Long, center: Long, delta: Long) -> Bool => around_ticks;
        (value: Real, center: Real, delta: Real) -> Bool => around_reals;
        (value: DateTime, center: DateTime, delta: TimeSpan) -> Bool => around_ticks;
        (value: TimeSpan, center: TimeSpan, delta: TimeSpan) -> Bool => around_ticks;
    }
}

/// For every row the value of one argument; `None` is null.
fn choose(args: &Args, pick: impl Fn(usize) -> Option<usize>) -> Result<ArrayRef> {
    let last = args.len();
    let null = new_null_array(args.array(last - 1).data_type(), 1);
    let sources: Vec<&dyn Array> = (0..last)
        .map(|index| args.array(index).as_ref())
        .map(|array| if array.data_type() == null.data_type() { array } else { null.as_ref() })
        .chain([null.as_ref()])
        .collect();
    let picks: Vec<(usize, usize)> = (0..args.rows())
        .map(|row| match pick(row) {
            Some(index) => (index, if args.is_scalar(index) { 0 } else { row }),
            None => (last, 0),
        })
        .collect();
    Ok(interleave(&sources, &picks)?)
}

fn iff(args: &Args) -> Result<ArrayRef> {
    let condition = args.reader::<bool>(0)?;
    choose(args, |row| Some(if condition.get(row) == Some(true) { 1 } else { 2 }))
}

fn case(args: &Args) -> Result<ArrayRef> {
    let last = args.len() - 1;
    let conditions = (0..last)
        .step_by(2)
        .map(|index| Ok((index + 1, args.reader::<bool>(index)?)))
        .collect::<Result<Vec<_>>>()?;
    choose(args, |row| {
        let met = conditions.iter().find(|(_, condition)| condition.get(row) == Some(true));
        Some(met.map_or(last, |(index, _)| *index))
    })
}

fn coalesce(args: &Args) -> Result<ArrayRef> {
    if args.len() > 64 {
        return Err(Error::Execution("`coalesce` takes at most 64 arguments".into()));
    }
    let at = |index: usize, row: usize| if args.is_scalar(index) { 0 } else { row };
    if args.ty(0) == Type::String {
        let readers =
            (0..args.len()).map(|index| args.reader::<&str>(index)).collect::<Result<Vec<_>>>()?;
        return choose(args, |row| {
            readers.iter().position(|reader| reader.get(row).is_some_and(|text| !text.is_empty()))
        });
    }
    choose(args, |row| (0..args.len()).find(|&index| args.array(index).is_valid(at(index, row))))
}

fn max_of(args: &Args) -> Result<ArrayRef> {
    extreme(args, "max_of", Ordering::Greater)
}

fn min_of(args: &Args) -> Result<ArrayRef> {
    extreme(args, "min_of", Ordering::Less)
}

fn extreme(args: &Args, name: &str, wanted: Ordering) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Real => best(args, |a: &f64, b: &f64| {
            !b.is_nan() && (a.is_nan() || a.partial_cmp(b) == Some(wanted))
        }),
        Type::Decimal => best(args, |a: &Decimal, b: &Decimal| a.cmp(b) == wanted),
        Type::String => best(args, |a: &&str, b: &&str| a.cmp(b) == wanted),
        ty @ (Type::Dynamic | Type::Guid) => {
            Err(Error::Execution(format!("`{name}` does not take values of type {ty}")))
        }
        _ => best(args, |a: &i64, b: &i64| a.cmp(b) == wanted),
    }
}

/// Per row the argument that beats all others; the first among equals.
fn best<'a, T: FromArg<'a>>(args: &Args<'a>, beats: impl Fn(&T, &T) -> bool) -> Result<ArrayRef> {
    let readers =
        (0..args.len()).map(|index| args.reader::<T>(index)).collect::<Result<Vec<_>>>()?;
    choose(args, |row| {
        let mut best: Option<(usize, T)> = None;
        for (index, reader) in readers.iter().enumerate() {
            if let Some(value) = reader.get(row)
                && best.as_ref().is_none_or(|(_, so_far)| beats(&value, so_far))
            {
                best = Some((index, value));
            }
        }
        best.map(|(index, _)| index)
    })
}

fn assert(args: &Args) -> Result<ArrayRef> {
    let condition = args.reader::<bool>(0)?;
    if (0..args.rows()).any(|row| condition.get(row) == Some(false)) {
        let message = args.constant_str(1).unwrap_or("");
        return Err(Error::Execution(format!("assertion failed: {message}")));
    }
    args.map1(|condition: bool| condition)
}

fn around_ticks(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: i64, center: i64, delta: i64| {
        center.saturating_sub(delta) <= value && value <= center.saturating_add(delta)
    })
}

fn around_reals(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: f64, center: f64, delta: f64| {
        center - delta <= value && value <= center + delta
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Float64Array, Int64Array, StringViewArray};
    use std::sync::Arc;

    #[test]
    fn case_takes_the_first_condition_that_holds() {
        let arrays: [ArrayRef; 5] = [
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
            Arc::new(Int64Array::from(vec![1])),
            Arc::new(BooleanArray::from(vec![Some(true), Some(true), Some(false)])),
            Arc::new(Int64Array::from(vec![Some(10), None, Some(12)])),
            Arc::new(Int64Array::from(vec![0])),
        ];
        let types = [Type::Bool, Type::Long, Type::Bool, Type::Long, Type::Long];
        let args = Args::new(&arrays, &[false, true, false, false, true], &types, 3);
        let expected: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(0)]));
        assert_eq!(&case(&args).unwrap(), &expected);
    }

    #[test]
    fn coalesce_skips_empty_strings() {
        let arrays: [ArrayRef; 2] = [
            Arc::new(StringViewArray::from(vec!["", "x"])),
            Arc::new(StringViewArray::from(vec!["a"])),
        ];
        let args = Args::new(&arrays, &[false, true], &[Type::String; 2], 2);
        let expected: ArrayRef = Arc::new(StringViewArray::from(vec!["a", "x"]));
        assert_eq!(&coalesce(&args).unwrap(), &expected);
    }

    #[test]
    fn nulls_lose_and_nan_wins() {
        let arrays: [ArrayRef; 2] = [
            Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(2.0)])),
            Arc::new(Float64Array::from(vec![1.0])),
        ];
        let args = Args::new(&arrays, &[false, true], &[Type::Real; 2], 3);
        let values = |array: ArrayRef| -> Vec<f64> {
            array.as_any().downcast_ref::<Float64Array>().unwrap().values().to_vec()
        };
        let (max, min) = (values(max_of(&args).unwrap()), values(min_of(&args).unwrap()));
        assert!(max[0].is_nan() && min[0].is_nan());
        assert_eq!((max[1], max[2], min[1], min[2]), (1.0, 2.0, 1.0, 1.0));
    }
}
