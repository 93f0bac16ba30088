//! Every aggregation function in every mode of aggregation.

mod rules;

use std::sync::Arc;

use arrow::array::*;
use arrow::compute::{concat, sort_to_indices, take};
use arrow::datatypes::{DataType, Float64Type, i256};
use datafusion::datasource::MemTable;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{AggregateUDF, EmitTo, ExprFunctionExt};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext, col};

use super::FAMILIES;
use crate::functions::aggregate_def::{
    AggregateArgs, AggregateFunction, AggregateReturns, Evaluate, Groups,
};
use crate::functions::def::{Kind, Occurs, Param};
use crate::functions::resolve::{resolve, result_type};
use crate::functions::udaf::{KqlAggregate, result_type as arrow_result_type};
use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::{Type, Value};

fn functions() -> impl Iterator<Item = &'static AggregateFunction> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

fn named(name: &str) -> &'static AggregateFunction {
    functions().find(|function| function.name == name).expect(name)
}

/// Small numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    /// A column of `rows` values; one in five is null where the type has nulls.
    fn column(&mut self, ty: Type, rows: usize) -> ArrayRef {
        let numbers: Vec<Option<usize>> =
            (0..rows).map(|_| (self.below(5) > 0).then(|| self.below(9))).collect();
        let integers = numbers.iter().map(|n| n.map(|n| n as i64 * 3 - 7));
        let texts = |texts: &[&'static str]| -> StringViewArray {
            numbers.iter().map(|n| n.map(|n| texts[n % texts.len()])).collect()
        };
        match ty {
            Type::Bool => {
                Arc::new(numbers.iter().map(|n| n.map(|n| n > 4)).collect::<BooleanArray>())
            }
            Type::Int => Arc::new(integers.map(|n| n.map(|n| n as i32)).collect::<Int32Array>()),
            Type::Long | Type::DateTime | Type::TimeSpan => {
                Arc::new(integers.collect::<Int64Array>())
            }
            Type::Real => {
                let real = |n: i64| if n == 17 { f64::NAN } else { n as f64 / 4.0 };
                Arc::new(integers.map(|n| n.map(real)).collect::<Float64Array>())
            }
            Type::Decimal => {
                let decimals: Decimal256Array = integers
                    .map(|n| n.map(|n| i256::from_i128(i128::from(n) * 10_i128.pow(37))))
                    .collect();
                Arc::new(
                    decimals.with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE).unwrap(),
                )
            }
            Type::String => {
                let texts = texts(&["", "a", "b", "a text of more than twelve bytes", "ä\"\n"]);
                Arc::new(super::winners::without_nulls(&texts))
            }
            Type::Guid => Arc::new(texts(&[
                "00000000-0000-0000-0000-000000000001",
                "00000000-0000-0000-0000-000000000002",
            ])),
            Type::Dynamic | Type::Unknown => Arc::new(texts(&[
                "1",
                "[1,null,[2]]",
                "{\"a\":1}",
                "{\"b\":[true]}",
                "\"x\"",
                "[]",
            ])),
        }
    }
}

/// Types that may stand at a parameter.
fn candidates(param: &Param) -> Vec<Type> {
    match param.kind {
        Kind::Exact(ty) => vec![ty],
        Kind::OneOf(types) => types.to_vec(),
        _ => Type::ALL.to_vec(),
    }
}

fn constant(param: &Param, number: i64) -> Value {
    match param.kind {
        Kind::Exact(Type::Long) => Value::Long(4),
        Kind::Exact(Type::Real) => Value::Real(20.0 * number as f64),
        _ => Value::Dynamic("[10,50,99.9]".into()),
    }
}

/// All argument lists of a signature worth trying: the first parameter in all its types.
fn argument_lists(params: &[Param]) -> Vec<(Vec<Type>, Vec<Option<Value>>)> {
    let firsts = params.first().map_or(vec![], candidates);
    let list = |first: Type| {
        let (mut types, mut constants) = (vec![first], vec![None]);
        for (index, param) in params.iter().enumerate().skip(1) {
            let times = if param.occurs == Occurs::Repeated { 2 } else { 1 };
            for time in 0..times {
                let all = candidates(param);
                let ty = all[(index + time + first as usize) % all.len()];
                types.push(ty);
                constants.push(param.constant.then(|| constant(param, (index + time) as i64)));
            }
        }
        (types, constants)
    };
    firsts.into_iter().map(list).collect()
}

fn arguments(function: &AggregateFunction, overload: usize, types: &[Type]) -> AggregateArgs {
    let returns = match function.overloads[overload].returns {
        AggregateReturns::Many(rule) => rule(types),
        AggregateReturns::One(returns) => {
            let params = std::iter::once(function.overloads[overload].params);
            let found = resolve(params, types).expect(function.name);
            vec![result_type(returns, &found, types)]
        }
    };
    AggregateArgs { types: types.to_vec(), constants: vec![None; types.len()], returns }
}

struct Batch {
    values: Vec<ArrayRef>,
    groups: Vec<usize>,
    filter: Option<BooleanArray>,
    total: usize,
}

fn batches(args: &AggregateArgs, numbers: &mut Numbers) -> Vec<Batch> {
    let batch = |index: usize| {
        let (rows, total) = (30 + index * 17, 5 + index * 3);
        let varying = args.types.iter().zip(&args.constants).filter(|(_, c)| c.is_none());
        let values = varying.map(|(ty, _)| numbers.column(*ty, rows)).collect();
        let groups = (0..rows).map(|_| numbers.below(total)).collect();
        let filter = numbers.column(Type::Bool, rows).as_boolean().clone();
        Batch { values, groups, filter: (index != 1).then_some(filter), total }
    };
    (0..4).map(batch).collect()
}

const GROUPS: usize = 14;

fn feed(groups: &mut dyn Groups, batches: &[Batch]) {
    for batch in batches {
        let filter = batch.filter.as_ref();
        groups.update_batch(&batch.values, &batch.groups, filter, batch.total).unwrap();
    }
}

fn merge(groups: &mut dyn Groups, state: &[ArrayRef], indices: &[usize]) {
    let types: Vec<DataType> = state.iter().map(|array| array.data_type().clone()).collect();
    assert_eq!(types, groups.state_types());
    groups.merge_batch(state, indices, GROUPS).unwrap();
}

fn assert_same(one: &ArrayRef, other: &ArrayRef, what: &str) {
    assert_eq!(one.data_type(), other.data_type(), "{what}");
    if let Some(structure) = one.as_struct_opt() {
        for (a, b) in structure.columns().iter().zip(other.as_struct().columns()) {
            assert_same(a, b, what);
        }
    } else if let Some(reals) = one.as_primitive_opt::<Float64Type>() {
        assert_eq!(one.len(), other.len(), "{what}");
        for (a, b) in reals.iter().zip(other.as_primitive::<Float64Type>()) {
            let same = match (a, b) {
                (Some(a), Some(b)) => {
                    (a - b).abs() <= 1e-9 * a.abs().max(1.0) || a.is_nan() && b.is_nan()
                }
                (a, b) => a == b,
            };
            assert!(same, "{what}: {a:?} {b:?}");
        }
    } else {
        assert_eq!(one, other, "{what}");
    }
}

#[test]
fn every_mode_of_aggregation_gives_the_same() {
    let mut numbers = Numbers(42);
    let mut tried = 0;
    for function in functions() {
        for (overload, signature) in function.overloads.iter().enumerate() {
            let Evaluate::Groups(constructor) = signature.evaluate else { continue };
            for (types, constants) in argument_lists(signature.params) {
                let args = AggregateArgs { constants, ..arguments(function, overload, &types) };
                let what = format!("{}{:?}", function.name, types);
                if function.name.contains("merge") {
                    // They take sketches, not just any dynamic value.
                    continue;
                }
                let new = || constructor(&args).expect(&what);
                let batches = batches(&args, &mut numbers);
                let all: Vec<usize> = (0..GROUPS).collect();

                let mut single = new();
                feed(single.as_mut(), &batches);
                let expected = single.evaluate(EmitTo::All).unwrap();
                assert_eq!(expected.len(), GROUPS, "{what}");
                let many = matches!(signature.returns, AggregateReturns::Many(_));
                assert_eq!(*expected.data_type(), arrow_result_type(&args.returns, many), "{what}");

                let mut merged = new();
                for half in batches.chunks(2) {
                    let mut partial = new();
                    feed(partial.as_mut(), half);
                    let state = partial.state(EmitTo::All).unwrap();
                    merge(merged.as_mut(), &state, &all[..state[0].len()]);
                }
                assert!(merged.size() > 0, "{what}");
                assert_same(&merged.evaluate(EmitTo::All).unwrap(), &expected, &what);

                let mut skipped = new();
                for batch in &batches {
                    let filter = batch.filter.as_ref();
                    let state = new().convert_to_state(&batch.values, filter).unwrap();
                    merge(skipped.as_mut(), &state, &batch.groups);
                }
                assert_same(&skipped.evaluate(EmitTo::All).unwrap(), &expected, &what);

                // Groups leave early, as results and as state; the rest moves down and goes on.
                let mut streamed = new();
                feed(streamed.as_mut(), &batches);
                let first = streamed.evaluate(EmitTo::First(5)).unwrap();
                let state = streamed.state(EmitTo::First(4)).unwrap();
                let mut second = new();
                merge(second.as_mut(), &state, &all[..4]);
                let second = second.evaluate(EmitTo::First(4)).unwrap();
                let left = concat(&[first.as_ref(), second.as_ref()]).unwrap();
                assert_same(&left, &expected.slice(0, 9), &what);

                let more = |group: usize, total: usize| {
                    let groups = vec![group; batches[0].groups.len()];
                    let (values, filter) = (batches[0].values.clone(), None);
                    Batch { values, groups, filter, total }
                };
                feed(streamed.as_mut(), &[more(2, GROUPS - 9)]);
                feed(single.as_mut(), &batches);
                feed(single.as_mut(), &[more(11, GROUPS)]);
                let expected = single.evaluate(EmitTo::All).unwrap().slice(9, GROUPS - 9);
                assert_same(&streamed.evaluate(EmitTo::All).unwrap(), &expected, &what);
                tried += 1;
            }
        }
    }
    assert!(tried > 100);
}

/// The results of an aggregation function over `data`, by `g` or without keys, ordered by `g`, and
/// how often it spilled.
async fn executed(
    data: &[Vec<RecordBatch>],
    aggregate: &AggregateUDF,
    by_key: bool,
    memory: usize,
    config: SessionConfig,
) -> (ArrayRef, usize) {
    let pool = GreedyMemoryPool::new(memory);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc().unwrap();
    let context = SessionContext::new_with_config_rt(config, runtime);
    let schema = data[0][0].schema();
    let args = (1..schema.fields().len() - 1).map(|index| col(format!("a{index}"))).collect();
    let table = MemTable::try_new(schema, data.to_vec()).unwrap();
    let frame = context.read_table(Arc::new(table)).unwrap();
    let call = aggregate.call(args).filter(col("f")).build().unwrap().alias("result");
    let keys = if by_key { vec![col("g")] } else { vec![] };
    let frame = frame.aggregate(keys, vec![call]).unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    let batches = collect(Arc::clone(&plan), context.task_ctx()).await.unwrap();
    let spills = spills(plan.as_ref());
    let column = |index: usize| {
        let columns: Vec<_> = batches.iter().map(|batch| batch.column(index).as_ref()).collect();
        concat(&columns).unwrap()
    };
    if !by_key {
        return (column(0), spills);
    }
    let order = sort_to_indices(&column(0), None, None).unwrap();
    (take(&column(1), &order, None).unwrap(), spills)
}

fn spills(plan: &dyn ExecutionPlan) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.spill_count()).unwrap_or(0);
    own + plan.children().into_iter().map(|child| spills(child.as_ref())).sum::<usize>()
}

#[test]
fn state_that_was_spilled_comes_back() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut numbers = Numbers(3);
    for name in ["stdev", "arg_max", "make_list", "dcount", "percentile"] {
        let function = named(name);
        let overload = function.overloads.len() - 1;
        let signature = &function.overloads[overload];
        let lists = argument_lists(signature.params);
        let (types, constants) = lists.into_iter().find(|list| list.0[0] == Type::Real).unwrap();
        let args = AggregateArgs { constants, ..arguments(function, overload, &types) };
        let mut batch = |part: i64| {
            let rows = 2048;
            let keys =
                Int64Array::from_iter_values((0..rows).map(|row| (row + part * 512) % 20_000));
            let mut columns: Vec<(String, ArrayRef)> = vec![("g".into(), Arc::new(keys))];
            let varying = args.types.iter().zip(&args.constants).filter(|(_, c)| c.is_none());
            for (index, (ty, _)) in varying.enumerate() {
                columns.push((format!("a{}", index + 1), numbers.column(*ty, rows as usize)));
            }
            columns.push(("f".into(), Arc::new(BooleanArray::from(vec![true; rows as usize]))));
            let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
            RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
        };
        let batches: Vec<RecordBatch> = (0..40).map(&mut batch).collect();
        let aggregate = KqlAggregate::udaf(function, overload, args);
        let run = |memory: usize| {
            let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(256);
            config.options_mut().execution.sort_spill_reservation_bytes = 0;
            let data = std::slice::from_ref(&batches);
            runtime.block_on(executed(data, &aggregate, true, memory, config))
        };
        let (expected, _) = run(usize::MAX);
        let (other, spills) = run(1_500_000);
        assert!(spills > 0, "{name}");
        assert_same(&other, &expected, name);
    }
}

#[test]
fn datafusion_gives_the_same_in_one_partition_and_in_several() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut numbers = Numbers(7);
    for function in functions() {
        for (overload, signature) in function.overloads.iter().enumerate() {
            let Evaluate::Groups(_) = signature.evaluate else { continue };
            let Some((types, constants)) = argument_lists(signature.params).pop() else { continue };
            // The keys of a dictionary come in the order of rows, which partitions change.
            if function.name.contains("merge") || function.name == "make_dictionary" {
                continue;
            }
            let args = AggregateArgs { constants, ..arguments(function, overload, &types) };
            let varying = args.types.iter().zip(&args.constants).filter(|(_, c)| c.is_none());
            let varying: Vec<Type> = varying.map(|(ty, _)| *ty).collect();
            let mut batch = |start: i64| {
                let rows = 512;
                let keys =
                    Int64Array::from_iter_values((0..rows).map(|row| (row * 7 + start) % 400));
                let mut columns: Vec<(String, ArrayRef)> = vec![("g".into(), Arc::new(keys))];
                for (index, ty) in varying.iter().enumerate() {
                    let column = numbers.column(*ty, rows as usize);
                    columns.push((format!("a{}", index + 1), column));
                }
                columns.push(("f".into(), numbers.column(Type::Bool, rows as usize)));
                let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
                RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
            };
            let batches: Vec<RecordBatch> = (0..8).map(&mut batch).collect();
            let aggregate = KqlAggregate::udaf(function, overload, args);
            for by_key in [true, false] {
                let run = |partitions: usize, skip: bool| {
                    let mut config = SessionConfig::new()
                        .with_target_partitions(partitions)
                        .with_batch_size(128);
                    if skip {
                        let options = &mut config.options_mut().execution;
                        options.skip_partial_aggregation_probe_rows_threshold = 1;
                        options.skip_partial_aggregation_probe_ratio_threshold = 0.0;
                    }
                    let data = batches.chunks(8 / partitions).map(|part| part.to_vec());
                    let data: Vec<_> = data.collect();
                    runtime.block_on(executed(&data, &aggregate, by_key, usize::MAX, config)).0
                };
                let what = format!("{}{types:?} {by_key}", function.name);
                let expected = run(1, false);
                assert_eq!(expected.len(), if by_key { 400 } else { 1 });
                // Which partition comes first is open, and so is the order of arrays and ties.
                let ordered = !["list", "set", "arg", "any", "bag", "schema"]
                    .iter()
                    .any(|part| function.name.contains(part));
                for other in [run(2, false), run(2, true)] {
                    assert_eq!(other.len(), expected.len(), "{what}");
                    assert_eq!(other.data_type(), expected.data_type(), "{what}");
                    if ordered {
                        assert_same(&other, &expected, &what);
                    }
                }
            }
        }
    }
}

#[test]
fn filtered_functions_have_a_base_that_takes_their_arguments() {
    for function in functions() {
        for signature in function.overloads {
            let Evaluate::Filtered { base, predicate } = signature.evaluate else { continue };
            let base = named(base);
            assert_eq!(signature.params[predicate].kind, Kind::Exact(Type::Bool));
            let firsts = signature.params.first().map_or(vec![], candidates);
            for first in firsts.into_iter().filter(|_| predicate > 0) {
                let rest = signature.params[1..].iter().map(|param| candidates(param)[0]);
                let given: Vec<Type> = std::iter::once(first).chain(rest).collect();
                let mut types = given.clone();
                types.remove(predicate);
                let found = resolve(base.overloads.iter().map(|o| o.params), &types);
                let found = found.unwrap_or_else(|_| panic!("{} {types:?}", function.name));
                let AggregateReturns::One(outer) = signature.returns else { continue };
                let AggregateReturns::One(inner) = base.overloads[found.overload].returns else {
                    panic!("{} gives several columns", base.name)
                };
                let own = resolve(std::iter::once(signature.params), &given).unwrap();
                assert_eq!(result_type(outer, &own, &given), result_type(inner, &found, &types));
            }
        }
    }
}
