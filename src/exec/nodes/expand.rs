//! Expanding arrays and property bags to rows.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder,
    RecordBatch, StringViewBuilder, UInt32Array, new_null_array,
};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;

use super::exec::Work;
use super::logical::{ExpandSource, ExpandStep};
use crate::error::{Error, Result};
use crate::types::arrow::data_type;
use crate::types::dynamic::RawValue;
use crate::types::{Type, datetime, guid};

/// The expansion of one stream.
pub struct Expand {
    step: ExpandStep,
    schema: SchemaRef,
    /// About how many rows an output batch has.
    rows: usize,
    batch: Option<RecordBatch>,
    /// The first row of `batch` that is not expanded yet.
    at: usize,
}

impl Expand {
    pub fn new(step: ExpandStep, schema: SchemaRef, rows: usize) -> Self {
        Self { step, schema, rows, batch: None, at: 0 }
    }

    /// Expands rows from `at` on until the batch is full enough.
    fn expand(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let limit =
            self.step.limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let mut columns = vec![];
        for source in &self.step.sources {
            columns.push(Elements::new(source, batch)?);
        }
        let mut sources: Vec<u32> = vec![];
        let mut positions = self.step.position.is_some().then(Int64Builder::new);
        while self.at < batch.num_rows() && sources.len() < self.rows {
            let lists: Vec<_> = columns.iter().map(|column| column.of(self.at)).collect();
            let longest = lists.iter().map(List::len).max().unwrap_or(0).min(limit);
            for (column, list) in columns.iter_mut().zip(lists) {
                column.push(list, longest);
            }
            sources.extend(std::iter::repeat_n(self.at as u32, longest));
            if let Some(positions) = &mut positions {
                (0..longest).for_each(|position| positions.append_value(position as i64));
            }
            self.at += 1;
        }
        let rows = sources.len();
        let indices = UInt32Array::from(sources);
        let mut arrays = vec![];
        for column in batch.columns() {
            arrays.push(take(column, &indices, None)?);
        }
        arrays.extend(columns.into_iter().map(|column| column.finish(rows)));
        arrays.extend(positions.map(|mut positions| Arc::new(positions.finish()) as ArrayRef));
        Ok(RecordBatch::try_new(self.schema.clone(), arrays)?)
    }
}

impl Work for Expand {
    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.at = 0;
        self.batch = Some(batch);
        Ok(())
    }

    fn end(&mut self) {}

    fn pull(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(batch) = self.batch.take() {
            if self.at >= batch.num_rows() {
                return Ok(None);
            }
            let expanded = self.expand(&batch)?;
            self.batch = Some(batch);
            if expanded.num_rows() > 0 {
                return Ok(Some(expanded));
            }
        }
        Ok(None)
    }
}

/// What one value expands to.
enum List<'a> {
    Values(Vec<RawValue<'a>>),
    Members(Vec<(&'a str, RawValue<'a>)>),
    /// A null, which is one row.
    Null,
}

impl List<'_> {
    fn len(&self) -> usize {
        match self {
            List::Values(values) => values.len(),
            List::Members(members) => members.len(),
            List::Null => 1,
        }
    }
}

/// One expanded column in the making.
struct Elements<'a> {
    array: &'a arrow::array::StringViewArray,
    array_pairs: bool,
    ty: Type,
    out: Out,
}

/// Builders of the types that elements convert to.
enum Out {
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Bool(BooleanBuilder),
    Text(StringViewBuilder),
    /// Types that no element converts to.
    Nulls,
}

impl<'a> Elements<'a> {
    fn new(source: &ExpandSource, batch: &'a RecordBatch) -> Result<Self> {
        let array = batch.column_by_name(&source.column);
        let array = array.and_then(|array| array.as_string_view_opt());
        let array = array
            .ok_or_else(|| Error::Internal(format!("`{}` is no dynamic column", source.column)))?;
        let out = match source.ty {
            Type::Int => Out::Int(Int32Builder::new()),
            Type::Long | Type::DateTime => Out::Long(Int64Builder::new()),
            Type::Real => Out::Real(Float64Builder::new()),
            Type::Bool => Out::Bool(BooleanBuilder::new()),
            Type::String | Type::Guid | Type::Dynamic | Type::Unknown => {
                Out::Text(StringViewBuilder::new())
            }
            Type::TimeSpan | Type::Decimal => Out::Nulls,
        };
        Ok(Self { array, array_pairs: source.array_pairs, ty: source.ty, out })
    }

    fn of(&self, row: usize) -> List<'a> {
        if self.array.is_null(row) {
            return List::Null;
        }
        let value = RawValue::new(self.array.value(row));
        if let Some(elements) = value.elements() {
            return List::Values(elements);
        }
        match value.members() {
            Some(members) => List::Members(members),
            None if value.is_null() => List::Null,
            None => List::Values(vec![value]),
        }
    }

    /// Appends the first `rows` of a list, with nulls behind its end.
    fn push(&mut self, list: List<'_>, rows: usize) {
        let length = list.len();
        match list {
            List::Values(values) => values.into_iter().take(rows).for_each(|v| self.append(v)),
            List::Members(members) => {
                for (name, value) in members.into_iter().take(rows) {
                    let json = value.json();
                    let text = if self.array_pairs {
                        format!("[\"{name}\",{json}]")
                    } else {
                        format!("{{\"{name}\":{json}}}")
                    };
                    self.append(RawValue::new(&text));
                }
            }
            List::Null => (0..rows.min(1)).for_each(|_| self.append_null()),
        }
        (length..rows).for_each(|_| self.append_null());
    }

    fn append(&mut self, value: RawValue<'_>) {
        let json = value.json();
        let number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let text = || value.is_string().then(|| value.as_string()).flatten();
        match &mut self.out {
            Out::Int(out) => out.append_option(number.then(|| value.as_int()).flatten()),
            Out::Long(out) if self.ty == Type::DateTime => {
                out.append_option(text().and_then(|text| datetime::parse(&text)));
            }
            Out::Long(out) => out.append_option(number.then(|| value.as_long()).flatten()),
            Out::Real(out) => out.append_option(number.then(|| value.as_real()).flatten()),
            Out::Bool(out) => out.append_option(match json {
                "true" => Some(true),
                "false" => Some(false),
                _ if number && !json.contains(['.', 'e', 'E']) => {
                    Some(value.as_real() != Some(0.0))
                }
                _ => None,
            }),
            Out::Text(out) => match self.ty {
                Type::String => out.append_value(value.to_kql_string()),
                Type::Guid => out.append_option(text().and_then(|text| guid::parse(&text))),
                _ => out.append_option((!value.is_null()).then_some(json)),
            },
            Out::Nulls => {}
        }
    }

    fn append_null(&mut self) {
        match &mut self.out {
            Out::Int(out) => out.append_null(),
            Out::Long(out) => out.append_null(),
            Out::Real(out) => out.append_null(),
            Out::Bool(out) => out.append_null(),
            Out::Text(out) if self.ty == Type::String => out.append_value(""),
            Out::Text(out) => out.append_null(),
            Out::Nulls => {}
        }
    }

    fn finish(self, rows: usize) -> ArrayRef {
        match self.out {
            Out::Int(mut out) => Arc::new(out.finish()),
            Out::Long(mut out) => Arc::new(out.finish()),
            Out::Real(mut out) => Arc::new(out.finish()),
            Out::Bool(mut out) => Arc::new(out.finish()),
            Out::Text(mut out) => Arc::new(out.finish()),
            Out::Nulls => new_null_array(&data_type(self.ty), rows),
        }
    }
}
