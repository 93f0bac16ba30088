//! Operators that choose columns by name or pattern: `project-away`, `project-keep`,
//! `project-rename`, `project-reorder`, `project-by-names`; and `assert-schema`, which checks them.

use std::cmp::Ordering;

use super::report_repeated;
use crate::binder::Binder;
use crate::binder::calls::unknown;
use crate::binder::patterns::{granny, matches};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::Relation;
use crate::syntax::ast::{ColumnDeclaration, Expr, Operator, Reorder};
use crate::types::dynamic::Dynamic;
use crate::types::{Column, RowSchema, Type};

/// The positions of the columns that a name or pattern means; none is an error.
fn matching(cx: &mut Binder, input: &Relation, pattern: &Expr) -> Vec<usize> {
    let schema = &input.schema;
    let found: Vec<usize> = match pattern {
        Expr::Star(_) => (0..schema.len()).collect(),
        Expr::Wildcard(name) => {
            let names = schema.names().enumerate();
            names.filter(|(_, column)| matches(&name.text, column)).map(|(i, _)| i).collect()
        }
        Expr::Name(name) => schema.index_of(&name.text).into_iter().collect(),
        other => {
            cx.error(codes::COLUMN_EXPECTED, other.span(), "a column name is expected");
            return vec![];
        }
    };
    if found.is_empty() && input.is_open() {
        if let Expr::Name(name) = pattern {
            cx.open_column(&name.text, name.span);
        }
        return found;
    }
    if found.is_empty() && !cx.quiet {
        let text = cx.source.slice(pattern.span()).to_string();
        let message = match pattern {
            Expr::Name(_) => format!("unknown column `{text}`"),
            _ => format!("no column fits `{text}`"),
        };
        let names: Vec<String> = schema.names().map(str::to_string).collect();
        cx.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_NAME, pattern.span(), message).suggest(
                "column",
                &text,
                names.iter().map(String::as_str),
            ),
        );
    }
    found
}

/// `project-away patterns`
pub(super) fn away<'a>(cx: &mut Binder<'a>, input: Relation, patterns: &'a [Expr]) -> Relation {
    let gone: Vec<usize> = patterns.iter().flat_map(|p| matching(cx, &input, p)).collect();
    let kept: Vec<usize> = (0..input.schema.len()).filter(|i| !gone.contains(i)).collect();
    input.select(&kept)
}

/// `project-keep patterns`: in the order of the input.
pub(super) fn keep<'a>(cx: &mut Binder<'a>, input: Relation, patterns: &'a [Expr]) -> Relation {
    let mut kept: Vec<usize> = patterns.iter().flat_map(|p| matching(cx, &input, p)).collect();
    kept.sort_unstable();
    kept.dedup();
    input.select(&kept)
}

/// `project-rename new = old, …`
pub(super) fn rename<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let mut columns: Vec<_> = input.targets().collect();
    for item in list {
        let Expr::Named(named) = item else {
            cx.error(codes::SYNTAX, item.span(), "`new = old` is expected");
            continue;
        };
        let new = &named.names[0];
        let [old] = matching(cx, &input, &named.value)[..] else {
            if input.is_open() && !columns.iter().any(|(column, _)| column.name == new.text) {
                let column = Column { name: new.text.clone(), ty: Type::Unknown };
                columns.push((column, unknown()));
            }
            continue;
        };
        if columns.iter().any(|(column, _)| column.name == new.text) {
            if input.schema.columns()[old].name != new.text {
                report_repeated(cx, &new.text, new.span);
            }
            continue;
        }
        columns[old].0 = Column { name: new.text.clone(), ty: columns[old].0.ty };
    }
    input.project(columns)
}

/// `project-reorder patterns`: named first, the rest after in input order.
pub(super) fn reorder<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    list: &'a [(Expr, Option<Reorder>)],
) -> Relation {
    // A column spelled out is not taken by a pattern before it.
    let spelled: Vec<usize> = list
        .iter()
        .filter_map(|(pattern, _)| match pattern {
            Expr::Name(name) => input.schema.index_of(&name.text),
            _ => None,
        })
        .collect();
    let mut order: Vec<usize> = vec![];
    for (pattern, direction) in list {
        let is_name = matches!(pattern, Expr::Name(_));
        let mut found = matching(cx, &input, pattern);
        found.retain(|i| !order.contains(i) && (is_name || !spelled.contains(i)));
        let name = |index: &usize| &*input.schema.columns()[*index].name;
        let compare: Option<fn(&str, &str) -> Ordering> = match direction {
            None => None,
            Some(Reorder::Asc) => Some(|a, b| a.cmp(b)),
            Some(Reorder::Desc) => Some(|a, b| b.cmp(a)),
            Some(Reorder::GrannyAsc) => Some(granny),
            Some(Reorder::GrannyDesc) => Some(|a, b| granny(b, a)),
        };
        if let Some(compare) = compare {
            found.sort_by(|a, b| compare(name(a), name(b)));
        }
        order.extend(found);
    }
    order.extend((0..input.schema.len()).filter(|i| !order.contains(i)).collect::<Vec<_>>());
    input.select(&order)
}

/// `project-by-names names`: texts and arrays of texts, which may hold `*`. Those that fit no column
/// do not matter, and a column comes once.
pub(super) fn by_names<'a>(cx: &mut Binder<'a>, input: Relation, list: &'a [Expr]) -> Relation {
    let mut order: Vec<usize> = vec![];
    for item in list {
        let arg = cx.argument(&mut Clause::constant(), item);
        let Some(value) = cx.constant(&arg.expr, arg.span) else { continue };
        let patterns: Vec<String> = match (value.ty(), value.to_dynamic()) {
            (Type::String, text) => vec![text.text()],
            (Type::Dynamic, Dynamic::Array(names)) => names.iter().map(Dynamic::text).collect(),
            (ty, _) => {
                let message = format!("a name or an array of names is expected, not {ty}");
                cx.error(codes::EXPRESSION_TYPE, arg.span, message);
                continue;
            }
        };
        for pattern in patterns {
            let names = input.schema.names().enumerate();
            let found = names.filter(|(_, name)| matches(&pattern, name)).map(|(index, _)| index);
            let found: Vec<usize> = found.filter(|index| !order.contains(index)).collect();
            order.extend(found);
        }
    }
    if order.is_empty() && !cx.quiet && !cx.diagnostics.has_errors() {
        let span = list.first().map(Expr::span).unwrap_or_default();
        cx.error(codes::UNKNOWN_NAME, span, "no column fits any of these names");
        return cx.broken();
    }
    input.select(&order)
}

/// `assert-schema (columns)`: the rows as they are, if they have exactly these columns.
pub(super) fn assert_schema<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &Operator,
    columns: &'a [ColumnDeclaration],
) -> Relation {
    let declared = RowSchema::new(crate::binder::tables::declared(cx, columns));
    if declared != input.schema && !cx.quiet {
        let found: Vec<String> = input
            .schema
            .columns()
            .iter()
            .map(|column| format!("{}: {}", column.name, column.ty))
            .collect();
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, operator.span, "the rows have other columns")
                .hint(format!("they are ({})", found.join(", "))),
        );
    }
    input
}
