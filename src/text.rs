//! Source text: byte spans, named sources and the line index behind every "line 3, column 7".

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A half-open range of bytes inside one [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The span from byte `start` up to, not including, byte `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The empty span just after this one.
    pub fn after(self) -> Span {
        Span::new(self.end, self.end)
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span as a range that indexes the source's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value together with the place it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    pub node: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub const fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

/// A place for people: both numbers count from 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A named piece of KQL text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Source {
    inner: Arc<SourceInner>,
}

#[derive(Debug)]
struct SourceInner {
    name: String,
    text: String,
    /// Byte offsets at which lines start.
    lines: Vec<u32>,
}

impl Source {
    /// A source under the name that diagnostics show (`queries/a.kql`, `<query>`).
    ///
    /// Text beyond 4 GiB cannot be addressed by a [`Span`] and is cut there.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if text.len() > u32::MAX as usize {
            let mut end = u32::MAX as usize;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
        let lines = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1))
            .collect();
        let name = name.into();
        Self { inner: Arc::new(SourceInner { name, text, lines }) }
    }

    /// Whether both are the same text at the same place, not only alike.
    pub fn is(&self, other: &Source) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// A part of this text where all else is blank, so that places stay true. `before` and `after`
    /// are written around it, `before` over the blanks.
    #[must_use]
    pub fn masked(&self, part: Span, before: &str, after: &str) -> Source {
        let text = self.text();
        let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
        let blanks = (part.start as usize).saturating_sub(before.len());
        let mut masked: String = text.bytes().take(blanks).map(blank).collect();
        masked.push_str(before);
        masked.push_str(self.slice(part));
        masked.push_str(after);
        Source::new(self.name(), masked)
    }

    /// The name that diagnostics show.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The text that `span` covers; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.inner.text.get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte offset.
    pub fn location(&self, offset: u32) -> Location {
        self.located(offset, |before| before.chars().count())
    }

    /// Line and column of a byte offset, as editors count: columns are UTF-16 code units.
    pub fn utf16_location(&self, offset: u32) -> Location {
        self.located(offset, |before| before.encode_utf16().count())
    }

    fn located(&self, offset: u32, width: impl Fn(&str) -> usize) -> Location {
        let line = self.inner.lines.partition_point(|&start| start <= offset) - 1;
        let start = self.inner.lines[line];
        let before = self.inner.text.get(start as usize..offset as usize).unwrap_or("");
        Location { line: line + 1, column: width(before) + 1 }
    }
}
