//! Property bags. They travel as JSON text; what only moves members moves their texts.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder};
use hashbrown::HashMap;

use super::parsing::json::parse_path;
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::json::Jsons;
use crate::functions::text::Texts;
use crate::types::Type;
use crate::types::dynamic::path::members;
use crate::types::dynamic::{Dynamic, RawValue, Step, write_string};

scalar_functions! {
    family: Dynamic;

    /// The keys of a bag; null for anything else.
    ///
    /// ```kql
    /// print bag_keys(dynamic({"a": 1, "b": {"c": 2}}))                 //=> ["a","b"]
    /// print bag_keys(dynamic([]))                                      //=> null
    /// ```
    BAG_KEYS = "bag_keys" {
        (object: Dynamic) -> Dynamic => bag_keys;
    }

    /// One bag of the members of all arguments.
    ///
    /// Of members with the same key that of the leftmost bag stays. Arguments that are null or no
    /// bag drop out.
    ///
    /// ```kql
    /// print bag_merge(dynamic({"a": 1}), dynamic({"a": 2, "b": 3}))    //=> {"a":1,"b":3}
    /// ```
    BAG_MERGE = "bag_merge" {
        (bag: Dynamic, second: Dynamic, {more: Dynamic}) -> Dynamic => bag_merge;
    }

    /// A bag of keys and values, given in turn.
    ///
    /// ```kql
    /// print bag_pack("Level", "Information", "ProcessID", 1234)        //=> {"Level":"Information","ProcessID":1234}
    /// ```
    BAG_PACK = "bag_pack" | "pack" | "pack_dictionary" {
        ({pairs: Scalar}) -> Dynamic => bag_pack;
    }

    /// A bag of those keys and values whose value is neither null nor an empty string.
    ///
    /// It stands for `pack_all(true)` and cannot be called by name.
    ///
    /// ```kql
    /// print a = 1, b = '' | project x = pack_all(true)                 //=> {"a":1}
    /// ```
    BAG_PACK_FILLED = "bag_pack filled" {
        ({pairs: Scalar}) -> Dynamic => bag_pack_filled;
    }

    /// A bag of columns, whose names are the keys.
    ///
    /// ```kql
    /// print a = 1, b = 'x' | project c = bag_pack_columns(a, b)        //=> {"a":1,"b":"x"}
    /// ```
    BAG_PACK_COLUMNS = "bag_pack_columns" {
        ({column: Scalar}) -> Dynamic => binder;
    }

    /// Whether a bag has a key; deeper keys are written as a path (`$.a.b`).
    ///
    /// ```kql
    /// print bag_has_key(dynamic({"a": 1}), "a")                        //=> true
    /// print bag_has_key(dynamic({"a": {"b": 1}}), "$.a.c")             //=> false
    /// ```
    BAG_HAS_KEY = "bag_has_key" {
        (bag: Dynamic, key: String) -> Bool => bag_has_key;
    }

    /// A bag without the members that an array of keys or paths (`$.a.b`) names.
    ///
    /// ```kql
    /// print bag_remove_keys(dynamic({"a": 1, "b": 2}), dynamic(["b", "c"]))            //=> {"a":1}
    /// print bag_remove_keys(dynamic({"a": {"b": 1, "c": 2}}), dynamic(["$.a.b"]))      //=> {"a":{"c":2}}
    /// ```
    BAG_REMOVE_KEYS = "bag_remove_keys" {
        (bag: Dynamic, keys: Dynamic) -> Dynamic => bag_remove_keys;
    }

    /// A bag with one member set, by key or by path (`$.a.b`); bags missing on the path are made.
    ///
    /// ```kql
    /// print bag_set_key(dynamic({"a": 1}), "b", 2)                     //=> {"a":1,"b":2}
    /// print bag_set_key(dynamic({"a": 1}), "$.c.d", "x")               //=> {"a":1,"c":{"d":"x"}}
    /// ```
    BAG_SET_KEY = "bag_set_key" {
        (bag: Dynamic, const key: String, value: Scalar) -> Dynamic => bag_set_key;
    }

    /// A bag of an array of keys and an array of values, paired by position.
    ///
    /// Keys without a value get null. Values without a key, and keys that are no strings, are left
    /// out.
    ///
    /// ```kql
    /// print bag_zip(dynamic(["a", "b"]), dynamic([1, 2]))              //=> {"a":1,"b":2}
    /// ```
    BAG_ZIP = "bag_zip" {
        (keys: Dynamic, values: Dynamic) -> Dynamic => bag_zip;
    }

    /// The paths of all members of a dynamic value; `[0]` stands for the elements of an array.
    ///
    /// ```kql
    /// print treepath(dynamic({"a": "b", "l": [1, 2]}))                 //=> ["['a']","['l']","['l'][0]"]
    /// ```
    TREEPATH = "treepath", name Prefix("tree_") {
        (object: Dynamic) -> Dynamic => treepath;
    }
}

type Members<'a> = Vec<(RawValue<'a>, RawValue<'a>)>;

/// Appends a bag of keys (JSON strings) and values.
fn write_bag<'a>(items: impl IntoIterator<Item = (&'a str, &'a str)>, out: &mut String) {
    out.push('{');
    for (position, (key, value)) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(key);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
}

fn write_members(items: &Members, out: &mut String) {
    write_bag(items.iter().map(|(key, value)| (key.json(), value.json())), out);
}

fn bag_keys(args: &Args) -> Result<ArrayRef> {
    let bags = args.reader::<&str>(0)?;
    let mut items = Members::new();
    jsons(args.rows(), |row, out| {
        if !members(bags.get(row)?, &mut items) {
            return None;
        }
        crate::functions::json::write_array(items.iter().map(|(key, _)| key.json()), out);
        Some(())
    })
}

fn bag_merge(args: &Args) -> Result<ArrayRef> {
    let bags = (0..args.len()).map(|i| args.reader::<&str>(i)).collect::<Result<Vec<_>>>()?;
    let mut items = Members::new();
    jsons(args.rows(), |row, out| {
        let mut merged: Members = Vec::new();
        let mut found = false;
        for bag in &bags {
            if !bag.get(row).is_some_and(|json| members(json, &mut items)) {
                continue;
            }
            found = true;
            let earlier = merged.len();
            for (key, value) in items.drain(..) {
                if !merged[..earlier].iter().any(|(taken, _)| *taken == key) {
                    merged.push((key, value));
                }
            }
        }
        write_members(&merged, out);
        found.then_some(())
    })
}

/// The keys and values of a call that gives them in turn.
fn pairs(args: &Args) -> Result<Vec<(Texts, Jsons)>> {
    if args.len() % 2 == 1 {
        return Err(Error::Execution("a bag is packed of pairs of a key and a value".into()));
    }
    let pair = |at: usize| {
        if !matches!(args.ty(at), Type::String | Type::Dynamic | Type::Unknown) {
            let message = format!("the key of a bag is a string, not {}", args.ty(at));
            return Err(Error::Execution(message));
        }
        Ok((args.texts(at)?, args.jsons(at + 1)?))
    };
    (0..args.len()).step_by(2).map(pair).collect()
}

fn bag_pack(args: &Args) -> Result<ArrayRef> {
    pack(args, |_| true)
}

fn bag_pack_filled(args: &Args) -> Result<ArrayRef> {
    pack(args, |value| !matches!(value, "null" | "\"\""))
}

fn pack(args: &Args, keep: impl Fn(&str) -> bool) -> Result<ArrayRef> {
    let pairs = pairs(args)?;
    let mut constant: Option<Vec<&str>> = pairs.iter().map(|(key, _)| key.constant()).collect();
    if let Some(keys) = &mut constant {
        keys.sort_unstable();
    }
    // Most keys are constant: then they are compared once.
    let distinct = constant.is_some_and(|keys| keys.windows(2).all(|pair| pair[0] != pair[1]));
    jsons(args.rows(), |row, out| {
        let mut last: HashMap<&str, usize> = HashMap::new();
        if !distinct {
            last = pairs.iter().enumerate().map(|(at, (key, _))| (key.get(row), at)).collect();
        }
        out.push('{');
        for (key, value) in &pairs {
            let key = key.get(row);
            let value = match (distinct, last.remove(key)) {
                (true, _) => value.get(row),
                // The last value of a repeated key stands in the place of the first.
                (false, Some(at)) => pairs[at].1.get(row),
                (false, None) => continue,
            };
            if !keep(value) {
                continue;
            }
            if out.len() > 1 {
                out.push(',');
            }
            write_string(key, out);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        Some(())
    })
}

/// The keys on the way to a member: a path behind `$`, else one key. `None` for a path that is not
/// made of keys.
fn keys(text: &str) -> Option<Vec<Box<str>>> {
    if !text.starts_with('$') {
        return Some(vec![text.into()]);
    }
    let steps = parse_path(text).ok()?.into_iter().map(|step| match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    });
    steps.collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty())
}

fn bag_has_key(args: &Args) -> Result<ArrayRef> {
    let prepared = args.constant_str(1).map(keys);
    let (bags, paths) = (args.reader::<&str>(0)?, args.reader::<&str>(1)?);
    let has = |row: usize| {
        let json = bags.get(row).filter(|json| json.starts_with('{'))?;
        let own;
        let keys = match &prepared {
            Some(prepared) => prepared,
            None => {
                own = keys(paths.get(row)?);
                &own
            }
        };
        let steps: Vec<Step> = keys.as_ref()?.iter().cloned().map(Step::Key).collect();
        Some(crate::types::dynamic::path::extract(json, &steps).is_some())
    };
    let mut builder = BooleanBuilder::with_capacity(args.rows());
    (0..args.rows()).for_each(|row| builder.append_option(has(row)));
    Ok(Arc::new(builder.finish()))
}

fn bag_remove_keys(args: &Args) -> Result<ArrayRef> {
    let paths = |json: &str| -> Option<Vec<Vec<Box<str>>>> {
        let listed = Dynamic::parse(json)?;
        Some(listed.as_array()?.iter().filter_map(|key| keys(key.as_str()?)).collect())
    };
    let prepared = args.constant_str(1).map(paths);
    let (bags, lists) = (args.reader::<&str>(0)?, args.reader::<&str>(1)?);
    let mut items = Members::new();
    jsons(args.rows(), |row, out| {
        let own;
        let paths = match &prepared {
            Some(prepared) => prepared.as_ref()?,
            None => {
                own = paths(lists.get(row)?)?;
                &own
            }
        };
        let json = bags.get(row)?;
        if paths.iter().any(|path| path.len() > 1) {
            let mut bag = Dynamic::parse(json).filter(|bag| bag.as_bag().is_some())?;
            paths.iter().for_each(|path| remove(&mut bag, path));
            bag.write_json(out);
            return Some(());
        }
        if !members(json, &mut items) {
            return None;
        }
        items.retain(|(key, _)| {
            let key = key.as_string().unwrap_or_default();
            !paths.iter().any(|path| path.first().is_some_and(|name| **name == *key))
        });
        write_members(&items, out);
        Some(())
    })
}

fn remove(value: &mut Dynamic, path: &[Box<str>]) {
    if let (Dynamic::Bag(members), [key, rest @ ..]) = (value, path) {
        if rest.is_empty() {
            members.retain(|(name, _)| **name != **key);
        } else if let Some((_, inner)) = members.iter_mut().find(|(name, _)| **name == **key) {
            remove(inner, rest);
        }
    }
}

fn bag_set_key(args: &Args) -> Result<ArrayRef> {
    let text = args.constant_str(1).unwrap_or_default();
    let Some(path) = keys(text) else {
        return Err(Error::Execution(format!("`{text}` is not a path of keys")));
    };
    let bags = args.reader::<&str>(0)?;
    let values = args.jsons(2)?;
    jsons(args.rows(), |row, out| {
        let mut bag = Dynamic::parse(bags.get(row)?).filter(|bag| bag.as_bag().is_some())?;
        set(&mut bag, &path, Dynamic::parse(values.get(row))?);
        bag.write_json(out);
        Some(())
    })
}

fn set(value: &mut Dynamic, path: &[Box<str>], new: Dynamic) {
    let [key, rest @ ..] = path else {
        *value = new;
        return;
    };
    if !matches!(value, Dynamic::Bag(_)) {
        *value = Dynamic::Bag(Vec::new());
    }
    let Dynamic::Bag(members) = value else { return };
    let place = members.iter().position(|(name, _)| **name == **key).unwrap_or_else(|| {
        members.push((key.to_string(), Dynamic::Null));
        members.len() - 1
    });
    set(&mut members[place].1, rest, new);
}

fn bag_zip(args: &Args) -> Result<ArrayRef> {
    let (mut keys, mut values) = (args.arrays(0)?, args.arrays(1)?);
    jsons(args.rows(), |row, out| {
        // What is no array holds no values.
        let keys = keys.get(row)?;
        let values = values.get(row).map_or(&[][..], |values| values.as_slice());
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut items: Vec<(&str, &str)> = Vec::with_capacity(keys.len());
        for (position, key) in keys.iter().enumerate().filter(|(_, key)| key.is_string()) {
            let value = values.get(position).map_or("null", |value| value.json());
            let place = *places.entry(key.json()).or_insert(items.len());
            match items.get_mut(place) {
                Some(item) => item.1 = value,
                None => items.push((key.json(), value)),
            }
        }
        write_bag(items, out);
        Some(())
    })
}

fn treepath(args: &Args) -> Result<ArrayRef> {
    let values = args.reader::<&str>(0)?;
    jsons(args.rows(), |row, out| {
        let value = RawValue::new(values.get(row)?);
        if !value.is_container() {
            return None;
        }
        let mut paths = Vec::new();
        collect(&value.to_dynamic(), &mut String::new(), &mut paths);
        let texts = paths.into_iter().map(Dynamic::String).collect();
        Dynamic::Array(texts).write_json(out);
        Some(())
    })
}

/// Adds the paths below a value that are not there yet.
fn collect(value: &Dynamic, path: &mut String, paths: &mut Vec<String>) {
    let length = path.len();
    let mut below = |step: &str, inner: &Dynamic, paths: &mut Vec<String>| {
        path.push_str(step);
        if !paths.contains(path) {
            paths.push(path.clone());
        }
        collect(inner, path, paths);
        path.truncate(length);
    };
    match value {
        Dynamic::Bag(members) => {
            for (key, inner) in members {
                below(&format!("['{key}']"), inner, paths);
            }
        }
        Dynamic::Array(items) => items.iter().for_each(|inner| below("[0]", inner, paths)),
        _ => {}
    }
}
