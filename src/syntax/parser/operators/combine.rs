//! Operators that bring several tables together.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, Find, OperatorKind as O, TypeName};
use crate::syntax::token::TokenKind as T;

pub(super) fn join(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    let right = p.right_side();
    let on = p.join_keys();
    (parameters, O::Join { right, on })
}

pub(super) fn lookup(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    let right = p.right_side();
    let on = p.join_keys();
    (parameters, O::Lookup { right, on })
}

pub(super) fn union(p: &mut Parser) -> Parsed {
    let parameters =
        p.parameters(&["kind", "withsource", "with_source", "isfuzzy", "__isFuzzy", "best_effort"]);
    let mut inputs = vec![p.table_reference()];
    while p.eat(T::Comma) {
        inputs.push(p.table_reference());
    }
    (parameters, O::Union { inputs })
}

pub(super) fn search(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    let tables = p.opt_in_tables();
    let before = std::mem::replace(&mut p.in_search, true);
    let predicate = p.scalar();
    p.in_search = before;
    (parameters, O::Search { tables, predicate })
}

pub(super) fn find(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["withsource", "with_source"]);
    let tables = p.opt_in_tables();
    if tables.is_empty() {
        p.eat_word("where");
    } else {
        p.expect_word("where");
    }
    let before = std::mem::replace(&mut p.in_search, true);
    let predicate = p.scalar();
    p.in_search = before;
    let mut find =
        Find { tables, predicate, project: vec![], project_smart: false, project_away: vec![] };
    loop {
        let dashed = |p: &Parser, word: &str| {
            p.at_word("project") && p.nth(1).kind == T::Minus && p.nth_text(2) == word
        };
        if dashed(p, "smart") {
            (0..3).for_each(|_| {
                p.bump();
            });
            find.project_smart = true;
        } else if dashed(p, "away") {
            (0..3).for_each(|_| {
                p.bump();
            });
            find.project_away = p.pattern_list();
        } else if p.eat_word("project") {
            find.project.push(p.find_column());
            while p.eat(T::Comma) {
                find.project.push(p.find_column());
            }
        } else {
            break;
        }
    }
    (parameters, O::Find(find))
}

impl Parser<'_> {
    /// The right table of a join: a reference or a query in parentheses.
    fn right_side(&mut self) -> Expr {
        if matches!(self.kind(), T::Pipe | T::Semicolon | T::End) {
            self.expected("a table");
            return Expr::Error(self.place());
        }
        self.table_reference()
    }

    /// `on k, $left.a == $right.b`, with `and` between keys as well.
    fn join_keys(&mut self) -> Vec<Expr> {
        if !self.expect_word("on") {
            return vec![];
        }
        let mut keys = vec![];
        loop {
            match self.scalar() {
                Expr::And(terms) => keys.extend(terms),
                key => keys.push(key),
            }
            if !self.eat(T::Comma) {
                return keys;
            }
        }
    }

    /// `in (T1, T*)`.
    fn opt_in_tables(&mut self) -> Vec<Expr> {
        let mut tables = vec![];
        if self.at_word("in") && self.nth(1).kind == T::OpenParen {
            self.bump();
            self.bump();
            tables.push(self.table_reference());
            while self.eat(T::Comma) {
                tables.push(self.table_reference());
            }
            self.close(T::CloseParen, "`)`");
        }
        tables
    }

    fn find_column(&mut self) -> (Expr, Option<TypeName>) {
        let before = std::mem::replace(&mut self.in_search, false);
        let column = self.postfix();
        self.in_search = before;
        let ty = self.eat(T::Colon).then(|| self.type_name());
        (column, ty)
    }
}
