//! What the test binaries share: an engine to ask, and its answers as text.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kqlite::diagnostics::{Diagnostic, Diagnostics};
use kqlite::engine::{Engine, Failure, Options, Request};
use kqlite::functions::kernel::value_at;
use kqlite::rules;
use kqlite::text::Source;
use kqlite::types::{Value, datetime};

/// The clock of every test.
const NOW: &str = "2026-01-15T12:00:00Z";
/// No query of a test takes as long.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The stack of the threads that work on queries.
const STACK: usize = 32 << 20;

/// The rows of one tabular statement.
pub struct Table {
    /// Name and type of each column, as `datatable` declares them.
    pub header: String,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// The header and one line of literals per row.
    pub fn text(&self) -> String {
        let mut text = self.header.clone();
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(Value::literal).collect();
            write!(text, "\n{}", cells.join(", ")).unwrap();
        }
        text
    }
}

/// An engine over `testdata` and the threads it works on.
#[derive(Clone)]
pub struct Runner {
    runtime: Arc<tokio::runtime::Runtime>,
    engine: Arc<Engine>,
}

impl Runner {
    pub fn new(batch_rows: usize, threads: usize) -> Self {
        Self::with(Options {
            batch_rows: Some(batch_rows),
            threads: Some(threads),
            ..Options::default()
        })
    }

    /// An engine over `testdata` with further options.
    pub fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(STACK)
            .enable_time()
            .build()
            .unwrap();
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let options =
            Options { data: if folder.exists() { vec![folder] } else { vec![] }, ..options };
        let engine = Engine::open(options).unwrap();
        Self { runtime: Arc::new(runtime), engine: Arc::new(engine) }
    }

    /// Works on the engine on a thread with a large stack, for a limited time.
    pub fn block_on<T, F>(&self, work: impl FnOnce(Arc<Engine>) -> F) -> Result<T, String>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, String>> + Send + 'static,
    {
        let task = self.runtime.spawn(work(self.engine.clone()));
        let answer = self.runtime.block_on(async { tokio::time::timeout(TIME_LIMIT, task).await });
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(broken)) => Err(format!("panicked: {broken}")),
            Err(_) => Err("panicked: no answer in time".into()),
        }
    }

    /// The rows of every tabular statement, or what went wrong. Lines of diagnostics count from
    /// the line after the first `skip`.
    pub fn tables(&self, query: &str, skip: usize) -> Result<Vec<Table>, String> {
        let source = Source::new("test", query);
        self.block_on(|engine| async move {
            let request = Request::new(source.clone()).at(NOW);
            let response = engine
                .run(&request)
                .await
                .map_err(|failure| failure_text(&source, skip, &failure))?;
            let mut tables = vec![];
            for mut result in response.results {
                let columns = result.schema.columns();
                let header: Vec<_> =
                    columns.iter().map(|c| format!("{}:{}", c.name, c.ty)).collect();
                let mut rows = vec![];
                while let Some(batch) = result.stream.next().await {
                    let batch = batch.map_err(|error| format!("failed: {error}"))?;
                    rows.extend((0..batch.num_rows()).map(|row| {
                        let cells = columns.iter().enumerate();
                        cells.map(|(i, c)| value_at(batch.column(i), c.ty, row)).collect()
                    }));
                }
                tables.push(Table { header: header.join(", "), rows });
            }
            Ok(tables)
        })
    }
}

/// A failure as text: diagnostics as `line:column severity CODE message`, hints indented.
pub fn failure_text(source: &Source, skip: usize, failure: &Failure) -> String {
    match failure {
        Failure::Query(diagnostics) => diagnostics_text(source, skip, diagnostics),
        Failure::Run(error) => format!("failed: {error}"),
    }
}

fn diagnostics_text(source: &Source, skip: usize, diagnostics: &Diagnostics) -> String {
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let mut text = String::new();
    sorted.iter().for_each(|found| text.push_str(&diagnostic_text(source, skip, found)));
    text.trim_end().to_string()
}

/// `line:column severity CODE message`, and a line per hint.
pub fn diagnostic_text(source: &Source, skip: usize, found: &Diagnostic) -> String {
    let at = source.location(found.span.start);
    let (line, severity) = (at.line - skip, found.severity.name());
    let mut text = String::new();
    writeln!(text, "{line}:{} {severity} {} {}", at.column, found.code, found.message).unwrap();
    for hint in &found.hints {
        writeln!(text, "  hint: {hint}").unwrap();
    }
    text
}

/// What `kqlite check` knows in tests: the tables of `testdata`, at the clock of every test.
#[allow(dead_code, reason = "not every test binary checks")]
pub fn checks() -> rules::Options {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let now = datetime::parse(NOW).unwrap();
    rules::Options { data: vec![folder], now, ..rules::Options::default() }
}
