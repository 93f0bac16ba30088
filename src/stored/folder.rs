//! Files and folders of stored functions: which names they define.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Functions, Stored, Text, is_built_in, json, kql, yaml};
use crate::error::Error;

/// What a file of functions may end in; JSON only where it is named itself.
const EXTENSIONS: &[&str] = &["kql", "csl", "kusto", "yaml", "yml"];

/// The functions of files and folders, and what could not be used of them. A later path hides
/// functions of an earlier one; a name that one path defines twice is refused when it is called.
pub fn open(paths: &[PathBuf]) -> (Functions, Vec<Error>) {
    let mut errors = vec![];
    let mut all: BTreeMap<Arc<str>, Arc<Stored>> = BTreeMap::new();
    for path in paths {
        let mut files = vec![];
        if path.is_dir() {
            if let Err(error) = list(path, &mut files) {
                errors.push(error);
            }
            files.sort();
        } else {
            files.push(path.clone());
        }
        let mut found: BTreeMap<Arc<str>, Stored> = BTreeMap::new();
        for file in files {
            match read(&file) {
                Ok(functions) => {
                    for stored in functions {
                        if is_built_in(&stored.name) {
                            let message =
                                format!("`{}` is the name of a built-in function", stored.name);
                            errors.push(Error::file(&file, message));
                            continue;
                        }
                        add(&mut found, stored);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        all.extend(found.into_iter().map(|(name, stored)| (name, Arc::new(stored))));
    }
    (Functions { by_name: Arc::new(all) }, errors)
}

/// The functions of `text`, which a folder keeps in the file `path`.
pub fn kept(path: &Path, text: String) -> Result<Vec<Stored>, Error> {
    if text.is_empty() {
        return Ok(vec![]);
    }
    let found = kql::index(path, text).map_err(|message| Error::file(path, message))?;
    Ok(found.into_iter().map(|stored| Stored { kept: true, ..stored }).collect())
}

fn add(found: &mut BTreeMap<Arc<str>, Stored>, stored: Stored) {
    let name = stored.name.clone();
    let stored = match found.get(&name) {
        Some(first) => Stored::new(name.clone(), Text::Twice(first.file(), stored.file())),
        None => stored,
    };
    found.insert(name, stored);
}

/// The files of functions below a folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failure = |error| Error::file(folder, error);
    for entry in fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().map_err(failure)?.is_dir() {
            list(&path, files)?;
        } else if EXTENSIONS.contains(&extension(&path).as_str()) {
            files.push(path);
        }
    }
    Ok(())
}

fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Vec<Stored>, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_string(),
        None => text,
    };
    let label: Arc<str> = path.display().to_string().into();
    let found = match extension(path).as_str() {
        "yaml" | "yml" => Ok(yaml::index(&label, text)),
        "json" => json::index(&label, &text),
        _ => kql::index(path, text),
    };
    found.map_err(|message| Error::file(path, message))
}
