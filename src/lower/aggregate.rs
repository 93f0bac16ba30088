//! Grouping: DataFusion's own aggregates where exact, KQL's group states elsewhere.

use std::sync::Arc;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::AggregateFunction as NativeCall;
use datafusion::logical_expr::{Aggregate, AggregateUDF, Expr, LogicalPlan};

use super::convert::{Conversion, normal_real};
use super::literal::literal;
use super::relation::{Lowered, Lowering, project, without_order};
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::functions::aggregate_def::{
    AggregateArgs, AggregateOverload, AggregateReturns, Evaluate, Native,
};
use crate::functions::resolve::param_at;
use crate::functions::udaf::KqlAggregate;
use crate::plan::{AggregateCall, Relation, ScalarExpr};
use crate::types::{Column, RowSchema, Type, Value};

/// Aggregation functions whose result depends on the order of rows in nothing that can be seen.
const UNORDERED: [&str; 20] = [
    "count",
    "cnt",
    "sum",
    "min",
    "max",
    "avg",
    "dcount",
    "count_distinct",
    "stdev",
    "stdevp",
    "variance",
    "variancep",
    "percentile",
    "percentiles",
    "binary_all_and",
    "binary_all_or",
    "binary_all_xor",
    "hll",
    "tdigest",
    "make-series values",
];

/// Groups `input` by `keys`.
pub fn lower(
    lowering: &Lowering,
    input: &Relation,
    keys: &[ScalarExpr],
    calls: &[AggregateCall],
    schema: &RowSchema,
) -> Result<Lowered> {
    let unordered = calls.iter().all(|call| UNORDERED.contains(&call.function.name));
    let input = lowering.relation(if unordered { without_order(input) } else { input })?;
    let scope = input.scope();
    let mut group = Vec::with_capacity(keys.len());
    let mut outputs = Vec::with_capacity(schema.len());
    let mut names = schema.names();
    for (index, key) in keys.iter().enumerate() {
        let name = format!("k{index}");
        group.push(key_expr(key, &scope)?.alias(&name));
        outputs.push(reference(&name).alias(names.next().unwrap_or_default()));
    }
    let mut aggregates = Vec::with_capacity(calls.len());
    let mut raws = vec![None; keys.len()];
    for (index, call) in calls.iter().enumerate() {
        let name = format!("a{index}");
        let (expr, raw) = aggregate(call, &scope)?;
        aggregates.push(expr.alias(&name));
        let many =
            matches!(call.function.overloads[call.overload].returns, AggregateReturns::Many(_));
        for field in 0..call.returns.len() {
            let result = reference(&name);
            let result = if many { get_field(result, format!("c{field}")) } else { result };
            outputs.push(result.alias(names.next().unwrap_or_default()));
            raws.push(raw.clone());
        }
    }
    if aggregates.is_empty() && group.is_empty() {
        return Err(Error::Internal("an aggregate of nothing".into()));
    }
    let plan = Aggregate::try_new(Arc::new(input.plan), group, aggregates).map_err(failure)?;
    let plan = project(LogicalPlan::Aggregate(plan), outputs)?;
    let columns = schema.columns().iter().zip(raws);
    let columns = columns.map(|(column, raw)| LoweredColumn { name: column.name.clone(), raw });
    Ok(Lowered { plan, columns: columns.collect() })
}

/// A group key; NaN of any sign is one group, and so are the two zeros.
fn key_expr(key: &ScalarExpr, scope: &Scope) -> Result<Expr> {
    let expr = scalar::value(key, scope)?;
    Ok(if key.ty() == Type::Real { normal_real(expr) } else { expr })
}

/// A call, and the stored form of its result if that is not canonical.
fn aggregate(call: &AggregateCall, scope: &Scope) -> Result<(Expr, Option<Conversion>)> {
    let filter = match &call.filter {
        Some(filter) => Some(Box::new(scalar::filter(filter, scope)?)),
        None => None,
    };
    let native = |udaf: Arc<AggregateUDF>, args: Vec<Expr>| {
        let filter = filter.clone();
        Expr::AggregateFunction(NativeCall::new_udf(udaf, args, false, filter, vec![], None))
    };
    let overload = &call.function.overloads[call.overload];
    let expr = match overload.evaluate {
        Evaluate::Native(Native::Count) => native(count_udaf(), vec![literal(&Value::Long(1))]),
        Evaluate::Native(extremum @ (Native::Min | Native::Max)) => {
            let udaf = if extremum == Native::Min { min_udaf() } else { max_udaf() };
            if let ScalarExpr::Column { index, .. } = &call.args[0]
                && let Some((column, conversion)) = scope.raw(*index)
                && conversion.keeps_order()
            {
                return Ok((native(udaf, vec![column]), Some(conversion.clone())));
            }
            native(udaf, vec![scalar::value(&call.args[0], scope)?])
        }
        Evaluate::Groups(_) => {
            let constant = |index: usize, arg: &ScalarExpr| {
                param_at(overload.params, index)
                    .filter(|param| param.constant)
                    .and_then(|_| arg.as_literal().cloned())
            };
            let constants: Vec<Option<Value>> =
                call.args.iter().enumerate().map(|(index, arg)| constant(index, arg)).collect();
            let mut args = vec![];
            for (arg, constant) in call.args.iter().zip(&constants) {
                if constant.is_none() {
                    args.push(scalar::value(arg, scope)?);
                }
            }
            let types = call.args.iter().map(ScalarExpr::ty).collect();
            let spec = AggregateArgs { types, constants, returns: call.returns.clone() };
            native(Arc::new(KqlAggregate::udaf(call.function, call.overload, spec)), args)
        }
        Evaluate::Filtered { .. } => {
            return Err(Error::Internal(format!("`{}` was not resolved", call.function.name)));
        }
    };
    Ok((expr, None))
}

/// The first row of each combination of `keys`, as `join kind=innerunique` wants. The columns of
/// `input` are canonical, and `schema` tells their types.
pub fn first_per_key<'k>(
    input: Lowered,
    schema: &[Column],
    keys: impl Iterator<Item = &'k ScalarExpr>,
) -> Result<Lowered> {
    let any = crate::functions::aggregate("take_any");
    let any = any.ok_or_else(|| Error::Internal("`take_any` is missing".into()))?;
    let many = |overload: &AggregateOverload| matches!(overload.returns, AggregateReturns::Many(_));
    let overload = any.overloads.iter().position(many);
    let overload = overload.ok_or_else(|| Error::Internal("`take_any` takes no rows".into()))?;
    let scope = input.scope();
    let mut group = vec![];
    for (index, key) in keys.enumerate() {
        group.push(key_expr(key, &scope)?.alias(format!("k{index}")));
    }
    let mut args: Vec<Expr> = input.columns.iter().map(|column| reference(&column.name)).collect();
    let mut types: Vec<Type> = schema.iter().map(|column| column.ty).collect();
    // Of one column alone the function would prefer a value to a null.
    if let ([only], [ty]) = (args.as_slice(), types.as_slice()) {
        (args, types) = (vec![only.clone(), only.clone()], vec![*ty, *ty]);
    }
    let constants = vec![None; types.len()];
    let spec = AggregateArgs { types: types.clone(), constants, returns: types };
    let udaf = Arc::new(KqlAggregate::udaf(any, overload, spec));
    let call = Expr::AggregateFunction(NativeCall::new_udf(udaf, args, false, None, vec![], None));
    let call = call.alias("row");
    let outputs = input.columns.iter().enumerate().map(|(index, column)| {
        get_field(reference("row"), format!("c{index}")).alias(&*column.name)
    });
    let outputs = outputs.collect();
    let plan = Aggregate::try_new(Arc::new(input.plan), group, vec![call]).map_err(failure)?;
    let plan = project(LogicalPlan::Aggregate(plan), outputs)?;
    Ok(Lowered { plan, columns: input.columns })
}
