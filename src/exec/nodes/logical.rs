//! The custom node of logical plans.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use datafusion::common::{DFSchema, DFSchemaRef, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};

use super::scan::ScanStep;
use crate::functions::def::WindowFunction;
use crate::types::arrow::data_type;
use crate::types::{Type, Value};

/// What a custom node does with the rows of its input. Columns go by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Gives all rows in one stream, in the order of the input; partitions follow one another.
    Serial,
    /// Reads everything and gives nothing.
    Consume,
    /// Appends one column per function of row order.
    Window(Vec<WindowStep>),
    /// Gives one row per element of arrays and appends the elements.
    Expand(ExpandStep),
    /// Runs the steps of `scan`, and appends the declared columns.
    Scan(ScanStep),
}

/// One function of row order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowStep {
    pub function: WindowFunction,
    pub args: Vec<Operand>,
    /// Type and name of the result.
    pub ty: Type,
    pub output: String,
}

/// An argument of a [`WindowStep`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    Column(String, Type),
    Constant(Value),
}

/// The arrays to expand side by side.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExpandStep {
    pub sources: Vec<ExpandSource>,
    /// The name of the column that counts the elements of a row from zero.
    pub position: Option<String>,
    /// The most elements of one row.
    pub limit: Option<u64>,
}

/// One array to expand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExpandSource {
    pub column: String,
    /// Bags give `["key", value]` pairs instead of single-member bags.
    pub array_pairs: bool,
    /// Type and name of the result.
    pub ty: Type,
    pub output: String,
}

impl Step {
    /// The schema of the output for one of the input.
    pub fn schema(&self, input: &Schema) -> Schema {
        let field = |(name, ty): (&String, Type)| Field::new(name, data_type(ty), true);
        let added: Vec<Field> = match self {
            Step::Serial | Step::Consume => vec![],
            Step::Window(calls) => {
                calls.iter().map(|call| field((&call.output, call.ty))).collect()
            }
            Step::Scan(scan) => {
                let declared = scan.declared.iter().map(|(name, value)| (name, value.ty()));
                let match_id = scan.match_id.iter().map(|name| (name, Type::Long));
                declared.chain(match_id).map(field).collect()
            }
            Step::Expand(expand) => {
                let sources = expand.sources.iter().map(|source| (&source.output, source.ty));
                let position = expand.position.iter().map(|name| (name, Type::Long));
                sources.chain(position).map(field).collect()
            }
        };
        let fields = input.fields().iter().cloned();
        Schema::new(fields.chain(added.into_iter().map(Arc::new)).collect::<Vec<_>>())
    }

    /// The name in plans.
    pub fn name(&self) -> &'static str {
        match self {
            Step::Serial => "Serial",
            Step::Consume => "Consume",
            Step::Window(_) => "Window",
            Step::Expand(_) => "Expand",
            Step::Scan(_) => "Scan",
        }
    }

    /// Whether the output is one stream in the order of the input.
    pub fn is_serial(&self) -> bool {
        matches!(self, Step::Serial | Step::Window(_) | Step::Scan(_))
    }

    /// The input columns that it reads itself.
    fn reads(&self) -> Vec<&str> {
        match self {
            Step::Serial | Step::Consume => vec![],
            Step::Window(calls) => {
                let args = calls.iter().flat_map(|call| &call.args);
                let columns = args.filter_map(|arg| match arg {
                    Operand::Column(name, _) => Some(name.as_str()),
                    Operand::Constant(_) => None,
                });
                columns.collect()
            }
            Step::Scan(scan) => scan.columns.iter().map(|(name, _)| name.as_str()).collect(),
            Step::Expand(expand) => {
                expand.sources.iter().map(|source| source.column.as_str()).collect()
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Step::Serial | Step::Consume => {}
            Step::Window(calls) => {
                for call in calls {
                    let name = format!("{:?}", call.function);
                    write!(f, " {}={name}(", call.output)?;
                    for (index, arg) in call.args.iter().enumerate() {
                        let comma = if index == 0 { "" } else { ", " };
                        match arg {
                            Operand::Column(name, _) => write!(f, "{comma}{name}")?,
                            Operand::Constant(value) => write!(f, "{comma}{}", value.literal())?,
                        }
                    }
                    f.write_str(")")?;
                }
            }
            Step::Scan(scan) => write!(f, " of {} steps", scan.rules.len())?,
            Step::Expand(expand) => {
                for source in &expand.sources {
                    write!(f, " {}={} to {}", source.output, source.column, source.ty)?;
                }
                if let Some(limit) = expand.limit {
                    write!(f, " limit {limit}")?;
                }
            }
        }
        Ok(())
    }
}

/// A [`Step`] over an input.
#[derive(Clone, Debug)]
pub struct StepNode {
    input: LogicalPlan,
    step: Step,
    schema: DFSchemaRef,
}

impl StepNode {
    pub fn try_new(input: LogicalPlan, step: Step) -> Result<Self> {
        let schema = step.schema(input.schema().as_arrow());
        let schema = Arc::new(DFSchema::try_from(schema)?);
        Ok(Self { input, step, schema })
    }

    pub fn step(&self) -> &Step {
        &self.step
    }
}

impl PartialEq for StepNode {
    fn eq(&self, other: &Self) -> bool {
        self.step == other.step && self.input == other.input
    }
}

impl Eq for StepNode {}

impl Hash for StepNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.step.hash(state);
        self.input.hash(state);
    }
}

impl PartialOrd for StepNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for StepNode {
    fn name(&self) -> &str {
        self.step.name()
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![]
    }

    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        match self.step {
            Step::Serial => HashSet::new(),
            Step::Consume | Step::Window(_) | Step::Scan(_) => {
                self.schema.fields().iter().map(|f| f.name().clone()).collect()
            }
            // Rows may go before they are expanded, but not by what is in the arrays.
            Step::Expand(_) => {
                let input = self.input.schema().fields().len();
                self.schema.fields().iter().skip(input).map(|f| f.name().clone()).collect()
            }
        }
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.step)
    }

    fn with_exprs_and_inputs(
        &self,
        _exprs: Vec<Expr>,
        mut inputs: Vec<LogicalPlan>,
    ) -> Result<Self> {
        match inputs.pop() {
            Some(input) => Self::try_new(input, self.step.clone()),
            None => Ok(self.clone()),
        }
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        if matches!(self.step, Step::Consume) {
            return None;
        }
        let fields = self.input.schema().fields();
        let read = self.step.reads();
        let needed = (0..fields.len()).filter(|index| {
            output_columns.contains(index) || read.contains(&fields[*index].name().as_str())
        });
        Some(vec![needed.collect()])
    }

    fn supports_limit_pushdown(&self) -> bool {
        matches!(self.step, Step::Serial)
    }
}
