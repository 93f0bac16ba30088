//! Nested Arrow values as JSON text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field};

use super::convert::{Reading, canonicalise, raw};
use crate::error::{Error, Result};
use crate::functions::kernel::value_at;
use crate::types::Type;
use crate::types::dynamic::write_string;

/// Appends the JSON text of one row.
type Write<'a> = Box<dyn Fn(usize, &mut String) + 'a>;

/// Lists, structs and maps as dynamic values. Null members stay, as `null`.
pub(super) fn json(array: &ArrayRef) -> Result<ArrayRef> {
    let write = writer(array, &Field::new("", array.data_type().clone(), true))?;
    let mut builder = StringViewBuilder::with_capacity(array.len());
    let mut out = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
        } else {
            out.clear();
            write(row, &mut out);
            builder.append_value(&out);
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn writer<'a>(array: &'a ArrayRef, field: &Field) -> Result<Write<'a>> {
    let write: Write<'a> = match array.data_type() {
        DataType::Struct(fields) => {
            let Some(values) = array.as_struct_opt() else {
                return Err(mismatch(array));
            };
            let mut members = Vec::with_capacity(fields.len());
            for (field, column) in fields.iter().zip(values.columns()) {
                let mut name = String::new();
                write_string(field.name(), &mut name);
                members.push((name, writer(column, field)?));
            }
            Box::new(move |row, out| {
                out.push('{');
                for (i, (name, write)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    out.push_str(name);
                    out.push(':');
                    write(row, out);
                }
                out.push('}');
            })
        }
        DataType::List(item) => {
            let list = array.as_list_opt::<i32>().ok_or_else(|| mismatch(array))?;
            let write = writer(list.values(), item)?;
            let offsets = list.value_offsets();
            list_writer(write, move |row| (offsets[row] as usize, offsets[row + 1] as usize))
        }
        DataType::LargeList(item) => {
            let list = array.as_list_opt::<i64>().ok_or_else(|| mismatch(array))?;
            let write = writer(list.values(), item)?;
            let offsets = list.value_offsets();
            list_writer(write, move |row| (offsets[row] as usize, offsets[row + 1] as usize))
        }
        DataType::ListView(item) => {
            let list = array.as_list_view_opt::<i32>().ok_or_else(|| mismatch(array))?;
            let write = writer(list.values(), item)?;
            list_writer(write, move |row| {
                let start = list.value_offset(row) as usize;
                (start, start + list.value_size(row) as usize)
            })
        }
        DataType::LargeListView(item) => {
            let list = array.as_list_view_opt::<i64>().ok_or_else(|| mismatch(array))?;
            let write = writer(list.values(), item)?;
            list_writer(write, move |row| {
                let start = list.value_offset(row) as usize;
                (start, start + list.value_size(row) as usize)
            })
        }
        DataType::FixedSizeList(item, size) => {
            let list = array.as_fixed_size_list_opt().ok_or_else(|| mismatch(array))?;
            let write = writer(list.values(), item)?;
            let size = *size as usize;
            list_writer(write, move |row| {
                let start = list.value_offset(row) as usize;
                (start, start + size)
            })
        }
        DataType::Map(..) => {
            let map = array.as_map_opt().ok_or_else(|| mismatch(array))?;
            let key = Reading::of(&Field::new("", map.keys().data_type().clone(), true))?;
            let keys = canonicalise(&raw(map.keys(), &key.raw)?, &key.conversion)?;
            let write =
                writer(map.values(), &Field::new("", map.values().data_type().clone(), true))?;
            let offsets = map.value_offsets();
            Box::new(move |row, out| {
                out.push('{');
                let entries = offsets[row] as usize..offsets[row + 1] as usize;
                for (i, entry) in entries.enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_string(&value_at(&keys, key.ty, entry).text(), out);
                    out.push(':');
                    write(entry, out);
                }
                out.push('}');
            })
        }
        _ => {
            let reading = Reading::of(field)?;
            let values = canonicalise(&raw(array, &reading.raw)?, &reading.conversion)?;
            Box::new(move |row, out| match reading.ty {
                Type::String => {
                    write_string(values.as_string_view_opt().map_or("", |v| v.value(row)), out)
                }
                _ if values.is_null(row) => out.push_str("null"),
                ty => value_at(&values, ty, row).to_dynamic().write_json(out),
            })
        }
    };
    Ok(or_null(array.logical_nulls(), write))
}

fn list_writer<'a>(write: Write<'a>, range: impl Fn(usize) -> (usize, usize) + 'a) -> Write<'a> {
    Box::new(move |row, out| {
        out.push('[');
        let (start, end) = range(row);
        for item in start..end {
            if item > start {
                out.push(',');
            }
            write(item, out);
        }
        out.push(']');
    })
}

fn or_null<'a>(nulls: Option<NullBuffer>, write: Write<'a>) -> Write<'a> {
    match nulls {
        None => write,
        Some(nulls) => {
            Box::new(
                move |row, out| {
                    if nulls.is_null(row) { out.push_str("null") } else { write(row, out) }
                },
            )
        }
    }
}

fn mismatch(array: &ArrayRef) -> Error {
    Error::Internal(format!("an array is not what its type says: {}", array.data_type()))
}
