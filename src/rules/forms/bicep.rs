//! Rules as resources of Bicep files.
//!
//! Declarations of resources, variables and parameters with defaults are read; whatever an
//! expression computes is unknown.

use std::cell::Cell;
use std::collections::HashMap;

use super::{Fault, Rule, resource};
use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::{Source, Span, Spanned};

/// Values nest no deeper, those that names stand for included.
const MAX_DEPTH: u32 = 60;
/// Values that a file may have, those that names stand for included.
const MAX_STEPS: u32 = 1_000_000;

/// The rules of a file.
pub(super) fn read(source: &Source) -> Result<Vec<Rule>, Fault> {
    let file = File { source, named: HashMap::new(), depth: Cell::new(0), steps: Cell::new(0) };
    let (named, _) = file.declarations()?;
    let file = File { named, ..file };
    let (_, resources) = file.declarations()?;
    Ok(resources.iter().filter_map(resource::of_resource).collect())
}

struct File<'a> {
    source: &'a Source,
    /// Where the values of variables and the defaults of parameters begin.
    named: HashMap<String, usize>,
    depth: Cell<u32>,
    steps: Cell<u32>,
}

impl<'a> File<'a> {
    fn declarations(&self) -> Result<(HashMap<String, usize>, Vec<Node>), Fault> {
        let mut reader = Reader { file: self, at: 0 };
        let (mut named, mut resources) = (HashMap::new(), vec![]);
        loop {
            reader.skip_blanks(true);
            let start = reader.at;
            if reader.rest().is_empty() {
                return Ok((named, resources));
            }
            let word = reader.word();
            reader.skip_blanks(false);
            match word {
                "var" | "param" => {
                    let name = reader.word();
                    if reader.skip_to_equals() {
                        reader.skip_blanks(false);
                        named.insert(name.to_string(), reader.at);
                    }
                    reader.skip_expression()?;
                }
                "resource" => resources.extend(reader.resource(start)?),
                _ => reader.skip_expression()?,
            }
            // What ended an expression and belongs to none.
            if reader.at == start || reader.rest().starts_with([',', '}', ']', ')']) {
                reader.at += reader.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
    }
}

struct Reader<'a> {
    file: &'a File<'a>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn text(&self) -> &'a str {
        self.file.source.text()
    }

    fn rest(&self) -> &'a str {
        &self.text()[self.at..]
    }

    fn span(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    fn fault<T>(&self, message: &str, start: usize) -> Result<T, Fault> {
        Err(Fault::new(format!("not Bicep: {message}"), Span::new(start as u32, start as u32)))
    }

    /// Skips blanks and comments, and line breaks if `lines`.
    fn skip_blanks(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let blanks = |c: char| c.is_whitespace() && (lines || c != '\n');
            self.at += rest.len() - rest.trim_start_matches(blanks).len();
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &rest[..len.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// Goes behind the `=` of a declaration, if it is on this line.
    fn skip_to_equals(&mut self) -> bool {
        let line = self.rest().split('\n').next().unwrap_or_default();
        let found = line.find('=');
        self.at += found.map_or(0, |equals| equals + 1);
        found.is_some()
    }

    /// Goes to the end of an expression: a line's end, a comma or a closing bracket outside of
    /// brackets.
    fn skip_expression(&mut self) -> Result<(), Fault> {
        let mut open = 0;
        loop {
            self.skip_blanks(open > 0);
            let Some(c) = self.rest().chars().next() else { return Ok(()) };
            match c {
                '\'' => {
                    self.string()?;
                    continue;
                }
                '\n' | ',' | '}' | ']' | ')' if open == 0 => return Ok(()),
                '{' | '[' | '(' => open += 1,
                '}' | ']' | ')' => open -= 1,
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }

    /// What stands behind the word `resource`; nothing where it is not made here.
    fn resource(&mut self, start: usize) -> Result<Option<Node>, Fault> {
        self.word();
        self.skip_blanks(false);
        let ty = if self.rest().starts_with('\'') { self.string()? } else { None };
        let is_made = self.skip_to_equals();
        let place = self.at;
        let exists = self.text()[start..place].contains(" existing");
        // A condition or a loop may stand before the body.
        let line = self.rest().split('\n').next().unwrap_or_default();
        let (Some(ty), true, false, Some(body)) = (ty, is_made, exists, line.find('{')) else {
            self.skip_expression()?;
            return Ok(None);
        };
        let name = ty.value.split('@').next().unwrap_or_default().len();
        let ty = ty.part(Span::new(0, name as u32));
        self.at += body;
        let mut node = self.value()?;
        node.span = self.span(start);
        if let Value::Map(entries) = &mut node.value {
            let key = Spanned::new("type".into(), Span::default());
            let value = Node { span: Span::default(), value: Value::Scalar(ty) };
            entries.push(Entry { key, value });
        }
        self.skip_expression()?;
        Ok(Some(node))
    }

    fn enter(&self) -> Result<(), Fault> {
        self.file.steps.set(self.file.steps.get() + 1);
        self.file.depth.set(self.file.depth.get() + 1);
        match self.file.depth.get() > MAX_DEPTH || self.file.steps.get() > MAX_STEPS {
            true => self.fault("the values are nested too deeply", self.at),
            false => Ok(()),
        }
    }

    fn leave(&self) {
        self.file.depth.set(self.file.depth.get() - 1);
    }

    /// The value that an expression is, if it is spelled out.
    fn value(&mut self) -> Result<Node, Fault> {
        self.enter()?;
        let start = self.at;
        let value = self.primary()?;
        let end = self.at;
        // More than one operand, a member, a call: it is computed.
        self.skip_blanks(false);
        let goes_on =
            !matches!(self.rest().chars().next(), None | Some('\n' | ',' | '}' | ']' | ')'));
        self.skip_expression()?;
        self.leave();
        Ok(match value {
            Some(value) if !goes_on => Node { span: Span::new(start as u32, end as u32), value },
            _ => Node { span: self.span(start), value: Value::Unknown },
        })
    }

    fn primary(&mut self) -> Result<Option<Value>, Fault> {
        let start = self.at;
        match self.rest().chars().next() {
            Some('\'') => return Ok(self.string()?.map(Value::Scalar)),
            Some('{') => return self.object().map(Some),
            Some('[') => return self.array(),
            _ => {}
        }
        let minus = usize::from(self.rest().starts_with('-'));
        self.at += minus;
        let word = self.word();
        let kind = match word {
            "true" | "false" => Kind::Bool,
            "null" => Kind::Null,
            _ if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) => Kind::Number,
            _ => {
                let Some(at) = self.file.named.get(word).filter(|_| minus == 0) else {
                    return Ok(None);
                };
                let mut named = Reader { file: self.file, at: *at };
                return Ok(Some(named.value()?.value));
            }
        };
        let span = self.span(start);
        Ok(Some(Value::Scalar(Scalar::plain(self.file.source.slice(span), kind, span))))
    }

    fn object(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        self.at += 1;
        let mut entries = vec![];
        loop {
            self.skip_blanks(true);
            match self.rest().chars().next() {
                None => return self.fault("`{` is not closed", start),
                Some('}') => break,
                Some(',') => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let place = self.at;
            let name = match self.rest().starts_with('\'') {
                true => self.string()?.map(|key| key.value),
                false => Some(self.word().to_string()).filter(|word| !word.is_empty()),
            };
            let key = self.span(place);
            self.skip_blanks(false);
            let (Some(name), true) = (name, self.rest().starts_with(':')) else {
                self.skip_expression()?;
                if self.at == place || self.rest().starts_with([']', ')']) {
                    return self.fault("a member is expected", place);
                }
                continue;
            };
            self.at += 1;
            self.skip_blanks(true);
            entries.push(Entry { key: Spanned::new(name.into(), key), value: self.value()? });
        }
        self.at += 1;
        Ok(Value::Map(entries))
    }

    fn array(&mut self) -> Result<Option<Value>, Fault> {
        let start = self.at;
        self.at += 1;
        let mut items = vec![];
        let mut is_loop = false;
        loop {
            self.skip_blanks(true);
            match self.rest().chars().next() {
                None => return self.fault("`[` is not closed", start),
                Some(']') => break,
                Some(',') => {
                    self.at += 1;
                    continue;
                }
                Some('}' | ')') => return self.fault("`[` is not closed", start),
                _ => {}
            }
            is_loop |= self.rest().starts_with("for ");
            items.push(self.value()?);
        }
        self.at += 1;
        Ok((!is_loop).then_some(Value::List(items)))
    }

    /// A text in quotes; nothing where something is put into it.
    fn string(&mut self) -> Result<Option<Scalar>, Fault> {
        let start = self.at;
        let text = self.text();
        let whole = Scalar::plain(text, Kind::Text, Span::new(0, text.len() as u32));
        if let Some(inside) = self.rest().strip_prefix("'''") {
            let Some(mut len) = inside.find("'''") else {
                return self.fault("`'''` is not closed", start);
            };
            // Quotes before the last three belong to the text.
            len += inside[len + 3..].bytes().take_while(|byte| *byte == b'\'').count();
            let first = ["\r\n", "\n"].iter().find(|line_break| inside.starts_with(**line_break));
            let skipped = first.map_or(0, |line_break| line_break.len()).min(len);
            self.at += len + 6;
            let from = start + 3 + skipped;
            return Ok(Some(whole.part(Span::new(from as u32, (start + 3 + len) as u32))));
        }
        self.at += 1;
        let mut parts = vec![];
        let mut is_known = true;
        loop {
            let rest = self.rest();
            let run = rest.find(['\'', '\\', '$', '\n']).unwrap_or(rest.len());
            let from = self.at;
            self.at += run;
            parts.push(whole.part(self.span(from)));
            let rest = self.rest();
            if rest.starts_with('\'') {
                self.at += 1;
                return Ok(is_known.then(|| Scalar::joined(&parts)));
            } else if rest.starts_with("${") {
                is_known = false;
                self.at += 2;
                self.enter()?;
                self.skip_expression()?;
                self.leave();
                self.at += usize::from(self.rest().starts_with('}'));
            } else if rest.starts_with('$') {
                self.at += 1;
                parts.push(whole.part(self.span(self.at - 1)));
            } else if let Some(escape) = rest.strip_prefix('\\') {
                let (c, len) = escaped(escape);
                let place = Span::new(self.at as u32, (self.at + 1 + len) as u32);
                self.at += 1 + len;
                parts.push(Scalar::plain(c, Kind::Text, place));
            } else {
                return self.fault("`'` is not closed", start);
            }
        }
    }
}

/// The character of an escape sequence, and its length, the backslash not counted.
fn escaped(text: &str) -> (char, usize) {
    if let Some(digits) = text.strip_prefix("u{")
        && let Some(len) = digits.find('}')
        && let Some(c) = u32::from_str_radix(&digits[..len], 16).ok().and_then(char::from_u32)
    {
        return (c, len + 3);
    }
    match text.chars().next() {
        Some('n') => ('\n', 1),
        Some('r') => ('\r', 1),
        Some('t') => ('\t', 1),
        Some(c) => (c, c.len_utf8()),
        None => ('\\', 0),
    }
}
