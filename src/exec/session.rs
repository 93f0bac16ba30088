//! The DataFusion session: limits, options, planning and running of logical plans.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryReservation, TrackConsumersPool,
};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{
    ExecutionPlan, SendableRecordBatchStream, displayable, execute_stream,
};
use datafusion::prelude::SessionConfig;

use super::nodes::{Fences, KeepSerial};
use super::planner::KqlPlanner;
use super::pushdown::logical_rules;
use super::small::is_small;
use crate::error::{Error, Result};

/// Rows per batch.
const BATCH_ROWS: usize = 8192;

/// What a session may use of the machine.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Bytes of memory for operators that buffer rows; beyond, they spill to disk or fail.
    pub memory: Option<usize>,
    /// Threads that work on one query; all cores by default.
    pub threads: Option<usize>,
    /// Rows per batch; tests make it small.
    pub batch_rows: Option<usize>,
}

/// Plans and runs logical plans under fixed limits.
pub struct Session {
    state: SessionState,
    /// The same in one thread, for little data.
    small: SessionState,
}

impl Session {
    pub fn new(limits: &Limits) -> Result<Self> {
        let threads = limits.threads.unwrap_or_else(cores).max(1);
        let mut config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_batch_size(limits.batch_rows.unwrap_or(BATCH_ROWS))
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(false);
        let options = config.options_mut();
        options.execution.collect_statistics = true;
        options.execution.parquet.schema_force_view_types = true;
        options.execution.parquet.bloom_filter_on_read = true;
        options.optimizer.prefer_hash_join = true;
        // Both sides of the check judge by other rules whether a CASE can be null, and nothing here
        // relies on it (DataFusion 55).
        options.execution.skip_physical_aggregate_schema_check = true;
        // It may give a projection the same column twice (DataFusion 55).
        options.optimizer.enable_leaf_expression_pushdown = false;
        let mut runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(
            DiskManagerBuilder::default().with_mode(DiskManagerMode::OsTmpDirectory),
        );
        if let Some(bytes) = limits.memory {
            let consumers = std::num::NonZeroUsize::MIN.saturating_add(4);
            let pool = TrackConsumersPool::new(FairSpillPool::new(bytes), consumers);
            runtime = runtime.with_memory_pool(Arc::new(pool));
        }
        let runtime = runtime.build_arc().map_err(failure)?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_query_planner(Arc::new(KqlPlanner))
            .with_default_features()
            .with_optimizer_rules(logical_rules())
            .with_physical_optimizer_rules(Fences::before_all())
            .with_physical_optimizer_rule(Arc::new(KeepSerial))
            .build();
        let mut small = state.clone();
        small.config_mut().options_mut().execution.target_partitions = 1;
        Ok(Self { state, small })
    }

    /// An empty share of the memory granted, for what `consumer` keeps.
    pub fn reserve(&self, consumer: &str) -> MemoryReservation {
        MemoryConsumer::new(consumer).register(&self.state.runtime_env().memory_pool)
    }

    /// The state that table providers plan their scans with.
    pub fn state(&self) -> &SessionState {
        &self.state
    }

    /// The plan after DataFusion's optimizer.
    pub fn optimize(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        self.state.optimize(plan).map_err(failure)
    }

    /// The plan as it would run. Over little data it runs in one thread: what would be shared out
    /// keeps the order of the input, so that one answer comes of one query.
    pub async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
        let state = if is_small(plan, BATCH_ROWS) { &self.small } else { &self.state };
        state.create_physical_plan(plan).await.map_err(failure)
    }

    /// Starts a plan. Dropping the stream stops it.
    pub fn start(&self, plan: Arc<dyn ExecutionPlan>) -> Result<SendableRecordBatchStream> {
        execute_stream(plan, self.state.task_ctx()).map_err(failure)
    }
}

/// The text of a logical plan, one line per node.
pub fn logical_text(plan: &LogicalPlan) -> String {
    plan.display_indent().to_string()
}

/// The text of a physical plan, one line per node.
pub fn physical_text(plan: &Arc<dyn ExecutionPlan>) -> String {
    displayable(plan.as_ref()).indent(false).to_string()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a failure of DataFusion means to the user.
pub fn failure(error: DataFusionError) -> Error {
    match error {
        DataFusionError::External(inner) => match inner.downcast::<Error>() {
            Ok(own) => *own,
            Err(other) => Error::Execution(other.to_string()),
        },
        DataFusionError::ArrowError(inner, _) => Error::from(*inner),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
            failure(*inner)
        }
        DataFusionError::Shared(inner) => match Arc::try_unwrap(inner) {
            Ok(inner) => failure(inner),
            Err(shared) => shared_failure(&shared),
        },
        DataFusionError::ResourcesExhausted(message) => Error::Memory(message),
        DataFusionError::ObjectStore(inner) => Error::Execution(inner.to_string()),
        DataFusionError::ParquetError(inner) => Error::Execution(inner.to_string()),
        DataFusionError::IoError(inner) => Error::Execution(inner.to_string()),
        DataFusionError::Execution(message) => Error::Execution(message),
        other => Error::Internal(other.strip_backtrace()),
    }
}

/// Like [`failure`] for an error that several readers hold.
fn shared_failure(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(own) => own.clone(),
            None => Error::Execution(inner.to_string()),
        },
        DataFusionError::ResourcesExhausted(message) => Error::Memory(message.clone()),
        other => Error::Execution(other.strip_backtrace()),
    }
}
