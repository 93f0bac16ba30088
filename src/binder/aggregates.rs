//! Aggregation functions in `summarize` and the plugins that aggregate.

use super::Binder;
use super::calls::{Argument, unknown};
use super::scope::{Clause, Row};
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::aggregate_def::{AggregateFunction, AggregateReturns, Evaluate};
use crate::functions::resolve::{param_at, resolve, result_type};
use crate::plan::{AggregateCall, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::{Type, Value};

/// A call of the aggregation function called `name`, which takes arguments of these types.
pub(super) fn aggregate_of(name: &str, args: Vec<ScalarExpr>) -> Option<AggregateCall> {
    let function = crate::functions::aggregate(name)?;
    let given: Vec<Type> = args.iter().map(ScalarExpr::ty).collect();
    let signatures = function.overloads.iter().map(|overload| overload.params);
    let found = resolve(signatures, &given).ok()?;
    let returns = match function.overloads[found.overload].returns {
        AggregateReturns::One(returns) => vec![result_type(returns, &found, &given)],
        AggregateReturns::Many(rule) => rule(&given),
    };
    Some(AggregateCall { function, overload: found.overload, args, filter: None, returns })
}

impl<'a> Binder<'a> {
    /// Binds an aggregate inside a scalar expression of `summarize`; the result is a column of what
    /// follows.
    pub(super) fn aggregate_call(
        &mut self,
        clause: &mut Clause,
        function: &'static AggregateFunction,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        if clause.aggregates.is_none() {
            let message = format!("aggregation function `{}` is not allowed here", call.name.text);
            self.diagnostics.push(
                Diagnostic::error(codes::AGGREGATE_NOT_ALLOWED, call.span, message)
                    .hint("aggregates stand in `summarize`, before `by`"),
            );
            return unknown();
        }
        let Some(bound) = self.aggregate(clause, function, call, &[]) else { return unknown() };
        let ty = bound.returns.first().copied().unwrap_or(Type::Unknown);
        self.add_aggregate(clause, bound, ty)
    }

    /// Adds a call to the clause; its first result as a column.
    pub(super) fn add_aggregate(
        &mut self,
        clause: &mut Clause,
        call: AggregateCall,
        ty: Type,
    ) -> ScalarExpr {
        let Some(calls) = &mut clause.aggregates else { return unknown() };
        let before: usize = calls.iter().map(|call| call.returns.len()).sum();
        let index = clause.first_aggregate + before;
        calls.push(call);
        ScalarExpr::Column { index, ty }
    }

    /// Binds the arguments of an aggregate and finds its signature. `star` are the columns that `*`
    /// among the arguments stands for.
    pub(super) fn aggregate(
        &mut self,
        clause: &mut Clause,
        function: &'static AggregateFunction,
        call: &'a FunctionCall,
        star: &[usize],
    ) -> Option<AggregateCall> {
        let schema = clause.schema().cloned().unwrap_or_default();
        let mut inner =
            Clause { row: Row::Columns(schema.clone()), open: clause.open, ..Clause::constant() };
        let mut args = vec![];
        for arg in &call.args {
            match arg {
                Expr::Star(span) => args.extend(star.iter().map(|&index| {
                    let ty = schema.columns()[index].ty;
                    Argument::new(ScalarExpr::Column { index, ty }, *span)
                })),
                Expr::Named(named) => {
                    let value = self.argument(&mut inner, &named.value);
                    args.push(value);
                }
                other => {
                    let value = self.argument(&mut inner, other);
                    args.push(value);
                }
            }
        }
        self.resolve_aggregate(function, call, args)
    }

    fn resolve_aggregate(
        &mut self,
        function: &'static AggregateFunction,
        call: &FunctionCall,
        args: Vec<Argument>,
    ) -> Option<AggregateCall> {
        let given: Vec<Type> = args.iter().map(|arg| arg.expr.ty()).collect();
        let signatures = function.overloads.iter().map(|overload| overload.params);
        let found = match resolve(signatures, &given) {
            Ok(found) => found,
            Err(mismatch) => {
                if !given.contains(&Type::Unknown) {
                    // What an aggregate takes depends on all of its arguments: the call is at fault.
                    let args: Vec<_> = args
                        .into_iter()
                        .map(|arg| Argument::new(arg.expr, call.name.span.to(arg.span)))
                        .collect();
                    self.mismatch(function.name, call.span, &args, mismatch);
                }
                return None;
            }
        };
        let overload = &function.overloads[found.overload];
        let mut bound = vec![];
        for (index, (arg, &wanted)) in args.into_iter().zip(&found.types).enumerate() {
            let constant = param_at(overload.params, index).is_some_and(|param| param.constant);
            if constant && arg.expr.as_literal().is_none() && !arg.expr.is_pending() {
                let message =
                    format!("argument {} of `{}` must be constant", index + 1, function.name);
                self.error(codes::LITERAL_EXPECTED, arg.span, message);
                return None;
            }
            let expr = self.convert(arg.expr, wanted, arg.span);
            bound.push(Argument::new(expr, arg.span));
        }
        if let Evaluate::Filtered { base, predicate } = overload.evaluate {
            let condition = bound.remove(predicate);
            let filter = self.condition(condition);
            let base = crate::functions::aggregate(base)?;
            let mut call = self.resolve_aggregate(base, call, bound)?;
            call.filter = Some(match call.filter.take() {
                Some(other) => ScalarExpr::And(vec![other, filter]),
                None => filter,
            });
            return Some(call);
        }
        let returns = match overload.returns {
            AggregateReturns::One(returns) => vec![result_type(returns, &found, &given)],
            AggregateReturns::Many(rule) => rule(&given),
        };
        let args = bound.into_iter().map(|arg| arg.expr).collect();
        Some(AggregateCall { function, overload: found.overload, args, filter: None, returns })
    }

    /// The value of an aggregate over no rows, where plugins fill gaps.
    pub(super) fn neutral(&self, call: &AggregateCall) -> Value {
        let ty = call.returns.first().copied().unwrap_or(Type::Unknown);
        match (call.function.name, ty) {
            ("count" | "dcount" | "count_distinct", _) => Value::Long(0),
            ("sum", Type::Long) => Value::Long(0),
            ("sum", Type::Real) | ("stdev" | "variance" | "stdevp" | "variancep", _) => {
                Value::Real(0.0)
            }
            ("avg", Type::Real) => Value::Real(f64::NAN),
            ("make_list" | "make_set", _) => Value::Dynamic("[]".into()),
            (_, ty) => Value::null(ty),
        }
    }
}
