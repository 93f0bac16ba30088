//! Arrays as sets: distinct elements in the order of their first appearance.

use std::borrow::Cow;

use arrow::array::ArrayRef;
use hashbrown::{HashMap, HashSet};

use super::dynamic_array::same;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::json::{Arrays, write_array};
use crate::types::dynamic::{Dynamic, RawValue};

scalar_functions! {
    family: Sets;

    /// The distinct elements of the first array that no other array has.
    ///
    /// ```kql
    /// print set_difference(dynamic([1, 2, 3, 1]), dynamic([2]))            //=> [1,3]
    /// ```
    SET_DIFFERENCE = "set_difference" {
        (set: Dynamic, second: Dynamic, {more: Dynamic}) -> Dynamic => set_difference;
    }

    /// The distinct elements that all arrays have.
    ///
    /// ```kql
    /// print set_intersect(dynamic([1, 2, 3]), dynamic([3, 2]))             //=> [2,3]
    /// print set_intersect(dynamic([1]), dynamic([2]))                      //=> []
    /// ```
    SET_INTERSECT = "set_intersect" {
        (set: Dynamic, second: Dynamic, {more: Dynamic}) -> Dynamic => set_intersect;
    }

    /// The distinct elements of all arrays.
    ///
    /// ```kql
    /// print set_union(dynamic([1, 2]), dynamic([2, 3]))                    //=> [1,2,3]
    /// ```
    SET_UNION = "set_union" {
        (set: Dynamic, second: Dynamic, {more: Dynamic}) -> Dynamic => set_union;
    }

    /// Whether an array has an element.
    ///
    /// ```kql
    /// print set_has_element(dynamic(["this", "is"]), "is")                 //=> true
    /// ```
    SET_HAS_ELEMENT = "set_has_element" {
        (set: Dynamic, value: Scalar) -> Bool => set_has_element;
    }

    /// Whether two arrays have the same distinct elements, in whatever order.
    ///
    /// ```kql
    /// print set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))                //=> true
    /// ```
    SET_EQUALS = "set_equals" {
        (set1: Dynamic, set2: Dynamic) -> Bool => set_equals;
    }

    /// The number of distinct elements that two arrays share, over the number of all.
    ///
    /// ```kql
    /// print jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))       //=> 0.75
    /// ```
    JACCARD_INDEX = "jaccard_index" {
        (set1: Dynamic, set2: Dynamic) -> Real => jaccard_index;
    }
}

/// What two elements that are the same have in common: a long and a real of one value are the
/// same, and so are bags with their members in another order.
fn identity<'a>(value: RawValue<'a>) -> Cow<'a, str> {
    let text = value.json();
    match text.as_bytes().first() {
        Some(b'[' | b'{') => {
            let mut value = value.to_dynamic();
            normalise(&mut value);
            Cow::Owned(value.to_json())
        }
        Some(b'"') => Cow::Borrowed(text),
        _ if text.contains(['.', 'e', 'E']) && text != "true" && text != "false" => {
            let mut value = value.to_dynamic();
            normalise(&mut value);
            Cow::Owned(value.to_json())
        }
        _ => Cow::Borrowed(text),
    }
}

fn normalise(value: &mut Dynamic) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Dynamic::Real(v) if v.fract() == 0.0 && v.abs() <= EXACT => {
            *value = Dynamic::Long(*v as i64)
        }
        Dynamic::Array(items) => items.iter_mut().for_each(normalise),
        Dynamic::Bag(members) => {
            members.iter_mut().for_each(|(_, value)| normalise(value));
            members.sort_by(|a, b| a.0.cmp(&b.0));
        }
        _ => {}
    }
}

fn all_arrays<'a>(args: &Args<'a>) -> Result<Vec<Arrays<'a>>> {
    (0..args.len()).map(|index| args.arrays(index)).collect()
}

/// The identities of an array's elements.
fn identities<'a>(items: &[RawValue<'a>]) -> HashSet<Cow<'a, str>> {
    items.iter().map(|item| identity(*item)).collect()
}

fn set_union(args: &Args) -> Result<ArrayRef> {
    let mut arrays = all_arrays(args)?;
    jsons(args.rows(), |row, out| {
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        for array in &mut arrays {
            let items = array.get(row)?;
            kept.extend(items.iter().filter(|item| seen.insert(identity(**item))).copied());
        }
        write_array(kept.iter().map(|item| item.json()), out);
        Some(())
    })
}

fn set_intersect(args: &Args) -> Result<ArrayRef> {
    select(args, |hits, others| hits == others)
}

fn set_difference(args: &Args) -> Result<ArrayRef> {
    select(args, |hits, _| hits == 0)
}

/// The distinct elements of the first array that `keep` accepts by how many of the others have
/// them.
fn select(args: &Args, keep: impl Fn(usize, usize) -> bool) -> Result<ArrayRef> {
    let mut arrays = all_arrays(args)?;
    let constant = constant_sets(args)?;
    jsons(args.rows(), |row, out| {
        let (first, others) = arrays.split_first_mut()?;
        let mut hits: HashMap<Cow<str>, usize> = HashMap::new();
        let items = first.get(row)?;
        for item in items.iter() {
            hits.insert(identity(*item), 0);
        }
        for (other, constant) in others.iter_mut().zip(&constant) {
            if let Some(set) = constant {
                for (item, count) in &mut hits {
                    *count += usize::from(set.contains(item));
                }
                continue;
            }
            for item in identities(other.get(row)?) {
                if let Some(count) = hits.get_mut(&item) {
                    *count += 1;
                }
            }
        }
        let count = others.len();
        items.retain(|item| hits.remove(&identity(*item)).is_some_and(|hits| keep(hits, count)));
        write_array(items.iter().map(|item| item.json()), out);
        Some(())
    })
}

/// The sets behind the first argument that are the same for all rows.
fn constant_sets<'a>(args: &Args<'a>) -> Result<Vec<Option<HashSet<Cow<'a, str>>>>> {
    let set = |index| -> Result<_> {
        if !args.is_scalar(index) {
            return Ok(None);
        }
        Ok(args.arrays(index)?.get(0).map(|items| identities(items)))
    };
    (1..args.len()).map(set).collect()
}

fn set_has_element(args: &Args) -> Result<ArrayRef> {
    let values = args.jsons(1)?;
    let rows = args.rows();
    let mut builder = arrow::array::BooleanBuilder::with_capacity(rows);
    if args.is_scalar(0) && rows > 1 {
        let set = args.arrays(0)?.get(0).map(|items| identities(items));
        for row in 0..rows {
            let value = RawValue::new(values.get(row));
            builder.append_option(set.as_ref().map(|set| set.contains(&identity(value))));
        }
    } else {
        let mut arrays = args.arrays(0)?;
        for row in 0..rows {
            let value = RawValue::new(values.get(row));
            let found = arrays.get(row).map(|items| items.iter().any(|item| same(*item, value)));
            builder.append_option(found);
        }
    }
    Ok(std::sync::Arc::new(builder.finish()))
}

/// The identities of the elements of a JSON array.
fn set_of(json: &str) -> Option<HashSet<Cow<'_, str>>> {
    let mut items = Vec::new();
    crate::types::dynamic::path::elements(json, &mut items).then(|| identities(&items))
}

fn set_equals(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: &str, b: &str| Some(set_of(a)? == set_of(b)?))
}

fn jaccard_index(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: &str, b: &str| {
        let (a, b) = (set_of(a)?, set_of(b)?);
        let shared = a.intersection(&b).count();
        Some(shared as f64 / (a.len() + b.len() - shared) as f64)
    })
}
