//! `range`: an arithmetic sequence, made as it is read.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::memory::MemTable;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::TableReference;
use datafusion::datasource::provider_as_source;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{LogicalPlan, TableScanBuilder};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::stream;

use super::relation::{Lowered, project};
use super::scope::reference;
use crate::error::{Error, Result};
use crate::exec::failure;
use crate::functions::kernel::array_of;
use crate::types::{Decimal, RowSchema, Type, Value};

/// Ranges up to so many values are made at once, so that it is known how many they are.
const KEPT: usize = 1024;

/// Lowers a range with both ends included.
pub fn lower(from: &Value, to: &Value, step: &Value, schema: &RowSchema) -> Result<Lowered> {
    let Some(column) = schema.columns().first() else {
        return Err(Error::Internal("a range without a column".into()));
    };
    let progression = Progression::new(from, to, step, column.ty);
    let arrow_schema: SchemaRef = Arc::new(crate::types::arrow::schema(schema));
    let start = Source::batch(&mut progression.clone(), column.ty, KEPT + 1);
    let provider: Arc<dyn TableProvider> = if start.len() <= KEPT {
        let batch = RecordBatch::try_new(arrow_schema.clone(), vec![start]);
        let batch = batch.map_err(|error| failure(error.into()))?;
        Arc::new(MemTable::try_new(arrow_schema, vec![vec![batch]]).map_err(failure)?)
    } else {
        let source = Source { progression, ty: column.ty, schema: arrow_schema.clone() };
        let table = StreamingTable::try_new(arrow_schema, vec![Arc::new(source)]);
        Arc::new(table.map_err(failure)?)
    };
    let name = TableReference::bare("range");
    let provider = provider_as_source(provider);
    let scan = TableScanBuilder::new(name, provider).build().map_err(failure)?;
    let renamed = reference(&column.name).alias(&*column.name);
    let plan = project(LogicalPlan::TableScan(scan), vec![renamed])?;
    Ok(Lowered::canonical(plan, schema))
}

/// Equally distant values.
#[derive(Clone, Debug)]
enum Progression {
    None,
    /// Also datetimes and timespans.
    Whole {
        next: i64,
        last: i64,
        step: i64,
    },
    /// The values are `from + index * step`, so that errors do not add up.
    Real {
        from: f64,
        to: f64,
        step: f64,
        index: u64,
    },
    Decimal {
        next: Decimal,
        last: Decimal,
        step: Decimal,
    },
}

impl Progression {
    fn new(from: &Value, to: &Value, step: &Value, ty: Type) -> Self {
        let made = match ty {
            Type::Real => match (from.as_f64(), to.as_f64(), step.as_f64()) {
                (Some(from), Some(to), Some(step)) if step != 0.0 => {
                    Some(Progression::Real { from, to, step, index: 0 })
                }
                _ => None,
            },
            Type::Decimal => match (from, to, step) {
                (Value::Decimal(next), Value::Decimal(last), Value::Decimal(step))
                    if step.0 != Decimal::from_i64(0).0 =>
                {
                    Some(Progression::Decimal { next: *next, last: *last, step: *step })
                }
                _ => None,
            },
            _ => match (from.as_i64(), to.as_i64(), step.as_i64()) {
                (Some(next), Some(last), Some(step)) if step != 0 => {
                    Some(Progression::Whole { next, last, step })
                }
                _ => None,
            },
        };
        made.unwrap_or(Progression::None)
    }
}

impl Iterator for Progression {
    type Item = Value;

    /// The next value as a long, real or decimal.
    fn next(&mut self) -> Option<Value> {
        let (value, after) = match self {
            Progression::None => return None,
            Progression::Whole { next, last, step } => {
                let past = if *step > 0 { *next > *last } else { *next < *last };
                if past {
                    return None;
                }
                let value = *next;
                let step = *step;
                let after = value.checked_add(step);
                (
                    Value::Long(value),
                    after.map(|next| Progression::Whole { next, last: *last, step }),
                )
            }
            Progression::Real { from, to, step, index } => {
                let value = *from + *step * *index as f64;
                let inside = if *step > 0.0 { value <= *to } else { value >= *to };
                if !inside {
                    return None;
                }
                *index += 1;
                return Some(Value::Real(value));
            }
            Progression::Decimal { next, last, step } => {
                let zero = Decimal::from_i64(0);
                let past = if *step > zero { *next > *last } else { *next < *last };
                if past {
                    return None;
                }
                let value = *next;
                let (last, step) = (*last, *step);
                let after = value.checked_add(step);
                (Value::Decimal(value), after.map(|next| Progression::Decimal { next, last, step }))
            }
        };
        *self = after.unwrap_or(Progression::None);
        Some(value)
    }
}

/// The one partition of a range.
#[derive(Debug)]
struct Source {
    progression: Progression,
    ty: Type,
    schema: SchemaRef,
}

impl Source {
    fn batch(progression: &mut Progression, ty: Type, rows: usize) -> ArrayRef {
        let values: Vec<Value> = progression.by_ref().take(rows).collect();
        array_of(&values, ty)
    }
}

impl PartitionStream for Source {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = context.session_config().batch_size();
        let (ty, schema) = (self.ty, self.schema.clone());
        let batches = stream::unfold(self.progression.clone(), move |mut progression| {
            let array = Source::batch(&mut progression, ty, rows);
            let batch = (!array.is_empty())
                .then(|| RecordBatch::try_new(schema.clone(), vec![array]).map_err(Into::into));
            async move { batch.map(|batch| (batch, progression)) }
        });
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), batches))
    }
}
