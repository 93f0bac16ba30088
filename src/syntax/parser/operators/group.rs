//! Operators that group rows.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, MakeSeries, Named, OperatorKind as O, TopNestedLevel};
use crate::syntax::token::TokenKind as T;

pub(super) fn summarize(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    let empty =
        p.at_word("by") || matches!(p.kind(), T::Pipe | T::End | T::Semicolon | T::CloseParen);
    let aggregates = if empty { vec![] } else { p.named_list() };
    let by = if p.eat_word("by") { p.named_list() } else { vec![] };
    if aggregates.is_empty() && by.is_empty() {
        p.expected("an aggregate or `by`");
    }
    (parameters, O::Summarize { aggregates, by })
}

pub(super) fn make_series(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    let mut aggregates = vec![];
    loop {
        let aggregate = p.named();
        let default = if p.eat_word("default") {
            p.expect(T::Assign, "`=`");
            Some(p.unary())
        } else {
            None
        };
        aggregates.push((aggregate, default));
        if !p.eat(T::Comma) {
            break;
        }
    }
    p.expect_word("on");
    let on = p.axis();
    let range = (p.at_word("in") && p.nth_text(1) == "range").then(|| {
        p.bump();
        p.postfix()
    });
    let from = p.eat_word("from").then(|| p.scalar());
    let to = p.eat_word("to").then(|| p.scalar());
    let step = p.eat_word("step").then(|| p.scalar());
    let by = if p.eat_word("by") { p.named_list() } else { vec![] };
    (parameters, O::MakeSeries(MakeSeries { aggregates, on, from, to, step, range, by }))
}

impl Parser<'_> {
    /// `[name =] expr` in front of `in range(…)`, which is not the operator `in`.
    fn axis(&mut self) -> Expr {
        let start = self.span();
        let named = self.opt_assigned_names();
        let value = self.sum();
        match named {
            Some((names, tuple)) => {
                let span = self.since(start);
                Expr::Named(Box::new(Named { names, tuple, value, span }))
            }
            None => value,
        }
    }
}

pub(super) fn reduce(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    p.expect_word("by");
    let by = p.scalar();
    let properties = if p.eat_word("with") { p.properties() } else { vec![] };
    (parameters, O::Reduce { by, properties })
}

pub(super) fn top_hitters(p: &mut Parser) -> Parsed {
    let count = p.scalar();
    p.expect_word("of");
    let of = p.named();
    let by = p.eat_word("by").then(|| p.scalar());
    (vec![], O::TopHitters { count, of, by })
}

pub(super) fn top_nested(p: &mut Parser) -> Parsed {
    let mut levels = vec![level(p)];
    while p.eat(T::Comma) {
        let keyword = p.at_word("top") && p.nth_text(2) == "nested";
        if keyword {
            (0..3).for_each(|_| {
                p.bump();
            });
        } else {
            p.expected("`top-nested`");
        }
        levels.push(level(p));
    }
    (vec![], O::TopNested { levels })
}

fn level(p: &mut Parser) -> TopNestedLevel {
    let count: Option<Expr> = (!p.at_word("of")).then(|| p.scalar());
    p.expect_word("of");
    let of = p.named();
    let others = if p.eat_word("with") {
        p.expect_word("others");
        p.expect(T::Assign, "`=`");
        Some(p.scalar())
    } else {
        None
    };
    p.expect_word("by");
    TopNestedLevel { count, of, others, by: p.sort_key() }
}
