//! Bitwise combination of all values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::rows::{for_each, primitive, rowwise};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;

aggregate_functions! {
    /// The bits that are set in every value of a group.
    ///
    /// Nulls do not count; without values the result is null. The result column takes the name of
    /// the argument.
    ///
    /// ```kql
    /// datatable(x: long)[7, 6, 14] | summarize binary_all_and(x)    //=> 6
    /// ```
    BINARY_ALL_AND = "binary_all_and", name "" {
        (value: Long) -> Long => groups all_and;
    }

    /// The bits that are set in any value of a group.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 8] | summarize binary_all_or(x)    //=> 11
    /// ```
    BINARY_ALL_OR = "binary_all_or", name "" {
        (value: Long) -> Long => groups all_or;
    }

    /// The bits that are set in an odd number of the values of a group.
    ///
    /// ```kql
    /// datatable(x: long)[1, 3, 8] | summarize binary_all_xor(x)    //=> 10
    /// ```
    BINARY_ALL_XOR = "binary_all_xor", name "" {
        (value: Long) -> Long => groups all_xor;
    }
}

fn all_and(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Bits { values: vec![], combine: |a, b| a & b }))
}

fn all_or(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Bits { values: vec![], combine: |a, b| a | b }))
}

fn all_xor(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Bits { values: vec![], combine: |a, b| a ^ b }))
}

struct Bits {
    values: Vec<Option<i64>>,
    combine: fn(i64, i64) -> i64,
}

impl GroupsAccumulator for Bits {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.values.resize(total, None);
        let array = primitive::<Int64Type>(values, 0)?;
        for_each(groups, filter, array.nulls(), |group, row| {
            let (value, so_far) = (array.value(row), &mut self.values[group]);
            *so_far = Some(so_far.map_or(value, |so_far| (self.combine)(so_far, value)));
        });
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.update_batch(values, groups, None, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(emit_to.take_needed(&mut self.values))))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        rowwise(Self { values: vec![], combine: self.combine }, values, filter)
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<Option<i64>>()
    }
}

impl Groups for Bits {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }
}
