//! `kqlite schemas`: the tables that a check knows without being told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::args::SchemasCommand;
use super::lookup::print;
use super::{Exit, report};
use crate::catalog::schema_file;
use crate::diagnostics::nearest;
use crate::engine::machine_clock;
use crate::home;
use crate::rules::Pack;
use crate::types::{RowSchema, datetime};

pub(super) fn schemas(command: &SchemasCommand) -> Exit {
    let done = match command {
        SchemasCommand::List => list(),
        SchemasCommand::Show { table } => show(table),
        SchemasCommand::Update { exports } => update(exports),
    };
    done.unwrap_or_else(|message| {
        report(message);
        Exit::Failed
    })
}

/// Does something with the pack in force, and where that is from.
fn with_pack<T>(act: impl FnOnce(&Pack, &str) -> T) -> Result<T, String> {
    let own = match home::folder() {
        Some(home) => Pack::of_user(&home).map_err(|error| error.to_string())?,
        None => None,
    };
    Ok(match &own {
        Some(pack) => act(pack, "updated"),
        None => act(Pack::shipped(), "of"),
    })
}

fn list() -> Result<Exit, String> {
    with_pack(|pack, _| print(&pack.names().map(|name| format!("{name}\n")).collect::<String>()))
}

fn show(name: &str) -> Result<Exit, String> {
    with_pack(|pack, made| {
        if let Some(table) = pack.table(name) {
            let columns = table.schema.columns();
            let width = columns.iter().map(|c| c.name.chars().count()).max().unwrap_or_default();
            let lines = columns.iter().map(|c| format!("{:<width$}  {}\n", c.name, c.ty));
            return Ok(print(&lines.collect::<String>()));
        }
        let hint = match nearest(name, pack.names()) {
            Some(found) => format!("; a similar table exists: `{found}`"),
            None => String::new(),
        };
        Err(format!("no table `{name}` among those {made} {}{hint}", pack.date()))
    })?
}

fn update(exports: &[PathBuf]) -> Result<Exit, String> {
    let home = home::folder().ok_or("the environment names no home; set KQLITE_HOME")?;
    let tables = read(exports)?;
    if tables.is_empty() {
        return Err("the exports hold no table".to_string());
    }
    let day = datetime::format(machine_clock()).chars().take(10).collect::<String>();
    let path = Pack::save(&home, &day, &tables).map_err(|error| error.to_string())?;
    let tables = match tables.len() {
        1 => "1 table".to_string(),
        count => format!("{count} tables"),
    };
    Ok(print(&format!("{tables} written to {}\n", path.display())))
}

/// The tables of schema files and of folders of them. A table that is in several has the columns
/// of the last.
pub(super) fn read(exports: &[PathBuf]) -> Result<BTreeMap<Arc<str>, RowSchema>, String> {
    let mut files = vec![];
    for path in exports {
        find(path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut tables = BTreeMap::new();
    for path in files {
        tables.extend(schema_file::read(&path).map_err(|error| error.to_string())?);
    }
    Ok(tables)
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let mut inside: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    inside.sort();
    let kinds = ["csv", "tsv", "json"];
    inside.retain(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        path.is_dir() || kinds.contains(&ending)
    });
    inside.iter().try_for_each(|path| find(path, files))
}
