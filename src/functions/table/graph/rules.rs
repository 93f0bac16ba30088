//! What holds for the nodes and edges of a pattern: columns of bools.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};

use super::pattern::Edge;
use crate::error::{Error, Result};

/// A column of bools, or none for "always".
#[derive(Clone, Copy, Default)]
pub struct Filter<'a>(Option<&'a BooleanArray>);

impl<'a> Filter<'a> {
    pub fn new(batch: &'a RecordBatch, column: Option<usize>) -> Result<Self> {
        let Some(column) = column else { return Ok(Self(None)) };
        match batch.column(column).as_boolean_opt() {
            Some(bools) => Ok(Self(Some(bools))),
            None => Err(Error::Internal("a filter of a graph is no bool".into())),
        }
    }

    /// Whether it tells nodes or edges apart at all.
    pub fn is_some(self) -> bool {
        self.0.is_some()
    }

    /// How many of `all` rows it holds for.
    pub fn count(self, all: usize) -> usize {
        self.0.map_or(all, BooleanArray::true_count)
    }

    pub fn holds(self, index: u32) -> bool {
        self.0.is_none_or(|bools| {
            let index = index as usize;
            bools.is_valid(index) && bools.value(index)
        })
    }
}

/// What holds for an edge of the pattern.
pub struct EdgeRules<'a> {
    pub filter: Filter<'a>,
    pub inner: Filter<'a>,
    pub any_edge: Vec<Filter<'a>>,
    pub any_inner: Vec<Filter<'a>>,
}

impl<'a> EdgeRules<'a> {
    pub fn new(edge: &Edge, nodes: &'a RecordBatch, edges: &'a RecordBatch) -> Result<Self> {
        let list = |batch: &'a RecordBatch, columns: &[usize]| {
            let filters = columns.iter().map(|&column| Filter::new(batch, Some(column)));
            filters.collect::<Result<Vec<_>>>()
        };
        let path = edge.path.as_ref();
        Ok(Self {
            filter: Filter::new(edges, edge.filter)?,
            inner: Filter::new(nodes, path.and_then(|path| path.inner))?,
            any_edge: list(edges, path.map_or(&[], |path| &path.any_edge))?,
            any_inner: list(nodes, path.map_or(&[], |path| &path.any_inner))?,
        })
    }
}
