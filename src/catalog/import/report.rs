//! What an import did, for people.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::types::Type;

/// Problems listed per table; the rest is only counted.
pub const LISTED_PROBLEMS: usize = 20;

/// What an import wrote.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    pub tables: Vec<ImportedTable>,
}

/// One table that was written.
#[derive(Clone, Debug)]
pub struct ImportedTable {
    pub name: Arc<str>,
    /// The Parquet file.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    pub rows: u64,
    pub columns: Vec<ImportedColumn>,
    /// Rows left out because they could not be read.
    pub rejected: u64,
    /// Values that do not fit the type of their column and became null.
    pub unfit: u64,
    /// The first problems, in the order of the sources.
    pub problems: Vec<Problem>,
}

/// A column of a table that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedColumn {
    pub name: Arc<str>,
    pub ty: Type,
    /// The name in the source; `None` for a column that only the schema file has.
    pub source: Option<Arc<str>>,
}

/// A row or value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The source as it was named.
    pub source: PathBuf,
    /// The line on which the row starts, from 1.
    pub line: usize,
    pub message: String,
}

impl ImportedTable {
    /// Notes a problem if there is room in the list.
    pub(super) fn note(&mut self, problem: impl FnOnce() -> Problem) {
        if self.problems.len() < LISTED_PROBLEMS {
            self.problems.push(problem());
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}: {}", self.source.display(), self.line, self.message)
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            writeln!(
                f,
                "{}: {} rows, {} columns, {} bytes",
                table.path.display(),
                table.rows,
                table.columns.len(),
                table.bytes
            )?;
            if table.rejected > 0 {
                writeln!(f, "  {} rows could not be read and were left out", table.rejected)?;
            }
            if table.unfit > 0 {
                writeln!(f, "  {} values do not fit their column and became null", table.unfit)?;
            }
            for problem in &table.problems {
                writeln!(f, "  {problem}")?;
            }
            let listed = table.problems.len() as u64;
            let more = (table.rejected + table.unfit).saturating_sub(listed);
            if more > 0 {
                writeln!(f, "  and {more} more")?;
            }
        }
        Ok(())
    }
}
