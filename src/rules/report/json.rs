//! JSON Lines: an object per rule.

use serde::Serialize;

use super::{Report, Told};
use crate::rules::{Checked, Fix};

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    file: &'a str,
    diagnostics: Vec<Entry<'a>>,
    result_columns: Option<Vec<Column<'a>>>,
}

/// `code` is the analyser's number, as editors show it, `service_code` that of the service, as `run`
/// shows it. `start` and `length` count bytes of the file and take in the gap in which something is
/// missing; `line` and `column` count characters from 1.
#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    service_code: &'a str,
    severity: &'a str,
    message: &'a str,
    start: u32,
    length: usize,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Change<'a>>,
    /// Whether the baseline holds it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    baseline: bool,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

/// `length` bytes from `start` on are replaced by `text`.
#[derive(Serialize)]
struct Edit<'a> {
    start: u32,
    length: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: String,
}

/// A line per rule.
pub(super) fn lines(report: &Report<'_>) -> String {
    let rules = report.checked.iter().enumerate();
    rules.map(|(index, checked)| line(checked, report.told(index))).collect()
}

fn change(fix: &Fix) -> Change<'_> {
    let edits = fix.edits.iter();
    let edits = edits.map(|(span, text)| Edit { start: span.start, length: span.len(), text });
    Change { title: &fix.title, edits: edits.collect() }
}

/// One line about one rule, with its line break.
fn line<'a>(checked: &Checked, findings: impl Iterator<Item = Told<'a>>) -> String {
    let source = &checked.source;
    let entries = findings.map(|told| {
        let found = &told.finding.diagnostic;
        let place = source.location(found.span.start);
        let reach = found.reach();
        Entry {
            code: found.code.analyser(),
            service_code: found.code.id(),
            severity: found.severity.name(),
            message: &found.message,
            start: reach.start,
            length: reach.len(),
            line: place.line,
            column: place.column,
            hints: &found.hints,
            fix: told.finding.fix.as_ref().map(change),
            baseline: told.known,
        }
    });
    let columns = checked.columns.as_ref().map(|schema| {
        let columns = schema.columns().iter();
        columns.map(|column| Column { name: &column.name, ty: column.ty.to_string() }).collect()
    });
    let line = Line {
        id: checked.id.as_deref(),
        name: checked.name.as_deref(),
        file: source.name(),
        diagnostics: entries.collect(),
        result_columns: columns,
    };
    // Strings and numbers always serialize.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}
