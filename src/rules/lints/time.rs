//! The time of events.

use super::Sink;
use super::query::{Constant, Place, Query, conjuncts};
use super::ranges::{Meets, Range, Test};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind, Statement};
use crate::text::Span;
use crate::types::Type;
use crate::types::datetime::TICKS_PER_HOUR;

const TIME: &str = "TimeGenerated";

/// A result without the time of its events.
pub(super) fn result(query: &Query, sink: &mut Sink) {
    let Some(columns) = &query.analysis.columns else { return };
    let is_open = query
        .analysis
        .bound
        .as_ref()
        .and_then(|bound| bound.statements.last())
        .is_some_and(|last| last.relation.is_open());
    if is_open || columns.index_of(TIME).is_some() {
        return;
    }
    let last = query.script.statements.iter().rev().find_map(|statement| match statement {
        Statement::Query(query) => Some(query),
        _ => None,
    });
    let Some(last) = last else { return };
    let place = match last {
        Expr::Pipe(pipe) => pipe.operators.last().map_or(pipe.span, |operator| operator.keyword),
        other => other.span(),
    };
    let message = "the result has no column `TimeGenerated`";
    sink.tell(Diagnostic::warning(codes::RESULT_TIME, place, message).hint(
        "keep the time of an event, as by `TimeGenerated = max(TimeGenerated)` in a `summarize`",
    ));
}

/// `between (ago(1d) .. now())`
pub(super) fn between(query: &Query, _: Place, expr: &Expr, sink: &mut Sink) {
    let Expr::Between(between) = expr else { return };
    let is_now = matches!(
        between.high.unparenthesised(),
        Expr::Call(call) if &*call.name.text == "now" && call.args.is_empty()
    );
    let is_past = matches!(query.constant(&between.low), Some(Constant::FromNow(time)) if time < 0);
    if is_now && is_past && !between.negated {
        let low = query.source.slice(between.low.span());
        let message = "the end at `now()` leaves out nothing but events of the future";
        sink.tell(
            Diagnostic::information(codes::BETWEEN_NOW, between.high.span(), message)
                .hint(format!("`> {low}` says the same of all others")),
        );
    }
}

/// `ago(1h)` in a rule that reads what came in within a minute.
pub(super) fn look_back(query: &Query, _: Place, expr: &Expr, sink: &mut Sink) {
    let Some(Test { meets: Meets::Range(Range { low: Some(low), .. }), subject, span }) =
        Test::of(query, expr)
    else {
        return;
    };
    let Constant::FromNow(time) = low.value else { return };
    if &*subject == TIME && time <= -TICKS_PER_HOUR {
        let message = "a near-real-time rule reads only what has come in since its last run";
        sink.tell(
            Diagnostic::warning(codes::NRT_LOOK_BACK, span, message)
                .hint("to look further back, make it a scheduled rule"),
        );
    }
}

/// A filter by another time than that of the table, by which its data is kept.
pub(super) fn other_column(
    query: &Query,
    source: Option<&Expr>,
    operators: &[Operator],
    sink: &mut Sink,
) {
    let Some(Expr::Name(table)) = source else { return };
    let mut found: Option<(String, Span)> = None;
    for operator in operators {
        let OperatorKind::Where { predicate } = &operator.kind else { break };
        if query.source.slice(predicate.span()).contains(TIME) {
            return;
        }
        let mut terms = vec![];
        conjuncts(predicate, &mut terms);
        for term in terms {
            let Some(test) = Test::of(query, term) else { continue };
            let Meets::Range(Range { low: Some(low), .. }) = &test.meets else { continue };
            // Defender's tables have their own time beside that of Sentinel.
            if matches!(low.value, Constant::FromNow(_))
                && &*test.subject != "Timestamp"
                && query.column_type(operator, &test.subject) == Some(Type::DateTime)
                && query.column_type(operator, TIME) == Some(Type::DateTime)
            {
                found.get_or_insert((test.subject.into_owned(), test.span));
            }
        }
    }
    let Some((column, span)) = found else { return };
    if query.bound(&table.text).is_some() {
        return;
    }
    let message =
        format!("only `{column}` limits the time, but `{}` is laid out by `{TIME}`", table.text);
    sink.tell(
        Diagnostic::information(codes::OTHER_TIME, span, message)
            .hint(format!("add a wider limit of `{TIME}`, so that less is read")),
    );
}
