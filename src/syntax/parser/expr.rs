//! Expressions, weakest first: `or`; `and`; equality, `in`, `between`; order; sums; products; string
//! operators (which bind tighter than arithmetic); signs; paths and calls.

use super::{Parser, literal};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{
    Between, Binary, BinaryClass, BinaryOp, ColumnSearch, Expr, FunctionCall, In, Index, Literal,
    Member, Name, Paren, Pipe, Source, TypeOf, Unary,
};
use crate::syntax::token::TokenKind as T;
use crate::text::Span;
use crate::types::{Type, Value};

/// Sums, products and paths have no more parts.
const MAX_CHAIN: usize = 1_000;

/// Words that are string operators, with their current spelling and whether they negate.
const TEXT_OPERATORS: &[(&str, &str, bool)] = &[
    ("has", "has", false),
    ("has_cs", "has_cs", false),
    ("hasprefix", "hasprefix", false),
    ("hasprefix_cs", "hasprefix_cs", false),
    ("hassuffix", "hassuffix", false),
    ("hassuffix_cs", "hassuffix_cs", false),
    ("contains", "contains", false),
    ("contains_cs", "contains_cs", false),
    ("containscs", "contains_cs", false),
    ("notcontains", "contains", true),
    ("notcontainscs", "contains_cs", true),
    ("startswith", "startswith", false),
    ("startswith_cs", "startswith_cs", false),
    ("endswith", "endswith", false),
    ("endswith_cs", "endswith_cs", false),
    ("like", "like", false),
    ("likecs", "likecs", false),
    ("notlike", "like", true),
    ("notlikecs", "likecs", true),
];

/// Those that have a form with `!` before them.
const NEGATABLE: &[&str] = &[
    "has",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "contains",
    "contains_cs",
    "startswith",
    "startswith_cs",
    "endswith",
    "endswith_cs",
];

/// Words that are no names, neither in expressions nor left of `=`, unless quoted.
const RESERVED: &[&str] = &[
    "and", "asc", "between", "desc", "first", "has_all", "has_any", "in", "last", "matches",
    "missing", "or", "where",
];

/// Whether a bare word cannot name a column.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word) || TEXT_OPERATORS.iter().any(|(operator, ..)| *operator == word)
}

/// Whether a bare word begins no expression; some such words may yet be declared.
pub(super) fn begins_no_expression(word: &str) -> bool {
    is_reserved(word) || matches!(word, "as" | "of" | "to")
}

impl Parser<'_> {
    /// An expression, or a source with operators behind it.
    pub(super) fn pipe_expr(&mut self) -> Expr {
        self.deeper(|p| {
            let start = p.span();
            let source = p.source_or_scalar();
            if p.kind() != T::Pipe {
                return source;
            }
            let operators = p.pipeline();
            Expr::Pipe(Box::new(Pipe { source, operators, span: p.since(start) }))
        })
    }

    fn source_or_scalar(&mut self) -> Expr {
        match self.opt_source() {
            Some(operator) => Expr::Source(Box::new(Source { operator })),
            None => self.or(),
        }
    }

    /// A source of rows without operators behind it, or a scalar.
    pub(super) fn source_expr(&mut self) -> Expr {
        self.deeper(Self::source_or_scalar)
    }

    /// An expression that cannot be a pipeline.
    pub(super) fn scalar(&mut self) -> Expr {
        self.deeper(Self::or)
    }

    fn or(&mut self) -> Expr {
        self.chain("or", Self::and, Expr::Or)
    }

    fn and(&mut self) -> Expr {
        self.chain("and", Self::equality, Expr::And)
    }

    fn chain(
        &mut self,
        word: &str,
        operand: impl Fn(&mut Self) -> Expr,
        node: impl Fn(Vec<Expr>) -> Expr,
    ) -> Expr {
        let first = operand(self);
        if !self.at_word(word) {
            return first;
        }
        let mut terms = vec![first];
        while self.eat_word(word) {
            terms.push(operand(self));
        }
        node(terms)
    }

    fn equality(&mut self) -> Expr {
        let left = self.relation();
        let start = left.span();
        let negated = self.kind() == T::Bang && self.touches(0);
        let word = if negated { self.nth_text(1) } else { self.word() };
        let expr = match (self.kind(), word) {
            (T::Equal, _) => {
                self.binary("==", false, BinaryClass::Comparison, left, Self::relation)
            }
            (T::NotEqual, _) => {
                self.binary("!=", false, BinaryClass::Comparison, left, Self::relation)
            }
            (_, "in") => self.membership("in", negated, left, start),
            (_, "has_any") if !negated => self.membership("has_any", false, left, start),
            (_, "has_all") if !negated => self.membership("has_all", false, left, start),
            (_, "between") => self.between(negated, left, start),
            _ => return left,
        };
        if matches!(self.kind(), T::Equal | T::NotEqual) {
            self.error(self.span(), "comparisons do not chain; combine them with `and`");
            self.bump();
            self.relation();
        }
        expr
    }

    fn membership(&mut self, sign: &'static str, negated: bool, value: Expr, start: Span) -> Expr {
        let op_start = self.bump().span;
        if negated {
            self.bump();
        }
        let mut sign = sign;
        if sign == "in" && self.kind() == T::Tilde && self.last_span().end == self.span().start {
            self.bump();
            sign = "in~";
        }
        let op_span = self.since(op_start);
        let mut items = vec![];
        if self.expect(T::OpenParen, "`(` and a list") {
            items.push(self.pipe_expr());
            while self.eat(T::Comma) {
                items.push(self.pipe_expr());
            }
            self.close(T::CloseParen, "`,` or `)`");
        } else if matches!(self.kind(), T::Name | T::TypedLiteral | T::OpenBracket | T::String) {
            items.push(self.postfix());
        }
        let span = self.since(start);
        Expr::In(Box::new(In { value, sign, negated, op_span, items, span }))
    }

    fn between(&mut self, negated: bool, value: Expr, start: Span) -> Expr {
        self.bump();
        if negated {
            self.bump();
        }
        self.expect(T::OpenParen, "`(`");
        let low = self.sum();
        self.expect(T::DotDot, "`..`");
        let high = self.sum();
        self.close(T::CloseParen, "`)`");
        let span = self.since(start);
        Expr::Between(Box::new(Between { value, negated, low, high, span }))
    }

    fn binary(
        &mut self,
        sign: &'static str,
        negated: bool,
        class: BinaryClass,
        left: Expr,
        operand: impl Fn(&mut Self) -> Expr,
    ) -> Expr {
        // The operators of two tokens: `!has`, `matches regex`.
        let op_start = self.bump().span;
        if self.last_kind() == T::Bang || sign == "matches regex" {
            self.bump();
        }
        let op_span = self.since(op_start);
        let right = operand(self);
        let op = BinaryOp { sign, negated, class };
        Expr::Binary(Box::new(Binary { op, op_span, left, right }))
    }

    fn relation(&mut self) -> Expr {
        let left = self.sum();
        let sign = match self.kind() {
            T::Less => "<",
            T::LessEqual => "<=",
            T::Greater => ">",
            T::GreaterEqual => ">=",
            _ => return left,
        };
        let expr = self.binary(sign, false, BinaryClass::Comparison, left, Self::sum);
        if matches!(self.kind(), T::Less | T::LessEqual | T::Greater | T::GreaterEqual) {
            self.error(self.span(), "comparisons do not chain; combine them with `and`");
            self.bump();
            self.sum();
        }
        expr
    }

    pub(super) fn sum(&mut self) -> Expr {
        let mut left = self.product();
        let mut length = 0;
        loop {
            let sign = match self.kind() {
                T::Plus => "+",
                T::Minus => "-",
                _ => return left,
            };
            left = self.binary(sign, false, BinaryClass::Arithmetic, left, Self::product);
            self.check_length(&mut length);
        }
    }

    /// Counts a link of a chain that nests to the left; a chain too long ends the statement.
    fn check_length(&mut self, length: &mut usize) {
        *length += 1;
        if *length > MAX_CHAIN {
            let message = format!("the expression has more than {MAX_CHAIN} parts in a row");
            self.report(Diagnostic::error(codes::TOO_DEEP, self.span(), message));
            self.recover();
        }
    }

    fn product(&mut self) -> Expr {
        let mut left = self.text_operation();
        let mut length = 0;
        loop {
            let sign = match self.kind() {
                T::Star => "*",
                T::Slash => "/",
                T::Percent => "%",
                _ => return left,
            };
            left = self.binary(sign, false, BinaryClass::Arithmetic, left, Self::text_operation);
            self.check_length(&mut length);
        }
    }

    fn text_operation(&mut self) -> Expr {
        let left = self.unary();
        let start = left.span();
        match self.kind() {
            T::EqualTilde => self.binary("=~", false, BinaryClass::Text, left, Self::unary),
            T::NotTilde => self.binary("=~", true, BinaryClass::Text, left, Self::unary),
            T::Colon if self.in_search => {
                self.bump();
                let text = self.unary();
                let span = self.since(start);
                Expr::ColumnSearch(Box::new(ColumnSearch { column: left, text, span }))
            }
            T::Name if self.word() == "matches" && self.nth_text(1) == "regex" => {
                self.binary("matches regex", false, BinaryClass::Text, left, Self::unary)
            }
            T::Name => match TEXT_OPERATORS.iter().find(|(word, ..)| *word == self.word()) {
                Some(&(_, sign, negated)) => {
                    self.binary(sign, negated, BinaryClass::Text, left, Self::unary)
                }
                None => left,
            },
            T::Bang if self.nth(1).kind == T::Name => {
                let word = self.nth_text(1);
                match NEGATABLE.iter().find(|sign| **sign == word) {
                    Some(sign) => self.binary(sign, true, BinaryClass::Text, left, Self::unary),
                    None => left,
                }
            }
            _ => left,
        }
    }

    /// `-a`, `+a`; one sign only.
    pub(super) fn unary(&mut self) -> Expr {
        let start = self.span();
        let negative = match self.kind() {
            T::Minus => true,
            T::Plus => false,
            _ => return self.postfix(),
        };
        self.bump();
        if matches!(self.kind(), T::Minus | T::Plus) {
            self.expected("an expression");
            while self.eat(T::Minus) || self.eat(T::Plus) {}
        }
        let operand = self.postfix();
        Expr::Unary(Box::new(Unary { negative, operand, span: self.since(start) }))
    }

    /// A primary expression with `.member`, `[index]` and `(…)` behind it.
    pub(super) fn postfix(&mut self) -> Expr {
        let start = self.span();
        let mut expr = self.primary();
        let mut length = 0;
        loop {
            self.check_length(&mut length);
            match self.kind() {
                T::Dot => {
                    self.bump();
                    if self.kind() == T::OpenBracket && self.nth(1).kind != T::String {
                        expr = self.index(expr, start);
                        continue;
                    }
                    let member = self.member(&expr);
                    expr = Expr::Member(Box::new(Member { target: expr, member }));
                }
                T::OpenBracket => expr = self.index(expr, start),
                _ => return expr,
            }
        }
    }

    /// What stands behind a dot: a name, a call, or a pattern of table names.
    ///
    /// The star of `d.a*2` multiplies; that of `database('x').a*` and of `scope.a*`, with nothing
    /// behind it that could be multiplied, belongs to a pattern.
    fn member(&mut self, target: &Expr) -> Expr {
        let pattern = match target {
            Expr::Call(call) => matches!(&*call.name.text, "database" | "cluster"),
            Expr::Member(outer) => {
                matches!(&outer.member, Expr::Call(call) if &*call.name.text == "database")
            }
            _ => false,
        };
        if (pattern || self.ends_in_star())
            && let Some(wildcard) = self.opt_wildcard()
        {
            return wildcard;
        }
        let name = self.name("a name");
        if self.kind() == T::OpenParen { self.call(name) } else { Expr::Name(name) }
    }

    fn index(&mut self, target: Expr, start: Span) -> Expr {
        self.bump();
        let index = self.scalar();
        self.close(T::CloseBracket, "`]`");
        Expr::Index(Box::new(Index { target, index, span: self.since(start) }))
    }

    fn call(&mut self, name: Name) -> Expr {
        let start = name.span;
        self.bump();
        let pipes = matches!(&*name.text, "toscalar" | "materialize");
        let args = self.deeper_arguments(pipes);
        Expr::Call(Box::new(FunctionCall { name, args, span: self.since(start) }))
    }

    fn deeper_arguments(&mut self, pipes: bool) -> Vec<Expr> {
        let in_search = std::mem::replace(&mut self.in_search, false);
        let args = self.arguments(pipes);
        self.in_search = in_search;
        args
    }

    fn primary(&mut self) -> Expr {
        let start = self.span();
        match self.kind() {
            T::String => self.strings(),
            T::Integer | T::Real | T::Timespan => self.number(),
            T::TypedLiteral => self.typed_literal(),
            T::OpenParen => {
                self.bump();
                let inner = self.pipe_expr();
                self.close(T::CloseParen, "`)`");
                Expr::Paren(Box::new(Paren { inner, span: self.since(start) }))
            }
            T::Star => Expr::Star(self.bump().span),
            T::Name if !begins_no_expression(self.word()) => match self.word() {
                "true" | "True" | "TRUE" => self.constant(Value::Bool(true)),
                "false" | "False" | "FALSE" => self.constant(Value::Bool(false)),
                "typeof" if self.nth(1).kind == T::OpenParen => self.type_of(),
                word if word.starts_with('$') && !matches!(word, "$left" | "$right" | "$table") => {
                    self.error(start, "a name cannot begin with `$`");
                    self.bump();
                    Expr::Error(start)
                }
                _ => {
                    let name = self.name("a name");
                    match self.kind() {
                        T::OpenParen if &*name.text == "dynamic" => self.broken_dynamic(start),
                        T::OpenParen => self.call(name),
                        _ => Expr::Name(name),
                    }
                }
            },
            T::OpenBracket if self.nth(1).kind == T::String => {
                let name = self.name("a name");
                if self.kind() == T::OpenParen { self.call(name) } else { Expr::Name(name) }
            }
            _ => {
                self.missing(codes::MISSING_EXPRESSION, "an expression");
                let place = self.place();
                if !matches!(
                    self.kind(),
                    T::Name
                        | T::End
                        | T::Pipe
                        | T::Semicolon
                        | T::Comma
                        | T::CloseParen
                        | T::CloseBracket
                        | T::CloseBrace
                ) {
                    self.bump();
                }
                Expr::Error(place)
            }
        }
    }

    /// `(` behind the word `dynamic` whose brackets do not match.
    fn broken_dynamic(&mut self, start: Span) -> Expr {
        let mut open = vec![];
        loop {
            let closing = match self.kind() {
                T::OpenParen => Some((T::CloseParen, "`)`")),
                T::OpenBracket => Some((T::CloseBracket, "`,` or `]`")),
                T::OpenBrace => Some((T::CloseBrace, "`,` or `}`")),
                _ => None,
            };
            let behind_text = self.last_kind() == T::String && self.kind() == T::Name;
            match (self.kind(), open.last()) {
                _ if closing.is_some() => open.extend(closing),
                (kind, Some((wanted, _))) if kind == *wanted => _ = open.pop(),
                (
                    T::CloseParen
                    | T::CloseBracket
                    | T::CloseBrace
                    | T::Semicolon
                    | T::End
                    | T::Unterminated,
                    Some((_, what)),
                ) => {
                    self.expected(what);
                    break;
                }
                (_, Some((_, what))) if behind_text => {
                    self.expected(what);
                    break;
                }
                (_, None) => {
                    self.error(start, "the literal makes no sense");
                    break;
                }
                _ => {}
            }
            self.bump();
        }
        self.recover();
        self.eat(T::CloseParen);
        Expr::Error(self.since(start))
    }

    fn constant(&mut self, value: Value) -> Expr {
        let span = self.bump().span;
        Expr::Literal(Literal { value: Some(value), span })
    }

    /// One string literal, or several in a row, which are one.
    pub(super) fn strings(&mut self) -> Expr {
        let start = self.span();
        let mut text = String::new();
        while self.kind() == T::String {
            let span = self.span();
            match literal::string(self.slice(span)) {
                Some(part) => text.push_str(&part),
                None => self.report(
                    Diagnostic::error(codes::SYNTAX, span, "the string has an unknown escape")
                        .hint("write `\\\\` for a backslash, or a verbatim string: `@\"…\"`"),
                ),
            }
            self.bump();
        }
        let span = self.since(start);
        Expr::Literal(Literal { value: Some(Value::String(text.into())), span })
    }

    fn number(&mut self) -> Expr {
        let token = self.bump();
        let text = self.slice(token.span);
        let value = match token.kind {
            T::Integer => literal::integer(text),
            T::Real => literal::real(text),
            _ => literal::duration(text),
        };
        Expr::Literal(Literal { value, span: token.span })
    }

    fn typed_literal(&mut self) -> Expr {
        let span = self.bump().span;
        let text = self.slice(span);
        let open = text.find('(').unwrap_or(0);
        let (word, body) = (text[..open].trim(), &text[open + 1..text.len() - 1]);
        let ty = literal::type_of(word);
        if ty == Type::DateTime && body.trim().is_empty() {
            let name = Name { text: "now".into(), span, quoted: false };
            return Expr::Call(Box::new(FunctionCall { name, args: vec![], span }));
        }
        let value = literal::typed(ty, body);
        Expr::Literal(Literal { value, span })
    }

    fn type_of(&mut self) -> Expr {
        let start = self.bump().span;
        self.bump();
        let (mut ty, mut columns, mut star) = (None, vec![], false);
        if self.eat(T::Star) {
            star = true;
            while self.eat(T::Comma) {
                columns.push(self.column_declaration());
            }
        } else if self.nth(1).kind == T::Colon || self.kind() == T::CloseParen {
            while self.kind() != T::CloseParen && self.kind() != T::End {
                columns.push(self.column_declaration());
                if !self.eat(T::Comma) {
                    break;
                }
            }
        } else {
            ty = Some(self.type_name());
        }
        self.close(T::CloseParen, "`)`");
        Expr::TypeOf(TypeOf { ty, star, columns, span: self.since(start) })
    }

    /// A table where only a table can stand: a name, a pattern, a call, `(…)`.
    pub(super) fn table_reference(&mut self) -> Expr {
        match self.opt_wildcard() {
            Some(wildcard) => wildcard,
            None => self.postfix(),
        }
    }
}
