//! Every format over every type, and frames at every width.

//! Tests of the output formats.

use arrow::array::{
    ArrayRef, BooleanArray, Decimal256Array, Float64Array, Int32Array, Int64Array, StringViewArray,
};
use arrow::datatypes::i256;

use super::*;
use crate::types::{Column, Type, arrow::schema, datetime, timespan};

/// One row of every type, one of nulls, one of extremes.
fn every_type() -> (RowSchema, RecordBatch) {
    let ticks = |text: &str| datetime::parse(text).unwrap();
    let span = |text: &str| timespan::parse(text).unwrap();
    let one = i256::from_i128(10i128.pow(38));
    let columns: Vec<(&str, Type, ArrayRef)> = vec![
        ("b", Type::Bool, Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i", Type::Int, Arc::new(Int32Array::from(vec![Some(7), None, Some(i32::MIN)]))),
        ("l", Type::Long, Arc::new(Int64Array::from(vec![Some(70), None, Some(i64::MAX)]))),
        ("r", Type::Real, Arc::new(Float64Array::from(vec![Some(6.0), None, Some(f64::NAN)]))),
        (
            "d",
            Type::Decimal,
            Arc::new(
                Decimal256Array::from(vec![Some(one), None, Some(-one)])
                    .with_precision_and_scale(76, 38)
                    .unwrap(),
            ),
        ),
        ("s", Type::String, strings(vec![Some("a,\"b\"\n|c"), Some(""), Some("日本\t🦀")])),
        (
            "t",
            Type::DateTime,
            Arc::new(Int64Array::from(vec![Some(ticks("2020-01-02 03:04:05.6")), None, Some(0)])),
        ),
        (
            "ts",
            Type::TimeSpan,
            Arc::new(Int64Array::from(vec![Some(span("1.02:03:04")), None, Some(-1)])),
        ),
        ("g", Type::Guid, strings(vec![Some("74be27de-1e4e-49d9-b579-fe0b331d3642"), None, None])),
        ("dy", Type::Dynamic, strings(vec![Some(r#"{"a":[1,"x"]}"#), None, Some(r#""q\"u""#)])),
    ];
    batch_of(columns)
}

fn strings(values: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringViewArray::from(values))
}

fn batch_of(columns: Vec<(&str, Type, ArrayRef)>) -> (RowSchema, RecordBatch) {
    let rows: RowSchema = columns.iter().map(|(name, ty, _)| Column::new(*name, *ty)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(schema(&rows)), arrays).unwrap();
    (rows, batch)
}

fn write(format: Format, layout: Layout, rows: &RowSchema, batches: &[RecordBatch]) -> String {
    let mut out = Vec::new();
    let mut writer = writer(format, &mut out, layout);
    writer.begin(&Header { schema: rows, name: None, visualization: None }).unwrap();
    for batch in batches {
        writer.batch(batch).unwrap();
    }
    let elapsed = Some(Duration::from_millis(12));
    writer.finish(&Stats { elapsed }).unwrap();
    drop(writer);
    String::from_utf8(out).unwrap()
}

fn every_type_as(format: Format, width: Option<usize>) -> String {
    let (rows, batch) = every_type();
    write(format, Layout { width, max_rows: None, names: true }, &rows, &[batch])
}

#[test]
fn json_is_the_contract() {
    let text = every_type_as(Format::Json, None);
    assert_eq!(text.lines().count(), 1);
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed["rows"].as_array().unwrap().len(), 3);
    insta::assert_snapshot!(text);
}

#[test]
fn json_of_no_rows_is_whole() {
    let (rows, _) = every_type();
    let text = write(Format::Json, Layout::default(), &rows, &[]);
    assert!(text.ends_with("],\"rows\":[],\"elapsed_ms\":12.000}\n"), "{text}");
}

#[test]
fn json_lines() {
    insta::assert_snapshot!(every_type_as(Format::Jsonl, None));
}

#[test]
fn csv() {
    insta::assert_snapshot!(every_type_as(Format::Csv, None));
}

#[test]
fn tsv() {
    insta::assert_snapshot!(every_type_as(Format::Tsv, None));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(every_type_as(Format::Markdown, None));
}

#[test]
fn table_without_a_terminal() {
    insta::assert_snapshot!(every_type_as(Format::Table, None));
}

#[test]
fn table_at_80_hides_columns_that_do_not_fit() {
    insta::assert_snapshot!(every_type_as(Format::Table, Some(80)));
}

/// A score per user, with everything in the names that could break a frame.
fn users() -> (RowSchema, RecordBatch) {
    let names = strings(vec![
        Some("Zoë Müller-Lüdenscheidt with a name that goes on and on and on and on"),
        Some("渡辺直美さんと山田太郎さんと鈴木一郎さん"),
        Some("👩\u{200d}👩\u{200d}👧 👍🏽 \u{202e}evil\u{1b}[31m red"),
        Some("two\r\nlines\ttab"),
    ]);
    let times = [0, 1, 2, 3].map(|day| datetime::UNIX_EPOCH + day * datetime::TICKS_PER_DAY);
    batch_of(vec![
        ("entity_id_s", Type::String, names),
        ("cur_riskscore_d", Type::Real, Arc::new(Float64Array::from(vec![1.0, 64.0, 100.5, -3.0]))),
        ("TimeGenerated", Type::DateTime, Arc::new(Int64Array::from(times.to_vec()))),
    ])
}

#[test]
fn table_fits_at_every_width() {
    let (rows, batch) = users();
    for width in 12..140 {
        let layout = Layout { width: Some(width), max_rows: None, names: true };
        let text = write(Format::Table, layout, &rows, std::slice::from_ref(&batch));
        let frame: Vec<usize> = text
            .lines()
            .take_while(|line| !line.contains("rows"))
            .map(|line| {
                line.chars().map(|c| unicode_width::UnicodeWidthChar::width(c).unwrap()).sum()
            })
            .collect();
        assert!(frame.iter().all(|&line| line == frame[0] && line <= width), "{width}\n{text}");
    }
}

#[test]
fn table_cuts_text_before_numbers() {
    let (rows, batch) = users();
    let layout = |width| Layout { width: Some(width), max_rows: None, names: true };
    let wide = write(Format::Table, layout(80), &rows, std::slice::from_ref(&batch));
    let narrow = write(Format::Table, layout(40), &rows, &[batch]);
    insta::assert_snapshot!(format!("{wide}\n{narrow}"));
}

#[test]
fn long_results_are_counted_but_not_shown() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1500));
    let (rows, batch) = batch_of(vec![("n", Type::Long, numbers)]);
    let layout = Layout { width: Some(80), max_rows: Some(2), names: true };
    let text = write(Format::Table, layout, &rows, &[batch.clone(), batch.clone()]);
    insta::assert_snapshot!(text);
    let all = Layout { width: Some(80), max_rows: None, names: true };
    let text = write(Format::Table, all, &rows, &[batch.clone(), batch]);
    assert_eq!(text.lines().count(), 3000 + 5);
}

#[test]
fn foreign_columns_are_an_error() {
    let (_, batch) = users();
    let rows: RowSchema = [Column::new("a", Type::Long)].into_iter().collect();
    let mut writer = writer(Format::Csv, Vec::new(), Layout::default());
    writer.begin(&Header { schema: &rows, name: None, visualization: None }).unwrap();
    assert!(writer.batch(&batch).is_err());
}
