//! Joins.

use std::sync::Arc;

use datafusion::common::NullEquality;
use datafusion::logical_expr::{Expr, Join, JoinConstraint, JoinType, LogicalPlan};

use super::convert::{normal_real, or_empty};
use super::relation::{Lowered, project};
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use crate::error::Result;
use crate::exec::failure;
use crate::plan::{JoinKind, ScalarExpr};
use crate::types::{RowSchema, Type};

/// Joins two relations; pairs of nulls are equal, and so are pairs of NaN.
pub fn lower(
    left: Lowered,
    right: Lowered,
    kind: JoinKind,
    on: &[(ScalarExpr, ScalarExpr)],
    schema: &RowSchema,
) -> Result<Lowered> {
    let mut left = left.all_canonical()?;
    let right = right.all_canonical()?;
    if kind == JoinKind::InnerUnique {
        let keys = on.iter().map(|(key, _)| key);
        let columns = schema.columns();
        let columns = columns.get(..left.columns.len()).unwrap_or(columns);
        left = super::aggregate::first_per_key(left, columns, keys)?;
    }
    // Both sides get names of their own, since semi joins may be over equal names.
    let left = renamed(left, "l")?;
    let right = renamed(right, "r")?;
    let pairs = on
        .iter()
        .map(|(l, r)| Ok((key(l, &left.scope())?, key(r, &right.scope())?)))
        .collect::<Result<_>>()?;
    let join_type = match kind {
        JoinKind::InnerUnique | JoinKind::Inner => JoinType::Inner,
        JoinKind::LeftOuter => JoinType::Left,
        JoinKind::RightOuter => JoinType::Right,
        JoinKind::FullOuter => JoinType::Full,
        JoinKind::LeftSemi => JoinType::LeftSemi,
        JoinKind::LeftAnti => JoinType::LeftAnti,
        JoinKind::RightSemi => JoinType::RightSemi,
        JoinKind::RightAnti => JoinType::RightAnti,
    };
    let names: Vec<Arc<str>> = match join_type {
        JoinType::LeftSemi | JoinType::LeftAnti => names(&left).collect(),
        JoinType::RightSemi | JoinType::RightAnti => names(&right).collect(),
        _ => names(&left).chain(names(&right)).collect(),
    };
    let join = Join::try_new(
        Arc::new(left.plan),
        Arc::new(right.plan),
        pairs,
        None,
        join_type,
        JoinConstraint::On,
        NullEquality::NullEqualsNull,
        false,
    )
    .map_err(failure)?;
    // A missing string is empty, also where a whole side is missing.
    let outer = matches!(join_type, JoinType::Left | JoinType::Right | JoinType::Full);
    let exprs = names.iter().zip(schema.columns()).map(|(name, column)| {
        let expr = reference(name);
        let expr = if outer && column.ty == Type::String { or_empty(expr) } else { expr };
        expr.alias(&*column.name)
    });
    let plan = project(LogicalPlan::Join(join), exprs.collect())?;
    Ok(Lowered::canonical(plan, schema))
}

fn names(side: &Lowered) -> impl Iterator<Item = Arc<str>> {
    side.columns.iter().map(|column| column.name.clone())
}

fn renamed(side: Lowered, prefix: &str) -> Result<Lowered> {
    let name = |index: usize| -> Arc<str> { format!("{prefix}{index}").into() };
    let exprs = side.columns.iter().enumerate();
    let exprs = exprs.map(|(index, column)| reference(&column.name).alias(&*name(index)));
    let plan = project(side.plan, exprs.collect())?;
    let columns =
        (0..side.columns.len()).map(|index| LoweredColumn { name: name(index), raw: None });
    Ok(Lowered { plan, columns: columns.collect() })
}

fn key(expr: &ScalarExpr, scope: &Scope) -> Result<Expr> {
    let value = scalar::value(expr, scope)?;
    Ok(if expr.ty() == Type::Real { normal_real(value) } else { value })
}
