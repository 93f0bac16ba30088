//! What names mean at one place of a query: the columns of the input, the `let`s around it, and which
//! kinds of call are legal there.

use super::graph::GraphScope;
use std::sync::Arc;

use crate::plan::{AggregateCall, Relation, WindowCall};
use crate::types::RowSchema;

/// The columns that an expression may read.
#[derive(Clone, Debug)]
pub enum Row {
    /// None: a `let`, an argument of an operator, `print`.
    None,
    /// Those of the operator's input.
    Columns(RowSchema),
    /// None, because the expression stands outside the aggregates of a `summarize`; the schema tells
    /// what to say about a column.
    OutsideAggregate(RowSchema),
}

/// The state of one step of `scan`: columns behind those of the row.
#[derive(Clone, Debug)]
pub struct StepRow {
    pub name: Arc<str>,
    pub schema: RowSchema,
    /// The position of its first column.
    pub first: usize,
}

/// Everything that binding one scalar expression needs and gathers.
pub struct Clause {
    pub row: Row,
    /// Whether the input may have columns that its schema lacks.
    pub open: bool,
    /// Where aggregates are legal: the calls met so far. An aggregate becomes a column behind
    /// `first_aggregate`.
    pub aggregates: Option<Vec<AggregateCall>>,
    /// Position of the first aggregate's result among the columns that follow.
    pub first_aggregate: usize,
    /// Where row functions are legal: the calls met so far, as columns behind those of the input.
    pub windows: Option<Vec<WindowCall>>,
    /// In a step of `scan`: what the names of steps mean.
    pub steps: Vec<StepRow>,
    /// Whether `let`s and parameters hide columns (in the body of a scalar function).
    pub lets_first: bool,
    /// What the expression may say about the elements of a graph.
    pub graph: Option<GraphScope>,
}

impl Clause {
    /// An expression without columns.
    pub fn constant() -> Self {
        Self {
            row: Row::None,
            open: false,
            aggregates: None,
            first_aggregate: 0,
            windows: None,
            steps: vec![],
            lets_first: false,
            graph: None,
        }
    }

    /// An expression over the rows of `input`; row functions only if they have an order.
    pub fn over(input: &Relation) -> Self {
        Self {
            row: Row::Columns(input.schema.clone()),
            open: input.is_open(),
            windows: input.serialized.then(Vec::new),
            ..Self::constant()
        }
    }

    /// An expression of a `summarize` over `input` with `keys` keys.
    pub fn aggregating(input: &Relation, keys: usize) -> Self {
        Self {
            row: Row::OutsideAggregate(input.schema.clone()),
            open: input.is_open(),
            aggregates: Some(vec![]),
            first_aggregate: keys,
            ..Self::constant()
        }
    }

    /// The columns of the input, whether they may be read or not.
    pub fn schema(&self) -> Option<&RowSchema> {
        match &self.row {
            Row::None => None,
            Row::Columns(schema) | Row::OutsideAggregate(schema) => Some(schema),
        }
    }
}
