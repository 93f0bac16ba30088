//! The `graph-shortest-paths` operator: `G | graph-shortest-paths [output=any|all] pattern
//! [where condition] project …`.

use super::pattern;
use crate::binder::Binder;
use crate::binder::graph::Graph;
use crate::binder::operators::word_parameter;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::graph::SHORTEST_PATHS;
use crate::functions::table::graph::pattern::Cycles;
use crate::plan::Relation;
use crate::syntax::ast::{GraphMatch, Operator};
use crate::types::Value;

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    graph: Graph,
    operator: &'a Operator,
    find: &'a GraphMatch,
) -> Relation {
    let all = word_parameter(cx, operator, &["output"], &["any", "all"]) == Some("all");
    // Paths are simple whatever it says.
    word_parameter(cx, operator, &["cycles"], &["all", "none", "unique_edges"]);
    if let [_, second, ..] = find.patterns.as_slice() {
        let message = "`graph-shortest-paths` takes one sequence of nodes and edges";
        cx.error(codes::GENERIC, second.span, message);
        return cx.broken();
    }
    let Some(bound) = pattern::bind(cx, graph, operator, find) else { return cx.broken() };
    if bound.edges().iter().all(|edge| edge.path.is_none()) {
        let message = "the pattern has no variable-length edge";
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, find.patterns[0].span, message)
                .hint("as in `(a)-[e*1..5]->(b)`"),
        );
        return cx.broken();
    }
    if let Some(span) = bound.across() {
        let message = "a condition of `graph-shortest-paths` is about one element only";
        cx.diagnostics.push(
            Diagnostic::error(codes::GRAPH_PATH_CONDITION, span, message)
                .hint("put what compares elements into a `where` behind it"),
        );
        return cx.broken();
    }
    bound.relation(cx, Cycles::None, &SHORTEST_PATHS, &[Value::Bool(all)])
}
