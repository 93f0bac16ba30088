//! What the kernels of user analytics share: events with a time, an id and dimensions.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};

use super::axis::{self, Instant};
use super::groups::{Groups, ids};
use super::{Output, TableArgs};
use crate::error::{Error, Result};

/// The first input of a kernel, whose columns are a timeline, an id, and dimensions.
pub struct Events<'a> {
    pub times: Vec<Instant>,
    /// [`NO_ID`](super::groups::NO_ID) for null.
    pub ids: Vec<u32>,
    pub groups: Groups,
    dimensions: &'a [ArrayRef],
}

impl<'a> Events<'a> {
    /// Reads the events; the columns between the id and the dimensions, `extra` of them, are the
    /// kernel's own.
    pub fn read(args: &TableArgs<'a>, extra: usize, out: &mut dyn Output) -> Result<Events<'a>> {
        let input = &args.inputs[0];
        let rows = input.num_rows();
        // A time, an id, a group and a place in the order for every row.
        out.reserve(rows * 40)?;
        let columns = input.columns();
        let dimensions = columns.get(2 + extra..).unwrap_or_default();
        Ok(Events {
            times: axis::instants(input.column(0))?,
            ids: ids(input.column(1))?,
            groups: Groups::new(dimensions, rows)?,
            dimensions,
        })
    }

    /// The rows of each id of each group in the order of time: `(group, id, rows)`.
    pub fn by_id(&self) -> Vec<(u32, u32, Vec<u32>)> {
        let mut rows: Vec<u32> = (0..self.times.len() as u32).collect();
        let key = |row: u32| (self.groups.of_row[row as usize], self.ids[row as usize]);
        rows.sort_by(|&a, &b| {
            key(a)
                .cmp(&key(b))
                .then_with(|| self.times[a as usize].order(self.times[b as usize]))
                .then(a.cmp(&b))
        });
        let parts = rows.chunk_by(|&a, &b| key(a) == key(b));
        parts
            .map(|part| {
                let (group, id) = key(part[0]);
                (group, id, part.to_vec())
            })
            .collect()
    }

    /// Hands over an answer: a column of times each, the dimensions of the groups, other columns.
    pub fn send(
        &self,
        args: &TableArgs,
        out: &mut dyn Output,
        times: &[Vec<Instant>],
        groups: &[u32],
        others: Vec<ArrayRef>,
    ) -> Result<()> {
        let mut columns: Vec<ArrayRef> = times
            .iter()
            .enumerate()
            .map(|(index, times)| axis::column(times, args.schema.field(index).data_type()))
            .collect();
        for dimension in self.dimensions {
            columns.push(self.groups.values(dimension, groups)?);
        }
        columns.extend(others);
        send(args, out, columns)
    }
}

/// Hands over columns in batches of the wanted size.
pub fn send(args: &TableArgs, out: &mut dyn Output, columns: Vec<ArrayRef>) -> Result<()> {
    let whole = RecordBatch::try_new(Arc::clone(args.schema), columns)?;
    out.reserve(whole.get_array_memory_size())?;
    for part in parts(whole.num_rows(), args.batch_rows) {
        out.send(whole.slice(part.start, part.len()))?;
    }
    Ok(())
}

fn parts(rows: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    let size = size.max(1);
    (0..rows).step_by(size).map(move |from| from..(from + size).min(rows))
}

/// An input by its position.
pub fn input<'a>(args: &TableArgs<'a>, index: usize) -> Result<&'a RecordBatch> {
    args.inputs.get(index).ok_or_else(|| Error::Internal(format!("input {index} is missing")))
}
