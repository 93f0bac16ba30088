//! The `top-nested` operator: `T | top-nested [n] of e [with others = v] by agg, top-nested …`.
//!
//! Level by level: the groups below the values chosen so far, numbered by rank. Rows whose values
//! were not chosen give the rows of `others`.

use std::sync::Arc;

use super::rows::row_count;
use super::summarize::refuse_dynamic;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::lift::{ascending, windows};
use crate::binder::naming::{Target, numbered};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::WindowFunction;
use crate::plan::{AggregateCall, JoinKind, Node, Relation, ScalarExpr, SortKey, WindowCall};
use crate::syntax::ast::{Expr, TopNestedLevel};
use crate::text::Span;
use crate::types::{Column, Type, Value};

/// Columns per level in the making: the value, the aggregate, the rank.
const PER_LEVEL: usize = 3;

struct Level {
    key: ScalarExpr,
    /// Names of the two columns.
    names: [Arc<str>; 2],
    count: Option<u64>,
    others: Option<Value>,
    calls: Vec<AggregateCall>,
    /// Over the keys up to this level and the results of the calls.
    by: ScalarExpr,
    descending: bool,
    nulls_first: bool,
    span: Span,
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    levels: &'a [TopNestedLevel],
) -> Relation {
    let mut bound: Vec<Level> = vec![];
    for (index, level) in levels.iter().enumerate() {
        match self::level(cx, &input, level, index, &bound) {
            Some(level) => bound.push(level),
            None => return cx.broken(),
        }
    }
    let width = input.schema.len();
    let mut columns: Vec<_> = input.targets().collect();
    for (index, level) in bound.iter().enumerate() {
        columns.push((Column::new(format!("$key{index}"), level.key.ty()), level.key.clone()));
    }
    let nest = Nest { rows: input.project(columns), width, levels: &bound };
    let mut parts = vec![];
    let mut chosen: Option<Relation> = None;
    for (index, level) in bound.iter().enumerate() {
        let next = nest.chosen(cx, chosen.as_ref(), index);
        if let Some(value) = &level.others {
            parts.push(nest.others(chosen.as_ref(), &next, index, value));
        }
        chosen = Some(next);
    }
    let Some(mut all) = chosen else { return cx.broken() };
    if !parts.is_empty() {
        let schema = all.schema.clone();
        parts.insert(0, all);
        let union = Relation::new(Node::Union { inputs: parts }, schema);
        let ranks = (0..bound.len()).map(|index| ascending(union.column(PER_LEVEL * index + 2)));
        let ranks = ranks.collect();
        all = union.sort(ranks);
    }
    let mut result = vec![];
    for (index, level) in bound.iter().enumerate() {
        for (offset, name) in level.names.iter().enumerate() {
            let value = all.column(PER_LEVEL * index + offset);
            result.push((Column { name: name.clone(), ty: value.ty() }, value));
        }
    }
    Relation { serialized: false, ..all.project(result) }
}

fn level<'a>(
    cx: &mut Binder<'a>,
    input: &Relation,
    level: &'a TopNestedLevel,
    index: usize,
    before: &[Level],
) -> Option<Level> {
    let count = level.count.as_ref().map(|count| row_count(cx, count));
    let (given, of) = named(&level.of);
    let mut clause = Clause { windows: None, ..Clause::over(input) };
    let key = cx.argument(&mut clause, of);
    refuse_dynamic(cx, &key);
    let taken: Vec<Arc<str>> = before.iter().flat_map(|level| level.names.clone()).collect();
    let own = given.unwrap_or_else(|| match cx.target(of, Some(&input.schema), true) {
        Target::Explicit(name) | Target::Suggested(name) => name,
        Target::Unnamed => format!("Column{}", index + 1).into(),
    });
    let own = unique(own, &taken);
    let (given, by) = named(&level.by.expr);
    let aggregated = given.unwrap_or_else(|| format!("aggregated_{own}").into());
    let taken: Vec<Arc<str>> = taken.into_iter().chain([own.clone()]).collect();
    let aggregated = unique(aggregated, &taken);
    let mut clause = Clause::aggregating(input, index + 1);
    let errors = cx.diagnostics.len();
    let bound = cx.argument(&mut clause, by);
    let calls = clause.aggregates.take().unwrap_or_default();
    if calls.is_empty() && cx.diagnostics.len() == errors && !bound.expr.is_pending() {
        cx.error(codes::GENERIC, bound.span, "an aggregation function is expected here");
        return None;
    }
    if bound.expr.ty() == Type::Dynamic {
        cx.error(codes::SORT_TYPE, bound.span, "dynamic values have no order");
        return None;
    }
    let others = match &level.others {
        Some(value) => Some(others_value(cx, value, key.expr.ty())?),
        None => None,
    };
    let descending = level.by.descending.unwrap_or(true);
    let broken = key.expr.ty() == Type::Unknown || bound.expr.ty() == Type::Unknown;
    (!broken).then_some(Level {
        key: key.expr,
        names: [own, aggregated],
        count,
        others,
        calls,
        by: bound.expr,
        descending,
        nulls_first: level.by.nulls_first.unwrap_or(!descending),
        span: bound.span,
    })
}

/// The name that an expression is given, and the expression.
fn named(expr: &Expr) -> (Option<Arc<str>>, &Expr) {
    match expr {
        Expr::Named(named) => (named.names.first().map(|name| name.text.clone()), &named.value),
        other => (None, other),
    }
}

fn unique(name: Arc<str>, taken: &[Arc<str>]) -> Arc<str> {
    let is_taken = |name: &str| taken.iter().any(|taken| **taken == *name);
    if is_taken(&name) { numbered(&name, is_taken) } else { name }
}

/// The constant behind `with others =`, as a value of the level's type.
fn others_value<'a>(cx: &mut Binder<'a>, expr: &'a Expr, ty: Type) -> Option<Value> {
    let arg = cx.argument(&mut Clause::constant(), expr);
    let value = cx.constant(&arg.expr, arg.span)?;
    if value.ty() == ty || value.is_null() || (value.ty().is_numeric() && ty.is_numeric()) {
        return Some(value.cast(ty));
    }
    if ty != Type::Unknown {
        let message = format!("the values here are of type {ty}, the one for others is not");
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, arg.span, message)
                .hint(format!("group by text to mix them, as in `of tostring(…)`: {}", value.ty())),
        );
    }
    None
}

/// The rows of the input with the key of every level behind them.
struct Nest<'l> {
    rows: Relation,
    width: usize,
    levels: &'l [Level],
}

impl Nest<'_> {
    fn key(&self, level: usize) -> (Column, ScalarExpr) {
        let index = self.width + level;
        (self.rows.schema.columns()[index].clone(), self.rows.column(index))
    }

    /// The groups that level `index` chooses below those `above`: the columns of all levels so far,
    /// by rank.
    fn chosen(&self, cx: &mut Binder, above: Option<&Relation>, index: usize) -> Relation {
        let level = &self.levels[index];
        let keys = (0..=index).map(|level| {
            let (Column { name, ty }, key) = self.key(level);
            (Column { name: format!("{name}$").into(), ty }, key)
        });
        let names = results(&level.calls);
        let grouped = self.rows.clone().aggregate(keys.collect(), level.calls.clone(), names);
        let mut columns: Vec<_> = (0..=index)
            .map(|key| (grouped.schema.columns()[key].clone(), grouped.column(key)))
            .collect();
        columns.push((Column::new("$by", level.by.ty()), level.by.clone()));
        let grouped = grouped.project(columns);
        let joined = below(above, &grouped, index);
        let before = PER_LEVEL * index;
        let value = joined.schema.len() - 1;
        let mut keys = vec![];
        if index > 0 {
            keys.push(ascending(joined.column(before - 1)));
        }
        keys.push(SortKey {
            expr: joined.column(value),
            descending: level.descending,
            nulls_first: level.nulls_first,
        });
        let mut rows = joined.sort(keys);
        if let Some(count) = level.count {
            rows = match index {
                0 => rows.limit(count),
                _ => first(cx, rows, count, before - 1, level.span),
            };
        }
        let function = WindowFunction::RowNumber;
        let rows = windows(rows, vec![WindowCall { function, args: vec![], ty: Type::Long }]);
        let mut order: Vec<usize> = (0..before).collect();
        order.extend([value - 1, value, rows.schema.len() - 1]);
        named_by_place(rows, order)
    }

    /// The rows for what level `index` did not choose below the groups `above`.
    fn others(
        &self,
        above: Option<&Relation>,
        chosen: &Relation,
        index: usize,
        value: &Value,
    ) -> Relation {
        let on = (0..=index).map(|level| (self.key(level).1, chosen.column(PER_LEVEL * level)));
        let node = Node::Join {
            left: self.rows.clone(),
            right: chosen.clone(),
            kind: JoinKind::LeftAnti,
            on: on.collect(),
        };
        let rest = Relation::new(node, self.rows.schema.clone());
        let mut keys: Vec<_> = (0..index)
            .map(|level| {
                let (Column { name, ty }, key) = self.key(level);
                (Column { name: format!("{name}$").into(), ty }, key)
            })
            .collect();
        if keys.is_empty() {
            keys.push((Column::new("$all", Type::Long), ScalarExpr::Literal(Value::Long(0))));
        }
        // Levels below that ask for others too see all of the rest.
        let asks = |at: usize| at == index || self.levels[at].others.is_some();
        let asked: Vec<usize> = (index..self.levels.len()).filter(|&at| asks(at)).collect();
        let (mut calls, mut values) = (vec![], vec![]);
        for &at in &asked {
            let level = &self.levels[at];
            let first: usize = calls.iter().map(|call: &AggregateCall| call.returns.len()).sum();
            let moved = keys.len() + first;
            let by = level.by.map_columns(&|column, ty| ScalarExpr::Column {
                index: column - (at + 1) + moved,
                ty,
            });
            values.push((Column::new(format!("$by{at}"), by.ty()), by));
            calls.extend(level.calls.iter().cloned());
        }
        let names = results(&calls);
        let count = keys.len();
        let grouped = rest.aggregate(keys, calls, names);
        let mut columns: Vec<_> = (0..count)
            .map(|key| (grouped.schema.columns()[key].clone(), grouped.column(key)))
            .collect();
        columns.extend(values);
        let grouped = grouped.project(columns);
        let joined = below(above, &grouped, index);
        let before = PER_LEVEL * index;
        let first = joined.schema.len() - asked.len();
        let mut values: Vec<ScalarExpr> = (0..before).map(|at| joined.column(at)).collect();
        for at in index..self.levels.len() {
            let level = &self.levels[at];
            let rank = if at == index { i64::MAX } else { 0 };
            let [key, by] = match asked.iter().position(|&asked| asked == at) {
                Some(place) => {
                    let key = if at == index { Some(value) } else { level.others.as_ref() };
                    let key = key.cloned().unwrap_or(Value::null(level.key.ty()));
                    [ScalarExpr::Literal(key), joined.column(first + place)]
                }
                None => {
                    [level.key.ty(), level.by.ty()].map(|ty| ScalarExpr::Literal(Value::null(ty)))
                }
            };
            values.extend([key, by, ScalarExpr::Literal(Value::Long(rank))]);
        }
        let columns = values.into_iter().enumerate();
        let columns = columns.map(|(at, value)| (column(at, value.ty()), value)).collect();
        joined.project(columns)
    }
}

/// The columns at `order`, under the names of their places.
fn named_by_place(rows: Relation, order: Vec<usize>) -> Relation {
    let columns = order.into_iter().enumerate().map(|(at, index)| {
        let value = rows.column(index);
        (column(at, value.ty()), value)
    });
    let columns = columns.collect();
    rows.project(columns)
}

/// A column in the making.
fn column(at: usize, ty: Type) -> Column {
    Column::new(format!("$level{at}"), ty)
}

fn results(calls: &[AggregateCall]) -> Vec<Arc<str>> {
    let results = calls.iter().map(|call| call.returns.len()).sum::<usize>();
    (0..results).map(|index| format!("$agg{index}").into()).collect()
}

/// The groups, which begin with the keys of the levels before `index`, below those chosen there.
fn below(above: Option<&Relation>, grouped: &Relation, index: usize) -> Relation {
    let Some(above) = above else { return grouped.clone() };
    let on = (0..index).map(|level| (above.column(PER_LEVEL * level), grouped.column(level)));
    let columns = above.schema.columns().iter().chain(grouped.schema.columns()).cloned();
    let node = Node::Join {
        left: above.clone(),
        right: grouped.clone(),
        kind: JoinKind::Inner,
        on: on.collect(),
    };
    Relation::new(node, columns.collect())
}

/// The first `count` rows of each run of equal numbers in the column `parent`.
fn first(cx: &mut Binder, rows: Relation, count: u64, parent: usize, span: Span) -> Relation {
    let width = rows.schema.len();
    let number = rows.column(parent);
    let before =
        WindowCall { function: WindowFunction::Prev, args: vec![number.clone()], ty: Type::Long };
    let rows = windows(rows, vec![before]);
    let mut call = |name, args: [ScalarExpr; 2]| {
        cx.call(name, span, args.map(|arg| Argument::new(arg, span)).into())
    };
    let starts = call("!=", [number, rows.column(width)]);
    let one = ScalarExpr::Literal(Value::Long(1));
    let function = WindowFunction::RowNumber;
    let rank = WindowCall { function, args: vec![one, starts], ty: Type::Long };
    let rows = windows(rows, vec![rank]);
    let count = ScalarExpr::Literal(Value::Long(i64::try_from(count).unwrap_or(i64::MAX)));
    let kept = call("<=", [rows.column(width + 1), count]);
    rows.filter(kept).select(&(0..width).collect::<Vec<_>>())
}
