//! The manifest of a table: its columns and its files, as JSON.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::listing::{Compression, DataFile, Format, Kind, Listed, plain};
use crate::catalog::parquet_file::{hidden_file, publish};
use crate::catalog::{TableHandle, memory, parquet};
use crate::error::{Error, Result};
use crate::types::{Column, RowSchema, Type};

/// The name of the file; its first sign hides it from engines that read folders of Parquet files.
pub const MANIFEST: &str = "_kqlite.json";

/// The form of the manifest that this version writes.
const VERSION: u32 = 1;

/// A table as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub schema: RowSchema,
    /// Whether instants are stored with seven digits.
    pub fine: bool,
    /// Names of files in the table's folder.
    pub files: Vec<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    columns: Vec<StoredColumn>,
    #[serde(default)]
    ticks: bool,
    files: Vec<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    r#type: String,
}

impl Manifest {
    /// The manifest in `folder`; `None` where there is none.
    pub fn read(folder: &Path) -> Result<Option<Manifest>> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(&path, plain(&error))),
        };
        let stored: Stored =
            serde_json::from_str(&text).map_err(|error| Error::file(&path, error))?;
        if stored.version != VERSION {
            let message = format!("was written in form {} by a newer kqlite", stored.version);
            return Err(Error::file(&path, message));
        }
        let columns = stored.columns.iter().map(|column| {
            let ty = Type::from_name(&column.r#type).ok_or_else(|| {
                Error::file(&path, format!("names an unknown type `{}`", column.r#type))
            })?;
            Ok(Column::new(column.name.as_str(), ty))
        });
        let schema = RowSchema::new(columns.collect::<Result<Vec<_>>>()?);
        // A name with a separator would lead out of the folder.
        if let Some(name) = stored.files.iter().find(|name| name.contains(['/', '\\'])) {
            return Err(Error::file(&path, format!("names the file `{name}` of another folder")));
        }
        Ok(Some(Manifest { schema, fine: stored.ticks, files: stored.files }))
    }

    /// Replaces the manifest in `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MANIFEST);
        let failed = |error: std::io::Error| Error::file(&path, plain(&error));
        let columns = self.schema.columns().iter().map(|column| StoredColumn {
            name: column.name.to_string(),
            r#type: column.ty.name().to_string(),
        });
        let stored = Stored {
            version: VERSION,
            columns: columns.collect(),
            ticks: self.fine,
            files: self.files.clone(),
        };
        let text = serde_json::to_vec_pretty(&stored).map_err(|error| Error::file(&path, error))?;
        let mut file = hidden_file(folder, MANIFEST).map_err(failed)?;
        std::io::Write::write_all(&mut file, &text).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        publish(file, &path).map_err(failed)?;
        Ok(())
    }
}

/// Opens the table whose manifest `listed` names.
pub fn open(name: &Arc<str>, listed: &Listed, declared: Option<&RowSchema>) -> Result<TableHandle> {
    let manifest = Manifest::read(&listed.origin)?
        .ok_or_else(|| Error::file(&listed.origin, "the table was dropped"))?;
    let schema = declared.unwrap_or(&manifest.schema);
    if manifest.files.is_empty() {
        return memory::table(Arc::clone(name), schema.clone(), Vec::new());
    }
    let files = manifest
        .files
        .iter()
        .map(|file| DataFile { path: listed.origin.join(&**file), partitions: Vec::new() });
    let files = Listed {
        origin: listed.origin.clone(),
        kind: Kind { format: Format::Parquet, compression: Compression::None },
        files: files.collect(),
    };
    parquet::open(name, &files, Some(schema))
}
