//! The state of `dcount`: exact sets while they are small, sketches beyond.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Int64Array, ListArray,
    PrimitiveArray, StringViewBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type, Field, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashTable};
use xxhash_rust::xxh64::xxh64;

use super::rows::unexpected;
use super::rows::{argument, emitted, external, for_each, internal, primitive, rowwise, text};
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

fn hash(entry: &(usize, i64)) -> u64 {
    // Spread by odd constants, then folded so that every bit counts.
    let product = u128::from(entry.1 as u64 ^ 0x9e37_79b9_7f4a_7c15)
        * u128::from((entry.0 as u64).wrapping_mul(0xd6e8_feb8_6659_fd93) ^ 0xa076_1d64_78bd_642f);
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded.wrapping_mul(0xe703_7ed1_a0b4_28db) ^ (folded >> 32)
}

#[derive(Default)]
struct Cardinality {
    /// Group and fingerprint of every value that is counted exactly.
    exact: HashTable<(usize, i64)>,
    /// How many of them each group has.
    counts: Vec<usize>,
    /// The groups with a sketch.
    sketches: HashMap<usize, Hll>,
    /// How many entries of `exact` belong to groups that are, or could be, in sketches.
    movable: usize,
}

impl Cardinality {
    fn add(&mut self, group: usize, fingerprint: i64) {
        if !self.sketches.is_empty()
            && let Some(sketch) = self.sketches.get_mut(&group)
        {
            return sketch.add(sketched(fingerprint));
        }
        let value = (group, fingerprint);
        if let Entry::Vacant(entry) = self.exact.entry(hash(&value), |known| *known == value, hash)
        {
            entry.insert(value);
            let count = &mut self.counts[group];
            *count += 1;
            self.movable += match *count {
                count if count == EXACT + 1 => count,
                count if count > EXACT => 1,
                _ => 0,
            };
        }
    }

    /// Moves large groups into sketches once they hold half of the values, so that the work stays
    /// in proportion.
    fn settle(&mut self) {
        if self.movable > 0 && self.movable * 2 >= self.exact.len() {
            self.sweep();
        }
    }

    /// Moves the values of large groups, and of groups with a sketch, into their sketches.
    fn sweep(&mut self) {
        let (counts, sketches) = (&mut self.counts, &mut self.sketches);
        self.exact.retain(|&mut (group, fingerprint)| {
            if counts[group] > EXACT
                && !sketches.contains_key(&group)
                && let Some(sketch) = Hll::new(ACCURACY)
            {
                sketches.insert(group, sketch);
            }
            let sketch = sketches.get_mut(&group);
            sketch.map(|sketch| sketch.add(sketched(fingerprint))).is_none()
        });
        sketches.keys().for_each(|group| counts[*group] = 0);
        self.exact.shrink_to_fit(hash);
        self.movable = 0;
    }

    /// Forgets the first `emitted` groups.
    fn forget(&mut self, emitted: usize) {
        if emitted >= self.counts.len() {
            *self = Self::default();
            return;
        }
        self.counts.drain(..emitted);
        let rest = std::mem::take(&mut self.exact);
        for (group, fingerprint) in rest {
            if let Some(group) = group.checked_sub(emitted) {
                let value = (group, fingerprint);
                self.exact.insert_unique(hash(&value), value, hash);
            }
        }
        let rest = std::mem::take(&mut self.sketches).into_iter();
        let moved = rest.filter_map(|(group, sketch)| Some((group.checked_sub(emitted)?, sketch)));
        self.sketches = moved.collect();
        self.movable = self.counts.iter().filter(|count| **count > EXACT).sum();
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
        self.counts.resize(total, 0);
        let fingerprints = fingerprints(argument(values, 0)?)?;
        let fingerprints = primitive::<Int64Type>(std::slice::from_ref(&fingerprints), 0)?;
        for_each(groups, filter, fingerprints.nulls(), |group, row| {
            self.add(group, fingerprints.value(row));
        });
        self.settle();
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.counts.resize(total, 0);
        let sketches = text(values, 1)?;
        let mut unread = false;
        for_each(groups, None, sketches.nulls(), |group, row| {
            let Some(sketch) = Hll::parse(sketches.value(row)) else {
                unread = true;
                return;
            };
            match self.sketches.get_mut(&group) {
                Some(known) => known.merge(&sketch),
                None => {
                    if self.counts[group] <= EXACT {
                        self.movable += self.counts[group];
                    }
                    self.sketches.insert(group, sketch);
                }
            }
        });
        if unread {
            return Err(internal("a state of `dcount` is no sketch".into()));
        }
        let lists = argument(values, 0)?.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| internal("a state of `dcount` is no list".into()))?;
        let fingerprints = primitive::<Int64Type>(std::slice::from_ref(lists.values()), 0)?;
        let offsets = lists.value_offsets();
        if self.exact.is_empty() {
            self.exact.reserve((offsets[lists.len()] - offsets[0]) as usize, hash);
        }
        for_each(groups, None, lists.nulls(), |group, row| {
            for at in offsets[row] as usize..offsets[row + 1] as usize {
                self.add(group, fingerprints.value(at));
            }
        });
        self.settle();
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emitted(emit_to, self.counts.len());
        if !self.sketches.is_empty() && self.movable > 0 {
            self.sweep();
        }
        let count = |group: usize| match self.sketches.get(&group) {
            Some(sketch) => sketch.count(),
            None => self.counts[group] as i64,
        };
        let counts = Int64Array::from_iter_values((0..emitted).map(count));
        self.forget(emitted);
        Ok(Arc::new(counts))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let emitted = emitted(emit_to, self.counts.len());
        if !self.sketches.is_empty() && self.movable > 0 {
            self.sweep();
        }
        let too_many = || {
            let message = "`dcount` keeps more than 2,147,483,647 values";
            external(Error::Execution(message.into()))
        };
        let mut end = 0;
        let mut offsets = vec![0];
        for count in &self.counts[..emitted] {
            end += count;
            offsets.push(i32::try_from(end).map_err(|_| too_many())?);
        }
        let mut next = offsets.clone();
        let mut values = vec![0; end];
        for &(group, fingerprint) in self.exact.iter().filter(|(group, _)| *group < emitted) {
            values[next[group] as usize] = fingerprint;
            next[group] += 1;
        }
        let field = Arc::new(Field::new_list_field(DataType::Int64, true));
        let offsets = OffsetBuffer::new(offsets.into());
        let values = Arc::new(Int64Array::from(values));
        let lists = ListArray::try_new(field, offsets, values, None)?;
        let mut sketches = StringViewBuilder::with_capacity(emitted);
        for group in 0..emitted {
            sketches.append_option(self.sketches.get(&group).map(|sketch| {
                let mut json = String::new();
                sketch.write(&mut json);
                json
            }));
        }
        self.forget(emitted);
        Ok(vec![Arc::new(lists), Arc::new(sketches.finish())])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        rowwise(Self::default(), values, filter)
    }

    fn size(&self) -> usize {
        self.exact.allocation_size()
            + self.counts.capacity() * size_of::<usize>()
            + self.sketches.allocation_size()
            + self.sketches.values().map(Hll::size).sum::<usize>()
    }
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
