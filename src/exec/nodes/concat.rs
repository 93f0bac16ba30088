//! The physical node that puts streams one after the other, which is what keeps the rows of a union
//! in the order of its parts.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::common::spawn_buffered;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::StreamExt;

use super::node::{common_methods, properties};

/// Batches that a part may run ahead of the one whose turn it is.
const AHEAD: usize = 2;

/// Streams one after the other, in one stream.
#[derive(Debug)]
pub struct ConcatExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl ConcatExec {
    fn new(inputs: Vec<Arc<dyn ExecutionPlan>>, schema: SchemaRef) -> Self {
        let equivalence = EquivalenceProperties::new(schema);
        Self { inputs, properties: properties(equivalence, 1, EmissionType::Incremental) }
    }

    /// The union as a concatenation, if `plan` is one that nothing is lost by: its parts are single
    /// streams, or it is brought together to a single stream anyway. Parts whose common order is
    /// merged above stay as they are.
    pub fn instead_of(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
        let gathered = plan.downcast_ref::<CoalescePartitionsExec>();
        let gathered = gathered.filter(|gathered| gathered.fetch().is_none());
        let union = gathered.map_or(plan, |gathered| gathered.input());
        let parts = union.downcast_ref::<UnionExec>()?.inputs();
        let single =
            |part: &Arc<dyn ExecutionPlan>| part.output_partitioning().partition_count() == 1;
        if union.output_ordering().is_some() || gathered.is_none() && !parts.iter().all(single) {
            return None;
        }
        let inputs = parts.iter().map(|part| match single(part) {
            true => Arc::clone(part),
            false => Arc::new(CoalescePartitionsExec::new(Arc::clone(part))),
        });
        Some(Arc::new(Self::new(inputs.collect(), union.schema())))
    }
}

impl DisplayAs for ConcatExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Concat")
    }
}

impl ExecutionPlan for ConcatExec {
    common_methods!(single);

    fn name(&self) -> &str {
        "Concat"
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(children, self.schema())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let mut parts = vec![];
        for (index, input) in self.inputs.iter().enumerate() {
            let part = input.execute(partition, context.clone())?;
            parts.push(if index == 0 { part } else { spawn_buffered(part, AHEAD) });
        }
        let rows = futures::stream::iter(parts).flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
