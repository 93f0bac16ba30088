//! What only all rules together show.

use std::collections::HashMap;

use super::{Subject, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::{Form, Judged};
use crate::text::Span;

/// What a rule may not share with others.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    form: Option<Form>,
    /// The id as compared, and its place.
    id: Option<(String, Span)>,
    /// The name as compared, and its place.
    name: Option<(String, Span)>,
    /// The start of the rule in its file.
    place: Span,
}

impl Identity {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let text = |key: &str| {
            let value = &subject.entry(key)?.value;
            Some((value.text()?.to_ascii_lowercase(), span_of(value)))
        };
        let form = Some(subject.rule.form);
        Self { form, id: text("id"), name: text("name"), place: subject.place() }
    }
}

/// Adds what is found about rules side by side.
pub fn across(all: &mut [Judged]) {
    repeated_ids(all);
    repeated_names(all);
    repeated_files(all);
    all.iter_mut().for_each(|judged| judged.checked.sort());
}

fn repeated_ids(all: &mut [Judged]) {
    for (index, earlier, span) in repeated(all, Form::Yaml, |identity| identity.id.as_ref()) {
        // A document of a file with several is told of as such.
        if all[earlier].checked.source.name() != all[index].checked.source.name() {
            let id = all[index].checked.source.slice(span);
            let message = format!("`{id}` is the id of another rule");
            let told = Diagnostic::error(codes::REPEATED_ID, span, message)
                .hint(format!("that is in {}", all[earlier].checked.source.name()));
            all[index].checked.findings.push(told.into());
        }
    }
}

fn repeated_names(all: &mut [Judged]) {
    for (index, earlier, span) in repeated(all, Form::Detection, |identity| identity.name.as_ref())
    {
        let name = all[index].checked.source.slice(span);
        let message = format!("`{name}` is the name of another detection");
        let told = Diagnostic::error(codes::REPEATED_NAME, span, message)
            .hint(format!("that is in {}", all[earlier].checked.source.name()));
        all[index].checked.findings.push(told.into());
    }
}

/// The rules of a form that have something in common with one before them: both their places, and
/// the span of what they have in common in the later one.
fn repeated(
    all: &[Judged],
    form: Form,
    key: impl Fn(&Identity) -> Option<&(String, Span)>,
) -> Vec<(usize, usize, Span)> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut found = vec![];
    for (index, judged) in all.iter().enumerate() {
        if judged.identity.form != Some(form) {
            continue;
        }
        let Some((text, span)) = key(&judged.identity) else { continue };
        let earlier = *first.entry(text).or_insert(index);
        if earlier != index {
            found.push((index, earlier, *span));
        }
    }
    found
}

fn repeated_files(all: &mut [Judged]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for index in 0..all.len() {
        if all[index].identity.form != Some(Form::Yaml) {
            continue;
        }
        let place = all[index].identity.place;
        let path = all[index].checked.source.name().to_string();
        if index > 0 && all[index - 1].checked.source.name() == path {
            let message = "the file holds more than one rule";
            let told = Diagnostic::warning(codes::SEVERAL_RULES, place, message)
                .hint("the repository of rules takes a file for each");
            all[index].checked.findings.push(told.into());
            continue;
        }
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let earlier = *first.entry(name.to_ascii_lowercase()).or_insert(index);
        if earlier != index {
            let message = format!("another rule is in a file called `{name}`");
            let told = Diagnostic::warning(codes::REPEATED_FILE, place, message)
                .hint(format!("that is {}", all[earlier].checked.source.name()));
            all[index].checked.findings.push(told.into());
        }
    }
}
