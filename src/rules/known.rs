//! The tables that a check knows.

use std::sync::Arc;

use super::Options;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::types::{Schemas, TableSchema};

/// The columns of tables: those of the user's files.
pub(super) struct Known {
    catalog: Catalog,
}

impl Known {
    /// The tables of the options, and what could not be used of those.
    pub fn open(options: &Options) -> (Known, Vec<Error>) {
        let (mut catalog, mut problems) = Catalog::open(&options.data, &options.schemas);
        if let Some(folder) = &options.watchlists {
            let (with_watchlists, unusable) = catalog.with_watchlists(folder);
            catalog = with_watchlists;
            problems.extend(unusable);
        }
        (Known { catalog }, problems)
    }
}

impl Schemas for Known {
    fn table(&self, database: Option<&str>, table: &str) -> Option<Arc<TableSchema>> {
        Schemas::table(&self.catalog, database, table)
    }

    fn table_names(&self, database: Option<&str>) -> Vec<Arc<str>> {
        self.catalog.table_names(database)
    }

    fn has_database(&self, database: &str) -> bool {
        self.catalog.has_database(database)
    }

    fn current_database(&self) -> &str {
        self.catalog.current_database()
    }

    fn watchlist(&self, alias: &str) -> Option<Result<Arc<TableSchema>, String>> {
        self.catalog.watchlist(alias)
    }

    fn watchlists(&self) -> Option<Vec<Arc<str>>> {
        self.catalog.watchlists()
    }

    /// Whether a file can be read is not for a check to say.
    fn has_downloads(&self) -> bool {
        true
    }

    fn unavailable(&self, table: &str) -> Option<String> {
        self.catalog.unavailable(table)
    }
}
