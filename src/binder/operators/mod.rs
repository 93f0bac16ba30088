//! Tabular operators: the one dispatch, one file per operator or small family.

mod columns;
pub mod evaluate;
mod extend;
mod external;
mod find;
mod fork;
mod graph;
mod join;
mod macro_expand;
mod make_series;
mod mv_apply;
mod mv_expand;
mod parse;
mod parse_kv;
mod partition;
mod print;
mod project;
mod reduce;
mod rows;
mod sample;
mod scan;
mod search;
pub(super) mod sources;
mod summarize;
mod top_nested;
mod union;
mod window;

use super::Binder;
use super::calls::Argument;
use super::graph::Flow;
use super::naming::{Policy, Target, assign};
use super::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{self, Expr, Operator, OperatorKind as O};
use crate::text::Span;
use crate::types::{Column, RowSchema};

/// Binds an operator of a pipeline, which may carry a graph.
pub(super) fn bind_flow<'a>(cx: &mut Binder<'a>, flow: Flow, operator: &'a Operator) -> Flow {
    let flow = match fork::bind(cx, flow, operator) {
        Ok(results) => return results,
        Err(flow) => flow,
    };
    match graph::bind(cx, flow, operator) {
        Ok(flow) => flow,
        Err(input) => Flow::Table(bind(cx, input, operator)),
    }
}

/// Binds an operator over the rows of `input`.
pub(super) fn bind<'a>(cx: &mut Binder<'a>, input: Relation, operator: &'a Operator) -> Relation {
    let open = input.is_open();
    cx.note_input(operator.span, &input, open);
    let relation = bind_rows(cx, input, operator);
    if open { cx.after_open(relation, operator.span) } else { relation }
}

fn bind_rows<'a>(cx: &mut Binder<'a>, input: Relation, operator: &'a Operator) -> Relation {
    match &operator.kind {
        O::As { name } => rows::as_(cx, input, operator, name),
        O::AssertSchema { columns } => columns::assert_schema(cx, input, operator, columns),
        O::Consume => rows::consume(input),
        O::Count { name } => rows::count(input, name.as_ref()),
        O::Distinct { columns } => summarize::distinct(cx, input, columns),
        O::Evaluate { call, schema } => evaluate::bind(cx, Some(input), call, schema.as_ref()),
        O::ExecuteAndCache => input,
        O::Extend { columns } => extend::bind(cx, input, columns),
        O::Find(find) => find::bind(cx, Some(input), operator, find),
        O::GetSchema => rows::getschema(cx, input, operator),
        O::Invoke { call } => rows::invoke(cx, input, call),
        O::Join { right, on } => join::join(cx, input, operator, right, on),
        O::Lookup { right, on } => join::lookup(cx, input, operator, right, on),
        O::MakeSeries(parts) => make_series::bind(cx, input, operator, parts),
        O::MvApply { columns, limit, body } => {
            mv_apply::bind(cx, input, operator, columns, limit.as_ref(), body)
        }
        O::MvExpand { columns, limit, legacy } => {
            mv_expand::bind(cx, input, operator, columns, limit.as_ref(), *legacy)
        }
        O::Parse { source, pattern, filter } => {
            parse::bind(cx, input, operator, source, pattern, *filter)
        }
        O::ParseKv { source, columns, properties } => {
            parse_kv::bind(cx, input, operator, source, columns, properties)
        }
        O::Partition { by, body } => partition::bind(cx, input, operator, by, body),
        O::Project { columns } => project::bind(cx, input, columns),
        O::ProjectAway { columns } => columns::away(cx, input, columns),
        O::ProjectByNames { columns } => columns::by_names(cx, input, columns),
        O::ProjectKeep { columns } => columns::keep(cx, input, columns),
        O::ProjectRename { columns } => columns::rename(cx, input, columns),
        O::ProjectReorder { columns } => columns::reorder(cx, input, columns),
        O::Reduce { by, properties } => reduce::bind(cx, input, operator, by, properties),
        O::Render { chart, properties } => rows::render(cx, input, chart, properties),
        O::Sample { count } => sample::sample(cx, input, count),
        O::SampleDistinct { count, of } => sample::distinct(cx, input, count, of),
        O::Search { tables, predicate } => {
            search::bind(cx, Some(input), operator, tables, predicate)
        }
        O::Scan(parts) => scan::bind(cx, input, operator, parts),
        O::Serialize { columns } => extend::serialize(cx, input, columns),
        O::Sort { keys } => rows::sort(cx, input, keys),
        O::Summarize { aggregates, by } => summarize::bind(cx, input, operator, aggregates, by),
        O::Take { count } => rows::take(cx, input, count),
        O::Top { count, by } => rows::top(cx, input, count, by),
        O::TopHitters { count, of, by } => sample::hitters(cx, input, count, of, by.as_ref()),
        O::TopNested { levels } => top_nested::bind(cx, input, levels),
        O::Union { inputs } => union::bind(cx, Some(input), operator, inputs),
        O::Where { predicate } => rows::where_(cx, input, predicate),
        O::GraphMarkComponents
        | O::GraphMatch(_)
        | O::GraphShortestPaths(_)
        | O::GraphToTable { .. }
        | O::GraphWhereEdges { .. }
        | O::GraphWhereNodes { .. } => graph::without_graph(cx, operator),
        O::Facet { .. }
        | O::Fork { .. }
        | O::InlineExternalTable(_)
        | O::MakeGraph(_)
        | O::Datatable { .. }
        | O::EntityGroup { .. }
        | O::ExternalData { .. }
        | O::MacroExpand { .. }
        | O::Print { .. }
        | O::Range { .. } => unsupported(cx, operator),
    }
}

/// Binds an operator that begins a query.
pub(super) fn bind_source<'a>(cx: &mut Binder<'a>, operator: &'a Operator) -> Relation {
    match &operator.kind {
        O::Datatable { columns, values } => sources::datatable(cx, operator, columns, values),
        O::Print { columns } => print::bind(cx, columns),
        O::Range { column, from, to, step } => sources::range(cx, column, from, to, step.as_ref()),
        O::Union { inputs } => union::bind(cx, None, operator, inputs),
        O::Evaluate { call, schema } => evaluate::bind(cx, None, call, schema.as_ref()),
        O::ExternalData { columns, uris, properties } => {
            external::externaldata(cx, operator, columns, uris, properties)
        }
        O::InlineExternalTable(parts) => external::inline_external_table(cx, operator, parts),
        O::Find(find) => find::bind(cx, None, operator, find),
        O::MacroExpand { group, scope, body } => {
            macro_expand::bind(cx, operator, group, scope.as_ref(), body)
        }
        O::Search { tables, predicate } => search::bind(cx, None, operator, tables, predicate),
        O::EntityGroup { .. } => {
            let message = "a group of databases stands for no table";
            cx.error(codes::ENTITY_AS_TABLE, operator.keyword, message);
            cx.broken()
        }
        _ => unsupported(cx, operator),
    }
}

fn unsupported(cx: &mut Binder, operator: &Operator) -> Relation {
    let name = cx.source.slice(operator.keyword).to_string();
    cx.error(
        codes::UNSUPPORTED,
        operator.keyword,
        format!("operator `{name}` is not supported yet"),
    );
    cx.broken()
}

/// A target of `project`, `extend`, `summarize` …: what it says about its name, and its value.
pub(super) struct Item {
    pub target: Target,
    pub value: Argument,
    pub span: Span,
}

/// Binds a list of targets over one clause.
pub(super) fn items<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    list: &'a [Expr],
    lets: bool,
) -> Vec<Item> {
    let mut items = vec![];
    for expr in list {
        if tuple_items(cx, clause, expr, &mut items) {
            continue;
        }
        match expr {
            Expr::Named(named) => {
                if named.tuple && named.names.len() > 1 {
                    cx.error(
                        codes::UNSUPPORTED,
                        named.span,
                        "a list of names on the left is supported for aggregates only",
                    );
                }
                let value = cx.argument(clause, &named.value);
                let target = match named.names.first() {
                    Some(name) => Target::Explicit(name.text.clone()),
                    None => Target::Unnamed,
                };
                items.push(Item { target, value, span: named.span });
            }
            other => {
                let target = cx.target(other, clause.schema(), lets);
                let value = cx.argument(clause, other);
                items.push(Item { target, value, span: other.span() });
            }
        }
    }
    items
}

/// Adds the columns of a call of several columns; false for any other expression. One plain name
/// keeps only the first of them, a list of names renames as many as it has.
fn tuple_items<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    expr: &'a Expr,
    items: &mut Vec<Item>,
) -> bool {
    let (names, plain, value) = match expr {
        Expr::Named(named) => (&named.names[..], !named.tuple, &named.value),
        other => (&[][..], false, other),
    };
    let Some(columns) = cx.tuple_columns(clause, value) else { return false };
    if names.len() > columns.len() {
        let message = format!("{} names are given for {} columns", names.len(), columns.len());
        cx.error(codes::GENERIC, expr.span(), message);
    }
    let count = if plain { 1 } else { columns.len() };
    for (index, (own, value)) in columns.into_iter().take(count).enumerate() {
        let name = names.get(index).map_or_else(|| own.into(), |name| name.text.clone());
        items.push(Item { target: Target::Explicit(name), value, span: expr.span() });
    }
    true
}

/// Names the targets of a clause; names given twice are reported.
pub(super) fn name_items(
    cx: &mut Binder,
    items: &[Item],
    policy: Policy,
    input: &RowSchema,
) -> Vec<std::sync::Arc<str>> {
    let targets: Vec<Target> = items.iter().map(|item| item.target.clone()).collect();
    let (names, repeated) = assign(&targets, policy, input.names());
    for twice in repeated {
        report_repeated(cx, &twice.name, items[twice.index].span);
    }
    names
}

/// Reports a column name that a clause gives twice.
pub(super) fn report_repeated(cx: &mut Binder, name: &str, span: Span) {
    cx.error(codes::DUPLICATE_COLUMN, span, format!("column `{name}` is there already"));
}

/// Columns of values under their names.
pub(super) fn columns_of(
    names: Vec<std::sync::Arc<str>>,
    items: Vec<Item>,
) -> Vec<(Column, ScalarExpr)> {
    names
        .into_iter()
        .zip(items)
        .map(|(name, item)| (Column { name, ty: item.value.expr.ty() }, item.value.expr))
        .collect()
}

/// The bare word of an operator parameter, the last one given under any of `names`.
pub(super) fn parameter<'o>(operator: &'o Operator, names: &[&str]) -> Option<&'o ast::Parameter> {
    operator.parameters.iter().rev().find(|p| names.contains(&&*p.name.text))
}

/// The word of a parameter, checked against what is allowed.
pub(super) fn word_parameter<'o>(
    cx: &mut Binder,
    operator: &'o Operator,
    names: &[&str],
    allowed: &[&str],
) -> Option<&'o str> {
    let found = parameter(operator, names)?;
    let word = ast::word(found).unwrap_or_default();
    if allowed.contains(&word) {
        return Some(word);
    }
    let message = format!("`{}` cannot be `{word}`", found.name.text);
    cx.diagnostics.push(
        Diagnostic::error(codes::UNKNOWN_PARAMETER, found.value.span(), message)
            .hint(format!("it is one of {}", allowed.join(", "))),
    );
    None
}

/// The refusal of a property that an operator does not have.
pub(super) fn unknown_property(
    property: &ast::Parameter,
    operator: &str,
    known: &[&str],
) -> Diagnostic {
    let name = &*property.name.text;
    let message = format!("`{operator}` has no property `{name}`");
    Diagnostic::error(codes::UNKNOWN_PARAMETER, property.name.span, message).suggest(
        "property",
        name,
        known.iter().copied(),
    )
}

/// The operators that Kusto's grammar takes in every pipeline inside another operator.
pub(super) fn stands_inside(kind: &O) -> bool {
    matches!(
        kind,
        O::Count { .. }
            | O::Distinct { .. }
            | O::Extend { .. }
            | O::MvApply { .. }
            | O::MvExpand { .. }
            | O::Parse { .. }
            | O::ParseKv { .. }
            | O::Project { .. }
            | O::ProjectAway { .. }
            | O::ProjectByNames { .. }
            | O::ProjectKeep { .. }
            | O::ProjectRename { .. }
            | O::ProjectReorder { .. }
            | O::Reduce { .. }
            | O::Sample { .. }
            | O::SampleDistinct { .. }
            | O::Scan(_)
            | O::Sort { .. }
            | O::Summarize { .. }
            | O::Take { .. }
            | O::Top { .. }
            | O::TopHitters { .. }
            | O::TopNested { .. }
            | O::Where { .. }
    )
}
