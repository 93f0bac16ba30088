//! The custom node of physical plans.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, OrderingRequirements};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::expand::Expand;
use super::logical::Step;
use super::node::{common_methods, properties};
use super::scan::Scan;
use super::window::Window;
use crate::error::Error;

/// A [`Step`] over an input.
#[derive(Debug)]
pub struct StepExec {
    inputs: [Arc<dyn ExecutionPlan>; 1],
    step: Step,
    /// The order in which the input came when the plan was made, which must stay.
    ordering: Option<LexOrdering>,
    properties: Arc<PlanProperties>,
}

impl StepExec {
    pub fn try_new(input: Arc<dyn ExecutionPlan>, step: Step) -> Result<Self> {
        let ordering = match step {
            Step::Serial => input.output_ordering().cloned(),
            Step::Consume | Step::Window(_) | Step::Expand(_) | Step::Scan(_) => None,
        };
        Ok(Self::over(input, step, ordering))
    }

    fn over(input: Arc<dyn ExecutionPlan>, step: Step, ordering: Option<LexOrdering>) -> Self {
        let whole = input.output_partitioning().partition_count() == 1;
        let equivalence = match step {
            Step::Serial if whole => input.equivalence_properties().clone(),
            // New columns stand behind those of the input, whose order stays.
            Step::Window(_) | Step::Expand(_) => EquivalenceProperties::new_with_orderings(
                Arc::new(step.schema(&input.schema())),
                input.output_ordering().cloned(),
            ),
            _ => EquivalenceProperties::new(Arc::new(step.schema(&input.schema()))),
        };
        let partitions = match step {
            Step::Serial | Step::Window(_) | Step::Scan(_) => 1,
            Step::Consume | Step::Expand(_) => input.output_partitioning().partition_count(),
        };
        let properties = properties(equivalence, partitions, EmissionType::Incremental);
        Self { inputs: [input], step, ordering, properties }
    }

    pub fn step(&self) -> &Step {
        &self.step
    }
}

impl DisplayAs for StepExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}Exec", self.step)
    }
}

impl ExecutionPlan for StepExec {
    common_methods!();

    fn name(&self) -> &str {
        self.step.name()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let distribution = match self.step {
            Step::Serial if self.ordering.is_some() => Distribution::SinglePartition,
            Step::Window(_) | Step::Scan(_) => Distribution::SinglePartition,
            Step::Serial | Step::Consume | Step::Expand(_) => Distribution::UnspecifiedDistribution,
        };
        InputDistributionRequirements::new(vec![distribution])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![self.ordering.clone().map(OrderingRequirements::from)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![match self.step {
            // A later sort must not slip below functions of the order before it.
            Step::Consume | Step::Window(_) | Step::Scan(_) => false,
            // One part behind the other is not the order of each part.
            // And a later sort must not slip below the order that is asked of the input.
            Step::Serial => {
                self.ordering.is_none()
                    && self.inputs[0].output_partitioning().partition_count() == 1
            }
            Step::Expand(_) => true,
        }]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![matches!(self.step, Step::Expand(_))]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(input) => {
                Ok(Arc::new(Self::over(input, self.step.clone(), self.ordering.clone())))
            }
            None => Err(external(Error::Internal("a step without input".into()))),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        let [input] = &self.inputs;
        match &self.step {
            Step::Serial => {
                let inputs = (0..input.output_partitioning().partition_count())
                    .map(|index| input.execute(index, context.clone()));
                let inputs = inputs.collect::<Result<Vec<_>>>()?;
                Ok(adapted(schema, stream::iter(inputs).flatten()))
            }
            Step::Consume => {
                let input = input.execute(partition, context)?;
                let none = input.try_filter_map(|_| async { Ok(None) });
                Ok(adapted(schema, none))
            }
            Step::Window(calls) => {
                let work = Window::new(calls.clone(), schema.clone());
                let input = input.execute(partition, context)?;
                Ok(adapted(schema, drive(input, work)))
            }
            Step::Scan(scan) => {
                let work = Scan::new(scan.clone(), schema.clone());
                let input = input.execute(partition, context)?;
                Ok(adapted(schema, drive(input, work)))
            }
            Step::Expand(expand) => {
                let rows = context.session_config().batch_size();
                let work = Expand::new(expand.clone(), schema.clone(), rows);
                let input = input.execute(partition, context)?;
                Ok(adapted(schema, drive(input, work)))
            }
        }
    }
}

/// What a step does with a stream, batch by batch.
pub trait Work: Send + 'static {
    /// Takes the next batch of the input.
    fn push(&mut self, batch: RecordBatch) -> Result<(), Error>;

    /// Learns that the input has ended.
    fn end(&mut self);

    /// The next batch of the output that can be made by now.
    fn pull(&mut self) -> Result<Option<RecordBatch>, Error>;
}

fn drive(
    input: SendableRecordBatchStream,
    work: impl Work,
) -> impl stream::Stream<Item = Result<RecordBatch>> + Send {
    stream::try_unfold((input, work, false), |(mut input, mut work, mut ended)| async move {
        loop {
            if let Some(batch) = work.pull().map_err(external)? {
                return Ok(Some((batch, (input, work, ended))));
            }
            if ended {
                return Ok(None);
            }
            match input.try_next().await? {
                Some(batch) => work.push(batch).map_err(external)?,
                None => {
                    work.end();
                    ended = true;
                }
            }
        }
    })
}

fn adapted(
    schema: SchemaRef,
    batches: impl stream::Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

/// An own error as DataFusion's.
pub fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
