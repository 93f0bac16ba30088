//! The `extend` operator: `T | extend a = expr, …`; and `serialize`, which assigns the same way.

use super::{items, name_items, window};
use crate::binder::Binder;
use crate::binder::naming::Policy;
use crate::binder::scope::Clause;
use crate::plan::Relation;
use crate::syntax::ast::Expr;
use crate::types::Column;

pub(super) fn bind<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let mut clause = Clause::over(&input);
    let items = items(cx, &mut clause, list, true);
    let schema = input.schema.clone();
    let names = name_items(cx, &items, Policy::InPlace, &schema);
    let input = window::apply(input, &mut clause);
    let mut columns: Vec<_> = input.targets().take(schema.len()).collect();
    for (name, item) in names.into_iter().zip(items) {
        let column = Column { name: name.clone(), ty: item.value.expr.ty() };
        match columns.iter().position(|(column, _)| column.name == name) {
            Some(index) => columns[index] = (column, item.value.expr),
            None => columns.push((column, item.value.expr)),
        }
    }
    input.project(columns)
}

/// `serialize`: the rows keep the order they have.
pub(super) fn serialize<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let input = Relation { serialized: true, ..input };
    if list.is_empty() { input } else { bind(cx, input, list) }
}
