//! One Parquet file that appears only when it is whole: written under a hidden name, seen to the
//! disk, then renamed.

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

use super::listing::plain;
use crate::error::{Error, Result};
use crate::types::arrow::field;
use crate::types::datetime::UNIX_EPOCH;
use crate::types::{Column, Type};

/// Rows of a row group at most.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of an unfinished row group at most.
const GROUP_BYTES: usize = 64 << 20;

/// A column as the file stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredColumn {
    pub name: Arc<str>,
    pub ty: Type,
    /// Whether instants need all their seven digits: they are stored as ticks then, which other
    /// tools read as numbers.
    pub fine: bool,
}

/// A file being written under a temporary name.
pub struct ParquetFile {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<BufWriter<File>>,
    temporary: NamedTempFile,
}

/// A whole file under its temporary name.
pub struct Written {
    path: PathBuf,
    temporary: NamedTempFile,
}

/// A new file in `folder` under a hidden name: no catalog takes it for a table if a crash leaves it
/// behind.
pub fn hidden_file(folder: &Path, name: &str) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // Temporary files are private; a table is as readable as any new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(&format!(".{name}.")).suffix(".partial").tempfile_in(folder)
}

/// Gives a file that is whole its name for good.
pub fn publish(temporary: NamedTempFile, path: &Path) -> std::io::Result<File> {
    let file = temporary.persist(path).map_err(|error| error.error)?;
    if let Some(folder) = path.parent() {
        // The new name survives a crash only once the folder is on disk; not every system can open
        // a folder for that.
        if let Ok(folder) = File::open(folder) {
            folder.sync_all().ok();
        }
    }
    Ok(file)
}

impl ParquetFile {
    /// Starts `folder/name.parquet`; makes the folder.
    pub fn new(folder: &Path, name: &str, columns: &[StoredColumn]) -> Result<Self> {
        let path = folder.join(format!("{name}.parquet"));
        let failed = |error: std::io::Error| Error::file(&path, plain(&error));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let temporary = hidden_file(folder, name).map_err(failed)?;
        let file = temporary.reopen().map_err(failed)?;
        let schema = Arc::new(Schema::new(columns.iter().map(stored_field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(concat!("kqlite ", env!("CARGO_PKG_VERSION")).to_string())
            .build();
        let writer = ArrowWriter::try_new(BufWriter::new(file), schema.clone(), Some(properties))
            .map_err(|error| Error::file(&path, error))?;
        Ok(Self { path, schema, writer, temporary })
    }

    /// Appends rows, one canonical array per column. Instants finer than their column are cut.
    pub fn write(&mut self, arrays: &[ArrayRef]) -> Result<()> {
        let columns = arrays.iter().zip(self.schema.fields());
        let columns = columns.map(|(array, field)| stored(array, field.data_type()));
        let batch = RecordBatch::try_new(self.schema.clone(), columns.collect::<Result<_>>()?)?;
        self.writer.write(&batch).map_err(|error| Error::file(&self.path, error))?;
        if self.writer.in_progress_size() > GROUP_BYTES {
            self.writer.flush().map_err(|error| Error::file(&self.path, error))?;
        }
        Ok(())
    }

    /// Writes the footer and sees all to the disk.
    pub fn finish(self) -> Result<Written> {
        let failed = |error: &dyn std::fmt::Display| Error::file(&self.path, error);
        let buffered = self.writer.into_inner().map_err(|error| failed(&error))?;
        let file = buffered.into_inner().map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))?;
        Ok(Written { path: self.path, temporary: self.temporary })
    }
}

impl Written {
    /// Gives the file its name; returns its path and length.
    pub fn publish(self) -> Result<(PathBuf, u64)> {
        let failed = |error: &std::io::Error| Error::file(&self.path, plain(error));
        let file = publish(self.temporary, &self.path).map_err(|error| failed(&error))?;
        let about = file.metadata().map_err(|error| failed(&error))?;
        Ok((self.path, about.len()))
    }
}

/// The field of a column in the file: instants are timestamps that other tools read, where that
/// loses nothing; what Arrow's type does not tell is marked.
fn stored_field(column: &StoredColumn) -> Field {
    let marked = field(&Column::new(column.name.clone(), column.ty));
    match column.ty {
        Type::DateTime if !column.fine => {
            let stored = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            Field::new(&*column.name, stored, true)
        }
        Type::String => Field::new(&*column.name, DataType::Utf8, false),
        Type::Guid | Type::Dynamic => marked.with_data_type(DataType::Utf8),
        Type::DateTime | Type::TimeSpan => marked,
        _ => Field::new(&*column.name, marked.data_type().clone(), true),
    }
}

/// A canonical column in its stored form.
fn stored(array: &ArrayRef, stored: &DataType) -> Result<ArrayRef> {
    if let DataType::Timestamp(..) = stored
        && let Some(ticks) = array.as_primitive_opt::<Int64Type>()
    {
        let micros: PrimitiveArray<TimestampMicrosecondType> =
            ticks.unary(|ticks| (ticks - UNIX_EPOCH).div_euclid(10));
        return Ok(Arc::new(micros.with_timezone("UTC")));
    }
    Ok(cast(array, stored)?)
}
