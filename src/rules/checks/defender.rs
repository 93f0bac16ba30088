//! What custom detections of Defender XDR have to have besides a query.

use super::details::placeholders_of;
use super::{Subject, entry, one_of_these, span_of};
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::plan::{JoinKind, Node as Step, Relation, ScalarExpr};
use crate::rules::document::{Entry, Node, Scalar};
use crate::rules::tables::{ASSETS, DETECTION_PERIODS};
use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;
use crate::types::Type;

/// The most columns that title and description may show together.
const MOST_PLACEHOLDERS: usize = 3;

/// The most details of one's own.
const MOST_DETAILS: usize = 20;

/// The columns of which one has to hold the time of the event.
const TIMES: &[&str] = &["Timestamp", "TimeGenerated"];

/// Words that a query of a continuous detection does not have.
const NOT_CONTINUOUS: &[&str] = &["let", "join", "union", "lookup", "externaldata"];

pub(super) fn check(subject: &mut Subject<'_>) {
    let continuous = period(subject);
    columns(subject);
    if continuous && let Some(scalar) = subject.entry("query").and_then(|it| it.value.scalar()) {
        continuous_query(subject, scalar);
    }
    assets(subject);
    texts(subject);
    if let Some(details) = subject.entry("customDetails") {
        if let Some(beyond) = details.value.entries().get(MOST_DETAILS) {
            let message = format!("there are more than {MOST_DETAILS} custom details");
            subject.error(codes::DETAIL_COUNT, beyond.key.span, message);
        }
        for detail in details.value.entries() {
            subject.column(codes::DETAIL_COLUMN, "a custom detail", &detail.value);
        }
    }
}

/// Whether the detection looks at events as they come in.
fn period(subject: &mut Subject<'_>) -> bool {
    let Some(period) = subject.entry("queryFrequency") else { return false };
    let Some(text) = subject.text(period) else { return false };
    let known = DETECTION_PERIODS.iter().find(|known| known.eq_ignore_ascii_case(text));
    if known.is_none() {
        let message = format!("a detection cannot run every `{text}`");
        let told = Diagnostic::error(codes::DETECTION_PERIOD, span_of(&period.value), message);
        subject.tell(told.hint(one_of_these(DETECTION_PERIODS.iter().copied())));
    }
    text == "0"
}

/// The columns that tell which event an alert is about.
fn columns(subject: &mut Subject<'_>) {
    let (Some(columns), Some(query)) = (subject.columns, subject.entry("query")) else { return };
    let time = TIMES.iter().find_map(|name| columns.index_of(name));
    let Some(time) = time else {
        let message = "the query gives neither `Timestamp` nor `TimeGenerated`";
        let told = Diagnostic::error(codes::DETECTION_COLUMNS, query.key.span, message);
        subject.tell(told.hint("an alert has the time of its event: keep the column"));
        return;
    };
    let column = &columns.columns()[time];
    if &*column.name == "Timestamp" && columns.index_of("ReportId").is_none() {
        let message = "the query gives no `ReportId`";
        let told = Diagnostic::warning(codes::DETECTION_COLUMNS, query.key.span, message);
        subject.tell(told.hint("with `Timestamp` it leads from an alert back to its event"));
    }
    let last = subject.analysis.and_then(|analysis| analysis.bound.as_ref()?.statements.last());
    if let Some(last) = last
        && (column.ty != Type::DateTime || is_computed(&last.relation, time, &column.name))
    {
        let message = format!("`{}` is not the time of the event as its table has it", column.name);
        let told = Diagnostic::warning(codes::DETECTION_TIME, query.key.span, message);
        subject.tell(told.hint("alerts are kept apart by it: take it from the table as it is"));
    }
}

/// Whether a column is surely not a column of that name of a table.
fn is_computed(relation: &Relation, index: usize, name: &str) -> bool {
    let is_named = || relation.schema.columns().get(index).is_some_and(|c| &*c.name == name);
    match &*relation.node {
        Step::Scan { .. } => !is_named(),
        Step::Filter { input, .. } | Step::Sort { input, .. } | Step::Limit { input, .. } => {
            is_computed(input, index, name)
        }
        Step::Expand { input, .. } | Step::Parse { input, .. } | Step::Window { input, .. } => {
            match index < input.schema.len() {
                true => is_computed(input, index, name),
                false => true,
            }
        }
        Step::Project { input, exprs } => match exprs.get(index) {
            Some(ScalarExpr::Column { index, .. }) => is_computed(input, *index, name),
            Some(ScalarExpr::Literal(_)) => true,
            Some(ScalarExpr::Call(call)) => call.function.name != "column_ifexists",
            _ => false,
        },
        Step::Aggregate { input, keys, .. } => match keys.get(index) {
            Some(ScalarExpr::Column { index, .. }) => is_computed(input, *index, name),
            Some(_) => true,
            None => false,
        },
        Step::Join { left, right, kind, .. } => match kind {
            JoinKind::RightSemi | JoinKind::RightAnti => is_computed(right, index, name),
            _ if index < left.schema.len() => is_computed(left, index, name),
            _ => false,
        },
        Step::Union { inputs } => inputs.iter().any(|input| is_computed(input, index, name)),
        _ => false,
    }
}

/// What a query that is asked of every event by itself does not have.
fn continuous_query(subject: &mut Subject<'_>, scalar: &Scalar) {
    let text = &scalar.value;
    for token in lex(text).iter().filter(|token| token.kind == TokenKind::Name) {
        let word = &text[token.span.range()];
        if NOT_CONTINUOUS.contains(&word) {
            let message = format!("a continuous detection has no `{word}`");
            let told =
                Diagnostic::error(codes::CONTINUOUS_QUERY, scalar.place(token.span), message);
            subject.tell(told.hint("it reads one table; a detection with a period may do more"));
        }
    }
}

fn assets(subject: &mut Subject<'_>) {
    let Some(assets) = subject.entry("impactedAssets") else {
        if subject.entry("entityMappings").is_none() {
            let place = subject.place();
            subject.error(codes::IMPACTED_ASSETS, place, "the detection names no impacted asset");
        }
        return;
    };
    let items = subject.items(assets);
    if items.is_empty() && !assets.value.is_unknown() {
        subject.error(codes::IMPACTED_ASSETS, assets.key.span, "no impacted asset is named");
    }
    for asset in items {
        let identifier = entry(asset, "identifier").or_else(|| entry(asset, "entityIdentifier"));
        if let Some(identifier) = identifier {
            self::identifier(subject, asset, identifier);
        } else if subject.is_map("impactedAssets", asset) {
            subject.required(asset, "identifier");
        }
    }
}

fn identifier<'a>(subject: &mut Subject<'a>, asset: &'a Node, identifier: &'a Entry) {
    let Some(text) = subject.text(identifier) else { return };
    let span = span_of(&identifier.value);
    let ty = asset.member("@odata.type").or_else(|| asset.member("entityType"));
    let ty = ty.and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
    let known = ASSETS.iter().filter(|(words, _)| words.iter().any(|word| ty.contains(word)));
    let known: Vec<&str> = match known.clone().next() {
        Some(_) => known.flat_map(|(_, identifiers)| *identifiers).copied().collect(),
        None => ASSETS.iter().flat_map(|(_, identifiers)| *identifiers).copied().collect(),
    };
    let Some(found) = known.iter().find(|known| known.eq_ignore_ascii_case(text)) else {
        let message = format!("`{text}` identifies no asset of this type");
        let told = Diagnostic::error(codes::IMPACTED_ASSETS, span, message);
        let suggested = told.clone().suggest("identifier", text, known.iter().copied());
        subject.tell(match suggested.hints.is_empty() {
            true => told.hint(one_of_these(known.iter().copied())),
            false => suggested,
        });
        return;
    };
    let mut column = found.to_string();
    column[..1].make_ascii_uppercase();
    subject.column_at(codes::IMPACTED_COLUMN, "an impacted asset", &column, span);
}

/// The columns that title and description show.
fn texts(subject: &mut Subject<'_>) {
    let Some(overrides) = subject.entry("alertDetailsOverride") else { return };
    let mut named: Vec<&str> = vec![];
    for key in ["alertDisplayNameFormat", "alertDescriptionFormat"] {
        let format = entry(&overrides.value, key).and_then(|format| format.value.scalar());
        let Some(scalar) = format else { continue };
        for (name, span) in placeholders_of(&scalar.value) {
            let span = scalar.place(span);
            let code: Code = codes::PLACEHOLDER_COLUMN;
            subject.column_at(code, "a placeholder", name, span);
            if named.contains(&name) {
                continue;
            }
            named.push(name);
            if named.len() == MOST_PLACEHOLDERS + 1 {
                let message = format!(
                    "title and description show more than {MOST_PLACEHOLDERS} columns together"
                );
                subject.error(codes::DETECTION_PLACEHOLDERS, span, message);
            }
        }
    }
}
