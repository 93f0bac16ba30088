//! The forms in which rules come, made alike.
//!
//! Every form is turned into the members of Azure-Sentinel's YAML: `id`, `name`, `query`,
//! `queryFrequency`, `entityMappings` … with their values as the file spells them. [`yaml`],
//! [`json`], [`terraform`] and [`bicep`] read languages; [`template`], [`resource`], [`detection`] and
//! [`query`] say what a document is.

mod bicep;
mod detection;
mod expression;
mod json;
mod members;
mod query;
mod resource;
mod template;
mod terraform;
#[cfg(test)]
mod tests;
mod yaml;

use super::document::{Node, Value};
use crate::text::{Source, Span};

/// Why a file could not be read as rules.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// An analytics rule of the Azure-Sentinel repository: YAML, or JSON of the same members.
    Yaml,
    /// A resource of Azure: an ARM template, built Bicep, or an export by the service's interface.
    /// Durations are of ISO 8601, operators have their long names, `displayName` became `name`,
    /// `techniques` became `relevantTechniques`.
    Resource,
    /// A resource of Terraform. What the provider implies where it is not written is there.
    Terraform,
    /// A custom detection of Defender XDR. Its alert's title is in `alertDetailsOverride`, its
    /// category is `tactics`, its period `queryFrequency`.
    Detection,
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
        query::of_source(source)
    }

    /// The member called `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.document.get(key)
    }
}

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Yaml,
    Json,
    Terraform,
    Bicep,
    Kql,
}

/// The rules of a file, in order; none where it holds something else.
pub(super) fn read(source: &Source) -> Result<Vec<Rule>, Fault> {
    let documents = match language(source) {
        Language::Yaml => yaml::read(source)?,
        Language::Json => vec![json::read(source)?],
        Language::Terraform => return terraform::read(source),
        Language::Bicep => return bicep::read(source),
        Language::Kql => return Ok(vec![query::of_source(source)]),
    };
    let mut rules = vec![];
    documents.iter().for_each(|document| collect(document, &mut rules));
    Ok(rules)
}

/// Why a file that was read has no rule.
pub(super) fn nothing(source: &Source) -> Fault {
    let has = |key: &str| source.text().contains(key);
    let message = match has("ParserQuery") || has("FunctionQuery") || has("functionAlias") {
        true => "the file holds a function, not a rule: `--functions` reads it",
        false => "the file holds no rule",
    };
    Fault::new(message, Span::default())
}

/// Whether a text that could not be read may have been meant to hold a rule.
pub(super) fn is_likely(source: &Source) -> bool {
    match language(source) {
        Language::Terraform => source.text().contains("azurerm_sentinel_alert_rule"),
        Language::Bicep => source.text().contains("/alertRules@"),
        _ => source.text().to_ascii_lowercase().contains("query"),
    }
}

/// The language by the file's name, or else by its text.
fn language(source: &Source) -> Language {
    let name = source.name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" => Language::Yaml,
        "json" => Language::Json,
        "tf" => Language::Terraform,
        "bicep" => Language::Bicep,
        "kql" | "kusto" | "csl" => Language::Kql,
        _ => language_of_text(source.text()),
    }
}

/// The language that the first line of a text is of, comments aside.
fn language_of_text(text: &str) -> Language {
    let lines = text.lines().map(str::trim_end);
    let mut lines = lines.filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("//")
    });
    let first = lines.next().unwrap_or_default();
    if first.trim_start().starts_with(['{', '[']) {
        return Language::Json;
    }
    let word_len = first.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    let (word, rest) = first.split_at(word_len.unwrap_or(first.len()));
    let is_block = ["resource", "locals", "terraform", "variable", "provider", "module", "data"];
    if is_block.contains(&word) && first.ends_with('{') {
        return Language::Terraform;
    }
    let is_key = !word.is_empty() && (rest == ":" || rest.starts_with(": "));
    match first == "---" || is_key || first.starts_with("- ") {
        true => Language::Yaml,
        false => Language::Kql,
    }
}

/// Adds the rules that a document of YAML or JSON holds.
fn collect(document: &Node, rules: &mut Vec<Rule>) {
    if let Value::List(items) = &document.value {
        items.iter().for_each(|item| collect(item, rules));
    } else if resource::is_resource(document) {
        rules.extend(resource::of_resource(document));
    } else if let Some(rule) = detection::of_document(document) {
        rules.push(rule);
    } else if let Some(rule) = template::of_document(document) {
        rules.push(rule);
    } else if resource::is_template(document) {
        resource::of_template(document, rules);
    } else if let Some(list) = document.member("value").filter(|_| document.entries().len() <= 3) {
        // What the service's interface answers: a page of a list.
        list.items().iter().for_each(|item| collect(item, rules));
    }
}
