//! The `graph-to-table` operator: `G | graph-to-table nodes [as N] [with_node_id=id],
//! edges [as E] [with_source_id=s] [with_target_id=t]`.

use std::sync::Arc;

use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::env::{Binding, TabularBinding};
use crate::binder::graph::{Flow, Graph};
use crate::binder::operators::report_repeated;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{self, GraphOutput, Operator};
use crate::types::Column;

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    graph: &Graph,
    operator: &'a Operator,
    outputs: &'a [GraphOutput],
) -> Flow {
    let several = outputs.len() > 1;
    if several && outputs.iter().all(|output| output.name.is_none()) {
        cx.diagnostics.push(
            Diagnostic::error(codes::GENERIC, operator.keyword, "two tables need names")
                .hint("as in `graph-to-table nodes as N, edges as E`"),
        );
        return Flow::Table(cx.broken());
    }
    let mut only = None;
    for output in outputs {
        let relation = table(cx, graph, output);
        if let Some(name) = &output.name {
            let table = TabularBinding { relation: relation.clone(), table: None };
            let table = TabularBinding { table: Some(name.text.clone()), ..table };
            cx.env = cx.env.with(name.text.clone(), Binding::Tabular(table));
        }
        only = Some(relation);
    }
    match only {
        Some(relation) if !several => Flow::Table(relation),
        _ => Flow::Named,
    }
}

/// One table: the hashes of ids that are asked for, then the properties.
fn table<'a>(cx: &mut Binder<'a>, graph: &Graph, output: &'a GraphOutput) -> Relation {
    let (input, hashes, width) = match output.edges {
        true => {
            let ends = [("with_source_id", graph.sources[0]), ("with_target_id", graph.targets[0])];
            (graph.live_edges(), ends.to_vec(), graph.edges.schema.len())
        }
        false => (graph.nodes.clone(), vec![("with_node_id", graph.key(0))], graph.key(0)),
    };
    let mut columns: Vec<(Column, ScalarExpr)> = vec![];
    for (parameter, index) in &hashes {
        let given = output.parameters.iter().rev().find(|p| &*p.name.text == *parameter);
        let Some(given) = given else { continue };
        let name: Arc<str> = ast::word(given).unwrap_or_default().into();
        let taken = input.schema.names().take(width).any(|other| *other == *name)
            || columns.iter().any(|(column, _)| column.name == name);
        if taken {
            report_repeated(cx, &name, given.name.span);
            continue;
        }
        let key = Argument::new(input.column(*index), given.name.span);
        let hash = cx.call("hash", given.name.span, vec![key]);
        columns.push((Column { name, ty: hash.ty() }, hash));
    }
    for given in &output.parameters {
        if !hashes.iter().any(|(parameter, _)| *parameter == &*given.name.text) {
            let what = if output.edges { "edges" } else { "nodes" };
            let message = format!("`{what}` take no `{}`", given.name.text);
            cx.error(codes::UNKNOWN_PARAMETER, given.name.span, message);
        }
    }
    columns.extend(input.targets().take(width));
    Relation { serialized: false, ..input.project(columns) }
}
