//! Matches on their way to batches: row numbers are gathered, then the columns are taken by them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringViewBuilder,
    UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;

use super::pattern::{Element, Kind, Pattern};
use super::search::{Match, Walk};
use crate::error::{Error, Result};
use crate::functions::table::{Output, TableArgs};

/// Matches that wait for their batch.
pub struct Found<'a> {
    pattern: &'a Pattern,
    nodes: &'a RecordBatch,
    edges: &'a RecordBatch,
    schema: SchemaRef,
    /// How many rows a batch has.
    wanted: usize,
    rows: usize,
    node_rows: Vec<Vec<u32>>,
    edge_rows: Vec<Vec<u32>>,
    edge_lists: Vec<Lists>,
    inner_lists: Vec<Lists>,
}

/// Row numbers, several for each match.
#[derive(Default)]
struct Lists {
    items: Vec<u32>,
    ends: Vec<usize>,
}

impl Lists {
    fn push(&mut self, items: impl DoubleEndedIterator<Item = u32>, reversed: bool) {
        match reversed {
            true => self.items.extend(items.rev()),
            false => self.items.extend(items),
        }
        self.ends.push(self.items.len());
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.items[start..end])
    }

    fn clear(&mut self) {
        self.items.clear();
        self.ends.clear();
    }
}

impl<'a> Found<'a> {
    pub fn new(args: &TableArgs<'a>, pattern: &'a Pattern) -> Result<Self> {
        let [nodes, edges] = args.inputs else {
            return Err(Error::Internal("a graph without nodes or edges".into()));
        };
        let lists = || pattern.edges.iter().map(|_| Lists::default()).collect();
        Ok(Self {
            pattern,
            nodes,
            edges,
            schema: args.schema.clone(),
            wanted: args.batch_rows.max(1),
            rows: 0,
            node_rows: vec![vec![]; pattern.nodes.len()],
            edge_rows: vec![vec![]; pattern.edges.len()],
            edge_lists: lists(),
            inner_lists: lists(),
        })
    }

    /// Takes a match; hands over the batch once it is full.
    pub fn push(&mut self, found: &Match, out: &mut dyn Output) -> Result<()> {
        for (rows, &node) in self.node_rows.iter_mut().zip(&found.nodes) {
            rows.push(node);
        }
        for (index, edge) in self.pattern.edges.iter().enumerate() {
            if edge.path.is_some() {
                let walk: &Walk = &found.walks[index];
                self.edge_lists[index].push(walk.edges.iter().copied(), walk.reversed);
                self.inner_lists[index].push(walk.inner(), walk.reversed);
            } else {
                self.edge_rows[index].push(found.edges[index]);
            }
        }
        self.rows += 1;
        if self.rows >= self.wanted { self.flush(out) } else { Ok(()) }
    }

    /// Hands over what waits.
    pub fn flush(&mut self, out: &mut dyn Output) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns = self.pattern.outputs.iter().map(|output| {
            let source = match output.of {
                Element::Edge(_) => self.edges.column(output.column),
                Element::Node(_) | Element::Inner(_) => self.nodes.column(output.column),
            };
            match (output.of, output.kind) {
                (Element::Node(index), _) => gathered(source, &self.node_rows[index]),
                (Element::Edge(index), Kind::Value) => gathered(source, &self.edge_rows[index]),
                (Element::Edge(index), kind) => along(source, &self.edge_lists[index], kind),
                (Element::Inner(index), kind) => along(source, &self.inner_lists[index], kind),
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        self.rows = 0;
        self.node_rows.iter_mut().chain(&mut self.edge_rows).for_each(Vec::clear);
        self.edge_lists.iter_mut().chain(&mut self.inner_lists).for_each(Lists::clear);
        out.send(batch)
    }
}

fn gathered(source: &ArrayRef, rows: &[u32]) -> Result<ArrayRef> {
    Ok(take(source, &UInt32Array::from(rows.to_vec()), None)?)
}

/// One value for the whole of each list.
fn along(source: &ArrayRef, lists: &Lists, kind: Kind) -> Result<ArrayRef> {
    let wrong = || Error::Internal("a column along a path is of the wrong type".into());
    if kind == Kind::Map || kind == Kind::Value {
        let texts = source.as_string_view_opt().ok_or_else(wrong)?;
        let mut builder = StringViewBuilder::with_capacity(lists.ends.len());
        let mut json = String::new();
        for list in lists.iter() {
            json.clear();
            json.push('[');
            for (position, &item) in list.iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                let item = item as usize;
                json.push_str(if texts.is_valid(item) { texts.value(item) } else { "null" });
            }
            json.push(']');
            builder.append_value(&json);
        }
        return Ok(Arc::new(builder.finish()));
    }
    let bools = source.as_boolean_opt().ok_or_else(wrong)?;
    let holds = |item: &u32| bools.is_valid(*item as usize) && bools.value(*item as usize);
    let truths = lists.iter().map(|list| match kind {
        Kind::All => list.iter().all(holds),
        _ => list.iter().any(holds),
    });
    Ok(Arc::new(BooleanArray::from(truths.collect::<Vec<_>>())))
}
