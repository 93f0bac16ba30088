//! Graph operators: their extent is read, their patterns are kept as text.

use super::{Parsed, Parser};
use crate::syntax::ast::{Graph, OperatorKind as O};
use crate::syntax::token::TokenKind as T;

pub(super) fn make(p: &mut Parser) -> Parsed {
    text(p, "make-graph")
}

pub(super) fn match_(p: &mut Parser) -> Parsed {
    text(p, "graph-match")
}

pub(super) fn shortest_paths(p: &mut Parser) -> Parsed {
    text(p, "graph-shortest-paths")
}

pub(super) fn mark_components(p: &mut Parser) -> Parsed {
    text(p, "graph-mark-components")
}

pub(super) fn to_table(p: &mut Parser) -> Parsed {
    text(p, "graph-to-table")
}

pub(super) fn where_nodes(p: &mut Parser) -> Parsed {
    text(p, "graph-where-nodes")
}

pub(super) fn where_edges(p: &mut Parser) -> Parsed {
    text(p, "graph-where-edges")
}

fn text(p: &mut Parser, name: &'static str) -> Parsed {
    let start = p.span();
    let mut depth = 0usize;
    loop {
        match p.kind() {
            T::End | T::Semicolon => break,
            T::Pipe if depth == 0 => break,
            T::OpenParen | T::OpenBracket | T::OpenBrace => depth += 1,
            T::CloseParen | T::CloseBracket | T::CloseBrace if depth == 0 => break,
            T::CloseParen | T::CloseBracket | T::CloseBrace => depth -= 1,
            _ => {}
        }
        p.bump();
    }
    let span = p.since(start);
    (vec![], O::Graph(Graph { name, text: p.slice(span).to_string() }))
}
