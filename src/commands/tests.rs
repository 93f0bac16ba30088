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
    entered(text, &mut Functions::default())
}

fn entered(text: &str, functions: &mut Functions) -> String {
    match answer(&Source::new("q", text), &Database, functions) {
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
    assert!(shown(".show builtin functions").contains("\ncountif,"));
}

#[test]
fn functions_are_stored_shown_and_dropped() {
    let mut functions = Functions::default();
    let mut enter = |text: &str| entered(text, &mut functions);
    let header = "Name,Parameters,Body,Folder,DocString\n";
    let create = ".create function with (folder='a', docstring=\"b\") F(x:long) {\n  x + 1 }";
    let row = format!("{header}F,(x:long),\"{{\n  x + 1 }}\",a,b\n");
    assert_eq!(enter(create), row);
    assert!(enter(create).starts_with("SEM0079"));
    assert_eq!(enter(".create function ifnotexists F() { print 2 }"), row);
    assert_eq!(enter(".show functions"), row);
    assert_eq!(enter(".alter function F() { print 2 }"), format!("{header}F,(),{{ print 2 }},,\n"));
    assert_eq!(
        enter(".create-or-alter function ['a b']() { print 3 };"),
        format!("{header}a b,(),{{ print 3 }},,\n")
    );
    assert_eq!(enter(".show function F"), format!("{header}F,(),{{ print 2 }},,\n"));
    assert_eq!(enter(".drop function F"), "Name\nF\n");
    assert!(enter(".drop function F").starts_with("SEM0260 Span { start: 15, end: 16 }"));
    assert_eq!(enter(".drop function F ifexists"), "Name\n");
    assert!(enter(".alter function F() { print 2 }").starts_with("SEM0260"));
    assert!(enter(".create function strlen() { 1 }").starts_with("SEM0515"));
    assert!(enter(".create function G() { print ( }").starts_with("SYN0002 Span { start: 31"));
}

#[test]
fn a_function_goes_on_to_the_end_of_its_body() {
    assert!(!is_whole(".create function F()"));
    assert!(!is_whole(".create function F() {\n print 1"));
    assert!(is_whole(".create function F() {\n print 1 }"));
    assert!(is_whole(".show tables"));
}

#[test]
fn refuses_by_name_and_place() {
    let refused = shown(".show table 'My Event' schema");
    assert!(refused.starts_with("SEM0100 Span { start: 12, end: 22 } unknown table"), "{refused}");
    assert!(refused.contains("`My Events`"), "{refused}");
    let refused = shown(".alter table T (a:long)");
    assert!(refused.contains("control command `.alter table T` is not supported"), "{refused}");
    assert!(shown(".show tables | count").contains("is not supported"));
}

#[test]
fn commands_start_with_a_dot() {
    assert!(is_command(" // a comment\n .show tables"));
    assert!(!is_command("T | count"));
    assert!(!is_command(".5 + 1"));
    assert!(!is_command("// .show tables"));
}
