//! What a rule says of itself: kind, severity, tactics and techniques, connectors, version.

use super::{RuleKind, Subject, entry, one_of_these, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::Form;
use crate::rules::document::{Node, Value};
use crate::rules::tables::{
    KINDS, KINDS_WITHOUT_QUERY, SEVERITIES, STATUSES, connectors, tactic_names, tactics_of,
};

pub(super) fn check(subject: &mut Subject<'_>) {
    if subject.rule.form == Form::Query {
        return;
    }
    kind(subject);
    if let Some(severity) = subject.entry("severity") {
        let text = severity.value.text().unwrap_or_default();
        let is_known = SEVERITIES.iter().any(|known| known.eq_ignore_ascii_case(text));
        // Defender reads severities in any case.
        if subject.rule.form != Form::Detection || !is_known {
            subject.one_of(codes::SEVERITY, "severity", &severity.value, SEVERITIES);
        }
    }
    let tactics = tactics(subject);
    techniques(subject, tactics);
    connectors_of(subject);
    version(subject);
    status(subject);
}

fn kind(subject: &mut Subject<'_>) {
    let Some(kind) = subject.entry("kind") else { return };
    let named = kind.value.text().unwrap_or_default();
    if !KINDS_WITHOUT_QUERY.contains(&named) {
        subject.one_of(codes::RULE_KIND, "kind of rules", &kind.value, KINDS);
    }
}

/// The tactics of the rule; nothing if not all of them are known.
fn tactics(subject: &mut Subject<'_>) -> Option<Vec<&'static str>> {
    if subject.rule.form == Form::Detection {
        // Its category may be more than a tactic.
        return None;
    }
    let Some(tactics) = subject.entry("tactics") else { return Some(vec![]) };
    let names: Vec<&str> = tactic_names().collect();
    let mut known = Some(vec![]);
    if !matches!(tactics.value.value, Value::List(_)) {
        known = None;
    }
    for tactic in subject.items(tactics) {
        match subject.one_of(codes::TACTIC, "tactic", tactic, &names) {
            Some(name) => known = known.map(|known| [known, vec![name]].concat()),
            None => known = None,
        }
    }
    known
}

fn techniques(subject: &mut Subject<'_>, tactics: Option<Vec<&'static str>>) {
    let Some(techniques) = subject.entry("relevantTechniques") else { return };
    let what = subject.written(techniques);
    for node in subject.items(techniques) {
        let Some(text) = subject.text_of(what, node) else { continue };
        let span = span_of(node);
        let Some(technique) = technique_of(text) else {
            let told =
                Diagnostic::error(codes::TECHNIQUE_FORM, span, format!("`{text}` is no technique"));
            subject.tell(told.hint("techniques are `T` and four digits, `T1059` or `T1059.001`"));
            continue;
        };
        if subject.rule.form == Form::Resource && technique != text {
            let message = format!("`{text}` is a sub-technique");
            let told = Diagnostic::error(codes::TECHNIQUE_FORM, span, message);
            subject.tell(
                told.hint(format!("write `{technique}` here and `{text}` in `subTechniques`")),
            );
        }
        let served: Vec<&str> = tactics_of(technique).collect();
        if served.is_empty() {
            let message = format!("technique `{technique}` is not known");
            let told = Diagnostic::warning(codes::UNKNOWN_TECHNIQUE, span, message);
            subject.tell(told.hint("it may be newer than the table of techniques"));
            continue;
        }
        let Some(tactics) = &tactics else { continue };
        if !served.iter().any(|tactic| tactics.contains(tactic)) {
            let message = format!("technique `{technique}` serves none of the rule's tactics");
            let told = match subject.rule.form == Form::Yaml
                && subject.kind == Some(RuleKind::Scheduled)
            {
                true => Diagnostic::error(codes::TECHNIQUE_TACTIC, span, message),
                false => Diagnostic::warning(codes::TECHNIQUE_TACTIC, span, message),
            };
            let tactics = one_of_these(served.into_iter());
            subject.tell(told.hint(format!("add to `tactics` {tactics}")));
        }
    }
}

/// A technique without its sub-technique: `T1059` of `T1059.001`.
fn technique_of(text: &str) -> Option<&str> {
    let (technique, sub) = text.split_once('.').unwrap_or((text, "000"));
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let digits = technique.strip_prefix('T')?;
    let fits = digits.len() == 4 && are_digits(digits) && sub.len() == 3 && are_digits(sub);
    fits.then_some(technique)
}

fn connectors_of(subject: &mut Subject<'_>) {
    let Some(all) = subject.entry("requiredDataConnectors") else { return };
    for connector in subject.items(all) {
        if !subject.is_map("requiredDataConnectors", connector) {
            continue;
        }
        if subject.rule.form == Form::Yaml {
            subject.required(connector, "dataTypes");
            subject.required(connector, "connectorId");
        }
        if let Some(types) = entry(connector, "dataTypes") {
            subject.items(types);
        }
        let Some(id) = entry(connector, "connectorId") else { continue };
        let Some(text) = subject.text(id) else { continue };
        if !connectors().any(|known| known == text) {
            let message = format!("connector `{text}` is not known");
            let told = Diagnostic::warning(codes::CONNECTOR, span_of(&id.value), message);
            subject.tell(told.suggest("connector", text, connectors()));
        }
    }
}

fn version(subject: &mut Subject<'_>) {
    if matches!(subject.rule.form, Form::Hunting | Form::Detection) {
        return;
    }
    let Some(version) = subject.entry("version") else { return };
    let Some(text) = subject.text(version) else { return };
    let parts: Vec<&str> = text.split('.').collect();
    let are_numbers =
        parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if parts.len() != 3 || !are_numbers || text.len() > 20 {
        let told = Diagnostic::error(
            codes::RULE_VERSION,
            span_of(&version.value),
            format!("`{text}` is no version"),
        );
        subject.tell(told.hint("a version is three numbers with dots between them: `1.0.0`"));
    }
}

fn status(subject: &mut Subject<'_>) {
    let Some(status) = subject.entry("status") else { return };
    let Some(text) = subject.text(status) else { return };
    if !STATUSES.contains(&text) {
        let message = format!("status `{text}` is not one of those in use");
        let mut told = Diagnostic::warning(codes::RULE_STATUS, span_of(&status.value), message);
        told.severity = crate::diagnostics::Severity::Information;
        subject.tell(told.suggest("status", text, STATUSES.iter().copied()));
    }
}

/// The texts of a list of texts, with their places.
pub(super) fn texts(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    node.items().iter().filter_map(|item| Some((item.text()?, item)))
}
