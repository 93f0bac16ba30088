//! The rule around a query: what the service or its repositories refuse, and what goes wrong once the
//! rule runs.

mod across;
mod classification;
mod columns;
mod defender;
mod details;
mod duration;
mod entities;
mod grouping;
mod schedule;
mod structure;
mod window;

pub(super) use across::{Identity, across};

use super::document::{Entry, Node, Value};
use super::tables::{in_azure, in_defender};
use super::{Analysis, Finding, Fix, Form, Rule};
use crate::diagnostics::{Code, Diagnostic, Severity, alike, codes};
use crate::text::{Source, Span};
use crate::types::RowSchema;

/// Adds what is found about everything of a rule but its query. `analysis` tells of that, where the
/// file has one.
pub(super) fn check(
    source: &Source,
    rule: &Rule,
    analysis: Option<&Analysis>,
    findings: &mut Vec<Finding>,
) -> Identity {
    let mut subject = Subject::new(source, rule, analysis);
    structure::check(&mut subject);
    classification::check(&mut subject);
    match rule.form {
        Form::Yaml | Form::Resource | Form::Terraform => {
            schedule::check(&mut subject);
            window::check(&mut subject);
            entities::check(&mut subject);
            details::check(&mut subject);
            grouping::check(&mut subject);
        }
        Form::Detection => defender::check(&mut subject),
        Form::Hunting => entities::check(&mut subject),
        Form::Query => {}
    }
    findings.append(&mut subject.findings);
    Identity::of(&subject)
}

impl Form {
    /// The name that a member has in rules of the form.
    fn spelled(self, key: &str) -> String {
        let name = match self {
            Form::Resource | Form::Terraform => in_azure(key),
            Form::Detection => in_defender(key),
            _ => key,
        };
        match self {
            Form::Terraform => name.chars().fold(String::new(), |mut name, c| {
                if c.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(c.to_ascii_lowercase());
                name
            }),
            _ => name.to_string(),
        }
    }
}

/// The kinds of rules that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RuleKind {
    Scheduled,
    Nrt,
}

/// A rule, and what was found so far.
struct Subject<'a> {
    source: &'a Source,
    rule: &'a Rule,
    /// Nothing where the rule does not tell.
    kind: Option<RuleKind>,
    analysis: Option<&'a Analysis>,
    /// The columns of the query's result, if all of them are known.
    columns: Option<&'a RowSchema>,
    findings: Vec<Finding>,
}

impl<'a> Subject<'a> {
    fn new(source: &'a Source, rule: &'a Rule, analysis: Option<&'a Analysis>) -> Self {
        let kind = match rule.document.member("kind").and_then(Node::text) {
            Some(kind) if kind.eq_ignore_ascii_case("scheduled") => Some(RuleKind::Scheduled),
            Some(kind) if kind.eq_ignore_ascii_case("nrt") => Some(RuleKind::Nrt),
            _ => None,
        };
        let columns = analysis.and_then(columns::all_columns);
        Self { source, rule, kind, analysis, columns, findings: vec![] }
    }

    fn tell(&mut self, diagnostic: Diagnostic) {
        self.push(diagnostic.into());
    }

    /// Adds a finding. Nobody refuses a query for hunting for what stands around it.
    fn push(&mut self, mut finding: Finding) {
        let severity = &mut finding.diagnostic.severity;
        if self.rule.form == Form::Hunting && *severity == Severity::Error {
            *severity = Severity::Warning;
        }
        self.findings.push(finding);
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.tell(Diagnostic::error(code, span, message));
    }

    /// Tells of something that one replacement mends.
    fn tell_and_mend(&mut self, diagnostic: Diagnostic, span: Span, replacement: &str) {
        let was = self.source.slice(span);
        let title = format!("write `{replacement}` instead of `{was}`");
        let edits = vec![(span, replacement.to_string())];
        self.push(Finding { diagnostic, fix: Some(Fix { title, edits }) });
    }

    /// The member of the rule called `key`; nothing if it is null.
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        entry(&self.rule.document, key)
    }

    /// Where things are told that are missing in the rule.
    fn place(&self) -> Span {
        place(&self.rule.document)
    }

    /// How the file spells a key.
    fn written(&self, entry: &'a Entry) -> &'a str {
        let written = self.source.slice(entry.key.span).trim_matches(['"', '\'']);
        match written.is_empty() || written.len() > 40 || written.contains(char::is_whitespace) {
            true => &entry.key.node,
            false => written,
        }
    }

    /// The text of a member; tells of values that have parts.
    fn text(&mut self, entry: &'a Entry) -> Option<&'a str> {
        let what = self.written(entry);
        self.text_of(what, &entry.value)
    }

    /// The text of a value that `what` names.
    fn text_of(&mut self, what: &str, node: &'a Node) -> Option<&'a str> {
        self.shape(what, node, "one value", matches!(node.value, Value::Scalar(_)));
        node.text()
    }

    /// The items of a list; tells of other values.
    fn items(&mut self, entry: &'a Entry) -> &'a [Node] {
        let what = self.written(entry);
        self.shape(what, &entry.value, "a list", matches!(entry.value.value, Value::List(_)));
        entry.value.items()
    }

    /// Whether a value is a map; tells of other values.
    fn is_map(&mut self, what: &str, node: &'a Node) -> bool {
        let is_map = matches!(node.value, Value::Map(_));
        self.shape(what, node, "a map", is_map);
        is_map
    }

    fn shape(&mut self, what: &str, node: &'a Node, wanted: &str, fits: bool) {
        let found = match node.value {
            Value::Unknown => return,
            _ if fits => return,
            Value::Scalar(_) => "one value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        };
        let message = format!("`{what}` is {wanted}, not {found}");
        self.error(codes::VALUE_SHAPE, first_line(self.source, node.span), message);
    }

    /// A member that has to be there.
    fn required(&mut self, of: &'a Node, key: &str) -> Option<&'a Entry> {
        let found = entry(of, key);
        if found.is_none() {
            let null = of.member_entry(key);
            let span = null.map_or_else(|| place(of), |null| null.key.span);
            let message = match null {
                Some(entry) => format!("`{}` has no value", self.written(entry)),
                None => format!("`{}` is missing", self.rule.form.spelled(key)),
            };
            self.error(codes::MISSING_MEMBER, span, message);
        }
        found
    }

    /// The value among `values` that a text names: exactly, or after telling of its spelling.
    fn one_of(
        &mut self,
        code: Code,
        what: &str,
        node: &'a Node,
        values: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.text_of(what, node)?;
        if let Some(found) = values.iter().find(|value| **value == text) {
            return Some(found);
        }
        let span = span_of(node);
        let other_case = values.iter().find(|value| value.eq_ignore_ascii_case(text.trim()));
        if let Some(found) = other_case {
            let message = format!("`{text}` is spelled `{found}`");
            self.tell_and_mend(Diagnostic::error(code, span, message), span, found);
            return Some(found);
        }
        let message = format!("`{text}` is no {what}");
        let told = Diagnostic::error(code, span, message);
        match alike(text, values.iter().copied(), 2)[..] {
            [found] => {
                let told = told.hint(format!("a similar {what} exists: `{found}`"));
                self.tell_and_mend(told, span, found);
            }
            [] => self.tell(told.hint(one_of_these(values.iter().copied()))),
            _ => self.tell(told.suggest(what, text, values.iter().copied())),
        }
        None
    }
}

/// The member of a map called `key`; nothing if it is null.
fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    node.member_entry(key).filter(|entry| !entry.value.is_null())
}

/// Where things are told that are missing in a map.
fn place(node: &Node) -> Span {
    node.entries().first().map_or(node.span, |entry| entry.key.span)
}

/// The place of a value, without the quotes around it.
fn span_of(node: &Node) -> Span {
    match node.scalar() {
        Some(scalar) if !scalar.value.is_empty() => {
            scalar.place(Span::new(0, scalar.value.len() as u32))
        }
        _ => node.span,
    }
}

/// What of a span is on its first line.
fn first_line(source: &Source, span: Span) -> Span {
    let line = source.slice(span).lines().next().unwrap_or_default().trim_end();
    Span::new(span.start, span.start + line.len() as u32)
}

/// A hint that lists what there is.
fn one_of_these<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    format!("one of {}", names.join(", "))
}

/// Whether a text is a GUID: 32 hexadecimal digits, in the usual groups or in none.
fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hexadecimal = groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()));
    is_hexadecimal && (lengths == [8, 4, 4, 4, 12] || lengths == [32])
}
