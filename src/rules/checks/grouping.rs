//! How results become alerts, and alerts incidents.

use super::classification::texts;
use super::duration::{DAY, MINUTE, Spelling, write};
use super::{Subject, entry, one_of_these, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::document::{Entry, Node};
use crate::rules::tables::{AGGREGATION_KINDS, ENTITY_TYPES, GROUPED_DETAILS, MATCHING_METHODS};

/// How long alerts may go into an incident after the first.
const LOOKBACK: (u64, u64) = (5 * MINUTE, 7 * DAY);

pub(super) fn check(subject: &mut Subject<'_>) {
    if let Some(settings) = subject.entry("eventGroupingSettings")
        && subject.is_map("eventGroupingSettings", &settings.value)
        && let Some(kind) = subject.required(&settings.value, "aggregationKind")
    {
        let what = "kind of aggregation";
        subject.one_of(codes::AGGREGATION_KIND, what, &kind.value, AGGREGATION_KINDS);
    }
    let Some(incidents) = subject.entry("incidentConfiguration") else { return };
    if !subject.is_map("incidentConfiguration", &incidents.value) {
        return;
    }
    subject.required(&incidents.value, "createIncident");
    if let Some(grouping) = entry(&incidents.value, "groupingConfiguration")
        && subject.is_map("groupingConfiguration", &grouping.value)
    {
        self::grouping(subject, &grouping.value);
    }
}

fn grouping<'a>(subject: &mut Subject<'a>, grouping: &'a Node) {
    subject.required(grouping, "enabled");
    subject.required(grouping, "reopenClosedIncident");
    if let Some(lookback) = subject.required(grouping, "lookbackDuration") {
        self::lookback(subject, lookback);
    }
    let method = subject.required(grouping, "matchingMethod").and_then(|method| {
        let what = "matching method";
        subject.one_of(codes::MATCHING_METHOD, what, &method.value, MATCHING_METHODS)
    });
    let mut named = false;
    for (key, what) in [
        ("groupByEntities", "entity type that the rule maps"),
        ("groupByAlertDetails", "detail of alerts"),
        ("groupByCustomDetails", "custom detail of the rule"),
    ] {
        let Some(list) = entry(grouping, key) else { continue };
        named |= list.value.is_unknown() || !list.value.items().is_empty();
        let Some(known) = groups(subject, key) else { continue };
        subject.items(list);
        // With another method the lists have no effect.
        if method != Some("Selected") {
            continue;
        }
        for (text, node) in texts(&list.value) {
            if known.contains(&text) {
                continue;
            }
            let message = format!("`{text}` is no {what}");
            let told = Diagnostic::error(codes::GROUP_BY, span_of(node), message);
            subject.tell(match known.is_empty() {
                true => told,
                false => told.hint(one_of_these(known.iter().copied())),
            });
        }
    }
    if method == Some("Selected") && !named {
        let span = entry(grouping, "matchingMethod").map_or(grouping.span, |m| span_of(&m.value));
        let told = Diagnostic::error(
            codes::GROUP_BY_NOTHING,
            span,
            "`Selected` without anything selected",
        );
        let hint =
            "name something in `groupByEntities`, `groupByAlertDetails` or `groupByCustomDetails`";
        subject.tell(told.hint(hint));
    }
}

fn lookback<'a>(subject: &mut Subject<'a>, lookback: &'a Entry) {
    let spelling = subject.rule.form.spelling();
    let Some(seconds) = subject.duration(lookback, spelling == Spelling::Iso) else { return };
    let (least, most) = LOOKBACK;
    if !(least..=most).contains(&seconds) {
        let message = format!(
            "a lookback of {} is not between {} and {}",
            write(seconds, spelling),
            write(least, spelling),
            write(most, spelling)
        );
        subject.error(codes::LOOKBACK_RANGE, span_of(&lookback.value), message);
    }
}

/// What incidents may be grouped by; nothing if that is not known.
fn groups<'a>(subject: &Subject<'a>, key: &str) -> Option<Vec<&'a str>> {
    match key {
        "groupByAlertDetails" => Some(GROUPED_DETAILS.to_vec()),
        "groupByCustomDetails" => match subject.entry("customDetails") {
            Some(details) if details.value.is_unknown() => None,
            Some(details) => Some(details.value.entries().iter().map(|e| &*e.key.node).collect()),
            None => Some(vec![]),
        },
        _ => {
            let Some(mappings) = subject.entry("entityMappings") else { return Some(vec![]) };
            if mappings.value.is_unknown() {
                return None;
            }
            let types = mappings.value.items().iter().map(|mapping| {
                let ty = &mapping.member("entityType")?.text()?;
                // One that is misspelt was told of already.
                ENTITY_TYPES.iter().any(|known| known.name == *ty).then_some(*ty)
            });
            types.collect()
        }
    }
}
