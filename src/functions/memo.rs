//! Answers of costly functions, kept for texts that come again.
//!
//! A scan of a dictionary-encoded column delivers views of few texts: equal rows share one place in
//! memory. A function of one such column and constants is worked out once per place, and each row
//! looks its answer up. Places stay valid because the buffers that they lie in are kept as well.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, ByteView, StringViewArray, UInt32Array};
use arrow::buffer::Buffer;
use arrow::compute::{concat, take};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::error::{Error, Result};

/// Batches of fewer rows are not worth a look-up.
const LEAST_ROWS: usize = 256;

/// After this many rows of a batch it is decided whether texts repeat at all.
const SAMPLE_ROWS: usize = 1024;

/// Batches with mostly new texts that are borne before the memory takes a rest.
const PATIENCE: usize = 3;

/// Batches for which a memory rests that found nothing to keep.
const REST: usize = 31;

/// Most answers that are kept.
const MOST_ANSWERS: usize = 1 << 16;

/// Most bytes of texts, and of answers, that are kept.
const MOST_BYTES: usize = 16 << 20;

/// Buffers of kept answers beyond which they are brought together.
const MOST_BUFFERS: usize = 4;

/// The answers of one function; every thread that calls it has its own part.
#[derive(Debug, Default)]
pub struct Memo {
    idle: Mutex<Vec<Known>>,
}

impl Memo {
    /// The answers for all rows of the one argument that is no constant, if that pays: `kernel`
    /// gives the answers for other texts in its place. `None` leaves the work to the caller.
    ///
    /// # Errors
    ///
    /// Those of `kernel`.
    pub fn answers(
        &self,
        arrays: &[ArrayRef],
        scalars: &[bool],
        kernel: impl FnOnce(&[ArrayRef], usize) -> Result<ArrayRef>,
    ) -> Result<Option<ArrayRef>> {
        let mut columns = (0..arrays.len()).filter(|&index| !scalars[index]);
        let (Some(column), None) = (columns.next(), columns.next()) else { return Ok(None) };
        let Some(texts) = arrays[column].as_string_view_opt() else { return Ok(None) };
        if texts.len() < LEAST_ROWS {
            return Ok(None);
        }
        let constants = |known: &Known| {
            let mut pairs = known.arrays.iter().zip(arrays).enumerate();
            known.arrays.len() == arrays.len()
                && pairs.all(|(index, (own, array))| index == column || own == array)
        };
        let idle = self.idle().pop();
        let mut known = idle.filter(constants).unwrap_or_else(|| Known::new(arrays, column));
        let answers = known.answers(texts, arrays, column, kernel)?;
        self.idle().push(known);
        Ok(answers)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Known>> {
        // A part is taken out whole and put back whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the texts met so far.
#[derive(Debug)]
struct Known {
    /// The arguments that the answers are about, without a text in the place of the column.
    arrays: Vec<ArrayRef>,
    /// The position of a text's answer, by the text's place.
    positions: HashMap<u128, u32>,
    answers: Option<ArrayRef>,
    /// The buffers that texts lie in, by their address.
    buffers: HashMap<usize, Buffer>,
    bytes: usize,
    /// Batches in a row whose texts were mostly new.
    strikes: usize,
    resting: usize,
}

impl Known {
    fn new(arrays: &[ArrayRef], column: usize) -> Self {
        let mut arrays = arrays.to_vec();
        arrays[column] = arrays[column].slice(0, 0);
        Self {
            arrays,
            positions: HashMap::new(),
            answers: None,
            buffers: HashMap::new(),
            bytes: 0,
            strikes: 0,
            resting: 0,
        }
    }

    fn answers(
        &mut self,
        texts: &StringViewArray,
        arrays: &[ArrayRef],
        column: usize,
        kernel: impl FnOnce(&[ArrayRef], usize) -> Result<ArrayRef>,
    ) -> Result<Option<ArrayRef>> {
        if self.resting > 0 {
            self.resting -= 1;
            return Ok(None);
        }
        let mut rows = Vec::with_capacity(texts.len());
        let mut new: Vec<u32> = vec![];
        let mut next = index(self.positions.len())?;
        for row in 0..texts.len() {
            if row == SAMPLE_ROWS && new.len() > SAMPLE_ROWS / 16 * 15 {
                self.rest();
                return Ok(None);
            }
            rows.push(match self.positions.entry(place(texts, row)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(vacant) => {
                    new.push(index(row)?);
                    next += 1;
                    *vacant.insert(next - 1)
                }
            });
        }
        if !new.is_empty() {
            let mut arrays = arrays.to_vec();
            for &row in &new {
                self.keep(texts, row as usize);
            }
            let count = new.len();
            arrays[column] = take(texts, &UInt32Array::from(new), None)?;
            let fresh = kernel(&arrays, count)?;
            self.strikes = if count * 2 > texts.len() { self.strikes + 1 } else { 0 };
            self.answers = Some(match self.answers.take() {
                Some(old) => joined(&old, &fresh)?,
                None => fresh,
            });
        }
        let Some(known) = &self.answers else { return Ok(None) };
        let answers = take(known, &UInt32Array::from(rows), None)?;
        let full = self.positions.len() > MOST_ANSWERS
            || self.bytes > MOST_BYTES
            || known.get_array_memory_size() > MOST_BYTES;
        if self.strikes >= PATIENCE {
            self.rest();
        } else if full {
            self.forget();
        }
        Ok(Some(answers))
    }

    /// Keeps the buffer in which the text of `row` lies.
    fn keep(&mut self, texts: &StringViewArray, row: usize) {
        let view = texts.views()[row];
        if texts.is_null(row) || view as u32 <= INLINE {
            return;
        }
        let buffer = &texts.data_buffers()[ByteView::from(view).buffer_index as usize];
        if let Entry::Vacant(vacant) = self.buffers.entry(buffer.as_ptr() as usize) {
            self.bytes += buffer.capacity();
            vacant.insert(buffer.clone());
        }
    }

    fn rest(&mut self) {
        self.forget();
        self.strikes = 0;
        self.resting = REST;
    }

    fn forget(&mut self) {
        self.positions.clear();
        self.answers = None;
        self.buffers.clear();
        self.bytes = 0;
    }
}

/// The longest text that lies in its view, in bytes.
const INLINE: u32 = arrow::array::MAX_INLINE_VIEW_LEN;

/// What two rows have in common only if their texts are equal: a short text itself, the length and
/// the address of a long one.
#[inline]
fn place(texts: &StringViewArray, row: usize) -> u128 {
    if texts.is_null(row) {
        return u128::from(u32::MAX);
    }
    let view = texts.views()[row];
    if view as u32 <= INLINE {
        return view;
    }
    let view = ByteView::from(view);
    let start = texts.data_buffers()[view.buffer_index as usize].as_ptr() as usize;
    (start as u128 + u128::from(view.offset)) << 32 | u128::from(view.length)
}

fn index(row: usize) -> Result<u32> {
    u32::try_from(row).map_err(|_| Error::Internal("too many rows in a batch".into()))
}

fn joined(old: &ArrayRef, fresh: &ArrayRef) -> Result<ArrayRef> {
    let all = concat(&[old.as_ref(), fresh.as_ref()])?;
    Ok(match all.as_string_view_opt() {
        Some(texts) if texts.data_buffers().len() > MOST_BUFFERS => Arc::new(texts.gc()),
        _ => all,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    fn shouted(texts: &StringViewArray, suffix: &str) -> ArrayRef {
        let loud = texts.iter().map(|text| Some(format!("{}{suffix}", text?.to_uppercase())));
        Arc::new(StringViewArray::from_iter(loud))
    }

    fn ask(memo: &Memo, texts: &ArrayRef, suffix: &str, worked: &Cell<usize>) -> Option<ArrayRef> {
        let constant: ArrayRef = Arc::new(StringViewArray::from_iter_values([suffix]));
        let answers = memo.answers(&[constant, Arc::clone(texts)], &[true, false], |args, rows| {
            assert_eq!(args[1].len(), rows);
            worked.set(worked.get() + rows);
            Ok(shouted(args[1].as_string_view(), args[0].as_string_view().value(0)))
        });
        answers.unwrap()
    }

    #[test]
    fn a_text_is_worked_out_once_over_all_batches() {
        let words: Vec<_> = (0..100).map(|n| format!("a rather long text {n}")).collect();
        let dictionary = StringViewArray::from_iter_values(&words);
        let (memo, worked) = (Memo::default(), Cell::new(0));
        for batch in 0..20_u32 {
            let rows = UInt32Array::from_iter_values((0..4000).map(|n| (n * 7 + batch) % 100));
            let texts = take(&dictionary, &rows, None).unwrap();
            let answers = ask(&memo, &texts, "!", &worked).unwrap();
            assert_eq!(&answers, &shouted(texts.as_string_view(), "!"));
        }
        assert_eq!(worked.get(), 100);
    }

    #[test]
    fn texts_that_do_not_repeat_are_left_alone() {
        let (memo, worked) = (Memo::default(), Cell::new(0));
        for _ in 0..10 {
            let words = (0..4000).map(|n| format!("a rather long text {n}"));
            let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(words));
            assert!(ask(&memo, &texts, "!", &worked).is_none());
        }
        assert_eq!(worked.get(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn answers_are_those_of_the_kernel(
            batches in prop::collection::vec((0_u64..4, 1_u32..3000, 0_usize..3, 256_u32..3000), 1..12),
        ) {
            let text = |n: u32| match n % 5 {
                0 => None,
                1 => Some(String::new()),
                2 => Some(format!("t{n}")),
                _ => Some(format!("a text longer than a view {n}")),
            };
            let memo = Memo::default();
            let worked = Cell::new(0);
            let mut dictionary = StringViewArray::from_iter((0..3000).map(text));
            for (kind, distinct, suffix, rows) in batches {
                if kind == 0 {
                    // A new dictionary, perhaps where the former one was.
                    drop(std::mem::replace(&mut dictionary, StringViewArray::from(vec![""])));
                    dictionary =
                        StringViewArray::from_iter((0..3000).map(|n| text(n + distinct)));
                }
                let picked = UInt32Array::from_iter_values(
                    (0..rows).map(|n| n.wrapping_mul(2_654_435_761) % distinct),
                );
                let texts = take(&dictionary, &picked, None).unwrap();
                let suffix = ["", "!", "a long suffix for an answer"][suffix];
                if let Some(answers) = ask(&memo, &texts, suffix, &worked) {
                    prop_assert_eq!(&answers, &shouted(texts.as_string_view(), suffix));
                }
            }
        }
    }
}
