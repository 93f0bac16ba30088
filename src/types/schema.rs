//! Names and types of rows and tables, and the view of a database that binding needs.

use std::sync::Arc;

use super::Type;

/// A named, typed column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    pub name: Arc<str>,
    pub ty: Type,
}

impl Column {
    pub fn new(name: impl Into<Arc<str>>, ty: Type) -> Self {
        Self { name: name.into(), ty }
    }
}

/// The columns of a relation, in order. Names are unique and case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RowSchema {
    columns: Arc<[Column]>,
}

impl RowSchema {
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect() }
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Position of the column called exactly `name`.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| &*c.name == name)
    }

    /// Names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|c| &*c.name)
    }
}

impl FromIterator<Column> for RowSchema {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        Self::new(columns)
    }
}

/// A table as binding sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSchema {
    pub name: Arc<str>,
    pub schema: RowSchema,
}

/// What a binder may ask about the databases at hand. Implementations do no I/O.
///
/// `database: None` is the database in scope. Database names do not distinguish case, table names
/// do.
pub trait Schemas {
    /// The table called `table`, if it is known.
    fn table(&self, database: Option<&str>, table: &str) -> Option<Arc<TableSchema>>;

    /// All table names of a database, sorted; for wildcards, completion and suggestions.
    fn table_names(&self, database: Option<&str>) -> Vec<Arc<str>>;

    /// Whether a database of that name exists.
    fn has_database(&self, database: &str) -> bool;

    /// The name of the database in scope.
    fn current_database(&self) -> &str;

    /// The watchlist of an alias: the table of its file, or why that cannot be read.
    fn watchlist(&self, alias: &str) -> Option<Result<Arc<TableSchema>, String>> {
        let _ = alias;
        None
    }

    /// The aliases of all watchlists, sorted; none where no folder of them was given.
    fn watchlists(&self) -> Option<Vec<Arc<str>>> {
        None
    }

    /// Whether files on the network are read from a folder of downloads.
    fn has_downloads(&self) -> bool {
        false
    }

    /// Whether there is no data: tables are declared, and all are empty.
    fn is_only_declared(&self) -> bool {
        false
    }

    /// Why a table that ought to exist does not (a broken file), for the diagnostic.
    fn unavailable(&self, table: &str) -> Option<String> {
        let _ = table;
        None
    }
}
