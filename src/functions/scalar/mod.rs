//! Scalar functions and scalar operators, one file per family.

pub mod encoding;
pub mod formatting;
pub mod hash;
pub mod operators;
pub mod parsing;
pub mod patterns;
pub mod punycode;
pub mod regex;
pub mod search;
pub mod strings;
pub mod testing;

use super::def::ScalarFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&ScalarFunction]] = &[
    encoding::FUNCTIONS,
    formatting::FUNCTIONS,
    hash::FUNCTIONS,
    operators::FUNCTIONS,
    parsing::FUNCTIONS,
    regex::FUNCTIONS,
    search::FUNCTIONS,
    strings::FUNCTIONS,
    testing::FUNCTIONS,
];
