//! Operators that begin a query.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, OperatorKind as O, Statement};
use crate::syntax::token::TokenKind as T;

pub(super) fn datatable(p: &mut Parser) -> Parsed {
    let columns = p.columns();
    let mut values = vec![];
    if p.expect(T::OpenBracket, "`[` and the values") {
        while !matches!(p.kind(), T::CloseBracket | T::End) {
            values.push(p.scalar());
            if !p.eat(T::Comma) {
                break;
            }
        }
        p.close(T::CloseBracket, "`,` or `]`");
    }
    (vec![], O::Datatable { columns, values })
}

pub(super) fn externaldata(p: &mut Parser) -> Parsed {
    let columns = p.columns();
    let mut uris: Vec<Expr> = vec![];
    if p.expect(T::OpenBracket, "`[` and the locations") {
        while !matches!(p.kind(), T::CloseBracket | T::End) {
            uris.push(p.scalar());
            if !p.eat(T::Comma) {
                break;
            }
        }
        p.close(T::CloseBracket, "`,` or `]`");
    }
    let properties = if p.eat_word("with") { p.properties() } else { vec![] };
    (vec![], O::ExternalData { columns, uris, properties })
}

pub(super) fn print(p: &mut Parser) -> Parsed {
    (vec![], O::Print { columns: p.named_list() })
}

pub(super) fn range(p: &mut Parser) -> Parsed {
    let column = p.name("a column name");
    p.expect_word("from");
    let from = p.scalar();
    p.expect_word("to");
    let to = p.scalar();
    let step = p.eat_word("step").then(|| p.scalar());
    (vec![], O::Range { column, from, to, step })
}

pub(super) fn macro_expand(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["isfuzzy", "__isFuzzy", "force_remote", "best_effort"]);
    let group = if p.eat_word("entity_group") {
        p.expect(T::OpenBracket, "`[`");
        let first = p.postfix();
        while p.eat(T::Comma) {
            p.postfix();
        }
        p.close(T::CloseBracket, "`]`");
        first
    } else {
        p.postfix()
    };
    let scope = p.eat_word("as").then(|| p.name("a name"));
    let mut body: Vec<Statement> = vec![];
    if p.expect(T::OpenParen, "`(`") {
        while !matches!(p.kind(), T::CloseParen | T::End) {
            body.push(p.statement());
            if !p.eat(T::Semicolon) {
                break;
            }
        }
        p.close(T::CloseParen, "`)`");
    }
    (parameters, O::MacroExpand { group, scope, body })
}
