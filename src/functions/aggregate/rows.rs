//! What every kind of group state needs: the rows of a batch that count, and columns by type.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::array::{StringViewArray, StructArray};
use arrow::buffer::NullBuffer;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use crate::error::Error;

/// The rows that the filter passes and that `nulls` calls valid; none when that is all of them.
pub fn passing(filter: Option<&BooleanArray>, nulls: Option<&NullBuffer>) -> Option<NullBuffer> {
    let filter = filter.map(|filter| match filter.nulls() {
        Some(known) => NullBuffer::new(filter.values() & known.inner()),
        None => NullBuffer::new(filter.values().clone()),
    });
    NullBuffer::union(filter.as_ref(), nulls).filter(|rows| rows.null_count() > 0)
}

/// Calls `each(group, row)` for the rows that the filter passes and that are not null.
#[inline]
pub fn for_each(
    groups: &[usize],
    filter: Option<&BooleanArray>,
    nulls: Option<&NullBuffer>,
    mut each: impl FnMut(usize, usize),
) {
    match passing(filter, nulls) {
        None => groups.iter().enumerate().for_each(|(row, &group)| each(group, row)),
        Some(rows) => rows.valid_indices().for_each(|row| each(groups[row], row)),
    }
}

/// The argument at `index`.
pub fn argument(values: &[ArrayRef], index: usize) -> Result<&ArrayRef> {
    values.get(index).ok_or_else(|| internal(format!("argument {index} is missing")))
}

/// The argument at `index` as an array of a primitive type.
pub fn primitive<T: ArrowPrimitiveType>(
    values: &[ArrayRef],
    index: usize,
) -> Result<&PrimitiveArray<T>> {
    let array = argument(values, index)?;
    array.as_primitive_opt::<T>().ok_or_else(|| unexpected(array))
}

/// The argument at `index` as text.
pub fn text(values: &[ArrayRef], index: usize) -> Result<&StringViewArray> {
    let array = argument(values, index)?;
    array.as_string_view_opt().ok_or_else(|| unexpected(array))
}

/// The argument at `index` as a struct.
pub fn structure(values: &[ArrayRef], index: usize) -> Result<&StructArray> {
    let array = argument(values, index)?;
    array.as_struct_opt().ok_or_else(|| unexpected(array))
}

/// The error for an array of another type than the canonical one.
pub fn unexpected(array: &ArrayRef) -> DataFusionError {
    internal(format!("an aggregate received an array of type {}", array.data_type()))
}

/// A defect of the engine, as DataFusion carries it.
pub fn internal(message: String) -> DataFusionError {
    external(Error::Internal(message))
}

/// An error of ours, as DataFusion carries it.
pub fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The state of a batch in which every row is a group of its own, by way of empty state.
pub fn rowwise(
    mut empty: impl GroupsAccumulator,
    values: &[ArrayRef],
    filter: Option<&BooleanArray>,
) -> Result<Vec<ArrayRef>> {
    let rows = argument(values, 0)?.len();
    let groups: Vec<usize> = (0..rows).collect();
    empty.update_batch(values, &groups, filter, rows)?;
    empty.state(EmitTo::All)
}

/// How many of `groups` groups are emitted.
pub fn emitted(emit_to: EmitTo, groups: usize) -> usize {
    match emit_to {
        EmitTo::All => groups,
        EmitTo::First(n) => n.min(groups),
    }
}
