//! Details of alerts that come out of the query's columns.

use super::columns::constants;
use super::entities::is_column_name;
use super::{Subject, entry, one_of_these, span_of};
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::rules::document::{Entry, Node};
use crate::rules::tables::{ALERT_PROPERTIES, SEVERITIES};
use crate::text::Span;
use crate::types::Type;

/// The most details of one's own, and the longest name of one.
const MOST_DETAILS: usize = 20;
const LONGEST_NAME: usize = 20;

/// The longest name of a column.
const LONGEST_COLUMN: usize = 500;

/// The most columns that a text may show.
const MOST_PLACEHOLDERS: usize = 3;

pub(super) fn check(subject: &mut Subject<'_>) {
    if let Some(details) = subject.entry("customDetails") {
        custom_details(subject, details);
    }
    let Some(overrides) = subject.entry("alertDetailsOverride") else { return };
    let node = &overrides.value;
    if !subject.is_map("alertDetailsOverride", node) {
        return;
    }
    for (key, longest) in [("alertDisplayNameFormat", 256), ("alertDescriptionFormat", 5000)] {
        if let Some(format) = entry(node, key) {
            subject.length(key, &format.value, longest);
            placeholders(subject, format);
        }
    }
    let columns = [
        ("alertSeverityColumnName", &[Type::String][..]),
        ("alertTacticsColumnName", &[Type::String, Type::Dynamic][..]),
    ];
    for (key, types) in columns {
        if let Some(member) = entry(node, key) {
            override_column(subject, member, types);
        }
    }
    if let Some(properties) = entry(node, "alertDynamicProperties") {
        dynamic_properties(subject, properties);
    }
}

fn custom_details<'a>(subject: &mut Subject<'a>, details: &'a Entry) {
    if !subject.is_map("customDetails", &details.value) {
        return;
    }
    let entries = details.value.entries();
    if let Some(beyond) = entries.get(MOST_DETAILS) {
        let message =
            format!("there are {} custom details, {MOST_DETAILS} are allowed", entries.len());
        subject.error(codes::DETAIL_COUNT, beyond.key.span, message);
    }
    for detail in entries {
        let name = &*detail.key.node;
        let mut chars = name.chars();
        let fits = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_alphanumeric() || c == '_')
            && name.chars().count() <= LONGEST_NAME;
        if !fits {
            let message = format!("`{name}` is no name of a custom detail");
            let told = Diagnostic::error(codes::DETAIL_NAME, detail.key.span, message);
            subject.tell(
                told.hint(format!("up to {LONGEST_NAME} letters, digits and `_`, a letter first")),
            );
        }
        let Some(column) = subject.text_of(name, &detail.value) else { continue };
        if is_column_name(subject, column, &detail.value, LONGEST_COLUMN) {
            subject.column(codes::DETAIL_COLUMN, "a custom detail", &detail.value);
        }
    }
}

/// The columns that a text shows.
fn placeholders<'a>(subject: &mut Subject<'a>, format: &'a Entry) {
    let Some(scalar) = format.value.scalar() else { return };
    let found = placeholders_of(&scalar.value);
    if let Some((_, beyond)) = found.get(MOST_PLACEHOLDERS) {
        let message = format!(
            "`{}` shows {} columns, {MOST_PLACEHOLDERS} are allowed",
            format.key.node,
            found.len()
        );
        subject.error(codes::PLACEHOLDER_COUNT, scalar.place(*beyond), message);
    }
    for (name, span) in found {
        let span = scalar.place(span);
        match name {
            "" => subject.error(codes::PLACEHOLDER_COLUMN, span, "the placeholder names no column"),
            _ => {
                subject.column_at(codes::PLACEHOLDER_COLUMN, "a placeholder", name, span);
            }
        }
    }
}

/// The names between `{{` and `}}`, with their places.
pub(super) fn placeholders_of(text: &str) -> Vec<(&str, Span)> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        let start = at + open + 2;
        let Some(len) = text[start..].find(['{', '}']) else { break };
        let end = start + len;
        // Of three braces the last two may begin a placeholder.
        at = start - 1;
        if text[end..].starts_with("}}") {
            let name = &text[start..end];
            let blanks = name.len() - name.trim_start().len();
            let name = name.trim();
            let from = (start + blanks) as u32;
            let span = match name {
                "" => Span::new(start as u32 - 2, end as u32 + 2),
                _ => Span::new(from, from + name.len() as u32),
            };
            found.push((name, span));
            at = end;
        }
    }
    found
}

fn override_column<'a>(subject: &mut Subject<'a>, member: &'a Entry, types: &[Type]) {
    if subject.text(member).is_none() {
        return;
    }
    let what = &*member.key.node;
    let code: Code = codes::OVERRIDE_COLUMN;
    let what = format!("`{what}`");
    let Some(found) = subject.column(code, &what, &member.value) else { return };
    if !types.contains(&found.ty) && found.ty != Type::Unknown {
        let message = format!("column `{}` is {}, not a text", found.name, found.ty);
        let told =
            Diagnostic::warning(codes::OVERRIDE_COLUMN_TYPE, span_of(&member.value), message);
        subject
            .tell(told.hint("the alert keeps what the rule says where a row has no fitting text"));
    }
    if &*member.key.node == "alertSeverityColumnName" {
        severities(subject, member);
    }
}

/// Tells of constants that are no severities.
fn severities<'a>(subject: &mut Subject<'a>, member: &'a Entry) {
    let texts = || {
        let relation = &subject.analysis?.bound.as_ref()?.statements.last()?.relation;
        let index = relation.schema.index_of(member.value.text()?)?;
        constants(relation, index)
    };
    let texts = texts().unwrap_or_default();
    // An empty text leaves the severity of the rule.
    let strange = texts.iter().find(|text| {
        !text.is_empty() && !SEVERITIES.iter().any(|known| known.eq_ignore_ascii_case(text))
    });
    if let Some(text) = strange {
        let message = format!("the severity may be `{text}`, which is none");
        let told = Diagnostic::warning(codes::SEVERITY_VALUE, span_of(&member.value), message);
        subject.tell(told.hint(one_of_these(SEVERITIES.iter().copied())));
    }
}

fn dynamic_properties<'a>(subject: &mut Subject<'a>, properties: &'a Entry) {
    let mut named: Vec<&str> = vec![];
    for property in subject.items(properties) {
        if !subject.is_map("alertDynamicProperties", property) {
            continue;
        }
        if let Some(name) = subject.required(property, "alertProperty") {
            let what = "property of alerts";
            let node: &Node = &name.value;
            let known = subject.one_of(codes::ALERT_PROPERTY, what, node, ALERT_PROPERTIES);
            match known {
                Some(known) if named.contains(&known) => {
                    let message = format!("property `{known}` is set twice");
                    subject.error(codes::ALERT_PROPERTY, span_of(node), message);
                }
                Some(known) => named.push(known),
                None => {}
            }
        }
        if let Some(value) = subject.required(property, "value")
            && subject.text(value).is_some()
        {
            subject.column(codes::OVERRIDE_COLUMN, "a property of alerts", &value.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::placeholders_of;

    #[test]
    fn placeholders() {
        let names = |text| {
            let found = placeholders_of(text);
            found.into_iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("a {{ b }} {{c}}{{d}}"), ["b", "c", "d"]);
        assert_eq!(names("{{{a}} {{b {{c}} {d} {{e}"), ["a", "c"]);
        assert_eq!(names("{{}} {{"), [""]);
    }
}
