//! The kernel of `reduce`: groups texts by the words that many of them have at the same place.
//!
//! After R. Vaarandi, "A Data Clustering Algorithm for Mining Patterns From Event Logs" (2003), which
//! Kusto's documentation names as its source. Kusto's own method is not published.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringViewArray, UInt32Array};
use arrow::compute::take;
use hashbrown::HashMap;

use super::events::{input, send};
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::types::Value;

/// Patterns with their count and first text. Input: a text. Constants: the share of the rows that a
/// word and a group must exceed; the characters between words, null for all but ASCII letters and
/// digits.
pub static REDUCE: TableFunction = TableFunction { name: "reduce", kernel: patterns };

/// The rows with the pattern of each. Input: the columns, then the text. Constants as [`REDUCE`].
pub static REDUCE_SOURCE: TableFunction =
    TableFunction { name: "reduce source", kernel: patterns_of_rows };

/// The pattern of the rows that are in no group.
const OTHERS: &str = "others";

/// The group of those rows.
const NO_GROUP: u32 = 0;

/// Texts in groups. The first group holds the rows of no other; it may be empty.
struct Clusters {
    of_row: Vec<u32>,
    groups: Vec<Group>,
}

#[derive(Default)]
struct Group {
    pattern: String,
    count: i64,
    first: usize,
}

fn patterns(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let texts = texts(args)?;
    let clusters = Clusters::of(texts, args.constants, out)?;
    let mut order: Vec<usize> = (0..clusters.groups.len()).collect();
    order.retain(|group| clusters.groups[*group].count > 0);
    order.sort_by_key(|group| {
        let Group { count, first, .. } = clusters.groups[*group];
        (std::cmp::Reverse(count), first)
    });
    let groups = || order.iter().map(|group| &clusters.groups[*group]);
    let representatives = order.iter().map(|group| match *group as u32 {
        NO_GROUP => "",
        _ => texts.value(clusters.groups[*group].first),
    });
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringViewArray::from_iter_values(groups().map(|group| &group.pattern))),
        Arc::new(Int64Array::from_iter_values(groups().map(|group| group.count))),
        Arc::new(StringViewArray::from_iter_values(representatives)),
    ];
    send(args, out, columns)
}

fn patterns_of_rows(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let clusters = Clusters::of(texts(args)?, args.constants, out)?;
    let patterns = clusters.groups.iter().map(|group| &group.pattern);
    let patterns = StringViewArray::from_iter_values(patterns);
    let columns = input(args, 0)?.columns();
    let mut columns = columns[..columns.len() - 1].to_vec();
    columns.push(take(&patterns, &UInt32Array::from(clusters.of_row), None)?);
    send(args, out, columns)
}

/// The last column of the input.
fn texts<'a>(args: &TableArgs<'a>) -> Result<&'a StringViewArray> {
    let column = input(args, 0)?.columns().last();
    let texts = column.and_then(|column| column.as_string_view_opt());
    texts.ok_or_else(|| Error::Internal("the values to reduce are no text".into()))
}

impl Clusters {
    fn of(texts: &StringViewArray, constants: &[Value], out: &mut dyn Output) -> Result<Clusters> {
        let rows = texts.len();
        let share = constants.first().and_then(Value::as_f64).unwrap_or_default();
        let separators = Separators(constants.get(1).and_then(Value::as_str));
        let support = share * rows as f64;
        let is_frequent = |count: i64| count as f64 > support;
        out.reserve(rows * 8)?;

        // Every word at its place among the words of a text, by a number.
        let mut words: HashMap<(u32, &str), u32> = HashMap::new();
        let mut counts: Vec<i64> = vec![];
        let mut granted = 0;
        for row in 0..rows {
            for (place, (_, word)) in separators.words(texts.value(row)).enumerate() {
                let new = counts.len() as u32;
                let number = *words.entry((place as u32, word)).or_insert(new);
                if number == new {
                    counts.push(0);
                }
                counts[number as usize] += 1;
            }
            if row.is_multiple_of(4096) {
                out.check()?;
            }
            if words.capacity() > granted {
                out.reserve((words.capacity() - granted) * 40)?;
                granted = words.capacity();
            }
        }
        let frequent_words = |text| {
            separators.words(text).enumerate().filter_map(|(place, (_, word))| {
                let number = *words.get(&(place as u32, word))?;
                is_frequent(counts[number as usize]).then_some(number)
            })
        };

        let mut candidates: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut found: Vec<Group> = vec![];
        let mut of_row: Vec<u32> = Vec::with_capacity(rows);
        let mut key: Vec<u32> = vec![];
        for row in 0..rows {
            if row.is_multiple_of(4096) {
                out.check()?;
            }
            key.clear();
            key.extend(frequent_words(texts.value(row)));
            let number = match candidates.get(&key) {
                Some(number) => *number,
                None => {
                    out.reserve(key.len() * 4 + 96)?;
                    let number = found.len() as u32;
                    // No word in common makes no group.
                    candidates.insert(key.clone(), if key.is_empty() { u32::MAX } else { number });
                    if !key.is_empty() {
                        found.push(Group { first: row, ..Group::default() });
                    }
                    candidates[&key]
                }
            };
            if let Some(group) = found.get_mut(number as usize) {
                group.count += 1;
            }
            of_row.push(number);
        }

        let others = Group { pattern: OTHERS.into(), first: rows, ..Group::default() };
        let mut groups = vec![others];
        let mut places = vec![NO_GROUP; found.len()];
        for (number, mut group) in found.into_iter().enumerate() {
            if is_frequent(group.count) {
                let text = texts.value(group.first);
                let is_frequent = |place: u32, word: &str| {
                    let number = words.get(&(place, word));
                    number.is_some_and(|number| is_frequent(counts[*number as usize]))
                };
                group.pattern = separators.pattern(text, is_frequent);
                places[number] = groups.len() as u32;
                groups.push(group);
            }
        }
        for (row, group) in of_row.iter_mut().enumerate() {
            *group = places.get(*group as usize).copied().unwrap_or(NO_GROUP);
            if *group == NO_GROUP {
                groups[0].count += 1;
                groups[0].first = groups[0].first.min(row);
            }
        }
        Ok(Clusters { of_row, groups })
    }
}

/// The characters between words, or `None` for all but ASCII letters and digits.
#[derive(Clone, Copy)]
struct Separators<'a>(Option<&'a str>);

impl<'a> Separators<'a> {
    fn contains(self, c: char) -> bool {
        match self.0 {
            Some(characters) => characters.contains(c),
            None => !c.is_ascii_alphanumeric(),
        }
    }

    /// The words of a text with their start.
    fn words(self, text: &str) -> impl Iterator<Item = (usize, &str)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = from + text[from..].find(|c| !self.contains(c))?;
            let length = text[start..].find(|c| self.contains(c));
            from = length.map_or(text.len(), |length| start + length);
            Some((start, &text[start..from]))
        })
    }

    /// A text whose runs of words that are not frequent are `*` each. Separators stay, but not
    /// letters and digits next to a `*`.
    fn pattern(self, text: &str, is_frequent: impl Fn(u32, &str) -> bool) -> String {
        let mut pattern = String::new();
        let (mut end, mut in_run) = (0, false);
        for (place, (start, word)) in self.words(text).enumerate() {
            let between = &text[end..start];
            end = start + word.len();
            let frequent = is_frequent(place as u32, word);
            if in_run && !frequent {
                continue;
            }
            pattern.push_str(match (in_run, frequent) {
                (true, _) => between.trim_start_matches(char::is_alphanumeric),
                (false, true) => between,
                (false, false) => between.trim_end_matches(char::is_alphanumeric),
            });
            pattern.push_str(if frequent { word } else { "*" });
            in_run = !frequent;
        }
        let rest = &text[end..];
        pattern.push_str(match in_run {
            true => rest.trim_start_matches(char::is_alphanumeric),
            false => rest,
        });
        pattern
    }
}

#[cfg(test)]
mod tests {
    use super::Separators;

    fn pattern(characters: Option<&str>, text: &str, frequent: &[&str]) -> String {
        Separators(characters).pattern(text, |_, word| frequent.contains(&word))
    }

    #[test]
    fn runs_become_one_star() {
        assert_eq!(pattern(None, "one -on- two three", &["on"]), "* -on- *");
        assert_eq!(pattern(None, "San Juan de la Cruz", &["San"]), "San *");
        assert_eq!(pattern(None, "[x] héllo.", &["h"]), "[*] h*.");
    }

    #[test]
    fn letters_between_words_go_with_the_star() {
        assert_eq!(pattern(Some("Z"), "fooZ1", &["foo"]), "foo*");
        assert_eq!(pattern(Some("Z-"), "1Z-ZbarZZ2", &["bar"]), "*-Zbar*");
        assert_eq!(pattern(Some("Z"), "aZbZ", &["a", "b"]), "aZbZ");
    }
}
