//! What the front end has to say about a query: coded, located, with hints.
//!
//! Parsing and binding never fail; they return a value and [`Diagnostics`]. Operational failures
//! (I/O, memory, cancellation) are [`crate::error::Error`] instead.

pub mod codes;
pub mod json;
pub mod render;
mod suggest;

pub use codes::Code;
pub use suggest::{alike, nearest};

use crate::text::Span;

/// How much a [`Diagnostic`] matters. Only an error keeps a query from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Information,
}

impl Severity {
    /// The word shown before the message.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "info",
        }
    }
}

/// A second place that helps to understand a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// One finding about a query.
///
/// Messages start lower-case, quote names with backticks and carry no full stop; advice goes to
/// `hints`.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub span: Span,
    pub labels: Vec<Label>,
    pub hints: Vec<String>,
    /// Where the text before a missing token ends, when `span` is what was found instead.
    pub missing_from: Option<u32>,
    /// The stored function whose text is at fault; `span` is then its call.
    pub function: Option<Box<str>>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            labels: vec![],
            hints: vec![],
            missing_from: None,
            function: None,
        }
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Something to know about the text at `span`.
    pub fn information(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Information, ..Self::error(code, span, message) }
    }

    /// Adds a piece of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// All of the text that the finding may be marked at: `span`, and before it the gap in which
    /// something is missing.
    pub fn reach(&self) -> Span {
        match self.missing_from {
            Some(start) if start < self.span.start => Span::new(start, self.span.end),
            _ => self.span,
        }
    }

    /// The same finding told at `call`, of a stored function in whose text it is at `place`.
    #[must_use]
    pub fn inside(mut self, function: &str, place: &str, call: Span) -> Self {
        self.span = call;
        self.missing_from = None;
        self.labels.clear();
        match self.function {
            Some(_) => self.hint(format!("called by `{function}` at {place}")),
            None => {
                self.function = Some(function.into());
                self.message = format!("in function `{function}`: {}", self.message);
                self.hint(format!("the place is {place}"))
            }
        }
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds "a similar … exists" when one of `candidates` is close to `name`.
    #[must_use]
    pub fn suggest<'a>(
        self,
        kind: &str,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match nearest(name, candidates) {
            Some(found) => self.hint(format!("a similar {kind} exists: `{found}`")),
            None => self,
        }
    }
}

/// The sink that stages write to, in order of discovery.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Records a finding; one that repeats code and place of an earlier one is dropped.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let repeated = |d: &Diagnostic| d.code == diagnostic.code && d.span == diagnostic.span;
        if !self.items.iter().any(repeated) {
            self.items.push(diagnostic);
        }
    }

    /// Takes over all findings of another stage.
    pub fn extend(&mut self, other: Diagnostics) {
        other.items.into_iter().for_each(|d| self.push(d));
    }

    /// Whether anything keeps the query from running.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|d| d.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// How many findings there are; with [`Self::truncate`] a way back after a tentative step.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes away everything after the first `len` findings.
    pub fn split_off(&mut self, len: usize) -> Vec<Diagnostic> {
        self.items.split_off(len.min(self.items.len()))
    }

    /// Forgets everything after the first `len` findings.
    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }

    /// Sorts by place, as people read.
    pub fn sort(&mut self) {
        self.items.sort_by_key(|d| (d.span, d.severity));
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
