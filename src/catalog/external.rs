//! Files that queries name: only those in the data folders, and downloads in their folder.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::listing::{Compression, DataFile, Format, Kind, Listed, compression, decode, plain};
use super::text_table::{Layout, Source};
use super::{Catalog, TableHandle, lines, parquet, text_table};
use crate::error::{Error, Result};
use crate::types::external::{External, ExternalFile, ExternalFormat, Place};
use crate::types::{RowSchema, TableSchema};

/// The name under which such files appear in plans.
const NAME: &str = "externaldata";

/// The folders in which files may lie.
#[derive(Clone, Default)]
pub(super) struct Places {
    roots: Arc<[Root]>,
    /// The folder of downloads, without links.
    downloads: Option<Arc<Path>>,
}

/// A data folder or file.
struct Root {
    /// As it was given.
    given: PathBuf,
    /// Without links.
    real: PathBuf,
}

impl Places {
    /// The data folders and files at these paths; those that do not exist are none.
    pub fn of(data: &[PathBuf]) -> Places {
        let roots = data.iter().filter_map(|path| {
            Some(Root {
                given: std::path::absolute(path).ok()?,
                real: fs::canonicalize(path).ok()?,
            })
        });
        Places { roots: roots.collect(), downloads: None }
    }

    /// Whether there is a folder of downloads.
    pub fn has_downloads(&self) -> bool {
        self.downloads.is_some()
    }

    /// Whether no data was given.
    pub fn are_none(&self) -> bool {
        self.roots.is_empty()
    }

    fn find(&self, place: &Place) -> Result<PathBuf> {
        match place {
            Place::Path(path) => self.local(Path::new(&**path)),
            Place::Url(address) => self.downloaded(address),
        }
    }

    /// The file at a path. Paths that are not in a data folder are refused before the disk is asked,
    /// so that nothing is told of what lies there.
    fn local(&self, path: &Path) -> Result<PathBuf> {
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(Error::file(path, "a path with `..` is not read"));
        }
        let candidates = self.roots.iter().filter_map(|root| match path.is_absolute() {
            true if path.starts_with(&root.given) || path.starts_with(&root.real) => {
                Some(path.to_path_buf())
            }
            true => None,
            false if root.real.is_file() => {
                (root.given.file_name() == Some(path.as_os_str())).then(|| root.real.clone())
            }
            false => Some(root.real.join(path)),
        });
        let candidates: Vec<PathBuf> = candidates.collect();
        if path.is_absolute() && candidates.is_empty() {
            return Err(Error::file(path, "is not in the data folders (`--data`, `--write`)"));
        }
        let mut problem = "no such file in the data folders (`--data`, `--write`)".to_string();
        for candidate in candidates {
            match fs::canonicalize(&candidate) {
                Ok(real) if !self.roots.iter().any(|root| real.starts_with(&root.real)) => {
                    problem = "a symbolic link that leaves the data folders; not followed".into();
                }
                Ok(real) if real.is_file() => return Ok(real),
                Ok(_) => problem = "is not a file".into(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => problem = plain(&error),
            }
        }
        Err(Error::file(path, problem))
    }

    /// The file in which the download of an address is kept: under its host and path, or under its
    /// name alone. A ZIP archive is kept as the file in it, without `.zip`.
    fn downloaded(&self, address: &str) -> Result<PathBuf> {
        let Some(folder) = &self.downloads else {
            return Err(Error::Execution(format!("`{address}` is not on this machine")));
        };
        let (_, rest) = address.split_once("://").unwrap_or(("", address));
        let mut parts: Vec<String> =
            rest.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        if let Some(host) = parts.first_mut() {
            let named = host.rsplit('@').next().unwrap_or_default();
            *host = named.split(':').next().unwrap_or_default().to_string();
        }
        if let Some(name) = parts.last_mut()
            && name.to_ascii_lowercase().ends_with(".zip")
        {
            name.truncate(name.len() - ".zip".len());
        }
        // What an escape hides must not lead out of the folder.
        let plain_name = |part: &String| {
            let mut components = Path::new(part).components();
            matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
        };
        if !parts.iter().all(plain_name) {
            return Err(Error::Execution(format!("`{address}` is no address of a file")));
        }
        let whole: PathBuf = parts.iter().collect();
        let name = parts.iter().skip(1).next_back().map(PathBuf::from).unwrap_or_default();
        for candidate in [&whole, &name] {
            let Ok(real) = fs::canonicalize(folder.join(candidate)) else { continue };
            if real.starts_with(folder) && real.is_file() {
                return Ok(real);
            }
        }
        Err(Error::Execution(format!(
            "there is no download of `{address}`: neither `{}` nor `{}` is a file in `{}`",
            whole.display(),
            name.display(),
            folder.display(),
        )))
    }
}

impl Catalog {
    /// This catalog with a folder of downloaded files; an error if there is no such folder.
    pub fn with_downloads(&self, folder: &Path) -> Result<Catalog> {
        let real = fs::canonicalize(folder).map_err(|error| Error::file(folder, plain(&error)))?;
        let places = Places { downloads: Some(real.into()), ..self.places.clone() };
        Ok(Catalog { places, ..self.clone() })
    }

    /// The files that a query names, each as a table with the columns of `schema`.
    pub fn external(&self, source: &External, schema: &RowSchema) -> Result<Vec<TableHandle>> {
        let files = source.files.iter();
        files.map(|file| self.external_file(file, source.skip_first, schema)).collect()
    }

    fn external_file(
        &self,
        file: &ExternalFile,
        skip_first: bool,
        schema: &RowSchema,
    ) -> Result<TableHandle> {
        let path = self.places.find(&file.place)?;
        let name: Arc<str> = NAME.into();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let (_, compression) = compression(&file_name);
        let layout = match file.format {
            ExternalFormat::Delimited(delimiter) => {
                let names = schema.names().map(Into::into).collect();
                Layout::Positional { delimiter, names, skip_first }
            }
            ExternalFormat::Json => Layout::Json,
            ExternalFormat::Lines => Layout::Lines(lines::Cut::Lines { skip_first }),
            ExternalFormat::Whole => Layout::Lines(lines::Cut::Whole),
            ExternalFormat::Parquet => {
                if compression != Compression::None {
                    return Err(Error::file(path, "Parquet files are not compressed as a whole"));
                }
                let kind = Kind { format: Format::Parquet, compression };
                let files = vec![DataFile { path: path.clone(), partitions: vec![] }];
                let listed = Listed { origin: path, kind, files };
                let mut table = parquet::open(&name, &listed, Some(schema))?;
                // The declared columns come first.
                table.columns.truncate(schema.len());
                table.schema = Arc::new(TableSchema { name, schema: schema.clone() });
                return Ok(table);
            }
        };
        let source = Source { path, compression, layout };
        Ok(text_table::table(&name, source, schema.columns().to_vec()))
    }
}
