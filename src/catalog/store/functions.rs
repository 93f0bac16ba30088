//! The functions that commands created, in one file of KQL beside the tables.

use std::fs::File;
use std::path::PathBuf;

use super::Store;
use crate::catalog::listing::plain;
use crate::catalog::parquet_file::{hidden_file, publish};
use crate::error::{Error, Result};

/// The name of the file; its first sign hides it from engines that read folders of Parquet files.
const FUNCTIONS: &str = "_functions.kql";

/// The file, locked for a change.
pub struct FunctionsChange<'a> {
    store: &'a Store,
    _lock: File,
}

impl Store {
    /// Where the functions are.
    pub fn functions_path(&self) -> PathBuf {
        self.root.join(FUNCTIONS)
    }

    /// The text of the functions; empty where there are none.
    pub fn functions(&self) -> Result<String> {
        let path = self.functions_path();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Error::file(&path, plain(&error))),
        }
    }

    /// Locks the functions for a change.
    pub fn change_functions(&self) -> Result<FunctionsChange<'_>> {
        let lock = super::lock(&self.root, "the functions of this folder")?;
        Ok(FunctionsChange { store: self, _lock: lock })
    }
}

impl FunctionsChange<'_> {
    /// Replaces the functions, all at once.
    pub fn commit(self, text: &str) -> Result<()> {
        let path = self.store.functions_path();
        let failed = |error: std::io::Error| Error::file(&path, plain(&error));
        let mut file = hidden_file(&self.store.root, FUNCTIONS).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        publish(file, &path).map_err(failed)?;
        Ok(())
    }
}
