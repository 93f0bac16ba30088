//! Advice about queries that run: not as they read, not as they could, or not where they stand.
//!
//! [`LINTS`] is the register. A lint looks at the syntax tree on one common walk; [`Query`] answers
//! its questions about names and types. It says nothing of which it is not certain.

mod bands;
mod conditions;
mod indicators;
mod joins;
mod latest;
mod names;
mod query;
mod ranges;
mod rows;
mod sources;
mod text;
mod time;
mod unpack;

pub(super) use query::Query;

use super::{Finding, Fix, Form, Rule};
use crate::diagnostics::Diagnostic;
use crate::syntax::ast::{Expr, Operator, Visitor, walk};
use crate::text::Span;
use query::Place;

/// What a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Scheduled,
    Nrt,
    /// A custom detection of Defender XDR.
    Detection,
    /// Read by people.
    Interactive,
}

impl Purpose {
    pub fn of(rule: &Rule) -> Purpose {
        let is_nrt = || {
            let kind = rule.document.member("kind").and_then(|kind| kind.text());
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("nrt"))
        };
        match rule.form {
            Form::Yaml | Form::Resource | Form::Terraform if is_nrt() => Purpose::Nrt,
            Form::Yaml | Form::Resource | Form::Terraform => Purpose::Scheduled,
            Form::Detection => Purpose::Detection,
            Form::Hunting | Form::Query => Purpose::Interactive,
        }
    }
}

/// A lint: for which queries it speaks, and what it looks at.
struct Lint {
    purposes: &'static [Purpose],
    check: Check,
}

/// The part of a query that a lint looks at.
enum Check {
    Whole(fn(&Query, &mut Sink)),
    /// Operators in a row, and what the first one reads, if they begin there.
    Pipeline(fn(&Query, Option<&Expr>, &[Operator], &mut Sink)),
    Operator(fn(&Query, &Operator, &mut Sink)),
    Expr(fn(&Query, Place, &Expr, &mut Sink)),
}

const ALL: &[Purpose] =
    &[Purpose::Scheduled, Purpose::Nrt, Purpose::Detection, Purpose::Interactive];
const RULES: &[Purpose] = &[Purpose::Scheduled, Purpose::Nrt, Purpose::Detection];
const SENTINEL: &[Purpose] = &[Purpose::Scheduled, Purpose::Nrt];

static LINTS: &[Lint] = &[
    Lint { purposes: ALL, check: Check::Expr(text::check) },
    Lint { purposes: ALL, check: Check::Expr(conditions::null_text) },
    Lint { purposes: ALL, check: Check::Expr(conditions::terms) },
    Lint { purposes: ALL, check: Check::Pipeline(conditions::filters) },
    Lint { purposes: ALL, check: Check::Expr(conditions::items) },
    Lint { purposes: ALL, check: Check::Expr(bands::check) },
    Lint { purposes: ALL, check: Check::Pipeline(joins::kind) },
    Lint { purposes: ALL, check: Check::Pipeline(joins::late_filter) },
    Lint { purposes: ALL, check: Check::Pipeline(latest::check) },
    Lint { purposes: ALL, check: Check::Whole(names::unused_lets) },
    Lint { purposes: ALL, check: Check::Pipeline(names::unread_columns) },
    Lint { purposes: ALL, check: Check::Pipeline(unpack::check) },
    Lint { purposes: ALL, check: Check::Expr(time::between) },
    Lint { purposes: RULES, check: Check::Pipeline(rows::arbitrary) },
    Lint { purposes: RULES, check: Check::Pipeline(rows::approximate) },
    Lint { purposes: RULES, check: Check::Operator(sources::refused) },
    Lint { purposes: RULES, check: Check::Expr(sources::remote) },
    Lint { purposes: RULES, check: Check::Whole(sources::commands) },
    Lint { purposes: RULES, check: Check::Whole(indicators::check) },
    Lint { purposes: RULES, check: Check::Pipeline(sources::render) },
    Lint { purposes: SENTINEL, check: Check::Whole(sources::workspaces) },
    Lint { purposes: &[Purpose::Scheduled], check: Check::Whole(time::result) },
    Lint { purposes: &[Purpose::Nrt], check: Check::Expr(time::look_back) },
    Lint { purposes: &[Purpose::Interactive], check: Check::Pipeline(time::other_column) },
];

/// What lints have found so far. Places are in the query's text.
#[derive(Default)]
pub(super) struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Records a finding; one that repeats code and place of an earlier one is dropped.
    fn tell(&mut self, diagnostic: Diagnostic) {
        self.push(Finding { diagnostic, fix: None });
    }

    /// Records a finding that one change mends without a change of meaning.
    fn tell_and_mend(&mut self, diagnostic: Diagnostic, title: String, edits: Vec<(Span, String)>) {
        self.push(Finding { diagnostic, fix: Some(Fix { title, edits }) });
    }

    fn push(&mut self, finding: Finding) {
        let found = &finding.diagnostic;
        let repeats = |other: &Finding| {
            other.diagnostic.code == found.code && other.diagnostic.span == found.span
        };
        if !self.findings.iter().any(repeats) {
            self.findings.push(finding);
        }
    }
}

/// What all lints say of a query.
pub(super) fn check(query: &Query) -> Vec<Finding> {
    let mut walker = Walker { query, sink: Sink::default(), operators: vec![] };
    for lint in LINTS {
        if let Check::Whole(check) = lint.check
            && lint.purposes.contains(&query.purpose)
        {
            check(query, &mut walker.sink);
        }
    }
    walk(&mut walker, query.script);
    walker.sink.findings
}

struct Walker<'a> {
    query: &'a Query<'a>,
    sink: Sink,
    /// The operators around the current place, outermost first.
    operators: Vec<&'a Operator>,
}

impl<'a> Visitor<'a> for Walker<'a> {
    fn pipeline(&mut self, source: Option<&'a Expr>, operators: &'a [Operator]) {
        for lint in LINTS {
            if let Check::Pipeline(check) = lint.check
                && lint.purposes.contains(&self.query.purpose)
            {
                check(self.query, source, operators, &mut self.sink);
            }
        }
    }

    fn operator(&mut self, operator: &'a Operator) {
        self.operators.push(operator);
        for lint in LINTS {
            if let Check::Operator(check) = lint.check
                && lint.purposes.contains(&self.query.purpose)
            {
                check(self.query, operator, &mut self.sink);
            }
        }
    }

    fn operator_end(&mut self) {
        self.operators.pop();
    }

    fn expr(&mut self, expr: &'a Expr) {
        // Most expressions are names and constants, of which alone nothing can be said.
        if matches!(expr, Expr::Name(_) | Expr::Literal(_) | Expr::Paren(_) | Expr::Member(_)) {
            return;
        }
        let place = Place { operator: self.operators.last().copied() };
        for lint in LINTS {
            if let Check::Expr(check) = lint.check
                && lint.purposes.contains(&self.query.purpose)
            {
                check(self.query, place, expr, &mut self.sink);
            }
        }
    }
}
