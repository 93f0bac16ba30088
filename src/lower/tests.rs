//! Bound plans made by hand, run to their end.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::datasource::MemTable;

use super::{Conversion, TableSource, Tables, lower};
use crate::error::{Error, Result};
use crate::exec::{Limits, Session, collect};
use crate::functions::resolve::result_type;
use crate::functions::{aggregate, scalar};
use crate::plan::{
    AggregateCall, Call, JoinKind, Node, Relation, ScalarExpr, SortKey, column as named,
};
use crate::types::datetime::parse;
use crate::types::{Column, RowSchema, Type, Value};

/// One table `T` whose columns are stored otherwise than canonical: `at`, `fine`, `s`.
struct Stored;

impl Tables for Stored {
    fn table(&self, _database: Option<&str>, name: &str) -> Result<TableSource> {
        if name != "T" {
            return Err(Error::Internal(format!("no `{name}`")));
        }
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let nanos = DataType::Timestamp(TimeUnit::Nanosecond, None);
        let schema = Arc::new(Schema::new(vec![
            Field::new("at", micros.clone(), true),
            Field::new("fine", nanos.clone(), true),
            Field::new("s", DataType::Utf8, true),
        ]));
        let at: Vec<Option<i64>> = vec![Some(0), Some(1), Some(2), None, Some(-1)];
        let fine: Vec<Option<i64>> = vec![Some(0), Some(99), Some(100), None, Some(-1)];
        let s = vec![Some("a"), Some(""), None, Some("b"), Some("a")];
        let batch = RecordBatch::try_new(
            schema.clone(),
            vec![
                Arc::new(TimestampMicrosecondArray::from(at)),
                Arc::new(TimestampNanosecondArray::from(fine)),
                Arc::new(StringArray::from(s)),
            ],
        );
        let batch = batch.map_err(Error::from)?;
        let table = MemTable::try_new(schema, vec![vec![batch]]).map_err(crate::exec::failure)?;
        Ok(TableSource {
            provider: Arc::new(table),
            columns: vec![
                ("at".into(), Some(Conversion::Instant(micros))),
                ("fine".into(), Some(Conversion::Instant(nanos))),
                ("s".into(), Some(Conversion::Text)),
            ],
        })
    }
}

fn stored() -> Relation {
    let columns = [("at", Type::DateTime), ("fine", Type::DateTime), ("s", Type::String)];
    let schema = RowSchema::new(columns.map(|(name, ty)| Column::new(name, ty)));
    Relation::new(Node::Scan { database: None, table: "T".into() }, schema)
}

pub fn table(columns: &[(&str, Type)], rows: Vec<Vec<Value>>) -> Relation {
    let schema = RowSchema::new(columns.iter().map(|(name, ty)| Column::new(*name, *ty)));
    Relation::new(Node::Values { rows }, schema)
}

fn longs(name: &str, values: &[Option<i64>]) -> Relation {
    let value = |v: &Option<i64>| vec![v.map_or(Value::Null(Type::Long), Value::Long)];
    table(&[(name, Type::Long)], values.iter().map(value).collect())
}

pub fn run(relation: &Relation) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let limits = Limits { threads: Some(4), batch_rows: Some(4), memory: None };
    let session = Session::new(&limits).unwrap();
    let plan = lower(relation, &Stored).unwrap();
    let rows = runtime.block_on(async {
        let plan = session.physical(&plan).await.unwrap();
        let stream = session.start(plan).unwrap();
        collect(stream, &relation.schema, usize::MAX).await.unwrap()
    });
    let text = |row: Vec<Value>| {
        row.iter()
            .map(|v| if v.is_null() { "∅".to_string() } else { v.text() })
            .collect::<Vec<_>>()
            .join("|")
    };
    rows.into_iter().map(text).collect()
}

fn sorted(relation: &Relation) -> Vec<String> {
    let mut rows = run(relation);
    rows.sort();
    rows
}

pub fn call(name: &str, args: Vec<ScalarExpr>) -> ScalarExpr {
    let function = scalar(name).unwrap();
    let types: Vec<Type> = args.iter().map(ScalarExpr::ty).collect();
    let signatures = function.overloads.iter().map(|overload| overload.params);
    let found = crate::functions::resolve::resolve(signatures, &types).unwrap();
    let ty = result_type(function.overloads[found.overload].returns, &found, &types);
    ScalarExpr::Call(Box::new(Call { function, overload: found.overload, args, ty }))
}

fn lit(value: Value) -> ScalarExpr {
    ScalarExpr::Literal(value)
}

fn long(value: i64) -> ScalarExpr {
    lit(Value::Long(value))
}

fn text(value: &str) -> ScalarExpr {
    lit(Value::String(value.into()))
}

fn key(relation: &Relation, index: usize, descending: bool) -> SortKey {
    SortKey { expr: relation.column(index), descending, nulls_first: !descending }
}

fn agg(name: &str, overload: usize, args: Vec<ScalarExpr>, returns: Vec<Type>) -> AggregateCall {
    let function = aggregate(name).unwrap();
    AggregateCall { function, overload, args, filter: None, returns }
}

fn where_(relation: &Relation, predicate: ScalarExpr) -> Vec<String> {
    sorted(&relation.clone().filter(predicate))
}

#[test]
fn filters_over_nulls() {
    let t = longs("x", &[Some(1), None, Some(5)]);
    let x = || t.column(0);
    let not = |e| call("not", vec![e]);
    let equal = || call("==", vec![x(), long(5)]);
    assert_eq!(where_(&t, equal()), ["5"]);
    assert_eq!(where_(&t, not(equal())), ["1", "∅"]);
    assert_eq!(where_(&t, call("!=", vec![x(), long(5)])), ["1", "∅"]);
    assert_eq!(where_(&t, call("==", vec![x(), x()])), ["1", "5"]);
    assert_eq!(where_(&t, call("!=", vec![x(), x()])), [""; 0]);
    assert_eq!(where_(&t, not(call(">", vec![x(), long(1)]))), ["1"]);
    let member = || call("in", vec![x(), long(5), long(6)]);
    assert_eq!(where_(&t, member()), ["5"]);
    assert_eq!(where_(&t, not(member())), ["1", "∅"]);
    let between = || call("between", vec![x(), long(2), long(5)]);
    assert_eq!(where_(&t, between()), ["5"]);
    assert_eq!(where_(&t, not(between())), ["1"]);
    let either = ScalarExpr::Or(vec![equal(), call("<", vec![x(), long(2)])]);
    assert_eq!(where_(&t, either.clone()), ["1", "5"]);
    assert_eq!(where_(&t, not(either)), [""; 0]);
}

#[test]
fn filters_over_reals() {
    let reals = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.5];
    let rows = reals.iter().map(|v| vec![Value::Real(*v)]).collect();
    let t = table(&[("x", Type::Real)], rows);
    let with =
        |sign: &str, c: f64| where_(&t, call(sign, vec![t.column(0), lit(Value::Real(c))])).len();
    assert_eq!([with(">", 1.0), with("<", 1.0)], [2, 3]);
    assert_eq!([with(">", 0.0), with(">=", 0.0), with("<", 0.0), with("<=", 0.0)], [2, 4, 1, 3]);
    assert_eq!([with("==", 0.0), with("==", 1.5), with("==", f64::NAN)], [2, 1, 0]);
    assert_eq!([with("!=", 0.0), with("!=", 1.5), with("!=", f64::NAN)], [5, 6, 7]);
    assert_eq!(with(">", f64::NAN), 0);
}

#[test]
fn filters_over_stored_forms() {
    let t = stored();
    let [at, fine, s] = [0, 1, 2].map(|i| t.column(i));
    let epoch = parse("1970-01-01").unwrap();
    let with = |column: &ScalarExpr, sign: &str, ticks: i64| {
        let c = lit(Value::DateTime(epoch + ticks));
        let native = t.clone().filter(call(sign, vec![column.clone(), c.clone()]));
        // A conversion in between hides the stored form.
        let shifted = call("+", vec![column.clone(), lit(Value::TimeSpan(0))]);
        let plain = t.clone().filter(call(sign, vec![shifted, c]));
        assert_eq!(sorted(&native), sorted(&plain), "{sign} {ticks}");
        sorted(&native).len()
    };
    for sign in ["<", "<=", ">", ">=", "==", "!="] {
        for ticks in [-11, -10, -5, -1, 0, 1, 5, 9, 10, 11, 20, 21] {
            with(&at, sign, ticks);
            with(&fine, sign, ticks);
        }
    }
    assert_eq!([with(&at, "<", 5), with(&at, ">", 5), with(&at, "==", 10)], [2, 2, 1]);
    assert_eq!([with(&fine, "==", 0), with(&fine, "==", -1), with(&fine, "!=", 0)], [2, 1, 3]);
    let not = |e| call("not", vec![e]);
    let s = || s.clone();
    assert_eq!(where_(&t, call("==", vec![s(), text("")])).len(), 2);
    assert_eq!(where_(&t, call("!=", vec![s(), text("")])).len(), 3);
    assert_eq!(where_(&t, call("!=", vec![s(), text("a")])).len(), 3);
    assert_eq!(where_(&t, call("in", vec![s(), text("a"), text("")])).len(), 4);
    assert_eq!(where_(&t, not(call("in", vec![s(), text("a"), text("b")]))).len(), 2);
    assert_eq!(where_(&t, not(call("in", vec![s(), text("a"), text("")]))).len(), 1);
    assert_eq!(where_(&t, call("isempty", vec![s()])).len(), 2);
    assert_eq!(where_(&t, call("isnotempty", vec![s()])).len(), 3);
    assert_eq!(where_(&t, call("isnull", vec![at])).len(), 1);
    let summary = t.clone().aggregate(
        vec![],
        vec![
            agg("min", 0, vec![t.column(1)], vec![Type::DateTime]),
            agg("max", 0, vec![t.column(0)], vec![Type::DateTime]),
        ],
        vec!["a".into(), "b".into()],
    );
    assert_eq!(run(&summary), ["1969-12-31T23:59:59.9999999Z|1970-01-01T00:00:00.0000020Z"]);
    let latest = t.clone().sort(vec![key(&t, 0, true)]).limit(2).select(&[2]);
    assert_eq!(run(&latest), ["", ""]);
}

#[test]
fn sorts_and_limits() {
    let reals = [Some(1.0), None, Some(f64::NAN), Some(f64::NEG_INFINITY), Some(-0.5)];
    let value = |v: &Option<f64>| vec![v.map_or(Value::Null(Type::Real), Value::Real)];
    let t = table(&[("x", Type::Real)], reals.iter().map(value).collect());
    assert_eq!(run(&t.clone().sort(vec![key(&t, 0, false)])), ["∅", "NaN", "-inf", "-0.5", "1.0"]);
    assert_eq!(run(&t.clone().sort(vec![key(&t, 0, true)])), ["1.0", "-0.5", "-inf", "NaN", "∅"]);
    assert_eq!(run(&t.clone().sort(vec![key(&t, 0, true)]).limit(2)), ["1.0", "-0.5"]);
    assert_eq!(run(&t.clone().limit(0)), [""; 0]);
}

/// The order of a sort outlives its key, many batches and an aggregate that collects.
#[test]
fn order_is_kept() {
    let numbers = range(Value::Long(1), Value::Long(1000), Value::Long(1));
    let sorted = numbers.clone().sort(vec![key(&numbers, 0, true)]);
    let mapped = call("%", vec![sorted.column(0), long(10)]);
    let mapped = sorted.project(vec![(named("y", Type::Long), mapped)]);
    let expected: Vec<String> = (1..=1000).rev().map(|x| (x % 10).to_string()).collect();
    assert_eq!(run(&mapped), expected);
    let list = agg("make_list", 0, vec![mapped.column(0)], vec![Type::Dynamic]);
    let collected = mapped.aggregate(vec![], vec![list], vec!["list".into()]);
    assert_eq!(run(&collected), [format!("[{}]", expected.join(","))]);
}

fn range(from: Value, to: Value, step: Value) -> Relation {
    let schema = RowSchema::new([Column::new("x", from.ty())]);
    let node = Node::Range { from, to, step };
    Relation { serialized: true, ..Relation::new(node, schema) }
}

#[test]
fn ranges() {
    let long = |from, to, step| run(&range(Value::Long(from), Value::Long(to), Value::Long(step)));
    assert_eq!(long(1, 7, 3), ["1", "4", "7"]);
    assert_eq!(long(1, -3, -2), ["1", "-1", "-3"]);
    assert_eq!(long(0, -1, 1), [""; 0]);
    assert_eq!(long(i64::MAX - 1, i64::MAX, 1).len(), 2);
    assert_eq!(long(1, 10, 1).len(), 10);
    let real = run(&range(Value::Real(0.0), Value::Real(1.0), Value::Real(0.25)));
    assert_eq!(real, ["0.0", "0.25", "0.5", "0.75", "1.0"]);
}

fn keyed(columns: [&str; 2], rows: &[(Option<i64>, &str)]) -> Relation {
    let value = |(k, s): &(Option<i64>, &str)| {
        vec![k.map_or(Value::Null(Type::Long), Value::Long), Value::String((*s).into())]
    };
    let columns = [(columns[0], Type::Long), (columns[1], Type::String)];
    table(&columns, rows.iter().map(value).collect())
}

#[test]
fn joins() {
    let l = [(Some(1), "a"), (Some(1), "b"), (Some(2), "c"), (None, "n")];
    let left = keyed(["k", "s"], &l);
    let right = keyed(["k1", "s1"], &[(Some(1), "x"), (Some(3), "y"), (None, "z")]);
    let join = |kind: JoinKind| {
        let columns: Vec<Column> = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => left.schema.columns().to_vec(),
            JoinKind::RightSemi | JoinKind::RightAnti => right.schema.columns().to_vec(),
            _ => left.schema.columns().iter().chain(right.schema.columns()).cloned().collect(),
        };
        let on = vec![(left.column(0), right.column(0))];
        let node = Node::Join { left: left.clone(), right: right.clone(), kind, on };
        sorted(&Relation::new(node, RowSchema::new(columns)))
    };
    assert_eq!(join(JoinKind::Inner), ["1|a|1|x", "1|b|1|x", "∅|n|∅|z"]);
    assert_eq!(join(JoinKind::InnerUnique), ["1|a|1|x", "∅|n|∅|z"]);
    assert_eq!(join(JoinKind::LeftOuter), ["1|a|1|x", "1|b|1|x", "2|c|∅|", "∅|n|∅|z"]);
    assert_eq!(join(JoinKind::RightOuter), ["1|a|1|x", "1|b|1|x", "∅|n|∅|z", "∅||3|y"]);
    assert_eq!(join(JoinKind::FullOuter).len(), 5);
    assert_eq!(join(JoinKind::LeftSemi), ["1|a", "1|b", "∅|n"]);
    assert_eq!(join(JoinKind::LeftAnti), ["2|c"]);
    assert_eq!(join(JoinKind::RightSemi), ["1|x", "∅|z"]);
    assert_eq!(join(JoinKind::RightAnti), ["3|y"]);
}

#[test]
fn groups() {
    let rows = [(Some(1), "a"), (None, "b"), (Some(1), "c"), (None, "")];
    let t = keyed(["k", "s"], &rows);
    let calls = vec![
        agg("count", 0, vec![], vec![Type::Long]),
        agg("take_any", 1, vec![t.column(0), t.column(1)], vec![Type::Long, Type::String]),
    ];
    let names = ["n", "k1", "s1"].map(Arc::from).to_vec();
    let keys = vec![(named("k", Type::Long), t.column(0))];
    let grouped = t.clone().aggregate(keys, calls.clone(), names.clone());
    assert_eq!(sorted(&grouped), ["1|2|1|a", "∅|2|∅|b"]);
    let none = t.clone().filter(lit(Value::Bool(false))).aggregate(vec![], calls, names);
    assert_eq!(run(&none), ["0|∅|"]);
    let keys = vec![(named("k", Type::Long), t.column(0))];
    assert_eq!(sorted(&t.clone().aggregate(keys, vec![], vec![])), ["1", "∅"]);
    let mut count = agg("count", 0, vec![], vec![Type::Long]);
    count.filter = Some(call("==", vec![t.column(1), text("c")]));
    assert_eq!(run(&t.clone().aggregate(vec![], vec![count], vec!["n".into()])), ["1"]);
    let reals = [0.0, -0.0, f64::NAN, -f64::NAN].map(|v| vec![Value::Real(v)]).to_vec();
    let t = table(&[("x", Type::Real)], reals);
    let keys = vec![(named("x", Type::Real), t.column(0))];
    assert_eq!(sorted(&t.aggregate(keys, vec![], vec![])), ["0.0", "NaN"]);
}

#[test]
fn unions_and_consumers() {
    let schema = RowSchema::new([Column::new("x", Type::Long)]);
    let inputs = vec![longs("x", &[Some(1)]), longs("x", &[]), longs("x", &[None])];
    let union = Relation::new(Node::Union { inputs }, schema.clone());
    assert_eq!(sorted(&union), ["1", "∅"]);
    assert_eq!(run(&Relation::new(Node::Consume { input: union }, schema)), [""; 0]);
}
