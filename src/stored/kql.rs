//! Files of KQL: commands that create functions, `let` functions, or one query.

use std::path::Path;
use std::sync::Arc;

use super::{Stored, Text, head};
use crate::syntax::lexer::lex;
use crate::syntax::token::{Token, TokenKind};
use crate::text::{Source, Span};

/// The functions that a file defines, or what is wrong with it.
pub(super) fn index(path: &Path, text: String) -> Result<Vec<Stored>, String> {
    let source = Source::new(path.display().to_string(), text);
    let commands = commands(source.text());
    if !commands.is_empty() {
        return created(&source, &commands);
    }
    let functions = lets(&source);
    if !functions.is_empty() {
        return Ok(functions);
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    Ok(vec![Stored::new(Arc::<str>::from(&*stem), Text::Query(source))])
}

fn created(source: &Source, starts: &[u32]) -> Result<Vec<Stored>, String> {
    let ends = starts.iter().skip(1).copied().chain([source.text().len() as u32]);
    let heads = starts.iter().zip(ends).map(|(&start, end)| {
        let head = head(source, start, end).map_err(|found| {
            let place = source.location(found.span.start);
            format!("line {}: {}", place.line, found.message)
        })?;
        let text = Text::Function { source: source.clone(), start: head.parameters, end };
        Ok(Stored {
            view: head.view,
            folder: head.folder,
            doc: head.doc,
            ..Stored::new(head.name, text)
        })
    });
    heads.collect()
}

/// Where lines begin that create functions.
fn commands(text: &str) -> Vec<u32> {
    let mut starts = vec![];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if let Some(rest) = [".create-or-alter", ".create", ".alter"]
            .iter()
            .find_map(|verb| trimmed.strip_prefix(verb))
            && rest.trim_start().starts_with("function")
            && rest.starts_with(char::is_whitespace)
        {
            starts.push((at + line.len() - trimmed.len()) as u32);
        }
        at += line.len();
    }
    starts
}

/// The `let` functions of a file that holds nothing else.
fn lets(source: &Source) -> Vec<Stored> {
    let text = source.text();
    let tokens = lex(text);
    let word = |token: &Token| &text[token.span.range()];
    let mut functions = vec![];
    for statement in statements(&tokens) {
        let [keyword, name, assign, rest @ ..] = statement else { return vec![] };
        let is_let = keyword.kind == TokenKind::Name
            && word(keyword) == "let"
            && name.kind == TokenKind::Name
            && assign.kind == TokenKind::Assign;
        let start = match rest {
            [view, open, ..]
                if view.kind == TokenKind::Name
                    && word(view) == "view"
                    && open.kind == TokenKind::OpenParen =>
            {
                open
            }
            [open, ..] if open.kind == TokenKind::OpenParen => open,
            _ => return vec![],
        };
        let Some(last) = rest.last().filter(|last| last.kind == TokenKind::CloseBrace) else {
            return vec![];
        };
        if !is_let {
            return vec![];
        }
        let body = Span::new(start.span.start, last.span.end);
        let stored = Text::Function { source: source.clone(), start: body.start, end: body.end };
        let view = word(&rest[0]) == "view";
        functions.push(Stored { view, ..Stored::new(word(name), stored) });
    }
    functions
}

/// The tokens of each statement.
fn statements(tokens: &[Token]) -> Vec<&[Token]> {
    let mut found = vec![];
    let (mut depth, mut start) = (0usize, 0);
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket => {
                depth = depth.saturating_sub(1);
            }
            TokenKind::Semicolon if depth > 0 => {}
            TokenKind::Semicolon | TokenKind::End => {
                if index > start {
                    found.push(&tokens[start..index]);
                }
                start = index + 1;
            }
            _ => {}
        }
    }
    found
}
