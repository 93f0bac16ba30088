//! Filling the gaps of series.

use arrow::array::ArrayRef;

use super::series_values::Number;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::json::{Jsons, write_array};
use crate::types::dynamic::RawValue;

scalar_functions! {
    family: Series;

    /// Replaces each missing element of a series by the one before it.
    ///
    /// Missing is null, or the value that is given; missing elements at the start stay.
    ///
    /// ```kql
    /// print series_fill_forward(dynamic([null, 36, null, 16]))             //=> [null,36,36,16]
    /// ```
    SERIES_FILL_FORWARD = "series_fill_forward", name First {
        (series: Dynamic, [missing: RealNumber]) -> Dynamic => series_fill_forward;
    }

    /// Replaces each missing element of a series by the one after it.
    ///
    /// Missing is null, or the value that is given; missing elements at the end stay.
    ///
    /// ```kql
    /// print series_fill_backward(dynamic([null, 36, null]))                //=> [36,36,null]
    /// ```
    SERIES_FILL_BACKWARD = "series_fill_backward", name First {
        (series: Dynamic, [missing: RealNumber]) -> Dynamic => series_fill_backward;
    }

    /// Replaces each missing element of a series by a constant.
    ///
    /// ```kql
    /// print series_fill_const(dynamic([111, null]), -1)                    //=> [111,-1]
    /// ```
    SERIES_FILL_CONST = "series_fill_const", name First {
        (series: Dynamic, value: RealNumber, [missing: RealNumber]) -> Dynamic => series_fill_const;
    }

    /// Replaces the missing elements of a series by the points of a line between their neighbours.
    ///
    /// Those at the edges get the nearest element, unless `fill_edges` is false. In a series of
    /// whole numbers the points are whole. A series without any element gets the constant, 0 unless
    /// given.
    ///
    /// ```kql
    /// print series_fill_linear(dynamic([null, 111, null, 36]))             //=> [111,111,73,36]
    /// print series_fill_linear(dynamic([1.0, null, 2.0]))                  //=> [1.0,1.5,2.0]
    /// ```
    SERIES_FILL_LINEAR = "series_fill_linear", name First {
        (series: Dynamic, [missing: RealNumber], [fill_edges: Bool], [constant: RealNumber]) -> Dynamic => series_fill_linear;
    }
}

/// Which elements count as missing: null, or a number.
struct Missing(Option<Jsons>);

impl Missing {
    fn new(args: &Args, index: usize) -> Result<Self> {
        Ok(Missing((args.len() > index).then(|| args.jsons(index)).transpose()?))
    }

    fn test(&self, row: usize) -> impl Fn(&RawValue) -> bool {
        let mark = self.0.as_ref().and_then(|marks| Number::read(RawValue::new(marks.get(row))));
        move |value| match mark {
            None => value.is_null(),
            Some(mark) => Number::read(*value).is_some_and(|v| v.real() == mark.real()),
        }
    }
}

fn write(items: &[RawValue], out: &mut String) {
    write_array(items.iter().map(|item| item.json()), out);
}

fn series_fill_forward(args: &Args) -> Result<ArrayRef> {
    let missing = Missing::new(args, 1)?;
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let items = arrays.get(row)?;
        let is_missing = missing.test(row);
        for at in 1..items.len() {
            if is_missing(&items[at]) {
                items[at] = items[at - 1];
            }
        }
        write(items, out);
        Some(())
    })
}

fn series_fill_backward(args: &Args) -> Result<ArrayRef> {
    let missing = Missing::new(args, 1)?;
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let items = arrays.get(row)?;
        let is_missing = missing.test(row);
        for at in (1..items.len()).rev() {
            if is_missing(&items[at - 1]) {
                items[at - 1] = items[at];
            }
        }
        write(items, out);
        Some(())
    })
}

fn series_fill_const(args: &Args) -> Result<ArrayRef> {
    let values = args.jsons(1)?;
    let missing = Missing::new(args, 2)?;
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let value = values.get(row);
        let is_missing = missing.test(row);
        let items = arrays.get(row)?.iter();
        write_array(items.map(|item| if is_missing(item) { value } else { item.json() }), out);
        Some(())
    })
}

fn series_fill_linear(args: &Args) -> Result<ArrayRef> {
    let missing = Missing::new(args, 1)?;
    let edges = args.reader::<Option<bool>>(2)?;
    let constants = args.reader::<Option<f64>>(3)?;
    let mut arrays = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        let items = arrays.get(row)?;
        let is_missing = missing.test(row);
        let known: Vec<usize> = (0..items.len()).filter(|at| !is_missing(&items[*at])).collect();
        let (Some(&first), Some(&last)) = (known.first(), known.last()) else {
            let constant = match (args.len() > 3, constants.get(row)?) {
                (false, _) => Some(0.0),
                (true, given) => given,
            };
            match constant {
                Some(value) => {
                    let mut text = String::new();
                    Number::Real(value).write(&mut text);
                    write_array(std::iter::repeat_n(text.as_str(), items.len()), out);
                }
                None => write(items, out),
            }
            return Some(());
        };
        let whole =
            known.iter().all(|at| matches!(Number::read(items[*at]), Some(Number::Long(_))));
        let fill_edges = edges.get(row)?.unwrap_or(true);
        let mut after = 0;
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            if known.get(after) == Some(&at) {
                after += 1;
                out.push_str(item.json());
            } else if at < first || at > last {
                let nearest = if at < first { first } else { last };
                out.push_str(items[if fill_edges { nearest } else { at }].json());
            } else {
                let (left, right) = (known[after - 1], known[after]);
                match (Number::read(items[left]), Number::read(items[right])) {
                    (Some(a), Some(b)) => between(a, b, at - left, right - left, whole).write(out),
                    _ => out.push_str(item.json()),
                }
            }
        }
        out.push(']');
        Some(())
    })
}

/// The point `step` of `steps` on the way from one number to another.
fn between(from: Number, to: Number, step: usize, steps: usize, whole: bool) -> Number {
    let (a, b) = (from.real(), to.real());
    let value = a + (b - a) * step as f64 / steps as f64;
    if whole { Number::Long(value as i64) } else { Number::Real(value) }
}
