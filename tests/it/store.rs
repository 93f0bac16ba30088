//! Commands that change tables, in a folder of their own.

use std::fs;
use std::path::Path;

use kqlite::commands;
use kqlite::engine::{Engine, Memory, Options, Request, ResultStream};
use kqlite::text::Source;
use tempfile::{TempDir, tempdir};

use crate::answers::{csv, or_message};

/// An engine over a folder that it may change.
struct Database {
    folder: TempDir,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Database {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        Database {
            engine: open(folder.path()),
            folder,
            runtime: tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap(),
        }
    }

    /// The answer to a command or query as CSV, or the first message of the refusal.
    fn ask(&self, text: &str) -> String {
        let request = Request::new(Source::new("q", text));
        let memory = Memory::default();
        or_message(self.runtime.block_on(async {
            let results = if commands::is_command(text) {
                let answer = commands::run(&self.engine, &request, &memory).await?;
                let stream = Box::pin(futures::stream::iter([Ok(answer.rows)]));
                vec![ResultStream {
                    schema: answer.schema,
                    name: None,
                    visualization: None,
                    stream,
                }]
            } else {
                self.engine.run_with(&request, &memory).await?.results
            };
            csv(results).await
        }))
    }

    fn files(&self, table: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(table)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".parquet")).collect();
        names.sort();
        names
    }
}

fn open(folder: &Path) -> Engine {
    Engine::open(Options { write: Some(folder.to_path_buf()), ..Options::default() }).unwrap()
}

#[test]
fn rows_come_and_go() {
    let db = Database::new();
    db.ask(".create table T (a:string, ['b c']:long)");
    assert_eq!(db.ask("T"), "a,b c\n");
    db.ask(".ingest inline into table T <|\nx,1\n\"y, z\",2\nonly");
    assert_eq!(db.ask("T | sort by a asc"), "a,b c\nonly,\nx,1\n\"y, z\",2\n");
    db.ask(".ingest inline into table T [v,7]\n[w,8]");
    db.ask(".append T <| print s = 'q', n = 9");
    assert_eq!(db.ask("T | summarize count(), sum(['b c'])"), "count_,sum_b c\n6,27\n");
    assert_eq!(db.files("T").len(), 3);
    db.ask(".set-or-replace T <| T | where a == 'q'");
    assert_eq!(db.ask("T"), "a,b c\nq,9\n");
    assert_eq!(db.files("T").len(), 1, "replaced files are gone");
    db.ask(".clear table T data");
    assert_eq!(db.ask("T"), "a,b c\n");
    db.ask(".create-merge table T (d:datetime)");
    assert_eq!(db.ask("T"), "a,b c,d\n");
    db.ask(".drop table T");
    assert_eq!(db.ask("T"), "unknown table `T`");
    assert!(!db.folder.path().join("T").exists());
}

#[test]
fn every_type_survives() {
    let db = Database::new();
    let row = "print b = true, i = int(1), l = 2, r = 1.5, m = decimal(0.1), s = 'x', \
               t = datetime(2020-01-02 03:04:05.6), p = 1.5h, \
               g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), d = dynamic({\"a\": [1]})";
    db.ask(&format!(".set T <| {row}"));
    assert_eq!(db.ask("T"), db.ask(row));
    assert_eq!(db.ask("T | getschema"), db.ask(&format!("{row} | getschema")));
}

#[test]
fn instants_keep_seven_digits() {
    let db = Database::new();
    db.ask(".set T <| print t = datetime(2020-01-01 00:00:00.123456)");
    db.ask(".append T <| print t = datetime(2020-01-01 00:00:00.1234567)");
    db.ask(".append T <| print t = datetime(2020-01-01)");
    assert_eq!(
        db.ask("T | sort by t asc"),
        "t\n2020-01-01T00:00:00.0000000Z\n2020-01-01T00:00:00.1234560Z\n\
         2020-01-01T00:00:00.1234567Z\n"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let db = Database::new();
    db.ask(".set T <| print a = 1");
    for (command, message) in [
        (".set T <| print a = 1", "table `T` exists already"),
        (".append U <| print a = 1", "there is no table `U`"),
        (".append T <| print a = 's'", "column `a` of `T` is long; the query gives `a`"),
        (".append T <| print 1, 2", "table `T` has 1 columns, the query 2"),
        (".append T <| print x", "unknown name `x`"),
        (".append async T <| print 1", "`async` is not supported"),
        (".append T with (tags='x') <| print 1", "property `tags` is not supported here"),
        (".append T", "`<|` is expected"),
        (".ingest inline into table T <|\n1,2", "inline data: line 1: 2 values for 1 columns"),
        (".set ['../x'] <| print 1", "`../x` cannot be the name of a table"),
        (".export to csv ('../x') <| T", "outside the folder opened for writing"),
        (".export to csv ('https://x/y') <| T", "only folders of this machine"),
        (".drop table U", "there is no table `U`"),
    ] {
        let answer = db.ask(command);
        assert!(answer.contains(message), "{command}: {answer}");
    }
    assert_eq!(db.ask("T"), "a\n1\n");
    assert!(!db.folder.path().join("U").exists());
    let reader = Database { engine: Engine::open(Options::default()).unwrap(), ..db };
    assert!(reader.ask(".set V <| print 1").contains("`--write DIR`"));
}

#[test]
fn what_a_crash_leaves_is_no_data() {
    let db = Database::new();
    db.ask(".set T <| print a = 1");
    let folder = db.folder.path().join("T");
    let part = folder.join(&db.files("T")[0]);
    // Written, but the manifest was never replaced.
    fs::copy(&part, folder.join("part-stray.parquet")).unwrap();
    fs::write(folder.join(".part-x.abc.partial"), "half").unwrap();
    let after = Database { engine: open(db.folder.path()), ..db };
    assert_eq!(after.ask("T"), "a\n1\n");
    after.ask(".append T <| print a = 2");
    assert_eq!(after.ask("T | summarize sum(a)"), "sum_a\n3\n");
    assert_eq!(after.files("T").len(), 2, "what no manifest names is swept");
    assert!(!folder.join(".part-x.abc.partial").exists());
}

#[test]
fn one_process_changes_a_table_at_a_time() {
    let db = Database::new();
    db.ask(".set T <| print a = 1");
    let lock = fs::File::options().write(true).open(db.folder.path().join("T/.lock")).unwrap();
    lock.lock().unwrap();
    assert!(db.ask(".append T <| print a = 2").contains("another process is changing this table"));
    drop(lock);
    db.ask(".append T <| print a = 2");
    assert_eq!(db.ask("T | count"), "Count\n2\n");
}

#[test]
fn files_of_the_user_are_only_read() {
    let db = Database::new();
    fs::write(db.folder.path().join("Mine.csv"), "a\n1\n").unwrap();
    let db = Database { engine: open(db.folder.path()), ..db };
    assert!(db.ask(".append Mine <| print a = 2").contains("it can be read, not changed"));
    assert_eq!(db.ask("Mine"), "a\n1\n");
}

#[test]
fn exports_are_whole_files() {
    let db = Database::new();
    db.ask(".set T <| range a from 1 to 3 step 1");
    db.ask(".export compressed to csv ('out') with (includeHeaders='all', namePrefix='p') <| T");
    db.ask(".export to parquet ('out2') <| T");
    let exported: Vec<String> = fs::read_dir(db.folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(exported[0].starts_with("p_1_") && exported[0].ends_with(".csv.gz"), "{exported:?}");
    let reader = Options { data: vec![db.folder.path().join("out")], ..Options::default() };
    let table = exported[0].strip_suffix(".csv.gz").unwrap();
    let other = Database { engine: Engine::open(reader).unwrap(), ..Database::new() };
    assert_eq!(other.ask(&format!("{table} | summarize sum(a)")), "sum_a\n6\n");
    assert_eq!(db.ask("out2 | summarize sum(a)"), "sum_a\n6\n");
}

#[test]
fn a_change_by_another_engine_is_seen() {
    let db = Database::new();
    db.ask(".set T <| print a = 1");
    let other = Database { engine: open(db.folder.path()), ..Database::new() };
    assert_eq!(other.ask("T"), "a\n1\n");
    db.ask(".append T <| print a = 2");
    assert_eq!(other.ask("T | summarize sum(a)"), "sum_a\n3\n");
}

#[test]
fn created_functions_stay() {
    let database = Database::new();
    database.ask(
        ".create function with (folder = \"a\\\\b\", docstring = \"says \\\"hi\\\"\", view = true) \
         ['Odd name'] () { print x = 1 }",
    );
    database.ask(".create function Add(a:long, b:long = 2) {\n  a + b // a sum\n}");
    database.ask(".create function Gone() { 1 }");
    let shown = database.ask(".show functions");
    assert!(shown.contains("says"), "{shown}");

    // A second engine over the folder sees them, and both see what the other changes.
    let other = Database { engine: open(database.folder.path()), ..Database::new() };
    assert_eq!(other.ask(".show functions"), shown);
    assert_eq!(other.ask("print Add(1)"), "print_0\n3\n");
    other.ask(".drop function Gone");
    database.ask(".create-or-alter function Add(a:long) { a + 10 }");
    let again = Database { engine: open(database.folder.path()), ..Database::new() };
    assert_eq!(again.ask("print Add(1)"), "print_0\n11\n");
    assert!(!again.ask(".show functions").contains("Gone"));
    assert!(again.ask(".create function Add() { 1 }").contains("exists"));
}
