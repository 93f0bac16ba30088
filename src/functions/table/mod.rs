//! Table functions: algorithms over whole tables, for plugins and operators that no relational node
//! expresses. Registered by name, so that a plan can carry them as data.
//!
//! The inputs are collected, within the memory limit, before the kernel runs; what it gives is
//! streamed. Add one in a file of its own here and to [`TABLE_FUNCTIONS`].

pub mod graph;

use std::fmt;
use std::hash::{Hash, Hasher};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::Result;
use crate::types::Value;

/// All table functions.
static TABLE_FUNCTIONS: &[&TableFunction] =
    &[&graph::NODES, &graph::COMPONENTS, &graph::MATCHES, &graph::SHORTEST_PATHS];

/// A table function.
pub struct TableFunction {
    /// The name in plans.
    pub name: &'static str,
    /// Computes the output and hands it over batch by batch.
    pub kernel: fn(&TableArgs, &mut dyn Output) -> Result<()>,
}

/// What a kernel works on.
pub struct TableArgs<'a> {
    /// The inputs, one batch each, all columns canonical; rows in order where the input has one.
    pub inputs: &'a [RecordBatch],
    /// Constant arguments, as the function's binding lays them out.
    pub constants: &'a [Value],
    /// The canonical schema of the output.
    pub schema: &'a SchemaRef,
    /// How many rows an output batch should have.
    pub batch_rows: usize,
}

/// Where a kernel's output goes.
pub trait Output {
    /// Hands over the next batch; waits while the reader is behind, and fails once it has gone.
    fn send(&mut self, batch: RecordBatch) -> Result<()>;

    /// Takes `bytes` more of the memory granted; given back when the kernel ends.
    fn reserve(&mut self, bytes: usize) -> Result<()>;

    /// Fails once the query was stopped. Long loops call it every few thousand steps.
    fn check(&self) -> Result<()>;
}

impl TableFunction {
    /// The table function called `name` in plans.
    pub fn named(name: &str) -> Option<&'static TableFunction> {
        TABLE_FUNCTIONS.iter().copied().find(|function| function.name == name)
    }
}

impl PartialEq for TableFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TableFunction {}

impl Hash for TableFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for TableFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
