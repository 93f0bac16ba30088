//! Columns of `bag_unpack`, which are there only if the rows at hand have them.

use std::collections::HashSet;

use super::Sink;
use super::query::{Query, Read, reads};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind};

pub(super) fn check(query: &Query, _: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    for (index, operator) in operators.iter().enumerate() {
        let OperatorKind::Evaluate { call: Expr::Call(call), schema: None } = &operator.kind else {
            continue;
        };
        if &*call.name.text != "bag_unpack" {
            continue;
        }
        let Some(rows) = query.rows(operator.span) else { continue };
        let mut known: HashSet<&str> = rows.schema.names().collect();
        if let Some((name, place)) = first_unknown(query, &operators[index + 1..], &mut known) {
            let message = format!(
                "`{name}` does not come in: it is there only if the bag of some row has it"
            );
            sink.tell(
                Diagnostic::warning(codes::UNPACKED_COLUMN, call.span, message)
                    .label(place, "read here")
                    .hint(format!(
                        "declare it, `bag_unpack(…) : (*, {name}: string)`, or read \
                         `column_ifexists(\"{name}\", \"\")`"
                    )),
            );
        }
    }
}

/// The first column that operators read which neither comes in nor is made by them.
fn first_unknown<'a>(
    query: &Query,
    operators: &'a [Operator],
    known: &mut HashSet<&'a str>,
) -> Option<(&'a str, crate::text::Span)> {
    for operator in operators {
        let exprs: &[Expr] = match &operator.kind {
            OperatorKind::Where { predicate } => std::slice::from_ref(predicate),
            OperatorKind::Extend { columns }
            | OperatorKind::Project { columns }
            | OperatorKind::Distinct { columns } => columns,
            OperatorKind::Summarize { aggregates, by } => {
                let mut read = aggregates.iter().chain(by);
                return read.find_map(|expr| unknown(query, expr, known));
            }
            _ => return None,
        };
        if let Some(found) = exprs.iter().find_map(|expr| unknown(query, expr, known)) {
            return Some(found);
        }
        if matches!(operator.kind, OperatorKind::Project { .. } | OperatorKind::Distinct { .. }) {
            return None;
        }
        for expr in exprs {
            if let Expr::Named(named) = expr {
                known.extend(named.names.iter().map(|name| &*name.text));
            }
        }
    }
    None
}

fn unknown<'a>(
    query: &Query,
    expr: &'a Expr,
    known: &HashSet<&str>,
) -> Option<(&'a str, crate::text::Span)> {
    let mut read = vec![];
    reads(expr, &mut read)?;
    let is_known =
        |read: &Read| read.guarded || known.contains(read.name) || query.bound(read.name).is_some();
    read.into_iter().find(|read| !is_known(read)).map(|read| (read.name, expr.span()))
}
