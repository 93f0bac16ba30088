//! The one DataFusion scalar function behind all of KQL's.
//!
//! Its name spells the resolved signature (`substring(string,long,long)`), so a plan that leaves the
//! process can be rebuilt from names alone.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility as Stability,
};

use super::def::{Eval, ScalarFunction, Volatility};
use super::kernel::Args;
use super::memo::Memo;
use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::data_type;

/// A scalar function resolved to one signature.
#[derive(Debug)]
pub struct KqlFunction {
    function: &'static ScalarFunction,
    overload: usize,
    types: Vec<Type>,
    returns: Type,
    name: String,
    signature: Signature,
    memo: Memo,
}

impl KqlFunction {
    /// The DataFusion function for one signature of `function`; `types` are what the kernel sees.
    pub fn udf(
        function: &'static ScalarFunction,
        overload: usize,
        types: Vec<Type>,
        returns: Type,
    ) -> ScalarUDF {
        let list: Vec<_> = types.iter().map(|ty| ty.name()).collect();
        let name = format!("{}({})", function.name, list.join(","));
        let stability = match function.volatility {
            Volatility::Immutable => Stability::Immutable,
            Volatility::Stable => Stability::Stable,
            Volatility::Volatile => Stability::Volatile,
        };
        let signature = Signature::user_defined(stability);
        let memo = Memo::default();
        ScalarUDF::new_from_impl(Self { function, overload, types, returns, name, signature, memo })
    }
}

impl KqlFunction {
    fn call(&self, arrays: &[ArrayRef], scalars: &[bool], rows: usize) -> Result<ArrayRef, Error> {
        let work_out = |arrays: &[ArrayRef], rows| {
            let args = Args::new(arrays, scalars, &self.types, rows);
            evaluate(self.function, self.overload, &args, self.returns)
        };
        let repeats =
            self.function.volatility == Volatility::Immutable && self.function.family.is_costly();
        if repeats && let Some(answers) = self.memo.answers(arrays, scalars, work_out)? {
            return Ok(answers);
        }
        work_out(arrays, rows)
    }
}

/// Evaluates one signature of a function over canonical arrays; strings never come out null.
pub fn evaluate(
    function: &'static ScalarFunction,
    overload: usize,
    args: &Args,
    returns: Type,
) -> Result<ArrayRef, Error> {
    let Eval::Kernel(kernel) = function.overloads[overload].eval else {
        return Err(Error::Internal(format!("`{}` has no kernel", function.name)));
    };
    let result = kernel(args)?;
    if result.len() != args.rows() || result.data_type() != &data_type(returns) {
        return Err(Error::Internal(format!(
            "`{}` returned {} values of {}, not {} of {}",
            function.name,
            result.len(),
            result.data_type(),
            args.rows(),
            data_type(returns)
        )));
    }
    Ok(if returns == Type::String { without_nulls(result) } else { result })
}

/// A missing string is the empty string.
fn without_nulls(array: ArrayRef) -> ArrayRef {
    if array.null_count() == 0 {
        return array;
    }
    match array.as_string_view_opt() {
        Some(text) => {
            Arc::new(StringViewArray::from_iter_values(text.iter().map(|v| v.unwrap_or(""))))
        }
        None => array,
    }
}

impl PartialEq for KqlFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.overload == other.overload
    }
}

impl Eq for KqlFunction {}

impl Hash for KqlFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.overload.hash(state);
    }
}

impl ScalarUDFImpl for KqlFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        Ok(data_type(self.returns))
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(&self.name, data_type(self.returns), true)))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = !args.args.is_empty()
            && self.function.volatility != Volatility::Volatile
            && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let mut arrays = Vec::with_capacity(args.args.len());
        let mut scalars = Vec::with_capacity(args.args.len());
        for arg in args.args {
            match arg {
                ColumnarValue::Array(array) => {
                    arrays.push(array);
                    scalars.push(false);
                }
                ColumnarValue::Scalar(value) => {
                    arrays.push(value.to_array()?);
                    scalars.push(true);
                }
            }
        }
        let result = self
            .call(&arrays, &scalars, rows)
            .map_err(|error| datafusion::error::DataFusionError::External(Box::new(error)))?;
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)
        } else {
            ColumnarValue::Array(result)
        })
    }
}
