//! Operators that give a few rows or values for many: `sample`, `sample-distinct`, `top-hitters`.

use std::sync::Arc;

use super::rows::row_count;
use super::summarize::refuse_dynamic;
use crate::binder::Binder;
use crate::binder::aggregates::aggregate_of;
use crate::binder::naming::Target;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Relation, ScalarExpr, SortKey};
use crate::syntax::ast::Expr;
use crate::types::{Column, Type};

/// `sample count`: the rows with the least of random numbers, so that each is as likely as another.
pub(super) fn sample<'a>(cx: &mut Binder<'a>, input: Relation, count: &'a Expr) -> Relation {
    let span = count.span();
    let count = row_count(cx, count);
    let width = input.schema.len();
    let random = cx.call("rand", span, vec![]);
    let mut columns: Vec<_> = input.targets().collect();
    columns.push((Column::new("$random", Type::Real), random));
    let numbered = input.project(columns);
    let key = key(numbered.column(width), false);
    let chosen = numbered.sort(vec![key]).limit(count).select(&(0..width).collect::<Vec<_>>());
    Relation { serialized: false, ..chosen }
}

/// `sample-distinct count of column`
pub(super) fn distinct<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    count: &'a Expr,
    of: &'a Expr,
) -> Relation {
    let count = row_count(cx, count);
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let value = cx.argument(&mut clause, of);
    let ScalarExpr::Column { index, .. } = value.expr else {
        if !value.expr.is_pending() {
            cx.diagnostics.push(
                Diagnostic::error(codes::COLUMN_EXPECTED, value.span, "a column is expected")
                    .hint("compute it before, with `extend`"),
            );
        }
        return cx.broken();
    };
    refuse_dynamic(cx, &value);
    let column = input.schema.columns()[index].clone();
    input.aggregate(vec![(column, value.expr)], vec![], vec![]).limit(count)
}

/// `top-hitters count of value [by weight]`. The answer is exact, and the heaviest value comes last,
/// as was measured. Values of one weight come in descending order, which the measured texts did too.
pub(super) fn hitters<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    count: &'a Expr,
    of: &'a Expr,
    by: Option<&'a Expr>,
) -> Relation {
    let count = row_count(cx, count);
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let (target, value) = named(cx, &input, of);
    let value = cx.argument(&mut clause, value);
    refuse_dynamic(cx, &value);
    let name: Arc<str> = match &target {
        Target::Explicit(name) | Target::Suggested(name) => name.clone(),
        Target::Unnamed => "Column1".into(),
    };
    let (call, weight_name) = match by {
        None => {
            let suggested = match &target {
                Target::Unnamed => "",
                Target::Explicit(name) | Target::Suggested(name) => name,
            };
            (aggregate_of("count", vec![]), format!("approximate_count_{suggested}"))
        }
        Some(by) => {
            let (target, weight) = named(cx, &input, by);
            let weight = cx.argument(&mut clause, weight);
            let ty = weight.expr.ty();
            if !matches!(ty, Type::Int | Type::Long | Type::Real | Type::Decimal | Type::Unknown) {
                let message = format!("a weight is a number, not {ty}");
                cx.error(codes::EXPRESSION_TYPE, weight.span, message);
                return cx.broken();
            }
            let suggested = match &target {
                Target::Unnamed => "",
                Target::Explicit(name) | Target::Suggested(name) => name,
            };
            let name = format!("approximate_sum_{suggested}");
            (aggregate_of("sum", vec![weight.expr]), name)
        }
    };
    let Some(call) = call else { return cx.broken() };
    let column = Column { name, ty: value.expr.ty() };
    let groups = input.aggregate(vec![(column, value.expr)], vec![call], vec![weight_name.into()]);
    let (value, weight) = (groups.column(0), groups.column(1));
    let order = |descending| vec![key(weight.clone(), descending), key(value.clone(), true)];
    groups.sort(order(true)).limit(count).sort(order(false))
}

fn key(expr: ScalarExpr, descending: bool) -> SortKey {
    SortKey { expr, descending, nulls_first: !descending }
}

/// An expression and what it says about its column's name.
fn named<'a>(cx: &Binder<'a>, input: &Relation, expr: &'a Expr) -> (Target, &'a Expr) {
    match expr {
        Expr::Named(named) => match named.names.first() {
            Some(name) => (Target::Explicit(name.text.clone()), &named.value),
            None => (Target::Unnamed, &named.value),
        },
        other => (cx.target(other, Some(&input.schema), true), other),
    }
}
