//! Findings for people: the place in the file, carets, hints, and a summary.

use crate::diagnostics::render::{Style, render};
use crate::diagnostics::{Diagnostics, Severity};
use crate::rules::Checked;

/// The findings about one rule; empty if there are none.
pub fn findings(checked: &Checked, style: Style) -> String {
    let mut diagnostics = Diagnostics::default();
    checked.findings.iter().for_each(|found| diagnostics.push(found.diagnostic.clone()));
    render(&diagnostics, &checked.source, style)
}

/// How many rules were checked, and what was found in all.
pub fn summary<'a>(all: impl IntoIterator<Item = &'a Checked>) -> String {
    let (mut rules, mut errors, mut warnings) = (0, 0, 0);
    for checked in all {
        rules += 1;
        errors += checked.count(Severity::Error);
        warnings += checked.count(Severity::Warning);
    }
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    format!(
        "{} checked: {}, {}\n",
        count(rules, "rule"),
        count(errors, "error"),
        count(warnings, "warning")
    )
}
