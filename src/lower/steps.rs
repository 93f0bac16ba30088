//! Nodes that become custom steps: functions of row order, and expanding arrays.
//!
//! Steps read columns by name, so their input is projected to `c0`, `c1` … and the arguments to
//! names of their own; afterwards the relation's names come back.

use std::sync::Arc;

use super::relation::{Lowered, extension, project};
use super::scalar;
use super::scope::{LoweredColumn, Scope, reference};
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::exec::nodes::{
    ExpandSource, ExpandStep, Formula, Operand, ScanRule, ScanStep, Step, StepNode, WindowStep,
};
use crate::plan::{Expansion, ScalarExpr, StepScan, WindowCall};
use crate::types::{RowSchema, Type};

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

/// Runs the steps of a `scan`.
pub fn scan(input: Lowered, scan: &StepScan, schema: &RowSchema) -> Result<Lowered> {
    let mut read = Read {
        args: Args::new(&input),
        schema: &scan.input.schema,
        declared: scan.declared.len(),
        columns: vec![],
        kept: vec![],
    };
    let mut rules = vec![];
    for step in &scan.steps {
        let mut assignments = vec![];
        for (index, expr) in &step.assignments {
            assignments.push((*index, read.formula(expr)?));
        }
        let condition = read.formula(&step.condition)?;
        rules.push(ScanRule { condition, assignments, output: step.output });
    }
    let restart = scan.restart.as_ref().map(|expr| read.column(expr)).transpose()?;
    let through = scan.through.as_ref().map(|expr| read.column(expr)).transpose()?;
    let declared = scan.declared.iter().enumerate();
    let declared = declared.map(|(index, value)| (format!("o{index}"), value.clone())).collect();
    let match_id = scan.match_id.then(|| format!("o{}", scan.declared.len()));
    let outputs = scan.declared.len() + usize::from(scan.match_id);
    let Read { args, columns, kept, .. } = read;
    let step = ScanStep { rules, columns, kept, declared, match_id, restart, through };
    args.step(Step::Scan(step), outputs, schema)
}

/// What the steps of a `scan` read.
struct Read<'a> {
    args: Args<'a>,
    schema: &'a RowSchema,
    /// How many columns are declared.
    declared: usize,
    columns: Vec<(String, Type)>,
    kept: Vec<usize>,
}

impl Read<'_> {
    /// The place of an expression over the row among the columns that are read.
    fn column(&mut self, expr: &ScalarExpr) -> Result<usize> {
        let name = self.args.column(expr)?;
        if let Some(known) = self.columns.iter().position(|(column, _)| *column == name) {
            return Ok(known);
        }
        self.columns.push((name, expr.ty()));
        Ok(self.columns.len() - 1)
    }

    /// An expression of a step; the parts that read only the row become columns.
    fn formula(&mut self, expr: &ScalarExpr) -> Result<Formula> {
        let width = self.schema.len();
        let mut reads_state = false;
        expr.visit(&mut |e| {
            reads_state |= matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
        });
        let all = |read: &mut Self, terms: &[ScalarExpr]| {
            terms.iter().map(|term| read.formula(term)).collect::<Result<Vec<_>>>()
        };
        Ok(match expr {
            ScalarExpr::Literal(value) => Formula::Literal(value.clone()),
            _ if !reads_state => Formula::Column(self.column(expr)?),
            ScalarExpr::Column { index, .. } => {
                let index = index - width;
                let (step, index) =
                    (index / (width + self.declared), index % (width + self.declared));
                if index >= width {
                    return Ok(Formula::Declared { step, index: index - width });
                }
                let ty = self.schema.columns()[index].ty;
                let column = self.column(&ScalarExpr::Column { index, ty })?;
                let index = match self.kept.iter().position(|&kept| kept == column) {
                    Some(known) => known,
                    None => {
                        self.kept.push(column);
                        self.kept.len() - 1
                    }
                };
                Formula::Kept { step, index }
            }
            ScalarExpr::Call(call) => Formula::Call {
                function: call.function,
                overload: call.overload,
                args: all(self, &call.args)?,
                types: call.args.iter().map(ScalarExpr::ty).collect(),
                ty: call.ty,
            },
            ScalarExpr::And(terms) => Formula::And(all(self, terms)?),
            ScalarExpr::Or(terms) => Formula::Or(all(self, terms)?),
            ScalarExpr::Pending { .. } => {
                return Err(Error::Internal("an unanswered probe reached lowering".into()));
            }
        })
    }
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
