//! Percentiles by nearest rank.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::StringViewBuilder;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int64Type};
use datafusion::common::Result;

use super::collect::{Collect, Finish, Grouped, Plan};
use super::json::{Element, write_array};
use super::rows::{argument, internal};
use super::values::{Bits, Plain, Values, Weighted};
use crate::error::Error;
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::functions::udaf::struct_fields;
use crate::types::{Decimal, Type, Value};

aggregate_functions! {
    /// The value below or at which `percentage` percent of a group's values lie.
    ///
    /// It is always one of the values (nearest rank), never something between two of them, and
    /// exact however many there are. Nulls do not count; without values the result is null. The
    /// result column is named `percentile_`, the argument, `_` and the percentage.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize percentile(x, 50)    //=> 2
    /// ```
    PERCENTILE = "percentile", name "percentile_" {
        (value: Averageable, const percentage: Real) -> Computed(one_type) => groups percentile;
    }

    /// Several percentiles, each a column.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize percentiles(x, 25, 75)    //=> 1, 3
    /// ```
    PERCENTILES = "percentiles", name "percentile_" {
        (value: Averageable, const percentage: Real, {const more: Real}) -> Many(types) => groups percentiles;
    }

    /// Several percentiles as one array.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize percentiles_array(x, 25, 75)    //=> [1,3]
    /// datatable(x: long)[1, 2, 3, 4] | summarize percentiles_array(x, dynamic([50]))    //=> [2]
    /// ```
    PERCENTILES_ARRAY = "percentiles_array", name "percentiles_" {
        (value: Averageable, const percentage: Real, {const more: Real}) -> Dynamic => groups percentiles_array;
        (value: Averageable, const percentages: Dynamic) -> Dynamic => groups percentiles_array;
    }

    /// A percentile of values that count as often as their weight says.
    ///
    /// Values whose weight is not positive do not count.
    ///
    /// ```kql
    /// datatable(x: long, w: long)[1, 10, 2, 1, 3, 1] | summarize percentilew(x, w, 80)    //=> 1
    /// ```
    PERCENTILEW = "percentilew", name "percentile_" {
        (value: Averageable, weight: Long, const percentage: Real) -> Computed(one_type) => groups percentile_weighted;
    }

    /// Several weighted percentiles, each a column.
    ///
    /// ```kql
    /// datatable(x: long, w: long)[1, 2, 2, 1, 3, 1] | summarize percentilesw(x, w, 50, 75)    //=> 1, 2
    /// ```
    PERCENTILESW = "percentilesw", name "percentile_" {
        (value: Averageable, weight: Long, const percentage: Real, {const more: Real}) -> Many(weighted_types) => groups percentiles_weighted;
    }

    /// Several weighted percentiles as one array.
    ///
    /// ```kql
    /// datatable(x: long, w: long)[1, 2, 2, 1, 3, 1] | summarize percentilesw_array(x, w, 50, 75)    //=> [1,2]
    /// ```
    PERCENTILESW_ARRAY = "percentilesw_array", name "percentiles_" {
        (value: Averageable, weight: Long, const percentage: Real, {const more: Real}) -> Dynamic => groups percentilesw_array;
        (value: Averageable, weight: Long, const percentages: Dynamic) -> Dynamic => groups percentilesw_array;
    }
}

fn result_of(value: Option<&Type>) -> Type {
    match value {
        Some(Type::Int) => Type::Long,
        Some(Type::Decimal) => Type::Real,
        Some(ty) => *ty,
        None => Type::Unknown,
    }
}

fn one_type(types: &[Type]) -> Type {
    result_of(types.first())
}

fn types(types: &[Type]) -> Vec<Type> {
    vec![result_of(types.first()); types.len().saturating_sub(1)]
}

fn weighted_types(types: &[Type]) -> Vec<Type> {
    vec![result_of(types.first()); types.len().saturating_sub(2)]
}

/// How the percentiles of a group are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    Columns,
    Array,
}

fn percentile(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    plain(args, Shape::One)
}

fn percentiles(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    plain(args, Shape::Columns)
}

fn percentiles_array(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    plain(args, Shape::Array)
}

fn percentile_weighted(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    weighted(args, Shape::One)
}

fn percentiles_weighted(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    weighted(args, Shape::Columns)
}

fn percentilesw_array(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    weighted(args, Shape::Array)
}

fn plain(args: &AggregateArgs, shape: Shape) -> crate::error::Result<Box<dyn Groups>> {
    let percentages = percentages(args, 1)?;
    let prepare = |values: &[ArrayRef]| measured(argument(values, 0)?);
    Ok(match result_of(args.types.first()) {
        Type::Real => boxed(
            Plain::<Float64Type>::new(DataType::Float64),
            prepare,
            finish::<_, Float64Type>(args, shape, percentages, of_plain::<Float64Type>),
        ),
        _ => boxed(
            Plain::<Int64Type>::new(DataType::Int64),
            prepare,
            finish::<_, Int64Type>(args, shape, percentages, of_plain::<Int64Type>),
        ),
    })
}

fn weighted(args: &AggregateArgs, shape: Shape) -> crate::error::Result<Box<dyn Groups>> {
    let percentages = percentages(args, 2)?;
    let prepare = |values: &[ArrayRef]| {
        Weighted::<Int64Type>::zip(&measured(argument(values, 0)?)?, argument(values, 1)?)
    };
    Ok(match result_of(args.types.first()) {
        Type::Real => boxed(
            Weighted::<Float64Type>::new(DataType::Float64),
            prepare,
            finish::<_, Float64Type>(args, shape, percentages, of_weighted::<Float64Type>),
        ),
        _ => boxed(
            Weighted::<Int64Type>::new(DataType::Int64),
            prepare,
            finish::<_, Int64Type>(args, shape, percentages, of_weighted::<Int64Type>),
        ),
    })
}

/// The constants from argument `first` on, or the numbers in the array that stands there.
fn percentages(args: &AggregateArgs, first: usize) -> crate::error::Result<Vec<f64>> {
    let unknown = || Error::Execution("a percentage is a constant number from 0 to 100".into());
    let constants = args.constants.get(first..).unwrap_or_default();
    let list = match constants {
        [Some(Value::Dynamic(array))] => {
            serde_json::from_str::<Vec<f64>>(array).map_err(|_| unknown())?
        }
        constants => {
            let number = |constant: &Option<Value>| constant.as_ref().and_then(Value::as_f64);
            constants.iter().map(number).collect::<Option<_>>().ok_or_else(unknown)?
        }
    };
    if list.is_empty() || list.iter().any(|percentage| !(0.0..=100.0).contains(percentage)) {
        return Err(unknown());
    }
    Ok(list)
}

/// The values as what percentiles are computed in: doubles or 64-bit integers.
fn measured(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Int32 => cast(array, &DataType::Int64)?,
        DataType::Decimal256(_, _) => {
            let decimals = array.as_primitive::<Decimal256Type>();
            let doubles: PrimitiveArray<Float64Type> =
                decimals.unary(|value| Decimal(value).to_f64());
            Arc::new(doubles)
        }
        _ => Arc::clone(array),
    })
}

fn boxed<V: Values>(
    values: V,
    prepare: fn(&[ArrayRef]) -> Result<ArrayRef>,
    finish: Finish<V>,
) -> Box<dyn Groups> {
    let (distinct, nulls, limit, explode) = (false, false, usize::MAX, None);
    Box::new(Collect::new(Plan { distinct, nulls, limit, prepare, explode, finish }, values))
}

/// Numbers with a total order, in which NaN comes before all others.
pub trait Ranked: Bits + Send + Sync {
    fn rank(&self, other: &Self) -> Ordering;
}

impl Ranked for i64 {
    fn rank(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Ranked for f64 {
    fn rank(&self, other: &Self) -> Ordering {
        self.partial_cmp(other).unwrap_or_else(|| other.is_nan().cmp(&self.is_nan()))
    }
}

/// Appends the percentiles of one group's values to the list, null where there are no values.
type Pick<V, N> = fn(&V, &[usize], &[f64], &mut Vec<Option<N>>);

fn of_plain<T: ArrowPrimitiveType<Native: Ranked>>(
    values: &Plain<T>,
    group: &[usize],
    percentages: &[f64],
    picked: &mut Vec<Option<T::Native>>,
) {
    let mut values: Vec<T::Native> = group.iter().map(|&at| values.values()[at]).collect();
    if values.is_empty() {
        picked.extend(percentages.iter().map(|_| None));
        return;
    }
    if percentages.len() > 2 {
        values.sort_unstable_by(T::Native::rank);
    }
    for percentage in percentages {
        let at = rank(*percentage, values.len() as f64) as usize - 1;
        let at = at.min(values.len() - 1);
        picked.push(Some(if percentages.len() > 2 {
            values[at]
        } else {
            *values.select_nth_unstable_by(at, T::Native::rank).1
        }));
    }
}

fn of_weighted<T: ArrowPrimitiveType<Native: Ranked>>(
    values: &Weighted<T>,
    group: &[usize],
    percentages: &[f64],
    picked: &mut Vec<Option<T::Native>>,
) {
    let mut values: Vec<(T::Native, i64)> =
        group.iter().map(|&at| values.value(at)).filter(|(_, weight)| *weight > 0).collect();
    values.sort_unstable_by(|a, b| a.0.rank(&b.0));
    let total: f64 = values.iter().map(|(_, weight)| *weight as f64).sum();
    for percentage in percentages {
        let wanted = rank(*percentage, total);
        let mut reached = 0.0;
        let found = values.iter().find(|(_, weight)| {
            reached += *weight as f64;
            reached >= wanted
        });
        picked.push(found.or(values.last()).map(|(value, _)| *value));
    }
}

/// The nearest rank, from 1 on, of a percentage among `count` values.
pub fn rank(percentage: f64, count: f64) -> f64 {
    // What is an integer but for the last bit of the product is that integer.
    let exact = percentage * count / 100.0;
    let near = exact.round();
    let rank = if (exact - near).abs() < 1e-9 * near.abs().max(1.0) { near } else { exact.ceil() };
    rank.max(1.0)
}

fn finish<V: Values, T: ArrowPrimitiveType<Native: Ranked>>(
    args: &AggregateArgs,
    shape: Shape,
    percentages: Vec<f64>,
    pick: Pick<V, T::Native>,
) -> Finish<V>
where
    PrimitiveArray<T>: From<Vec<Option<T::Native>>>,
    Plain<T>: Element,
{
    let returns = args.returns.clone();
    let element = result_of(args.types.first());
    Finish::Values(Arc::new(move |grouped: &Grouped<V>| {
        let mut picked = vec![];
        for group in grouped.groups() {
            pick(grouped.values, group, &percentages, &mut picked);
        }
        let width = percentages.len();
        match shape {
            Shape::One => Ok(Arc::new(PrimitiveArray::<T>::from(picked)) as ArrayRef),
            Shape::Columns => {
                let column = |index: usize| {
                    let column: Vec<_> =
                        picked.iter().skip(index).step_by(width).copied().collect();
                    Arc::new(PrimitiveArray::<T>::from(column)) as ArrayRef
                };
                let columns: Vec<ArrayRef> = (0..width).map(column).collect();
                if columns.len() != returns.len() {
                    return Err(internal("a column per percentile is wanted".into()));
                }
                Ok(Arc::new(StructArray::try_new(struct_fields(&returns), columns, None)?))
            }
            Shape::Array => {
                let mut arrays = StringViewBuilder::new();
                let mut text = String::new();
                for group in picked.chunks(width) {
                    let values: Option<Vec<T::Native>> = group.iter().copied().collect();
                    let Some(values) = values else {
                        arrays.append_null();
                        continue;
                    };
                    let values = Plain::<T>::from(values);
                    text.clear();
                    write_array(&values, element, 0..width, |_| false, &mut text);
                    arrays.append_value(&text);
                }
                Ok(Arc::new(arrays.finish()))
            }
        }
    }))
}
