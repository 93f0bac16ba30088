//! Comparisons of texts.

use super::Sink;
use super::query::{Place, Query};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Binary, Expr, In};
use crate::text::Span;
use crate::types::Value;

/// Shorter words are not in the index.
const SHORTEST_WORD: usize = 3;

/// Characters that mean themselves in regular expressions.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || " _-/:;,=@#%&!\"'<>~".contains(c)
}

/// Whether case makes no difference to a text.
fn is_caseless(text: &str) -> bool {
    text.chars().all(|c| !c.is_lowercase() && !c.is_uppercase() && c.to_lowercase().eq([c]))
}

fn text(expr: &Expr) -> Option<&str> {
    match expr.unparenthesised() {
        Expr::Literal(literal) => match literal.value.as_ref()? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn check(query: &Query, place: Place, expr: &Expr, sink: &mut Sink) {
    match expr {
        Expr::Binary(binary) => {
            if let Some(literal) = text(&binary.right) {
                compared(query, place, binary, literal, sink);
            }
        }
        Expr::In(list) => listed(query, place, list, sink),
        _ => {}
    }
}

fn compared(query: &Query, place: Place, binary: &Binary, literal: &str, sink: &mut Sink) {
    let op = binary.op;
    let written = query.source.slice(binary.op_span);
    let negated = if op.negated { "!" } else { "" };
    match op.sign {
        "contains" | "contains_cs" => {
            let is_word = literal.len() >= SHORTEST_WORD
                && literal.chars().all(|c| c.is_ascii_alphanumeric())
                && literal.chars().any(|c| c.is_ascii_alphabetic());
            if is_word {
                let has = op.sign.replace("contains", "has");
                let message = format!("`{written}` looks at every character of every text");
                sink.tell(
                    Diagnostic::information(codes::CONTAINS_WORD, binary.op_span, message).hint(
                        format!(
                            "if `{literal}` stands as a whole word, `{negated}{has}` finds it by the \
                             index"
                        ),
                    ),
                );
            }
        }
        "has" | "has_cs" | "hasprefix" | "hasprefix_cs" | "hassuffix" | "hassuffix_cs"
            if !literal.is_empty() && !literal.chars().any(char::is_alphanumeric) =>
        {
            let message = format!("`{literal}` holds no letter or digit, of which words are made");
            let told = Diagnostic::information(codes::HAS_WITHOUT_WORD, binary.op_span, message);
            sink.tell(told.hint("without a word to look for, this is `contains`, at its cost"));
        }
        "=~" if is_caseless(literal) && query.is_text(place, &binary.left) => {
            let plain = if op.negated { "!=" } else { "==" };
            let message = match literal {
                "" => "the empty text has no letters whose case could differ".to_string(),
                _ => format!("`{literal}` has no letters whose case could differ"),
            };
            let told = Diagnostic::information(codes::CASE_IN_VAIN, binary.op_span, message);
            mend(sink, told, written, plain, binary.op_span);
        }
        "matches regex" => {
            let (flags, pattern) = match literal.strip_prefix("(?i)") {
                Some(rest) => ("", rest),
                None => ("_cs", literal),
            };
            if pattern.is_empty() || !pattern.chars().all(is_plain) {
                return;
            }
            let contains = format!("contains{flags}");
            let message = format!("the pattern `{pattern}` is a plain text");
            let told = Diagnostic::information(codes::PLAIN_REGEX, binary.op_span, message)
                .hint(format!("write `{contains}`, or `has{flags}` if it is a whole word"));
            // The flag stands in the text, whose spelling a change would have to know.
            match flags == "_cs" && query.is_text(place, &binary.left) {
                true => replace(sink, told, written, &contains, binary.op_span),
                false => sink.tell(told),
            }
        }
        "==" | "!=" | "startswith_cs" | "endswith_cs" => {
            never_of_case(query, binary, literal, sink)
        }
        _ => {}
    }
    if matches!(op.sign, "==" | "!=" | "=~" | "has" | "startswith" | "endswith" | "contains") {
        wildcard(binary, literal, sink);
    }
}

/// A text in the other case than the function gives on the left.
fn never_of_case(query: &Query, binary: &Binary, literal: &str, sink: &mut Sink) {
    let Some((function, wrong)) = case_of(&binary.left) else { return };
    let Some(letter) = literal.chars().find(|c| wrong(*c)) else { return };
    let is_negated = binary.op.negated || binary.op.sign == "!=";
    let always = if is_negated { "always" } else { "never" };
    let message = format!("`{function}` leaves no `{letter}`, so this is {always} true");
    let told = Diagnostic::warning(codes::CASE_NEVER_EQUAL, binary.right.span(), message);
    let sign = if is_negated { "!~" } else { "=~" };
    sink.tell(match binary.op.sign {
        "==" | "!=" => told.hint(format!(
            "compare `{}` by `{sign}`, which ignores case",
            argument(query, &binary.left)
        )),
        _ => told,
    });
}

/// Tells of a letter whether it is one of some.
type Letters = fn(char) -> bool;

/// `tolower` or `toupper`, and which letters it does not leave.
fn case_of(expr: &Expr) -> Option<(&'static str, Letters)> {
    match expr.unparenthesised() {
        Expr::Call(call) if call.args.len() == 1 => match &*call.name.text {
            "tolower" => Some(("tolower", |c| c.is_ascii_uppercase())),
            "toupper" => Some(("toupper", |c| c.is_ascii_lowercase())),
            _ => None,
        },
        _ => None,
    }
}

fn argument<'a>(query: &Query<'a>, expr: &Expr) -> &'a str {
    match expr.unparenthesised() {
        Expr::Call(call) => call.args.first().map_or("", |arg| query.source.slice(arg.span())),
        _ => "",
    }
}

/// `*` at an end of a text, where some would expect a pattern.
fn wildcard(binary: &Binary, literal: &str, sink: &mut Sink) {
    let inner = literal.trim_matches('*');
    let is_pattern = inner.len() < literal.len()
        && !inner.contains('*')
        && !inner.starts_with(char::is_whitespace)
        && !inner.ends_with(char::is_whitespace)
        && inner.chars().filter(|c| c.is_alphanumeric()).count() >= SHORTEST_WORD;
    if !is_pattern {
        return;
    }
    let instead = match (literal.starts_with('*'), literal.ends_with('*')) {
        (true, true) => "contains",
        (true, false) => "endswith",
        _ => "startswith",
    };
    let message = "`*` in a text stands for itself, not for any characters";
    sink.tell(
        Diagnostic::warning(codes::NO_WILDCARD, binary.right.span(), message)
            .hint(format!("`{instead} \"{inner}\"` finds what the pattern would")),
    );
}

fn listed(query: &Query, place: Place, list: &In, sink: &mut Sink) {
    let written = query.source.slice(list.op_span);
    let texts: Option<Vec<&str>> = list.items.iter().map(text).collect();
    match list.sign {
        "in~" => {
            let Some(texts) = texts.filter(|texts| !texts.is_empty()) else { return };
            if texts.iter().all(|text| is_caseless(text)) && query.is_text(place, &list.value) {
                let plain = if list.negated { "!in" } else { "in" };
                let message = "no item has letters whose case could differ";
                let told = Diagnostic::information(codes::CASE_IN_VAIN, list.op_span, message);
                mend(sink, told, written, plain, list.op_span);
            }
        }
        "in" => {
            let Some((function, wrong)) = case_of(&list.value) else { return };
            for item in &list.items {
                let Some(letter) = text(item).and_then(|text| text.chars().find(|c| wrong(*c)))
                else {
                    continue;
                };
                let message =
                    format!("`{function}` leaves no `{letter}`, so this item is never met");
                let told = Diagnostic::warning(codes::CASE_NEVER_EQUAL, item.span(), message);
                let value = argument(query, &list.value);
                sink.tell(told.hint(format!("look for `{value}` by `in~`, which ignores case")));
                return;
            }
        }
        _ => {}
    }
}

fn mend(sink: &mut Sink, told: Diagnostic, was: &str, now: &str, span: Span) {
    replace(sink, told.hint(format!("write `{now}`")), was, now, span);
}

fn replace(sink: &mut Sink, told: Diagnostic, was: &str, now: &str, span: Span) {
    let title = format!("write `{now}` instead of `{was}`");
    sink.tell_and_mend(told, title, vec![(span, now.to_string())]);
}
