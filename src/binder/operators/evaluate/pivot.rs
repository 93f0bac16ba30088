//! `pivot(column [, aggregate [, keys…]])`: one column per value of `column`.
//!
//! The values are asked of the data; columns come sorted by name.

use std::sync::Arc;

use super::arguments::column;
use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::aggregates::aggregate_of;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::codes;
use crate::functions;
use crate::plan::{AggregateCall, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::{Column, Type, Value};

plugins! {
    /// A column per value of a column, with an aggregate of the rows that have it.
    ///
    /// The aggregate is `count()` if none is given. Rows are grouped by the given keys, else by all
    /// columns that neither the pivot nor the aggregate reads. The columns are in the order of their
    /// names.
    ///
    /// ```kql
    /// datatable(k: string, c: string)["x", "a", "x", "a", "x", "b"] | evaluate pivot(c)    //=> x, 2, 1
    /// ```
    "pivot" "pivot(column [, aggregate [, keys, …]])" => bind;
}

fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    let Some(pivot) = call.args.first().and_then(|arg| column(cx, &input, arg)) else {
        return cx.broken();
    };
    let mut clause = Clause::aggregating(&input, 0);
    let aggregate = match call.args.get(1) {
        Some(expr) => aggregate(cx, &mut clause, expr),
        None => aggregate_of("count", vec![]),
    };
    let Some(aggregate) = aggregate else { return cx.broken() };
    let mut keys = vec![];
    if call.args.len() > 2 {
        for arg in &call.args[2..] {
            let Some(index) = column(cx, &input, arg) else { return cx.broken() };
            keys.push(index);
        }
    } else {
        let mut used = vec![pivot];
        for arg in &aggregate.args {
            arg.visit(&mut |e| {
                if let ScalarExpr::Column { index, .. } = e {
                    used.push(*index);
                }
            });
        }
        keys.extend((0..input.schema.len()).filter(|index| !used.contains(index)));
    }
    let values = {
        let distinct = (input.schema.columns()[pivot].clone(), input.column(pivot));
        let distinct = input.clone().aggregate(vec![distinct], vec![], vec![]);
        cx.ask_rows(distinct)
    };
    let Some(values) = values else { return cx.broken() };
    if values.is_empty() {
        return input.select(&keys).void();
    }
    let mut values: Vec<Value> =
        values.into_iter().filter_map(|row| row.into_iter().next()).collect();
    values.sort_by_key(Value::text);
    let span = call.span;
    let mut calls = vec![];
    let mut names: Vec<Arc<str>> = vec![];
    let neutral = cx.neutral(&aggregate);
    for value in values {
        let left = Argument::new(input.column(pivot), span);
        let is_null = value.is_null();
        let matches = if is_null {
            cx.call("isnull", span, vec![left])
        } else {
            let right = Argument::new(ScalarExpr::Literal(value.clone()), span);
            cx.call("==", span, vec![left, right])
        };
        names.push(value.text().into());
        calls.push(AggregateCall {
            filter: Some(match &aggregate.filter {
                Some(filter) => ScalarExpr::And(vec![filter.clone(), matches]),
                None => matches,
            }),
            ..aggregate.clone()
        });
    }
    let keys: Vec<_> =
        keys.into_iter().map(|i| (input.schema.columns()[i].clone(), input.column(i))).collect();
    if calls.is_empty() && keys.is_empty() {
        return input.select(&[]);
    }
    let width = keys.len();
    let grouped = input.aggregate(keys, calls, names);
    let columns = grouped
        .schema
        .columns()
        .iter()
        .enumerate()
        .map(|(i, column): (usize, &Column)| {
            let value = grouped.column(i);
            let fill = i >= width && column.ty != Type::String && !neutral.is_null();
            let value = if fill {
                let args = [value, ScalarExpr::Literal(neutral.clone())];
                let args = args.map(|e| Argument::new(e, span));
                cx.call("coalesce", span, args.into())
            } else {
                value
            };
            (column.clone(), value)
        })
        .collect();
    grouped.project(columns)
}

fn aggregate<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    expr: &'a Expr,
) -> Option<AggregateCall> {
    if let Expr::Call(call) = expr
        && let Some(function) = functions::aggregate(&call.name.text)
    {
        return cx.aggregate(clause, function, call, &[]);
    }
    let code = match expr {
        Expr::Call(call) if functions::scalar(&call.name.text).is_none() => codes::UNKNOWN_FUNCTION,
        _ => codes::GENERIC,
    };
    cx.error(code, expr.span(), "an aggregation function is expected");
    None
}
