//! The latest row, taken of those that a filter on a changing value has left.

use super::Sink;
use super::query::{Query, conjuncts};
use super::ranges::{Meets, Range, Test};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, FunctionCall, Operator, OperatorKind};
use crate::text::Span;
use crate::types::Type;

pub(super) fn check(query: &Query, _: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    let mut ranges: Vec<(String, Span)> = vec![];
    for operator in operators {
        match &operator.kind {
            OperatorKind::Where { predicate } => {
                let mut terms = vec![];
                conjuncts(predicate, &mut terms);
                ranges.extend(terms.iter().filter_map(|term| measured(query, operator, term)));
            }
            OperatorKind::Sort { .. } | OperatorKind::As { .. } => {}
            OperatorKind::Summarize { aggregates, by } => {
                if !ranges.is_empty() {
                    summarized(query, operator, aggregates, by, &ranges, sink);
                }
                ranges.clear();
            }
            OperatorKind::Extend { columns } | OperatorKind::Project { columns } => {
                let is_new = |name: &str| {
                    columns.iter().any(|column| match column {
                        Expr::Named(named) => named.names.iter().any(|own| &*own.text == name),
                        _ => false,
                    })
                };
                ranges.retain(|(name, _)| !is_new(name));
            }
            _ => ranges.clear(),
        }
    }
}

/// The column whose amount a condition limits, if a row's amount says nothing of another's.
fn measured(query: &Query, operator: &Operator, term: &Expr) -> Option<(String, Span)> {
    let test = Test::of(query, term)?;
    let Meets::Range(Range { low, high }) = &test.meets else { return None };
    // `> 0` and the like ask whether there is a value.
    let is_zero = |limit: &super::ranges::Limit| limit.value == super::query::Constant::Number(0.0);
    if high.is_none() && low.as_ref().is_some_and(is_zero) {
        return None;
    }
    let ty = query.column_type(operator, &test.subject)?;
    ty.is_numeric().then(|| (test.subject.into_owned(), test.span))
}

fn summarized(
    query: &Query,
    operator: &Operator,
    aggregates: &[Expr],
    by: &[Expr],
    ranges: &[(String, Span)],
    sink: &mut Sink,
) {
    for aggregate in aggregates {
        let Some(call) = extreme(aggregate) else { continue };
        let Some(Expr::Name(time)) = call.args.first().map(Expr::unparenthesised) else { continue };
        if query.column_type(operator, &time.text) != Some(Type::DateTime) {
            continue;
        }
        let gives = |name: &str| {
            call.args[1..].iter().any(|arg| match arg {
                Expr::Star(_) => true,
                Expr::Name(column) => &*column.text == name,
                _ => false,
            })
        };
        let is_key =
            |name: &str| by.iter().any(|key| matches!(key, Expr::Name(key) if &*key.text == name));
        let Some((name, filter)) = ranges.iter().find(|(name, _)| gives(name) && !is_key(name))
        else {
            continue;
        };
        let (word, which) = match &*call.name.text {
            "arg_min" => ("arg_min", "earliest"),
            _ => ("arg_max", "latest"),
        };
        let message = format!(
            "the {which} of the rows that the filter on `{name}` has left, not the {which} row"
        );
        sink.tell(
            Diagnostic::warning(codes::LATEST_OF_FILTERED, call.span, message)
                .label(*filter, "rows are left out before")
                .hint(format!(
                    "first `{word}`, then the filter: a group counts by its {which} value"
                )),
        );
    }
}

/// The call of `arg_max` or `arg_min` that an aggregate is.
fn extreme(aggregate: &Expr) -> Option<&FunctionCall> {
    let value = match aggregate {
        Expr::Named(named) => &named.value,
        other => other,
    };
    match value.unparenthesised() {
        Expr::Call(call)
            if matches!(&*call.name.text, "arg_max" | "arg_min") && call.args.len() >= 2 =>
        {
            Some(call)
        }
        _ => None,
    }
}
