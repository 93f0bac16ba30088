//! Result tables as text: batches and a `RowSchema` in, bytes out, streaming.
//!
//! One [`TableWriter`] per result table, fed batch by batch. Nothing here knows an engine, so the
//! command line, the REPL and tests share it.

mod csv;
mod json;
mod markdown;
mod table;
mod text;

pub use text::Cells;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;

use crate::types::RowSchema;

/// A form in which result tables are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A frame for a terminal.
    #[default]
    Table,
    /// One JSON object per result table, on one line.
    Json,
    /// One JSON object per row.
    Jsonl,
    /// Comma-separated values (RFC 4180, lines end in a line feed).
    Csv,
    /// Tab-separated values; tabs and line breaks in values are written `\t`, `\n`, `\r`.
    Tsv,
    /// A table in Markdown.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] =
        [Format::Table, Format::Json, Format::Jsonl, Format::Csv, Format::Tsv, Format::Markdown];

    /// The name as given on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Markdown => "markdown",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Format> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// How a client is asked to draw a result table: the `render` operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visualization {
    /// The kind, such as `timechart`.
    pub kind: Arc<str>,
    /// Properties in order of mention.
    pub properties: Vec<(Arc<str>, Arc<str>)>,
}

/// What is known of a result table before its first row.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub schema: &'a RowSchema,
    /// The name given by `as`, if any.
    pub name: Option<&'a str>,
    pub visualization: Option<&'a Visualization>,
}

/// What is known of a result table after its last row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Time from the request to the last row; written only where the format has a place for it.
    pub elapsed: Option<Duration>,
}

/// Limits of the formats made for people, and what the others may leave out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns of the terminal; `None` leaves rows as wide as they are.
    pub width: Option<usize>,
    /// Rows shown in table format; the rest is only counted. `None` shows all.
    pub max_rows: Option<usize>,
    /// Whether delimited values begin with a line of names.
    pub names: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { width: None, max_rows: Some(1000), names: true }
    }
}

/// Writes one result table: `begin`, any number of batches, `finish`.
pub trait TableWriter {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()>;
    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()>;
    fn finish(&mut self, stats: &Stats) -> io::Result<()>;
}

/// A writer of result tables in `format`. One writer may write several tables one after another.
pub fn writer<'w, W: Write + Send + 'w>(
    format: Format,
    out: W,
    layout: Layout,
) -> Box<dyn TableWriter + Send + 'w> {
    match format {
        Format::Table => Box::new(table::Table::new(out, layout)),
        Format::Json => Box::new(json::Json::new(out)),
        Format::Jsonl => Box::new(json::JsonLines::new(out)),
        Format::Csv => Box::new(csv::Delimited::csv(out, layout.names)),
        Format::Tsv => Box::new(csv::Delimited::tsv(out, layout.names)),
        Format::Markdown => Box::new(markdown::Markdown::new(out)),
    }
}

/// The typed views of a batch's columns, checked against the schema.
fn cells<'a>(schema: &RowSchema, batch: &'a RecordBatch) -> io::Result<Vec<Cells<'a>>> {
    if schema.len() != batch.num_columns() {
        let (want, have) = (schema.len(), batch.num_columns());
        return Err(io::Error::other(format!("a batch has {have} columns instead of {want}")));
    }
    let columns = schema.columns().iter().zip(batch.columns());
    columns.map(|(column, array)| Cells::new(column, array)).collect()
}

#[cfg(test)]
mod tests;
