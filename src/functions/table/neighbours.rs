//! Kernels over rows in order: those near a condition, and percentiles of a rolling window.

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;

use super::axis::{self, Axis, Instant};
use super::events::{input, send};
use super::groups::Groups;
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::functions::aggregate::percentile::rank;
use crate::types::Value;

/// The rows near those for which the last column is true. Constants: how many rows before and after
/// one are near it.
pub static ROWS_NEAR: TableFunction = TableFunction { name: "rows_near", kernel: rows_near };

/// Percentiles of the second column in a window of bins of the first one, for each group by the
/// other columns. Constants: the length of a bin, how many make a window, the percentage.
pub static ROLLING_PERCENTILE: TableFunction =
    TableFunction { name: "rolling_percentile", kernel: rolling_percentile };

fn rows_near(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let input = input(args, 0)?;
    let Some((marks, columns)) = input.columns().split_last() else { return Ok(()) };
    let marks = marks.as_boolean_opt();
    let marks = marks.ok_or_else(|| Error::Internal("a condition is no bool".into()))?;
    let count = |index: usize| {
        let count = args.constants.get(index).and_then(Value::as_i64).unwrap_or(0);
        usize::try_from(count).unwrap_or(0)
    };
    let (before, after) = (count(0), count(1));
    let mut near: Vec<u32> = vec![];
    let mut next = 0;
    for row in (0..input.num_rows()).filter(|row| marks.is_valid(*row) && marks.value(*row)) {
        let from = row.saturating_sub(before).max(next);
        next = row.saturating_add(after).saturating_add(1).min(input.num_rows()).max(next);
        near.extend(from as u32..next as u32);
    }
    let near = UInt32Array::from(near);
    let columns = columns.iter().map(|column| take(column, &near, None));
    send(args, out, columns.collect::<Result<_, _>>()?)
}

fn rolling_percentile(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let input = input(args, 0)?;
    let rows = input.num_rows();
    out.reserve(rows * 48)?;
    let times = axis::instants(input.column(0))?;
    let zero = match times.first() {
        Some(Instant::Real(_)) => Instant::Real(0.0),
        _ => Instant::Whole(0),
    };
    let constant = |index: usize| {
        args.constants.get(index).ok_or_else(|| Error::Internal("a window without size".into()))
    };
    let axis = Axis::new(zero, constant(0)?)?;
    let width = constant(1)?.as_i64().unwrap_or(1).max(1);
    let percentage = constant(2)?.as_f64().unwrap_or(50.0);
    let values = input.column(1);
    let ranks = Groups::new(std::slice::from_ref(values), rows)?;
    let dimensions = &input.columns()[2..];
    let groups = Groups::new(dimensions, rows)?;
    let mut ordered: Vec<(u32, i64, u32)> = (0..rows)
        .filter(|row| values.is_valid(*row))
        .map(|row| (groups.of_row[row], axis.bin(times[row]), ranks.of_row[row]))
        .collect();
    ordered.sort_unstable();
    let last = ordered.iter().map(|(_, bin, _)| *bin).max().unwrap_or(0);
    let (mut starts, mut found_groups, mut found): (Vec<Instant>, Vec<u32>, Vec<u32>) =
        (vec![], vec![], vec![]);
    for group in ordered.chunk_by(|a, b| a.0 == b.0) {
        let (mut from, mut to) = (0, 0);
        let mut bin = group[0].1;
        while bin <= last {
            while to < group.len() && group[to].1 <= bin {
                to += 1;
            }
            while from < to && group[from].1 <= bin.saturating_sub(width) {
                from += 1;
            }
            if from == to {
                // An empty window: the next one with rows ends with the next row's bin.
                match group.get(to) {
                    Some((_, next, _)) => bin = *next,
                    None => break,
                }
                continue;
            }
            out.check()?;
            out.reserve(32)?;
            let mut window: Vec<u32> = group[from..to].iter().map(|(_, _, rank)| *rank).collect();
            let nth = (rank(percentage, window.len() as f64) as usize).min(window.len()) - 1;
            let (_, value, _) = window.select_nth_unstable(nth);
            starts.push(axis.start(bin));
            found_groups.push(group[0].0);
            found.push(*value);
            bin += 1;
        }
    }
    let mut columns: Vec<ArrayRef> = vec![axis::column(&starts, args.schema.field(0).data_type())];
    for dimension in dimensions {
        columns.push(groups.values(dimension, &found_groups)?);
    }
    columns.push(ranks.values(values, &found)?);
    send(args, out, columns)
}
