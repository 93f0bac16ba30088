//! Operators that choose, order and label rows.

use super::{Parsed, Parser};
use crate::syntax::ast::{Name, OperatorKind as O, SortKey};
use crate::syntax::token::TokenKind as T;

pub(super) fn as_(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    (parameters, O::As { name: p.name("a name") })
}

pub(super) fn assert_schema(p: &mut Parser) -> Parsed {
    (vec![], O::AssertSchema { columns: p.columns() })
}

pub(super) fn consume(p: &mut Parser) -> Parsed {
    (p.parameters(&["decodeblocks"]), O::Consume)
}

pub(super) fn count(p: &mut Parser) -> Parsed {
    let name = p.eat_word("as").then(|| p.name("a name"));
    (vec![], O::Count { name })
}

pub(super) fn execute_and_cache(_: &mut Parser) -> Parsed {
    (vec![], O::ExecuteAndCache)
}

pub(super) fn getschema(p: &mut Parser) -> Parsed {
    (p.parameters(&["kind"]), O::GetSchema)
}

pub(super) fn render(p: &mut Parser) -> Parsed {
    let chart = p.name("a chart");
    p.eat_word("with");
    let properties = p.properties();
    (vec![], O::Render { chart: Name { text: chart.text.clone(), ..chart }, properties })
}

pub(super) fn sample(p: &mut Parser) -> Parsed {
    (vec![], O::Sample { count: p.scalar() })
}

pub(super) fn sample_distinct(p: &mut Parser) -> Parsed {
    let count = p.scalar();
    p.expect_word("of");
    (vec![], O::SampleDistinct { count, of: p.named() })
}

pub(super) fn sort(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    p.expect_word("by");
    let mut keys = vec![p.sort_key()];
    while p.eat(T::Comma) {
        keys.push(p.sort_key());
    }
    (parameters, O::Sort { keys })
}

pub(super) fn take(p: &mut Parser) -> Parsed {
    (vec![], O::Take { count: p.scalar() })
}

pub(super) fn top(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    let count = p.scalar();
    p.expect_word("by");
    (parameters, O::Top { count, by: p.sort_key() })
}

pub(super) fn where_(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&["kind"]);
    (parameters, O::Where { predicate: p.named() })
}

impl Parser<'_> {
    /// `expr [asc|desc] [nulls first|last]`.
    pub(super) fn sort_key(&mut self) -> SortKey {
        let expr = self.named();
        let descending =
            if self.eat_word("desc") { Some(true) } else { self.eat_word("asc").then_some(false) };
        let nulls_first = self.eat_word("nulls").then(|| {
            let first = self.eat_word("first");
            if !first {
                self.expect_word("last");
            }
            first
        });
        SortKey { expr, descending, nulls_first }
    }
}
