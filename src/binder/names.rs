//! The names that expressions suggest for their columns (measured, per function in its record).

use super::Binder;
use super::env::Binding;
use super::naming::Target;
use crate::functions;
use crate::functions::def::ResultName;
use crate::syntax::ast::{self, Expr};
use crate::types::{RowSchema, Value};

impl<'a> Binder<'a> {
    /// What an unnamed expression says about its column's name.
    ///
    /// `lets` tells whether a bare `let` name counts (not behind `by`).
    pub(super) fn target(&self, expr: &Expr, schema: Option<&RowSchema>, lets: bool) -> Target {
        match expr.unparenthesised() {
            Expr::Name(name) if schema.is_some_and(|s| s.index_of(&name.text).is_some()) => {
                Target::Explicit(name.text.clone())
            }
            Expr::Name(name) if !lets && self.is_scalar_let(name) => Target::Unnamed,
            other => match self.suggested(other, schema) {
                Some(name) => Target::Suggested(name.into()),
                None => Target::Unnamed,
            },
        }
    }

    fn is_scalar_let(&self, name: &ast::Name) -> bool {
        matches!(self.env.get(&name.text), Some(Binding::Scalar(_)))
    }

    /// The name an expression suggests, if it has one.
    pub(super) fn suggested(&self, expr: &Expr, schema: Option<&RowSchema>) -> Option<String> {
        match expr.unparenthesised() {
            Expr::Name(name) => Some(name.text.to_string()),
            Expr::Member(member) => {
                let target = self.suggested(&member.target, schema);
                match &member.member {
                    Expr::Name(name) => Some(joined(target, &name.text)),
                    _ => None,
                }
            }
            Expr::Index(index) => {
                let target = self.suggested(&index.target, schema);
                match index.index.unparenthesised() {
                    Expr::Literal(ast::Literal { value: Some(value), .. }) => {
                        let text = match value {
                            Value::String(text) => text.to_string(),
                            other => other.text(),
                        };
                        Some(joined(target, &text))
                    }
                    Expr::Unary(unary) if unary.negative => match &unary.operand {
                        Expr::Literal(ast::Literal { value: Some(value), .. }) => {
                            Some(joined(target, &format!("_{}", value.text())))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            Expr::Call(call) => self.suggested_by_call(call, schema),
            _ => None,
        }
    }

    fn suggested_by_call(
        &self,
        call: &ast::FunctionCall,
        schema: Option<&RowSchema>,
    ) -> Option<String> {
        let first = call.args.first();
        if matches!(&*call.name.text, "column_ifexists" | "columnifexists")
            && let Some(Expr::Literal(ast::Literal { value: Some(Value::String(text)), .. })) =
                first
        {
            return schema.and_then(|s| s.index_of(text)).map(|_| text.to_string());
        }
        if let Some(Binding::Function(_)) = self.env.get(&call.name.text) {
            return None;
        }
        if let Some(function) = functions::aggregate(&call.name.text)
            && functions::scalar(&call.name.text).is_none()
        {
            let name = self.aggregate_name(function.name, function.prefix, call, schema);
            return (!name.is_empty()).then_some(name);
        }
        let function = functions::scalar(&call.name.text)?;
        let of_first = || first.and_then(|first| self.suggested(first, schema));
        match function.result_name {
            ResultName::None => None,
            ResultName::First => match first {
                Some(Expr::Named(named)) if let [name] = named.names.as_slice() => {
                    Some(name.text.to_string())
                }
                _ => of_first(),
            },
            ResultName::Prefix(prefix) => {
                Some(format!("{prefix}{}", of_first().unwrap_or_default()))
            }
            ResultName::Suffix(suffix) => match first {
                Some(Expr::Name(name)) => Some(format!("{}{suffix}", name.text)),
                _ => Some(format!("array0{suffix}")),
            },
        }
    }

    /// The name of an aggregate's (first) column.
    pub(super) fn aggregate_name(
        &self,
        name: &str,
        prefix: &str,
        call: &ast::FunctionCall,
        schema: Option<&RowSchema>,
    ) -> String {
        let first = call.args.first();
        let argument = first.and_then(|first| self.suggested(first, schema)).unwrap_or_default();
        match name {
            "count" => "count_".to_string(),
            "countif" => match first {
                Some(Expr::Name(name)) => format!("countif_{}", name.text),
                _ => "countif_".to_string(),
            },
            "percentile" => {
                let rank = call.args.get(1).map(rank_text).unwrap_or_default();
                format!("percentile_{argument}_{rank}")
            }
            "arg_max" | "arg_min" if !argument.is_empty() => argument,
            "arg_max" => "max_".to_string(),
            "arg_min" => "min_".to_string(),
            _ => format!("{prefix}{argument}"),
        }
    }
}

/// A percentile as part of a name: `99.9` is `99_9`.
pub(super) fn rank_text(expr: &Expr) -> String {
    match expr.unparenthesised() {
        Expr::Literal(ast::Literal { value: Some(value), .. }) => value.text().replace('.', "_"),
        _ => String::new(),
    }
}

fn joined(target: Option<String>, member: &str) -> String {
    match target {
        Some(target) => format!("{target}_{member}"),
        None => member.to_string(),
    }
}
