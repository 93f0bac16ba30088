//! The node of the operator `scan`: a machine of steps over rows in order.

use super::{Relation, ScalarExpr};
use crate::types::Value;

/// Steps over the rows of an input. Columns: those of the input, the declared ones, and the number
/// of the match as long if `match_id`.
///
/// Expressions of steps read the row, and behind its columns the state: for each step the columns
/// of its last row, then the declared ones.
#[derive(Clone, Debug)]
pub struct StepScan {
    pub input: Relation,
    pub steps: Vec<ScanRule>,
    /// Default values of the declared columns.
    pub declared: Vec<Value>,
    pub match_id: bool,
    /// Where this is true of a row, everything begins anew.
    pub restart: Option<ScalarExpr>,
    /// Rows for which this is true pass by all steps.
    pub through: Option<ScalarExpr>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct ScanRule {
    pub condition: ScalarExpr,
    /// Declared columns, by position, and what they become.
    pub assignments: Vec<(usize, ScalarExpr)>,
    pub output: ScanOutput,
}

/// Which of the rows that match a step are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanOutput {
    All,
    /// The last one of a run.
    Last,
    None,
}

impl StepScan {
    /// All expressions.
    pub fn exprs(&self) -> impl Iterator<Item = &ScalarExpr> {
        let steps = self.steps.iter().flat_map(|step| {
            std::iter::once(&step.condition).chain(step.assignments.iter().map(|(_, expr)| expr))
        });
        steps.chain(&self.restart).chain(&self.through)
    }
}
