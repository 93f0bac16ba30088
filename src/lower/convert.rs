//! Stored forms of columns, and how they become canonical.

use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, Scalar, StringViewArray, new_empty_array,
};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{cast, is_not_null};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::catalog;
use crate::error::Error;
use crate::types::datetime::{TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH, checked};

/// How the values of a stored column become canonical.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// Text in which a null stands for the empty string.
    Text,
    /// Arrow's timestamps and dates of this type.
    Instant(DataType),
    /// What Arrow's own cast makes canonical without loss.
    Cast(DataType),
    /// Any other form that a catalog's scan gives.
    Other(catalog::Conversion),
}

impl Conversion {
    /// The steps of 100 ns in one stored unit and the number of stored units in one step: one of
    /// both is 1. `None` if this is no instant.
    pub fn scale(&self) -> Option<(i64, i64)> {
        match self {
            Conversion::Instant(DataType::Timestamp(TimeUnit::Second, _)) => {
                Some((TICKS_PER_SECOND, 1))
            }
            Conversion::Instant(DataType::Timestamp(TimeUnit::Millisecond, _)) => {
                Some((TICKS_PER_SECOND / 1_000, 1))
            }
            Conversion::Instant(DataType::Timestamp(TimeUnit::Microsecond, _)) => Some((10, 1)),
            Conversion::Instant(DataType::Timestamp(TimeUnit::Nanosecond, _)) => Some((1, 100)),
            Conversion::Instant(DataType::Date32) => Some((TICKS_PER_DAY, 1)),
            Conversion::Instant(DataType::Date64) => Some((TICKS_PER_SECOND / 1_000, 1)),
            _ => None,
        }
    }

    /// The stored form of an instant that many units from 1970.
    pub fn stored_instant(&self, units: i64) -> Option<ScalarValue> {
        let Conversion::Instant(stored) = self else { return None };
        Some(match stored {
            DataType::Timestamp(TimeUnit::Second, zone) => {
                ScalarValue::TimestampSecond(Some(units), zone.clone())
            }
            DataType::Timestamp(TimeUnit::Millisecond, zone) => {
                ScalarValue::TimestampMillisecond(Some(units), zone.clone())
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                ScalarValue::TimestampMicrosecond(Some(units), zone.clone())
            }
            DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
                ScalarValue::TimestampNanosecond(Some(units), zone.clone())
            }
            DataType::Date32 => ScalarValue::Date32(Some(i32::try_from(units).ok()?)),
            DataType::Date64 => ScalarValue::Date64(Some(units)),
            _ => return None,
        })
    }

    /// Whether the greatest stored value is the greatest canonical one, and the same for the least.
    pub fn keeps_order(&self) -> bool {
        matches!(self, Conversion::Instant(_))
    }
}

/// A stored column in canonical form.
pub fn canonical(column: Expr, conversion: &Conversion) -> Expr {
    match conversion {
        Conversion::Cast(target) => datafusion::logical_expr::cast(column, target.clone()),
        Conversion::Text => or_empty(column),
        Conversion::Instant(_) | Conversion::Other(_) => {
            Change::Canonical(conversion.clone()).call(column)
        }
    }
}

/// The text, or the empty string where it is missing.
pub fn or_empty(text: Expr) -> Expr {
    Change::Canonical(Conversion::Text).call(text)
}

/// The real with one form of NaN and one of zero, so that equal values have equal bits.
pub fn normal_real(real: Expr) -> Expr {
    Change::NormalReal.call(real)
}

/// A change of one column's form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Change {
    Canonical(Conversion),
    NormalReal,
}

impl Change {
    fn call(self, arg: Expr) -> Expr {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(ChangeFunction { change: self, signature }).call(vec![arg])
    }

    fn apply(&self, array: &ArrayRef) -> Result<ArrayRef, Error> {
        match self {
            Change::Canonical(Conversion::Text) => text(array),
            Change::Canonical(Conversion::Cast(target)) => Ok(cast(array, target)?),
            Change::Canonical(conversion @ Conversion::Instant(_)) => instants(array, conversion),
            Change::Canonical(Conversion::Other(conversion)) => {
                catalog::canonicalise(array, conversion)
            }
            Change::NormalReal => match array.as_primitive_opt::<Float64Type>() {
                Some(reals) => Ok(Arc::new(reals.unary::<_, Float64Type>(normal))),
                None => Err(unexpected(array)),
            },
        }
    }
}

/// One NaN, one zero.
fn normal(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

fn text(array: &ArrayRef) -> Result<ArrayRef, Error> {
    let array = match array.data_type() {
        DataType::Utf8View => array.clone(),
        _ => cast(array, &DataType::Utf8View)?,
    };
    if array.null_count() == 0 {
        return Ok(array);
    }
    let empty = StringViewArray::from_iter_values([""]);
    Ok(zip(&is_not_null(&array)?, &array, &Scalar::new(empty))?)
}

fn instants(array: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef, Error> {
    let (ticks, units) = conversion.scale().ok_or_else(|| unexpected(array))?;
    let whole = cast(array, &DataType::Int64)?;
    let whole = whole.as_primitive_opt::<Int64Type>().ok_or_else(|| unexpected(array))?;
    let converted: Int64Array = if units == 1 {
        whole.unary_opt(|value| checked(value.checked_mul(ticks)?.checked_add(UNIX_EPOCH)?))
    } else {
        whole.unary(|value| value.div_euclid(units) + UNIX_EPOCH)
    };
    Ok(Arc::new(converted))
}

fn unexpected(array: &ArrayRef) -> Error {
    Error::Internal(format!("a column of {} cannot be read", array.data_type()))
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// [`Change`] as a DataFusion function.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ChangeFunction {
    change: Change,
    signature: Signature,
}

impl ScalarUDFImpl for ChangeFunction {
    fn name(&self) -> &str {
        match self.change {
            Change::Canonical(Conversion::Text) => "text",
            Change::Canonical(Conversion::Instant(_)) => "ticks",
            Change::Canonical(Conversion::Cast(_) | Conversion::Other(_)) => "canonical",
            Change::NormalReal => "normal_real",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match &self.change {
            Change::Canonical(Conversion::Text) => DataType::Utf8View,
            Change::Canonical(Conversion::Instant(_)) => DataType::Int64,
            Change::Canonical(Conversion::Cast(target)) => target.clone(),
            Change::Canonical(Conversion::Other(conversion)) => {
                catalog::canonicalise(&new_empty_array(&types[0]), conversion)
                    .map_err(external)?
                    .data_type()
                    .clone()
            }
            Change::NormalReal => DataType::Float64,
        })
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(value)] => {
                let changed = self.change.apply(&value.to_array()?).map_err(external)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&changed, 0)?))
            }
            [ColumnarValue::Array(array)] => {
                Ok(ColumnarValue::Array(self.change.apply(array).map_err(external)?))
            }
            _ => Err(external(Error::Internal("one column at a time".into()))),
        }
    }
}
