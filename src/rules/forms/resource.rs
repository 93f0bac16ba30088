//! Rules as resources of Azure: in ARM templates as the portal exports them, in templates of
//! solutions, in Bicep, and as the service's interface lists them.

use super::expression::{Scope, literals};
use super::members::Members;
use super::{Form, Rule};
use crate::rules::document::{Node, Scalar, Value};
use crate::text::Span;

/// Templates nest no deeper.
const MAX_DEPTH: usize = 8;

/// Names of properties that are others in YAML.
const RENAMED: &[(&str, &str)] = &[
    ("displayName", "name"),
    ("techniques", "relevantTechniques"),
    ("templateVersion", "version"),
];

/// Properties in the spelling of YAML: the service reads them in any case.
const SPELLED: &[&str] = &[
    "description",
    "severity",
    "enabled",
    "query",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "suppressionEnabled",
    "suppressionDuration",
    "tactics",
    "subTechniques",
    "entityMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
    "incidentConfiguration",
    "sentinelEntitiesMappings",
    "alertRuleTemplateName",
];

/// Properties that the service writes and nobody else.
const WRITTEN: &[&str] =
    &["lastModifiedUtc", "createdDateUTC", "lastUpdatedDateUTC", "isPreset", "etag"];

/// Kinds of rules that have no query.
const WITHOUT_QUERY: &[&str] = &[
    "fusion",
    "mlbehavioranalytics",
    "microsoftsecurityincidentcreation",
    "threatintelligence",
    "anomaly",
];

/// Whether a document is a template: it has resources, and not as a rule has members.
pub(super) fn is_template(document: &Node) -> bool {
    let resources = document.member("resources");
    resources.is_some_and(|node| matches!(node.value, Value::List(_) | Value::Map(_)))
}

/// The rules of a template, those of the templates in it included.
pub(super) fn of_template(template: &Node, rules: &mut Vec<Rule>) {
    add_template(template, rules, 0);
}

fn add_template(template: &Node, rules: &mut Vec<Rule>, depth: usize) {
    let Some(resources) = template.member("resources") else { return };
    add_resources(resources, &Scope::of(template), rules, depth);
}

fn add_resources(resources: &Node, scope: &Scope, rules: &mut Vec<Rule>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let named = resources.entries().iter().map(|entry| &entry.value);
    for resource in resources.items().iter().chain(named) {
        add_resource(resource, scope, rules, depth);
    }
}

fn add_resource(resource: &Node, scope: &Scope, rules: &mut Vec<Rule>, depth: usize) {
    if let Some(children) = resource.member("resources") {
        add_resources(children, scope, rules, depth + 1);
    }
    let kind = kind_of(resource);
    if matches!(kind, Some(Kind::Rule | Kind::Search)) {
        let mut resolved = scope.resolve(resource);
        // The name may be an expression of which a part is known.
        if let Value::Map(entries) = &mut resolved.value {
            let written = resource.member("name").and_then(Node::scalar);
            let name = entries.iter_mut().find(|entry| &*entry.key.node == "name");
            if let (Some(entry), Some(written)) = (name, written)
                && entry.value.is_unknown()
                && let Some(literal) = literals(written).pop()
                && (literal.value.contains('/') || is_guid(&literal.value))
            {
                entry.value.value = Value::Scalar(literal);
            }
        }
        rules.extend(of_resource(&resolved));
        return;
    }
    let Some(properties) = resource.member("properties") else { return };
    let Some(inner) = properties.member("mainTemplate").or_else(|| properties.member("template"))
    else {
        return;
    };
    let options = properties.member("expressionEvaluationOptions");
    let evaluated = options.and_then(|options| options.member("scope")).and_then(Node::text);
    match evaluated.is_some_and(|scope| scope.eq_ignore_ascii_case("inner")) {
        true => add_template(inner, rules, depth + 1),
        // The outer template's expressions have one bracket, those of the inner two.
        false => add_template(&scope.resolve(inner), rules, depth + 1),
    }
}

enum Kind {
    Rule,
    /// A saved query.
    Search,
}

fn kind_of(resource: &Node) -> Option<Kind> {
    let ty = resource.member("type")?.text()?.to_ascii_lowercase();
    match ty.rsplit('/').next()? {
        "alertrules" | "alertruletemplates" => Some(Kind::Rule),
        "savedsearches" => Some(Kind::Search),
        _ => None,
    }
}

/// Whether a document is a rule or a saved query as the service writes it.
pub(super) fn is_resource(document: &Node) -> bool {
    let properties = document.member("properties");
    let has_query = properties.is_some_and(|properties| properties.member("query").is_some());
    kind_of(document).is_some() || document.member("kind").is_some() && has_query
}

/// The rule that a resource is. Rules of kinds without a query are none, and neither are functions.
pub(super) fn of_resource(resource: &Node) -> Option<Rule> {
    let properties = resource.member("properties")?;
    let mut members = Members::default();
    if let Some(entry) = resource.member_entry("name").or_else(|| resource.member_entry("id")) {
        let value = match entry.value.scalar() {
            Some(name) => last_segment(name),
            None => entry.value.clone(),
        };
        members.put("id", entry.key.span, value);
    }
    if matches!(kind_of(resource), Some(Kind::Search)) {
        if properties.member("functionAlias").is_some() {
            return None;
        }
        properties.member("query")?;
        for (key, name) in [("displayName", "name"), ("query", "query"), ("version", "version")] {
            members.take(properties, key, name);
        }
        return Some(members.rule(Form::Hunting, resource.span));
    }
    let kind = resource.member("kind");
    let kind_name = kind.and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
    if WITHOUT_QUERY.contains(&&*kind_name) {
        return None;
    }
    members.take(resource, "kind", "kind");
    add_properties(properties, &mut members);
    Some(members.rule(Form::Resource, resource.span))
}

/// The rule whose properties stand in a document by themselves.
pub(super) fn of_properties(document: &Node) -> Rule {
    let mut members = Members::default();
    members.take(document, "name", "id");
    add_properties(document, &mut members);
    members.rule(Form::Resource, document.span)
}

fn add_properties(properties: &Node, members: &mut Members) {
    for entry in properties.entries() {
        let key = &*entry.key.node;
        if WRITTEN.iter().any(|written| written.eq_ignore_ascii_case(key)) {
            continue;
        }
        let renamed = RENAMED.iter().find(|(from, _)| from.eq_ignore_ascii_case(key));
        let spelled = SPELLED.iter().find(|name| name.eq_ignore_ascii_case(key));
        let name = renamed.map(|(_, name)| *name).or(spelled.copied()).unwrap_or(key);
        members.put(name, entry.key.span, entry.value.clone());
    }
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
}

/// The end of a resource's name: `workspace/Microsoft.SecurityInsights/…`.
fn last_segment(name: &Scalar) -> Node {
    let len = name.value.len() as u32;
    let start = name.value.rfind('/').map_or(0, |slash| slash as u32 + 1);
    let segment = name.part(Span::new(start, len));
    let span = segment.place(Span::new(0, len - start));
    Node { span, value: Value::Scalar(segment) }
}
