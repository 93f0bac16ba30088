//! The `scan` operator: `T | scan [with_match_id=m] [declare (c: t = d, …)] with (step s: condition
//! => c = e, …; …)`.

use std::sync::Arc;

use super::{parameter, report_repeated, rows};
use crate::binder::Binder;
use crate::binder::env::{Binding, ScalarBinding};
use crate::binder::lift::{ascending, windows};
use crate::binder::scope::{Clause, StepRow};
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::{Eval, WindowFunction};
use crate::plan::{Node, Relation, ScalarExpr, ScanOutput, ScanRule, StepScan, WindowCall};
use crate::syntax::ast::{self, Expr, Operator, ParameterType};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    scan: &'a ast::Scan,
) -> Relation {
    if let Some(kind) = parameter(operator, &["kind"]) {
        cx.error(codes::UNSUPPORTED, kind.name.span, "`kind` of `scan` is not supported yet");
    }
    let input = match scan.order_by.is_empty() {
        true => input,
        false => rows::sort(cx, input, &scan.order_by),
    };
    if !input.serialized && !cx.quiet {
        let message = "`scan` needs rows in a defined order";
        cx.diagnostics.push(
            Diagnostic::error(codes::NOT_SERIALIZED, operator.keyword, message)
                .hint("put `sort by …` or `serialize` before it"),
        );
        return cx.broken();
    }
    if scan.steps.is_empty() {
        cx.error(codes::SYNTAX, operator.keyword, "`scan` needs a step");
        return cx.broken();
    }
    let (input, own, restart) = partitioned(cx, input, &scan.partition_by, operator.keyword);
    let outer = cx.env.clone();
    let relation = steps(cx, input, own, restart, operator, scan);
    cx.env = outer;
    relation
}

fn steps<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    own: usize,
    restart: Option<ScalarExpr>,
    operator: &'a Operator,
    scan: &'a ast::Scan,
) -> Relation {
    let visible: RowSchema = input.schema.columns()[..own].iter().cloned().collect();
    let (declared, defaults) = declared(cx, &visible, &scan.declare);
    let mut columns = input.schema.columns().to_vec();
    columns.extend(declared.iter().cloned());
    let state = RowSchema::new(columns.clone());
    for (column, default) in declared.iter().zip(&defaults) {
        let expr = ScalarExpr::Literal(default.clone());
        let value = ScalarBinding { expr, level: cx.level };
        cx.env = cx.env.with(column.name.clone(), Binding::Scalar(value));
    }
    let width = input.schema.len();
    let mut names: Vec<StepRow> = vec![];
    for (index, step) in scan.steps.iter().enumerate() {
        if names.iter().any(|other| other.name == step.name.text) {
            let message = format!("step `{}` is there already", step.name.text);
            cx.error(codes::DUPLICATE_COLUMN, step.name.span, message);
        }
        if step.optional {
            let message = "an optional step is not supported yet";
            cx.error(codes::UNSUPPORTED, step.name.span, message);
        }
        let first = width + index * state.len();
        names.push(StepRow { name: step.name.text.clone(), schema: state.clone(), first });
    }
    let mut clause = Clause { windows: None, steps: names, ..Clause::over(&input) };
    let mut rules = vec![];
    for step in &scan.steps {
        let condition = cx.argument(&mut clause, &step.condition);
        let span = condition.span;
        let condition = cx.condition(condition);
        check_calls(cx, &condition, width, span);
        let mut assignments = vec![];
        for expr in &step.assignments {
            assignments.extend(assignment(cx, &mut clause, &declared, expr, width));
        }
        let output = match step.output.as_ref().map(|output| (&*output.text, output.span)) {
            None | Some(("all", _)) => ScanOutput::All,
            Some(("last", _)) => ScanOutput::Last,
            Some(("none", _)) => ScanOutput::None,
            Some((other, span)) => {
                let message = format!("`output` cannot be `{other}`");
                cx.diagnostics.push(
                    Diagnostic::error(codes::SYNTAX, span, message)
                        .hint("it is one of all, last, none"),
                );
                ScanOutput::All
            }
        };
        rules.push(ScanRule { condition, assignments, output });
    }
    let match_id = parameter(operator, &["with_match_id"]);
    if let Some(parameter) = match_id {
        let name: Arc<str> = ast::word(parameter).unwrap_or_default().into();
        if columns.iter().any(|column| column.name == name) {
            report_repeated(cx, &name, parameter.value.span());
        }
        columns.push(Column { name, ty: Type::Long });
    }
    let node = Node::Steps(StepScan {
        input,
        steps: rules,
        declared: defaults,
        match_id: match_id.is_some(),
        restart,
        through: None,
    });
    let given: Vec<usize> = (0..own).chain(width..columns.len()).collect();
    let rows = Relation { serialized: true, ..Relation::new(node, RowSchema::new(columns)) };
    if own == width { rows } else { rows.select(&given) }
}

/// The declared columns and their default values.
fn declared<'a>(
    cx: &mut Binder<'a>,
    input: &RowSchema,
    list: &'a [ast::FunctionParameter],
) -> (Vec<Column>, Vec<Value>) {
    let (mut columns, mut defaults): (Vec<Column>, Vec<Value>) = (vec![], vec![]);
    for parameter in list {
        let ParameterType::Scalar(ty) = &parameter.ty else {
            cx.error(codes::SYNTAX, parameter.name.span, "a declared column is a scalar");
            continue;
        };
        let ty = cx.type_named(ty);
        let name = parameter.name.text.clone();
        if input.index_of(&name).is_some() || columns.iter().any(|column| column.name == name) {
            report_repeated(cx, &name, parameter.name.span);
            continue;
        }
        let default = match &parameter.default {
            Some(expr) => {
                let arg = cx.argument(&mut Clause::constant(), expr);
                let value = converted(cx, arg.expr, ty, arg.span);
                cx.constant(&value, arg.span).unwrap_or(Value::null(ty))
            }
            None => Value::null(ty),
        };
        columns.push(Column { name, ty });
        defaults.push(default);
    }
    (columns, defaults)
}

/// `column = value` behind the arrow of a step.
fn assignment<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    declared: &[Column],
    expr: &'a Expr,
    width: usize,
) -> Option<(usize, ScalarExpr)> {
    let Expr::Named(named) = expr else {
        cx.error(codes::SYNTAX, expr.span(), "an assignment is expected, as in `column = value`");
        return None;
    };
    let value = cx.argument(clause, &named.value);
    let name = named.names.first()?;
    let Some(index) = declared.iter().position(|column| column.name == name.text) else {
        let message = format!("`{}` is no declared column", name.text);
        let names = declared.iter().map(|column| &*column.name);
        cx.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_NAME, name.span, message)
                .suggest("column", &name.text, names),
        );
        return None;
    };
    let expr = converted(cx, value.expr, declared[index].ty, value.span);
    check_calls(cx, &expr, width, value.span);
    Some((index, expr))
}

/// A value as one of a declared column's type, to which it must belong but for its width.
fn converted(cx: &mut Binder, expr: ScalarExpr, ty: Type, span: Span) -> ScalarExpr {
    let from = expr.ty();
    let null = expr.as_literal().is_some_and(Value::is_null);
    let fits = from == ty || null || (from.is_numeric() && ty.is_numeric());
    if !fits && ![from, ty].contains(&Type::Unknown) {
        let message = format!("a column of type {ty} cannot become a value of type {from}");
        cx.error(codes::EXPRESSION_TYPE, span, message);
    }
    cx.convert(expr, ty, span)
}

/// Refuses functions that cannot run row by row where they read the state.
fn check_calls(cx: &mut Binder, expr: &ScalarExpr, width: usize, span: Span) {
    let mut refused = None;
    expr.visit(&mut |e| {
        if let ScalarExpr::Call(call) = e
            && reads_state(e, width)
            && !matches!(call.function.overloads[call.overload].eval, Eval::Kernel(_))
        {
            refused = Some(call.function.name);
        }
    });
    if let Some(name) = refused {
        let message = format!("`{name}` of what a step remembers is not supported yet");
        cx.error(codes::UNSUPPORTED, span, message);
    }
}

fn reads_state(expr: &ScalarExpr, width: usize) -> bool {
    let mut reads = false;
    expr.visit(&mut |e| {
        reads |= matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
    });
    reads
}

/// The rows by partition, in their order inside; how many columns they had; and where a partition
/// begins.
fn partitioned<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    by: &'a [Expr],
    span: Span,
) -> (Relation, usize, Option<ScalarExpr>) {
    let own = input.schema.len();
    if by.is_empty() {
        return (input, own, None);
    }
    let mut clause = Clause { windows: None, ..Clause::over(&input) };
    let keys: Vec<_> = by
        .iter()
        .map(|key| {
            let key = cx.argument(&mut clause, key);
            super::summarize::refuse_dynamic(cx, &key);
            key.expr
        })
        .collect();
    let function = WindowFunction::RowNumber;
    let rows = windows(input, vec![WindowCall { function, args: vec![], ty: Type::Long }]);
    let order = keys.iter().cloned().chain([rows.column(own)]).map(ascending);
    let order = order.collect();
    let rows = rows.sort(order);
    // A rank is the same as long as its value is.
    let rank = |key: &ScalarExpr| WindowCall {
        function: WindowFunction::RowRankDense,
        args: vec![key.clone()],
        ty: Type::Long,
    };
    let rows = windows(rows, keys.iter().map(rank).collect());
    let before = (0..keys.len()).map(|index| WindowCall {
        function: WindowFunction::Prev,
        args: vec![rows.column(own + 1 + index)],
        ty: Type::Long,
    });
    let before = before.collect();
    let ranked = own + 1 + keys.len();
    let rows = windows(rows, before);
    let changed = (0..keys.len()).map(|index| {
        let pair = [rows.column(own + 1 + index), rows.column(ranked + index)];
        let pair = pair.map(|e| crate::binder::calls::Argument::new(e, span));
        cx.call("!=", span, pair.into())
    });
    let mut changed: Vec<_> = changed.collect();
    let restart = if changed.len() == 1 { changed.remove(0) } else { ScalarExpr::Or(changed) };
    (rows, own, Some(restart))
}
