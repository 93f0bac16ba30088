//! Tables of batches in memory.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::memory::MemTable;

use super::{Conversion, FileColumn, TableHandle};
use crate::error::{Error, Result};
use crate::types::{RowSchema, TableSchema};

/// A table over canonical batches with the columns of `schema`, in order.
pub(super) fn table(
    name: Arc<str>,
    schema: RowSchema,
    batches: Vec<RecordBatch>,
) -> Result<TableHandle> {
    let arrow: SchemaRef = Arc::new(crate::types::arrow::schema(&schema));
    let batches = batches
        .into_iter()
        .map(|batch| RecordBatch::try_new(Arc::clone(&arrow), batch.columns().to_vec()))
        .collect::<Result<Vec<_>, _>>()?;
    let provider = MemTable::try_new(arrow, vec![batches])
        .map_err(|error| Error::Internal(error.to_string()))?;
    let columns = schema
        .columns()
        .iter()
        .map(|column| FileColumn {
            name: Arc::clone(&column.name),
            ty: column.ty,
            conversion: Conversion::Canonical,
        })
        .collect();
    let provider: Arc<dyn TableProvider> = Arc::new(provider);
    let schema = Arc::new(TableSchema { name, schema });
    Ok(TableHandle { schema, columns, provider, addressed: None })
}
