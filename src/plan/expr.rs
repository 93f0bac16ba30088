//! Scalar expressions, aggregate calls and window calls of the bound plan.

use crate::functions::def::WindowFunction;
use crate::functions::{AggregateFunction, ScalarFunction};
use crate::types::{Type, Value};

/// A typed scalar expression over the rows of one relation.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalarExpr {
    /// A column of the input, by position.
    Column {
        index: usize,
        ty: Type,
    },
    Literal(Value),
    Call(Box<Call>),
    /// Three-valued conjunction of two or more conditions.
    And(Vec<ScalarExpr>),
    /// Three-valued disjunction of two or more conditions.
    Or(Vec<ScalarExpr>),
    /// A value that a probe has yet to answer; never reaches lowering.
    Pending {
        ty: Type,
    },
}

/// A call of a scalar function, resolved to one signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub function: &'static ScalarFunction,
    pub overload: usize,
    /// The types of the arguments, which are exactly those the kernel takes.
    pub args: Vec<ScalarExpr>,
    pub ty: Type,
}

/// A call of an aggregation function, resolved to one signature.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateCall {
    /// Never a filtered variant (`sumif`): that is its base with a `filter`.
    pub function: &'static AggregateFunction,
    pub overload: usize,
    pub args: Vec<ScalarExpr>,
    /// Only rows for which this is true count.
    pub filter: Option<ScalarExpr>,
    /// Types of the result columns; more than one for `arg_max` and the like.
    pub returns: Vec<Type>,
}

/// A call of a function over row order.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowCall {
    pub function: WindowFunction,
    pub args: Vec<ScalarExpr>,
    pub ty: Type,
}

impl ScalarExpr {
    /// The KQL type of the value.
    pub fn ty(&self) -> Type {
        match self {
            ScalarExpr::Column { ty, .. } | ScalarExpr::Pending { ty } => *ty,
            ScalarExpr::Literal(value) => value.ty(),
            ScalarExpr::Call(call) => call.ty,
            ScalarExpr::And(_) | ScalarExpr::Or(_) => Type::Bool,
        }
    }

    /// The constant that this is.
    pub fn as_literal(&self) -> Option<&Value> {
        match self {
            ScalarExpr::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// Calls `f` for this expression and all below, parents first.
    pub fn visit(&self, f: &mut impl FnMut(&ScalarExpr)) {
        f(self);
        match self {
            ScalarExpr::Column { .. } | ScalarExpr::Literal(_) | ScalarExpr::Pending { .. } => {}
            ScalarExpr::Call(call) => call.args.iter().for_each(|arg| arg.visit(f)),
            ScalarExpr::And(terms) | ScalarExpr::Or(terms) => {
                terms.iter().for_each(|term| term.visit(f));
            }
        }
    }

    /// This expression with each column replaced by what `f` gives for its position.
    #[must_use]
    pub fn map_columns(&self, f: &impl Fn(usize, Type) -> ScalarExpr) -> ScalarExpr {
        let all = |terms: &[ScalarExpr]| terms.iter().map(|term| term.map_columns(f)).collect();
        match self {
            ScalarExpr::Column { index, ty } => f(*index, *ty),
            ScalarExpr::Literal(_) | ScalarExpr::Pending { .. } => self.clone(),
            ScalarExpr::Call(call) => {
                ScalarExpr::Call(Box::new(Call { args: all(&call.args), ..(**call).clone() }))
            }
            ScalarExpr::And(terms) => ScalarExpr::And(all(terms)),
            ScalarExpr::Or(terms) => ScalarExpr::Or(all(terms)),
        }
    }

    /// Whether a probe's answer is missing anywhere below.
    pub fn is_pending(&self) -> bool {
        let mut pending = false;
        self.visit(&mut |e| pending |= matches!(e, ScalarExpr::Pending { .. }));
        pending
    }
}
