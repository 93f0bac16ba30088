//! Bound plans made by hand, run to their end.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::datasource::MemTable;

use super::{Conversion, TableSource, Tables, lower};
use crate::error::{Error, Result};
use crate::exec::{Limits, Session, collect, physical_text};
use crate::functions::def::WindowFunction;
use crate::functions::resolve::result_type;
use crate::functions::{aggregate, scalar};
use crate::plan::{
    AggregateCall, Call, Expansion, JoinKind, Node, ParseKind, ParseMethod, ParsePattern,
    ParseStep, Relation, ScalarExpr, SortKey, WindowCall,
};
use crate::types::datetime::parse;
use crate::types::external::External;
use crate::types::{Column, RowSchema, Type, Value};

/// One table `T` whose columns are stored otherwise than canonical: `at`, `fine`, `s`.
struct Stored;

impl Tables for Stored {
    fn external(&self, _: &External, _: &RowSchema) -> Result<Vec<TableSource>> {
        Err(Error::Internal("no files".into()))
    }

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
            addressed: None,
            provider: Arc::new(table),
            columns: vec![
                ("at".into(), Some(Conversion::Instant(micros))),
                ("fine".into(), Some(Conversion::Instant(nanos))),
                ("s".into(), Some(Conversion::Text)),
            ],
        })
    }
}

fn named(name: &str, ty: Type) -> Column {
    Column::new(name, ty)
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

fn physical(relation: &Relation) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let session = Session::new(&Limits::default()).unwrap();
    let plan = lower(relation, &Stored).unwrap();
    physical_text(&runtime.block_on(session.physical(&plan)).unwrap())
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

fn windowed(input: &Relation, calls: Vec<WindowCall>) -> Vec<String> {
    let names = (0..calls.len()).map(|index| format!("w{index}"));
    let added = names.zip(&calls).map(|(name, call)| Column::new(name, call.ty));
    let added: Vec<Column> = added.collect();
    let columns = input.schema.columns().iter().cloned().chain(added);
    let serialized = Relation { serialized: true, ..input.clone() };
    let schema = RowSchema::new(columns);
    let node = Node::Window { input: serialized, calls };
    run(&Relation { serialized: true, ..Relation::new(node, schema) })
}

fn last(rows: &[String]) -> String {
    let last = rows.iter().map(|row| row.rsplit('|').next().unwrap_or_default());
    last.collect::<Vec<_>>().join(" ")
}

#[test]
fn windows() {
    use WindowFunction::{Next, Prev, RowCumsum, RowNumber, RowRankDense, RowRankMin};
    let x = [8, 5, 5, 5, 3, 3, 2, 1, 0].map(Some);
    let t = longs("x", &x);
    let ty = Type::Long;
    let one = |function, args: Vec<ScalarExpr>| {
        last(&windowed(&t, vec![WindowCall { function, args, ty }]))
    };
    let x = || t.column(0);
    let is = |value| call("==", vec![t.column(0), long(value)]);
    assert_eq!(one(Prev, vec![x()]), "∅ 8 5 5 5 3 3 2 1");
    assert_eq!(one(Prev, vec![x(), long(6), long(-7)]), "-7 -7 -7 -7 -7 -7 8 5 5");
    assert_eq!(one(Next, vec![x()]), "5 5 5 3 3 2 1 0 ∅");
    assert_eq!(one(Next, vec![x(), long(6), x()]), "2 1 0 5 3 3 2 1 0");
    assert_eq!(one(Next, vec![x(), long(20)]), "∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅");
    assert_eq!(one(Prev, vec![x(), long(-1)]), one(Next, vec![x()]));
    assert_eq!(one(RowNumber, vec![]), "1 2 3 4 5 6 7 8 9");
    assert_eq!(one(RowNumber, vec![long(0), is(3)]), "0 1 2 3 0 0 1 2 3");
    assert_eq!(one(RowCumsum, vec![x()]), "8 13 18 23 26 29 31 32 32");
    assert_eq!(one(RowCumsum, vec![x(), is(3)]), "8 13 18 23 3 3 5 6 6");
    assert_eq!(one(RowRankDense, vec![x()]), "1 2 2 2 3 3 4 5 6");
    assert_eq!(one(RowRankMin, vec![x()]), "1 2 2 2 5 5 7 8 9");
    assert_eq!(one(RowRankMin, vec![x(), is(2)]), "1 2 2 2 5 5 1 2 3");
}

#[test]
fn sessions() {
    let times = [0, 3, 5, 9, 11, 17, 18].map(|t| vec![Value::DateTime(t)]).to_vec();
    let t = table(&[("t", Type::DateTime)], times);
    let session = |from_first, between| {
        let limit = |ticks| lit(Value::TimeSpan(ticks));
        let args = vec![t.column(0), limit(from_first), limit(between)];
        let function = WindowFunction::RowWindowSession;
        let rows = windowed(&t, vec![WindowCall { function, args, ty: Type::DateTime }]);
        let starts = rows.iter().map(|row| row.split('|').map(|t| t[26..27].to_string()));
        starts.map(|mut pair| pair.nth(1).unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(session(10, 5), "0 0 0 0 1 7 7");
    assert_eq!(session(100, 4), "0 0 0 9 9 7 7");
}

/// A long input goes through many batches and partitions.
#[test]
fn windows_over_many_batches() {
    let numbers = range(Value::Long(1), Value::Long(500), Value::Long(1));
    let sorted = numbers.clone().sort(vec![key(&numbers, 0, true)]);
    let ten = call("%", vec![sorted.column(0), long(10)]);
    let mapped = sorted.project(vec![(named("y", Type::Long), ten)]);
    let call = |function| WindowCall { function, args: vec![mapped.column(0)], ty: Type::Long };
    let calls = vec![call(WindowFunction::Prev), call(WindowFunction::Next)];
    let rows = windowed(&mapped, calls);
    assert_eq!(rows.len(), 500);
    assert_eq!(rows[..3], ["0|∅|9", "9|0|8", "8|9|7"]);
    assert_eq!(rows[498..], ["2|3|1", "1|2|∅"]);
}

fn expanded(rows: &[(&str, &str)], ty: Type, pairs: bool, limit: Option<u64>) -> Vec<String> {
    let value = |json: &str| match json {
        "" => Value::Null(Type::Dynamic),
        json => Value::Dynamic(json.into()),
    };
    let values = rows.iter().map(|(a, b)| vec![value(a), value(b)]).collect();
    let t = table(&[("a", Type::Dynamic), ("b", Type::Dynamic)], values);
    let expansion = |index| Expansion { source: t.column(index), array_pairs: pairs, ty };
    let node = Node::Expand {
        input: t.clone(),
        expansions: vec![expansion(0), expansion(1)],
        position: true,
        limit,
    };
    let columns = ["a", "b"].map(|name| Column::new(name, Type::Dynamic)).into_iter();
    let added = [Column::new("x", ty), Column::new("y", ty), Column::new("i", Type::Long)];
    run(&Relation::new(node, RowSchema::new(columns.chain(added))).select(&[4, 2, 3]))
}

#[test]
fn expansions() {
    let zip = |a, b| expanded(&[(a, b)], Type::Dynamic, false, None);
    assert_eq!(zip("[10,20,30]", r#"["p"]"#), ["0|10|p", "1|20|∅", "2|30|∅"]);
    assert_eq!(zip("[]", r#"["p"]"#), ["0|∅|p"]);
    assert_eq!(zip("[]", "[]"), [""; 0]);
    assert_eq!(zip("", r#"["p","q"]"#), ["0|∅|p", "1|∅|q"]);
    assert_eq!(zip("", ""), ["0|∅|∅"]);
    assert_eq!(zip(r#"{"k":1}"#, r#"["p","q"]"#), [r#"0|{"k":1}|p"#, "1|∅|q"]);
    assert_eq!(zip("5", "[]"), ["0|5|∅"]);
    let pairs = expanded(&[(r#"{"p":1,"q":2}"#, "[]")], Type::Dynamic, true, None);
    assert_eq!(pairs, [r#"0|["p",1]|∅"#, r#"1|["q",2]|∅"#]);
    assert_eq!(expanded(&[("[1,2,3]", "[1]"), ("[]", "[4]")], Type::Long, false, Some(2)).len(), 3);
    assert_eq!(expanded(&[("[1,2,3]", "[1]")], Type::Long, false, Some(0)), [""; 0]);
    let many = format!("[{}]", (0..100).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    assert_eq!(expanded(&[(&many, "[]"), (&many, "")], Type::Long, false, None).len(), 200);
    let mixed = r#"[1,2.5,-2.5,"2",true,null]"#;
    let to = |ty| last(&expanded(&[("", mixed)], ty, false, None));
    assert_eq!(to(Type::Long), "1 2 -2 ∅ ∅ ∅");
    assert_eq!(to(Type::Int), "1 2 -2 ∅ ∅ ∅");
    assert_eq!(to(Type::Real), "1.0 2.5 -2.5 ∅ ∅ ∅");
    assert_eq!(to(Type::Bool), "True ∅ ∅ ∅ True ∅");
    assert_eq!(to(Type::String), "1 2.5 -2.5 2 true ");
    assert_eq!(to(Type::TimeSpan), "∅ ∅ ∅ ∅ ∅ ∅");
}

#[test]
fn parses() {
    let t = keyed(["k", "s"], &[(Some(1), "a=5;"), (Some(2), "b")]);
    let steps = vec![
        ParseStep::Text("a=".into()),
        ParseStep::Column(Type::Long),
        ParseStep::Text(";".into()),
    ];
    let pattern = ParsePattern { kind: ParseKind::Simple, flags: "".into(), steps };
    let method = ParseMethod::Pattern(pattern);
    let added = [Column::new("n", Type::Long), Column::new("matched", Type::Bool)];
    let schema = RowSchema::new(t.schema.columns().iter().cloned().chain(added));
    let source = t.column(1);
    let parsed = Relation::new(Node::Parse { input: t, source, method }, schema);
    assert_eq!(run(&parsed), ["1|a=5;|5|True", "2|b|∅|False"]);
    assert_eq!(run(&parsed.clone().filter(parsed.column(3)).select(&[2])), ["5"]);
}

#[test]
fn plans_reach_the_stored_columns() {
    let t = stored();
    let count = agg("count", 0, vec![], vec![Type::Long]);
    let counted = t.clone().aggregate(vec![], vec![count], vec!["n".into()]);
    assert!(physical(&counted).contains("PlaceholderRowExec"), "{}", physical(&counted));
    let day = call(
        "between",
        vec![
            t.column(0),
            lit(Value::DateTime(parse("2024-01-01").unwrap())),
            lit(Value::DateTime(parse("2024-01-02").unwrap())),
        ],
    );
    let filtered = physical(&t.clone().filter(day));
    let wanted = "at@0 >= 1704067200000000 AND at@0 < 1704153600000001";
    assert!(filtered.contains(wanted), "{filtered}");
    let top = physical(&t.clone().sort(vec![key(&t, 0, true)]).limit(3));
    assert!(top.contains("TopK(fetch=3), expr=[at@0 DESC NULLS LAST]"), "{top}");
}

/// Functions mark their results with a KQL type, constants and groups do not; the engine must not
/// mind the difference.
#[test]
fn marks_do_not_matter() {
    let t = keyed(["k", "s"], &[(Some(1), "a"), (Some(2), "b"), (Some(3), "a")]);
    let upper = || call("toupper", vec![t.column(1)]);
    let columns =
        || vec![(named("u", Type::String), upper()), (named("k", Type::Long), t.column(0))];
    let marked = t.clone().project(columns());
    let plain = table(
        &[("u", Type::String), ("k", Type::Long)],
        vec![vec![Value::String("A".into()), Value::Null(Type::Long)]],
    );
    let schema = marked.schema.clone();
    for inputs in [vec![marked.clone(), plain.clone()], vec![plain.clone(), marked.clone()]] {
        let union = Relation::new(Node::Union { inputs }, schema.clone());
        let keys = vec![(named("u", Type::String), union.column(0))];
        let calls = vec![
            agg("count", 0, vec![], vec![Type::Long]),
            agg("make_set", 0, vec![union.column(1)], vec![Type::Dynamic]),
        ];
        let names = vec!["n".into(), "k".into()];
        let grouped = union.clone().aggregate(keys, calls, names);
        let counts: Vec<String> = sorted(&grouped.clone().select(&[0, 1]));
        assert_eq!(counts, ["A|3", "B|1"]);
        let on = vec![(grouped.column(0), marked.column(0))];
        let columns = grouped.schema.columns().iter().cloned();
        let columns = columns.chain([named("u1", Type::String), named("k1", Type::Long)]);
        let node =
            Node::Join { left: grouped.clone(), right: marked.clone(), kind: JoinKind::Inner, on };
        assert_eq!(run(&Relation::new(node, RowSchema::new(columns))).len(), 3);
    }
    let picked = call("iff", vec![call("==", vec![t.column(0), long(1)]), upper(), text("x")]);
    let keys = vec![(named("p", Type::String), picked)];
    assert_eq!(sorted(&t.clone().aggregate(keys, vec![], vec![])), ["A", "x"]);
}

#[test]
fn memory_runs_out() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let limits = Limits { threads: Some(2), batch_rows: None, memory: Some(1 << 20) };
    let session = Session::new(&limits).unwrap();
    let numbers = range(Value::Long(1), Value::Long(2_000_000), Value::Long(1));
    let list = agg("make_list", 0, vec![numbers.column(0)], vec![Type::Dynamic]);
    let all = numbers.aggregate(vec![], vec![list], vec!["list".into()]);
    let plan = lower(&all, &Stored).unwrap();
    let failed = runtime.block_on(async {
        let stream = session.start(session.physical(&plan).await.unwrap()).unwrap();
        collect(stream, &all.schema, 1).await
    });
    assert_eq!(failed.unwrap_err().kind(), "memory");
}
