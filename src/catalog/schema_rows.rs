//! Schemas as rows, one per column: what `getschema` and `.show database schema` answer.
//!
//! Columns are known by their names: `ColumnName`, `ColumnType` or `DataType`, and if they are
//! there `ColumnOrdinal` and `TableName`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::delimited::{Records, header};
use super::input::Input;
use super::listing::Compression;
use super::schema_file::{Parsed, member, schema};
use crate::error::{Error, Result};
use crate::types::RowSchema;

/// The name under which every answer of the query service comes; no table is called so.
const ANSWER: &str = "PrimaryResult";

const TABLE: &[&str] = &["TableName", "$table", "SourceTable", "Table"];
const COLUMN: &[&str] = &["ColumnName"];
const TYPE: &[&str] = &["ColumnType", "CslType"];
const CLR_TYPE: &[&str] = &["DataType"];
const ORDINAL: &[&str] = &["ColumnOrdinal"];

/// Rows that describe columns.
#[derive(Default)]
pub(super) struct Rows(Vec<Row>);

struct Row {
    table: String,
    column: String,
    ty: String,
    ordinal: i64,
}

impl Rows {
    /// A row from its values by the names that a value may go by. Rows about a table alone are
    /// dropped.
    fn push(&mut self, value: impl Fn(&[&str]) -> Option<String>) {
        let value = |names| value(names).filter(|text| !text.trim().is_empty());
        let Some(column) = value(COLUMN) else { return };
        self.0.push(Row {
            table: value(TABLE).filter(|table| table != ANSWER).unwrap_or_default(),
            column,
            ty: value(TYPE).or_else(|| value(CLR_TYPE)).unwrap_or_default(),
            ordinal: value(ORDINAL).and_then(|text| text.parse().ok()).unwrap_or_default(),
        });
    }

    /// The tables of the rows; `table` is the one of rows that name none.
    pub fn tables(mut self, table: &str) -> Parsed<BTreeMap<Arc<str>, RowSchema>> {
        let rows = &mut self.0;
        rows.iter_mut().filter(|row| row.table.is_empty()).for_each(|row| row.table = table.into());
        rows.sort_by(|a, b| (&a.table, a.ordinal).cmp(&(&b.table, b.ordinal)));
        let tables = rows.chunk_by(|a, b| a.table == b.table);
        tables
            .map(|rows| {
                let columns = rows.iter().map(|row| (row.column.as_str(), row.ty.as_str()));
                Ok((rows[0].table.as_str().into(), schema(&rows[0].table, columns)?))
            })
            .collect()
    }
}

/// The rows of a document that holds such; nothing if it is something else.
pub(super) fn of_json(document: &Value) -> Option<Parsed<Rows>> {
    let mut rows = Rows::default();
    if let Some(objects) = document.as_array() {
        let is_row = |value: &Value| value.as_object().is_some_and(|o| member(o, COLUMN).is_some());
        if objects.is_empty() || !objects.iter().all(is_row) {
            return None;
        }
        for object in objects.iter().filter_map(Value::as_object) {
            rows.push(|names| member(object, names).and_then(text));
        }
        return Some(Ok(rows));
    }
    let answer = member(document.as_object()?, &["Tables"])?.as_array()?.first()?.as_object()?;
    let columns = member(answer, &["Columns"])?.as_array()?;
    let name = |column: &Value| {
        column.as_object().and_then(|o| member(o, &["ColumnName", "Name"])).and_then(text)
    };
    let names: Vec<String> =
        columns.iter().map(|column| name(column).unwrap_or_default()).collect();
    if let Err(message) = expect(&names) {
        return Some(Err(message));
    }
    for row in member(answer, &["Rows"])?.as_array()?.iter().filter_map(Value::as_array) {
        rows.push(|wanted| row.get(position(&names, wanted)?).and_then(text));
    }
    Some(Ok(rows))
}

/// The tables of comma- or tab-separated rows under a line of names.
pub(super) fn delimited(
    path: &Path,
    text: &str,
    table: &str,
) -> Result<BTreeMap<Arc<str>, RowSchema>> {
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') { b'\t' } else { b',' };
    let mut input = Input::of(path, Compression::None, std::io::Cursor::new(text.to_string()))?;
    let mut records = Records::new(delimiter);
    let names: Vec<String> =
        header(&mut records, &mut input)?.iter().map(ToString::to_string).collect();
    expect(&names).map_err(|message| Error::file(path, message))?;
    let mut rows = Rows::default();
    while let Some(record) = records.next(&mut input)? {
        rows.push(|wanted| Some(record.get(position(&names, wanted)?)?.into_owned()));
    }
    rows.tables(table).map_err(|message| Error::file(path, message))
}

fn position(names: &[String], wanted: &[&str]) -> Option<usize> {
    wanted.iter().find_map(|wanted| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)))
}

fn expect(names: &[String]) -> Parsed<()> {
    let typed = position(names, TYPE).or_else(|| position(names, CLR_TYPE));
    match position(names, COLUMN).and(typed) {
        Some(_) => Ok(()),
        None => Err("expected columns `ColumnName` and `ColumnType`".to_string()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
