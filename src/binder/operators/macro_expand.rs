//! The `macro-expand` operator: `macro-expand [kind=…] [isfuzzy=…] Group as Scope (statements)`.
//!
//! Runs its statements once per database of the group and unites the results.

use std::sync::Arc;

use super::{parameter, word_parameter};
use crate::binder::env::Binding;
use crate::binder::scope::Clause;
use crate::binder::{Binder, combine};
use crate::diagnostics::codes;
use crate::plan::Relation;
use crate::syntax::ast::{Expr, Literal, Name, Operator, OperatorKind as O, Statement};
use crate::types::Value;

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    operator: &'a Operator,
    group: &'a Expr,
    scope: Option<&'a Name>,
    body: &'a [Statement],
) -> Relation {
    let inner = word_parameter(cx, operator, &["kind"], &["inner", "outer"]) == Some("inner");
    let fuzzy = parameter(operator, &["isfuzzy", "__isFuzzy"]).is_some_and(|parameter| {
        matches!(&parameter.value, Expr::Literal(Literal { value: Some(Value::Bool(true)), .. }))
    });
    if cx.env.frames().any(|(_, binding)| matches!(binding, Binding::Database(_))) {
        let message = "`macro-expand` cannot stand inside another";
        cx.error(codes::NESTED_ENTITIES, operator.keyword, message);
        return cx.broken();
    }
    let (Some(entities), Some((Statement::Query(query), lets))) =
        (entities(cx, group), body.split_last())
    else {
        if !cx.diagnostics.has_errors() {
            let message = "a tabular expression is expected at the end";
            cx.error(codes::SYNTAX, operator.span, message);
        }
        return cx.broken();
    };
    let scope: Arc<str> = match (scope, group) {
        (Some(scope), _) => scope.text.clone(),
        (None, Expr::Name(name)) => name.text.clone(),
        (None, _) => "$scope".into(),
    };
    let mut seen: Vec<String> = vec![];
    let mut results = vec![];
    for entity in entities {
        let (errors, quiet) = (cx.diagnostics.len(), cx.quiet);
        let result = database(cx, entity, &mut seen).map(|database| {
            let outer = cx.env.clone();
            cx.env = cx.env.with(scope.clone(), Binding::Database(database.into()));
            // The names of its `let`s are its own.
            cx.level += 1;
            for statement in lets {
                cx.inner_statement(&Clause::constant(), statement);
            }
            cx.level -= 1;
            let relation = cx.inner_relation(query);
            cx.env = outer;
            relation
        });
        if fuzzy && cx.diagnostics.len() > errors {
            // An entity that does not resolve, or lacks the table, drops out.
            cx.diagnostics.truncate(errors);
            cx.quiet = quiet;
        } else {
            results.extend(result);
        }
    }
    if results.is_empty() {
        if !cx.diagnostics.has_errors() {
            let message = "none of the entities of this group resolves";
            cx.error(codes::UNKNOWN_NAME, group.span(), message);
        }
        return cx.broken();
    }
    combine::union(results, inner)
}

/// The entities that a group lists, or a diagnostic.
fn entities<'a>(cx: &mut Binder<'a>, group: &'a Expr) -> Option<&'a [Expr]> {
    match group.unparenthesised() {
        Expr::Source(source) if let O::EntityGroup { entities } = &source.operator.kind => {
            Some(entities)
        }
        Expr::Name(name) => match cx.env.get(&name.text) {
            Some(Binding::Entities(entities)) => Some(entities),
            _ => {
                let message = format!("unknown entity group `{}`", name.text);
                cx.error(codes::UNKNOWN_NAME, name.span, message);
                None
            }
        },
        other => {
            cx.error(codes::SYNTAX, other.span(), "an entity group is expected");
            None
        }
    }
}

/// The database that an entity names, once.
fn database<'a>(cx: &mut Binder<'a>, entity: &'a Expr, seen: &mut Vec<String>) -> Option<String> {
    let mut root = entity;
    while let Expr::Member(member) = root {
        root = &member.target;
    }
    if matches!(root, Expr::Call(call) if &*call.name.text == "cluster") {
        let message = "an entity of another cluster cannot be reached";
        cx.error(codes::REMOTE, entity.span(), message);
        return None;
    }
    let database = cx.database_of(entity)?;
    if seen.iter().any(|known| known.eq_ignore_ascii_case(&database)) {
        let message = format!("database `{database}` is in the group already");
        cx.error(codes::REPEATED_ENTITY, entity.span(), message);
        return None;
    }
    seen.push(database.clone());
    Some(database)
}
