//! What was found, for people and for programs.

mod github;
mod json;
mod junit;
mod place;
mod sarif;
mod text;

pub use text::plural;

use crate::diagnostics::Severity;
use crate::diagnostics::render::Style;
use crate::error::Error;
use crate::rules::baseline::{Baseline, Known};
use crate::rules::{Checked, Finding};

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// JSON Lines, an object per rule.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// All that is to be told of one check.
pub struct Report<'a> {
    checked: &'a [Checked],
    problems: &'a [Error],
    /// Which findings the baseline holds, rule by rule; nothing without one.
    known: Option<Vec<Vec<bool>>>,
    /// What the baseline holds and is found no more.
    gone: Vec<Known>,
    deny_warnings: bool,
    /// When the check was made, in ticks.
    now: i64,
}

/// A finding, and whether the baseline holds it.
#[derive(Clone, Copy)]
struct Told<'a> {
    finding: &'a Finding,
    known: bool,
}

impl<'a> Report<'a> {
    /// A report on rules; `problems` are what could not be used of the options.
    pub fn new(checked: &'a [Checked], problems: &'a [Error], now: i64) -> Self {
        Self { checked, problems, known: None, gone: vec![], deny_warnings: false, now }
    }

    /// The findings that the baseline holds count no more.
    #[must_use]
    pub fn against(mut self, baseline: &Baseline) -> Self {
        let (known, gone) = baseline.compare(self.checked);
        self.known = Some(known);
        self.gone = gone;
        self
    }

    /// Warnings count as errors do.
    #[must_use]
    pub fn deny_warnings(mut self, deny: bool) -> Self {
        self.deny_warnings = deny;
        self
    }

    /// Whether something was found that must not be.
    pub fn fails(&self) -> bool {
        !self.problems.is_empty() || self.new_findings().any(|finding| self.denies(finding))
    }

    /// The report as text of a form. `style` is for people only.
    pub fn write(&self, format: Format, style: Style) -> String {
        match format {
            Format::Text => text::findings(self, style),
            Format::Json => json::lines(self),
            Format::Sarif => sarif::log(self),
            Format::Junit => junit::suites(self),
            Format::Github => github::commands(self),
        }
    }

    /// How many rules were checked, and what was found in all, for people.
    pub fn summary(&self, style: Style) -> String {
        text::summary(self, style)
    }

    /// The findings of the rule at `index`, in order.
    fn told(&self, index: usize) -> impl Iterator<Item = Told<'a>> {
        let marks = self.known.as_ref().and_then(|known| known.get(index));
        let findings = self.checked.get(index).map_or(&[][..], |checked| &checked.findings);
        findings.iter().enumerate().map(move |(at, finding)| Told {
            finding,
            known: marks.and_then(|marks| marks.get(at)).copied().unwrap_or_default(),
        })
    }

    /// The rules, with their findings that the baseline does not hold.
    fn rules(&self) -> impl Iterator<Item = (&'a Checked, Vec<&'a Finding>)> {
        self.checked.iter().enumerate().map(|(index, checked)| {
            let new = self.told(index).filter(|told| !told.known).map(|told| told.finding);
            (checked, new.collect())
        })
    }

    /// All findings that the baseline does not hold.
    fn new_findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.rules().flat_map(|(_, findings)| findings)
    }

    fn denies(&self, finding: &Finding) -> bool {
        match finding.diagnostic.severity {
            Severity::Error => true,
            Severity::Warning => self.deny_warnings,
            Severity::Information => false,
        }
    }
}
