//! The `join` operator: `T | join kind=… (U) on a, $left.b == $right.c`; and `lookup`.

use super::{parameter, word_parameter};
use crate::binder::Binder;
use crate::binder::combine;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{JoinKind, Relation};
use crate::syntax::ast::{BinaryClass, Expr, Operator};
use crate::types::Type;

const KINDS: &[(&str, JoinKind)] = &[
    ("innerunique", JoinKind::InnerUnique),
    ("inner", JoinKind::Inner),
    ("leftouter", JoinKind::LeftOuter),
    ("rightouter", JoinKind::RightOuter),
    ("fullouter", JoinKind::FullOuter),
    ("leftsemi", JoinKind::LeftSemi),
    ("rightsemi", JoinKind::RightSemi),
    ("leftanti", JoinKind::LeftAnti),
    ("anti", JoinKind::LeftAnti),
    ("leftantisemi", JoinKind::LeftAnti),
    ("rightanti", JoinKind::RightAnti),
    ("rightantisemi", JoinKind::RightAnti),
];

pub(super) fn join<'a>(
    cx: &mut Binder<'a>,
    left: Relation,
    operator: &'a Operator,
    right: &'a Expr,
    on: &'a [Expr],
) -> Relation {
    let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    let kind = word_parameter(cx, operator, &["kind"], &names).unwrap_or("innerunique");
    let kind = KINDS.iter().find(|(name, _)| *name == kind).map_or(JoinKind::InnerUnique, |k| k.1);
    let right = right_side(cx, right);
    match keys(cx, &left, &right, operator, on) {
        Some(keys) => combine::join(left, right, kind, &keys),
        None => cx.broken(),
    }
}

pub(super) fn lookup<'a>(
    cx: &mut Binder<'a>,
    left: Relation,
    operator: &'a Operator,
    right: &'a Expr,
    on: &'a [Expr],
) -> Relation {
    let kind = word_parameter(cx, operator, &["kind"], &["leftouter", "inner"]);
    let kind = if kind == Some("inner") { JoinKind::Inner } else { JoinKind::LeftOuter };
    if let Some(hint) = parameter(operator, &["hint.shufflekey"]) {
        cx.error(codes::UNKNOWN_PARAMETER, hint.name.span, "`lookup` takes no `hint.shufflekey`");
    }
    let right = right_side(cx, right);
    let Some(keys) = keys(cx, &left, &right, operator, on) else { return cx.broken() };
    let width = left.schema.len();
    let hidden: Vec<usize> = keys.iter().map(|(_, r)| *r).collect();
    // The right keys go away, and with them their names.
    let count = right.schema.len();
    let rest: Vec<usize> = (0..count).filter(|i| !hidden.contains(i)).collect();
    let mut order = rest.clone();
    order.extend(&hidden);
    let right = right.select(&order);
    let moved: Vec<(usize, usize)> = keys
        .iter()
        .map(|(l, r)| (*l, order.iter().position(|i| i == r).unwrap_or_default()))
        .collect();
    let joined = combine::join(left, right, kind, &moved);
    joined.select(&(0..width + rest.len()).collect::<Vec<_>>())
}

fn right_side<'a>(cx: &mut Binder<'a>, expr: &'a Expr) -> Relation {
    let right = cx.inner_relation(expr);
    let open = right.is_open();
    cx.note_input(expr.span(), &right, open);
    right
}

/// The pairs of key columns.
fn keys<'a>(
    cx: &mut Binder<'a>,
    left: &Relation,
    right: &Relation,
    operator: &Operator,
    on: &'a [Expr],
) -> Option<Vec<(usize, usize)>> {
    if on.is_empty() {
        cx.diagnostics.push(
            Diagnostic::error(codes::JOIN_CONDITION, operator.keyword, "the keys are missing")
                .hint("add `on` and the columns to match"),
        );
        return None;
    }
    let mut keys = vec![];
    for condition in on {
        let pair = match condition.unparenthesised() {
            Expr::Name(name) => {
                let l = side(cx, left, "left", condition, &name.text);
                let r = side(cx, right, "right", condition, &name.text);
                l.zip(r)
            }
            Expr::Binary(binary)
                if binary.op.class == BinaryClass::Comparison
                    && binary.op.sign == "=="
                    && !binary.op.negated =>
            {
                equality(cx, left, right, &binary.left, &binary.right)
            }
            Expr::And(terms) => {
                keys.extend(self::keys(cx, left, right, operator, terms)?);
                continue;
            }
            other => {
                cx.diagnostics.push(
                    Diagnostic::error(
                        codes::JOIN_CONDITION,
                        other.span(),
                        "only equality of columns can join",
                    )
                    .hint("name a column of both sides, or write `$left.a == $right.b`"),
                );
                None
            }
        };
        let (l, r) = pair?;
        let (lt, rt) = (left.schema.columns()[l].ty, right.schema.columns()[r].ty);
        let fit = lt == rt || (lt.is_integer() && rt.is_integer());
        if (!fit || lt == Type::Dynamic) && lt != Type::Unknown && rt != Type::Unknown {
            let message = if lt == Type::Dynamic && rt == Type::Dynamic {
                "dynamic columns cannot be keys".to_string()
            } else {
                format!("the key is of type {lt} on the left and {rt} on the right")
            };
            cx.diagnostics.push(
                Diagnostic::error(codes::JOIN_KEY_TYPES, condition.span(), message)
                    .hint("convert one side in an `extend` before the join"),
            );
            return None;
        }
        keys.push((l, r));
    }
    Some(keys)
}

/// `$left.a == $right.b`, either way round.
fn equality<'a>(
    cx: &mut Binder<'a>,
    left: &Relation,
    right: &Relation,
    a: &'a Expr,
    b: &'a Expr,
) -> Option<(usize, usize)> {
    match (sided(a), sided(b)) {
        (Some((true, l)), Some((false, r))) | (Some((false, r)), Some((true, l))) => {
            let (l_at, r_at) = if sided(a).is_some_and(|s| s.0) { (a, b) } else { (b, a) };
            let l = side(cx, left, "left", l_at, l);
            let r = side(cx, right, "right", r_at, r);
            l.zip(r)
        }
        _ => {
            let span = a.span().to(b.span());
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::JOIN_CONDITION,
                    span,
                    "one side must be a column of `$left`, the other of `$right`",
                )
                .hint("write `$left.a == $right.b`"),
            );
            None
        }
    }
}

/// `$left.name` (true) or `$right.name` (false).
fn sided(expr: &Expr) -> Option<(bool, &str)> {
    let (target, column) = match expr.unparenthesised() {
        Expr::Member(member) => match &member.member {
            Expr::Name(name) => (&member.target, &*name.text),
            _ => return None,
        },
        Expr::Index(index) => match &index.index {
            Expr::Literal(literal) => match &literal.value {
                Some(crate::types::Value::String(text)) => (&index.target, &**text),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    match target {
        Expr::Name(name) if &*name.text == "$left" => Some((true, column)),
        Expr::Name(name) if &*name.text == "$right" => Some((false, column)),
        _ => None,
    }
}

fn side(cx: &mut Binder, relation: &Relation, which: &str, at: &Expr, name: &str) -> Option<usize> {
    let found = relation.schema.index_of(name);
    if found.is_none() && !cx.quiet {
        let names: Vec<String> = relation.schema.names().map(str::to_string).collect();
        let message = format!("the {which} table has no column `{name}`");
        cx.diagnostics.push(Diagnostic::error(codes::UNKNOWN_NAME, at.span(), message).suggest(
            "column",
            name,
            names.iter().map(String::as_str),
        ));
    }
    found
}
