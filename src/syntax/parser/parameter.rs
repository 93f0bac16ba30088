//! Operator parameters (`kind=inner`, `hint.strategy=shuffle`) and property lists (`with (…)`).

use super::Parser;
use crate::syntax::ast::{Expr, Name, Parameter};
use crate::syntax::token::TokenKind;
use crate::text::Span;

impl Parser<'_> {
    /// The parameters that stand here: `hint.…=` and those in `known`.
    pub(super) fn parameters(&mut self, known: &[&str]) -> Vec<Parameter> {
        let mut parameters = vec![];
        while let Some(length) = self.at_parameter(known) {
            let start = self.span();
            (0..length).for_each(|_| {
                self.bump();
            });
            let span = self.since(start);
            let name = Name { text: self.slice(span).into(), span, quoted: false };
            self.bump();
            let value = self.parameter_value();
            parameters.push(Parameter { name, value });
            // Some writers put commas between them.
            if self.kind() == TokenKind::Comma && self.parameter_after_comma(known) {
                self.bump();
            }
        }
        parameters
    }

    fn parameter_after_comma(&mut self, known: &[&str]) -> bool {
        self.at += 1;
        let found = self.at_parameter(known).is_some();
        self.at -= 1;
        found
    }

    /// How many tokens the dotted name of a parameter has, if one stands here.
    fn at_parameter(&self, known: &[&str]) -> Option<usize> {
        if self.kind() != TokenKind::Name {
            return None;
        }
        let word = self.nth_text(0);
        if word == "hint" && self.nth(1).kind == TokenKind::Dot {
            return (self.nth(3).kind == TokenKind::Assign).then_some(3);
        }
        (known.contains(&word) && self.nth(1).kind == TokenKind::Assign).then_some(1)
    }

    /// A word, a literal, or a column.
    fn parameter_value(&mut self) -> Expr {
        match self.kind() {
            TokenKind::Name if !matches!(self.word(), "true" | "false") => {
                let start = self.bump().span;
                while self.kind() == TokenKind::Minus
                    && self.touches(0)
                    && self.last_span().end == self.span().start
                {
                    self.bump();
                    self.bump();
                }
                let span = self.since(start);
                Expr::Name(Name { text: self.slice(span).into(), span, quoted: false })
            }
            _ => self.unary(),
        }
    }

    /// `(a = 1, b = "x")` or the same without parentheses; `name value` without `=` counts too.
    pub(super) fn properties(&mut self) -> Vec<Parameter> {
        let parenthesised = self.eat(TokenKind::OpenParen);
        let mut properties = vec![];
        while self.kind() == TokenKind::Name {
            let name = self.property_name();
            if !self.expect(TokenKind::Assign, "`=`") {
                break;
            }
            let value = self.property_value();
            properties.push(Parameter { name, value });
            if !self.eat(TokenKind::Comma) && (parenthesised || self.kind() != TokenKind::Name) {
                break;
            }
        }
        if parenthesised {
            self.close(TokenKind::CloseParen, "`)`");
        }
        properties
    }

    fn property_name(&mut self) -> Name {
        let start: Span = self.bump().span;
        while self.kind() == TokenKind::Dot && self.nth(1).kind == TokenKind::Name {
            self.bump();
            self.bump();
        }
        let span = self.since(start);
        Name { text: self.slice(span).into(), span, quoted: false }
    }

    /// A literal or word; lists of words (`ycolumns = a, b`) become a dynamic-like argument list.
    fn property_value(&mut self) -> Expr {
        let first = self.parameter_value();
        let mut items = vec![first];
        while self.kind() == TokenKind::Comma
            && self.nth(1).kind == TokenKind::Name
            && self.nth(2).kind != TokenKind::Assign
            && self.nth(2).kind != TokenKind::Dot
        {
            self.bump();
            items.push(self.parameter_value());
        }
        match <[Expr; 1]>::try_from(items) {
            Ok([only]) => only,
            Err(items) => {
                let span = items.iter().map(Expr::span).reduce(Span::to).unwrap_or_default();
                let text = self.slice(span).into();
                Expr::Name(Name { text, span, quoted: false })
            }
        }
    }
}
