//! Rows of JSON exports: objects line by line, one after the other, in one array, or in the
//! answer of a query API.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue as Raw;

use super::rows::{Field, Step, Visit};
use crate::catalog::input::Input;
use crate::catalog::schema_file::type_from_name;
use crate::error::Result;
use crate::types::Type;
use crate::types::dynamic::{Dynamic, RawValue};

/// Objects nested deeper stay one dynamic value.
const MAX_DEPTH: usize = 32;

/// How rows follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One object a line; a broken line costs one row.
    Lines,
    /// Objects that may span lines.
    Sequence,
    /// One array of objects.
    Array,
    /// `{"tables": [{"columns": […], "rows": [[…]]}]}`: arrays of values.
    Answer,
    /// Behind the last row.
    Done,
}

/// Reads the rows of a JSON file.
pub struct JsonRows {
    input: Input,
    form: Form,
    /// Whether members of objects are fields of their own.
    flatten: bool,
    /// The columns of an answer, with the types it gives them.
    pub columns: Vec<(String, Option<Type>)>,
    /// Bytes of the row read last; consumed when the next is read.
    length: usize,
}

impl JsonRows {
    pub fn new(mut input: Input, flatten: bool) -> Result<Self> {
        let form = match peek(&mut input)? {
            None => Form::Done,
            Some(b'[') => {
                input.consume(1);
                Form::Array
            }
            Some(_) if is_answer(&mut input)? => Form::Answer,
            Some(_) if first_line_is_whole(&mut input)? => Form::Lines,
            Some(_) => Form::Sequence,
        };
        let mut rows = Self { input, form, flatten, columns: vec![], length: 0 };
        if form == Form::Answer {
            rows.read_head()?;
        }
        Ok(rows)
    }

    /// Number of the line on which the row read last starts.
    pub fn line(&self) -> usize {
        self.input.line()
    }

    /// Reads the next row and shows its fields.
    pub fn next(&mut self, visit: Visit<'_>) -> Result<Step> {
        self.input.consume(std::mem::take(&mut self.length));
        let found = match self.form {
            Form::Done => None,
            Form::Lines => self.find_line()?,
            Form::Sequence => match peek(&mut self.input)? {
                Some(_) => Some(value_length(&mut self.input)?),
                None => None,
            },
            Form::Array | Form::Answer => self.find_element()?,
        };
        let Some(length) = found else {
            self.form = Form::Done;
            return Ok(Step::End);
        };
        self.length = length;
        let Ok(text) = std::str::from_utf8(&self.input.window()[..length]) else {
            return Ok(Step::Rejected("is not UTF-8 text".to_string()));
        };
        // Lines end with their line break, which is part of no row.
        let text = text.trim();
        if self.form == Form::Answer {
            return Ok(self.show_values(text, visit));
        }
        Ok(match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => {
                let mut path = String::new();
                for (key, value) in members.0 {
                    path.clear();
                    path.push_str(&key);
                    show(&mut path, value, self.flatten, 0, visit);
                }
                Step::Row
            }
            Err(error) => Step::Rejected(format!("is no JSON object: {}", reason(&error))),
        })
    }

    fn show_values(&self, text: &str, visit: Visit<'_>) -> Step {
        let values = match serde_json::from_str::<Vec<&Raw>>(text) {
            Ok(values) => values,
            Err(error) => return Step::Rejected(format!("is no array: {}", reason(&error))),
        };
        if values.len() != self.columns.len() {
            let message = format!("{} values for {} columns", values.len(), self.columns.len());
            return Step::Rejected(message);
        }
        for ((name, _), value) in self.columns.iter().zip(values) {
            visit(name, Field::Json(RawValue::new(value.get())));
        }
        Step::Row
    }

    /// The length of the next line that is not blank, its line break included.
    fn find_line(&mut self) -> Result<Option<usize>> {
        loop {
            let window = self.input.window();
            let end = match memchr::memchr(b'\n', window) {
                Some(end) => end + 1,
                None if self.input.ended() => window.len(),
                None => {
                    self.input.more()?;
                    continue;
                }
            };
            if end == 0 {
                return Ok(None);
            }
            if !window[..end].iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(end));
            }
            self.input.consume(end);
        }
    }

    /// The length of the next element of the array; `None` behind the last.
    fn find_element(&mut self) -> Result<Option<usize>> {
        let mut next = peek(&mut self.input)?;
        if next == Some(b',') {
            self.input.consume(1);
            next = peek(&mut self.input)?;
        }
        match next {
            None => Err(self.input.error(0, "the file ends inside the array of rows")),
            Some(b']') => {
                self.input.consume(1);
                if self.form == Form::Answer {
                    self.read_tail()?;
                } else if peek(&mut self.input)?.is_some() {
                    return Err(self.input.error(0, "text follows the array of rows"));
                }
                Ok(None)
            }
            Some(_) => value_length(&mut self.input).map(Some),
        }
    }

    /// Reads an answer up to its first row.
    fn read_head(&mut self) -> Result<()> {
        self.expect(b'{')?;
        self.text()?;
        self.expect(b':')?;
        self.expect(b'[')?;
        self.expect(b'{')?;
        loop {
            let key = self.text()?.to_ascii_lowercase();
            self.expect(b':')?;
            match key.as_str() {
                "rows" if self.columns.is_empty() => {
                    return Err(self.input.error(0, "the rows come before their columns"));
                }
                "rows" => return self.expect(b'['),
                "columns" => self.columns = self.read_columns()?,
                _ => {
                    self.text()?;
                }
            }
            self.expect(b',')?;
        }
    }

    /// Reads an answer from behind its rows: one that was cut short says so there.
    fn read_tail(&mut self) -> Result<()> {
        while self.next_member(b'}')? {
            self.text()?;
            self.expect(b':')?;
            self.text()?;
        }
        while self.next_member(b']')? {
            self.text()?;
        }
        while self.next_member(b'}')? {
            let key = self.text()?;
            self.expect(b':')?;
            let value = self.text()?;
            if key.eq_ignore_ascii_case("error") && value != "null" {
                let error = Dynamic::from_text(&value);
                let message = error.get("message").and_then(Dynamic::as_str).unwrap_or(&value);
                return Err(self.input.error(0, format!("the answer is not whole: {message}")));
            }
        }
        Ok(())
    }

    /// Whether another member comes before `end`; a comma or `end` itself is consumed.
    fn next_member(&mut self, end: u8) -> Result<bool> {
        let next = peek(&mut self.input)?;
        if next == Some(b',') {
            self.input.consume(1);
        } else if next == Some(end) {
            self.input.consume(1);
            return Ok(false);
        } else {
            return Err(self.input.error(0, format!("`{}` is expected", end as char)));
        }
        Ok(true)
    }

    fn read_columns(&mut self) -> Result<Vec<(String, Option<Type>)>> {
        let text = self.text()?;
        let columns: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&text)
            .map_err(|error| self.input.error(0, format!("`columns`: {}", reason(&error))))?;
        let columns = columns.iter().map(|column| {
            let member = |keys: [&str; 3]| {
                column
                    .iter()
                    .find(|(key, _)| keys.iter().any(|wanted| key.eq_ignore_ascii_case(wanted)))
                    .and_then(|(_, value)| value.as_str())
            };
            let name = member(["name", "columnName", "columnName"]).unwrap_or_default();
            let ty = member(["type", "columnType", "dataType"]).and_then(type_from_name);
            (name.to_string(), ty)
        });
        Ok(columns.collect())
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if peek(&mut self.input)? != Some(byte) {
            return Err(self.input.error(0, format!("`{}` is expected", byte as char)));
        }
        self.input.consume(1);
        Ok(())
    }

    /// The next value: a string's text, else its JSON.
    fn text(&mut self) -> Result<String> {
        peek(&mut self.input)?;
        let length = value_length(&mut self.input)?;
        let json = String::from_utf8_lossy(&self.input.window()[..length]).into_owned();
        self.input.consume(length);
        Ok(match RawValue::new(&json).as_string() {
            Some(text) => text.into_owned(),
            None => json,
        })
    }
}

/// Shows a member, or the members of an object that it is.
fn show(path: &mut String, value: &Raw, flatten: bool, depth: usize, visit: Visit<'_>) {
    if flatten
        && depth < MAX_DEPTH
        && value.get().starts_with('{')
        && let Ok(members) = serde_json::from_str::<Members<'_>>(value.get())
    {
        let length = path.len();
        for (key, value) in members.0 {
            // No name of one level has this meaning, so `a.b` and `a_b` stay two fields.
            path.push('.');
            path.push_str(&key);
            show(path, value, flatten, depth + 1, visit);
            path.truncate(length);
        }
        return;
    }
    visit(path, Field::Json(RawValue::new(value.get())));
}

/// The next byte that is not blank; blanks before it are consumed.
fn peek(input: &mut Input) -> Result<Option<u8>> {
    loop {
        let window = input.window();
        if let Some(at) = window.iter().position(|byte| !byte.is_ascii_whitespace()) {
            let byte = window[at];
            input.consume(at);
            return Ok(Some(byte));
        }
        let blank = window.len();
        input.consume(blank);
        if input.ended() || !input.more()? {
            return Ok(None);
        }
    }
}

/// Whether the object that starts here is the answer of a query API.
fn is_answer(input: &mut Input) -> Result<bool> {
    loop {
        let text = String::from_utf8_lossy(input.window());
        let mut rest = text.trim_start();
        let mut whole = true;
        for part in ["{", "\"tables\"", ":", "[", "{"] {
            match rest.get(..part.len()) {
                Some(head) if head.eq_ignore_ascii_case(part) => {
                    rest = rest[part.len()..].trim_start();
                }
                Some(_) => return Ok(false),
                None => {
                    whole = false;
                    break;
                }
            }
        }
        if whole {
            return Ok(true);
        }
        if input.ended() || !input.more()? {
            return Ok(false);
        }
    }
}

fn first_line_is_whole(input: &mut Input) -> Result<bool> {
    loop {
        let window = input.window();
        if let Some(end) = memchr::memchr(b'\n', window) {
            return Ok(serde_json::from_slice::<IgnoredAny>(&window[..end]).is_ok());
        }
        if input.ended() {
            return Ok(serde_json::from_slice::<IgnoredAny>(window).is_ok());
        }
        input.more()?;
    }
}

/// The length of the value that starts the window.
fn value_length(input: &mut Input) -> Result<usize> {
    let mut scan = Scan::default();
    loop {
        if let Some(end) = scan.end(input.window()) {
            if end == 0 {
                return Err(input.error(0, "a value is expected"));
            }
            return Ok(end);
        }
        if input.ended() || !input.more()? {
            let length = input.window().len();
            return if scan.depth == 0 && !scan.quoted && length > 0 {
                Ok(length)
            } else {
                Err(input.error(0, "the file ends inside the value that starts here"))
            };
        }
    }
}

/// The end of one value, found piece by piece.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    quoted: bool,
}

impl Scan {
    /// The length of the value that starts `bytes`, once all of it is there.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.at < bytes.len() {
            if self.quoted {
                let special = memchr::memchr2(b'"', b'\\', &bytes[self.at..]);
                let Some(special) = special.map(|offset| self.at + offset) else {
                    self.at = bytes.len();
                    return None;
                };
                if bytes[special] == b'\\' {
                    if special + 1 == bytes.len() {
                        // What is escaped comes with the next piece.
                        self.at = special;
                        return None;
                    }
                    self.at = special + 2;
                    continue;
                }
                self.quoted = false;
                self.at = special + 1;
                if self.depth == 0 {
                    return Some(self.at);
                }
                continue;
            }
            match bytes[self.at] {
                b'"' => self.quoted = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth <= 1 => {
                    return Some(self.at + self.depth);
                }
                b'}' | b']' => self.depth -= 1,
                b',' | b':' if self.depth == 0 => return Some(self.at),
                byte if self.depth == 0 && byte.is_ascii_whitespace() => return Some(self.at),
                _ => {}
            }
            self.at += 1;
        }
        None
    }
}

/// serde's reason without its place, which counts from the start of the row.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_string()
}

/// The members of an object, values left as text.
struct Members<'a>(Vec<(Cow<'a, str>, &'a Raw)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = vec![];
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A member's key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_string())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
