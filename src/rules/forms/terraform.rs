//! Rules as resources of Terraform's provider `azurerm`.

use std::cell::Cell;
use std::collections::HashMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Element, Template};

use super::members::Members;
use super::{Fault, Form, Rule, resource};
use crate::rules::document::{Entry, Kind, Node, Scalar, Value};
use crate::text::{Source, Span, Spanned};

/// Values named by other values nest no deeper.
const MAX_DEPTH: u32 = 30;
/// Values that a file may repeat by their names.
const MAX_STEPS: u32 = 100_000;

/// Names of arguments: within a block, in Terraform, in YAML. All others are the same words.
const RENAMED: &[(&str, &str, &str)] = &[
    ("", "name", "id"),
    ("", "display_name", "name"),
    ("", "techniques", "relevantTechniques"),
    ("", "alert_rule_template_guid", "alertRuleTemplateName"),
    ("", "alert_rule_template_version", "version"),
    ("", "entity_mapping", "entityMappings"),
    ("", "sentinel_entity_mapping", "sentinelEntitiesMappings"),
    ("", "event_grouping", "eventGroupingSettings"),
    ("", "incident", "incidentConfiguration"),
    ("entity_mapping", "field_mapping", "fieldMappings"),
    ("event_grouping", "aggregation_method", "aggregationKind"),
    ("alert_details_override", "display_name_format", "alertDisplayNameFormat"),
    ("alert_details_override", "description_format", "alertDescriptionFormat"),
    ("alert_details_override", "severity_column_name", "alertSeverityColumnName"),
    ("alert_details_override", "tactics_column_name", "alertTacticsColumnName"),
    ("alert_details_override", "dynamic_property", "alertDynamicProperties"),
    ("dynamic_property", "name", "alertProperty"),
    ("incident", "create_incident_enabled", "createIncident"),
    ("incident", "grouping", "groupingConfiguration"),
    ("incident_configuration", "grouping", "groupingConfiguration"),
    ("grouping", "reopen_closed_incidents", "reopenClosedIncident"),
    ("grouping", "entity_matching_method", "matchingMethod"),
    ("grouping", "by_entities", "groupByEntities"),
    ("grouping", "by_alert_details", "groupByAlertDetails"),
    ("grouping", "by_custom_details", "groupByCustomDetails"),
];

/// Arguments that are about Terraform, not about the rule.
const OF_TERRAFORM: &[&str] = &[
    "log_analytics_workspace_id",
    "count",
    "for_each",
    "provider",
    "depends_on",
    "lifecycle",
    "timeouts",
];

/// Blocks of which there may be several.
const REPEATED: &[&str] =
    &["entity_mapping", "field_mapping", "sentinel_entity_mapping", "dynamic_property"];

/// What the provider sets where nothing is written.
const IMPLIED: &[(&str, Kind, &str)] = &[
    ("queryFrequency", Kind::Text, "PT5H"),
    ("queryPeriod", Kind::Text, "PT5H"),
    ("triggerOperator", Kind::Text, "GreaterThan"),
    ("triggerThreshold", Kind::Number, "0"),
];
const IMPLIED_ALWAYS: &[(&str, Kind, &str)] = &[
    ("enabled", Kind::Bool, "true"),
    ("suppressionEnabled", Kind::Bool, "false"),
    ("suppressionDuration", Kind::Text, "PT5H"),
];
const IMPLIED_OF_GROUPING: &[(&str, Kind, &str)] = &[
    ("enabled", Kind::Bool, "true"),
    ("reopenClosedIncident", Kind::Bool, "false"),
    ("lookbackDuration", Kind::Text, "PT5M"),
    ("matchingMethod", Kind::Text, "AnyAlert"),
];

/// The rules of a file.
pub(super) fn read(source: &Source) -> Result<Vec<Rule>, Fault> {
    let body = parse_body(source.text()).map_err(|error| {
        let at = error.location().offset() as u32;
        let message = error.message().lines().next().unwrap_or_default();
        Fault::new(format!("not Terraform: {message}"), Span::new(at, at))
    })?;
    let reader = Reader::new(source, &body);
    Ok(body.blocks().filter_map(|block| reader.rule(block)).collect())
}

struct Reader<'a> {
    source: &'a Source,
    /// What `local.x` and `var.x` are, by `local.x` and `var.x`.
    named: HashMap<String, &'a Expression>,
    depth: Cell<u32>,
    steps: Cell<u32>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, body: &'a Body) -> Self {
        let mut named = HashMap::new();
        for block in body.blocks() {
            match (block.ident.as_str(), &block.labels[..]) {
                ("locals", []) => {
                    for attribute in block.body.attributes() {
                        named.insert(format!("local.{}", attribute.key.as_str()), &attribute.value);
                    }
                }
                ("variable", [name]) => {
                    if let Some(default) = block.body.get_attribute("default") {
                        named.insert(format!("var.{}", name.as_str()), &default.value);
                    }
                }
                _ => {}
            }
        }
        Self { source, named, depth: Cell::new(0), steps: Cell::new(0) }
    }

    fn rule(&self, block: &Block) -> Option<Rule> {
        let [ty, _] = &block.labels[..] else { return None };
        if block.ident.as_str() != "resource" {
            return None;
        }
        let kind = match ty.as_str() {
            "azurerm_sentinel_alert_rule_scheduled" => "Scheduled",
            "azurerm_sentinel_alert_rule_nrt" => "NRT",
            "azapi_resource" => return self.azure_resource(block),
            _ => return None,
        };
        let place = span(ty.span());
        let mut members = self.members("", &block.body, span(block.span()));
        members.imply("kind", Kind::Text, kind, place);
        let scheduled = if kind == "Scheduled" { IMPLIED } else { &[] };
        for (name, kind, text) in scheduled.iter().chain(IMPLIED_ALWAYS) {
            members.imply(name, *kind, text, place);
        }
        Some(members.rule(Form::Terraform, span(block.span())))
    }

    /// The rule of the provider `azapi`, which takes a resource as Azure has it.
    fn azure_resource(&self, block: &Block) -> Option<Rule> {
        let ty = self.node(&block.body.get_attribute("type")?.value);
        let (name, _) = ty.text()?.split_once('@')?;
        if !name.to_ascii_lowercase().ends_with("/alertrules") {
            return None;
        }
        let body = self.node(&block.body.get_attribute("body")?.value);
        let mut entries = body.entries().to_vec();
        if let Some(name) = block.body.get_attribute("name") {
            let key = Spanned::new("name".into(), span(name.key.span()));
            entries.push(Entry { key, value: self.node(&name.value) });
        }
        resource::of_resource(&Node { span: span(block.span()), value: Value::Map(entries) })
    }

    /// The arguments and blocks of a body, the block `within`.
    fn members(&self, within: &str, body: &Body, place: Span) -> Members {
        let mut members = Members::default();
        let mut repeated: Vec<(&str, Span, Vec<Node>)> = vec![];
        for structure in body {
            let (name, key, value) = match structure {
                Structure::Attribute(attribute) => {
                    let key = span(attribute.key.span());
                    (attribute.key.as_str(), key, self.node(&attribute.value))
                }
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    let Some(label) = block.labels.first() else { continue };
                    let place = span(block.span());
                    let unknown = Node { span: place, value: Value::Unknown };
                    members.put(&renamed(within, label.as_str()), span(label.span()), unknown);
                    continue;
                }
                Structure::Block(block) => {
                    let name = block.ident.as_str();
                    let key = span(block.ident.span());
                    let place = span(block.span());
                    let node = self.members(name, &block.body, key).node(place);
                    if REPEATED.contains(&name) {
                        match repeated.iter_mut().find(|(other, ..)| *other == name) {
                            Some((_, _, nodes)) => nodes.push(node),
                            None => repeated.push((name, key, vec![node])),
                        }
                        continue;
                    }
                    (name, key, node)
                }
            };
            let is_of_terraform = within.is_empty() && OF_TERRAFORM.contains(&name);
            if !is_of_terraform && !value.is_null() {
                members.put(&renamed(within, name), key, value);
            }
        }
        for (name, key, nodes) in repeated {
            let span = nodes.iter().map(|node| node.span).reduce(Span::to).unwrap_or(key);
            members.put(&renamed(within, name), key, Node { span, value: Value::List(nodes) });
        }
        if within == "grouping" {
            for (name, kind, text) in IMPLIED_OF_GROUPING {
                members.imply(name, *kind, text, place);
            }
        }
        members
    }

    fn node(&self, expression: &Expression) -> Node {
        let place = span(expression.span());
        let plain = |kind| Value::Scalar(Scalar::plain(self.source.slice(place), kind, place));
        let value = match expression {
            Expression::Null(_) => plain(Kind::Null),
            Expression::Bool(_) => plain(Kind::Bool),
            Expression::Number(_) => plain(Kind::Number),
            Expression::String(text) => {
                let inside = Span::new(place.start + 1, place.end.saturating_sub(1));
                let raw = self.source.slice(inside);
                Value::Scalar(Scalar::escaped(text.as_str(), Kind::Text, raw, inside.start))
            }
            Expression::StringTemplate(template) => self.template(template, true),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, false),
            Expression::Array(items) => {
                Value::List(items.iter().map(|item| self.node(item)).collect())
            }
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let (name, key) = match key {
                        ObjectKey::Ident(name) => (name.as_str().to_string(), span(name.span())),
                        ObjectKey::Expression(key) => {
                            let node = self.node(key);
                            (node.text()?.to_string(), node.span)
                        }
                    };
                    let key = Spanned::new(name.into(), key);
                    Some(Entry { key, value: self.node(value.expr()) })
                };
                // A member whose name is not known could be any.
                match object.iter().map(entry).collect() {
                    Some(entries) => Value::Map(entries),
                    None => Value::Unknown,
                }
            }
            Expression::Parenthesis(inner) => return self.node(inner.inner()),
            Expression::FuncCall(call) if call.name.namespace.is_empty() => {
                return self
                    .call(call.name.name.as_str(), &call.args)
                    .unwrap_or(Node { span: place, value: Value::Unknown });
            }
            Expression::Traversal(traversal) => return self.traversal(expression, traversal),
            _ => Value::Unknown,
        };
        Node { span: place, value }
    }

    /// A text, if nothing is put into it.
    fn template(&self, template: &Template, escapes: bool) -> Value {
        let literal = |element: &Element| match element {
            Element::Literal(text) => {
                let place = span(text.span());
                let raw = self.source.slice(place);
                Some(match escapes {
                    true => Scalar::escaped(text.as_str(), Kind::Text, raw, place.start),
                    false => Scalar::spelled(text.as_str(), Kind::Text, raw, place.start),
                })
            }
            _ => None,
        };
        match template.iter().map(literal).collect::<Option<Vec<_>>>() {
            Some(parts) => Value::Scalar(Scalar::joined(&parts)),
            None => Value::Unknown,
        }
    }

    /// Functions that leave a text or a list what it is.
    fn call(&self, function: &str, arguments: &hcl_edit::expr::FuncArgs) -> Option<Node> {
        let [argument] = &arguments.iter().collect::<Vec<_>>()[..] else { return None };
        let node = self.node(argument);
        match function {
            "trimspace" | "chomp" => {
                let scalar = node.scalar()?;
                let text = &scalar.value;
                let (start, kept) = match function {
                    "chomp" => (0, text.trim_end_matches(['\n', '\r'])),
                    _ => (text.len() - text.trim_start().len(), text.trim()),
                };
                let part = Span::new(start as u32, (start + kept.len()) as u32);
                Some(Node { span: node.span, value: Value::Scalar(scalar.part(part)) })
            }
            "tostring" | "tolist" | "toset" | "tomap" | "jsonencode" => Some(node),
            _ => None,
        }
    }

    /// `local.x`, or a variable that has a default.
    fn traversal(&self, whole: &Expression, traversal: &hcl_edit::expr::Traversal) -> Node {
        let unknown = Node { span: span(whole.span()), value: Value::Unknown };
        let Expression::Variable(root) = &traversal.expr else { return unknown };
        let mut names = traversal.operators.iter().map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        });
        let Some(Some(first)) = names.next() else { return unknown };
        let Some(named) = self.named.get(&format!("{}.{first}", root.as_str())) else {
            return unknown;
        };
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() > MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return unknown;
        }
        self.depth.set(self.depth.get() + 1);
        let mut node = self.node(named);
        self.depth.set(self.depth.get() - 1);
        for name in names {
            match name.and_then(|name| node.get(name).cloned()) {
                Some(member) => node = member,
                None => return unknown,
            }
        }
        node
    }
}

fn span(range: Option<std::ops::Range<usize>>) -> Span {
    range.map_or(Span::default(), |range| Span::new(range.start as u32, range.end as u32))
}

/// The name of an argument in YAML.
fn renamed(within: &str, name: &str) -> String {
    let known = RENAMED.iter().find(|(block, from, _)| *block == within && *from == name);
    if let Some((_, _, name)) = known {
        return (*name).to_string();
    }
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_string();
    words.fold(first, |name, word| {
        let mut chars = word.chars();
        let initial = chars.next().map(|c| c.to_ascii_uppercase());
        name + &initial.into_iter().chain(chars).collect::<String>()
    })
}
