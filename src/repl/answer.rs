//! Runs one request and writes its answer: shared by the session and the command line.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::runtime::Runtime;

use crate::commands;
use crate::diagnostics::render::Style;
use crate::diagnostics::{Diagnostics, json, render};
use crate::engine::{Engine, Failure, Memory, Request, ResultStream, Stage};
use crate::error::Error;
use crate::output::{self, Format, Header, Layout, Stats, TableWriter};
use crate::text::Source;

/// Parsing and binding follow the nesting of a query; this much stack is address space, not memory.
const STACK: usize = 64 << 20;

/// How long a stopped query may take to wind up before it is left to itself.
const GRACE: Duration = Duration::from_millis(300);

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    /// The query or its data is at fault; the report has been written.
    Failed,
    /// The user stopped it.
    Cancelled,
    /// Nobody reads the answer any more.
    Closed,
}

/// How answers and reports look.
#[derive(Clone, Copy, Debug)]
pub struct Presentation {
    pub format: Format,
    pub layout: Layout,
    pub timings: bool,
    pub style: Style,
}

impl Presentation {
    /// A presentation that fits the terminal, if there is one. `NO_COLOR` is respected.
    pub fn detect(format: Format, layout: Layout) -> Self {
        let stderr = io::stderr();
        let width = |size: Option<(terminal_size::Width, terminal_size::Height)>| {
            size.map(|(width, _)| usize::from(width.0))
        };
        let error_width = width(terminal_size::terminal_size_of(&stderr)).unwrap_or(140);
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colors = stderr.is_terminal() && !plain;
        let mut presentation =
            Self { format, layout, timings: false, style: Style { colors, width: error_width } };
        presentation.fit();
        presentation
    }

    /// Adopts the terminal's present width.
    pub fn fit(&mut self) {
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        self.layout.width = size.map(|(width, _)| usize::from(width.0)).filter(|&width| width > 0);
    }

    /// Reports findings about `source`.
    pub fn report(&self, diagnostics: &Diagnostics, source: &Source) {
        if diagnostics.is_empty() {
            return;
        }
        write_error(&match self.format {
            Format::Json | Format::Jsonl => json::render(diagnostics, source),
            _ => render::render(diagnostics, source, self.style),
        });
    }

    /// Reports a failure that has no place in the query.
    pub fn report_failure(&self, error: &Error, source: Option<&Source>) {
        write_error(&match self.format {
            Format::Json | Format::Jsonl => json::render_failure(error, source),
            _ => render::render_failure(error, self.style),
        });
    }

    /// Reports something that keeps part of the data away.
    pub fn report_problem(&self, error: &Error) {
        write_error(&match self.format {
            Format::Json | Format::Jsonl => json::render_problem(error),
            _ => render::render_problem(error, self.style),
        });
    }
}

fn write_error(text: &str) {
    // There is nowhere left to report a broken standard error.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// An engine with the threads it runs on.
pub struct Runner {
    engine: Arc<Engine>,
    runtime: Runtime,
}

impl Runner {
    /// A runner with `threads` workers; one per processor when not given.
    pub fn new(engine: Arc<Engine>, threads: Option<usize>) -> io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        if let Some(threads) = threads {
            builder.worker_threads(threads);
        }
        let runtime = builder.thread_stack_size(STACK).enable_all().build()?;
        Ok(Self { engine, runtime })
    }

    /// The engine that answers.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Ends without waiting for what still winds down.
    pub fn abandon(self) {
        self.runtime.shutdown_background();
    }

    /// Answers `request` on standard output; findings and failures go to standard error.
    pub fn run(&self, request: Request, presentation: &Presentation) -> Outcome {
        self.run_with(request, &Arc::default(), presentation)
    }

    /// Answers `request` in a session: its `let` and `set` statements stay in `memory`.
    pub fn run_with(
        &self,
        request: Request,
        memory: &Arc<Memory>,
        presentation: &Presentation,
    ) -> Outcome {
        let (engine, memory) = (Arc::clone(&self.engine), Arc::clone(memory));
        let shown = *presentation;
        let work = async move { answer(&engine, &request, &memory, &shown).await };
        self.until_interrupted(work, presentation).unwrap_or_else(|outcome| outcome)
    }

    /// The result of one stage as text; a failure is reported on standard error.
    pub fn explain(
        &self,
        request: Request,
        stage: Stage,
        presentation: &Presentation,
    ) -> Result<String, Outcome> {
        let engine = Arc::clone(&self.engine);
        let shown = *presentation;
        let work = async move {
            let explained = engine.explain(&request, stage).await;
            explained.map_err(|failure| report(&failure, &request.source, &shown))
        };
        self.until_interrupted(work, presentation)?
    }

    /// Runs `work` on a worker, so that Ctrl-C is answered at once whatever the worker does.
    fn until_interrupted<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        presentation: &Presentation,
    ) -> Result<T, Outcome> {
        let done = self.runtime.block_on(async {
            let mut task = tokio::spawn(work);
            tokio::select! {
                done = &mut task => done.map_err(|error| Error::Internal(error.to_string())),
                _ = tokio::signal::ctrl_c() => {
                    task.abort();
                    // What it had written so far comes before anything else, if it stops in time.
                    let _ = tokio::time::timeout(GRACE, task).await;
                    Err(Error::Cancelled)
                }
            }
        });
        done.map_err(|error| match error {
            Error::Cancelled => Outcome::Cancelled,
            error => {
                presentation.report_failure(&error, None);
                Outcome::Failed
            }
        })
    }
}

async fn answer(
    engine: &Engine,
    request: &Request,
    memory: &Memory,
    presentation: &Presentation,
) -> Outcome {
    let started = Instant::now();
    if commands::is_command(request.source.text()) {
        return match commands::run(engine, request, memory).await {
            Ok(table) => {
                let stream = futures::stream::iter([Ok(table.rows)]);
                let (schema, stream) = (table.schema, Box::pin(stream));
                let result = ResultStream { schema, name: None, visualization: None, stream };
                present(vec![result], request, presentation, started).await
            }
            Err(failure) => report(&failure, &request.source, presentation),
        };
    }
    let response = match engine.run_with(request, memory).await {
        Ok(response) => response,
        Err(failure) => return report(&failure, &request.source, presentation),
    };
    presentation.report(&response.diagnostics, &request.source);
    present(response.results, request, presentation, started).await
}

async fn present(
    results: Vec<ResultStream>,
    request: &Request,
    presentation: &Presentation,
    started: Instant,
) -> Outcome {
    let out = BufWriter::with_capacity(1 << 16, io::stdout());
    let mut writer = output::writer(presentation.format, out, presentation.layout);
    for result in results {
        match write(result, writer.as_mut(), presentation, started).await {
            Ok(()) => {}
            Err(Interruption::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Outcome::Closed;
            }
            Err(Interruption::Output(error)) => {
                let error = Error::Execution(format!("the answer cannot be written: {error}"));
                return report(&Failure::Run(error), &request.source, presentation);
            }
            Err(Interruption::Run(error)) => {
                return report(&Failure::Run(error), &request.source, presentation);
            }
        }
    }
    Outcome::Answered
}

/// Why a result table stays unfinished.
enum Interruption {
    Run(Error),
    Output(io::Error),
}

async fn write(
    mut result: ResultStream,
    writer: &mut (dyn TableWriter + Send),
    presentation: &Presentation,
    started: Instant,
) -> Result<(), Interruption> {
    let visualization = result
        .visualization
        .take()
        .map(|drawn| output::Visualization { kind: drawn.kind, properties: drawn.properties });
    let header = Header {
        schema: &result.schema,
        name: result.name.as_deref(),
        visualization: visualization.as_ref(),
    };
    writer.begin(&header).map_err(Interruption::Output)?;
    while let Some(batch) = result.stream.next().await {
        let batch = batch.map_err(Interruption::Run)?;
        writer.batch(&batch).map_err(Interruption::Output)?;
        // A stream that is always ready would otherwise never notice that the user gave up.
        tokio::task::yield_now().await;
    }
    let elapsed = started.elapsed();
    let shown = presentation.timings || presentation.format == Format::Table;
    let stats = Stats { elapsed: shown.then_some(elapsed) };
    writer.finish(&stats).map_err(Interruption::Output)?;
    if presentation.timings && !matches!(presentation.format, Format::Table | Format::Json) {
        write_error(&format!("elapsed: {}\n", milliseconds(elapsed)));
    }
    Ok(())
}

fn report(failure: &Failure, source: &Source, presentation: &Presentation) -> Outcome {
    match failure {
        Failure::Query(diagnostics) => presentation.report(diagnostics, source),
        Failure::Run(Error::Cancelled) => return Outcome::Cancelled,
        Failure::Run(error) => presentation.report_failure(error, Some(source)),
    }
    Outcome::Failed
}

fn milliseconds(elapsed: Duration) -> String {
    format!("{:.1} ms", elapsed.as_secs_f64() * 1e3)
}
