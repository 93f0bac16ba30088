//! Connected components: weak ones by joining sets, strong ones by Tarjan's algorithm.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::row::Row;

use super::adjacency::{Adjacency, Converter, NONE, key_count};
use super::pattern::Direction;
use crate::error::Result;
use crate::functions::table::{Output, TableArgs};
use crate::types::Value;

pub fn kernel(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let keys = key_count(args.constants.first())?;
    let [nodes, edges] = args.inputs else { return Ok(()) };
    let graph = Adjacency::new(nodes, edges, keys, out)?;
    out.reserve(24 * graph.nodes)?;
    let marks = match args.constants.get(1) {
        Some(Value::Bool(true)) => strong(&graph, out)?,
        _ => weak(&graph),
    };
    let numbers = numbered(&marks, nodes, keys, out)?;
    let mut columns = nodes.columns().to_vec();
    columns.push(Arc::new(Int64Array::from(numbers)) as ArrayRef);
    let whole = RecordBatch::try_new(args.schema.clone(), columns)?;
    let rows = args.batch_rows.max(1);
    for start in (0..whole.num_rows()).step_by(rows) {
        out.send(whole.slice(start, rows.min(whole.num_rows() - start)))?;
    }
    Ok(())
}

/// Numbers components from zero by their first node; anew in each partition.
fn numbered(
    marks: &[u32],
    nodes: &RecordBatch,
    keys: usize,
    out: &mut dyn Output,
) -> Result<Vec<i64>> {
    let columns = &nodes.columns()[1..keys];
    let partitions = match columns {
        [] => None,
        _ => Some(Converter::new(columns)?.rows(columns, out)?),
    };
    let mut next: HashMap<Option<Row<'_>>, i64> = HashMap::new();
    let mut numbers = vec![-1i64; marks.len()];
    let mut result = Vec::with_capacity(marks.len());
    for (node, &mark) in marks.iter().enumerate() {
        let number = &mut numbers[mark as usize];
        if *number < 0 {
            let partition = partitions.as_ref().map(|rows| rows.row(node));
            let next = next.entry(partition).or_insert(0);
            *number = *next;
            *next += 1;
        }
        result.push(*number);
    }
    Ok(result)
}

/// A node of each node's component, the same for all of one.
fn weak(graph: &Adjacency) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..graph.nodes as u32).collect();
    for (&source, &target) in graph.sources.iter().zip(&graph.targets) {
        if source != NONE {
            let (a, b) = (root(&mut parents, source), root(&mut parents, target));
            parents[a.max(b) as usize] = a.min(b);
        }
    }
    (0..graph.nodes as u32).map(|node| root(&mut parents, node)).collect()
}

fn root(parents: &mut [u32], mut node: u32) -> u32 {
    while parents[node as usize] != node {
        let above = parents[parents[node as usize] as usize];
        parents[node as usize] = above;
        node = above;
    }
    node
}

/// A node of each node's strong component, the same for all of one.
fn strong(graph: &Adjacency, out: &dyn Output) -> Result<Vec<u32>> {
    const OPEN: u32 = NONE - 1;
    let mut order = vec![NONE; graph.nodes];
    let mut lowest = vec![0u32; graph.nodes];
    let mut marks = vec![OPEN; graph.nodes];
    let mut waiting: Vec<u32> = vec![];
    let mut visits: Vec<(u32, usize)> = vec![];
    let mut clock = 0u32;
    for start in 0..graph.nodes as u32 {
        if order[start as usize] != NONE {
            continue;
        }
        out.check()?;
        visits.push((start, 0));
        while let Some(visit) = visits.last_mut() {
            let (node, cursor) = *visit;
            let at = node as usize;
            if cursor == 0 {
                (order[at], lowest[at]) = (clock, clock);
                clock += 1;
                waiting.push(node);
            }
            visit.1 += 1;
            match graph.neighbour(node, Direction::Right, cursor) {
                Some((_, other)) if order[other as usize] == NONE => visits.push((other, 0)),
                Some((_, other)) => {
                    if marks[other as usize] == OPEN {
                        lowest[at] = lowest[at].min(order[other as usize]);
                    }
                }
                None => {
                    visits.pop();
                    if let Some((above, _)) = visits.last() {
                        let above = *above as usize;
                        lowest[above] = lowest[above].min(lowest[at]);
                    }
                    if lowest[at] == order[at] {
                        while let Some(member) = waiting.pop() {
                            marks[member as usize] = node;
                            if member == node {
                                break;
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(marks)
}
