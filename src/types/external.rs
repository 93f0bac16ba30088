//! Files that a query names itself, for `externaldata`: where they are and what they hold.

use std::sync::Arc;

/// Files of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    pub files: Vec<ExternalFile>,
    /// Whether the first record or line of every file is left out.
    pub skip_first: bool,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalFile {
    pub place: Place,
    pub format: ExternalFormat,
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A path, relative to the data folders if it is not absolute.
    Path(Arc<str>),
    /// An address on the network without what follows its path; read from a folder of downloads.
    Url(Arc<str>),
}

impl Place {
    /// The place that a storage connection string means. Credentials are left out.
    pub fn of(text: &str) -> Place {
        if !text.contains("://") {
            return Place::Path(text.into());
        }
        let address = text.split(['?', ';', '#']).next().unwrap_or_default();
        Place::Url(address.into())
    }

    /// The path or address.
    pub fn text(&self) -> &str {
        match self {
            Place::Path(text) | Place::Url(text) => text,
        }
    }

    /// Whether the file is a ZIP archive, by its name.
    pub fn is_zip(&self) -> bool {
        self.text().to_ascii_lowercase().ends_with(".zip")
    }

    /// The name of the format that the file's extension means, under any compression.
    pub fn extension(&self) -> Option<String> {
        let text = self.text().to_ascii_lowercase();
        let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let packed = [".gz", ".gzip", ".zst", ".zstd", ".zip"];
        let name = packed.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        name.rsplit_once('.').map(|(_, extension)| extension.to_string())
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalFormat {
    /// Values separated by this byte, by the position of their column.
    Delimited(u8),
    /// Objects whose members are named like columns.
    Json,
    /// Columns by name.
    Parquet,
    /// A value per line.
    Lines,
    /// One value.
    Whole,
}

impl ExternalFormat {
    /// Every format that is read, by the name Kusto gives it.
    pub const NAMES: &[(&str, ExternalFormat)] = &[
        ("csv", ExternalFormat::Delimited(b',')),
        ("tsv", ExternalFormat::Delimited(b'\t')),
        ("psv", ExternalFormat::Delimited(b'|')),
        ("scsv", ExternalFormat::Delimited(b';')),
        ("sohsv", ExternalFormat::Delimited(1)),
        ("json", ExternalFormat::Json),
        ("multijson", ExternalFormat::Json),
        ("parquet", ExternalFormat::Parquet),
        ("txt", ExternalFormat::Lines),
        ("raw", ExternalFormat::Whole),
    ];

    /// The format called `name`, in any case.
    pub fn from_name(name: &str) -> Option<ExternalFormat> {
        let found = Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, format)| *format)
    }

    /// Whether a file gives one column.
    pub fn is_one_column(self) -> bool {
        matches!(self, ExternalFormat::Lines | ExternalFormat::Whole)
    }

    /// Whether the first record of a file can be left out.
    pub fn has_first(self) -> bool {
        matches!(self, ExternalFormat::Delimited(_) | ExternalFormat::Lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let url = Place::of("https://h/a%20b/x.csv.gz?sv=1&sig=secret");
        assert_eq!(url, Place::Url("https://h/a%20b/x.csv.gz".into()));
        assert_eq!(url.extension().as_deref(), Some("csv"));
        assert_eq!(Place::of("abfss://c@h/x;key=1"), Place::Url("abfss://c@h/x".into()));
        assert_eq!(Place::of("a.b/c;d").extension(), None);
        assert!(Place::of("http://h/top.csv.ZIP").is_zip());
    }
}
