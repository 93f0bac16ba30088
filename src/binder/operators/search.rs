//! The `search` operator: `[T |] search [kind=…] [in (T1, A*)] predicate`.
//!
//! The filtered tables in a union behind a column `$table`, as Kusto documents it.

use std::sync::Arc;

use super::union;
use super::word_parameter;
use crate::binder::Binder;
use crate::binder::search::Branch;
use crate::diagnostics::codes;
use crate::plan::Relation;
use crate::syntax::ast::{Expr, Operator};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    piped: Option<Relation>,
    operator: &'a Operator,
    tables: &'a [Expr],
    predicate: &'a Expr,
) -> Relation {
    let kinds = ["default", "case_insensitive", "case_sensitive"];
    let kind = word_parameter(cx, operator, &["kind"], &kinds);
    let branches = named(sources(cx, piped, operator, tables), "search_arg");
    if branches.is_empty() {
        return cx.broken();
    }
    let branches = cx.references(predicate).tables(branches);
    let outer = std::mem::replace(&mut cx.case_sensitive, kind == Some("case_sensitive"));
    let filtered = cx.filter_all(branches, predicate);
    cx.case_sensitive = outer;
    match filtered {
        Some(branches) => union::united(cx, union::labelled(branches, &"$table".into(), ""), false),
        None => cx.broken(),
    }
}

/// The tables that `search` and `find` read: the rows before the pipe, those listed, or all tables
/// and views of the database.
pub(super) fn sources<'a>(
    cx: &mut Binder<'a>,
    piped: Option<Relation>,
    operator: &'a Operator,
    tables: &'a [Expr],
) -> Vec<Branch> {
    let mut branches = vec![];
    match piped {
        Some(_) if !tables.is_empty() => {
            let message = "a list of tables does not go with the rows before the pipe";
            cx.error(codes::SYNTAX, operator.keyword, message);
        }
        Some(relation) => branches.push((relation, cx.piped_name.take())),
        None if tables.is_empty() => {
            union::wildcard(cx, None, "*", operator.keyword, &mut branches);
        }
        None => {
            union::tables(cx, tables, false, &mut branches);
        }
    }
    branches
}

/// Every branch under a name: its place behind `prefix` where it has none.
pub(super) fn named(branches: Vec<Branch>, prefix: &str) -> Vec<Branch> {
    let name = |(index, (relation, name)): (usize, Branch)| {
        let name = name.unwrap_or_else(|| Arc::from(format!("{prefix}{index}")));
        (relation, Some(name))
    };
    branches.into_iter().enumerate().map(name).collect()
}
