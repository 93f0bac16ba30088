//! The queries shown to users: over the test data they give the numbers that its generator wrote
//! down.

use std::fs;
use std::path::PathBuf;

use kqlite::types::Value;
use serde_json::Value as Json;

use crate::support::{Runner, Table};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn expected() -> Json {
    serde_json::from_str(&fs::read_to_string(root().join("tests/expected.json")).unwrap()).unwrap()
}

fn answer(file: &str) -> Table {
    let query = fs::read_to_string(root().join("queries").join(file)).unwrap();
    let mut tables = Runner::new(8192, 2).tables(&query, 0).unwrap();
    assert_eq!(tables.len(), 1, "{file}");
    tables.remove(0)
}

#[test]
fn the_published_queries_count_what_the_generator_counted() {
    let published = &expected()["published"];
    for (file, band) in [
        ("high_risk_users.kql", "high"),
        ("medium_risk_users.kql", "medium"),
        ("low_risk_users.kql", "low"),
    ] {
        let users = answer(file).rows[0][0].as_i64();
        assert_eq!(published[band].as_i64(), users, "{file}");
    }
}

#[test]
fn the_bands_hold_every_user_once() {
    let bands = &expected()["bands"];
    let rows = answer("risk_bands.kql").rows;
    assert_eq!(rows.len(), bands.as_object().unwrap().len());
    for row in rows {
        let [Value::String(band), Value::Long(users)] = row.as_slice() else {
            panic!("unexpected row {row:?}");
        };
        assert_eq!(bands[&**band].as_i64(), Some(*users), "{band}");
    }
}

#[test]
fn the_tables_have_their_rows() {
    let runner = Runner::new(1000, 2);
    for (table, rows) in expected()["rows"].as_object().unwrap() {
        let count = runner.tables(&format!("{table} | count"), 0).unwrap();
        assert_eq!(count[0].rows[0][0].as_i64(), rows.as_i64(), "{table}");
    }
}

#[test]
fn every_query_runs() {
    let runner = Runner::new(8192, 2);
    let mut files = 0;
    for entry in fs::read_dir(root().join("queries")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "kql") {
            continue;
        }
        let query = fs::read_to_string(&path).unwrap();
        if let Err(text) = runner.tables(&query, 0) {
            panic!("{}: {text}", path.display());
        }
        files += 1;
    }
    assert!(files > 0);
}
