//! Function calls: built-in functions, aggregates, row functions, and functions defined by `let`.

use std::rc::Rc;

use super::Binder;
use super::analysis;
use super::calls::{Argument, unknown};
use super::env::{Binding, ScalarBinding, UserFunction};
use super::operators::sources::coerced;
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::{Eval, Family, WindowFunction};
use crate::functions::resolve::{resolve, result_type};
use crate::functions::{self, ScalarFunction};
use crate::plan::{Node, Relation, ScalarExpr, WindowCall};
use crate::syntax::ast::{self, Expr, FunctionCall};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

impl<'a> Binder<'a> {
    /// Binds a call in a scalar expression.
    pub(super) fn function_call(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        if let Some(function) = self.user_function(&call.name.text) {
            return self.scalar_user_call(clause, &function, &call.args, call.span);
        }
        if let Some(value) = self.graph_call(clause, call) {
            return value;
        }
        let name = &*call.name.text;
        match name {
            "toscalar" => return self.toscalar(clause, call),
            "now" | "ago" | "ingestion_time" => return self.clock(clause, call),
            "column_ifexists" | "columnifexists" => return self.column_ifexists(clause, call),
            "iscolumnexists" => return self.is_column(clause, call),
            "column_names_of" => return self.column_names_of(clause, call),
            "bin_auto" => return self.bin_auto(clause, call),
            "pack_all" => return self.pack_all(clause, call),
            "bag_pack_columns" => return self.bag_pack_columns(clause, call),
            "current_database" | "current_cluster_endpoint" if call.args.is_empty() => {
                let database = self.schemas.current_database().to_string();
                return ScalarExpr::Literal(Value::String(database.into()));
            }
            "extract" | "extractjson" | "extract_json" | "percentile_tdigest"
                if self.has_type_argument(call) =>
            {
                return self.typed_extract(clause, call);
            }
            "datetime_diff" => return self.datetime_diff(clause, call),
            "pack_array" | "estimate_data_size"
                if matches!(call.args.as_slice(), [Expr::Star(_)]) =>
            {
                return self.call_of_all(clause, call);
            }
            _ => {}
        }
        if let Some(function) = functions::aggregate(name)
            && functions::scalar(name).is_none_or(|_| clause.aggregates.is_some())
        {
            return self.aggregate_call(clause, function, call);
        }
        if let Some(tuple) = functions::tuples::tuple(name) {
            return self.first_of_tuple(clause, tuple, call);
        }
        match functions::scalar(name).filter(|f| is_callable(f)) {
            Some(function) => self.scalar_call(clause, function, call),
            None => self.unknown_function(call),
        }
    }

    fn scalar_call(
        &mut self,
        clause: &mut Clause,
        function: &'static ScalarFunction,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let args: Vec<Argument> =
            call.args.iter().map(|arg| self.argument(clause, unnamed(arg))).collect();
        let window = function.overloads.iter().find_map(|overload| match overload.eval {
            Eval::Window(window) => Some(window),
            _ => None,
        });
        if let Some(window) = window {
            return self.window_call(clause, function, window, call.span, args);
        }
        if function.overloads.iter().all(|o| matches!(o.eval, Eval::Binder)) {
            let message = format!("`{}` is not supported yet", function.name);
            self.error(codes::UNSUPPORTED, call.name.span, message);
            return unknown();
        }
        let given: Vec<Type> = args.iter().map(|arg| arg.expr.ty()).collect();
        let allowed = self.context.analyses() && analysis::allowed(function.name, &given).is_some();
        if let Some(stranger) = mixed_branches(function.name, &args).filter(|_| !allowed) {
            let (first, other) = (stranger.0.expr.ty(), stranger.1.expr.ty());
            let message =
                format!("the branches of `{}` are of type {first} and {other}", function.name);
            self.diagnostics.push(
                Diagnostic::error(codes::BRANCH_TYPES, stranger.1.span, message)
                    .hint(format!("write one as the other, as in `to{first}(…)`")),
            );
            return unknown();
        }
        let arrays = args.iter().filter(|arg| arg.expr.ty() == Type::Dynamic).count();
        if function.name.starts_with("array_sort_") && arrays > 1 {
            let message = format!("`{}` of several arrays is not supported yet", function.name);
            self.error(codes::UNSUPPORTED, call.span, message);
            return unknown();
        }
        self.call_function(function, call.span, args)
    }

    fn window_call(
        &mut self,
        clause: &mut Clause,
        function: &'static ScalarFunction,
        window: WindowFunction,
        span: Span,
        args: Vec<Argument>,
    ) -> ScalarExpr {
        let given: Vec<Type> = args.iter().map(|arg| arg.expr.ty()).collect();
        let signatures = function.overloads.iter().map(|overload| overload.params);
        let found = match resolve(signatures, &given) {
            Ok(found) => found,
            Err(mismatch) => {
                self.mismatch(function.name, span, &args, mismatch);
                return unknown();
            }
        };
        let ty = result_type(function.overloads[found.overload].returns, &found, &given);
        let mut args: Vec<Argument> = args
            .into_iter()
            .zip(&found.types)
            .map(|(arg, &wanted)| Argument::new(self.convert(arg.expr, wanted, arg.span), arg.span))
            .collect();
        if matches!(window, WindowFunction::Prev | WindowFunction::Next)
            && let Some(default) = args.get_mut(2)
        {
            self.default_of(function.name, default, ty);
        }
        let args = args.into_iter().map(|arg| arg.expr).collect();
        let width = clause.schema().map_or(0, crate::types::RowSchema::len);
        match &mut clause.windows {
            Some(windows) => {
                windows.push(WindowCall { function: window, args, ty });
                ScalarExpr::Column { index: width + windows.len() - 1, ty }
            }
            None if !clause.steps.is_empty() => {
                let message = format!("`{}` cannot stand in a step of `scan`", function.name);
                self.diagnostics.push(
                    Diagnostic::error(codes::GENERIC, span, message)
                        .hint("compute it in front of `scan`, with `extend`"),
                );
                unknown()
            }
            None => {
                let message = format!("`{}` needs rows in a defined order", function.name);
                self.diagnostics.push(
                    Diagnostic::error(codes::NOT_SERIALIZED, span, message)
                        .hint("put `sort by …` or `serialize` before it"),
                );
                unknown()
            }
        }
    }

    /// Brings the default of `prev` and `next` to the type of their values, if it reads as one.
    fn default_of(&mut self, function: &str, default: &mut Argument, ty: Type) {
        let Some(value) = default.expr.as_literal().filter(|value| value.ty() != ty) else {
            return;
        };
        let same = |found: &Value| !found.ty().is_numeric() || found.cast(value.ty()) == *value;
        let found = match value.is_null() {
            true => Some(Value::null(ty)),
            false => coerced(value, ty).filter(same),
        };
        match found {
            Some(found) => default.expr = ScalarExpr::Literal(found),
            None => {
                let message =
                    format!("the default of `{function}` does not read as {ty}, as its values are");
                self.error(codes::ARGUMENT_TYPE, default.span, message);
            }
        }
    }

    fn unknown_function(&mut self, call: &FunctionCall) -> ScalarExpr {
        let name = &*call.name.text;
        let known = functions::scalars().filter(|f| is_callable(f)).map(|f| f.name);
        let known: Vec<&str> = known.chain(functions::aggregates().map(|f| f.name)).collect();
        if self.refuse_known("", &call.name) {
            return unknown();
        }
        if super::graph::FUNCTIONS.contains(&name) {
            let message = format!("`{name}` speaks about the elements of a graph pattern");
            self.diagnostics.push(
                Diagnostic::error(codes::GRAPH_CONTEXT, call.name.span, message)
                    .hint("it stands in `graph-match` and `graph-shortest-paths` only"),
            );
            return unknown();
        }
        let message = format!("unknown function `{name}`");
        self.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_FUNCTION, call.name.span, message)
                .suggest("function", name, known),
        );
        unknown()
    }

    /// Refuses what Kusto has and kqlite has not, with the reason; false for a name that Kusto does
    /// not know either. `kind` stands before the name: `plugin `.
    pub(super) fn refuse_known(&mut self, kind: &str, name: &ast::Name) -> bool {
        if self.refuse_unreadable(&name.text, name.span) {
            return true;
        }
        let Some(reason) = functions::unsupported::reason(&name.text) else { return false };
        let elsewhere = functions::unsupported::only_elsewhere(&name.text);
        let code = if elsewhere { codes::CLOUD_ONLY } else { codes::UNSUPPORTED };
        self.error(code, name.span, format!("{kind}`{}` {reason}", name.text));
        true
    }

    fn clock(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let now = ScalarExpr::Literal(Value::DateTime(self.context.now));
        let name = &*call.name.text;
        let args: Vec<Argument> =
            call.args.iter().map(|arg| self.argument(clause, unnamed(arg))).collect();
        match (name, args.len()) {
            ("now", 0) => now,
            ("now", 1) | ("ago", 1) => {
                let arg = args.into_iter().next().unwrap_or(Argument::new(unknown(), call.span));
                if !matches!(arg.expr.ty(), Type::TimeSpan | Type::Unknown) {
                    let message = format!("`{name}` takes a timespan, not {}", arg.expr.ty());
                    self.error(codes::ARGUMENT_TYPE, arg.span, message);
                    return ScalarExpr::Pending { ty: Type::DateTime };
                }
                let sign = if name == "now" { "+" } else { "-" };
                self.call(sign, call.span, vec![Argument::new(now, call.span), arg])
            }
            ("ingestion_time", 0) => ScalarExpr::Literal(Value::Null(Type::DateTime)),
            _ => {
                let message = format!("`{name}` does not take {} arguments", call.args.len());
                self.error(codes::ARGUMENT_COUNT, call.span, message);
                ScalarExpr::Pending { ty: Type::DateTime }
            }
        }
    }

    fn has_type_argument(&self, call: &FunctionCall) -> bool {
        matches!(call.args.last(), Some(Expr::TypeOf(_)))
    }

    /// `extract(regex, group, text, typeof(T))`: the text, converted.
    fn typed_extract(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let Some((Expr::TypeOf(ty), rest)) = call.args.split_last() else { return unknown() };
        let args: Vec<Argument> = rest.iter().map(|arg| self.argument(clause, arg)).collect();
        let text = self.call(&call.name.text, call.span, args);
        let wanted = ty.ty.as_ref().map_or(Type::Unknown, |name| self.type_named(name));
        self.convert(text, wanted, call.span)
    }

    fn datetime_diff(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let args: Vec<Argument> =
            call.args.iter().map(|arg| self.argument(clause, unnamed(arg))).collect();
        let week = args.first().and_then(|arg| arg.expr.as_literal()).and_then(Value::as_str);
        let name = match week.map(str::to_lowercase).as_deref() {
            Some("week") => "datetime_diff week",
            _ => "datetime_diff",
        };
        self.call(name, call.span, args)
    }

    /// `toscalar(query)`: the first value, computed before the rows.
    fn toscalar(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let [arg] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, "`toscalar` takes 1 argument");
            return unknown();
        };
        let arg = unnamed(arg);
        if !self.is_tabular(clause, arg) {
            let value = self.argument(&mut Clause::constant(), arg).expr;
            if matches!(value, ScalarExpr::Literal(_)) || value.ty() == Type::Unknown {
                return value;
            }
            // Computed once, even where it would differ at every place.
            let row = Relation::new(Node::Values { rows: vec![vec![]] }, RowSchema::default());
            let column = Column::new("value", value.ty());
            return self.ask_scalar(row.project(vec![(column, value)]));
        }
        let relation = self.inner_relation(arg);
        if relation.schema.is_empty() {
            return unknown();
        }
        self.ask_scalar(relation)
    }

    /// A call of a `let` function where a scalar is expected: its body, in place.
    pub(super) fn scalar_user_call(
        &mut self,
        clause: &mut Clause,
        function: &Rc<UserFunction<'a>>,
        args: &'a [Expr],
        span: Span,
    ) -> ScalarExpr {
        let Some(env) = self.bind_arguments(clause, function, args, span, None) else {
            return unknown();
        };
        let definition = function.definition;
        let Some(body) = &definition.body else {
            return match function.stored.is_some_and(|stored| stored.returns.is_some()) {
                true => self.table_for_value(&function.name, span),
                false => {
                    self.no_body(function, span);
                    unknown()
                }
            };
        };
        let value = self.body(function, span, env, clause, |cx| {
            let mut inner = Clause { lets_first: true, ..Clause::constant() };
            match cx.is_tabular(&inner, body) {
                true => None,
                false => Some(cx.expr(&mut inner, body)),
            }
        });
        value.unwrap_or_else(|| self.table_for_value(&function.name, span))
    }

    fn table_for_value(&mut self, name: &str, span: Span) -> ScalarExpr {
        let message = format!("`{name}` gives a table; a value is expected here");
        self.error(codes::EXPRESSION_TYPE, span, message);
        unknown()
    }

    pub(super) fn no_body(&mut self, function: &UserFunction<'a>, span: Span) {
        let message = format!("function `{}` has no body", function.name);
        self.error(codes::SYNTAX, span, message);
    }

    /// The type of a scalar parameter; none for a tabular one.
    pub(super) fn parameter_type(&mut self, parameter: &ast::FunctionParameter) -> Option<Type> {
        match &parameter.ty {
            ast::ParameterType::Scalar(name) => Some(self.type_named(name)),
            ast::ParameterType::AnyTable | ast::ParameterType::Table(_) => None,
        }
    }

    /// The default value of a parameter.
    pub(super) fn default(&mut self, default: &'a Expr, ty: Type) -> ScalarExpr {
        let value = self.argument(&mut Clause::constant(), default);
        self.convert(value.expr, ty, value.span)
    }

    /// The environment of a function's body: its own, plus the arguments.
    pub(super) fn bind_arguments(
        &mut self,
        clause: &mut Clause,
        function: &Rc<UserFunction<'a>>,
        args: &'a [Expr],
        span: Span,
        first: Option<super::env::TabularBinding>,
    ) -> Option<super::env::Env<'a>> {
        let definition = function.definition;
        if self.active.iter().any(|active| std::ptr::eq(*active, definition)) {
            let message = format!("function `{}` calls itself", function.name);
            self.error(codes::RECURSION, span, message);
            return None;
        }
        if self.active.len() >= super::MAX_CALLS {
            self.error(codes::TOO_DEEP, span, "functions call each other too deeply");
            return None;
        }
        let parameters = &definition.parameters;
        let types: Vec<Option<Type>> = self.inside(function, span, |cx| {
            parameters.iter().map(|parameter| cx.parameter_type(parameter)).collect()
        });
        let mut given: Vec<Option<&'a Expr>> = vec![None; parameters.len()];
        let mut next = usize::from(first.is_some());
        for arg in args {
            let (index, value) = match arg {
                Expr::Named(named) if !named.tuple => {
                    let wanted = &named.names[0];
                    match parameters.iter().position(|p| p.name.text == wanted.text) {
                        Some(index) => (index, &named.value),
                        None => {
                            let message =
                                format!("`{}` has no parameter `{}`", function.name, wanted.text);
                            let names = parameters.iter().map(|p| &*p.name.text);
                            self.diagnostics.push(
                                Diagnostic::error(codes::UNKNOWN_NAME, wanted.span, message)
                                    .suggest("parameter", &wanted.text, names),
                            );
                            return None;
                        }
                    }
                }
                other => {
                    // Those given by name are passed over.
                    while given.get(next).is_some_and(Option::is_some) {
                        next += 1;
                    }
                    next += 1;
                    (next - 1, other)
                }
            };
            match given.get_mut(index) {
                Some(slot) => *slot = Some(value),
                None => {
                    let message = format!(
                        "`{}` takes at most {} arguments, not {}",
                        function.name,
                        parameters.len(),
                        args.len()
                    );
                    self.error(codes::ARGUMENT_COUNT, span, message);
                    return None;
                }
            }
        }
        let mut env = function.env.clone().unwrap_or_else(|| self.env.with_access(None));
        let skip = usize::from(first.is_some());
        if let (Some(table), Some(parameter)) = (first, parameters.first()) {
            env = env.with(parameter.name.text.clone(), Binding::Tabular(table));
        }
        for (index, parameter) in parameters.iter().enumerate() {
            let wanted = types[index];
            let binding = match (given[index], wanted) {
                (Some(arg), None) => {
                    let table = self.tabular_argument(arg, parameter)?;
                    Binding::Tabular(table)
                }
                (Some(arg), Some(ty)) => {
                    let value = self.argument(clause, arg);
                    let expr = self.scalar_argument(value, ty, parameter);
                    Binding::Scalar(ScalarBinding { expr, level: self.level })
                }
                (None, _) if index < skip => continue,
                (None, ty) => match (&parameter.default, ty) {
                    (Some(default), Some(ty)) => {
                        let expr = self.inside(function, span, |cx| cx.default(default, ty));
                        Binding::Scalar(ScalarBinding { expr, level: self.level })
                    }
                    _ => {
                        let message = format!(
                            "`{}` misses its argument `{}`",
                            function.name, parameter.name.text
                        );
                        self.error(codes::ARGUMENT_COUNT, span, message);
                        return None;
                    }
                },
            };
            env = env.with(parameter.name.text.clone(), binding);
        }
        Some(env)
    }

    fn scalar_argument(
        &mut self,
        value: Argument,
        ty: Type,
        parameter: &ast::FunctionParameter,
    ) -> ScalarExpr {
        let from = value.expr.ty();
        let fits = from == ty
            || from == Type::Unknown
            || ty == Type::Unknown
            || from == Type::Dynamic
            || ty == Type::Dynamic
            || (from.is_numeric() && ty.is_numeric());
        if fits {
            return self.convert(value.expr, ty, value.span);
        }
        if let Some(constant) = value.expr.as_literal()
            && let Some(coerced) = crate::types::coerce::coerce_literal(constant, ty)
        {
            return ScalarExpr::Literal(coerced);
        }
        // Kusto checks the types of such arguments nowhere: published queries rely on it.
        let name = &parameter.name.text;
        let message = format!("parameter `{name}` takes {ty}; this {from} is converted");
        self.diagnostics.push(
            Diagnostic::warning(codes::ARGUMENT_TYPE, value.span, message)
                .hint(format!("what does not convert is null; `to{ty}(…)` would say so")),
        );
        self.convert(value.expr, ty, value.span)
    }
}

/// Whether a record can be called by its name: operators cannot.
pub(super) fn is_callable(function: &ScalarFunction) -> bool {
    let word = function.name.chars().all(|c| c.is_alphanumeric() || c == '_');
    word && match function.family {
        Family::Operators => function.name == "not",
        Family::Search => function.name == "has_any_index",
        _ => true,
    }
}

/// Two constant branches of a conditional whose types differ, which Kusto refuses, numbers included.
/// int and long count as one type, a null as none, dynamic as any.
fn mixed_branches<'c>(name: &str, args: &'c [Argument]) -> Option<(&'c Argument, &'c Argument)> {
    let is_branch = |index: usize| match name {
        "iff" => index > 0,
        "case" => index % 2 == 1 || index + 1 == args.len(),
        "coalesce" => true,
        _ => false,
    };
    let typed = |arg: &&Argument| match &arg.expr {
        ScalarExpr::Literal(value) => !value.is_null() && value.ty() != Type::Dynamic,
        _ => false,
    };
    let kind = |arg: &Argument| match arg.expr.ty() {
        Type::Int => Type::Long,
        other => other,
    };
    let branches = args.iter().enumerate().filter(|(index, _)| is_branch(*index));
    let mut constants = branches.map(|(_, arg)| arg).filter(typed);
    let first = constants.next()?;
    constants.find(|other| kind(other) != kind(first)).map(|other| (first, other))
}

/// The value of an argument, whatever its name.
pub(super) fn unnamed(expr: &Expr) -> &Expr {
    match expr {
        Expr::Named(named) => &named.value,
        other => other,
    }
}
