//! `graph-shortest-paths`: for each pair of first and last node the shortest match, or all of that
//! length.

use std::collections::HashSet;

use super::adjacency::{Adjacency, NONE};
use super::breadth::{Breadth, Way};
use super::pattern::{Edge, Path, Pattern};
use super::rows::Found;
use super::search::{Match, Search, Walk};
use crate::error::Result;
use crate::functions::table::{Output, TableArgs};
use crate::types::Value;

pub fn kernel(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let pattern = Pattern::from_value(args.constants.first())?;
    let all = matches!(args.constants.get(1), Some(Value::Bool(true)));
    let [nodes, edges] = args.inputs else { return Ok(()) };
    let graph = Adjacency::new(nodes, edges, pattern.keys, out)?;
    out.reserve(8 * graph.nodes + graph.sources.len())?;
    let mut found = Found::new(args, &pattern)?;
    let mut search = Search::new(&graph, &pattern, nodes, edges, out)?;
    match pattern.edges.as_slice() {
        [edge @ Edge { path: Some(path), .. }] if is_plain(edge, path) => {
            breadth_first(&graph, &search, edge, path, all, &mut found, out)?;
        }
        _ => by_length(&graph, &pattern, &mut search, all, &mut found, out)?,
    }
    found.flush(out)
}

/// Whether the nearest way to a node is always a path that the pattern wants.
fn is_plain(edge: &Edge, path: &Path) -> bool {
    path.low <= 1
        && edge.left != edge.right
        && path.any_edge.is_empty()
        && path.any_inner.is_empty()
}

/// Measures distances from each candidate of the end that has fewer, and walks back along them.
fn breadth_first(
    graph: &Adjacency,
    search: &Search,
    edge: &Edge,
    path: &Path,
    all: bool,
    found: &mut Found,
    out: &mut dyn Output,
) -> Result<()> {
    let from_right = search.candidates(edge.right) < search.candidates(edge.left);
    let (start, end) = if from_right { (edge.right, edge.left) } else { (edge.left, edge.right) };
    let toward = if from_right { edge.direction.opposite() } else { edge.direction };
    let (rules, ends) = (search.rules(0), search.filter(end));
    let wanted = search.candidates(end);
    let mut breadth = Breadth::new(graph.nodes);
    let mut row = Match::of(2, 1);
    for source in (0..graph.nodes as u32).filter(|node| search.filter(start).holds(*node)) {
        let mut left = wanted - usize::from(ends.holds(source));
        let mut enough = |node| {
            left -= usize::from(ends.holds(node));
            left == 0
        };
        let begin = std::iter::once(source);
        let high = if wanted > usize::from(ends.holds(source)) { path.high } else { 0 };
        breadth.spread(Way { graph, toward, high, rules }, begin, &mut enough, out)?;
        for &target in breadth.reached() {
            if (breadth.distance(target) as usize) < path.low || !ends.holds(target) {
                continue;
            }
            (row.nodes[start], row.nodes[end]) = (source, target);
            // The way back from the target, node by node.
            let mut stops = vec![(target, 0usize)];
            let mut steps: Vec<u32> = vec![];
            while let Some(top) = stops.last_mut() {
                let (node, cursor) = *top;
                top.1 += 1;
                let distance = breadth.distance(node);
                if distance == 0 {
                    let nodes = stops.iter().map(|stop| stop.0);
                    row.walks[0] = Walk::along(steps.clone(), nodes, !from_right);
                    found.push(&row, out)?;
                    if !all {
                        break;
                    }
                }
                let next = (distance > 0)
                    .then(|| graph.neighbour(node, toward.opposite(), cursor))
                    .flatten();
                match next {
                    Some((edge, other)) => {
                        let before = breadth.distance(other);
                        let on_way = before != NONE
                            && before + 1 == distance
                            && rules.filter.holds(edge)
                            && (before == 0 || rules.inner.holds(other));
                        if on_way {
                            steps.push(edge);
                            stops.push((other, 0));
                        }
                    }
                    None => {
                        stops.pop();
                        steps.pop();
                    }
                }
            }
        }
    }
    Ok(())
}

/// Searches for matches of each length, the shortest first, until every pair has one.
fn by_length(
    graph: &Adjacency,
    pattern: &Pattern,
    search: &mut Search,
    all: bool,
    found: &mut Found,
    out: &mut dyn Output,
) -> Result<()> {
    search.allow_empty_paths();
    let bounds = search.lengths().to_vec();
    let shortest: usize = bounds.iter().map(|(low, _)| low).sum();
    // No node is met twice, unless the last one is the first.
    let longest = bounds.iter().fold(0usize, |sum, (_, high)| sum.saturating_add(*high));
    let longest = longest.min(graph.nodes);
    let first = pattern.edges.first().map_or(0, |edge| edge.left);
    let last = pattern.edges.last().map_or(0, |edge| edge.right);
    let pairs = search.candidates(first).saturating_mul(search.candidates(last));
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
        if done.len() >= pairs {
            break;
        }
    }
    Ok(())
}
