//! How much data a plan reads, as far as that is known before it runs.

use datafusion::catalog::memory::MemTable;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::{LogicalPlan, TableScan};

/// Whether all that the plan reads are at most `limit` rows in memory.
pub fn is_small(plan: &LogicalPlan, limit: usize) -> bool {
    let mut left = Some(limit);
    let read = plan.apply(|node| {
        let rows = match node {
            LogicalPlan::Values(values) => Some(values.values.len()),
            LogicalPlan::EmptyRelation(_) => Some(1),
            LogicalPlan::TableScan(scan) => rows_in_memory(scan),
            other => (!other.inputs().is_empty()).then_some(0),
        };
        left = left.zip(rows).and_then(|(left, rows)| left.checked_sub(rows));
        Ok(if left.is_some() { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    read.is_ok() && left.is_some()
}

/// The rows of a table that lies in memory and that nobody writes to.
fn rows_in_memory(scan: &TableScan) -> Option<usize> {
    let provider = source_as_provider(&scan.source).ok()?;
    let table = provider.downcast_ref::<MemTable>()?;
    let mut rows = 0;
    for partition in &table.batches {
        let batches = partition.try_read().ok()?;
        rows += batches.iter().map(|batch| batch.num_rows()).sum::<usize>();
    }
    Some(rows)
}
