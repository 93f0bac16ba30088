//! Exact decimal numbers.

use arrow::datatypes::i256;

/// A decimal number: the value times 10^38.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decimal(pub i256);

impl Decimal {
    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        self.0.to_string().parse::<f64>().unwrap_or(f64::NAN) / 1e38
    }
}
