//! The syntax tree as KQL again, in one layout: an operator per line, four blanks per level.
//!
//! Comments are not part of the tree and are lost. Literals keep their spelling, so the text that
//! was parsed is needed too.

mod operator;

use super::ast::{
    ColumnDeclaration, Expr, Function, FunctionParameter, LetValue, Name, Named, Operator,
    Parameter, ParameterType, Pattern, Script, SortKey, Statement,
};
use crate::text::Span;

/// `script` as formatted KQL; `text` is what it was parsed from.
pub fn print(script: &Script, text: &str) -> String {
    let mut printer = Printer { text, out: String::new(), indent: 0 };
    for (index, statement) in script.statements.iter().enumerate() {
        if index > 0 {
            printer.put(";\n");
        }
        printer.statement(statement);
    }
    printer.out
}

struct Printer<'a> {
    text: &'a str,
    out: String,
    indent: usize,
}

impl<'a> Printer<'a> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("    ", self.indent));
    }

    fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    fn each<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (index, one) in items.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            item(self, one);
        }
    }

    fn list(&mut self, items: &[Expr]) {
        self.each(items, Self::expr);
    }

    /// ` word a, b`, or nothing.
    fn clause(&mut self, word: &str, items: &[Expr]) {
        if !items.is_empty() {
            self.put(word);
            self.list(items);
        }
    }

    fn opt(&mut self, word: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.put(word);
            self.expr(expr);
        }
    }

    fn name(&mut self, name: &Name) {
        if !name.quoted {
            return self.put(&name.text);
        }
        self.put("['");
        for c in name.text.chars() {
            match c {
                '\\' | '\'' => self.out.extend(['\\', c]),
                '\n' => self.put("\\n"),
                '\r' => self.put("\\r"),
                c => self.out.push(c),
            }
        }
        self.put("']");
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let(s) => {
                self.put("let ");
                self.name(&s.name);
                self.put(" = ");
                match &s.value {
                    LetValue::Expr(value) => self.expr(value),
                    LetValue::Function(function) => self.function(function),
                }
            }
            Statement::Set(s) => {
                self.put("set ");
                self.name(&s.name);
                self.opt(" = ", s.value.as_ref());
            }
            Statement::Parameters(s) => {
                self.put("declare query_parameters");
                self.parameters(&s.parameters);
            }
            Statement::Pattern(s) => self.pattern(s),
            Statement::Command(s) => self.put(&s.text),
            Statement::Alias(s) => {
                self.put("alias database ");
                self.name(&s.name);
                self.put(" = ");
                self.expr(&s.value);
            }
            Statement::Restrict(s) => {
                self.put("restrict access to (");
                self.list(&s.entities);
                self.put(")");
            }
            Statement::Query(e) => self.expr(e),
        }
    }

    fn function(&mut self, function: &Function) {
        if function.view {
            self.put("view ");
        }
        self.parameters(&function.parameters);
        self.put(" ");
        self.body(function);
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.put("declare pattern ");
        self.name(&pattern.name);
        if pattern.parameters.is_empty() {
            return;
        }
        self.put(" = ");
        self.parameters(&pattern.parameters);
        if let Some(path) = &pattern.path {
            self.put("[");
            self.declared(path);
            self.put("]");
        }
        self.put(" {");
        self.indent += 1;
        for clause in &pattern.clauses {
            self.line();
            self.put("(");
            self.list(&clause.values);
            self.put(")");
            if let Some(path) = &clause.path {
                self.put(".[");
                self.expr(path);
                self.put("]");
            }
            self.put(" = ");
            self.body(&clause.body);
            self.put(";");
        }
        self.indent -= 1;
        self.line();
        self.put("}");
    }

    fn body(&mut self, function: &Function) {
        self.put("{");
        self.indent += 1;
        for statement in &function.statements {
            self.line();
            self.statement(statement);
            self.put(";");
        }
        if let Some(body) = &function.body {
            self.line();
            self.expr(body);
        }
        self.indent -= 1;
        self.line();
        self.put("}");
    }

    fn parameters(&mut self, parameters: &[FunctionParameter]) {
        self.put("(");
        self.each(parameters, Self::declared);
        self.put(")");
    }

    fn declared(&mut self, parameter: &FunctionParameter) {
        self.name(&parameter.name);
        self.put(": ");
        match &parameter.ty {
            ParameterType::Scalar(ty) => self.put(&ty.text),
            ParameterType::AnyTable => self.put("(*)"),
            ParameterType::Table(columns) => self.columns(columns),
        }
        self.opt(" = ", parameter.default.as_ref());
    }

    fn column(&mut self, column: &ColumnDeclaration) {
        self.name(&column.name);
        self.put(": ");
        self.put(&column.ty.text);
    }

    fn columns(&mut self, columns: &[ColumnDeclaration]) {
        self.put("(");
        self.each(columns, Self::column);
        self.put(")");
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(e) => self.put(self.slice(e.span)),
            Expr::Name(e) | Expr::Wildcard(e) => self.name(e),
            Expr::Star(_) => self.put("*"),
            Expr::Member(e) => {
                self.expr(&e.target);
                self.put(".");
                self.expr(&e.member);
            }
            Expr::Index(e) => {
                self.expr(&e.target);
                self.put("[");
                self.expr(&e.index);
                self.put("]");
            }
            // `datetime()` became a call of `now`.
            Expr::Call(e) if e.name.span == e.span => self.put(self.slice(e.span)),
            Expr::Call(e) => {
                self.name(&e.name);
                self.put("(");
                self.list(&e.args);
                self.put(")");
            }
            Expr::Unary(e) => {
                self.put(if e.negative { "-" } else { "+" });
                self.expr(&e.operand);
            }
            Expr::Binary(e) => {
                self.expr(&e.left);
                self.put(" ");
                self.put(&e.op.text());
                self.put(" ");
                self.expr(&e.right);
            }
            Expr::And(terms) => self.chain(terms, " and "),
            Expr::Or(terms) => self.chain(terms, " or "),
            Expr::Between(e) => {
                self.expr(&e.value);
                self.put(if e.negated { " !between (" } else { " between (" });
                self.expr(&e.low);
                self.put(" .. ");
                self.expr(&e.high);
                self.put(")");
            }
            Expr::In(e) => {
                self.expr(&e.value);
                self.put(if e.negated { " !" } else { " " });
                self.put(e.sign);
                self.put(" (");
                self.list(&e.items);
                self.put(")");
            }
            Expr::Named(e) => self.named(e),
            Expr::Paren(e) => self.paren(&e.inner),
            Expr::Pipe(e) => {
                self.expr(&e.source);
                self.pipes(&e.operators);
            }
            Expr::Source(e) => self.operator(&e.operator),
            Expr::TypeOf(e) => {
                self.put("typeof(");
                if let Some(ty) = &e.ty {
                    self.put(&ty.text);
                }
                if e.star {
                    self.put(if e.columns.is_empty() { "*" } else { "*, " });
                }
                self.each(&e.columns, Self::column);
                self.put(")");
            }
            Expr::ColumnSearch(e) => {
                self.expr(&e.column);
                self.put(":");
                self.expr(&e.text);
            }
            Expr::Error(span) => self.put(self.slice(*span)),
        }
    }

    fn chain(&mut self, terms: &[Expr], word: &str) {
        for (index, term) in terms.iter().enumerate() {
            if index > 0 {
                self.put(word);
            }
            self.expr(term);
        }
    }

    fn named(&mut self, named: &Named) {
        if named.tuple {
            self.put("(");
        }
        self.each(&named.names, Self::name);
        self.put(if named.tuple { ") = " } else { " = " });
        self.expr(&named.value);
    }

    /// Pipelines in parentheses get lines of their own.
    fn paren(&mut self, inner: &Expr) {
        self.put("(");
        if let Expr::Pipe(_) = inner {
            self.indent += 1;
            self.line();
            self.expr(inner);
            self.indent -= 1;
            self.line();
        } else {
            self.expr(inner);
        }
        self.put(")");
    }

    fn pipes(&mut self, operators: &[Operator]) {
        for operator in operators {
            self.line();
            self.put("| ");
            self.operator(operator);
        }
    }

    /// `( operator | … )`
    fn pipeline(&mut self, operators: &[Operator]) {
        self.put("(");
        if let Some((first, rest)) = operators.split_first() {
            self.operator(first);
            self.indent += 1;
            for operator in rest {
                self.line();
                self.put("| ");
                self.operator(operator);
            }
            self.indent -= 1;
        }
        self.put(")");
    }

    fn properties(&mut self, properties: &[Parameter]) {
        self.each(properties, |p, property| {
            p.name(&property.name);
            p.put(" = ");
            p.expr(&property.value);
        });
    }

    fn with(&mut self, properties: &[Parameter]) {
        if !properties.is_empty() {
            self.put(" with (");
            self.properties(properties);
            self.put(")");
        }
    }

    fn sort_key(&mut self, key: &SortKey) {
        self.expr(&key.expr);
        if let Some(descending) = key.descending {
            self.put(if descending { " desc" } else { " asc" });
        }
        if let Some(first) = key.nulls_first {
            self.put(if first { " nulls first" } else { " nulls last" });
        }
    }
}
