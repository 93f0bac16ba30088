//! Property bags put together from the bags of a group, and their schema.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arrow::array::StringViewBuilder;
use datafusion::common::Result;
use hashbrown::HashSet;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::collect::{Collect, Finish, Grouped, Plan};
use super::lists::{MAX_SIZE, OLD_MAX_SIZE, max_size};
use super::rows::argument;
use super::values::Texts;
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::dynamic::{Dynamic, write_string};

aggregate_functions! {
    /// One bag of all the properties in the bags of a group.
    ///
    /// What is not a bag is skipped; of properties with one name the first counts. At most
    /// `max_size` properties are taken, by default 1,048,576. Without bags the result is `[]`, as
    /// in Kusto.
    ///
    /// ```kql
    /// datatable(d: dynamic)[dynamic({"a": 1}), dynamic({"b": 2})] | summarize make_bag(d)    //=> {"a":1,"b":2}
    /// ```
    MAKE_BAG = "make_bag", name "bag_" {
        (value: Dynamic, [const max_size: Long]) -> Dynamic => groups make_bag;
    }

    /// The old form of `make_bag`, which takes 128 properties unless told otherwise.
    ///
    /// ```kql
    /// datatable(d: dynamic)[dynamic({"a": 1}), dynamic({"b": 2})] | summarize make_dictionary(d)    //=> {"a":1,"b":2}
    /// ```
    MAKE_DICTIONARY = "make_dictionary", name "dictionary_" {
        (value: Dynamic, [const max_size: Long]) -> Dynamic => groups make_dictionary;
    }

    /// `make_bag` over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(d: dynamic, b: bool)[dynamic({"a": 1}), true, dynamic({"b": 2}), false] | summarize make_bag_if(d, b)    //=> {"a":1}
    /// ```
    MAKE_BAG_IF = "make_bag_if", name "bag_" {
        (value: Dynamic, predicate: Bool, [const max_size: Long]) -> Dynamic => filtered "make_bag" 1;
    }

    /// The least schema that all dynamic values of a group fit: a bag of the names of types.
    ///
    /// Alternatives stand in an array, and the types of array elements under the key `` `indexer` ``.
    ///
    /// ```kql
    /// datatable(d: dynamic)[dynamic({"x": 1}), dynamic({"x": "a", "y": [1.5]})] | summarize buildschema(d)    //=> {"x":["long","string"],"y":{"`indexer`":"double"}}
    /// ```
    BUILDSCHEMA = "buildschema", name "schema_" {
        (value: Dynamic) -> Dynamic => groups buildschema;
    }
}

fn make_bag(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let limit = max_size(args, MAX_SIZE);
    Ok(boxed(false, move |texts| Some(merged(texts, limit))))
}

fn make_dictionary(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let limit = max_size(args, OLD_MAX_SIZE);
    Ok(boxed(false, move |texts| Some(merged(texts, limit))))
}

fn buildschema(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(boxed(true, |texts| {
        let mut schema = Schema::default();
        texts.filter_map(Dynamic::parse).for_each(|value| schema.add(&value));
        let mut json = String::new();
        schema.write(&mut json).then_some(json)
    }))
}

fn boxed(
    distinct: bool,
    result: impl Fn(&mut dyn Iterator<Item = &str>) -> Option<String> + Send + Sync + 'static,
) -> Box<dyn Groups> {
    let plan = Plan {
        distinct,
        nulls: false,
        limit: usize::MAX,
        prepare: |values| Ok(Arc::clone(argument(values, 0)?)),
        explode: None,
        finish: Finish::Values(Arc::new(move |grouped: &Grouped<Texts>| {
            let mut results = StringViewBuilder::new();
            for group in grouped.groups() {
                let mut texts = group.iter().map(|&at| grouped.values.value(at));
                results.append_option(result(&mut texts));
            }
            Result::Ok(Arc::new(results.finish()) as _)
        })),
    };
    Box::new(Collect::new(plan, Texts::default()))
}

/// The properties of a bag as they are written.
struct Properties<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'t> Deserialize<'t> for Properties<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collector;

        impl<'t> Visitor<'t> for Collector {
            type Value = Properties<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a property bag")
            }

            fn visit_map<M: MapAccess<'t>>(
                self,
                mut map: M,
            ) -> std::result::Result<Self::Value, M::Error> {
                let mut properties = vec![];
                while let Some(Key(key)) = map.next_key()? {
                    properties.push((key, map.next_value()?));
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(Collector)
    }
}

/// A key, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

fn merged(texts: &mut dyn Iterator<Item = &str>, limit: usize) -> String {
    let mut known: HashSet<Cow<'_, str>> = HashSet::new();
    let mut json = String::from("{");
    let mut any = false;
    for text in texts.filter(|text| text.starts_with('{')) {
        any = true;
        let Ok(Properties(properties)) = serde_json::from_str(text) else { continue };
        for (key, value) in properties {
            if known.len() >= limit || known.contains(&key) {
                continue;
            }
            if !known.is_empty() {
                json.push(',');
            }
            write_string(&key, &mut json);
            json.push(':');
            json.push_str(value.get());
            known.insert(key);
        }
    }
    if !any {
        return "[]".into();
    }
    json.push('}');
    json
}

/// The types that values have in one place.
#[derive(Default)]
struct Schema {
    scalars: Vec<&'static str>,
    properties: Vec<(String, Schema)>,
    elements: Option<Box<Schema>>,
    /// Whether a bag or an array was seen, be it empty.
    composite: bool,
}

impl Schema {
    fn add(&mut self, value: &Dynamic) {
        let scalar = match value {
            Dynamic::Null => return,
            Dynamic::Bool(_) => "bool",
            Dynamic::Long(_) => "long",
            Dynamic::Real(_) => "double",
            Dynamic::String(_) => "string",
            Dynamic::Array(elements) => {
                self.composite = true;
                let schema = self.elements.get_or_insert_default();
                elements.iter().for_each(|element| schema.add(element));
                return;
            }
            Dynamic::Bag(properties) => {
                self.composite = true;
                for (key, value) in properties {
                    let known = self.properties.iter().position(|(name, _)| name == key);
                    let at = known.unwrap_or_else(|| {
                        self.properties.push((key.clone(), Schema::default()));
                        self.properties.len() - 1
                    });
                    self.properties[at].1.add(value);
                }
                return;
            }
        };
        if !self.scalars.contains(&scalar) {
            self.scalars.push(scalar);
        }
    }

    /// Appends the schema; false where no value but null was seen.
    fn write(&self, json: &mut String) -> bool {
        let alternatives = self.scalars.len() + usize::from(self.composite);
        if alternatives == 0 {
            return false;
        }
        if alternatives > 1 {
            json.push('[');
        }
        for (position, scalar) in self.scalars.iter().enumerate() {
            if position > 0 {
                json.push(',');
            }
            write_string(scalar, json);
        }
        if self.composite {
            if !self.scalars.is_empty() {
                json.push(',');
            }
            json.push('{');
            let elements = self.elements.as_deref().map(|schema| ("`indexer`", schema));
            let properties = self.properties.iter().map(|(name, schema)| (name.as_str(), schema));
            for (position, (name, schema)) in elements.into_iter().chain(properties).enumerate() {
                if position > 0 {
                    json.push(',');
                }
                write_string(name, json);
                json.push(':');
                if !schema.write(json) {
                    json.push_str("null");
                }
            }
            json.push('}');
        }
        if alternatives > 1 {
            json.push(']');
        }
        true
    }
}
