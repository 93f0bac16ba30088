//! Rows by their address: what lets a plan read narrow columns first and fetch the wide ones for
//! the few rows that are left.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use parquet::arrow::ProjectionMask;
use parquet::arrow::RowNumber;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};

use super::listing::plain;
use crate::error::{Error, Result};

/// The column that tells which of a table's files a row is in. Scans give it when asked for it.
pub const FILE: &str = "$address:file";
/// The column that tells a row's place in its file.
pub const ROW: &str = "$address:row";

/// A table whose rows can be read again where they stand.
pub trait Addressed: fmt::Debug + Send + Sync {
    /// Scans the table's columns and, behind them, [`FILE`] and [`ROW`], both long.
    fn with_address(&self) -> Arc<dyn TableProvider>;

    /// The fields of the columns that [`Self::rows`] can read, as scans deliver them.
    fn stored(&self) -> SchemaRef;

    /// The columns at `columns` of some rows of a file. `rows` ascend; each comes once.
    fn rows(&self, file: usize, rows: &[u64], columns: &[usize]) -> Result<RecordBatch>;
}

/// [`FILE`] as a scan's column.
pub(super) fn file_field() -> FieldRef {
    Arc::new(Field::new(FILE, DataType::Int64, false))
}

/// [`ROW`] as a scan's column.
pub(super) fn row_field() -> FieldRef {
    Arc::new(Field::new(ROW, DataType::Int64, false).with_extension_type(RowNumber))
}

/// Reads rows of a Parquet file. A field that the file does not store is taken from `constants`,
/// else null.
pub(super) fn read(
    path: &Path,
    rows: &[u64],
    fields: &[FieldRef],
    constants: &[(FieldRef, ScalarValue)],
) -> Result<RecordBatch> {
    let broken = |error: &dyn fmt::Display| Error::file(path, error);
    let file = File::open(path).map_err(|error| broken(&plain(&error)))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|error| broken(&error))?;
    let stored = metadata.schema().clone();
    let roots = fields.iter().filter_map(|field| stored.index_of(field.name()).ok());
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
    let (groups, selection) = selection(&metadata, rows);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_row_groups(groups)
        .with_row_selection(selection)
        .with_batch_size(rows.len().max(1))
        .build()
        .map_err(|error| broken(&error))?;
    let schema = arrow::array::RecordBatchReader::schema(&reader);
    let batches =
        reader.collect::<std::result::Result<Vec<_>, _>>().map_err(|error| broken(&error))?;
    let batch = concat_batches(&schema, &batches)?;
    if batch.num_rows() != rows.len() {
        return Err(broken(&"the file has changed while it was read"));
    }
    let columns = fields.iter().map(|field| {
        let ty = field.data_type();
        if let Some(column) = batch.column_by_name(field.name()) {
            return Ok(if column.data_type() == ty { column.clone() } else { cast(column, ty)? });
        }
        match constants.iter().find(|(known, _)| known.name() == field.name()) {
            Some((_, value)) => value
                .to_array_of_size(rows.len())
                .map_err(|error| Error::Internal(error.to_string())),
            None => Ok(new_null_array(ty, rows.len())),
        }
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

/// The row groups that hold the rows, and where in those the rows are.
fn selection(metadata: &ArrowReaderMetadata, rows: &[u64]) -> (Vec<usize>, RowSelection) {
    let mut groups = vec![];
    let mut selectors = vec![];
    let mut rest = rows;
    let mut start = 0u64;
    for (index, group) in metadata.metadata().row_groups().iter().enumerate() {
        let end = start + group.num_rows() as u64;
        let here = rest.partition_point(|row| *row < end);
        let (inside, after) = rest.split_at(here);
        if !inside.is_empty() {
            groups.push(index);
            let mut at = start;
            for &row in inside {
                selectors.push(RowSelector::skip((row - at) as usize));
                selectors.push(RowSelector::select(1));
                at = row + 1;
            }
            selectors.push(RowSelector::skip((end - at) as usize));
        }
        rest = after;
        start = end;
    }
    (groups, RowSelection::from(selectors))
}
