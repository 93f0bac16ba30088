//! Predicates and sort keys as native expressions over stored columns.
//!
//! A filter asks only whether a condition is true, so a form may be chosen that says false where
//! KQL says null. That admits plain comparisons, which reach the statistics of files.

use datafusion::common::ScalarValue;
use datafusion::functions::math::expr_fn::isnan;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, Operator, lit};

use super::convert::Conversion;
use super::dynamic;
use super::literal::literal;
use super::scalar::{binary, comparison, has_plain_order, in_list, value};
use super::scope::Scope;
use crate::error::Result;
use crate::plan::{Call, ScalarExpr, SortKey};
use crate::types::datetime::UNIX_EPOCH;
use crate::types::{Type, Value};

/// A native expression that is true exactly where the call is; `None` where there is none.
pub fn lower(call: &Call, scope: &Scope) -> Result<Option<Expr>> {
    match (call.function.name, call.args.as_slice()) {
        ("not", [ScalarExpr::Call(inner)]) => negated(inner, scope),
        ("==", [left, right]) => equal(left, right, scope, false),
        ("!=", [left, right]) => equal(left, right, scope, true),
        (sign @ ("<" | "<=" | ">" | ">="), [left, right]) => compare(sign, left, right, scope),
        ("between", [middle, low, high]) => {
            let low = compare(">=", middle, low, scope)?;
            let high = compare("<=", middle, high, scope)?;
            Ok(low.zip(high).map(|(low, high)| low.and(high)))
        }
        ("in", [item, list @ ..]) => member(item, list, scope, false),
        ("isempty", [arg]) => Ok(empty(arg, scope, true)),
        ("isnotempty", [arg]) => Ok(empty(arg, scope, false)),
        ("isnull", [arg]) => Ok(stored_instant(arg, scope).map(|(column, _)| column.is_null())),
        ("isnotnull", [arg]) => {
            Ok(stored_instant(arg, scope).map(|(column, _)| column.is_not_null()))
        }
        _ => Ok(None),
    }
}

/// Like [`lower`] for `not(call)`: true exactly where the call is false.
fn negated(call: &Call, scope: &Scope) -> Result<Option<Expr>> {
    match (call.function.name, call.args.as_slice()) {
        ("==", [left, right]) => equal(left, right, scope, true),
        ("!=", [left, right]) => equal(left, right, scope, false),
        ("between", [middle, low, high]) => {
            let both_known = low.as_literal().is_some_and(|v| !v.is_null())
                && high.as_literal().is_some_and(|v| !v.is_null());
            if !both_known {
                return Ok(None);
            }
            let below = compare("<", middle, low, scope)?;
            let above = compare(">", middle, high, scope)?;
            // Neither order holds for a NaN, which is yet not between.
            let ordered = middle.ty() != Type::Real;
            Ok(below.zip(above).filter(|_| ordered).map(|(below, above)| below.or(above)))
        }
        ("in", [item, list @ ..]) => member(item, list, scope, true),
        ("isempty", [arg]) => Ok(empty(arg, scope, false)),
        ("isnotempty", [arg]) => Ok(empty(arg, scope, true)),
        _ => Ok(None),
    }
}

/// Whether Arrow's equality of values of the type is Kusto's.
fn has_plain_equality(ty: Type) -> bool {
    has_plain_order(ty) || matches!(ty, Type::Bool | Type::String | Type::Guid)
}

fn equal(
    left: &ScalarExpr,
    right: &ScalarExpr,
    scope: &Scope,
    differ: bool,
) -> Result<Option<Expr>> {
    if left.ty() != right.ty() {
        return Ok(None);
    }
    let (left, right) = if left.as_literal().is_some() { (right, left) } else { (left, right) };
    if let Some(constant) = right.as_literal().filter(|constant| !constant.is_null()) {
        if let Some((column, conversion)) = stored(left, scope) {
            match (conversion, constant) {
                (Conversion::Text, Value::String(text)) => {
                    return Ok(Some(text_equal(column, text, differ)));
                }
                (Conversion::Instant(_), Value::DateTime(ticks)) => {
                    if let Some(expr) = instant_equal(&column, conversion, *ticks, differ) {
                        return Ok(Some(expr));
                    }
                }
                _ => {}
            }
        }
        if let Value::Real(c) = constant {
            let plain = !c.is_nan() && *c != 0.0;
            return Ok(if plain { Some(same(left, right, scope, differ)?) } else { None });
        }
    }
    if has_plain_equality(left.ty()) {
        return Ok(Some(same(left, right, scope, differ)?));
    }
    Ok(None)
}

/// `left = right` by Arrow, or that they differ, where a null differs from all but a null.
fn same(left: &ScalarExpr, right: &ScalarExpr, scope: &Scope, differ: bool) -> Result<Expr> {
    let known = right.as_literal().is_some_and(|constant| !constant.is_null());
    let text = left.ty() == Type::String;
    let op = match differ {
        false => Operator::Eq,
        true if text => Operator::NotEq,
        true => Operator::IsDistinctFrom,
    };
    if text && let Some(same) = dynamic::text_equal(left, right, scope)? {
        return Ok(if differ { Expr::Not(Box::new(same)) } else { same });
    }
    if known && differ && !text {
        // Statistics can serve this form.
        let (left, right) = (value(left, scope)?, value(right, scope)?);
        return Ok(binary(left.clone(), Operator::NotEq, right).or(left.is_null()));
    }
    Ok(binary(value(left, scope)?, op, value(right, scope)?))
}

fn text_equal(column: Expr, text: &str, differ: bool) -> Expr {
    let constant = lit(ScalarValue::Utf8View(Some(text.to_string())));
    match (text.is_empty(), differ) {
        (false, false) => column.eq(constant),
        (false, true) => column.clone().not_eq(constant).or(column.is_null()),
        (true, false) => column.clone().eq(constant).or(column.is_null()),
        (true, true) => column.not_eq(constant),
    }
}

fn empty(arg: &ScalarExpr, scope: &Scope, wanted: bool) -> Option<Expr> {
    match stored(arg, scope) {
        Some((column, Conversion::Text)) => Some(text_equal(column, "", !wanted)),
        _ => None,
    }
}

fn member(
    item: &ScalarExpr,
    list: &[ScalarExpr],
    scope: &Scope,
    negated: bool,
) -> Result<Option<Expr>> {
    let plain = has_plain_equality(item.ty()) && !list.is_empty();
    let constants: Option<Vec<&Value>> = list
        .iter()
        .map(|e| e.as_literal().filter(|v| !v.is_null() && v.ty() == item.ty()))
        .collect();
    let Some(constants) = constants.filter(|_| plain) else {
        return Ok(None);
    };
    let list: Vec<Expr> = constants.iter().map(|v| literal(v)).collect();
    if let Some((column, Conversion::Text)) = stored(item, scope) {
        let has_empty = constants.iter().any(|v| v.as_str() == Some(""));
        let listed = in_list(column.clone(), list, negated);
        // A missing text is empty: it is in the list if the list has the empty text.
        return Ok(Some(if has_empty != negated { listed.or(column.is_null()) } else { listed }));
    }
    if let Some(among) = dynamic::text_among(item, &constants, scope)? {
        return Ok(Some(if negated { Expr::Not(Box::new(among)) } else { among }));
    }
    let item = value(item, scope)?;
    let listed = in_list(item.clone(), list, negated);
    Ok(Some(if negated { listed.or(item.is_null()) } else { listed }))
}

/// The stored column that the expression is.
fn stored<'a>(expr: &ScalarExpr, scope: &Scope<'a>) -> Option<(Expr, &'a Conversion)> {
    match expr {
        ScalarExpr::Column { index, .. } => scope.raw(*index),
        _ => None,
    }
}

fn stored_instant<'a>(expr: &ScalarExpr, scope: &Scope<'a>) -> Option<(Expr, &'a Conversion)> {
    stored(expr, scope).filter(|(_, conversion)| matches!(conversion, Conversion::Instant(_)))
}

fn mirrored(sign: &str) -> &'static str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        _ => "<=",
    }
}

fn compare(
    sign: &str,
    left: &ScalarExpr,
    right: &ScalarExpr,
    scope: &Scope,
) -> Result<Option<Expr>> {
    if left.ty() != right.ty() {
        return Ok(None);
    }
    if left.as_literal().is_some() && right.as_literal().is_none() {
        return compare(mirrored(sign), right, left, scope);
    }
    match right.as_literal() {
        Some(Value::DateTime(ticks)) => {
            if let Some((column, conversion)) = stored(left, scope)
                && let Some(expr) = instant_compare(sign, &column, conversion, *ticks)
            {
                return Ok(Some(expr));
            }
        }
        Some(Value::Real(c)) => return real_compare(sign, value(left, scope)?, *c).map(Some),
        _ => {}
    }
    if has_plain_order(left.ty()) {
        let (left, right) = (value(left, scope)?, value(right, scope)?);
        return Ok(Some(binary(left, comparison(sign), right)));
    }
    Ok(None)
}

/// Arrow puts NaN above +inf (and a negative NaN below -inf) and -0.0 below 0.0; Kusto has no order
/// for NaN and one zero.
fn real_compare(sign: &str, left: Expr, c: f64) -> Result<Expr> {
    if c.is_nan() {
        return Ok(lit(false));
    }
    let c = match sign {
        _ if c != 0.0 => c,
        "<" | ">=" => -0.0,
        _ => 0.0,
    };
    let bounded = binary(left.clone(), comparison(sign), lit(c));
    let other = if sign.starts_with('<') {
        left.gt_eq(lit(f64::NEG_INFINITY))
    } else {
        left.lt_eq(lit(f64::INFINITY))
    };
    Ok(bounded.and(other))
}

/// `column sign ticks` in the column's own unit; `None` where the bound is out of its range.
fn instant_compare(sign: &str, column: &Expr, conversion: &Conversion, ticks: i64) -> Option<Expr> {
    let (factor, units) = conversion.scale()?;
    let from_epoch = i128::from(ticks) - i128::from(UNIX_EPOCH);
    let (factor, units) = (i128::from(factor), i128::from(units));
    // The first stored value that is not below `ticks`, and the first that is above.
    let not_below = if units == 1 { -(-from_epoch).div_euclid(factor) } else { from_epoch * units };
    let above =
        if units == 1 { from_epoch.div_euclid(factor) + 1 } else { (from_epoch + 1) * units };
    let (op, bound) = match sign {
        "<" => (Operator::Lt, not_below),
        "<=" => (Operator::Lt, above),
        ">" => (Operator::GtEq, above),
        _ => (Operator::GtEq, not_below),
    };
    let bound = conversion.stored_instant(i64::try_from(bound).ok()?)?;
    Some(binary(column.clone(), op, lit(bound)))
}

fn instant_equal(column: &Expr, conversion: &Conversion, ticks: i64, differ: bool) -> Option<Expr> {
    let (factor, units) = conversion.scale()?;
    let from_epoch = ticks.checked_sub(UNIX_EPOCH)?;
    if units == 1 && from_epoch % factor == 0 {
        let constant = lit(conversion.stored_instant(from_epoch / factor)?);
        return Some(if differ {
            column.clone().not_eq(constant).or(column.clone().is_null())
        } else {
            column.clone().eq(constant)
        });
    }
    if units == 1 {
        return Some(lit(differ));
    }
    if differ {
        let below = instant_compare("<", column, conversion, ticks)?;
        let above = instant_compare(">", column, conversion, ticks)?;
        return Some(below.or(above).or(column.clone().is_null()));
    }
    let low = instant_compare(">=", column, conversion, ticks)?;
    Some(low.and(instant_compare("<=", column, conversion, ticks)?))
}

/// Appends the DataFusion keys of one key.
pub fn sort_key(key: &SortKey, last: bool, scope: &Scope, sorts: &mut Vec<Sort>) -> Result<()> {
    let sort = |expr: Expr| Sort::new(expr, !key.descending, key.nulls_first);
    // Stored nanoseconds tell instants apart that are one to KQL, so no other key may follow.
    let as_stored =
        |conversion: &Conversion| last || conversion.scale().is_some_and(|(_, units)| units == 1);
    if let Some((column, conversion)) = stored_instant(&key.expr, scope)
        && as_stored(conversion)
    {
        sorts.push(sort(column));
        return Ok(());
    }
    let expr = value(&key.expr, scope)?;
    if key.expr.ty() == Type::Real {
        // NaN stands with the nulls, on the side of the numbers.
        sorts.push(Sort::new(isnan(expr.clone()), !key.nulls_first, key.nulls_first));
        sorts.push(sort(super::convert::normal_real(expr)));
        return Ok(());
    }
    sorts.push(sort(expr));
    Ok(())
}
