//! Members of JSON text without parsing all of it.

use std::borrow::Cow;

use super::Dynamic;
use super::json::{number, unescape};
use super::scanner::Scanner;

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
            Step::Index(index) => scanner.enter_array(*index)?,
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
    let value = scanner.find(steps, 0)?;
    value.filter(|_| scanner.at_end()).map(RawValue)
}

/// Stands before the first member called `key`.
fn enter_bag(scanner: &mut Scanner<'_>, key: &str) -> Option<()> {
    if !scanner.eat(b'{') || scanner.eat(b'}') {
        return None;
    }
    loop {
        if scanner.name_is(key)? {
            return Some(());
        }
        scanner.pass(0)?;
        if !scanner.eat(b',') {
            return None;
        }
    }
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
            match self.canonical() {
                // A number beyond the reals is spelled as a string.
                Cow::Owned(json) if json.starts_with('"') => {
                    Cow::Owned(json.trim_matches('"').to_string())
                }
                json => json,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    fn any_json() -> impl Strategy<Value = String> {
        let blank = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t")];
        let string = prop_oneof![
            4 => "[ab]",
            2 => "[a-zé]{0,20}",
            1 => prop::collection::vec(
                prop_oneof![
                    Just("\\n"), Just("\\u0061"), Just("\\ud83d\\ude00"), Just("\\ud83d"), Just("\\\""),
                    Just("b"), Just("\\x"), Just("\\u00"), Just("\u{1}"), Just("\\\\")
                ],
                0..4
            )
            .prop_map(|parts| parts.concat()),
        ]
        .prop_map(|inside| format!("\"{inside}\""))
        .boxed();
        let leaf = prop_oneof![
            6 => string.clone(),
            3 => prop_oneof![
                Just("null"), Just("true"), Just("false"), Just("0"), Just("-0"), Just("1.50"),
                Just("12345678901234567890"), Just("1e3"), Just("1e999"), Just("-7"),
                Just("9007199254740993")
            ].prop_map(str::to_string),
            1 => prop_oneof![
                Just("01"), Just("1."), Just("nul"), Just("truer"), Just(""), Just("-"), Just("'a'")
            ].prop_map(str::to_string),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let item = (blank.clone(), inner, blank.clone()).prop_map(|(a, v, b)| a.to_string() + &v + b);
            let member = (blank.clone(), string.clone(), blank.clone(), item.clone())
                .prop_map(|(a, key, b, v)| format!("{a}{key}{b}:{v}"));
            prop_oneof![
                2 => prop::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                3 => prop::collection::vec(member, 0..5).prop_map(|items| format!("{{{}}}", items.join(","))),
            ]
        })
    }

    fn any_steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => prop_oneof![Just("a"), Just("b"), Just(""), Just("\n"), Just("😀")]
                .prop_map(|key| Step::Key(key.into())),
            1 => (-3_i64..3).prop_map(Step::Index),
        ];
        prop::collection::vec(step, 1..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn text_is_read_as_the_parser_reads_it(
            json in any_json(),
            edit in prop::option::weighted(0.2, (any::<prop::sample::Index>(), "[]\\[{}\",:x\\\\ ]")),
            steps in any_steps(),
        ) {
            let mut json = json;
            if let Some((at, put)) = edit {
                let at = at.index(json.len() + 1);
                if json.is_char_boundary(at) {
                    json.insert_str(at, &put);
                }
            }
            let parsed = Dynamic::parse(&json);
            let slow = parsed.as_ref().and_then(|value| value.path(&steps));
            let fast = extract_text(&json, &steps);
            prop_assert_eq!(
                fast.map(|value| value.canonical().into_owned()),
                slow.map(Dynamic::to_json)
            );
            prop_assert_eq!(
                fast.map(|value| value.to_kql_string().into_owned()),
                slow.map(|value| match value {
                    Dynamic::Real(v) if v.is_infinite() => "Infinity".to_string(),
                    other => other.text(),
                })
            );
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
