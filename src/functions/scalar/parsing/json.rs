//! Paths into JSON texts, and the canonical form of a dynamic value.

use crate::error::{Error, Result};
use crate::types::dynamic::{Dynamic, Step};

/// The steps of a path such as `$.a.b[0]['c d']`; the `$` and its dot may be left out.
pub(in crate::functions::scalar) fn parse_path(path: &str) -> Result<Vec<Step>> {
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
                Some(_) if inner.len() > 1 => Step::Key(inner[1..inner.len() - 1].into()),
                _ => Step::Index(inner.trim().parse().map_err(|_| refused())?),
            });
            rest = &after[1..];
        } else {
            let after = rest.strip_prefix('.').unwrap_or(rest);
            let (name, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
            if name.is_empty() || name == "*" {
                return Err(refused());
            }
            steps.push(Step::Key(name.into()));
            rest = after;
        }
    }
    Ok(steps)
}

/// The JSON text with the keys of all bags in order.
pub(super) fn canonical(json: &str) -> String {
    let mut value = Dynamic::parse(json).unwrap_or_default();
    sort_keys(&mut value);
    value.to_json()
}

fn sort_keys(value: &mut Dynamic) {
    match value {
        Dynamic::Array(elements) => elements.iter_mut().for_each(sort_keys),
        Dynamic::Bag(members) => {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.iter_mut().for_each(|(_, value)| sort_keys(value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::dynamic::path::extract_text;

    #[test]
    fn paths_lead_to_values() -> Result<()> {
        let json = r#"{"a": [1, {"b c": "x", "d": 1.5}], "$e": null, "f": {"g": [ ]}}"#;
        let find = |path| -> Result<Option<String>> {
            let steps = parse_path(path)?;
            Ok(extract_text(json, &steps).map(|value| value.to_kql_string().into_owned()))
        };
        let found = |path| find(path).map(Option::unwrap_or_default);
        assert_eq!(found("$.a[1]['b c']")?, "x");
        assert_eq!(found("$['a'][1].d")?, "1.5");
        assert_eq!(found("$a[0]")?, "1");
        assert_eq!(found("a[0]")?, "1");
        assert_eq!(found("$.f.g")?, "[]");
        for nothing in ["$.a[7]", "$.f[0]", "$.a.b", "$.$e"] {
            assert_eq!(found(nothing)?, "");
        }
        for unsupported in ["$..a", "$.a[*]", "$.a[?(@.b)]", "$.a["] {
            assert!(find(unsupported).is_err(), "{unsupported}");
        }
        Ok(())
    }

    #[test]
    fn canonical_texts_sort_keys_at_every_level() {
        let json = r#"{"Y":{},"A14":[15,{"b":1,"a":2}],"A1":"x\"y"}"#;
        assert_eq!(canonical(json), r#"{"A1":"x\"y","A14":[15,{"a":2,"b":1}],"Y":{}}"#);
    }
}
