//! The `union` operator: `union [kind=…] [withsource=…] [isfuzzy=…] T1, (T2 | …), A*`.

use std::sync::Arc;

use super::{parameter, word_parameter};
use crate::binder::Binder;
use crate::binder::combine;
use crate::binder::env::Binding;
use crate::binder::patterns::matches;
use crate::binder::search::Branch;
use crate::diagnostics::{Diagnostics, Severity, codes};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, Operator};
use crate::text::Span;
use crate::types::{Column, Type, Value};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    piped: Option<Relation>,
    operator: &'a Operator,
    inputs: &'a [Expr],
) -> Relation {
    let kind = word_parameter(cx, operator, &["kind"], &["inner", "outer"]);
    let inner = kind == Some("inner");
    let source = match parameter(operator, &["withsource", "with_source"]) {
        Some(parameter) => ast::word(parameter).map(Arc::<str>::from),
        None => None,
    };
    let fuzzy = parameter(operator, &["isfuzzy", "__isFuzzy"]).is_some_and(|parameter| {
        matches!(
            &parameter.value,
            Expr::Literal(ast::Literal { value: Some(Value::Bool(true)), .. })
        )
    });
    let mut branches: Vec<Branch> = vec![];
    if let Some(relation) = piped {
        branches.push((relation, cx.piped_name.take()));
    }
    let failures = tables(cx, inputs, fuzzy, &mut branches);
    if branches.is_empty() {
        if failures > 0 {
            cx.error(codes::UNKNOWN_NAME, operator.span, "none of the tables of this union exists");
        }
        return cx.broken();
    }
    let Some(label) = source else {
        let inputs = branches.into_iter().map(|(relation, _)| relation).collect();
        return united(cx, inputs, inner);
    };
    united(cx, labelled(branches, &label, "union_arg"), inner)
}

/// The rows of all inputs.
pub(super) fn united(cx: &Binder<'_>, inputs: Vec<Relation>, inner: bool) -> Relation {
    let inputs = if cx.context.analyses() { combine::overlooked(inputs) } else { inputs };
    combine::union(inputs, inner)
}

/// Adds what a list of tables names; gives the number of those that do not resolve, which `fuzzy`
/// drops.
pub(super) fn tables<'a>(
    cx: &mut Binder<'a>,
    inputs: &'a [Expr],
    fuzzy: bool,
    branches: &mut Vec<Branch>,
) -> usize {
    let mut failures = 0;
    for input in inputs {
        let quiet = cx.quiet;
        let errors = cx.diagnostics.len();
        let resolved = branches.len();
        match input {
            Expr::Star(span) => wildcard(cx, None, "*", *span, branches),
            Expr::Wildcard(name) => wildcard(cx, None, &name.text, name.span, branches),
            Expr::Member(member) if matches!(member.member, Expr::Star(_) | Expr::Wildcard(_)) => {
                if let Some((database, text, span)) = cx.qualifier(input) {
                    wildcard(cx, database.as_deref(), &text, span, branches);
                }
            }
            other => {
                let label = cx.table_label(other);
                let relation = cx.inner_relation(other);
                branches.push((relation, label));
            }
        }
        // The analyser lets only what does not exist drop out.
        let kept = cx.context.analyses() && !missing(&cx.diagnostics, errors);
        if fuzzy && cx.diagnostics.len() > errors && !kept {
            // A branch that does not resolve drops out.
            cx.diagnostics.truncate(errors);
            cx.quiet = quiet;
            cx.partial = true;
            failures += 1;
            branches.truncate(resolved);
        }
    }
    failures
}

/// Whether the first error behind the first `from` findings is of a table that does not exist, or
/// hidden in a stored function.
fn missing(found: &Diagnostics, from: usize) -> bool {
    let mut errors = found.iter().skip(from).filter(|found| found.severity == Severity::Error);
    errors.next().is_some_and(|first| {
        let unknown = [codes::UNKNOWN_TABLE, codes::UNKNOWN_FUNCTION].contains(&first.code);
        unknown || first.function.is_some()
    })
}

/// The branches with a first column `label` that tells where a row comes from; the place of a
/// branch without a name is counted behind `prefix`.
pub(super) fn labelled(branches: Vec<Branch>, label: &Arc<str>, prefix: &str) -> Vec<Relation> {
    let branches = branches.into_iter().enumerate();
    branches
        .map(|(index, (relation, name))| {
            let name = name.unwrap_or_else(|| format!("{prefix}{index}").into());
            let constant = ScalarExpr::Literal(Value::String(name));
            let mut columns = vec![(Column { name: label.clone(), ty: Type::String }, constant)];
            for (i, column) in relation.schema.columns().iter().enumerate() {
                if column.name != *label {
                    columns.push((column.clone(), relation.column(i)));
                }
            }
            relation.project(columns)
        })
        .collect()
}

/// The tables and views that a pattern means.
pub(super) fn wildcard(
    cx: &mut Binder<'_>,
    database: Option<&str>,
    text: &str,
    span: Span,
    branches: &mut Vec<Branch>,
) {
    let before = branches.len();
    let views: Vec<_> = cx
        .env
        .frames()
        .filter_map(|(_, binding)| match binding {
            Binding::Function(function) if function.view => Some(function.clone()),
            _ => None,
        })
        .filter(|function| database.is_none() && matches(text, &function.name))
        .collect();
    for name in cx.visible_tables(database) {
        if matches(text, &name) {
            let relation = cx.stored_table(database, &name, span);
            branches.push((relation, Some(name)));
        }
    }
    let stored: Vec<_> = cx
        .functions
        .iter()
        .filter(|stored| stored.view && matches(text, &stored.name))
        .filter(|stored| cx.env.get(&stored.name).is_none())
        .filter_map(|stored| cx.stored_function(&stored.name))
        .filter(|view| !cx.active.iter().any(|active| std::ptr::eq(*active, view.definition)))
        .collect();
    for view in stored.into_iter().chain(views.into_iter().rev()) {
        let relation = cx.tabular_user_call(&view, &[], span, None);
        branches.push((relation, Some(view.name.clone())));
    }
    if branches.len() == before {
        cx.error(codes::UNKNOWN_NAME, span, format!("no table fits `{text}`"));
    }
}
