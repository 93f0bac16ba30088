//! Functions that give several columns at once (`series_stats`, `series_fit_line`).

use super::ScalarFunction;
use super::scalar::{series_decompose, series_fft, series_fit, series_stats};
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
        packed: &series_fit::SERIES_FIT_LINE_PACKED,
        columns: &[
            ("rsquare", Type::Real),
            ("slope", Type::Real),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("interception", Type::Real),
            ("line_fit", Type::Dynamic),
        ],
    },
    Tuple {
        name: "series_fit_2lines",
        packed: &series_fit::SERIES_FIT_2LINES_PACKED,
        columns: &[
            ("rsquare", Type::Real),
            ("split_idx", Type::Long),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("line_fit", Type::Dynamic),
            ("right_rsquare", Type::Real),
            ("right_slope", Type::Real),
            ("right_interception", Type::Real),
            ("right_variance", Type::Real),
            ("right_rvariance", Type::Real),
            ("left_rsquare", Type::Real),
            ("left_slope", Type::Real),
            ("left_interception", Type::Real),
            ("left_variance", Type::Real),
            ("left_rvariance", Type::Real),
        ],
    },
    Tuple {
        name: "series_fit_poly",
        packed: &series_fit::SERIES_FIT_POLY_PACKED,
        columns: &[
            ("rsquare", Type::Real),
            ("coefficients", Type::Dynamic),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("poly_fit", Type::Dynamic),
        ],
    },
    Tuple {
        name: "series_fft",
        packed: &series_fft::SERIES_FFT_PACKED,
        columns: &[("real", Type::Dynamic), ("imag", Type::Dynamic)],
    },
    Tuple {
        name: "series_ifft",
        packed: &series_fft::SERIES_IFFT_PACKED,
        columns: &[("real", Type::Dynamic), ("imag", Type::Dynamic)],
    },
    Tuple {
        name: "series_decompose",
        packed: &series_decompose::SERIES_DECOMPOSE_PACKED,
        columns: &[
            ("baseline", Type::Dynamic),
            ("seasonal", Type::Dynamic),
            ("trend", Type::Dynamic),
            ("residual", Type::Dynamic),
        ],
    },
    Tuple {
        name: "series_decompose_forecast",
        packed: &series_decompose::SERIES_DECOMPOSE_FORECAST_PACKED,
        columns: &[
            ("baseline", Type::Dynamic),
            ("seasonal", Type::Dynamic),
            ("trend", Type::Dynamic),
            ("residual", Type::Dynamic),
        ],
    },
    Tuple {
        name: "series_decompose_anomalies",
        packed: &series_decompose::SERIES_DECOMPOSE_ANOMALIES_PACKED,
        columns: &[
            ("ad_flag", Type::Dynamic),
            ("ad_score", Type::Dynamic),
            ("baseline", Type::Dynamic),
        ],
    },
];

/// The function of several columns that is called `name`.
pub fn tuple(name: &str) -> Option<&'static Tuple> {
    TUPLES.iter().find(|tuple| tuple.name == name)
}
