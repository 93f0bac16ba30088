//! Comma- and tab-separated values: a line of names, then records, quoted as RFC 4180 says.
//!
//! Quoted values may hold line breaks. An empty value is the empty string or null.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::infer::{Kinds, SAMPLE_BYTES, SAMPLE_ROWS, kind_of_text};
use super::input::Input;
use crate::error::Result;
use crate::functions::cells::{Cell, Column};
use crate::types::{self, Type};

/// A value within a record.
struct Field {
    start: usize,
    end: usize,
    /// Whether quotes inside are doubled.
    escaped: bool,
}

/// Where a scan for a record ended.
enum Scan {
    /// A record of this many bytes, its line break included.
    Record(usize),
    /// More bytes are needed.
    Incomplete,
    /// The quote opened at this byte is never closed.
    Open(usize),
    /// Text follows a closing quote at this byte.
    Junk(usize),
}

/// Reads records.
pub(super) struct Records {
    delimiter: u8,
    fields: Vec<Field>,
    /// Bytes of the record read last; consumed when the next is read.
    length: usize,
}

/// One record.
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    fields: &'a [Field],
}

impl<'a> Record<'a> {
    /// Number of values.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The value at `index`.
    pub fn get(&self, index: usize) -> Option<Cow<'a, str>> {
        let field = self.fields.get(index)?;
        let text = String::from_utf8_lossy(&self.bytes[field.start..field.end]);
        Some(if field.escaped { Cow::Owned(text.replace("\"\"", "\"")) } else { text })
    }

    /// Whether this is a line without any text.
    pub fn is_blank(&self) -> bool {
        matches!(self.fields, [field] if field.start == field.end)
    }
}

impl Records {
    pub fn new(delimiter: u8) -> Records {
        Records { delimiter, fields: Vec::new(), length: 0 }
    }

    /// The next record; `None` at the end.
    pub fn next<'a>(&'a mut self, input: &'a mut Input) -> Result<Option<Record<'a>>> {
        input.consume(std::mem::take(&mut self.length));
        loop {
            let window = input.window();
            if window.is_empty() {
                if input.more()? {
                    continue;
                }
                return Ok(None);
            }
            match scan(window, self.delimiter, input.ended(), &mut self.fields) {
                Scan::Record(length) => {
                    self.length = length;
                    break;
                }
                Scan::Incomplete => {
                    input.more()?;
                }
                Scan::Open(at) => return Err(input.error(at, "a quote is opened and never closed")),
                Scan::Junk(at) => return Err(input.error(at, "text follows a closing quote")),
            }
        }
        Ok(Some(Record { bytes: input.window(), fields: &self.fields }))
    }
}

/// Finds the fields of the record that starts `bytes`; `last` if nothing follows `bytes`.
fn scan(bytes: &[u8], delimiter: u8, last: bool, fields: &mut Vec<Field>) -> Scan {
    fields.clear();
    let mut at = 0;
    loop {
        let quoted = bytes.get(at) == Some(&b'"');
        let mut end = at;
        if quoted {
            let mut escaped = false;
            end += 1;
            loop {
                match memchr::memchr(b'"', &bytes[end..]) {
                    None if last => return Scan::Open(at),
                    None => return Scan::Incomplete,
                    Some(quote) => end += quote,
                }
                if bytes.get(end + 1) != Some(&b'"') {
                    break;
                }
                escaped = true;
                end += 2;
            }
            fields.push(Field { start: at + 1, end, escaped });
            end += 1;
        }
        let next = memchr::memchr2(delimiter, b'\n', &bytes[end..]).map(|next| end + next);
        if next.is_none() && !last {
            return Scan::Incomplete;
        }
        let stop = next.unwrap_or(bytes.len());
        let ends_record = next.is_none_or(|next| bytes[next] == b'\n');
        let text_end = match bytes[end..stop].last() {
            Some(b'\r') if ends_record => stop - 1,
            _ => stop,
        };
        if !quoted {
            fields.push(Field { start: at, end: text_end, escaped: false });
        } else if text_end > end {
            return Scan::Junk(end);
        }
        match next {
            Some(next) if ends_record => return Scan::Record(next + 1),
            Some(next) => at = next + 1,
            None => return Scan::Record(bytes.len()),
        }
    }
}

/// The names in the first record: made unique, and made up where there is none.
pub(super) fn header(records: &mut Records, input: &mut Input) -> Result<Vec<Arc<str>>> {
    let Some(record) = records.next(input)? else {
        return Ok(Vec::new());
    };
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(record.fields.len());
    for index in 0..record.fields.len() {
        let text = record.get(index).unwrap_or_default();
        let base = match text.trim() {
            "" => format!("Column{}", index + 1),
            name => name.to_string(),
        };
        let mut name = base.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            name = format!("{base}{number}");
            number += 1;
        }
        names.push(name.into());
    }
    Ok(names)
}

/// The columns of a file and the types that a sample of it suggests.
pub(super) fn infer(mut input: Input, delimiter: u8) -> Result<Vec<types::Column>> {
    let mut records = Records::new(delimiter);
    let names = header(&mut records, &mut input)?;
    let mut kinds = vec![Kinds::default(); names.len()];
    let (mut rows, mut bytes) = (0, 0);
    while rows < SAMPLE_ROWS || bytes < SAMPLE_BYTES {
        let Some(record) = records.next(&mut input)? else { break };
        for (index, kinds) in kinds.iter_mut().enumerate() {
            if let Some(text) = record.get(index).filter(|text| !text.is_empty()) {
                kinds.add(kind_of_text(&text));
            }
        }
        rows += 1;
        bytes += records.length;
    }
    let types = kinds.into_iter().map(|kinds| kinds.ty(Type::String));
    Ok(names.into_iter().zip(types).map(|(name, ty)| types::Column::new(name, ty)).collect())
}

/// What becomes of values behind the last column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    /// They belong to no column.
    Dropped,
    /// They may be empty.
    Empty,
    /// There are none, or the text is refused.
    Refused,
}

/// Reads the rows of a text into columns.
pub(super) struct Rows {
    input: Input,
    records: Records,
    /// Values of a full record.
    width: usize,
    beyond: Beyond,
    /// Whether a line without text is a row, of one empty value.
    blank: bool,
    /// Position in a record and type of each column asked for.
    columns: Vec<(Option<usize>, Type)>,
}

impl Rows {
    pub fn new(mut input: Input, delimiter: u8, columns: &[types::Column]) -> Result<Rows> {
        let mut records = Records::new(delimiter);
        let names = header(&mut records, &mut input)?;
        let columns = columns
            .iter()
            .map(|column| (names.iter().position(|name| *name == column.name), column.ty))
            .collect();
        let width = names.len();
        Ok(Rows { input, records, width, beyond: Beyond::Empty, blank: width == 1, columns })
    }

    /// Rows whose values belong to the columns called `names`, in that order. Without the first
    /// record if `skip_first`.
    pub fn by_position(
        mut input: Input,
        delimiter: u8,
        names: &[Arc<str>],
        beyond: Beyond,
        skip_first: bool,
        columns: &[types::Column],
    ) -> Result<Rows> {
        let mut records = Records::new(delimiter);
        if skip_first {
            records.next(&mut input)?;
        }
        let position = |column: &types::Column| names.iter().position(|name| *name == column.name);
        let columns = columns.iter().map(|column| (position(column), column.ty)).collect();
        Ok(Rows { input, records, width: names.len(), beyond, blank: false, columns })
    }

    /// Appends a row; false at the end.
    pub fn read(&mut self, out: &mut [Column]) -> Result<bool> {
        loop {
            let Some(record) = self.records.next(&mut self.input)? else {
                return Ok(false);
            };
            if !self.blank && record.is_blank() {
                continue;
            }
            let count = record.len();
            let filled = |index| record.get(index).is_some_and(|text| !text.is_empty());
            let refused = match self.beyond {
                Beyond::Dropped => false,
                Beyond::Empty => (self.width..count).any(filled),
                Beyond::Refused => count > self.width,
            };
            if refused {
                let message = format!("{count} values for {} columns", self.width);
                return Err(self.input.error(0, message));
            }
            for ((position, ty), column) in self.columns.iter().zip(out) {
                match position.and_then(|position| record.get(position)) {
                    Some(text) => column.push(Cell::read(*ty, &text)),
                    None => column.push(Cell::Null),
                }
            }
            return Ok(true);
        }
    }
}
