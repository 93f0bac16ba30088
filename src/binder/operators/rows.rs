//! Operators that choose, order, count and label rows: `where`, `take`, `sort`, `top`, `count`, `as`,
//! `getschema`, `invoke`, `consume`, `render`.

use super::{parameter, window};
use crate::binder::Binder;
use crate::binder::aggregates::aggregate_of;
use crate::binder::combine;
use crate::binder::env::{Binding, TabularBinding};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation, SortKey, Visualization};
use crate::syntax::ast::{self, Expr, Operator};
use crate::types::{Column, RowSchema, Type, Value};

/// `where predicate`
pub(super) fn where_<'a>(cx: &mut Binder<'a>, input: Relation, predicate: &'a Expr) -> Relation {
    let mut clause = Clause::over(&input);
    let condition = cx.argument(&mut clause, predicate);
    let condition = cx.condition(condition);
    let width = input.schema.len();
    let windowed = clause.windows.as_ref().is_some_and(|calls| !calls.is_empty());
    let filtered = combine::filter(window::apply(input, &mut clause), condition);
    if windowed { filtered.select(&(0..width).collect::<Vec<_>>()) } else { filtered }
}

/// `take count`
pub(super) fn take<'a>(cx: &mut Binder<'a>, input: Relation, count: &'a Expr) -> Relation {
    let count = row_count(cx, count);
    input.limit(count)
}

/// A constant number of rows; a negative one is none.
pub(super) fn row_count<'a>(cx: &mut Binder<'a>, count: &'a Expr) -> u64 {
    let arg = cx.argument(&mut Clause::constant(), count);
    if !arg.expr.ty().is_integer() && arg.expr.ty() != Type::Unknown {
        let message = format!("a whole number of rows is expected, not {}", arg.expr.ty());
        cx.error(codes::EXPRESSION_TYPE, arg.span, message);
        return 0;
    }
    let value = cx.constant(&arg.expr, arg.span);
    value.and_then(|value| value.as_i64()).map_or(0, |count| u64::try_from(count).unwrap_or(0))
}

/// `sort by keys`
pub(super) fn sort<'a>(cx: &mut Binder<'a>, input: Relation, keys: &'a [ast::SortKey]) -> Relation {
    let mut clause = Clause::over(&input);
    let keys = keys.iter().flat_map(|key| sort_keys(cx, &mut clause, key)).collect();
    let width = input.schema.len();
    let windowed = clause.windows.as_ref().is_some_and(|calls| !calls.is_empty());
    let sorted = window::apply(input, &mut clause).sort(keys);
    if windowed { sorted.select(&(0..width).collect::<Vec<_>>()) } else { sorted }
}

/// A key, behind one for the empty strings where those are asked to a place that their order does
/// not give them: they are the missing values of a string column.
pub(super) fn sort_keys<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    key: &'a ast::SortKey,
) -> Vec<SortKey> {
    let arg = cx.argument(clause, &key.expr);
    if arg.expr.ty() == Type::Dynamic {
        cx.diagnostics.push(
            Diagnostic::error(codes::SORT_TYPE, arg.span, "dynamic values have no order")
                .hint("convert them first, as in `tostring(…)` or `tolong(…)`"),
        );
    }
    let descending = key.descending.unwrap_or(true);
    let nulls_first = key.nulls_first.unwrap_or(!descending);
    let mut keys = vec![];
    if arg.expr.ty() == Type::String && nulls_first == descending {
        let empty = cx.call("isempty", arg.span, vec![arg.clone()]);
        keys.push(SortKey { expr: empty, descending: nulls_first, nulls_first });
    }
    keys.push(SortKey { expr: arg.expr, descending, nulls_first });
    keys
}

/// `top count by key`
pub(super) fn top<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    count: &'a Expr,
    by: &'a ast::SortKey,
) -> Relation {
    let count = row_count(cx, count);
    sort(cx, input, std::slice::from_ref(by)).limit(count)
}

/// `count [as Name]`
pub(super) fn count(input: Relation, name: Option<&ast::Name>) -> Relation {
    let Some(call) = aggregate_of("count", vec![]) else { return input };
    let name = name.map_or_else(|| "Count".into(), |name| name.text.clone());
    input.aggregate(vec![], vec![call], vec![name])
}

/// `as Name`: with `hint.materialized=true` the rows are computed once for all who read the name.
pub(super) fn as_<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &Operator,
    name: &'a ast::Name,
) -> Relation {
    let hint = parameter(operator, &["hint.materialized"]);
    let once = hint.is_some_and(|hint| {
        matches!(&hint.value, Expr::Literal(ast::Literal { value: Some(Value::Bool(true)), .. }))
    });
    let input = if once { cx.ask_table(input) } else { input };
    let table = TabularBinding { relation: input.clone(), table: Some(name.text.clone()) };
    cx.env = cx.env.with(name.text.clone(), Binding::Tabular(table));
    if cx.level == 0 {
        cx.result_name = Some(name.text.clone());
    }
    input
}

/// `getschema`
pub(super) fn getschema(cx: &mut Binder, input: Relation, operator: &Operator) -> Relation {
    let columns = input.schema.columns();
    if let Some(kind) = parameter(operator, &["kind"]) {
        if ast::word(kind) != Some("csl") {
            cx.error(codes::UNKNOWN_PARAMETER, kind.value.span(), "`kind` can only be `csl`");
        }
        let list: Vec<_> = columns.iter().map(|c| format!("{}:{}", c.name, c.ty)).collect();
        let rows = vec![vec![Value::String(list.join(",").into())]];
        let schema = RowSchema::new([Column::new("Schema", Type::String)]);
        return Relation { serialized: true, ..Relation::new(Node::Values { rows }, schema) };
    }
    let text = |text: &str| Value::String(text.into());
    let rows = columns
        .iter()
        .enumerate()
        .map(|(ordinal, column)| {
            vec![
                text(&column.name),
                Value::Long(ordinal as i64),
                text(column.ty.clr_name()),
                text(column.ty.name()),
            ]
        })
        .collect();
    let schema = RowSchema::new([
        Column::new("ColumnName", Type::String),
        Column::new("ColumnOrdinal", Type::Long),
        Column::new("DataType", Type::String),
        Column::new("ColumnType", Type::String),
    ]);
    Relation { serialized: true, ..Relation::new(Node::Values { rows }, schema) }
}

/// `invoke f(args)`: the input is the first argument.
pub(super) fn invoke<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a Expr) -> Relation {
    let Expr::Call(call) = call else {
        cx.error(codes::SYNTAX, call.span(), "`invoke` needs a function call");
        return cx.broken();
    };
    match cx.user_function(&call.name.text) {
        Some(function) => {
            if let Some(parameter) = function.definition.parameters.first() {
                cx.check_table(&input, parameter, call.span);
            }
            let piped = TabularBinding { relation: input, table: None };
            cx.tabular_user_call(&function, &call.args, call.span, Some(piped))
        }
        None => {
            if !cx.refuse_known("", &call.name) {
                let message = format!("unknown function `{}`", call.name.text);
                cx.error(codes::UNKNOWN_FUNCTION, call.name.span, message);
            }
            cx.broken()
        }
    }
}

/// `consume`
pub(super) fn consume(input: Relation) -> Relation {
    let schema = input.schema.clone();
    Relation::new(Node::Consume { input }, schema)
}

/// `render chart`: a property of the result.
pub(super) fn render<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    chart: &'a ast::Name,
    properties: &'a [ast::Parameter],
) -> Relation {
    const CHARTS: &[&str] = &[
        "anomalychart",
        "areachart",
        "barchart",
        "card",
        "columnchart",
        "graph",
        "ladderchart",
        "linechart",
        "piechart",
        "pivotchart",
        "plotly",
        "scatterchart",
        "stackedareachart",
        "table",
        "timechart",
        "timepivot",
        "treemap",
        "3Dchart",
        "sankey",
    ];
    if !CHARTS.contains(&&*chart.text) {
        cx.diagnostics.push(
            Diagnostic::error(codes::SYNTAX, chart.span, format!("unknown chart `{}`", chart.text))
                .suggest("chart", &chart.text, CHARTS.iter().copied()),
        );
    }
    let mut bound = vec![];
    for property in properties {
        let text = match &property.value {
            Expr::Name(name) => name.text.to_string(),
            other => {
                let value = cx.argument(&mut Clause::constant(), other);
                cx.constant(&value.expr, value.span).map(|v| v.text()).unwrap_or_default()
            }
        };
        bound.push((property.name.text.clone(), text.into()));
    }
    cx.visualization = Some(Visualization { kind: chart.text.clone(), properties: bound });
    input
}
