//! `graph-match`: every match of a pattern.

use super::adjacency::Adjacency;
use super::pattern::Pattern;
use super::rows::Found;
use super::search::Search;
use crate::error::Result;
use crate::functions::table::{Output, TableArgs};

pub fn kernel(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let pattern = Pattern::from_value(args.constants.first())?;
    let [nodes, edges] = args.inputs else { return Ok(()) };
    let graph = Adjacency::new(nodes, edges, pattern.keys, out)?;
    out.reserve(graph.nodes + graph.sources.len())?;
    let mut found = Found::new(args, &pattern)?;
    let mut search = Search::new(&graph, &pattern, nodes, edges, out)?;
    search.run(out, &mut |found_now, out| found.push(found_now, out))?;
    found.flush(out)
}
