//! Conditions that cannot be met, are always met, or stand twice.

use std::collections::{HashMap, HashSet};

use super::Sink;
use super::query::{Place, Query, conjuncts};
use super::ranges::{Meets, Test};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind};
use crate::text::Span;
use crate::types::Value;

/// The terms of one `and` or `or`.
pub(super) fn terms(query: &Query, _: Place, expr: &Expr, sink: &mut Sink) {
    match expr {
        Expr::And(terms) => {
            let mut all = vec![];
            conjuncts(expr, &mut all);
            contradictions(query, &all, sink);
            repetitions(query, terms, sink);
        }
        Expr::Or(terms) => {
            tautologies(query, terms, sink);
            repetitions(query, terms, sink);
        }
        Expr::Between(_) => {
            if let Some(Test { meets: Meets::Range(range), .. }) = Test::of(query, expr)
                && range.is_empty()
            {
                let message = "the range ends before it begins, so nothing is in it";
                sink.tell(Diagnostic::warning(codes::NEVER_TRUE, expr.span(), message));
            }
        }
        _ => {}
    }
}

/// The terms of filters that follow one another.
pub(super) fn filters(query: &Query, _: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    let is_filter = |operator: &Operator| {
        matches!(operator.kind, OperatorKind::Where { .. } | OperatorKind::Sort { .. })
    };
    for run in operators.chunk_by(|a, b| is_filter(a) && is_filter(b)) {
        if run.len() < 2 {
            continue;
        }
        let mut all = vec![];
        let mut seen: HashMap<_, Span> = HashMap::new();
        for (index, operator) in run.iter().enumerate() {
            let OperatorKind::Where { predicate } = &operator.kind else { continue };
            if let Some(spelling) = query.spelling(predicate) {
                match seen.get(&spelling) {
                    Some(first) => {
                        let end = run[index.saturating_sub(1)].span.end;
                        let edit = (index > 0).then(|| Span::new(end, operator.span.end));
                        repeated(sink, predicate.span(), *first, edit);
                    }
                    None => {
                        seen.insert(spelling, predicate.span());
                    }
                }
            }
            conjuncts(predicate, &mut all);
        }
        contradictions(query, &all, sink);
    }
}

fn contradictions(query: &Query, terms: &[&Expr], sink: &mut Sink) {
    if terms.len() < 2 {
        return;
    }
    let mut by_subject: HashMap<_, Vec<(Meets, Span)>> = HashMap::new();
    for test in terms.iter().filter_map(|term| Test::of(query, term)) {
        let others = by_subject.entry(test.subject).or_default();
        if let Some((_, other)) = others.iter().find(|(other, _)| test.meets.contradicts(other)) {
            let message = format!("never true together with `{}`", short(query, *other));
            let told = Diagnostic::warning(codes::NEVER_TRUE, test.span, message);
            sink.tell(told.label(*other, "the other condition"));
        }
        if others.len() < 20 {
            others.push((test.meets, test.span));
        }
    }
}

fn tautologies(query: &Query, terms: &[Expr], sink: &mut Sink) {
    let mut by_subject: HashMap<_, Vec<(Meets, Span)>> = HashMap::new();
    for test in terms.iter().filter_map(|term| Test::of(query, term)) {
        let others = by_subject.entry(test.subject).or_default();
        if let Some((_, other)) = others.iter().find(|(other, _)| test.meets.completes(other)) {
            let message = format!("always true together with `or {}`", short(query, *other));
            let told = Diagnostic::warning(codes::ALWAYS_TRUE, test.span, message);
            let told = told.label(*other, "the other condition");
            sink.tell(told.hint("write `and` for what is neither, or `!in (…)`"));
            return;
        }
        if others.len() < 20 {
            others.push((test.meets, test.span));
        }
    }
}

fn repetitions(query: &Query, terms: &[Expr], sink: &mut Sink) {
    let mut seen: HashMap<_, Span> = HashMap::new();
    for (index, term) in terms.iter().enumerate() {
        let Some(spelling) = query.spelling(term) else { continue };
        match seen.get(&spelling) {
            Some(first) => {
                let edit = terms
                    .get(index.wrapping_sub(1))
                    .map(|before| Span::new(before.span().end, term.span().end));
                repeated(sink, term.span(), *first, edit);
            }
            None => {
                seen.insert(spelling, term.span());
            }
        }
    }
}

fn repeated(sink: &mut Sink, span: Span, first: Span, edit: Option<Span>) {
    let told = Diagnostic::information(
        codes::REPEATED_CONDITION,
        span,
        "the same condition stands here before",
    )
    .label(first, "here");
    match edit {
        Some(edit) => {
            let title = "remove the second one".to_string();
            sink.tell_and_mend(told, title, vec![(edit, String::new())]);
        }
        None => sink.tell(told),
    }
}

/// Items that a list has twice.
pub(super) fn items(query: &Query, _: Place, expr: &Expr, sink: &mut Sink) {
    let Expr::In(list) = expr else { return };
    let any_case = list.sign != "in";
    let mut seen = HashSet::new();
    let mut repeated = vec![];
    for (index, item) in list.items.iter().enumerate() {
        let Expr::Literal(literal) = item else { continue };
        let Some(Value::String(text)) = &literal.value else { continue };
        let text = if any_case { text.to_lowercase() } else { text.to_string() };
        if !seen.insert(text) && index > 0 {
            repeated.push((list.items[index - 1].span().end, item.span()));
        }
    }
    let Some((_, first)) = repeated.first() else { return };
    let message = format!("{} is in the list before", query.source.slice(*first));
    let mut told = Diagnostic::information(codes::REPEATED_ITEM, *first, message);
    if repeated.len() > 1 {
        told = told.hint(format!("{} items in all are repeated", repeated.len()));
    }
    let edits = repeated.iter().map(|(from, item)| (Span::new(*from, item.end), String::new()));
    sink.tell_and_mend(told, "remove what is repeated".to_string(), edits.collect());
}

/// `isnull` of a text.
pub(super) fn null_text(query: &Query, place: Place, expr: &Expr, sink: &mut Sink) {
    let Expr::Call(call) = expr else { return };
    let (always, instead) = match &*call.name.text {
        "isnull" => ("false", "isempty"),
        "isnotnull" | "notnull" => ("true", "isnotempty"),
        _ => return,
    };
    let [argument] = &call.args[..] else { return };
    if !query.is_text(place, argument) {
        return;
    }
    let message = format!("a text is never null, so this is always {always}");
    let told = Diagnostic::warning(codes::NULL_TEXT, call.span, message);
    sink.tell(told.hint(format!("what is missing in a text is empty: write `{instead}`")));
}

/// The text of a condition, cut where it is long.
fn short(query: &Query, span: Span) -> String {
    let words: Vec<&str> = query.source.slice(span).split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
