//! Schema files: the columns of tables, written down.
//!
//! These spellings are read:
//!
//! - `{"Table": {"Column": "type"}}`;
//! - `{"Name": …, "Properties": [{"Name": …, "Type": …}]}`, or a list of those, as the Sentinel
//!   repositories keep;
//! - what `.show table T schema as json` prints (`OrderedColumns`);
//! - the tables of a workspace as Azure lists them (`value`, `schema.columns`,
//!   `schema.standardColumns`);
//! - the rows of `T | getschema`, as CSV, TSV, a list of objects or the answer of the query service
//!   (see [`super::schema_rows`]); the table is named by a column or by the file.
//!
//! Types go by their KQL or .NET names in any case.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::listing::plain;
use super::schema_rows;
use crate::error::{Error, Result};
use crate::types::{Column, RowSchema, Type};

/// The tables that a schema file declares.
pub fn read(path: &Path) -> Result<BTreeMap<Arc<str>, RowSchema>> {
    let text = fs::read_to_string(path).map_err(|error| Error::file(path, plain(&error)))?;
    let text = text.trim_start_matches('\u{feff}');
    let table = table_of(path);
    if !text.trim_start().starts_with(['{', '[']) {
        return schema_rows::delimited(path, text, table);
    }
    let document: Value = serde_json::from_str(text)
        .map_err(|error| Error::file(path, format!("not JSON: {error}")))?;
    tables(&document, table).map_err(|message| Error::file(path, message))
}

/// The table that a file is about if it does not say so itself: its name up to the first dot.
fn table_of(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

pub(super) type Parsed<T> = std::result::Result<T, String>;

/// The tables of a document; `table` is the one of rows that name none.
fn tables(document: &Value, table: &str) -> Parsed<BTreeMap<Arc<str>, RowSchema>> {
    if let Some(rows) = schema_rows::of_json(document) {
        return rows?.tables(table);
    }
    match document {
        Value::Array(tables) => tables
            .iter()
            .map(|table| match table.as_object() {
                Some(table) => named_table(table),
                None => Err("expected a list of tables with `Name` and `Properties`".to_string()),
            })
            .collect(),
        Value::Object(tables) if tables.get("value").is_some_and(Value::is_array) => {
            self::tables(&tables["value"], table)
        }
        Value::Object(table) if member(table, &["Name"]).is_some_and(Value::is_string) => {
            named_table(table).map(|table| BTreeMap::from([table]))
        }
        Value::Object(tables) => tables
            .iter()
            .map(|(name, columns)| {
                let Some(columns) = columns.as_object() else {
                    return Err(format!("table `{name}`: expected an object of column types"));
                };
                let columns = columns
                    .iter()
                    .map(|(column, ty)| (column.as_str(), ty.as_str().unwrap_or_default()));
                Ok((name.as_str().into(), schema(name, columns)?))
            })
            .collect(),
        _ => Err("expected an object of tables or a list of them".to_string()),
    }
}

/// A table with its name and its columns as members.
fn named_table(table: &Map<String, Value>) -> Parsed<(Arc<str>, RowSchema)> {
    let Some(name) = member(table, &["Name"]).and_then(Value::as_str) else {
        return Err("a table has no `Name`".to_string());
    };
    let columns = columns_of(table);
    if columns.is_empty() {
        return Err(format!("table `{name}`: expected a list `Properties`"));
    }
    let columns = columns
        .into_iter()
        .flatten()
        .map(|column| {
            let text = |names: &[&str]| {
                column.as_object().and_then(|column| member(column, names)).and_then(Value::as_str)
            };
            match (text(&["Name"]), text(&["CslType", "Type"])) {
                (Some(column), Some(ty)) => Ok((column, ty)),
                _ => Err(format!("table `{name}`: a column lacks its `Name` or its `Type`")),
            }
        })
        .collect::<Parsed<Vec<_>>>()?;
    Ok((name.into(), schema(name, columns)?))
}

/// The lists of columns of a table: one, or those that its maker and the service give it.
fn columns_of(table: &Map<String, Value>) -> Vec<&Vec<Value>> {
    let object = |names| member(table, names).and_then(Value::as_object);
    if let Some(inner) = object(&["Schema"]) {
        let lists = ["StandardColumns", "Columns"].map(|name| member(inner, &[name]));
        return lists.into_iter().flatten().filter_map(Value::as_array).collect();
    }
    if let Some(inner) = object(&["Properties"]) {
        return columns_of(inner);
    }
    let listed = member(table, &["Properties", "OrderedColumns", "Columns"]);
    listed.and_then(Value::as_array).into_iter().collect()
}

/// The member with the first of these names, in any case.
pub(super) fn member<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

pub(super) fn schema<'a>(
    table: &str,
    columns: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Parsed<RowSchema> {
    let mut taken = HashSet::new();
    columns
        .into_iter()
        .map(|(name, ty)| {
            if !taken.insert(name) {
                return Err(format!("table `{table}`: column `{name}` appears twice"));
            }
            let ty = type_from_name(ty).ok_or_else(|| {
                format!("table `{table}`: column `{name}` has the unknown type `{ty}`")
            })?;
            Ok(Column::new(name, ty))
        })
        .collect::<Parsed<Vec<_>>>()
        .map(RowSchema::new)
}

/// The type that a KQL or .NET name means, in any case.
pub(super) fn type_from_name(name: &str) -> Option<Type> {
    let name = name.trim().to_ascii_lowercase();
    let name = name.rsplit('.').next().unwrap_or_default();
    Type::from_name(name).or(match name {
        // `System.SByte` is how Kusto names bool.
        "sbyte" => Some(Type::Bool),
        "int32" | "int16" | "uint16" | "byte" => Some(Type::Int),
        "uint32" | "uint64" => Some(Type::Long),
        "single" | "float" => Some(Type::Real),
        "sqldecimal" => Some(Type::Decimal),
        "datetimeoffset" => Some(Type::DateTime),
        "uuid" => Some(Type::Guid),
        "object" => Some(Type::Dynamic),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parsed<String> {
        let tables = tables(&serde_json::from_str(text).unwrap(), "File")?;
        let texts = tables.iter().map(|(name, schema)| {
            let columns = schema.columns().iter().map(|c| format!("{}:{}", c.name, c.ty));
            format!("{name}({})", columns.collect::<Vec<_>>().join(" "))
        });
        Ok(texts.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn spellings() {
        let expected = Ok("T(a:string b:datetime) U(c:dynamic)".to_string());
        assert_eq!(
            parse(r#"{"T": {"a": "String", "b": "DateTime"}, "U": {"c": "dynamic"}}"#),
            expected
        );
        assert_eq!(
            parse(
                r#"[{"Name": "T", "Properties": [{"Name": "a", "Type": "string"},
                    {"name": "b", "type": "System.DateTime"}]},
                    {"Name": "U", "OrderedColumns": [{"Name": "c", "Type": "System.Object"}]}]"#
            ),
            expected
        );
        assert_eq!(
            parse(r#"{"name": "T", "properties": [{"Name": "x", "Type": "SByte"}]}"#),
            Ok("T(x:bool)".to_string())
        );
        assert_eq!(
            parse(
                r#"{"value": [{"name": "T", "properties": {"plan": "Analytics", "schema": {
                    "standardColumns": [{"name": "b", "type": "dateTime"}],
                    "columns": [{"name": "a", "type": "string"}]}}}]}"#
            ),
            Ok("T(b:datetime a:string)".to_string())
        );
    }

    #[test]
    fn rows_of_getschema() {
        assert_eq!(
            parse(
                r#"[{"ColumnName": "b", "ColumnOrdinal": "1", "ColumnType": "long",
                     "TableName": "PrimaryResult"},
                    {"ColumnName": "a", "ColumnOrdinal": "0", "DataType": "System.String",
                     "TableName": "PrimaryResult"}]"#
            ),
            Ok("File(a:string b:long)".to_string())
        );
        assert_eq!(
            parse(
                r#"{"tables": [{"name": "PrimaryResult", "columns": [{"name": "TableName"},
                    {"name": "ColumnName"}, {"name": "ColumnType"}],
                    "rows": [["U", "c", "dynamic"], ["T", "a", "string"], ["T", "b", "date"]]}]}"#
            ),
            Ok("T(a:string b:datetime) U(c:dynamic)".to_string())
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("T.getschema.csv");
        fs::write(
            &path,
            "\u{feff}ColumnName,ColumnOrdinal,DataType,ColumnType\na,0,System.Double,real\n",
        )
        .unwrap();
        let tables = read(&path).unwrap();
        assert_eq!(tables["T"].columns(), [Column::new("a", Type::Real)]);
        fs::write(&path, "a,b\n1,2\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.ends_with("expected columns `ColumnName` and `ColumnType`"), "{error}");
    }

    #[test]
    fn types() {
        for (name, ty) in [
            ("Bool", Type::Bool),
            ("Boolean", Type::Bool),
            ("System.SByte", Type::Bool),
            ("Int32", Type::Int),
            ("int", Type::Int),
            ("Int64", Type::Long),
            ("Long", Type::Long),
            ("Double", Type::Real),
            ("REAL", Type::Real),
            ("System.Data.SqlTypes.SqlDecimal", Type::Decimal),
            ("TimeSpan", Type::TimeSpan),
            ("Guid", Type::Guid),
            ("Object", Type::Dynamic),
        ] {
            assert_eq!(type_from_name(name), Some(ty), "{name}");
        }
        assert_eq!(type_from_name("varchar"), None);
    }

    #[test]
    fn defects() {
        for (text, message) in [
            (r#"{"T": {"a": "varchar"}}"#, "table `T`: column `a` has the unknown type `varchar`"),
            (r#"{"T": 1}"#, "table `T`: expected an object of column types"),
            (r#"[{"Name": "T"}]"#, "table `T`: expected a list `Properties`"),
            (
                r#"[{"Name": "T", "Properties": [{"Name": "a"}]}]"#,
                "table `T`: a column lacks its `Name` or its `Type`",
            ),
            (
                r#"[{"Name": "T", "Properties": [{"Name": "a", "Type": "int"}, {"Name": "a", "Type": "int"}]}]"#,
                "table `T`: column `a` appears twice",
            ),
            ("1", "expected an object of tables or a list of them"),
        ] {
            assert_eq!(parse(text), Err(message.to_string()));
        }
    }
}
