//! Answers and refusals of control commands.

//! Tests of the control commands.

use std::sync::Arc;

use super::*;
use crate::output::{Format, Header, Layout, Stats, writer};
use crate::types::TableSchema;

struct Database;

impl Schemas for Database {
    fn table(&self, _: Option<&str>, table: &str) -> Option<Arc<TableSchema>> {
        let columns = [Column::new("When", Type::DateTime), Column::new("odd name", Type::Dynamic)];
        let schema = columns.into_iter().collect();
        (table == "My Events").then(|| Arc::new(TableSchema { name: table.into(), schema }))
    }

    fn table_names(&self, _: Option<&str>) -> Vec<Arc<str>> {
        vec!["My Events".into()]
    }

    fn has_database(&self, database: &str) -> bool {
        database == "db"
    }

    fn current_database(&self) -> &str {
        "db"
    }
}

fn shown(text: &str) -> String {
    match answer(&Source::new("q", text), &Database) {
        Ok(table) => {
            let mut out = vec![];
            let mut writer = writer(Format::Csv, &mut out, Layout::default());
            writer
                .begin(&Header { schema: &table.schema, name: None, visualization: None })
                .unwrap();
            writer.batch(&table.rows).unwrap();
            writer.finish(&Stats::default()).unwrap();
            drop(writer);
            String::from_utf8(out).unwrap()
        }
        Err(diagnostics) => {
            let found = diagnostics.iter().next().unwrap();
            format!("{} {:?} {} {:?}", found.code, found.span, found.message, found.hints)
        }
    }
}

#[test]
fn shows_tables_and_schemas() {
    assert_eq!(shown(".show tables;"), "TableName,DatabaseName,Columns\nMy Events,db,2\n");
    assert_eq!(
        shown("// which columns?\n.show table ['My Events'] schema"),
        "ColumnName,ColumnOrdinal,DataType,ColumnType\n\
         When,0,System.DateTime,datetime\nodd name,1,System.Object,dynamic\n"
    );
    assert_eq!(
        shown(".show table 'My Events' cslschema"),
        "TableName,Schema,DatabaseName,Folder,DocString\n\
         My Events,\"When:datetime, ['odd name']:dynamic\",db,,\n"
    );
    assert!(shown(".show functions").contains("\ncountif,"));
}

#[test]
fn refuses_by_name_and_place() {
    let refused = shown(".show table 'My Event' schema");
    assert!(refused.starts_with("SEM0100 Span { start: 12, end: 22 } unknown table"), "{refused}");
    assert!(refused.contains("`My Events`"), "{refused}");
    let refused = shown(".create table T (a:long)");
    assert!(refused.contains("control command `.create table T` is not supported"), "{refused}");
    assert!(shown(".show tables | count").contains("is not supported"));
}

#[test]
fn commands_start_with_a_dot() {
    assert!(is_command(" // a comment\n .show tables"));
    assert!(!is_command("T | count"));
    assert!(!is_command(".5 + 1"));
    assert!(!is_command("// .show tables"));
}
