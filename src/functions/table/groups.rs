//! Rows numbered by their values.

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::row::{RowConverter, SortField};
use hashbrown::HashMap;

use crate::error::Result;

/// The groups that the values of some columns make.
pub struct Groups {
    /// The group of every row.
    pub of_row: Vec<u32>,
    /// A row of every group; groups are numbered in the order of their values.
    pub rows: Vec<u32>,
}

impl Groups {
    /// The groups of `rows` rows by `columns`; without columns all rows are one group.
    pub fn new(columns: &[ArrayRef], rows: usize) -> Result<Groups> {
        if columns.is_empty() {
            let first = if rows > 0 { vec![0] } else { vec![] };
            return Ok(Groups { of_row: vec![0; rows], rows: first });
        }
        let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
        let keys = RowConverter::new(fields)?.convert_columns(columns)?;
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        let mut of_row = Vec::with_capacity(rows);
        let mut firsts: Vec<u32> = vec![];
        for (row, key) in keys.iter().enumerate() {
            of_row.push(*numbers.entry(key.data()).or_insert_with(|| {
                firsts.push(row as u32);
                firsts.len() as u32 - 1
            }));
        }
        let mut order: Vec<u32> = (0..firsts.len() as u32).collect();
        order.sort_by_key(|group| keys.row(firsts[*group as usize] as usize));
        let mut ranks = vec![0u32; order.len()];
        for (rank, group) in order.iter().enumerate() {
            ranks[*group as usize] = rank as u32;
        }
        of_row.iter_mut().for_each(|group| *group = ranks[*group as usize]);
        let rows = order.into_iter().map(|group| firsts[group as usize]).collect();
        Ok(Groups { of_row, rows })
    }

    /// The values that `column` has in `groups`.
    pub fn values(&self, column: &ArrayRef, groups: &[u32]) -> Result<ArrayRef> {
        let rows = groups.iter().map(|group| self.rows[*group as usize]);
        Ok(take(column, &UInt32Array::from_iter_values(rows), None)?)
    }
}

/// The number of a null id.
pub const NO_ID: u32 = u32::MAX;

/// Every row's value as a number; nulls are [`NO_ID`].
pub fn ids(column: &ArrayRef) -> Result<Vec<u32>> {
    let mut ids = Groups::new(std::slice::from_ref(column), column.len())?.of_row;
    if let Some(nulls) = column.nulls() {
        for (row, id) in ids.iter_mut().enumerate() {
            if nulls.is_null(row) {
                *id = NO_ID;
            }
        }
    }
    Ok(ids)
}
