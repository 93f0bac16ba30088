//! What is given a name and never read.

use std::collections::{HashMap, HashSet};

use super::Sink;
use super::query::{Query, reads};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, LetValue, Operator, OperatorKind, Statement};
use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;
use crate::text::Span;

/// `let`s whose names appear nowhere else.
pub(super) fn unused_lets(query: &Query, sink: &mut Sink) {
    let lets: Vec<_> = query
        .script
        .statements
        .iter()
        .filter_map(|statement| match statement {
            Statement::Let(statement) => match &statement.value {
                LetValue::Function(function) if function.view => None,
                _ => Some(statement),
            },
            _ => None,
        })
        .collect();
    if lets.is_empty() {
        return;
    }
    let text = query.source.text();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for token in lex(text) {
        let word = &text[token.span.range()];
        match token.kind {
            TokenKind::Name => *uses.entry(word).or_default() += 1,
            // `['name']`
            TokenKind::String => {
                *uses.entry(word.trim_matches(['"', '\''])).or_default() += 2;
            }
            _ => {}
        }
    }
    let mut called = None;
    for statement in lets {
        let name = &*statement.name.text;
        if statement.name.quoted || uses.get(name).copied().unwrap_or_default() > 1 {
            continue;
        }
        // The body of a stored function sees the names of its caller.
        let called = called.get_or_insert_with(|| words_of_functions(query, &uses));
        if called.contains(name) {
            continue;
        }
        let told = Diagnostic::warning(
            codes::UNUSED_LET,
            statement.name.span,
            format!("`{name}` is never used"),
        );
        let rest = &text[statement.span.end as usize..];
        let end = match rest.trim_start().strip_prefix(';') {
            Some(after) => {
                let line_end = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
                let is_line = after[line_end..].starts_with('\n');
                text.len() - after.len() + if is_line { line_end + 1 } else { 0 }
            }
            None => statement.span.end as usize,
        };
        let edit = Span::new(statement.span.start, end as u32);
        let title = format!("remove `{name}`");
        sink.tell_and_mend(told, title, vec![(edit, String::new())]);
    }
}

/// All names in the texts of the stored functions that a query reaches.
fn words_of_functions(query: &Query, uses: &HashMap<&str, usize>) -> HashSet<String> {
    let mut words: HashSet<String> = HashSet::new();
    let mut open: Vec<String> = uses.keys().map(ToString::to_string).collect();
    let mut seen: HashSet<String> = HashSet::new();
    while let Some(name) = open.pop() {
        let Some(Ok(definition)) = query.functions.get(&name).map(|stored| stored.definition())
        else {
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        let text = definition.source.text();
        for token in lex(text).iter().filter(|token| token.kind == TokenKind::Name) {
            let word = &text[token.span.range()];
            if words.insert(word.to_string()) {
                open.push(word.to_string());
            }
        }
    }
    words
}

/// Columns that an `extend` computes and the next one computes anew without reading them.
pub(super) fn unread_columns(_: &Query, _: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    // The columns that the run of `extend`s so far has given and nothing has read.
    let mut unread: HashMap<&str, Span> = HashMap::new();
    for operator in operators {
        let OperatorKind::Extend { columns } = &operator.kind else {
            unread.clear();
            continue;
        };
        let mut read = vec![];
        if columns.iter().try_for_each(|column| reads(column, &mut read)).is_none() {
            unread.clear();
            continue;
        }
        for read in read {
            unread.remove(read.name);
        }
        for column in columns {
            let Expr::Named(named) = column else { continue };
            for name in &named.names {
                let Some(first) = unread.insert(&name.text, name.span) else { continue };
                let message = format!("`{}` is overwritten before anything reads it", name.text);
                sink.tell(
                    Diagnostic::warning(codes::UNREAD_COLUMN, first, message)
                        .label(name.span, "here"),
                );
            }
        }
    }
}
