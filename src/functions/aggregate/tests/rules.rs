//! The rules of single aggregation functions.

use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{Float64Type, Int64Type};
use datafusion::logical_expr::EmitTo;

use super::{arguments, named};
use crate::functions::aggregate_def::Evaluate;
use crate::functions::resolve::resolve;
use crate::types::{Type, Value};

/// The result of a function over the rows of one group.
fn over(name: &str, types: &[Type], constants: &[Value], columns: Vec<ArrayRef>) -> ArrayRef {
    let function = named(name);
    let mut all = types.to_vec();
    all.extend(constants.iter().map(Value::ty));
    let found = resolve(function.overloads.iter().map(|o| o.params), &all).unwrap();
    let mut args = arguments(function, found.overload, &found.types);
    for (at, value) in constants.iter().enumerate() {
        args.constants[types.len() + at] = Some(value.clone());
    }
    let Evaluate::Groups(constructor) = function.overloads[found.overload].evaluate else {
        panic!("{name} has no state")
    };
    let mut groups = constructor(&args).unwrap();
    groups.update_batch(&columns, &vec![0; columns[0].len()], None, 1).unwrap();
    groups.evaluate(EmitTo::All).unwrap()
}

fn longs(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn reals(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(values))
}

fn long(array: &ArrayRef) -> Option<i64> {
    let array = array.as_primitive::<Int64Type>();
    array.is_valid(0).then(|| array.value(0))
}

fn real(array: &ArrayRef) -> f64 {
    array.as_primitive::<Float64Type>().value(0)
}

fn text(array: &ArrayRef) -> &str {
    array.as_string_view().value(0)
}

#[test]
fn sums_wrap_and_averages_divide_the_wrapped_sum() {
    let values = longs(&[Some(i64::MAX), Some(1), None, Some(2)]);
    let sum = over("sum", &[Type::Long], &[], vec![Arc::clone(&values)]);
    assert_eq!(long(&sum), Some(-9223372036854775806));
    let average = over("avg", &[Type::Long], &[], vec![values]);
    assert_eq!(real(&average), -3.0744573456182584e18);
}

#[test]
fn groups_without_values_are_neutral() {
    let nothing = || longs(&[None, None]);
    let none = || -> ArrayRef { Arc::new(Float64Array::from(vec![None, None])) };
    assert_eq!(long(&over("sum", &[Type::Long], &[], vec![nothing()])), Some(0));
    assert_eq!(long(&over("dcount", &[Type::Long], &[], vec![nothing()])), Some(0));
    assert_eq!(long(&over("count", &[Type::Long], &[], vec![nothing()])), Some(2));
    assert!(real(&over("avg", &[Type::Long], &[], vec![nothing()])).is_nan());
    assert_eq!(real(&over("stdev", &[Type::Long], &[], vec![nothing()])), 0.0);
    assert_eq!(real(&over("sum", &[Type::Real], &[], vec![none()])), 0.0);
    assert!(over("max", &[Type::Real], &[], vec![none()]).is_null(0));
    assert_eq!(text(&over("make_list", &[Type::Long], &[], vec![nothing()])), "[]");
    let percentile = over("percentile", &[Type::Long], &[Value::Real(50.0)], vec![nothing()]);
    assert!(percentile.is_null(0));
}

#[test]
fn a_nan_wins_in_both_directions() {
    let values = reals(&[1.5, f64::NAN, f64::INFINITY]);
    for name in ["min", "max", "sum", "avg", "stdev", "variance"] {
        assert!(
            real(&over(name, &[Type::Real], &[], vec![Arc::clone(&values)])).is_nan(),
            "{name}"
        );
    }
    let best = over(
        "arg_min",
        &[Type::Real, Type::Long],
        &[],
        vec![values, longs(&[Some(1), Some(2), Some(3)])],
    );
    assert!(real(best.as_struct().column(0)).is_nan());
    assert_eq!(long(best.as_struct().column(1)), Some(2));
}

#[test]
fn arg_max_takes_the_first_of_equals_and_a_null_only_over_nothing() {
    let keys = longs(&[None, Some(3), Some(3), Some(1)]);
    let row = |keys: ArrayRef, values: &[&str]| {
        over("arg_max", &[Type::Long, Type::String], &[], vec![keys, texts(values)])
    };
    let best = row(keys, &["n", "a", "b", "c"]);
    assert_eq!(long(best.as_struct().column(0)), Some(3));
    assert_eq!(text(best.as_struct().column(1)), "a");
    let best = row(longs(&[None, None]), &["n", "m"]);
    assert_eq!(long(best.as_struct().column(0)), None);
    assert_eq!(text(best.as_struct().column(1)), "n");
}

#[test]
fn strings_are_compared_by_code_point() {
    let values = || vec![texts(&["cafe", "Café", "same start 1", "same start 2", "", "b"])];
    assert_eq!(text(&over("max", &[Type::String], &[], values())), "same start 2");
    assert_eq!(text(&over("min", &[Type::String], &[], values())), "");
    assert_eq!(text(&over("max", &[Type::String], &[], vec![texts(&[])])), "");
}

#[test]
fn take_any_prefers_values() {
    let any = over("take_any", &[Type::Long], &[], vec![longs(&[None, Some(5), Some(6)])]);
    assert_eq!(long(&any), Some(5));
    assert_eq!(text(&over("take_any", &[Type::String], &[], vec![texts(&["", "x"])])), "x");
    let row = over(
        "take_any",
        &[Type::Long, Type::String],
        &[],
        vec![longs(&[None, Some(5)]), texts(&["a", "b"])],
    );
    assert_eq!(long(row.as_struct().column(0)), None);
    assert_eq!(text(row.as_struct().column(1)), "a");
}

#[test]
fn arrays_hold_their_types_spelling_and_stop_at_the_limit() {
    let list = |ty: Type, column: ArrayRef| over("make_list", &[ty], &[], vec![column]);
    assert_eq!(text(&list(Type::String, texts(&["", "a\"\\\u{1}"]))), r#"["","a\"\\\u0001"]"#);
    let bools: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]));
    assert_eq!(text(&list(Type::Bool, bools)), "[true,false]");
    let arrays = || texts(&["[1,2,3]", "[1,2]", "{\"a\":1}"]);
    assert_eq!(text(&list(Type::Dynamic, arrays())), r#"[1,2,3,1,2,{"a":1}]"#);
    let set = over("make_set", &[Type::Dynamic], &[Value::Long(3)], vec![arrays()]);
    assert_eq!(text(&set), "[1,2,3]");
    let values = vec![longs(&[Some(5), None, Some(3)])];
    assert_eq!(text(&over("make_list_with_nulls", &[Type::Long], &[], values)), "[5,null,3]");
    let many: Vec<_> = (0..200).map(Some).collect();
    let old = over("makelist", &[Type::Long], &[], vec![longs(&many)]);
    assert!(text(&old).ends_with(",127]"));
}

#[test]
fn distinct_counts_know_one_zero_and_one_nan() {
    let values = || vec![reals(&[0.0, -0.0, f64::NAN, -f64::NAN, 1.0])];
    assert_eq!(long(&over("dcount", &[Type::Real], &[], values())), Some(3));
    assert_eq!(long(&over("count_distinct", &[Type::Real], &[], values())), Some(3));
}

#[test]
fn sample_variance_is_rounded_and_its_root_is_that_of_the_rounded() {
    let values = || vec![longs(&[Some(1), Some(2), Some(3), Some(4)])];
    assert_eq!(real(&over("variance", &[Type::Long], &[], values())), 1.6666666667);
    assert_eq!(real(&over("stdev", &[Type::Long], &[], values())), 1.2909944487487155);
    assert_eq!(real(&over("variancep", &[Type::Long], &[], values())), 1.25);
    let one = vec![longs(&[Some(5)])];
    assert_eq!(real(&over("variance", &[Type::Long], &[], one)), 0.0);
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let values: Vec<_> = (1..=1000).rev().map(Some).collect();
    let at = |percentage: f64| {
        long(&over("percentile", &[Type::Long], &[Value::Real(percentage)], vec![longs(&values)]))
    };
    assert_eq!(at(99.9), Some(999));
    assert_eq!(at(50.0), Some(500));
    assert_eq!(at(50.01), Some(501));
    assert_eq!((at(0.0), at(100.0)), (Some(1), Some(1000)));
    let columns = vec![longs(&[Some(1), Some(2), Some(3)]), longs(&[Some(10), Some(1), Some(-5)])];
    let weighted = over("percentilew", &[Type::Long, Type::Long], &[Value::Real(95.0)], columns);
    assert_eq!(long(&weighted), Some(2));
}

#[test]
fn bags_merge_and_schemas_meet() {
    let bags = texts(&[r#"{"a":1,"b":2.0}"#, "[1]", r#"{"b":3,"c":{"d":null}}"#]);
    let bag = over("make_bag", &[Type::Dynamic], &[], vec![bags]);
    assert_eq!(text(&bag), r#"{"a":1,"b":2.0,"c":{"d":null}}"#);
    let values = texts(&[
        r#"{"x":1,"y":3.5}"#,
        r#"{"x":"somevalue","z":[1,2,3]}"#,
        r#"{"y":{"w":"zzz"},"t":["aa","bb"],"z":["foo"]}"#,
    ]);
    let schema = over("buildschema", &[Type::Dynamic], &[], vec![values]);
    assert_eq!(
        text(&schema),
        "{\"x\":[\"long\",\"string\"],\"y\":[\"double\",{\"w\":\"string\"}],\
         \"z\":{\"`indexer`\":[\"long\",\"string\"]},\"t\":{\"`indexer`\":\"string\"}}"
    );
}

#[test]
fn garbage_does_not_change_the_winners() {
    let args = arguments(named("arg_max"), 0, &[Type::Long, Type::Long]);
    let Evaluate::Groups(constructor) = named("arg_max").overloads[0].evaluate else { panic!() };
    let mut groups = constructor(&args).unwrap();
    let rows = 8192;
    let indices: Vec<usize> = (0..rows).map(|row| row % 3).collect();
    for batch in 0..40 {
        let keys = Int64Array::from_iter_values((0..rows).map(|row| (batch * rows + row) as i64));
        let values = keys.unary::<_, Int64Type>(|key| -key);
        groups.update_batch(&[Arc::new(keys), Arc::new(values)], &indices, None, 3).unwrap();
    }
    assert!(groups.size() < 1_000_000, "{}", groups.size());
    let best = groups.evaluate(EmitTo::All).unwrap();
    let payload = best.as_struct().column(1).as_primitive::<Int64Type>();
    let last = 40 * rows as i64 - 1;
    let mut expected: Vec<i64> = (0..3).map(|back| -(last - back)).collect();
    expected.sort_by_key(|value| (-value - (39 * rows as i64)) % 3);
    assert_eq!(payload.values().to_vec(), expected);
}
