//! Which files make up which table: directory listings only, no file is opened.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::store::MANIFEST;
use crate::error::Error;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    /// Values separated by this byte, names in the first record.
    Delimited(u8),
    Json,
    /// A folder whose manifest names the files.
    Managed,
}

/// How a file is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// The kind of a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub format: Format,
    pub compression: Compression,
}

impl Kind {
    /// Whether such a file is text.
    pub fn is_text(self) -> bool {
        matches!(self.format, Format::Delimited(_) | Format::Json)
    }
}

/// A file of a table, with the values its folders name (`key=value`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataFile {
    pub path: PathBuf,
    pub partitions: Vec<(String, String)>,
}

/// The files of a table; all of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// The file or folder the table is named after.
    pub origin: PathBuf,
    pub kind: Kind,
    pub files: Vec<DataFile>,
}

/// The extensions a message about an unknown one names.
const EXTENSIONS: &str = ".parquet, .csv, .tsv, .json, .ndjson, .jsonl, text also with .gz or .zst";

/// Folders below a table folder may nest this deep.
const MAX_DEPTH: usize = 32;

/// How a file is compressed, by its name; and the name without that.
pub(super) fn compression(name: &str) -> (&str, Compression) {
    match split_extension(name) {
        Some((stem, "gz" | "gzip")) => (stem, Compression::Gzip),
        Some((stem, "zst" | "zstd")) => (stem, Compression::Zstd),
        _ => (name, Compression::None),
    }
}

/// The table name and the kind that a file name gives.
pub(super) fn file_kind(path: &Path) -> Option<(Arc<str>, Kind)> {
    let name = path.file_name()?.to_string_lossy();
    let (stem, compression) = compression(&name);
    let (stem, extension) = split_extension(stem)?;
    let format = match extension.to_ascii_lowercase().as_str() {
        "parquet" if compression == Compression::None => Format::Parquet,
        "csv" => Format::Delimited(b','),
        "tsv" => Format::Delimited(b'\t'),
        "json" | "ndjson" | "jsonl" => Format::Json,
        _ => return None,
    };
    Some((stem.into(), Kind { format, compression }))
}

fn split_extension(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
}

/// Lists the tables of the given files and folders; what cannot be read is skipped and told.
pub(super) fn list(data: &[PathBuf]) -> (BTreeMap<Arc<str>, Listed>, Vec<Error>) {
    let mut errors = Vec::new();
    let mut given = Vec::new();
    for path in data {
        match fs::canonicalize(path) {
            Ok(root) => given.push((path, root)),
            Err(error) => errors.push(Error::file(path, plain(&error))),
        }
    }
    let roots = given.iter().map(|(_, root)| root.clone()).collect();
    let mut listing = Listing { roots, tables: BTreeMap::new(), errors };
    for (path, root) in given {
        if root.is_dir() {
            listing.database(&root);
        } else if let Some((name, kind)) = file_kind(path) {
            let files = vec![DataFile { path: root.clone(), partitions: Vec::new() }];
            listing.add(name, Listed { origin: root, kind, files });
        } else {
            let message = format!("unknown kind of file; known are {EXTENSIONS}");
            listing.errors.push(Error::file(path, message));
        }
    }
    (listing.tables, listing.errors)
}

/// The table format whose log says which files of `folder` count, if there is one.
pub(super) fn versioned(folder: &Path) -> Option<&'static str> {
    let has = |name: &str| folder.join(name).is_dir();
    let is_iceberg = || {
        let Ok(entries) = fs::read_dir(folder.join("metadata")) else { return false };
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"))
    };
    if has("_delta_log") {
        Some("Delta Lake")
    } else if has(".hoodie") {
        Some("Hudi")
    } else {
        is_iceberg().then_some("Iceberg")
    }
}

/// The reason of an I/O failure without its number.
pub(super) fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or folder".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => error.to_string(),
    }
}

struct Listing {
    roots: Vec<PathBuf>,
    tables: BTreeMap<Arc<str>, Listed>,
    errors: Vec<Error>,
}

/// An entry of a folder.
struct Entry {
    name: String,
    path: PathBuf,
    folder: bool,
}

impl Listing {
    /// Every entry of a data folder that is a table.
    fn database(&mut self, folder: &Path) {
        for entry in self.entries(folder) {
            if !entry.folder {
                if let Some((name, kind)) = file_kind(&entry.path) {
                    let files = vec![DataFile { path: entry.path.clone(), partitions: Vec::new() }];
                    self.add(name, Listed { origin: entry.path, kind, files });
                }
                continue;
            }
            let manifest = entry.path.join(MANIFEST);
            if manifest.is_file() {
                let kind = Kind { format: Format::Managed, compression: Compression::None };
                let files = vec![DataFile { path: manifest, partitions: Vec::new() }];
                self.add(entry.name.into(), Listed { origin: entry.path, kind, files });
                continue;
            }
            let mut files = Vec::new();
            self.collect(&entry.path, &mut Vec::new(), MAX_DEPTH, &mut files);
            if !files.is_empty() {
                let kind = Kind { format: Format::Parquet, compression: Compression::None };
                self.add(entry.name.into(), Listed { origin: entry.path, kind, files });
            }
        }
    }

    /// The Parquet files at and below a table folder.
    fn collect(
        &mut self,
        folder: &Path,
        partitions: &mut Vec<(String, String)>,
        depth: usize,
        files: &mut Vec<DataFile>,
    ) {
        if depth == 0 {
            self.errors.push(Error::file(folder, "folders nest too deep"));
            return;
        }
        for entry in self.entries(folder) {
            if entry.folder {
                let partition = entry.name.split_once('=');
                if let Some((key, value)) = partition {
                    partitions.push((decode(key), decode(value)));
                }
                self.collect(&entry.path, partitions, depth - 1, files);
                if partition.is_some() {
                    partitions.pop();
                }
            } else if file_kind(&entry.path).is_some_and(|(_, kind)| kind.format == Format::Parquet)
            {
                files.push(DataFile { path: entry.path, partitions: partitions.clone() });
            }
        }
    }

    /// The entries of a folder by name, without hidden ones and links that lead elsewhere.
    fn entries(&mut self, folder: &Path) -> Vec<Entry> {
        let mut entries = Vec::new();
        let listed = match fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) => {
                self.errors.push(Error::file(folder, plain(&error)));
                return entries;
            }
        };
        for entry in listed.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Engines that write folders of Parquet files leave `_SUCCESS` and `.crc` files there.
            if name.starts_with(['.', '_']) {
                continue;
            }
            let Ok(ty) = entry.file_type() else { continue };
            let path = entry.path();
            if !ty.is_symlink() {
                entries.push(Entry { name, path, folder: ty.is_dir() });
                continue;
            }
            match fs::canonicalize(&path) {
                Ok(target) if !self.roots.iter().any(|root| target.starts_with(root)) => {
                    let message = "a symbolic link that leaves the data folders; not followed";
                    self.errors.push(Error::file(path, message));
                }
                // A link to a folder could lead back to where it lies.
                Ok(target) if target.is_file() => entries.push(Entry { name, path, folder: false }),
                Ok(_) => {}
                Err(error) => self.errors.push(Error::file(path, plain(&error))),
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    fn add(&mut self, name: Arc<str>, table: Listed) {
        match self.tables.get(&name) {
            None => {
                self.tables.insert(name, table);
            }
            Some(first) if first.origin == table.origin => {}
            Some(first) => {
                let message =
                    format!("the table `{name}` is already in {}", first.origin.display());
                self.errors.push(Error::file(table.origin, message));
            }
        }
    }
}

/// Resolves `%XX` escapes, as writers use them in folder names.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn names() {
        for (file, expected) in [
            ("T.parquet", Some(("T", Format::Parquet, Compression::None))),
            ("a.b.csv.gz", Some(("a.b", Format::Delimited(b','), Compression::Gzip))),
            ("T.TSV", Some(("T", Format::Delimited(b'\t'), Compression::None))),
            ("T.ndjson.zst", Some(("T", Format::Json, Compression::Zstd))),
            ("T.parquet.gz", None),
            ("T.gz", None),
            ("T.txt", None),
            ("parquet", None),
        ] {
            let kind = file_kind(Path::new(file));
            let kind = kind.as_ref().map(|(n, k)| (&**n, k.format, k.compression));
            assert_eq!(kind, expected, "{file}");
        }
    }

    #[test]
    fn folders() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "A.parquet",
            "B/day=2020-01-01/hour=1/x.parquet",
            "B/day=a%3Ab/hour=2/y.parquet",
            "B/_delta_log/z.parquet",
            "C.csv",
            "C.json",
            "notes.txt",
            "empty/readme.md",
        ] {
            touch(&root.path().join(file));
        }
        let (tables, errors) = list(&[root.path().to_path_buf(), root.path().join("none")]);
        let names: Vec<&str> = tables.keys().map(|name| &**name).collect();
        assert_eq!(names, ["A", "B", "C"]);
        let partitions: Vec<Vec<&str>> = tables["B"]
            .files
            .iter()
            .map(|file| file.partitions.iter().map(|(_, value)| value.as_str()).collect())
            .collect();
        assert_eq!(partitions, [["2020-01-01", "1"], ["a:b", "2"]]);
        let messages: Vec<String> = errors.iter().map(Error::to_string).collect();
        assert!(messages[0].contains("none: no such file"), "{messages:?}");
        assert!(messages[1].contains("the table `C` is already in"), "{messages:?}");
        assert_eq!(messages.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_inside() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        touch(&outside.path().join("Secret.csv"));
        touch(&root.path().join("A.csv"));
        let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
        link(outside.path().join("Secret.csv"), root.path().join("Secret.csv")).unwrap();
        link(root.path().join("A.csv"), root.path().join("Same.csv")).unwrap();
        link(root.path().to_path_buf(), root.path().join("Loop")).unwrap();
        let (tables, errors) = list(&[root.path().to_path_buf()]);
        let names: Vec<&str> = tables.keys().map(|name| &**name).collect();
        assert_eq!(names, ["A", "Same"]);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("leaves the data folders"));
    }
}
