//! `.export to csv ("folder") <| query`: the rows of a query as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray};
use flate2::write::GzEncoder;
use futures::StreamExt;

use super::change::{Answer, known, synchronous};
use super::head::Head;
use super::{Table, refused};
use crate::catalog::parquet_file::{ParquetFile, StoredColumn, hidden_file, publish};
use crate::diagnostics::{Diagnostic, codes};
use crate::engine::{Engine, Failure, Memory, Request, ResultStream};
use crate::error::{Error, Result};
use crate::functions::scalar::metadata::random_guid;
use crate::output::{Format, Header, Layout, Stats, writer};
use crate::types::Type;

/// Runs the query and writes its rows to one file, which appears when it is whole.
pub(super) async fn export(
    engine: &Engine,
    request: &Request,
    memory: &Memory,
    from: usize,
) -> Answer {
    let mut head = Head::new(&request.source, from);
    synchronous(&mut head)?;
    let compressed = head.eat("compressed");
    head.expect("to")?;
    let at = head.span();
    let (format, _) = head.name()?;
    let format = match &*format {
        "csv" => Some(Format::Csv),
        "tsv" => Some(Format::Tsv),
        "json" => Some(Format::Jsonl),
        "parquet" => None,
        other => {
            let message = format!("rows cannot be exported as `{other}`");
            let refusal = Diagnostic::error(codes::UNSUPPORTED, at, message);
            let refusal = refusal.hint("the formats are csv, tsv, json and parquet");
            return Err(Failure::Query(refused(refusal)));
        }
    };
    head.expect("(")?;
    let (folder, place) = head.string()?;
    if folder.contains("://") {
        let message = "only folders of this machine can be exported to";
        return Err(Failure::Query(refused(Diagnostic::error(codes::CLOUD_ONLY, place, message))));
    }
    head.expect(")")?;
    let properties = head.properties()?;
    known(&properties, &["includeHeaders", "namePrefix"])?;
    head.end()?;
    let property = |name: &str| {
        let found = properties.iter().find(|property| property.name == name);
        found.map(|property| property.value.as_str())
    };
    let names = matches!(property("includeHeaders"), Some("all" | "firstFile"));
    let prefix = property("namePrefix").unwrap_or("export");
    let query = Request { source: head.body()?, ..request.clone() };
    let mut results = engine.run_with(&query, memory).await?.results.into_iter();
    let Some(result) = results.next() else {
        return Err(Error::Execution("the query gives no table to export".into()).into());
    };
    let folder = engine.export_folder(&folder)?;
    let name = format!("{prefix}_1_{}", random_guid().replace('-', ""));
    if name.contains(['/', '\\']) {
        return Err(Error::file(&name, "a prefix names no folder").into());
    }
    let (path, rows) = match format {
        Some(format) => text(result, format, names, compressed, &folder, &name).await?,
        None => parquet(result, &folder, &name).await?,
    };
    engine.refresh();
    let path: ArrayRef = Arc::new(StringViewArray::from_iter_values([path]));
    let rows: ArrayRef = Arc::new(Int64Array::from(vec![rows as i64]));
    Ok(Table::new(vec![("Path", Type::String, path), ("NumRecords", Type::Long, rows)], 1))
}

async fn text(
    mut result: ResultStream,
    format: Format,
    names: bool,
    compressed: bool,
    folder: &Path,
    name: &str,
) -> Result<(String, usize)> {
    let extension = if format == Format::Jsonl { "json" } else { format.name() };
    let gz = if compressed { ".gz" } else { "" };
    let path = folder.join(format!("{name}.{extension}{gz}"));
    let failed = |error: std::io::Error| Error::file(&path, error);
    let temporary = hidden_file(folder, name).map_err(failed)?;
    let file = BufWriter::new(temporary.reopen().map_err(failed)?);
    let mut sink = match compressed {
        true => Sink::Gzip(Box::new(GzEncoder::new(file, flate2::Compression::default()))),
        false => Sink::Plain(file),
    };
    let mut rows = 0;
    let mut table = writer(format, &mut sink, Layout { names, ..Layout::default() });
    table
        .begin(&Header { schema: &result.schema, name: None, visualization: None })
        .map_err(failed)?;
    while let Some(batch) = result.stream.next().await {
        let batch = batch?;
        rows += batch.num_rows();
        table.batch(&batch).map_err(failed)?;
        tokio::task::yield_now().await;
    }
    table.finish(&Stats::default()).map_err(failed)?;
    drop(table);
    sink.finish().map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    publish(temporary, &path).map_err(failed)?;
    Ok((path.display().to_string(), rows))
}

async fn parquet(mut result: ResultStream, folder: &Path, name: &str) -> Result<(String, usize)> {
    let columns: Vec<StoredColumn> = result
        .schema
        .columns()
        .iter()
        .map(|column| StoredColumn { name: column.name.clone(), ty: column.ty, fine: false })
        .collect();
    let mut file = ParquetFile::new(folder, name, &columns)?;
    let mut rows = 0;
    while let Some(batch) = result.stream.next().await {
        let batch = batch?;
        rows += batch.num_rows();
        file.write(batch.columns())?;
        tokio::task::yield_now().await;
    }
    let (path, _) = file.finish()?.publish()?;
    Ok((path.display().to_string(), rows))
}

/// A file of text, compressed or not.
enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Sink {
    /// Writes what is still held back.
    fn finish(self) -> io::Result<()> {
        match self {
            Sink::Plain(mut file) => file.flush(),
            Sink::Gzip(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Plain(file) => file.write(bytes),
            Sink::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(file) => file.flush(),
            Sink::Gzip(encoder) => encoder.flush(),
        }
    }
}
