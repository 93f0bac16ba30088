//! Functions that are not of the language: defined by `let` or stored.
//!
//! A stored function is bound where it is called: its body sees the `let`s of the caller, as in
//! Kusto. What is wrong inside a text other than the query's is reported at the call.

use std::rc::Rc;

use super::Binder;
use super::env::{Binding, Env, UserFunction};
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::plan::{Node, Relation};
use crate::stored::Stored;
use crate::syntax::ast::{self, Expr, LetValue, Statement};
use crate::text::Span;

/// A database, a function in it, and arguments.
type QualifiedFunction<'a> = (&'a Expr, Rc<UserFunction<'a>>, &'a [Expr]);

impl<'a> Binder<'a> {
    /// The function that `name` means: the innermost `let`, else a stored one that can be read.
    pub(super) fn user_function(&self, name: &str) -> Option<Rc<UserFunction<'a>>> {
        match self.env.get(name) {
            Some(Binding::Function(function)) => Some(function.clone()),
            Some(_) => None,
            None => self.stored_function(name),
        }
    }

    /// The stored function called `name` if it may be used here, whatever a `let` may bind.
    pub(super) fn stored_function(&self, name: &str) -> Option<Rc<UserFunction<'a>>> {
        let allowed = self.env.access().is_none_or(|access| access.allows_function(name));
        if allowed { self.known_function(name) } else { None }
    }

    /// The stored function called `name`.
    fn known_function(&self, name: &str) -> Option<Rc<UserFunction<'a>>> {
        let functions: &'a crate::stored::Functions = self.functions;
        let stored: &'a Stored = functions.get(name)?;
        let definition = stored.definition().ok()?;
        Some(Rc::new(UserFunction {
            name: stored.name.clone(),
            definition: &definition.function,
            env: None,
            stored: Some(definition),
            source: definition.source.clone(),
            view: stored.view,
        }))
    }

    /// The stored function of `database("d").f(x)` or `database("d").f`: the database's expression,
    /// the function, its arguments.
    pub(super) fn qualified_function(&self, expr: &'a Expr) -> Option<QualifiedFunction<'a>> {
        let Expr::Member(member) = expr else { return None };
        let mut root = &member.target;
        while let Expr::Member(inner) = root {
            root = &inner.target;
        }
        if !matches!(root, Expr::Call(call) if super::tables::is_entity(&call.name.text)) {
            return None;
        }
        let (name, args): (_, &[Expr]) = match &member.member {
            Expr::Name(name) => (name, &[]),
            Expr::Call(call) => (&call.name, &call.args),
            _ => return None,
        };
        Some((&member.target, self.stored_function(&name.text)?, args))
    }

    /// Reports a stored function of this name whose text cannot be read.
    pub(super) fn refuse_unreadable(&mut self, name: &str, span: Span) -> bool {
        let Some(Err(fault)) = self.functions.get(name).map(Stored::definition) else {
            return false;
        };
        let message = match fault.message.contains('`') && fault.place.is_none() {
            true => fault.message.clone(),
            false => format!("in function `{name}`: {}", fault.message),
        };
        let mut found = Diagnostic::error(codes::SYNTAX, span, message);
        found.hints.extend(fault.place.as_ref().map(|place| format!("the place is {place}")));
        self.diagnostics.push(found);
        true
    }

    /// Binds a part of `function`, called at `call`: what is found wrong in a text other than the
    /// caller's is reported at the call.
    pub(super) fn inside<T>(
        &mut self,
        function: &UserFunction<'a>,
        call: Span,
        part: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if function.stored.is_none() && self.source.is(&function.source) {
            return part(self);
        }
        let outer = std::mem::replace(&mut self.source, function.source.clone());
        let before = self.diagnostics.len();
        let result = part(self);
        self.source = outer;
        for found in self.diagnostics.split_off(before) {
            // Advice about the text of a function helps nobody who calls it.
            if found.severity == Severity::Error {
                let place = match function.stored {
                    Some(definition) => definition.place(found.span),
                    None => {
                        let source = &function.source;
                        format!("{}:{}", source.name(), source.location(found.span.start))
                    }
                };
                self.diagnostics.push(found.inside(&function.name, &place, call));
            }
        }
        result
    }

    /// Binds the `let`s of a function and then what follows them, in the environment of the body.
    pub(super) fn body<T>(
        &mut self,
        function: &UserFunction<'a>,
        call: Span,
        env: Env<'a>,
        clause: &Clause,
        rest: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = std::mem::replace(&mut self.env, env);
        self.active.push(function.definition);
        let result = self.inside(function, call, |cx| {
            for statement in &function.definition.statements {
                cx.inner_statement(clause, statement);
            }
            rest(cx)
        });
        self.active.pop();
        self.env = outer;
        result
    }

    /// Whether a function gives a table.
    pub(super) fn gives_table(&self, function: &UserFunction<'a>) -> bool {
        self.function_gives_table(function, 0)
    }

    fn function_gives_table(&self, function: &UserFunction<'a>, depth: usize) -> bool {
        if function.stored.is_some_and(|definition| definition.returns.is_some()) {
            return true;
        }
        let env = function.env.as_ref().unwrap_or(&self.env);
        let definition = function.definition;
        match &definition.body {
            Some(body) => self.body_is_tabular(&[definition], env, body, depth + 1),
            None => false,
        }
    }

    /// Whether an expression in the innermost of `scopes` means a table. Nothing is bound yet.
    fn body_is_tabular(
        &self,
        scopes: &[&ast::Function],
        env: &Env<'a>,
        body: &Expr,
        depth: usize,
    ) -> bool {
        if depth > super::MAX_CALLS {
            return false;
        }
        match body {
            Expr::Pipe(_) | Expr::Source(_) => true,
            Expr::Paren(paren) => self.body_is_tabular(scopes, env, &paren.inner, depth + 1),
            Expr::Name(name) => {
                let Some((scopes, local)) = local(scopes, &name.text) else {
                    return match env.get(&name.text) {
                        Some(Binding::Tabular(_) | Binding::Graph(_)) => true,
                        Some(Binding::Function(inner)) => {
                            self.function_gives_table(inner, depth + 1)
                        }
                        Some(
                            Binding::Scalar(_)
                            | Binding::Entities(_)
                            | Binding::Database(_)
                            | Binding::Pattern(_),
                        ) => false,
                        None => match self.known_function(&name.text) {
                            Some(inner) => self.function_gives_table(&inner, depth + 1),
                            None => self.schemas.table(None, &name.text).is_some(),
                        },
                    };
                };
                match local {
                    Local::Parameter(ty) => !matches!(ty, ast::ParameterType::Scalar(_)),
                    Local::Let(LetValue::Expr(expr)) => {
                        self.body_is_tabular(scopes, env, expr, depth + 1)
                    }
                    Local::Let(LetValue::Function(inner)) => {
                        self.inner_gives_table(scopes, env, inner, depth)
                    }
                }
            }
            Expr::Call(call) => match local(scopes, &call.name.text) {
                Some((scopes, Local::Let(LetValue::Function(inner)))) => {
                    self.inner_gives_table(scopes, env, inner, depth)
                }
                Some(_) => false,
                None => match env.get(&call.name.text) {
                    Some(Binding::Function(inner)) => self.function_gives_table(inner, depth + 1),
                    Some(Binding::Pattern(_)) => true,
                    _ => match self.known_function(&call.name.text) {
                        Some(inner) => self.function_gives_table(&inner, depth + 1),
                        None => super::tables::gives_table(&call.name.text),
                    },
                },
            },
            Expr::Member(member) if calls_pattern(env, &member.target) => true,
            Expr::Member(_) => self.is_tabular(&Clause::constant(), body),
            _ => false,
        }
    }

    fn inner_gives_table(
        &self,
        scopes: &[&ast::Function],
        env: &Env<'a>,
        inner: &ast::Function,
        depth: usize,
    ) -> bool {
        let Some(body) = &inner.body else { return false };
        let scopes: Vec<&ast::Function> = scopes.iter().copied().chain([inner]).collect();
        self.body_is_tabular(&scopes, env, body, depth + 1)
    }
}

/// The relation of a function that declares columns and has no body.
pub(super) fn declared(function: &UserFunction<'_>) -> Option<Relation> {
    let definition = function.stored?;
    let relation = Relation::new(Node::Values { rows: vec![] }, definition.returns.clone()?);
    Some(if definition.open { relation.void() } else { relation })
}

/// Whether an expression calls a pattern.
fn calls_pattern(env: &Env<'_>, expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    matches!(env.get(&call.name.text), Some(Binding::Pattern(_)))
}

/// What a name means in a function that is not bound yet.
enum Local<'f> {
    Parameter(&'f ast::ParameterType),
    Let(&'f LetValue),
}

/// The innermost definition of a name, and the scopes that it can see.
fn local<'s, 'f>(
    scopes: &'s [&'f ast::Function],
    name: &str,
) -> Option<(&'s [&'f ast::Function], Local<'f>)> {
    for (index, scope) in scopes.iter().enumerate().rev() {
        let found = scope.statements.iter().rev().find_map(|statement| match statement {
            Statement::Let(binding) if &*binding.name.text == name => Some(&binding.value),
            _ => None,
        });
        if let Some(value) = found {
            return Some((&scopes[..=index], Local::Let(value)));
        }
        if let Some(parameter) = scope.parameters.iter().find(|p| &*p.name.text == name) {
            return Some((&scopes[..=index], Local::Parameter(&parameter.ty)));
        }
    }
    None
}
