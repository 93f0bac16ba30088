//! The text of any argument: what `tostring` gives, as the string functions read it.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use arrow::datatypes::{Int32Type, Int64Type};
use serde_json::value::RawValue;

use super::kernel::Args;
use crate::error::{Error, Result};
use crate::types::Type;

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
        other => {
            return Err(Error::Execution(format!("the text of a {other} value is not supported")));
        }
    })
}

/// The text of a dynamic value given as JSON: a string without its quotes, else the JSON itself.
pub fn dynamic_text(json: &str) -> Cow<'_, str> {
    let Some(inner) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(json);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    match serde_json::from_str::<String>(json) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(json),
    }
}

/// The elements of a JSON array, each as its JSON text; `None` if `json` is no array.
pub fn json_elements(json: &str) -> Option<Vec<&str>> {
    if !json.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// A text as a dynamic value: the JSON string.
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_json_string(&mut out, text);
    out
}

/// Appends `text` as a JSON string.
pub fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(escape);
        if escape.is_empty() {
            show(out, format_args!("\\u{byte:04x}"));
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
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
    use super::*;

    #[test]
    fn json_strings_escape_what_json_wants() {
        let text = "a\"b\\c\n\u{1}é";
        assert_eq!(json_string(text), r#""a\"b\\c\n\u0001é""#);
        assert_eq!(dynamic_text(&json_string(text)), text);
        assert_eq!(dynamic_text("[\"a\"]"), "[\"a\"]");
    }
}
