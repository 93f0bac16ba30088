//! Numbers that describe series.

use arrow::array::ArrayRef;

use super::series_values::{Number, Operand, reals, write_numbers};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::types::dynamic::RawValue;
use crate::types::dynamic::path::elements;

scalar_functions! {
    family: Series;

    /// The sum of the elements of a series.
    ///
    /// ```kql
    /// print series_sum(dynamic([1, 2, 3, 4]))                      //=> 10.0
    /// ```
    SERIES_SUM = "series_sum" {
        (series: Dynamic) -> Real => series_sum;
    }

    /// The product of the elements of a series.
    ///
    /// ```kql
    /// print series_product(dynamic([1, 2, 3, 4]))                  //=> 24.0
    /// ```
    SERIES_PRODUCT = "series_product" {
        (series: Dynamic) -> Real => series_product;
    }

    /// The length of a series as a vector: the root of the sum of its squares.
    ///
    /// ```kql
    /// print series_magnitude(dynamic([3, 4]))                      //=> 5.0
    /// ```
    SERIES_MAGNITUDE = "series_magnitude" {
        (series: Dynamic) -> Real => series_magnitude;
    }

    /// The sum of the products of the elements of two series.
    ///
    /// What the longer one has more, and elements that are no numbers, are left out. A number in
    /// place of a series stands for every element.
    ///
    /// ```kql
    /// print series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))     //=> 12.0
    /// print series_dot_product(dynamic([1, 2, 4]), 2)                      //=> 14.0
    /// ```
    SERIES_DOT_PRODUCT = "series_dot_product" {
        (series1: NumberOrDynamic, series2: NumberOrDynamic) -> Real => series_dot_product;
    }

    /// The cosine of the angle between two series as vectors; their magnitudes may be given.
    ///
    /// ```kql
    /// print round(series_cosine_similarity(dynamic([0.1, 0.2, 0.1, 0.2]), dynamic([1, 2, 3, 4])), 6)       //=> 0.92376
    /// ```
    SERIES_COSINE_SIMILARITY = "series_cosine_similarity" {
        (series1: Dynamic, series2: Dynamic, [magnitude1: Real], [magnitude2: Real]) -> Real => series_cosine_similarity;
    }

    /// Pearson's correlation coefficient of two series; null if they differ in length or have
    /// elements that are no numbers.
    ///
    /// ```kql
    /// print series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))     //=> 1.0
    /// ```
    SERIES_PEARSON_CORRELATION = "series_pearson_correlation" {
        (series1: Dynamic, series2: Dynamic) -> Real => series_pearson_correlation;
    }

    /// Statistics of a series, one column each: minimum and maximum with their positions, average,
    /// sample deviation and variance.
    ///
    /// All are null where an element is no finite number, unless such elements are to be ignored.
    ///
    /// ```kql
    /// print x = dynamic([10, 20]) | project series_stats(x) | project series_stats_x_avg       //=> 15.0
    /// ```
    SERIES_STATS = "series_stats" {
        (series: Dynamic, [const ignore_nonfinite: Bool]) -> Dynamic => binder;
    }

    /// The values of `series_stats` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([10, 20]) | project series_stats(x) | project series_stats_x_max_idx   //=> 1
    /// ```
    SERIES_STATS_PACKED = "series_stats packed" {
        (series: Dynamic, [const ignore_nonfinite: Bool]) -> Dynamic => series_stats_packed;
    }

    /// Statistics of a series in a bag; null where an element is no finite number, unless such
    /// elements are to be ignored.
    ///
    /// ```kql
    /// print series_stats_dynamic(dynamic([10, 20])).variance       //=> 50.0
    /// ```
    SERIES_STATS_DYNAMIC = "series_stats_dynamic" {
        (series: Dynamic, [const ignore_nonfinite: Bool]) -> Dynamic => series_stats_dynamic;
    }
}

/// The numbers of a series, nulls left out; `None` if there are none or something else is among
/// them.
fn numbers(json: &str) -> Option<Vec<f64>> {
    let mut items = Vec::new();
    if !elements(json, &mut items) {
        return None;
    }
    items.retain(|item| !item.is_null());
    reals(&items).filter(|values| !values.is_empty())
}

fn series_sum(args: &Args) -> Result<ArrayRef> {
    args.map1(|json: &str| Some(numbers(json)?.iter().sum::<f64>()))
}

fn series_product(args: &Args) -> Result<ArrayRef> {
    args.map1(|json: &str| Some(numbers(json)?.iter().product::<f64>()))
}

fn magnitude(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

fn series_magnitude(args: &Args) -> Result<ArrayRef> {
    args.map1(|json: &str| Some(magnitude(numbers(json)?.into_iter())))
}

fn series_dot_product(args: &Args) -> Result<ArrayRef> {
    let (mut left, mut right) = (Operand::new(args, 0)?, Operand::new(args, 1)?);
    let mut product = |row: usize| {
        let (left, right) = (left.get(row)?, right.get(row)?);
        let length = match (left.len(), right.len()) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b)?,
        };
        let products =
            (0..length).filter_map(|at| Some(left.at(at)?.real() * right.at(at)?.real()));
        (length > 0).then(|| products.sum::<f64>())
    };
    let products: arrow::array::Float64Array = (0..args.rows()).map(&mut product).collect();
    Ok(std::sync::Arc::new(products))
}

fn series_cosine_similarity(args: &Args) -> Result<ArrayRef> {
    args.map4(|a: &str, b: &str, size_a: Option<f64>, size_b: Option<f64>| {
        let pairs = pairs(a, b)?;
        if pairs.is_empty() {
            return None;
        }
        let pairs: Vec<(f64, f64)> =
            pairs.into_iter().filter_map(|(a, b)| Some((a?, b?))).collect();
        let size_a = size_a.unwrap_or_else(|| magnitude(pairs.iter().map(|pair| pair.0)));
        let size_b = size_b.unwrap_or_else(|| magnitude(pairs.iter().map(|pair| pair.1)));
        let product: f64 = pairs.iter().map(|(a, b)| a * b).sum();
        Some(product / (size_a * size_b))
    })
}

type Pair = (Option<f64>, Option<f64>);

/// The elements of two series by position, as far as both reach.
fn pairs(a: &str, b: &str) -> Option<Vec<Pair>> {
    let read = |json| {
        let mut items = Vec::new();
        elements(json, &mut items).then_some(items)
    };
    let number = |item: RawValue| Number::read(item).map(Number::real);
    Some(read(a)?.into_iter().zip(read(b)?).map(|(a, b)| (number(a), number(b))).collect())
}

fn series_pearson_correlation(args: &Args) -> Result<ArrayRef> {
    let (mut left, mut right) = (args.arrays(0)?, args.arrays(1)?);
    let mut coefficient = |row: usize| {
        let (a, b) = (reals(left.get(row)?)?, reals(right.get(row)?)?);
        if a.len() != b.len() || a.is_empty() {
            return None;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (mean_a, mean_b) = (mean(&a), mean(&b));
        let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
        for (a, b) in a.iter().zip(&b) {
            let (a, b) = (a - mean_a, b - mean_b);
            both += a * b;
            square_a += a * a;
            square_b += b * b;
        }
        Some(both / (square_a * square_b).sqrt())
    };
    let found: arrow::array::Float64Array = (0..args.rows()).map(&mut coefficient).collect();
    Ok(std::sync::Arc::new(found))
}

/// Statistics of a series that has elements.
struct Stats {
    min: (f64, usize),
    max: (f64, usize),
    average: f64,
    variance: f64,
    sum: f64,
    length: usize,
}

impl Stats {
    /// `None` if an element is no finite number and such are not ignored, or none is left.
    fn new(items: &[RawValue], ignore: bool) -> Option<Stats> {
        let mut values = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            match Number::read(*item).map(Number::real).filter(|value| value.is_finite()) {
                Some(value) => values.push((value, position)),
                None if ignore => {}
                None => return None,
            }
        }
        let first = *values.first()?;
        let min = values.iter().fold(first, |min, v| if v.0 < min.0 { *v } else { min });
        let max = values.iter().fold(first, |max, v| if v.0 > max.0 { *v } else { max });
        let sum: f64 = values.iter().map(|value| value.0).sum();
        let average = sum / values.len() as f64;
        let squares: f64 = values.iter().map(|(v, _)| (v - average) * (v - average)).sum();
        let variance = if values.len() > 1 { squares / (values.len() - 1) as f64 } else { 0.0 };
        Some(Stats { min, max, average, variance, sum, length: values.len() })
    }

    /// The values of the columns, by name.
    fn columns(&self) -> [(&'static str, Number); 7] {
        let position = |at: usize| Number::Long(at as i64);
        [
            ("min", Number::Real(self.min.0)),
            ("min_idx", position(self.min.1)),
            ("max", Number::Real(self.max.0)),
            ("max_idx", position(self.max.1)),
            ("avg", Number::Real(self.average)),
            ("stdev", Number::Real(self.variance.sqrt())),
            ("variance", Number::Real(self.variance)),
        ]
    }
}

fn stats(
    args: &Args,
    write: impl Fn(Option<Stats>, &mut String) -> Option<()>,
) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    let ignore = args.reader::<Option<bool>>(1)?;
    jsons(args.rows(), |row, out| {
        let ignore = ignore.get(row)?.unwrap_or(false);
        write(series.get(row).and_then(|items| Stats::new(items, ignore)), out)
    })
}

fn series_stats_packed(args: &Args) -> Result<ArrayRef> {
    stats(args, |stats, out| {
        write_numbers(stats?.columns().map(|(_, value)| Some(value)), out);
        Some(())
    })
}

/// Appends a bag of numbers without its closing brace.
pub(super) fn write_open_bag(members: &[(&str, Number)], out: &mut String) {
    for (position, (name, value)) in members.iter().enumerate() {
        out.push_str(if position == 0 { "{\"" } else { ",\"" });
        out.push_str(name);
        out.push_str("\":");
        value.write(out);
    }
}

fn series_stats_dynamic(args: &Args) -> Result<ArrayRef> {
    stats(args, |stats, out| {
        let stats = stats?;
        write_open_bag(&stats.columns(), out);
        out.push_str(",\"sum\":");
        Number::Real(stats.sum).write(out);
        out.push_str(",\"len\":");
        Number::Long(stats.length as i64).write(out);
        out.push('}');
        Some(())
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Float64Type;

    use super::*;
    use crate::functions::kernel::array_of;
    use crate::functions::scalar::series_fit::{SERIES_FIT_LINE_DYNAMIC, SERIES_FIT_LINE_PACKED};
    use crate::functions::scalar::{series_arithmetic, series_fill, series_filter};
    use crate::functions::{ScalarFunction, udf};
    use crate::types::{Type, Value};

    fn call(function: &'static ScalarFunction, values: &[Value], returns: Type) -> ArrayRef {
        let types: Vec<Type> = values.iter().map(Value::ty).collect();
        let arrays: Vec<ArrayRef> =
            values.iter().map(|v| array_of(std::slice::from_ref(v), v.ty())).collect();
        let scalars = vec![true; arrays.len()];
        udf::evaluate(function, 0, &Args::new(&arrays, &scalars, &types, 1), returns).unwrap()
    }

    fn json(function: &'static ScalarFunction, values: &[Value]) -> String {
        let result = call(function, values, Type::Dynamic);
        let text = result.as_string_view();
        if text.is_valid(0) { text.value(0).to_string() } else { "null".into() }
    }

    fn number(function: &'static ScalarFunction, values: &[Value]) -> Option<f64> {
        let result = call(function, values, Type::Real);
        let numbers = result.as_primitive::<Float64Type>();
        numbers.is_valid(0).then(|| numbers.value(0))
    }

    fn d(json: &str) -> Value {
        Value::Dynamic(json.into())
    }

    #[test]
    fn element_by_element() {
        use series_arithmetic as series;
        for (function, a, b, expected) in [
            (&series::SERIES_ADD, d("[1,2,4]"), d("[4,2,1]"), "[5,4,5]"),
            (&series::SERIES_ADD, d("[1,null,4]"), d("[4,2.5,1,7]"), "[5,null,5,null]"),
            (&series::SERIES_MULTIPLY, Value::Long(10), d("[0,1.5]"), "[0,15.0]"),
            (&series::SERIES_DIVIDE, d("[1,2]"), d("[4,0]"), "[0.25,\"Infinity\"]"),
            (&series::SERIES_POW, d("[3,4]"), d("[3,0.5]"), "[27.0,2.0]"),
            (&series::SERIES_GREATER_EQUALS, d("[1,2,4]"), d("[4,2,1]"), "[false,true,true]"),
            (&series::SERIES_LESS, d("[1,2,4]"), d("[4,2,1]"), "[true,false,false]"),
            (&series::SERIES_EQUALS, d("[1,\"x\"]"), d("[1.0,1]"), "[true,null]"),
            (&series::SERIES_ADD, d("1"), d("[1]"), "null"),
        ] {
            assert_eq!(json(function, &[a, b]), expected, "{function:?}");
        }
        assert_eq!(json(&series::SERIES_ABS, &[d("[-6.5,0,null]")]), "[6.5,0,null]");
        assert_eq!(json(&series::SERIES_SIGN, &[d("[-6,0,8]")]), "[-1,0,1]");
        assert_eq!(json(&series::SERIES_FLOOR, &[d("[-1.5,1,2.5]")]), "[-2.0,1.0,2.0]");
    }

    #[test]
    fn gaps() {
        use series_fill as series;
        let gaps = "[null,111,null,36,41,null,null,16,61,33,null,null]";
        let whole = "[111,111,73,36,41,32,24,16,61,33,33,33]";
        assert_eq!(json(&series::SERIES_FILL_LINEAR, &[d(gaps)]), whole);
        let open = [d(gaps), Value::Null(Type::Real), Value::Bool(false)];
        let expected = "[null,111,73,36,41,32,24,16,61,33,null,null]";
        assert_eq!(json(&series::SERIES_FILL_LINEAR, &open), expected);
        assert_eq!(json(&series::SERIES_FILL_LINEAR, &[d("[1.0,null,2.0]")]), "[1.0,1.5,2.0]");
        assert_eq!(json(&series::SERIES_FILL_LINEAR, &[d("[null,null]")]), "[0.0,0.0]");
        let zero = [d("[4,0,8]"), Value::Long(0)];
        assert_eq!(json(&series::SERIES_FILL_LINEAR, &zero), "[4,6,8]");
        assert_eq!(json(&series::SERIES_FILL_FORWARD, &[d("[null,36,0,null]")]), "[null,36,0,0]");
        assert_eq!(json(&series::SERIES_FILL_BACKWARD, &[d("[null,36,null]")]), "[36,36,null]");
        let constant = [d("[111,null]"), Value::Real(0.0)];
        assert_eq!(json(&series::SERIES_FILL_CONST, &constant), "[111,0.0]");
    }

    #[test]
    fn filters() {
        use series_filter as series;
        let no = || Value::Bool(false);
        let difference = [d("[5,15,10]"), d("[1,-1]"), no(), no()];
        assert_eq!(json(&series::SERIES_FIR, &difference), "[5,10,-5]");
        let refused = [d("[5,15,10]"), d("[1,-1]"), Value::Bool(true)];
        assert_eq!(json(&series::SERIES_FIR, &refused), "null");
        assert_eq!(json(&series::SERIES_FIR, &[d("[3,6,9]"), d("[1,1,1]")]), "[1.0,3.0,6.0]");
        let centered = [d("[3,6,9]"), d("[1,1,1]"), Value::Bool(true), Value::Bool(true)];
        assert_eq!(json(&series::SERIES_FIR, &centered), "[3.0,6.0,5.0]");
        let sum = [d("[10,30,0]"), d("[1]"), d("[1,-1]")];
        assert_eq!(json(&series::SERIES_IIR, &sum), "[10.0,40.0,40.0]");
    }

    #[test]
    fn statistics() {
        let bag = r#"{"min":10.0,"min_idx":0,"max":20.0,"max_idx":1,"avg":15.0,"stdev":7.0710678118654759,"variance":50.0,"sum":30.0,"len":2}"#;
        assert_eq!(json(&SERIES_STATS_DYNAMIC, &[d("[10,20]")]), bag);
        assert_eq!(json(&SERIES_STATS_DYNAMIC, &[d("[10,null]")]), "null");
        let ignoring = [d("[null,20,10]"), Value::Bool(true)];
        assert!(json(&SERIES_STATS_PACKED, &ignoring).starts_with("[10.0,2,20.0,1,15.0,"));
        let line = json(&SERIES_FIT_LINE_PACKED, &[d("[2,4,6]")]);
        assert_eq!(line, "[1.0,2.0,4.0,0.0,0.0,[2.0,4.0,6.0]]");
        let slope = json(&SERIES_FIT_LINE_DYNAMIC, &[d("[2,5,6,8,11,15,17,18,25,26,30,30]")]);
        assert!(slope.starts_with(r#"{"rsquare":0.98"#) && slope.contains(r#""slope":2.7307692"#));
        assert_eq!(number(&SERIES_DOT_PRODUCT, &[d("[1,2,4]"), d("[4,2,1,9]")]), Some(12.0));
        assert_eq!(number(&SERIES_DOT_PRODUCT, &[d("[1,2,4]"), Value::Long(1)]), Some(7.0));
        assert_eq!(number(&SERIES_DOT_PRODUCT, &[d("[]"), d("[1]")]), None);
        assert_eq!(number(&SERIES_MAGNITUDE, &[d("[1,2,3,4]")]), Some(5.477_225_575_051_661));
        assert_eq!(
            number(&SERIES_PEARSON_CORRELATION, &[d("[1,2,3,4,5]"), d("[2,4,6,8,10]")]),
            Some(1.0)
        );
        let similar = [d("[0.1,0.2,0.1,0.2]"), d("[1,2,3,4]")];
        let cosine = number(&SERIES_COSINE_SIMILARITY, &similar);
        assert!(cosine.is_some_and(|v| (v - 0.923_760_430_703_401).abs() < 1e-14));
    }
}
