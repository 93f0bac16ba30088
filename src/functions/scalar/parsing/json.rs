//! JSON texts: what lies at a path, compact and canonical forms. Numbers keep their spelling.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::functions::text::{dynamic_text, json_elements};

/// A path into a JSON document: `$.a.b[0]['c d']`.
#[derive(Debug, PartialEq)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

impl JsonPath {
    pub(super) fn parse(path: &str) -> Result<Self> {
        let refused = || Error::Execution(format!("`{path}` is not a path that is supported"));
        let mut steps = vec![];
        let mut rest = path.strip_prefix('$').unwrap_or(path);
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
                let end = match quote {
                    Some(quote) => after.find(&format!("{quote}]")[..]).map(|at| at + 1),
                    None => after.find(']'),
                };
                let (inner, after) = after.split_at(end.ok_or_else(refused)?);
                steps.push(match quote {
                    Some(_) if inner.len() > 1 => Step::Key(inner[1..inner.len() - 1].to_string()),
                    _ => Step::Index(inner.trim().parse().map_err(|_| refused())?),
                });
                rest = &after[1..];
            } else {
                let after = rest.strip_prefix('.').unwrap_or(rest);
                let (name, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
                if name.is_empty() || name == "*" {
                    return Err(refused());
                }
                steps.push(Step::Key(name.to_string()));
                rest = after;
            }
        }
        Ok(Self(steps))
    }

    /// The JSON text that lies at this path.
    pub(super) fn find<'j>(&self, json: &'j str) -> Option<&'j str> {
        let mut at: &'j RawValue = serde_json::from_str(json).ok()?;
        for step in &self.0 {
            at = Take(step).deserialize(at).ok()??;
        }
        Some(at.get())
    }
}

/// Reads one element of an array or one value of a bag, and skips the others.
struct Take<'s>(&'s Step);

impl<'de> DeserializeSeed<'de> for Take<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            Step::Key(_) => json.deserialize_map(self),
            Step::Index(_) => json.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for Take<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array or a bag")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<&RawValue>()? {
            if matches!(self.0, Step::Key(wanted) if *wanted == dynamic_text(key.get())) {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let mut index = 0;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if *self.0 == Step::Index(index) {
                found = Some(element);
            }
            index += 1;
        }
        Ok(found)
    }
}

/// A JSON text without the blanks between its tokens.
pub(super) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in json.chars() {
        if !quoted && c.is_ascii_whitespace() {
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// The entries of a JSON object, in order.
struct Entries<'j>(Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'de> serde::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a bag")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = vec![];
                while let Some(entry) = map.next_entry::<&RawValue, &RawValue>()? {
                    entries.push((dynamic_text(entry.0.get()), entry.1));
                }
                Ok(Entries(entries))
            }
        }
        json.deserialize_map(Read)
    }
}

/// The JSON text with the keys of all bags in order.
pub(super) fn canonical(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    push_canonical(&mut out, json);
    out
}

fn push_canonical(out: &mut String, json: &str) {
    if let Some(elements) = json_elements(json) {
        out.push('[');
        for (at, element) in elements.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            push_canonical(out, element);
        }
        out.push(']');
    } else if let Some(Entries(mut entries)) =
        json.starts_with('{').then(|| serde_json::from_str(json).ok()).flatten()
    {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        out.push('{');
        for (at, (key, value)) in entries.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            crate::functions::text::push_json_string(out, &key);
            out.push(':');
            push_canonical(out, value.get());
        }
        out.push('}');
    } else {
        out.push_str(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() -> Result<()> {
        let json = r#"{"a": [1, {"b c": "x", "d": 1.50}], "$e": null, "f": {"g": [ ]}}"#;
        let find = |path| JsonPath::parse(path).map(|path| path.find(json));
        assert_eq!(find("$.a[1]['b c']")?, Some("\"x\""));
        assert_eq!(find("$['a'][1].d")?, Some("1.50"));
        assert_eq!(find("$a[0]")?, Some("1"));
        assert_eq!(find("a[0]")?, Some("1"));
        assert_eq!(find("$.f.g")?.map(compact).as_deref(), Some("[]"));
        assert_eq!(find("$.a[7]")?, None);
        assert_eq!(find("$.f[0]")?, None);
        assert_eq!(find("$.a.b")?, None);
        assert_eq!(find("$")?, Some(json));
        assert_eq!(JsonPath::parse("$.a")?.find("{broken"), None);
        assert!(find("$..a").is_err() && find("$.a[*]").is_err() && find("$.a[?(@.b)]").is_err());
        Ok(())
    }

    #[test]
    fn canonical_texts_sort_keys_at_every_level() {
        let json = r#"{"Y":{},"A14":[15,{"b":1.0,"a":2}],"A1":"x\"y"}"#;
        assert_eq!(canonical(json), r#"{"A1":"x\"y","A14":[15,{"a":2,"b":1.0}],"Y":{}}"#);
        assert_eq!(compact("{ \"a b\\\" \" : [ 1 , 2 ] }"), "{\"a b\\\" \":[1,2]}");
    }
}
