//! Results taken out of streams: rows of values, or batches to keep.

use arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use futures::TryStreamExt;

use super::{Session, failure};
use crate::error::Result;
use crate::functions::kernel::value_at;
use crate::types::{RowSchema, Value};

/// The first `limit` rows of a stream as values; the rest is not read.
pub async fn collect(
    mut stream: SendableRecordBatchStream,
    schema: &RowSchema,
    limit: usize,
) -> Result<Vec<Vec<Value>>> {
    let mut rows = vec![];
    while rows.len() < limit
        && let Some(batch) = stream.try_next().await.map_err(failure)?
    {
        let wanted = batch.num_rows().min(limit - rows.len());
        rows.extend((0..wanted).map(|row| values(&batch, schema, row)));
    }
    Ok(rows)
}

/// One row of a batch whose columns are canonical.
pub fn values(batch: &RecordBatch, schema: &RowSchema, row: usize) -> Vec<Value> {
    let columns = batch.columns().iter().zip(schema.columns());
    columns.map(|(array, column)| value_at(array, column.ty, row)).collect()
}

/// The batches of a table in memory, and their share of the memory granted: it is given back when
/// this is dropped.
pub struct Stored {
    pub batches: Vec<RecordBatch>,
    pub reservation: MemoryReservation,
}

/// All batches of a stream, for a table in memory; fails where the memory granted does not suffice.
pub async fn store(session: &Session, mut stream: SendableRecordBatchStream) -> Result<Stored> {
    let reservation = session.reserve("materialize");
    let mut batches = vec![];
    while let Some(batch) = stream.try_next().await.map_err(failure)? {
        reservation.try_grow(batch.get_array_memory_size()).map_err(failure)?;
        batches.push(batch);
    }
    Ok(Stored { batches, reservation })
}
