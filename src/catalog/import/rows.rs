//! The rows of one source, whatever its format.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use tempfile::NamedTempFile;

use super::json::JsonRows;
use crate::catalog::delimited::{self, Records};
use crate::catalog::input::Input;
use crate::catalog::listing::{Compression, Format, file_kind, plain};
use crate::error::{Error, Result};
use crate::types::Type;
use crate::types::dynamic::RawValue;

/// A field's value as the source has it.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// Text without a type.
    Text(&'a str),
    Json(RawValue<'a>),
}

/// Takes the fields of a row: name and value.
pub type Visit<'v> = &'v mut dyn FnMut(&str, Field<'_>);

/// What reading on led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A row whose fields were shown.
    Row,
    /// A row that cannot be read, and why; none of its fields was shown.
    Rejected(String),
    End,
}

/// A file to import.
#[derive(Debug)]
pub struct Source {
    /// The name in messages.
    pub path: PathBuf,
    /// What was read from standard input, kept on disk to be read twice.
    spooled: Option<NamedTempFile>,
    compression: Compression,
    format: Format,
    /// Bytes on disk.
    pub size: u64,
}

impl Source {
    /// The file at `path`; its format is told by its name or else its content.
    pub fn file(path: &Path) -> Result<Source> {
        Source::of(path.to_path_buf(), None)
    }

    /// Everything on standard input.
    pub fn standard_input() -> Result<Source> {
        let path = PathBuf::from("standard input");
        let failed = |error: std::io::Error| Error::file("standard input", plain(&error));
        let mut file = NamedTempFile::new().map_err(failed)?;
        std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
        file.flush().map_err(failed)?;
        Source::of(path, Some(file))
    }

    fn of(path: PathBuf, spooled: Option<NamedTempFile>) -> Result<Source> {
        let failed = |error: std::io::Error| Error::file(&path, plain(&error));
        let on_disk = spooled.as_ref().map_or(path.as_path(), NamedTempFile::path);
        let file = File::open(on_disk).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(Error::file(&path, "is not a file"));
        }
        let size = about.len();
        let mut magic = vec![];
        (&file).take(4).read_to_end(&mut magic).map_err(failed)?;
        let compression = match magic.as_slice() {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
            b"PAR1" => return Err(Error::file(&path, "is a Parquet file already")),
            _ => Compression::None,
        };
        let named = file_kind(&path).map(|(_, kind)| kind.format);
        let mut source = Source { path, spooled, compression, format: Format::Json, size };
        source.format = match named {
            Some(format) if format != Format::Parquet => format,
            _ => sniff(&mut source.input(&ProgressBar::hidden())?)?,
        };
        Ok(source)
    }

    /// Opens the source at its first row; bytes read from disk move `progress`.
    pub fn rows(&self, flatten: bool, progress: &ProgressBar) -> Result<Rows> {
        let input = self.input(progress)?;
        Ok(match self.format {
            Format::Delimited(delimiter) => Rows::Delimited(DelimitedRows::new(input, delimiter)?),
            _ => Rows::Json(Box::new(JsonRows::new(input, flatten)?)),
        })
    }

    fn input(&self, progress: &ProgressBar) -> Result<Input> {
        let on_disk = self.spooled.as_ref().map_or(self.path.as_path(), NamedTempFile::path);
        let file = File::open(on_disk).map_err(|error| Error::file(&self.path, plain(&error)))?;
        Input::of(&self.path, self.compression, progress.wrap_read(file))
    }
}

/// The format of text that no name tells.
fn sniff(input: &mut Input) -> Result<Format> {
    while input.window().iter().all(u8::is_ascii_whitespace) && input.more()? {}
    let window = input.window();
    let first = window.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) {
        return Ok(Format::Json);
    }
    let header = window.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, header).count();
    Ok(Format::Delimited(if count(b'\t') > count(b',') { b'\t' } else { b',' }))
}

/// Reads the rows of a source.
pub enum Rows {
    Delimited(DelimitedRows),
    Json(Box<JsonRows>),
}

impl Rows {
    /// The columns that the source names before its rows, with the types it gives them.
    pub fn columns(&self) -> &[(String, Option<Type>)] {
        match self {
            Rows::Delimited(rows) => &rows.columns,
            Rows::Json(rows) => &rows.columns,
        }
    }

    /// Reads the next row and shows its fields.
    pub fn next(&mut self, visit: Visit<'_>) -> Result<Step> {
        match self {
            Rows::Delimited(rows) => rows.next(visit),
            Rows::Json(rows) => rows.next(visit),
        }
    }

    /// Number of the line on which the row read last starts.
    pub fn line(&self) -> usize {
        match self {
            Rows::Delimited(rows) => rows.input.line(),
            Rows::Json(rows) => rows.line(),
        }
    }
}

/// Reads delimited rows. The portal of Log Analytics names instants `TimeGenerated [UTC]`.
pub struct DelimitedRows {
    input: Input,
    records: Records,
    columns: Vec<(String, Option<Type>)>,
}

impl DelimitedRows {
    fn new(mut input: Input, delimiter: u8) -> Result<Self> {
        let mut records = Records::new(delimiter);
        let mut columns = vec![];
        for name in delimited::header(&mut records, &mut input)? {
            columns.push(match name.strip_suffix(" [UTC]") {
                Some(name) => (name.to_string(), Some(Type::DateTime)),
                None if is_portal_zone(&name) => {
                    let message =
                        format!("column `{name}` is not in UTC: export it with the time zone UTC");
                    return Err(input.error(0, message));
                }
                None => (name.to_string(), None),
            });
        }
        Ok(Self { input, records, columns })
    }

    fn next(&mut self, visit: Visit<'_>) -> Result<Step> {
        loop {
            let Some(record) = self.records.next(&mut self.input)? else {
                return Ok(Step::End);
            };
            if record.is_blank() && self.columns.len() != 1 {
                continue;
            }
            if record.len() != self.columns.len() {
                let message = format!("{} values for {} columns", record.len(), self.columns.len());
                return Ok(Step::Rejected(message));
            }
            for (index, (name, _)) in self.columns.iter().enumerate() {
                if let Some(text) = record.get(index) {
                    visit(name, Field::Text(&text));
                }
            }
            return Ok(Step::Row);
        }
    }
}

/// `TimeGenerated [Local Time]`, `TimeGenerated [UTC+02:00]`.
fn is_portal_zone(name: &str) -> bool {
    name.strip_suffix(']')
        .and_then(|name| name.rsplit_once(" ["))
        .is_some_and(|(_, zone)| zone == "Local Time" || zone.starts_with("UTC"))
}
