//! One function per node of the bound plan.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::{DFSchema, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{
    EmptyRelation, Expr, Extension, Filter, Limit, LogicalPlan, LogicalPlanBuilder, Projection,
    TableScanBuilder, Union, UserDefinedLogicalNodeCore, Values,
};

use super::again;
use super::literal::literal;
use super::predicate::sort_key;
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use super::{TableSource, Tables};
use crate::catalog::addressed::{FILE, ROW};
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::exec::nodes::{Step, StepNode, TableCall, TableNode};
use crate::functions::table::TableFunction;
use crate::plan::{Node, Relation, ScalarExpr, SortKey};
use crate::types::arrow::schema as arrow_schema;
use crate::types::external::External;
use crate::types::{RowSchema, Value};

/// A lowered relation.
pub struct Lowered {
    pub plan: LogicalPlan,
    pub columns: Vec<LoweredColumn>,
}

impl Lowered {
    /// A plan all of whose columns are canonical and named as in `schema`.
    pub fn canonical(plan: LogicalPlan, schema: &RowSchema) -> Self {
        let columns = schema
            .columns()
            .iter()
            .map(|column| LoweredColumn { name: column.name.clone(), raw: None })
            .collect();
        Self { plan, columns }
    }

    pub fn scope(&self) -> Scope<'_> {
        Scope::new(&self.columns)
    }

    /// The same rows with every column in canonical form.
    pub fn all_canonical(self) -> Result<Lowered> {
        if self.columns.iter().all(|column| column.raw.is_none()) {
            return Ok(self);
        }
        let scope = self.scope();
        let exprs = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| scope.canonical(index).alias(&*column.name))
            .collect();
        let columns = self
            .columns
            .iter()
            .map(|column| LoweredColumn { name: column.name.clone(), raw: None })
            .collect();
        Ok(Lowered { plan: project(self.plan, exprs)?, columns })
    }

    /// The same rows in one stream of defined order.
    pub fn serial(self) -> Result<Lowered> {
        let done = matches!(&self.plan, LogicalPlan::Extension(node)
            if node.node.as_any().downcast_ref::<StepNode>()
                .is_some_and(|node| matches!(node.step(), Step::Serial)));
        if done {
            return Ok(self);
        }
        let plan = extension(StepNode::try_new(self.plan, Step::Serial).map_err(failure)?);
        Ok(Lowered { plan, columns: self.columns })
    }
}

/// Lowers relations over given tables.
pub struct Lowering<'a> {
    tables: &'a dyn Tables,
}

impl<'a> Lowering<'a> {
    pub fn new(tables: &'a dyn Tables) -> Self {
        Self { tables }
    }

    /// Lowers a whole statement: every column canonical, in order.
    pub fn top(&self, relation: &Relation) -> Result<LogicalPlan> {
        Ok(self.relation(relation)?.all_canonical()?.plan)
    }

    /// Lowers a relation. Where the order of its rows is defined it is a single stream.
    pub fn relation(&self, relation: &Relation) -> Result<Lowered> {
        let lowered = self.unordered(relation)?;
        let starts_order = match &*relation.node {
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Limit { input, .. }
            | Node::Expand { input, .. }
            | Node::Parse { input, .. } => !input.serialized,
            Node::Window { .. } | Node::Steps(_) => false,
            _ => true,
        };
        if relation.serialized && starts_order { lowered.serial() } else { Ok(lowered) }
    }

    fn unordered(&self, relation: &Relation) -> Result<Lowered> {
        let schema = &relation.schema;
        match &*relation.node {
            Node::Scan { database, table } => {
                scan(self.tables.table(database.as_deref(), table)?, table, schema)
            }
            Node::External { source } => self.external(source, schema),
            Node::Values { rows } => values(rows, schema),
            Node::Void => values(&[], schema),
            Node::Range { from, to, step } => super::range::lower(from, to, step, schema),
            Node::Filter { input, predicate } => self.filter(input, predicate),
            Node::Project { input, exprs } => self.project(input, exprs, schema),
            // Pruning leaves none.
            Node::Align { .. } => Err(Error::Internal("an alignment that was not pruned".into())),
            Node::Aggregate { input, keys, calls } => {
                super::aggregate::lower(self, input, keys, calls, schema)
            }
            Node::Sort { input, keys } => self.sort(input, keys, None),
            Node::Limit { input, count } => self.limit(input, *count),
            Node::Join { left, right, kind, on } => {
                let left = self.relation(without_order(left))?;
                let right = self.relation(without_order(right))?;
                super::join::lower(left, right, *kind, on, schema)
            }
            Node::Union { inputs } => self.union(inputs, schema),
            Node::Consume { input } => {
                let input = self.relation(without_order(input))?;
                let node = StepNode::try_new(input.plan, Step::Consume).map_err(failure)?;
                Ok(Lowered { plan: extension(node), columns: input.columns })
            }
            Node::TableFunction { inputs, function, constants } => {
                self.table_function(inputs, function, constants, schema)
            }
            Node::Window { input, calls } => {
                super::steps::window(self.relation(input)?.serial()?, calls, schema)
            }
            Node::Steps(scan) => {
                super::steps::scan(self.relation(&scan.input)?.serial()?, scan, schema)
            }
            Node::Expand { input, expansions, position, limit } => {
                let input = self.relation(input)?;
                super::steps::expand(input, expansions, *position, *limit, schema)
            }
            Node::Parse { input, source, method } => {
                super::parse::lower(self.relation(input)?, source, method, schema)
            }
        }
    }

    /// The table called exactly `name`.
    pub fn table(&self, database: Option<&str>, name: &str) -> Result<TableSource> {
        self.tables.table(database, name)
    }

    fn external(&self, source: &External, schema: &RowSchema) -> Result<Lowered> {
        let files = self.tables.external(source, schema)?;
        let files = files.into_iter().map(|file| scan(file, "externaldata", schema));
        united(files.collect::<Result<_>>()?, schema)
    }

    fn filter(&self, input: &Relation, predicate: &ScalarExpr) -> Result<Lowered> {
        let input = self.relation(input)?;
        let predicate = scalar::filter(predicate, &input.scope())?;
        let filter = Filter::try_new(predicate, Arc::new(input.plan)).map_err(failure)?;
        Ok(Lowered { plan: LogicalPlan::Filter(filter), columns: input.columns })
    }

    fn project(
        &self,
        input: &Relation,
        exprs: &[ScalarExpr],
        schema: &RowSchema,
    ) -> Result<Lowered> {
        let input = self.relation(input)?;
        projected(input, exprs, schema)
    }

    pub fn sort(
        &self,
        input: &Relation,
        keys: &[SortKey],
        fetch: Option<usize>,
    ) -> Result<Lowered> {
        let input = self.relation(without_order(input))?;
        let mut sorts = vec![];
        for (index, key) in keys.iter().enumerate() {
            sort_key(key, index + 1 == keys.len(), &input.scope(), &mut sorts)?;
        }
        let plan = LogicalPlanBuilder::new(input.plan)
            .sort_with_limit(sorts, fetch)
            .and_then(LogicalPlanBuilder::build)
            .map_err(failure)?;
        Ok(Lowered { plan, columns: input.columns })
    }

    fn limit(&self, input: &Relation, count: u64) -> Result<Lowered> {
        let fetch = usize::try_from(count).unwrap_or(usize::MAX);
        match &*input.node {
            // A sort cannot keep no rows at all.
            Node::Sort { input: unsorted, keys } if fetch > 0 => {
                if let Some(late) = super::late::top(self, without_order(unsorted), keys, count)? {
                    return Ok(late);
                }
                self.sort(unsorted, keys, Some(fetch))?.serial()
            }
            // Projections give row for row, so the limit may come before them.
            Node::Project { input: inner, exprs } => {
                projected(self.limit(inner, count)?, exprs, &input.schema)
            }
            _ => {
                let input = self.relation(input)?;
                let count = Value::Long(i64::try_from(count).unwrap_or(i64::MAX));
                let limit = LogicalPlan::Limit(Limit {
                    skip: None,
                    fetch: Some(Box::new(literal(&count))),
                    input: Arc::new(input.plan),
                });
                Ok(Lowered { plan: limit, columns: input.columns })
            }
        }
    }

    fn table_function(
        &self,
        inputs: &[Relation],
        function: &'static TableFunction,
        constants: &[Value],
        schema: &RowSchema,
    ) -> Result<Lowered> {
        let inputs = inputs.iter().map(|input| self.top(input)).collect::<Result<_>>()?;
        let call = TableCall { function, constants: constants.to_vec() };
        let node = TableNode::try_new(inputs, call, arrow_schema(schema)).map_err(failure)?;
        Ok(Lowered::canonical(extension(node), schema))
    }

    fn union(&self, inputs: &[Relation], schema: &RowSchema) -> Result<Lowered> {
        let inputs = inputs.iter().map(|input| self.relation(without_order(input)));
        united(inputs.collect::<Result<_>>()?, schema)
    }
}

/// All rows of all inputs.
fn united(inputs: Vec<Lowered>, schema: &RowSchema) -> Result<Lowered> {
    let inputs = <[Lowered; 1]>::try_from(inputs);
    let inputs = match inputs {
        Ok([only]) => return only.all_canonical(),
        Err(inputs) => inputs,
    };
    let mut plans = Vec::with_capacity(inputs.len());
    for input in inputs {
        plans.push(Arc::new(input.all_canonical()?.plan));
    }
    let plan = LogicalPlan::Union(Union::try_new(plans).map_err(failure)?);
    Ok(Lowered::canonical(plan, schema))
}

/// The rows of a stored table.
fn scan(source: TableSource, table: &str, schema: &RowSchema) -> Result<Lowered> {
    let addressed = source.addressed.filter(|_| schema.index_of(FILE).is_some());
    let provider = addressed.map_or(source.provider, |rows| rows.with_address());
    let mut stored_columns = source.columns;
    stored_columns.extend([FILE, ROW].map(|name| (name.into(), None)));
    let places: HashMap<&str, usize> =
        stored_columns.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect();
    let stored = provider.schema();
    let name = TableReference::bare(table);
    let provider = provider_as_source(provider);
    let scan = TableScanBuilder::new(name.clone(), provider).build().map_err(failure)?;
    let mut exprs = Vec::with_capacity(schema.len());
    let mut columns = Vec::with_capacity(schema.len());
    for column in schema.columns() {
        let at = places
            .get(&*column.name)
            .copied()
            .ok_or_else(|| Error::Internal(format!("`{table}` has no column `{}`", column.name)))?;
        let qualified =
            datafusion::common::Column::new(Some(name.clone()), stored.field(at).name());
        exprs.push(Expr::Column(qualified).alias(&*column.name));
        let raw = stored_columns[at].1.clone();
        columns.push(LoweredColumn { name: column.name.clone(), raw });
    }
    Ok(Lowered { plan: project(LogicalPlan::TableScan(scan), exprs)?, columns })
}

/// The relation below sorts whose order nobody asks for.
pub fn without_order(relation: &Relation) -> &Relation {
    match &*relation.node {
        Node::Sort { input, .. } => without_order(input),
        _ => relation,
    }
}

fn projected(input: Lowered, exprs: &[ScalarExpr], schema: &RowSchema) -> Result<Lowered> {
    let scope = input.scope();
    let mut columns = Vec::with_capacity(exprs.len());
    let mut lowered = Vec::with_capacity(exprs.len());
    for (expr, column) in exprs.iter().zip(schema.columns()) {
        // A column that only moves keeps its stored form.
        let (expr, raw) = match expr {
            ScalarExpr::Column { index, .. } => {
                let column = &input.columns[*index];
                (reference(&column.name), column.raw.clone())
            }
            other => (scalar::value(other, &scope)?, None),
        };
        columns.push(LoweredColumn { name: column.name.clone(), raw });
        lowered.push(expr);
    }
    let named: Vec<_> = columns.iter().map(|column| &*column.name).zip(&lowered).collect();
    for (index, reads) in again::readers_of_changes(&named).into_iter().enumerate() {
        let name = &columns[index].name;
        if reads
            && let Some(told) =
                again::told_apart(name, &lowered[index], &input.plan).map_err(failure)?
        {
            lowered[index] = told;
        }
    }
    let aliased = columns.iter().zip(lowered).map(|(column, expr)| expr.alias(&*column.name));
    Ok(Lowered { plan: project(input.plan, aliased.collect())?, columns })
}

/// A projection.
pub fn project(plan: LogicalPlan, exprs: Vec<Expr>) -> Result<LogicalPlan> {
    Projection::try_new(exprs, Arc::new(plan)).map(LogicalPlan::Projection).map_err(failure)
}

/// A custom node.
pub fn extension(node: impl UserDefinedLogicalNodeCore) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}

/// Rows of constants; without rows an empty relation of the same columns.
fn values(rows: &[Vec<Value>], schema: &RowSchema) -> Result<Lowered> {
    let df_schema = Arc::new(DFSchema::try_from(arrow_schema(schema)).map_err(failure)?);
    let plan = if rows.is_empty() || schema.is_empty() {
        let produce_one_row = !rows.is_empty();
        LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row, schema: df_schema })
    } else {
        let rows = rows.iter().map(|row| row.iter().map(literal).collect()).collect();
        LogicalPlan::Values(Values { schema: df_schema, values: rows })
    };
    Ok(Lowered::canonical(plan, schema))
}
