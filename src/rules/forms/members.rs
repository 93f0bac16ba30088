//! The members of a rule, collected under their names in Azure-Sentinel's YAML.

use super::{Form, Rule};
use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::{Span, Spanned};

#[derive(Default)]
pub(super) struct Members {
    entries: Vec<Entry>,
}

impl Members {
    /// Adds a value; `key` is the place of what names it in the file. The first of a name stays.
    pub fn put(&mut self, name: &str, key: Span, value: Node) {
        if !self.has(name) {
            self.entries.push(Entry { key: Spanned::new(name.into(), key), value });
        }
    }

    /// Adds a text that the file implies at a place.
    pub fn imply(&mut self, name: &str, kind: Kind, text: &str, place: Span) {
        let value = Value::Scalar(Scalar::plain(text, kind, place));
        self.put(name, place, Node { span: place, value });
    }

    /// Adds the member that `from` calls `key`.
    pub fn take(&mut self, from: &Node, key: &str, name: &str) {
        if let Some(entry) = from.member_entry(key) {
            self.put(name, entry.key.span, entry.value.clone());
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| &*entry.key.node == name)
    }

    pub fn node(self, span: Span) -> Node {
        Node { span, value: Value::Map(self.entries) }
    }

    pub fn rule(self, form: Form, span: Span) -> Rule {
        Rule { form, document: self.node(span) }
    }
}
