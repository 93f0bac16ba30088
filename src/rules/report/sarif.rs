//! SARIF 2.1.0, the form that code scanning reads.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::place::{region, uri};
use super::{Report, Told};
use crate::diagnostics::{Code, Severity};
use crate::rules::baseline::{Known, fingerprint};
use crate::rules::{Checked, Fix};
use crate::text::Span;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of this kind of fingerprint.
const FINGERPRINT: &str = "kqlite/v1";

/// The log of one run.
pub(super) fn log(report: &Report<'_>) -> String {
    let mut rules = Rules::default();
    let mut results = vec![];
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, checked) in report.checked.iter().enumerate() {
        for told in report.told(index) {
            results.push(result(report, checked, told, &mut rules, &mut seen));
        }
    }
    results.extend(report.gone.iter().map(|known| absent(known, &mut rules)));
    let notices = report
        .problems
        .iter()
        .map(|problem| json!({ "level": "warning", "message": { "text": problem.to_string() } }));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kqlite",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.described(),
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { "%SRCROOT%": {
                "description": { "text": "the folder in which the check ran" },
            } },
            "invocations": [{
                "executionSuccessful": report.problems.is_empty(),
                "toolExecutionNotifications": notices.collect::<Vec<_>>(),
            }],
            "results": results,
        }],
    });
    // What is made of texts and numbers always serializes.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// The codes that results name, in order of their first result.
#[derive(Default)]
struct Rules {
    /// An id, the code of its first result, and the gravest severity that it was found with.
    entries: Vec<(String, Option<Code>, Severity)>,
}

impl Rules {
    fn index(&mut self, id: &str, code: Option<Code>, severity: Severity) -> usize {
        if let Some(at) = self.entries.iter().position(|(known, ..)| known == id) {
            let gravest = &mut self.entries[at].2;
            *gravest = severity.min(*gravest);
            return at;
        }
        let code = code.or_else(|| Code::all().find(|code| code.id() == id));
        self.entries.push((id.to_string(), code, severity));
        self.entries.len() - 1
    }

    fn described(&self) -> Vec<Value> {
        let described = self.entries.iter().map(|(id, code, severity)| {
            let Some(code) = code else { return json!({ "id": id }) };
            let docs: Vec<&str> =
                code.docs().iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
            let first: Vec<&str> =
                docs.iter().copied().take_while(|line| !line.trim().is_empty()).collect();
            // One id of the service may stand for several conditions.
            let mut titles: Vec<&str> =
                Code::all().filter(|other| other.id() == id).map(Code::title).collect();
            titles.dedup();
            let title = sentence(&titles.join(", or "));
            let full = if first.is_empty() { title.clone() } else { first.join(" ") };
            let mut rule = json!({
                "id": id,
                "name": name(code.title()),
                "shortDescription": { "text": title },
                "fullDescription": { "text": full },
                "defaultConfiguration": { "level": level(*severity) },
            });
            if !docs.is_empty() {
                let docs = docs.join("\n");
                rule["help"] = json!({ "text": docs, "markdown": docs });
            }
            rule
        });
        described.collect()
    }
}

fn result(
    report: &Report<'_>,
    checked: &Checked,
    told: Told<'_>,
    rules: &mut Rules,
    seen: &mut HashMap<String, usize>,
) -> Value {
    let found = &told.finding.diagnostic;
    let mut message = found.message.clone();
    for hint in &found.hints {
        message.push_str(&format!("\nhint: {hint}"));
    }
    let mut place = location(checked, found.span);
    let names = [("name", &checked.name), ("fullyQualifiedName", &checked.id)];
    let names = names.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    let names: Map<String, Value> = names.map(|(key, value)| (key.into(), value.into())).collect();
    if !names.is_empty() {
        place["logicalLocations"] = json!([names]);
    }
    let print = fingerprint(checked, told.finding);
    let count = seen.entry(print.clone()).or_default();
    *count += 1;
    let mut result = json!({
        "ruleId": found.code.id(),
        "ruleIndex": rules.index(found.code.id(), Some(found.code), found.severity),
        "level": level(found.severity),
        "message": { "text": message },
        "locations": [place],
        "partialFingerprints": { FINGERPRINT: format!("{print}:{count}") },
    });
    if report.known.is_some() {
        result["baselineState"] = json!(if told.known { "unchanged" } else { "new" });
    }
    let others = found.labels.iter().enumerate().map(|(id, label)| {
        let mut place = location(checked, label.span);
        place["id"] = json!(id + 1);
        place["message"] = json!({ "text": label.message });
        place
    });
    let others: Vec<Value> = others.collect();
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    if let Some(fix) = told.finding.fix.as_ref().and_then(|found| fix(checked, found)) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// A finding of the baseline that is there no more.
fn absent(known: &Known, rules: &mut Rules) -> Value {
    json!({
        "ruleId": known.code,
        "ruleIndex": rules.index(&known.code, None, Severity::Information),
        "message": { "text": known.message },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact(&known.file) } }],
        "partialFingerprints": { FINGERPRINT: format!("{}:{}", known.fingerprint, known.count) },
        "baselineState": "absent",
    })
}

fn location(checked: &Checked, span: Span) -> Value {
    let mut place = json!({ "artifactLocation": artifact(checked.source.name()) });
    if let Some(region) = range(checked, span) {
        place["region"] = region;
    }
    json!({ "physicalLocation": place })
}

fn artifact(name: &str) -> Value {
    let uri = uri(name);
    match uri.starts_with("file:") {
        true => json!({ "uri": uri }),
        false => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
    }
}

fn range(checked: &Checked, span: Span) -> Option<Value> {
    let region = region(checked, span)?;
    Some(json!({
        "startLine": region.start_line,
        "startColumn": region.start_column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }))
}

fn fix(checked: &Checked, fix: &Fix) -> Option<Value> {
    let replacements = fix.edits.iter().map(|(span, new)| {
        let region = range(checked, *span)?;
        Some(json!({ "deletedRegion": region, "insertedContent": { "text": new } }))
    });
    let replacements = replacements.collect::<Option<Vec<_>>>()?;
    Some(json!({
        "description": { "text": sentence(&fix.title) },
        "artifactChanges": [{
            "artifactLocation": artifact(checked.source.name()),
            "replacements": replacements,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// A title as a sentence without its full stop.
fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A title as one word: `TableDoesNotResolve`.
fn name(title: &str) -> String {
    title.split(|c: char| !c.is_alphanumeric()).map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name("`between` over a type"), "BetweenOverAType");
        assert_eq!(sentence("name of `x`"), "Name of `x`");
    }
}
