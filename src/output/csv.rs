//! Comma- and tab-separated values with a line of column names; an empty line parts tables.

use std::io::{self, Write};

use arrow::array::RecordBatch;

use super::{Header, Stats, TableWriter, cells};
use crate::types::RowSchema;

/// The two dialects. CSV quotes what needs it (RFC 4180), TSV escapes it with a backslash.
#[derive(Clone, Copy)]
enum Dialect {
    Csv,
    Tsv,
}

pub(super) struct Delimited<W> {
    out: W,
    dialect: Dialect,
    names: bool,
    schema: RowSchema,
    tables: usize,
    line: String,
    cell: String,
}

impl<W: Write> Delimited<W> {
    pub(super) fn csv(out: W, names: bool) -> Self {
        Self::new(out, Dialect::Csv, names)
    }

    pub(super) fn tsv(out: W, names: bool) -> Self {
        Self::new(out, Dialect::Tsv, names)
    }

    fn new(out: W, dialect: Dialect, names: bool) -> Self {
        let (line, cell) = (String::new(), String::new());
        Self { out, dialect, names, schema: RowSchema::default(), tables: 0, line, cell }
    }

    fn write_line(&mut self) -> io::Result<()> {
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> TableWriter for Delimited<W> {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()> {
        if self.tables > 0 {
            self.write_line()?;
        }
        self.tables += 1;
        self.schema = header.schema.clone();
        if !self.names {
            return Ok(());
        }
        for (index, name) in header.schema.names().enumerate() {
            self.dialect.push(index, name, &mut self.line);
        }
        self.write_line()
    }

    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = cells(&self.schema, batch)?;
        for row in 0..batch.num_rows() {
            for (index, column) in cells.iter().enumerate() {
                self.cell.clear();
                column.write_text(row, &mut self.cell);
                self.dialect.push(index, &self.cell, &mut self.line);
            }
            self.write_line()?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Stats) -> io::Result<()> {
        self.out.flush()
    }
}

impl Dialect {
    /// Appends one cell.
    fn push(self, index: usize, cell: &str, line: &mut String) {
        match self {
            Dialect::Csv => {
                if index > 0 {
                    line.push(',');
                }
                if cell.contains(['"', ',', '\n', '\r']) {
                    line.push('"');
                    line.push_str(&cell.replace('"', "\"\""));
                    line.push('"');
                } else {
                    line.push_str(cell);
                }
            }
            Dialect::Tsv => {
                if index > 0 {
                    line.push('\t');
                }
                for c in cell.chars() {
                    match c {
                        '\t' => line.push_str("\\t"),
                        '\n' => line.push_str("\\n"),
                        '\r' => line.push_str("\\r"),
                        '\\' => line.push_str("\\\\"),
                        c => line.push(c),
                    }
                }
            }
        }
    }
}
