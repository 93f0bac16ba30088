//! Scalar expressions: native DataFusion expressions where they give Kusto's answer, so that
//! filters reach the files and vectorised kernels do the work; KQL's own functions elsewhere.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{Case, InList};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, cast};

use super::literal::literal;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::functions::udf::KqlFunction;
use crate::plan::{Call, ScalarExpr};
use crate::types::arrow::data_type;
use crate::types::{Type, Value};

/// Lowers an expression whose value matters in all its three truth values.
pub fn value(expr: &ScalarExpr, scope: &Scope) -> Result<Expr> {
    Ok(match expr {
        ScalarExpr::Column { index, .. } => scope.canonical(*index),
        ScalarExpr::Literal(constant) => literal(constant),
        ScalarExpr::Call(call) => match native(call, scope)? {
            Some(expr) => expr,
            None => function(call, scope)?,
        },
        ScalarExpr::And(terms) => balanced(terms, Operator::And, &|term| value(term, scope))?,
        ScalarExpr::Or(terms) => balanced(terms, Operator::Or, &|term| value(term, scope))?,
        ScalarExpr::Pending { .. } => {
            return Err(Error::Internal("an unanswered probe reached lowering".into()));
        }
    })
}

/// Lowers a predicate of which only "true or not" matters: null may become false.
pub fn filter(expr: &ScalarExpr, scope: &Scope) -> Result<Expr> {
    match expr {
        ScalarExpr::And(terms) => balanced(terms, Operator::And, &|term| filter(term, scope)),
        ScalarExpr::Or(terms) => balanced(terms, Operator::Or, &|term| filter(term, scope)),
        ScalarExpr::Call(call) => match super::predicate::lower(call, scope)? {
            Some(expr) => Ok(expr),
            None => value(expr, scope),
        },
        _ => value(expr, scope),
    }
}

/// A chain of `and` or `or` as a tree of logarithmic depth.
fn balanced(
    terms: &[ScalarExpr],
    op: Operator,
    lower: &dyn Fn(&ScalarExpr) -> Result<Expr>,
) -> Result<Expr> {
    match terms {
        [] => Ok(literal(&Value::Bool(op == Operator::And))),
        [one] => lower(one),
        _ => {
            let (left, right) = terms.split_at(terms.len() / 2);
            Ok(binary(balanced(left, op, lower)?, op, balanced(right, op, lower)?))
        }
    }
}

/// `left op right`.
pub fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// The call by KQL's own function.
fn function(call: &Call, scope: &Scope) -> Result<Expr> {
    let types = call.args.iter().map(ScalarExpr::ty).collect();
    let args = call.args.iter().map(|arg| value(arg, scope)).collect::<Result<_>>()?;
    Ok(KqlFunction::udf(call.function, call.overload, types, call.ty).call(args))
}

/// The call as a native expression, exact for every input; `None` where there is none.
fn native(call: &Call, scope: &Scope) -> Result<Option<Expr>> {
    let arg = |index: usize| value(&call.args[index], scope);
    let types: Vec<Type> = call.args.iter().map(ScalarExpr::ty).collect();
    Ok(Some(match (call.function.name, types.as_slice()) {
        ("+" | "-" | "*", [Type::Int | Type::Long, Type::Int | Type::Long]) => {
            let wide = |expr: Expr, ty: Type| {
                if ty == Type::Int { cast(expr, data_type(Type::Long)) } else { expr }
            };
            binary(wide(arg(0)?, types[0]), arithmetic(call.function.name), wide(arg(1)?, types[1]))
        }
        ("+" | "-" | "*" | "/", [Type::Real, Type::Real]) => {
            binary(arg(0)?, arithmetic(call.function.name), arg(1)?)
        }
        ("not", [Type::Bool]) => Expr::Not(Box::new(arg(0)?)),
        ("<" | "<=" | ">" | ">=", [a, b]) if a == b && has_plain_order(*a) => {
            binary(arg(0)?, comparison(call.function.name), arg(1)?)
        }
        ("isnull", [ty]) if *ty != Type::String && *ty != Type::Dynamic => {
            Expr::IsNull(Box::new(arg(0)?))
        }
        ("isnotnull" | "notnull", [ty]) if *ty != Type::String && *ty != Type::Dynamic => {
            Expr::IsNotNull(Box::new(arg(0)?))
        }
        ("isempty", [Type::String]) => binary(arg(0)?, Operator::Eq, empty()),
        ("isnotempty" | "notempty", [Type::String]) => binary(arg(0)?, Operator::NotEq, empty()),
        ("tostring", [Type::Dynamic]) => return super::dynamic::text_at_path(call, scope),
        ("==", [Type::String, Type::String]) => {
            match super::dynamic::text_equal(&call.args[0], &call.args[1], scope)? {
                Some(expr) => expr,
                None => binary(arg(0)?, Operator::Eq, arg(1)?),
            }
        }
        ("iff" | "iif", [Type::Bool, ..]) => case(&call.args, scope)?,
        ("case", [Type::Bool, ..]) => case(&call.args, scope)?,
        ("tolong", [Type::Int]) => cast(arg(0)?, data_type(Type::Long)),
        ("toreal", [Type::Int | Type::Long]) => cast(arg(0)?, data_type(Type::Real)),
        _ => return Ok(None),
    }))
}

fn empty() -> Expr {
    Expr::Literal(ScalarValue::Utf8View(Some(String::new())), None)
}

fn arithmetic(name: &str) -> Operator {
    match name {
        "+" => Operator::Plus,
        "-" => Operator::Minus,
        "*" => Operator::Multiply,
        _ => Operator::Divide,
    }
}

/// The native comparison of a sign.
pub fn comparison(name: &str) -> Operator {
    match name {
        "<" => Operator::Lt,
        "<=" => Operator::LtEq,
        ">" => Operator::Gt,
        _ => Operator::GtEq,
    }
}

/// Whether Arrow orders values of the type as Kusto does (reals differ in NaN and -0.0).
pub fn has_plain_order(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Long | Type::DateTime | Type::TimeSpan | Type::Decimal)
}

/// `p1, v1, p2, v2, …, else` as a lazy CASE; a null predicate is false.
fn case(args: &[ScalarExpr], scope: &Scope) -> Result<Expr> {
    let (last, pairs) =
        args.split_last().ok_or_else(|| Error::Internal("`case` without arguments".into()))?;
    let when_then = pairs
        .chunks_exact(2)
        .map(|pair| {
            let [when, then] = pair else {
                return Err(Error::Internal("`case` with an odd list".into()));
            };
            Ok((Box::new(filter(when, scope)?), Box::new(value(then, scope)?)))
        })
        .collect::<Result<_>>()?;
    Ok(Expr::Case(Case::new(None, when_then, Some(Box::new(value(last, scope)?)))))
}

/// Membership in a list of constants none of which is null.
pub fn in_list(expr: Expr, list: Vec<Expr>, negated: bool) -> Expr {
    Expr::InList(InList::new(Box::new(expr), list, negated))
}
