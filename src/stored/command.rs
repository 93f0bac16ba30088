//! The head of `.create function` and its kin: everything before the parameters.

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{self, Expr, Statement};
use crate::syntax::lexer::lex;
use crate::syntax::token::{Token, TokenKind};
use crate::syntax::{self};
use crate::text::{Source, Span};
use crate::types::Value;

/// What a command does with a function that is there, or not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Create,
    CreateIfNotExists,
    CreateOrAlter,
    Alter,
}

/// What a command says before the parameters.
#[derive(Clone, Debug)]
pub struct Head {
    pub verb: Verb,
    pub name: Arc<str>,
    pub name_span: Span,
    pub folder: String,
    pub doc: String,
    pub view: bool,
    pub skip_validation: bool,
    /// The byte at which the parameters begin.
    pub parameters: u32,
}

/// Reads the head of the command between two bytes of a source.
pub fn head(source: &Source, start: u32, end: u32) -> Result<Head, Diagnostic> {
    let text = source.slice(Span::new(start, end));
    let mut cursor = Cursor { source, start, tokens: lex(text), at: 0 };
    let verb = cursor.verb()?;
    let if_not_exists = cursor.eat("ifnotexists");
    let mut head = Head {
        verb: if if_not_exists { Verb::CreateIfNotExists } else { verb },
        name: "".into(),
        name_span: Span::default(),
        folder: String::new(),
        doc: String::new(),
        view: false,
        skip_validation: false,
        parameters: 0,
    };
    if cursor.eat("with") {
        cursor.properties(&mut head)?;
    }
    (head.name, head.name_span) = cursor.name()?;
    let open = cursor.expect(TokenKind::OpenParen, "`(` and the parameters")?;
    head.parameters = open.start;
    Ok(head)
}

struct Cursor<'a> {
    source: &'a Source,
    start: u32,
    tokens: Vec<Token>,
    at: usize,
}

impl Cursor<'_> {
    fn token(&self) -> Token {
        let token = self.tokens[self.at.min(self.tokens.len() - 1)];
        let span = Span::new(token.span.start + self.start, token.span.end + self.start);
        Token { kind: token.kind, span }
    }

    fn word(&self) -> &str {
        self.source.slice(self.token().span)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.token().kind == TokenKind::Name && self.word() == word;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, kind: TokenKind, what: &str) -> Result<Span, Diagnostic> {
        let token = self.token();
        if token.kind != kind {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(token.span)
    }

    fn expected(&self, what: &str) -> Diagnostic {
        Diagnostic::error(codes::SYNTAX, self.token().span, format!("expected {what}"))
    }

    fn verb(&mut self) -> Result<Verb, Diagnostic> {
        let from = self.token().span;
        while self.token().kind != TokenKind::End && !self.eat("function") {
            self.at += 1;
        }
        let words = self.source.slice(Span::new(from.start, self.token().span.start));
        match words.trim_end().trim_end_matches("function").trim_end() {
            ".create" => Ok(Verb::Create),
            ".create-or-alter" => Ok(Verb::CreateOrAlter),
            ".alter" => Ok(Verb::Alter),
            _ => Err(Diagnostic::error(codes::SYNTAX, from, "expected `.create function`")),
        }
    }

    /// `(folder = "a", docstring = "b", view = true)`
    fn properties(&mut self, head: &mut Head) -> Result<(), Diagnostic> {
        self.expect(TokenKind::OpenParen, "`(`")?;
        while self.token().kind != TokenKind::CloseParen {
            let name = self.expect(TokenKind::Name, "the name of a property")?;
            self.expect(TokenKind::Assign, "`=`")?;
            let value = constant(self.word());
            self.at += 1;
            let flag = || value == Some(Value::Bool(true));
            let text = || match &value {
                Some(Value::String(text)) => text.to_string(),
                _ => String::new(),
            };
            match self.source.slice(name).to_lowercase().as_str() {
                "folder" => head.folder = text(),
                "docstring" => head.doc = text(),
                "view" => head.view = flag(),
                "skipvalidation" => {
                    head.skip_validation = flag() || text().eq_ignore_ascii_case("true");
                }
                other => {
                    let message = format!("functions have no property `{other}`");
                    return Err(Diagnostic::error(codes::UNKNOWN_PARAMETER, name, message));
                }
            }
            if self.token().kind == TokenKind::Comma {
                self.at += 1;
            } else {
                break;
            }
        }
        self.expect(TokenKind::CloseParen, "`)`")?;
        Ok(())
    }

    /// `Name`, `['Name']`
    fn name(&mut self) -> Result<(Arc<str>, Span), Diagnostic> {
        let token = self.token();
        match token.kind {
            TokenKind::Name => {
                self.at += 1;
                Ok((self.source.slice(token.span).into(), token.span))
            }
            TokenKind::OpenBracket => {
                self.at += 1;
                let Some(Value::String(name)) = constant(self.word()) else {
                    return Err(self.expected("a name in quotes"));
                };
                self.at += 1;
                let close = self.expect(TokenKind::CloseBracket, "`]`")?;
                Ok((name, token.span.to(close)))
            }
            _ => Err(self.expected("the name of the function")),
        }
    }
}

/// The value of a literal.
fn constant(text: &str) -> Option<Value> {
    let parsed = syntax::parse(&Source::new("literal", text));
    match parsed.script.statements.as_slice() {
        [Statement::Query(Expr::Literal(ast::Literal { value, .. }))] => value.clone(),
        _ => None,
    }
}
