//! The custom node of logical plans.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::common::{DFSchema, DFSchemaRef, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};

/// What a custom node does with the rows of its input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Gives all rows in one stream, in the order of the input; partitions follow one another.
    Serial,
    /// Reads everything and gives nothing.
    Consume,
}

impl Step {
    /// The schema of the output for one of the input.
    pub fn schema(&self, input: &Schema) -> Schema {
        match self {
            Step::Serial | Step::Consume => input.clone(),
        }
    }

    /// The name in plans.
    pub fn name(&self) -> &'static str {
        match self {
            Step::Serial => "Serial",
            Step::Consume => "Consume",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
            Step::Consume => self.schema.fields().iter().map(|f| f.name().clone()).collect(),
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
        match self.step {
            Step::Serial => Some(vec![output_columns.to_vec()]),
            Step::Consume => None,
        }
    }

    fn supports_limit_pushdown(&self) -> bool {
        matches!(self.step, Step::Serial)
    }
}
