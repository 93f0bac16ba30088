//! Statements.

use super::Parser;
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{
    Alias, DeclareParameters, Expr, Function, FunctionParameter, Let, LetValue, Opaque,
    ParameterType, Pattern, PatternClause, Restrict, Script, Set, Statement,
};
use crate::syntax::token::TokenKind;
use crate::text::Span;

impl Parser<'_> {
    pub(super) fn script(&mut self) -> Script {
        let mut statements = vec![];
        while self.kind() != TokenKind::End {
            if self.kind() == TokenKind::Semicolon {
                if statements.is_empty() {
                    self.expected("a statement");
                }
                self.bump();
                continue;
            }
            let before = self.at;
            let first = self.nth(0);
            statements.push(self.statement());
            if self.eat(TokenKind::Semicolon) || self.kind() == TokenKind::End {
                continue;
            }
            self.leftover(first, "`|`, `;` or the end of the query");
            self.recover();
            // A closing bracket without its opening one stops recovery, too.
            while !matches!(self.kind(), TokenKind::Semicolon | TokenKind::End) {
                self.bump();
                self.recover();
            }
            if self.at == before {
                self.bump();
            }
        }
        Script { statements }
    }

    pub(super) fn statement(&mut self) -> Statement {
        let next = self.nth(1).kind;
        let next_word = if next == TokenKind::Name { self.nth_text(1) } else { "" };
        let named = next == TokenKind::Name || next == TokenKind::OpenBracket;
        match self.word() {
            "let" if named => Statement::Let(self.let_statement()),
            "set" if next == TokenKind::Name => Statement::Set(self.set()),
            "declare" if next_word == "query_parameters" => {
                Statement::Parameters(self.query_parameters())
            }
            "declare" if next_word == "pattern" => Statement::Pattern(self.declare_pattern()),
            "alias" if next_word == "database" => Statement::Alias(self.alias()),
            "restrict" if next_word == "access" => Statement::Restrict(self.restrict()),
            _ if self.kind() == TokenKind::Dot => Statement::Command(self.opaque()),
            _ => Statement::Query(self.pipe_expr()),
        }
    }

    fn let_statement(&mut self) -> Let {
        let start = self.bump().span;
        let name = self.name("a name");
        self.expect(TokenKind::Assign, "`=`");
        let value = if self.at_function() {
            LetValue::Function(self.function())
        } else {
            LetValue::Expr(self.pipe_expr())
        };
        Let { name, value, span: self.since(start) }
    }

    /// Whether `(a: …) {`, `() {` or `view` begins here.
    fn at_function(&self) -> bool {
        let skip = usize::from(self.word() == "view");
        if self.nth(skip).kind != TokenKind::OpenParen {
            return false;
        }
        let (first, second) = (self.nth(skip + 1).kind, self.nth(skip + 2).kind);
        match first {
            TokenKind::CloseParen => second == TokenKind::OpenBrace,
            TokenKind::Name => second == TokenKind::Colon,
            TokenKind::OpenBracket => self.nth(skip + 4).kind == TokenKind::Colon,
            _ => skip == 1,
        }
    }

    /// A function that is all of the text.
    pub(super) fn whole_function(&mut self) -> Function {
        let function = self.function();
        while self.eat(TokenKind::Semicolon) {}
        if self.kind() != TokenKind::End {
            self.expected("the end of the function");
        }
        function
    }

    fn function(&mut self) -> Function {
        let start = self.span();
        let view = self.eat_word("view");
        let parameters = self.function_parameters();
        self.function_body(start, view, parameters)
    }

    /// `{ let …; body }`.
    fn function_body(
        &mut self,
        start: Span,
        view: bool,
        parameters: Vec<FunctionParameter>,
    ) -> Function {
        let mut statements = vec![];
        let mut body = None;
        let brace = self.span();
        // The first query of the body that something follows, and the end between them.
        let mut behind: Option<(Span, Span)> = None;
        let mut braces = None;
        if self.expect(TokenKind::OpenBrace, "`{`") {
            while !matches!(self.kind(), TokenKind::CloseBrace | TokenKind::End) {
                if self.eat(TokenKind::Semicolon) {
                    continue;
                }
                let before = self.at;
                if let Some(query) = body.as_deref().map(Expr::span) {
                    behind.get_or_insert((query, self.last_span()));
                }
                match self.statement() {
                    Statement::Query(expr) => body = Some(Box::new(expr)),
                    other => statements.push(other),
                }
                if behind.is_some() && self.kind() == TokenKind::End {
                    break;
                }
                if !self.eat(TokenKind::Semicolon) && self.kind() != TokenKind::CloseBrace {
                    self.expected("`}`");
                    self.recover();
                    if self.at == before {
                        self.bump();
                    }
                }
            }
            match behind {
                Some((query, end)) if self.kind() == TokenKind::End => self.unclosed(query, end),
                _ => self.close(TokenKind::CloseBrace, "`}`"),
            }
            braces = Some(self.since(brace));
        }
        Function { view, parameters, statements, body, braces, span: self.since(start) }
    }

    /// A function without its `}` ends with the first query in it.
    fn unclosed(&mut self, query: Span, end: Span) {
        let found = self.slice(end);
        let message = format!("expected `}}`, found `{found}` and no `}}` behind it");
        let mut diagnostic = Diagnostic::error(codes::SYNTAX, end, message);
        diagnostic.missing_from = Some(query.end);
        self.report(diagnostic);
    }

    /// `(a: long, T: (*), b: string = "x")`.
    pub(super) fn function_parameters(&mut self) -> Vec<FunctionParameter> {
        let mut parameters = vec![];
        if !self.expect(TokenKind::OpenParen, "`(`") {
            return parameters;
        }
        while !matches!(self.kind(), TokenKind::CloseParen | TokenKind::End) {
            parameters.push(self.function_parameter());
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen, "`)`");
        parameters
    }

    fn function_parameter(&mut self) -> FunctionParameter {
        let name = self.name("a parameter");
        self.expect(TokenKind::Colon, "`:` and a type");
        let ty = if self.kind() == TokenKind::OpenParen {
            if self.nth(1).kind == TokenKind::Star {
                self.bump();
                self.bump();
                self.close(TokenKind::CloseParen, "`)`");
                ParameterType::AnyTable
            } else {
                ParameterType::Table(self.columns())
            }
        } else {
            ParameterType::Scalar(self.type_name())
        };
        let default = self.eat(TokenKind::Assign).then(|| self.unary());
        FunctionParameter { name, ty, default }
    }

    fn set(&mut self) -> Set {
        let start = self.bump().span;
        let name = self.name("an option");
        let value = self.eat(TokenKind::Assign).then(|| self.unary());
        Set { name, value, span: self.since(start) }
    }

    fn query_parameters(&mut self) -> DeclareParameters {
        let start = self.bump().span;
        self.bump();
        let parameters = self.function_parameters();
        DeclareParameters { parameters, span: self.since(start) }
    }

    fn declare_pattern(&mut self) -> Pattern {
        let start = self.bump().span;
        self.bump();
        let name = self.name("a name");
        let mut pattern =
            Pattern { name, parameters: vec![], path: None, clauses: vec![], span: start };
        if self.eat(TokenKind::Assign) {
            pattern.parameters = self.function_parameters();
            if self.eat(TokenKind::OpenBracket) {
                pattern.path = Some(self.function_parameter());
                self.close(TokenKind::CloseBracket, "`]`");
            }
            if self.expect(TokenKind::OpenBrace, "`{`") {
                while self.kind() == TokenKind::OpenParen {
                    let clause = self.pattern_clause();
                    pattern.clauses.push(clause);
                    if !self.eat(TokenKind::Semicolon) {
                        break;
                    }
                }
                self.close(TokenKind::CloseBrace, "`}`");
            }
        }
        pattern.span = self.since(start);
        pattern
    }

    fn pattern_clause(&mut self) -> PatternClause {
        let start = self.bump().span;
        let mut values = vec![self.unary()];
        while self.eat(TokenKind::Comma) {
            values.push(self.unary());
        }
        self.close(TokenKind::CloseParen, "`)`");
        let path = self.eat(TokenKind::Dot).then(|| {
            self.expect(TokenKind::OpenBracket, "`[`");
            let path = self.unary();
            self.close(TokenKind::CloseBracket, "`]`");
            path
        });
        self.expect(TokenKind::Assign, "`=`");
        let body = self.function_body(self.span(), false, vec![]);
        PatternClause { values, path, body, span: self.since(start) }
    }

    fn alias(&mut self) -> Alias {
        let start = self.bump().span;
        self.bump();
        let name = self.name("a name");
        self.expect(TokenKind::Assign, "`=`");
        let value: Expr = self.postfix();
        Alias { name, value, span: self.since(start) }
    }

    fn restrict(&mut self) -> Restrict {
        let start = self.bump().span;
        self.bump();
        self.expect_word("to");
        self.expect(TokenKind::OpenParen, "`(`");
        let mut entities = vec![self.table_reference()];
        while self.eat(TokenKind::Comma) {
            entities.push(self.table_reference());
        }
        self.close(TokenKind::CloseParen, "`)`");
        Restrict { entities, span: self.since(start) }
    }

    /// Everything up to the end of the statement.
    fn opaque(&mut self) -> Opaque {
        let start = self.span();
        let mut depth = 0usize;
        loop {
            match self.kind() {
                TokenKind::End => break,
                TokenKind::Semicolon if depth == 0 => break,
                TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseBrace => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.bump();
        }
        let span: Span = self.since(start);
        Opaque { text: self.slice(span).to_string(), span }
    }
}
