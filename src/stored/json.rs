//! One JSON file of many functions: `{"Name": {"params": "(a:long)", "body": "{ … }"}}`.
//!
//! A function without a body declares the columns that it gives, and gives no rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{Definition, Fault, Place, Stored, Text, function};
use crate::text::Source;
use crate::types::{Column, RowSchema, Type};

/// One function of the file.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(alias = "parameters")]
    params: String,
    body: Option<String>,
    /// Whether it may give further columns.
    #[serde(default)]
    open: bool,
    #[serde(default)]
    returns: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The functions of a file.
pub(super) fn index(file: &Arc<str>, text: &str) -> Result<Vec<Stored>, String> {
    let entries: BTreeMap<Arc<str>, Entry> = serde_json::from_str(text)
        .map_err(|error| format!("no JSON of functions with `params` and `body`: {error}"))?;
    let stored = |(name, entry): (Arc<str>, Entry)| {
        Stored::new(name, Text::Json { file: file.clone(), entry })
    };
    Ok(entries.into_iter().map(stored).collect())
}

impl Entry {
    pub(super) fn read(&self, name: &str, file: &Arc<str>) -> Result<Definition, Fault> {
        let params = self.params.trim();
        let params =
            if params.starts_with('(') { params.to_string() } else { format!("({params})") };
        let body = match &self.body {
            Some(body) if body.trim_start().starts_with('{') => body.clone(),
            Some(body) => format!("{{\n{body}\n}}"),
            None => "{}".to_string(),
        };
        let text = format!("{params} {body}");
        let end = text.len() as u32;
        let label: Arc<str> = format!("{file}#{name}").into();
        let place = Place { file: label.clone(), lines: 0, columns: 0 };
        let mut definition = function(Source::new(&*label, text), 0, end, place)?;
        if self.body.is_none() {
            definition.returns = Some(self.columns()?);
            definition.open = self.open;
        }
        Ok(definition)
    }

    fn columns(&self) -> Result<RowSchema, Fault> {
        let columns = self.returns.iter().flatten().map(|(name, ty)| {
            let ty = ty.as_str().unwrap_or_default();
            match Type::from_name(ty) {
                Some(ty) => Ok(Column::new(name.as_str(), ty)),
                None => Err(Fault::new(format!("column `{name}` has the unknown type `{ty}`"))),
            }
        });
        columns.collect()
    }
}
