//! Scalar operators as records: arithmetic, comparison, membership and logic go by their signs.
//!
//! `lower` replaces most of them by native expressions; the kernels serve constants and the types
//! that Arrow does not know.

pub mod arithmetic;
pub mod comparison;
pub mod logic;
pub mod membership;
