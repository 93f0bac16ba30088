//! Operators that make rows and columns from values inside rows.

use super::{Parsed, Parser};
use crate::syntax::ast::{
    EvaluateSchema, Expr, MvColumn, OperatorKind as O, ParsePart, StarPlace, TypeName,
};
use crate::syntax::parser::expr::is_reserved;
use crate::syntax::token::TokenKind as T;

pub(super) fn evaluate(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    let call = p.postfix();
    let schema = (p.kind() == T::Colon).then(|| p.evaluate_schema());
    (parameters, O::Evaluate { call, schema })
}

pub(super) fn invoke(p: &mut Parser) -> Parsed {
    (vec![], O::Invoke { call: p.postfix() })
}

pub(super) fn mv_expand(p: &mut Parser) -> Parsed {
    expand(p, false)
}

pub(super) fn mvexpand(p: &mut Parser) -> Parsed {
    expand(p, true)
}

fn expand(p: &mut Parser, legacy: bool) -> Parsed {
    let parameters = p.parameters(&["kind", "bagexpansion", "with_itemindex"]);
    let columns = p.mv_columns();
    let limit = p.eat_word("limit").then(|| p.scalar());
    (parameters, O::MvExpand { columns, limit, legacy })
}

pub(super) fn mv_apply(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["with_itemindex"]);
    let columns = p.mv_columns();
    let limit = p.eat_word("limit").then(|| p.scalar());
    p.expect_word("on");
    p.expect(T::OpenParen, "`(`");
    let body = p.sub_pipeline();
    p.close(T::CloseParen, "`)`");
    (parameters, O::MvApply { columns, limit, body })
}

pub(super) fn parse(p: &mut Parser) -> Parsed {
    pattern(p, false)
}

pub(super) fn parse_where(p: &mut Parser) -> Parsed {
    pattern(p, true)
}

fn pattern(p: &mut Parser, filter: bool) -> Parsed {
    let parameters = p.parameters(&["kind", "flags"]);
    let source = p.scalar();
    p.expect_word("with");
    let mut pattern = vec![];
    loop {
        match p.kind() {
            T::Star => pattern.push(ParsePart::Star(p.bump().span)),
            T::String => pattern.push(ParsePart::Text(p.strings())),
            T::Name | T::OpenBracket => {
                let Some(name) = p.opt_name() else {
                    p.expected("a column");
                    break;
                };
                if !name.quoted && is_reserved(&name.text) {
                    p.reserved(&name);
                }
                let ty = p.eat(T::Colon).then(|| p.type_name());
                pattern.push(ParsePart::Column(name, ty));
            }
            T::Comma if !pattern.is_empty() => {
                p.bump();
            }
            _ => break,
        }
    }
    if pattern.is_empty() {
        p.expected("a pattern");
    }
    (parameters, O::Parse { source, pattern, filter })
}

pub(super) fn parse_kv(p: &mut Parser) -> Parsed {
    let source = p.scalar();
    p.expect_word("as");
    let columns = p.columns();
    let properties = if p.eat_word("with") { p.properties() } else { vec![] };
    (vec![], O::ParseKv { source, columns, properties })
}

impl Parser<'_> {
    fn mv_columns(&mut self) -> Vec<MvColumn> {
        let mut columns = vec![self.mv_column()];
        while self.eat(T::Comma) {
            columns.push(self.mv_column());
        }
        columns
    }

    fn mv_column(&mut self) -> MvColumn {
        let expr = self.named();
        let ty = self.eat_word("to").then(|| self.conversion()).flatten();
        MvColumn { expr, ty }
    }

    /// `typeof(long)`.
    fn conversion(&mut self) -> Option<TypeName> {
        match self.postfix() {
            Expr::TypeOf(ty) => ty.ty,
            other => {
                self.error(other.span(), "expected `typeof(…)`");
                None
            }
        }
    }

    /// `: (a: long, *)`.
    fn evaluate_schema(&mut self) -> EvaluateSchema {
        let start = self.bump().span;
        let mut schema = EvaluateSchema { star: None, columns: vec![], span: start };
        self.expect(T::OpenParen, "`(`");
        while !matches!(self.kind(), T::CloseParen | T::End) {
            if self.kind() == T::Star {
                self.bump();
                schema.star = Some(if schema.columns.is_empty() {
                    StarPlace::Before
                } else {
                    StarPlace::After
                });
            } else {
                schema.columns.push(self.column_declaration());
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.close(T::CloseParen, "`)`");
        schema.span = self.since(start);
        schema
    }
}
