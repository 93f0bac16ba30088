//! JSON: one object per result table (the contract that other tools read), or one per row.

use std::io::{self, Write};

use arrow::array::RecordBatch;

use super::text::write_json_string;
use super::{Header, Stats, TableWriter, cells};
use crate::types::RowSchema;

/// Bytes gathered before they are handed on.
const CHUNK: usize = 1 << 16;

/// `{"columns":[{"name":…,"type":…}],"rows":[[…]]}` on one line, rows as they come.
///
/// Nothing is written before the first batch is there: a query that fails before it has an
/// answer leaves no half object behind.
pub(super) struct Json<W> {
    out: W,
    schema: RowSchema,
    text: String,
    rows: usize,
}

impl<W: Write> Json<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, schema: RowSchema::default(), text: String::new(), rows: 0 }
    }
}

impl<W: Write> TableWriter for Json<W> {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()> {
        self.schema = header.schema.clone();
        self.rows = 0;
        self.text.clear();
        self.text.push_str("{\"columns\":[");
        for (index, column) in header.schema.columns().iter().enumerate() {
            self.text.push_str(if index == 0 { "{\"name\":" } else { ",{\"name\":" });
            write_json_string(&column.name, &mut self.text);
            self.text.push_str(",\"type\":");
            write_json_string(column.ty.name(), &mut self.text);
            self.text.push('}');
        }
        self.text.push_str("],\"rows\":[");
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = cells(&self.schema, batch)?;
        for row in 0..batch.num_rows() {
            self.text.push_str(if self.rows == 0 { "[" } else { ",[" });
            self.rows += 1;
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    self.text.push(',');
                }
                cell.write_json(row, &mut self.text);
            }
            self.text.push(']');
            if self.text.len() > CHUNK {
                drain(&mut self.text, &mut self.out)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, stats: &Stats) -> io::Result<()> {
        self.text.push(']');
        if let Some(elapsed) = stats.elapsed {
            let millis = elapsed.as_secs_f64() * 1e3;
            self.text.push_str(&format!(",\"elapsed_ms\":{millis:.3}"));
        }
        self.text.push_str("}\n");
        drain(&mut self.text, &mut self.out)?;
        self.out.flush()
    }
}

/// One object per row: column names to values.
pub(super) struct JsonLines<W> {
    out: W,
    schema: RowSchema,
    /// Per column the text before its value: `{"a":`, `,"b":`.
    keys: Vec<String>,
    text: String,
}

impl<W: Write> JsonLines<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, schema: RowSchema::default(), keys: vec![], text: String::new() }
    }
}

impl<W: Write> TableWriter for JsonLines<W> {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()> {
        self.schema = header.schema.clone();
        self.keys = self.schema.names().enumerate().map(|(index, name)| key(index, name)).collect();
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = cells(&self.schema, batch)?;
        for row in 0..batch.num_rows() {
            for (cell, key) in cells.iter().zip(&self.keys) {
                self.text.push_str(key);
                cell.write_json(row, &mut self.text);
            }
            self.text.push_str(if cells.is_empty() { "{}\n" } else { "}\n" });
            if self.text.len() > CHUNK {
                drain(&mut self.text, &mut self.out)?;
            }
        }
        drain(&mut self.text, &mut self.out)
    }

    fn finish(&mut self, _: &Stats) -> io::Result<()> {
        self.out.flush()
    }
}

fn key(index: usize, name: &str) -> String {
    let mut key = String::from(if index == 0 { "{" } else { "," });
    write_json_string(name, &mut key);
    key.push(':');
    key
}

fn drain(text: &mut String, out: &mut impl Write) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    text.clear();
    Ok(())
}
