//! Counting rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::rows::{for_each, primitive, rowwise};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;

aggregate_functions! {
    /// Counts the rows of a group.
    ///
    /// With an argument it counts rows just the same, those of nulls included.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, long(null)] | summarize count()    //=> 3
    /// datatable(x: long)[1, 2, long(null)] | summarize count(x)    //=> 3
    /// ```
    COUNT = "count", name "count_" {
        () -> Long => native Count;
        (value: Scalar) -> Long => groups rows;
    }

    /// Counts the rows of a group, as `count` does.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2] | summarize cnt()    //=> 2
    /// ```
    CNT = "cnt", name "cnt_" {
        () -> Long => native Count;
    }

    /// Counts the rows of a group for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, long(null)] | summarize countif(x > 1)    //=> 1
    /// ```
    COUNTIF = "countif", name "countif_" {
        (predicate: Bool) -> Long => filtered "count" 0;
    }
}

fn rows(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Rows { counts: vec![] }))
}

struct Rows {
    counts: Vec<i64>,
}

impl GroupsAccumulator for Rows {
    fn update_batch(
        &mut self,
        _: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.counts.resize(total, 0);
        for_each(groups, filter, None, |group, _| self.counts[group] += 1);
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.counts.resize(total, 0);
        let counts = primitive::<Int64Type>(values, 0)?;
        for_each(groups, None, counts.nulls(), |group, row| {
            self.counts[group] += counts.value(row);
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(emit_to.take_needed(&mut self.counts))))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        rowwise(Rows { counts: vec![] }, values, filter)
    }

    fn size(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
    }
}

impl Groups for Rows {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }
}
