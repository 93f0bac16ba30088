//! Counting distinct values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::Result;
use xxhash_rust::xxh64::xxh64;

use super::collect::{Collect, Finish, Plan};
use super::rows::{argument, unexpected};
use super::values::{Bits, Plain, Texts, Values, storable};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::Type;
use crate::types::arrow::data_type;

aggregate_functions! {
    /// The number of distinct values of a group.
    ///
    /// Nulls do not count; an empty string does. Numbers, dates and timespans are counted exactly,
    /// whatever `accuracy` says; strings, guids, decimals and dynamic values by hashes of 64 bits,
    /// which is exact but for a chance of one in a million at six million values.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2, long(null)] | summarize dcount(x)    //=> 2
    /// ```
    DCOUNT = "dcount", name "dcount_" {
        (value: Scalar, [const accuracy: Long]) -> Long => groups dcount;
    }

    /// The number of distinct values among the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2, 3] | summarize dcountif(x, x > 1)    //=> 2
    /// ```
    DCOUNTIF = "dcountif", name "dcountif_" {
        (value: Scalar, predicate: Bool, [const accuracy: Long]) -> Long => filtered "dcount" 1;
    }

    /// The exact number of distinct values of a group.
    ///
    /// Nulls do not count; an empty string does.
    ///
    /// ```kql
    /// datatable(s: string)["a", "b", "a"] | summarize count_distinct(s)    //=> 2
    /// ```
    COUNT_DISTINCT = "count_distinct", name "count_distinct_" {
        (value: Orderable) -> Long => groups count_distinct;
    }

    /// The exact number of distinct values among the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2, 3] | summarize count_distinctif(x, x > 1)    //=> 2
    /// ```
    COUNT_DISTINCTIF = "count_distinctif", name "count_distinctif_" {
        (value: Orderable, predicate: Bool) -> Long => filtered "count_distinct" 1;
    }
}

fn dcount(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(counted(
        |values| fingerprints(argument(values, 0)?),
        Plain::<Int64Type>::new(DataType::Int64),
    ))
}

fn count_distinct(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let exact = |values: &[ArrayRef]| storable(argument(values, 0)?);
    Ok(match args.types.first() {
        Some(Type::Bool | Type::Int) => counted(exact, Plain::<Int32Type>::new(DataType::Int32)),
        Some(Type::Long | Type::DateTime | Type::TimeSpan) => {
            counted(exact, Plain::<Int64Type>::new(DataType::Int64))
        }
        Some(Type::Real) => counted(exact, Plain::<Float64Type>::new(DataType::Float64)),
        Some(Type::Decimal) => {
            counted(exact, Plain::<Decimal256Type>::new(data_type(Type::Decimal)))
        }
        _ => counted(exact, Texts::default()),
    })
}

fn counted<V: Values>(prepare: fn(&[ArrayRef]) -> Result<ArrayRef>, values: V) -> Box<dyn Groups> {
    let plan = Plan {
        distinct: true,
        nulls: false,
        limit: usize::MAX,
        prepare,
        explode: None,
        finish: Finish::Count,
    };
    Box::new(Collect::new(plan, values))
}

/// The values as 64-bit integers, or hashes of what is longer.
pub fn fingerprints(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Int64 => Arc::clone(array),
        DataType::Int32 | DataType::Boolean => cast(array, &DataType::Int64)?,
        DataType::Float64 => mapped::<Float64Type>(array, |value| value.bits() as i64),
        DataType::Decimal256(_, _) => {
            mapped::<Decimal256Type>(array, |value| xxh64(&value.to_le_bytes(), 0) as i64)
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let hash = |row: usize| xxh64(texts.value(row).as_bytes(), 0) as i64;
            let hashes: Vec<i64> = (0..texts.len())
                .map(|row| if texts.is_null(row) { 0 } else { hash(row) })
                .collect();
            Arc::new(Int64Array::new(hashes.into(), texts.nulls().cloned()))
        }
        _ => return Err(unexpected(array)),
    })
}

fn mapped<T: ArrowPrimitiveType>(array: &ArrayRef, map: fn(T::Native) -> i64) -> ArrayRef {
    let mapped: PrimitiveArray<Int64Type> = array.as_primitive::<T>().unary(map);
    Arc::new(mapped)
}
