//! Operators that choose and compute columns.

use super::{Parsed, Parser};
use crate::syntax::ast::{Expr, OperatorKind as O, Reorder};
use crate::syntax::token::TokenKind as T;

pub(super) fn distinct(p: &mut Parser) -> Parsed {
    let parameters = p.parameters(&[]);
    let star = p.kind() == T::Star;
    let columns = if star { vec![Expr::Star(p.bump().span)] } else { p.named_list() };
    (parameters, O::Distinct { columns })
}

pub(super) fn extend(p: &mut Parser) -> Parsed {
    (vec![], O::Extend { columns: p.named_list() })
}

pub(super) fn serialize(p: &mut Parser) -> Parsed {
    let none = matches!(p.kind(), T::Pipe | T::Semicolon | T::End | T::CloseParen | T::CloseBrace);
    let columns = if none { vec![] } else { p.named_list() };
    (vec![], O::Serialize { columns })
}

pub(super) fn project(p: &mut Parser) -> Parsed {
    (vec![], O::Project { columns: p.named_list() })
}

pub(super) fn project_away(p: &mut Parser) -> Parsed {
    (vec![], O::ProjectAway { columns: p.pattern_list() })
}

pub(super) fn project_keep(p: &mut Parser) -> Parsed {
    (vec![], O::ProjectKeep { columns: p.pattern_list() })
}

pub(super) fn project_by_names(p: &mut Parser) -> Parsed {
    (vec![], O::ProjectByNames { columns: p.named_list() })
}

pub(super) fn project_rename(p: &mut Parser) -> Parsed {
    (vec![], O::ProjectRename { columns: p.named_list() })
}

pub(super) fn project_reorder(p: &mut Parser) -> Parsed {
    let mut columns = vec![];
    loop {
        let pattern = p.pattern();
        columns.push((pattern, direction(p)));
        if !p.eat(T::Comma) {
            break;
        }
    }
    (vec![], O::ProjectReorder { columns })
}

fn direction(p: &mut Parser) -> Option<Reorder> {
    if p.eat_word("asc") {
        return Some(Reorder::Asc);
    }
    if p.eat_word("desc") {
        return Some(Reorder::Desc);
    }
    if p.at_word("granny") && p.nth(1).kind == T::Minus {
        p.bump();
        p.bump();
        if p.eat_word("asc") {
            return Some(Reorder::GrannyAsc);
        }
        p.expect_word("desc");
        return Some(Reorder::GrannyDesc);
    }
    None
}
