//! The `parse-kv` operator: `T | parse-kv x as (key: type, …) with (pair_delimiter=…, kv_delimiter=…)`.

use super::unknown_property;
use crate::binder::Binder;
use crate::binder::scope::Clause;
use crate::diagnostics::codes;
use crate::functions::key_values::{KeyValuePattern, KeyValues};
use crate::functions::scalar::patterns;
use crate::plan::{ParseMethod, Relation};
use crate::syntax::ast::{ColumnDeclaration, Expr, Operator, Parameter};
use crate::types::{Type, Value};

/// The properties that `with` may set.
const PROPERTIES: [&str; 6] =
    ["pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex"];

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    source: &'a Expr,
    columns: &'a [ColumnDeclaration],
    properties: &'a [Parameter],
) -> Relation {
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let text = cx.argument(&mut clause, source);
    let text = cx.convert(text.expr, Type::String, text.span);
    let mut pattern = KeyValuePattern::default();
    for column in columns {
        if pattern.keys.iter().any(|(key, _)| *key == column.name.text) {
            super::report_repeated(cx, &column.name.text, column.name.span);
            return cx.broken();
        }
        pattern.keys.push((column.name.text.clone(), cx.type_named(&column.ty)));
    }
    for property in properties {
        set(cx, &mut pattern, property);
    }
    check(cx, &pattern, operator, properties);
    let keys = pattern.keys.clone();
    super::parse::read(input, text, ParseMethod::KeyValues(pattern), keys, false)
}

/// Takes one property over into the pattern.
fn set<'a>(cx: &mut Binder<'a>, pattern: &mut KeyValuePattern, property: &'a Parameter) {
    let name = &*property.name.text;
    if !PROPERTIES.contains(&name) {
        cx.diagnostics.push(unknown_property(property, "parse-kv", &PROPERTIES));
        return;
    }
    let bound = cx.argument(&mut Clause::constant(), &property.value);
    let value = cx.constant(&bound.expr, bound.span);
    match (name, value) {
        ("greedy", Some(Value::Bool(greedy))) => pattern.greedy = greedy,
        ("greedy", Some(_)) => {
            cx.error(codes::EXPRESSION_TYPE, bound.span, "`greedy` is true or false");
        }
        ("pair_delimiter", Some(Value::String(text))) if !text.is_empty() => {
            pattern.pair_delimiter = Some(text.to_string());
        }
        ("kv_delimiter", Some(Value::String(text))) if !text.is_empty() => {
            pattern.kv_delimiter = Some(text.to_string());
        }
        ("quote", Some(Value::String(marks))) => pattern.quotes.push(marks.to_string()),
        ("regex", Some(Value::String(regex))) => pattern.regex = Some(regex.to_string()),
        ("escape", Some(Value::String(text))) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(mark), None) => pattern.escapes.push(mark),
                _ => cx.error(codes::GENERIC, bound.span, "`escape` is one character"),
            }
        }
        (_, Some(Value::String(_))) => {
            cx.error(codes::EMPTY_ARGUMENT, bound.span, format!("`{name}` is empty"));
        }
        (_, Some(_)) => {
            cx.error(codes::EXPRESSION_TYPE, bound.span, format!("`{name}` is a string"));
        }
        (_, None) => {}
    }
}

/// Reports properties that do not go together, at the place of the one that is to blame.
fn check(
    cx: &mut Binder,
    pattern: &KeyValuePattern,
    operator: &Operator,
    properties: &[Parameter],
) {
    if cx.diagnostics.has_errors() {
        return;
    }
    let regex = properties.iter().find(|property| &*property.name.text == "regex");
    if let Some(other) = properties.iter().find(|property| &*property.name.text != "regex")
        && regex.is_some()
    {
        let message = format!("`{}` does not go with `regex`", other.name.text);
        cx.error(codes::UNKNOWN_PARAMETER, other.name.span, message);
        return;
    }
    if let Err(error) = KeyValues::new(pattern) {
        let is_pattern = pattern.regex.as_deref().is_none_or(|r| patterns::compile(r).is_ok());
        let code = match (is_pattern, regex) {
            (false, _) => codes::REGEX,
            (true, Some(_)) => codes::CAPTURE_GROUPS,
            (true, None) => codes::UNKNOWN_PARAMETER,
        };
        let span = regex.map_or(operator.keyword, |property| property.value.span());
        cx.error(code, span, error.to_string());
    }
}
