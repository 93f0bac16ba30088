//! Table functions: algorithms over whole tables, for plugins and operators that no relational node
//! expresses. Registered by name, so that a plan can carry them as data.
//!
//! The inputs are collected, within the memory limit, before the kernel runs; what it gives is
//! streamed. Functions that look rows up in a second table may have the first one batch by batch.
//! Add one in a file of its own here and to [`TABLE_FUNCTIONS`].

pub mod activity;
pub mod axis;
mod events;
pub mod funnel;
pub mod graph;
mod groups;
pub mod neighbours;
pub mod patterns;
pub mod prefix_lookup;
pub mod reduce;
pub mod sequences;
pub mod shape_lookup;

use std::fmt;
use std::hash::{Hash, Hasher};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::Result;
use crate::types::Value;

/// All table functions.
static TABLE_FUNCTIONS: &[&TableFunction] = &[
    &activity::ACTIVE_USERS_COUNT,
    &activity::ACTIVITY_COUNTS_METRICS,
    &activity::ACTIVITY_ENGAGEMENT,
    &activity::ACTIVITY_METRICS,
    &activity::NEW_ACTIVITY_METRICS,
    &activity::SESSION_COUNT,
    &activity::SLIDING_WINDOW_COUNTS,
    &funnel::FUNNEL_SEQUENCE,
    &graph::COMPONENTS,
    &graph::MATCHES,
    &graph::NODES,
    &graph::SHORTEST_PATHS,
    &neighbours::ROLLING_PERCENTILE,
    &neighbours::ROWS_NEAR,
    &patterns::AUTOCLUSTER,
    &patterns::BASKET,
    &patterns::DIFFPATTERNS,
    &prefix_lookup::PREFIX_LOOKUP,
    &reduce::REDUCE,
    &reduce::REDUCE_SOURCE,
    &sequences::FUNNEL_SEQUENCE_COMPLETION,
    &sequences::SEQUENCE_DETECT,
    &shape_lookup::SHAPE_LOOKUP,
];

/// Those whose first input comes batch by batch, from [`Output::next`].
static STREAMING: &[&TableFunction] = &[&prefix_lookup::PREFIX_LOOKUP, &shape_lookup::SHAPE_LOOKUP];

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

    /// The next batch of a first input that comes batch by batch; `None` behind the last one.
    fn next(&mut self) -> Result<Option<RecordBatch>>;

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

    /// Whether the first input comes batch by batch; in its place among the inputs stands a batch
    /// without rows.
    pub fn streams(&self) -> bool {
        STREAMING.contains(&self)
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
