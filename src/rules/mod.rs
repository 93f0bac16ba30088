//! `kqlite check`: queries and the rules around them, judged before anyone deploys them.
//!
//! A file is read into rules whatever its form ([`forms`]); every value keeps its place in the file
//! ([`document`]). The query of a rule is parsed and bound against the known tables
//! ([`known`], [`query`]), without data. What is found is told in places of the file.

mod allow;
pub mod baseline;
mod checks;
pub mod document;
pub mod explain;
pub mod fix;
mod forms;
pub mod input;
mod known;
mod lints;
mod pack;
mod query;
pub mod report;
mod tables;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub use forms::{Fault, Form, Rule};
pub use input::{Input, InputKind};
pub use pack::Pack;
pub use query::Analysis;

use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::error::Error;
use crate::stored::{self, Functions};
use crate::text::{Source, Span};
use crate::types::RowSchema;
use known::Known;

/// Threads that bind need room for deeply nested queries.
const STACK: usize = 64 << 20;

/// What rules are checked against.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders that hold tables; only their columns matter.
    pub data: Vec<PathBuf>,
    /// Schema files that declare tables.
    pub schemas: Vec<PathBuf>,
    /// Files and folders that hold stored functions.
    pub functions: Vec<PathBuf>,
    /// A folder of CSV files, each a watchlist under its name.
    pub watchlists: Option<PathBuf>,
    /// The tables that every workspace may have.
    pub built_in: BuiltIn,
    /// The time that `now()` reads, in ticks.
    pub now: i64,
}

/// Where the tables come from that are known without being given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BuiltIn {
    /// Nowhere: only the tables given are known.
    #[default]
    None,
    /// kqlite itself.
    Shipped,
    /// The pack in the user's folder, or kqlite itself where there is none.
    Home(PathBuf),
}

/// What was found about one rule.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The file; the places of findings are in its text.
    pub source: Source,
    pub id: Option<String>,
    pub name: Option<String>,
    pub findings: Vec<Finding>,
    /// The columns of the query's result; nothing where the query could not be bound.
    pub columns: Option<RowSchema>,
}

/// What was found about one rule, and what it may not share with others.
struct Judged {
    checked: Checked,
    identity: checks::Identity,
    allows: Vec<allow::Allow>,
}

/// A diagnostic in the text of a file, and how to mend what it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    pub fix: Option<Fix>,
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        Finding { diagnostic, fix: None }
    }
}

impl Finding {
    /// A finding about a query, told in places of the file that the query stands in. A change stays
    /// only if the file spells what it replaces as the query does.
    fn placed(self, file: &Source, query: &document::Scalar) -> Finding {
        let fix = self.fix.and_then(|fix| {
            let place = |(span, new): (Span, String)| {
                let placed = query.place(span);
                let was = query.value.get(span.range())?.split_whitespace();
                was.eq(file.slice(placed).split_whitespace()).then_some((placed, new))
            };
            let edits = fix.edits.into_iter().map(place).collect::<Option<Vec<_>>>()?;
            Some(Fix { title: fix.title, edits })
        });
        Finding { diagnostic: query.placed(&self.diagnostic), fix }
    }
}

/// Changes that mend a finding without doubt.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What the change does, as an order: "write `has` instead of `contains`".
    pub title: String,
    /// Replacements in the file, none over another.
    pub edits: Vec<(Span, String)>,
}

impl Checked {
    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|found| found.diagnostic.severity == severity).count()
    }

    /// Orders the findings as people read.
    fn sort(&mut self) {
        self.findings.sort_by_key(|found| (found.diagnostic.span, found.diagnostic.severity));
    }
}

impl Judged {
    /// What was found but for what comments of the file allow.
    fn silenced(self) -> Checked {
        let mut checked = self.checked;
        if !self.allows.is_empty() {
            allow::apply(&self.allows, &mut checked.findings, checked.columns.is_some());
            checked.sort();
        }
        checked
    }
}

/// Checks rules against one set of tables and functions. Threads may share it.
pub struct Checker {
    known: Known,
    functions: Functions,
    now: i64,
}

impl Checker {
    /// A checker, and what could not be used of its options.
    pub fn open(options: &Options) -> (Checker, Vec<Error>) {
        let (known, mut problems) = Known::open(options);
        let (functions, unusable) = stored::open(&options.functions);
        problems.extend(unusable);
        (Checker { known, functions, now: options.now }, problems)
    }

    /// What is found about all inputs, in order. All processors take part; `done` is called after
    /// every input.
    pub fn check_all(&self, inputs: &[Input], done: &(dyn Fn() + Sync)) -> Vec<Checked> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut finished = vec![];
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = inputs.get(index) else { return finished };
                finished.push((index, self.check(input)));
                done();
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(inputs.len());
        let mut all: Vec<(usize, Vec<Judged>)> = thread::scope(|scope| {
            let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
            let workers: Vec<_> = (0..threads).filter_map(start).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
        });
        all.sort_by_key(|(index, _)| *index);
        let mut all: Vec<Judged> = all.into_iter().flat_map(|(_, judged)| judged).collect();
        checks::across(&mut all);
        all.into_iter().map(Judged::silenced).collect()
    }

    /// Checks every rule of one input by itself.
    fn check(&self, input: &Input) -> Vec<Judged> {
        match &input.kind {
            InputKind::Query { id } => {
                let rule = Rule::of_query(&input.source);
                let mut judged = self.check_rule(&input.source, &rule);
                judged.checked.id = Some(id.clone());
                vec![judged]
            }
            InputKind::Unreadable(fault) => vec![unread(&input.source, fault.clone())],
            InputKind::File | InputKind::Found => {
                let is_named = input.kind == InputKind::File;
                match forms::read(&input.source) {
                    Ok(rules) if rules.is_empty() && is_named => {
                        vec![unread(&input.source, forms::nothing(&input.source))]
                    }
                    Ok(rules) => {
                        rules.iter().map(|rule| self.check_rule(&input.source, rule)).collect()
                    }
                    Err(_) if !is_named && !forms::is_likely(&input.source) => vec![],
                    Err(fault) => vec![unread(&input.source, fault)],
                }
            }
        }
    }

    fn check_rule(&self, source: &Source, rule: &Rule) -> Judged {
        let text = |key: &str| rule.get(key).and_then(|node| node.text()).map(ToString::to_string);
        let mut checked = Checked {
            source: source.clone(),
            id: text("id"),
            name: text("name"),
            findings: vec![],
            columns: None,
        };
        let mut analysis = None;
        if let Some(query) = rule.get("query").and_then(document::Node::scalar) {
            let analysed = query::analyse(
                Source::new(source.name(), query.value.as_str()),
                &self.known,
                &self.functions,
                self.now,
            );
            checked.columns = analysed.columns.clone();
            let placed = analysed.diagnostics.iter().map(|found| query.placed(found).into());
            checked.findings.extend(placed);
            let purpose = lints::Purpose::of(rule);
            let advice = lints::check(&lints::Query::new(purpose, &analysed, &self.functions));
            checked.findings.extend(advice.into_iter().map(|found| found.placed(source, query)));
            analysis = Some(analysed);
        }
        let findings = &mut checked.findings;
        let identity = checks::check(source, rule, analysis.as_ref(), findings);
        // Nothing can be said about what the file does not tell.
        let unknown = rule.document.unknown();
        let is_known =
            |span: Span| !unknown.iter().any(|u| u.start <= span.start && span.end <= u.end);
        checked.findings.retain(|found| is_known(found.diagnostic.span));
        checked.sort();
        Judged { checked, identity, allows: allow::find(source, rule) }
    }
}

/// What is found about a file that could not be read.
fn unread(source: &Source, fault: Fault) -> Judged {
    let found = Diagnostic::error(codes::RULE_FILE, fault.span, fault.message);
    let source = source.clone();
    let identity = checks::Identity::default();
    let findings = vec![found.into()];
    let checked = Checked { source, id: None, name: None, findings, columns: None };
    Judged { checked, identity, allows: vec![] }
}
