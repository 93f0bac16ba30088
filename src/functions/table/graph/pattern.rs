//! What a graph pattern asks for, as data.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::types::Value;

/// A pattern: nodes joined by edges, and what each match gives. Columns are positions in the table
/// of nodes or of edges; filters are columns of bools, and null does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// How many columns a key has.
    pub keys: usize,
    pub cycles: Cycles,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub outputs: Vec<Output>,
}

/// Which cycles a match may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cycles {
    All,
    /// None that uses an edge twice.
    UniqueEdges,
    /// None but those that the pattern spells by repeating a node.
    None,
}

/// A node of the pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub filter: Option<usize>,
}

/// An edge of the pattern, from left to right as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Positions in [`Pattern::nodes`].
    pub left: usize,
    pub right: usize,
    pub direction: Direction,
    /// What holds for the edge, or for each one of a path.
    pub filter: Option<usize>,
    pub path: Option<Path>,
}

/// Where an edge of the pattern points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Right,
    Left,
    Any,
}

impl Direction {
    /// The same edges from their other ends.
    pub fn opposite(self) -> Self {
        match self {
            Direction::Right => Direction::Left,
            Direction::Left => Direction::Right,
            Direction::Any => Direction::Any,
        }
    }
}

/// The edges of a variable-length edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    pub low: usize,
    pub high: usize,
    /// What holds for each inner node.
    pub inner: Option<usize>,
    /// What holds for at least one edge.
    pub any_edge: Vec<usize>,
    /// What holds for at least one inner node.
    pub any_inner: Vec<usize>,
}

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub of: Element,
    pub column: usize,
    pub kind: Kind,
}

/// A part of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    Node(usize),
    /// A single edge, or the edges of a path.
    Edge(usize),
    /// The inner nodes of a path.
    Inner(usize),
}

/// What becomes of the values of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The one value itself.
    Value,
    /// An array of the values along a path.
    Map,
    /// Whether a bool is true all along a path.
    All,
    /// Whether a bool is true somewhere on a path.
    Any,
}

impl Pattern {
    /// The pattern as a constant of a plan.
    pub fn to_value(&self) -> Value {
        Value::Dynamic(serde_json::to_string(self).unwrap_or_default().into())
    }

    /// The pattern that a constant holds.
    pub fn from_value(value: Option<&Value>) -> Result<Self> {
        let broken = || Error::Internal("a graph pattern is no pattern".into());
        match value {
            Some(Value::Dynamic(json)) => serde_json::from_str(json).map_err(|_| broken()),
            _ => Err(broken()),
        }
    }
}
