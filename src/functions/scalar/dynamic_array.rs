//! Dynamic arrays. They travel as JSON text; what only moves elements moves their texts.

mod order;
mod range;

use arrow::array::ArrayRef;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::{jsons, longs};
use crate::functions::declare::scalar_functions;
use crate::functions::json::{Jsons, write_array};
use crate::types::dynamic::path::elements;
use crate::types::dynamic::{Dynamic, RawValue};

use order::{sort_asc, sort_desc};
use range::range;

scalar_functions! {
    family: Dynamic;

    /// The number of elements of an array; null for anything else.
    ///
    /// ```kql
    /// print array_length(dynamic([1, 2, 3, "four"]))           //=> 4
    /// print array_length(dynamic({"a": 1}))                    //=> null
    /// ```
    ARRAY_LENGTH = "array_length" | "arraylength" {
        (array: Dynamic) -> Long => array_length;
    }

    /// One array of the elements of all arguments, in order; null arguments drop out.
    ///
    /// ```kql
    /// print array_concat(dynamic([1, 2]), dynamic(["a"]))      //=> [1,2,"a"]
    /// print array_concat(dynamic([1]), dynamic(null))          //=> [1]
    /// ```
    ARRAY_CONCAT = "array_concat" {
        (array: Dynamic, {more: Dynamic}) -> Dynamic => array_concat;
    }

    /// Chooses element by element between two arrays or values, by an array of conditions.
    ///
    /// Conditions are bools, or numbers, of which all but 0 hold; any other condition gives null.
    /// The result is as long as the array of conditions; shorter arrays are filled with null.
    ///
    /// ```kql
    /// print array_iff(dynamic([true, false, 1]), dynamic([1, 2, 3]), dynamic([4, 5, 6]))   //=> [1,5,3]
    /// print array_iff(dynamic([1, 0, "x"]), 'yes', 'no')                                   //=> ["yes","no",null]
    /// ```
    ARRAY_IFF = "array_iff" | "array_iif" {
        (condition_array: Dynamic, when_true: Scalar, when_false: Scalar) -> Dynamic => array_iff;
    }

    /// The position of a value in an array, counted from 0; -1 where the array lacks it.
    ///
    /// The search begins at `start`, which counts from the end if negative, looks at `length`
    /// elements (-1: all) and takes the given occurrence.
    ///
    /// ```kql
    /// print array_index_of(dynamic(["this", "is", "an", "example"]), 'an')             //=> 2
    /// print array_index_of(dynamic(["a", "b", "a"]), 'a', 1)                           //=> 2
    /// print array_index_of(dynamic(["a", "b", "a"]), 'a', 0, -1, 3)                    //=> -1
    /// ```
    ARRAY_INDEX_OF = "array_index_of" {
        (array: Dynamic, value: Scalar, [start: Long], [length: Long], [occurrence: Long]) -> Long => array_index_of;
    }

    /// The elements of an array in reverse order.
    ///
    /// ```kql
    /// print array_reverse(dynamic([1, 2, 3]))                  //=> [3,2,1]
    /// ```
    ARRAY_REVERSE = "array_reverse" {
        (array: Dynamic) -> Dynamic => array_reverse;
    }

    /// Turns an array to the left: elements that leave it at the front return at the end.
    ///
    /// ```kql
    /// print array_rotate_left(dynamic([1, 2, 3, 4, 5]), 2)     //=> [3,4,5,1,2]
    /// print array_rotate_left(dynamic([1, 2, 3, 4, 5]), -2)    //=> [4,5,1,2,3]
    /// ```
    ARRAY_ROTATE_LEFT = "array_rotate_left" {
        (array: Dynamic, rotate_count: Long) -> Dynamic => array_rotate_left;
    }

    /// Turns an array to the right: elements that leave it at the end return at the front.
    ///
    /// ```kql
    /// print array_rotate_right(dynamic([1, 2, 3, 4, 5]), 2)    //=> [4,5,1,2,3]
    /// ```
    ARRAY_ROTATE_RIGHT = "array_rotate_right" {
        (array: Dynamic, rotate_count: Long) -> Dynamic => array_rotate_right;
    }

    /// Moves the elements of an array to the left and fills the free places.
    ///
    /// They get `default_value`; without one null, or an empty string in an array of strings.
    ///
    /// ```kql
    /// print array_shift_left(dynamic([1, 2, 3, 4, 5]), 2)          //=> [3,4,5,null,null]
    /// print array_shift_left(dynamic([1, 2, 3, 4, 5]), -2, -1)     //=> [-1,-1,1,2,3]
    /// ```
    ARRAY_SHIFT_LEFT = "array_shift_left" {
        (array: Dynamic, shift_count: Long, [default_value: Scalar]) -> Dynamic => array_shift_left;
    }

    /// Moves the elements of an array to the right and fills the free places.
    ///
    /// They get `default_value`; without one null, or an empty string in an array of strings.
    ///
    /// ```kql
    /// print array_shift_right(dynamic([1, 2, 3, 4, 5]), 2)         //=> [null,null,1,2,3]
    /// print array_shift_right(dynamic(["a", "b"]), 1)              //=> ["","a"]
    /// ```
    ARRAY_SHIFT_RIGHT = "array_shift_right" {
        (array: Dynamic, shift_count: Long, [default_value: Scalar]) -> Dynamic => array_shift_right;
    }

    /// The elements from one position to another, both included.
    ///
    /// Negative positions count from the end; positions outside the array are left out.
    ///
    /// ```kql
    /// print array_slice(dynamic([1, 2, 3, 4]), 1, 2)           //=> [2,3]
    /// print array_slice(dynamic([1, 2, 3, 4, 5]), -3, -2)      //=> [3,4]
    /// ```
    ARRAY_SLICE = "array_slice" {
        (array: Dynamic, start: Long, end: Long) -> Dynamic => array_slice;
    }

    /// Cuts an array before one position or before each of several; negative ones count from the
    /// end.
    ///
    /// ```kql
    /// print array_split(dynamic([1, 2, 3, 4, 5]), 2)                       //=> [[1,2],[3,4,5]]
    /// print array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))         //=> [[1],[2,3],[4,5]]
    /// ```
    ARRAY_SPLIT = "array_split" {
        (array: Dynamic, indices: IntegerOrDynamic) -> Dynamic => array_split;
    }

    /// Sorts an array in ascending order, nulls last.
    ///
    /// Numbers come before strings, strings before everything else. A final `false` puts nulls
    /// first. Further arrays take the order of the first; the result then holds all of them, with
    /// null for one of another length.
    ///
    /// ```kql
    /// print array_sort_asc(dynamic([null, "blue", "yellow", "green"]))             //=> ["blue","green","yellow",null]
    /// print array_sort_asc(dynamic([3, null, 1]), false)                           //=> [null,1,3]
    /// ```
    ARRAY_SORT_ASC = "array_sort_asc", name Suffix("_sorted") {
        (array: Dynamic, {more: BoolOrDynamic}) -> Dynamic => sort_asc;
    }

    /// Sorts an array in descending order, nulls last.
    ///
    /// A final `false` puts nulls first. Further arrays take the order of the first; the result
    /// then holds all of them, with null for one of another length.
    ///
    /// ```kql
    /// print array_sort_desc(dynamic([1, 3, 4, 5, 2]))                              //=> [5,4,3,2,1]
    /// ```
    ARRAY_SORT_DESC = "array_sort_desc", name Suffix("_sorted") {
        (array: Dynamic, {more: BoolOrDynamic}) -> Dynamic => sort_desc;
    }

    /// The sum of the numbers of an array as a real.
    ///
    /// Nulls are skipped. The sum of nothing is null, and so is that of an array with anything but
    /// numbers.
    ///
    /// ```kql
    /// print array_sum(dynamic([1, null, 3]))                   //=> 4.0
    /// print array_sum(dynamic([]))                             //=> null
    /// ```
    ARRAY_SUM = "array_sum" {
        (array: Dynamic) -> Real => array_sum;
    }

    /// An array of all arguments.
    ///
    /// ```kql
    /// print pack_array(1, 'a', 1d)                             //=> [1,"a","1.00:00:00"]
    /// ```
    PACK_ARRAY = "pack_array" {
        ({value: Scalar}) -> Dynamic => pack_array;
    }

    /// Equally spaced values from `start` up to and including `stop`.
    ///
    /// The step is 1, or one hour between datetimes and timespans, unless given. At most 1,048,576
    /// values are made.
    ///
    /// ```kql
    /// print range(1, 8, 3)                                     //=> [1,4,7]
    /// print range(1h, 3h)                                      //=> ["01:00:00","02:00:00","03:00:00"]
    /// ```
    RANGE = "range" {
        (start: RealNumber, stop: RealNumber, [step: RealNumber]) -> Dynamic => range;
        (start: DateTime, stop: DateTime, [step: TimeSpan]) -> Dynamic => range;
        (start: TimeSpan, stop: TimeSpan, [step: TimeSpan]) -> Dynamic => range;
    }

    /// An array that holds one value a number of times; null for a negative number.
    ///
    /// ```kql
    /// print repeat(1, 3)                                       //=> [1,1,1]
    /// print repeat('a', 0)                                     //=> []
    /// ```
    REPEAT = "repeat", name Prefix("repeat_") {
        (value: Scalar, count: Long) -> Dynamic => repeat;
    }

    /// Pairs the elements of arrays by position; shorter arrays are filled with null.
    ///
    /// ```kql
    /// print zip(dynamic([1, 3, 5]), dynamic(["a", "b"]))       //=> [[1,"a"],[3,"b"],[5,null]]
    /// ```
    ZIP = "zip" {
        (array: Dynamic, second: Dynamic, {more: Dynamic}) -> Dynamic => zip;
    }
}

/// A kernel that makes JSON of the elements of the first argument.
fn map_elements<'a>(
    args: &Args<'a>,
    mut write: impl FnMut(usize, &mut Vec<RawValue<'a>>, &mut String) -> Option<()>,
) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| write(row, arrays.get(row)?, out))
}

fn write_elements(items: &[RawValue], out: &mut String) {
    write_array(items.iter().map(|item| item.json()), out);
}

/// A position counted from the end if negative, cut to the array.
fn position(index: i64, length: usize) -> usize {
    let index = if index < 0 { index.saturating_add(length as i64) } else { index };
    usize::try_from(index).unwrap_or(0).min(length)
}

fn array_length(args: &Args) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    longs((0..args.rows()).map(|row| Ok(arrays.get(row).map(|items| items.len() as i64))))
}

fn array_concat(args: &Args) -> Result<ArrayRef> {
    let mut arrays = (0..args.len()).map(|i| args.arrays(i)).collect::<Result<Vec<_>>>()?;
    jsons(args.rows(), |row, out| {
        let mut found = false;
        out.push('[');
        for array in &mut arrays {
            if array.json(row).is_none() {
                continue;
            }
            let items = array.get(row)?;
            found = true;
            for item in items.iter() {
                if out.len() > 1 {
                    out.push(',');
                }
                out.push_str(item.json());
            }
        }
        out.push(']');
        found.then_some(())
    })
}

fn array_iff(args: &Args) -> Result<ArrayRef> {
    let (when_true, when_false) = (args.jsons(1)?, args.jsons(2)?);
    map_elements(args, |row, conditions, out| {
        let (yes, no) = (Choice::new(when_true.get(row)), Choice::new(when_false.get(row)));
        out.push('[');
        for (position, condition) in conditions.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            out.push_str(match truth(*condition) {
                Some(true) => yes.at(position),
                Some(false) => no.at(position),
                None => "null",
            });
        }
        out.push(']');
        Some(())
    })
}

/// What `array_iff` chooses from.
enum Choice<'a> {
    Array(Vec<RawValue<'a>>),
    /// Stands at every position.
    Value(&'a str),
}

impl<'a> Choice<'a> {
    fn new(json: &'a str) -> Self {
        let mut items = Vec::new();
        if elements(json, &mut items) { Choice::Array(items) } else { Choice::Value(json) }
    }

    fn at(&self, position: usize) -> &'a str {
        match self {
            Choice::Array(items) => items.get(position).map_or("null", |item| item.json()),
            Choice::Value(json) => json,
        }
    }
}

fn truth(condition: RawValue) -> Option<bool> {
    match condition.to_dynamic() {
        Dynamic::Bool(value) => Some(value),
        Dynamic::Long(value) => Some(value != 0),
        Dynamic::Real(value) => Some(value != 0.0),
        _ => None,
    }
}

/// Whether two JSON values are the same element.
pub(super) fn same(a: RawValue, b: RawValue) -> bool {
    let plain = |text: &str| {
        !text.starts_with(['[', '{']) && (text.starts_with('"') || !text.contains(['.', 'e', 'E']))
    };
    a == b || (!(plain(a.json()) && plain(b.json())) && a.to_dynamic() == b.to_dynamic())
}

fn array_index_of(args: &Args) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    let values = args.jsons(1)?;
    let starts = args.reader::<Option<i64>>(2)?;
    let lengths = args.reader::<Option<i64>>(3)?;
    let occurrences = args.reader::<Option<i64>>(4)?;
    let mut find = |row: usize| {
        let items = arrays.get(row)?;
        let start = position(starts.get(row)?.unwrap_or(0), items.len());
        let length = lengths.get(row)?.unwrap_or(-1);
        let occurrence = occurrences.get(row)?.unwrap_or(1);
        if length < -1 || occurrence < 1 {
            return None;
        }
        let length = if length < 0 { usize::MAX } else { length as usize };
        let value = RawValue::new(values.get(row));
        let hits = items.iter().enumerate().skip(start).take(length);
        let mut hits = hits.filter(|(_, item)| same(**item, value));
        Some(hits.nth(occurrence as usize - 1).map_or(-1, |(at, _)| at as i64))
    };
    longs((0..args.rows()).map(|row| Ok(find(row))))
}

fn array_reverse(args: &Args) -> Result<ArrayRef> {
    map_elements(args, |_, items, out| {
        items.reverse();
        write_elements(items, out);
        Some(())
    })
}

fn array_rotate_left(args: &Args) -> Result<ArrayRef> {
    rotate(args, 1)
}

fn array_rotate_right(args: &Args) -> Result<ArrayRef> {
    rotate(args, -1)
}

fn rotate(args: &Args, direction: i64) -> Result<ArrayRef> {
    let counts = args.reader::<i64>(1)?;
    map_elements(args, |row, items, out| {
        let count = counts.get(row)?;
        if !items.is_empty() {
            let length = items.len() as i64;
            items.rotate_left(((count % length) * direction).rem_euclid(length) as usize);
        }
        write_elements(items, out);
        Some(())
    })
}

fn array_shift_left(args: &Args) -> Result<ArrayRef> {
    shift(args, 1)
}

fn array_shift_right(args: &Args) -> Result<ArrayRef> {
    shift(args, -1)
}

fn shift(args: &Args, direction: i64) -> Result<ArrayRef> {
    let counts = args.reader::<i64>(1)?;
    let fills: Option<Jsons> = (args.len() > 2).then(|| args.jsons(2)).transpose()?;
    map_elements(args, |row, items, out| {
        let length = items.len() as i64;
        let count = counts.get(row)?.clamp(-length, length) * direction;
        let strings = !items.is_empty() && items.iter().all(|item| item.is_string());
        let fill = match &fills {
            Some(fills) => fills.get(row),
            None if strings => "\"\"",
            None => "null",
        };
        let from = |position: i64| {
            usize::try_from(position).ok().and_then(|at| items.get(at)).map_or(fill, |v| v.json())
        };
        write_array((0..length).map(|position| from(position + count)), out);
        Some(())
    })
}

fn array_slice(args: &Args) -> Result<ArrayRef> {
    let (starts, ends) = (args.reader::<i64>(1)?, args.reader::<i64>(2)?);
    map_elements(args, |row, items, out| {
        let start = position(starts.get(row)?, items.len());
        // Before the first element there is no last one.
        let end = ends.get(row)?;
        let before = end < 0 && end.saturating_add(items.len() as i64) < 0;
        let end = if before { 0 } else { position(end, items.len()).saturating_add(1) };
        let end = end.min(items.len());
        write_elements(items.get(start..end).unwrap_or_default(), out);
        Some(())
    })
}

fn array_split(args: &Args) -> Result<ArrayRef> {
    let indices = args.jsons(1)?;
    map_elements(args, |row, items, out| {
        let cuts = match Dynamic::parse(indices.get(row))? {
            Dynamic::Array(cuts) => cuts,
            cut => vec![cut],
        };
        let mut start = 0;
        out.push('[');
        for cut in cuts {
            let Dynamic::Long(cut) = cut else { return None };
            let end = position(cut, items.len()).max(start);
            write_elements(&items[start..end], out);
            out.push(',');
            start = end;
        }
        write_elements(&items[start..], out);
        out.push(']');
        Some(())
    })
}

fn array_sum(args: &Args) -> Result<ArrayRef> {
    args.map1(|json: &str| {
        let mut items = Vec::new();
        if !elements(json, &mut items) {
            return None;
        }
        let mut sum = None;
        for item in items.iter().filter(|item| !item.is_null()) {
            *sum.get_or_insert(0.0) += item.to_dynamic().as_f64()?;
        }
        sum
    })
}

fn pack_array(args: &Args) -> Result<ArrayRef> {
    let values = (0..args.len()).map(|i| args.jsons(i)).collect::<Result<Vec<_>>>()?;
    jsons(args.rows(), |row, out| {
        write_array(values.iter().map(|value| value.get(row)), out);
        Some(())
    })
}

fn repeat(args: &Args) -> Result<ArrayRef> {
    let values = args.jsons(0)?;
    let counts = args.reader::<i64>(1)?;
    jsons(args.rows(), |row, out| {
        let count = usize::try_from(counts.get(row)?).ok()?;
        write_array(std::iter::repeat_n(values.get(row), count.min(range::MOST)), out);
        Some(())
    })
}

fn zip(args: &Args) -> Result<ArrayRef> {
    let mut arrays = (0..args.len()).map(|i| args.arrays(i)).collect::<Result<Vec<_>>>()?;
    jsons(args.rows(), |row, out| {
        let columns = arrays.iter_mut().map(|array| array.get(row).map(|items| &*items));
        let columns = columns.collect::<Option<Vec<_>>>()?;
        let length = columns.iter().map(|items| items.len()).max()?;
        out.push('[');
        for position in 0..length {
            if position > 0 {
                out.push(',');
            }
            let items = columns.iter().map(|items| items.get(position));
            write_array(items.map(|item| item.map_or("null", |item| item.json())), out);
        }
        out.push(']');
        Some(())
    })
}

#[cfg(test)]
mod tests;
