//! The `graph-mark-components` operator: `G | graph-mark-components [kind=weak|strong]
//! [with_component_id=name]`.

use crate::binder::Binder;
use crate::binder::graph::{Flow, Graph};
use crate::binder::operators::{parameter, report_repeated, word_parameter};
use crate::functions::table::graph::COMPONENTS;
use crate::plan::{Node, Relation};
use crate::syntax::ast::{self, Operator};
use crate::types::{Column, RowSchema, Type, Value};

pub(super) fn bind<'a>(cx: &mut Binder<'a>, graph: Graph, operator: &'a Operator) -> Flow {
    let strong = word_parameter(cx, operator, &["kind"], &["weak", "strong"]) == Some("strong");
    let given = parameter(operator, &["with_component_id"]);
    let name = given.and_then(ast::word).unwrap_or("ComponentId");
    if graph.nodes.schema.index_of(name).is_some() {
        report_repeated(cx, name, given.map_or(operator.keyword, |given| given.name.span));
        return Flow::Graph(Box::new(graph));
    }
    let (width, total) = (graph.key(0), graph.nodes.schema.len());
    let nodes = graph.nodes.clone().select(&(width..total).chain(0..width).collect::<Vec<_>>());
    let columns = nodes.schema.columns().iter().cloned();
    let schema = RowSchema::new(columns.chain([Column::new(name, Type::Long)]));
    let ends = [graph.sources.as_slice(), graph.targets.as_slice()].concat();
    let ends: Vec<_> = ends
        .into_iter()
        .enumerate()
        .map(|(index, column)| {
            let ty = graph.edges.schema.columns()[column].ty;
            (Column::new(format!("$end{index}"), ty), graph.edges.column(column))
        })
        .collect();
    let edges = Relation { serialized: false, ..graph.edges.clone().project(ends) };
    let node = Node::TableFunction {
        inputs: vec![nodes, edges],
        function: &COMPONENTS,
        constants: vec![Value::Long(graph.keys as i64), Value::Bool(strong)],
    };
    let order: Vec<_> = (graph.keys..=total).chain(0..graph.keys).collect();
    let nodes = Relation::new(node, schema).select(&order);
    Flow::Graph(Box::new(Graph { nodes, ..graph }))
}
