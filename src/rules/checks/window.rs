//! The time that a query reads, and the time that the rule gives it.

use std::collections::HashMap;

use super::duration::{Reading, read, write};
use super::{RuleKind, Subject, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::lexer::lex;
use crate::syntax::token::{Token, TokenKind};
use crate::text::Span;
use crate::types::datetime::TICKS_PER_SECOND;
use crate::types::timespan::parse_literal;

/// Columns that hold the time of an event, and parameters of parsers that filter by it.
const TIME_COLUMNS: &[&str] = &["TimeGenerated", "Timestamp"];
const TIME_PARAMETERS: &[&str] = &["starttime", "endtime"];

/// Words of queries that keep an event from giving two alerts: those that look at when it came in,
/// and those that cut time into whole pieces.
const NARROWING: &[&str] = &[
    "ingestion_time",
    "bin",
    "bin_at",
    "startofday",
    "startofweek",
    "startofmonth",
    "endofday",
    "endofweek",
    "series_decompose_anomalies",
    "series_outliers",
    "anti",
    "leftanti",
    "rightanti",
    "leftantisemi",
    "rightantisemi",
    "arg_min",
];

pub(super) fn check(subject: &mut Subject<'_>) {
    if subject.kind == Some(RuleKind::Nrt) {
        return;
    }
    let (Some(query), Some(period_entry)) = (subject.entry("query"), subject.entry("queryPeriod"))
    else {
        return;
    };
    let length = |key: &str| subject.entry(key)?.value.text().and_then(read).map(Reading::seconds);
    let (Some(scalar), Some(period)) = (query.value.scalar(), length("queryPeriod")) else {
        return;
    };
    let frequency = length("queryFrequency");
    let words = Words::of(&scalar.value);
    let spelling = subject.rule.form.spelling();
    let looks = words.looks_back();
    for look in looks.iter().filter(|look| look.of_time && look.seconds > period) {
        let message = format!(
            "`{}` looks back further than the query period of {}",
            &scalar.value[look.span.range()],
            write(period, spelling)
        );
        let told = Diagnostic::warning(codes::BEYOND_PERIOD, scalar.place(look.span), message)
            .label(span_of(&period_entry.value), "the query period");
        subject.tell(told.hint("a run of the rule reads nothing older than the query period"));
    }
    let Some(frequency) = frequency.filter(|frequency| *frequency < period) else { return };
    let narrows = words.has_any(NARROWING) || looks.iter().any(|look| look.seconds <= frequency);
    if !narrows {
        let message = format!(
            "runs every {} over {} read the same events again",
            write(frequency, spelling),
            write(period, spelling)
        );
        let told =
            Diagnostic::warning(codes::OVERLAPPING_RUNS, span_of(&period_entry.value), message);
        subject.tell(told.hint(format!(
            "keep to new events, as by `where ingestion_time() > ago({})`",
            write(frequency, super::duration::Spelling::Template)
        )));
    }
}

/// A call of `ago`.
struct LookBack {
    seconds: u64,
    span: Span,
    /// Whether the time of events is compared with it.
    of_time: bool,
}

/// A query as its tokens. What is looked for here does not depend on more.
struct Words<'q> {
    text: &'q str,
    tokens: Vec<Token>,
}

impl<'q> Words<'q> {
    fn of(text: &'q str) -> Self {
        Self { text, tokens: lex(text) }
    }

    fn kind(&self, index: usize) -> TokenKind {
        self.tokens.get(index).map_or(TokenKind::End, |token| token.kind)
    }

    fn word(&self, index: usize) -> &'q str {
        self.tokens.get(index).map_or("", |token| &self.text[token.span.range()])
    }

    fn has_any(&self, words: &[&str]) -> bool {
        (0..self.tokens.len())
            .any(|index| self.kind(index) == TokenKind::Name && words.contains(&self.word(index)))
    }

    /// `let name = …` with what comes behind the `=`, by name.
    fn lets(&self) -> impl Iterator<Item = (&'q str, usize)> {
        (0..self.tokens.len())
            .filter(|&i| self.word(i) == "let" && self.kind(i + 2) == TokenKind::Assign)
            .map(|i| (self.word(i + 1), i + 3))
    }

    /// The seconds of the timespan at a place, if it is a literal or a name that stands for one.
    fn seconds(&self, index: usize, named: &HashMap<&str, u64>) -> Option<u64> {
        match self.kind(index) {
            TokenKind::Timespan => {
                let ticks = parse_literal(self.word(index))?;
                u64::try_from(ticks / TICKS_PER_SECOND).ok()
            }
            TokenKind::Name => named.get(self.word(index)).copied(),
            _ => None,
        }
    }

    fn looks_back(&self) -> Vec<LookBack> {
        let none = HashMap::new();
        let ends = |index| matches!(self.kind(index), TokenKind::Semicolon | TokenKind::End);
        let named: HashMap<&str, u64> = self
            .lets()
            .filter(|&(_, value)| ends(value + 1))
            .filter_map(|(name, value)| Some((name, self.seconds(value, &none)?)))
            .collect();
        let mut found = vec![];
        for index in (0..self.tokens.len()).filter(|&index| self.word(index) == "ago") {
            let is_call = self.kind(index + 1) == TokenKind::OpenParen
                && self.kind(index + 3) == TokenKind::CloseParen;
            let Some(seconds) = self.seconds(index + 2, &named).filter(|_| is_call) else {
                continue;
            };
            let span = self.tokens[index].span.to(self.tokens[index + 3].span);
            let bound = self.lets().find(|&(_, value)| value == index && ends(index + 4));
            let of_time = match bound {
                Some((name, _)) => {
                    let uses = (0..self.tokens.len()).filter(|&use_| self.word(use_) == name);
                    uses.into_iter().any(|use_| self.is_compared(use_, use_))
                }
                None => self.is_compared(index, index + 3),
            };
            found.push(LookBack { seconds, span, of_time });
        }
        found
    }

    /// Whether the time of events is compared with what stands from `first` to `last`.
    fn is_compared(&self, first: usize, last: usize) -> bool {
        let is_time = |index: usize| TIME_COLUMNS.contains(&self.word(index));
        let before = |steps: usize| first.checked_sub(steps);
        let is = |steps, kind| before(steps).is_some_and(|index| self.kind(index) == kind);
        let compares = |index: usize| {
            use TokenKind as T;
            matches!(self.kind(index), T::Less | T::LessEqual | T::Greater | T::GreaterEqual)
        };
        before(2).is_some_and(|index| is_time(index) && compares(index + 1))
            || compares(last + 1) && is_time(last + 2)
            || is(1, TokenKind::OpenParen)
                && before(2).is_some_and(|index| self.word(index) == "between")
                && before(3).is_some_and(is_time)
            || is(1, TokenKind::Assign)
                && before(2).is_some_and(|index| TIME_PARAMETERS.contains(&self.word(index)))
    }
}
