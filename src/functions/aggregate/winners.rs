//! One remembered row per group: columns are kept as they arrived and gathered when needed.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, new_empty_array, new_null_array};
use arrow::array::{StringViewArray, StringViewBuilder};
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::EmitTo;

/// Where the row of a group is: the batch in the upper half, the row in the lower.
type Address = u64;

/// A group without a row.
const NOWHERE: Address = u64::MAX;

/// So many rows are kept before it is worth looking for garbage.
const SLACK: usize = 4096;

/// The remembered row of every group.
pub struct Winners {
    types: Vec<DataType>,
    batches: Vec<Vec<ArrayRef>>,
    addresses: Vec<Address>,
    /// Rows in `batches`.
    rows: usize,
    /// Bytes in `batches`.
    bytes: usize,
    /// Where the buffers counted in `bytes` start: columns read back from disk share one.
    buffers: HashSet<usize>,
}

/// The rows of one batch that won, as they are found.
pub struct Record<'w> {
    first: Address,
    /// None where no columns are kept.
    addresses: Option<&'w mut [Address]>,
    rows: Vec<u32>,
}

impl Record<'_> {
    /// The row is the best of its group so far.
    #[inline]
    pub fn won(&mut self, group: usize, row: usize) {
        if let Some(addresses) = &mut self.addresses {
            addresses[group] = self.first + row as u64;
            self.rows.push(row as u32);
        }
    }
}

impl Winners {
    /// No rows yet, of columns of these types.
    pub fn new(types: Vec<DataType>) -> Self {
        let buffers = HashSet::new();
        Self { types, batches: vec![], addresses: vec![], rows: 0, bytes: 0, buffers }
    }

    /// The types of the columns.
    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    /// Makes room for `total` groups.
    pub fn grow(&mut self, total: usize) {
        if self.types.is_empty() {
            return;
        }
        self.addresses.resize(total, NOWHERE);
    }

    /// Takes in the winning rows of a batch, those that `pick` records last for their groups.
    pub fn update(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        pick: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<()> {
        if self.types.is_empty() {
            return pick(&mut Record { first: 0, addresses: None, rows: vec![] });
        }
        let first = (self.batches.len() as u64) << 32;
        let addresses = Some(self.addresses.as_mut_slice());
        let mut record = Record { first, addresses, rows: vec![] };
        pick(&mut record)?;
        let mut winning = record.rows;
        winning.retain(|&row| self.addresses[groups[row as usize]] == first + u64::from(row));
        if winning.is_empty() {
            return Ok(());
        }
        let kept: Vec<ArrayRef> = if winning.len() * 2 > groups.len() {
            columns.iter().map(compact).collect()
        } else {
            for (at, &row) in winning.iter().enumerate() {
                self.addresses[groups[row as usize]] = first + at as u64;
            }
            let winning = UInt32Array::from(winning);
            let taken = columns.iter().map(|column| take(column, &winning, None));
            taken.map(|column| Ok(compact(&column?))).collect::<Result<_>>()?
        };
        self.keep(kept);
        if self.rows > SLACK + 2 * self.addresses.len() {
            self.collect_garbage()?;
        }
        Ok(())
    }

    /// The columns of the emitted groups, which are forgotten; nulls where a group has no row.
    pub fn take(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        if self.types.is_empty() {
            return Ok(vec![]);
        }
        let addresses = emit_to.take_needed(&mut self.addresses);
        let columns = self.gather(&addresses)?;
        if self.addresses.is_empty() {
            self.forget();
        }
        Ok(columns)
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let buffers = self.buffers.capacity() * size_of::<usize>();
        self.bytes + buffers + self.addresses.capacity() * size_of::<Address>()
    }

    fn keep(&mut self, columns: Vec<ArrayRef>) {
        self.rows += columns.first().map_or(0, |column| column.len());
        for column in &columns {
            let data = column.to_data();
            let nulls = data.nulls().map(|nulls| nulls.inner().inner());
            for buffer in data.buffers().iter().chain(nulls) {
                if self.buffers.insert(buffer.data_ptr().as_ptr() as usize) {
                    self.bytes += buffer.capacity();
                }
            }
        }
        self.batches.push(columns);
    }

    fn forget(&mut self) {
        self.batches.clear();
        self.buffers.clear();
        (self.rows, self.bytes) = (0, 0);
    }

    fn gather(&self, addresses: &[Address]) -> Result<Vec<ArrayRef>> {
        let nowhere = self.batches.len();
        let place = |&address: &Address| match address {
            NOWHERE => (nowhere, 0),
            address => ((address >> 32) as usize, (address & u64::from(u32::MAX)) as usize),
        };
        let places: Vec<(usize, usize)> = addresses.iter().map(place).collect();
        let column = |(index, ty): (usize, &DataType)| {
            if places.is_empty() {
                return Ok(new_empty_array(ty));
            }
            let null = new_null_array(ty, 1);
            let mut sources: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch[index].as_ref()).collect();
            sources.push(null.as_ref());
            Ok(interleave(&sources, &places)?)
        };
        self.types.iter().enumerate().map(column).collect()
    }

    /// Moves the rows that groups still point to into one batch.
    fn collect_garbage(&mut self) -> Result<()> {
        let living = |address: &&Address| **address != NOWHERE;
        let live: Vec<Address> = self.addresses.iter().filter(living).copied().collect();
        let columns = self.gather(&live)?.iter().map(compact).collect();
        self.forget();
        self.keep(columns);
        let present = self.addresses.iter_mut().filter(|address| **address != NOWHERE);
        present.enumerate().for_each(|(row, address)| *address = row as u64);
        Ok(())
    }
}

/// The array without the bytes of strings that it does not show, where they are the most.
fn compact(array: &ArrayRef) -> ArrayRef {
    let Some(text) = array.as_string_view_opt() else { return Arc::clone(array) };
    let held: usize = text.data_buffers().iter().map(|buffer| buffer.capacity()).sum();
    if held > 2 * text.total_buffer_bytes_used() + 4096 {
        return Arc::new(text.gc());
    }
    Arc::clone(array)
}

/// Text in which nulls have become `''`, as a column of type string wants it.
pub fn without_nulls(text: &StringViewArray) -> StringViewArray {
    if text.null_count() == 0 {
        return text.clone();
    }
    let mut builder = StringViewBuilder::with_capacity(text.len());
    text.iter().for_each(|value| builder.append_value(value.unwrap_or_default()));
    builder.finish()
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;
    use arrow::buffer::{Buffer, ScalarBuffer};

    use super::*;

    #[test]
    fn counts_a_shared_buffer_once() {
        let buffer = Buffer::from_vec((0..1000_i64).collect());
        let column = |at: usize| -> ArrayRef {
            Arc::new(Int64Array::new(ScalarBuffer::new(buffer.clone(), at, 10), None))
        };
        let columns: Vec<ArrayRef> = (0..50).map(|at| column(at * 10)).collect();
        let mut winners = Winners::new(vec![DataType::Int64; 50]);
        winners.grow(10);
        let groups: Vec<usize> = (0..10).collect();
        let all = |record: &mut Record| {
            groups.iter().for_each(|&row| record.won(row, row));
            Ok(())
        };
        winners.update(&columns, &groups, all).unwrap();
        assert!((8000..10_000).contains(&winners.size()), "{}", winners.size());
        let kept = winners.take(EmitTo::All).unwrap();
        assert_eq!(kept[7].as_ref(), columns[7].as_ref());
        assert!(winners.size() < 1000, "{}", winners.size());
    }
}
