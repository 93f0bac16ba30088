//! `case` and `iff` that sort a value into ranges: values that fall between them, and branches that
//! are never reached.

use super::Sink;
use super::query::{Constant, Place, Query, conjuncts};
use super::ranges::{Limit, Meets, Range, Test};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::text::Span;
use crate::types::Type;

/// A place between values: before or after one.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Cut {
    value: f64,
    after: bool,
}

/// The values of one branch.
#[derive(Clone, Copy, Debug)]
struct Band {
    from: Cut,
    to: Cut,
    span: Span,
}

const LOWEST: Cut = Cut { value: f64::NEG_INFINITY, after: false };
const HIGHEST: Cut = Cut { value: f64::INFINITY, after: true };

impl Band {
    fn is_bounded(&self) -> bool {
        self.from.value.is_finite() && self.to.value.is_finite()
    }
}

pub(super) fn check(query: &Query, place: Place, expr: &Expr, sink: &mut Sink) {
    let Expr::Call(call) = expr else { return };
    let Some(conditions) = conditions(call) else { return };
    if conditions.len() < 2 {
        return;
    }
    let mut subject = None;
    let mut bands: Vec<Band> = vec![];
    for condition in &conditions {
        let Some((own, band)) = band(query, condition) else { return };
        if subject.as_ref().is_some_and(|subject| *subject != own) {
            return;
        }
        subject = Some(own);
        bands.push(band);
    }
    let Some(subject) = subject else { return };
    for (index, band) in bands.iter().enumerate().skip(1) {
        let before = &bands[..index];
        if band.from < band.to && gaps(&union(before), band.from, band.to).is_empty() {
            let message = "never reached: the conditions before it take all of these values";
            sink.tell(Diagnostic::warning(codes::BAND_NOT_REACHED, band.span, message));
        } else if let Some((other, from, to)) = overlap(before, band) {
            let message =
                format!("{} belongs to this condition and to one before it", values(from, to));
            sink.tell(
                Diagnostic::warning(codes::BAND_OVERLAP, band.span, message)
                    .label(other, "the condition before, which wins"),
            );
        }
    }
    // Two open ranges around a gap leave the middle to the last argument on purpose.
    if bands.len() < 3 && !bands.iter().any(Band::is_bounded) {
        return;
    }
    let ty = place.operator.and_then(|operator| query.column_type(operator, &subject));
    let whole = union(&bands);
    let (Some(first), Some(last)) = (whole.first(), whole.last()) else { return };
    for (from, to) in gaps(&whole, first.0, last.1) {
        let is_narrow = to.value - from.value <= 1.0;
        let has_values = match ty {
            Some(Type::Real | Type::Decimal) => true,
            _ => holds_integer(from, to),
        };
        if is_narrow && has_values {
            let message = format!("{} falls between these conditions", values(from, to));
            sink.tell(
                Diagnostic::warning(codes::BAND_GAP, call.name.span, message).hint(
                    "conditions that each name one limit leave no gap: `x < 34`, `x < 64`, …",
                ),
            );
        }
    }
}

/// The conditions of `case(a, x, b, y, z)` or `iff(a, x, iff(b, y, z))`.
fn conditions(call: &FunctionCall) -> Option<Vec<&Expr>> {
    match &*call.name.text {
        "case" if call.args.len() >= 5 => {
            Some(call.args[..call.args.len() - 1].iter().step_by(2).collect())
        }
        "iff" | "iif" => {
            let mut conditions = vec![];
            let mut next = call;
            loop {
                let [condition, _, rest] = &next.args[..] else { return None };
                conditions.push(condition);
                match rest.unparenthesised() {
                    Expr::Call(inner) if matches!(&*inner.name.text, "iff" | "iif") => next = inner,
                    _ => return Some(conditions),
                }
            }
        }
        _ => None,
    }
}

/// The value that a condition is about, and its range.
fn band(query: &Query, condition: &Expr) -> Option<(String, Band)> {
    let mut terms = vec![];
    conjuncts(condition, &mut terms);
    let mut found: Option<String> = None;
    let mut band = Band { from: LOWEST, to: HIGHEST, span: condition.span() };
    for term in terms {
        let test = Test::of(query, term)?;
        if found.as_ref().is_some_and(|subject| **subject != *test.subject) {
            return None;
        }
        found = Some(test.subject.into_owned());
        let range = match test.meets {
            Meets::Range(range) => range,
            Meets::Among(mut items, _) if items.len() == 1 => {
                let limit = items.pop().map(|value| Limit { value, included: true });
                Range { low: limit.clone(), high: limit }
            }
            _ => return None,
        };
        if let Some(low) = range.low {
            let cut = Cut { value: number(&low.value)?, after: !low.included };
            band.from = if cut > band.from { cut } else { band.from };
        }
        if let Some(high) = range.high {
            let cut = Cut { value: number(&high.value)?, after: high.included };
            band.to = if cut < band.to { cut } else { band.to };
        }
    }
    Some((found?, band))
}

fn number(value: &Constant) -> Option<f64> {
    match value {
        Constant::Number(value) => Some(*value),
        _ => None,
    }
}

/// The values of all bands, in order, joined where they touch.
fn union(bands: &[Band]) -> Vec<(Cut, Cut)> {
    let mut parts: Vec<(Cut, Cut)> =
        bands.iter().filter(|band| band.from < band.to).map(|band| (band.from, band.to)).collect();
    parts.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut joined: Vec<(Cut, Cut)> = vec![];
    for (from, to) in parts {
        match joined.last_mut() {
            Some(last) if from <= last.1 => {
                if to > last.1 {
                    last.1 = to;
                }
            }
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// What parts, in order, leave of the values between two places.
fn gaps(parts: &[(Cut, Cut)], from: Cut, to: Cut) -> Vec<(Cut, Cut)> {
    let mut at = from;
    let mut gaps = vec![];
    for &(start, end) in parts {
        if start > at && at < to {
            gaps.push((at, if start < to { start } else { to }));
        }
        if end > at {
            at = end;
        }
    }
    if at < to {
        gaps.push((at, to));
    }
    gaps
}

/// The values that two bounded bands share without one holding the other, if they are more than one.
fn overlap(before: &[Band], band: &Band) -> Option<(Span, Cut, Cut)> {
    let shared = before.iter().filter(|other| other.is_bounded() && band.is_bounded());
    shared
        .filter_map(|other| {
            let holds = |a: &Band, b: &Band| a.from <= b.from && b.to <= a.to;
            let from = if other.from > band.from { other.from } else { band.from };
            let to = if other.to < band.to { other.to } else { band.to };
            let is_partial = !holds(other, band) && !holds(band, other);
            (is_partial && from.value < to.value).then_some((other.span, from, to))
        })
        .next()
}

fn holds_integer(from: Cut, to: Cut) -> bool {
    let first = match from.after {
        true => from.value.floor() + 1.0,
        false => from.value.ceil(),
    };
    first < to.value || first == to.value && to.after
}

fn values(from: Cut, to: Cut) -> String {
    match from.value == to.value {
        true => format!("the value {}", from.value),
        false => format!("what is between {} and {}", from.value, to.value),
    }
}
