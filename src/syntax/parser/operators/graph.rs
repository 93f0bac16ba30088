//! Graph operators and their patterns: `(a)-[e*1..3]->(b)<--(c)`.

use super::{Parsed, Parser};
use crate::syntax::ast::{
    EdgeDirection, Expr, GraphEdge, GraphElement, GraphMatch, GraphNode, GraphOutput, GraphPattern,
    MakeGraph, NodeTable, OperatorKind as O,
};
use crate::syntax::token::TokenKind as T;

pub(super) fn make(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    let source = Expr::Name(p.name("the source column"));
    let arrow = p.eat(T::Minus) && p.eat(T::Minus) && p.eat(T::Greater);
    if !arrow {
        p.expected("`-->`");
    }
    let target = Expr::Name(p.name("the target column"));
    let mut graph =
        MakeGraph { source, target, nodes: vec![], node_id: None, partitioned_by: None };
    if p.at_word("with_node_id") {
        p.bump();
        p.expect(T::Assign, "`=`");
        graph.node_id = Some(p.name("a name"));
    } else if p.eat_word("with") {
        graph.nodes.push(p.node_table());
        while p.eat(T::Comma) {
            graph.nodes.push(p.node_table());
        }
    }
    if p.at_word("partitioned") && p.nth(1).kind == T::Minus && p.nth_text(2) == "by" {
        (0..3).for_each(|_| {
            p.bump();
        });
        let column = Expr::Name(p.name("a column"));
        p.expect(T::OpenParen, "`(`");
        let pipeline = p.sub_pipeline();
        p.close(T::CloseParen, "`)`");
        graph.partitioned_by = Some((column, pipeline));
    }
    (parameters, O::MakeGraph(graph))
}

pub(super) fn match_(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["cycles"]);
    (parameters, O::GraphMatch(p.graph_match()))
}

pub(super) fn shortest_paths(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["output", "cycles"]);
    (parameters, O::GraphShortestPaths(p.graph_match()))
}

pub(super) fn mark_components(p: &mut Parser) -> Parsed {
    (p.parameters(&["kind", "with_component_id"]), O::GraphMarkComponents)
}

pub(super) fn to_table(p: &mut Parser) -> Parsed {
    let mut outputs = vec![p.graph_output()];
    while p.eat(T::Comma) {
        outputs.push(p.graph_output());
    }
    (vec![], O::GraphToTable { outputs })
}

pub(super) fn where_nodes(p: &mut Parser) -> Parsed {
    (vec![], O::GraphWhereNodes { predicate: p.scalar() })
}

pub(super) fn where_edges(p: &mut Parser) -> Parsed {
    (vec![], O::GraphWhereEdges { predicate: p.scalar() })
}

impl Parser<'_> {
    /// `table on key`.
    fn node_table(&mut self) -> NodeTable {
        let table = self.table_reference();
        self.expect_word("on");
        NodeTable { table, key: Expr::Name(self.name("a column")) }
    }

    fn graph_output(&mut self) -> GraphOutput {
        let edges = self.at_word("edges");
        if edges || self.at_word("nodes") {
            self.bump();
        } else {
            self.expected("`nodes` or `edges`");
        }
        let name = self.eat_word("as").then(|| self.name("a name"));
        let known = ["with_node_id", "with_source_id", "with_target_id"];
        GraphOutput { edges, name, parameters: self.parameters(&known) }
    }

    fn graph_match(&mut self) -> GraphMatch {
        let mut patterns = vec![self.graph_pattern()];
        while self.eat(T::Comma) {
            patterns.push(self.graph_pattern());
        }
        let condition = self.eat_word("where").then(|| self.scalar());
        let project = if self.eat_word("project") { self.named_list() } else { vec![] };
        GraphMatch { patterns, condition, project }
    }

    fn graph_pattern(&mut self) -> GraphPattern {
        let start = self.span();
        let mut elements = vec![GraphElement::Node(self.graph_node())];
        while matches!(self.kind(), T::Minus | T::Less) {
            let before = self.at;
            elements.push(GraphElement::Edge(self.graph_edge()));
            elements.push(GraphElement::Node(self.graph_node()));
            if self.at == before {
                break;
            }
        }
        GraphPattern { elements, span: self.since(start) }
    }

    /// `(name)` or `()`.
    fn graph_node(&mut self) -> GraphNode {
        let start = self.span();
        let mut name = None;
        if self.expect(T::OpenParen, "`(` and a node") {
            name = self.opt_name();
            self.close(T::CloseParen, "`)`");
        }
        GraphNode { name, span: self.since(start) }
    }

    /// `--`, `-->`, `<--`, or the same with `[name*low..high]` between the dashes.
    fn graph_edge(&mut self) -> GraphEdge {
        let start = self.span();
        let left = self.eat(T::Less);
        self.expect(T::Minus, "`-`");
        let (mut name, mut range) = (None, None);
        if self.eat(T::OpenBracket) {
            name = self.opt_name();
            if self.eat(T::Star) {
                let low = self.sum();
                self.expect(T::DotDot, "`..`");
                range = Some((low, self.sum()));
            }
            self.close(T::CloseBracket, "`]`");
        }
        self.expect(T::Minus, "`-`");
        if left && self.kind() == T::Greater {
            self.expected("a node");
        }
        let right = self.eat(T::Greater);
        let direction = match (left, right) {
            (true, _) => EdgeDirection::Left,
            (false, true) => EdgeDirection::Right,
            (false, false) => EdgeDirection::Any,
        };
        GraphEdge { name, direction, range, span: self.since(start) }
    }
}
