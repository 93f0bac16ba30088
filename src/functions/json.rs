//! JSON text of arguments: elements of arrays, and any argument as an element.

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};

use super::kernel::{Args, Reader};
use super::scalar::conversion;
use super::udf::evaluate;
use crate::error::{Error, Result};
use crate::types::Type;
use crate::types::dynamic::RawValue;
use crate::types::dynamic::path::elements;

/// One argument of any type as JSON, row by row; a constant answers every row alike.
pub struct Jsons {
    array: StringViewArray,
    mask: usize,
}

impl Jsons {
    /// The JSON text of `row`: `null` where the value is null.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        let row = row & self.mask;
        if self.array.is_valid(row) { self.array.value(row) } else { "null" }
    }
}

impl<'a> Args<'a> {
    /// The values of an argument of any type as elements of a dynamic array.
    pub fn jsons(&self, index: usize) -> Result<Jsons> {
        if index >= self.len() {
            return Err(Error::Internal("a required argument is missing".into()));
        }
        let array = json_array(self.array(index), self.ty(index))?;
        Ok(Jsons { array, mask: if self.is_scalar(index) { 0 } else { usize::MAX } })
    }

    /// The elements of an argument that holds arrays.
    pub fn arrays(&self, index: usize) -> Result<Arrays<'a>> {
        Ok(Arrays { reader: self.reader(index)?, items: Vec::new() })
    }
}

fn json_array(array: &ArrayRef, ty: Type) -> Result<StringViewArray> {
    if ty == Type::Dynamic
        && let Some(text) = array.as_string_view_opt()
    {
        return Ok(text.clone());
    }
    let arrays = [array.clone()];
    let types = [ty];
    let args = Args::new(&arrays, &[false], &types, array.len());
    let result = evaluate(conversion::implicit(Type::Dynamic), 0, &args, Type::Dynamic)?;
    match result.as_string_view_opt() {
        Some(text) => Ok(text.clone()),
        None => Err(Error::Internal("JSON must be text".into())),
    }
}

/// The elements of one argument, row by row, in one reused buffer.
pub struct Arrays<'a> {
    reader: Reader<'a, &'a str>,
    items: Vec<RawValue<'a>>,
}

impl<'a> Arrays<'a> {
    /// The elements of the array in `row`; `None` if there is no array.
    pub fn get(&mut self, row: usize) -> Option<&mut Vec<RawValue<'a>>> {
        let json = self.reader.get(row)?;
        elements(json, &mut self.items).then_some(&mut self.items)
    }

    /// The JSON text of `row`; `None` if it is null.
    pub fn json(&self, row: usize) -> Option<&'a str> {
        self.reader.get(row)
    }
}

/// Appends an array of JSON texts.
pub fn write_array<'a>(items: impl IntoIterator<Item = &'a str>, out: &mut String) {
    out.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(item);
    }
    out.push(']');
}
