//! Scalar functions and scalar operators, one file per family.

pub mod operators;
pub mod search;

use super::def::ScalarFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&ScalarFunction]] = &[operators::FUNCTIONS, search::FUNCTIONS];
