//! `.show …`

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringViewArray};

use super::{Table, Word, refused};
use crate::binder::plugins;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::editor::signature::{self, PLUGINS_TITLE};
use crate::functions;
use crate::types::{Schemas, TableSchema, Type};

/// The answer to what follows `.show`; `None` where there is none.
pub(super) fn show(
    texts: &[&str],
    words: &[Word],
    schemas: &dyn Schemas,
) -> Option<Result<Table, Diagnostics>> {
    let of_table = |show: fn(&TableSchema, &str) -> Table| {
        find(&words[1], schemas).map(|table| show(&table, schemas.current_database()))
    };
    Some(match texts {
        ["tables"] => Ok(tables(schemas)),
        ["table", _, "schema"] => of_table(|table, _| columns(table)),
        ["table", _, "cslschema"] => of_table(|table, database| {
            let column = |(name, ty): (&str, Type)| format!("{}:{ty}", bracketed(name));
            let schema: Vec<String> = pairs(table).map(column).collect();
            described(table, database, &schema.join(", "))
        }),
        ["table", _, "schema", "as", "json"] => {
            of_table(|table, database| described(table, database, &json_schema(table)))
        }
        ["databases"] | ["database"] => {
            let current: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
            Ok(Table::new(
                vec![
                    ("DatabaseName", Type::String, strings([schemas.current_database()])),
                    ("IsCurrent", Type::Bool, current),
                ],
                1,
            ))
        }
        ["database", "schema"] | ["databases", "schema"] => Ok(database(schemas)),
        ["builtin", "functions"] => Ok(all_functions()),
        ["version"] => Ok(Table::new(
            vec![
                ("BuildVersion", Type::String, strings([env!("CARGO_PKG_VERSION")])),
                ("ServiceType", Type::String, strings(["kqlite"])),
            ],
            1,
        )),
        _ => return None,
    })
}

fn find(name: &Word, schemas: &dyn Schemas) -> Result<Arc<TableSchema>, Diagnostics> {
    schemas.table(None, &name.text).ok_or_else(|| {
        let message = match schemas.unavailable(&name.text) {
            Some(reason) => format!("table `{}` cannot be read: {reason}", name.text),
            None => format!("unknown table `{}`", name.text),
        };
        let names = schemas.table_names(None);
        let known = names.iter().map(|name| &**name);
        refused(
            Diagnostic::error(codes::UNKNOWN_NAME, name.span, message)
                .suggest("table", &name.text, known),
        )
    })
}

fn tables(schemas: &dyn Schemas) -> Table {
    let names = schemas.table_names(None);
    let columns =
        names.iter().map(|name| schemas.table(None, name).map(|table| table.schema.len() as i64));
    let columns: ArrayRef = Arc::new(Int64Array::from_iter(columns));
    let database = names.iter().map(|_| schemas.current_database());
    Table::new(
        vec![
            ("TableName", Type::String, strings(names.iter().map(|name| &**name))),
            ("DatabaseName", Type::String, strings(database)),
            ("Columns", Type::Long, columns),
        ],
        names.len(),
    )
}

fn columns(table: &TableSchema) -> Table {
    let ordinals: ArrayRef = Arc::new(Int64Array::from_iter_values(0..table.schema.len() as i64));
    Table::new(
        vec![
            ("ColumnName", Type::String, strings(table.schema.names())),
            ("ColumnOrdinal", Type::Long, ordinals),
            ("DataType", Type::String, strings(pairs(table).map(|(_, ty)| ty.clr_name()))),
            ("ColumnType", Type::String, strings(pairs(table).map(|(_, ty)| ty.name()))),
        ],
        table.schema.len(),
    )
}

/// One row about a table, as Kusto's schema commands give it.
fn described(table: &TableSchema, database: &str, schema: &str) -> Table {
    Table::new(
        vec![
            ("TableName", Type::String, strings([&*table.name])),
            ("Schema", Type::String, strings([schema])),
            ("DatabaseName", Type::String, strings([database])),
            ("Folder", Type::String, strings([""])),
            ("DocString", Type::String, strings([""])),
        ],
        1,
    )
}

/// What `.show table T schema as json` and `.create table` answer.
pub(super) fn schema_as_json(table: &TableSchema) -> Table {
    described(table, crate::catalog::DATABASE, &json_schema(table))
}

fn json_schema(table: &TableSchema) -> String {
    let column = |(name, ty): (&str, Type)| serde_json::json!({ "Name": name, "Type": ty.clr_name(), "CslType": ty.name() });
    let columns: Vec<serde_json::Value> = pairs(table).map(column).collect();
    serde_json::json!({ "Name": &*table.name, "OrderedColumns": columns }).to_string()
}

fn database(schemas: &dyn Schemas) -> Table {
    let tables = schemas.table_names(None);
    let tables: Vec<Arc<TableSchema>> =
        tables.iter().filter_map(|name| schemas.table(None, name)).collect();
    let rows: Vec<(&str, &str, Type)> = tables
        .iter()
        .flat_map(|table| pairs(table).map(|(column, ty)| (&*table.name, column, ty)))
        .collect();
    Table::new(
        vec![
            (
                "DatabaseName",
                Type::String,
                strings(rows.iter().map(|_| schemas.current_database())),
            ),
            ("TableName", Type::String, strings(rows.iter().map(|row| row.0))),
            ("ColumnName", Type::String, strings(rows.iter().map(|row| row.1))),
            ("ColumnType", Type::String, strings(rows.iter().map(|row| row.2.name()))),
        ],
        rows.len(),
    )
}

fn all_functions() -> Table {
    let scalars = functions::scalars().map(|f| {
        let signature = signature::scalar(f).into_iter().next().unwrap_or_default();
        (f.name, signature, f.family.title(), f.summary())
    });
    let aggregates = functions::aggregates().map(|f| {
        let signature = signature::aggregate(f).into_iter().next().unwrap_or_default();
        (f.name, signature, functions::def::Family::Aggregates.title(), f.summary())
    });
    let plugins = plugins().map(|p| (p.name, p.syntax.to_string(), PLUGINS_TITLE, p.summary()));
    let rows: Vec<(&str, String, &str, &str)> = scalars.chain(aggregates).chain(plugins).collect();
    Table::new(
        vec![
            ("Name", Type::String, strings(rows.iter().map(|row| row.0))),
            ("Signature", Type::String, strings(rows.iter().map(|row| row.1.as_str()))),
            ("Folder", Type::String, strings(rows.iter().map(|row| row.2))),
            ("DocString", Type::String, strings(rows.iter().map(|row| row.3))),
        ],
        rows.len(),
    )
}

fn pairs(table: &TableSchema) -> impl Iterator<Item = (&str, Type)> {
    table.schema.columns().iter().map(|column| (&*column.name, column.ty))
}

/// A name as KQL reads it: quoted where it is not an identifier.
fn bracketed(name: &str) -> String {
    let plain = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain && !name.is_empty() {
        name.into()
    } else {
        format!("['{}']", name.replace('\'', "\\'"))
    }
}

/// Texts as a column.
pub(super) fn strings<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(values))
}
