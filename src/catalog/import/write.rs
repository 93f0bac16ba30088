//! Writes the rows of an import as one Parquet file.

use std::path::Path;

use super::columns::Target;
use crate::catalog::parquet_file::{ParquetFile, StoredColumn, Written};
use crate::error::Result;
use crate::functions::kernel::array_of;
use crate::types::Value;

/// Rows converted at once.
const BATCH_ROWS: usize = 4096;

/// A table being written under a temporary name.
pub struct TableWriter {
    targets: Vec<Target>,
    /// The values of rows not yet written, by column.
    pending: Vec<Vec<Value>>,
    file: ParquetFile,
}

impl TableWriter {
    /// Starts `folder/name.parquet`.
    pub fn new(folder: &Path, name: &str, targets: &[Target]) -> Result<Self> {
        let columns: Vec<StoredColumn> = targets
            .iter()
            .map(|target| StoredColumn {
                name: target.name.clone(),
                ty: target.ty,
                fine: target.fine,
            })
            .collect();
        let file = ParquetFile::new(folder, name, &columns)?;
        let pending = vec![Vec::with_capacity(BATCH_ROWS); targets.len()];
        Ok(Self { targets: targets.to_vec(), pending, file })
    }

    /// Appends a row: one value per column; leaves nulls behind.
    pub fn push(&mut self, row: &mut [Value]) -> Result<()> {
        for ((pending, value), target) in self.pending.iter_mut().zip(row).zip(&self.targets) {
            pending.push(std::mem::replace(value, Value::null(target.ty)));
        }
        if self.pending.first().is_some_and(|values| values.len() >= BATCH_ROWS) {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let mut columns = Vec::with_capacity(self.targets.len());
        for (values, target) in self.pending.iter_mut().zip(&self.targets) {
            columns.push(array_of(values, target.ty));
            values.clear();
        }
        self.file.write(&columns)
    }

    /// Writes what is pending and the footer, and sees both to the disk.
    pub fn finish(mut self) -> Result<Written> {
        if self.pending.first().is_some_and(|values| !values.is_empty()) {
            self.flush()?;
        }
        self.file.finish()
    }
}
