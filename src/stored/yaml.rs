//! Parsers as the Sentinel repositories keep them: YAML with a query, names and parameters.

use std::sync::Arc;

use serde::Deserialize;

use super::{Definition, Fault, Place, Stored, Text, function};
use crate::text::Source;

/// The keys that name a function.
const NAMES: &[&str] = &["ParserName", "EquivalentBuiltInParser", "FunctionName", "FunctionAlias"];
/// The keys that hold its body.
const QUERIES: &[&str] = &["ParserQuery", "FunctionQuery"];

/// A parser's file, as far as it matters.
#[derive(Deserialize)]
struct Document {
    #[serde(alias = "FunctionQuery")]
    #[serde(rename = "ParserQuery")]
    query: String,
    #[serde(alias = "FunctionParams", alias = "FunctionParameters")]
    #[serde(rename = "ParserParams", default)]
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Parameters {
    /// As KQL writes them.
    Text(String),
    List(Vec<Parameter>),
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Type")]
    ty: String,
    #[serde(rename = "Default", default)]
    default: Option<Scalar>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
}

/// The functions that a file defines; none if it holds something else.
pub(super) fn index(file: &Arc<str>, text: String) -> Vec<Stored> {
    let text: Arc<str> = text.into();
    let keys = || text.lines().filter_map(|line| line.split_once(':'));
    if !keys().any(|(key, _)| QUERIES.contains(&key)) {
        return vec![];
    }
    let mut names: Vec<&str> = vec![];
    for (_, value) in keys().filter(|(key, _)| NAMES.contains(key)) {
        let value = value.split(" #").next().unwrap_or_default().trim();
        let name = value.trim_matches(['"', '\'']);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let stored = |name| {
        Stored::new(Arc::<str>::from(name), Text::Yaml { file: file.clone(), text: text.clone() })
    };
    names.into_iter().map(stored).collect()
}

/// Reads the function of a file.
pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Definition, Fault> {
    let fault = |message: String| Fault { message, place: Some(file.to_string()) };
    let document: Document = serde_saphyr::from_str(text).map_err(|error| {
        fault(format!(
            "not the YAML of a parser: {}",
            error.to_string().lines().next().unwrap_or_default()
        ))
    })?;
    let parameters = match document.parameters {
        None => String::new(),
        Some(Parameters::Text(text)) => {
            text.trim().trim_start_matches('(').trim_end_matches(')').to_string()
        }
        Some(Parameters::List(list)) => list.iter().map(parameter).collect::<Vec<_>>().join(", "),
    };
    let (lines, columns) = query_place(text);
    // The first line holds the parameters and no line of the file.
    let place = Place { file: file.clone(), lines: lines as isize - 1, columns };
    let text = format!("({parameters}) {{\n{}\n}}", document.query);
    let end = text.len() as u32;
    function(Source::new(&**file, text), 0, end, place)
}

/// A parameter as KQL writes it. The default of a text stands in the file without its quotes.
fn parameter(parameter: &Parameter) -> String {
    let ty = parameter.ty.trim();
    let ty = match ty.split_once(':') {
        Some(("table", columns)) => columns,
        _ => ty,
    };
    let default = match &parameter.default {
        None => return format!("{}:{ty}", parameter.name),
        Some(Scalar::Bool(value)) => value.to_string(),
        Some(Scalar::Integer(value)) => value.to_string(),
        Some(Scalar::Real(value)) => value.to_string(),
        Some(Scalar::Text(text)) => text.clone(),
    };
    let quoted = default.len() > 1 && default.starts_with(['"', '\'']);
    let default = match ty {
        "string" if !quoted => format!("@'{}'", default.replace('\'', "''")),
        _ => default,
    };
    format!("{}:{ty}={default}", parameter.name)
}

/// Lines before the query, and its indentation.
fn query_place(text: &str) -> (usize, usize) {
    let key = text
        .lines()
        .position(|line| line.split_once(':').is_some_and(|(key, _)| QUERIES.contains(&key)));
    let Some(key) = key else { return (0, 0) };
    let block = text.lines().nth(key).is_some_and(|line| {
        let value = line.split_once(':').map_or("", |(_, value)| value.trim());
        value.starts_with(['|', '>'])
    });
    if !block {
        return (key, 0);
    }
    let first = text.lines().skip(key + 1).find(|line| !line.trim().is_empty()).unwrap_or("");
    (key + 1, first.len() - first.trim_start().len())
}
