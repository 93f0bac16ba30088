//! What expressions may say about the elements of a graph: `a.age`, `all(e, w > 1)`,
//! `node_degree_in(a)`.

use std::sync::Arc;

use super::Graph;
use crate::binder::Binder;
use crate::binder::calls::{Argument, unknown};
use crate::binder::env::Binding;
use crate::binder::naming::Target;
use crate::binder::scope::{Clause, Row};
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::graph::pattern::{Element, Kind};
use crate::plan::ScalarExpr;
use crate::syntax::ast::{self, Expr, FunctionCall};
use crate::text::Span;
use crate::types::{Type, Value};

/// The functions that mean something over graphs only; `any` is an aggregation function elsewhere.
pub const FUNCTIONS: [&str; 7] =
    ["all", "inner_nodes", "labels", "map", "node_degree_in", "node_degree_out", "node_id"];

/// The elements that an expression may speak about.
#[derive(Clone)]
pub enum GraphScope {
    /// Those of a pattern, by their names.
    Pattern(Box<PatternScope>),
    /// One node, whose properties are the columns.
    Node(Box<Graph>),
    /// One edge, whose properties are the columns.
    Edge,
}

/// The elements of a pattern, and what was read of them so far: a read is a column.
#[derive(Clone)]
pub struct PatternScope {
    pub graph: Graph,
    pub variables: Vec<Variable>,
    pub reads: Vec<Read>,
    /// Whether the expression is a condition on matches.
    pub condition: bool,
}

/// A named element.
#[derive(Clone)]
pub struct Variable {
    pub name: Arc<str>,
    pub part: Part,
}

/// What a variable stands for, by its position among the nodes or the edges of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Node(usize),
    Edge(usize),
    /// A variable-length edge.
    Path(usize),
}

/// A value that a pattern gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub of: Element,
    pub kind: Kind,
    /// Over the nodes (their degrees included) or the edges.
    pub expr: ScalarExpr,
}

impl Read {
    /// The type of what it gives.
    pub fn ty(&self) -> Type {
        match self.kind {
            Kind::Value => self.expr.ty(),
            Kind::Map => Type::Dynamic,
            Kind::All | Kind::Any => Type::Bool,
        }
    }
}

impl PatternScope {
    fn part(&self, name: &str) -> Option<Part> {
        self.variables.iter().find(|v| &*v.name == name).map(|v| v.part)
    }

    fn read(&mut self, read: Read) -> ScalarExpr {
        let ty = read.ty();
        let index = self.reads.iter().position(|known| *known == read).unwrap_or_else(|| {
            self.reads.push(read);
            self.reads.len() - 1
        });
        ScalarExpr::Column { index, ty }
    }
}

/// The element that a name stands for, if the expression is over a pattern.
fn variable(clause: &Clause, expr: &Expr) -> Option<Part> {
    match (&clause.graph, expr.unparenthesised()) {
        (Some(GraphScope::Pattern(scope)), Expr::Name(name)) => scope.part(&name.text),
        _ => None,
    }
}

fn read(clause: &mut Clause, read: Read) -> ScalarExpr {
    match &mut clause.graph {
        Some(GraphScope::Pattern(scope)) => scope.read(read),
        _ => unknown(),
    }
}

impl<'a> Binder<'a> {
    /// A whole element of a pattern: a bag of its properties, or an array of such bags.
    pub(in crate::binder) fn whole_element(
        &mut self,
        clause: &mut Clause,
        name: &ast::Name,
    ) -> Option<ScalarExpr> {
        let Some(GraphScope::Pattern(scope)) = &clause.graph else { return None };
        let part = scope.part(&name.text)?;
        let graph = &scope.graph;
        let properties = match part {
            Part::Node(_) => graph.node_properties(),
            Part::Edge(_) | Part::Path(_) => graph.edges.schema.clone(),
        };
        let mut args = vec![];
        for (index, column) in properties.columns().iter().enumerate() {
            let key = ScalarExpr::Literal(Value::String(column.name.clone()));
            args.push(Argument::new(key, name.span));
            let value = ScalarExpr::Column { index, ty: column.ty };
            args.push(Argument::new(value, name.span));
        }
        let bag = if args.is_empty() {
            ScalarExpr::Literal(Value::Dynamic("{}".into()))
        } else {
            self.call("bag_pack filled", name.span, args)
        };
        let (of, kind) = element(part);
        Some(read(clause, Read { of, kind, expr: bag }))
    }

    /// A property of an element: `a.age`. Of a path it is an array.
    pub(in crate::binder) fn element_property(
        &mut self,
        clause: &mut Clause,
        variable: &ast::Name,
        property: &str,
        span: Span,
    ) -> Option<ScalarExpr> {
        let Some(GraphScope::Pattern(scope)) = &clause.graph else { return None };
        let is_let = || matches!(self.env.get(&variable.text), Some(Binding::Scalar(_)));
        if clause.lets_first && is_let() {
            return None;
        }
        let part = scope.part(&variable.text)?;
        let schema = match part {
            Part::Node(_) => scope.graph.node_properties(),
            Part::Edge(_) | Part::Path(_) => scope.graph.edges.schema.clone(),
        };
        let Some(index) = schema.index_of(property) else {
            if !self.quiet {
                let names: Vec<&str> = schema.names().collect();
                let what = if matches!(part, Part::Node(_)) { "node" } else { "edge" };
                let message = format!("{what} `{}` has no property `{property}`", variable.text);
                self.diagnostics.push(
                    Diagnostic::error(codes::GRAPH_PROPERTY, span, message)
                        .suggest("property", property, names),
                );
            }
            return Some(unknown());
        };
        let mut expr = ScalarExpr::Column { index, ty: schema.columns()[index].ty };
        if matches!(part, Part::Path(_)) {
            if scope.condition {
                let name = &variable.text;
                let message =
                    format!("`{name}` is a path, so that `{name}.{property}` is no single value");
                self.diagnostics.push(
                    Diagnostic::error(codes::GRAPH_PATH_PROPERTY, span, message)
                        .hint(format!("use `all({name}, …)` or `any({name}, …)`")),
                );
                return Some(unknown());
            }
            expr = self.convert(expr, Type::Dynamic, span);
        }
        let (of, kind) = element(part);
        Some(read(clause, Read { of, kind, expr }))
    }

    /// A function of graphs; `None` for any other call, or outside graphs.
    pub(in crate::binder) fn graph_call(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> Option<ScalarExpr> {
        let scope = clause.graph.as_ref()?;
        let name = &*call.name.text;
        match (name, scope) {
            ("all" | "any" | "map", GraphScope::Pattern(_)) => {
                let kind = match name {
                    "all" => Kind::All,
                    "any" => Kind::Any,
                    _ => Kind::Map,
                };
                Some(self.along_path(clause, call, kind).unwrap_or_else(unknown))
            }
            ("inner_nodes", _) => {
                let message = "`inner_nodes` stands first in `all`, `any` or `map` only";
                self.error(codes::GENERIC, call.span, message);
                Some(unknown())
            }
            ("node_degree_in" | "node_degree_out" | "node_id" | "labels", _) => {
                Some(self.of_element(clause, call).unwrap_or_else(unknown))
            }
            _ => None,
        }
    }

    /// `all(e, condition)`, `any(inner_nodes(e), condition)`, `map(e, value)`.
    fn along_path(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
        kind: Kind,
    ) -> Option<ScalarExpr> {
        let name = &*call.name.text;
        let [of, body] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, format!("`{name}` takes 2 arguments"));
            return None;
        };
        let inner = inner_nodes(of);
        let part = variable(clause, inner.unwrap_or(of));
        let Some(Part::Path(path)) = part else {
            let span = inner.unwrap_or(of).span();
            let message = format!("`{name}` takes a variable-length edge of the pattern");
            self.error(codes::GENERIC, span, message);
            return None;
        };
        let Some(GraphScope::Pattern(scope)) = &clause.graph else { return None };
        let graph = &scope.graph;
        let mut within = match inner {
            Some(_) => Clause {
                row: Row::Columns(graph.node_properties()),
                graph: Some(GraphScope::Node(Box::new(graph.clone()))),
                ..Clause::constant()
            },
            None => Clause {
                row: Row::Columns(graph.edges.schema.clone()),
                graph: Some(GraphScope::Edge),
                ..Clause::constant()
            },
        };
        let value = self.argument(&mut within, body);
        let span = value.span;
        let expr = match kind {
            Kind::All | Kind::Any => self.condition(value),
            _ => self.convert(value.expr, Type::Dynamic, span),
        };
        if expr.ty() == Type::Unknown {
            return Some(ScalarExpr::Pending {
                ty: if kind == Kind::Map { Type::Dynamic } else { Type::Bool },
            });
        }
        let of = if inner.is_some() { Element::Inner(path) } else { Element::Edge(path) };
        Some(read(clause, Read { of, kind, expr }))
    }

    /// `node_degree_in(a)`, `node_id(a)`, `labels(a)`; without argument inside `all` and the like.
    fn of_element(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> Option<ScalarExpr> {
        let name = &*call.name.text;
        let part = match (call.args.as_slice(), &clause.graph) {
            ([], Some(GraphScope::Node(_) | GraphScope::Edge)) => None,
            ([of], Some(GraphScope::Pattern(_))) => match variable(clause, of) {
                Some(part) => Some(part),
                None => {
                    let message = format!("`{name}` takes an element of the pattern");
                    self.error(codes::GENERIC, of.span(), message);
                    return None;
                }
            },
            (_, Some(GraphScope::Pattern(_))) => {
                let message = format!("`{name}` takes 1 argument here");
                self.error(codes::ARGUMENT_COUNT, call.span, message);
                return None;
            }
            _ => {
                let message = format!("`{name}` takes no argument here");
                self.error(codes::ARGUMENT_COUNT, call.span, message);
                return None;
            }
        };
        let graph = match &clause.graph {
            Some(GraphScope::Pattern(scope)) => Some(&scope.graph),
            Some(GraphScope::Node(graph)) => Some(&**graph),
            Some(GraphScope::Edge) | None => None,
        };
        if name == "labels" {
            // Only stored graph models have labels.
            let none = ScalarExpr::Literal(Value::Dynamic("[]".into()));
            return match part {
                Some(Part::Path(path)) => {
                    let of = Element::Edge(path);
                    Some(read(clause, Read { of, kind: Kind::Map, expr: none }))
                }
                _ => Some(none),
            };
        }
        let Some(graph) = graph.filter(|_| matches!(part, None | Some(Part::Node(_)))) else {
            self.error(codes::GENERIC, call.span, format!("`{name}` takes a node, not an edge"));
            return None;
        };
        let index = match name {
            "node_degree_in" => graph.degree_in(),
            "node_degree_out" => graph.degree_out(),
            _ => graph.key(0),
        };
        let expr = if name == "node_id" {
            let key = graph.nodes.column(index);
            self.convert(key, Type::String, call.span)
        } else {
            ScalarExpr::Column { index, ty: Type::Long }
        };
        match part {
            None => Some(expr),
            Some(part) => {
                let (of, kind) = element(part);
                Some(read(clause, Read { of, kind, expr }))
            }
        }
    }

    /// What an unnamed column of a pattern is called.
    pub(in crate::binder) fn pattern_target(&self, scope: &PatternScope, expr: &Expr) -> Target {
        let name = match expr.unparenthesised() {
            Expr::Name(name) => match scope.part(&name.text) {
                Some(Part::Node(_)) if scope.graph.node_properties().is_empty() => None,
                Some(_) => Some(name.text.to_string()),
                None => None,
            },
            other @ (Expr::Member(_) | Expr::Index(_)) => self.suggested(other, None),
            Expr::Call(call) => {
                let name = &*call.name.text;
                match (name, call.args.as_slice()) {
                    ("all" | "any" | "map", [of, body]) => {
                        let of = match inner_nodes(of) {
                            Some(path) => format!("inner_nodes_{}", bare(path)),
                            None => bare(of),
                        };
                        let body = match body.unparenthesised() {
                            Expr::Name(name) => name.text.to_string(),
                            Expr::Call(call) if call.args.is_empty() => call.name.text.to_string(),
                            _ => "Column".to_string(),
                        };
                        Some(format!("{of}_{body}"))
                    }
                    ("node_degree_in" | "node_degree_out" | "node_id" | "labels", [of]) => {
                        Some(format!("{name}_{}", bare(of)))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        name.map_or(Target::Unnamed, |name| Target::Suggested(name.into()))
    }
}

fn element(part: Part) -> (Element, Kind) {
    match part {
        Part::Node(index) => (Element::Node(index), Kind::Value),
        Part::Edge(index) => (Element::Edge(index), Kind::Value),
        Part::Path(index) => (Element::Edge(index), Kind::Map),
    }
}

/// The path in `inner_nodes(path)`.
fn inner_nodes(expr: &Expr) -> Option<&Expr> {
    match expr.unparenthesised() {
        Expr::Call(call) if &*call.name.text == "inner_nodes" => match call.args.as_slice() {
            [path] => Some(path),
            _ => None,
        },
        _ => None,
    }
}

fn bare(expr: &Expr) -> String {
    match expr.unparenthesised() {
        Expr::Name(name) => name.text.to_string(),
        _ => "Column".to_string(),
    }
}
