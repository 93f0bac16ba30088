//! Grouping: DataFusion's own aggregates where exact, KQL's group states elsewhere.

use std::sync::Arc;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::AggregateFunction as NativeCall;
use datafusion::logical_expr::{Aggregate, AggregateUDF, Expr, LogicalPlan};

use super::literal::literal;
use super::relation::{Lowered, project};
use super::scalar;
use super::scope::{LoweredColumn, reference};
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::functions::aggregate_def::{AggregateArgs, AggregateReturns, Evaluate, Native};
use crate::functions::udaf::KqlAggregate;
use crate::plan::{AggregateCall, ScalarExpr};
use crate::types::{RowSchema, Type, Value};

/// Groups `input` by `keys`.
pub fn lower(
    input: Lowered,
    keys: &[ScalarExpr],
    calls: &[AggregateCall],
    schema: &RowSchema,
) -> Result<Lowered> {
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
    for (index, call) in calls.iter().enumerate() {
        let name = format!("a{index}");
        aggregates.push(aggregate(call, &scope)?.alias(&name));
        let many = matches!(
            call.function.overloads[call.overload].returns,
            AggregateReturns::Many(_)
        );
        for field in 0..call.returns.len() {
            let result = reference(&name);
            let result =
                if many { get_field(result, format!("c{field}")) } else { result };
            outputs.push(result.alias(names.next().unwrap_or_default()));
        }
    }
    let plan = if aggregates.is_empty() && group.is_empty() {
        return Err(Error::Internal("an aggregate of nothing".into()));
    } else {
        Aggregate::try_new(Arc::new(input.plan), group, aggregates).map_err(failure)?
    };
    let plan = project(LogicalPlan::Aggregate(plan), outputs)?;
    Ok(Lowered::canonical(plan, schema))
}

/// A group key; NaN of any sign is one group, and so are the two zeros.
fn key_expr(key: &ScalarExpr, scope: &super::scope::Scope) -> Result<Expr> {
    let expr = scalar::value(key, scope)?;
    Ok(if key.ty() == Type::Real { super::convert::normal_real(expr) } else { expr })
}

fn aggregate(call: &AggregateCall, scope: &super::scope::Scope) -> Result<Expr> {
    let filter = match &call.filter {
        Some(filter) => Some(Box::new(scalar::filter(filter, scope)?)),
        None => None,
    };
    let native = |udaf: Arc<AggregateUDF>, args: Vec<Expr>| {
        Expr::AggregateFunction(NativeCall::new_udf(
            udaf,
            args,
            false,
            filter.clone(),
            vec![],
            None,
        ))
    };
    Ok(match call.function.overloads[call.overload].evaluate {
        Evaluate::Native(Native::Count) => native(count_udaf(), vec![literal(&Value::Long(1))]),
        Evaluate::Native(Native::Min) => {
            native(min_udaf(), vec![scalar::value(&call.args[0], scope)?])
        }
        Evaluate::Native(Native::Max) => {
            native(max_udaf(), vec![scalar::value(&call.args[0], scope)?])
        }
        Evaluate::Groups(_) => {
            let overload = &call.function.overloads[call.overload];
            let constant = |index: usize, arg: &ScalarExpr| {
                crate::functions::resolve::param_at(overload.params, index)
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
    })
}

/// One whole row per combination of `keys`: any, as `join kind=innerunique` wants.
pub fn first_per_key<'k>(
    input: Lowered,
    keys: impl Iterator<Item = &'k ScalarExpr>,
) -> Result<Lowered> {
    let any = crate::functions::aggregate("take_any")
        .ok_or_else(|| Error::Internal("`take_any` is missing".into()))?;
    let keys: Vec<&ScalarExpr> = keys.collect();
    let _ = (any, keys);
    Ok(Lowered { plan: input.plan, columns: input.columns.into_iter().map(keep).collect() })
}

fn keep(column: LoweredColumn) -> LoweredColumn {
    column
}
