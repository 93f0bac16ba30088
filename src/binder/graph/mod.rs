//! Graphs between the operators that make them and those that use them. A graph is two relations,
//! so that each operator is a step over tables; nothing of it is computed before it is used.

mod scope;

pub use scope::{FUNCTIONS, GraphScope, Part, PatternScope, Read, Variable};

use super::Binder;
use super::aggregates::aggregate_of;
use super::combine;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{BoundStatement, JoinKind, Relation, ScalarExpr};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

/// A graph, bound.
#[derive(Clone)]
pub struct Graph {
    /// The properties, then the columns of the key: the id, and the partition if there is one.
    pub nodes: Relation,
    /// How many columns the key has.
    pub keys: usize,
    /// The edges with their properties. Where `filtered`, some lead to nodes that are gone.
    pub edges: Relation,
    /// Where the edges have the keys of their sources and of their targets.
    pub sources: Vec<usize>,
    pub targets: Vec<usize>,
    pub filtered: bool,
}

/// What goes from one operator to the next.
pub enum Flow {
    Table(Relation),
    Graph(Box<Graph>),
    /// Nothing: tables that were given names, for the statements that follow.
    Named,
    /// Several results, of `fork` or `facet`: a query may end here, nothing reads them.
    Several(Vec<BoundStatement>),
}

impl Graph {
    /// The properties of the nodes, which are their first columns.
    pub fn node_properties(&self) -> RowSchema {
        RowSchema::new(self.nodes.schema.columns()[..self.key(0)].iter().cloned())
    }

    /// Where the nodes have a column of their keys.
    pub fn key(&self, index: usize) -> usize {
        self.nodes.schema.len() - self.keys + index
    }

    /// The edges both of whose ends are nodes.
    pub fn live_edges(&self) -> Relation {
        if !self.filtered {
            return self.edges.clone();
        }
        let alive = |edges: Relation, ends: &[usize]| {
            let keys: Vec<_> = (0..self.keys).map(|index| self.key(index)).collect();
            let nodes = self.nodes.clone().select(&keys);
            let on: Vec<_> = ends.iter().copied().zip(0..self.keys).collect();
            combine::join(edges, nodes, JoinKind::LeftSemi, &on)
        };
        alive(alive(self.edges.clone(), &self.sources), &self.targets)
    }

    /// The columns of the degrees, behind those of the nodes.
    pub fn degree_in(&self) -> usize {
        self.nodes.schema.len()
    }

    pub fn degree_out(&self) -> usize {
        self.nodes.schema.len() + 1
    }
}

impl Binder<'_> {
    /// The nodes with two more columns: how many edges lead in, and how many lead out.
    pub(super) fn with_degrees(&mut self, graph: &Graph, span: Span) -> Relation {
        let inward = self.counted(graph, graph.nodes.clone(), &graph.targets, "$in", span);
        self.counted(graph, inward, &graph.sources, "$out", span)
    }

    fn counted(
        &mut self,
        graph: &Graph,
        nodes: Relation,
        ends: &[usize],
        name: &str,
        span: Span,
    ) -> Relation {
        let Some(call) = aggregate_of("count", vec![]) else { return nodes };
        let edges = graph.live_edges();
        let keys = ends.iter().enumerate().map(|(index, &column)| {
            let ty = edges.schema.columns()[column].ty;
            (Column::new(format!("$end{index}"), ty), edges.column(column))
        });
        let keys = keys.collect();
        let counts = edges.clone().aggregate(keys, vec![call], vec!["$count".into()]);
        let width = nodes.schema.len();
        let on: Vec<_> = (0..graph.keys).map(|index| (graph.key(index), index)).collect();
        let joined = combine::join(nodes.clone(), counts, JoinKind::LeftOuter, &on);
        let count = joined.column(width + graph.keys);
        let count = self.or_zero(count, span);
        let mut columns: Vec<_> = joined.targets().take(width).collect();
        columns.push((Column::new(name, Type::Long), count));
        joined.project(columns)
    }

    fn or_zero(&mut self, count: ScalarExpr, span: Span) -> ScalarExpr {
        let zero = ScalarExpr::Literal(Value::Long(0));
        let args = [count, zero].map(|expr| super::calls::Argument::new(expr, span));
        self.call("coalesce", span, args.to_vec())
    }

    /// A flow where only a table will do.
    pub(super) fn expect_table(&mut self, flow: Flow, span: Span) -> Relation {
        let message = match flow {
            Flow::Table(relation) => return relation,
            Flow::Graph(_) => "a graph is no table; an operator of graphs must follow",
            Flow::Several(_) => "several results are no table; they stand at the end of a query",
            Flow::Named => "tables that `graph-to-table` names stand in statements of their own",
        };
        let mut diagnostic = Diagnostic::error(codes::GRAPH_AS_TABLE, span, message);
        if matches!(flow, Flow::Graph(_)) {
            diagnostic = diagnostic.hint("as in `graph-match (a)-[e]->(b) project …`");
        }
        self.diagnostics.push(diagnostic);
        self.broken()
    }
}
