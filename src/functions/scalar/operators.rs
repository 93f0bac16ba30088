//! Scalar operators as records: arithmetic, comparison and logic go by their signs.
//!
//! `lower` replaces most of them by native expressions; the kernels serve constants and the types
//! that Arrow does not know.

use arrow::array::ArrayRef;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Operators;

    /// Negates a truth value; the negation of null is null.
    ///
    /// ```kql
    /// print not(true)      //=> false
    /// ```
    NOT = "not" {
        (value: Bool) -> Bool => not;
        (value: Number) -> Bool => not_number;
    }
}

fn not(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: bool| !value)
}

fn not_number(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: f64| value == 0.0)
}
