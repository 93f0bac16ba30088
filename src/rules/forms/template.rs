//! Rules and hunting queries as the Azure-Sentinel repository keeps them.

use super::resource;
use super::{Form, Rule};
use crate::rules::document::Node;

/// Members that only rules have, not queries for hunting.
const OF_RULES: &[&str] = &[
    "kind",
    "severity",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "eventGroupingSettings",
    "incidentConfiguration",
];

/// The rule of a document, if it is one.
pub(super) fn of_document(document: &Node) -> Option<Rule> {
    let of_rules = OF_RULES.iter().filter(|key| document.get(key).is_some()).count();
    let query = document.get("query");
    if query.is_none_or(|query| query.scalar().is_none()) {
        // A rule whose query was forgotten; one member alone others have, too.
        return (of_rules >= 3).then(|| rule(Form::Yaml, document));
    }
    if document.get("displayName").is_some() && document.get("name").is_none() {
        return Some(resource::of_properties(document));
    }
    let form = if of_rules > 0 { Form::Yaml } else { Form::Hunting };
    Some(rule(form, document))
}

fn rule(form: Form, document: &Node) -> Rule {
    Rule { form, document: document.clone() }
}
