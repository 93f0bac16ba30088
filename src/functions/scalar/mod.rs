//! Scalar functions and scalar operators, one file per family.

pub mod binning;
pub mod bitwise;
pub mod conditional;
pub mod conversion;
pub mod datetime;
pub mod dynamic_access;
pub mod dynamic_array;
pub mod dynamic_bag;
pub mod encoding;
pub mod formatting;
pub mod geo_cells;
pub mod geo_line;
pub mod geo_overlay;
pub mod geo_point;
pub mod geo_polygon;
pub mod geo_shape;
pub mod hash;
pub mod ip_address;
pub mod ipv4;
pub mod ipv4_text;
pub mod ipv6;
pub mod make_series;
pub mod math;
pub mod metadata;
pub mod operators;
pub mod parsing;
pub mod patterns;
pub mod punycode;
pub mod regex;
pub mod search;
pub mod series_arithmetic;
pub mod series_decompose;
pub mod series_fft;
pub mod series_fill;
pub mod series_filter;
pub mod series_fit;
pub mod series_outliers;
pub mod series_stats;
mod series_values;
pub mod sets;
pub mod sketches;
mod special;
pub mod strings;
pub mod testing;
pub mod testing_numeric;
pub mod timespan;
pub mod timezone;
pub mod units;
pub mod window;

use super::def::ScalarFunction;

/// The functions of every family.
pub static FAMILIES: &[&[&ScalarFunction]] = &[
    encoding::FUNCTIONS,
    formatting::FUNCTIONS,
    hash::FUNCTIONS,
    parsing::FUNCTIONS,
    regex::FUNCTIONS,
    search::FUNCTIONS,
    strings::FUNCTIONS,
    testing::FUNCTIONS,
    operators::arithmetic::FUNCTIONS,
    operators::comparison::FUNCTIONS,
    operators::membership::FUNCTIONS,
    operators::logic::FUNCTIONS,
    conversion::FUNCTIONS,
    conditional::FUNCTIONS,
    testing_numeric::FUNCTIONS,
    binning::FUNCTIONS,
    math::FUNCTIONS,
    bitwise::FUNCTIONS,
    datetime::FUNCTIONS,
    timespan::FUNCTIONS,
    timezone::FUNCTIONS,
    units::FUNCTIONS,
    sketches::FUNCTIONS,
    dynamic_access::FUNCTIONS,
    window::FUNCTIONS,
    metadata::FUNCTIONS,
    dynamic_array::FUNCTIONS,
    dynamic_bag::FUNCTIONS,
    sets::FUNCTIONS,
    make_series::FUNCTIONS,
    series_arithmetic::FUNCTIONS,
    series_stats::FUNCTIONS,
    series_fill::FUNCTIONS,
    series_filter::FUNCTIONS,
    series_fit::FUNCTIONS,
    series_fft::FUNCTIONS,
    series_outliers::FUNCTIONS,
    series_decompose::FUNCTIONS,
    geo_point::FUNCTIONS,
    geo_shape::FUNCTIONS,
    geo_line::FUNCTIONS,
    geo_polygon::FUNCTIONS,
    geo_overlay::FUNCTIONS,
    geo_cells::FUNCTIONS,
    ipv4::FUNCTIONS,
    ipv4_text::FUNCTIONS,
    ipv6::FUNCTIONS,
];
