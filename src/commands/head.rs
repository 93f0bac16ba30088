//! The head of a command that changes something: names, a column list, properties, and what follows
//! `<|`.

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::syntax::lexer::lex;
use crate::syntax::token::{Token, TokenKind};
use crate::text::{Source, Span};

use super::refused;

/// Reads the head of a command.
pub(super) struct Head<'s> {
    source: &'s Source,
    tokens: Vec<Token>,
    at: usize,
    /// Where what follows `<|` begins.
    body: Option<usize>,
}

/// A property of `with (…)`.
pub(super) struct Property {
    pub name: String,
    pub value: String,
    pub span: Span,
}

impl<'s> Head<'s> {
    /// The head that starts behind the command's first word.
    pub fn new(source: &'s Source, from: usize) -> Self {
        let text = source.text();
        let body = text[from..].find("<|").map(|at| from + at);
        let end = body.unwrap_or(text.len());
        let shifted = |token: &Token| Token {
            kind: token.kind,
            span: Span::new(token.span.start + from as u32, token.span.end + from as u32),
        };
        let tokens = lex(&text[from..end]).iter().map(shifted).collect();
        Head { source, tokens, at: 0, body: body.map(|at| at + 2) }
    }

    fn token(&self) -> Token {
        let end = Token { kind: TokenKind::End, span: Span::default() };
        self.tokens.get(self.at).or(self.tokens.last()).copied().unwrap_or(end)
    }

    fn text(&self) -> &'s str {
        self.source.slice(self.token().span)
    }

    /// The place of the next token.
    pub fn span(&self) -> Span {
        self.token().span
    }

    /// Takes the next token if it is `word`.
    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.token().kind != TokenKind::End && self.text() == word;
        self.at += usize::from(found);
        found
    }

    /// Takes `word`, which must come.
    pub fn expect(&mut self, word: &str) -> Result<(), Diagnostics> {
        if self.eat(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    /// A name, in brackets and quotes where it is not an identifier.
    pub fn name(&mut self) -> Result<(Arc<str>, Span), Diagnostics> {
        let span = self.span();
        if self.eat("[") {
            let (name, _) = self.string()?;
            self.expect("]")?;
            return Ok((name.into(), span));
        }
        match self.token().kind {
            TokenKind::Name => {
                let name = self.text();
                self.at += 1;
                Ok((name.into(), span))
            }
            TokenKind::String => self.string().map(|(name, span)| (name.into(), span)),
            _ => Err(self.unexpected("a name")),
        }
    }

    /// A string literal.
    pub fn string(&mut self) -> Result<(String, Span), Diagnostics> {
        let span = self.span();
        if self.token().kind == TokenKind::String
            && let Some(text) = crate::syntax::string_literal(self.text())
        {
            self.at += 1;
            return Ok((text, span));
        }
        Err(self.unexpected("a string"))
    }

    /// `with (name = value, …)`, if it is there.
    pub fn properties(&mut self) -> Result<Vec<Property>, Diagnostics> {
        let mut properties = vec![];
        if !self.eat("with") {
            return Ok(properties);
        }
        self.expect("(")?;
        while !self.eat(")") {
            let (name, span) = self.name()?;
            self.expect("=")?;
            let value = match self.token().kind {
                TokenKind::String => self.string()?.0,
                TokenKind::End => return Err(self.unexpected("a value")),
                _ => {
                    let word = self.text().to_string();
                    self.at += 1;
                    word
                }
            };
            properties.push(Property { name: name.to_string(), value, span });
            if !self.eat(",") && self.text() != ")" {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(properties)
    }

    /// The place from the next token up to the matching `)`, which is taken.
    pub fn parenthesised(&mut self) -> Result<Span, Diagnostics> {
        let start = self.span();
        self.expect("(")?;
        let mut depth = 1;
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth -= 1,
                TokenKind::End => return Err(self.unexpected("`)`")),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(start.to(token.span));
            }
        }
    }

    /// Nothing more may come before the end or `<|`.
    pub fn end(&self) -> Result<(), Diagnostics> {
        match self.token().kind {
            TokenKind::End | TokenKind::Semicolon => Ok(()),
            _ => Err(self.unexpected("the end of the command")),
        }
    }

    /// What follows `<|`: a source whose text before it is blank, so that places stay true.
    pub fn body(&self) -> Result<Source, Diagnostics> {
        match self.body {
            Some(from) => {
                let end = self.source.text().len();
                Ok(self.source.masked(Span::new(from as u32, end as u32), "", ""))
            }
            None => Err(self.unexpected("`<|`")),
        }
    }

    /// The refusal of what comes next.
    pub fn unexpected(&self, wanted: &str) -> Diagnostics {
        let token = self.token();
        let found = match token.kind {
            TokenKind::End if self.body.is_some() => "`<|`".to_string(),
            TokenKind::End => "the end of the command".to_string(),
            _ => format!("`{}`", self.source.slice(token.span)),
        };
        let message = format!("{wanted} is expected, not {found}");
        refused(Diagnostic::error(codes::SYNTAX, token.span, message))
    }
}
