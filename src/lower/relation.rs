//! One function per node of the bound plan.

use std::sync::Arc;

use datafusion::common::{DFSchema, NullEquality, UnnestOptions};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{
    EmptyRelation, Expr, Filter, Join, JoinConstraint, JoinType, Limit, LogicalPlan,
    LogicalPlanBuilder, Operator, Projection, Union, Values,
};

use super::literal::literal;
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::plan::{JoinKind, Node, Relation, ScalarExpr, SortKey};
use crate::types::arrow::{field, schema};
use crate::types::{RowSchema, Type, Value};

/// A lowered relation.
pub struct Lowered {
    pub plan: LogicalPlan,
    pub columns: Vec<LoweredColumn>,
}

impl Lowered {
    /// A plan all of whose columns are canonical and named as in `schema`.
    pub fn canonical(plan: LogicalPlan, schema: &RowSchema) -> Self {
        let columns =
            schema.names().map(|name| LoweredColumn { name: name.to_string(), raw: None }).collect();
        Self { plan, columns }
    }

    pub fn scope(&self) -> Scope<'_> {
        Scope::new(&self.columns)
    }
}

/// Lowers relations over the tables of one catalog.
pub struct Lowering<'a> {
    catalog: &'a Catalog,
}

impl<'a> Lowering<'a> {
    pub fn new(catalog: &'a Catalog) -> Self {
        Self { catalog }
    }

    /// Lowers a whole statement: every column canonical, in order.
    pub fn top(&self, relation: &Relation) -> Result<LogicalPlan> {
        let lowered = self.relation(relation)?;
        Ok(self.all_canonical(lowered)?.plan)
    }

    /// The same rows with every column in canonical form.
    fn all_canonical(&self, lowered: Lowered) -> Result<Lowered> {
        if lowered.columns.iter().all(|column| column.raw.is_none()) {
            return Ok(lowered);
        }
        let scope = lowered.scope();
        let exprs = lowered
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| scope.canonical(index).alias(&column.name))
            .collect();
        let columns = lowered
            .columns
            .iter()
            .map(|column| LoweredColumn { name: column.name.clone(), raw: None })
            .collect();
        Ok(Lowered { plan: project(lowered.plan, exprs)?, columns })
    }

    pub fn relation(&self, relation: &Relation) -> Result<Lowered> {
        let schema = &relation.schema;
        match &*relation.node {
            Node::Scan { database, table } => self.scan(database.as_deref(), table),
            Node::Values { rows } => values(rows, schema),
            Node::Range { from, to, step } => super::convert::range(from, to, step, schema),
            Node::Filter { input, predicate } => self.filter(input, predicate),
            Node::Project { input, exprs } => self.project(input, exprs, schema),
            Node::Aggregate { input, keys, calls } => {
                let input = self.relation(input)?;
                super::aggregate::lower(input, keys, calls, schema)
            }
            Node::Sort { input, keys } => self.sort(input, keys, None),
            Node::Limit { input, count } => self.limit(input, *count),
            Node::Join { left, right, kind, on } => self.join(left, right, *kind, on, schema),
            Node::Union { inputs } => self.union(inputs, schema),
            Node::Expand { .. } | Node::Parse { .. } | Node::Window { .. } | Node::Consume { .. } => {
                super::convert::special(self, relation)
            }
        }
    }

    fn scan(&self, database: Option<&str>, table: &str) -> Result<Lowered> {
        let handle = self.catalog.provider(database, table)?;
        let source = provider_as_source(handle.provider.clone());
        let plan = LogicalPlanBuilder::scan(table, source, None).map_err(failure)?.build();
        let plan = plan.map_err(failure)?;
        let fields: Vec<String> =
            plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        let exprs = fields
            .iter()
            .map(|name| {
                Expr::Column(datafusion::common::Column::new(Some(table), name.as_str())).alias(name)
            })
            .collect();
        let columns = handle
            .columns
            .iter()
            .map(|column| LoweredColumn {
                name: column.name.to_string(),
                raw: column.conversion.clone().into_raw(),
            })
            .collect();
        Ok(Lowered { plan: project(plan, exprs)?, columns })
    }

    fn filter(&self, input: &Relation, predicate: &ScalarExpr) -> Result<Lowered> {
        let input = self.relation(input)?;
        let predicate = scalar::filter(predicate, &input.scope())?;
        let filter = Filter::try_new(predicate, Arc::new(input.plan)).map_err(failure)?;
        Ok(Lowered { plan: LogicalPlan::Filter(filter), columns: input.columns })
    }

    fn project(&self, input: &Relation, exprs: &[ScalarExpr], schema: &RowSchema) -> Result<Lowered> {
        let input = self.relation(input)?;
        let scope = input.scope();
        let mut columns = Vec::with_capacity(exprs.len());
        let mut lowered = Vec::with_capacity(exprs.len());
        for (expr, name) in exprs.iter().zip(schema.names()) {
            // A column that only moves keeps its stored form.
            let (expr, raw) = match expr {
                ScalarExpr::Column { index, .. } => {
                    let column = &input.columns[*index];
                    (reference(&column.name), column.raw.clone())
                }
                other => (scalar::value(other, &scope)?, None),
            };
            columns.push(LoweredColumn { name: name.to_string(), raw });
            lowered.push(expr.alias(name));
        }
        Ok(Lowered { plan: project(input.plan, lowered)?, columns })
    }

    fn sort(&self, input: &Relation, keys: &[SortKey], fetch: Option<usize>) -> Result<Lowered> {
        let input = self.relation(input)?;
        let mut sorts = vec![];
        for key in keys {
            super::predicate::sort_key(key, &input.scope(), &mut sorts)?;
        }
        let plan = LogicalPlanBuilder::new(input.plan)
            .sort_with_limit(sorts, fetch)
            .and_then(LogicalPlanBuilder::build)
            .map_err(failure)?;
        Ok(Lowered { plan, columns: input.columns })
    }

    fn limit(&self, input: &Relation, count: u64) -> Result<Lowered> {
        let fetch = usize::try_from(count).unwrap_or(usize::MAX);
        let input = match &*input.node {
            Node::Sort { input, keys } => return self.sort(input, keys, Some(fetch)),
            _ => self.relation(input)?,
        };
        let limit = LogicalPlan::Limit(Limit {
            skip: None,
            fetch: Some(Box::new(literal(&Value::Long(i64::try_from(count).unwrap_or(i64::MAX))))),
            input: Arc::new(input.plan),
        });
        Ok(Lowered { plan: limit, columns: input.columns })
    }

    fn join(
        &self,
        left: &Relation,
        right: &Relation,
        kind: JoinKind,
        on: &[(ScalarExpr, ScalarExpr)],
        schema: &RowSchema,
    ) -> Result<Lowered> {
        let mut left = self.all_canonical(self.relation(left)?)?;
        let right = self.all_canonical(self.relation(right)?)?;
        if kind == JoinKind::InnerUnique {
            left = super::aggregate::first_per_key(left, on.iter().map(|(key, _)| key))?;
        }
        let pairs = on
            .iter()
            .map(|(l, r)| {
                Ok((scalar::value(l, &left.scope())?, scalar::value(r, &right.scope())?))
            })
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
        let joined = Lowered::canonical(LogicalPlan::Join(join), schema);
        let outer = matches!(join_type, JoinType::Left | JoinType::Right | JoinType::Full);
        if outer { without_null_strings(joined, schema) } else { Ok(joined) }
    }

    fn union(&self, inputs: &[Relation], schema: &RowSchema) -> Result<Lowered> {
        let mut plans = Vec::with_capacity(inputs.len());
        for input in inputs {
            let input = self.all_canonical(self.relation(input)?)?;
            plans.push(Arc::new(input.plan));
        }
        let fields = self::schema(schema);
        let df_schema = DFSchema::try_from(fields).map_err(failure)?;
        let union = Union { inputs: plans, schema: Arc::new(df_schema) };
        Ok(Lowered::canonical(LogicalPlan::Union(union), schema))
    }
}

/// A projection.
pub fn project(plan: LogicalPlan, exprs: Vec<Expr>) -> Result<LogicalPlan> {
    Projection::try_new(exprs, Arc::new(plan)).map(LogicalPlan::Projection).map_err(failure)
}

/// Rows of constants; without rows an empty relation of the same columns.
fn values(rows: &[Vec<Value>], row_schema: &RowSchema) -> Result<Lowered> {
    let df_schema = Arc::new(DFSchema::try_from(schema(row_schema)).map_err(failure)?);
    let plan = if rows.is_empty() {
        LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema: df_schema })
    } else {
        let rows = rows.iter().map(|row| row.iter().map(literal).collect()).collect();
        LogicalPlan::Values(Values { schema: df_schema, values: rows })
    };
    Ok(Lowered::canonical(plan, row_schema))
}

/// Outer joins leave nulls where a side is missing; a missing string is empty.
fn without_null_strings(input: Lowered, row_schema: &RowSchema) -> Result<Lowered> {
    if row_schema.columns().iter().all(|column| column.ty != Type::String) {
        return Ok(input);
    }
    let exprs = row_schema
        .columns()
        .iter()
        .map(|column| {
            let expr = reference(&column.name);
            let expr = if column.ty == Type::String { super::convert::or_empty(expr) } else { expr };
            expr.alias_with_metadata(&*column.name, Some(field(column).metadata().into()))
        })
        .collect();
    Ok(Lowered::canonical(project(input.plan, exprs)?, row_schema))
}
