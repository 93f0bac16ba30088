//! Tables of text files: read from the start on every scan, a batch at a time.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result as DfResult;
use datafusion::datasource::TableType;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use super::convert::{Conversion, Reading};
use super::delimited::Beyond;
use super::input::Input;
use super::listing::{Compression, Format, Listed};
use super::{TableHandle, delimited, handle, json, lines};
use crate::error::{Error, Result};
use crate::functions::cells;
use crate::types::arrow::{data_type, schema};
use crate::types::{Column, RowSchema, Type};

/// Batches read ahead of their consumer.
const AHEAD: usize = 2;

/// The columns of a delimited file, all as texts.
pub(super) fn texts(listed: &Listed) -> Result<RowSchema> {
    let ([file], Format::Delimited(delimiter)) = (listed.files.as_slice(), listed.kind.format)
    else {
        return Err(Error::file(&listed.origin, "is not one file of delimited values"));
    };
    let input = Input::open(&file.path, listed.kind.compression)?;
    let columns = delimited::infer(input, delimiter)?;
    Ok(columns.into_iter().map(|column| Column { ty: Type::String, ..column }).collect())
}

/// Opens a table of one text file.
pub(super) fn open(
    name: &Arc<str>,
    listed: &Listed,
    declared: Option<&RowSchema>,
) -> Result<TableHandle> {
    let [file] = listed.files.as_slice() else {
        return Err(Error::Internal(format!("the table `{name}` is not one file")));
    };
    let input = Input::open(&file.path, listed.kind.compression)?;
    let found = match listed.kind.format {
        Format::Delimited(delimiter) => delimited::infer(input, delimiter)?,
        _ => json::infer(input)?,
    };
    let mut columns = declared.map_or_else(Vec::new, |declared| declared.columns().to_vec());
    for column in found {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    if columns.is_empty() {
        return Err(Error::file(&file.path, "holds no columns"));
    }
    let layout = match listed.kind.format {
        Format::Delimited(delimiter) => Layout::Named(delimiter),
        _ => Layout::Json,
    };
    let source = Source { path: file.path.clone(), compression: listed.kind.compression, layout };
    Ok(table(name, source, columns))
}

/// A table of one text file whose columns are known.
pub(super) fn table(name: &Arc<str>, source: Source, columns: Vec<Column>) -> TableHandle {
    let readings = columns
        .iter()
        .map(|column| {
            let reading = Reading {
                ty: column.ty,
                raw: data_type(column.ty),
                conversion: Conversion::Canonical,
            };
            (Arc::clone(&column.name), reading)
        })
        .collect();
    let schema = Arc::new(schema(&RowSchema::new(columns.clone())));
    handle(name, readings, Arc::new(TextTable { source, columns, schema }))
}

/// A text file and how to read it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub path: PathBuf,
    pub compression: Compression,
    pub layout: Layout,
}

/// How a text makes rows.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// Values separated by this byte, names in the first record.
    Named(u8),
    /// Values separated by this byte, in the order of these columns.
    Positional { delimiter: u8, names: Vec<Arc<str>>, skip_first: bool },
    /// Objects whose members are columns.
    Json,
    /// Lines, or the whole text, in one column.
    Lines(lines::Cut),
}

/// Scans a text file. Rows are canonical.
#[derive(Debug)]
struct TextTable {
    source: Source,
    columns: Vec<Column>,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for TextTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let (columns, schema) = match projection {
            Some(positions) => (
                positions.iter().map(|position| self.columns[*position].clone()).collect(),
                Arc::new(self.schema.project(positions)?),
            ),
            None => (self.columns.clone(), Arc::clone(&self.schema)),
        };
        let stream =
            TextStream { source: self.source.clone(), columns, schema: Arc::clone(&schema) };
        Ok(Arc::new(StreamingTableExec::try_new(
            schema,
            vec![Arc::new(stream)],
            None,
            None,
            false,
            limit,
        )?))
    }
}

/// The rows of a text file, only the columns asked for.
#[derive(Debug)]
struct TextStream {
    source: Source,
    columns: Vec<Column>,
    schema: SchemaRef,
}

impl PartitionStream for TextStream {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let size = context.session_config().batch_size();
        let mut builder = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), AHEAD);
        let sender = builder.tx();
        let (source, columns, schema) =
            (self.source.clone(), self.columns.clone(), Arc::clone(&self.schema));
        builder.spawn_blocking(move || {
            let failed = |error| DataFusionError::External(Box::new(error));
            let mut rows = Rows::open(&source, &columns).map_err(failed)?;
            while let Some(batch) = rows.batch(&columns, &schema, size).map_err(failed)? {
                // The consumer has left once nobody receives.
                if sender.blocking_send(Ok(batch)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        builder.build()
    }
}

/// The rows of any kind of text.
pub(super) enum Rows {
    Delimited(delimited::Rows),
    Json(json::Rows),
    Lines(lines::Rows),
}

impl Rows {
    fn open(source: &Source, columns: &[Column]) -> Result<Rows> {
        let input = Input::open(&source.path, source.compression)?;
        Ok(match &source.layout {
            Layout::Named(delimiter) => {
                Rows::Delimited(delimited::Rows::new(input, *delimiter, columns)?)
            }
            Layout::Positional { delimiter, names, skip_first } => {
                Rows::Delimited(delimited::Rows::by_position(
                    input,
                    *delimiter,
                    names,
                    Beyond::Dropped,
                    *skip_first,
                    columns,
                )?)
            }
            Layout::Json => Rows::Json(json::Rows::new(input, columns)),
            Layout::Lines(cut) => Rows::Lines(lines::Rows::new(input, *cut, columns)),
        })
    }

    /// The next `size` rows, or what is left; `None` at the end.
    pub fn batch(
        &mut self,
        columns: &[Column],
        schema: &SchemaRef,
        size: usize,
    ) -> Result<Option<RecordBatch>> {
        let mut out: Vec<cells::Column> =
            columns.iter().map(|column| cells::Column::new(column.ty, size)).collect();
        let mut count = 0;
        while count < size
            && match self {
                Rows::Delimited(rows) => rows.read(&mut out)?,
                Rows::Json(rows) => rows.read(&mut out)?,
                Rows::Lines(rows) => rows.read(&mut out)?,
            }
        {
            count += 1;
        }
        if count == 0 {
            return Ok(None);
        }
        let arrays = out.into_iter().map(cells::Column::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(Some(RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)?))
    }
}
