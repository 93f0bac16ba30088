//! The facade: the only place that joins the stages. Parse → bind (asking the data where binding
//! depends on it) → lower → execute.

mod change;

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::array::RecordBatch;
use datafusion::execution::memory_pool::MemoryReservation;
use futures::{Stream, StreamExt, TryStreamExt};

use crate::binder::{Answers, Context, bind};
use crate::catalog::Catalog;
use crate::catalog::store::Store;
use crate::diagnostics::Diagnostics;
use crate::error::{Error, Result};
use crate::exec::{self, Limits, Session, Stored, failure};
use crate::lower::lower;
use crate::plan::{Answer, BoundQuery, Probe, ProbeKind, Relation, dump};
use crate::stored::{self, Functions};
use crate::syntax::{self, ast};
use crate::text::Source;
use crate::types::{RowSchema, datetime};

pub use crate::plan::Visualization;
pub use change::{Changed, Mode};

/// How often a query may be bound again because an answer raised a new question.
const MAX_ROUNDS: usize = 256;

/// What an engine works on and may use.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders that hold the tables.
    pub data: Vec<PathBuf>,
    /// The folder that commands may change; its tables can be read as well.
    pub write: Option<PathBuf>,
    /// Schema files that pin types and declare empty tables.
    pub schemas: Vec<PathBuf>,
    /// Files and folders that hold stored functions.
    pub functions: Vec<PathBuf>,
    /// A folder of CSV files, each a watchlist under its name.
    pub watchlists: Option<PathBuf>,
    /// A folder of downloaded files, from which addresses on the network are read.
    pub external: Option<PathBuf>,
    /// Bytes of memory for operators that buffer rows.
    pub memory_limit: Option<usize>,
    /// Threads that work on one query.
    pub threads: Option<usize>,
    /// Rows per batch; tests make it small.
    pub batch_rows: Option<usize>,
}

/// One query text and its properties.
#[derive(Clone, Debug)]
pub struct Request {
    pub source: Source,
    /// Values of declared query parameters.
    pub parameters: Vec<(String, String)>,
    /// The query's clock in ticks; the machine's by default.
    pub now: Option<i64>,
}

impl Request {
    pub fn new(source: Source) -> Self {
        Self { source, parameters: vec![], now: None }
    }

    /// Sets the query's clock by its text form; a text that is no datetime leaves it.
    #[must_use]
    pub fn at(mut self, now: &str) -> Self {
        self.now = datetime::parse(now).or(self.now);
        self
    }
}

/// The stages that [`Engine::explain`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Tokens,
    Ast,
    Bound,
    Logical,
    Physical,
}

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The query is at fault.
    Query(Diagnostics),
    /// Running it failed.
    Run(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Run(error)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Failure::Query(diagnostics)
    }
}

/// The answer to a request.
pub struct Response {
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// One per tabular statement. Each starts to run when its stream is first polled.
    pub results: Vec<ResultStream>,
}

/// The rows of one tabular statement: canonical batches with the columns of `schema`.
pub struct ResultStream {
    pub schema: RowSchema,
    pub name: Option<String>,
    pub visualization: Option<Visualization>,
    pub stream: Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>,
}

/// Answers queries over one catalog.
pub struct Engine {
    catalog: RwLock<Catalog>,
    problems: Vec<Error>,
    functions: Mutex<Functions>,
    session: Arc<Session>,
    store: Option<Store>,
    options: Options,
}

/// The functions that the folder keeps.
fn kept(store: &Store) -> Result<Vec<stored::Stored>> {
    stored::kept(&store.functions_path(), store.functions()?)
}

/// What lasts between the requests of one user: `let` and `set` statements.
#[derive(Default)]
pub struct Memory {
    statements: Mutex<Vec<ast::Statement>>,
}

impl Engine {
    /// Opens the data. A file that cannot be read is one of the [`Self::problems`], not a failure.
    pub fn open(options: Options) -> Result<Engine> {
        let store = options.write.as_deref().map(Store::open).transpose()?;
        let mut options = options;
        options.data.extend(store.iter().map(|store| store.root().to_path_buf()));
        let (catalog, mut problems) = open_catalog(&options);
        let (functions, unusable) = stored::open(&options.functions);
        problems.extend(unusable);
        let functions = match &store {
            Some(store) => functions.with_kept(kept(store)?),
            None => functions,
        };
        let limits = Limits {
            memory: options.memory_limit,
            threads: options.threads,
            batch_rows: options.batch_rows,
        };
        let session = Arc::new(Session::new(&limits)?);
        let (catalog, functions) = (RwLock::new(catalog), Mutex::new(functions));
        Ok(Engine { catalog, problems, functions, session, store, options })
    }

    /// What went wrong while opening.
    pub fn problems(&self) -> &[Error] {
        &self.problems
    }

    /// The tables at hand.
    pub fn catalog(&self) -> Catalog {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lists the data folders again after a change.
    pub fn refresh(&self) {
        let (catalog, _) = open_catalog(&self.options);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
    }

    /// The stored functions at hand.
    pub fn functions(&self) -> Functions {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the stored functions: for as long as the engine lives, and for good where a folder
    /// may be changed. `change` may be run again, on functions that another process has changed.
    pub fn change_functions<T>(&self, change: impl Fn(&mut Functions) -> T) -> Result<T> {
        let mut held = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = held.clone();
        let mut answer = change(&mut changed);
        if let Some(store) = &self.store
            && changed.kept_text() != held.kept_text()
        {
            let file = store.change_functions()?;
            changed = held.with_kept(kept(store)?);
            answer = change(&mut changed);
            file.commit(&changed.kept_text())?;
        }
        *held = changed;
        Ok(answer)
    }

    /// Answers a request.
    pub async fn run(&self, request: &Request) -> Result<Response, Failure> {
        self.run_with(request, &Memory::default()).await
    }

    /// Answers a request in a session: its `let` and `set` statements stay in `memory`.
    pub async fn run_with(&self, request: &Request, memory: &Memory) -> Result<Response, Failure> {
        let script = parse(&request.source)?;
        let prelude = memory.prelude(&script);
        let prepared = self.prepare(request, &script, &prelude).await?;
        memory.keep(&script);
        let tables = Arc::new(prepared.tables);
        let results = prepared
            .query
            .statements
            .into_iter()
            .map(|statement| ResultStream {
                schema: statement.relation.schema.clone(),
                name: statement.name.map(|name| name.to_string()),
                visualization: statement.visualization,
                stream: start(self.session.clone(), tables.clone(), statement.relation),
            })
            .collect();
        Ok(Response { diagnostics: prepared.diagnostics, results })
    }

    /// The text form of one stage of a request.
    pub async fn explain(&self, request: &Request, stage: Stage) -> Result<String, Failure> {
        if stage == Stage::Tokens {
            return Ok(syntax::dump_tokens(request.source.text()));
        }
        let script = parse(&request.source)?;
        if stage == Stage::Ast {
            return Ok(syntax::dump(&script));
        }
        let prepared = self.prepare(request, &script, &[]).await?;
        let mut texts = vec![];
        for statement in &prepared.query.statements {
            texts.push(match stage {
                Stage::Bound => dump::dump(&statement.relation),
                _ => {
                    let plan = lower(&statement.relation, &prepared.tables.catalog)?;
                    if stage == Stage::Logical {
                        exec::logical_text(&self.session.optimize(&plan)?)
                    } else {
                        exec::physical_text(&self.session.physical(&plan).await?)
                    }
                }
            });
        }
        Ok(texts.join("\n"))
    }

    /// Binds a script to the end, answering what binding asks of the data.
    async fn prepare(
        &self,
        request: &Request,
        script: &ast::Script,
        prelude: &[ast::Statement],
    ) -> Result<Prepared, Failure> {
        let mut context = Context {
            now: request.now.unwrap_or_else(machine_clock),
            parameters: request.parameters.clone(),
            answers: Answers::default(),
            functions: self.functions(),
        };
        let mut answers = HashMap::new();
        let mut catalog = self.catalog();
        let mut kept = vec![];
        for _ in 0..MAX_ROUNDS {
            context.answers = Answers::Given(answers.clone());
            let (query, diagnostics) = bind(&request.source, script, prelude, &catalog, &context);
            if query.probes.is_empty() {
                return match diagnostics.has_errors() {
                    true => Err(Failure::Query(diagnostics)),
                    false => {
                        Ok(Prepared { query, diagnostics, tables: Tables { catalog, _kept: kept } })
                    }
                };
            }
            for probe in &query.probes {
                let (answer, with_table) = self.answer(probe, &catalog, &mut kept).await?;
                catalog = with_table.unwrap_or(catalog);
                answers.insert(probe.id, answer);
            }
        }
        Err(Failure::Run(Error::Internal("binding asks without end".into())))
    }

    async fn answer(
        &self,
        probe: &Probe,
        catalog: &Catalog,
        kept: &mut Vec<MemoryReservation>,
    ) -> Result<(Answer, Option<Catalog>)> {
        let plan = lower(&probe.relation, catalog)?;
        let stream = self.session.start(self.session.physical(&plan).await?)?;
        match probe.kind {
            ProbeKind::Rows { limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                let rows = exec::collect(stream, &probe.relation.schema, limit).await?;
                Ok((Answer::Rows(rows), None))
            }
            ProbeKind::Table => {
                let Stored { batches, reservation } = exec::store(&self.session, stream).await?;
                kept.push(reservation);
                let name: Arc<str> = format!("$materialized{}", probe.id).into();
                let table = (name.clone(), probe.relation.schema.clone(), batches);
                Ok((Answer::Table(name), Some(catalog.with_tables(vec![table])?)))
            }
        }
    }
}

/// A query ready to run.
struct Prepared {
    query: BoundQuery,
    diagnostics: Diagnostics,
    tables: Tables,
}

/// The engine's catalog with the temporary tables of a request, and the memory those take.
struct Tables {
    catalog: Catalog,
    _kept: Vec<MemoryReservation>,
}

impl Memory {
    /// The kept statements, but for names that `script` binds anew.
    fn prelude(&self, script: &ast::Script) -> Vec<ast::Statement> {
        let statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        let rebound = |name: &str| {
            script.statements.iter().any(|statement| match statement {
                ast::Statement::Let(binding) => &*binding.name.text == name,
                _ => false,
            })
        };
        statements
            .iter()
            .filter(|statement| match statement {
                ast::Statement::Let(binding) => !rebound(&binding.name.text),
                _ => true,
            })
            .cloned()
            .collect()
    }

    fn keep(&self, script: &ast::Script) {
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        for statement in &script.statements {
            let name = match statement {
                ast::Statement::Let(binding) => &binding.name.text,
                ast::Statement::Set(set) => &set.name.text,
                _ => continue,
            };
            statements.retain(|other| match other {
                ast::Statement::Let(binding) => binding.name.text != *name,
                ast::Statement::Set(set) => set.name.text != *name,
                _ => true,
            });
            statements.push(statement.clone());
        }
    }

    /// The names that are bound.
    pub fn names(&self) -> Vec<Arc<str>> {
        let statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        let names = statements.iter().filter_map(|statement| match statement {
            ast::Statement::Let(binding) => Some(binding.name.text.clone()),
            _ => None,
        });
        names.collect()
    }
}

/// The tables, watchlists and downloads that the options name, and what cannot be used of them.
fn open_catalog(options: &Options) -> (Catalog, Vec<Error>) {
    let (mut catalog, mut problems) = Catalog::open(&options.data, &options.schemas);
    if let Some(folder) = &options.watchlists {
        let (with_watchlists, unusable) = catalog.with_watchlists(folder);
        catalog = with_watchlists;
        problems.extend(unusable);
    }
    if let Some(folder) = &options.external {
        match catalog.with_downloads(folder) {
            Ok(with_downloads) => catalog = with_downloads,
            Err(error) => problems.push(error),
        }
    }
    (catalog, problems)
}

fn parse(source: &Source) -> Result<ast::Script, Failure> {
    let parsed = syntax::parse(source);
    match parsed.diagnostics.has_errors() {
        true => Err(Failure::Query(parsed.diagnostics)),
        false => Ok(parsed.script),
    }
}

/// The machine's time in ticks.
pub fn machine_clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    datetime::UNIX_EPOCH + i64::try_from(nanos / 100).unwrap_or(0)
}

/// Plans and runs a relation once the stream is polled.
fn start(
    session: Arc<Session>,
    tables: Arc<Tables>,
    relation: Relation,
) -> Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>> {
    let opened = async move {
        let plan = lower(&relation, &tables.catalog)?;
        let stream = session.start(session.physical(&plan).await?)?;
        // The temporary tables live as long as the rows that are made of them.
        Ok::<_, Error>(stream.map(move |batch| {
            let _tables = &tables;
            batch.map_err(failure)
        }))
    };
    Box::pin(futures::stream::once(opened).try_flatten())
}
