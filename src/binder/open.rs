//! Relations without rows whose columns only rows could have told, as after `bag_unpack` over an empty
//! table. Their names resolve with a warning: no row can show what they would have been.

use super::Binder;
use super::probes::is_pending;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation, ScalarExpr};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

impl Binder<'_> {
    /// Warns of a name that no row confirms.
    pub(super) fn open_column(&mut self, name: &str, span: Span) {
        let message = format!("column `{name}` is not known: there are no rows that could have it");
        self.diagnostics.push(
            Diagnostic::warning(codes::DISCARDED, span, message)
                .hint("the columns before it come out of the data"),
        );
    }

    /// What an operator over an open relation gives.
    pub(super) fn after_open(&mut self, relation: Relation, span: Span) -> Relation {
        if relation.is_open() {
            return relation.void();
        }
        if is_pending(&relation) && !self.quiet {
            let message = "without rows, what this computes is not known";
            self.error(codes::UNKNOWN_NAME, span, message);
            return self.broken();
        }
        relation
    }
}

/// A relation all of whose columns have a type: those that no row told are null dynamics.
pub(super) fn settled(relation: Relation) -> Relation {
    if relation.schema.columns().iter().all(|column| column.ty != Type::Unknown) {
        return relation;
    }
    let columns = relation.schema.columns().iter().enumerate();
    let columns = columns.map(|(index, column)| match column.ty {
        Type::Unknown => {
            let null = ScalarExpr::Literal(Value::null(Type::Dynamic));
            (Column { name: column.name.clone(), ty: Type::Dynamic }, null)
        }
        _ => (column.clone(), relation.column(index)),
    });
    let columns = columns.collect();
    relation.clone().project(columns)
}

/// The inputs of a union, those without rows with the types that the others give to their columns.
pub(super) fn agreed(inputs: Vec<Relation>) -> Vec<Relation> {
    let known = |name: &str| {
        let columns = inputs.iter().flat_map(|input| input.schema.columns());
        let mut types = columns.filter(|c| &*c.name == name && c.ty != Type::Unknown);
        types.next().map_or(Type::Dynamic, |column| column.ty)
    };
    let agree = |input: &Relation| match &*input.node {
        Node::Void => {
            let columns = input.schema.columns().iter().map(|column| match column.ty {
                Type::Unknown => Column { name: column.name.clone(), ty: known(&column.name) },
                _ => column.clone(),
            });
            Relation { schema: RowSchema::new(columns), ..input.clone() }
        }
        _ => input.clone(),
    };
    inputs.iter().map(agree).collect()
}
