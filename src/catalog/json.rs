//! JSON: one array of objects, or objects one after the other (NDJSON). Members are columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue as Raw;

use super::infer::{Kind, Kinds, SAMPLE_BYTES, SAMPLE_ROWS, kind_of_string};
use super::input::Input;
use crate::error::{Error, Result};
use crate::functions::cells::{Cell, Column};
use crate::types::dynamic::{Dynamic, RawValue};
use crate::types::{self, Type};

/// Where a reader stands between objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// In an array of objects.
    Array,
    /// In objects that follow one another.
    Sequence,
    /// Behind the array.
    Done,
}

/// Reads the texts of objects.
struct Objects {
    state: State,
    /// Bytes of the object read last; consumed when the next is read.
    length: usize,
}

impl Objects {
    fn new() -> Objects {
        Objects { state: State::Start, length: 0 }
    }

    /// The text of the next object; `None` at the end.
    fn next<'a>(&mut self, input: &'a mut Input) -> Result<Option<Cow<'a, str>>> {
        input.consume(std::mem::take(&mut self.length));
        if !self.find(input)? {
            return Ok(None);
        }
        let mut scan = Scan::default();
        loop {
            if let Some(end) = scan.end(input.window()) {
                self.length = end;
                break;
            }
            if !input.more()? {
                return Err(input.error(0, "the file ends inside the object that starts here"));
            }
        }
        Ok(Some(String::from_utf8_lossy(&input.window()[..self.length])))
    }

    /// Moves to the start of the next object; false at the end.
    fn find(&mut self, input: &mut Input) -> Result<bool> {
        loop {
            let blank = |byte: &u8| {
                byte.is_ascii_whitespace() || *byte == b',' && self.state == State::Array
            };
            let window = input.window();
            let Some(at) = window.iter().position(|byte| !blank(byte)) else {
                input.consume(window.len());
                if input.more()? {
                    continue;
                }
                if self.state == State::Array {
                    return Err(input.error(0, "the file ends inside the array of objects"));
                }
                return Ok(false);
            };
            let byte = window[at];
            input.consume(at);
            match (self.state, byte) {
                (State::Start, b'[') => self.state = State::Array,
                (State::Array, b']') => self.state = State::Done,
                (State::Array, b'{') => return Ok(true),
                (State::Start | State::Sequence, b'{') => {
                    self.state = State::Sequence;
                    return Ok(true);
                }
                (State::Done, _) => return Err(input.error(0, "text follows the array of objects")),
                _ => return Err(input.error(0, "expected an object")),
            }
            input.consume(1);
        }
    }
}

/// Finds the end of an object, a window at a time.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    string: bool,
}

impl Scan {
    /// The end of the object, if it lies in `bytes`; what was scanned is not scanned again.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.at < bytes.len() {
            if self.string {
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) else {
                    self.at = bytes.len();
                    return None;
                };
                self.at += found;
                if bytes[self.at] == b'\\' {
                    if self.at + 1 == bytes.len() {
                        return None;
                    }
                    self.at += 2;
                    continue;
                }
                self.string = false;
            } else {
                match bytes[self.at] {
                    b'"' => self.string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth -= 1,
                    _ => {}
                }
            }
            self.at += 1;
            if self.depth == 0 {
                return Some(self.at);
            }
        }
        None
    }
}

/// Looks a member's name up without keeping it.
struct Name<'a>(&'a mut dyn FnMut(&str) -> Option<usize>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.0)(name))
    }
}

/// Puts the texts of members at the positions of their names; the last of repeated ones stays.
struct Members<'a, 'de> {
    position: &'a mut dyn FnMut(&str) -> Option<usize>,
    texts: &'a mut Vec<Option<&'de str>>,
}

impl<'de> DeserializeSeed<'de> for Members<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(position) = map.next_key_seed(Name(self.position))? {
            match position {
                Some(position) => {
                    let text = map.next_value::<&Raw>()?.get();
                    if self.texts.len() <= position {
                        self.texts.resize(position + 1, None);
                    }
                    self.texts[position] = Some(text);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The texts of an object's members, at the positions that `position` gives their names.
fn members<'a>(
    object: &'a str,
    width: usize,
    position: &mut dyn FnMut(&str) -> Option<usize>,
) -> Result<Vec<Option<&'a str>>, serde_json::Error> {
    let mut texts = vec![None; width];
    let mut deserializer = serde_json::Deserializer::from_str(object);
    Members { position, texts: &mut texts }.deserialize(&mut deserializer)?;
    Ok(texts)
}

fn malformed(input: &Input, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    input.error_on_line(error.line().saturating_sub(1), format!("not JSON: {reason}"))
}

/// The columns of a file and the types that a sample of it suggests, in the order of their first
/// appearance.
pub(super) fn infer(mut input: Input) -> Result<Vec<types::Column>> {
    let mut objects = Objects::new();
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut positions: HashMap<Arc<str>, usize> = HashMap::new();
    let mut kinds: Vec<Kinds> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    while rows < SAMPLE_ROWS || bytes < SAMPLE_BYTES {
        let Some(object) = objects.next(&mut input)? else { break };
        let texts = members(&object, names.len(), &mut |name| {
            if let Some(position) = positions.get(name) {
                return Some(*position);
            }
            let position = names.len();
            names.push(name.into());
            positions.insert(name.into(), position);
            Some(position)
        });
        let texts = match texts {
            Ok(texts) => texts,
            Err(error) => {
                drop(object);
                return Err(malformed(&input, &error));
            }
        };
        kinds.resize(names.len(), Kinds::default());
        for (kinds, text) in kinds.iter_mut().zip(texts) {
            if let Some(kind) = text.and_then(kind) {
                kinds.add(kind);
            }
        }
        rows += 1;
        bytes += objects.length;
    }
    let types = kinds.into_iter().map(|kinds| kinds.ty(Type::Dynamic));
    Ok(names.into_iter().zip(types).map(|(name, ty)| types::Column::new(name, ty)).collect())
}

/// What the text of a JSON value looks like; `None` for null.
fn kind(text: &str) -> Option<Kind> {
    Some(match text.as_bytes().first()? {
        b'n' => return None,
        b't' | b'f' => Kind::Bool,
        b'"' => kind_of_string(&RawValue::new(text).as_string().unwrap_or_default()),
        b'[' | b'{' => Kind::Nested,
        _ if text.parse::<i64>().is_ok() => Kind::Long,
        _ => Kind::Real,
    })
}

/// Reads the rows of a file into columns.
pub(super) struct Rows {
    input: Input,
    objects: Objects,
    positions: HashMap<Arc<str>, usize>,
    types: Vec<Type>,
}

impl Rows {
    pub fn new(input: Input, columns: &[types::Column]) -> Rows {
        let positions =
            columns.iter().enumerate().map(|(i, column)| (Arc::clone(&column.name), i)).collect();
        let types = columns.iter().map(|column| column.ty).collect();
        Rows { input, objects: Objects::new(), positions, types }
    }

    /// Appends a row; false at the end.
    pub fn read(&mut self, out: &mut [Column]) -> Result<bool> {
        let Some(object) = self.objects.next(&mut self.input)? else {
            return Ok(false);
        };
        let texts =
            members(&object, self.types.len(), &mut |name| self.positions.get(name).copied());
        match texts {
            Ok(texts) => {
                for ((ty, text), column) in self.types.iter().zip(texts).zip(out) {
                    match text.filter(|text| *text != "null") {
                        Some(text) => push(column, *ty, text),
                        None => column.push(Cell::Null),
                    }
                }
                Ok(true)
            }
            Err(error) => {
                drop(object);
                Err(malformed(&self.input, &error))
            }
        }
    }
}

/// Appends the value of type `ty` that the text of a JSON value gives.
fn push(column: &mut Column, ty: Type, text: &str) {
    fn cell<T>(value: Option<T>, cell: fn(T) -> Cell<'static>) -> Cell<'static> {
        value.map_or(Cell::Null, cell)
    }
    let value = RawValue::new(text);
    column.push(match ty {
        Type::String | Type::Unknown => {
            let text = value.to_kql_string();
            return column.push(Cell::Text(&text));
        }
        Type::Bool => cell(value.as_bool(), Cell::Bool),
        Type::Int => cell(value.as_long().and_then(|v| i32::try_from(v).ok()), Cell::Int),
        Type::Long => cell(value.as_long(), Cell::Long),
        Type::Real => cell(value.as_real(), Cell::Real),
        Type::Decimal => cell(value.as_decimal(), Cell::Decimal),
        Type::DateTime => cell(value.as_datetime(), Cell::Long),
        Type::TimeSpan => cell(value.as_timespan(), Cell::Long),
        Type::Guid => cell(value.as_guid(), Cell::Owned),
        Type::Dynamic => cell(Dynamic::parse(text).map(|value| value.to_json()), Cell::Owned),
    });
}
