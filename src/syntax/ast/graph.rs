//! The graph operators and their patterns.

use super::{Expr, Name, Operator, Parameter};
use crate::text::Span;

/// `make-graph source --> target [with table on key, … | with_node_id=name]
/// [partitioned-by column (pipeline)]`
#[derive(Clone, Debug, PartialEq)]
pub struct MakeGraph {
    pub source: Expr,
    pub target: Expr,
    pub nodes: Vec<NodeTable>,
    pub node_id: Option<Name>,
    pub partitioned_by: Option<(Expr, Vec<Operator>)>,
}

/// `table on key`
#[derive(Clone, Debug, PartialEq)]
pub struct NodeTable {
    pub table: Expr,
    pub key: Expr,
}

/// `graph-match pattern, … [where condition] [project columns]`, and `graph-shortest-paths`.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphMatch {
    pub patterns: Vec<GraphPattern>,
    pub condition: Option<Expr>,
    pub project: Vec<Expr>,
}

/// `(a)-[e]->(b)…`: nodes and edges in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphPattern {
    pub elements: Vec<GraphElement>,
    pub span: Span,
}

/// A node or an edge of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum GraphElement {
    Node(GraphNode),
    Edge(GraphEdge),
}

/// `(name)` or `()`
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    pub name: Option<Name>,
    pub span: Span,
}

/// `-[name*low..high]->`, `--`, `<--` …
#[derive(Clone, Debug, PartialEq)]
pub struct GraphEdge {
    pub name: Option<Name>,
    pub direction: EdgeDirection,
    /// The bounds of `*low..high`.
    pub range: Option<(Expr, Expr)>,
    pub span: Span,
}

/// Where an edge points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeDirection {
    /// `-->`
    Right,
    /// `<--`
    Left,
    /// `--`
    Any,
}

/// One table that `graph-to-table` makes: `nodes as N with_node_id=id`.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphOutput {
    /// `edges` instead of `nodes`.
    pub edges: bool,
    pub name: Option<Name>,
    pub parameters: Vec<Parameter>,
}
