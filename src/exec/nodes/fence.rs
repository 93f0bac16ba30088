//! The physical node that holds back filters, and the rule that places it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::filter_pushdown::{
    ChildFilterDescription, FilterDescription, FilterPushdownPhase,
};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
    ReplaceChildrenOptions,
};

use super::exec::external;
use super::node::common_methods;
use crate::error::Error;
use crate::exec::pushdown::GROWTH;

/// Gives the rows of its input and lets pass only filters over some of the columns.
#[derive(Debug)]
struct FenceExec {
    inputs: [Arc<dyn ExecutionPlan>; 1],
    /// Places of the columns that filters may read.
    open: HashSet<usize>,
    properties: Arc<PlanProperties>,
}

impl FenceExec {
    fn new(input: Arc<dyn ExecutionPlan>, open: HashSet<usize>) -> Self {
        let properties = Arc::clone(input.properties());
        Self { inputs: [input], open, properties }
    }
}

impl DisplayAs for FenceExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "FenceExec")
    }
}

impl ExecutionPlan for FenceExec {
    common_methods!();

    fn name(&self) -> &str {
        "Fence"
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(input) => Ok(Arc::new(Self::new(input, self.open.clone()))),
            None => Err(external(Error::Internal("a fence without input".into()))),
        }
    }

    fn gather_filters_for_pushdown(
        &self,
        _phase: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _config: &ConfigOptions,
    ) -> Result<FilterDescription> {
        let child = ChildFilterDescription::from_child_with_allowed_indices(
            &parent_filters,
            self.open.clone(),
            &self.inputs[0],
        )?;
        Ok(FilterDescription::new().with_child(child))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.inputs[0].execute(partition, context)
    }
}

/// Puts a fence over every projection below which a filter on one of its columns would become too
/// large.
#[derive(Debug)]
pub struct Fences;

impl Fences {
    /// DataFusion's rules for physical plans, after this one.
    pub fn before_all() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
        let mut rules = PhysicalOptimizer::new().rules;
        rules.insert(0, Arc::new(Self));
        rules
    }
}

impl PhysicalOptimizerRule for Fences {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(fenced(plan)?.0)
    }

    fn name(&self) -> &str {
        "fences"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// How many nodes columns have that a filter would be given for them; one where none is told.
type Sizes = HashMap<String, usize>;

fn fenced(plan: Arc<dyn ExecutionPlan>) -> Result<(Arc<dyn ExecutionPlan>, Sizes)> {
    let mut below = Sizes::new();
    let mut changed = false;
    let mut children = vec![];
    for child in plan.children() {
        let (new, sizes) = fenced(Arc::clone(child))?;
        changed |= !Arc::ptr_eq(&new, child);
        children.push(new);
        for (name, size) in sizes {
            let known = below.entry(name).or_default();
            *known = size.max(*known);
        }
    }
    let plan = if changed {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        plan.replace_children(children, options)?
    } else {
        plan
    };
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else {
        return Ok((plan, below));
    };
    let mut sizes = Sizes::new();
    let mut open = HashSet::new();
    for (index, column) in projection.expr().iter().enumerate() {
        let size = expanded(&column.expr, &below)?;
        if size <= GROWTH {
            open.insert(index);
            sizes.insert(column.alias.clone(), size);
        }
    }
    let whole = open.len() == projection.expr().len();
    Ok((if whole { plan } else { Arc::new(FenceExec::new(plan, open)) }, sizes))
}

/// The nodes of an expression with those of its columns.
fn expanded(expr: &Arc<dyn PhysicalExpr>, below: &Sizes) -> Result<usize> {
    let mut nodes = 0_usize;
    expr.apply(|node| {
        let column = node.downcast_ref::<Column>();
        let size = column.and_then(|column| below.get(column.name())).copied().unwrap_or(1);
        nodes = nodes.saturating_add(size);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(nodes)
}
