//! Lists of expressions: arguments, projections, name patterns.

use super::Parser;
use super::expr::is_reserved;
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Name, Named};
use crate::syntax::token::TokenKind;
use crate::text::Span;

impl Parser<'_> {
    /// `a, b = c, (d, e) = f()`: one or more.
    pub(super) fn named_list(&mut self) -> Vec<Expr> {
        let mut items = vec![self.named()];
        while self.eat(TokenKind::Comma) {
            items.push(self.named());
        }
        items
    }

    /// `a` or `name = a` or `(a, b) = c`.
    pub(super) fn named(&mut self) -> Expr {
        self.named_by(Self::scalar)
    }

    fn named_by(&mut self, production: fn(&mut Self) -> Expr) -> Expr {
        let start = self.span();
        if let Some((names, tuple)) = self.opt_assigned_names() {
            if let Some(name) = names.iter().find(|n| !n.quoted && is_reserved(&n.text)) {
                self.reserved(name);
            }
            let value = production(self);
            let span = self.since(start);
            return Expr::Named(Box::new(Named { names, tuple, value, span }));
        }
        production(self)
    }

    pub(super) fn reserved(&mut self, name: &Name) {
        let message = format!("`{name}` is a keyword and cannot be a bare name", name = name.text);
        let hint = format!("write it `['{}']`", name.text);
        self.diagnostics.push(Diagnostic::error(codes::SYNTAX, name.span, message).hint(hint));
    }

    /// The names before `=`, and the sign itself.
    pub(super) fn opt_assigned_names(&mut self) -> Option<(Vec<Name>, bool)> {
        let back = self.at;
        if let Some(name) = self.opt_name() {
            if self.eat(TokenKind::Assign) {
                return Some((vec![name], false));
            }
            self.at = back;
            return None;
        }
        if self.eat(TokenKind::OpenParen) {
            let mut names = vec![];
            while let Some(name) = self.opt_name() {
                names.push(name);
                if !self.eat(TokenKind::Comma) {
                    break;
                }
            }
            if !names.is_empty() && self.eat(TokenKind::CloseParen) && self.eat(TokenKind::Assign) {
                return Some((names, true));
            }
        }
        self.at = back;
        None
    }

    /// Arguments of a call, after its `(`; takes the `)`.
    ///
    /// A pipeline is an argument as it stands only if `pipes`; elsewhere it takes parentheses of
    /// its own.
    pub(super) fn arguments(&mut self, pipes: bool) -> Vec<Expr> {
        let mut args = vec![];
        if self.eat(TokenKind::CloseParen) {
            return args;
        }
        let production = if pipes { Self::pipe_expr } else { Self::plain_argument };
        loop {
            args.push(self.argument(production));
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen, "`,` or `)`");
        args
    }

    fn argument(&mut self, production: fn(&mut Self) -> Expr) -> Expr {
        let star = self.kind() == TokenKind::Star
            && matches!(self.nth(1).kind, TokenKind::CloseParen | TokenKind::Comma);
        if star { Expr::Star(self.bump().span) } else { self.named_by(production) }
    }

    /// A scalar, a name of a table, or a table written out.
    fn plain_argument(&mut self) -> Expr {
        match self.word() {
            "datatable" | "externaldata" | "external_data"
                if self.nth(1).kind == TokenKind::OpenParen =>
            {
                self.source_expr()
            }
            _ => self.scalar(),
        }
    }

    /// `a, b*, *`: names and patterns of names.
    pub(super) fn pattern_list(&mut self) -> Vec<Expr> {
        let mut items = vec![self.pattern()];
        while self.eat(TokenKind::Comma) {
            items.push(self.pattern());
        }
        items
    }

    /// A column by name or by a pattern with `*`.
    pub(super) fn pattern(&mut self) -> Expr {
        match self.opt_wildcard() {
            Some(wildcard) => wildcard,
            None => self.postfix(),
        }
    }

    /// Whether a star stands here, or a name and a star, and no operand behind it.
    pub(super) fn ends_in_star(&self) -> bool {
        let star = usize::from(self.kind() == TokenKind::Name);
        self.nth(star).kind == TokenKind::Star
            && matches!(
                self.nth(star + 1).kind,
                TokenKind::Comma
                    | TokenKind::CloseParen
                    | TokenKind::Pipe
                    | TokenKind::Semicolon
                    | TokenKind::End
            )
    }

    /// `*`, `a*`, `*_b*`: touching tokens with at least one star.
    pub(super) fn opt_wildcard(&mut self) -> Option<Expr> {
        let part = |kind| matches!(kind, TokenKind::Star | TokenKind::Name | TokenKind::Integer);
        let mut count = 0;
        let mut stars = 0;
        while part(self.nth(count).kind) {
            stars += usize::from(self.nth(count).kind == TokenKind::Star);
            count += 1;
            if !self.touches(count - 1) {
                break;
            }
        }
        if stars == 0 {
            return None;
        }
        let start = self.span();
        if count == 1 {
            return Some(Expr::Star(self.bump().span));
        }
        (0..count).for_each(|_| {
            self.bump();
        });
        let span: Span = self.since(start);
        Some(Expr::Wildcard(Name { text: self.slice(span).into(), span, quoted: false }))
    }
}
