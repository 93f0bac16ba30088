//! `kqlite import`: exports into Parquet snapshots.

use std::io::{self, Write};

use super::Exit;
use super::args::ImportArguments;
use crate::catalog::import::{ImportOptions, import as import_sources};
use crate::output::{Format, Layout};
use crate::repl::answer::Presentation;

/// Imports all sources and reports what was written and what did not fit.
pub(super) fn import(arguments: &ImportArguments) -> Exit {
    let options = ImportOptions {
        sources: arguments.sources.clone(),
        table: arguments.table.clone(),
        out_dir: arguments.out.clone(),
        rename_suffixes: arguments.rename_suffixes,
        schema: arguments.schema.clone(),
        progress: true,
    };
    match import_sources(&options) {
        Ok(report) => {
            // The snapshot is written, whether anyone reads the report or not.
            let _ = write!(io::stdout(), "{report}");
            Exit::Answered
        }
        Err(error) => {
            Presentation::detect(Format::Table, Layout::default()).report_failure(&error, None);
            Exit::Failed
        }
    }
}
