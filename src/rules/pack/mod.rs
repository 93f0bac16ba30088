//! The built-in tables of Log Analytics and Microsoft Sentinel: their columns, in one small file.
//!
//! A pack is text, compressed by zstd: a line with the form's name and the day it was made, then a
//! line per table, sorted: its name and its columns, separated by tabs, each column with a letter
//! for its type before its name. A table is decoded when it is asked for.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::{fs, io};

use crate::catalog::parquet_file::{hidden_file, publish};
use crate::error::{Error, Result};
use crate::types::{Column, RowSchema, TableSchema, Type};

/// What the text of a pack begins with.
const FORM: &str = "kqlite tables 1";

/// The name of the user's own pack in the user's folder.
const FILE: &str = "tables.zst";

/// No pack is larger once decompressed.
const LARGEST: usize = 64 << 20;

static SHIPPED: LazyLock<Pack> = LazyLock::new(|| {
    // A test decodes every table of it.
    Pack::decode(include_bytes!("tables.zst")).unwrap_or_default()
});

/// The columns of many tables.
#[derive(Debug, Default)]
pub struct Pack {
    text: String,
    /// The day it was made: `2026-05-01`.
    date: String,
    /// Where each table's line is, by the table's name.
    lines: Vec<Range<usize>>,
}

/// The letter of each type.
const LETTERS: [(u8, Type); 10] = [
    (b'b', Type::Bool),
    (b'i', Type::Int),
    (b'l', Type::Long),
    (b'r', Type::Real),
    (b'm', Type::Decimal),
    (b's', Type::String),
    (b'd', Type::DateTime),
    (b't', Type::TimeSpan),
    (b'g', Type::Guid),
    (b'y', Type::Dynamic),
];

impl Pack {
    /// The pack that kqlite comes with.
    pub fn shipped() -> &'static Pack {
        &SHIPPED
    }

    /// The pack that the user made, in the user's folder, if there is one.
    pub fn of_user(home: &Path) -> Result<Option<Pack>> {
        let path = home.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(path, error)),
        };
        let pack = Pack::decode(&bytes).map_err(|message| Error::file(path, message))?;
        Ok(Some(pack))
    }

    /// Makes tables the user's pack: all at once or not at all.
    pub fn save(
        home: &Path,
        date: &str,
        tables: &BTreeMap<Arc<str>, RowSchema>,
    ) -> Result<std::path::PathBuf> {
        let path = home.join(FILE);
        let failed = |error: io::Error| Error::file(&path, error);
        let bytes = Pack::encode(date, tables).map_err(failed)?;
        fs::create_dir_all(home).map_err(failed)?;
        let temporary = hidden_file(home, FILE).map_err(failed)?;
        fs::write(temporary.path(), bytes).map_err(failed)?;
        publish(temporary, &path).map_err(failed)?;
        Ok(path)
    }

    /// The bytes of a pack. The names of tables and columns hold no tabs and line breaks; what has
    /// some is left out.
    pub fn encode(date: &str, tables: &BTreeMap<Arc<str>, RowSchema>) -> io::Result<Vec<u8>> {
        let fits = |name: &str| !name.is_empty() && !name.contains(['\t', '\n', '\r']);
        let mut text = format!("{FORM}\t{date}\n");
        for (name, schema) in tables.iter().filter(|(name, _)| fits(name)) {
            text.push_str(name);
            for column in schema.columns().iter().filter(|column| fits(&column.name)) {
                let letter = LETTERS.iter().find(|(_, ty)| *ty == column.ty);
                text.push('\t');
                text.push(letter.map_or('y', |(letter, _)| char::from(*letter)));
                text.push_str(&column.name);
            }
            text.push('\n');
        }
        zstd::bulk::compress(text.as_bytes(), 19)
    }

    /// A pack from its bytes.
    pub fn decode(bytes: &[u8]) -> Result<Pack, String> {
        let broken = || "is no pack of tables that this version reads".to_string();
        let size = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten();
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|&size| size <= LARGEST);
        let text = zstd::bulk::decompress(bytes, size.ok_or_else(broken)?).map_err(|_| broken())?;
        let text = String::from_utf8(text).map_err(|_| broken())?;
        let (first, _) = text.split_once('\n').ok_or_else(broken)?;
        let date = match first.split_once('\t') {
            Some((FORM, date)) => date.to_string(),
            _ => return Err(broken()),
        };
        let mut lines = vec![];
        let mut start = first.len() + 1;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).skip(1) {
            lines.push(start..end);
            start = end + 1;
        }
        Ok(Pack { text, date, lines })
    }

    /// The day the pack was made, such as `2026-05-01`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The names of all tables, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| self.name(line))
    }

    /// The table called exactly `name`.
    pub fn table(&self, name: &str) -> Option<TableSchema> {
        let at = self.lines.binary_search_by(|line| self.name(line).cmp(name)).ok()?;
        let columns = self.text[self.lines[at].clone()].split('\t').skip(1);
        let schema = columns.filter_map(|column| {
            let letter = column.as_bytes().first()?;
            let (_, ty) = LETTERS.iter().find(|(known, _)| known == letter)?;
            Some(Column::new(&column[1..], *ty))
        });
        Some(TableSchema { name: name.into(), schema: schema.collect() })
    }

    fn name(&self, line: &Range<usize>) -> &str {
        let line = &self.text[line.clone()];
        line.split('\t').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Tables = BTreeMap<Arc<str>, RowSchema>;

    fn tables() -> impl Strategy<Value = Tables> {
        let name = "[A-Za-z_][A-Za-z0-9_ \\[\\]é]{0,12}";
        let ty = proptest::sample::select(Type::ALL.to_vec());
        let columns = proptest::collection::btree_map(name, ty, 0..8);
        let columns = columns.prop_map(|columns| {
            columns.iter().map(|(name, ty)| Column::new(name.as_str(), *ty)).collect::<RowSchema>()
        });
        let tables = proptest::collection::btree_map(name, columns, 0..20);
        tables.prop_map(|tables| tables.into_iter().map(|(n, s)| (Arc::from(n), s)).collect())
    }

    fn unpacked(pack: &Pack) -> Tables {
        let table = |name| pack.table(name).unwrap();
        pack.names().map(table).map(|table| (table.name, table.schema)).collect()
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(tables in tables()) {
            let pack = Pack::decode(&Pack::encode("2026-01-02", &tables).unwrap()).unwrap();
            prop_assert_eq!(pack.date(), "2026-01-02");
            prop_assert_eq!(unpacked(&pack), tables);
        }

        #[test]
        fn other_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Pack::decode(&bytes).is_err());
        }
    }

    #[test]
    fn shipped_tables() {
        let pack = Pack::shipped();
        assert!(pack.names().is_sorted());
        let tables = unpacked(pack);
        assert!(tables.len() > 900);
        assert!(tables.keys().all(|name| !name.ends_with("_CL")));
        let columns = tables["SigninLogs"].columns();
        assert!(columns.contains(&Column::new("TimeGenerated", Type::DateTime)));
        assert!(columns.contains(&Column::new("LocationDetails", Type::Dynamic)));
    }

    #[test]
    fn a_pack_of_the_user() {
        let home = tempfile::tempdir().unwrap();
        assert!(Pack::of_user(home.path()).unwrap().is_none());
        let schema = RowSchema::new([Column::new("a", Type::Guid)]);
        let tables = BTreeMap::from([(Arc::from("T"), schema)]);
        Pack::save(&home.path().join("new"), "2026-01-02", &tables).unwrap();
        let pack = Pack::of_user(&home.path().join("new")).unwrap().unwrap();
        assert_eq!(unpacked(&pack), tables);
        fs::write(home.path().join(FILE), "other").unwrap();
        assert!(Pack::of_user(home.path()).is_err());
    }
}
