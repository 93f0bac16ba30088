//! YAML into a document tree.

use std::collections::HashSet;
use std::sync::Arc;

use granit_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

use super::Fault;
use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::{Source, Span, Spanned};

/// Maps and lists nest no deeper.
const MAX_DEPTH: usize = 100;
/// Values that aliases may add to a file.
const MAX_REPEATED: usize = 100_000;

/// The documents of a YAML text.
pub(super) fn read(source: &Source) -> Result<Vec<Node>, Fault> {
    let mut reader = Reader {
        source,
        parser: Parser::new_from_str(source.text()),
        anchors: vec![],
        repeated: 0,
    };
    let mut documents = vec![];
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(documents),
            (Event::DocumentStart(..), _) => {
                let first = reader.next()?;
                if !matches!(first.0, Event::DocumentEnd) {
                    documents.push(reader.node(first, 0)?);
                }
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    source: &'a Source,
    parser: Parser<'a, StrInput<'a>>,
    /// The nodes that have an anchor, by its number.
    anchors: Vec<(usize, Node)>,
    /// How many values aliases have added.
    repeated: usize,
}

type Located<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Located<'a>, Fault> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                Ok((event, Span::new(byte_offset(&span.start), byte_offset(&span.end))))
            }
            Some(Err(error)) => {
                let at = byte_offset(error.marker());
                Err(Fault::new(format!("not YAML: {}", error.info()), Span::new(at, at)))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Where the lines of a block begin whose first text stands at `start`: the parser leaves out
    /// empty lines before it.
    fn block_start(&self, start: u32) -> u32 {
        let before = self.source.slice(Span::new(0, start));
        let header = before.trim_end().len();
        before[header..].find('\n').map_or(start, |line_break| (header + line_break + 1) as u32)
    }

    fn node(&mut self, (event, span): Located<'a>, depth: usize) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new("the document is nested too deeply", span));
        }
        let (node, anchor) = match event {
            Event::Scalar(value, style, anchor, _) => {
                let kind = match style {
                    ScalarStyle::Plain => plain_kind(&value),
                    _ => Kind::Text,
                };
                let inside = match style {
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                        Span::new(span.start + 1, span.end.saturating_sub(1))
                    }
                    ScalarStyle::Literal | ScalarStyle::Folded => {
                        Span::new(self.block_start(span.start), span.end)
                    }
                    _ => span,
                };
                let raw = self.source.slice(inside);
                let scalar = match style {
                    _ if raw == value => Scalar::plain(value, kind, inside),
                    ScalarStyle::DoubleQuoted => Scalar::escaped(value, kind, raw, inside.start),
                    _ => Scalar::spelled(value, kind, raw, inside.start),
                };
                (Node { span, value: Value::Scalar(scalar) }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = vec![];
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        item => items.push(self.node(item, depth + 1)?),
                    }
                };
                let span = items.last().map_or(span.to(end), |last: &Node| span.to(last.span));
                (Node { span, value: Value::List(items) }, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                let mut entries: Vec<Entry> = vec![];
                let mut names: HashSet<Arc<str>> = HashSet::new();
                let end = loop {
                    match self.next()? {
                        (Event::MappingEnd, end) => break end,
                        key => {
                            let key = self.node(key, depth + 1)?;
                            let Some(name) = key.text() else {
                                return Err(Fault::new("a key is no text", key.span));
                            };
                            let name: Arc<str> = name.into();
                            if !names.insert(name.clone()) {
                                let message = format!("key `{name}` appears twice");
                                return Err(Fault::new(message, key.span));
                            }
                            let key = Spanned::new(name, key.span);
                            let value = self.next()?;
                            entries.push(Entry { key, value: self.node(value, depth + 1)? });
                        }
                    }
                };
                let span =
                    entries.last().map_or(span.to(end), |last: &Entry| span.to(last.value.span));
                (Node { span, value: Value::Map(entries) }, anchor)
            }
            Event::Alias(id) => match self.anchors.iter().find(|(anchor, _)| *anchor == id) {
                Some((_, node)) => {
                    self.repeated += size(node);
                    if self.repeated > MAX_REPEATED {
                        return Err(Fault::new("aliases repeat too many values", span));
                    }
                    return Ok(node.clone());
                }
                None => return Err(Fault::new("the alias has no anchor", span)),
            },
            _ => return Err(Fault::new("a value is expected", span)),
        };
        if anchor != 0 {
            self.anchors.push((anchor, node.clone()));
        }
        Ok(node)
    }
}

/// How many values a tree has.
fn size(node: &Node) -> usize {
    let entries = node.entries().iter().map(|entry| size(&entry.value));
    1 + node.items().iter().map(size).chain(entries).sum::<usize>()
}

/// The place of a marker. A parser over text counts bytes.
fn byte_offset(marker: &Marker) -> u32 {
    marker.byte_offset().unwrap_or_else(|| marker.index()) as u32
}

/// The kind of a scalar without quotes, by the core schema of YAML 1.2.
fn plain_kind(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
        _ if text.parse::<f64>().is_ok() && text.contains(|c: char| c.is_ascii_digit()) => {
            Kind::Number
        }
        _ => Kind::Text,
    }
}
