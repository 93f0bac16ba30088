//! Texts whose lines, or which as a whole, are the values of one column.

use super::input::Input;
use crate::error::Result;
use crate::functions::cells::{Cell, Column};
use crate::types::{self, Type};

/// Where a text is cut into values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// At line breaks; empty lines are no values.
    Lines { skip_first: bool },
    /// Nowhere.
    Whole,
}

/// Reads the rows of a file into a column, or into none where it is not asked for.
pub(super) struct Rows {
    input: Input,
    cut: Cut,
    ty: Option<Type>,
}

impl Rows {
    pub fn new(input: Input, cut: Cut, columns: &[types::Column]) -> Rows {
        Rows { input, cut, ty: columns.first().map(|column| column.ty) }
    }

    /// Appends a row; false at the end.
    pub fn read(&mut self, out: &mut [Column]) -> Result<bool> {
        loop {
            let Some((value, whole)) = self.next()? else { return Ok(false) };
            let skipped = match &mut self.cut {
                Cut::Lines { skip_first } => std::mem::take(skip_first),
                Cut::Whole => false,
            };
            let text = &self.input.window()[..value];
            let is_value = value > 0 && !skipped;
            if is_value && let (Some(ty), [column]) = (self.ty, &mut *out) {
                column.push(Cell::read(ty, &String::from_utf8_lossy(text)));
            }
            self.input.consume(whole);
            if is_value {
                return Ok(true);
            }
        }
    }

    /// The lengths of the value with which the window starts, without and with its line break.
    fn next(&mut self) -> Result<Option<(usize, usize)>> {
        let mut scanned = 0;
        loop {
            let window = self.input.window();
            let end = match self.cut {
                Cut::Lines { .. } => memchr::memchr(b'\n', &window[scanned..]),
                Cut::Whole => None,
            };
            if let Some(end) = end.map(|end| scanned + end) {
                let carriage = end > 0 && window[end - 1] == b'\r';
                return Ok(Some((end - usize::from(carriage), end + 1)));
            }
            scanned = window.len();
            if self.input.ended() || !self.input.more()? {
                let length = self.input.window().len();
                return Ok((length > 0).then_some((length, length)));
            }
        }
    }
}
