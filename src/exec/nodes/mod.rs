//! Custom plan nodes of two kinds: [`StepNode`] in logical and [`StepExec`] in physical plans, around
//! the steps that DataFusion lacks, [`TableNode`] around table functions, and [`FetchNode`] that reads
//! columns late. All are data.

mod concat;
mod exec;
mod expand;
mod fence;
mod fetch;
mod logical;
mod node;
mod scan;
mod serial;
mod table;
mod window;

pub use fence::Fences;
pub use fetch::{Fetch, FetchNode};
pub use logical::{ExpandSource, ExpandStep, Operand, Step, StepNode, WindowStep};
pub use scan::{Formula, ScanRule, ScanStep};
pub use serial::KeepSerial;
pub use table::{TableCall, TableNode};

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
    vec![Arc::new(NodePlanner)]
}

/// Plans the custom nodes.
struct NodePlanner;

#[async_trait]
impl ExtensionPlanner for NodePlanner {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let Some(node) = node.as_any().downcast_ref::<TableNode>() {
            return Ok(Some(Arc::new(node.physical(physical_inputs))));
        }
        if let (Some(node), [input]) = (node.as_any().downcast_ref::<FetchNode>(), physical_inputs)
        {
            return Ok(Some(Arc::new(node.physical(input.clone()))));
        }
        let (Some(node), [input]) = (node.as_any().downcast_ref::<StepNode>(), physical_inputs)
        else {
            return Ok(None);
        };
        Ok(Some(Arc::new(StepExec::try_new(input.clone(), node.step().clone())?)))
    }
}
