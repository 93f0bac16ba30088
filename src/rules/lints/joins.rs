//! Joins.

use super::Sink;
use super::query::{Query, reads};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind, word};
use crate::types::RowSchema;

/// The side whose rows may be filtered before a join, instead of after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// A join that does not say its kind.
pub(super) fn kind(_: &Query, _: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    for (index, operator) in operators.iter().enumerate() {
        let OperatorKind::Join { on, .. } = &operator.kind else { continue };
        let has_kind = operator.parameters.iter().any(|parameter| &*parameter.name.text == "kind");
        let before = index.checked_sub(1).map(|before| &operators[before].kind);
        if has_kind || before.is_some_and(|before| has_one_row_per_key(before, on)) {
            continue;
        }
        let message =
            "without a kind, the join keeps one row per key of its left side, any of them";
        sink.tell(
            Diagnostic::warning(codes::JOIN_KIND, operator.keyword, message)
                .hint("`kind=inner` keeps all rows; `kind=innerunique` says that one is meant"),
        );
    }
}

/// Whether no two rows of an operator have equal keys.
fn has_one_row_per_key(operator: &OperatorKind, on: &[Expr]) -> bool {
    let groups = match operator {
        OperatorKind::Summarize { by, .. } => by,
        OperatorKind::Distinct { columns } => columns,
        _ => return false,
    };
    groups.iter().all(|group| {
        let name = match group {
            Expr::Name(name) => name,
            Expr::Named(named) if named.names.len() == 1 => &named.names[0],
            _ => return false,
        };
        on.iter().any(|key| match key {
            Expr::Name(key) => key.text == name.text,
            _ => false,
        })
    })
}

/// A filter behind a join that looks at the columns of one side only.
pub(super) fn late_filter(
    query: &Query,
    _: Option<&Expr>,
    operators: &[Operator],
    sink: &mut Sink,
) {
    for (index, operator) in operators.iter().enumerate() {
        let (right, is_lookup) = match &operator.kind {
            OperatorKind::Join { right, .. } => (right, false),
            OperatorKind::Lookup { right, .. } => (right, true),
            _ => continue,
        };
        let filters = operators[index + 1..].iter().map_while(|next| match &next.kind {
            OperatorKind::Where { predicate } => Some((next, predicate)),
            _ => None,
        });
        let mut filters = filters.peekable();
        if filters.peek().is_none() {
            continue;
        }
        let (Some(left), Some(right_rows)) = (query.rows(operator.span), query.rows(right.span()))
        else {
            continue;
        };
        let sides = sides(operator, is_lookup);
        for (filter, predicate) in filters {
            let Some(side) = side_of(query, predicate, &left.schema, &right_rows.schema) else {
                continue;
            };
            if !sides.contains(&side) {
                continue;
            }
            let (columns, place) = match side {
                Side::Left => ("left", "in front of the join"),
                Side::Right => ("right", "inside its parentheses"),
            };
            let message =
                format!("the filter looks at columns of the {columns} side only, after the join");
            sink.tell(
                Diagnostic::information(codes::LATE_FILTER, filter.keyword, message)
                    .label(operator.keyword, "the join")
                    .hint(format!("{place}, it leaves fewer rows to join")),
            );
        }
    }
}

/// The sides whose rows can be filtered first without a change of the result.
fn sides(operator: &Operator, is_lookup: bool) -> &'static [Side] {
    let kind = operator.parameters.iter().find(|parameter| &*parameter.name.text == "kind");
    let kind = kind.and_then(word).unwrap_or(if is_lookup { "leftouter" } else { "innerunique" });
    match kind {
        "inner" => &[Side::Left, Side::Right],
        // Which row of a key is kept on the left depends on those that are there.
        "innerunique" => &[Side::Right],
        "leftouter" | "leftsemi" | "leftanti" | "anti" | "leftantisemi" => &[Side::Left],
        "rightouter" | "rightsemi" | "rightanti" | "rightantisemi" => &[Side::Right],
        _ => &[],
    }
}

/// The one side whose columns a condition reads.
fn side_of(query: &Query, condition: &Expr, left: &RowSchema, right: &RowSchema) -> Option<Side> {
    // Functions of row order see other rows before a join.
    query.spelling(condition)?;
    let mut found = vec![];
    reads(condition, &mut found)?;
    let mut side = None;
    for name in found.into_iter().map(|read| read.name) {
        let own = match (left.index_of(name), right.index_of(name)) {
            (Some(_), _) => Side::Left,
            (None, Some(_)) => Side::Right,
            (None, None) if query.bound(name).is_some() => continue,
            (None, None) => return None,
        };
        if side.is_some_and(|side| side != own) {
            return None;
        }
        side = Some(own);
    }
    side
}
