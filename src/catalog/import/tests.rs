//! Imports from files to tables and back.

use std::fs;
use std::io::Write;

use arrow::array::ArrayRef;
use datafusion::prelude::SessionContext;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::*;
use crate::catalog::{Catalog, canonicalise};
use crate::functions::kernel::value_at;
use crate::types::{Schemas, Type};

struct Fixture {
    folder: TempDir,
    options: ImportOptions,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let options = ImportOptions {
            sources: files.iter().map(|(name, _)| folder.path().join(name)).collect(),
            out_dir: folder.path().join("out"),
            ..ImportOptions::default()
        };
        Self { folder, options }
    }

    fn run(&self) -> ImportReport {
        import(&self.options).unwrap()
    }

    /// The columns of a table that was written, then its rows.
    async fn table(&self, name: &str) -> (String, Vec<String>) {
        let (catalog, problems) = Catalog::open(std::slice::from_ref(&self.options.out_dir), &[]);
        assert!(problems.is_empty(), "{problems:?}");
        let schema = Schemas::table(&catalog, None, name).unwrap();
        let columns = schema.schema.columns().iter().map(|c| format!("{}:{}", c.name, c.ty));
        let columns = columns.collect::<Vec<_>>().join(" ");
        let handle = catalog.table(None, name).unwrap();
        let frame = SessionContext::new().read_table(handle.provider.clone()).unwrap();
        let mut rows = vec![];
        for batch in frame.collect().await.unwrap() {
            let arrays: Vec<(ArrayRef, Type)> = batch
                .columns()
                .iter()
                .zip(&handle.columns)
                .map(|(array, column)| {
                    (canonicalise(array, &column.conversion).unwrap(), column.ty)
                })
                .collect();
            rows.extend((0..batch.num_rows()).map(|row| {
                let texts = arrays.iter().map(|(array, ty)| value_at(array, *ty, row).text());
                texts.collect::<Vec<_>>().join("|")
            }));
        }
        (columns, rows)
    }

    fn out_files(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.options.out_dir) else { return vec![] };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}

const CONNECTOR: &str = r#"{"timestamp":"2021-06-09T06:56:27Z","entity_id":"é","version":2,"indicator_uuid":"EBC8e26c-3434-5572-b59a-2552e995234e","occurrence_details":{"city":"Ulm","tags":["a",1]},"ok":true}
{"timestamp":"2021-06-10T00:00:00.1234567Z","entity_id":"b","version":2.5,"ok":null,"occurrence_details":{}}
"#;

#[tokio::test]
async fn a_connector_export_gets_the_names_of_log_analytics() {
    let mut fixture = Fixture::new(&[("T_CL.json", CONNECTOR)]);
    fixture.options.rename_suffixes = true;
    let report = fixture.run();
    assert_eq!((report.tables[0].rows, report.tables[0].rejected), (2, 0));
    let (columns, rows) = fixture.table("T_CL").await;
    assert_eq!(
        columns,
        "TimeGenerated:datetime entity_id_s:string version_d:real indicator_uuid_g:string \
         occurrence_details_city_s:string occurrence_details_tags_s:string ok_b:bool"
    );
    assert_eq!(
        rows,
        [
            "2021-06-09T06:56:27.0000000Z|é|2.0|EBC8e26c-3434-5572-b59a-2552e995234e|Ulm|\
             [\"a\",1]|True",
            "2021-06-10T00:00:00.1234567Z|b|2.5||||"
        ]
    );
}

#[tokio::test]
async fn without_renaming_objects_stay_dynamic() {
    let fixture = Fixture::new(&[("T.ndjson", CONNECTOR)]);
    fixture.run();
    let (columns, rows) = fixture.table("T").await;
    assert_eq!(
        columns,
        "timestamp:datetime entity_id:string version:real indicator_uuid:string \
         occurrence_details:dynamic ok:bool"
    );
    assert!(rows[0].contains(r#"|{"city":"Ulm","tags":["a",1]}|True"#), "{rows:?}");
}

#[tokio::test]
async fn arrays_of_objects_across_pieces() {
    let long = "x\\\"]},{[".repeat(60_000);
    let text =
        format!("\u{feff} [\n {{\"a\": \"{long}\", \"n\": 1}} ,\n{{\"n\":2,\"a\":\"\"}}\n]\n");
    let fixture = Fixture::new(&[("T.json", &text)]);
    fixture.run();
    let (columns, rows) = fixture.table("T").await;
    assert_eq!(columns, "a:string n:long");
    assert_eq!(rows, [format!("{}|1", long.replace("\\\"", "\"")), "|2".to_string()]);
}

#[tokio::test]
async fn objects_that_span_lines() {
    let fixture = Fixture::new(&[("T.json", "{\n \"a\": 1\n}\n{\n \"a\": 2\n}")]);
    fixture.run();
    assert_eq!(fixture.table("T").await.1, ["1", "2"]);
}

#[tokio::test]
async fn answers_of_query_apis() {
    let text = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"t","type":"datetime"},
        {"name":"d","type":"dynamic"},{"name":"n","type":"long"},{"name":"s","type":"string"}],
        "rows":[["2021-01-01T00:00:00Z","{\"a\": [1]}",5,"2021-01-01"],[null,null,null,null],["2021"]]}]}"#;
    let old = r#"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"n","DataType":"Int64",
        "ColumnType":"long"}],"Rows":[[1]]}]}"#;
    let fixture = Fixture::new(&[("T.json", text), ("Old.json", old)]);
    let report = fixture.run();
    assert_eq!(report.tables[1].rejected, 1);
    assert_eq!(report.tables[1].problems[0].line, 3);
    assert_eq!(report.tables[1].problems[0].message, "1 values for 4 columns");
    let (columns, rows) = fixture.table("T").await;
    assert_eq!(columns, "t:datetime d:dynamic n:long s:string");
    assert_eq!(rows, ["2021-01-01T00:00:00.0000000Z|{\"a\":[1]}|5|2021-01-01", "|||"]);
    assert_eq!(fixture.table("Old").await, ("n:long".to_string(), vec!["1".to_string()]));
}

#[test]
fn an_answer_that_is_not_whole_is_refused() {
    let head = r#"{"tables":[{"name":"P","columns":[{"name":"a","type":"int"}],"rows":[[1]]"#;
    for (tail, message) in [
        (
            "}],\n\"error\":{\"code\":\"PartialError\",\"message\":\"too much\"}}",
            "line 2: the answer is not whole: too much",
        ),
        ("}]", "`}` is expected"),
        ("", "`}` is expected"),
    ] {
        let fixture = Fixture::new(&[("T.json", &format!("{head}{tail}"))]);
        let error = import(&fixture.options).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        assert_eq!(fixture.out_files(), Vec::<String>::new());
    }
    let whole = format!(
        "{head}, \"more\": 1}}, {{\"name\": \"Q\"}}], \"statistics\": {{}}, \"error\": null}}"
    );
    assert_eq!(Fixture::new(&[("T.json", &whole)]).run().tables[0].rows, 1);
}

#[tokio::test]
async fn names_tell_types() {
    let csv = "TimeGenerated,version_s,count_d\nnever,10.0,1\n";
    let fixture = Fixture::new(&[("T_CL.csv", csv), ("T.csv", csv)]);
    let report = fixture.run();
    assert_eq!(report.tables[0].problems[0].message, "the value of `TimeGenerated` is no datetime");
    let types = "TimeGenerated:datetime version_s:string count_d:real";
    assert_eq!(fixture.table("T_CL").await, (types.into(), vec!["|10.0|1.0".to_string()]));
    let types = "TimeGenerated:datetime version_s:real count_d:long";
    assert_eq!(fixture.table("T").await.0, types);
}

#[tokio::test]
async fn csv_of_the_portal() {
    let text = "\"TimeGenerated [UTC]\",Name,Score,Flag\r\n\
        \"6/9/2021, 6:56:27.123 AM\",\"a \"\"b\"\"\r\nc\",1.5,true\r\n,x,,\r\nshort\r\n";
    let fixture = Fixture::new(&[("T.csv", text)]);
    let report = fixture.run();
    let (columns, rows) = fixture.table("T").await;
    assert_eq!(columns, "TimeGenerated:datetime Name:string Score:real Flag:bool");
    assert_eq!(rows, ["2021-06-09T06:56:27.1230000Z|a \"b\"\r\nc|1.5|True", "|x||"]);
    assert_eq!(report.tables[0].problems[0].line, 5);
    let local = Fixture::new(&[("T.csv", "Time [Local Time]\n\"1/1/2021, 1:00:00.000 AM\"\n")]);
    assert!(import(&local.options).unwrap_err().to_string().contains("is not in UTC"));
}

#[tokio::test]
async fn a_schema_pins_types_and_adds_columns() {
    let schema = r#"{"T": {"n": "long", "d": "decimal", "more": "string"}}"#;
    let mut fixture = Fixture::new(&[("T.csv", "n,d\n1,1.10\nx,2\n"), ("schema.json", schema)]);
    fixture.options.schema = fixture.options.sources.pop();
    let report = fixture.run();
    assert_eq!((report.tables[0].rows, report.tables[0].unfit), (2, 1));
    assert_eq!(report.tables[0].problems[0].message, "the value of `n` is no long");
    assert_eq!(report.tables[0].problems[0].line, 3);
    let (columns, rows) = fixture.table("T").await;
    assert_eq!(columns, "n:long d:decimal more:string");
    assert_eq!(rows, ["1|1.1|", "|2|"]);
    fixture.options.table = Some("Misspelled".to_string());
    let error = import(&fixture.options).unwrap_err().to_string();
    assert!(error.ends_with("schema.json: names none of the tables: Misspelled"), "{error}");
}

#[tokio::test]
async fn compressed_folders_as_one_table() {
    let mut fixture = Fixture::new(&[("in/b.json", "{\"a\":3}\n")]);
    let gz = |text: &str| {
        let mut encoder = GzEncoder::new(vec![], flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let folder = fixture.folder.path().join("in");
    fs::create_dir(folder.join("deep")).unwrap();
    fs::write(folder.join("a.json.gz"), gz("{\"a\":1}\n{\"a\":2}\n")).unwrap();
    let zst = zstd::encode_all(&b"{\"a\":4,\"b\":\"x\"}"[..], 1).unwrap();
    fs::write(folder.join("deep/c.json.zst"), zst).unwrap();
    fixture.options.sources = vec![folder];
    fixture.options.table = Some("All".to_string());
    fixture.run();
    let (columns, rows) = fixture.table("All").await;
    assert_eq!(columns, "a:long b:string");
    assert_eq!(rows, ["1|", "2|", "3|", "4|x"]);
}

#[test]
fn a_broken_line_costs_one_row() {
    let text = "{\"a\":1}\n{\"a\":\n\n[1]\n{\"a\":2}\n";
    let fixture = Fixture::new(&[("T.jsonl", text)]);
    let report = fixture.run();
    let table = &report.tables[0];
    assert_eq!((table.rows, table.rejected), (2, 2));
    assert_eq!(table.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 4]);
    assert!(report.to_string().contains("2 rows could not be read"), "{report}");
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let truncated = "[{\"a\":1},{\"a\":2";
    let fixture = Fixture::new(&[("A.json", "{\"a\":1}"), ("T.json", truncated)]);
    let error = import(&fixture.options).unwrap_err().to_string();
    assert!(error.contains("T.json: line 1: the file ends inside"), "{error}");
    assert_eq!(fixture.out_files(), Vec::<String>::new());
    let clash = Fixture::new(&[("T.json", "{\"a\":{\"b\":1},\"a_b\":2}")]);
    let options = ImportOptions { rename_suffixes: true, ..clash.options.clone() };
    let error = import(&options).unwrap_err().to_string();
    assert!(error.contains("both become the column `a_b_d`"), "{error}");
    for (name, text) in [("T.csv", ""), ("T.json", "no json"), ("T.json", "[1]")] {
        let fixture = Fixture::new(&[(name, text)]);
        assert!(import(&fixture.options).is_err(), "{text}");
        assert_eq!(fixture.out_files(), Vec::<String>::new());
    }
}

#[test]
fn a_table_is_replaced_as_a_whole() {
    let fixture = Fixture::new(&[("T.csv", "a\n1\n")]);
    fixture.run();
    let before = fs::read(fixture.options.out_dir.join("T.parquet")).unwrap();
    fs::write(&fixture.options.sources[0], "a\n\"open").unwrap();
    assert!(import(&fixture.options).is_err());
    assert_eq!(fs::read(fixture.options.out_dir.join("T.parquet")).unwrap(), before);
    assert_eq!(fixture.out_files(), ["T.parquet"]);
}

#[tokio::test]
async fn many_rows_make_several_batches() {
    let text: String = (0..10_000).map(|i| format!("{{\"i\":{i}}}\n")).collect();
    let fixture = Fixture::new(&[("T.json", &text)]);
    assert_eq!(fixture.run().tables[0].rows, 10_000);
    let rows = fixture.table("T").await.1;
    assert_eq!((rows.len(), rows[9_999].as_str()), (10_000, "9999"));
}
