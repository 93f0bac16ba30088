//! The operators `graph-where-nodes` and `graph-where-edges`: a part of a graph.

use crate::binder::Binder;
use crate::binder::graph::{Flow, Graph, GraphScope};
use crate::binder::scope::{Clause, Row};
use crate::plan::ScalarExpr;
use crate::syntax::ast::Expr;

/// `graph-where-nodes condition`: edges whose nodes go, go with them.
pub(super) fn nodes<'a>(cx: &mut Binder<'a>, graph: Graph, predicate: &'a Expr) -> Flow {
    let mut clause = Clause {
        row: Row::Columns(graph.node_properties()),
        graph: Some(GraphScope::Node(Box::new(graph.clone()))),
        ..Clause::constant()
    };
    let condition = cx.argument(&mut clause, predicate);
    let span = condition.span;
    let condition = cx.condition(condition);
    let width = graph.nodes.schema.len();
    let mut degrees = false;
    condition.visit(&mut |e| {
        degrees |= matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
    });
    let nodes = if degrees {
        let nodes = cx.with_degrees(&graph, span);
        nodes.filter(condition).select(&(0..width).collect::<Vec<_>>())
    } else {
        graph.nodes.clone().filter(condition)
    };
    Flow::Graph(Box::new(Graph { nodes, filtered: true, ..graph }))
}

/// `graph-where-edges condition`: all nodes stay.
pub(super) fn edges<'a>(cx: &mut Binder<'a>, graph: Graph, predicate: &'a Expr) -> Flow {
    let mut clause = Clause {
        row: Row::Columns(graph.edges.schema.clone()),
        graph: Some(GraphScope::Edge),
        ..Clause::constant()
    };
    let condition = cx.argument(&mut clause, predicate);
    let condition = cx.condition(condition);
    let edges = graph.edges.clone().filter(condition);
    Flow::Graph(Box::new(Graph { edges, ..graph }))
}
