//! Aggregation functions, one file per family.

pub mod count;

use super::aggregate_def::AggregateFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&AggregateFunction]] = &[count::AGGREGATES];
