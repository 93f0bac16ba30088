//! Patterns of `graph-match` and `graph-shortest-paths`: from syntax to the table function that
//! searches for them.

use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::combine::all;
use crate::binder::graph::{Graph, GraphScope, Part, PatternScope, Read, Variable};
use crate::binder::naming::{Policy, Target};
use crate::binder::operators::{Item, columns_of, name_items};
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::graph::pattern::{
    Cycles, Direction, Edge, Element, Kind, Node, Output, Path, Pattern,
};
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{
    EdgeDirection, Expr, GraphEdge, GraphElement, GraphMatch, GraphPattern, Operator,
};
use crate::text::Span;
use crate::types::{Column, RowSchema, Value};

/// A pattern whose condition and columns are bound.
pub struct Bound {
    scope: PatternScope,
    nodes: usize,
    edges: Vec<Edge>,
    /// The terms of the condition, with their places.
    condition: Vec<(ScalarExpr, Span)>,
    columns: Vec<(Column, ScalarExpr)>,
    span: Span,
}

/// The elements of the patterns, as they are gathered.
#[derive(Default)]
struct Shape {
    nodes: usize,
    edges: Vec<Edge>,
    variables: Vec<Variable>,
}

/// Binds patterns, condition and columns over a graph; `None` where something is amiss.
pub fn bind<'a>(
    cx: &mut Binder<'a>,
    graph: Graph,
    operator: &'a Operator,
    find: &'a GraphMatch,
) -> Option<Bound> {
    if find.project.is_empty() {
        let name = cx.source.slice(operator.keyword).to_string();
        cx.diagnostics.push(
            Diagnostic::error(
                codes::GENERIC,
                operator.keyword,
                format!("`{name}` gives no columns"),
            )
            .hint("end it with `project` and what to give, as in `project a.id, b.id`"),
        );
        return None;
    }
    let mut shape = Shape::default();
    for pattern in &find.patterns {
        shape.pattern(cx, pattern)?;
    }
    if !shape.is_connected() {
        let span = find.patterns[0].span.to(find.patterns[find.patterns.len() - 1].span);
        cx.diagnostics.push(
            Diagnostic::error(codes::GRAPH_DISCONNECTED, span, "the patterns do not hang together")
                .hint("let each one share a named node with another"),
        );
        return None;
    }
    let scope = PatternScope { graph, variables: shape.variables, reads: vec![], condition: true };
    let mut clause =
        Clause { graph: Some(GraphScope::Pattern(Box::new(scope))), ..Clause::constant() };
    let mut condition = vec![];
    if let Some(expr) = &find.condition {
        terms(cx, &mut clause, expr, &mut condition);
    }
    if let Some(GraphScope::Pattern(scope)) = &mut clause.graph {
        scope.condition = false;
    }
    let mut items = vec![];
    for expr in &find.project {
        let (name, value) = match expr {
            Expr::Named(named) if !named.tuple => (named.names.first(), &named.value),
            Expr::Named(named) => {
                cx.error(codes::UNSUPPORTED, named.span, "a list of names is not supported here");
                return None;
            }
            other => (None, other),
        };
        let target = match (name, &clause.graph) {
            (Some(name), _) => Target::Explicit(name.text.clone()),
            (None, Some(GraphScope::Pattern(scope))) => cx.pattern_target(scope, value),
            (None, _) => Target::Unnamed,
        };
        let value = cx.argument(&mut clause, value);
        items.push(Item { target, value, span: expr.span() });
    }
    let names = name_items(cx, &items, Policy::Fresh, &RowSchema::default());
    let columns = columns_of(names, items);
    let Some(GraphScope::Pattern(scope)) = clause.graph else { return None };
    let (nodes, edges) = (shape.nodes, shape.edges);
    Some(Bound { scope: *scope, nodes, edges, condition, columns, span: operator.keyword })
}

/// The terms of a conjunction.
fn terms<'a>(
    cx: &mut Binder<'a>,
    clause: &mut Clause,
    expr: &'a Expr,
    into: &mut Vec<(ScalarExpr, Span)>,
) {
    match expr.unparenthesised() {
        Expr::And(list) => list.iter().for_each(|term| terms(cx, clause, term, into)),
        other => {
            let term: Argument = cx.argument(clause, other);
            let span = term.span;
            into.push((cx.condition(term), span));
        }
    }
}

impl Shape {
    fn pattern<'a>(&mut self, cx: &mut Binder<'a>, pattern: &'a GraphPattern) -> Option<()> {
        let mut before: Option<usize> = None;
        let mut edge: Option<&'a GraphEdge> = None;
        for element in &pattern.elements {
            match element {
                GraphElement::Edge(found) => edge = Some(found),
                GraphElement::Node(found) => {
                    let node = self.node(cx, found.name.as_ref())?;
                    if let (Some(left), Some(edge)) = (before, edge.take()) {
                        self.edge(cx, edge, left, node)?;
                    }
                    before = Some(node);
                }
            }
        }
        Some(())
    }

    fn node(&mut self, cx: &mut Binder, name: Option<&crate::syntax::ast::Name>) -> Option<usize> {
        let known = name.and_then(|name| self.variables.iter().find(|v| v.name == name.text));
        match known.map(|variable| variable.part) {
            Some(Part::Node(index)) => return Some(index),
            Some(_) => {
                let name = name?;
                let message = format!("`{}` is a node here and an edge before", name.text);
                cx.error(codes::GENERIC, name.span, message);
                return None;
            }
            None => {}
        }
        let index = self.nodes;
        self.nodes += 1;
        if let Some(name) = name {
            self.variables.push(Variable { name: name.text.clone(), part: Part::Node(index) });
        }
        Some(index)
    }

    fn edge<'a>(
        &mut self,
        cx: &mut Binder<'a>,
        edge: &'a GraphEdge,
        left: usize,
        right: usize,
    ) -> Option<()> {
        let index = self.edges.len();
        if let Some(name) = &edge.name {
            if self.variables.iter().any(|variable| variable.name == name.text) {
                let message = format!("`{}` stands for another element already", name.text);
                cx.error(codes::GENERIC, name.span, message);
                return None;
            }
            let part = if edge.range.is_some() { Part::Path(index) } else { Part::Edge(index) };
            self.variables.push(Variable { name: name.text.clone(), part });
        }
        let path = match &edge.range {
            Some((low, high)) => {
                let low = bound(cx, low)?;
                let high_at = high.span();
                let high = bound(cx, high)?;
                if high < low {
                    let message = format!("a path of {low} to {high} edges cannot be");
                    cx.error(codes::GENERIC, high_at, message);
                    return None;
                }
                Some(Path { low, high, inner: None, any_edge: vec![], any_inner: vec![] })
            }
            None => None,
        };
        let direction = match edge.direction {
            EdgeDirection::Right => Direction::Right,
            EdgeDirection::Left => Direction::Left,
            EdgeDirection::Any => Direction::Any,
        };
        self.edges.push(Edge { left, right, direction, filter: None, path });
        Some(())
    }

    fn is_connected(&self) -> bool {
        let mut reached = vec![false; self.nodes];
        reached[0] = true;
        for _ in 0..self.nodes {
            for edge in &self.edges {
                if reached[edge.left] || reached[edge.right] {
                    (reached[edge.left], reached[edge.right]) = (true, true);
                }
            }
        }
        reached.iter().all(|reached| *reached)
    }
}

/// A bound of `*low..high`.
fn bound<'a>(cx: &mut Binder<'a>, expr: &'a Expr) -> Option<usize> {
    let arg = cx.argument(&mut Clause::constant(), expr);
    let value = cx.constant(&arg.expr, arg.span)?;
    let count = value.as_i64().and_then(|count| usize::try_from(count).ok());
    if count.is_none() {
        let message = "a length of a path is a whole number from zero on";
        cx.error(codes::GENERIC, arg.span, message);
    }
    count
}

/// Columns of the nodes or the edges that a table function reads, each one once.
struct Columns(Vec<ScalarExpr>);

impl Columns {
    fn place(&mut self, expr: &ScalarExpr) -> usize {
        self.0.iter().position(|known| known == expr).unwrap_or_else(|| {
            self.0.push(expr.clone());
            self.0.len() - 1
        })
    }

    fn over(self, input: Relation) -> Relation {
        let columns = self.0.into_iter().enumerate();
        let columns = columns.map(|(i, expr)| (Column::new(format!("$c{i}"), expr.ty()), expr));
        Relation { serialized: false, ..input.project(columns.collect()) }
    }
}

/// Where a term of the condition can be tested.
enum Place {
    /// On every candidate for one element, as a filter over its table.
    Element(Element, ScalarExpr),
    /// On each path, whether it holds somewhere.
    Some(Element, ScalarExpr),
    /// On the match.
    Match,
}

impl Bound {
    /// The edges of the pattern.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The terms of the condition that need the whole match.
    pub fn across(&self) -> Option<Span> {
        let mut terms = self.condition.iter();
        terms.find(|(term, _)| matches!(self.place(term), Place::Match)).map(|(_, span)| *span)
    }

    fn place(&self, term: &ScalarExpr) -> Place {
        let reads = &self.scope.reads;
        if let ScalarExpr::Column { index, .. } = term {
            let read = &reads[*index];
            match read.kind {
                Kind::All => return Place::Element(read.of, read.expr.clone()),
                Kind::Any => return Place::Some(read.of, read.expr.clone()),
                Kind::Value | Kind::Map => {}
            }
        }
        let mut of: Option<Element> = None;
        let mut single = true;
        term.visit(&mut |e| {
            if let ScalarExpr::Column { index, .. } = e {
                let read = &reads[*index];
                single &= read.kind == Kind::Value && of.is_none_or(|known| known == read.of);
                of = Some(read.of);
            }
        });
        match of.filter(|_| single) {
            Some(of) => Place::Element(of, term.map_columns(&|index, _| reads[index].expr.clone())),
            None => Place::Match,
        }
    }

    /// The matches, by a table function.
    pub fn relation(
        mut self,
        cx: &mut Binder,
        cycles: Cycles,
        function: &'static crate::functions::table::TableFunction,
        more: &[Value],
    ) -> Relation {
        let graph = self.scope.graph.clone();
        let mut node_terms: Vec<Vec<ScalarExpr>> = vec![vec![]; self.nodes];
        let mut edge_terms: Vec<Vec<ScalarExpr>> = vec![vec![]; self.edges.len()];
        let mut inner_terms: Vec<Vec<ScalarExpr>> = vec![vec![]; self.edges.len()];
        let mut rest = vec![];
        let key = |end: &[usize]| end.iter().map(|&i| graph.edges.column(i)).collect::<Vec<_>>();
        let mut nodes =
            Columns((0..graph.keys).map(|i| graph.nodes.column(graph.key(i))).collect());
        let mut edges = Columns([key(&graph.sources), key(&graph.targets)].concat());
        let (node_keys, edge_keys) = (nodes.0.len(), edges.0.len());
        for (term, _) in std::mem::take(&mut self.condition) {
            match self.place(&term) {
                Place::Element(Element::Node(index), term) => node_terms[index].push(term),
                Place::Element(Element::Edge(index), term) => edge_terms[index].push(term),
                Place::Element(Element::Inner(index), term) => inner_terms[index].push(term),
                Place::Some(of, term) => {
                    let (Element::Edge(index) | Element::Inner(index) | Element::Node(index)) = of;
                    if let Some(path) = self.edges[index].path.as_mut() {
                        match of {
                            Element::Edge(_) => path.any_edge.push(edges.place(&term)),
                            _ => path.any_inner.push(nodes.place(&term)),
                        }
                    }
                }
                Place::Match => rest.push(term),
            }
        }
        let mut pattern_nodes = vec![Node::default(); self.nodes];
        for (node, terms) in pattern_nodes.iter_mut().zip(node_terms) {
            node.filter = all(terms).map(|term| nodes.place(&term));
        }
        for (edge, terms) in self.edges.iter_mut().zip(edge_terms) {
            edge.filter = all(terms).map(|term| edges.place(&term));
        }
        for (edge, terms) in self.edges.iter_mut().zip(inner_terms) {
            if let Some(path) = &mut edge.path {
                path.inner = all(terms).map(|term| nodes.place(&term));
            }
        }
        // Only what the rest of the condition and the columns read comes out.
        let mut wanted: Vec<usize> = vec![];
        for expr in rest.iter().chain(self.columns.iter().map(|(_, expr)| expr)) {
            expr.visit(&mut |e| {
                if let ScalarExpr::Column { index, .. } = e
                    && !wanted.contains(index)
                {
                    wanted.push(*index);
                }
            });
        }
        let mut outputs = vec![];
        let mut schema = vec![];
        for &index in &wanted {
            let Read { of, kind, expr } = &self.scope.reads[index];
            let column = match of {
                Element::Edge(_) => edges.place(expr),
                Element::Node(_) | Element::Inner(_) => nodes.place(expr),
            };
            outputs.push(Output { of: *of, column, kind: *kind });
            schema.push(Column::new(format!("$r{index}"), self.scope.reads[index].ty()));
        }
        if outputs.is_empty() {
            // A batch needs a column to have rows.
            outputs.push(Output { of: Element::Node(0), column: 0, kind: Kind::Value });
            schema.push(Column::new("$r", nodes.0[0].ty()));
        }
        let width = graph.nodes.schema.len();
        let mut degrees = false;
        for expr in nodes.0.iter().skip(node_keys) {
            expr.visit(&mut |e| {
                degrees |= matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
            });
        }
        let source = if degrees { cx.with_degrees(&graph, self.span) } else { graph.nodes.clone() };
        debug_assert!(edge_keys == 2 * graph.keys);
        let pattern =
            Pattern { keys: graph.keys, cycles, nodes: pattern_nodes, edges: self.edges, outputs };
        let mut constants = vec![pattern.to_value()];
        constants.extend_from_slice(more);
        let inputs = vec![nodes.over(source), edges.over(graph.edges.clone())];
        let node = crate::plan::Node::TableFunction { inputs, function, constants };
        let mut matches = Relation::new(node, RowSchema::new(schema));
        let moved = |expr: &ScalarExpr| {
            expr.map_columns(&|index, ty| {
                let index = wanted.iter().position(|known| *known == index).unwrap_or_default();
                ScalarExpr::Column { index, ty }
            })
        };
        if let Some(condition) = all(rest) {
            matches = matches.filter(moved(&condition));
        }
        let columns = self.columns.iter();
        matches.project(columns.map(|(column, expr)| (column.clone(), moved(expr))).collect())
    }
}
