//! The `make-graph` operator: `E | make-graph source --> target [with N on id, … |
//! with_node_id=name] [partitioned-by column (pipeline)]`.

use std::sync::Arc;

use super::broken;
use crate::binder::Binder;
use crate::binder::graph::{Flow, Graph};
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::graph::NODES;
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, MakeGraph, Operator};
use crate::types::{Column, Type, Value};

/// The names of the key's columns; no property is called so.
const KEYS: [&str; 2] = ["$key", "$partition"];

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    make: &'a MakeGraph,
) -> Flow {
    let edges = kept(cx, input);
    let graph = graph(cx, edges, operator, make);
    let flow = graph.map_or_else(|| broken(cx), |graph| Flow::Graph(Box::new(graph)));
    match &make.partitioned_by {
        Some((_, pipeline)) => cx.pipeline(flow, pipeline),
        None => flow,
    }
}

fn graph<'a>(
    cx: &mut Binder<'a>,
    edges: Relation,
    operator: &'a Operator,
    make: &'a MakeGraph,
) -> Option<Graph> {
    let source = column(cx, &edges, &make.source)?;
    let target = column(cx, &edges, &make.target)?;
    let ty = edges.schema.columns()[source].ty;
    if matches!(ty, Type::Dynamic | Type::Real) {
        let message = format!("a node id cannot be of type {ty}");
        cx.diagnostics.push(
            Diagnostic::error(codes::GRAPH_KEY_TYPES, make.source.span(), message)
                .hint("convert it first, as in `extend id = tostring(id)`"),
        );
        return None;
    }
    same_type(cx, &edges, target, ty, &make.target)?;
    let partition = match &make.partitioned_by {
        Some((by, _)) => Some(column(cx, &edges, by)?),
        None => None,
    };
    let mut tables = vec![];
    for listed in &make.nodes {
        let table = cx.inner_relation(&listed.table);
        let table = kept(cx, table);
        let key = column(cx, &table, &listed.key)?;
        same_type(cx, &table, key, ty, &listed.key)?;
        let mut keys = vec![key];
        if let (Some((by, _)), Some(partition)) = (&make.partitioned_by, partition) {
            let own = column(cx, &table, by)?;
            same_type(cx, &table, own, edges.schema.columns()[partition].ty, by)?;
            keys.push(own);
        }
        tables.push((table, keys));
    }
    let mut properties: Vec<Column> = vec![];
    if let Some(name) = &make.node_id {
        properties.push(Column { name: name.text.clone(), ty });
    }
    for (table, _) in &tables {
        for column in table.schema.columns() {
            match properties.iter().find(|known| known.name == column.name) {
                None => properties.push(column.clone()),
                Some(known) if known.ty == column.ty => {}
                Some(known) => {
                    let message = format!(
                        "property `{}` is of type {} in one table of nodes and {} in another",
                        column.name, known.ty, column.ty
                    );
                    cx.error(codes::GRAPH_PROPERTY_TYPES, operator.keyword, message);
                    return None;
                }
            }
        }
    }
    // A node that only edges name carries its id under the name of every key.
    let ids: Vec<Arc<str>> = match &make.node_id {
        Some(name) => vec![name.text.clone()],
        None => {
            let key = |(table, keys): &(Relation, Vec<usize>)| {
                table.schema.columns()[keys[0]].name.clone()
            };
            tables.iter().map(key).collect()
        }
    };
    let ends = |end: usize| [Some(end), partition].into_iter().flatten().collect::<Vec<_>>();
    let (sources, targets) = (ends(source), ends(target));
    let mut inputs: Vec<Relation> =
        tables.iter().map(|(table, keys)| aligned(table, keys, &properties, &[])).collect();
    inputs.push(aligned(&edges, &sources, &properties, &ids));
    inputs.push(aligned(&edges, &targets, &properties, &ids));
    let schema = inputs[0].schema.clone();
    let keys = sources.len();
    let node =
        Node::TableFunction { inputs, function: &NODES, constants: vec![Value::Long(keys as i64)] };
    let width = schema.len();
    let nodes = Relation::new(node, schema);
    let nodes = nodes.select(&(keys..width).chain(0..keys).collect::<Vec<_>>());
    Some(Graph { nodes, keys, edges, sources, targets, filtered: false })
}

/// The key and the properties of the nodes in a table; only `ids` are known of the ends of edges.
fn aligned(table: &Relation, keys: &[usize], properties: &[Column], ids: &[Arc<str>]) -> Relation {
    let columns = table.schema.columns();
    let key = keys
        .iter()
        .zip(KEYS)
        .map(|(&index, name)| (Column::new(name, columns[index].ty), table.column(index)));
    let is_end = !ids.is_empty() || properties.is_empty();
    let values = properties.iter().map(|property| {
        let found = match is_end {
            true => ids.contains(&property.name).then_some(keys[0]),
            false => table.schema.index_of(&property.name),
        };
        let value = match found {
            Some(index) => table.column(index),
            None => ScalarExpr::Literal(Value::null(property.ty)),
        };
        (property.clone(), value)
    });
    let columns = key.chain(values).collect();
    Relation { serialized: false, ..table.clone().project(columns) }
}

/// A table that is read several times: computed once, unless it is only stored columns and rows.
fn kept(cx: &mut Binder, table: Relation) -> Relation {
    fn is_plain(relation: &Relation) -> bool {
        match &*relation.node {
            Node::Scan { .. } | Node::Values { .. } | Node::Range { .. } => true,
            Node::Filter { input, .. } | Node::Project { input, .. } => is_plain(input),
            _ => false,
        }
    }
    if is_plain(&table) { table } else { cx.ask_table(table) }
}

/// The position of the column that an expression names.
fn column(cx: &mut Binder, table: &Relation, expr: &Expr) -> Option<usize> {
    let Expr::Name(name) = expr else { return None };
    let found = table.schema.index_of(&name.text);
    if found.is_none() && !cx.quiet {
        let names: Vec<&str> = table.schema.names().collect();
        let message = format!("unknown column `{}`", name.text);
        cx.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_NAME, name.span, message)
                .suggest("column", &name.text, names),
        );
    }
    found
}

fn same_type(
    cx: &mut Binder,
    table: &Relation,
    index: usize,
    wanted: Type,
    at: &Expr,
) -> Option<()> {
    let ty = table.schema.columns()[index].ty;
    if ty == wanted || ty == Type::Unknown || wanted == Type::Unknown {
        return Some(());
    }
    let message = format!("a node id is of type {wanted} at one place and {ty} at another");
    cx.diagnostics.push(
        Diagnostic::error(codes::GRAPH_KEY_TYPES, at.span(), message)
            .hint("convert one of them in an `extend` before"),
    );
    None
}
