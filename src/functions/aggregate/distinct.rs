//! Counting distinct values.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::Result;

use super::cardinality::dcount;
use super::collect::{Collect, Finish, Plan};
use super::rows::argument;
use super::values::{Plain, Texts, Values, storable};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::Type;
use crate::types::arrow::data_type;

aggregate_functions! {
    /// The number of distinct values of a group.
    ///
    /// Nulls do not count; an empty string does. Up to 131,072 distinct values in a group the
    /// number is exact; of more it is an estimate with a standard error of 0.2 %, whatever
    /// `accuracy` says. `count_distinct` is always exact.
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
