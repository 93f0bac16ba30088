//! The one DataFusion aggregate function behind all of KQL's that need their own state.
//!
//! Its name spells types and constants (`percentile(long,real=95.0)`), so a plan that leaves the
//! process can be rebuilt from names alone.

use std::hash::{Hash, Hasher};
use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};

use super::aggregate_def::{AggregateArgs, AggregateFunction, Evaluate, Groups};
use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::data_type;

/// An aggregation function resolved to one signature and its constants.
#[derive(Debug)]
pub struct KqlAggregate {
    function: &'static AggregateFunction,
    overload: usize,
    args: AggregateArgs,
    name: String,
    signature: Signature,
}

impl KqlAggregate {
    /// The DataFusion aggregate for one signature of `function`. Its arguments are those of
    /// `args.types` that have no constant.
    pub fn udaf(
        function: &'static AggregateFunction,
        overload: usize,
        args: AggregateArgs,
    ) -> AggregateUDF {
        let list: Vec<_> = args
            .types
            .iter()
            .zip(&args.constants)
            .map(|(ty, constant)| match constant {
                Some(value) => format!("{ty}={value:?}"),
                None => ty.name().to_string(),
            })
            .collect();
        let name = format!("{}({})", function.name, list.join(","));
        let signature = Signature::user_defined(Volatility::Immutable);
        AggregateUDF::new_from_impl(Self { function, overload, args, name, signature })
    }

    fn groups(&self) -> Result<Box<dyn Groups>> {
        match self.function.overloads[self.overload].evaluate {
            Evaluate::Groups(constructor) => constructor(&self.args).map_err(external),
            Evaluate::Native(_) | Evaluate::Filtered { .. } => Err(external(Error::Internal(
                format!("`{}` keeps no state of its own", self.function.name),
            ))),
        }
    }
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The Arrow type of an aggregate's result: canonical, or a struct `c0`, `c1` … of several.
pub fn result_type(returns: &[Type], many: bool) -> DataType {
    match returns {
        [one] if !many => data_type(*one),
        several => DataType::Struct(struct_fields(several)),
    }
}

/// The fields of the struct that carries several results.
pub fn struct_fields(returns: &[Type]) -> Fields {
    returns
        .iter()
        .enumerate()
        .map(|(index, ty)| Field::new(format!("c{index}"), data_type(*ty), true))
        .collect()
}

impl PartialEq for KqlAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.overload == other.overload
    }
}

impl Eq for KqlAggregate {}

impl Hash for KqlAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.overload.hash(state);
    }
}

impl AggregateUDFImpl for KqlAggregate {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        let returns = self.function.overloads[self.overload].returns;
        let many = matches!(returns, super::aggregate_def::AggregateReturns::Many(_));
        Ok(result_type(&self.args.returns, many))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let types = self.groups()?.state_types();
        let name = |index| format!("{}[{index}]", args.name);
        Ok(types
            .into_iter()
            .enumerate()
            .map(|(index, ty)| Arc::new(Field::new(name(index), ty, true)))
            .collect())
    }

    fn accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let varying = self.args.types.iter().zip(&self.args.constants);
        let none = varying
            .filter(|(_, constant)| constant.is_none())
            .map(|(ty, _)| new_empty_array(&data_type(*ty)))
            .collect();
        Ok(Box::new(OneGroup { groups: self.groups()?, indices: vec![], none }))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Boxed(self.groups()?)))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// `dyn Groups` as the `dyn GroupsAccumulator` that DataFusion wants.
struct Boxed(Box<dyn Groups>);

impl GroupsAccumulator for Boxed {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&arrow::array::BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.0.update_batch(values, group_indices, filter, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.0.evaluate(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.0.merge_batch(values, groups, total)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&arrow::array::BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

/// Aggregation without keys: group state with one group.
struct OneGroup {
    groups: Box<dyn Groups>,
    indices: Vec<usize>,
    /// Arguments of no rows: they make the group exist before anything has arrived.
    none: Vec<ArrayRef>,
}

impl OneGroup {
    fn indices(&mut self, values: &[ArrayRef]) -> usize {
        let rows = values.first().map_or(0, |v| v.len());
        self.indices.resize(rows, 0);
        rows
    }
}

impl std::fmt::Debug for OneGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneGroup")
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = self.indices(values);
        self.groups.update_batch(values, &self.indices[..rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.groups.update_batch(&self.none, &[], None, 1)?;
        ScalarValue::try_from_array(&self.groups.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.size() + self.indices.capacity() * size_of::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.groups.update_batch(&self.none, &[], None, 1)?;
        let state = self.groups.state(EmitTo::All)?;
        state.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = self.indices(states);
        self.groups.merge_batch(states, &self.indices[..rows], 1)
    }
}
