//! Tables as queries meet them: opened from files, scanned, made canonical.

mod text;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::*;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{DataFrame, SessionContext, col, lit};
use tempfile::{TempDir, tempdir};

use super::*;
use crate::functions::kernel::value_at;
use crate::types::arrow::field;

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    write_batch(path, &batch);
}

fn write_batch(path: &Path, batch: &RecordBatch) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ::parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn open(path: &Path) -> Catalog {
    let (catalog, errors) = Catalog::open(&[path.to_path_buf()], &[]);
    assert!(errors.is_empty(), "{errors:?}");
    catalog
}

fn run(frame: DataFrame) -> Vec<RecordBatch> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(frame.collect()).unwrap()
}

fn frame(handle: &TableHandle) -> DataFrame {
    SessionContext::new().read_table(Arc::clone(&handle.provider)).unwrap()
}

/// The rows of a table as text, cells by `|`, after conversion.
fn rows(catalog: &Catalog, table: &str) -> Vec<String> {
    let handle = catalog.table(None, table).unwrap();
    let mut rows = Vec::new();
    for batch in run(frame(&handle)) {
        let columns: Vec<ArrayRef> = batch
            .columns()
            .iter()
            .zip(&handle.columns)
            .map(|(array, column)| {
                let array = canonicalise(array, &column.conversion).unwrap();
                assert_eq!(*array.data_type(), crate::types::arrow::data_type(column.ty));
                array
            })
            .collect();
        for row in 0..batch.num_rows() {
            let cells = columns.iter().zip(&handle.columns).map(|(array, column)| {
                if array.is_null(row) {
                    "null".to_string()
                } else {
                    value_at(array, column.ty, row).text()
                }
            });
            rows.push(cells.collect::<Vec<_>>().join("|"));
        }
    }
    rows.sort();
    rows
}

/// The columns of a table as `name:type`.
fn types(catalog: &Catalog, table: &str) -> String {
    let schema = Schemas::table(catalog, None, table).unwrap();
    let columns = schema.schema.columns().iter().map(|c| format!("{}:{}", c.name, c.ty));
    columns.collect::<Vec<_>>().join(" ")
}

/// One column of a Parquet file and back: the type and the texts of the values.
fn read_back(array: ArrayRef) -> (String, Vec<String>) {
    let root = tempdir().unwrap();
    write_parquet(&root.path().join("T.parquet"), vec![("c", array), ("i", ids(3))]);
    let catalog = open(root.path());
    let handle = catalog.table(None, "T").unwrap();
    let mut rows = rows(&catalog, "T");
    rows.sort_by_key(|row| row.rsplit('|').next().map(str::to_string));
    let texts =
        rows.iter().map(|row| row.rsplit_once('|').unwrap().0.to_string()).collect::<Vec<_>>();
    (handle.columns[0].ty.to_string(), texts)
}

fn ids(count: i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(0..count))
}

#[test]
fn every_arrow_type() {
    let strings = || vec![Some("a"), None, Some("a longer text, out of line")];
    let struct_fields = Fields::from(vec![
        Field::new("a", DataType::Int32, true),
        Field::new("b \"q\"", DataType::Utf8, true),
        Field::new("t", DataType::Timestamp(TimeUnit::Second, None), true),
    ]);
    let nested = StructArray::new(
        struct_fields,
        vec![
            Arc::new(Int32Array::from(vec![Some(1), None, None])),
            Arc::new(StringArray::from(vec![Some("x\n"), None, None])),
            Arc::new(TimestampSecondArray::from(vec![Some(0), None, None])),
        ],
        Some(vec![true, true, false].into()),
    );
    let list = ListArray::new(
        Arc::new(Field::new("item", DataType::Float64, true)),
        OffsetBuffer::from_lengths([2, 0, 1]),
        Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::NAN)])),
        None,
    );
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    map.keys().append_value("k");
    map.values().append_value(1);
    map.append(true).unwrap();
    map.append(false).unwrap();
    map.append(true).unwrap();
    let dictionary: DictionaryArray<Int32Type> = strings().into_iter().collect();
    let decimal =
        Decimal128Array::from(vec![Some(12345), None, Some(-1)]).with_precision_and_scale(10, 2);
    let uuid: Vec<u8> = (0..16).collect();
    let uuids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
        [Some(uuid.clone()), None, Some(uuid)].into_iter(),
        16,
    );
    let text = ["a", "", "a longer text, out of line"];
    let cases: Vec<(ArrayRef, &str, [&str; 3])> = vec![
        (
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            "bool",
            ["True", "null", "False"],
        ),
        (Arc::new(Int8Array::from(vec![Some(-1), None, Some(3)])), "int", ["-1", "null", "3"]),
        (
            Arc::new(UInt16Array::from(vec![Some(65535), None, Some(3)])),
            "int",
            ["65535", "null", "3"],
        ),
        (Arc::new(Int32Array::from(vec![Some(-1), None, Some(3)])), "int", ["-1", "null", "3"]),
        (
            Arc::new(UInt32Array::from(vec![Some(u32::MAX), None, Some(3)])),
            "long",
            ["4294967295", "null", "3"],
        ),
        (
            Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(3)])),
            "long",
            ["null", "null", "3"],
        ),
        (
            Arc::new(Float32Array::from(vec![Some(0.5), None, Some(3.0)])),
            "real",
            ["0.5", "null", "3.0"],
        ),
        (
            Arc::new(Float64Array::from(vec![Some(0.5), None, Some(3.0)])),
            "real",
            ["0.5", "null", "3.0"],
        ),
        (Arc::new(decimal.unwrap()), "decimal", ["123.45", "null", "-0.01"]),
        (Arc::new(StringArray::from(strings())), "string", text),
        (Arc::new(LargeStringArray::from(strings())), "string", text),
        (Arc::new(StringViewArray::from(strings())), "string", text),
        (Arc::new(dictionary), "string", text),
        (
            Arc::new(BinaryArray::from(vec![Some(&b"a"[..]), None, Some(b"\xff")])),
            "string",
            ["a", "", "\u{fffd}"],
        ),
        (
            Arc::new(BinaryArray::from(vec![Some(&b"a"[..]), None, Some(b"b")])),
            "string",
            ["a", "", "b"],
        ),
        (
            Arc::new(uuids.unwrap()),
            "guid",
            [
                "00010203-0405-0607-0809-0a0b0c0d0e0f",
                "null",
                "00010203-0405-0607-0809-0a0b0c0d0e0f",
            ],
        ),
        (
            Arc::new(
                TimestampMillisecondArray::from(vec![
                    Some(1_577_836_800_001),
                    None,
                    Some(i64::MAX),
                ])
                .with_timezone("Europe/Berlin"),
            ),
            "datetime",
            ["2020-01-01T00:00:00.0010000Z", "null", "null"],
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(0)])),
            "datetime",
            ["1969-12-31T23:59:59.9999990Z", "null", "1970-01-01T00:00:00.0000000Z"],
        ),
        (
            Arc::new(TimestampNanosecondArray::from(vec![Some(-1), None, Some(199)])),
            "datetime",
            ["1969-12-31T23:59:59.9999999Z", "null", "1970-01-01T00:00:00.0000001Z"],
        ),
        (
            Arc::new(Date32Array::from(vec![Some(1), None, Some(i32::MAX)])),
            "datetime",
            ["1970-01-02T00:00:00.0000000Z", "null", "null"],
        ),
        (
            Arc::new(Date64Array::from(vec![Some(86_400_000), None, Some(0)])),
            "datetime",
            ["1970-01-02T00:00:00.0000000Z", "null", "1970-01-01T00:00:00.0000000Z"],
        ),
        (
            Arc::new(Time32MillisecondArray::from(vec![Some(1), None, Some(0)])),
            "timespan",
            ["00:00:00.0010000", "null", "00:00:00"],
        ),
        (
            Arc::new(Time64MicrosecondArray::from(vec![Some(1), None, Some(0)])),
            "timespan",
            ["00:00:00.0000010", "null", "00:00:00"],
        ),
        (
            Arc::new(DurationSecondArray::from(vec![Some(86_400), None, Some(i64::MAX)])),
            "timespan",
            ["1.00:00:00", "null", "null"],
        ),
        (
            Arc::new(nested),
            "dynamic",
            [
                r#"{"a":1,"b \"q\"":"x\n","t":"1970-01-01T00:00:00.0000000Z"}"#,
                r#"{"a":null,"b \"q\"":null,"t":null}"#,
                "null",
            ],
        ),
        (Arc::new(list), "dynamic", ["[1.0,null]", "[]", "[\"NaN\"]"]),
        (Arc::new(map.finish()), "dynamic", [r#"{"k":1}"#, "null", "{}"]),
    ];
    for (array, ty, texts) in cases {
        let context = array.data_type().clone();
        assert_eq!(
            read_back(array),
            (ty.to_string(), texts.map(str::to_string).to_vec()),
            "{context}"
        );
    }
}

#[test]
fn marked_fields_say_their_type() {
    let root = tempdir().unwrap();
    let columns = [("d", Type::Dynamic), ("s", Type::TimeSpan), ("t", Type::DateTime)];
    let schema: RowSchema = columns.iter().map(|(name, ty)| Column::new(*name, *ty)).collect();
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(schema.columns().iter().map(field).collect::<Vec<_>>())),
        vec![
            Arc::new(StringViewArray::from(vec![Some("[1]"), None])),
            Arc::new(Int64Array::from(vec![10_000_000, 0])),
            Arc::new(Int64Array::from(vec![0, 0])),
        ],
    );
    write_batch(&root.path().join("T.parquet"), &batch.unwrap());
    let catalog = open(root.path());
    assert_eq!(types(&catalog, "T"), "d:dynamic s:timespan t:datetime");
    assert_eq!(
        rows(&catalog, "T"),
        ["[1]|00:00:01|0001-01-01T00:00:00.0000000Z", "null|00:00:00|0001-01-01T00:00:00.0000000Z",]
    );
}

#[test]
fn conversion_names_read_back() {
    let plain = ["canonical", "text", "bytes", "date32", "date64", "int", "long", "real"];
    let more = ["decimal", "guidbytes", "json", "jsontext", "display", "timestamp_us", "time_ms"];
    let cast = ["text>string>datetime", "duration_ns>timespan>long", "text>string>long>long>real"];
    for name in plain.iter().chain(&more).chain(&cast) {
        assert_eq!(Conversion::from_name(name).unwrap().name(), *name);
    }
    for name in ["", "timestamp", "timestamp_h", "text>string", "text>string>thing"] {
        assert_eq!(Conversion::from_name(name), None, "{name}");
    }
}

fn hive() -> TempDir {
    let root = tempdir().unwrap();
    for (folder, count) in [("day=2020-01-01/hour=1", 2), ("day=2020-01-02/hour=10", 3)] {
        let path = root.path().join("T").join(folder).join("part 0%20.parquet");
        write_parquet(&path, vec![("c", ids(count))]);
    }
    root
}

#[test]
fn hive_folders_become_columns() {
    let root = hive();
    let catalog = open(root.path());
    assert_eq!(types(&catalog, "T"), "c:long day:string hour:long");
    assert_eq!(
        rows(&catalog, "T"),
        [
            "0|2020-01-01|1",
            "0|2020-01-02|10",
            "1|2020-01-01|1",
            "1|2020-01-02|10",
            "2|2020-01-02|10",
        ]
    );
    let handle = catalog.table(None, "T").unwrap();
    let late = frame(&handle).filter(col("hour").gt(lit(5_i64))).unwrap();
    assert_eq!(run(late).iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
}

#[test]
fn counts_come_from_footers() {
    let root = hive();
    let handle = open(root.path()).table(None, "T").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = datafusion::functions_aggregate::count::count_all();
    let counted = frame(&handle).aggregate(vec![], vec![count]).unwrap();
    let plan = runtime.block_on(counted.clone().create_physical_plan()).unwrap();
    let plan = displayable(plan.as_ref()).indent(false).to_string();
    assert!(!plan.contains("DataSourceExec"), "{plan}");
    assert_eq!(run(counted)[0].column(0).as_primitive::<Int64Type>().value(0), 5);
}

#[test]
fn conditions_prune_and_columns_are_left_out() {
    let root = tempdir().unwrap();
    write_parquet(&root.path().join("T.parquet"), vec![("a", ids(9)), ("b", ids(9))]);
    let handle = open(root.path()).table(None, "T").unwrap();
    let late = frame(&handle).filter(col("a").gt(lit(5_i64))).unwrap();
    let late = late.select_columns(&["a"]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let plan = runtime.block_on(late.create_physical_plan()).unwrap();
    let plan = displayable(plan.as_ref()).indent(true).to_string();
    assert!(plan.contains("pruning_predicate=a_null_count@"), "{plan}");
    assert!(plan.contains("projection=[a]"), "{plan}");
}

#[test]
fn changed_files_are_read_again() {
    let root = tempdir().unwrap();
    let path = root.path().join("T.parquet");
    write_parquet(&path, vec![("a", ids(1))]);
    let catalog = open(root.path());
    assert_eq!(rows(&catalog, "T"), ["0"]);
    write_parquet(&path, vec![("b", ids(2)), ("c", ids(2))]);
    assert_eq!(types(&catalog, "T"), "b:long c:long");
    assert_eq!(rows(&catalog, "T"), ["0|0", "1|1"]);
    fs::remove_file(&path).unwrap();
    assert!(catalog.unavailable("T").unwrap().ends_with("T.parquet: no such file or folder"));
}

#[test]
fn files_of_a_folder_may_differ() {
    let root = tempdir().unwrap();
    let folder = root.path().join("T");
    write_parquet(
        &folder.join("a.parquet"),
        vec![
            ("n", Arc::new(Int32Array::from(vec![1])) as ArrayRef),
            ("s", Arc::new(StringArray::from(vec!["x"]))),
        ],
    );
    write_parquet(&folder.join("b.parquet"), vec![("n", ids(1)), ("m", ids(1))]);
    let catalog = open(root.path());
    assert_eq!(types(&catalog, "T"), "n:long s:string m:long");
    assert_eq!(rows(&catalog, "T"), ["0||0", "1|x|null"]);

    write_parquet(
        &folder.join("c.parquet"),
        vec![("n", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)],
    );
    let reason = open(root.path()).unavailable("T").unwrap();
    assert!(reason.contains("c.parquet: column `n` is Utf8View here and"), "{reason}");
}

#[test]
fn a_broken_file_hurts_no_other_table() {
    let root = tempdir().unwrap();
    write_parquet(&root.path().join("Good.parquet"), vec![("c", ids(1))]);
    fs::write(root.path().join("Bad.parquet"), "not parquet at all").unwrap();
    let catalog = open(root.path());
    let names: Vec<_> = catalog.table_names(None).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["Bad", "Good"]);
    assert!(Schemas::table(&catalog, None, "Bad").is_none());
    let reason = catalog.unavailable("Bad").unwrap();
    assert!(reason.contains("Bad.parquet: cannot be read as Parquet"), "{reason}");
    assert_eq!(rows(&catalog, "Good"), ["0"]);
    assert_eq!(catalog.unavailable("Good"), None);
    assert_eq!(catalog.unavailable("None"), None);
}

#[test]
fn folders_with_a_log_of_their_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    for table in ["Delta/_delta_log", "Ice/metadata", "Plain/metadata"] {
        std::fs::create_dir_all(root.path().join(table)).unwrap();
    }
    std::fs::write(root.path().join("Ice/metadata/v1.metadata.json"), "{}").unwrap();
    for table in ["Delta", "Ice", "Plain"] {
        write_parquet(&root.path().join(table).join("a.parquet"), vec![("id", ids(2))]);
    }
    let catalog = open(root.path());
    for (table, kind) in [("Delta", "Delta Lake"), ("Ice", "Iceberg")] {
        let reason = catalog.unavailable(table).unwrap();
        assert!(reason.contains(&format!("{kind} tables cannot be read")), "{reason}");
    }
    assert_eq!(rows(&catalog, "Plain"), ["0", "1"]);
}

#[test]
fn tables_in_memory_hide_files() {
    let root = tempdir().unwrap();
    write_parquet(&root.path().join("T.parquet"), vec![("c", ids(1))]);
    let catalog = open(root.path());
    let schema = RowSchema::new([Column::new("d", Type::TimeSpan)]);
    let batch = RecordBatch::try_from_iter([("any", ids(2))]).unwrap();
    let over = catalog.with_tables(vec![("T".into(), schema, vec![batch])]).unwrap();
    assert_eq!(rows(&over, "T"), ["00:00:00", "00:00:00.0000001"]);
    assert_eq!(rows(&catalog, "T"), ["0"]);
    assert!(over.has_database("Default") && !over.has_database("x"));
    assert!(Schemas::table(&over, Some("DEFAULT"), "T").is_some());
    assert!(Schemas::table(&over, Some("x"), "T").is_none());
}

#[test]
fn a_file_given_is_one_table() {
    let root = tempdir().unwrap();
    let path: PathBuf = root.path().join("My.Table.parquet");
    write_parquet(&path, vec![("c", ids(1))]);
    assert_eq!(rows(&open(&path), "My.Table"), ["0"]);
    let (_, errors) = Catalog::open(&[root.path().join("x.doc")], &[]);
    assert!(errors[0].to_string().ends_with("x.doc: no such file or folder"), "{errors:?}");
}

/// A catalog of a folder and a schema file in another.
fn declared(root: &Path, schema: &str) -> Catalog {
    let folder = tempdir().unwrap();
    let file = folder.path().join("schema.json");
    fs::write(&file, schema).unwrap();
    let (catalog, errors) = Catalog::open(&[root.to_path_buf()], &[file]);
    assert!(errors.is_empty(), "{errors:?}");
    catalog
}

#[test]
fn schema_files_pin_types_and_declare_tables() {
    let root = tempdir().unwrap();
    write_parquet(
        &root.path().join("P/n=1/a.parquet"),
        vec![
            ("x", ids(1)),
            ("t", Arc::new(StringArray::from(vec!["2020-01-01"])) as ArrayRef),
            ("j", Arc::new(StringArray::from(vec!["{\"a\": 1}"]))),
        ],
    );
    fs::write(root.path().join("C.csv"), "l,g\n1,74BE27DE1E4E49D9B579FE0B331D3642\n").unwrap();
    fs::write(root.path().join("J.json"), r#"{"a":{"b":1},"c":"5"}"#).unwrap();
    let catalog = declared(
        root.path(),
        r#"{"P": {"new": "string", "none": "Guid", "t": "DateTime", "j": "dynamic", "n": "string"},
            "C": {"g": "guid", "l": "Double", "s": "timespan"},
            "J": {"a": "string", "c": "int"},
            "Empty": {"a": "Int32", "b": "Object"}}"#,
    );
    assert_eq!(types(&catalog, "P"), "new:string none:guid t:datetime j:dynamic x:long n:string");
    assert_eq!(rows(&catalog, "P"), [r#"|null|2020-01-01T00:00:00.0000000Z|{"a":1}|0|1"#]);
    assert_eq!(types(&catalog, "C"), "g:guid l:real s:timespan");
    assert_eq!(rows(&catalog, "C"), ["74be27de-1e4e-49d9-b579-fe0b331d3642|1.0|null"]);
    assert_eq!(rows(&catalog, "J"), [r#"{"b":1}|5"#]);
    assert_eq!(types(&catalog, "Empty"), "a:int b:dynamic");
    assert_eq!(rows(&catalog, "Empty"), [""; 0]);
    assert_eq!(catalog.table_names(None).len(), 4);
}
