//! Watchlists: the CSV files of one folder, each under its alias. All columns are texts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::listing::{self, Format};
use super::{Catalog, Entry, TableHandle};
use crate::error::{Error, Result};

/// What the names of tables that are watchlists begin with; no table of a user does.
pub(super) const PREFIX: &str = "$watchlist:";

impl Catalog {
    /// This catalog with the watchlists of a folder, and what could not be used of it.
    #[must_use]
    pub fn with_watchlists(&self, folder: &Path) -> (Catalog, Vec<Error>) {
        let (listed, errors) = listing::list(&[folder.to_path_buf()]);
        let files = listed.into_iter().filter_map(|(alias, listed)| {
            let Format::Delimited(_) = listed.kind.format else { return None };
            let name = format!("{PREFIX}{alias}").into();
            let listed = Some(listed);
            Some((alias, Entry { name, listed, declared: None, opened: Mutex::default() }))
        });
        let watchlists: BTreeMap<Arc<str>, Entry> = files.collect();
        (Catalog { watchlists: Some(Arc::new(watchlists)), ..self.clone() }, errors)
    }

    /// The watchlist of an alias.
    pub(super) fn open_watchlist(&self, alias: &str) -> Option<Result<Arc<TableHandle>>> {
        self.watchlists.as_ref()?.get(alias).map(Entry::open)
    }
}
