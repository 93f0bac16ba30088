//! The optimizer rule that keeps serial streams whole and unions in order.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::{LexOrdering, OrderingRequirements, PhysicalSortExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
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
            .transform_up(|plan| match ConcatExec::instead_of(&plan) {
                Some(concat) => Ok(Transformed::yes(concat)),
                None => sorted(plan),
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

/// The plan with its inputs sorted where it asks for an order that they lost: a column that is one
/// value in each part of a union orders every part, but not the parts one after the other.
fn sorted(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    let mut inputs = vec![];
    let mut changed = false;
    for (input, required) in plan.children().into_iter().zip(plan.required_input_ordering()) {
        let required = required.map(OrderingRequirements::into_single);
        let ordering = match required {
            Some(required)
                if !input
                    .equivalence_properties()
                    .ordering_satisfy_requirement(required.clone())? =>
            {
                LexOrdering::new(required.into_iter().map(PhysicalSortExpr::from))
            }
            _ => None,
        };
        changed |= ordering.is_some();
        inputs.push(match ordering {
            Some(ordering) => {
                let parts = input.output_partitioning().partition_count();
                let sort = SortExec::new(ordering, Arc::clone(input));
                Arc::new(sort.with_preserve_partitioning(parts > 1)) as _
            }
            None => Arc::clone(input),
        });
    }
    if !changed {
        return Ok(Transformed::no(plan));
    }
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    plan.replace_children(inputs, options).map(Transformed::yes)
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
