//! Tables in Markdown, numbers aligned right; an empty line parts tables.

use std::io::{self, Write};

use arrow::array::RecordBatch;

use super::{Header, Stats, TableWriter, cells};
use crate::types::{RowSchema, Type};

pub(super) struct Markdown<W> {
    out: W,
    schema: RowSchema,
    tables: usize,
    line: String,
    cell: String,
}

impl<W: Write> Markdown<W> {
    pub(super) fn new(out: W) -> Self {
        let (line, cell) = (String::new(), String::new());
        Self { out, schema: RowSchema::default(), tables: 0, line, cell }
    }

    fn write_line(&mut self) -> io::Result<()> {
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> TableWriter for Markdown<W> {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()> {
        if self.tables > 0 {
            self.write_line()?;
        }
        self.tables += 1;
        self.schema = header.schema.clone();
        self.line.push('|');
        header.schema.names().for_each(|name| push(name, &mut self.line));
        self.write_line()?;
        self.line.push('|');
        for column in header.schema.columns() {
            let right = column.ty.is_numeric() || column.ty == Type::TimeSpan;
            self.line.push_str(if right { "---:|" } else { "---|" });
        }
        self.write_line()
    }

    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = cells(&self.schema, batch)?;
        for row in 0..batch.num_rows() {
            self.line.push('|');
            for column in &cells {
                self.cell.clear();
                column.write_text(row, &mut self.cell);
                push(&self.cell, &mut self.line);
            }
            self.write_line()?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Stats) -> io::Result<()> {
        self.out.flush()
    }
}

/// Appends one cell; what would end the cell or start markup is escaped.
fn push(cell: &str, line: &mut String) {
    line.push(' ');
    for c in cell.chars() {
        match c {
            '\n' => line.push_str("<br>"),
            '\r' => {}
            '|' | '\\' | '`' | '*' | '<' => {
                line.push('\\');
                line.push(c);
            }
            c => line.push(c),
        }
    }
    line.push_str(" |");
}
