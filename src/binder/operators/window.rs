//! Row functions inside expressions: their values become columns before the expression is computed.

use crate::plan::{Node, Relation, ScalarExpr, WindowCall};
use crate::types::{Column, RowSchema};

use crate::binder::scope::Clause;

/// `input` with one more column per row function that the clause met, in order. Calls that read the
/// result of another one follow in a node of their own.
pub(super) fn apply(input: Relation, clause: &mut Clause) -> Relation {
    let Some(calls) = clause.windows.take().filter(|calls| !calls.is_empty()) else {
        return input;
    };
    let mut relation = input;
    let mut pending: Vec<WindowCall> = vec![];
    for call in calls {
        let width = relation.schema.len();
        let reads_pending = call.args.iter().any(|arg| {
            let mut reads = false;
            arg.visit(&mut |e| {
                reads |= matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
            });
            reads
        });
        if reads_pending {
            relation = node(relation, std::mem::take(&mut pending));
        }
        pending.push(call);
    }
    node(relation, pending)
}

fn node(input: Relation, calls: Vec<WindowCall>) -> Relation {
    let width = input.schema.len();
    let added = calls.iter().enumerate().map(|(index, call)| {
        // No KQL name begins with `$`, so these collide with nothing.
        Column::new(format!("$row{}", width + index), call.ty)
    });
    let schema: RowSchema = input.schema.columns().iter().cloned().chain(added).collect();
    Relation { serialized: true, ..Relation::new(Node::Window { input, calls }, schema) }
}
