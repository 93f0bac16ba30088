//! The `parse` and `parse-where` operators: `T | parse [kind=…] x with * "text" name:type …`.

use std::sync::Arc;

use super::{parameter, word_parameter};
use crate::binder::Binder;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, ParseKind, ParseMethod, ParsePattern, ParseStep, Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, Operator, ParsePart};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    source: &'a Expr,
    pattern: &'a [ParsePart],
    filter: bool,
) -> Relation {
    let kind = match word_parameter(cx, operator, &["kind"], &["simple", "regex", "relaxed"]) {
        Some("regex") => ParseKind::Regex,
        Some("relaxed") => ParseKind::Relaxed,
        _ => ParseKind::Simple,
    };
    let flags = flags(cx, operator, kind);
    if filter && kind == ParseKind::Relaxed {
        let message = "`parse-where` has no `kind=relaxed`";
        cx.error(codes::PARSE_WHERE_RELAXED, operator.keyword, message);
    }
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let text = cx.argument(&mut clause, source);
    let text = match text.expr.ty() {
        Type::String | Type::Unknown => text.expr,
        _ => cx.convert(text.expr, Type::String, text.span),
    };
    let (steps, names) = steps(cx, kind, pattern);
    let method = ParseMethod::Pattern(ParsePattern { kind, flags: flags.into(), steps });
    let before = input.schema.clone();
    let parsed = read(input, text, method, names, filter);
    if cx.context.analyses() { with_types_of(cx, &before, parsed, operator.span) } else { parsed }
}

/// The analyser lets a column that is there already keep its type.
fn with_types_of(cx: &mut Binder, before: &RowSchema, parsed: Relation, span: Span) -> Relation {
    let typed = |(index, (column, expr)): (usize, (Column, ScalarExpr))| match before
        .columns()
        .get(index)
    {
        Some(old) => (old.clone(), cx.convert(expr, old.ty, span)),
        None => (column, expr),
    };
    let columns = parsed.targets().enumerate().map(typed).collect();
    parsed.project(columns)
}

/// The rows with the columns `found` that `method` reads out of `text`: in the place of a column of
/// the same name, or at the end. `filter` keeps the rows whose text matched.
pub(super) fn read(
    input: Relation,
    text: ScalarExpr,
    method: ParseMethod,
    found: Named,
    filter: bool,
) -> Relation {
    let (width, count) = (input.schema.len(), found.len());
    let schema = input.schema.clone();
    let serialized = input.serialized;
    let mut inner: Vec<Column> = schema.columns().to_vec();
    inner.extend(
        found.iter().enumerate().map(|(i, (_, ty))| Column::new(format!("$parsed{i}"), *ty)),
    );
    inner.push(Column::new("$matched", Type::Bool));
    let node = Node::Parse { input, source: text, method };
    let mut parsed = Relation { serialized, ..Relation::new(node, RowSchema::new(inner)) };
    if filter {
        let matched = parsed.column(width + count);
        parsed = parsed.filter(matched);
    }
    let mut result: Vec<_> = parsed.targets().take(width).collect();
    for (offset, (name, ty)) in found.into_iter().enumerate() {
        let value = (Column { name, ty }, parsed.column(width + offset));
        match result.iter_mut().find(|(column, _)| column.name == value.0.name) {
            Some(existing) => *existing = value,
            None => result.push(value),
        }
    }
    parsed.project(result)
}

fn flags(cx: &mut Binder, operator: &Operator, kind: ParseKind) -> String {
    let Some(parameter) = parameter(operator, &["flags"]) else { return String::new() };
    let flags = ast::word(parameter).unwrap_or_default();
    let span = parameter.value.span();
    if kind != ParseKind::Regex {
        cx.error(codes::PARSE_FLAGS, span, "`flags` belong to `kind=regex`");
    } else if let Some(unknown) = flags.chars().find(|c| !"ismUx".contains(*c)) {
        cx.diagnostics.push(
            Diagnostic::error(codes::PARSE_FLAG, span, format!("unknown flag `{unknown}`"))
                .hint("the flags are `i`, `m`, `s`, `U` and `x`"),
        );
    }
    flags.to_string()
}

/// Columns by name and type.
pub(super) type Named = Vec<(Arc<str>, Type)>;

/// The steps of a pattern, and the columns it fills.
fn steps<'a>(
    cx: &mut Binder<'a>,
    kind: ParseKind,
    pattern: &'a [ParsePart],
) -> (Vec<ParseStep>, Named) {
    let mut steps = vec![];
    let mut names: Named = vec![];
    let mut string_before: Option<Span> = None;
    for part in pattern {
        let mut string_here = None;
        match part {
            ParsePart::Star(span) => {
                if string_before.is_some() {
                    let message = "`*` behind a string column could match anything";
                    cx.diagnostics.push(
                        Diagnostic::error(codes::PARSE_PATTERN, *span, message)
                            .hint("put a text between them, or leave out the `*`"),
                    );
                }
                steps.push(ParseStep::Any);
            }
            ParsePart::Text(expr) => {
                let arg = cx.argument(&mut Clause::constant(), expr);
                let text = match cx.constant(&arg.expr, arg.span) {
                    Some(Value::String(text)) => text,
                    _ => continue,
                };
                if text.is_empty() {
                    cx.error(codes::PARSE_PATTERN, arg.span, "a text of the pattern is empty");
                }
                let text = if kind == ParseKind::Regex { regex(cx, text, arg.span) } else { text };
                steps.push(ParseStep::Text(text));
            }
            ParsePart::Column(name, ty) => {
                let ty = ty.as_ref().map_or(Type::String, |ty| cx.type_named(ty));
                if names.iter().any(|(other, _)| *other == name.text) {
                    super::report_repeated(cx, &name.text, name.span);
                }
                if kind == ParseKind::Regex && string_before.is_some() && ty != Type::String {
                    let message = "a string column stands directly before a typed one";
                    cx.error(codes::PARSE_PATTERN, name.span, message);
                }
                if ty == Type::String {
                    string_here = Some(name.span);
                }
                names.push((name.text.clone(), ty));
                steps.push(ParseStep::Column(ty));
            }
        }
        string_before = string_here;
    }
    (steps, names)
}

/// A text of a pattern of regular expressions; a closing parenthesis of no group stands for itself.
fn regex(cx: &mut Binder, text: Arc<str>, span: Span) -> Arc<str> {
    let Err(error) = regex::Regex::new(&text) else { return text };
    let error = error.to_string();
    if !text.contains(['(', '[', '\\']) && text.contains(')') {
        let closed: Arc<str> = text.replace(')', r"\)").into();
        if regex::Regex::new(&closed).is_ok() {
            return closed;
        }
    }
    let reason = match error.contains("look-around") {
        true => "look-ahead and look-behind are not part of the language",
        false => error.lines().last().unwrap_or_default().trim_start_matches("error: "),
    };
    let message = format!("a text of the pattern is no regular expression: {reason}");
    cx.error(codes::PARSE_PATTERN, span, message);
    text
}
