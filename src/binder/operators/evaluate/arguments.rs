//! The arguments of a plugin, read one after the other.

use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall, Name};
use crate::text::Span;
use crate::types::{Type, Value};

/// What is left of a call's arguments. Every method that gives `None` has left a diagnostic, or waits
/// for an answer of the data.
pub(super) struct Arguments<'a> {
    pub plugin: &'a str,
    pub span: Span,
    given: Vec<&'a Expr>,
    named: Vec<(&'a Name, &'a Expr)>,
    next: usize,
}

impl<'a> Arguments<'a> {
    /// The arguments of `call`; those given by name must have one of `names`.
    pub fn new(cx: &mut Binder<'a>, call: &'a FunctionCall, names: &[&str]) -> Option<Self> {
        let mut given = vec![];
        let mut named = vec![];
        for arg in &call.args {
            match arg {
                Expr::Named(pair) if !pair.tuple => {
                    let name = &pair.names[0];
                    if !names.contains(&&*name.text) {
                        let message =
                            format!("`{}` has no parameter `{}`", call.name.text, name.text);
                        cx.diagnostics.push(
                            Diagnostic::error(codes::UNKNOWN_NAME, name.span, message).suggest(
                                "parameter",
                                &name.text,
                                names.iter().copied(),
                            ),
                        );
                        return None;
                    }
                    named.push((name, &pair.value));
                }
                other => given.push(other),
            }
        }
        Some(Self { plugin: &call.name.text, span: call.span, given, named, next: 0 })
    }

    /// The arguments of `call` with every name left on.
    pub fn with_names(call: &'a FunctionCall) -> Self {
        let given = call.args.iter().collect();
        Self { plugin: &call.name.text, span: call.span, given, named: vec![], next: 0 }
    }

    /// The next argument, without taking it.
    pub fn peek(&self) -> Option<&'a Expr> {
        self.given.get(self.next).copied()
    }

    /// The next argument.
    pub fn next(&mut self) -> Option<&'a Expr> {
        let next = self.peek()?;
        self.next += 1;
        Some(next)
    }

    /// The arguments that are left.
    pub fn rest(&self) -> &[&'a Expr] {
        &self.given[self.next..]
    }

    /// How many arguments are left.
    pub fn left(&self) -> usize {
        self.given.len() - self.next
    }

    /// The argument given by the name.
    pub fn by_name(&mut self, name: &str) -> Option<&'a Expr> {
        let index = self.named.iter().position(|(given, _)| &*given.text == name)?;
        Some(self.named.remove(index).1)
    }

    /// The next argument, which must be there.
    pub fn required(&mut self, cx: &mut Binder<'a>, what: &str) -> Option<&'a Expr> {
        let next = self.next();
        if next.is_none() {
            let message = format!("`{}` misses its argument `{what}`", self.plugin);
            cx.error(codes::ARGUMENT_COUNT, self.span, message);
        }
        next
    }

    /// A column of `input`, by position.
    pub fn column(&mut self, cx: &mut Binder<'a>, input: &Relation, what: &str) -> Option<usize> {
        let arg = self.required(cx, what)?;
        column(cx, input, arg)
    }

    /// All further arguments as columns of `input`, none of them dynamic.
    pub fn columns(&mut self, cx: &mut Binder<'a>, input: &Relation) -> Option<Vec<usize>> {
        let mut columns = vec![];
        while let Some(arg) = self.next() {
            let column = column(cx, input, arg)?;
            self.ordinary(cx, input, column, arg.span())?;
            columns.push(column);
        }
        Some(columns)
    }

    /// A column that is not dynamic.
    pub fn ordinary_column(
        &mut self,
        cx: &mut Binder<'a>,
        input: &Relation,
        what: &str,
    ) -> Option<usize> {
        let arg = self.required(cx, what)?;
        let column = column(cx, input, arg)?;
        self.ordinary(cx, input, column, arg.span())?;
        Some(column)
    }

    fn ordinary(
        &self,
        cx: &mut Binder<'a>,
        input: &Relation,
        column: usize,
        span: Span,
    ) -> Option<()> {
        let column = &input.schema.columns()[column];
        if column.ty != Type::Dynamic {
            return Some(());
        }
        let message = format!("`{}` does not take a dynamic column here", self.plugin);
        cx.diagnostics.push(
            Diagnostic::error(codes::ARGUMENT_TYPE, span, message)
                .hint("convert it before `evaluate`, as in `tostring(…)`"),
        );
        None
    }

    /// A column along which values have a distance: numbers, datetimes, timespans.
    pub fn timeline(&mut self, cx: &mut Binder<'a>, input: &Relation, what: &str) -> Option<usize> {
        let arg = self.required(cx, what)?;
        let column = column(cx, input, arg)?;
        let ty = input.schema.columns()[column].ty;
        if ty.is_numeric() || ty.is_temporal() {
            return Some(column);
        }
        let message = format!("`{}` takes a timeline of numbers or times, not {ty}", self.plugin);
        cx.error(codes::ARGUMENT_TYPE, arg.span(), message);
        None
    }

    /// A column whose type is `ty`.
    pub fn column_of(
        &mut self,
        cx: &mut Binder<'a>,
        input: &Relation,
        ty: Type,
        what: &str,
    ) -> Option<usize> {
        let arg = self.required(cx, what)?;
        let column = column(cx, input, arg)?;
        let given = input.schema.columns()[column].ty;
        if given == ty {
            return Some(column);
        }
        let message = format!("`{}` takes a column of type {ty} here, not {given}", self.plugin);
        cx.error(codes::ARGUMENT_TYPE, arg.span(), message);
        None
    }

    /// A constant.
    pub fn constant(&mut self, cx: &mut Binder<'a>, what: &str) -> Option<(Value, Span)> {
        let arg = self.required(cx, what)?;
        constant(cx, arg)
    }

    /// A constant of type `ty`; numbers convert into each other.
    pub fn constant_of(
        &mut self,
        cx: &mut Binder<'a>,
        ty: Type,
        what: &str,
    ) -> Option<(Value, Span)> {
        let arg = self.required(cx, what)?;
        self.constant_as(cx, arg, ty)
    }

    /// `arg` as a constant of type `ty`; numbers convert into each other.
    pub fn constant_as(
        &self,
        cx: &mut Binder<'a>,
        arg: &'a Expr,
        ty: Type,
    ) -> Option<(Value, Span)> {
        let (value, span) = constant(cx, arg)?;
        let given = value.ty();
        if given == ty && !value.is_null() {
            return Some((value, span));
        }
        let converts = given.is_numeric() && ty.is_numeric() && !value.is_null();
        let value = if converts { value.cast(ty) } else { Value::Null(ty) };
        if value.is_null() {
            let what = if given == ty { "null".to_string() } else { given.to_string() };
            let message =
                format!("`{}` takes a constant of type {ty} here, not {what}", self.plugin);
            cx.error(codes::ARGUMENT_TYPE, span, message);
            return None;
        }
        Some((value, span))
    }

    /// Reports arguments that are too many.
    pub fn end(&self, cx: &mut Binder<'a>) -> Option<()> {
        match self.peek() {
            None => Some(()),
            Some(arg) => {
                let message = format!("`{}` takes no argument here", self.plugin);
                cx.error(codes::ARGUMENT_COUNT, arg.span(), message);
                None
            }
        }
    }
}

/// `arg` as a column of `input`.
pub(super) fn column<'a>(cx: &mut Binder<'a>, input: &Relation, arg: &'a Expr) -> Option<usize> {
    let mut clause = Clause::over(input);
    clause.windows = None;
    match cx.argument(&mut clause, arg).expr {
        ScalarExpr::Column { index, .. } => Some(index),
        ScalarExpr::Pending { .. } => None,
        _ => {
            cx.error(codes::COLUMN_EXPECTED, arg.span(), "a column is expected");
            None
        }
    }
}

/// `arg` as a constant.
pub(super) fn constant<'a>(cx: &mut Binder<'a>, arg: &'a Expr) -> Option<(Value, Span)> {
    let Argument { expr, span } = cx.argument(&mut Clause::constant(), arg);
    Some((cx.constant(&expr, span)?, span))
}
