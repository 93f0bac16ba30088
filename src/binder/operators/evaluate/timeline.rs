//! What the plugins over a timeline share: their arguments, the events that they look at, and the
//! node around their table function.

use std::sync::Arc;

use super::arguments::Arguments;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::expr::connect;
use crate::binder::naming::numbered;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::{TableFunction, axis};
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::Expr;
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

/// A timeline column of the input.
#[derive(Clone)]
pub(super) struct Timeline {
    pub index: usize,
    pub column: Column,
}

impl Timeline {
    /// The next argument as the timeline.
    pub fn read<'a>(
        cx: &mut Binder<'a>,
        args: &mut Arguments<'a>,
        input: &Relation,
    ) -> Option<Self> {
        let index = args.timeline(cx, input, "TimelineColumn")?;
        Some(Self { index, column: input.schema.columns()[index].clone() })
    }

    /// The type that the table functions see: decimals count as reals.
    pub fn kernel_type(&self) -> Type {
        if self.column.ty == Type::Decimal { Type::Real } else { self.column.ty }
    }

    /// The type of distances.
    pub fn distance_type(&self) -> Type {
        match self.kernel_type() {
            Type::DateTime => Type::TimeSpan,
            other => other,
        }
    }

    /// The next argument as a place on the timeline.
    pub fn place<'a>(
        &self,
        cx: &mut Binder<'a>,
        args: &mut Arguments<'a>,
        what: &str,
    ) -> Option<Value> {
        args.constant_of(cx, self.kernel_type(), what).map(|(value, _)| value)
    }

    /// The next argument as a distance on the timeline.
    pub fn distance<'a>(
        &self,
        cx: &mut Binder<'a>,
        args: &mut Arguments<'a>,
        what: &str,
    ) -> Option<Value> {
        let arg = args.required(cx, what)?;
        self.distance_of(cx, args, arg)
    }

    fn distance_of<'a>(
        &self,
        cx: &mut Binder<'a>,
        args: &Arguments<'a>,
        arg: &'a Expr,
    ) -> Option<Value> {
        let (value, span) = args.constant_as(cx, arg, self.distance_type())?;
        self.positive(cx, args, value, span)
    }

    fn positive(
        &self,
        cx: &mut Binder,
        args: &Arguments,
        value: Value,
        span: Span,
    ) -> Option<Value> {
        let sign = match &value {
            Value::Real(value) => *value > 0.0,
            other => other.as_i64().is_some_and(|value| value > 0),
        };
        if sign {
            return Some(value);
        }
        let message = format!("`{}` takes a positive distance here", args.plugin);
        cx.error(codes::GENERIC, span, message);
        None
    }

    /// The next argument as a step: a distance, or `week`, `month`, `year` along datetimes.
    pub fn step<'a>(
        &self,
        cx: &mut Binder<'a>,
        args: &mut Arguments<'a>,
        what: &str,
    ) -> Option<Value> {
        let arg = args.required(cx, what)?;
        let (value, span) = super::arguments::constant(cx, arg)?;
        let Value::String(name) = &value else { return self.distance_of(cx, args, arg) };
        if self.column.ty == Type::DateTime && axis::period(name).is_some() {
            return Some(value);
        }
        let message = format!("`{name}` is no step of a timeline of type {}", self.column.ty);
        cx.diagnostics.push(
            Diagnostic::error(codes::ARGUMENT_TYPE, span, message)
                .hint("a step is a distance, or along datetimes week, month or year"),
        );
        None
    }
}

/// The rows of `input` whose place on the timeline lies in `from ..= to` (or is only known), as the
/// timeline and then `columns`.
pub(super) fn events(
    cx: &mut Binder,
    input: Relation,
    span: Span,
    timeline: &Timeline,
    (from, to): (Option<Value>, Option<Value>),
    columns: &[usize],
) -> Relation {
    let time = cx.convert(input.column(timeline.index), timeline.kernel_type(), span);
    let schema = input.schema.clone();
    let mut kept = vec![(Column::new("$time", timeline.kernel_type()), time)];
    for (nth, column) in columns.iter().enumerate() {
        let ty = schema.columns()[*column].ty;
        kept.push((Column::new(format!("${nth}"), ty), input.column(*column)));
    }
    let events = input.project(kept);
    let time = || Argument::new(events.column(0), span);
    let mut conditions = vec![cx.call("isnotnull", span, vec![time()])];
    for (sign, bound) in [(">=", from), ("<=", to)] {
        if let Some(bound) = bound {
            let bound = Argument::new(ScalarExpr::Literal(bound), span);
            conditions.push(cx.call(sign, span, vec![time(), bound]));
        }
    }
    events.filter(connect(conditions, true))
}

/// `start` moved back by `distance`; `None` if that is out of range.
pub(super) fn before(
    cx: &mut Binder,
    span: Span,
    start: &Value,
    distance: &Value,
) -> Option<Value> {
    let args = [start, distance].map(|v| Argument::new(ScalarExpr::Literal(v.clone()), span));
    let moved = cx.call("-", span, args.into());
    moved.as_literal().filter(|value| !value.is_null()).cloned()
}

/// A call of a table function that gives `columns`, whose names are made unique; what it gives as
/// real for a decimal column becomes decimal.
pub(super) fn call(
    cx: &mut Binder,
    function: &'static TableFunction,
    inputs: Vec<Relation>,
    constants: Vec<Value>,
    columns: Vec<Column>,
    span: Span,
) -> Relation {
    let columns = unique(columns);
    let given = columns.iter().map(|column| Column {
        name: column.name.clone(),
        ty: if column.ty == Type::Decimal { Type::Real } else { column.ty },
    });
    let schema: RowSchema = given.collect();
    let node = Node::TableFunction { inputs, function, constants };
    let table = Relation::new(node, schema);
    if columns.iter().all(|column| column.ty != Type::Decimal) {
        return table;
    }
    let converted = columns.into_iter().enumerate().map(|(index, column)| {
        let value = cx.convert(table.column(index), column.ty, span);
        (column, value)
    });
    let converted = converted.collect();
    table.project(converted)
}

/// The columns, later ones numbered where a name is there already.
pub(super) fn unique(columns: Vec<Column>) -> Vec<Column> {
    let mut names: Vec<Arc<str>> = vec![];
    for column in &columns {
        let taken = |name: &str| names.iter().any(|known| **known == *name);
        let name = match taken(&column.name) {
            true => numbered(&column.name, taken),
            false => column.name.clone(),
        };
        names.push(name);
    }
    names.into_iter().zip(columns).map(|(name, column)| Column { name, ty: column.ty }).collect()
}
