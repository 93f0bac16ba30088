//! The bound plan: typed, resolved, desugared.
//!
//! A [`Relation`] is a tree of [`Node`]s; every one carries the schema of the rows it gives. Columns
//! are positions in the input's schema. Nothing here knows syntax or an engine, and everything is
//! plain data.

pub mod dump;
pub mod expr;
pub mod node;
mod prune;

pub mod scan;

pub use expr::{AggregateCall, Call, ScalarExpr, WindowCall};
pub use node::{
    Expansion, JoinKind, Node, ParseKind, ParseMethod, ParsePattern, ParseStep, SortKey,
};
pub use prune::prune;
pub use scan::{ScanOutput, ScanRule, StepScan};

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::Span;
use crate::types::{Column, RowSchema};

/// A tabular expression, bound. Cheap to clone; clones share their nodes.
#[derive(Clone, Debug)]
pub struct Relation {
    pub node: Arc<Node>,
    /// Columns of the rows it gives. Names are unique.
    pub schema: RowSchema,
    /// Whether the order of rows is defined (after `sort`, `serialize` …), so that `prev` and the
    /// like may be used.
    pub serialized: bool,
}

impl Relation {
    /// A relation whose rows have no defined order.
    pub fn new(node: Node, schema: RowSchema) -> Self {
        Self { node: Arc::new(node), schema, serialized: false }
    }

    /// Keeps the rows for which `predicate` is true.
    #[must_use]
    pub fn filter(self, predicate: ScalarExpr) -> Self {
        let (schema, serialized) = (self.schema.clone(), self.serialized);
        Self { serialized, ..Self::new(Node::Filter { input: self, predicate }, schema) }
    }

    /// Computes new columns from each row.
    #[must_use]
    pub fn project(self, columns: Vec<(Column, ScalarExpr)>) -> Self {
        let serialized = self.serialized;
        let (schema, exprs): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        Self {
            serialized,
            ..Self::new(Node::Project { input: self, exprs }, RowSchema::new(schema))
        }
    }

    /// Keeps the columns at `indices`, in that order.
    #[must_use]
    pub fn select(self, indices: &[usize]) -> Self {
        let columns = indices.iter().map(|&i| (self.schema.columns()[i].clone(), self.column(i)));
        let columns = columns.collect();
        self.project(columns)
    }

    /// Orders rows; afterwards the order is defined.
    #[must_use]
    pub fn sort(self, keys: Vec<SortKey>) -> Self {
        let schema = self.schema.clone();
        Self { serialized: true, ..Self::new(Node::Sort { input: self, keys }, schema) }
    }

    /// Keeps the first `count` rows.
    #[must_use]
    pub fn limit(self, count: u64) -> Self {
        let (schema, serialized) = (self.schema.clone(), self.serialized);
        Self { serialized, ..Self::new(Node::Limit { input: self, count }, schema) }
    }

    /// Groups by `keys` and aggregates; the columns are the keys, then the calls' results.
    #[must_use]
    pub fn aggregate(
        self,
        keys: Vec<(Column, ScalarExpr)>,
        calls: Vec<AggregateCall>,
        names: Vec<Arc<str>>,
    ) -> Self {
        let (mut columns, keys): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
        let types = calls.iter().flat_map(|call| call.returns.iter().copied());
        columns.extend(names.into_iter().zip(types).map(|(name, ty)| Column { name, ty }));
        Self::new(Node::Aggregate { input: self, keys, calls }, RowSchema::new(columns))
    }

    /// Whether the rows of `other`, known by its node, go into this relation.
    pub fn reads(&self, other: &Relation) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
            || self.inputs().into_iter().any(|input| input.reads(other))
    }

    /// The relations whose rows it reads.
    pub fn inputs(&self) -> Vec<&Relation> {
        match &*self.node {
            Node::Scan { .. }
            | Node::External { .. }
            | Node::Values { .. }
            | Node::Void
            | Node::Range { .. } => vec![],
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Align { input, .. }
            | Node::Aggregate { input, .. }
            | Node::Sort { input, .. }
            | Node::Limit { input, .. }
            | Node::Expand { input, .. }
            | Node::Parse { input, .. }
            | Node::Window { input, .. }
            | Node::Consume { input } => vec![input],
            Node::Steps(scan) => vec![&scan.input],
            Node::Join { left, right, .. } => vec![left, right],
            Node::Union { inputs } | Node::TableFunction { inputs, .. } => inputs.iter().collect(),
        }
    }

    /// Whether there are no rows and, for want of them, columns that the schema does not have.
    pub fn is_open(&self) -> bool {
        match &*self.node {
            Node::Void => true,
            Node::Scan { .. }
            | Node::External { .. }
            | Node::Values { .. }
            | Node::Range { .. }
            | Node::TableFunction { .. } => false,
            Node::Aggregate { input, keys, .. } => !keys.is_empty() && input.is_open(),
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Align { input, .. }
            | Node::Sort { input, .. }
            | Node::Limit { input, .. }
            | Node::Expand { input, .. }
            | Node::Parse { input, .. }
            | Node::Window { input, .. }
            | Node::Consume { input } => input.is_open(),
            Node::Steps(scan) => scan.input.is_open(),
            Node::Join { left, right, kind, .. } => match kind {
                JoinKind::LeftOuter | JoinKind::LeftAnti => left.is_open(),
                JoinKind::RightOuter | JoinKind::RightAnti => right.is_open(),
                JoinKind::FullOuter => left.is_open() && right.is_open(),
                JoinKind::Inner
                | JoinKind::InnerUnique
                | JoinKind::LeftSemi
                | JoinKind::RightSemi => left.is_open() || right.is_open(),
            },
            Node::Union { inputs } => !inputs.is_empty() && inputs.iter().all(Relation::is_open),
        }
    }

    /// This relation without rows, if it [is open](Self::is_open).
    #[must_use]
    pub fn void(self) -> Self {
        Self { node: Arc::new(Node::Void), ..self }
    }

    /// The columns as targets of a projection that keeps them.
    pub fn targets(&self) -> impl Iterator<Item = (Column, ScalarExpr)> {
        let columns = self.schema.columns().iter().enumerate();
        columns.map(|(index, column)| (column.clone(), self.column(index)))
    }

    /// The column at `index` as an expression over this relation's rows.
    pub fn column(&self, index: usize) -> ScalarExpr {
        ScalarExpr::Column { index, ty: self.schema.columns()[index].ty }
    }
}

/// A bound query.
#[derive(Clone, Debug, Default)]
pub struct BoundQuery {
    /// One per tabular statement, in order.
    pub statements: Vec<BoundStatement>,
    /// What has to be asked of the data before the query can be bound to the end. Empty once all
    /// answers were given.
    pub probes: Vec<Probe>,
    /// Whether a union left out tables that do not resolve, whose columns are therefore missing.
    pub partial: bool,
    /// The rows that come into the operators of the query's text, by their places, and those of the
    /// right side of a join, by its. Nothing where the columns are not all known, or differ from one
    /// call of a function to the next.
    pub inputs: HashMap<Span, Option<InputRows>>,
}

/// What is known of rows on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRows {
    pub schema: RowSchema,
    /// Whether their order is defined.
    pub serialized: bool,
}

/// One tabular statement.
#[derive(Clone, Debug)]
pub struct BoundStatement {
    pub relation: Relation,
    /// What `render` asked for.
    pub visualization: Option<Visualization>,
    /// The name given by a trailing `as`.
    pub name: Option<Arc<str>>,
}

/// How a result wants to be shown; a property of the result, not of the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Visualization {
    /// `timechart`, `piechart` …
    pub kind: Arc<str>,
    /// `title`, `xcolumn` … as written.
    pub properties: Vec<(Arc<str>, Arc<str>)>,
}

/// A question to the data that binding depends on: the value of a `toscalar`, the columns of a
/// `pivot`, the rows of a `materialize`.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its place in the order of binding, the same at every attempt.
    pub id: usize,
    pub relation: Relation,
    pub kind: ProbeKind,
}

/// What becomes of a probe's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// The first `limit` rows come back as values.
    Rows { limit: u64 },
    /// All rows are kept as a temporary table.
    Table,
}

/// The answer to a [`Probe`].
#[derive(Clone, Debug)]
pub enum Answer {
    Rows(Vec<Vec<crate::types::Value>>),
    /// The name of the temporary table.
    Table(Arc<str>),
}
