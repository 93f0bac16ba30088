//! Findings for people: the place in the file, carets, hints, and a summary.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::diagnostics::render::{Style, render_finding};
use crate::diagnostics::{Severity, codes};
use crate::rules::baseline::portable;
use crate::rules::{Checked, Finding};

/// Findings of one rule that are shown even if there are more; errors are always shown.
const SHOWN: usize = 20;

/// Findings of this many codes are counted by code.
const MANY: usize = 10;

/// Unknown tables that are listed by name.
const NAMES: usize = 8;

/// The new findings, under a line with the file and the rule.
pub(super) fn findings(report: &Report<'_>, style: Style) -> String {
    let rules = report.rules().filter(|(_, findings)| !findings.is_empty());
    rules.map(|(checked, findings)| rule(checked, &findings, style)).collect()
}

fn rule(checked: &Checked, findings: &[&Finding], style: Style) -> String {
    let file = bold(&portable(checked.source.name()), style);
    let counts = counts(findings, style);
    let mut text = match checked.name.as_ref().or(checked.id.as_ref()) {
        // Names are long: with the file in one line they would be broken.
        Some(name) => format!("{file}\n{name}: {counts}\n"),
        None => format!("{file}: {counts}\n"),
    };
    let mut left = SHOWN;
    let mut hidden = 0;
    for finding in findings {
        if left == 0 && finding.diagnostic.severity != Severity::Error {
            hidden += 1;
            continue;
        }
        left = left.saturating_sub(1);
        let mut found = finding.diagnostic.clone();
        if let Some(fix) = &finding.fix {
            found = found.hint(format!("`--fix` does it: {}", fix.title));
        }
        text.push_str(&render_finding(&found, &checked.source, style));
        text.push('\n');
    }
    if hidden > 0 {
        text.push_str(&format!("… and {hidden} more that are no errors\n"));
    }
    text.push('\n');
    text
}

/// How many rules were checked, and what was found in all.
pub(super) fn summary(report: &Report<'_>, style: Style) -> String {
    let findings: Vec<&Finding> = report.new_findings().collect();
    let mut codes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &findings {
        let code = finding.diagnostic.code;
        *codes.entry((code.id(), code.title())).or_default() += 1;
    }
    let mut text = String::new();
    if findings.len() > MANY && codes.len() > 1 {
        let mut codes: Vec<_> = codes.into_iter().collect();
        codes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for ((code, title), count) in codes {
            text.push_str(&format!("{count:>6}  {code:<8} {title}\n"));
        }
        text.push('\n');
    }
    text.push_str(&unknown_tables(&findings));
    let rules = plural(report.checked.len(), "rule");
    text.push_str(&format!("{rules} checked: {}", counts(&findings, style)));
    let fixes = findings.iter().filter(|finding| finding.fix.is_some()).count();
    if fixes > 0 {
        text.push_str(&format!(", {fixes} to mend with `--fix`"));
    }
    let known = report.known.iter().flatten().flatten().filter(|known| **known).count();
    if known > 0 {
        text.push_str(&format!(" ({known} in the baseline)"));
    }
    let gone: usize = report.gone.iter().map(|known| known.count).sum();
    if gone > 0 {
        text.push_str(&format!("; {gone} of the baseline found no more"));
    }
    text.push('\n');
    text
}

/// What to do about tables that are not known; empty if there are none.
fn unknown_tables(findings: &[&Finding]) -> String {
    let unknown = findings.iter().map(|finding| &finding.diagnostic);
    let unknown = unknown.filter(|found| found.code == codes::UNKNOWN_TABLE);
    let names: BTreeSet<&str> =
        unknown.filter_map(|found| found.message.split('`').nth(1)).collect();
    if names.is_empty() {
        return String::new();
    }
    let mut shown: Vec<&str> = names.iter().copied().take(NAMES).collect();
    if names.len() > NAMES {
        shown.push("…");
    }
    format!(
        "{}: {}\n  tables of your own come with `--schema` or `--data`, parsers and other stored \
         functions with `--functions`\n\n",
        plural(names.len(), "unknown table"),
        shown.join(", ")
    )
}

/// `1 error, 2 warnings`: those kinds that there are.
fn counts(findings: &[&Finding], style: Style) -> String {
    let kinds = [
        (Severity::Error, "error", "1;31"),
        (Severity::Warning, "warning", "1;33"),
        (Severity::Information, "note", "1;36"),
    ];
    let counts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(severity, word, color)| {
            let of = |finding: &&&Finding| finding.diagnostic.severity == severity;
            let count = findings.iter().filter(of).count();
            (count > 0).then(|| painted(&plural(count, word), color, style))
        })
        .collect();
    match counts.is_empty() {
        true => painted("nothing found", "1;32", style),
        false => counts.join(", "),
    }
}

/// A number of things: `1 rule`, `2 rules`.
pub fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn bold(text: &str, style: Style) -> String {
    painted(text, "1", style)
}

fn painted(text: &str, color: &str, style: Style) -> String {
    match style.colors {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_string(),
    }
}
