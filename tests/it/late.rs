//! Columns that are fetched late are those that reading everything would have given: over several
//! files, row groups, folders that are columns, and a file that lacks a column.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use kqlite::engine::{Engine, Options, Request, Stage};
use kqlite::text::Source;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tempfile::tempdir;

use crate::answers::{csv, or_message};

/// Rows of a file; their numbers go on from file to file.
const ROWS: i64 = 100;

fn write(path: &Path, first: i64, with_text: bool) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let numbers = || first..first + ROWS;
    let score = numbers().map(|n| (n % 13 != 0).then_some(n * 7919 % 1009));
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("number", Arc::new(Int64Array::from_iter_values(numbers()))),
        ("score", Arc::new(Int64Array::from_iter(score))),
        ("user", Arc::new(StringArray::from_iter_values(numbers().map(|n| format!("u{}", n % 9))))),
    ];
    if with_text {
        let texts = numbers().map(|n| (n % 5 != 0).then(|| format!("text of {n}")));
        columns.push(("text", Arc::new(StringArray::from_iter(texts))));
    }
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn late_columns_are_those_of_the_rows() {
    let folder = tempdir().unwrap();
    write(&folder.path().join("T/day=1/a.parquet"), 0, true);
    write(&folder.path().join("T/day=2/b.parquet"), ROWS, false);
    write(&folder.path().join("T/day=2/c.parquet"), 2 * ROWS, true);
    let engine = Engine::open(Options {
        data: vec![folder.path().to_path_buf()],
        batch_rows: Some(16),
        threads: Some(2),
        ..Options::default()
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ask = |text: &str| {
        let request = Request::new(Source::new("q", text));
        or_message(runtime.block_on(async { csv(engine.run(&request).await?.results).await }))
    };
    let fetches = |text: &str| {
        let request = Request::new(Source::new("q", text));
        let plan = runtime.block_on(engine.explain(&request, Stage::Physical)).unwrap();
        plan.contains("Fetch ")
    };
    // Each with the same rows by way of a sort of everything. Ties are broken by `number`.
    let queries = [
        "T | where number % 3 == 0",
        "T | project day, number, text, user, score",
        "T | where user != 'u4' | extend double = number * 2 | project-away user",
        "T | summarize arg_max(score, *) by user",
        "T | where day == 2 | summarize arg_min(number, text, day, score) by user",
    ];
    for query in queries {
        for order in ["score desc, number asc", "number desc", "score asc nulls first, number asc"]
        {
            for count in [1, 10, 250] {
                let late = format!("{query} | sort by {order} | take {count}");
                let all = format!("{query} | sort by {order}");
                assert!(fetches(&late), "{late}");
                assert!(!fetches(&all), "{all}");
                let expected: Vec<String> =
                    ask(&all).lines().take(count + 1).map(str::to_string).collect();
                assert!(expected.len() > 1, "{all}");
                assert_eq!(ask(&late).lines().collect::<Vec<_>>(), expected, "{late}");
            }
        }
    }
}
