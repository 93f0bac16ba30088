//! Files of KQL, whose first comments may say what the query is called.

use super::members::Members;
use super::{Form, Rule};
use crate::rules::document::{Kind, Node, Scalar, Value};
use crate::text::{Source, Span};

/// What comments may tell, and the names it gets.
const KEYS: &[(&str, &str)] = &[
    ("id", "id"),
    ("name", "name"),
    ("title", "name"),
    ("displayname", "name"),
    ("description", "description"),
    ("severity", "severity"),
    ("tactics", "tactics"),
    ("techniques", "relevantTechniques"),
    ("relevanttechniques", "relevantTechniques"),
];

/// The rule that is nothing but a query.
pub(super) fn of_source(source: &Source) -> Rule {
    let text = source.text();
    let whole = Span::new(0, text.len() as u32);
    let mut members = Members::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with("//") {
            break;
        }
        if let Some(colon) = line.find(':') {
            let key = trimmed(text, start, start + colon, &['/', ' ', '\t']);
            let value =
                trimmed(text, start + colon + 1, start + line.len(), &[' ', '\t', '\r', '\n']);
            let known = source.slice(key).to_ascii_lowercase();
            if let Some((_, name)) = KEYS.iter().find(|(key, _)| *key == known)
                && !value.is_empty()
            {
                members.put(name, key, plain(source.slice(value), value));
            }
        }
        start += line.len();
    }
    members.put("query", Span::default(), plain(text, whole));
    members.rule(Form::Query, whole)
}

/// The span of what is left of a part of the text without blanks around it.
fn trimmed(text: &str, start: usize, end: usize, blanks: &[char]) -> Span {
    let part = &text[start..end];
    let from = part.len() - part.trim_start_matches(blanks).len();
    let len = part.trim_matches(blanks).len();
    Span::new((start + from) as u32, (start + from + len) as u32)
}

fn plain(text: &str, span: Span) -> Node {
    Node { span, value: Value::Scalar(Scalar::plain(text, Kind::Text, span)) }
}
