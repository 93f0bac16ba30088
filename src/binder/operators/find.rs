//! The `find` operator: `find [withsource=c] [in (tables)] where predicate [project …]`.
//!
//! The filtered tables in a union behind a column of their names. `project-smart`, the default,
//! shows the columns that all tables share and those of the predicate, and packs the rest.

use std::sync::Arc;

use super::union;
use super::{parameter, search};
use crate::binder::calls::Argument;
use crate::binder::search::{Branch, References, first_column};
use crate::binder::{Binder, combine};
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, Find, Operator, TypeName};
use crate::text::Span;
use crate::types::{Column, Type, Value};

/// The name of the column that holds what is not shown by itself.
const PACK: &str = "pack_";

/// A column of the result: its name, the column of the tables that it shows, and its type.
struct Shown {
    name: Arc<str>,
    of: Arc<str>,
    /// `None` shows the column in each table's own type.
    ty: Option<Type>,
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    piped: Option<Relation>,
    operator: &'a Operator,
    find: &'a Find,
) -> Relation {
    let source = parameter(operator, &["withsource", "with_source"]).and_then(ast::word);
    let source: Arc<str> = source.unwrap_or("source_").into();
    let branches = search::named(search::sources(cx, piped, operator, &find.tables), "find_arg");
    if branches.is_empty() {
        return cx.broken();
    }
    let references = cx.references(&find.predicate);
    let branches = references.tables(branches);
    let (mut shown, mut packs) = match find.project.is_empty() {
        true => (smart(&branches, &references), true),
        false => projected(cx, &branches, &find.project),
    };
    if find.project.is_empty() {
        // Nothing is left to pack where all columns are shown.
        packs = branches.iter().any(|(table, _)| {
            table.schema.names().any(|name| !shown.iter().any(|column| *column.of == *name))
        });
    }
    let packed: Vec<Arc<str>> = shown.iter().map(|column| column.of.clone()).collect();
    for pattern in &find.project_away {
        match pattern {
            Expr::Star(_) => {
                shown.clear();
                packs &= !find.project.is_empty();
            }
            Expr::Name(name) if &*name.text == PACK => packs = false,
            Expr::Name(name) => shown.retain(|column| column.name != name.text),
            other => cx.error(codes::COLUMN_EXPECTED, other.span(), "a column is expected"),
        }
    }
    let Some(branches) = cx.filter_all(branches, &find.predicate) else { return cx.broken() };
    let branches: Vec<Branch> = branches
        .into_iter()
        .map(|(table, name)| {
            let table = arranged(cx, table, &shown, packs.then_some(&packed), operator.keyword);
            (table, name)
        })
        .collect();
    let result = combine::union(union::labelled(branches, &source, ""), false);
    pack_last(result, packs)
}

/// The columns that all tables have in one type, then those that the predicate names.
fn smart(branches: &[Branch], references: &References) -> Vec<Shown> {
    let mut shown: Vec<Shown> = vec![];
    let Some((first, _)) = branches.first() else { return shown };
    for column in first.schema.columns() {
        let common = branches.iter().all(|(table, _)| table.schema.columns().contains(column));
        if common {
            shown.push(Shown { name: column.name.clone(), of: column.name.clone(), ty: None });
        }
    }
    for name in &references.names {
        let known = shown.iter().any(|column| column.of == *name);
        if !known && first_column(branches, name).is_some() {
            shown.push(Shown {
                name: name.clone(),
                of: name.clone(),
                ty: one_type(branches, name),
            });
        }
    }
    shown
}

/// The type of a column, if all tables that have it agree.
fn one_type(branches: &[Branch], name: &str) -> Option<Type> {
    let ty = first_column(branches, name)?.ty;
    let agrees = branches.iter().all(|(table, _)| {
        table.schema.index_of(name).is_none_or(|index| table.schema.columns()[index].ty == ty)
    });
    agrees.then_some(ty)
}

/// The columns of a `project` clause, and whether it packs the others.
fn projected<'a>(
    cx: &mut Binder<'a>,
    branches: &[Branch],
    items: &'a [(Expr, Option<TypeName>)],
) -> (Vec<Shown>, bool) {
    let mut shown: Vec<Shown> = vec![];
    let mut packs = false;
    for (index, (item, ty)) in items.iter().enumerate() {
        let name = match item {
            Expr::Name(name) => name,
            Expr::Call(call) if matches!(&*call.name.text, "pack_all" | "pack") => {
                packs = true;
                if index + 1 < items.len() {
                    let message = "the packed columns come last";
                    cx.error(codes::SYNTAX, call.span, message);
                }
                continue;
            }
            other => {
                cx.error(codes::COLUMN_EXPECTED, other.span(), "a column is expected");
                continue;
            }
        };
        if first_column(branches, &name.text).is_none() {
            let message = format!("no table has a column `{}`", name.text);
            let names = branches.iter().flat_map(|(table, _)| table.schema.names());
            cx.diagnostics.push(
                Diagnostic::error(codes::UNKNOWN_NAME, name.span, message)
                    .suggest("column", &name.text, names),
            );
            continue;
        }
        if shown.iter().any(|column| column.of == name.text) {
            super::report_repeated(cx, &name.text, name.span);
            continue;
        }
        let single = one_type(branches, &name.text);
        let of = name.text.clone();
        match (ty, single) {
            (Some(ty), _) => {
                let ty = cx.type_named(ty);
                // The documentation shows the type in the name of a column of several types.
                let name = match single {
                    Some(_) => of.clone(),
                    None => format!("{of}_{ty}").into(),
                };
                shown.push(Shown { name, of, ty: Some(ty) });
            }
            (None, Some(ty)) => shown.push(Shown { name: of.clone(), of, ty: Some(ty) }),
            (None, None) => {
                let message = format!("column `{of}` has several types in these tables");
                cx.diagnostics.push(
                    Diagnostic::error(codes::EXPRESSION_TYPE, name.span, message)
                        .hint(format!("say which one to show: `{of}: string`")),
                );
            }
        }
    }
    (shown, packs)
}

/// One table as the result shows it. `packed` names the columns that do not go into the bag.
fn arranged(
    cx: &mut Binder,
    table: Relation,
    shown: &[Shown],
    packed: Option<&Vec<Arc<str>>>,
    span: Span,
) -> Relation {
    let mut columns: Vec<(Column, ScalarExpr)> = vec![];
    for Shown { name, of, ty } in shown {
        let value = match (table.schema.index_of(of), ty) {
            (Some(index), Some(ty)) => cx.convert(table.column(index), *ty, span),
            (Some(index), None) => table.column(index),
            (None, Some(ty)) => ScalarExpr::Literal(Value::null(*ty)),
            (None, None) => continue,
        };
        columns.push((Column { name: name.clone(), ty: value.ty() }, value));
    }
    if let Some(outside) = packed {
        let mut args = vec![];
        for (index, column) in table.schema.columns().iter().enumerate() {
            if !outside.contains(&column.name) {
                let key = ScalarExpr::Literal(Value::String(column.name.clone()));
                args.push(Argument::new(key, span));
                args.push(Argument::new(table.column(index), span));
            }
        }
        let bag = match args.is_empty() {
            true => ScalarExpr::Literal(Value::Dynamic("{}".into())),
            false => cx.call("bag_pack", span, args),
        };
        columns.push((Column::new(PACK, Type::Dynamic), bag));
    }
    table.project(columns)
}

/// The rows with the packed columns behind all others: tables that lack a column come first in the
/// union's order.
fn pack_last(relation: Relation, packs: bool) -> Relation {
    let Some(pack) = relation.schema.index_of(PACK).filter(|_| packs) else { return relation };
    let mut order: Vec<usize> = (0..relation.schema.len()).filter(|i| *i != pack).collect();
    order.push(pack);
    relation.select(&order)
}
