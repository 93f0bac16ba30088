//! Members of JSON text without parsing all of it.

use std::borrow::Cow;

use super::Dynamic;
use super::json::{Scanner, number, unescape};

/// One step of a path: `.key` and `['key']`, or `[index]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A member of a bag.
    Key(Box<str>),
    /// An element of an array; negative counts from the end.
    Index(i64),
}

/// The text of one JSON value, without blanks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawValue<'a>(&'a str);

/// The value at the end of `steps` in canonical text (unique keys, known to be JSON); the text
/// behind the value is not looked at.
pub fn extract<'a>(json: &'a str, steps: &[Step]) -> Option<RawValue<'a>> {
    let mut scanner = Scanner::new(json);
    for step in steps {
        match step {
            Step::Key(key) => enter_bag(&mut scanner, key)?,
            Step::Index(index) => enter_array(&mut scanner, *index)?,
        }
    }
    scanner.skip(0).map(RawValue)
}

/// The value at the end of `steps` in `parse_json(text)`, for text of any origin: what is not JSON
/// as a whole has no members, and the last of repeated keys counts.
pub fn extract_text<'a>(text: &'a str, steps: &[Step]) -> Option<RawValue<'a>> {
    let mut scanner = Scanner::new(text);
    // Only containers have members; most text that is not JSON ends here.
    if !steps.is_empty() && !matches!(scanner.peek(), Some(b'{' | b'[')) {
        return None;
    }
    let mut value = scanner.skip(0)?;
    if !scanner.at_end() {
        return None;
    }
    for step in steps {
        value = match step {
            Step::Key(key) => last_member(value, key)?,
            Step::Index(index) => {
                let mut scanner = Scanner::new(value);
                enter_array(&mut scanner, *index)?;
                scanner.skip(0)?
            }
        };
    }
    Some(RawValue(value))
}

fn key_is(raw: &str, key: &str) -> bool {
    raw == key || (raw.contains('\\') && unescape(raw).is_some_and(|text| text == key))
}

/// Stands before the first member called `key`.
fn enter_bag(scanner: &mut Scanner<'_>, key: &str) -> Option<()> {
    if !scanner.eat(b'{') || scanner.eat(b'}') {
        return None;
    }
    loop {
        let name = scanner.string()?;
        if !scanner.eat(b':') {
            return None;
        }
        if key_is(name, key) {
            return Some(());
        }
        scanner.skip(0)?;
        if !scanner.eat(b',') {
            return None;
        }
    }
}

fn last_member<'a>(bag: &'a str, key: &str) -> Option<&'a str> {
    let mut scanner = Scanner::new(bag);
    if !scanner.eat(b'{') || scanner.eat(b'}') {
        return None;
    }
    let mut found = None;
    loop {
        let name = scanner.string()?;
        if !scanner.eat(b':') {
            return None;
        }
        let value = scanner.skip(0)?;
        if key_is(name, key) {
            found = Some(value);
        }
        if !scanner.eat(b',') {
            return found;
        }
    }
}

/// Stands before the element at `index`.
fn enter_array(scanner: &mut Scanner<'_>, index: i64) -> Option<()> {
    if !scanner.eat(b'[') || scanner.peek() == Some(b']') {
        return None;
    }
    let index = if index < 0 {
        let mut count = 1;
        let mut ahead = scanner.clone();
        ahead.skip(0)?;
        while ahead.eat(b',') {
            ahead.skip(0)?;
            count += 1;
        }
        index + count
    } else {
        index
    };
    if index < 0 {
        return None;
    }
    for _ in 0..index {
        scanner.skip(0)?;
        if !scanner.eat(b',') {
            return None;
        }
    }
    Some(())
}

/// Collects the elements of an array given as JSON text; false if the text is no array.
pub fn elements<'a>(json: &'a str, out: &mut Vec<RawValue<'a>>) -> bool {
    out.clear();
    let mut scanner = Scanner::new(json);
    if !scanner.eat(b'[') {
        return false;
    }
    if scanner.eat(b']') {
        return true;
    }
    loop {
        let Some(element) = scanner.skip(0) else { return false };
        out.push(RawValue(element));
        if !scanner.eat(b',') {
            return scanner.eat(b']');
        }
    }
}

/// Collects keys (as JSON strings) and values of a bag given as JSON text; false if the text is no
/// bag.
pub fn members<'a>(json: &'a str, out: &mut Vec<(RawValue<'a>, RawValue<'a>)>) -> bool {
    out.clear();
    let mut scanner = Scanner::new(json);
    if !scanner.eat(b'{') {
        return false;
    }
    if scanner.eat(b'}') {
        return true;
    }
    loop {
        let Some(key) = scanner.skip(0).filter(|key| key.starts_with('"')) else { return false };
        if !scanner.eat(b':') {
            return false;
        }
        let Some(value) = scanner.skip(0) else { return false };
        out.push((RawValue(key), RawValue(value)));
        if !scanner.eat(b',') {
            return scanner.eat(b'}');
        }
    }
}

impl<'a> RawValue<'a> {
    /// The text of one JSON value, taken as it is.
    pub fn new(json: &'a str) -> RawValue<'a> {
        RawValue(json.trim())
    }

    /// The JSON text, as it stands in the whole.
    pub const fn json(self) -> &'a str {
        self.0
    }

    /// Whether this is JSON null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether this is a string.
    pub fn is_string(self) -> bool {
        self.0.starts_with('"')
    }

    /// Whether this is an array or a bag.
    pub fn is_container(self) -> bool {
        self.0.starts_with(['[', '{'])
    }

    /// The elements of an array; `None` for other values.
    pub fn elements(self) -> Option<Vec<RawValue<'a>>> {
        let mut scanner = Scanner::new(self.0);
        let mut found = vec![];
        if !scanner.eat(b'[') {
            return None;
        }
        if scanner.eat(b']') {
            return Some(found);
        }
        loop {
            found.push(RawValue(scanner.skip(0)?));
            if !scanner.eat(b',') {
                return Some(found);
            }
        }
    }

    /// The members of a bag; `None` for other values. Names are as they stand between the quotes.
    pub fn members(self) -> Option<Vec<(&'a str, RawValue<'a>)>> {
        let mut scanner = Scanner::new(self.0);
        let mut found = vec![];
        if !scanner.eat(b'{') {
            return None;
        }
        if scanner.eat(b'}') {
            return Some(found);
        }
        loop {
            let name = scanner.string()?;
            if !scanner.eat(b':') {
                return None;
            }
            found.push((name, RawValue(scanner.skip(0)?)));
            if !scanner.eat(b',') {
                return Some(found);
            }
        }
    }

    /// The text of a string, escapes resolved.
    pub fn as_string(self) -> Option<Cow<'a, str>> {
        unescape(self.0.strip_prefix('"')?.strip_suffix('"')?)
    }

    /// The parsed value.
    pub fn to_dynamic(self) -> Dynamic {
        if self.0.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return number(self.0);
        }
        Dynamic::parse(self.0).unwrap_or_default()
    }

    /// Compact JSON text in the canonical spelling; borrowed where it already is.
    pub fn canonical(self) -> Cow<'a, str> {
        let bytes = self.0.as_bytes();
        let canonical = match bytes.first() {
            Some(b't' | b'f' | b'n') => true,
            Some(b'"') => !self.0.contains('\\'),
            Some(b'[' | b'{') => bytes.len() == 2,
            // A sign alone may be that of a zero.
            _ => bytes.len() < 19 && bytes.iter().all(u8::is_ascii_digit),
        };
        if canonical { Cow::Borrowed(self.0) } else { Cow::Owned(self.to_dynamic().to_json()) }
    }

    /// The form that `tostring` gives: strings bare, null empty, else canonical JSON.
    pub fn to_kql_string(self) -> Cow<'a, str> {
        if self.is_string() {
            self.as_string().unwrap_or_default()
        } else if self.is_null() {
            Cow::Borrowed("")
        } else {
            self.canonical()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &str) -> Vec<Step> {
        path.split('.')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_or_else(|_| Step::Key(part.into()), Step::Index))
            .collect()
    }

    #[test]
    fn paths() {
        let json = r#"{"a":{"b":[10,"x\ty",{"c":null}],"":1},"é\n":2,"z":[]}"#;
        for (path, raw) in [
            ("a.b.0", Some("10")),
            ("a.b.-1", Some(r#"{"c":null}"#)),
            ("a.b.-1.c", Some("null")),
            ("a.b.-3", Some("10")),
            ("a.b.-4", None),
            ("a.b.3", None),
            ("a.b.c", None),
            ("a.0", None),
            ("a.b.0.c", None),
            ("é\n", Some("2")),
            ("z.0", None),
            ("z.-1", None),
            ("missing", None),
            ("A", None),
            ("", Some(json)),
        ] {
            assert_eq!(extract(json, &steps(path)).map(RawValue::json), raw, "{path}");
            assert_eq!(extract_text(json, &steps(path)).map(RawValue::json), raw, "{path}");
        }
    }

    #[test]
    fn parts() {
        let elements = |json| {
            let elements = RawValue::new(json).elements()?;
            Some(elements.into_iter().map(RawValue::json).collect::<Vec<_>>())
        };
        assert_eq!(
            elements(r#"[1,"a,]",[2,3],{"x":[]}]"#),
            Some(vec!["1", "\"a,]\"", "[2,3]", "{\"x\":[]}"])
        );
        assert_eq!(elements("[]"), Some(vec![]));
        assert_eq!(elements("{}"), None);
        let members = RawValue::new(r#"{"a":1,"b\"":[2]}"#).members().unwrap();
        let members: Vec<_> = members.into_iter().map(|(name, v)| (name, v.json())).collect();
        assert_eq!(members, [("a", "1"), ("b\\\"", "[2]")]);
        assert_eq!(RawValue::new("[]").members(), None);
    }

    #[test]
    fn text_of_any_origin() {
        let get =
            |text, path| extract_text(text, &steps(path)).map(|v| v.to_kql_string().into_owned());
        assert_eq!(get(r#"{"a":1,"a":2}"#, "a").as_deref(), Some("2"));
        assert_eq!(get(r#"{"a":1"#, "a"), None);
        assert_eq!(get(r#"{"a":1} x"#, "a"), None);
        assert_eq!(get("not json", "a"), None);
        assert_eq!(get(r#" {"a" : [ 1 , 2.0 ] } "#, "a").as_deref(), Some("[1,2.0]"));
        assert_eq!(get(r#"{"a":"x\"y"}"#, "a").as_deref(), Some("x\"y"));
        assert_eq!(get(r#"{"a":null}"#, "a").as_deref(), Some(""));
        assert_eq!(get(r#"{"a":1.50}"#, "a").as_deref(), Some("1.5"));
    }
}
