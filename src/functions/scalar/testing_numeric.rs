//! Tests of reals for NaN and the infinities. They are never null.

use arrow::array::ArrayRef;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Testing;

    /// Whether a real is not a number; a null is not.
    ///
    /// ```kql
    /// print isnan(0.0 / 0)                 //=> true
    /// print isnan(real(null))              //=> false
    /// ```
    ISNAN = "isnan" {
        (value: NumberOrBool) -> Bool => isnan;
    }

    /// Whether a real is infinite, of either sign.
    ///
    /// ```kql
    /// print isinf(1.0 / 0)                 //=> true
    /// ```
    ISINF = "isinf" {
        (value: NumberOrBool) -> Bool => isinf;
    }

    /// Whether a real is neither infinite nor NaN.
    ///
    /// ```kql
    /// print isfinite(1.5)                  //=> true
    /// ```
    ISFINITE = "isfinite" {
        (value: NumberOrBool) -> Bool => isfinite;
    }
}

fn isnan(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: Option<f64>| value.is_some_and(f64::is_nan))
}

fn isinf(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: Option<f64>| value.is_some_and(f64::is_infinite))
}

fn isfinite(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: Option<f64>| value.is_some_and(f64::is_finite))
}
