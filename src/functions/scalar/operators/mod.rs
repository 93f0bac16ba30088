//! Scalar operators as records: arithmetic, comparison, membership and logic go by their signs.
//!
//! `lower` replaces most of them by native expressions; the kernels serve constants and the types
//! that Arrow does not know.

pub mod arithmetic;
pub mod comparison;
pub mod logic;
pub mod membership;

use crate::types::dynamic::RawValue;

/// What a dynamic holds if it is a number; text, bools and containers are none.
fn number(json: &str) -> Option<RawValue<'_>> {
    json.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| RawValue::new(json))
}
