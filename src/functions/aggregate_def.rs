//! The record that declares an aggregation function.

use arrow::datatypes::DataType;
use datafusion::logical_expr::GroupsAccumulator;

use super::def::{Param, Returns};
use crate::error::Result;
use crate::types::{Type, Value};

/// An aggregation function.
pub struct AggregateFunction {
    pub name: &'static str,
    /// The doc comment, line by line.
    pub docs: &'static [&'static str],
    pub overloads: &'static [AggregateOverload],
    pub aliases: &'static [&'static str],
    /// What stands before the argument's name in the name of the result column (`sum_`).
    pub prefix: &'static str,
}

/// One signature of an aggregation function.
pub struct AggregateOverload {
    pub params: &'static [Param],
    pub returns: AggregateReturns,
    pub evaluate: Evaluate,
}

/// What an aggregation function gives.
#[derive(Clone, Copy, Debug)]
pub enum AggregateReturns {
    One(Returns),
    /// Several columns, computed from the argument types; they arrive as one Arrow struct.
    Many(fn(&[Type]) -> Vec<Type>),
}

/// How an aggregation function is evaluated.
#[derive(Clone, Copy)]
pub enum Evaluate {
    /// DataFusion's own aggregate gives Kusto's answer.
    Native(Native),
    /// Vectorised state for all groups at once; there is no per-group boxed accumulator.
    Groups(fn(&AggregateArgs) -> Result<Box<dyn Groups>>),
    /// Another aggregation function over the rows where the argument at `predicate` holds.
    Filtered { base: &'static str, predicate: usize },
}

/// Aggregates for which DataFusion's implementation is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Native {
    /// Rows.
    Count,
    /// `min` over a canonical column without NaN rules.
    Min,
    /// `max` over a canonical column without NaN rules.
    Max,
}

/// What a constructor of group state may know.
#[derive(Clone, Debug)]
pub struct AggregateArgs {
    /// KQL types of the arguments, after conversion.
    pub types: Vec<Type>,
    /// The values of the constant ones.
    pub constants: Vec<Option<Value>>,
    /// KQL types of the results: one, or the fields of the struct.
    pub returns: Vec<Type>,
}

/// State of one aggregation function for all groups.
///
/// `evaluate` gives canonical arrays; several results as one `StructArray` with fields `c0`, `c1` ….
pub trait Groups: GroupsAccumulator + Sync {
    /// Arrow types of the arrays that `state` returns and `merge_batch` takes.
    fn state_types(&self) -> Vec<DataType>;
}

impl AggregateFunction {
    /// The first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.docs.first().map_or("", |line| line.trim())
    }
}

impl std::fmt::Debug for AggregateFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Records are unique: one function is the same as another when their names are.
impl PartialEq for AggregateFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for AggregateFunction {}

impl std::hash::Hash for AggregateFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
