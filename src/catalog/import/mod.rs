//! Exports of Log Analytics and of connectors as Parquet tables.
//!
//! Every source is read twice: once to find fields and types, once to write. Memory does not grow
//! with the input, and a table appears under its name only when it is whole.

mod columns;
mod json;
mod rename;
mod report;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub use report::{ImportReport, ImportedColumn, ImportedTable, Problem};

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::listing::{file_kind, plain};
use super::parquet_file::Written;
use super::schema_file;
use crate::error::{Error, Result};
use crate::types::{RowSchema, Value};
use columns::{Profiles, Target, targets};
use rows::{Source, Step};
use write::TableWriter;

/// What to import and how.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Files and folders; `-` is standard input. CSV, TSV and JSON in all its forms, also
    /// compressed by gzip or zstd.
    pub sources: Vec<PathBuf>,
    /// The table that all sources go to; without it each file's name gives its table.
    pub table: Option<String>,
    /// The folder of the Parquet files; made if it does not exist.
    pub out_dir: PathBuf,
    /// Whether fields get the names that Log Analytics gives them (`entity_id_s`), and members of
    /// objects become columns.
    pub rename_suffixes: bool,
    /// A schema file that fixes types, and names columns that no row has.
    pub schema: Option<PathBuf>,
    /// Whether to show progress on a terminal.
    pub progress: bool,
}

/// Writes every table that the sources hold to `out_dir`; none if one fails.
pub fn import(options: &ImportOptions) -> Result<ImportReport> {
    let schemas = match &options.schema {
        Some(path) => schema_file::read(path)?,
        None => BTreeMap::new(),
    };
    let tables = sources(options)?;
    if let Some(path) = &options.schema
        && !tables.keys().any(|name| schemas.contains_key(name))
    {
        let names: Vec<&str> = tables.keys().map(|name| &**name).collect();
        let message = format!("names none of the tables: {}", names.join(", "));
        return Err(Error::file(path, message));
    }
    let bytes: u64 = tables.values().flatten().map(|source| source.size).sum();
    let progress = progress_bar(options.progress, 2 * bytes);
    let mut done: Vec<(ImportedTable, Written)> = vec![];
    for (name, sources) in tables {
        progress.set_message(name.to_string());
        let schema = schemas.get(&name);
        done.push(import_table(&name, &sources, schema, options, &progress)?);
    }
    progress.finish_and_clear();
    let mut report = ImportReport::default();
    for (mut table, written) in done {
        (table.path, table.bytes) = written.publish()?;
        report.tables.push(table);
    }
    Ok(report)
}

/// Reads the sources of one table twice.
fn import_table(
    name: &Arc<str>,
    sources: &[Source],
    schema: Option<&RowSchema>,
    options: &ImportOptions,
    progress: &ProgressBar,
) -> Result<(ImportedTable, Written)> {
    let flatten = options.rename_suffixes;
    let mut profiles = Profiles::default();
    for source in sources {
        let mut rows = source.rows(flatten, progress)?;
        for (column, ty) in rows.columns() {
            profiles.declare(column, *ty);
        }
        while rows.next(&mut |field, value| profiles.add(field, value))? != Step::End {}
    }
    let targets = targets(&profiles, name, options.rename_suffixes, schema)?;
    if targets.is_empty() {
        let message = "holds no row that can be read";
        return Err(Error::file(sources.first().map_or(Path::new(""), |s| &s.path), message));
    }
    let mut table = ImportedTable {
        name: name.clone(),
        path: PathBuf::new(),
        bytes: 0,
        rows: 0,
        columns: targets.iter().map(imported).collect(),
        rejected: 0,
        unfit: 0,
        problems: vec![],
    };
    let mut writer = TableWriter::new(&options.out_dir, name, &targets)?;
    for source in sources {
        copy(source, flatten, &targets, &mut writer, &mut table, progress)?;
    }
    if table.rows == 0
        && let Some(problem) = table.problems.first()
    {
        return Err(Error::file(
            &problem.source,
            format!("no row can be read; line {}: {}", problem.line, problem.message),
        ));
    }
    Ok((table, writer.finish()?))
}

/// Reads one source into the table.
fn copy(
    source: &Source,
    flatten: bool,
    targets: &[Target],
    writer: &mut TableWriter,
    table: &mut ImportedTable,
    progress: &ProgressBar,
) -> Result<()> {
    let index: HashMap<&str, usize> = targets
        .iter()
        .enumerate()
        .filter_map(|(at, target)| Some((target.field.as_deref()?, at)))
        .collect();
    let mut row: Vec<Value> = targets.iter().map(|target| Value::null(target.ty)).collect();
    let mut unfit: Vec<String> = vec![];
    let mut rows = source.rows(flatten, progress)?;
    loop {
        let step = rows.next(&mut |field, value| {
            let Some(&at) = index.get(field) else { return };
            row[at] = targets[at].value(value).unwrap_or_else(|| {
                unfit.push(format!("the value of `{field}` is no {}", targets[at].ty));
                Value::null(targets[at].ty)
            });
        })?;
        let line = rows.line();
        let problem = |message| Problem { source: source.path.clone(), line, message };
        match step {
            Step::End => return Ok(()),
            Step::Rejected(message) => {
                table.rejected += 1;
                table.note(|| problem(message));
            }
            Step::Row => {
                table.rows += 1;
                for message in unfit.drain(..) {
                    table.unfit += 1;
                    table.note(|| problem(message));
                }
                writer.push(&mut row)?;
            }
        }
    }
}

fn imported(target: &Target) -> ImportedColumn {
    ImportedColumn { name: target.name.clone(), ty: target.ty, source: target.field.clone() }
}

/// The sources of each table.
fn sources(options: &ImportOptions) -> Result<BTreeMap<Arc<str>, Vec<Source>>> {
    let mut tables: BTreeMap<Arc<str>, Vec<Source>> = BTreeMap::new();
    for path in &options.sources {
        if path.as_os_str() == "-" {
            let Some(table) = &options.table else {
                let message = "standard input has no name: the table must be named";
                return Err(Error::Execution(message.to_string()));
            };
            let source = Source::standard_input()?;
            tables.entry(table.as_str().into()).or_default().push(source);
            continue;
        }
        let mut files = vec![];
        collect(path, options.table.is_some(), &mut files)?;
        if files.is_empty() {
            return Err(Error::file(path, "holds no CSV, TSV or JSON file"));
        }
        for file in files {
            let table: Arc<str> = match &options.table {
                Some(table) => table.as_str().into(),
                None => match file_kind(&file) {
                    Some((name, _)) => name,
                    None => file.file_stem().unwrap_or_default().to_string_lossy().into(),
                },
            };
            tables.entry(table).or_default().push(Source::file(&file)?);
        }
    }
    if let Some(name) = tables.keys().find(|name| !is_file_name(name)) {
        return Err(Error::Execution(format!("`{name}` cannot be the name of a table")));
    }
    Ok(tables)
}

/// The file at `path`, or those of a folder; with `deep`, of the folders in it as well.
fn collect(path: &Path, deep: bool, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let failed = |error: std::io::Error| Error::file(path, plain(&error));
    let mut entries = vec![];
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Links could lead in a circle.
        let ty = entry.file_type().map_err(failed)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            entries.push((entry.path(), ty));
        }
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (entry, ty) in entries {
        if ty.is_dir() && deep {
            collect(&entry, deep, files)?;
        } else if ty.is_file() && file_kind(&entry).is_some_and(|(_, kind)| kind.is_text()) {
            files.push(entry);
        }
    }
    Ok(())
}

/// Whether a table of that name can be a file or folder of its own.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

fn progress_bar(shown: bool, bytes: u64) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let template = "{msg} [{wide_bar}] {bytes}/{total_bytes} {eta}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
