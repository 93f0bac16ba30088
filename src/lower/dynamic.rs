//! Paths into JSON texts as one call each, whatever is asked of their values.

use datafusion::logical_expr::Expr;

use super::literal::literal;
use super::scalar::value;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::functions;
use crate::functions::udf::KqlFunction;
use crate::plan::{Call, ScalarExpr};
use crate::types::dynamic::Dynamic;
use crate::types::{Type, Value};

/// The call of `tostring` over a path in a text; `None` for other calls.
pub fn text_at_path(call: &Call, scope: &Scope) -> Result<Option<Expr>> {
    match path_of_text(call) {
        Some([text, steps @ ..]) => {
            Ok(Some(path_call("parse_json.tostring", text, None, steps, Type::String, scope)?))
        }
        _ => Ok(None),
    }
}

/// Whether two texts are the same, if one is that at a path in a text and one constant.
pub fn text_equal(left: &ScalarExpr, right: &ScalarExpr, scope: &Scope) -> Result<Option<Expr>> {
    match (left.as_literal(), right.as_literal()) {
        (None, Some(constant)) => text_among(left, &[constant], scope),
        (Some(constant), None) => text_among(right, &[constant], scope),
        _ => Ok(None),
    }
}

/// Whether `item`, the text at a path in a text, is one of the constants; `None` for other items.
/// The result is never null.
pub fn text_among(item: &ScalarExpr, among: &[&Value], scope: &Scope) -> Result<Option<Expr>> {
    let ScalarExpr::Call(call) = item else { return Ok(None) };
    let Some([text, steps @ ..]) = path_of_text(call) else { return Ok(None) };
    let texts: Option<Vec<_>> =
        among.iter().map(|v| v.as_str().map(|text| Dynamic::String(text.to_string()))).collect();
    let Some(texts) = texts else { return Ok(None) };
    let texts = Value::Dynamic(Dynamic::Array(texts).to_json().into());
    path_call("parse_json.in", text, Some(&texts), steps, Type::Bool, scope).map(Some)
}

/// The arguments of the path whose text `call` gives.
fn path_of_text(call: &Call) -> Option<&[ScalarExpr]> {
    match call.args.as_slice() {
        [ScalarExpr::Call(path)]
            if call.function.name == "tostring" && path.function.name == "parse_json." =>
        {
            Some(&path.args)
        }
        _ => None,
    }
}

fn path_call(
    name: &str,
    text: &ScalarExpr,
    constant: Option<&Value>,
    steps: &[ScalarExpr],
    returns: Type,
    scope: &Scope,
) -> Result<Expr> {
    let function = functions::scalar(name)
        .ok_or_else(|| Error::Internal(format!("there is no function `{name}`")))?;
    let mut types = vec![text.ty()];
    let mut args = vec![value(text, scope)?];
    if let Some(constant) = constant {
        types.push(constant.ty());
        args.push(literal(constant));
    }
    for step in steps {
        types.push(step.ty());
        args.push(value(step, scope)?);
    }
    Ok(KqlFunction::udf(function, 0, types, returns).call(args))
}
