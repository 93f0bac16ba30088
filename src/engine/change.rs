//! Changes to tables: rows of a query or of text into a table of the folder opened for writing.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::{Stream, TryStreamExt};

use super::{Engine, Failure, Memory, Request, parse};
use crate::binder::{Context, bind};
use crate::catalog::Catalog;
use crate::catalog::store::{Change, FinishedPart, Manifest, Store};
use crate::error::{Error, Result};
use crate::lower::lower;
use crate::plan::{Node, Relation};
use crate::text::Source;
use crate::types::{Column, RowSchema, Schemas};

/// How a change treats the table and its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `.set`: the table must not exist.
    Create,
    /// `.append`: the table must exist.
    Append,
    /// `.set-or-append`.
    CreateOrAppend,
    /// `.set-or-replace`.
    CreateOrReplace {
        /// Whether the table takes over the columns of the query.
        recreate_schema: bool,
    },
}

/// What a change added.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// The guid in the name of the new file; `None` if there were no rows.
    pub part: Option<String>,
    pub rows: u64,
}

/// Canonical batches.
type Batches = Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>;

/// Rows written, or the news that their instants need more digits than the table keeps.
enum Attempt {
    Done(Option<FinishedPart>),
    Finer,
}

impl Engine {
    /// The folder opened for writing.
    pub fn store(&self) -> Result<&Store> {
        self.store.as_ref().ok_or_else(|| {
            let message = "no folder is open for writing; name one with `--write DIR`";
            Error::Execution(message.into())
        })
    }

    /// Writes the rows of the query in `request` to `table`. Columns go by position.
    pub async fn store_query(
        &self,
        request: &Request,
        memory: &Memory,
        table: &str,
        mode: Mode,
    ) -> Result<Changed, Failure> {
        let script = parse(&request.source)?;
        let prepared = self.prepare(request, &script, &memory.prelude(&script)).await?;
        let [statement] = prepared.query.statements.as_slice() else {
            let message = "a table is filled by exactly one query";
            return Err(Error::Execution(message.into()).into());
        };
        let change = self.lock(table)?;
        let catalog = &prepared.tables.catalog;
        self.store_relation(change, table, mode, &statement.relation, catalog).await
    }

    async fn store_relation(
        &self,
        change: Change,
        table: &str,
        mode: Mode,
        relation: &Relation,
        catalog: &Catalog,
    ) -> Result<Changed, Failure> {
        let next = Next::new(table, change.manifest(), mode, &relation.schema)?;
        let rows = |relation: &Relation| -> Result<_> {
            let plan = lower(relation, catalog)?;
            Ok(async move {
                let stream = self.session.start(self.session.physical(&plan).await?)?;
                Ok::<Batches, Error>(Box::pin(stream.map_err(crate::exec::failure)))
            })
        };
        if let Attempt::Done(part) = attempt(&change, &next, rows(relation)?.await?).await? {
            return Ok(self.commit(change, next, part)?);
        }
        // All instants of the table get seven digits: what is there is written anew.
        let whole = match next.kept.as_slice() {
            [] => relation.clone(),
            _ => with_stored(table, &next.schema, relation),
        };
        let anew = Next { fine: true, kept: vec![], ..next };
        match attempt(&change, &anew, rows(&whole)?.await?).await? {
            Attempt::Done(part) => Ok(self.commit(change, anew, part)?),
            Attempt::Finer => Err(Error::Internal("instants with eight digits".into()).into()),
        }
    }

    /// Writes rows that came with a command, of the columns of `table`.
    pub async fn store_rows(
        &self,
        table: &str,
        read: impl FnOnce(&RowSchema) -> Result<Vec<RecordBatch>>,
    ) -> Result<Changed, Failure> {
        let change = self.lock(table)?;
        let Some(manifest) = change.manifest() else { return Err(missing(table).into()) };
        let batches = read(&manifest.schema)?;
        let name: Arc<str> = "$inline".into();
        let schema = manifest.schema.clone();
        let tables = vec![(name.clone(), schema.clone(), batches)];
        let catalog = self.catalog().with_tables(tables)?;
        let scan = Relation::new(Node::Scan { database: None, table: name }, schema);
        self.store_relation(change, table, Mode::Append, &scan, &catalog).await
    }

    /// The columns of the one query in `source`.
    pub fn columns_of(&self, source: &Source) -> Result<RowSchema, Failure> {
        let script = parse(source)?;
        let context = Context::default();
        let (query, diagnostics) = bind(source, &script, &[], &self.catalog(), &context);
        match query.statements.into_iter().next() {
            Some(statement) if !diagnostics.has_errors() => Ok(statement.relation.schema),
            _ => Err(Failure::Query(diagnostics)),
        }
    }

    /// Makes an empty table, or widens one by the columns it lacks if `merge`; the columns that the
    /// table has in the end.
    pub fn create_table(&self, table: &str, schema: &RowSchema, merge: bool) -> Result<RowSchema> {
        if !merge
            && !self.store()?.owns(table)
            && let Some(existing) = Schemas::table(&self.catalog(), None, table)
        {
            return Ok(existing.schema.clone());
        }
        let change = self.lock(table)?;
        let mut manifest = match change.manifest() {
            Some(manifest) if !merge => return Ok(manifest.schema.clone()),
            Some(manifest) => manifest.clone(),
            None => Manifest { schema: RowSchema::default(), fine: false, files: vec![] },
        };
        let mut columns: Vec<Column> = manifest.schema.columns().to_vec();
        for column in schema.columns() {
            match columns.iter().find(|known| known.name == column.name) {
                Some(known) if known.ty != column.ty => {
                    let message = format!(
                        "column `{}` of `{table}` is {}, not {}",
                        column.name, known.ty, column.ty
                    );
                    return Err(Error::Execution(message));
                }
                Some(_) => {}
                None => columns.push(column.clone()),
            }
        }
        manifest.schema = RowSchema::new(columns);
        change.commit(&manifest, vec![])?;
        self.refresh();
        Ok(manifest.schema)
    }

    /// Removes the rows of a table.
    pub fn clear_table(&self, table: &str) -> Result<()> {
        let change = self.lock(table)?;
        let Some(manifest) = change.manifest() else { return Err(missing(table)) };
        let empty = Manifest { files: vec![], ..manifest.clone() };
        change.commit(&empty, vec![])?;
        self.refresh();
        Ok(())
    }

    /// Removes a table with its rows.
    pub fn drop_table(&self, table: &str, if_exists: bool) -> Result<()> {
        let dropped = self.lock(table)?.drop_table()?;
        self.refresh();
        if dropped || if_exists { Ok(()) } else { Err(missing(table)) }
    }

    /// Locks a table that may be changed.
    fn lock(&self, table: &str) -> Result<Change> {
        let store = self.store()?;
        if !store.owns(table) && self.catalog().table_names(None).iter().any(|n| **n == *table) {
            let message = format!(
                "table `{table}` is made of files that no command has written; it can be read, not \
                 changed"
            );
            return Err(Error::Execution(message));
        }
        store.change(table)
    }

    fn commit(&self, change: Change, next: Next, part: Option<FinishedPart>) -> Result<Changed> {
        let Next { schema, fine, kept: mut files } = next;
        let mut changed = Changed::default();
        if let Some(part) = &part {
            let id = part.name.strip_prefix("part-").and_then(|n| n.strip_suffix(".parquet"));
            changed = Changed { part: id.map(str::to_string), rows: part.rows };
            files.push(part.name.as_str().into());
        }
        let manifest = Manifest { schema, fine, files };
        change.commit(&manifest, part.into_iter().collect())?;
        self.refresh();
        Ok(changed)
    }

    /// The folder that an export goes to: inside the one opened for writing.
    pub fn export_folder(&self, folder: &str) -> Result<PathBuf> {
        let root = self.store()?.root();
        let inside = root.join(folder);
        let climbs = inside.components().any(|part| part == std::path::Component::ParentDir);
        if climbs || !inside.starts_with(root) {
            let message = "lies outside the folder opened for writing";
            return Err(Error::file(folder, message));
        }
        std::fs::create_dir_all(&inside).map_err(|error| Error::file(&inside, error))?;
        // A link on the way could lead outside.
        let real = std::fs::canonicalize(&inside).map_err(|error| Error::file(&inside, error))?;
        match real.starts_with(root) {
            true => Ok(real),
            false => Err(Error::file(folder, "leads outside the folder opened for writing")),
        }
    }
}

/// What a table is to be.
struct Next {
    schema: RowSchema,
    fine: bool,
    /// The files that stay.
    kept: Vec<Arc<str>>,
}

impl Next {
    fn new(table: &str, manifest: Option<&Manifest>, mode: Mode, rows: &RowSchema) -> Result<Self> {
        let schema = match (manifest, mode) {
            (Some(_), Mode::Create) => {
                return Err(Error::Execution(format!("table `{table}` exists already")));
            }
            (None, Mode::Append) => return Err(missing(table)),
            (Some(_), Mode::CreateOrReplace { recreate_schema: true }) | (None, _) => rows.clone(),
            (Some(manifest), _) => manifest.schema.clone(),
        };
        if let Some(name) = schema.names().find(|name| name.contains('$')) {
            let message = format!("column `{name}`: a stored name has no `$`; rename it first");
            return Err(Error::Execution(message));
        }
        fits(table, &schema, rows)?;
        let replaces = matches!(mode, Mode::CreateOrReplace { .. });
        let kept = manifest.filter(|_| !replaces);
        Ok(Self {
            schema,
            fine: kept.is_some_and(|manifest| manifest.fine),
            kept: kept.map_or_else(Vec::new, |manifest| manifest.files.clone()),
        })
    }
}

/// Columns are matched by position, and their types must agree.
fn fits(table: &str, schema: &RowSchema, rows: &RowSchema) -> Result<()> {
    if schema.len() != rows.len() {
        let message =
            format!("table `{table}` has {} columns, the query {}", schema.len(), rows.len());
        return Err(Error::Execution(message));
    }
    let mut pairs = schema.columns().iter().zip(rows.columns());
    match pairs.find(|(stored, given)| stored.ty != given.ty) {
        None => Ok(()),
        Some((stored, given)) => Err(Error::Execution(format!(
            "column `{}` of `{table}` is {}; the query gives `{}`, which is {}",
            stored.name, stored.ty, given.name, given.ty
        ))),
    }
}

/// The rows that a table has, then those of `relation`.
fn with_stored(table: &str, schema: &RowSchema, relation: &Relation) -> Relation {
    let scan = Node::Scan { database: None, table: table.into() };
    let stored = Relation::new(scan, schema.clone());
    let columns = schema.columns().iter().cloned().enumerate();
    let given = columns.map(|(index, column)| (column, relation.column(index))).collect();
    let inputs = vec![stored, relation.clone().project(given)];
    Relation::new(Node::Union { inputs }, schema.clone())
}

async fn attempt(change: &Change, next: &Next, mut rows: Batches) -> Result<Attempt> {
    let id = crate::functions::scalar::metadata::random_guid();
    let mut part = change.part(&id, &next.schema, next.fine)?;
    while let Some(batch) = rows.try_next().await? {
        if !part.holds(&batch) {
            return Ok(Attempt::Finer);
        }
        part.write(&batch)?;
        // Writing is work without a pause; the user may have given up meanwhile.
        tokio::task::yield_now().await;
    }
    Ok(Attempt::Done(part.finish()?))
}

fn missing(table: &str) -> Error {
    Error::Execution(format!("there is no table `{table}`"))
}
