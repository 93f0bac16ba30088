//! Conditions that compare one value with constants, and which values meet them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::query::{Constant, Query};
use crate::syntax::ast::Expr;
use crate::text::Span;

/// A comparison of a value with constants.
pub(super) struct Test<'a> {
    /// The value, as it is spelled.
    pub subject: Cow<'a, str>,
    pub meets: Meets,
    pub span: Span,
}

/// Which values meet a [`Test`].
pub(super) enum Meets {
    /// Those between the limits.
    Range(Range),
    /// Those listed. Case is ignored if the flag is set.
    Among(Vec<Constant>, bool),
    /// All but those listed, null too.
    NoneOf(Vec<Constant>, bool),
}

/// Values between two limits.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    pub low: Option<Limit>,
    pub high: Option<Limit>,
}

#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub value: Constant,
    pub included: bool,
}

impl Constant {
    /// The order of two constants of one kind.
    pub fn order(&self, other: &Constant) -> Option<Ordering> {
        match (self, other) {
            (Constant::Number(a), Constant::Number(b)) => a.partial_cmp(b),
            (Constant::DateTime(a), Constant::DateTime(b))
            | (Constant::TimeSpan(a), Constant::TimeSpan(b))
            | (Constant::FromNow(a), Constant::FromNow(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Whether nothing can equal both, however texts are compared.
    pub fn differs(&self, other: &Constant) -> bool {
        match (self, other) {
            (Constant::Text(a), Constant::Text(b)) => a.to_lowercase() != b.to_lowercase(),
            (Constant::Guid(a), Constant::Guid(b)) => a != b,
            (Constant::Bool(a), Constant::Bool(b)) => a != b,
            _ => self.order(other).is_some_and(Ordering::is_ne),
        }
    }
}

impl Range {
    /// Whether a value certainly lies outside.
    fn excludes(&self, value: &Constant) -> bool {
        let beyond = |limit: &Option<Limit>, past: Ordering| {
            limit.as_ref().is_some_and(|limit| match value.order(&limit.value) {
                Some(Ordering::Equal) => !limit.included,
                Some(order) => order == past,
                None => false,
            })
        };
        beyond(&self.low, Ordering::Less) || beyond(&self.high, Ordering::Greater)
    }

    /// Whether no value lies between the limits.
    pub fn is_empty(&self) -> bool {
        let (Some(low), Some(high)) = (&self.low, &self.high) else { return false };
        match low.value.order(&high.value) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !(low.included && high.included),
            _ => false,
        }
    }
}

impl Meets {
    /// Whether no value meets both.
    pub fn contradicts(&self, other: &Meets) -> bool {
        match (self, other) {
            (Meets::Range(a), Meets::Range(b)) => {
                let one = Range { low: a.low.clone(), high: b.high.clone() };
                let two = Range { low: b.low.clone(), high: a.high.clone() };
                one.is_empty() || two.is_empty()
            }
            (Meets::Among(items, _), Meets::Range(range))
            | (Meets::Range(range), Meets::Among(items, _)) => {
                items.iter().all(|item| range.excludes(item))
            }
            (Meets::Among(a, _), Meets::Among(b, _)) => are_apart(a, b),
            (Meets::Among(items, any_case), Meets::NoneOf(out, out_any_case))
            | (Meets::NoneOf(out, out_any_case), Meets::Among(items, any_case)) => {
                let is_out = |item: &Constant, other: &Constant| match (item, other) {
                    (Constant::Text(a), Constant::Text(b)) if *out_any_case => {
                        a.to_lowercase() == b.to_lowercase()
                    }
                    _ => item == other && !any_case,
                };
                items.iter().all(|item| out.iter().any(|other| is_out(item, other)))
            }
            (Meets::NoneOf(..), Meets::NoneOf(..) | Meets::Range(_))
            | (Meets::Range(_), Meets::NoneOf(..)) => false,
        }
    }

    /// Whether each value, null too, meets one of both.
    pub fn completes(&self, other: &Meets) -> bool {
        match (self, other) {
            (Meets::NoneOf(a, _), Meets::NoneOf(b, _)) => are_apart(a, b),
            _ => false,
        }
    }
}

/// Whether no value is in both lists. Long lists are not compared.
fn are_apart(a: &[Constant], b: &[Constant]) -> bool {
    a.len() * b.len() <= 1000 && a.iter().all(|one| b.iter().all(|other| one.differs(other)))
}

impl<'a> Test<'a> {
    /// The test that a condition is, if it is one.
    pub fn of(query: &Query<'a>, expr: &Expr) -> Option<Test<'a>> {
        let span = expr.span();
        let (subject, meets) = match expr.unparenthesised() {
            Expr::Binary(binary) => {
                let (subject, value, flipped) = match query.constant(&binary.right) {
                    Some(value) => (&binary.left, value, false),
                    None => (&binary.right, query.constant(&binary.left)?, true),
                };
                let range = |low: bool, included: bool| {
                    let limit = Some(Limit { value: value.clone(), included });
                    Meets::Range(match low != flipped {
                        true => Range { low: limit, high: None },
                        false => Range { low: None, high: limit },
                    })
                };
                let meets = match (binary.op.sign, binary.op.negated) {
                    ("<", false) => range(false, false),
                    ("<=", false) => range(false, true),
                    (">", false) => range(true, false),
                    (">=", false) => range(true, true),
                    ("==", false) => Meets::Among(vec![value], false),
                    ("!=", false) | ("==", true) => Meets::NoneOf(vec![value], false),
                    ("=~", false) => Meets::Among(vec![value], true),
                    ("=~", true) => Meets::NoneOf(vec![value], true),
                    _ => return None,
                };
                (subject, meets)
            }
            Expr::Between(between) if !between.negated => {
                let limit = |expr| Some(Limit { value: query.constant(expr)?, included: true });
                let low = limit(&between.low)?;
                let high = match (&low.value, limit(&between.high)?) {
                    // `datetime .. timespan` is a length.
                    (
                        Constant::DateTime(_) | Constant::FromNow(_),
                        Limit { value: Constant::TimeSpan(_), .. },
                    ) => return None,
                    (_, high) => high,
                };
                (&between.value, Meets::Range(Range { low: Some(low), high: Some(high) }))
            }
            Expr::In(list) if matches!(list.sign, "in" | "in~") => {
                let items: Option<Vec<Constant>> =
                    list.items.iter().map(|item| query.constant(item)).collect();
                let items = items.filter(|items| !items.is_empty())?;
                let any_case = list.sign == "in~";
                let meets = match list.negated {
                    false => Meets::Among(items, any_case),
                    true => Meets::NoneOf(items, any_case),
                };
                (&list.value, meets)
            }
            _ => return None,
        };
        if query.constant(subject).is_some() {
            return None;
        }
        Some(Test { subject: query.spelling(subject)?, meets, span })
    }
}
