//! Random numbers, rows and tables, and how a table becomes a Parquet file.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::vocabulary::*;

/// Rows in a row group: small, so that every table has several.
pub const ROW_GROUP: usize = 256;

/// Sebastiano Vigna's splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end`, `end` excluded.
    pub fn below(&mut self, end: i64) -> i64 {
        (self.next() % end as u64) as i64
    }

    pub fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as i64) as usize]
    }

    pub fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-5{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    pub fn address(&mut self) -> String {
        format!(
            "{}.{}.{}.{}",
            11 + self.below(200),
            self.below(256),
            self.below(256),
            1 + self.below(254)
        )
    }
}

#[derive(Clone)]
pub enum Cell {
    Text(String),
    Real(f64),
    Time(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_string())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Real(value)
    }
}

/// One row: the columns that are not null.
pub struct Row {
    pub time: i64,
    pub cells: HashMap<&'static str, Cell>,
}

impl Row {
    pub fn set(&mut self, column: &'static str, value: impl Into<Cell>) -> &mut Row {
        self.cells.insert(column, value.into());
        self
    }

    pub fn time(&mut self, column: &'static str, micros: i64) -> &mut Row {
        self.cells.insert(column, Cell::Time(micros));
        self
    }
}

/// A table under construction; no two rows share a time.
pub struct Table {
    pub name: &'static str,
    pub event: &'static str,
    pub columns: &'static str,
    pub times: BTreeSet<i64>,
    pub rows: Vec<Row>,
}

impl Table {
    pub fn new(name: &'static str, event: &'static str, columns: &'static str) -> Table {
        Table { name, event, columns, times: BTreeSet::new(), rows: Vec::new() }
    }

    /// A row with the columns that every event has.
    pub fn row(&mut self, random: &mut Random, mut time: i64, user: &str) -> &mut Row {
        while !self.times.insert(time) {
            time += 1;
        }
        let mut row = Row { time, cells: HashMap::new() };
        row.time("TimeGenerated", time)
            .set("entity_id_s", user)
            .set("entity_type_s", "user")
            .set("event_type_s", self.event)
            .set("tenant_id_s", "jimex9vbhnya")
            .set("version_d", 2.0)
            .set("TenantId", "0b6dd5d5-6e2f-4d3b-9d1c-7f4a2a7c1e55")
            .set("SourceSystem", "RestAPI")
            .set("Type", self.name)
            .set("_ItemId", random.guid())
            .set("_IsBillable", "true")
            .set("_BilledSize", (300 + random.below(900)) as f64)
            .time("_TimeReceived", time + 20 * SECOND + random.below(200 * SECOND));
        if random.chance(2) {
            row.cells.remove("tenant_id_s");
        }
        let last = self.rows.len();
        self.rows.push(row);
        &mut self.rows[last]
    }

    pub fn write(mut self, folder: &Path) -> Result<(), Box<dyn Error>> {
        self.rows.sort_by_key(|row| row.time);
        let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
        for column in self.columns.split_whitespace().chain(COMMON.split_whitespace()) {
            let (name, array) = self.column(column);
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let file = File::create(folder.join(format!("{}.parquet", self.name)))?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        println!("{}: {} rows", self.name, self.rows.len());
        Ok(())
    }

    /// A column's type is the one written behind its name, else the one its suffix tells.
    pub fn column<'a>(&self, column: &'a str) -> (&'a str, ArrayRef) {
        let (name, kind) = column.split_once(':').unwrap_or((
            column,
            match column {
                "TimeGenerated" | "_TimeReceived" => "datetime",
                "_BilledSize" => "real",
                name if name.ends_with("_t") => "datetime",
                name if name.ends_with("_d") => "real",
                _ => "string",
            },
        ));
        let cells = self.rows.iter().map(|row| row.cells.get(name));
        let array: ArrayRef = match kind {
            "datetime" => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Time(micros)) => Some(*micros),
                        _ => None,
                    })
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            ),
            "real" => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Real(value)) => Some(*value),
                        _ => None,
                    })
                    .collect::<Float64Array>(),
            ),
            _ => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Text(text)) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
        };
        (name, array)
    }
}
