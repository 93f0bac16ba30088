//! The `mv-expand` operator: `T | mv-expand [with_itemindex=i] [x =] a [to typeof(t)], … [limit n]`.

use std::sync::Arc;

use super::{parameter, word_parameter};
use crate::binder::Binder;
use crate::binder::naming::{Target, numbered};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Expansion, Node, Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, MvColumn, Operator};
use crate::types::{Column, RowSchema, Type};

/// The legacy spelling expands each row to at most so many.
const LEGACY_LIMIT: u64 = 128;

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    columns: &'a [MvColumn],
    limit: Option<&'a Expr>,
    legacy: bool,
) -> Relation {
    let kind = word_parameter(cx, operator, &["kind", "bagexpansion"], &["bag", "array"]);
    let array_pairs = kind == Some("array");
    let index_name =
        parameter(operator, &["with_itemindex"]).and_then(ast::word).map(Arc::<str>::from);
    let limit = match limit {
        Some(expr) => {
            let arg = cx.argument(&mut Clause::constant(), expr);
            let value = cx.constant(&arg.expr, arg.span).and_then(|value| value.as_i64());
            value.map(|count| u64::try_from(count).unwrap_or(0))
        }
        None => legacy.then_some(LEGACY_LIMIT),
    };
    let width = input.schema.len();
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let mut expansions = vec![];
    // Where each expansion's values go: over a column of the input, or behind them.
    let mut places: Vec<(Option<usize>, Arc<str>)> = vec![];
    let mut unnamed = 0;
    for column in columns {
        let arg = match &column.expr {
            Expr::Named(named) => cx.argument(&mut clause, &named.value),
            other => cx.argument(&mut clause, other),
        };
        if !matches!(arg.expr.ty(), Type::Dynamic | Type::Unknown) {
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::MV_EXPAND_TYPE,
                    arg.span,
                    format!("`mv-expand` takes a dynamic value, not {}", arg.expr.ty()),
                )
                .hint("for text that holds an array, `parse_json(…)` or `split(…)`"),
            );
            return cx.broken();
        }
        let ty = column.ty.as_ref().map_or(Type::Dynamic, |name| cx.type_named(name));
        let place = match &column.expr {
            Expr::Named(named) => {
                let name = named.names[0].text.clone();
                (input.schema.index_of(&name), name)
            }
            other => match (cx.target(other, Some(&input.schema), true), only_column(&arg.expr)) {
                (Target::Explicit(name), _) => (input.schema.index_of(&name), name),
                (Target::Suggested(name), _)
                    if matches!(other, Expr::Member(_) | Expr::Index(_)) =>
                {
                    (input.schema.index_of(&name), name)
                }
                (_, Some(index)) => (Some(index), input.schema.columns()[index].name.clone()),
                _ => {
                    unnamed += 1;
                    (None, format!("Column{unnamed}").into())
                }
            },
        };
        places.push(place);
        expansions.push(Expansion { source: arg.expr, array_pairs, ty });
    }
    let types: Vec<Type> = expansions.iter().map(|e| e.ty).collect();
    let count = expansions.len();
    let mut inner: Vec<Column> = input.schema.columns().to_vec();
    inner.extend(types.iter().enumerate().map(|(i, &ty)| Column::new(format!("$item{i}"), ty)));
    if index_name.is_some() {
        inner.push(Column::new("$position", Type::Long));
    }
    let schema = input.schema.clone();
    let serialized = input.serialized;
    let node = Node::Expand { input, expansions, position: index_name.is_some(), limit };
    let expanded = Relation { serialized, ..Relation::new(node, RowSchema::new(inner)) };
    let mut result: Vec<(Column, ScalarExpr)> = schema
        .columns()
        .iter()
        .enumerate()
        .map(|(i, column)| (column.clone(), expanded.column(i)))
        .collect();
    for (offset, (place, name)) in places.into_iter().enumerate() {
        let value = (Column { name, ty: types[offset] }, expanded.column(width + offset));
        match place {
            Some(index) => result[index] = value,
            None => match result.iter_mut().find(|(column, _)| column.name == value.0.name) {
                Some(existing) => *existing = value,
                None => result.push(value),
            },
        }
    }
    if let Some(name) = index_name {
        let taken = |candidate: &str| result.iter().any(|(column, _)| &*column.name == candidate);
        let name = if taken(&name) { numbered(&name, taken) } else { name };
        result.push((Column { name, ty: Type::Long }, expanded.column(width + count)));
    }
    expanded.project(result)
}

/// The one column that an expression reads, if it reads exactly one.
fn only_column(expr: &ScalarExpr) -> Option<usize> {
    let mut columns = vec![];
    expr.visit(&mut |e| {
        if let ScalarExpr::Column { index, .. } = e
            && !columns.contains(index)
        {
            columns.push(*index);
        }
    });
    match columns[..] {
        [only] => Some(only),
        _ => None,
    }
}
