//! Writes a table as one Parquet file that appears only when it is whole.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, PrimitiveArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use super::columns::Target;
use crate::catalog::listing::plain;
use crate::error::{Error, Result};
use crate::functions::kernel::array_of;
use crate::types::arrow::field;
use crate::types::datetime::UNIX_EPOCH;
use crate::types::{Column, Type, Value};

/// Rows converted at once.
const BATCH_ROWS: usize = 4096;
/// Rows of a row group at most.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of an unfinished row group at most.
const GROUP_BYTES: usize = 64 << 20;

/// A table being written under a temporary name.
pub struct TableWriter {
    path: PathBuf,
    targets: Vec<Target>,
    schema: SchemaRef,
    /// The values of rows not yet written, by column.
    pending: Vec<Vec<Value>>,
    writer: ArrowWriter<BufWriter<File>>,
    temporary: NamedTempFile,
}

/// A whole table under its temporary name.
pub struct Written {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl TableWriter {
    /// Starts `folder/name.parquet`.
    pub fn new(folder: &Path, name: &str, targets: &[Target]) -> Result<Self> {
        let path = folder.join(format!("{name}.parquet"));
        let failed = |error: std::io::Error| Error::file(&path, plain(&error));
        std::fs::create_dir_all(folder).map_err(failed)?;
        // A hidden name: no catalog takes it for a table if a crash leaves it behind.
        let mut builder = tempfile::Builder::new();
        // Temporary files are private; a table is as readable as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder
            .prefix(&format!(".{name}."))
            .suffix(".partial")
            .tempfile_in(folder)
            .map_err(failed)?;
        let file = temporary.reopen().map_err(failed)?;
        let schema = Arc::new(Schema::new(targets.iter().map(stored_field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(concat!("kqlite ", env!("CARGO_PKG_VERSION")).to_string())
            .build();
        let writer = ArrowWriter::try_new(BufWriter::new(file), schema.clone(), Some(properties))
            .map_err(|error| Error::file(&path, error))?;
        let pending = vec![Vec::with_capacity(BATCH_ROWS); targets.len()];
        Ok(Self { path, targets: targets.to_vec(), schema, pending, writer, temporary })
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
        for ((values, target), field) in
            self.pending.iter_mut().zip(&self.targets).zip(self.schema.fields())
        {
            columns.push(stored(&array_of(values, target.ty), target, field.data_type())?);
            values.clear();
        }
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        self.writer.write(&batch).map_err(|error| Error::file(&self.path, error))?;
        if self.writer.in_progress_size() > GROUP_BYTES {
            self.writer.flush().map_err(|error| Error::file(&self.path, error))?;
        }
        Ok(())
    }

    /// Writes what is pending and the footer, and sees both to the disk.
    pub fn finish(mut self) -> Result<Written> {
        if self.pending.first().is_some_and(|values| !values.is_empty()) {
            self.flush()?;
        }
        let failed = |error: &dyn std::fmt::Display| Error::file(&self.path, error);
        let buffered = self.writer.into_inner().map_err(|error| failed(&error))?;
        let file = buffered.into_inner().map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))?;
        Ok(Written { path: self.path, temporary: self.temporary })
    }
}

impl Written {
    /// Gives the table its name; returns its path and length.
    pub fn publish(self) -> Result<(PathBuf, u64)> {
        let path = self.path;
        let failed = |error: &std::io::Error| Error::file(&path, plain(error));
        let file = self.temporary.persist(&path).map_err(|error| failed(&error.error))?;
        let about = file.metadata().map_err(|error| failed(&error))?;
        if let Some(folder) = path.parent() {
            // The new name survives a crash only once the folder is on disk; not every system
            // can open a folder for that.
            if let Ok(folder) = File::open(folder) {
                folder.sync_all().ok();
            }
        }
        Ok((path, about.len()))
    }
}

/// The field of a column in the file: instants are timestamps that other tools read, where that
/// loses nothing; what Arrow's type does not tell is marked.
fn stored_field(target: &Target) -> Field {
    let marked = field(&Column::new(target.name.clone(), target.ty));
    match target.ty {
        Type::DateTime if !target.fine => {
            let stored = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            Field::new(&*target.name, stored, true)
        }
        Type::String => Field::new(&*target.name, DataType::Utf8, false),
        Type::Guid | Type::Dynamic => marked.with_data_type(DataType::Utf8),
        Type::DateTime | Type::TimeSpan => marked,
        _ => Field::new(&*target.name, marked.data_type().clone(), true),
    }
}

/// A canonical column in its stored form.
fn stored(array: &ArrayRef, target: &Target, stored: &DataType) -> Result<ArrayRef> {
    if let DataType::Timestamp(..) = stored
        && let Some(ticks) = array.as_primitive_opt::<Int64Type>()
    {
        debug_assert_eq!(target.ty, Type::DateTime);
        let micros: PrimitiveArray<TimestampMicrosecondType> =
            ticks.unary(|ticks| (ticks - UNIX_EPOCH).div_euclid(10));
        return Ok(Arc::new(micros.with_timezone("UTC")));
    }
    Ok(cast(array, stored)?)
}
