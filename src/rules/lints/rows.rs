//! Results that may differ from one run to the next.

use std::collections::HashMap;

use super::Sink;
use super::query::{Constant, Query, conjuncts};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind};

/// Thresholds from here on are a matter of a few percent.
const LARGE: f64 = 100.0;

/// Some rows of many, without an order that says which.
pub(super) fn arbitrary(
    query: &Query,
    source: Option<&Expr>,
    operators: &[Operator],
    sink: &mut Sink,
) {
    if source.is_some_and(is_written_out) {
        return;
    }
    for (index, operator) in operators.iter().enumerate() {
        if !matches!(operator.kind, OperatorKind::Take { .. } | OperatorKind::Sample { .. }) {
            continue;
        }
        let is_random = matches!(operator.kind, OperatorKind::Sample { .. });
        let one_row = index.checked_sub(1).is_some_and(|before| match &operators[before].kind {
            OperatorKind::Count { .. } => true,
            OperatorKind::Summarize { by, .. } => by.is_empty(),
            _ => false,
        });
        let ordered = match query.rows(operator.span) {
            Some(rows) => rows.serialized,
            None => return,
        };
        if one_row || ordered && !is_random {
            continue;
        }
        let word = query.source.slice(operator.keyword);
        let message = format!("`{word}` keeps any rows, others at every run");
        let told = Diagnostic::warning(codes::ARBITRARY_ROWS, operator.keyword, message);
        sink.tell(told.hint("`top … by …` says which rows"));
    }
}

/// Whether the rows stand in the query itself.
fn is_written_out(source: &Expr) -> bool {
    match source.unparenthesised() {
        Expr::Source(source) => matches!(
            source.operator.kind,
            OperatorKind::Datatable { .. }
                | OperatorKind::Print { .. }
                | OperatorKind::Range { .. }
        ),
        _ => false,
    }
}

/// A count of distinct values that a condition takes as exact.
pub(super) fn approximate(
    query: &Query,
    _: Option<&Expr>,
    operators: &[Operator],
    sink: &mut Sink,
) {
    let mut counts: HashMap<&str, &Expr> = HashMap::new();
    for operator in operators {
        match &operator.kind {
            OperatorKind::Summarize { aggregates, .. } => {
                counts.clear();
                counts.extend(aggregates.iter().filter_map(|aggregate| {
                    let Expr::Named(named) = aggregate else { return None };
                    match named.value.unparenthesised() {
                        Expr::Call(call)
                            if matches!(&*call.name.text, "dcount" | "dcountif")
                                && call.args.len()
                                    == 1 + usize::from(&*call.name.text == "dcountif") =>
                        {
                            Some((&*named.names.first()?.text, &named.value))
                        }
                        _ => None,
                    }
                }));
            }
            OperatorKind::Where { predicate } if !counts.is_empty() => {
                let mut terms = vec![];
                conjuncts(predicate, &mut terms);
                for term in terms {
                    let Expr::Binary(binary) = term else { continue };
                    let Expr::Name(name) = &binary.left else { continue };
                    let Some(count) = counts.get(&*name.text) else { continue };
                    let Some(Constant::Number(limit)) = query.constant(&binary.right) else {
                        continue;
                    };
                    let is_comparison = matches!(binary.op.sign, "<" | "<=" | ">" | ">=" | "==");
                    if !is_comparison || limit < LARGE {
                        continue;
                    }
                    let message =
                        format!("`{}` is an estimate, about 1.6 % off at this size", name.text);
                    sink.tell(
                        Diagnostic::information(codes::ESTIMATED_THRESHOLD, term.span(), message)
                            .label(count.span(), "`dcount` estimates")
                            .hint("`count_distinct` counts exactly; `dcount(…, 4)` is 0.2 % off"),
                    );
                }
            }
            _ => {}
        }
    }
}
