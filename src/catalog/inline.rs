//! Rows that stand in the text of a command.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::delimited::{self, Beyond};
use super::input::Input;
use super::json;
use super::listing::Compression;
use super::text_table::Rows;
use crate::error::Result;
use crate::types::RowSchema;
use crate::types::arrow::schema;

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;

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
pub fn read_inline(text: &str, format: InlineFormat, row: &RowSchema) -> Result<Vec<RecordBatch>> {
    let bytes = Cursor::new(text.as_bytes().to_vec());
    let input = Input::of(Path::new("inline data"), Compression::None, bytes)?;
    let columns = row.columns();
    let mut rows = match format {
        InlineFormat::Json => Rows::Json(json::Rows::new(input, columns)),
        InlineFormat::Delimited(delimiter) => {
            let names: Vec<_> = columns.iter().map(|column| column.name.clone()).collect();
            let beyond = Beyond::Refused;
            Rows::Delimited(delimited::Rows::by_position(
                input, delimiter, &names, beyond, false, columns,
            )?)
        }
    };
    let schema = Arc::new(schema(row));
    let mut batches = vec![];
    while let Some(batch) = rows.batch(columns, &schema, BATCH_ROWS)? {
        batches.push(batch);
    }
    Ok(batches)
}
