//! Operators that begin a query with rows of their own: `datatable`, `range`.

use std::sync::Arc;

use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::binder::tables::declared;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation};
use crate::syntax::ast::{self, Expr, Literal, Operator};
use crate::types::coerce::coerce_literal;
use crate::types::{Column, RowSchema, Type, Value};

/// `datatable (columns) [values]`
pub(super) fn datatable<'a>(
    cx: &mut Binder<'a>,
    operator: &Operator,
    columns: &'a [ast::ColumnDeclaration],
    values: &'a [Expr],
) -> Relation {
    let columns = declared(cx, columns);
    if columns.is_empty() {
        cx.error(codes::SYNTAX, operator.keyword, "a `datatable` needs at least one column");
        return cx.broken();
    }
    if !values.len().is_multiple_of(columns.len()) {
        let span = values.last().map(Expr::span).unwrap_or_default();
        let message =
            format!("{} values do not fill rows of {} columns", values.len(), columns.len());
        cx.error(codes::DATATABLE_VALUES, span, message);
        return Relation::new(Node::Values { rows: vec![] }, RowSchema::new(columns));
    }
    let rows = values
        .chunks(columns.len())
        .map(|row| {
            row.iter().zip(&columns).map(|(expr, column)| cell(cx, expr, column.ty)).collect()
        })
        .collect();
    Relation::new(Node::Values { rows }, RowSchema::new(columns))
}

/// A cell, which reads as a value of its column's type where that is obvious.
fn cell<'a>(cx: &mut Binder<'a>, expr: &'a Expr, ty: Type) -> Value {
    // The smallest long is a cell, although its digits alone are no long.
    if let Expr::Unary(unary) = expr
        && unary.negative
        && let Expr::Literal(Literal { value: None, span }) = &unary.operand
        && cx.source.slice(*span) == "9223372036854775808"
    {
        return Value::Long(i64::MIN);
    }
    let arg = cx.argument(&mut Clause::constant(), expr);
    let Some(value) = cx.constant(&arg.expr, arg.span) else { return Value::null(ty) };
    if value.is_null() {
        return Value::null(ty);
    }
    let value = match value {
        // The sum turns -0.0 into 0.0.
        Value::Real(value) => Value::Real(value + 0.0),
        other => other,
    };
    if value.ty() == ty || ty == Type::Unknown {
        return value;
    }
    match coerced(&value, ty) {
        Some(value) => value,
        None => {
            let message =
                format!("a value of type {} does not fit a column of type {ty}", value.ty());
            cx.error(codes::DATATABLE_VALUES, arg.span, message);
            Value::null(ty)
        }
    }
}

/// The constant as a value of another type, where it reads as one.
pub(in crate::binder) fn coerced(value: &Value, ty: Type) -> Option<Value> {
    if value.ty().is_numeric() && ty.is_numeric() {
        return Some(value.cast(ty));
    }
    if ty == Type::Dynamic {
        return match value.to_dynamic() {
            crate::types::dynamic::Dynamic::Null => Some(Value::Null(Type::Dynamic)),
            dynamic => Some(Value::Dynamic(dynamic.to_json().into())),
        };
    }
    coerce_literal(value, ty).or_else(|| {
        let cast = value.cast(ty);
        (!cast.is_null() && ty != Type::String).then_some(cast)
    })
}

/// `range column from a to b step c`
pub(super) fn range<'a>(
    cx: &mut Binder<'a>,
    column: &'a ast::Name,
    from: &'a Expr,
    to: &'a Expr,
    step: Option<&'a Expr>,
) -> Relation {
    let from = cx.argument(&mut Clause::constant(), from);
    let to = cx.argument(&mut Clause::constant(), to);
    let step = match step {
        Some(step) => cx.argument(&mut Clause::constant(), step),
        None => {
            let one = if from.expr.ty() == Type::DateTime {
                Value::TimeSpan(crate::types::datetime::TICKS_PER_HOUR)
            } else {
                Value::Long(1)
            };
            Argument::new(crate::plan::ScalarExpr::Literal(one), to.span)
        }
    };
    let types = [from.expr.ty(), to.expr.ty(), step.expr.ty()];
    let ty = match types {
        [Type::DateTime, Type::DateTime, Type::TimeSpan] => Type::DateTime,
        [Type::TimeSpan, Type::TimeSpan, Type::TimeSpan] => Type::TimeSpan,
        [a, b, c] if a.is_numeric() && b.is_numeric() && c.is_numeric() => {
            let widest = a.max(b).max(c);
            if widest == Type::Int { Type::Long } else { widest }
        }
        _ if types.contains(&Type::Unknown) => Type::Unknown,
        [a, b, c] => {
            let span = from.span.to(step.span);
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::EXPRESSION_TYPE,
                    span,
                    format!("`range` does not run from {a} to {b} by {c}"),
                )
                .hint("numbers run by a number, datetimes and timespans by a timespan"),
            );
            Type::Unknown
        }
    };
    let schema = RowSchema::new([Column { name: Arc::clone(&column.text), ty }]);
    let step_ty = if ty == Type::DateTime { Type::TimeSpan } else { ty };
    let values = [(from, ty), (to, ty), (step, step_ty)].map(|(arg, wanted)| {
        let expr = cx.convert(arg.expr, wanted, arg.span);
        cx.constant(&expr, arg.span)
    });
    let node = match values {
        [Some(from), Some(to), Some(step)] if ty != Type::Unknown => Node::Range { from, to, step },
        _ => {
            cx.quiet = true;
            Node::Values { rows: vec![] }
        }
    };
    Relation { serialized: true, ..Relation::new(node, schema) }
}
