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

/// What `mv-expand` and `mv-apply` expand, and where it goes.
pub(super) struct Elements {
    expansions: Vec<Expansion>,
    places: Vec<Place>,
    /// The name of the column that counts elements.
    position: Option<Arc<str>>,
    limit: Option<u64>,
}

/// Where the values of an expansion go.
struct Place {
    /// A column of the input that they replace.
    over: Option<usize>,
    name: Arc<str>,
    /// Whether the query gave the name.
    named: bool,
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    columns: &'a [MvColumn],
    limit: Option<&'a Expr>,
    legacy: bool,
) -> Relation {
    let Some(mut elements) = elements(cx, &input, operator, columns, limit) else {
        return cx.broken();
    };
    if legacy && limit.is_none() {
        elements.limit = Some(LEGACY_LIMIT);
    }
    elements.of(input)
}

/// Binds the columns to expand.
pub(super) fn elements<'a>(
    cx: &mut Binder<'a>,
    input: &Relation,
    operator: &'a Operator,
    columns: &'a [MvColumn],
    limit: Option<&'a Expr>,
) -> Option<Elements> {
    let kind = word_parameter(cx, operator, &["kind", "bagexpansion"], &["bag", "array"]);
    let array_pairs = kind == Some("array");
    let position =
        parameter(operator, &["with_itemindex"]).and_then(ast::word).map(Arc::<str>::from);
    let limit = limit.and_then(|expr| {
        let arg = cx.argument(&mut Clause::constant(), expr);
        let value = cx.constant(&arg.expr, arg.span).and_then(|value| value.as_i64());
        value.map(|count| u64::try_from(count).unwrap_or(0))
    });
    let mut clause = Clause::over(input);
    clause.windows = None;
    let mut expansions = vec![];
    let mut places = vec![];
    let mut unnamed = 0;
    for column in columns {
        let arg = match &column.expr {
            Expr::Named(named) => cx.argument(&mut clause, &named.value),
            other => cx.argument(&mut clause, other),
        };
        if !matches!(arg.expr.ty(), Type::Dynamic | Type::Unknown) {
            let name = cx.source.slice(operator.keyword);
            let message = format!("`{name}` takes a dynamic value, not {}", arg.expr.ty());
            cx.diagnostics.push(
                Diagnostic::error(codes::MV_EXPAND_TYPE, arg.span, message)
                    .hint("for text that holds an array, `parse_json(…)` or `split(…)`"),
            );
            return None;
        }
        let ty = column.ty.as_ref().map_or(Type::Dynamic, |name| cx.type_named(name));
        let named = matches!(column.expr, Expr::Named(_));
        let (over, name) = match &column.expr {
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
        places.push(Place { over, name, named });
        expansions.push(Expansion { source: arg.expr, array_pairs, ty });
    }
    Some(Elements { expansions, places, position, limit })
}

impl Elements {
    /// Whether the column of the input at `index` is expanded without a name, so that its own value
    /// is gone.
    pub(super) fn consumes(&self, index: usize) -> bool {
        self.places.iter().any(|place| place.over == Some(index) && !place.named)
    }

    /// The rows with their elements.
    pub(super) fn of(self, input: Relation) -> Relation {
        let Elements { expansions, places, position, limit } = self;
        let (schema, serialized) = (input.schema.clone(), input.serialized);
        let width = schema.len();
        let types: Vec<Type> = expansions.iter().map(|e| e.ty).collect();
        let mut inner: Vec<Column> = schema.columns().to_vec();
        let added = types.iter().enumerate();
        inner.extend(added.map(|(i, &ty)| Column::new(format!("$item{i}"), ty)));
        if position.is_some() {
            inner.push(Column::new("$position", Type::Long));
        }
        let node = Node::Expand { input, expansions, position: position.is_some(), limit };
        let expanded = Relation { serialized, ..Relation::new(node, RowSchema::new(inner)) };
        let mut result: Vec<_> = expanded.targets().take(width).collect();
        for (offset, Place { over, name, .. }) in places.into_iter().enumerate() {
            let value = (Column { name, ty: types[offset] }, expanded.column(width + offset));
            match over {
                Some(index) => result[index] = value,
                None => match result.iter_mut().find(|(column, _)| column.name == value.0.name) {
                    Some(existing) => *existing = value,
                    None => result.push(value),
                },
            }
        }
        if let Some(name) = position {
            let taken =
                |candidate: &str| result.iter().any(|(column, _)| &*column.name == candidate);
            let name = if taken(&name) { numbered(&name, taken) } else { name };
            let value = expanded.column(width + types.len());
            result.push((Column { name, ty: Type::Long }, value));
        }
        expanded.project(result)
    }
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
