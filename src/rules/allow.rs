//! Comments that silence findings: `// kqlite: allow(KQ301, KQ310) reason` in a query, `#` in YAML and
//! Terraform.
//!
//! A comment behind a text counts for its line, one on a line of its own for the next line. Before
//! all else in a query it counts for the query, before all else in a rule for the rule, and before
//! the key of a member for the member.

use super::document::{Node, Scalar};
use super::{Finding, Rule};
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::syntax::lexer::lex;
use crate::text::{Source, Span};

const MARK: &str = "kqlite: allow(";

/// A comment that silences findings.
#[derive(Clone, Debug)]
pub(super) struct Allow {
    /// The codes, each with its place in the file.
    codes: Vec<(String, Span)>,
    /// Where the findings begin that it silences.
    reach: Vec<Span>,
}

/// The comments of a rule, in its query and around it.
pub(super) fn find(source: &Source, rule: &Rule) -> Vec<Allow> {
    let mut allows = vec![];
    let query = rule.get("query");
    if !source.text().contains(MARK) {
        // What a form writes otherwise in the file is not looked for.
        return allows;
    }
    if let Some(query) = query.and_then(Node::scalar) {
        in_query(query, &mut allows);
    }
    let query = query.map(|query| query.span);
    let is_query = |at: usize| {
        query.is_some_and(|query| query.start as usize <= at && at < query.end as usize)
    };
    for (at, _) in source.text().match_indices(MARK).filter(|(at, _)| !is_query(*at)) {
        if let Some(allow) = in_file(source, rule, at) {
            allows.push(allow);
        }
    }
    allows
}

fn in_query(query: &Scalar, allows: &mut Vec<Allow>) {
    let text = &*query.value;
    let mut marks = text.match_indices(MARK).map(|(at, _)| at).peekable();
    if marks.peek().is_none() {
        return;
    }
    let tokens = lex(text);
    for at in marks {
        let next = tokens.partition_point(|token| (token.span.end as usize) <= at);
        let Some(token) = tokens.get(next) else { continue };
        if (token.span.start as usize) <= at {
            continue;
        }
        let codes = listed(text, at).into_iter();
        let codes = codes.map(|(code, span)| (code, query.place(span))).collect();
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = match next.checked_sub(1).map(|before| tokens[before].span.end as usize) {
            // Before all else.
            None => Span::new(0, text.len() as u32),
            Some(end) if end > line_start => line_of(text, at),
            Some(_) => line_of(text, token.span.start as usize),
        };
        let reach = vec![Span::new(
            query.place(Span::new(line.start, line.start)).start,
            query.place(line).end,
        )];
        allows.push(Allow { codes, reach });
    }
}

fn in_file(source: &Source, rule: &Rule, at: usize) -> Option<Allow> {
    let text = source.text();
    let codes = listed(text, at);
    let line = line_of(text, at);
    let before = text.get(line.start as usize..at)?;
    let comment = before.rfind('#').or_else(|| before.rfind("//"))?;
    let is_alone = before[..comment].trim().is_empty();
    if !is_alone {
        let is_inside = rule.document.span.range().contains(&at);
        return is_inside.then(|| Allow { codes, reach: vec![line] });
    }
    let is_comment = |line: &str| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with('#') || line.starts_with("//") || line == "---"
    };
    let whole = rule.document.span;
    if let Some(between) = text.get(line.end as usize..whole.start as usize) {
        return between.lines().all(is_comment).then(|| Allow { codes, reach: vec![whole] });
    }
    if line.start >= whole.end {
        return None;
    }
    let mut start = line.end as usize;
    for next in text[start..].split_inclusive('\n') {
        if !is_comment(next.trim_end()) {
            break;
        }
        start += next.len();
    }
    let next = line_of(text, start.min(text.len()));
    let mut reach = vec![next];
    members(&rule.document, next, &mut reach);
    Some(Allow { codes, reach })
}

/// Adds the extents of all values that begin on a line.
fn members(node: &Node, line: Span, reach: &mut Vec<Span>) {
    let begins = |start: u32| line.start <= start && start < line.end;
    for entry in node.entries() {
        if begins(entry.key.span.start) {
            reach.push(entry.key.span.to(entry.value.span));
        } else {
            members(&entry.value, line, reach);
        }
    }
    for item in node.items() {
        match begins(item.span.start) {
            true => reach.push(item.span),
            false => members(item, line, reach),
        }
    }
}

/// The line around a place, with its line break.
fn line_of(text: &str, at: usize) -> Span {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    Span::new(start as u32, end as u32)
}

/// The codes between the parentheses of a comment that begins at `at`.
fn listed(text: &str, at: usize) -> Vec<(String, Span)> {
    let from = at + MARK.len();
    let rest = &text[from..];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let list = &line[..line.find(')').unwrap_or(line.len())];
    let mut codes = vec![];
    let mut start = from;
    for code in list.split(',') {
        let blanks = code.len() - code.trim_start().len();
        let word = code.trim();
        if !word.is_empty() {
            let first = (start + blanks) as u32;
            codes.push((word.to_string(), Span::new(first, first + word.len() as u32)));
        }
        start += code.len() + 1;
    }
    codes
}

/// Takes away what comments allow, and tells of those that allow nothing. Where the query has
/// errors, `whole` is false: what else there would be to find is not known.
pub(super) fn apply(allows: &[Allow], findings: &mut Vec<Finding>, whole: bool) {
    let mut idle = vec![];
    for allow in allows {
        for (code, place) in &allow.codes {
            let before = findings.len();
            findings.retain(|found| {
                let start = found.diagnostic.span.start;
                let reaches = |reach: &Span| reach.start <= start && start < reach.end;
                let is_code = found.diagnostic.code.id().eq_ignore_ascii_case(code);
                !(is_code && allow.reach.iter().any(reaches))
            });
            if findings.len() < before {
                continue;
            }
            let is_known = Code::all().any(|known| known.id().eq_ignore_ascii_case(code));
            let message = match is_known {
                true if whole => format!("`{code}` is not found here, so this allows nothing"),
                true => continue,
                false => format!("there is no code `{code}`, so this allows nothing"),
            };
            idle.push(Diagnostic::information(codes::IDLE_ALLOW, *place, message).into());
        }
    }
    findings.append(&mut idle);
}
