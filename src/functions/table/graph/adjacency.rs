//! The edges at each node.

use std::collections::HashMap;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::row::{Row, RowConverter, Rows, SortField};

use super::pattern::Direction;
use crate::error::{Error, Result};
use crate::functions::table::Output;

/// No node or edge.
pub const NONE: u32 = u32::MAX;

/// A graph over row numbers of nodes and edges.
pub struct Adjacency {
    pub nodes: usize,
    /// The node at either end of each edge; [`NONE`] at both where the row is no edge.
    pub sources: Vec<u32>,
    pub targets: Vec<u32>,
    out: Lists,
    into: Lists,
}

/// The edges of each node, one list behind the other.
struct Lists {
    starts: Vec<u32>,
    edges: Vec<u32>,
}

impl Adjacency {
    /// Finds the ends of the edges by their keys.
    pub fn new(
        nodes: &RecordBatch,
        edges: &RecordBatch,
        keys: usize,
        out: &mut dyn Output,
    ) -> Result<Self> {
        let (count, lines) = (nodes.num_rows(), edges.num_rows());
        if count >= NONE as usize || lines >= NONE as usize {
            return Err(Error::Execution("the graph has too many nodes or edges".into()));
        }
        out.reserve(4 * (2 * count + 4 * lines) + 16 * count)?;
        let converter = Converter::new(&nodes.columns()[..keys])?;
        let node_keys = converter.rows(&nodes.columns()[..keys], out)?;
        let mut numbers: HashMap<Row<'_>, u32> = HashMap::with_capacity(count);
        for (index, key) in node_keys.iter().enumerate() {
            numbers.entry(key).or_insert(index as u32);
        }
        let mut ends = |columns: &[ArrayRef]| -> Result<Vec<u32>> {
            let keys = converter.rows(columns, out)?;
            out.check()?;
            Ok(keys.iter().map(|key| numbers.get(&key).copied().unwrap_or(NONE)).collect())
        };
        let mut sources = ends(&edges.columns()[..keys])?;
        let mut targets = ends(&edges.columns()[keys..2 * keys])?;
        for (source, target) in sources.iter_mut().zip(&mut targets) {
            if *source == NONE || *target == NONE {
                (*source, *target) = (NONE, NONE);
            }
        }
        let (out, into) = (Lists::new(&sources, count), Lists::new(&targets, count));
        Ok(Self { nodes: count, sources, targets, out, into })
    }

    /// The edge at `cursor` among those that lead from `node` in a direction, and its other end. An
    /// edge from a node to itself leads both ways.
    pub fn neighbour(&self, node: u32, toward: Direction, cursor: usize) -> Option<(u32, u32)> {
        let forward = |cursor| {
            let edge = self.out.of(node).get(cursor).copied()?;
            Some((edge, self.targets[edge as usize]))
        };
        let back = |cursor| {
            let edge = self.into.of(node).get(cursor).copied()?;
            Some((edge, self.sources[edge as usize]))
        };
        match toward {
            Direction::Right => forward(cursor),
            Direction::Left => back(cursor),
            Direction::Any => {
                let outward = self.out.of(node).len();
                if cursor < outward { forward(cursor) } else { back(cursor - outward) }
            }
        }
    }
}

impl Lists {
    fn new(ends: &[u32], nodes: usize) -> Self {
        let mut starts = vec![0u32; nodes + 1];
        for &node in ends.iter().filter(|node| **node != NONE) {
            starts[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut edges = vec![0u32; starts[nodes] as usize];
        for (edge, &node) in ends.iter().enumerate().filter(|(_, node)| **node != NONE) {
            let place = &mut next[node as usize];
            edges[*place as usize] = edge as u32;
            *place += 1;
        }
        Self { starts, edges }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.edges[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

/// Makes keys comparable.
pub struct Converter(RowConverter);

impl Converter {
    /// For keys of the types of `columns`.
    pub fn new(columns: &[ArrayRef]) -> Result<Self> {
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
        Ok(Self(RowConverter::new(fields.collect())?))
    }

    pub fn rows(&self, columns: &[ArrayRef], out: &mut dyn Output) -> Result<Rows> {
        let rows = self.0.convert_columns(columns)?;
        out.reserve(rows.size())?;
        Ok(rows)
    }
}

/// A constant that counts the key columns.
pub fn key_count(value: Option<&crate::types::Value>) -> Result<usize> {
    let count = value.and_then(crate::types::Value::as_i64);
    count
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| Error::Internal("a graph without keys".into()))
}
