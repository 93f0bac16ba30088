//! Operators over graphs, one file each.

mod graph_mark_components;
mod graph_match;
mod graph_shortest_paths;
mod graph_to_table;
mod graph_where;
mod make_graph;
mod pattern;

use crate::binder::Binder;
use crate::binder::graph::{Flow, Graph};
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::Relation;
use crate::syntax::ast::{Operator, OperatorKind as O};

/// Binds an operator that makes a graph or works on one; hands back the flow for any other.
pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    flow: Flow,
    operator: &'a Operator,
) -> Result<Flow, Relation> {
    let graph = match flow {
        Flow::Graph(graph) => *graph,
        Flow::Table(input) => {
            return match &operator.kind {
                O::MakeGraph(make) => Ok(make_graph::bind(cx, input, operator, make)),
                _ => Err(input),
            };
        }
        Flow::Named | Flow::Several(_) => return Err(cx.expect_table(flow, operator.keyword)),
    };
    if graph.keys == 0 {
        // Could not be bound; what is said about it was said.
        return Ok(match &operator.kind {
            O::GraphMarkComponents | O::GraphWhereEdges { .. } | O::GraphWhereNodes { .. } => {
                Flow::Graph(Box::new(graph))
            }
            _ => Flow::Table(cx.broken()),
        });
    }
    Ok(match &operator.kind {
        O::GraphMatch(find) => Flow::Table(graph_match::bind(cx, graph, operator, find)),
        O::GraphShortestPaths(find) => {
            Flow::Table(graph_shortest_paths::bind(cx, graph, operator, find))
        }
        O::GraphMarkComponents => graph_mark_components::bind(cx, graph, operator),
        O::GraphToTable { outputs } => graph_to_table::bind(cx, &graph, operator, outputs),
        O::GraphWhereEdges { predicate } => graph_where::edges(cx, graph, predicate),
        O::GraphWhereNodes { predicate } => graph_where::nodes(cx, graph, predicate),
        _ => Flow::Table(cx.expect_table(Flow::Graph(Box::new(graph)), operator.keyword)),
    })
}

/// Refuses an operator of graphs over a table.
pub(super) fn without_graph(cx: &mut Binder, operator: &Operator) -> Relation {
    if !cx.quiet {
        let name = cx.source.slice(operator.keyword).to_string();
        let message = format!("`{name}` works on a graph, not on a table");
        cx.diagnostics.push(
            Diagnostic::error(codes::EXPRESSION_TYPE, operator.keyword, message)
                .hint("make one with `make-graph source --> target`"),
        );
    }
    cx.broken()
}

/// A graph that could not be bound.
fn broken(cx: &mut Binder) -> Flow {
    let nothing = cx.broken();
    let graph = Graph {
        nodes: nothing.clone(),
        keys: 0,
        edges: nothing,
        sources: vec![],
        targets: vec![],
        filtered: false,
    };
    Flow::Graph(Box::new(graph))
}
