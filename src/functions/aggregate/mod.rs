//! Aggregation functions, one file per family.

pub mod bags;
pub mod bits;
mod cardinality;
mod collect;
pub mod count;
pub mod distinct;
pub mod extremum;
mod json;
mod keys;
pub mod lists;
pub mod make_series;
pub mod moments;
pub mod percentile;
mod rows;
mod sets;
pub mod sketches;
pub mod total;
mod values;
mod winners;

use super::aggregate_def::AggregateFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&AggregateFunction]] = &[
    count::AGGREGATES,
    total::AGGREGATES,
    extremum::AGGREGATES,
    distinct::AGGREGATES,
    lists::AGGREGATES,
    make_series::AGGREGATES,
    bags::AGGREGATES,
    percentile::AGGREGATES,
    moments::AGGREGATES,
    bits::AGGREGATES,
    sketches::AGGREGATES,
];

#[cfg(test)]
mod tests;
