//! Custom plan nodes: one kind, [`StepNode`] in logical and [`StepExec`] in physical plans, around
//! the steps that DataFusion lacks. Steps are data.

mod exec;
mod expand;
mod logical;
mod serial;
mod window;

pub use logical::{ExpandSource, ExpandStep, Operand, Step, StepNode, WindowStep};
pub use serial::KeepSerial;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use exec::StepExec;

/// The planners of all custom nodes.
pub fn planners() -> Vec<Arc<dyn ExtensionPlanner + Send + Sync>> {
    vec![Arc::new(StepPlanner)]
}

/// Plans [`StepNode`]s.
struct StepPlanner;

#[async_trait]
impl ExtensionPlanner for StepPlanner {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(node), [input]) = (node.as_any().downcast_ref::<StepNode>(), physical_inputs)
        else {
            return Ok(None);
        };
        Ok(Some(Arc::new(StepExec::try_new(input.clone(), node.step().clone())?)))
    }
}
