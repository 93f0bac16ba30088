//! `ipv4_lookup` and `ipv6_lookup`: rows joined by the networks that hold their addresses.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::row::{RowConverter, Rows, SortField};
use hashbrown::HashMap;

use super::events::input;
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::functions::scalar::ip_address::Version;
use crate::types::Value;

/// Every row of the first input, which is streamed, beside the rows of the second whose network
/// holds its address.
///
/// Constants: the version, the columns of the address and of the network, whether rows without
/// network stay, whether the columns of the lookup table come first, how many columns of the
/// lookup table are given, and the pairs of further keys, left and right by turns. Columns of the
/// lookup table behind those given are keys only.
pub static PREFIX_LOOKUP: TableFunction = TableFunction { name: "prefix_lookup", kernel: lookup };

/// By masked address and further keys, the first row of the lookup table, counted from one.
type Places = HashMap<(u128, u32), u32>;

/// The lookup table by the length of its prefixes.
struct Networks {
    lengths: Vec<(u8, Places)>,
    /// For every row the next one with the same network and keys, counted from one.
    next: Vec<u32>,
}

/// Further keys of the lookup table, numbered.
struct Keys {
    converter: RowConverter,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Keys {
    fn rows(&self, columns: &[ArrayRef]) -> Result<Rows> {
        Ok(self.converter.convert_columns(columns)?)
    }
}

fn lookup(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let number = |index: usize| -> Result<usize> {
        let constant = args.constants.get(index).and_then(Value::as_i64);
        constant
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| Error::Internal(format!("constant {index} of a lookup is missing")))
    };
    let version = if number(0)? == 4 { Version::V4 } else { Version::V6 };
    let (address, network) = (number(1)?, number(2)?);
    let (unmatched, table_first, given) = (number(3)? != 0, number(4)? != 0, number(5)?);
    let pairs = (6..args.constants.len()).map(number).collect::<Result<Vec<_>>>()?;
    let (left_keys, right_keys): (Vec<usize>, Vec<usize>) =
        pairs.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();

    let table = input(args, 1)?;
    out.reserve(table.num_rows() * 64)?;
    let columns_at = |batch: &RecordBatch, at: &[usize]| -> Vec<ArrayRef> {
        at.iter().map(|index| Arc::clone(batch.column(*index))).collect()
    };
    let mut keys = None;
    if !right_keys.is_empty() {
        let columns = columns_at(table, &right_keys);
        let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
        keys = Some(Keys { converter: RowConverter::new(fields)?, numbers: HashMap::new() });
    }
    let numbers = match &mut keys {
        None => vec![0; table.num_rows()],
        Some(keys) => {
            let rows = keys.rows(&columns_at(table, &right_keys))?;
            let number = |row: arrow::row::Row| {
                let next = keys.numbers.len() as u32;
                *keys.numbers.entry(row.data().into()).or_insert(next)
            };
            rows.iter().map(number).collect()
        }
    };
    let beside = Beside { table, given, first: table_first };
    let networks = Networks::new(version, table.column(network), &numbers)?;

    while let Some(batch) = out.next()? {
        let addresses = batch.column(address).as_string_view_opt();
        let addresses = addresses.ok_or_else(|| Error::Internal("addresses are no text".into()))?;
        let rows = match &keys {
            Some(keys) => Some(keys.rows(&columns_at(&batch, &left_keys))?),
            None => None,
        };
        let mut left: Vec<u32> = vec![];
        let mut right: Vec<Option<u32>> = vec![];
        for row in 0..batch.num_rows() {
            let key = match (&keys, &rows) {
                (Some(keys), Some(rows)) => keys.numbers.get(rows.row(row).data()).copied(),
                _ => Some(0),
            };
            let before = right.len();
            if let Some(key) = key
                && addresses.is_valid(row)
                && let Some(found) = version.parse(addresses.value(row))
            {
                let bits = found.bits & version.mask(found.prefix);
                networks.holding(version, bits, key, |found| {
                    left.push(row as u32);
                    right.push(Some(found));
                });
            }
            if unmatched && right.len() == before {
                left.push(row as u32);
                right.push(None);
            }
            if right.len() >= args.batch_rows {
                send(args, out, &batch, &beside, (&mut left, &mut right))?;
            }
        }
        send(args, out, &batch, &beside, (&mut left, &mut right))?;
    }
    Ok(())
}

impl Networks {
    fn new(version: Version, column: &ArrayRef, keys: &[u32]) -> Result<Networks> {
        let texts = column.as_string_view_opt();
        let texts = texts.ok_or_else(|| Error::Internal("networks are no text".into()))?;
        let mut lengths: Vec<(u8, Places)> = vec![];
        let mut next = vec![0; texts.len()];
        // From the last row on, so that the chains run forward.
        for row in (0..texts.len()).rev() {
            if texts.is_null(row) {
                continue;
            }
            let Some(network) = version.parse(texts.value(row)) else { continue };
            let index = match lengths.iter().position(|(length, _)| *length == network.prefix) {
                Some(index) => index,
                None => {
                    lengths.push((network.prefix, HashMap::new()));
                    lengths.len() - 1
                }
            };
            let key = (network.bits & version.mask(network.prefix), keys[row]);
            let place = row as u32 + 1;
            next[row] = lengths[index].1.insert(key, place).unwrap_or(0);
        }
        lengths.sort_by_key(|(length, _)| *length);
        Ok(Networks { lengths, next })
    }

    /// Calls `found` for every row whose network holds the address, the widest networks first.
    fn holding(&self, version: Version, bits: u128, key: u32, mut found: impl FnMut(u32)) {
        for (length, rows) in &self.lengths {
            let masked = bits & version.mask(*length);
            let mut place = rows.get(&(masked, key)).copied().unwrap_or(0);
            while place > 0 {
                found(place - 1);
                place = self.next[place as usize - 1];
            }
        }
    }
}

/// How the columns of a lookup table stand beside those that are looked up.
pub struct Beside<'a> {
    pub table: &'a RecordBatch,
    /// How many columns of the lookup table are in the output; those behind them are keys only.
    pub given: usize,
    /// Whether the columns of the lookup table come first.
    pub first: bool,
}

/// Hands over the rows of `batch` that `left` names beside the rows of the lookup table that `right`
/// does, and empties both.
pub fn send(
    args: &TableArgs,
    out: &mut dyn Output,
    batch: &RecordBatch,
    beside: &Beside,
    (left, right): (&mut Vec<u32>, &mut Vec<Option<u32>>),
) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    let left = UInt32Array::from(std::mem::take(left));
    let right = UInt32Array::from(std::mem::take(right));
    let mut columns = vec![];
    for column in batch.columns() {
        columns.push(take(column, &left, None)?);
    }
    let mut others = vec![];
    for column in &beside.table.columns()[..beside.given] {
        others.push(take(column, &right, None)?);
    }
    match beside.first {
        true => others.append(&mut columns),
        false => columns.append(&mut others),
    }
    let columns = if beside.first { others } else { columns };
    out.send(RecordBatch::try_new(Arc::clone(args.schema), columns)?)
}
