//! The `print` operator: `print a = expr, …`, one row.

use std::sync::Arc;

use super::{items, name_items};
use crate::binder::Binder;
use crate::binder::naming::{Policy, Target};
use crate::binder::scope::Clause;
use crate::plan::{Node, Relation};
use crate::syntax::ast::Expr;
use crate::types::{Column, RowSchema};

pub(super) fn bind<'a>(cx: &mut Binder<'a>, list: &'a [Expr]) -> Relation {
    let mut clause = Clause::constant();
    let mut items = items(cx, &mut clause, list, true);
    for (index, item) in items.iter_mut().enumerate() {
        if !matches!(item.target, Target::Explicit(_)) {
            item.target = Target::Explicit(Arc::from(format!("print_{index}")));
        }
    }
    let row = Relation::new(Node::Values { rows: vec![vec![]] }, RowSchema::default());
    let names = name_items(cx, &items, Policy::Fresh, &row.schema);
    let constant: Option<Vec<_>> =
        items.iter().map(|item| item.value.expr.as_literal().cloned()).collect();
    let columns = super::columns_of(names, items);
    match constant {
        Some(row) => {
            let schema = columns.into_iter().map(|(column, _): (Column, _)| column).collect();
            Relation::new(Node::Values { rows: vec![row] }, schema)
        }
        None => row.project(columns),
    }
}
