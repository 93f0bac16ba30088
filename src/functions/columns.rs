//! Result columns from fallible rows, for kernels that `map1` … `map5` do not fit.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Builder, StringViewBuilder};

use crate::error::Result;

/// A column of bools without nulls.
pub fn truths(rows: impl ExactSizeIterator<Item = Result<bool>>) -> Result<ArrayRef> {
    let mut bits = BooleanBufferBuilder::new(rows.len());
    for row in rows {
        bits.append(row?);
    }
    Ok(Arc::new(BooleanArray::new(bits.finish(), None)))
}

/// A column of longs.
pub fn longs(rows: impl ExactSizeIterator<Item = Result<Option<i64>>>) -> Result<ArrayRef> {
    let mut builder = Int64Builder::with_capacity(rows.len());
    for row in rows {
        builder.append_option(row?);
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of strings.
pub fn texts<T: AsRef<str>>(rows: impl ExactSizeIterator<Item = Result<T>>) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows.len());
    for row in rows {
        builder.append_value(row?);
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of strings that `write` appends to an empty buffer, row by row.
pub fn written(rows: usize, mut write: impl FnMut(usize, &mut String)) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        write(row, &mut text);
        builder.append_value(&text);
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of dynamic values, as JSON texts.
pub fn dynamics<T: AsRef<str>>(
    rows: impl ExactSizeIterator<Item = Result<Option<T>>>,
) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows.len());
    for row in rows {
        builder.append_option(row?);
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of dynamic values whose JSON text `write` appends to an empty buffer, row by row; a
/// row is null where `write` gives `None` or the text `null`.
pub fn jsons(
    rows: usize,
    mut write: impl FnMut(usize, &mut String) -> Option<()>,
) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        match write(row, &mut text) {
            Some(()) if text != "null" => builder.append_value(&text),
            _ => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}
