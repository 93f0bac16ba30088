//! Positions in texts: `substring`, `indexof`, `split`, `countof`. All count code points.

use arrow::array::ArrayRef;
use memchr::memmem::Finder;

use super::super::patterns::Compiled;
use crate::error::{Error, Result};
use crate::functions::{Args, columns};
use crate::types::dynamic::write_string;

/// The byte offset of the `count`th code point, or the length of the text if it has fewer.
pub fn char_offset(text: &str, count: usize) -> usize {
    if text.is_ascii() {
        return count.min(text.len());
    }
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}

pub(super) fn substring(args: &Args) -> Result<ArrayRef> {
    let sources = args.texts(0)?;
    let starts = args.reader::<i64>(1)?;
    let lengths = args.reader::<Option<i64>>(2)?;
    let to_end = args.len() < 3;
    columns::texts((0..args.rows()).map(|row| {
        let source = sources.get(row);
        let length = match lengths.get(row).flatten() {
            Some(length) => length,
            None if to_end => i64::MAX,
            None => return Ok(""),
        };
        Ok(starts.get(row).map_or("", |start| part(source, start, length)))
    }))
}

fn part(text: &str, start: i64, length: i64) -> &str {
    let start = if start < 0 { text.chars().count() as i64 + start } else { start };
    let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(length)) else {
        return "";
    };
    let rest = &text[char_offset(text, start)..];
    &rest[..char_offset(rest, length)]
}

/// The optional arguments of `indexof` and `indexof_regex`.
pub struct Window {
    start: i64,
    length: i64,
    occurrence: i64,
}

impl Window {
    /// Reads the arguments from the third on, for each row; `None` where the result is null.
    pub fn rows<'a>(args: &'a Args<'a>) -> Result<impl Fn(usize) -> Option<Window> + 'a> {
        let readers = [
            args.reader::<Option<i64>>(2)?,
            args.reader::<Option<i64>>(3)?,
            args.reader::<Option<i64>>(4)?,
        ];
        let given = args.len();
        Ok(move |row| {
            let read = |at: usize, absent| {
                if at + 2 < given { readers[at].get(row).flatten() } else { Some(absent) }
            };
            let window =
                Window { start: read(0, 0)?, length: read(1, -1)?, occurrence: read(2, 1)? };
            (window.length >= -1 && window.occurrence >= 0).then_some(window)
        })
    }

    /// Whether the start counts from the end of the text.
    pub fn from_end(&self) -> bool {
        self.start < 0
    }

    /// The position of the wanted occurrence, in code points, or -1. `find` looks for the first one
    /// in a slice of the text and gives its byte range there; `overlapping` ones count or not.
    ///
    /// The length limits the search for each single occurrence, not the way to the last.
    pub fn position(
        &self,
        text: &str,
        overlapping: bool,
        find: impl Fn(&str, std::ops::Range<usize>) -> Option<(usize, usize)>,
    ) -> i64 {
        let start = if self.start < 0 {
            (text.chars().count() as i64 + self.start).max(0)
        } else {
            self.start
        };
        let mut from = char_offset(text, usize::try_from(start).unwrap_or(usize::MAX));
        for nth in 1.. {
            let to = match usize::try_from(self.length) {
                Ok(length) => from + char_offset(&text[from..], length),
                Err(_) => text.len(),
            };
            let Some((at, end)) = find(text, from..to) else { return -1 };
            if nth >= self.occurrence {
                return text[..at].chars().count() as i64;
            }
            let step = text[at..].chars().next().map_or(1, char::len_utf8);
            from = if overlapping || end == at { at + step } else { end };
            if from > text.len() {
                break;
            }
        }
        -1
    }
}

pub(super) fn indexof(args: &Args) -> Result<ArrayRef> {
    let (sources, wanted) = (args.texts(0)?, args.texts(1)?);
    let windows = Window::rows(args)?;
    let constant = wanted.constant().map(|text| Finder::new(text.as_bytes()));
    columns::longs((0..args.rows()).map(|row| {
        let text = wanted.get(row);
        let Some(window) = windows(row).filter(|_| !text.is_empty()) else { return Ok(None) };
        Ok(Some(window.position(sources.get(row), true, |source, range| {
            let (from, slice) = (range.start, &source.as_bytes()[range]);
            let found = match &constant {
                Some(finder) => finder.find(slice),
                None => memchr::memmem::find(slice, text.as_bytes()),
            }?;
            Some((from + found, from + found + text.len()))
        })))
    }))
}

pub(super) fn split(args: &Args) -> Result<ArrayRef> {
    let (sources, delimiters) = (args.texts(0)?, args.texts(1)?);
    let indexes = args.reader::<Option<i64>>(2)?;
    let constant = delimiters.constant().map(|text| Finder::new(text.as_bytes()));
    columns::dynamics((0..args.rows()).map(|row| {
        let source = sources.get(row);
        let delimiter = delimiters.get(row);
        let finder = match &constant {
            Some(finder) => finder,
            None => &Finder::new(delimiter.as_bytes()),
        };
        let wanted = match indexes.get(row).flatten() {
            Some(index) => match usize::try_from(index) {
                Ok(index) => Some(index),
                Err(_) => return Ok(None),
            },
            None => None,
        };
        let mut json = String::from("[");
        for (at, part) in parts(source, delimiter, finder).enumerate() {
            match wanted {
                Some(index) if index != at => continue,
                _ => {}
            }
            if json.len() > 1 {
                json.push(',');
            }
            write_string(part, &mut json);
        }
        json.push(']');
        Ok((json.len() > 2).then_some(json))
    }))
}

/// The parts of a text between delimiters; the whole text if the delimiter is empty.
fn parts<'t>(
    source: &'t str,
    delimiter: &str,
    finder: &Finder<'_>,
) -> impl Iterator<Item = &'t str> {
    let mut rest = Some(source);
    std::iter::from_fn(move || {
        let text = rest?;
        match finder.find(text.as_bytes()).filter(|_| !delimiter.is_empty()) {
            Some(at) => {
                rest = Some(&text[at + delimiter.len()..]);
                Some(&text[..at])
            }
            None => rest.take(),
        }
    })
}

pub(super) fn countof(args: &Args) -> Result<ArrayRef> {
    let (sources, wanted) = (args.texts(0)?, args.texts(1)?);
    let rows = 0..args.rows();
    match args.constant_str(2).unwrap_or("normal") {
        "normal" => columns::longs(rows.map(|row| {
            Ok(Some(count_overlapping(sources.get(row).as_bytes(), wanted.get(row).as_bytes())))
        })),
        "regex" => {
            let mut compiled = Compiled::new(wanted.constant())?;
            columns::longs(rows.map(|row| {
                if wanted.get(row).is_empty() {
                    return Ok(Some(0));
                }
                let regex = compiled.get(wanted.get(row))?;
                Ok(Some(regex.find_iter(sources.get(row)).count() as i64))
            }))
        }
        other => Err(Error::Execution(format!(
            "`{other}` is not a kind of `countof`: it is \"normal\" or \"regex\""
        ))),
    }
}

fn count_overlapping(text: &[u8], wanted: &[u8]) -> i64 {
    if wanted.is_empty() {
        return 0;
    }
    let finder = Finder::new(wanted);
    let (mut from, mut count) = (0, 0);
    while let Some(at) = finder.find(&text[from..]) {
        count += 1;
        from += at + 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_text_count_from_either_end() {
        assert_eq!(part("hello", -3, 2), "ll");
        assert_eq!(part("x", -2, 5), "");
        assert_eq!(part("abc", 5, 3), "");
        assert_eq!(part("abc", 1, -1), "");
        assert_eq!(part("😀😀", 0, 1), "😀");
        assert_eq!(part("aé😀b", 1, i64::MAX), "é😀b");
    }

    #[test]
    fn positions_honour_start_length_and_occurrence() {
        let position = |text: &str, wanted: &str, start, length, occurrence| {
            Window { start, length, occurrence }.position(text, true, |text, range| {
                let at = text[range.clone()].find(wanted)? + range.start;
                Some((at, at + wanted.len()))
            })
        };
        assert_eq!(position("abcdefg", "cde", 1, 2, 1), -1);
        assert_eq!(position("abcdefg", "cde", 1, 4, 1), 2);
        assert_eq!(position("abcdefg", "cde", -5, -1, 1), 2);
        assert_eq!(position("1234567", "5", 1, 4, 1), 4);
        assert_eq!(position("abcdefgabcdefg", "cde", 1, 10, 2), 9);
        assert_eq!(position("abcdefgabcdefg", "cde", 1, -1, 3), -1);
        assert_eq!(position("café é", "é", 4, -1, 1), 5);
        assert_eq!(position("abc", "a", 9, -1, 1), -1);
    }

    #[test]
    fn splitting_keeps_empty_parts() {
        let split = |text, delimiter: &'static str| {
            parts(text, delimiter, &Finder::new(delimiter.as_bytes())).collect::<Vec<_>>()
        };
        assert_eq!(split("", "_"), [""]);
        assert_eq!(split("a__b", "_"), ["a", "", "b"]);
        assert_eq!(split(",,", ","), ["", "", ""]);
        assert_eq!(split("a\r\nb", "\r\n"), ["a", "b"]);
    }

    #[test]
    fn occurrences_may_overlap() {
        assert_eq!(count_overlapping(b"aaaa", b"aa"), 3);
        assert_eq!(count_overlapping(b"aaaa", b""), 0);
    }
}
