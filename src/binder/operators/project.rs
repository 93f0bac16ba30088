//! The `project` operator: `T | project a, b = expr, …`.

use super::{columns_of, items, name_items, window};
use crate::binder::Binder;
use crate::binder::naming::Policy;
use crate::binder::scope::Clause;
use crate::plan::Relation;
use crate::syntax::ast::Expr;

pub(super) fn bind<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let mut clause = Clause::over(&input);
    let items = items(cx, &mut clause, list, true);
    let names = name_items(cx, &items, Policy::Fresh, &input.schema);
    window::apply(input, &mut clause).project(columns_of(names, items))
}
