//! Breadth first: how far nodes are from where a walk begins.

use super::adjacency::{Adjacency, NONE};
use super::pattern::Direction;
use super::rules::EdgeRules;
use crate::error::Result;
use crate::functions::table::Output;

/// How many nodes are left behind between two questions whether the query was stopped.
const PATIENCE: usize = 1 << 12;

/// Distances from one or several nodes; used again and again without looking at every node.
pub struct Breadth {
    distances: Vec<u32>,
    /// The nodes that were reached, nearest first.
    reached: Vec<u32>,
}

/// Which edges lead on, and how many at most.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    pub graph: &'a Adjacency,
    pub toward: Direction,
    pub high: usize,
    pub rules: &'a EdgeRules<'a>,
}

impl Breadth {
    pub fn new(nodes: usize) -> Self {
        Self { distances: vec![NONE; nodes], reached: vec![] }
    }

    /// How many edges a node is away; [`NONE`] where it was not reached.
    pub fn distance(&self, node: u32) -> u32 {
        self.distances[node as usize]
    }

    pub fn reached(&self) -> &[u32] {
        &self.reached
    }

    /// Measures anew; `enough` is told of each node that is reached and may end it.
    pub fn spread(
        &mut self,
        way: Way<'_>,
        starts: impl Iterator<Item = u32>,
        enough: &mut dyn FnMut(u32) -> bool,
        out: &dyn Output,
    ) -> Result<()> {
        let Way { graph, toward, high, rules } = way;
        for &node in &self.reached {
            self.distances[node as usize] = NONE;
        }
        self.reached.clear();
        for node in starts {
            self.distances[node as usize] = 0;
            self.reached.push(node);
        }
        let mut at = 0;
        while let Some(&node) = self.reached.get(at) {
            at += 1;
            if at.is_multiple_of(PATIENCE) {
                out.check()?;
            }
            let distance = self.distance(node);
            if distance as usize >= high {
                break;
            }
            if distance > 0 && !rules.inner.holds(node) {
                continue;
            }
            let mut cursor = 0;
            while let Some((edge, other)) = graph.neighbour(node, toward, cursor) {
                cursor += 1;
                if self.distance(other) != NONE || !rules.filter.holds(edge) {
                    continue;
                }
                self.distances[other as usize] = distance + 1;
                self.reached.push(other);
                if enough(other) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
