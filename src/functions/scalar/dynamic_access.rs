//! Access to members and elements of dynamics: `d.a`, `d['a']`, `d[0]`, `d[i]`.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, StringViewBuilder};

use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::dynamic::path::{extract, extract_text};
use crate::types::dynamic::{Dynamic, RawValue, Step};
use crate::types::{Type, Value};

scalar_functions! {
    family: Dynamic;

    /// The value at the end of a path of keys and positions; null where the path leads nowhere.
    ///
    /// Keys are case-sensitive, positions start at 0, negative ones count from the end.
    ///
    /// ```kql
    /// print dynamic({"a":{"b":[1,2]}}).a.b[-1]      //=> 2
    /// print dynamic({"a b":1})['a b']               //=> 1
    /// ```
    PATH = "." { (value: Dynamic, {const steps: KeyOrIndex}) -> Dynamic => path; }

    /// The member or element that an expression selects: a string by its key, a number by its
    /// position.
    ///
    /// ```kql
    /// print i = 1 | project dynamic([10,20])[i]      //=> 20
    /// ```
    ELEMENT = "[]" { (value: Dynamic, index: KeyOrIndex) -> Dynamic => element; }

    /// The value at the end of a path in the dynamic that a text spells, found without reading the
    /// rest of the text.
    ///
    /// It stands for a path behind `parse_json` and cannot be called by name.
    ///
    /// ```kql
    /// print parse_json('{"a": [1, 2]}').a[0]        //=> 1
    /// print parse_json('no json').a                 //=> null
    /// ```
    TEXT_PATH = "parse_json." { (text: String, {const steps: KeyOrIndex}) -> Dynamic => text_path; }

    /// The text of the value at the end of a path in the dynamic that a text spells.
    ///
    /// It stands for `tostring` of such a path and cannot be called by name.
    ///
    /// ```kql
    /// print tostring(parse_json('{"a": ["x", 1.50]}').a[0])        //=> x
    /// print tostring(parse_json('{"a": ["x", 1.50]}').a[1])        //=> 1.5
    /// ```
    TEXT_AT_PATH = "parse_json.tostring" {
        (text: String, {const steps: KeyOrIndex}) -> String => text_at_path;
    }

    /// Whether the text of the value at the end of a path is one of the texts of an array.
    ///
    /// It stands for comparisons of such a path and cannot be called by name.
    ///
    /// ```kql
    /// print parse_json('{"a": ["x", 1]}').a[0] == "x"              //=> true
    /// print parse_json('{"a": ["x", 1]}').a[1] in ("x", "y")       //=> false
    /// ```
    IS_AT_PATH = "parse_json.in" {
        (text: String, const values: Dynamic, {const steps: KeyOrIndex}) -> Bool => is_at_path;
    }
}

/// The constant steps from the argument `first` on; `None` if one of them leads nowhere.
fn steps(args: &Args, first: usize) -> Result<Option<Vec<Step>>> {
    let step = |index| {
        Ok(match args.constant(index) {
            Some(Value::String(key)) => Some(Step::Key((&*key).into())),
            Some(Value::Int(position)) => Some(Step::Index(position.into())),
            Some(Value::Long(position)) => Some(Step::Index(position)),
            Some(Value::Dynamic(json)) => step_of(&json),
            Some(_) => None,
            None => return Err(Error::Internal("a path has a step that is not constant".into())),
        })
    };
    (first..args.len()).map(step).collect()
}

fn nowhere(args: &Args) -> ArrayRef {
    Arc::new(StringViewArray::new_null(args.rows()))
}

fn path(args: &Args) -> Result<ArrayRef> {
    match steps(args, 1)? {
        Some(steps) => args.map1(|json: &str| member(json, &steps)),
        None => Ok(nowhere(args)),
    }
}

fn text_path(args: &Args) -> Result<ArrayRef> {
    let Some(steps) = steps(args, 1)? else { return Ok(nowhere(args)) };
    args.map1(|text: &str| {
        extract_text(text, &steps).filter(|value| !value.is_null()).map(RawValue::canonical)
    })
}

fn text_at_path(args: &Args) -> Result<ArrayRef> {
    let Some(steps) = steps(args, 1)? else { return args.map1(|_: &str| "") };
    args.map1(|text: &str| {
        extract_text(text, &steps).map(RawValue::to_kql_string).unwrap_or_default()
    })
}

fn is_at_path(args: &Args) -> Result<ArrayRef> {
    let wanted = match args.constant(1) {
        Some(Value::Dynamic(json)) => Wanted::new(&json),
        _ => return Err(Error::Internal("a path is compared with what is not constant".into())),
    };
    match steps(args, 2)? {
        Some(steps) => args.map1(|text: &str| wanted.is_at(text, &steps)),
        None => args.map1(|_: &str| wanted.has("")),
    }
}

/// The texts that the value at a path is compared with.
struct Wanted {
    texts: Vec<String>,
    /// Finds the spelling of each text as a JSON string without escapes, if a value can have such a
    /// text in no other way.
    spelled: Option<Vec<memchr::memmem::Finder<'static>>>,
}

impl Wanted {
    /// More texts are not looked for one by one.
    const MOST_SPELLED: usize = 4;

    fn new(json: &str) -> Self {
        let texts: Vec<String> = Dynamic::parse(json)
            .as_ref()
            .and_then(Dynamic::as_array)
            .map(|values| values.iter().map(Dynamic::text).collect())
            .unwrap_or_default();
        let searched = texts.len() <= Self::MOST_SPELLED && texts.iter().all(|t| is_string_only(t));
        let spelled = searched.then(|| {
            let finder = |t: &String| memchr::memmem::Finder::new(&format!("\"{t}\"")).into_owned();
            texts.iter().map(finder).collect()
        });
        Self { texts, spelled }
    }

    fn has(&self, text: &str) -> bool {
        self.texts.iter().any(|wanted| wanted == text)
    }

    fn is_at(&self, json: &str, steps: &[Step]) -> bool {
        if let Some(spelled) = &self.spelled {
            let json = json.as_bytes();
            if !spelled.iter().any(|finder| finder.find(json).is_some())
                && memchr::memchr(b'\\', json).is_none()
            {
                return false;
            }
        }
        let value = extract_text(json, steps);
        self.has(&value.map(RawValue::to_kql_string).unwrap_or_default())
    }
}

/// Whether a text can be that of a JSON string only: not of null, a bool, a number, an array or a
/// bag.
fn is_string_only(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '[' | '{'))
        && !matches!(text, "" | "true" | "false" | "Infinity")
}

/// The value at the end of `steps` as canonical JSON; JSON null is no value.
fn member<'a>(json: &'a str, steps: &[Step]) -> Option<&'a str> {
    extract(json, steps).filter(|value| !value.is_null()).map(RawValue::json)
}

/// What a dynamic selects.
fn step_of(json: &str) -> Option<Step> {
    match RawValue::new(json).to_dynamic() {
        Dynamic::String(key) => Some(Step::Key(key.into())),
        Dynamic::Long(position) => Some(Step::Index(position)),
        _ => None,
    }
}

fn element(args: &Args) -> Result<ArrayRef> {
    match args.ty(1) {
        Type::Int | Type::Long => {
            args.map2(|json: &'_ str, position: i64| member(json, &[Step::Index(position)]))
        }
        Type::String => by_text(args, |key| Some(Step::Key(key.into()))),
        _ => by_text(args, step_of),
    }
}

/// Access by an index given as text; neighbouring rows often share it.
fn by_text(args: &Args, step: impl Fn(&str) -> Option<Step>) -> Result<ArrayRef> {
    let (values, indices) = (args.reader::<&str>(0)?, args.reader::<&str>(1)?);
    let mut builder = StringViewBuilder::with_capacity(args.rows());
    let mut last: Option<(&str, Option<Step>)> = None;
    for row in 0..args.rows() {
        let (Some(json), Some(index)) = (values.get(row), indices.get(row)) else {
            builder.append_null();
            continue;
        };
        let found = match &last {
            Some((text, found)) if *text == index => found,
            _ => &last.insert((index, step(index))).1,
        };
        let found = found.as_ref();
        builder.append_option(found.and_then(|step| member(json, std::slice::from_ref(step))));
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray, Int64Array};

    use super::*;

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringViewArray::from_iter(values.iter().copied()))
    }

    fn all(array: &ArrayRef) -> Vec<Option<&str>> {
        array.as_string_view().iter().collect()
    }

    #[test]
    fn paths_of_constants() -> Result<()> {
        let json = texts(&[
            Some(r#"{"a":[{"b":"x"},2]}"#),
            Some(r#"{"a":{"b":1}}"#),
            Some(r#"{"a":[{"b":null}]}"#),
            None,
        ]);
        let arrays = [json, texts(&[Some("a")]), Arc::new(Int64Array::from(vec![-2]))];
        let types = [Type::Dynamic, Type::String, Type::Long];
        let found = path(&Args::new(&arrays, &[false, true, true], &types, 4))?;
        assert_eq!(all(&found), [Some(r#"{"b":"x"}"#), None, None, None]);
        let arrays = [arrays[0].clone(), arrays[1].clone(), texts(&[None])];
        let found = path(&Args::new(&arrays, &[false, true, true], &types, 4))?;
        assert_eq!(found.null_count(), 4);
        Ok(())
    }

    #[test]
    fn paths_of_texts() -> Result<()> {
        let json = texts(&[
            Some(r#" {"a": [1, 2.50]} "#),
            Some("{\"a\": 1"),
            Some("x"),
            Some("{\"a\":null}"),
        ]);
        let arrays = [json, texts(&[Some("a")])];
        let types = [Type::String; 2];
        let found = text_path(&Args::new(&arrays, &[false, true], &types, 4))?;
        assert_eq!(all(&found), [Some("[1,2.5]"), None, None, None]);
        Ok(())
    }

    #[test]
    fn comparisons_at_paths() -> Result<()> {
        let json = texts(&[
            Some(r#"{"a":"x"}"#),
            Some(r#"{"a":"\u0078"}"#),
            Some(r#"{"b":"x","a":"y"}"#),
            Some(r#"{"a":1.50}"#),
            Some(r#"{"a":{"x": true}}"#),
            Some(r#"{"a":null}"#),
            Some(r#"{"a":"x""#),
            Some(r#"{"a":"x","a":"y"}"#),
            Some(r#"{"a":"q\"q"}"#),
            Some(r#"{"a":1e999}"#),
            Some(""),
        ]);
        for (values, hits) in [
            (r#"["x"]"#, vec![0, 1]),
            (r#"["x","y"]"#, vec![0, 1, 2, 7]),
            (r#"["1.5"]"#, vec![3]),
            (r#"["{\"x\":true}","z"]"#, vec![4]),
            (r#"[""]"#, vec![5, 6, 10]),
            (r#"["q\"q"]"#, vec![8]),
            (r#"["Infinity"]"#, vec![9]),
            ("[]", vec![]),
        ] {
            let arrays = [json.clone(), texts(&[Some(values)]), texts(&[Some("a")])];
            let types = [Type::String, Type::Dynamic, Type::String];
            let found = is_at_path(&Args::new(&arrays, &[false, true, true], &types, 11))?;
            let found: Vec<_> = found.as_boolean().values().set_indices().collect();
            assert_eq!(found, hits, "{values}");
        }
        Ok(())
    }

    #[test]
    fn computed_indices() -> Result<()> {
        let json = texts(&[Some(r#"[1,"x",{"k":2}]"#)]);
        let positions: ArrayRef =
            Arc::new(Int64Array::from(vec![Some(1), Some(-1), Some(3), None]));
        let args = [json.clone(), positions];
        let found = element(&Args::new(&args, &[true, false], &[Type::Dynamic, Type::Long], 4))?;
        assert_eq!(all(&found), [Some("\"x\""), Some(r#"{"k":2}"#), None, None]);
        let args = [json, texts(&[Some("0"), Some("\"k\""), Some("true"), Some("0")])];
        let found = element(&Args::new(&args, &[true, false], &[Type::Dynamic; 2], 4))?;
        assert_eq!(all(&found), [Some("1"), None, None, Some("1")]);
        let args = [texts(&[Some(r#"{"k":2,"K":3}"#)]), texts(&[Some("K"), Some("z")])];
        let types = [Type::Dynamic, Type::String];
        let found = element(&Args::new(&args, &[true, false], &types, 2))?;
        assert_eq!(all(&found), [Some("3"), None]);
        Ok(())
    }
}
