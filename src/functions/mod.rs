//! Functions of the language: one record each, with their kernels.
//!
//! A record ([`ScalarFunction`], [`AggregateFunction`]) is the single source for name resolution,
//! execution, documentation and completion. Add a scalar function in `scalar/<family>.rs`, an
//! aggregation function in `aggregate/<family>.rs`, and nowhere else.

pub mod aggregate;
pub mod aggregate_def;
pub mod cells;
pub mod columns;
mod declare;
pub mod def;
pub mod geo;
mod json;
pub mod kernel;
pub mod key_values;
mod memo;
pub mod resolve;
pub mod scalar;
pub mod series_axis;
pub mod sketch;
pub mod table;
pub mod text;
pub mod tuples;
pub mod udaf;
pub mod udf;
pub mod unsupported;

pub use aggregate_def::AggregateFunction;
pub use def::ScalarFunction;
pub use kernel::Args;

use hashbrown::HashMap;
use std::sync::LazyLock;

/// The scalar function or operator called `name`, aliases included.
pub fn scalar(name: &str) -> Option<&'static ScalarFunction> {
    static BY_NAME: LazyLock<HashMap<&str, &ScalarFunction>> = LazyLock::new(|| {
        let spellings = |f: &'static ScalarFunction| {
            std::iter::once(f.name).chain(f.aliases.iter().copied()).map(move |name| (name, f))
        };
        scalars().flat_map(spellings).collect()
    });
    BY_NAME.get(name).copied()
}

/// The aggregation function called `name`, aliases included.
pub fn aggregate(name: &str) -> Option<&'static AggregateFunction> {
    static BY_NAME: LazyLock<HashMap<&str, &AggregateFunction>> = LazyLock::new(|| {
        let spellings = |f: &'static AggregateFunction| {
            std::iter::once(f.name).chain(f.aliases.iter().copied()).map(move |name| (name, f))
        };
        aggregates().flat_map(spellings).collect()
    });
    BY_NAME.get(name).copied()
}

/// All scalar functions, operators included, in the order of the reference.
pub fn scalars() -> impl Iterator<Item = &'static ScalarFunction> {
    scalar::FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// All aggregation functions.
pub fn aggregates() -> impl Iterator<Item = &'static AggregateFunction> {
    aggregate::FAMILIES.iter().flat_map(|family| family.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        let mut seen = HashSet::new();
        for function in scalars() {
            for name in std::iter::once(function.name).chain(function.aliases.iter().copied()) {
                assert!(seen.insert(name), "`{name}` is declared twice");
            }
        }
    }
}
