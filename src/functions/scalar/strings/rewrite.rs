//! Texts made from texts: case, replacement, translation.

use std::borrow::Cow;

use arrow::array::ArrayRef;
use hashbrown::HashMap;
use memchr::memmem::Finder;

use crate::error::Result;
use crate::functions::text::{dynamic_text, json_elements};
use crate::functions::{Args, columns};

pub(super) fn toupper(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::written(args.rows(), |row, out| write_upper(texts.get(row), out))
}

pub(super) fn tolower(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::written(args.rows(), |row, out| write_lower(texts.get(row), out))
}

fn write_upper(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_uppercase();
        return;
    }
    out.extend(text.chars().map(|c| {
        let mut mapped = c.to_uppercase();
        if mapped.len() == 1 { mapped.next().unwrap_or(c) } else { c }
    }));
}

fn write_lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
        return;
    }
    // The only letter whose lower case is two characters is the dotted I: its first is an i.
    out.extend(text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)));
}

pub(super) fn reverse(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::written(args.rows(), |row, out| out.extend(texts.get(row).chars().rev()))
}

pub(super) fn replace_string(args: &Args) -> Result<ArrayRef> {
    let (texts, lookups, rewrites) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
    let constant = lookups.constant().map(|text| Finder::new(text.as_bytes()));
    columns::texts((0..args.rows()).map(|row| {
        let lookup = lookups.get(row);
        let finder = match &constant {
            Some(finder) => finder,
            None => &Finder::new(lookup.as_bytes()),
        };
        Ok(replaced(texts.get(row), lookup, finder, rewrites.get(row)))
    }))
}

fn replaced<'t>(text: &'t str, lookup: &str, finder: &Finder, rewrite: &str) -> Cow<'t, str> {
    if lookup.is_empty() {
        return text.into();
    }
    let Some(mut next) = finder.find(text.as_bytes()) else { return text.into() };
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    loop {
        out.push_str(&text[from..from + next]);
        out.push_str(rewrite);
        from += next + lookup.len();
        match finder.find(&text.as_bytes()[from..]) {
            Some(found) => next = found,
            None => break,
        }
    }
    out.push_str(&text[from..]);
    out.into()
}

/// Several replacements, the more important first.
///
/// Each takes what it finds in the parts of the text that those before it left; nothing is looked
/// for in replaced text.
struct Replacements(Vec<Replacement>);

struct Replacement {
    finder: Finder<'static>,
    length: usize,
    /// What a match becomes; `None` leaves it, but takes it from those that follow.
    rewrite: Option<String>,
}

/// A part of a text while it is rewritten.
#[derive(Clone, Copy)]
enum Part<'t> {
    Open(&'t str),
    Done(&'t str),
}

impl Replacements {
    fn new(lookups: &str, rewrites: &str) -> Self {
        let lookups = json_elements(lookups).unwrap_or_default();
        let rewrites = json_elements(rewrites).unwrap_or_default();
        let text = |json: &&str| json.starts_with('"').then(|| dynamic_text(json).into_owned());
        let pairs = lookups.iter().enumerate().filter_map(|(at, lookup)| {
            let lookup = text(lookup).filter(|lookup| !lookup.is_empty())?;
            let finder = Finder::new(lookup.as_bytes()).into_owned();
            let rewrite = rewrites.get(at).and_then(text);
            Some(Replacement { finder, length: lookup.len(), rewrite })
        });
        Self(pairs.collect())
    }

    fn apply(&self, text: &str) -> String {
        let mut parts = vec![Part::Open(text)];
        for replacement in &self.0 {
            if parts.iter().any(|part| replacement.finds(part)) {
                parts = parts.iter().flat_map(|part| replacement.split(*part)).collect();
            }
        }
        match parts[..] {
            [Part::Open(text)] => text.to_string(),
            _ => {
                let texts = parts.iter().map(|part| match part {
                    Part::Open(text) | Part::Done(text) => *text,
                });
                texts.collect()
            }
        }
    }
}

impl Replacement {
    fn finds(&self, part: &Part) -> bool {
        matches!(part, Part::Open(text) if self.finder.find(text.as_bytes()).is_some())
    }

    fn split<'t>(&'t self, part: Part<'t>) -> Vec<Part<'t>> {
        let Part::Open(text) = part else { return vec![part] };
        let mut parts = vec![];
        let mut from = 0;
        for at in self.finder.find_iter(text.as_bytes()) {
            let end = at + self.length;
            parts.push(Part::Open(&text[from..at]));
            parts.push(Part::Done(self.rewrite.as_deref().unwrap_or(&text[at..end])));
            from = end;
        }
        parts.push(Part::Open(&text[from..]));
        parts
    }
}

pub(super) fn replace_strings(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    let lookups = args.reader::<Option<&str>>(1)?;
    let rewrites = args.reader::<Option<&str>>(2)?;
    let prepare = |row| {
        let json = |value: Option<Option<&str>>| value.flatten().unwrap_or("null").to_string();
        Replacements::new(&json(lookups.get(row)), &json(rewrites.get(row)))
    };
    let constant = args.is_scalar(1) && args.is_scalar(2) && args.rows() > 0;
    let prepared = constant.then(|| prepare(0));
    columns::texts((0..args.rows()).map(|row| {
        let text = texts.get(row);
        Ok(match &prepared {
            Some(all) => all.apply(text),
            None => prepare(row).apply(text),
        })
    }))
}

pub(super) fn translate(args: &Args) -> Result<ArrayRef> {
    let (searched, replacements, texts) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
    let constant = searched
        .constant()
        .zip(replacements.constant())
        .map(|(searched, replacements)| translation(searched, replacements));
    columns::written(args.rows(), |row, out| {
        let own;
        let table = match &constant {
            Some(table) => table,
            None => {
                own = translation(searched.get(row), replacements.get(row));
                &own
            }
        };
        let map = |c: char| table.get(&c).map_or(Some(c), |to| *to);
        out.extend(texts.get(row).chars().filter_map(map));
    })
}

/// What becomes of each character; `None` where it is removed.
fn translation(searched: &str, replacements: &str) -> HashMap<char, Option<char>> {
    let last = replacements.chars().next_back();
    let mut to = replacements.chars();
    let mut table = HashMap::new();
    for c in searched.chars() {
        let target = to.next().or(last);
        table.entry(c).or_insert(target);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_maps_one_character_to_one() {
        let written = |write: fn(&str, &mut String), text| {
            let mut out = String::new();
            write(text, &mut out);
            out
        };
        assert_eq!(written(write_upper, "naïve straße"), "NAÏVE STRAßE");
        assert_eq!(written(write_lower, "ПРИВЕТ ＦＵＬＬ"), "привет ｆｕｌｌ");
        assert_eq!(written(write_lower, "Plain"), "plain");
    }

    #[test]
    fn several_replacements_take_one_pass() {
        let apply = |text: &str, lookups: &str, rewrites: &str| {
            Replacements::new(lookups, rewrites).apply(text)
        };
        assert_eq!(apply("cat dog", r#"["cat","dog"]"#, r#"["dog","emu"]"#), "dog emu");
        assert_eq!(apply("This is", r#"["This","is"]"#, r#"["This","was"]"#), "This was");
        assert_eq!(apply("This is", r#"["is","This"]"#, r#"["was","This"]"#), "Thwas was");
        assert_eq!(apply("This is", r#"["This","is"]"#, r#"[12345,"was"]"#), "This was");
        assert_eq!(apply("a", "[]", "[]"), "a");
    }

    #[test]
    fn an_empty_lookup_changes_nothing() {
        let replaced = |text, from: &str, to| {
            replaced(text, from, &Finder::new(from.as_bytes()), to).into_owned()
        };
        assert_eq!(replaced("aba", "", "X"), "aba");
        assert_eq!(replaced("aba", "a", "XY"), "XYbXY");
    }

    #[test]
    fn the_last_replacement_repeats() {
        let translated = |searched, replacements, text: &str| {
            let table = translation(searched, replacements);
            text.chars().filter_map(|c| table.get(&c).map_or(Some(c), |to| *to)).collect::<String>()
        };
        assert_eq!(translated("abc", "x", "abc"), "xxx");
        assert_eq!(translated("abc", "", "ab"), "");
        assert_eq!(translated("krasp", "otsku", "spark"), "kusto");
    }
}
