//! Aggregation functions, one file per family.

pub mod bits;
pub mod count;
pub mod extremum;
mod keys;
pub mod moments;
mod rows;
pub mod total;
mod winners;

use super::aggregate_def::AggregateFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&AggregateFunction]] = &[
    count::AGGREGATES,
    total::AGGREGATES,
    extremum::AGGREGATES,
    moments::AGGREGATES,
    bits::AGGREGATES,
];
