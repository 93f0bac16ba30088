//! The `make-series` operator: `T | make-series a = agg(x) [default=v], … on t [from a] [to b] step s
//! [by k]` and `… on t in range(a, b, s)`.
//!
//! Rows are grouped by the keys and the number of their bin, as `summarize` would, and the results
//! of one key are then gathered into arrays.

use std::sync::Arc;

use super::summarize::{self, Output};
use super::{Item, report_repeated, word_parameter};
use crate::binder::Binder;
use crate::binder::aggregates::aggregate_of;
use crate::binder::calls::Argument;
use crate::binder::expr::connect;
use crate::binder::naming::{Policy, Target, assign};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::series_axis::{Axis, length};
use crate::plan::{AggregateCall, Node, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, MakeSeries, Operator};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

/// The ends of a series as written, and the axis.
struct Bounds {
    /// The axis from `from`, or from the zero of its type.
    axis: Axis,
    from: Value,
    step: Value,
    /// The conditions that rows meet.
    conditions: Vec<ScalarExpr>,
    /// Numbers of the first bin and the last one, where they do not depend on the rows.
    first: Option<i64>,
    last: Option<i64>,
}

/// What a part that is a constant turned out to be.
enum Part {
    Missing,
    Known(Value),
    /// Waits for an answer, or was reported.
    Pending,
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    parts: &'a MakeSeries,
) -> Relation {
    let nonempty = word_parameter(cx, operator, &["kind"], &["nonempty"]).is_some();
    let keys = summarize::keys(cx, &input, &parts.by);
    let axis = axis(cx, &input, &parts.on);
    let mut clause = Clause::aggregating(&input, keys.len() + 1);
    let mut outputs: Vec<Output> = vec![];
    let mut defaults = vec![];
    for (aggregate, default) in &parts.aggregates {
        let before = outputs.len();
        // A constant stands for every bin that has rows.
        summarize::output(cx, &mut clause, &input, &keys, aggregate, true, &mut outputs);
        if outputs.len() != before + 1 {
            let message = "`make-series` takes aggregates of one column only";
            cx.error(codes::UNSUPPORTED, aggregate.span(), message);
            return cx.broken();
        }
        let output = &mut outputs[before];
        number_output(cx, output);
        defaults.push(default_value(cx, default.as_ref(), output.expr.ty()));
    }
    let targets: Vec<Target> = keys
        .iter()
        .map(|key| key.target.clone())
        .chain(outputs.iter().map(|output| output.target.clone()))
        .chain([axis.target.clone()])
        .collect();
    let (names, repeated) = assign(&targets, Policy::Grouped, input.schema.names());
    for twice in repeated {
        let span = match twice.index.checked_sub(keys.len()) {
            Some(index) => outputs.get(index).map_or(axis.span, |output| output.span),
            None => keys[twice.index].span,
        };
        report_repeated(cx, &twice.name, span);
    }
    let key_types = keys.iter().map(|key| key.value.expr.ty());
    let types = key_types.chain(vec![Type::Dynamic; outputs.len() + 1]);
    let columns: Vec<Column> =
        names.iter().zip(types).map(|(name, ty)| Column { name: name.clone(), ty }).collect();
    let bounds = bounds(cx, &axis, parts, operator.keyword);
    let calls = clause.aggregates.take().unwrap_or_default();
    let (Some(bounds), Some(defaults)) = (bounds, defaults.into_iter().collect::<Option<Vec<_>>>())
    else {
        return waiting(input, columns);
    };
    if nonempty && (bounds.first.is_none() || bounds.last.is_none()) {
        let message = "`kind=nonempty` needs both `from` and `to`";
        cx.error(codes::UNKNOWN_PARAMETER, operator.keyword, message);
        return cx.broken();
    }
    let bin = [axis.value.clone(), constant(&bounds.from), constant(&bounds.step)];
    let bin = cx.call("make-series bin", axis.span, bin.into());
    let mut conditions = bounds.conditions.clone();
    conditions.push(cx.call("isnotnull", axis.span, vec![Argument::new(bin.clone(), axis.span)]));
    let rows = input.filter(connect(conditions, true));
    if nonempty && !keys.is_empty() {
        match is_empty(cx, &rows) {
            None => return waiting(rows, columns),
            Some(true) => return defaults_alone(&bounds, &defaults, columns),
            Some(false) => {}
        }
    }
    let binned = binned(rows, keys, bin, calls, outputs, &names);
    gathered(cx, binned, &bounds, &defaults, columns, nonempty)
}

fn constant(value: &Value) -> Argument {
    Argument::new(ScalarExpr::Literal(value.clone()), Span::default())
}

/// The rows of a series that waits for an answer.
fn waiting(input: Relation, columns: Vec<Column>) -> Relation {
    let pending = |column: Column| {
        let ty = column.ty;
        (column, ScalarExpr::Pending { ty })
    };
    let waiting = input.project(columns.into_iter().map(pending).collect());
    Relation { serialized: false, ..waiting }
}

/// The axis expression, in the type that its points have.
fn axis<'a>(cx: &mut Binder<'a>, input: &Relation, on: &'a Expr) -> Item {
    let mut clause = Clause::over(input);
    clause.windows = None;
    let (target, expr) = match on {
        Expr::Named(named) => match named.names.first() {
            Some(name) => (Target::Explicit(name.text.clone()), &named.value),
            None => (Target::Unnamed, &named.value),
        },
        other => (cx.target(other, Some(&input.schema), false), other),
    };
    let mut value = cx.argument(&mut clause, expr);
    match value.expr.ty() {
        Type::Int => value.expr = cx.convert(value.expr, Type::Long, value.span),
        Type::Long | Type::Real | Type::Decimal | Type::DateTime | Type::TimeSpan => {}
        Type::Unknown => {}
        ty => {
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::EXPRESSION_TYPE,
                    value.span,
                    format!("the axis of `make-series` cannot be {ty}"),
                )
                .hint("it is a datetime, a timespan or a number"),
            );
            value.expr = ScalarExpr::Pending { ty: Type::Unknown };
        }
    }
    Item { target, value, span: on.span() }
}

/// Checks that an aggregate gives numbers; whole ones become longs.
fn number_output(cx: &mut Binder, output: &mut Output) {
    match output.expr.ty() {
        Type::Int => {
            let expr = std::mem::replace(&mut output.expr, ScalarExpr::And(vec![]));
            output.expr = cx.convert(expr, Type::Long, output.span);
        }
        Type::Long | Type::Real | Type::Decimal | Type::Unknown => {}
        ty => {
            let message = format!("`make-series` takes aggregates that give numbers, not {ty}");
            cx.error(codes::UNSUPPORTED, output.span, message);
            output.expr = ScalarExpr::Pending { ty: Type::Unknown };
        }
    }
}

/// What stands in a bin without rows; `None` while that is not known.
fn default_value<'a>(cx: &mut Binder<'a>, default: Option<&'a Expr>, ty: Type) -> Option<Value> {
    let Some(expr) = default else {
        if ty == Type::Unknown {
            return None;
        }
        return match cx.convert(ScalarExpr::Literal(Value::Long(0)), ty, Span::default()) {
            ScalarExpr::Literal(value) => Some(value),
            _ => None,
        };
    };
    let bound = cx.argument(&mut Clause::constant(), expr);
    let value = cx.constant(&bound.expr, bound.span)?;
    if ty == Type::Unknown {
        return None;
    }
    if value.is_null() {
        return Some(Value::null(ty));
    }
    if value.as_f64().is_none() {
        let message = format!("the default of a series is a number, not {}", value.ty());
        cx.error(codes::EXPRESSION_TYPE, bound.span, message);
        return None;
    }
    let converted = match cx.convert(bound.expr, ty, bound.span) {
        ScalarExpr::Literal(converted) => converted,
        _ => return None,
    };
    if converted.as_f64() != value.as_f64() && value.as_f64().is_some_and(f64::is_finite) {
        cx.diagnostics.push(
            Diagnostic::error(
                codes::UNSUPPORTED,
                bound.span,
                format!("a default of {} in a series of {ty} is not supported", value.ty()),
            )
            .hint("convert the aggregate, as in `toreal(sum(x))`"),
        );
        return None;
    }
    Some(converted)
}

/// Binds `from`, `to` and `step`, or `range`; `None` while they are not known.
fn bounds<'a>(
    cx: &mut Binder<'a>,
    axis: &Item,
    parts: &'a MakeSeries,
    keyword: Span,
) -> Option<Bounds> {
    let (from, to, step, both_ends) = match &parts.range {
        Some(Expr::Call(call)) if &*call.name.text == "range" => match call.args.as_slice() {
            [from, to, step] => (Some(from), Some(to), Some(step), true),
            _ => {
                let message = "`in range` takes a start, a stop and a step";
                cx.error(codes::ARGUMENT_COUNT, call.span, message);
                return None;
            }
        },
        Some(other) => {
            cx.error(codes::SYNTAX, other.span(), "`in` is followed by `range(…)`");
            return None;
        }
        None => (parts.from.as_ref(), parts.to.as_ref(), parts.step.as_ref(), false),
    };
    let ty = axis.value.expr.ty();
    let step_type = if ty.is_temporal() { Type::TimeSpan } else { ty };
    let step_span = step.map_or(keyword, Expr::span);
    let from_span = from.map_or(keyword, Expr::span);
    let (from, to, step) = (part(cx, from, ty), part(cx, to, ty), part(cx, step, step_type));
    if ty == Type::Unknown {
        return None;
    }
    let step = match step {
        Part::Known(step) => step,
        Part::Pending => return None,
        Part::Missing => {
            cx.error(codes::SYNTAX, keyword, "`make-series` needs a `step`");
            return None;
        }
    };
    let zero = match ty {
        Type::DateTime => Value::DateTime(0),
        Type::TimeSpan => Value::TimeSpan(0),
        Type::Real => Value::Real(0.0),
        Type::Decimal => Value::Decimal(crate::types::Decimal::from_i64(0)),
        _ => Value::Long(0),
    };
    let (from, to) = match (from, to) {
        (Part::Pending, _) | (_, Part::Pending) => return None,
        (from, to) => (known(from), known(to)),
    };
    let start = if both_ends { None } else { from.clone() }.unwrap_or(zero);
    let Some(points) = Axis::new(&start, &step) else {
        if Axis::new(&Value::null(ty), &step).is_none() && !positive(&step) {
            let message = "the step of `make-series` must be greater than zero";
            cx.error(codes::GENERIC, step_span, message);
        } else {
            cx.error(codes::GENERIC, from_span, "the start of `make-series` must be finite");
        }
        return None;
    };
    let mut conditions = vec![];
    let mut compare = |sign: &str, end: &Option<Value>| {
        if let Some(end) = end {
            let args = vec![axis.value.clone(), constant(end)];
            conditions.push(cx.call(sign, axis.span, args));
        }
    };
    compare(">=", &from);
    compare(if both_ends { "<=" } else { "<" }, &to);
    let first = from.as_ref().and_then(|from| points.bin(from));
    let last =
        to.as_ref().and_then(|to| if both_ends { points.bin(to) } else { points.last_below(to) });
    if let (Some(first), Some(last)) = (first, last)
        && let Err(error) = length(first, last)
    {
        cx.error(codes::GENERIC, keyword, error.to_string());
        return None;
    }
    Some(Bounds { axis: points, from: start, step, conditions, first, last })
}

fn known(part: Part) -> Option<Value> {
    match part {
        Part::Known(value) => Some(value),
        Part::Missing | Part::Pending => None,
    }
}

fn positive(step: &Value) -> bool {
    step.as_f64().map_or_else(|| step.as_i64().is_some_and(|step| step > 0), |step| step > 0.0)
}

/// A constant part in the type `ty`.
fn part<'a>(cx: &mut Binder<'a>, expr: Option<&'a Expr>, ty: Type) -> Part {
    let Some(expr) = expr else { return Part::Missing };
    let bound = cx.argument(&mut Clause::constant(), expr);
    let given = bound.expr.ty();
    if given == Type::Unknown || ty == Type::Unknown {
        return Part::Pending;
    }
    let widens = given == ty
        || match ty {
            Type::Long => given == Type::Int,
            Type::Real => given.is_integer(),
            Type::Decimal => given.is_integer() || given == Type::Real,
            _ => false,
        };
    if !widens {
        let message = format!("an expression of type {ty} is expected here, not {given}");
        cx.error(codes::EXPRESSION_TYPE, bound.span, message);
        return Part::Pending;
    }
    let converted = cx.convert(bound.expr, ty, bound.span);
    match cx.constant(&converted, bound.span) {
        // What runs may know another constant.
        Some(Value::Null(_)) if cx.context.analyses() => Part::Pending,
        Some(Value::Null(_)) => {
            cx.error(codes::GENERIC, bound.span, "an end of `make-series` is null");
            Part::Pending
        }
        Some(value) => Part::Known(value),
        None => Part::Pending,
    }
}

/// Whether there are no rows; `None` until the data has been asked.
fn is_empty(cx: &mut Binder, rows: &Relation) -> Option<bool> {
    let count = super::rows::count(rows.clone().limit(1), None);
    match cx.ask_scalar(count) {
        ScalarExpr::Literal(count) => Some(count.as_i64() == Some(0)),
        _ => None,
    }
}

/// One row of defaults, its keys null.
fn defaults_alone(bounds: &Bounds, defaults: &[Value], columns: Vec<Column>) -> Relation {
    let width = columns.len() - defaults.len() - 1;
    let schema = RowSchema::new(columns);
    let (first, last) = (bounds.first.unwrap_or(0), bounds.last.unwrap_or(-1));
    let length = length(first, last).unwrap_or(0);
    let mut row: Vec<Value> =
        schema.columns()[..width].iter().map(|column| Value::null(column.ty)).collect();
    for default in defaults {
        let element =
            if default.is_null() { "null".to_string() } else { default.to_dynamic().to_json() };
        row.push(Value::Dynamic(format!("[{}]", vec![element; length].join(",")).into()));
    }
    let mut points = String::from("[");
    for number in first..=last {
        if number > first {
            points.push(',');
        }
        bounds.axis.write(number, &mut points);
    }
    points.push(']');
    row.push(Value::Dynamic(points.into()));
    Relation::new(Node::Values { rows: vec![row] }, schema)
}

/// Rows grouped by the keys and their bin. Columns: the keys, the bin, the values.
fn binned(
    rows: Relation,
    keys: Vec<Item>,
    bin: ScalarExpr,
    calls: Vec<AggregateCall>,
    outputs: Vec<Output>,
    names: &[Arc<str>],
) -> Relation {
    let mut group: Vec<(Column, ScalarExpr)> = keys
        .into_iter()
        .zip(names)
        .map(|(key, name)| {
            let expr = key.value.expr;
            (Column { name: name.clone(), ty: expr.ty() }, expr)
        })
        .collect();
    group.push((Column::new("$bin", Type::Long), bin));
    let width = group.len();
    let inner: usize = calls.iter().map(|call| call.returns.len()).sum();
    let inner_names = (0..inner).map(|i| Arc::from(format!("$agg{i}"))).collect();
    let grouped = rows.aggregate(group, calls, inner_names);
    let mut columns: Vec<_> =
        (0..width).map(|i| (grouped.schema.columns()[i].clone(), grouped.column(i))).collect();
    for (index, output) in outputs.into_iter().enumerate() {
        columns.push((Column::new(format!("$value{index}"), output.expr.ty()), output.expr));
    }
    grouped.project(columns)
}

/// The values of each key as arrays. `binned` has the keys, the bin and the values.
fn gathered(
    cx: &mut Binder,
    binned: Relation,
    bounds: &Bounds,
    defaults: &[Value],
    columns: Vec<Column>,
    nonempty: bool,
) -> Relation {
    let width = columns.len() - defaults.len() - 1;
    let bin = binned.column(width);
    let end = |number: Option<i64>| {
        ScalarExpr::Literal(number.map_or(Value::null(Type::Long), Value::Long))
    };
    let mut calls = vec![];
    for (index, default) in defaults.iter().enumerate() {
        let value = binned.column(width + 1 + index);
        let default = ScalarExpr::Literal(default.clone());
        let args = vec![bin.clone(), value, default, end(bounds.first), end(bounds.last)];
        calls.extend(aggregate_of("make-series values", args));
    }
    let span = Span::default();
    for extremum in ["min", "max"] {
        calls.extend(aggregate_of(extremum, vec![bin.clone()]));
    }
    let keys: Vec<_> =
        (0..width).map(|i| (binned.schema.columns()[i].clone(), binned.column(i))).collect();
    let names = (0..calls.len()).map(|i| Arc::from(format!("$series{i}"))).collect();
    let mut grouped = binned.aggregate(keys, calls, names);
    let (least, greatest) = (width + defaults.len(), width + defaults.len() + 1);
    if width == 0 && !nonempty {
        let some = Argument::new(grouped.column(least), span);
        let some = cx.call("isnotnull", span, vec![some]);
        grouped = grouped.filter(some);
    }
    let number = |known: Option<i64>, column: usize| {
        let expr = known.map_or(grouped.column(column), |n| ScalarExpr::Literal(Value::Long(n)));
        Argument::new(expr, span)
    };
    let points = vec![
        number(bounds.first, least),
        number(bounds.last, greatest),
        constant(&bounds.from),
        constant(&bounds.step),
    ];
    let points = cx.call("make-series axis", span, points);
    let mut exprs: Vec<ScalarExpr> = (0..least).map(|i| grouped.column(i)).collect();
    exprs.push(points);
    grouped.project(columns.into_iter().zip(exprs).collect())
}
