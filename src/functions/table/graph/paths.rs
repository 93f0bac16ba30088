//! `graph-shortest-paths`: for each pair of first and last node the shortest match, or all of that
//! length.

use std::collections::HashSet;

use super::adjacency::Adjacency;
use super::pattern::Pattern;
use super::rows::Found;
use super::search::Search;
use crate::error::Result;
use crate::functions::table::{Output, TableArgs};
use crate::types::Value;

pub fn kernel(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let pattern = Pattern::from_value(args.constants.first())?;
    let all = matches!(args.constants.get(1), Some(Value::Bool(true)));
    let [nodes, edges] = args.inputs else { return Ok(()) };
    let graph = Adjacency::new(nodes, edges, pattern.keys, out)?;
    out.reserve(graph.nodes + graph.sources.len())?;
    let mut found = Found::new(args, &pattern)?;
    let mut search = Search::new(&graph, &pattern, nodes, edges)?;
    search.allow_empty_paths();
    let bounds = search.lengths().to_vec();
    let shortest: usize = bounds.iter().map(|(low, _)| low).sum();
    // A path that meets no node twice has fewer edges than there are nodes.
    let longest = bounds.iter().fold(0usize, |sum, (_, high)| sum.saturating_add(*high));
    let longest = longest.min(graph.nodes.saturating_sub(1));
    let (first, last) = ends(&pattern);
    let mut done: HashSet<(u32, u32)> = HashSet::new();
    for length in shortest..=longest {
        for (range, (low, high)) in search.lengths().iter_mut().zip(&bounds) {
            let others = shortest - low;
            *range = (*low, (*high).min(length - others));
        }
        let mut now: HashSet<(u32, u32)> = HashSet::new();
        search.run(out, &mut |candidate, out| {
            let pair = (candidate.nodes[first], candidate.nodes[last]);
            let edges = candidate.walks.iter().zip(&pattern.edges);
            let edges: usize =
                edges.map(|(walk, e)| if e.path.is_some() { walk.edges.len() } else { 1 }).sum();
            if edges != length || done.contains(&pair) || (!all && now.contains(&pair)) {
                return Ok(());
            }
            if now.insert(pair) {
                out.reserve(32)?;
            }
            found.push(candidate, out)
        })?;
        done.extend(now);
    }
    found.flush(out)
}

/// The first and the last node of a pattern of one sequence.
fn ends(pattern: &Pattern) -> (usize, usize) {
    let first = pattern.edges.first().map_or(0, |edge| edge.left);
    let last = pattern.edges.last().map_or(0, |edge| edge.right);

    (first, last)
}
