//! The `partition` operator: `T | partition [hint.strategy=s] by c (subquery)` or `{ query }`.
//!
//! A subquery over the rows of one value runs for all values at once. A query with a source of its
//! own, and operators that bring in other tables, run once per value, of which there are few.

use super::mv_apply::refused;
use super::{parameter, stands_inside};
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::combine;
use crate::binder::env::{Binding, ScalarBinding};
use crate::binder::lift::{Leaf, Lift, Lifted, ascending, mark, windows};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::WindowFunction;
use crate::plan::{Relation, ScalarExpr, WindowCall};
use crate::syntax::ast::{self, Expr, Operator, OperatorKind as O, PartitionBody};
use crate::types::{Column, Type, Value};

/// The most values of the legacy strategy.
const LEGACY_VALUES: usize = 64;

/// Numbers of probes that a partition keeps for itself, so that later ones do not depend on how
/// many values there are.
const PROBES: usize = 1 << 32;

const STRATEGIES: [&str; 3] = ["legacy", "native", "shuffle"];

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    by: &'a Expr,
    body: &'a PartitionBody,
) -> Relation {
    let Some(key) = key(cx, &input, by) else { return cx.broken() };
    let legacy = strategy(cx, operator) == "legacy";
    match body {
        PartitionBody::Query(query) => {
            let name = input.schema.columns()[key].name.clone();
            per_value(cx, operator, &input, key, |cx, value| {
                let level = cx.level + 1;
                let value = ScalarBinding { expr: ScalarExpr::Literal(value), level };
                cx.env = cx.env.with(name.clone(), Binding::Scalar(value));
                cx.inner_relation(query)
            })
        }
        PartitionBody::Pipeline(body) if legacy && body.iter().any(brings_tables) => {
            let rows = cx.ask_table(input.clone());
            let span = operator.keyword;
            per_value(cx, operator, &input, key, |cx, value| {
                let column = Argument::new(rows.column(key), span);
                let is_value = if value.is_null() {
                    cx.call("isnull", span, vec![column])
                } else {
                    let value = Argument::new(ScalarExpr::Literal(value), span);
                    cx.call("==", span, vec![column, value])
                };
                let rows = rows.clone().filter(is_value);
                cx.subquery(None, rows, body, span)
            })
        }
        PartitionBody::Pipeline(body) => {
            // What is asked of the data cannot differ from group to group.
            if legacy && cx.leaves.is_empty() {
                let known = values(cx, operator, &input, key);
                if known.is_some_and(|values| values.is_none()) {
                    return cx.broken();
                }
            }
            if !legacy {
                refuse_others(cx, body);
            }
            all_values(cx, input, operator, key, body)
        }
    }
}

/// The column to partition by.
fn key<'a>(cx: &mut Binder<'a>, input: &Relation, by: &'a Expr) -> Option<usize> {
    let mut clause = Clause { windows: None, ..Clause::over(input) };
    let arg = cx.argument(&mut clause, by);
    let ScalarExpr::Column { index, ty } = arg.expr else {
        if !arg.expr.is_pending() {
            cx.error(codes::COLUMN_EXPECTED, arg.span, "a column is expected");
        }
        return None;
    };
    if ty == Type::Dynamic {
        let message = "rows cannot be partitioned by a dynamic value";
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, arg.span, message)
                .hint("convert it first, as in `extend key = tostring(…)`"),
        );
        return None;
    }
    Some(index)
}

fn strategy(cx: &mut Binder, operator: &Operator) -> &'static str {
    let Some(hint) = parameter(operator, &["hint.strategy"]) else { return "legacy" };
    let word = ast::word(hint).unwrap_or_default();
    if let Some(known) = STRATEGIES.into_iter().find(|known| known.eq_ignore_ascii_case(word)) {
        return known;
    }
    let message = format!("`hint.strategy` cannot be `{word}`");
    cx.diagnostics.push(
        Diagnostic::error(codes::HINT_VALUE, hint.value.span(), message)
            .hint(format!("it is one of {}", STRATEGIES.join(", "))),
    );
    "native"
}

/// The subquery over the rows of all values at once.
fn all_values<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    key: usize,
    body: &'a [Operator],
) -> Relation {
    let span = operator.keyword;
    let width = input.schema.len();
    let rows = input.clone().select(&(0..width).collect::<Vec<_>>());
    let bound = cx.subquery(Some(&rows), rows.clone(), body, span);
    if bound.schema.is_empty() && cx.quiet {
        return cx.broken();
    }
    let leaf = Leaf { relation: &rows, may_be_empty: false };
    let needs = leaf.needs(&bound);
    let group = cx.group_name();
    let mut own = input;
    let numbered = needs.order && own.serialized;
    if numbered {
        let function = WindowFunction::RowNumber;
        own = windows(own, vec![WindowCall { function, args: vec![], ty: Type::Long }]);
    }
    if needs.marks {
        own = mark(own, format!("{group}$mark").into());
    }
    let ty = own.schema.columns()[key].ty;
    let mut value = own.column(key);
    if ty == Type::Real {
        // The two zeros are one value.
        let zero = ScalarExpr::Literal(Value::Real(0.0));
        value = cx.call("+", span, [value, zero].map(|e| Argument::new(e, span)).into());
    }
    let last = own.schema.len() - 1;
    if needs.order {
        let mut keys = vec![ascending(value.clone())];
        if needs.marks {
            keys.push(ascending(own.column(last)));
        }
        if numbered {
            keys.push(ascending(own.column(width)));
        }
        own = own.sort(keys);
        let function = WindowFunction::RowRankDense;
        own = windows(own, vec![WindowCall { function, args: vec![value], ty: Type::Long }]);
        value = own.column(last + 1);
    }
    let mut base = vec![(Column::new(group, value.ty()), value)];
    if needs.marks {
        base.push((own.schema.columns()[last].clone(), own.column(last)));
    }
    let carried = base.len();
    base.extend(own.targets().take(width));
    let base =
        Lifted { relation: own.project(base), carried, marked: needs.marks, ordered: needs.order };
    match (Lift { cx, leaf, base, span }).root(&bound) {
        Ok(lifted) => {
            let columns: Vec<usize> =
                (lifted.carried..lifted.carried + bound.schema.len()).collect();
            Relation { serialized: false, ..lifted.relation.select(&columns) }
        }
        Err(refusal) => refused(cx, span, &refusal),
    }
}

/// The distinct values of the column: `None` as long as they are not known, `Some(None)` if they
/// are too many, which is reported.
fn values(
    cx: &mut Binder,
    operator: &Operator,
    input: &Relation,
    key: usize,
) -> Option<Option<Vec<Value>>> {
    let column = (input.schema.columns()[key].clone(), input.column(key));
    let distinct = input.clone().aggregate(vec![column], vec![], vec![]);
    // The columns do not hang on the answer.
    let quiet = cx.quiet;
    let rows = cx.ask_rows(distinct.limit(LEGACY_VALUES as u64 + 1));
    cx.quiet = quiet;
    let rows = rows?;
    if rows.len() > LEGACY_VALUES {
        let message = format!("the legacy strategy takes at most {LEGACY_VALUES} values");
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, operator.keyword, message)
                .hint("ask for another one: `partition hint.strategy=native by …`"),
        );
        return Some(None);
    }
    let mut values: Vec<Value> =
        rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
    values.sort_by_key(Value::text);
    Some(Some(values))
}

/// One query for each value.
fn per_value<'a>(
    cx: &mut Binder<'a>,
    operator: &'a Operator,
    input: &Relation,
    key: usize,
    mut query: impl FnMut(&mut Binder<'a>, Value) -> Relation,
) -> Relation {
    let next = cx.next_probe + PROBES;
    let known = values(cx, operator, input, key);
    let relation = match known {
        Some(Some(values)) => {
            let ty = input.schema.columns()[key].ty;
            let none = values.is_empty();
            // Without values one query tells the columns.
            let values = if none { vec![Value::null(ty)] } else { values };
            let mut results = vec![];
            for value in values {
                let env = cx.env.clone();
                results.push(query(cx, value));
                cx.env = env;
            }
            let all = combine::union(results, false);
            if none { all.limit(0) } else { all }
        }
        Some(None) => cx.broken(),
        // Its columns are those of the query; nothing may be asked of it before.
        None => {
            cx.quiet = true;
            let env = cx.env.clone();
            let relation = query(cx, Value::null(input.schema.columns()[key].ty));
            cx.env = env;
            relation.filter(ScalarExpr::Pending { ty: Type::Bool })
        }
    };
    cx.next_probe = next;
    relation
}

/// Whether an operator of a subquery reads another table than its input, or its input again.
fn brings_tables(operator: &Operator) -> bool {
    match &operator.kind {
        O::As { .. }
        | O::Evaluate { .. }
        | O::Find(_)
        | O::Invoke { .. }
        | O::Join { .. }
        | O::Lookup { .. }
        | O::MakeGraph(_)
        | O::Search { .. }
        | O::Union { .. } => true,
        O::MvApply { body, .. } | O::Partition { body: PartitionBody::Pipeline(body), .. } => {
            body.iter().any(brings_tables)
        }
        _ => false,
    }
}

/// Refuses what the strategies `native` and `shuffle` do not take.
fn refuse_others(cx: &mut Binder, body: &[Operator]) {
    for operator in body {
        let taken = stands_inside(&operator.kind)
            || matches!(operator.kind, O::MakeSeries(_) | O::Search { .. } | O::Serialize { .. });
        if !taken {
            let name = cx.source.slice(operator.keyword).to_string();
            let message = format!("a partition of this strategy does not take `{name}`");
            cx.diagnostics.push(
                Diagnostic::error(codes::GENERIC, operator.keyword, message)
                    .hint("the default strategy takes it: leave out `hint.strategy`"),
            );
        }
    }
}
