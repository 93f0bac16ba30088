//! Arrays of the values of a group.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewBuilder};
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::Result;
use serde_json::value::RawValue;

use super::collect::{Collect, Finish, Grouped, Plan};
use super::json::{Element, write_array};
use super::rows::{argument, internal, text};
use super::values::{Plain, Texts, storable};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::arrow::data_type;
use crate::types::{Type, Value};

aggregate_functions! {
    /// The values of a group as an array, in the order of their arrival.
    ///
    /// Nulls are left out, empty strings are not. Arrays give their elements rather than
    /// themselves. At most `max_size` elements are taken, by default 1,048,576. Without values the
    /// result is `[]`.
    ///
    /// ```kql
    /// datatable(x: long)[5, 3, long(null), 3] | summarize make_list(x)    //=> [5,3,3]
    /// datatable(d: dynamic)[dynamic([1, 2]), dynamic([2])] | summarize make_list(d)    //=> [1,2,2]
    /// ```
    MAKE_LIST = "make_list", name "list_" {
        (value: Scalar, [const max_size: Long]) -> Dynamic => groups make_list;
    }

    /// `make_list` over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[5, 3, 4] | summarize make_list_if(x, x > 3)    //=> [5,4]
    /// ```
    MAKE_LIST_IF = "make_list_if", name "list_" {
        (value: Scalar, predicate: Bool, [const max_size: Long]) -> Dynamic => filtered "make_list" 1;
    }

    /// The values of a group as an array, nulls included.
    ///
    /// ```kql
    /// datatable(x: long)[5, long(null)] | summarize make_list_with_nulls(x)    //=> [5,null]
    /// ```
    MAKE_LIST_WITH_NULLS = "make_list_with_nulls", name "list_" {
        (value: Scalar) -> Dynamic => groups make_list_with_nulls;
    }

    /// The old form of `make_list`, which takes 128 elements unless told otherwise.
    ///
    /// ```kql
    /// datatable(x: long)[5, 3] | summarize makelist(x)    //=> [5,3]
    /// ```
    MAKELIST = "makelist", name "list_" {
        (value: Scalar, [const max_size: Long]) -> Dynamic => groups makelist;
    }

    /// The distinct values of a group as an array, in the order of their first appearance.
    ///
    /// Nulls are left out, empty strings are not. Arrays give their elements rather than
    /// themselves. At most `max_size` elements are taken, by default 1,048,576. Without values the
    /// result is `[]`.
    ///
    /// ```kql
    /// datatable(s: string)["b", "a", "b"] | summarize make_set(s)    //=> ["b","a"]
    /// datatable(d: dynamic)[dynamic([1, 2]), dynamic([2, 3])] | summarize make_set(d)    //=> [1,2,3]
    /// ```
    MAKE_SET = "make_set", name "set_" {
        (value: Scalar, [const max_size: Long]) -> Dynamic => groups make_set;
    }

    /// `make_set` over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[5, 3, 5, 4] | summarize make_set_if(x, x > 3)    //=> [5,4]
    /// ```
    MAKE_SET_IF = "make_set_if", name "set_" {
        (value: Scalar, predicate: Bool, [const max_size: Long]) -> Dynamic => filtered "make_set" 1;
    }

    /// The old form of `make_set`, which takes 128 elements unless told otherwise.
    ///
    /// ```kql
    /// datatable(x: long)[5, 3, 5] | summarize makeset(x)    //=> [5,3]
    /// ```
    MAKESET = "makeset", name "set_" {
        (value: Scalar, [const max_size: Long]) -> Dynamic => groups makeset;
    }
}

/// How many elements an array takes at most.
pub const MAX_SIZE: usize = 1_048_576;

/// How many elements the old functions take unless told otherwise.
pub const OLD_MAX_SIZE: usize = 128;

/// Which values are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    All,
    WithNulls,
    Distinct,
}

fn make_list(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    collected(args, Keep::All, MAX_SIZE)
}

fn make_list_with_nulls(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    collected(args, Keep::WithNulls, MAX_SIZE)
}

fn makelist(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    collected(args, Keep::All, OLD_MAX_SIZE)
}

fn make_set(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    collected(args, Keep::Distinct, MAX_SIZE)
}

fn makeset(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    collected(args, Keep::Distinct, OLD_MAX_SIZE)
}

/// The limit that the constant after the value sets.
pub fn max_size(args: &AggregateArgs, default: usize) -> usize {
    let given = args.constants.get(1).and_then(|constant| constant.as_ref());
    let given = given.and_then(Value::as_i64);
    given.map_or(default, |size| usize::try_from(size).unwrap_or(0).min(MAX_SIZE))
}

fn collected(
    args: &AggregateArgs,
    keep: Keep,
    default: usize,
) -> crate::error::Result<Box<dyn Groups>> {
    let limit = max_size(args, default);
    let ty = args.types.first().copied().unwrap_or(Type::Unknown);
    Ok(match ty {
        Type::Bool | Type::Int => boxed(Plain::<Int32Type>::new(DataType::Int32), ty, keep, limit),
        Type::Long | Type::DateTime | Type::TimeSpan => {
            boxed(Plain::<Int64Type>::new(DataType::Int64), ty, keep, limit)
        }
        Type::Real => boxed(Plain::<Float64Type>::new(DataType::Float64), ty, keep, limit),
        Type::Decimal => boxed(Plain::<Decimal256Type>::new(data_type(ty)), ty, keep, limit),
        Type::String | Type::Guid | Type::Dynamic | Type::Unknown => {
            boxed(Texts::default(), ty, keep, limit)
        }
    })
}

fn boxed<V: Element>(values: V, ty: Type, keep: Keep, limit: usize) -> Box<dyn Groups> {
    let plan = Plan {
        distinct: keep == Keep::Distinct,
        nulls: keep == Keep::WithNulls && ty != Type::Dynamic,
        limit,
        prepare: |values| storable(argument(values, 0)?),
        explode: (ty == Type::Dynamic).then_some(match keep {
            Keep::WithNulls => elements_and_nulls,
            Keep::All | Keep::Distinct => elements,
        }),
        finish: Finish::Values(Arc::new(move |grouped: &Grouped<V>| {
            let groups = grouped.groups();
            let mut arrays = StringViewBuilder::with_capacity(groups.len());
            let mut json = String::new();
            for group in groups {
                json.clear();
                let is_null = |index| grouped.is_null(index);
                write_array(grouped.values, ty, group.iter().copied(), is_null, &mut json);
                arrays.append_value(&json);
            }
            Ok(Arc::new(arrays.finish()))
        })),
    };
    Box::new(Collect::new(plan, values))
}

/// The elements of arrays, other values as they are, nothing for null.
fn elements(array: &ArrayRef) -> Result<(ArrayRef, Vec<usize>)> {
    exploded(array, None)
}

/// The elements of arrays, other values as they are, the text `null` for null.
fn elements_and_nulls(array: &ArrayRef) -> Result<(ArrayRef, Vec<usize>)> {
    exploded(array, Some("null"))
}

fn exploded(array: &ArrayRef, null: Option<&str>) -> Result<(ArrayRef, Vec<usize>)> {
    let texts = text(std::slice::from_ref(array), 0)?;
    let mut elements = StringViewBuilder::with_capacity(texts.len());
    let mut lengths = Vec::with_capacity(texts.len());
    for text in texts.iter().map(|text| text.or(null)) {
        lengths.push(match text {
            None => 0,
            Some(text) if text.starts_with('[') => {
                let parts: Vec<&RawValue> = serde_json::from_str(text)
                    .map_err(|_| internal(format!("not an array: {text}")))?;
                parts.iter().for_each(|part| elements.append_value(part.get()));
                parts.len()
            }
            Some(text) => {
                elements.append_value(text);
                1
            }
        });
    }
    Ok((Arc::new(elements.finish()), lengths))
}
