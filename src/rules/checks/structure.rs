//! The members of a rule: which it has to have, which there are, what they look like.

use super::{RuleKind, Subject, entry, is_guid, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::Form;
use crate::rules::document::Node;
use crate::rules::tables::{Members, OF_RULE, in_azure};
use crate::text::Span;

/// The longest texts that the service takes, in characters.
const LENGTHS: &[(&str, usize)] = &[("name", 256), ("description", 5000), ("query", 10_000)];

pub(super) fn check(subject: &mut Subject<'_>) {
    let form = subject.rule.form;
    match form {
        Form::Query => return,
        Form::Yaml => file(subject),
        _ => {}
    }
    lengths(subject);
    present(subject);
    ids(subject);
    if matches!(form, Form::Yaml | Form::Resource) {
        unknown_members(subject, &subject.rule.document, &OF_RULE, "");
    }
}

/// What the file is called and written in.
fn file(subject: &mut Subject<'_>) {
    let name = subject.source.name();
    if name.to_ascii_lowercase().ends_with(".yml") {
        let message = "the repository of rules takes files that end with `.yaml`, not `.yml`";
        let place = subject.place();
        subject.tell(Diagnostic::warning(codes::RULE_FILE_ENDING, place, message));
    }
    let text = subject.source.text();
    let strange = || text.char_indices().filter(|(_, c)| !c.is_ascii() && *c != '\u{feff}');
    if let Some((at, c)) = strange().next() {
        let span = Span::new(at as u32, (at + c.len_utf8()) as u32);
        let message = match strange().count() {
            1 => format!("character `{c}` (U+{:04X}) is not of ASCII", u32::from(c)),
            n => format!(
                "character `{c}` (U+{:04X}) and {} after it are not of ASCII",
                u32::from(c),
                n - 1
            ),
        };
        subject.tell(Diagnostic::warning(codes::NON_ASCII, span, message));
    }
}

fn present(subject: &mut Subject<'_>) {
    let rule = &subject.rule.document;
    let always: &[&str] = match subject.rule.form {
        Form::Yaml => &["id", "name", "description", "severity", "kind", "query"],
        Form::Resource => {
            &["name", "severity", "enabled", "query", "suppressionEnabled", "suppressionDuration"]
        }
        Form::Terraform => &["name", "severity", "query"],
        Form::Detection => &["name", "severity", "query", "queryFrequency", "tactics"],
        Form::Hunting | Form::Query => &["query"],
    };
    let scheduled: &[&str] = match (subject.rule.form, subject.kind) {
        (Form::Yaml | Form::Resource, Some(RuleKind::Scheduled)) => {
            &["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"]
        }
        _ => &[],
    };
    for key in always.iter().chain(scheduled) {
        subject.required(rule, key);
    }
    if subject.rule.form == Form::Yaml && subject.kind == Some(RuleKind::Scheduled) {
        subject.required(rule, "requiredDataConnectors");
    }
}

/// Ids that have to be GUIDs. A resource may be called anything.
fn ids(subject: &mut Subject<'_>) {
    let keys: &[&str] = match subject.rule.form {
        Form::Yaml => &["id", "alertRuleTemplateName"],
        Form::Resource | Form::Terraform => &["alertRuleTemplateName"],
        _ => &[],
    };
    for key in keys {
        let Some(id) = subject.entry(key) else { continue };
        let Some(text) = subject.text(id) else { continue };
        if !is_guid(text) {
            let message = format!("`{text}` is no GUID");
            subject.error(codes::RULE_ID, span_of(&id.value), message);
        }
    }
}

fn lengths(subject: &mut Subject<'_>) {
    for (key, longest) in LENGTHS {
        if let Some(entry) = subject.entry(key) {
            let what = subject.written(entry);
            subject.length(what, &entry.value, *longest);
        }
    }
}

impl<'a> Subject<'a> {
    /// Tells of a text that is empty or too long.
    pub fn length(&mut self, what: &str, node: &'a Node, longest: usize) {
        let Some(text) = self.text_of(what, node) else { return };
        let length = text.chars().count();
        if length > longest {
            let message = format!("`{what}` has {length} characters, {longest} are allowed");
            let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
            let beyond = Span::new(end as u32, text.len() as u32);
            let span = node.scalar().map_or(node.span, |scalar| scalar.place(beyond));
            let span = super::first_line(self.source, span);
            self.error(codes::TEXT_LENGTH, span, message);
        } else if text.trim().is_empty() && (what != "description" || self.rule.form == Form::Yaml)
        {
            self.error(codes::TEXT_LENGTH, node.span, format!("`{what}` is empty"));
        }
    }
}

/// Tells of members that nobody reads.
fn unknown_members<'a>(subject: &mut Subject<'a>, node: &'a Node, members: &Members, path: &str) {
    let form = subject.rule.form;
    let spelled = |name: &'static str| match (path, form) {
        ("", Form::Resource) => in_azure(name),
        _ => name,
    };
    for member in node.entries() {
        let key = &*member.key.node;
        let written = subject.written(member);
        let span = member.key.span;
        if members.known.contains(&key) {
            // The name of the other form: it was not read as what it is.
            if form == Form::Resource && path.is_empty() && key != in_azure(key) && written == key {
                let message = format!("a rule in this form has no member `{key}`");
                let told = Diagnostic::warning(codes::UNKNOWN_MEMBER, span, message);
                subject.tell(told.hint(format!("here it is `{}`", in_azure(key))));
            }
            continue;
        }
        let other_case = members.known.iter().find(|known| known.eq_ignore_ascii_case(key));
        if let Some(known) = other_case {
            // Azure reads names in any case.
            if form == Form::Yaml {
                let message = format!("`{written}` is spelled `{known}`");
                let told = Diagnostic::warning(codes::UNKNOWN_MEMBER, span, message);
                subject.tell_and_mend(told, span, known);
            }
            continue;
        }
        let message = match path {
            "" => format!("a rule has no member `{written}`: it has no effect"),
            _ => format!("`{path}` has no member `{written}`: it has no effect"),
        };
        let told = Diagnostic::warning(codes::UNKNOWN_MEMBER, span, message);
        // A name that is taken already is not what was meant.
        let free = members.known.iter().copied().filter(|known| entry(node, known).is_none());
        let foreign = OF_RULE.known.iter().find(|known| in_azure(known) == key);
        subject.tell(match foreign {
            Some(known) if path.is_empty() => told.hint(format!("here it is `{known}`")),
            _ => told.suggest("member", key, free.map(spelled)),
        });
    }
    for inner in members.inner {
        if let Some(member) = entry(node, inner.name) {
            unknown_members(subject, &member.value, inner, inner.name);
            for item in member.value.items() {
                unknown_members(subject, item, inner, inner.name);
            }
        }
    }
}
