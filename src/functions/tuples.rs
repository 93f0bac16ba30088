//! Functions that give several columns at once (`series_stats`, `series_fit_line`).

use super::ScalarFunction;
use super::scalar::series_stats;
use crate::types::Type;

/// A function of several columns.
pub struct Tuple {
    /// The name as called.
    pub name: &'static str,
    /// Takes the same arguments and gives the values of all columns in one dynamic array; null
    /// where all are null.
    pub packed: &'static ScalarFunction,
    /// What follows the names of the function and of its argument in a column's name, and the
    /// column's type.
    pub columns: &'static [(&'static str, Type)],
}

static TUPLES: &[Tuple] = &[
    Tuple {
        name: "series_stats",
        packed: &series_stats::SERIES_STATS_PACKED,
        columns: &[
            ("min", Type::Real),
            ("min_idx", Type::Long),
            ("max", Type::Real),
            ("max_idx", Type::Long),
            ("avg", Type::Real),
            ("stdev", Type::Real),
            ("variance", Type::Real),
        ],
    },
    Tuple {
        name: "series_fit_line",
        packed: &series_stats::SERIES_FIT_LINE_PACKED,
        columns: &[
            ("rsquare", Type::Real),
            ("slope", Type::Real),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("interception", Type::Real),
            ("line_fit", Type::Dynamic),
        ],
    },
];

/// The function of several columns that is called `name`.
pub fn tuple(name: &str) -> Option<&'static Tuple> {
    TUPLES.iter().find(|tuple| tuple.name == name)
}
