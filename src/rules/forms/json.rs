//! JSON into a document tree, with the comments and line breaks in strings that templates may have.

use std::collections::HashSet;

use jsonc_parser::ast::{Object, Value as Read};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Fault;
use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::{Source, Span, Spanned};

/// The value of a JSON text.
pub(super) fn read(source: &Source) -> Result<Node, Fault> {
    let options = ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: true,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed =
        parse_to_ast(source.text(), &CollectOptions::default(), &options).map_err(|error| {
            let message = error.kind().to_string();
            let mut chars = message.chars();
            let first = chars.next().map(|c| c.to_ascii_lowercase());
            let message: String = first.into_iter().chain(chars).collect();
            Fault::new(format!("not JSON: {message}"), span(error.range()))
        })?;
    match &parsed.value {
        Some(value) => node(source, value),
        None => Err(Fault::new("not JSON: the file is empty", Span::default())),
    }
}

fn span(range: Range) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

fn node(source: &Source, read: &Read) -> Result<Node, Fault> {
    let span = span(read.range());
    let plain = |kind| Value::Scalar(Scalar::plain(source.slice(span), kind, span));
    let value = match read {
        Read::StringLit(text) => {
            let inside = Span::new(span.start + 1, span.end - 1);
            let raw = source.slice(inside);
            Value::Scalar(match raw == text.value {
                true => Scalar::plain(raw, Kind::Text, inside),
                false => Scalar::escaped(&*text.value, Kind::Text, raw, inside.start),
            })
        }
        Read::NumberLit(_) => plain(Kind::Number),
        Read::BooleanLit(_) => plain(Kind::Bool),
        Read::NullKeyword(_) => plain(Kind::Null),
        Read::Array(array) => {
            let items = array.elements.iter().map(|item| node(source, item));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Read::Object(object) => Value::Map(entries(source, object)?),
    };
    Ok(Node { span, value })
}

fn entries(source: &Source, object: &Object) -> Result<Vec<Entry>, Fault> {
    let mut entries = vec![];
    let mut names = HashSet::new();
    for property in &object.properties {
        let name = property.name.as_str();
        let place = span(property.name.range());
        if !names.insert(name) {
            return Err(Fault::new(format!("key `{name}` appears twice"), place));
        }
        let key = Spanned::new(name.into(), place);
        entries.push(Entry { key, value: node(source, &property.value)? });
    }
    Ok(entries)
}
