//! Statements: `let`, `set`, query parameters, and the queries themselves.

use std::rc::Rc;
use std::sync::Arc;

use super::Binder;
use super::env::{Binding, ScalarBinding, TabularBinding, UserFunction};
use super::graph::Flow;
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{BoundStatement, ScalarExpr};
use crate::syntax::ast::{self, Expr, LetValue, OperatorKind, ParameterType, Statement};
use crate::types::{Type, Value, datetime};

impl<'a> Binder<'a> {
    /// Binds one statement of the script.
    pub(super) fn statement(&mut self, statement: &'a Statement) -> Vec<BoundStatement> {
        match statement {
            Statement::Query(expr) => {
                self.visualization = None;
                self.result_name = None;
                let flow = self.flow(expr);
                let relation = match flow {
                    Flow::Named => return vec![],
                    Flow::Several(mut results) => {
                        for result in &mut results {
                            result.relation = super::open::settled(result.relation.clone());
                        }
                        return results;
                    }
                    flow => self.expect_table(flow, expr.span()),
                };
                let relation = super::open::settled(relation);
                return vec![BoundStatement {
                    relation,
                    visualization: self.visualization.take(),
                    name: self.result_name.take(),
                }];
            }
            Statement::Let(binding) => self.let_statement(&Clause::constant(), binding),
            Statement::Set(set) => self.set(set),
            Statement::Parameters(declaration) => self.query_parameters(declaration),
            Statement::Pattern(pattern) => self.declare_pattern(pattern),
            Statement::Alias(alias) => {
                if let Some(database) = self.database_of(&alias.value) {
                    self.aliases.insert(alias.name.text.clone(), database.into());
                }
            }
            Statement::Restrict(restrict) => self.restrict(restrict),
            Statement::Command(command) => {
                let message = "a control command cannot stand among query statements";
                self.error(codes::UNSUPPORTED, command.span, message);
            }
        }
        vec![]
    }

    /// A statement inside a function body. A scalar `let` there may read what the body may.
    pub(super) fn inner_statement(&mut self, clause: &Clause, statement: &'a Statement) {
        match statement {
            Statement::Let(binding) => self.let_statement(clause, binding),
            other => {
                let message = "only `let` statements and one expression may stand in a function";
                self.error(codes::SYNTAX, other.span(), message);
            }
        }
    }

    fn let_statement(&mut self, _clause: &Clause, binding: &'a ast::Let) {
        let name = binding.name.text.clone();
        if self.level == 0 && self.active.is_empty() && self.env.get(&name).is_some() {
            let message = format!("`{name}` is bound by an earlier `let`");
            self.error(codes::ALREADY_BOUND, binding.name.span, message);
            return;
        }
        let bound = match &binding.value {
            LetValue::Function(definition) => {
                Binding::Function(Rc::new(self.let_function(name.clone(), definition)))
            }
            LetValue::Expr(Expr::Source(source))
                if let OperatorKind::EntityGroup { entities } = &source.operator.kind =>
            {
                Binding::Entities(entities)
            }
            LetValue::Expr(expr) => {
                let mut clause = Clause { lets_first: true, ..Clause::constant() };
                if self.is_tabular(&clause, expr) {
                    let table = self.table_label(expr);
                    match self.inner_flow(expr) {
                        Flow::Table(relation) => {
                            Binding::Tabular(TabularBinding { relation, table })
                        }
                        Flow::Graph(graph) => Binding::Graph(Rc::new(*graph)),
                        other @ (Flow::Named | Flow::Several(_)) => {
                            let relation = self.expect_table(other, expr.span());
                            Binding::Tabular(TabularBinding { relation, table })
                        }
                    }
                } else {
                    let value = self.argument(&mut clause, expr);
                    Binding::Scalar(ScalarBinding { expr: value.expr, level: self.level })
                }
            }
        };
        self.env = self.env.with(name, bound);
    }

    fn let_function(&mut self, name: Arc<str>, definition: &'a ast::Function) -> UserFunction<'a> {
        for parameter in &definition.parameters {
            let ty = self.parameter_type(parameter);
            if let (Some(default), Some(ty)) = (&parameter.default, ty) {
                self.default(default, ty);
            }
        }
        for statement in &definition.statements {
            let ast::Statement::Let(local) = statement else { continue };
            if definition.parameters.iter().any(|p| p.name.text == local.name.text) {
                let message = format!("`{}` is a parameter of the function", local.name.text);
                self.error(codes::ALREADY_BOUND, local.name.span, message);
            }
        }
        UserFunction {
            name,
            definition,
            env: Some(self.env.clone()),
            stored: None,
            source: self.source.clone(),
            view: definition.view,
        }
    }

    /// `set`: options that change nothing here are accepted; the clock can be set.
    fn set(&mut self, set: &'a ast::Set) {
        let name = &*set.name.text;
        let mut value = || {
            let value = set.value.as_ref().map(|expr| self.argument(&mut Clause::constant(), expr));
            value.map(|value| value.expr)
        };
        match name {
            "query_now" => match value() {
                Some(ScalarExpr::Literal(Value::DateTime(now))) => self.context.now = now,
                _ => {
                    let message = "`query_now` takes a datetime literal";
                    self.error(codes::OPTION_VALUE, set.span, message);
                }
            },
            "query_bin_auto_size" => self.auto_bins[0] = value(),
            "query_bin_auto_at" => self.auto_bins[1] = value(),
            _ => {}
        }
    }

    fn query_parameters(&mut self, declaration: &'a ast::DeclareParameters) {
        for parameter in &declaration.parameters {
            let ParameterType::Scalar(ty) = &parameter.ty else {
                let message = "a query parameter is a scalar";
                self.error(codes::PARAMETER, parameter.name.span, message);
                continue;
            };
            let ty = self.type_named(ty);
            let given =
                self.context.parameters.iter().find(|(name, _)| **name == *parameter.name.text);
            let given = given.map(|(_, text)| text.clone());
            let value = match (given, &parameter.default) {
                (Some(text), _) => match parameter_value(&text, ty) {
                    Some(value) => ScalarExpr::Literal(value),
                    None => {
                        let message = format!(
                            "`{text}` is no {ty}, as parameter `{}` wants",
                            parameter.name.text
                        );
                        self.error(codes::PARAMETER, parameter.name.span, message);
                        ScalarExpr::Pending { ty }
                    }
                },
                (None, Some(default)) => {
                    let value = self.argument(&mut Clause::constant(), default);
                    self.convert(value.expr, ty, value.span)
                }
                (None, None) => {
                    let name = &parameter.name.text;
                    self.diagnostics.push(
                        Diagnostic::error(
                            codes::PARAMETER,
                            parameter.name.span,
                            format!("query parameter `{name}` has no value"),
                        )
                        .hint(format!("give it one: `--param {name}=…`")),
                    );
                    ScalarExpr::Pending { ty }
                }
            };
            let binding = Binding::Scalar(ScalarBinding { expr: value, level: 0 });
            self.env = self.env.with(parameter.name.text.clone(), binding);
        }
    }
}

/// The value that the text of a parameter means: plain text, or a KQL literal.
fn parameter_value(text: &str, ty: Type) -> Option<Value> {
    let source = crate::text::Source::new("parameter", text);
    let parsed = crate::syntax::parse(&source);
    if !parsed.diagnostics.has_errors()
        && let [Statement::Query(ast::Expr::Literal(literal))] = parsed.script.statements.as_slice()
        && let Some(value) = &literal.value
    {
        if value.ty() == ty {
            return Some(value.clone());
        }
        if let Some(value) = crate::types::coerce::coerce_literal(value, ty) {
            return Some(value);
        }
    }
    let value = match ty {
        Type::String => Value::String(text.into()),
        Type::DateTime => Value::DateTime(datetime::parse(text)?),
        _ => Value::String(text.into()).cast(ty),
    };
    (!value.is_null() || ty == Type::String).then_some(value)
}
