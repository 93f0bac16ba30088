//! The `summarize` operator: `T | summarize a = agg(x), … by k, …`; and `distinct`, which is grouping
//! without aggregates.

use std::sync::Arc;

use super::{Item, columns_of, items, name_items, report_repeated};
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::names::rank_text;
use crate::binder::naming::{Policy, Target, assign};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::{self, AggregateFunction};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, FunctionCall, Operator};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

/// One result column of the aggregates' side.
pub(super) struct Output {
    pub target: Target,
    pub expr: ScalarExpr,
    pub span: Span,
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    aggregates: &'a [Expr],
    by: &'a [Expr],
) -> Relation {
    let keys = keys(cx, &input, by);
    let mut clause = Clause::aggregating(&input, keys.len());
    let mut outputs: Vec<Output> = vec![];
    for expr in aggregates {
        output(cx, &mut clause, &input, &keys, expr, false, &mut outputs);
    }
    let targets: Vec<Target> = keys
        .iter()
        .map(|key| key.target.clone())
        .chain(outputs.iter().map(|output| output.target.clone()))
        .collect();
    let (names, repeated) = assign(&targets, Policy::Grouped, input.schema.names());
    for twice in repeated {
        let span = match twice.index.checked_sub(keys.len()) {
            Some(index) => outputs[index].span,
            None => keys[twice.index].span,
        };
        report_repeated(cx, &twice.name, span);
    }
    let calls = clause.aggregates.take().unwrap_or_default();
    if calls.is_empty() && keys.is_empty() {
        return cx.broken();
    }
    let key_names = &names[..keys.len()];
    hints(cx, operator, key_names);
    let key_columns: Vec<_> = keys
        .into_iter()
        .zip(&names)
        .map(|(key, name)| {
            let expr = key.value.expr;
            (Column { name: name.clone(), ty: expr.ty() }, expr)
        })
        .collect();
    let key_count = key_columns.len();
    let inner = calls.iter().map(|call| call.returns.len()).sum::<usize>();
    // The results of the calls go by names that no query can write.
    let inner_names = (0..inner).map(|i| Arc::from(format!("$agg{i}"))).collect();
    let grouped = input.aggregate(key_columns, calls, inner_names);
    let mut columns: Vec<_> =
        (0..key_count).map(|i| (grouped.schema.columns()[i].clone(), grouped.column(i))).collect();
    for (output, name) in outputs.into_iter().zip(names.into_iter().skip(key_count)) {
        columns.push((Column { name, ty: output.expr.ty() }, output.expr));
    }
    grouped.project(columns)
}

/// Checks the hints, which change nothing here.
fn hints<'a>(cx: &mut Binder<'a>, operator: &'a Operator, keys: &[Arc<str>]) {
    for hint in &operator.parameters {
        let span = hint.value.span();
        match &*hint.name.text {
            "hint.strategy" => {
                let word = ast::word(hint).unwrap_or_default();
                if !word.eq_ignore_ascii_case("shuffle") {
                    let message = format!("`hint.strategy` cannot be `{word}`");
                    cx.diagnostics.push(
                        Diagnostic::error(codes::HINT_VALUE, span, message).hint("it is shuffle"),
                    );
                }
            }
            "hint.shufflekey" => {
                let word = ast::word(hint).unwrap_or_default();
                if !keys.iter().any(|key| &**key == word) {
                    let message = format!("`{word}` is not one of the columns after `by`");
                    cx.error(codes::SHUFFLE_KEY, span, message);
                }
            }
            "hint.num_partitions" => {
                let argument = cx.argument(&mut Clause::constant(), &hint.value);
                let count = argument.expr.as_literal().and_then(Value::as_i64);
                if count.is_some_and(|count| count < 1) {
                    cx.error(codes::HINT_VALUE, span, "`hint.num_partitions` is at least 1");
                }
            }
            _ => {}
        }
    }
}

/// Binds the keys; dynamic ones are refused.
pub(super) fn keys<'a>(cx: &mut Binder<'a>, input: &Relation, by: &'a [Expr]) -> Vec<Item> {
    let mut clause = Clause::over(input);
    clause.windows = None;
    let keys = items(cx, &mut clause, by, false);
    for key in &keys {
        refuse_dynamic(cx, &key.value);
    }
    keys
}

/// Reports a key of type dynamic.
pub(super) fn refuse_dynamic(cx: &mut Binder, key: &Argument) {
    if key.expr.ty() == Type::Dynamic {
        cx.diagnostics.push(
            Diagnostic::error(
                codes::GENERIC,
                key.span,
                "rows cannot be grouped by a dynamic value",
            )
            .hint("convert it first, as in `tostring(…)`"),
        );
    }
}

/// Binds one target of the aggregates' side, which may give several columns. A constant without
/// an aggregate is allowed if `constants`.
pub(super) fn output<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    input: &Relation,
    keys: &[Item],
    expr: &'a Expr,
    constants: bool,
    outputs: &mut Vec<Output>,
) {
    let (names, value): (&[ast::Name], &'a Expr) = match expr {
        Expr::Named(named) => (&named.names, &named.value),
        other => (&[], other),
    };
    if let Expr::Call(call) = value.unparenthesised()
        && let Some(function) = several(call)
        && !matches!(cx.env.get(&call.name.text), Some(crate::binder::env::Binding::Function(_)))
    {
        let star = star_columns(cx, input, keys, call, function);
        let Some(bound) = cx.aggregate(clause, function, call, &star) else { return };
        let types = bound.returns.clone();
        let suggestions = column_names(cx, input, function, call, &star, types.len());
        let first = cx.add_aggregate(clause, bound, types[0]);
        let ScalarExpr::Column { index: first, .. } = first else { return };
        for (offset, (ty, suggested)) in types.into_iter().zip(suggestions).enumerate() {
            let target = match names.get(offset) {
                Some(name) => Target::Explicit(name.text.clone()),
                None if suggested.is_empty() => Target::Unnamed,
                None => Target::Suggested(suggested),
            };
            let expr = ScalarExpr::Column { index: first + offset, ty };
            outputs.push(Output { target, expr, span: value.span() });
        }
        return;
    }
    let target = match names.first() {
        Some(name) => Target::Explicit(name.text.clone()),
        None => match cx.suggested(value, clause.schema()) {
            Some(name) => Target::Suggested(name.into()),
            None => Target::Unnamed,
        },
    };
    let before = clause.aggregates.as_ref().map_or(0, Vec::len);
    let errors = cx.diagnostics.len();
    let bound = cx.argument(clause, value);
    let after = clause.aggregates.as_ref().map_or(0, Vec::len);
    let constant = constants && matches!(bound.expr, ScalarExpr::Literal(_));
    if before == after && !constant && cx.diagnostics.len() == errors && !bound.expr.is_pending() {
        cx.diagnostics.push(
            Diagnostic::error(
                codes::GENERIC,
                value.span(),
                "an aggregation function is expected here",
            )
            .hint("to group by this value, put it behind `by`"),
        );
    }
    outputs.push(Output { target, expr: bound.expr, span: expr.span() });
}

/// The aggregates that may give several columns.
fn several(call: &FunctionCall) -> Option<&'static AggregateFunction> {
    let many = match &*call.name.text {
        "arg_max" | "arg_min" | "argmax" | "argmin" | "percentiles" | "percentilesw" => true,
        "take_any" | "any" => {
            call.args.len() > 1 || matches!(call.args.as_slice(), [Expr::Star(_)])
        }
        _ => false,
    };
    many.then(|| functions::aggregate(&call.name.text)).flatten()
}

/// What `*` among the arguments stands for: every column but the keys and the extremum's own.
fn star_columns(
    cx: &Binder,
    input: &Relation,
    keys: &[Item],
    call: &FunctionCall,
    function: &AggregateFunction,
) -> Vec<usize> {
    let extremum = matches!(function.name, "arg_max" | "arg_min" | "argmax" | "argmin");
    let own = match call.args.first() {
        Some(Expr::Name(name)) if extremum => input.schema.index_of(&name.text),
        _ => None,
    };
    let _ = cx;
    let is_key = |index: usize| {
        keys.iter().any(
            |key| matches!(&key.value.expr, ScalarExpr::Column { index: k, .. } if *k == index),
        )
    };
    (0..input.schema.len()).filter(|&i| Some(i) != own && !is_key(i)).collect()
}

/// The names that the columns of such an aggregate suggest.
fn column_names<'a>(
    cx: &Binder<'a>,
    input: &Relation,
    function: &AggregateFunction,
    call: &'a FunctionCall,
    star: &[usize],
    count: usize,
) -> Vec<Arc<str>> {
    let schema: &RowSchema = &input.schema;
    let first = call.args.first();
    let first_name = first.and_then(|arg| cx.suggested(arg, Some(schema)));
    let mut names: Vec<Arc<str>> = vec![];
    match function.name {
        "percentiles" | "percentilesw" => {
            let argument = first_name.unwrap_or_default();
            let skip = if function.name == "percentiles" { 1 } else { 2 };
            for rank in call.args.iter().skip(skip) {
                names.push(format!("percentile_{argument}_{}", rank_text(rank)).into());
            }
        }
        "take_any" | "any" => {
            for arg in &call.args {
                match arg {
                    Expr::Star(_) => {
                        names.extend(star.iter().map(|&i| schema.columns()[i].name.clone()));
                    }
                    other => {
                        let name = cx.suggested(other, Some(schema)).unwrap_or_default();
                        let name =
                            if function.name == "any" { format!("any_{name}") } else { name };
                        names.push(name.into());
                    }
                }
            }
        }
        _ => {
            let fallback = if function.name.ends_with("max") { "max_" } else { "min_" };
            let own = cx.aggregate_name("", fallback, call, Some(schema));
            let own = match &first_name {
                Some(name) => name.clone(),
                None => own,
            };
            for (index, arg) in call.args.iter().enumerate() {
                match arg {
                    Expr::Star(_) => {
                        names.extend(star.iter().map(|&i| schema.columns()[i].name.clone()));
                    }
                    _ if index == 0 => names.push(own.as_str().into()),
                    Expr::Named(named) => names.push(named.names[0].text.clone()),
                    other => {
                        let name = cx.suggested(other, Some(schema)).unwrap_or_else(|| {
                            let argument = first_name.clone().unwrap_or_default();
                            format!("{fallback}{argument}_arg{index}")
                        });
                        names.push(name.into());
                    }
                }
            }
        }
    }
    names.resize(count, "".into());
    names
}

/// `distinct a, b` and `distinct *`.
pub(super) fn distinct<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let columns = if let [Expr::Star(span)] = list {
        let all: Vec<_> = input.targets().collect();
        for (_, expr) in &all {
            refuse_dynamic(cx, &Argument::new(expr.clone(), *span));
        }
        all
    } else {
        let mut clause = Clause::over(&input);
        clause.windows = None;
        let mut items = items(cx, &mut clause, list, true);
        for item in &mut items {
            refuse_dynamic(cx, &item.value);
            // Measured: here `gettype` suggests no name, unless inside `strlen`.
            if matches!(&item.target, Target::Suggested(name) if name.starts_with("type_")) {
                item.target = Target::Unnamed;
            }
        }
        let mut names = name_items(cx, &items, Policy::Fresh, &input.schema);
        // Measured: a lone operator, and `cot`, is `Column2`.
        if let ([Item { target: Target::Unnamed, .. }], [expr]) = (items.as_slice(), list) {
            match expr.unparenthesised() {
                Expr::Call(call) if &*call.name.text != "cot" => {}
                _ => names[0] = "Column2".into(),
            }
        }
        columns_of(names, items)
    };
    input.aggregate(columns, vec![], vec![])
}
