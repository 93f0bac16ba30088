//! The `graph-match` operator: `G | graph-match [cycles=…] pattern, … [where condition] project …`.

use super::pattern;
use crate::binder::Binder;
use crate::binder::graph::Graph;
use crate::binder::operators::word_parameter;
use crate::functions::table::graph::MATCHES;
use crate::functions::table::graph::pattern::Cycles;
use crate::plan::Relation;
use crate::syntax::ast::{GraphMatch, Operator};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    graph: Graph,
    operator: &'a Operator,
    find: &'a GraphMatch,
) -> Relation {
    let allowed = ["all", "none", "unique_edges"];
    let cycles = match word_parameter(cx, operator, &["cycles"], &allowed) {
        Some("all") => Cycles::All,
        Some("none") => Cycles::None,
        _ => Cycles::UniqueEdges,
    };
    match pattern::bind(cx, graph, operator, find) {
        Some(bound) => bound.relation(cx, cycles, &MATCHES, &[]),
        None => cx.broken(),
    }
}
