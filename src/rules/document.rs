//! A document of any form as a tree whose values know their places in the file.

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Label};
use crate::text::{Span, Spanned};

/// A value of a document and the text of the file that spells it.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// What only a deployment or a plan would tell: nothing can be said about it.
    Unknown,
}

/// A member of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Spanned<Arc<str>>,
    pub value: Node,
}

/// What a scalar is, where the form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    Text,
}

/// A value without parts. `value` is its text, whatever its kind.
#[derive(Clone, Debug)]
pub struct Scalar {
    pub value: String,
    pub kind: Kind,
    /// Where runs of `value` start, ascending, and where those stand in the file.
    pieces: Vec<(u32, u32)>,
    /// Where the last byte of the value may stand in the file.
    end: u32,
}

impl Scalar {
    /// A value that the bytes of the file at `span` spell as they are.
    pub fn plain(value: impl Into<String>, kind: Kind, span: Span) -> Self {
        Self { value: value.into(), kind, pieces: vec![(0, span.start)], end: span.end }
    }

    /// A value spelled by `raw`, which stands at `start` in the file, with indentation, folded lines
    /// or doubled quotes. Its places are found by reading both side by side.
    pub fn spelled(value: impl Into<String>, kind: Kind, raw: &str, start: u32) -> Self {
        Self::aligned(value.into(), kind, raw, start, false)
    }

    /// The same where a backslash in `raw` begins an escape sequence.
    pub fn escaped(value: impl Into<String>, kind: Kind, raw: &str, start: u32) -> Self {
        Self::aligned(value.into(), kind, raw, start, true)
    }

    /// A text made of others, one behind the other.
    pub fn joined(parts: &[Scalar]) -> Self {
        let mut joined = Self { value: String::new(), kind: Kind::Text, pieces: vec![], end: 0 };
        for part in parts.iter().filter(|part| !part.value.is_empty() || parts.len() == 1) {
            let at = joined.value.len() as u32;
            joined.pieces.extend(part.pieces.iter().map(|(value, file)| (value + at, *file)));
            joined.value.push_str(&part.value);
            joined.end = joined.end.max(part.end);
        }
        joined
    }

    /// The text at `span` of the value, which keeps its place.
    pub fn part(&self, span: Span) -> Self {
        let value = self.value.get(span.range()).unwrap_or_default().to_string();
        let within = self.pieces.iter().filter(|(at, _)| (span.start + 1..span.end).contains(at));
        let first = (0, self.offset(span.start));
        let rest = within.map(|(at, file)| (at - span.start, *file));
        let pieces = std::iter::once(first).chain(rest).collect();
        Self { value, kind: Kind::Text, pieces, end: self.end }
    }

    fn aligned(value: String, kind: Kind, raw: &str, start: u32, escapes: bool) -> Self {
        let pieces = align(&value, raw, start, escapes);
        Self { value, kind, pieces, end: start + raw.len() as u32 }
    }

    /// The place in the file of a place in the value.
    pub fn place(&self, span: Span) -> Span {
        let start = self.offset(span.start);
        match span.is_empty() {
            true => Span::new(start, start),
            // The end is where the last byte ends: what follows may be the indentation of a line.
            false => Span::new(start, (self.offset(span.end - 1) + 1).max(start)),
        }
    }

    /// A finding about the value, told in places of the file.
    pub fn placed(&self, found: &Diagnostic) -> Diagnostic {
        let label = |label: &Label| Label { span: self.place(label.span), ..label.clone() };
        Diagnostic {
            span: self.place(found.span),
            missing_from: found.missing_from.map(|from| self.offset(from)),
            labels: found.labels.iter().map(label).collect(),
            ..found.clone()
        }
    }

    fn offset(&self, at: u32) -> u32 {
        let next = self.pieces.partition_point(|(value, _)| *value <= at);
        match next.checked_sub(1).map(|piece| self.pieces[piece]) {
            Some((value, file)) => (file + (at - value)).min(self.end),
            None => self.end,
        }
    }
}

/// Pairs of places at which a value and its spelling go on alike.
fn align(value: &str, raw: &str, start: u32, escapes: bool) -> Vec<(u32, u32)> {
    let mut pieces: Vec<(u32, u32)> = vec![];
    let mut raw_at = 0;
    for (at, c) in value.char_indices() {
        let Some(found) = next_spelling(raw, raw_at, c, escapes) else { break };
        let file = start + found.start;
        let goes_on = pieces.last().is_some_and(|(v, f)| file - f == at as u32 - v);
        if !goes_on {
            pieces.push((at as u32, file));
        }
        raw_at = found.end as usize;
    }
    if pieces.is_empty() {
        pieces.push((0, start));
    }
    pieces
}

/// Where `raw`, read from `from`, spells the character `c`.
fn next_spelling(raw: &str, from: usize, c: char, escapes: bool) -> Option<Span> {
    let mut at = from;
    loop {
        let rest = &raw[at..];
        let next = rest.chars().next()?;
        let mut end = at + next.len_utf8();
        if escapes && next == '\\' {
            // A line may be broken behind a backslash, which spells nothing.
            if rest[1..].starts_with(['\n', '\r']) {
                at = end;
                continue;
            }
            end = at + escape_len(rest);
            return Some(Span::new(at as u32, end as u32));
        }
        // A folded line break became a blank; other blanks and quotes are of the spelling only.
        if next == c || c == ' ' && next == '\n' {
            return Some(Span::new(at as u32, end as u32));
        }
        at = end;
    }
}

/// Bytes of the escape sequence that `text` begins with.
fn escape_len(text: &str) -> usize {
    let escape = |text: &str| match text.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 1 + text.chars().nth(1).map_or(0, char::len_utf8),
    };
    // Two halves of a character beyond the basic plane are written one after the other.
    let digits = text.get(2..6).filter(|_| text.starts_with("\\u"));
    let first = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let is_half = first.is_some_and(|code| (0xd800..0xdc00).contains(&code));
    let mut len = match is_half && text[6..].starts_with("\\u") {
        true => 12,
        false => escape(text),
    };
    len = len.min(text.len());
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    len
}

impl Node {
    /// The member called `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The member called `key` of a map, with the place of the key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key.node == key)
    }

    /// The member called `key` in any case, as Azure reads names.
    pub fn member(&self, key: &str) -> Option<&Node> {
        self.member_entry(key).map(|entry| &entry.value)
    }

    /// The member called `key` in any case, with the place of the key.
    pub fn member_entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.node.eq_ignore_ascii_case(key))
    }

    /// The members of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| scalar.kind != Kind::Null).map(|scalar| &*scalar.value)
    }

    /// Whether the file does not tell the value.
    pub fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown)
    }

    /// The places of all values that the file does not tell.
    pub fn unknown(&self) -> Vec<Span> {
        match &self.value {
            Value::Unknown => vec![self.span],
            Value::Scalar(_) => vec![],
            Value::List(items) => items.iter().flat_map(Node::unknown).collect(),
            Value::Map(entries) => entries.iter().flat_map(|entry| entry.value.unknown()).collect(),
        }
    }

    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.kind == Kind::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(scalar: &Scalar, file: &str, part: &str) -> String {
        let start = scalar.value.find(part).unwrap() as u32;
        let span = scalar.place(Span::new(start, start + part.len() as u32));
        file[span.range()].to_string()
    }

    #[test]
    fn indented_block() {
        let file = "query: |\n    T\n    | where a > 1\n\n      and b\n";
        let value = "T\n| where a > 1\n\n  and b\n";
        let scalar = Scalar::spelled(value, Kind::Text, &file[9..], 9);
        for part in ["T", "| where", "a > 1", "and", "b"] {
            assert_eq!(at(&scalar, file, part), part);
        }
    }

    #[test]
    fn escapes() {
        let file = r#"{"query": "T\n| where a == \"x\u0041\" and é > 1"}"#;
        let value = "T\n| where a == \"xA\" and é > 1";
        let start = file.find("T\\n").unwrap();
        let scalar = Scalar::escaped(value, Kind::Text, &file[start..file.len() - 2], start as u32);
        assert_eq!(at(&scalar, file, "where"), "where");
        assert_eq!(at(&scalar, file, "and é"), "and é");
        assert_eq!(at(&scalar, file, "> 1"), "> 1");
    }

    #[test]
    fn escaped_backslashes_and_halves() {
        let file = r#""a \\u0041 \ud83d\ude00 b \\\"c""#;
        let value = "a \\u0041 \u{1f600} b \\\"c";
        let scalar = Scalar::escaped(value, Kind::Text, &file[1..file.len() - 1], 1);
        for part in ["u0041", "b", "c"] {
            assert_eq!(at(&scalar, file, part), part);
        }
    }

    #[test]
    fn parts_and_joints() {
        let file = "x one y two";
        let whole = Scalar::plain(file, Kind::Text, Span::new(0, 11));
        let joined = Scalar::joined(&[whole.part(Span::new(8, 11)), whole.part(Span::new(2, 5))]);
        assert_eq!(joined.value, "twoone");
        assert_eq!(joined.place(Span::new(0, 3)), Span::new(8, 11));
        assert_eq!(joined.place(Span::new(3, 6)), Span::new(2, 5));
    }

    #[test]
    fn folded() {
        let file = "query: >\n  T | where\n  a > 1\n";
        let scalar = Scalar::spelled("T | where a > 1\n", Kind::Text, &file[9..], 9);
        assert_eq!(at(&scalar, file, "a > 1"), "a > 1");
    }
}
