//! Control commands: text that begins with a dot and asks about the database or changes it.
//!
//! A command answers with one result table. What kqlite has no answer for is refused by name.
//! Commands that change something need a folder that the user opened for writing.

mod change;
mod export;
mod functions;
mod head;
mod show;
mod words;

use arrow::array::{RecordBatch, RecordBatchOptions};
use std::sync::Arc;

use self::words::{Word, words};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::engine::{Engine, Failure, Memory, Mode, Request};
use crate::stored::Functions;
use crate::text::{Source, Span};
use crate::types::{Column, RowSchema, Schemas, Type, arrow::schema};

/// The commands that are answered, in the form that help and hints show.
pub const COMMANDS: &[(&str, &str)] = &[
    (".show tables", "the tables of the database"),
    (".show table T schema", "the columns of a table; also `schema as json`, `cslschema`"),
    (".show databases", "the databases at hand"),
    (".show database schema", "the columns of all tables"),
    (".show functions", "the stored functions; also `.show function F`"),
    (".show builtin functions", "the functions and plugins of the language"),
    (
        ".create function F(a:long) { … }",
        "store a function; also `.create-or-alter`, `.alter`; it stays with `--write`",
    ),
    (".drop function F", "forget a function; also with `ifexists`"),
    (".show version", "the version of kqlite"),
    (".create table T (a: long, …)", "makes an empty table; `.create-merge` adds columns to one"),
    (".drop table T", "removes a table; with `ifexists` it need not be there"),
    (".clear table T data", "removes the rows of a table"),
    (".ingest inline into table T <| …", "adds rows given as text, by default CSV"),
    (".set T <| …", "makes a table of the rows of a query"),
    (".append T <| …", "adds the rows of a query"),
    (".set-or-append T <| …", "adds the rows of a query; makes the table if there is none"),
    (".set-or-replace T <| …", "puts the rows of a query in place of those of the table"),
    (".export to parquet (\"folder\") <| …", "writes the rows of a query to a file"),
];

/// The answer to a command.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: RowSchema,
    pub rows: RecordBatch,
}

impl Table {
    /// A table of canonical arrays.
    fn new(columns: Vec<(&str, Type, arrow::array::ArrayRef)>, rows: usize) -> Table {
        let row: RowSchema = columns.iter().map(|(name, ty, _)| Column::new(*name, *ty)).collect();
        let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
        let fields = Arc::new(schema(&row));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&fields), arrays, &options);
        let rows = batch.unwrap_or_else(|_| RecordBatch::new_empty(fields));
        Table { schema: row, rows }
    }
}

/// Whether a text is a control command: its first sign behind space and comments is a dot.
pub fn is_command(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("//") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_alphabetic())
}

/// Whether a control command is written to its end: one that creates a function goes on to the end
/// of the body.
pub fn is_whole(text: &str) -> bool {
    !functions::lacks_body(text)
}

/// Answers the control command of a request.
pub async fn run(engine: &Engine, request: &Request, memory: &Memory) -> Result<Table, Failure> {
    let source = &request.source;
    let words = words(source.text());
    let from = words.first().map_or(0, |word| word.span.end as usize);
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let mode = match texts.as_slice() {
        [".create", "table", ..] => return change::create(engine, source, from, false),
        [".create-merge", "table", ..] => return change::create(engine, source, from, true),
        [".drop", "table", ..] => return change::remove(engine, source, from, false),
        [".clear", "table", ..] => return change::remove(engine, source, from, true),
        [".ingest", ..] => return change::ingest(engine, source, from).await,
        [".export", ..] => return export::export(engine, request, memory, from).await,
        [".set", ..] => Mode::Create,
        [".append", ..] => Mode::Append,
        [".set-or-append", ..] => Mode::CreateOrAppend,
        [".set-or-replace", ..] => Mode::CreateOrReplace { recreate_schema: false },
        _ => {
            let catalog = engine.catalog();
            return Ok(engine.change_functions(|stored| answer(source, &catalog, stored))??);
        }
    };
    change::fill(engine, request, memory, from, mode).await
}

/// Answers a control command that reads schemas; may change the stored functions.
fn answer(
    source: &Source,
    schemas: &dyn Schemas,
    stored: &mut Functions,
) -> Result<Table, Diagnostics> {
    let words = words(source.text());
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let whole = match (words.first(), words.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    };
    let of_functions = functions::answer(source, &texts, &words, stored);
    let found = of_functions.or_else(|| match texts.as_slice() {
        [".show", rest @ ..] => show::show(rest, &words[1..], schemas),
        _ => None,
    });
    found.unwrap_or_else(|| {
        let words = texts.iter().take_while(|word| !word.starts_with(['(', '|', '<']));
        let name = words.take(3).copied().collect::<Vec<_>>().join(" ");
        let mut refusal = Diagnostic::error(
            codes::UNSUPPORTED,
            whole,
            format!("control command `{name}` is not supported"),
        );
        let known: Vec<String> = COMMANDS.iter().map(|(name, _)| format!("`{name}`")).collect();
        refusal = refusal.hint(format!("supported are {}", known.join(", ")));
        Err(refused(refusal))
    })
}

fn refused(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    diagnostics
}

#[cfg(test)]
mod tests;
