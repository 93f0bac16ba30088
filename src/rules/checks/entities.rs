//! The entities that an alert names, and the columns that they come from.

use super::{RuleKind, Subject, entry, one_of_these, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::Form;
use crate::rules::document::{Entry, Node};
use crate::rules::tables::{ENTITY_TYPES, EntityType, LEGACY_COLUMNS, LISTS, TIMES};
use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;
use crate::types::Type;

/// The most mappings that a rule may have, of both sorts together.
const MOST_MAPPINGS: usize = 10;

/// The most identifiers that a mapping may have.
const MOST_FIELDS: usize = 3;

/// The longest name of a column.
const LONGEST_COLUMN: usize = 500;

pub(super) fn check(subject: &mut Subject<'_>) {
    let mappings = subject.entry("entityMappings");
    let of_alerts = subject.entry("sentinelEntitiesMappings");
    let is_none = |entry: &&Entry| entry.value.items().is_empty() && !entry.value.is_unknown();
    // Exports write an empty list where there are none.
    let mappings = match subject.rule.form {
        Form::Yaml => mappings,
        _ => mappings.filter(|entry| !is_none(entry)),
    };
    if let Some(mappings) = mappings {
        let items = subject.items(mappings);
        count(subject, mappings, items.len(), MOST_MAPPINGS);
        items.iter().for_each(|mapping| self::mapping(subject, mapping));
    }
    if let Some(of_alerts) = of_alerts {
        let others = mappings.map_or(0, |entry| entry.value.items().len());
        let items = subject.items(of_alerts);
        if others + items.len() > MOST_MAPPINGS {
            count(subject, of_alerts, others + items.len(), MOST_MAPPINGS);
        }
        items.iter().for_each(|mapping| entities_column(subject, mapping));
    }
    legacy(subject, mappings);
    if mappings.is_none() && of_alerts.is_none() && subject.rule.form != Form::Hunting {
        let place = subject.place();
        let told = Diagnostic::warning(codes::NO_ENTITIES, place, "the rule maps no entities");
        subject.tell(
            told.hint("without `entityMappings` its alerts name no account, host or address"),
        );
    }
}

/// Tells of too many or no items.
fn count(subject: &mut Subject<'_>, of: &Entry, count: usize, most: usize) {
    if of.value.is_unknown() || (1..=most).contains(&count) {
        return;
    }
    let key = &of.key.node;
    let message = match count {
        0 => format!("`{key}` is empty"),
        _ => format!("`{key}` has {count} items, {most} are allowed"),
    };
    let beyond = of.value.items().get(most).map_or(of.key.span, |item| item.span);
    let span = super::first_line(subject.source, beyond);
    subject.error(codes::MAPPING_COUNT, span, message);
}

fn mapping<'a>(subject: &mut Subject<'a>, mapping: &'a Node) {
    if !subject.is_map("entityMappings", mapping) {
        return;
    }
    let ty = subject.required(mapping, "entityType");
    let ty = ty.and_then(|entry| entity_type(subject, &entry.value));
    let Some(fields) = subject.required(mapping, "fieldMappings") else { return };
    let items = subject.items(fields);
    count(subject, fields, items.len(), MOST_FIELDS);
    let mut identifiers: Vec<&str> = vec![];
    // With an identifier that is not known or misspelt, nothing is said about what is missing.
    let mut all_known = !fields.value.is_unknown() && !items.is_empty();
    for field in items {
        if !subject.is_map("fieldMappings", field) {
            all_known = false;
            continue;
        }
        let column = subject.required(field, "columnName");
        let identifier = subject.required(field, "identifier");
        let known = identifier.and_then(|entry| self::identifier(subject, ty, &entry.value));
        match known {
            Some(name) if identifiers.contains(&name) => {
                let span = identifier.map_or(field.span, |entry| span_of(&entry.value));
                let message = format!("identifier `{name}` is mapped twice");
                subject.error(codes::IDENTIFIER_REPEATED, span, message);
            }
            Some(name) => identifiers.push(name),
            None => all_known = false,
        }
        if let Some(column) = column {
            self::column(subject, known, column);
        }
    }
    let Some(ty) = ty.filter(|_| all_known) else { return };
    let is_whole = |needed: &&[&str]| needed.iter().all(|name| identifiers.contains(name));
    if !ty.required.iter().any(is_whole) {
        let message =
            format!("an entity `{}` is not identified by {}", ty.name, list(&identifiers));
        let needed: Vec<String> = ty.required.iter().map(|needed| list(needed)).collect();
        let told = Diagnostic::error(codes::IDENTIFIERS_INCOMPLETE, fields.key.span, message);
        subject.tell(told.hint(format!("it needs {}", needed.join(", or "))));
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

fn entity_type<'a>(subject: &mut Subject<'a>, node: &'a Node) -> Option<&'static EntityType> {
    let names: Vec<&str> = ENTITY_TYPES.iter().map(|ty| ty.name).collect();
    let name = subject.one_of(codes::ENTITY_TYPE, "entity type", node, &names)?;
    EntityType::called(name)
}

/// The identifier that a value names, of a type that may not be known.
fn identifier<'a>(
    subject: &mut Subject<'a>,
    ty: Option<&'static EntityType>,
    node: &'a Node,
) -> Option<&'static str> {
    let ty = ty?;
    let text = subject.text_of("identifier", node)?;
    if let Some(found) = ty.identifiers.iter().find(|known| **known == text) {
        return Some(found);
    }
    // An identifier of another type is no slip of the pen.
    let elsewhere = ENTITY_TYPES.iter().filter(|other| other.identifiers.contains(&text));
    let elsewhere: Vec<&str> = elsewhere.map(|other| other.name).collect();
    if elsewhere.is_empty() {
        let what = format!("identifier of `{}`", ty.name);
        return subject.one_of(codes::IDENTIFIER, &what, node, ty.identifiers);
    }
    let message = format!("`{text}` is no identifier of `{}`", ty.name);
    let told = Diagnostic::error(codes::IDENTIFIER, span_of(node), message)
        .hint(one_of_these(ty.identifiers.iter().copied()));
    subject.tell(told);
    None
}

fn column<'a>(subject: &mut Subject<'a>, identifier: Option<&str>, column: &'a Entry) {
    let Some(text) = subject.text(column) else { return };
    if !is_column_name(subject, text, &column.value, LONGEST_COLUMN) {
        return;
    }
    let what = "an entity";
    let Some(found) = subject.column(codes::ENTITY_COLUMN, what, &column.value) else { return };
    let fits = match found.ty {
        Type::Dynamic => identifier.is_some_and(|name| LISTS.contains(&name)),
        Type::DateTime => identifier.is_some_and(|name| TIMES.contains(&name)),
        Type::TimeSpan => false,
        _ => true,
    };
    if !fits && identifier.is_some() {
        let message = format!("column `{text}` is {}, not a text", found.ty);
        let told = Diagnostic::warning(codes::ENTITY_COLUMN_TYPE, span_of(&column.value), message);
        subject.tell(told.hint(format!("map a column made by `tostring({text})`")));
    }
}

/// Whether a text may name a column; tells of others.
pub(super) fn is_column_name(
    subject: &mut Subject<'_>,
    text: &str,
    node: &Node,
    longest: usize,
) -> bool {
    let mut chars = text.chars();
    let fits = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && text.len() <= longest;
    if !fits {
        let message = match text.len() > longest {
            true => format!("the name of a column has more than {longest} characters"),
            false => format!("`{text}` is no name of a column"),
        };
        let told = Diagnostic::error(codes::COLUMN_NAME, span_of(node), message);
        subject.tell(told.hint("letters, digits and `_`, a letter or `_` first"));
    }
    fits
}

/// A mapping of entities that the query has found in other alerts.
fn entities_column<'a>(subject: &mut Subject<'a>, mapping: &'a Node) {
    if !subject.is_map("sentinelEntitiesMappings", mapping) {
        return;
    }
    let Some(column) = subject.required(mapping, "columnName") else { return };
    let what = "entities";
    let Some(found) = subject.column(codes::ENTITY_COLUMN, what, &column.value) else { return };
    if !matches!(found.ty, Type::String | Type::Dynamic | Type::Unknown) {
        let message = format!("column `{}` is {}, not a list of entities", found.name, found.ty);
        let told =
            Diagnostic::warning(codes::ENTITIES_COLUMN_TYPE, span_of(&column.value), message);
        subject.tell(
            told.hint("entities come as JSON, as in the column `Entities` of `SecurityAlert`"),
        );
    }
}

/// Columns that made entities before there were mappings.
fn legacy(subject: &mut Subject<'_>, mappings: Option<&Entry>) {
    if subject.rule.form != Form::Yaml || subject.kind != Some(RuleKind::Scheduled) {
        return;
    }
    let Some(scalar) = subject.entry("query").and_then(|query| query.value.scalar()) else {
        return;
    };
    if mappings.is_some_and(|entry| entry.value.is_unknown()) {
        return;
    }
    let fields = mappings.into_iter().flat_map(|entry| entry.value.items());
    let fields = fields.filter_map(|mapping| entry(mapping, "fieldMappings"));
    let fields = fields.flat_map(|fields| fields.value.items());
    let mapped: Vec<&str> =
        fields.filter_map(|field| entry(field, "columnName")?.value.text()).collect();
    let tokens = lex(&scalar.value);
    for (column, ty) in LEGACY_COLUMNS {
        let mut uses = tokens.iter().filter(|token| {
            token.kind == TokenKind::Name && &scalar.value[token.span.range()] == *column
        });
        if let Some(token) = uses.next().filter(|_| !mapped.contains(column)) {
            let span = scalar.place(token.span);
            let message = format!("`{column}` makes no entity by its name any more");
            let told = Diagnostic::error(codes::LEGACY_ENTITY, span, message);
            subject.tell(told.hint(format!("map it in `entityMappings` to an entity `{ty}`")));
        }
    }
}
