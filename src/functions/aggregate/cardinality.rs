//! The state of `dcount`: exact sets while they are small, sketches beyond.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Int64Array, ListArray,
    PrimitiveArray, StringViewBuilder, new_null_array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type, Field, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use hashbrown::HashMap;
use xxhash_rust::xxh64::xxh64;

use super::rows::unexpected;
use super::rows::{argument, emitted, external, for_each, internal, passing, primitive, text};
use super::sets::Sets;
use super::values::Bits;
use crate::error::Error;
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::sketch::{Sketch, hll::Hll};
use crate::types::Value;

/// Up to so many values in a group are always counted exactly.
const EXACT: usize = 1 << 17;

/// The accuracy of sketches, as `hll` numbers it: 2^18 registers, a standard error of 0.2 %.
const ACCURACY: i64 = 4;

/// The group state of `dcount`. An accuracy is checked, but the result is better than any asks for.
pub fn dcount(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    accuracy(args)?;
    Ok(Box::new(Cardinality::default()))
}

/// The accuracy asked for: 0 to 4, 1 by default.
pub fn accuracy(args: &AggregateArgs) -> crate::error::Result<i64> {
    let accuracy = match args.constants.get(1) {
        Some(Some(value)) => Value::as_i64(value).unwrap_or(1),
        _ => 1,
    };
    match accuracy {
        0..=4 => Ok(accuracy),
        _ => Err(Error::Execution("an accuracy is a number from 0 to 4".into())),
    }
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
            let hash = |row: usize| match texts.is_null(row) {
                true => 0,
                false => xxh64(texts.value(row).as_bytes(), 0) as i64,
            };
            let hashes: Vec<i64> = (0..texts.len()).map(hash).collect();
            Arc::new(Int64Array::new(hashes.into(), texts.nulls().cloned()))
        }
        _ => return Err(unexpected(array)),
    })
}

fn mapped<T: ArrowPrimitiveType>(array: &ArrayRef, map: fn(T::Native) -> i64) -> ArrayRef {
    let mapped: PrimitiveArray<Int64Type> = array.as_primitive::<T>().unary(map);
    Arc::new(mapped)
}

/// The hash under which a sketch sees a fingerprint.
pub fn sketched(fingerprint: i64) -> u64 {
    xxh64(&fingerprint.to_le_bytes(), 0)
}

#[derive(Default)]
struct Cardinality {
    /// The values that are counted exactly.
    exact: Sets,
    /// The groups with a sketch.
    sketches: HashMap<usize, Hll>,
}

impl Cardinality {
    /// Makes room for the groups up to `total`.
    fn resize(&mut self, total: usize) -> Result<()> {
        if self.exact.resize(total) {
            return Ok(());
        }
        Err(external(Error::Execution("`dcount` has more than 4,294,967,295 groups".into())))
    }

    /// The sketch of a group that has one.
    #[inline]
    fn sketch(&mut self, group: usize) -> Option<&mut Hll> {
        if self.sketches.is_empty() { None } else { self.sketches.get_mut(&group) }
    }

    /// Counts what has been added, and moves the values of large groups, and of groups with a
    /// sketch, into their sketches.
    fn settle(&mut self) {
        self.exact.settle();
        let sketches = &mut self.sketches;
        self.exact.drain(|group, values| {
            if values.len() > EXACT
                && !sketches.contains_key(&group)
                && let Some(sketch) = Hll::new(ACCURACY)
            {
                sketches.insert(group, sketch);
            }
            if sketches.is_empty() || values.is_empty() {
                return false;
            }
            let sketch = sketches.get_mut(&group);
            let add =
                |sketch: &mut Hll| values.iter().for_each(|value| sketch.add(sketched(*value)));
            sketch.map(add).is_some()
        });
    }

    /// Forgets the first `emitted` groups, which have been settled.
    fn forget(&mut self, emitted: usize) {
        self.exact.forget(emitted);
        let rest = std::mem::take(&mut self.sketches).into_iter();
        let moved = rest.filter_map(|(group, sketch)| Some((group.checked_sub(emitted)?, sketch)));
        self.sketches = moved.collect();
    }
}

impl GroupsAccumulator for Cardinality {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.resize(total)?;
        let fingerprints = fingerprints(argument(values, 0)?)?;
        let fingerprints = primitive::<Int64Type>(std::slice::from_ref(&fingerprints), 0)?;
        if self.sketches.is_empty() && passing(filter, fingerprints.nulls()).is_none() {
            self.exact.add_each(groups, fingerprints.values());
        } else {
            for_each(groups, filter, fingerprints.nulls(), |group, row| {
                let value = fingerprints.value(row);
                match self.sketch(group) {
                    Some(sketch) => sketch.add(sketched(value)),
                    None => self.exact.add(group, value),
                }
            });
        }
        if self.exact.is_due() {
            self.settle();
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.resize(total)?;
        let sketches = text(values, 1)?;
        let mut unread = false;
        for_each(groups, None, sketches.nulls(), |group, row| {
            match (Hll::parse(sketches.value(row)), self.sketches.get_mut(&group)) {
                (Some(sketch), Some(known)) => known.merge(&sketch),
                (Some(sketch), None) => drop(self.sketches.insert(group, sketch)),
                (None, _) => unread = true,
            }
        });
        if unread {
            return Err(internal("a state of `dcount` is no sketch".into()));
        }
        let lists = argument(values, 0)?.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| internal("a state of `dcount` is no list".into()))?;
        let fingerprints = primitive::<Int64Type>(std::slice::from_ref(lists.values()), 0)?;
        let offsets = lists.value_offsets();
        self.exact.reserve((offsets[lists.len()] - offsets[0]) as usize);
        for_each(groups, None, lists.nulls(), |group, row| {
            let values = &fingerprints.values()[offsets[row] as usize..offsets[row + 1] as usize];
            match self.sketch(group) {
                Some(sketch) => values.iter().for_each(|value| sketch.add(sketched(*value))),
                None => self.exact.add_all(group, values),
            }
        });
        if self.exact.is_due() {
            self.settle();
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emitted(emit_to, self.exact.groups());
        self.settle();
        let count = |group: usize| match self.sketches.get(&group) {
            Some(sketch) => sketch.count(),
            None => self.exact.count(group) as i64,
        };
        let counts = Int64Array::from_iter_values((0..emitted).map(count));
        self.forget(emitted);
        Ok(Arc::new(counts))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let emitted = emitted(emit_to, self.exact.groups());
        self.settle();
        let values = self.exact.values(emitted).to_vec();
        if i32::try_from(values.len()).is_err() {
            let message = "`dcount` keeps more than 2,147,483,647 values";
            return Err(external(Error::Execution(message.into())));
        }
        let lengths = (0..emitted).map(|group| self.exact.count(group));
        let lists = list(OffsetBuffer::from_lengths(lengths), values.into())?;
        let mut sketches = StringViewBuilder::with_capacity(emitted);
        for group in 0..emitted {
            sketches.append_option(self.sketches.get(&group).map(|sketch| {
                let mut json = String::new();
                sketch.write(&mut json);
                json
            }));
        }
        self.forget(emitted);
        Ok(vec![lists, Arc::new(sketches.finish())])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let fingerprints = fingerprints(argument(values, 0)?)?;
        let fingerprints = primitive::<Int64Type>(std::slice::from_ref(&fingerprints), 0)?;
        let rows = fingerprints.len();
        let lists = match passing(filter, fingerprints.nulls()) {
            None => {
                list(OffsetBuffer::from_repeated_length(1, rows), fingerprints.values().clone())?
            }
            Some(passing) => list(
                OffsetBuffer::from_lengths(passing.iter().map(usize::from)),
                passing.valid_indices().map(|row| fingerprints.value(row)).collect(),
            )?,
        };
        Ok(vec![lists, new_null_array(&DataType::Utf8View, rows)])
    }

    fn size(&self) -> usize {
        self.exact.size()
            + self.sketches.allocation_size()
            + self.sketches.values().map(Hll::size).sum::<usize>()
    }
}

/// Lists of numbers that are not null.
fn list(offsets: OffsetBuffer<i32>, values: ScalarBuffer<i64>) -> Result<ArrayRef> {
    let field = Arc::new(Field::new_list_field(DataType::Int64, true));
    let values = Arc::new(Int64Array::new(values, None));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
}

impl Groups for Cardinality {
    fn state_types(&self) -> Vec<DataType> {
        let list = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
        vec![list, DataType::Utf8View]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longs(values: std::ops::Range<i64>) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(values))
    }

    fn close(found: i64, wanted: i64) {
        assert!((found as f64 / wanted as f64 - 1.0).abs() < 0.01, "{found} for {wanted}");
    }

    #[test]
    fn large_groups_move_into_sketches_and_small_ones_stay_exact() {
        let large = 3 * EXACT as i64;
        let mut state = Cardinality::default();
        for start in (0..large).step_by(8192) {
            state.update_batch(&[longs(start..start + 8192)], &[1; 8192], None, 2).unwrap();
            state.update_batch(&[longs(0..100)], &[0; 100], None, 2).unwrap();
        }
        assert_eq!(state.sketches.len(), 1);
        assert!(state.size() < 8 << 20);

        let mut second = Cardinality::default();
        second.update_batch(&[longs(50..5000)], &[1; 4950], None, 3).unwrap();
        second.update_batch(&[longs(50..150)], &[0; 100], None, 3).unwrap();
        let partial = state.state(EmitTo::All).unwrap();
        second.merge_batch(&partial, &[0, 1], 3).unwrap();
        second.merge_batch(&partial, &[0, 2], 3).unwrap();
        let state = second.state(EmitTo::First(1)).unwrap();
        assert_eq!(state[0].as_list::<i32>().value(0).len(), 150);
        let counts = second.evaluate(EmitTo::All).unwrap();
        let counts = counts.as_primitive::<Int64Type>();
        close(counts.value(0), large);
        close(counts.value(1), large);
    }

    #[test]
    fn at_the_limit_the_count_is_exact() {
        let mut state = Cardinality::default();
        let limit = EXACT as i64;
        state.update_batch(&[longs(0..limit)], &vec![0; EXACT], None, 1).unwrap();
        let counts = state.evaluate(EmitTo::All).unwrap();
        assert_eq!(counts.as_primitive::<Int64Type>().value(0), limit);
    }
}
