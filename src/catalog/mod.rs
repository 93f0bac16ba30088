//! The tables at hand: names, schemas, and providers that read files.
//!
//! Opening a catalog lists folders and opens no data file. A file is first read when its table is
//! asked for; one that is broken takes only its own table away.

pub mod addressed;
pub mod convert;
mod delimited;
mod external;
pub mod import;
mod infer;
mod inline;
mod input;
mod json;
mod lines;
mod listing;
mod memory;
mod nested;
mod parquet;
pub mod parquet_file;
pub mod schema_file;
mod schema_rows;
pub mod store;
#[cfg(test)]
mod tests;
mod text_table;
mod watchlists;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;

pub use convert::{Conversion, Reading, canonicalise};
pub use inline::{InlineFormat, read_inline};

use addressed::Addressed;

use crate::error::{Error, Result};
use crate::types::{Column, RowSchema, Schemas, TableSchema, Type};
use listing::{Format, Listed};

/// The name of the only database.
pub const DATABASE: &str = "default";

/// A column as a scan delivers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileColumn {
    pub name: Arc<str>,
    /// The KQL type, once converted.
    pub ty: Type,
    /// From the form the scan delivers to the canonical one.
    pub conversion: Conversion,
}

/// A table that can be read.
#[derive(Clone)]
pub struct TableHandle {
    /// The table as binding sees it.
    pub schema: Arc<TableSchema>,
    /// The columns of `schema`, in order, as the provider delivers them.
    pub columns: Vec<FileColumn>,
    /// Scans the raw columns, in the order of `columns` and under their names.
    pub provider: Arc<dyn TableProvider>,
    /// Set where rows can be read again by their address.
    pub addressed: Option<Arc<dyn Addressed>>,
}

impl fmt::Debug for TableHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableHandle")
            .field("schema", &self.schema)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

/// A table that is opened when it is first asked for.
struct Entry {
    name: Arc<str>,
    /// Nothing for a table that is only declared: it is empty.
    listed: Option<Listed>,
    /// The columns a schema file declares.
    declared: Option<RowSchema>,
    opened: Mutex<Option<Opened>>,
}

/// A table, or why there is none, as its files were at one moment.
struct Opened {
    stamps: Vec<Option<(u64, SystemTime)>>,
    table: Result<Arc<TableHandle>>,
}

impl Entry {
    /// The table; opened again when its files have changed.
    fn open(&self) -> Result<Arc<TableHandle>> {
        let stamps = self.stamps();
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        match &*opened {
            Some(known) if known.stamps == stamps => known.table.clone(),
            _ => {
                let table = self.read().map(Arc::new);
                *opened = Some(Opened { stamps, table: table.clone() });
                table
            }
        }
    }

    /// Size and time of the last change of every file.
    fn stamps(&self) -> Vec<Option<(u64, SystemTime)>> {
        let files = self.listed.iter().flat_map(|listed| &listed.files);
        files
            .map(|file| {
                let about = file.path.metadata().ok()?;
                Some((about.len(), about.modified().ok()?))
            })
            .collect()
    }

    fn read(&self) -> Result<TableHandle> {
        let declared = self.declared.as_ref();
        match &self.listed {
            None => {
                let schema = self.declared.clone().unwrap_or_default();
                memory::table(Arc::clone(&self.name), schema, Vec::new())
            }
            Some(listed) => match (listed.kind.format, listing::versioned(&listed.origin)) {
                (_, Some(kind)) => {
                    let message = format!(
                        "{kind} tables cannot be read: the folder also holds rows that are no \
                         longer theirs"
                    );
                    Err(Error::file(&listed.origin, message))
                }
                (Format::Parquet, None) => parquet::open(&self.name, listed, declared),
                (Format::Managed, None) => store::open(&self.name, listed, declared),
                (Format::Delimited(_), None) if self.name.starts_with(watchlists::PREFIX) => {
                    let texts = text_table::texts(listed)?;
                    text_table::open(&self.name, listed, Some(&texts))
                }
                (Format::Delimited(_) | Format::Json, None) => {
                    text_table::open(&self.name, listed, declared)
                }
            },
        }
    }
}

/// The tables of one database, named [`DATABASE`]. Clones share everything.
#[derive(Clone, Default)]
pub struct Catalog {
    files: Arc<BTreeMap<Arc<str>, Entry>>,
    /// Tables in memory; they hide files of the same name.
    memory: Arc<BTreeMap<Arc<str>, Arc<TableHandle>>>,
    /// Where files that queries name may lie.
    places: external::Places,
    /// Watchlists by alias; none without a folder of them.
    watchlists: Option<Arc<BTreeMap<Arc<str>, Entry>>>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.table_names(None)).finish()
    }
}

impl Catalog {
    /// The tables of data files and folders, and what could not be used of them.
    ///
    /// A folder's entries are tables: files of a known kind, and folders of Parquet files, whose
    /// `key=value` folders become columns. A path that is a file is one table. Schema files fix
    /// the types of columns, add those that files lack, and declare tables without files.
    pub fn open(data: &[PathBuf], schema_files: &[PathBuf]) -> (Catalog, Vec<Error>) {
        let (listed, mut errors) = listing::list(data);
        let mut files: BTreeMap<Arc<str>, Entry> = BTreeMap::new();
        let entry = |name: &Arc<str>| Entry {
            name: Arc::clone(name),
            listed: None,
            declared: None,
            opened: Mutex::default(),
        };
        for (name, listed) in listed {
            files.entry(Arc::clone(&name)).or_insert_with_key(entry).listed = Some(listed);
        }
        for path in schema_files {
            match schema_file::read(path) {
                Ok(declared) => {
                    for (name, schema) in declared {
                        files.entry(name).or_insert_with_key(entry).declared = Some(schema);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        let places = external::Places::of(data);
        (Catalog { files: Arc::new(files), places, ..Catalog::default() }, errors)
    }

    /// The table to scan; an error if there is none or its files cannot be read.
    pub fn table(&self, database: Option<&str>, table: &str) -> Result<Arc<TableHandle>> {
        if database.is_none_or(|name| self.has_database(name)) {
            if let Some(handle) = self.memory.get(table) {
                return Ok(Arc::clone(handle));
            }
            if let Some(entry) = self.files.get(table) {
                return entry.open();
            }
            if let Some(alias) = table.strip_prefix(watchlists::PREFIX)
                && let Some(opened) = self.open_watchlist(alias)
            {
                return opened;
            }
        }
        Err(Error::Internal(format!("the table `{table}` is not in the catalog")))
    }

    /// This catalog with tables in memory on top. Batches are canonical and have the columns of
    /// their schema, in order.
    pub fn with_tables(
        &self,
        tables: Vec<(Arc<str>, RowSchema, Vec<RecordBatch>)>,
    ) -> Result<Catalog> {
        let mut memory = BTreeMap::clone(&self.memory);
        for (name, schema, batches) in tables {
            let handle = memory::table(Arc::clone(&name), schema, batches)?;
            memory.insert(name, Arc::new(handle));
        }
        Ok(Catalog { memory: Arc::new(memory), ..self.clone() })
    }
}

impl Schemas for Catalog {
    fn table(&self, database: Option<&str>, table: &str) -> Option<Arc<TableSchema>> {
        Catalog::table(self, database, table).ok().map(|handle| Arc::clone(&handle.schema))
    }

    fn table_names(&self, database: Option<&str>) -> Vec<Arc<str>> {
        if database.is_some_and(|name| !self.has_database(name)) {
            return Vec::new();
        }
        let mut names: Vec<Arc<str>> =
            self.files.keys().chain(self.memory.keys()).map(Arc::clone).collect();
        names.sort();
        names.dedup();
        names
    }

    fn has_database(&self, database: &str) -> bool {
        database.eq_ignore_ascii_case(DATABASE)
    }

    fn current_database(&self) -> &str {
        DATABASE
    }

    fn watchlist(&self, alias: &str) -> Option<std::result::Result<Arc<TableSchema>, String>> {
        let opened = self.open_watchlist(alias)?;
        let opened = opened.map(|handle| Arc::clone(&handle.schema));
        Some(opened.map_err(|error| error.to_string()))
    }

    fn watchlists(&self) -> Option<Vec<Arc<str>>> {
        Some(self.watchlists.as_ref()?.keys().map(Arc::clone).collect())
    }

    fn has_downloads(&self) -> bool {
        self.places.has_downloads()
    }

    fn is_only_declared(&self) -> bool {
        self.places.are_none() && !self.files.is_empty()
    }

    fn unavailable(&self, table: &str) -> Option<String> {
        if self.memory.contains_key(table) {
            return None;
        }
        self.files.get(table)?.open().err().map(|error| error.to_string())
    }
}

/// The handle of a table whose provider delivers `readings`.
fn handle(
    name: &Arc<str>,
    readings: Vec<(Arc<str>, Reading)>,
    provider: Arc<dyn TableProvider>,
) -> TableHandle {
    let schema =
        readings.iter().map(|(name, reading)| Column::new(Arc::clone(name), reading.ty)).collect();
    let columns = readings
        .into_iter()
        .map(|(name, Reading { ty, conversion, .. })| FileColumn { name, ty, conversion })
        .collect();
    let schema = Arc::new(TableSchema { name: Arc::clone(name), schema });
    TableHandle { schema, columns, provider, addressed: None }
}
