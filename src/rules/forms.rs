//! The forms in which rules come, made alike.
//!
//! Every form is turned into the members of Azure-Sentinel's YAML: `id`, `name`, `query`,
//! `queryFrequency`, `entityMappings` … with their values as the file spells them.

use super::document::{Entry, Kind, Node, Scalar, Value};
use super::yaml;
use crate::text::{Source, Span, Spanned};

/// Why a file could not be read as rules.
#[derive(Clone, Debug)]
pub struct Fault {
    pub message: String,
    pub span: Span,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span }
    }
}

/// The form that a rule came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An analytics rule of the Azure-Sentinel repository.
    Yaml,
    /// A query for hunting, which is no rule.
    Hunting,
    /// A query alone.
    Query,
}

/// A rule: its members by their names in Azure-Sentinel's YAML.
#[derive(Clone, Debug)]
pub struct Rule {
    pub form: Form,
    pub document: Node,
}

impl Rule {
    /// The rule that is nothing but a query.
    pub fn of_query(source: &Source) -> Self {
        let span = Span::new(0, source.text().len() as u32);
        let query = Scalar::plain(source.text(), Kind::Text, span);
        let value = Node { span, value: Value::Scalar(query) };
        let key = Spanned::new("query".into(), Span::default());
        let document = Node { span, value: Value::Map(vec![Entry { key, value }]) };
        Self { form: Form::Query, document }
    }

    /// The member called `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.document.get(key)
    }
}

/// The rules of a file, in order.
pub(super) fn read(source: &Source) -> Result<Vec<Rule>, Fault> {
    let name = source.name().to_ascii_lowercase();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        let documents = yaml::read(source)?;
        return Ok(documents.into_iter().filter_map(yaml_rule).collect());
    }
    Ok(vec![Rule::of_query(source)])
}

/// The rule of a YAML document, if it is one.
fn yaml_rule(document: Node) -> Option<Rule> {
    document.get("query")?;
    let form = match document.get("kind").is_some() || document.get("severity").is_some() {
        true => Form::Yaml,
        false => Form::Hunting,
    };
    Some(Rule { form, document })
}
