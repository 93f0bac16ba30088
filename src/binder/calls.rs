//! Calls of scalar functions and operators: overloads, conversions, constant folding.

use super::Binder;
use super::analysis::allowed;
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::error::{Defect, Error};
use crate::functions::def::{Eval, Family, Volatility};
use crate::functions::kernel::{Args, array_of, value_at};
use crate::functions::resolve::{Mismatch, param_at, resolve, result_type};
use crate::functions::scalar::conversion;
use crate::functions::{self, ScalarFunction, udf};
use crate::plan::{Call, ScalarExpr};
use crate::text::Span;
use crate::types::{Type, Value};

/// An argument with the place it was written at.
#[derive(Clone, Debug)]
pub struct Argument {
    pub expr: ScalarExpr,
    pub span: Span,
}

impl Argument {
    pub fn new(expr: ScalarExpr, span: Span) -> Self {
        Self { expr, span }
    }
}

/// The stand-in for an expression that has an error already.
pub fn unknown() -> ScalarExpr {
    ScalarExpr::Pending { ty: Type::Unknown }
}

impl Binder<'_> {
    /// Calls the scalar function called `name`, which must exist; folds constants.
    pub(super) fn call(&mut self, name: &str, span: Span, args: Vec<Argument>) -> ScalarExpr {
        match functions::scalar(name) {
            Some(function) => self.call_function(function, span, args),
            None => {
                self.error(codes::UNSUPPORTED, span, format!("`{name}` is not supported yet"));
                unknown()
            }
        }
    }

    /// Calls `function`: finds the overload, converts arguments, folds constants.
    pub(super) fn call_function(
        &mut self,
        function: &'static ScalarFunction,
        span: Span,
        args: Vec<Argument>,
    ) -> ScalarExpr {
        if args.iter().any(|arg| arg.expr.ty() == Type::Unknown) {
            return self.call_over_error(function, &args);
        }
        let given: Vec<Type> = args.iter().map(|arg| arg.expr.ty()).collect();
        let signatures = function.overloads.iter().map(|overload| overload.params);
        let found = match resolve(signatures, &given) {
            Ok(found) => found,
            Err(mismatch) => {
                let name = function.name;
                let name = name.strip_suffix(" packed").unwrap_or(name);
                if self.context.analyses()
                    && let Some(ty) = allowed(name, &given)
                {
                    self.refused_by_service(name, &given, span);
                    return ScalarExpr::Pending { ty };
                }
                self.mismatch(name, span, &args, mismatch);
                return unknown();
            }
        };
        if self.context.analyses() && function.name == "not" && given[0].is_numeric() {
            let mismatch = Mismatch::Argument { index: 0, expected: vec![Type::Bool] };
            self.mismatch(function.name, span, &args, mismatch);
            return unknown();
        }
        let overload = &function.overloads[found.overload];
        let ty = result_type(overload.returns, &found, &given);
        let mut bound = Vec::with_capacity(args.len());
        for (index, (arg, &wanted)) in args.into_iter().zip(&found.types).enumerate() {
            if let Some(param) = param_at(overload.params, index)
                && param.constant
                && arg.expr.as_literal().is_none()
                && !arg.expr.is_pending()
            {
                let name = function.name;
                let name = name.strip_suffix(" packed").unwrap_or(name);
                let message = format!("argument `{}` of `{name}` must be constant", param.name);
                let code = match name {
                    "extract_all" => codes::CONSTANT_EXPECTED,
                    _ => codes::LITERAL_EXPECTED,
                };
                self.error(code, arg.span, message);
                return unknown();
            }
            bound.push(self.convert(arg.expr, wanted, arg.span));
        }
        let call = Call { function, overload: found.overload, args: bound, ty };
        self.fold(call, span)
    }

    /// The type may be known although an argument is not.
    fn call_over_error(&self, function: &ScalarFunction, args: &[Argument]) -> ScalarExpr {
        use crate::functions::def::Returns;
        let mut types = function
            .overloads
            .iter()
            .filter(|overload| {
                args.len() <= overload.params.len().max(1) || overload.params.is_empty()
            })
            .map(|overload| match overload.returns {
                Returns::Exact(ty) => ty,
                _ => Type::Unknown,
            });
        let first = types.next().unwrap_or(Type::Unknown);
        ScalarExpr::Pending { ty: if types.all(|ty| ty == first) { first } else { Type::Unknown } }
    }

    pub(super) fn mismatch(
        &mut self,
        name: &str,
        span: Span,
        args: &[Argument],
        mismatch: Mismatch,
    ) {
        match mismatch {
            Mismatch::Count { min, max } => {
                let expected = match max {
                    Some(max) if max == min => format!("{min}"),
                    Some(max) => format!("{min} to {max}"),
                    None => format!("at least {min}"),
                };
                let plural = if max.unwrap_or(min) == 1 { "" } else { "s" };
                let message =
                    format!("`{name}` takes {expected} argument{plural}, not {}", args.len());
                let code = max.map_or(codes::ARGUMENT_RANGE, |_| codes::ARGUMENT_COUNT);
                self.error(code, span, message);
            }
            Mismatch::Argument { index, expected } => {
                let given = args[index].expr.ty();
                let is_sign = !name.starts_with(|c: char| c.is_alphabetic());
                if is_sign && args.len() == 2 {
                    let (left, right) = (args[0].expr.ty(), args[1].expr.ty());
                    let message =
                        format!("operator `{name}` is not defined for {left} and {right}");
                    self.error(codes::OPERAND_TYPES, span, message);
                    return;
                }
                let expected: Vec<_> = expected.iter().map(|ty| ty.name()).collect();
                let message = format!(
                    "`{name}` does not take {given} here; expected {}",
                    if expected.is_empty() {
                        "fewer arguments".into()
                    } else {
                        expected.join(" or ")
                    }
                );
                let code = match name {
                    "format_datetime" | "format_timespan" if index == 0 => codes::FORMAT_VALUE,
                    _ if name.starts_with("has") && given == Type::Dynamic => codes::GENERIC,
                    _ => codes::ARGUMENT_TYPE,
                };
                self.error(code, args[index].span, message);
            }
        }
    }

    /// Warns of a call that only the analyser takes.
    pub(super) fn refused_by_service(&mut self, name: &str, given: &[Type], span: Span) {
        let types: Vec<_> = given.iter().map(|ty| ty.name()).collect();
        let message = format!("`{name}` is not defined for {} when it runs", types.join(" and "));
        self.diagnostics.push(
            Diagnostic::warning(codes::OPERAND_TYPES, span, message)
                .hint("convert the values, as in `tostring(…)`"),
        );
    }

    /// `expr` as a value of `to`, by the conversion function of that type.
    pub(super) fn convert(&mut self, expr: ScalarExpr, to: Type, span: Span) -> ScalarExpr {
        let from = expr.ty();
        if from == to || from == Type::Unknown || to == Type::Unknown {
            return expr;
        }
        if let ScalarExpr::Literal(Value::Null(_)) = expr {
            return ScalarExpr::Literal(Value::null(to));
        }
        self.call_function(conversion::implicit(to), span, vec![Argument::new(expr, span)])
    }

    /// Evaluates a call whose arguments are all constant. Where only some are, a pattern or format
    /// among them is tried over no rows, so that a bad one is known before anything runs.
    fn fold(&mut self, call: Call, span: Span) -> ScalarExpr {
        let is_kernel = matches!(call.function.overloads[call.overload].eval, Eval::Kernel(_));
        if call.function.volatility == Volatility::Volatile || !is_kernel {
            return ScalarExpr::Call(Box::new(call));
        }
        let code = refusal_code(call.function);
        let constant = call.args.iter().all(|arg| arg.as_literal().is_some());
        if !constant && code == codes::GENERIC {
            return ScalarExpr::Call(Box::new(call));
        }
        let types: Vec<Type> = call.args.iter().map(ScalarExpr::ty).collect();
        let arrays: Vec<_> = call
            .args
            .iter()
            .map(|arg| array_of(arg.as_literal().map_or(&[], std::slice::from_ref), arg.ty()))
            .collect();
        let scalars: Vec<bool> = call.args.iter().map(|arg| arg.as_literal().is_some()).collect();
        let args = Args::new(&arrays, &scalars, &types, usize::from(constant));
        match udf::evaluate(call.function, call.overload, &args, call.ty) {
            Ok(result) if constant => ScalarExpr::Literal(value_at(&result, call.ty, 0)),
            Ok(_) => ScalarExpr::Call(Box::new(call)),
            Err(error) => {
                let code = match error {
                    Error::Argument { defect, .. } => defect_code(defect),
                    _ => code,
                };
                self.error(code, span, error.to_string());
                unknown()
            }
        }
    }

    /// Reports an error.
    pub(super) fn error(
        &mut self,
        code: crate::diagnostics::Code,
        span: Span,
        message: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    /// A constant of the query, or a diagnostic and `None`; `None` as well while an answer is
    /// pending.
    pub(super) fn constant(&mut self, expr: &ScalarExpr, span: Span) -> Option<Value> {
        match expr {
            ScalarExpr::Literal(value) => Some(value.clone()),
            other if other.is_pending() => None,
            _ => {
                self.error(codes::CONSTANT_EXPECTED, span, "a constant is expected here");
                None
            }
        }
    }
}

/// The code of a defect of a constant argument.
fn defect_code(defect: Defect) -> Code {
    match defect {
        Defect::Empty => codes::EMPTY_ARGUMENT,
        Defect::GroupCount => codes::CAPTURE_GROUPS,
        Defect::GroupName => codes::CAPTURE_GROUP_NAME,
    }
}

/// The code under which a function refuses its constant arguments.
fn refusal_code(function: &ScalarFunction) -> Code {
    match (function.family, function.name) {
        (Family::Regex, _) | (_, "matches regex") => codes::REGEX,
        (_, "datetime_diff" | "datetime_diff week" | "datetime_add" | "datetime_part") => {
            codes::DATE_PART
        }
        (_, "format_datetime" | "format_timespan") => codes::FORMAT_ELEMENT,
        (Family::Series, _) => codes::UNSUPPORTED,
        _ => codes::GENERIC,
    }
}
