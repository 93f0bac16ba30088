//! Findings and failures as JSON, for the tools that read `--format json`.
//!
//! One object: `code`, `message`, `line`, `column`, `length` (counted in characters, lines and
//! columns from 1), `severity`, `hints`, `source`. Further findings follow under `others`. A
//! failure that has no place in the query has null places.

use serde::Serialize;

use super::{Diagnostic, Diagnostics, Severity};
use crate::error::Error;
use crate::text::Source;

#[derive(Serialize)]
struct Report<'a> {
    code: &'a str,
    message: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    length: Option<usize>,
    severity: &'a str,
    hints: &'a [String],
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Report<'a>>,
}

/// The findings about one source as one line; the first of the gravest comes first.
pub fn render(diagnostics: &Diagnostics, source: &Source) -> String {
    let mut found: Vec<&Diagnostic> = diagnostics.iter().collect();
    found.sort_by_key(|d| d.severity);
    let mut reports = found.into_iter().map(|d| report(d, source));
    match reports.next() {
        Some(first) => line(&Report { others: reports.collect(), ..first }),
        None => String::new(),
    }
}

/// A failure that has no place in the query, as one line.
pub fn render_failure(error: &Error, source: Option<&Source>) -> String {
    operational(error, Severity::Error, source)
}

/// A failure that keeps only part of the data away, as one line.
pub fn render_problem(error: &Error) -> String {
    operational(error, Severity::Warning, None)
}

fn operational(error: &Error, severity: Severity, source: Option<&Source>) -> String {
    line(&Report {
        code: error.kind(),
        message: &error.to_string(),
        line: None,
        column: None,
        length: None,
        severity: severity.name(),
        hints: &[],
        source: source.map(Source::name),
        others: vec![],
    })
}

fn report<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Report<'a> {
    let place = source.location(diagnostic.span.start);
    Report {
        code: diagnostic.code.id(),
        message: &diagnostic.message,
        line: Some(place.line),
        column: Some(place.column),
        length: Some(source.slice(diagnostic.span).chars().count()),
        severity: diagnostic.severity.name(),
        hints: &diagnostic.hints,
        source: Some(source.name()),
        others: vec![],
    }
}

fn line(report: &Report<'_>) -> String {
    // Strings and numbers always serialize.
    serde_json::to_string(report).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::codes;
    use crate::text::Span;

    #[test]
    fn gravest_first_in_characters() {
        let source = Source::new("q", "print 'é'\n| ünknown");
        let mut found = Diagnostics::default();
        found.push(Diagnostic::warning(codes::DISCARDED, Span::new(0, 5), "no effect"));
        found.push(Diagnostic::error(codes::UNKNOWN_NAME, Span::new(13, 21), "unknown"));
        insta::assert_snapshot!(render(&found, &source), @r#"{"code":"SEM0100","message":"unknown","line":2,"column":3,"length":7,"severity":"error","hints":[],"source":"q","others":[{"code":"KQ005","message":"no effect","line":1,"column":1,"length":5,"severity":"warning","hints":[],"source":"q"}]}"#);
    }
}
