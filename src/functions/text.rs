//! The text of any argument: what `tostring` gives, as the string functions read it.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use arrow::datatypes::{Decimal256Type, Float64Type, Int32Type, Int64Type};
use serde_json::value::RawValue;

use super::kernel::Args;
use crate::error::{Error, Result};
use crate::types::dynamic::RawValue as Json;
use crate::types::{Decimal, Type, datetime, real, timespan};

/// The texts of one argument, row by row; a constant answers every row alike.
pub struct Texts {
    array: StringViewArray,
    mask: usize,
}

impl Texts {
    /// The text of `row`; a null's is empty.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        self.array.value(row & self.mask)
    }

    /// The text of a constant argument.
    pub fn constant(&self) -> Option<&str> {
        (self.mask == 0 && !self.array.is_empty()).then(|| self.array.value(0))
    }

    /// All texts: one where the argument is constant.
    pub fn array(&self) -> &StringViewArray {
        &self.array
    }
}

impl Args<'_> {
    /// The texts of an argument of any type, as `tostring` spells them; nulls are empty.
    pub fn texts(&self, index: usize) -> Result<Texts> {
        if index >= self.len() {
            return Err(Error::Internal("a required argument is missing".into()));
        }
        let array = text_array(self.array(index), self.ty(index))?;
        Ok(Texts { array, mask: if self.is_scalar(index) { 0 } else { usize::MAX } })
    }
}

/// What `tostring` gives for the values of `array`, whose KQL type is `ty`. No value is null.
pub fn text_array(array: &ArrayRef, ty: Type) -> Result<StringViewArray> {
    if let Some(text) = array.as_string_view_opt() {
        return Ok(match ty {
            Type::Dynamic => dynamic_texts(text),
            _ if text.null_count() == 0 => text.clone(),
            _ => StringViewArray::from_iter_values(text.iter().map(|v| v.unwrap_or(""))),
        });
    }
    let unexpected = || Error::Internal(format!("{ty} cannot be {}", array.data_type()));
    let longs = || array.as_primitive_opt::<Int64Type>().ok_or_else(unexpected);
    Ok(match ty {
        Type::Bool => {
            let values = array.as_boolean_opt().ok_or_else(unexpected)?;
            spell(values, |row, out| out.push_str(bool_text(values.value(row))))
        }
        Type::Int => {
            let values = array.as_primitive_opt::<Int32Type>().ok_or_else(unexpected)?;
            spell(values, |row, out| show(out, values.value(row)))
        }
        Type::Long => {
            let values = longs()?;
            spell(values, |row, out| show(out, values.value(row)))
        }
        Type::Real => {
            let values = array.as_primitive_opt::<Float64Type>().ok_or_else(unexpected)?;
            spell(values, |row, out| out.push_str(&real::format(values.value(row))))
        }
        Type::Decimal => {
            let values = array.as_primitive_opt::<Decimal256Type>().ok_or_else(unexpected)?;
            spell(values, |row, out| show(out, Decimal(values.value(row))))
        }
        Type::DateTime => {
            let values = longs()?;
            spell(values, |row, out| datetime::write(values.value(row), out))
        }
        Type::TimeSpan => {
            let values = longs()?;
            spell(values, |row, out| timespan::write(values.value(row), out))
        }
        Type::String | Type::Guid | Type::Dynamic | Type::Unknown => return Err(unexpected()),
    })
}

/// The text of a dynamic value given as canonical JSON: a string without its quotes, nothing for
/// null, else the JSON itself.
pub fn dynamic_text(json: &str) -> Cow<'_, str> {
    if json == "null" {
        return Cow::Borrowed("");
    }
    Json::new(json).as_string().unwrap_or(Cow::Borrowed(json))
}

/// The elements of a JSON array, each as its JSON text; `None` if `json` is no array.
pub fn json_elements(json: &str) -> Option<Vec<&str>> {
    if !json.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// `True` or `False`.
pub const fn bool_text(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn show(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}

fn dynamic_texts(json: &StringViewArray) -> StringViewArray {
    let plain = json.null_count() == 0 && json.iter().flatten().all(|v| !v.starts_with('"'));
    if plain {
        return json.clone();
    }
    let texts = json.iter().map(|v| v.map_or(Cow::Borrowed(""), dynamic_text));
    let mut builder = StringViewBuilder::with_capacity(json.len());
    texts.for_each(|text| builder.append_value(text));
    builder.finish()
}

fn spell(values: &dyn Array, append: impl Fn(usize, &mut String)) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(values.len());
    let mut text = String::new();
    for row in 0..values.len() {
        text.clear();
        if values.is_valid(row) {
            append(row, &mut text);
        }
        builder.append_value(&text);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Float64Array, Int64Array};

    use super::*;

    fn texts(array: ArrayRef, ty: Type) -> Vec<String> {
        let texts = text_array(&array, ty).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(texts.null_count(), 0);
        texts.iter().flatten().map(str::to_string).collect()
    }

    #[test]
    fn every_type_has_one_spelling() {
        let longs =
            |values: &[Option<i64>]| Arc::new(Int64Array::from(values.to_vec())) as ArrayRef;
        let bools = Arc::new(BooleanArray::from(vec![Some(true), None]));
        assert_eq!(texts(bools, Type::Bool), ["True", ""]);
        assert_eq!(texts(longs(&[Some(-7), None]), Type::Long), ["-7", ""]);
        assert_eq!(texts(longs(&[Some(54_000_000_000)]), Type::TimeSpan), ["01:30:00"]);
        let epoch = longs(&[Some(datetime::UNIX_EPOCH)]);
        assert_eq!(texts(epoch, Type::DateTime), ["1970-01-01T00:00:00.0000000Z"]);
        let reals = Arc::new(Float64Array::from(vec![6.0, f64::NAN]));
        assert_eq!(texts(reals, Type::Real), ["6.0", "NaN"]);
    }

    #[test]
    fn dynamic_strings_lose_their_quotes() {
        let json = [Some(r#""a\"b""#), Some(r#"["a"]"#), Some("true"), None];
        let json: ArrayRef = Arc::new(StringViewArray::from_iter(json));
        assert_eq!(texts(json, Type::Dynamic), ["a\"b", r#"["a"]"#, "true", ""]);
        assert_eq!(dynamic_text("null"), "");
    }
}
