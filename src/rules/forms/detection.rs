//! Custom detections of Defender XDR: as Microsoft Graph has them, and the flat YAML of tools that
//! deploy them.

use super::members::Members;
use super::{Form, Rule};
use crate::rules::document::Node;

/// The members of the flat form, and the names they get.
const FLAT: &[(&str, &str)] = &[
    ("guid", "id"),
    ("id", "id"),
    ("ruleName", "name"),
    ("displayName", "name"),
    ("isEnabled", "enabled"),
    ("alertDescription", "description"),
    ("alertSeverity", "severity"),
    ("queryText", "query"),
    ("frequency", "queryFrequency"),
    ("lookbackPeriod", "queryPeriod"),
    ("alertCategory", "tactics"),
    ("mitreTechniques", "relevantTechniques"),
    ("impactedEntities", "impactedAssets"),
    ("impactedAssets", "impactedAssets"),
    ("customDetails", "customDetails"),
];

/// The members of an alert's template that keep their meaning under another name.
const ALERT: &[(&str, &str)] = &[
    ("description", "description"),
    ("severity", "severity"),
    ("category", "tactics"),
    ("mitreTechniques", "relevantTechniques"),
    ("impactedAssets", "impactedAssets"),
    ("entityMappings", "entityMappings"),
    ("customDetails", "customDetails"),
];

/// The rule that a document describes, if it is a custom detection.
pub(super) fn of_document(document: &Node) -> Option<Rule> {
    let mut members = Members::default();
    let condition = document.member("queryCondition");
    if condition.is_none() && document.member("queryText").is_none() {
        return None;
    }
    FLAT.iter().for_each(|(key, name)| members.take(document, key, name));
    if let Some(condition) = condition {
        members.take(condition, "queryText", "query");
    }
    if let Some(schedule) = document.member("schedule") {
        members.take(schedule, "period", "queryFrequency");
    }
    let alert = document.member("detectionAction").and_then(|it| it.member("alertTemplate"));
    if let Some(alert) = alert {
        ALERT.iter().for_each(|(key, name)| members.take(alert, key, name));
    }
    let mut details = Members::default();
    let texts = match alert {
        Some(alert) => [(alert, "title"), (alert, "description")],
        None => [(document, "alertTitle"), (document, "alertDescription")],
    };
    for ((from, key), name) in
        texts.into_iter().zip(["alertDisplayNameFormat", "alertDescriptionFormat"])
    {
        details.take(from, key, name);
    }
    if let Some(entry) = texts.iter().find_map(|(from, key)| from.member_entry(key)) {
        members.put("alertDetailsOverride", entry.key.span, details.node(entry.value.span));
    }
    Some(members.rule(Form::Detection, document.span))
}
