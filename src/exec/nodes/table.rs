//! The custom node of table functions: collects its inputs, then streams what the kernel gives.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::Schema;
use datafusion::common::{DFSchema, DFSchemaRef, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::TryStreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use super::exec::external;
use super::node::{common_methods, properties};
use crate::error::Error;
use crate::exec::failure;
use crate::functions::table::{Output, TableArgs, TableFunction};
use crate::types::Value;

/// A call of a table function, without its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableCall {
    pub function: &'static TableFunction,
    pub constants: Vec<Value>,
}

impl fmt::Display for TableCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constants: Vec<String> = self.constants.iter().map(Value::literal).collect();
        write!(f, "TableFunction {}({})", self.function.name, constants.join(", "))
    }
}

/// A [`TableCall`] in logical plans.
#[derive(Clone, Debug)]
pub struct TableNode {
    inputs: Vec<LogicalPlan>,
    call: TableCall,
    schema: DFSchemaRef,
}

impl TableNode {
    pub fn try_new(inputs: Vec<LogicalPlan>, call: TableCall, schema: Schema) -> Result<Self> {
        Ok(Self { inputs, call, schema: Arc::new(DFSchema::try_from(schema)?) })
    }

    /// The physical node over planned inputs.
    pub fn physical(&self, inputs: &[Arc<dyn ExecutionPlan>]) -> TableExec {
        TableExec::new(inputs.to_vec(), self.call.clone(), Arc::clone(self.schema.inner()))
    }
}

impl PartialEq for TableNode {
    fn eq(&self, other: &Self) -> bool {
        self.call == other.call && self.inputs == other.inputs && self.schema == other.schema
    }
}

impl Eq for TableNode {}

impl Hash for TableNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.call.hash(state);
        self.inputs.hash(state);
    }
}

impl PartialOrd for TableNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.inputs.partial_cmp(&other.inputs)
    }
}

impl UserDefinedLogicalNodeCore for TableNode {
    fn name(&self) -> &str {
        "TableFunction"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![]
    }

    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.call)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self { inputs, call: self.call.clone(), schema: Arc::clone(&self.schema) })
    }
}

/// A [`TableCall`] in physical plans. One stream comes out.
#[derive(Debug)]
pub struct TableExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    call: TableCall,
    properties: Arc<PlanProperties>,
}

impl TableExec {
    fn new(inputs: Vec<Arc<dyn ExecutionPlan>>, call: TableCall, schema: Arc<Schema>) -> Self {
        let equivalence = EquivalenceProperties::new(schema);
        Self { inputs, call, properties: properties(equivalence, 1, EmissionType::Final) }
    }
}

impl DisplayAs for TableExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.call)
    }
}

impl ExecutionPlan for TableExec {
    common_methods!(single);

    fn name(&self) -> &str {
        "TableFunction"
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(children, self.call.clone(), self.schema())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let name = self.call.function.name;
        let memory =
            MemoryConsumer::new(name).with_can_spill(false).register(context.memory_pool());
        let streams = self.inputs.iter().map(|input| input.execute(partition, context.clone()));
        let streams = streams.collect::<Result<Vec<_>>>()?;
        let schema = self.schema();
        let call = self.call.clone();
        let batch_rows = context.session_config().batch_size();
        let mut builder = RecordBatchReceiverStreamBuilder::new(schema.clone(), 2);
        let sender = builder.tx();
        builder.spawn(async move {
            let mut inputs = vec![];
            let mut first = None;
            for stream in streams {
                if inputs.is_empty() && call.function.streams() {
                    inputs.push(RecordBatch::new_empty(stream.schema()));
                    first = Some(stream);
                } else {
                    inputs.push(whole(stream, &memory).await?);
                }
            }
            let runtime = Handle::current();
            let run = tokio::task::spawn_blocking(move || {
                let args = TableArgs {
                    inputs: &inputs,
                    constants: &call.constants,
                    schema: &schema,
                    batch_rows,
                };
                (call.function.kernel)(&args, &mut Reader { sender, memory, first, runtime })
            });
            match run.await {
                // The reader has gone: nobody is left to hear of it.
                Ok(Ok(()) | Err(Error::Cancelled)) => Ok(()),
                Ok(Err(error)) => Err(external(error)),
                Err(_) => Err(external(Error::Internal(format!("`{name}` stopped unexpectedly")))),
            }
        });
        Ok(builder.build())
    }
}

/// All rows of a stream in one batch.
async fn whole(
    mut stream: SendableRecordBatchStream,
    memory: &MemoryReservation,
) -> Result<RecordBatch> {
    let mut batches = vec![];
    while let Some(batch) = stream.try_next().await? {
        // Once as it came and once in the whole.
        memory.try_grow(2 * batch.get_array_memory_size())?;
        batches.push(batch);
    }
    Ok(concat_batches(&stream.schema(), &batches)?)
}

/// The receiving end of a kernel's output.
struct Reader {
    sender: Sender<Result<RecordBatch>>,
    memory: MemoryReservation,
    /// The first input, if it comes batch by batch.
    first: Option<SendableRecordBatchStream>,
    runtime: Handle,
}

impl Output for Reader {
    fn send(&mut self, batch: RecordBatch) -> crate::error::Result<()> {
        self.sender.blocking_send(Ok(batch)).map_err(|_| Error::Cancelled)
    }

    fn next(&mut self) -> crate::error::Result<Option<RecordBatch>> {
        match &mut self.first {
            Some(stream) => self.runtime.block_on(stream.try_next()).map_err(failure),
            None => Ok(None),
        }
    }

    fn reserve(&mut self, bytes: usize) -> crate::error::Result<()> {
        self.memory.try_grow(bytes).map_err(failure)
    }

    fn check(&self) -> crate::error::Result<()> {
        if self.sender.is_closed() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
