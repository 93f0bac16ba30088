//! The nodes of a graph: one row per key.

use std::collections::HashSet;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::row::{Row, Rows};

use super::adjacency::{Converter, key_count};
use crate::error::Result;
use crate::functions::table::{Output, TableArgs};

pub fn kernel(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let keys = key_count(args.constants.first())?;
    let Some(first) = args.inputs.first() else { return Ok(()) };
    let converter = Converter::new(&first.columns()[..keys])?;
    let rows: Vec<Rows> = args
        .inputs
        .iter()
        .map(|input| converter.rows(&input.columns()[..keys], out))
        .collect::<Result<_>>()?;
    out.reserve(rows.iter().map(Rows::num_rows).sum::<usize>() * size_of::<Row<'_>>())?;
    let mut seen: HashSet<Row<'_>> = HashSet::new();
    for (input, rows) in args.inputs.iter().zip(&rows) {
        let mut kept: Vec<u32> = vec![];
        for (index, key) in rows.iter().enumerate() {
            if seen.insert(key) {
                kept.push(index as u32);
            }
        }
        for kept in kept.chunks(args.batch_rows.max(1)) {
            let indices = UInt32Array::from(kept.to_vec());
            let columns = input.columns().iter().map(|column| take(column, &indices, None));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            out.send(RecordBatch::try_new(args.schema.clone(), columns)?)?;
        }
    }
    Ok(())
}
