//! Operators that begin a query.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, InlineExternalTable, OperatorKind as O, Source, Statement};
use crate::syntax::token::TokenKind as T;

pub(super) fn datatable(p: &mut Parser) -> Parsed {
    let columns = p.columns();
    let mut values = vec![];
    if p.expect(T::OpenBracket, "`[` and the values") {
        while !matches!(p.kind(), T::CloseBracket | T::End) {
            values.push(p.datatable_value());
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
    let step = p.expect_word("step").then(|| p.scalar());
    (vec![], O::Range { column, from, to, step })
}

pub(super) fn macro_expand(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind", "isfuzzy", "__isFuzzy", "force_remote", "best_effort"]);
    let group = match p.opt_source() {
        Some(operator) => Expr::Source(Box::new(Source { operator })),
        None => p.postfix(),
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

impl Parser<'_> {
    /// A literal, perhaps with a sign.
    fn datatable_value(&mut self) -> Expr {
        let value = self.scalar();
        let literal = match &value {
            Expr::Literal(_) | Expr::Error(_) => true,
            Expr::Unary(unary) => matches!(unary.operand, Expr::Literal(_)),
            // `datetime()`, the current time.
            Expr::Call(call) => call.args.is_empty() && self.slice(call.span).starts_with("dat"),
            _ => false,
        };
        if !literal {
            self.error(value.span(), "a `datatable` holds literals only");
        }
        value
    }
}

pub(super) fn entity_group(p: &mut Parser) -> Parsed {
    p.expect(T::OpenBracket, "`[` and the entities");
    let mut entities = vec![p.postfix()];
    while p.eat(T::Comma) {
        entities.push(p.postfix());
    }
    p.close(T::CloseBracket, "`,` or `]`");
    (vec![], O::EntityGroup { entities })
}

pub(super) fn inline_external_table(p: &mut Parser) -> Parsed {
    let mut table = InlineExternalTable {
        columns: if p.kind() == T::OpenParen { p.columns() } else { vec![] },
        partition_by: vec![],
        path_format: vec![],
        uris: vec![],
        properties: vec![],
    };
    let mut parameters = p.parameters(&["kind"]);
    if p.eat_word("partition") {
        p.expect_word("by");
        p.expect(T::OpenParen, "`(`");
        while !matches!(p.kind(), T::CloseParen | T::End) {
            let column = p.column_declaration();
            let value = p.eat(T::Assign).then(|| p.scalar());
            table.partition_by.push((column, value));
            if !p.eat(T::Comma) {
                break;
            }
        }
        p.close(T::CloseParen, "`,` or `)`");
    }
    if p.at_word("pathformat") && p.nth(1).kind == T::Assign {
        p.bump();
        p.bump();
        p.expect(T::OpenParen, "`(`");
        while matches!(p.kind(), T::Name | T::String | T::OpenBracket) {
            let before = p.at;
            table.path_format.push(p.postfix());
            if p.at == before {
                break;
            }
        }
        p.close(T::CloseParen, "`)`");
    }
    parameters.extend(p.parameters(&["dataformat"]));
    p.expect(T::OpenParen, "`(` and the locations");
    table.uris.push(p.scalar());
    while p.eat(T::Comma) {
        table.uris.push(p.scalar());
    }
    p.close(T::CloseParen, "`,` or `)`");
    table.properties = if p.eat_word("with") { p.properties() } else { vec![] };
    (parameters, O::InlineExternalTable(table))
}
