//! Answers as CSV, for tests that look at whole results.

use futures::StreamExt;
use kqlite::engine::{Failure, ResultStream};
use kqlite::output::{Format, Header, Layout, Stats, writer};

/// The result tables, one after another.
pub async fn csv(results: Vec<ResultStream>) -> Result<String, Failure> {
    let mut out = vec![];
    let mut table = writer(Format::Csv, &mut out, Layout::default());
    for mut result in results {
        let header = Header { schema: &result.schema, name: None, visualization: None };
        table.begin(&header).unwrap();
        while let Some(batch) = result.stream.next().await {
            table.batch(&batch?).unwrap();
        }
    }
    table.finish(&Stats::default()).unwrap();
    drop(table);
    Ok(String::from_utf8(out).unwrap())
}

/// The answer, or the first message of the refusal.
pub fn or_message(answered: Result<String, Failure>) -> String {
    match answered {
        Ok(text) => text,
        Err(Failure::Query(diagnostics)) => diagnostics.iter().next().unwrap().message.clone(),
        Err(Failure::Run(error)) => error.to_string(),
    }
}
