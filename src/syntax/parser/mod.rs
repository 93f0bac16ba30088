//! The parser: from tokens to [`ast::Script`](crate::syntax::ast::Script). It never fails; what it
//! cannot read becomes a diagnostic and an error node, and reading goes on at the next `|`, `;`,
//! `)` or `,`.
//!
//! Conventions: a method is named after its production and always gives a node; `opt_…` may give
//! none; `at_…` looks, `eat_…` takes if it is there, `expect_…` reports what is missing.

mod expr;
mod list;
mod literal;
mod operators;
mod parameter;
mod statement;

pub use literal::string as string_literal;
pub use operators::operator_keywords;

use std::sync::Arc;

use super::ast::{self, ColumnDeclaration, Expr, Name, TypeName};
use super::lexer::lex;
use super::token::{Token, TokenKind};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, codes};
use crate::text::{Source, Span};

/// Expressions nest no deeper; beyond is a diagnostic instead of a stack overflow.
const MAX_DEPTH: usize = 400;

/// Levels that fit into the stack of a thread, and the stack given to deeper ones.
const DEPTH_PER_STACK: usize = 80;
const STACK: usize = 4 << 20;

/// An operator inside parentheses counts as this many levels: it takes that much more stack in
/// every later stage.
const OPERATOR_DEPTH: usize = 7;

/// A token at which more productions than this fail ends the text, so that reading always ends.
const MAX_STUCK: usize = 2 * MAX_DEPTH;

/// A parsed text.
#[derive(Clone, Debug, Default)]
pub struct Parse {
    pub script: ast::Script,
    pub diagnostics: Diagnostics,
}

/// Reads a whole query text.
pub fn parse(source: &Source) -> Parse {
    let mut parser = Parser::new(source.text(), lex(source.text()));
    let script = parser.script();
    Parse { script, diagnostics: parser.diagnostics }
}

/// Reads `(parameters) { body }`, which is all that stands between two bytes of a text.
pub fn parse_function(source: &Source, start: u32, end: u32) -> (ast::Function, Diagnostics) {
    let mut tokens = lex(source.slice(Span::new(start, end)));
    for token in &mut tokens {
        token.span = Span::new(token.span.start + start, token.span.end + start);
    }
    let mut parser = Parser::new(source.text(), tokens);
    let function = parser.whole_function();
    (function, parser.diagnostics)
}

pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// The depth at which the stack of this thread may end.
    stack_until: usize,
    /// Inside a `search` predicate, where `column:"text"` is an expression.
    in_search: bool,
    diagnostics: Diagnostics,
    /// The token of the last error: one token gives one error.
    last_error: Option<usize>,
    /// How many more errors that token would have given.
    stuck: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, tokens: Vec<Token>) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            depth: 0,
            stack_until: DEPTH_PER_STACK,
            in_search: false,
            diagnostics: Diagnostics::default(),
            last_error: None,
            stuck: 0,
        }
    }

    fn nth(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.at + ahead).min(last)]
    }

    fn kind(&self) -> TokenKind {
        self.nth(0).kind
    }

    fn span(&self) -> Span {
        self.nth(0).span
    }

    /// The span of the token before this one.
    fn last_span(&self) -> Span {
        if self.at == 0 { Span::default() } else { self.tokens[self.at - 1].span }
    }

    fn last_kind(&self) -> TokenKind {
        if self.at == 0 { TokenKind::End } else { self.tokens[self.at - 1].kind }
    }

    /// From `start` to the last token taken.
    fn since(&self, start: Span) -> Span {
        if self.last_span().end <= start.start { start } else { start.to(self.last_span()) }
    }

    fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    fn nth_text(&self, ahead: usize) -> &'a str {
        self.slice(self.nth(ahead).span)
    }

    fn word(&self) -> &'a str {
        if self.kind() == TokenKind::Name { self.slice(self.span()) } else { "" }
    }

    fn bump(&mut self) -> Token {
        let token = self.nth(0);
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    fn at_word(&self, word: &str) -> bool {
        self.word() == word
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    /// Whether two neighbouring tokens touch.
    fn touches(&self, ahead: usize) -> bool {
        self.nth(ahead).span.end == self.nth(ahead + 1).span.start
    }

    fn expect(&mut self, kind: TokenKind, what: &str) -> bool {
        let found = self.eat(kind);
        if !found {
            self.expected(what);
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> bool {
        let found = self.eat_word(word);
        if !found {
            self.expected(&format!("`{word}`"));
        }
        found
    }

    /// Reports that something else than the current token should stand here.
    fn expected(&mut self, what: &str) {
        self.missing(codes::SYNTAX, what);
    }

    /// As [`Self::expected`], under a code of its own.
    fn missing(&mut self, code: Code, what: &str) {
        let found = match self.kind() {
            TokenKind::End => "the end of the query".to_string(),
            TokenKind::Unterminated => {
                let message = "the string has no end";
                self.report(Diagnostic::error(codes::UNCLOSED, self.span(), message));
                return;
            }
            _ => format!("`{}`", shorten(self.slice(self.span()))),
        };
        let message = format!("expected {what}, found {found}");
        let mut diagnostic = Diagnostic::error(code, self.place(), message);
        diagnostic.missing_from = Some(self.last_span().end);
        if let Some(hint) = self.slip() {
            diagnostic = diagnostic.hint(hint);
        }
        self.report(diagnostic);
    }

    /// The statement that begins at `first` ends before the current token, which belongs to none.
    fn leftover(&mut self, first: Token, what: &str) {
        match self.first_word_slip(first) {
            Some(hint) => {
                let found = shorten(self.slice(self.span()));
                let message = format!("expected {what}, found `{found}`");
                let mut diagnostic = Diagnostic::error(codes::SYNTAX, self.place(), message);
                diagnostic.missing_from = Some(self.last_span().end);
                self.report(diagnostic.hint(hint));
            }
            None => self.expected(what),
        }
    }

    /// Where to point: the token, or just behind the text if it ended.
    fn place(&self) -> Span {
        if self.kind() == TokenKind::End { self.last_span().after() } else { self.span() }
    }

    fn error(&mut self, span: Span, message: &str) {
        self.report(Diagnostic::error(codes::SYNTAX, span, message));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.last_error == Some(self.at) {
            self.stuck += 1;
            if self.stuck > MAX_STUCK {
                self.at = self.tokens.len() - 1;
            }
            return;
        }
        self.stuck = 0;
        self.last_error = Some(self.at);
        self.diagnostics.push(diagnostic);
    }

    /// What the current token suggests went wrong, for slips that are common.
    fn slip(&self) -> Option<String> {
        let text = self.slice(self.span());
        let fixed = match text {
            "&&" | "&" => "write `and`",
            "|" if self.last_kind() == TokenKind::Pipe => "write `or`",
            "=" => "comparison is `==`",
            "IS" | "is" => "null is tested by functions: `isnull(…)`, `isempty(…)`",
            "GROUP" | "group" => "grouping is `summarize … by …`",
            "let" | "set" | "declare" => "statements are separated by `;`",
            "@" => "a verbatim string is `@\"…\"`, with no blank between",
            "`" => "names with odd characters are written `['…']`",
            "!" => return Some(self.negation()),
            "NOT" | "not" => "negation is a function: `not(…)`",
            _ if matches!(self.slice(self.last_span()), "not" | "NOT") => {
                "negation is a function: `not(…)`"
            }
            _ => "",
        };
        if !fixed.is_empty() {
            return Some(fixed.to_string());
        }
        if self.kind() != TokenKind::Name {
            return None;
        }
        if expr::begins_no_expression(text) {
            return Some(format!("a column of that name is written `['{text}']`"));
        }
        let lower = text.to_lowercase();
        let keyword =
            expr::begins_no_expression(&lower) || matches!(&*lower, "by" | "on" | "with" | "from");
        (keyword && lower != text).then(|| format!("keywords are lower case: `{lower}`"))
    }

    /// Advice for a `!` that negates nothing.
    fn negation(&self) -> String {
        let next = self.nth(1);
        match (next.kind, self.slice(next.span)) {
            (TokenKind::Name, word @ ("has_any" | "has_all" | "matches")) => {
                format!("there is no `!{word}`; write `not(a {word} …)`")
            }
            _ => "negation is a function, `not(…)`, or part of an operator: `!has`, `!in`, `!contains`"
                .to_string(),
        }
    }

    /// What the first word of a statement that makes no sense suggests.
    fn first_word_slip(&self, first: Token) -> Option<String> {
        let text = self.slice(first.span);
        let lower = text.to_lowercase();
        match &*lower {
            "select" => Some("KQL begins with the table: `T | where … | project …`".to_string()),
            _ if lower != text && operators::is_keyword(&lower) => {
                Some(format!("keywords are lower case: `{lower}`"))
            }
            _ => None,
        }
    }

    /// Skips to a token at which an enclosing production can go on.
    fn recover(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                    if depth == 0 {
                        return;
                    }
                    depth -= 1;
                }
                TokenKind::Pipe | TokenKind::Semicolon if depth == 0 => return,
                TokenKind::Semicolon => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// Runs a production one level deeper, unless that is too deep.
    fn deeper(&mut self, production: impl FnOnce(&mut Self) -> Expr + Send) -> Expr {
        if self.depth >= MAX_DEPTH {
            return self.too_deep();
        }
        self.depth += 1;
        let expr = if self.depth >= self.stack_until {
            let until = std::mem::replace(&mut self.stack_until, self.depth + DEPTH_PER_STACK);
            // Callers' threads may have small stacks; the rare deep text goes on in one of its own.
            let expr = std::thread::scope(|scope| {
                let builder = std::thread::Builder::new().stack_size(STACK);
                let parser = &mut *self;
                match builder.spawn_scoped(scope, move || production(parser)) {
                    Ok(thread) => thread.join().ok(),
                    Err(_) => None,
                }
            })
            .unwrap_or_else(|| self.too_deep());
            self.stack_until = until;
            expr
        } else {
            production(self)
        };
        self.depth -= 1;
        expr
    }

    fn too_deep(&mut self) -> Expr {
        let span = self.span();
        let message = format!("the expression is nested more than {MAX_DEPTH} levels deep");
        self.report(Diagnostic::error(codes::TOO_DEEP, span, message));
        self.recover();
        Expr::Error(span)
    }

    /// A name: bare or `['quoted']`.
    fn opt_name(&mut self) -> Option<Name> {
        match self.kind() {
            TokenKind::Name => {
                let span = self.bump().span;
                Some(Name { text: self.slice(span).into(), span, quoted: false })
            }
            TokenKind::OpenBracket
                if self.nth(1).kind == TokenKind::String
                    && self.nth(2).kind == TokenKind::CloseBracket =>
            {
                let start = self.bump().span;
                let text = self.bump().span;
                let text = literal::string(self.slice(text)).unwrap_or_default();
                let span = start.to(self.bump().span);
                Some(Name { text: text.into(), span, quoted: true })
            }
            _ => None,
        }
    }

    fn name(&mut self, what: &str) -> Name {
        match self.opt_name() {
            Some(name) => name,
            None => {
                self.expected(what);
                Name { text: Arc::from(""), span: self.place(), quoted: false }
            }
        }
    }

    fn type_name(&mut self) -> TypeName {
        let name = self.name("a type");
        TypeName { text: name.text, span: name.span }
    }

    /// `(a: long, b: string)`, the parentheses included.
    fn columns(&mut self) -> Vec<ColumnDeclaration> {
        let mut columns = vec![];
        if !self.expect(TokenKind::OpenParen, "`(`") {
            return columns;
        }
        while !matches!(self.kind(), TokenKind::CloseParen | TokenKind::End) {
            columns.push(self.column_declaration());
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen, "`)`");
        columns
    }

    fn column_declaration(&mut self) -> ColumnDeclaration {
        let name = self.name("a column name");
        self.expect(TokenKind::Colon, "`:` and a type");
        ColumnDeclaration { name, ty: self.type_name() }
    }

    /// Takes a closing token, skipping what should not stand before it.
    fn close(&mut self, kind: TokenKind, what: &str) {
        if self.eat(kind) {
            return;
        }
        self.expected(what);
        self.recover();
        while self.kind() == TokenKind::Pipe && kind != TokenKind::CloseBrace {
            self.bump();
            self.recover();
        }
        self.eat(kind);
    }
}

/// Whether a query that ends in this word is not whole.
pub(super) fn goes_on_after(word: &str) -> bool {
    let ends = ["asc", "desc", "first", "last"];
    let clauses =
        ["by", "on", "with", "where", "extend", "project", "summarize", "let", "set", "from"];
    (expr::begins_no_expression(word) && !ends.contains(&word)) || clauses.contains(&word)
}

/// The beginning of a token, for messages.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(30) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}
