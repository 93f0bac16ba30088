//! Nodes that become custom steps: functions of row order, and expanding arrays.
//!
//! Steps read columns by name, so their input is projected to `c0`, `c1` … and the arguments to
//! names of their own; afterwards the relation's names come back.

use std::sync::Arc;

use super::relation::{Lowered, extension, project};
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use crate::error::Result;
use crate::exec::failure;
use crate::exec::nodes::{ExpandSource, ExpandStep, Operand, Step, StepNode, WindowStep};
use crate::plan::{Expansion, ScalarExpr, WindowCall};
use crate::types::RowSchema;

/// Appends one column per call.
pub fn window(input: Lowered, calls: &[WindowCall], schema: &RowSchema) -> Result<Lowered> {
    let mut args = Args::new(&input);
    let mut steps = vec![];
    for (index, call) in calls.iter().enumerate() {
        let operands = call.args.iter().map(|arg| match arg {
            ScalarExpr::Literal(value) => Ok(Operand::Constant(value.clone())),
            other => Ok(Operand::Column(args.column(other)?, other.ty())),
        });
        steps.push(WindowStep {
            function: call.function,
            args: operands.collect::<Result<_>>()?,
            ty: call.ty,
            output: format!("o{index}"),
        });
    }
    args.step(Step::Window(steps), calls.len(), schema)
}

/// Gives one row per element.
pub fn expand(
    input: Lowered,
    expansions: &[Expansion],
    position: bool,
    limit: Option<u64>,
    schema: &RowSchema,
) -> Result<Lowered> {
    let mut args = Args::new(&input);
    let mut sources = vec![];
    for (index, expansion) in expansions.iter().enumerate() {
        sources.push(ExpandSource {
            column: args.column(&expansion.source)?,
            array_pairs: expansion.array_pairs,
            ty: expansion.ty,
            output: format!("o{index}"),
        });
    }
    let outputs = expansions.len() + usize::from(position);
    let position = position.then(|| format!("o{}", expansions.len()));
    args.step(Step::Expand(ExpandStep { sources, position, limit }), outputs, schema)
}

/// A projection of the input in which every argument is a column.
struct Args<'a> {
    input: &'a Lowered,
    exprs: Vec<datafusion::logical_expr::Expr>,
}

impl<'a> Args<'a> {
    fn new(input: &'a Lowered) -> Self {
        let columns = input.columns.iter().enumerate();
        let exprs = columns.map(|(i, column)| reference(&column.name).alias(format!("c{i}")));
        Self { input, exprs: exprs.collect() }
    }

    /// The name of the column that holds the canonical value.
    fn column(&mut self, expr: &ScalarExpr) -> Result<String> {
        if let ScalarExpr::Column { index, .. } = expr
            && self.input.columns[*index].raw.is_none()
        {
            return Ok(format!("c{index}"));
        }
        let name = format!("e{}", self.exprs.len());
        let scope: Scope = self.input.scope();
        self.exprs.push(scalar::value(expr, &scope)?.alias(&name));
        Ok(name)
    }

    /// The step over that projection, with the relation's own names.
    fn step(self, step: Step, outputs: usize, schema: &RowSchema) -> Result<Lowered> {
        let inputs = &self.input.columns;
        let plan = project(self.input.plan.clone(), self.exprs)?;
        let plan = extension(StepNode::try_new(plan, step).map_err(failure)?);
        let internal = (0..inputs.len())
            .map(|index| format!("c{index}"))
            .chain((0..outputs).map(|index| format!("o{index}")));
        let mut exprs = vec![];
        let mut columns = vec![];
        for (index, (internal, column)) in internal.zip(schema.columns()).enumerate() {
            exprs.push(reference(&internal).alias(&*column.name));
            let raw = inputs.get(index).and_then(|column| column.raw.clone());
            columns.push(LoweredColumn { name: Arc::clone(&column.name), raw });
        }
        Ok(Lowered { plan: project(plan, exprs)?, columns })
    }
}
