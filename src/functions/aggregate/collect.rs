//! Group state that keeps the values of every group, all of them or each one once.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::rows::{argument, emitted, for_each, internal, passing, rowwise};
use super::values::Values;
use crate::functions::aggregate_def::Groups;

/// What is kept, and what it becomes.
pub struct Plan<V> {
    /// Whether a value is kept once per group only.
    pub distinct: bool,
    /// Whether nulls are kept.
    pub nulls: bool,
    /// How many values a group keeps at most.
    pub limit: usize,
    /// From the arguments to the column of values.
    pub prepare: fn(&[ArrayRef]) -> Result<ArrayRef>,
    /// Splits a prepared column: the elements in a row, one after the other, and how many there
    /// are in each row. Without it every row holds one value.
    pub explode: Option<Explode>,
    pub finish: Finish<V>,
}

impl<V> Clone for Plan<V> {
    fn clone(&self) -> Self {
        Self { finish: self.finish.clone(), ..*self }
    }
}

/// From a column to the elements in it and how many there are in each row.
pub type Explode = fn(&ArrayRef) -> Result<(ArrayRef, Vec<usize>)>;

/// From the values of the groups to results.
pub type Results<V> = dyn Fn(&Grouped<V>) -> Result<ArrayRef> + Send + Sync;

/// What the values of the groups become.
pub enum Finish<V> {
    /// How many there are.
    Count,
    Values(Arc<Results<V>>),
}

impl<V> Clone for Finish<V> {
    fn clone(&self) -> Self {
        match self {
            Finish::Count => Finish::Count,
            Finish::Values(finish) => Finish::Values(Arc::clone(finish)),
        }
    }
}

/// Values ordered by group.
pub struct Grouped<'v, V> {
    pub values: &'v V,
    /// Which of them are null, if any.
    nulls: Option<&'v [bool]>,
    order: Vec<usize>,
    offsets: Vec<usize>,
}

impl<V> Grouped<'_, V> {
    /// The positions in `values` of each group's values, in the order of their arrival.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.offsets.windows(2).map(|ends| &self.order[ends[0]..ends[1]])
    }

    /// Whether the value at `index` is a null.
    pub fn is_null(&self, index: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls[index])
    }
}

/// The values of every group.
pub struct Collect<V> {
    plan: Plan<V>,
    values: V,
    /// The group of every value.
    groups: Vec<usize>,
    /// Which values are null, where nulls are kept.
    nulls: Vec<bool>,
    /// The number of values of every group.
    counts: Vec<usize>,
    /// Hash and place of the values, where each is kept once.
    table: HashTable<(u64, usize)>,
    hasher: DefaultHashBuilder,
}

impl<V: Values> Collect<V> {
    /// Group state for `plan`, with `values` to start from (none).
    pub fn new(plan: Plan<V>, values: V) -> Self {
        Self {
            plan,
            values,
            groups: vec![],
            nulls: vec![],
            counts: vec![],
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    #[inline]
    fn add(&mut self, column: &V::Column, row: usize, group: usize) {
        if self.counts[group] >= self.plan.limit {
            return;
        }
        if self.plan.distinct {
            let hash = V::hash(column, row, group, &self.hasher);
            let (values, groups) = (&self.values, &self.groups);
            let same = |&(known, at): &(u64, usize)| {
                known == hash && groups[at] == group && values.same(at, column, row)
            };
            match self.table.entry(hash, same, |(hash, _)| *hash) {
                Entry::Occupied(_) => return,
                Entry::Vacant(entry) => entry.insert((hash, values.len())),
            };
        }
        self.values.push(column, row);
        self.groups.push(group);
        self.counts[group] += 1;
        if self.plan.nulls {
            self.nulls.push(false);
        }
    }

    fn add_null(&mut self, column: &V::Column, row: usize, group: usize) {
        if self.counts[group] < self.plan.limit {
            self.values.push(column, row);
            self.groups.push(group);
            self.counts[group] += 1;
            self.nulls.push(true);
        }
    }

    /// The number of groups so far.
    pub fn groups(&self) -> usize {
        self.counts.len()
    }

    /// The values of the first `emitted` groups, ordered by group.
    pub fn grouped(&self, emitted: usize) -> Grouped<'_, V> {
        let mut offsets = Vec::with_capacity(emitted + 1);
        offsets.push(0);
        let mut end = 0;
        offsets.extend(self.counts[..emitted].iter().map(|count| {
            end += count;
            end
        }));
        let mut next = offsets.clone();
        let mut order = vec![0; end];
        for (index, &group) in self.groups.iter().enumerate() {
            if group < emitted {
                order[next[group]] = index;
                next[group] += 1;
            }
        }
        let nulls = self.plan.nulls.then_some(self.nulls.as_slice());
        Grouped { values: &self.values, nulls, order, offsets }
    }

    /// Forgets the first `emitted` groups.
    pub fn forget(&mut self, emitted: usize) {
        let mut rest = Self::new(self.plan.clone(), self.values.empty());
        std::mem::swap(self, &mut rest);
        if emitted >= rest.counts.len() {
            return;
        }
        self.counts = rest.counts.split_off(emitted);
        for (index, &group) in rest.groups.iter().enumerate() {
            let Some(group) = group.checked_sub(emitted) else { continue };
            if self.plan.distinct {
                let hash = rest.values.hash_at(index, group, &self.hasher);
                self.table.insert_unique(hash, (hash, self.values.len()), |(hash, _)| *hash);
            }
            self.values.copy(&rest.values, index);
            self.groups.push(group);
            if self.plan.nulls {
                self.nulls.push(rest.nulls[index]);
            }
        }
    }
}

impl<V: Values> GroupsAccumulator for Collect<V> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.counts.resize(total, 0);
        let array = (self.plan.prepare)(values)?;
        if let Some(explode) = self.plan.explode {
            let (elements, lengths) = explode(&array)?;
            let column = V::column(&elements)?;
            let passing = passing(filter, None);
            let mut start = 0;
            for (row, (&group, &length)) in groups.iter().zip(&lengths).enumerate() {
                if passing.as_ref().is_none_or(|rows| rows.is_valid(row)) {
                    (start..start + length).for_each(|at| self.add(&column, at, group));
                }
                start += length;
            }
            return Ok(());
        }
        let column = V::column(&array)?;
        if self.plan.nulls {
            for_each(groups, filter, None, |group, row| {
                if array.is_null(row) {
                    self.add_null(&column, row, group);
                } else {
                    self.add(&column, row, group);
                }
            });
        } else {
            for_each(groups, filter, array.nulls(), |group, row| self.add(&column, row, group));
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.counts.resize(total, 0);
        let lists = argument(values, 0)?.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| internal("the state is no list".into()))?;
        let (elements, offsets) = (lists.values(), lists.value_offsets());
        let column = V::column(elements)?;
        if self.plan.distinct && self.table.is_empty() {
            let coming = offsets[lists.len()] - offsets[0];
            self.table.reserve(coming as usize, |(hash, _)| *hash);
        }
        for_each(groups, None, lists.nulls(), |group, row| {
            for at in offsets[row] as usize..offsets[row + 1] as usize {
                if self.plan.nulls && elements.is_null(at) {
                    self.add_null(&column, at, group);
                } else {
                    self.add(&column, at, group);
                }
            }
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emitted(emit_to, self.counts.len());
        let result = match &self.plan.finish {
            Finish::Count => {
                let counts = self.counts[..emitted].iter().map(|count| *count as i64);
                Arc::new(Int64Array::from_iter_values(counts)) as ArrayRef
            }
            Finish::Values(finish) => finish(&self.grouped(emitted))?,
        };
        self.forget(emitted);
        Ok(result)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let emitted = emitted(emit_to, self.counts.len());
        let grouped = self.grouped(emitted);
        let nulls = grouped
            .nulls
            .map(|nulls| grouped.order.iter().map(|&index| !nulls[index]).collect::<NullBuffer>());
        let elements = self.values.gather(&grouped.order, nulls);
        let offsets: Option<Vec<i32>> =
            grouped.offsets.iter().map(|&end| i32::try_from(end).ok()).collect();
        let offsets = offsets.ok_or_else(|| {
            let message = "an aggregate collects more than 2,147,483,647 values";
            super::rows::external(crate::error::Error::Execution(message.into()))
        })?;
        let field = Arc::new(Field::new_list_field(elements.data_type().clone(), true));
        let lists = ListArray::try_new(field, OffsetBuffer::new(offsets.into()), elements, None)?;
        self.forget(emitted);
        Ok(vec![Arc::new(lists)])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        rowwise(Self::new(self.plan.clone(), self.values.empty()), values, filter)
    }

    fn size(&self) -> usize {
        self.values.size()
            + (self.groups.capacity() + self.counts.capacity()) * size_of::<usize>()
            + self.nulls.capacity()
            + self.table.allocation_size()
    }
}

impl<V: Values> Groups for Collect<V> {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::List(Arc::new(Field::new_list_field(self.values.data_type(), true)))]
    }
}
