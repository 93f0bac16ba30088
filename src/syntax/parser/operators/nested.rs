//! Operators that run pipelines of their own.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, OperatorKind as O, Parameter, PartitionBody, Scan, ScanStep};
use crate::syntax::token::TokenKind as T;

pub(super) fn facet(p: &mut Parser) -> Parsed {
    p.expect_word("by");
    let columns = p.named_list();
    let with = p.eat_word("with").then(|| {
        p.expect(T::OpenParen, "`(`");
        let body = p.sub_pipeline();
        p.close(T::CloseParen, "`)`");
        body
    });
    (vec![], O::Facet { columns, with })
}

pub(super) fn fork(p: &mut Parser) -> Parsed {
    let mut branches = vec![];
    while matches!(p.kind(), T::OpenParen | T::Name) {
        let name = if p.kind() == T::Name {
            let name = p.name("a name");
            p.expect(T::Assign, "`=`");
            Some(name)
        } else {
            None
        };
        if !p.expect(T::OpenParen, "`(`") {
            break;
        }
        let body = p.sub_pipeline();
        p.close(T::CloseParen, "`)`");
        branches.push((name, body));
    }
    if branches.is_empty() {
        p.expected("`(` and a pipeline");
    }
    (vec![], O::Fork { branches })
}

pub(super) fn partition(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    p.expect_word("by");
    per_value(p, parameters)
}

pub(super) fn partition_by(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    per_value(p, parameters)
}

fn per_value(p: &mut Parser, parameters: Vec<Parameter>) -> Parsed {
    let by = Expr::Name(p.name("a column"));
    let body = if p.eat(T::OpenBrace) {
        let query = p.pipe_expr();
        p.close(T::CloseBrace, "`}`");
        PartitionBody::Query(query)
    } else {
        p.expect(T::OpenParen, "`(`");
        let body = p.sub_pipeline();
        p.close(T::CloseParen, "`)`");
        PartitionBody::Pipeline(body)
    };
    (parameters, O::Partition { by, body })
}

pub(super) fn scan(p: &mut Parser) -> Parsed {
    let mut parameters = p.parameters(&["kind", "with_match_id"]);
    let mut scan = Scan { order_by: vec![], partition_by: vec![], declare: vec![], steps: vec![] };
    if p.at_word("order") && p.nth_text(1) == "by" {
        p.bump();
        p.bump();
        scan.order_by.push(p.sort_key());
        while p.eat(T::Comma) {
            scan.order_by.push(p.sort_key());
        }
    }
    if p.at_word("partition") && p.nth_text(1) == "by" {
        p.bump();
        p.bump();
        scan.partition_by = p.named_list();
    }
    parameters.extend(p.parameters(&["with_match_id"]));
    if p.eat_word("declare") {
        scan.declare = p.function_parameters();
    }
    p.expect_word("with");
    if p.expect(T::OpenParen, "`(`") {
        while p.at_word("step") {
            scan.steps.push(step(p));
            if !p.eat(T::Semicolon) {
                break;
            }
        }
        p.close(T::CloseParen, "`step` or `)`");
    }
    (parameters, O::Scan(scan))
}

fn step(p: &mut Parser) -> ScanStep {
    p.bump();
    let name = p.name("a name");
    let optional = p.eat_word("optional");
    let output = if p.eat_word("output") {
        p.expect(T::Assign, "`=`");
        Some(p.name("`all`, `last` or `none`"))
    } else {
        None
    };
    p.expect(T::Colon, "`:` and a condition");
    let condition = p.scalar();
    let assignments = if p.eat(T::Arrow) { p.named_list() } else { vec![] };
    ScanStep { name, optional, output, condition, assignments }
}
