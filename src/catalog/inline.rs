//! Rows that stand in the text of a command.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};

use super::delimited::Records;
use super::input::Input;
use super::json;
use super::listing::Compression;
use crate::error::Result;
use crate::functions::cells::{Cell, Column};
use crate::types::RowSchema;
use crate::types::arrow::schema;

/// The form of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineFormat {
    /// Values by position, separated by this byte, without a line of names.
    Delimited(u8),
    /// Objects whose members are named like columns.
    Json,
}

/// The rows in `text`, with the columns of `row`. A record may have fewer values than there are
/// columns; the others are missing.
pub fn read_inline(text: &str, format: InlineFormat, row: &RowSchema) -> Result<RecordBatch> {
    let bytes = Cursor::new(text.as_bytes().to_vec());
    let mut input = Input::of(Path::new("inline data"), Compression::None, bytes)?;
    let mut columns: Vec<Column> =
        row.columns().iter().map(|column| Column::new(column.ty, 0)).collect();
    let mut count = 0;
    match format {
        InlineFormat::Json => {
            let mut rows = json::Rows::new(input, row.columns());
            while rows.read(&mut columns)? {
                count += 1;
            }
        }
        InlineFormat::Delimited(delimiter) => {
            let mut records = Records::new(delimiter);
            while let Some(record) = records.next(&mut input)? {
                if record.len() > row.len() {
                    let message = format!("{} values for {} columns", record.len(), row.len());
                    return Err(input.error(0, message));
                }
                if record.is_blank() {
                    continue;
                }
                for (index, (column, described)) in
                    columns.iter_mut().zip(row.columns()).enumerate()
                {
                    match record.get(index) {
                        Some(text) => column.push(Cell::read(described.ty, &text)),
                        None => column.push(Cell::Null),
                    }
                }
                count += 1;
            }
        }
    }
    let arrays = columns.into_iter().map(Column::finish).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    Ok(RecordBatch::try_new_with_options(Arc::new(schema(row)), arrays, &options)?)
}
