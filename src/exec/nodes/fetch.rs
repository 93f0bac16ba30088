//! The custom node that fetches columns of a table late, for rows whose addresses are known.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{FieldRef, Int64Type, Schema};
use datafusion::common::cast::as_primitive_array;
use datafusion::common::{DFSchema, DFSchemaRef, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::TryStreamExt;

use super::exec::external;
use super::node::{common_methods, properties};
use crate::catalog::addressed::{Addressed, FILE, ROW};
use crate::error::Error;

/// Which columns of which table are fetched.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The table's name; with it a plan says what `rows` stands for.
    pub table: String,
    pub rows: Arc<dyn Addressed>,
    /// Positions in the table, and the names that the columns get.
    pub columns: Vec<(usize, String)>,
}

impl Fetch {
    /// The input's columns but for the address, then those fetched.
    fn schema(&self, input: &Schema) -> Schema {
        let stored = self.rows.stored();
        let kept = input.fields().iter().filter(|field| !is_address(field)).cloned();
        let fetched = self.columns.iter().map(|(index, name)| {
            let field = stored.field(*index).clone().with_name(name).with_nullable(true);
            FieldRef::new(field)
        });
        Schema::new(kept.chain(fetched).collect::<Vec<_>>())
    }
}

fn is_address(field: &FieldRef) -> bool {
    field.name() == FILE || field.name() == ROW
}

impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.columns.iter().map(|(_, name)| name.as_str()).collect();
        write!(f, "Fetch {} of {}", names.join(", "), self.table)
    }
}

impl PartialEq for Fetch {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table && self.columns == other.columns
    }
}

impl Eq for Fetch {}

/// A [`Fetch`] in logical plans.
#[derive(Clone, Debug)]
pub struct FetchNode {
    input: LogicalPlan,
    fetch: Fetch,
    schema: DFSchemaRef,
}

impl FetchNode {
    pub fn try_new(input: LogicalPlan, fetch: Fetch) -> Result<Self> {
        let schema = DFSchema::try_from(fetch.schema(input.schema().as_arrow()))?;
        Ok(Self { input, fetch, schema: Arc::new(schema) })
    }

    /// The physical node over the planned input.
    pub fn physical(&self, input: Arc<dyn ExecutionPlan>) -> FetchExec {
        FetchExec::new(input, self.fetch.clone())
    }
}

impl PartialEq for FetchNode {
    fn eq(&self, other: &Self) -> bool {
        self.fetch == other.fetch && self.input == other.input
    }
}

impl Eq for FetchNode {}

impl Hash for FetchNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fetch.columns.hash(state);
        self.input.hash(state);
    }
}

impl PartialOrd for FetchNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for FetchNode {
    fn name(&self) -> &str {
        "Fetch"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
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
        write!(f, "{}", self.fetch)
    }

    fn with_exprs_and_inputs(
        &self,
        _exprs: Vec<Expr>,
        mut inputs: Vec<LogicalPlan>,
    ) -> Result<Self> {
        Self::try_new(inputs.swap_remove(0), self.fetch.clone())
    }
}

/// A [`Fetch`] in physical plans. Rows keep their order, in one stream.
#[derive(Debug)]
pub struct FetchExec {
    /// The rows with their addresses.
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    fetch: Fetch,
    properties: Arc<PlanProperties>,
}

impl FetchExec {
    fn new(input: Arc<dyn ExecutionPlan>, fetch: Fetch) -> Self {
        let schema = Arc::new(fetch.schema(&input.schema()));
        let equivalence = EquivalenceProperties::new(schema);
        let properties = properties(equivalence, 1, EmissionType::Final);
        Self { inputs: vec![input], fetch, properties }
    }
}

impl DisplayAs for FetchExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.fetch)
    }
}

impl ExecutionPlan for FetchExec {
    common_methods!(single);

    fn name(&self) -> &str {
        "Fetch"
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(children.swap_remove(0), self.fetch.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let memory =
            MemoryConsumer::new("Fetch").with_can_spill(false).register(context.memory_pool());
        let mut input = self.inputs[0].execute(partition, context.clone())?;
        let (fetch, schema) = (self.fetch.clone(), self.schema());
        let batch_rows = context.session_config().batch_size();
        let tasks = context.session_config().target_partitions();
        let mut builder = RecordBatchReceiverStreamBuilder::new(schema.clone(), 2);
        let sender = builder.tx();
        builder.spawn(async move {
            let mut batches = vec![];
            while let Some(batch) = input.try_next().await? {
                memory.try_grow(2 * batch.get_array_memory_size())?;
                batches.push(batch);
            }
            let rows = concat_batches(&input.schema(), &batches)?;
            let fetched = fetch.columns(&rows, tasks, &memory).await?;
            let input = rows.schema();
            let kept = input.fields().iter().zip(rows.columns());
            let kept = kept.filter(|(field, _)| !is_address(field)).map(|(_, c)| c.clone());
            let columns = kept.chain(fetched).collect();
            let whole = RecordBatch::try_new(schema, columns)?;
            for start in (0..whole.num_rows()).step_by(batch_rows.max(1)) {
                let part = whole.slice(start, batch_rows.min(whole.num_rows() - start));
                if sender.send(Ok(part)).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        Ok(builder.build())
    }
}

impl Fetch {
    /// The columns for the rows of a batch, in its order.
    async fn columns(
        &self,
        rows: &RecordBatch,
        tasks: usize,
        memory: &MemoryReservation,
    ) -> Result<Vec<ArrayRef>> {
        let (addresses, places) = addresses(rows)?;
        let share = addresses.len().div_ceil(tasks.max(1)).max(1);
        let positions: Vec<usize> = self.columns.iter().map(|(index, _)| *index).collect();
        let mut running = vec![];
        for part in addresses.chunks(share) {
            for rows in part.chunk_by(|a, b| a.0 == b.0) {
                let file = rows[0].0;
                let rows: Vec<u64> = rows.iter().map(|(_, row)| *row).collect();
                let (table, positions) = (self.rows.clone(), positions.clone());
                running
                    .push(tokio::task::spawn_blocking(move || table.rows(file, &rows, &positions)));
            }
        }
        let mut parts = vec![];
        for part in running {
            let part = part.await.map_err(|_| {
                external(Error::Internal("fetching rows stopped unexpectedly".to_string()))
            })?;
            let part = part.map_err(external)?;
            memory.try_grow(2 * part.get_array_memory_size())?;
            parts.push(part);
        }
        let Some(first) = parts.first() else {
            let stored = self.rows.stored();
            let empty = |index: &usize| {
                arrow::array::new_null_array(stored.field(*index).data_type(), places.len())
            };
            return Ok(positions.iter().map(empty).collect());
        };
        let sorted = concat_batches(&first.schema(), &parts)?;
        let places = UInt32Array::from(places);
        let taken = sorted.columns().iter().map(|column| Ok(take(column, &places, None)?));
        taken.collect()
    }
}

/// File and row.
type Address = (usize, u64);

/// The addresses that stand in a batch, sorted and without repetition, and for each row of the
/// batch which of them is its own.
fn addresses(rows: &RecordBatch) -> Result<(Vec<Address>, Vec<Option<u32>>)> {
    let column = |name: &str| -> Result<Int64Array> {
        let column = rows
            .column_by_name(name)
            .ok_or_else(|| external(Error::Internal(format!("no column `{name}`"))))?;
        Ok(as_primitive_array::<Int64Type>(column)?.clone())
    };
    let (files, places) = (column(FILE)?, column(ROW)?);
    let address = |row: usize| {
        files.is_valid(row).then(|| (files.value(row) as usize, places.value(row) as u64))
    };
    let all: Vec<Option<Address>> = (0..rows.num_rows()).map(address).collect();
    let mut sorted: Vec<Address> = all.iter().flatten().copied().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let place = |address: Address| sorted.binary_search(&address).ok().map(|at| at as u32);
    let places = all.into_iter().map(|address| address.and_then(place)).collect();
    Ok((sorted, places))
}
