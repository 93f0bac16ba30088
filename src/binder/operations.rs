//! Binary operators, `in`, `between`: onto the records that go by their signs, with the implicit
//! conversions of constants.

use super::Binder;
use super::analysis::allowed;
use super::calls::{Argument, unknown};
use crate::diagnostics::codes;
use crate::plan::ScalarExpr;
use crate::text::Span;
use crate::types::coerce::coerce_literal;
use crate::types::{Type, Value};

/// How the operands of a binary operator are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorClass {
    Arithmetic,
    Comparison,
    /// `has`, `contains` and the like, which want text on the left.
    Text,
}

impl Binder<'_> {
    /// Binds `left sign right`; `negated` is the `!` before it.
    pub(super) fn binary(
        &mut self,
        sign: &'static str,
        class: OperatorClass,
        negated: bool,
        span: Span,
        left: Argument,
        right: Argument,
    ) -> ScalarExpr {
        let sign = if self.case_sensitive { sensitive(sign) } else { sign };
        let (left, right) = match class {
            OperatorClass::Arithmetic => (left, right),
            OperatorClass::Comparison => {
                let types = [left.expr.ty(), right.expr.ty()];
                if types == [Type::Dynamic; 2] {
                    if self.context.analyses() {
                        self.refused_by_service(sign, &types, span);
                        return ScalarExpr::Pending { ty: Type::Bool };
                    }
                    let message = format!("operator `{sign}` does not compare two dynamic values");
                    self.diagnostics.push(
                        crate::diagnostics::Diagnostic::error(codes::GENERIC, span, message)
                            .hint("convert one side, as in `tostring(…)`"),
                    );
                    return unknown();
                }
                let (left, right) = match sign {
                    // The analyser orders no texts, constant or not.
                    "<" | "<=" | ">" | ">=" if self.context.analyses() => (left, right),
                    _ => meet_constant(left, right),
                };
                match (left.expr.ty(), right.expr.ty()) {
                    // A dynamic beside a text is its text.
                    (Type::Dynamic, Type::String) if sign == "==" => (self.as_text(left), right),
                    (Type::String, Type::Dynamic) if sign == "==" => (left, self.as_text(right)),
                    _ => (left, right),
                }
            }
            OperatorClass::Text => {
                for side in [&left, &right] {
                    if !matches!(side.expr.ty(), Type::String | Type::Dynamic | Type::Unknown) {
                        let message =
                            format!("operator `{sign}` takes text, not {}", side.expr.ty());
                        self.diagnostics.push(
                            crate::diagnostics::Diagnostic::error(
                                codes::STRING_OPERAND,
                                span,
                                message,
                            )
                            .hint("convert it first, as in `tostring(…)`"),
                        );
                        return unknown();
                    }
                }
                (left, right)
            }
        };
        let result = self.call(sign, span, vec![left, right]);
        if negated { self.not(result, span) } else { result }
    }

    fn as_text(&mut self, arg: Argument) -> Argument {
        Argument::new(self.convert(arg.expr, Type::String, arg.span), arg.span)
    }

    /// `not(expr)`.
    pub(super) fn not(&mut self, expr: ScalarExpr, span: Span) -> ScalarExpr {
        self.call("not", span, vec![Argument::new(expr, span)])
    }

    /// `value in (items)`: `sign` is `in` or `in~`.
    pub(super) fn membership(
        &mut self,
        sign: &'static str,
        negated: bool,
        span: Span,
        value: Argument,
        items: Vec<Argument>,
    ) -> ScalarExpr {
        let ty = value.expr.ty();
        let mut args = vec![value];
        for item in items {
            let expr = match item.expr {
                ScalarExpr::Literal(constant) if constant.ty() != ty => {
                    ScalarExpr::Literal(constant_as(&constant, ty).unwrap_or(constant))
                }
                other => other,
            };
            args.push(Argument::new(expr, item.span));
        }
        let stranger = args[1..].iter().find(|item| !comparable(ty, item.expr.ty()));
        if let Some(stranger) = stranger {
            let types = [ty, stranger.expr.ty()];
            if self.context.analyses() && allowed(sign, &types).is_some() {
                self.refused_by_service(sign, &types, stranger.span);
                return ScalarExpr::Pending { ty: Type::Bool };
            }
            let message = format!(
                "a value of type {} is never equal to one of type {ty}",
                stranger.expr.ty()
            );
            self.error(codes::OPERAND_TYPES, stranger.span, message);
            return unknown();
        }
        let result = self.call(sign, span, args);
        if negated { self.not(result, span) } else { result }
    }

    /// `value between (low .. high)`.
    pub(super) fn between(
        &mut self,
        negated: bool,
        span: Span,
        value: Argument,
        low: Argument,
        high: Argument,
    ) -> ScalarExpr {
        let ty = value.expr.ty();
        let (low_ty, high_ty) = (low.expr.ty(), high.expr.ty());
        let refusal = match ty {
            Type::Dynamic
                if self.context.analyses()
                    && allowed("between", &[ty, low_ty, high_ty]).is_some() =>
            {
                return ScalarExpr::Pending { ty: Type::Bool };
            }
            Type::Bool if self.context.analyses() => {
                let message = "the analyser knows no ranges of bool".to_string();
                Some((codes::BETWEEN_TYPE, span, message))
            }
            Type::String | Type::Guid | Type::Dynamic => {
                Some((codes::BETWEEN_TYPE, value.span, format!("`between` has no ranges of {ty}")))
            }
            Type::TimeSpan if low_ty == Type::DateTime || high_ty == Type::DateTime => Some((
                codes::BETWEEN_TIMESPAN,
                span,
                "`between` does not mix timespan and datetime".to_string(),
            )),
            _ if ty.is_numeric() && (low_ty.is_temporal() || high_ty.is_temporal()) => Some((
                codes::BETWEEN_NUMBER,
                span,
                "`between` does not mix numbers with datetime or timespan".to_string(),
            )),
            _ => None,
        };
        if let Some((code, at, message)) = refusal {
            self.error(code, at, message);
            return unknown();
        }
        if self.context.analyses() {
            let result = self.call("between", span, vec![value, low, high]);
            return if negated { self.not(result, span) } else { result };
        }
        let (value, low) = meet_constant(value, low);
        let ends_as_length = ty == Type::DateTime && high_ty == Type::TimeSpan;
        let (value, high) = if ends_as_length { (value, high) } else { meet_constant(value, high) };
        let result = self.call("between", span, vec![value, low, high]);
        if negated { self.not(result, span) } else { result }
    }

    /// A condition: bool, or a diagnostic.
    pub(super) fn condition(&mut self, arg: Argument) -> ScalarExpr {
        match arg.expr.ty() {
            Type::Bool | Type::Unknown => arg.expr,
            other => {
                let message = format!("a condition is expected, not a value of type {other}");
                self.diagnostics.push(
                    crate::diagnostics::Diagnostic::error(
                        codes::EXPRESSION_TYPE,
                        arg.span,
                        message,
                    )
                    .hint("convert it with `tobool(…)`, or compare it with something"),
                );
                unknown()
            }
        }
    }
}

/// A constant of another type reads as the type of the other side where it can.
fn meet_constant(left: Argument, right: Argument) -> (Argument, Argument) {
    let (l, r) = (left.expr.ty(), right.expr.ty());
    if l == r || (l.is_numeric() && r.is_numeric()) || l == Type::Unknown || r == Type::Unknown {
        return (left, right);
    }
    let coerced = |arg: &Argument, to: Type| match &arg.expr {
        // The operators compare a dynamic with a value of any type by themselves.
        ScalarExpr::Literal(constant) if to != Type::Dynamic => constant_as(constant, to),
        _ => None,
    };
    if let Some(value) = coerced(&right, l) {
        return (left, Argument::new(ScalarExpr::Literal(value), right.span));
    }
    if let Some(value) = coerced(&left, r) {
        return (Argument::new(ScalarExpr::Literal(value), left.span), right);
    }
    (left, right)
}

/// A constant as it reads beside a value of type `to`: beside a text, a number is its text
/// (`ResultType == 0` is an idiom).
fn constant_as(constant: &Value, to: Type) -> Option<Value> {
    match constant {
        Value::Null(_) => Some(Value::null(to)),
        Value::Int(_) | Value::Long(_) | Value::Real(_) | Value::Bool(_) if to == Type::String => {
            Some(Value::String(constant.text().into()))
        }
        Value::Dynamic(_) | Value::String(_) if to == Type::String || to == Type::Dynamic => None,
        other => coerce_literal(other, to),
    }
}

/// Whether values of two types can be equal at all.
fn comparable(a: Type, b: Type) -> bool {
    a == b
        || a == Type::Unknown
        || b == Type::Unknown
        || a == Type::Dynamic
        || b == Type::Dynamic
        || (a.is_numeric() && b.is_numeric())
        || (a == Type::Bool && b.is_numeric())
}

/// The operator that heeds case beside one that does not.
fn sensitive(sign: &'static str) -> &'static str {
    match sign {
        "=~" => "==",
        "contains" => "contains_cs",
        "startswith" => "startswith_cs",
        "endswith" => "endswith_cs",
        "has" => "has_cs",
        "hasprefix" => "hasprefix_cs",
        "hassuffix" => "hassuffix_cs",
        other => other,
    }
}
