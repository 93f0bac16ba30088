//! Commands that change tables: `.create table`, `.drop table`, `.ingest inline`, `.set`, `.append` …

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray};

use super::head::{Head, Property};
use super::{Table, refused};
use crate::catalog::{InlineFormat, read_inline};
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Changed, Engine, Failure, Memory, Mode, Request};
use crate::text::{Source, Span};
use crate::types::{TableSchema, Type};

/// `.create table T (a: long, …)`, and with `merge` `.create-merge table …`.
pub(super) fn create(engine: &Engine, source: &Source, from: usize, merge: bool) -> Answer {
    let mut head = Head::new(source, from);
    head.expect("table")?;
    let (table, _) = head.name()?;
    let columns = head.parenthesised()?;
    let properties = head.properties()?;
    known(&properties, &["folder", "docstring"])?;
    head.end()?;
    let declaration = source.masked(columns, "datatable", "[]");
    let schema = engine.columns_of(&declaration)?;
    let schema = engine.create_table(&table, &schema, merge)?;
    Ok(super::show::schema_as_json(&TableSchema { name: table, schema }))
}

/// `.drop table T [ifexists]`, and with `clear` `.clear table T data`.
pub(super) fn remove(engine: &Engine, source: &Source, from: usize, clear: bool) -> Answer {
    let mut head = Head::new(source, from);
    head.expect("table")?;
    let (table, _) = head.name()?;
    if clear {
        head.expect("data")?;
        head.end()?;
        engine.clear_table(&table)?;
    } else {
        let if_exists = head.eat("ifexists");
        head.end()?;
        engine.drop_table(&table, if_exists)?;
    }
    let name: ArrayRef = Arc::new(StringViewArray::from_iter_values([&*table]));
    Ok(Table::new(vec![("TableName", Type::String, name)], 1))
}

/// `.ingest inline into table T [with (format = …)] <| rows`, or each row in brackets.
pub(super) async fn ingest(engine: &Engine, source: &Source, from: usize) -> Answer {
    let mut head = Head::new(source, from);
    head.expect("inline")?;
    head.expect("into")?;
    head.expect("table")?;
    let (table, _) = head.name()?;
    let properties = head.properties()?;
    known(&properties, &["format", "folder", "docstring"])?;
    let format = match properties.iter().find(|property| property.name == "format") {
        None => InlineFormat::Delimited(b','),
        Some(property) => match property.value.to_lowercase().as_str() {
            "csv" => InlineFormat::Delimited(b','),
            "tsv" => InlineFormat::Delimited(b'\t'),
            "psv" => InlineFormat::Delimited(b'|'),
            "scsv" => InlineFormat::Delimited(b';'),
            "json" | "multijson" => InlineFormat::Json,
            other => {
                let message = format!("the format `{other}` cannot stand in a command");
                return Err(diagnostic(property.span, message, "csv, tsv, psv, scsv or json"));
            }
        },
    };
    let text = match head.eat("[") {
        true => bracketed(&source.text()[head.span().start as usize..]),
        false => {
            head.end()?;
            let body = head.body()?;
            let text = body.text().trim_start_matches([' ', '\t', '\r']);
            text[text
                .find(|c: char| !c.is_whitespace())
                .map_or(0, |first| text[..first].rfind('\n').map_or(0, |line| line + 1))..]
                .to_string()
        }
    };
    let changed = engine.store_rows(&table, |schema| read_inline(&text, format, schema)).await?;
    Ok(extents(&changed))
}

/// The rows in `a, b] [c, d]`, one per line.
fn bracketed(text: &str) -> String {
    let rows = text.lines().map(|line| {
        let line = line.trim();
        let line = line.strip_prefix('[').unwrap_or(line);
        line.strip_suffix(']').unwrap_or(line)
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// `.set T <| query` and its relatives.
pub(super) async fn fill(
    engine: &Engine,
    request: &Request,
    memory: &Memory,
    from: usize,
    mode: Mode,
) -> Answer {
    let mut head = Head::new(&request.source, from);
    synchronous(&mut head)?;
    let (table, _) = head.name()?;
    let properties = head.properties()?;
    known(&properties, &["recreate_schema", "distributed", "folder", "docstring"])?;
    head.end()?;
    let recreate = properties.iter().any(|p| p.name == "recreate_schema" && p.value == "true");
    let mode = match mode {
        Mode::CreateOrReplace { .. } => Mode::CreateOrReplace { recreate_schema: recreate },
        other => other,
    };
    let query = Request { source: head.body()?, ..request.clone() };
    Ok(extents(&engine.store_query(&query, memory, &table, mode).await?))
}

/// Refuses `async`.
pub(super) fn synchronous(head: &mut Head) -> Result<(), Failure> {
    let span = head.span();
    if head.eat("async") {
        let message = "`async` is not supported: there is no operation to ask about later";
        return Err(diagnostic(span, message.into(), "leave it out; the command waits"));
    }
    Ok(())
}

/// Refuses properties that are not in `names`.
pub(super) fn known(properties: &[Property], names: &[&str]) -> Result<(), Failure> {
    match properties.iter().find(|property| !names.contains(&property.name.as_str())) {
        None => Ok(()),
        Some(property) => {
            let message = format!("property `{}` is not supported here", property.name);
            let hint = format!("supported are {}", names.join(", "));
            Err(diagnostic(property.span, message, &hint))
        }
    }
}

fn diagnostic(span: Span, message: String, hint: &str) -> Failure {
    let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, message).hint(hint);
    Failure::Query(refused(diagnostic))
}

/// One row per new file, as Kusto answers with its new extents.
fn extents(changed: &Changed) -> Table {
    let parts: Vec<&str> = changed.part.iter().map(String::as_str).collect();
    let count = parts.len();
    let rows: ArrayRef = Arc::new(Int64Array::from(vec![changed.rows as i64; count]));
    let parts: ArrayRef = Arc::new(StringViewArray::from_iter_values(parts));
    Table::new(vec![("ExtentId", Type::Guid, parts), ("RowCount", Type::Long, rows)], count)
}

/// What a command answers.
pub(super) type Answer = Result<Table, Failure>;
