//! Tables that commands change: a folder of Parquet files, and a manifest that says which of them
//! count.
//!
//! A change writes new files first, sees them to the disk, and then replaces the manifest in one
//! rename. A crash at any moment leaves the table as it was or as it was meant to be; files that no
//! manifest names are swept by the next change. One process at a time changes a table.

mod functions;
mod manifest;

pub(super) use manifest::open;
pub use manifest::{MANIFEST, Manifest};

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::listing::plain;
use super::parquet_file::{ParquetFile, StoredColumn, Written};
use crate::error::{Error, Result};
use crate::types::{RowSchema, Type};

/// The file that a process holds locked while it changes a table.
const LOCK: &str = ".lock";

/// A data folder opened for writing.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// A table locked for a change.
pub struct Change {
    folder: PathBuf,
    manifest: Option<Manifest>,
    _lock: File,
}

/// A new part of a table.
pub struct Part {
    name: String,
    file: ParquetFile,
    columns: Vec<StoredColumn>,
    rows: u64,
}

/// A part that is whole but not yet in the table.
pub struct FinishedPart {
    pub name: String,
    pub rows: u64,
    written: Written,
}

impl Store {
    /// Opens `root`, which is made if it does not exist.
    pub fn open(root: &Path) -> Result<Store> {
        let failed = |error: std::io::Error| Error::file(root, plain(&error));
        std::fs::create_dir_all(root).map_err(failed)?;
        Ok(Store { root: std::fs::canonicalize(root).map_err(failed)? })
    }

    /// The folder, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a table of that name can be changed, should it exist.
    pub fn owns(&self, table: &str) -> bool {
        self.root.join(table).join(MANIFEST).is_file()
    }

    /// Locks a table for a change; it need not exist.
    pub fn change(&self, table: &str) -> Result<Change> {
        if !super::import::is_file_name(table) {
            return Err(Error::Execution(format!("`{table}` cannot be the name of a table")));
        }
        let folder = self.root.join(table);
        let failed = |error: std::io::Error| Error::file(&folder, plain(&error));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let lock = lock(&folder, "this table")?;
        let manifest = Manifest::read(&folder)?;
        Ok(Change { folder, manifest, _lock: lock })
    }
}

/// Holds `folder` locked, in which `what` is changed.
fn lock(folder: &Path, what: &str) -> Result<File> {
    let failed = |error: std::io::Error| Error::file(folder, plain(&error));
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another process is changing {what}; try again when it is done");
            Err(Error::file(folder, message))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

impl Change {
    /// The table as it is; `None` if there is none.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Starts a part with the columns of `schema`. Its name is new to the table.
    pub fn part(&self, id: &str, schema: &RowSchema, fine: bool) -> Result<Part> {
        let columns: Vec<StoredColumn> = schema
            .columns()
            .iter()
            .map(|column| StoredColumn { name: column.name.clone(), ty: column.ty, fine })
            .collect();
        let name = format!("part-{id}");
        let file = ParquetFile::new(&self.folder, &name, &columns)?;
        Ok(Part { name: format!("{name}.parquet"), file, columns, rows: 0 })
    }

    /// Makes the table what `manifest` says, with `parts` among its files, all at once.
    pub fn commit(self, manifest: &Manifest, parts: Vec<FinishedPart>) -> Result<()> {
        for part in parts {
            part.written.publish()?;
        }
        manifest.write(&self.folder)?;
        self.sweep(&manifest.files);
        Ok(())
    }

    /// Removes the table; false if there was none.
    pub fn drop_table(self) -> Result<bool> {
        let failed = |error: std::io::Error| Error::file(&self.folder, plain(&error));
        if self.manifest.is_some() {
            std::fs::remove_file(self.folder.join(MANIFEST)).map_err(failed)?;
        }
        Ok(self.manifest.is_some())
    }

    /// Removes parts that the table no longer has, and what a crash left. A file that cannot be
    /// removed is only in the way of nobody: the next change tries again.
    fn sweep(&self, keep: &[Arc<str>]) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let part = name.starts_with("part-") && name.ends_with(".parquet");
            let partial = name.starts_with(".part-") && name.ends_with(".partial");
            if partial || part && !keep.iter().any(|kept| **kept == *name) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

impl Part {
    /// Whether the instants of a canonical batch can be stored without loss.
    pub fn holds(&self, batch: &RecordBatch) -> bool {
        self.columns.iter().zip(batch.columns()).all(|(column, array)| {
            column.fine || column.ty != Type::DateTime || {
                let ticks = array.as_primitive_opt::<Int64Type>();
                ticks.is_none_or(|ticks| ticks.iter().flatten().all(|tick| tick % 10 == 0))
            }
        })
    }

    /// Appends canonical rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.file.write(batch.columns())
    }

    /// Sees the part to the disk; `None` if it has no rows.
    pub fn finish(self) -> Result<Option<FinishedPart>> {
        if self.rows == 0 {
            return Ok(None);
        }
        Ok(Some(FinishedPart { name: self.name, rows: self.rows, written: self.file.finish()? }))
    }
}

impl Drop for Change {
    /// The folder goes if there is no table in it.
    fn drop(&mut self) {
        if !self.folder.join(MANIFEST).exists() {
            self.sweep(&[]);
            let _ = std::fs::remove_file(self.folder.join(LOCK));
            // Stays if the user keeps anything else there.
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}
