//! `declare pattern`: tabular bodies by the texts they are called with.

use std::rc::Rc;

use super::Binder;
use super::env::{Binding, Pattern, ScalarBinding, UserFunction};
use super::graph::Flow;
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::ScalarExpr;
use crate::syntax::ast::{self, Expr, FunctionCall};
use crate::text::Span;
use crate::types::{Type, Value};

/// A call of a pattern: `P("x")`, or `P("x").y` and `P("x").["y"]`.
pub(super) struct PatternCall<'p, 'a> {
    pattern: Rc<Pattern<'a>>,
    call: &'p FunctionCall,
    path: Option<&'p ast::Name>,
    span: Span,
}

impl<'a> Binder<'a> {
    /// Binds the name of a pattern.
    pub(super) fn declare_pattern(&mut self, definition: &'a ast::Pattern) {
        let name = &definition.name;
        if self.env.get(&name.text).is_some() {
            let message = format!("`{}` is bound by an earlier statement", name.text);
            self.error(codes::ALREADY_BOUND, name.span, message);
            return;
        }
        for parameter in definition.parameters.iter().chain(&definition.path) {
            if self.parameter_type(parameter).is_none_or(|ty| ty != Type::String) {
                let message = format!("`{}` is no string, as a pattern takes", parameter.name.text);
                self.error(codes::PARAMETER, parameter.name.span, message);
            }
        }
        let wanted = (definition.parameters.len(), definition.path.is_some());
        for (index, clause) in definition.clauses.iter().enumerate() {
            let given = (clause.values.len(), clause.path.is_some());
            let has_text = |clause: &ast::PatternClause| {
                clause.values.iter().chain(&clause.path).all(|value| text(value).is_some())
            };
            let before = &definition.clauses[..index];
            let message = if given != wanted {
                "as many texts are needed here as there are parameters"
            } else if !has_text(clause) {
                "a literal text is expected for every parameter"
            } else if before.iter().any(|other| texts(other).eq(texts(clause))) {
                "an earlier line has the same texts"
            } else {
                continue;
            };
            self.error(codes::PARAMETER, clause.span, message);
        }
        let pattern = Pattern { definition, env: self.env.clone(), source: self.source.clone() };
        self.env = self.env.with(name.text.clone(), Binding::Pattern(Rc::new(pattern)));
    }

    /// The call of a pattern that an expression is.
    pub(super) fn pattern_call<'p>(&self, expr: &'p Expr) -> Option<PatternCall<'p, 'a>> {
        let (call, path) = match expr {
            Expr::Call(call) => (call, None),
            Expr::Member(member) => match (&member.target, &member.member) {
                (Expr::Call(call), Expr::Name(path)) => (call, Some(path)),
                _ => return None,
            },
            _ => return None,
        };
        match self.env.get(&call.name.text) {
            Some(Binding::Pattern(pattern)) => {
                Some(PatternCall { pattern: pattern.clone(), call, path, span: expr.span() })
            }
            _ => None,
        }
    }

    /// Binds the body that a call of a pattern means.
    pub(super) fn pattern_flow(&mut self, found: PatternCall<'_, 'a>) -> Flow {
        let PatternCall { pattern, call, path, span } = found;
        let definition = pattern.definition;
        let mut values = vec![];
        for arg in &call.args {
            let Some(value) = text(arg) else {
                let message = format!("pattern `{}` takes literal texts", call.name.text);
                self.error(codes::LITERAL_EXPECTED, arg.span(), message);
                return Flow::Table(self.broken());
            };
            values.push(value);
        }
        let count = definition.parameters.len();
        if !definition.clauses.is_empty() && values.len() != count {
            let message = format!("pattern `{}` takes {count} arguments", call.name.text);
            self.error(codes::ARGUMENT_COUNT, call.span, message);
            return Flow::Table(self.broken());
        }
        let path = path.map(|name| &*name.text);
        let clause = definition.clauses.iter().find(|clause| {
            clause.path.is_some() == path.is_some()
                && texts(clause).eq(values.iter().copied().chain(path))
        });
        let Some(clause) = clause else {
            let shown: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
            let shown_path = path.map(|path| format!(".['{path}']")).unwrap_or_default();
            let reference = format!("{}({}){shown_path}", call.name.text, shown.join(", "));
            let message = format!("pattern reference `{reference}` is not declared");
            let mut found = Diagnostic::error(codes::PATTERN_REFERENCE, span, message);
            if definition.clauses.is_empty() {
                found = found.hint("the pattern is declared without a body");
            } else if definition.path.is_some() && path.is_none() {
                found = found.hint("a path belongs behind it, as in `.name`");
            }
            self.diagnostics.push(found);
            return Flow::Table(self.broken());
        };
        let function = UserFunction {
            name: definition.name.text.clone(),
            definition: &clause.body,
            env: None,
            stored: None,
            source: pattern.source.clone(),
            view: false,
        };
        let Some(body) = &clause.body.body else {
            self.no_body(&function, span);
            return Flow::Table(self.broken());
        };
        let mut env = pattern.env.clone();
        let parameters = definition.parameters.iter().chain(&definition.path);
        for (parameter, value) in parameters.zip(values.into_iter().chain(path)) {
            let expr = ScalarExpr::Literal(Value::String(value.into()));
            let binding = Binding::Scalar(ScalarBinding { expr, level: self.level });
            env = env.with(parameter.name.text.clone(), binding);
        }
        self.body(&function, span, env, &Clause::constant(), |cx| cx.flow(body))
    }
}

/// The texts for which a clause has a body.
fn texts(clause: &ast::PatternClause) -> impl Iterator<Item = &str> {
    clause.values.iter().chain(&clause.path).filter_map(text)
}

/// A literal text.
fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(ast::Literal { value: Some(Value::String(text)), .. }) => Some(text),
        _ => None,
    }
}
