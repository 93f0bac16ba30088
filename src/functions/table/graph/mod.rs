//! The table functions of graphs. A graph is two tables: nodes, each with a key, and edges, each with
//! the keys of its source and its target. A key may have several columns: in a partitioned graph the
//! partition is part of it.
//!
//! Tables of nodes begin with the columns of their keys, tables of edges with those of the source
//! and then those of the target. An edge whose source or target is no node is no edge.

mod adjacency;
mod breadth;
mod components;
mod matches;
mod nodes;
mod order;
mod paths;
pub mod pattern;
mod rows;
mod rules;
mod search;

use super::TableFunction;

/// One row per key: the first one in the order of the inputs. Constants: the number of key columns.
pub static NODES: TableFunction = TableFunction { name: "graph nodes", kernel: nodes::kernel };

/// The nodes with one more column, the number of their component. Inputs: nodes, and edges with
/// their keys alone. Constants: the number of key columns, and whether components are strong.
pub static COMPONENTS: TableFunction =
    TableFunction { name: "graph components", kernel: components::kernel };

/// One row per match. Inputs: nodes and edges. Constants: the [`pattern::Pattern`] as JSON.
pub static MATCHES: TableFunction =
    TableFunction { name: "graph matches", kernel: matches::kernel };

/// One row per shortest path. Inputs: nodes and edges. Constants: the [`pattern::Pattern`] as JSON,
/// and whether all shortest paths of a pair are wanted.
pub static SHORTEST_PATHS: TableFunction =
    TableFunction { name: "graph shortest paths", kernel: paths::kernel };
