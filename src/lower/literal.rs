//! Constants as DataFusion literals.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::{Type, Value};

/// The canonical Arrow scalar of a constant.
pub fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Null(ty) => null(*ty),
        Value::Bool(v) => ScalarValue::Boolean(Some(*v)),
        Value::Int(v) => ScalarValue::Int32(Some(*v)),
        Value::Long(v) | Value::DateTime(v) | Value::TimeSpan(v) => ScalarValue::Int64(Some(*v)),
        Value::Real(v) => ScalarValue::Float64(Some(*v)),
        Value::Decimal(v) => ScalarValue::Decimal256(Some(v.0), DECIMAL_PRECISION, DECIMAL_SCALE),
        Value::String(v) | Value::Guid(v) | Value::Dynamic(v) => {
            ScalarValue::Utf8View(Some(v.to_string()))
        }
    }
}

/// The null of a type; for string the empty string.
pub fn null(ty: Type) -> ScalarValue {
    match ty {
        Type::Bool => ScalarValue::Boolean(None),
        Type::Int => ScalarValue::Int32(None),
        Type::Long | Type::DateTime | Type::TimeSpan => ScalarValue::Int64(None),
        Type::Real => ScalarValue::Float64(None),
        Type::Decimal => ScalarValue::Decimal256(None, DECIMAL_PRECISION, DECIMAL_SCALE),
        Type::String => ScalarValue::Utf8View(Some(String::new())),
        Type::Guid | Type::Dynamic | Type::Unknown => ScalarValue::Utf8View(None),
    }
}

/// A constant as an expression.
pub fn literal(value: &Value) -> Expr {
    Expr::Literal(scalar(value), None)
}
