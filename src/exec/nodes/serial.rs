//! The optimizer rule that keeps serial streams whole and unions in order.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    ReplaceChildrenOptions,
};

use super::concat::ConcatExec;
use super::exec::StepExec;
use super::logical::Step;

/// Takes out the round-robin repartitions that would lose the order of a serial stream: above one
/// as far as its order goes, and below one that has no sort key to restore the order by. Puts the
/// parts of a union one after the other wherever one stream comes of them.
#[derive(Debug)]
pub struct KeepSerial;

impl PhysicalOptimizerRule for KeepSerial {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = plan
            .transform_up(|plan| match spread(&plan) {
                Some(input) if is_serial(input) => Ok(Transformed::yes(input.clone())),
                Some(_) => Ok(Transformed::no(plan)),
                None => Ok(match whole(&plan) {
                    Some(input) => Transformed::yes(input.clone()),
                    None => Transformed::no(plan),
                }),
            })
            .data()?;
        let plan = plan
            .transform_up(|plan| {
                Ok(match ConcatExec::instead_of(&plan) {
                    Some(concat) => Transformed::yes(concat),
                    None => Transformed::no(plan),
                })
            })
            .data()?;
        plan.transform_up(|plan| match step(&plan) {
            Some(Step::Serial) => match unspread(plan.children()[0])? {
                Some(input) => over(plan, input).map(Transformed::yes),
                None => Ok(Transformed::no(plan)),
            },
            _ => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "keep_serial"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn step(plan: &Arc<dyn ExecutionPlan>) -> Option<&Step> {
    plan.downcast_ref::<StepExec>().map(StepExec::step)
}

/// The input of a round-robin repartition.
fn spread(plan: &Arc<dyn ExecutionPlan>) -> Option<&Arc<dyn ExecutionPlan>> {
    let repartition = plan.downcast_ref::<RepartitionExec>()?;
    matches!(repartition.partitioning(), Partitioning::RoundRobinBatch(_))
        .then(|| repartition.input())
}

/// The input of a node that makes one stream of what is one already.
fn whole(plan: &Arc<dyn ExecutionPlan>) -> Option<&Arc<dyn ExecutionPlan>> {
    let input = plan.downcast_ref::<CoalescePartitionsExec>().filter(|c| c.fetch().is_none())?;
    let input = input.input();
    (input.output_partitioning().partition_count() == 1).then_some(input)
}

/// Whether the rows come in the order of a serial stream below.
fn is_serial(plan: &Arc<dyn ExecutionPlan>) -> bool {
    if step(plan).is_some_and(Step::is_serial) {
        return true;
    }
    match (plan.children().as_slice(), plan.maintains_input_order().as_slice()) {
        ([input], [true]) => is_serial(input),
        _ => false,
    }
}

fn over(
    plan: Arc<dyn ExecutionPlan>,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    plan.replace_children(vec![input], options)
}

/// The plan without round-robin repartitions below nodes that keep the order, if there were any.
fn unspread(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(input) = spread(plan) {
        return Ok(Some(unspread(input)?.unwrap_or_else(|| input.clone())));
    }
    match (plan.children().as_slice(), plan.maintains_input_order().as_slice()) {
        ([input], [true]) => match unspread(input)? {
            Some(input) => over(plan.clone(), input).map(Some),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}
