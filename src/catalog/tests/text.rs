//! CSV, TSV and JSON.

use std::io::Write;

use super::*;

/// A catalog of one file, kept with its folder.
struct One {
    _root: TempDir,
    catalog: Catalog,
}

fn one(file: &str, content: &[u8]) -> One {
    let root = tempdir().unwrap();
    fs::write(root.path().join(file), content).unwrap();
    let catalog = open(root.path());
    One { _root: root, catalog }
}

/// The columns and the rows of a file.
fn read(file: &str, content: impl AsRef<[u8]>) -> (String, Vec<String>) {
    let one = one(file, content.as_ref());
    let table = file.split('.').next().unwrap();
    assert_eq!(one.catalog.unavailable(table), None);
    (types(&one.catalog, table), rows(&one.catalog, table))
}

/// Why a file cannot be opened.
fn reason(file: &str, content: impl AsRef<[u8]>) -> String {
    let one = one(file, content.as_ref());
    one.catalog.unavailable(file.split('.').next().unwrap()).unwrap()
}

#[test]
fn csv_quoting() {
    let (columns, rows) = read(
        "T.csv",
        "\u{feff}a,\"b \"\"c\"\"\",,a\r\n1,\"x,\n\"\"y\"\"\",\"\",\r\n\r\n2,plain \"quoted\",t,u,\n3",
    );
    assert_eq!(columns, r#"a:long b "c":string Column3:string a1:string"#);
    assert_eq!(rows, ["1|x,\n\"y\"||", "2|plain \"quoted\"|t|u", "3|||"]);
}

#[test]
fn csv_types() {
    let (columns, rows) = read(
        "T.csv",
        "b,l,r,t,zip,mixed,none\n\
         true,1,1,2020-01-01,01234,1,\n\
         ,,2.5,2020-01-01T10:20:30.5Z,56789,x,\n\
         False,-3,,,,,\n",
    );
    assert_eq!(columns, "b:bool l:long r:real t:datetime zip:string mixed:string none:string");
    assert_eq!(
        rows,
        [
            "False|-3|null|null|||",
            "True|1|1.0|2020-01-01T00:00:00.0000000Z|01234|1|",
            "null|null|2.5|2020-01-01T10:20:30.5000000Z|56789|x|",
        ]
    );
}

#[test]
fn tsv_and_single_columns() {
    assert_eq!(read("T.tsv", "a\tb\nx,y\t\"1\t2\"\n").1, ["x,y|1\t2"]);
    assert_eq!(read("T.csv", "a\nx\n\ny\n").1, ["", "x", "y"]);
    assert_eq!(read("T.csv", "a,b\n"), ("a:string b:string".to_string(), vec![]));
}

#[test]
fn values_behind_the_sample_that_do_not_fit_are_null() {
    let mut csv = String::from("a,pad\n");
    let pad = "x".repeat(6_000);
    (0..1_000).for_each(|row| csv.push_str(&format!("{row},{pad}\n")));
    csv.push_str("no number,\n");
    let one = one("T.csv", csv.as_bytes());
    assert_eq!(types(&one.catalog, "T"), "a:long pad:string");
    let rows = rows(&one.catalog, "T");
    assert_eq!((rows.len(), rows[1_000].as_str()), (1_001, "null|"));
}

#[test]
fn csv_defects_name_file_and_line() {
    let text = reason("T.csv", "a,b\n1,2\n3,\"x\ny\n");
    assert!(text.ends_with("T.csv: line 3: a quote is opened and never closed"), "{text}");
    let text = reason("T.csv", "a,b\n\"x\ny\",2\n3,\"x\"y\n");
    assert!(text.ends_with("T.csv: line 4: text follows a closing quote"), "{text}");
    assert!(reason("T.csv", "").ends_with("T.csv: holds no columns"));
    assert!(reason("T.csv", b"\xff\xfea\0").contains("UTF-16"));

    let one = one("T.csv", b"a,b\n1,2\n3,4,5\n");
    let handle = one.catalog.table(None, "T").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(frame(&handle).collect()).unwrap_err().to_string();
    assert!(error.contains("T.csv: line 3: 3 values for 2 columns"), "{error}");
}

#[test]
fn json_arrays_and_lines() {
    let expected = (
        "n:long s:string d:dynamic t:datetime r:real m:dynamic".to_string(),
        vec![
            r#"1|a"b|{"x":[1,2]}|2020-01-01T00:00:00.0000000Z|1.0|q"#.to_string(),
            r#"2||null|null|0.5|[]"#.to_string(),
            r#"null||null|null|null|3"#.to_string(),
        ],
    );
    let objects = [
        r#"{"n":1,"s":"a\"b","d":{"x": [1, 2]},"t":"2020-01-01T00:00:00Z","r":1,"m":"q"}"#,
        r#"{"m":[],"n":7,"n":2,"r":0.5,"d":null}"#,
        "{\"m\":3\n}",
    ];
    assert_eq!(read("T.ndjson", objects.join("\n")), expected);
    assert_eq!(read("T.jsonl", objects.join("\r\n\r\n") + "\n"), expected);
    assert_eq!(read("T.json", format!(" [\n{}\n]\n", objects.join(" ,\n"))), expected);
}

#[test]
fn json_defects_name_file_and_line() {
    for (text, expected) in [
        ("{\"a\":1}\n{\"a\":\n", "line 2: the file ends inside the object that starts here"),
        ("{\"a\":1}\n{\"a\":\n]}\n", "line 3: not JSON: expected value"),
        ("[{\"a\":1},\n", "line 2: the file ends inside the array of objects"),
        ("[{\"a\":1}\n] x", "line 2: text follows the array of objects"),
        ("[{\"a\":1},\n 5]", "line 2: expected an object"),
        ("\n5", "line 2: expected an object"),
        ("[]", "holds no columns"),
    ] {
        let reason = reason("T.json", text);
        assert!(reason.ends_with(&format!("T.json: {expected}")), "{reason}");
    }
}

#[test]
fn compressed() {
    let text = "a,b\n1,x\n2,y\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::stream::encode_all(text.as_bytes(), 0).unwrap();
    let expected = ("a:long b:string".to_string(), vec!["1|x".to_string(), "2|y".to_string()]);
    assert_eq!(read("T.csv.gz", &gzip), expected);
    assert_eq!(read("T.csv.gz", [&gzip[..], &gzip[..]].concat()).1.len(), 5);
    assert_eq!(read("T.csv.zst", &zstd), expected);
    for (file, content) in [
        ("T.csv.gz", text.as_bytes()),
        ("T.csv.gz", &gzip[..gzip.len() - 9]),
        ("T.csv.zst", text.as_bytes()),
        ("T.csv.zst", &zstd[..zstd.len() - 3]),
    ] {
        let reason = reason(file, content);
        assert!(reason.contains(&format!("{file}: cannot be read as ")), "{reason}");
    }
}

#[test]
fn records_longer_than_a_piece() {
    let long = "é\"\n,".repeat(300_000);
    let csv = format!("a,b\n\"{}\",1\nx,2\n", long.replace('"', "\"\""));
    assert_eq!(read("T.csv", csv).1, ["x|2".to_string(), format!("{long}|1")]);
    let json = format!("{{\"a\":{}}}", serde_json::to_string(&long).unwrap());
    assert_eq!(read("T.json", json).1, [long]);
}

#[test]
fn scans_read_what_is_asked_for() {
    let text: String = (0..20_000).map(|row| format!("{row},x{row}\n")).collect();
    let one = one("T.csv", format!("a,b\n{text}").as_bytes());
    let handle = one.catalog.table(None, "T").unwrap();
    let batches = run(frame(&handle).select_columns(&["b"]).unwrap().limit(5, Some(3)).unwrap());
    let values: Vec<_> =
        batches.iter().flat_map(|batch| batch.column(0).as_string_view()).collect();
    assert_eq!(values, [Some("x5"), Some("x6"), Some("x7")]);
    let count = datafusion::functions_aggregate::count::count_all();
    let counted = run(frame(&handle).aggregate(vec![], vec![count]).unwrap());
    assert_eq!(counted[0].column(0).as_primitive::<Int64Type>().value(0), 20_000);
}
