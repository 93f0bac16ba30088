//! Sketches of the values of a group, and of sketches.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringViewArray, StringViewBuilder};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::cardinality::{accuracy, fingerprints, sketched};
use super::moments::doubles;
use super::rows::{argument, external, for_each, primitive, rowwise, text};
use crate::error::Error;
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::functions::sketch::{Sketch, digest::Digest, hll::Hll};

aggregate_functions! {
    /// A sketch of the distinct values of a group, for `dcount_hll` and `hll_merge`.
    ///
    /// Up to 1,024 values are counted exactly. `accuracy` goes from 0 (error 1.6 %) over 1 (0.8 %,
    /// the default) to 4 (0.2 %). The text of the sketch is not Kusto's.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2] | summarize h = hll(x) | project dcount_hll(h)    //=> 2
    /// ```
    HLL = "hll", name "hll_" {
        (value: Scalar, [const accuracy: Long]) -> Dynamic => groups hll;
    }

    /// `hll` over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 2] | summarize h = hll_if(x, x > 1) | project dcount_hll(h)    //=> 1
    /// ```
    HLL_IF = "hll_if", name "hll_if_" {
        (value: Scalar, predicate: Bool, [const accuracy: Long]) -> Dynamic => filtered "hll" 1;
    }

    /// One sketch of all that the sketches of a group have seen.
    ///
    /// ```kql
    /// datatable(x: long, k: long)[1, 1, 2, 1, 2, 2] | summarize h = hll(x) by k | summarize h = hll_merge(h) | project dcount_hll(h)    //=> 2
    /// ```
    HLL_MERGE = "hll_merge", name "hll_merge_" {
        (hll: Dynamic) -> Dynamic => groups hll_merge;
    }

    /// A sketch of the numbers of a group, for `percentile_tdigest`, `rank_tdigest` and
    /// `tdigest_merge`.
    ///
    /// Up to 1,024 distinct numbers are kept exactly. The text of the sketch is not Kusto's.
    ///
    /// ```kql
    /// datatable(x: real, w: long)[1, 1, 2, 2] | summarize t = tdigest(x, w) | project percentile_tdigest(t, 50)    //=> 2
    /// ```
    TDIGEST = "tdigest", name "tdigest_" {
        (value: Number) -> Dynamic => groups tdigest;
        (value: Number, weight: Long) -> Dynamic => groups tdigest;
    }

    /// One sketch of all that the sketches of a group have seen.
    ///
    /// ```kql
    /// datatable(x: long, k: long)[1, 1, 2, 2, 3, 2] | summarize t = tdigest(x) by k | summarize t = tdigest_merge(t) | project percentile_tdigest(t, 50)    //=> 2
    /// ```
    TDIGEST_MERGE = "tdigest_merge" | "merge_tdigest", name "merge_tdigests_" {
        (tdigest: Dynamic) -> Dynamic => groups tdigest_merge;
    }
}

fn hll(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let accuracy = accuracy(args)?;
    let feed: Feed<Hll> = |values, rows, accuracy, sketches| {
        let prints = fingerprints(argument(values, 0)?)?;
        let prints = primitive::<Int64Type>(std::slice::from_ref(&prints), 0)?;
        for_each(rows.groups, rows.filter, prints.nulls(), |group, row| {
            let hash = sketched(prints.value(row));
            if sketches[group].is_none() {
                sketches[group] = Hll::new(accuracy);
            }
            if let Some(sketch) = &mut sketches[group] {
                sketch.add(hash);
            }
        });
        Ok(())
    };
    Ok(Box::new(Sketches { sketches: vec![], setting: accuracy, feed }))
}

fn hll_merge(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Sketches::<Hll> { sketches: vec![], setting: 0, feed: merge_texts }))
}

fn tdigest(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let feed: Feed<Digest> = |values, rows, _, sketches| {
        let numbers = doubles(argument(values, 0)?)?;
        let numbers = primitive::<Float64Type>(&[Arc::new(numbers) as ArrayRef], 0)?.clone();
        let weights =
            if values.len() > 1 { Some(primitive::<Int64Type>(values, 1)?) } else { None };
        for_each(rows.groups, rows.filter, numbers.nulls(), |group, row| {
            let weight = match weights {
                Some(weights) if weights.is_null(row) => 0,
                Some(weights) => weights.value(row),
                None => 1,
            };
            let sketch = sketches[group].get_or_insert_default();
            sketch.add(numbers.value(row), weight as f64);
        });
        Ok(())
    };
    Ok(Box::new(Sketches { sketches: vec![], setting: 0, feed }))
}

fn tdigest_merge(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Box::new(Sketches::<Digest> { sketches: vec![], setting: 0, feed: merge_texts }))
}

/// Which rows count, and for which groups.
struct Rows<'r> {
    groups: &'r [usize],
    filter: Option<&'r BooleanArray>,
}

/// Takes arguments into the sketches of their groups.
type Feed<S> = fn(&[ArrayRef], &Rows, i64, &mut [Option<S>]) -> Result<()>;

fn merge_texts<S: Sketch>(
    values: &[ArrayRef],
    rows: &Rows,
    _: i64,
    sketches: &mut [Option<S>],
) -> Result<()> {
    let texts: &StringViewArray = text(values, 0)?;
    let mut outcome = Ok(());
    for_each(rows.groups, rows.filter, texts.nulls(), |group, row| {
        match (S::parse(texts.value(row)), &mut sketches[group]) {
            (Some(sketch), Some(known)) => known.merge(&sketch),
            (Some(sketch), unknown) => *unknown = Some(sketch),
            (None, _) => outcome = Err(()),
        }
    });
    outcome.map_err(|()| {
        external(Error::Execution("a dynamic value to merge is no sketch of the kind".into()))
    })
}

struct Sketches<S> {
    sketches: Vec<Option<S>>,
    setting: i64,
    feed: Feed<S>,
}

impl<S: Sketch> GroupsAccumulator for Sketches<S> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.sketches.resize_with(total, || None);
        (self.feed)(values, &Rows { groups, filter }, self.setting, &mut self.sketches)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.sketches.resize_with(total, || None);
        merge_texts(values, &Rows { groups, filter: None }, 0, &mut self.sketches)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut texts = StringViewBuilder::new();
        let mut json = String::new();
        for sketch in emit_to.take_needed(&mut self.sketches) {
            json.clear();
            texts.append_option(sketch.map(|sketch| {
                sketch.write(&mut json);
                &json
            }));
        }
        Ok(Arc::new(texts.finish()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let empty = Self { sketches: vec![], setting: self.setting, feed: self.feed };
        rowwise(empty, values, filter)
    }

    fn size(&self) -> usize {
        let held = self.sketches.iter().flatten().map(S::size).sum::<usize>();
        held + self.sketches.capacity() * size_of::<Option<S>>()
    }
}

impl<S: Sketch> Groups for Sketches<S> {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Utf8View]
    }
}
