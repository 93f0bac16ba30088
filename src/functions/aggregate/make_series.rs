//! The series of `make-series`: the values of a group at their places, gaps filled.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewBuilder};
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::collect::{Collect, Finish, Plan};
use super::json::Element;
use super::rows::{argument, emitted, external, internal};
use super::values::{Plain, Values};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::functions::series_axis::length;
use crate::types::arrow::data_type;
use crate::types::{Type, Value};

aggregate_functions! {
    /// The values of a series by the numbers of their bins, with `default` where a bin has none.
    /// It cannot be called by name.
    ///
    /// The series runs from bin `first` to bin `last`; where these are null, from the first bin
    /// that there is to the last one.
    ///
    /// ```kql
    /// datatable(x: long)[1, 5] | make-series n = sum(x) default=-1 on x from 1 to 7 step 2 | project n   //=> [1,-1,5]
    /// ```
    MAKE_SERIES_VALUES = "make-series values", name "" {
        (bin: Long, value: Number, const default: Scalar, const first: Long, const last: Long)
            -> Dynamic => groups make_series_values;
    }
}

fn make_series_values(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let constant = |index: usize| args.constants.get(index).and_then(|value| value.as_ref());
    let default = match constant(2) {
        Some(value) if !value.is_null() => value.to_dynamic().to_json(),
        _ => "null".to_string(),
    };
    let ends = (constant(3).and_then(Value::as_i64), constant(4).and_then(Value::as_i64));
    let ty = args.types.get(1).copied().unwrap_or(Type::Long);
    let shape = Shape { default, ends, ty };
    Ok(match ty {
        Type::Real => boxed(shape, Plain::<Float64Type>::new(DataType::Float64)),
        Type::Decimal => boxed(shape, Plain::<Decimal256Type>::new(data_type(ty))),
        _ => boxed(shape, Plain::<Int64Type>::new(DataType::Int64)),
    })
}

/// What the arrays look like.
#[derive(Clone)]
struct Shape {
    /// JSON of what stands where there is no value.
    default: String,
    /// The numbers of the first bin and the last one, where they are the same for all groups.
    ends: (Option<i64>, Option<i64>),
    ty: Type,
}

fn boxed<V: Element>(shape: Shape, values: V) -> Box<dyn Groups> {
    let bins = Plain::<Int64Type>::new(DataType::Int64);
    Box::new(Series { shape, bins: collect(bins), values: collect(values) })
}

fn collect<V: Values>(values: V) -> Collect<V> {
    let plan = Plan {
        distinct: false,
        nulls: true,
        limit: usize::MAX,
        prepare: |values| Ok(Arc::clone(argument(values, 0)?)),
        explode: None,
        finish: Finish::Count,
    };
    Collect::new(plan, values)
}

/// The bins and the values of all groups, side by side.
struct Series<V> {
    shape: Shape,
    bins: Collect<Plain<Int64Type>>,
    values: Collect<V>,
}

fn halves(columns: &[ArrayRef]) -> Result<(&[ArrayRef], &[ArrayRef])> {
    columns.split_at_checked(1).ok_or_else(|| internal("a series without values".into()))
}

impl<V: Element> GroupsAccumulator for Series<V> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        let (bins, values) = halves(values)?;
        self.bins.update_batch(bins, groups, filter, total)?;
        self.values.update_batch(values, groups, filter, total)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        let (bins, values) = halves(values)?;
        self.bins.merge_batch(bins, groups, total)?;
        self.values.merge_batch(values, groups, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emitted(emit_to, self.bins.groups());
        let (bins, values) = (self.bins.grouped(emitted), self.values.grouped(emitted));
        let mut arrays = StringViewBuilder::with_capacity(emitted);
        let mut json = String::new();
        // One more than the place of a value; 0 where there is none.
        let mut places: Vec<usize> = vec![];
        for group in bins.groups() {
            let number = |at: &usize| bins.values.values()[*at];
            let first = self.shape.ends.0.or_else(|| group.iter().map(number).min());
            let last = self.shape.ends.1.or_else(|| group.iter().map(number).max());
            let (first, last) = first.zip(last).unwrap_or((0, -1));
            let length = length(first, last).map_err(external)?;
            places.clear();
            places.resize(length, 0);
            for at in group {
                let offset = usize::try_from(i128::from(number(at)) - i128::from(first));
                if let Some(place) = offset.ok().and_then(|offset| places.get_mut(offset)) {
                    *place = at + 1;
                }
            }
            json.clear();
            json.push('[');
            for (offset, place) in places.iter().enumerate() {
                if offset > 0 {
                    json.push(',');
                }
                match place.checked_sub(1) {
                    None => json.push_str(&self.shape.default),
                    Some(at) if values.is_null(at) => json.push_str("null"),
                    Some(at) => values.values.write(at, self.shape.ty, &mut json),
                }
            }
            json.push(']');
            arrays.append_value(&json);
        }
        self.bins.forget(emitted);
        self.values.forget(emitted);
        Ok(Arc::new(arrays.finish()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut state = self.bins.state(emit_to)?;
        state.extend(self.values.state(emit_to)?);
        Ok(state)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let (bins, values) = halves(values)?;
        let mut state = self.bins.convert_to_state(bins, filter)?;
        state.extend(self.values.convert_to_state(values, filter)?);
        Ok(state)
    }

    fn size(&self) -> usize {
        self.bins.size() + self.values.size()
    }
}

impl<V: Element> Groups for Series<V> {
    fn state_types(&self) -> Vec<DataType> {
        let mut types = self.bins.state_types();
        types.extend(self.values.state_types());
        types
    }
}
