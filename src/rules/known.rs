//! The tables that a check knows.

use std::sync::Arc;

use super::pack::Pack;
use super::{BuiltIn, Options};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::types::{Schemas, TableSchema};

/// The columns of tables: those of the user's files, and behind them those of a pack.
pub(super) struct Known {
    catalog: Catalog,
    built_in: Option<PackOrShipped>,
}

enum PackOrShipped {
    Own(Pack),
    Shipped,
}

impl PackOrShipped {
    fn pack(&self) -> &Pack {
        match self {
            PackOrShipped::Own(pack) => pack,
            PackOrShipped::Shipped => Pack::shipped(),
        }
    }
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
        let built_in = match &options.built_in {
            BuiltIn::None => None,
            BuiltIn::Shipped => Some(PackOrShipped::Shipped),
            BuiltIn::Home(home) => Some(match Pack::of_user(home) {
                Ok(own) => own.map_or(PackOrShipped::Shipped, PackOrShipped::Own),
                Err(problem) => {
                    problems.push(problem);
                    PackOrShipped::Shipped
                }
            }),
        };
        (Known { catalog, built_in }, problems)
    }
}

impl Schemas for Known {
    fn table(&self, database: Option<&str>, table: &str) -> Option<Arc<TableSchema>> {
        let own = Schemas::table(&self.catalog, database, table);
        // A file that cannot be read is not replaced by a table of the same name.
        if own.is_some() || self.unavailable(table).is_some() {
            return own;
        }
        let built_in = self.built_in.as_ref().filter(|_| self.is_here(database))?;
        built_in.pack().table(table).map(Arc::new)
    }

    fn table_names(&self, database: Option<&str>) -> Vec<Arc<str>> {
        let mut names = self.catalog.table_names(database);
        if let Some(built_in) = self.built_in.as_ref().filter(|_| self.is_here(database)) {
            names.extend(built_in.pack().names().map(Arc::from));
            names.sort();
            names.dedup();
        }
        names
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

impl Known {
    fn is_here(&self, database: Option<&str>) -> bool {
        database.is_none_or(|name| self.catalog.has_database(name))
    }
}
