//! The predicates of `search` and `find`: bare terms, which are looked for in every column of text,
//! and columns that only some of the tables have.

use std::sync::Arc;

use super::Binder;
use super::calls::Argument;
use super::env::Binding;
use super::expr::{connect, is_searched};
use super::operations::OperatorClass;
use super::scope::Clause;
use crate::diagnostics::codes;
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{Binary, Expr, Literal};
use crate::text::Span;
use crate::types::{Column, Type, Value};

/// A table and the name that it goes by.
pub(super) type Branch = (Relation, Option<Arc<str>>);

/// What a predicate reads.
#[derive(Default)]
pub(super) struct References {
    /// Names in order of mention, which may be columns.
    pub names: Vec<Arc<str>>,
    /// Whether it has a bare term or `*`, which mean every column.
    pub all_columns: bool,
}

impl References {
    /// The tables that the predicate is about: all of them where it has a term, else those with a
    /// column that it names.
    pub fn tables(&self, tables: Vec<Branch>) -> Vec<Branch> {
        let has = |(table, _): &Branch| {
            self.names.iter().any(|name| table.schema.index_of(name).is_some())
        };
        if self.all_columns || !tables.iter().any(has) {
            return tables;
        }
        tables.into_iter().filter(has).collect()
    }
}

impl<'a> Binder<'a> {
    /// The rows of each table for which a predicate is true.
    ///
    /// A column that a table lacks is null there. A table whose columns the predicate does not fit
    /// by their types has no such row; if it fits none, the errors are reported and the result is
    /// `None`.
    pub(super) fn filter_all(
        &mut self,
        tables: Vec<Branch>,
        predicate: &'a Expr,
    ) -> Option<Vec<Branch>> {
        let names = self.references(predicate).names;
        let columns: Vec<Column> =
            names.iter().filter_map(|name| first_column(&tables, name)).collect();
        let labelled = names.iter().any(|name| &**name == "$table");
        let quiet = self.quiet;
        let found = self.diagnostics.clone();
        let mut failed = None;
        let mut kept = vec![];
        for (table, name) in tables {
            let width = table.schema.len();
            let mut extras: Vec<(Column, ScalarExpr)> = vec![];
            if labelled {
                let label = Value::String(name.clone().unwrap_or_default());
                let column = Column::new("$table", Type::String);
                extras.push((column, ScalarExpr::Literal(label)));
            }
            for column in &columns {
                if table.schema.index_of(&column.name).is_none() {
                    let null = ScalarExpr::Literal(Value::null(column.ty));
                    extras.push((column.clone(), null));
                }
            }
            let wider = !extras.is_empty();
            let rows = if wider { extended(table, extras) } else { table };
            let mut clause = Clause::over(&rows);
            clause.windows = None;
            let before = self.diagnostics.clone();
            let condition = self.search_condition(&mut clause, predicate);
            let errors = self.diagnostics.len() > found.len() && self.diagnostics.has_errors();
            if errors && !found.has_errors() {
                failed.get_or_insert(std::mem::replace(&mut self.diagnostics, before));
                self.quiet = quiet;
                continue;
            }
            let rows = rows.filter(condition);
            let rows = if wider { rows.select(&(0..width).collect::<Vec<_>>()) } else { rows };
            kept.push((rows, name));
        }
        match failed {
            Some(diagnostics) if kept.is_empty() => {
                self.diagnostics = diagnostics;
                None
            }
            _ => Some(kept),
        }
    }

    /// Binds a condition in which a bare text is a term to look for.
    fn search_condition(&mut self, clause: &mut Clause, expr: &'a Expr) -> ScalarExpr {
        self.nested(expr.span(), |cx| cx.search_term(clause, expr))
    }

    fn search_term(&mut self, clause: &mut Clause, expr: &'a Expr) -> ScalarExpr {
        let span = expr.span();
        match expr {
            Expr::Paren(paren) => self.search_condition(clause, &paren.inner),
            Expr::And(terms) | Expr::Or(terms) => {
                let bound = terms.iter().map(|term| self.search_condition(clause, term)).collect();
                connect(bound, matches!(expr, Expr::And(_)))
            }
            Expr::Call(call) if &*call.name.text == "not" && call.args.len() == 1 => {
                let inner = self.search_condition(clause, &call.args[0]);
                self.not(inner, span)
            }
            Expr::Star(_) => ScalarExpr::Literal(Value::Bool(true)),
            Expr::Literal(Literal { value: Some(value), .. }) if is_term(value) => {
                self.anywhere(clause, &value.text(), span)
            }
            Expr::Name(_) => match self.argument(clause, expr) {
                Argument { expr: ScalarExpr::Literal(Value::String(text)), .. } => {
                    self.anywhere(clause, &text, span)
                }
                other => self.condition(other),
            },
            Expr::ColumnSearch(search) => {
                let column = self.argument(clause, &search.column);
                let text = self.argument(clause, &search.text);
                match self.constant(&text.expr, text.span) {
                    Some(Value::String(term)) => self.matches_term(column, &term, span),
                    Some(other) => {
                        let message = format!("a text is expected behind `:`, not {}", other.ty());
                        self.error(codes::EXPRESSION_TYPE, text.span, message);
                        super::calls::unknown()
                    }
                    None => super::calls::unknown(),
                }
            }
            other => {
                let condition = self.argument(clause, other);
                self.condition(condition)
            }
        }
    }

    /// Whether any column of text has a term.
    fn anywhere(&mut self, clause: &Clause, term: &str, span: Span) -> ScalarExpr {
        if term_operator(term).is_none() {
            return ScalarExpr::Literal(Value::Bool(true));
        }
        let Some(schema) = clause.schema().cloned() else { return super::calls::unknown() };
        let columns = schema.columns().iter().enumerate().filter(|(_, c)| is_searched(c));
        let terms = columns
            .map(|(index, column)| {
                let column = ScalarExpr::Column { index, ty: column.ty };
                self.matches_term(Argument::new(column, span), term, span)
            })
            .collect();
        connect(terms, false)
    }

    fn matches_term(&mut self, column: Argument, term: &str, span: Span) -> ScalarExpr {
        let Some((sign, text)) = term_operator(term) else {
            return ScalarExpr::Literal(Value::Bool(true));
        };
        let text = Argument::new(ScalarExpr::Literal(Value::String(text.into())), span);
        self.binary(sign, OperatorClass::Text, false, span, column, text)
    }

    /// What a predicate reads.
    pub(super) fn references(&self, predicate: &Expr) -> References {
        let mut references = References::default();
        self.gather(predicate, true, &mut references);
        references
    }

    /// `logical` tells whether a text here is a term.
    fn gather(&self, expr: &Expr, logical: bool, out: &mut References) {
        match expr {
            Expr::Name(name) => {
                out.all_columns |= &*name.text == "$table";
                if !out.names.contains(&name.text) {
                    out.names.push(name.text.clone());
                }
                out.all_columns |= logical
                    && matches!(
                        self.env.get(&name.text),
                        Some(Binding::Scalar(scalar)) if scalar.expr.ty() == Type::String
                    );
            }
            Expr::Literal(Literal { value: Some(value), .. }) => {
                out.all_columns |= logical && is_term(value);
            }
            Expr::Star(_) => out.all_columns = true,
            Expr::Paren(paren) => self.gather(&paren.inner, logical, out),
            Expr::And(terms) | Expr::Or(terms) => {
                terms.iter().for_each(|term| self.gather(term, logical, out));
            }
            Expr::Call(call) => {
                let logical = logical && &*call.name.text == "not";
                call.args.iter().for_each(|arg| self.gather(arg, logical, out));
            }
            Expr::Member(member) => self.gather(&member.target, false, out),
            Expr::Index(index) => {
                self.gather(&index.target, false, out);
                self.gather(&index.index, false, out);
            }
            Expr::Unary(unary) => self.gather(&unary.operand, false, out),
            Expr::Binary(binary) => self.gather_chain(binary, out),
            Expr::Between(between) => {
                for part in [&between.value, &between.low, &between.high] {
                    self.gather(part, false, out);
                }
            }
            Expr::In(list) => {
                self.gather(&list.value, false, out);
                list.items.iter().for_each(|item| self.gather(item, false, out));
            }
            Expr::Named(named) => self.gather(&named.value, false, out),
            Expr::ColumnSearch(search) => {
                self.gather(&search.column, false, out);
                self.gather(&search.text, false, out);
            }
            Expr::Literal(_)
            | Expr::Wildcard(_)
            | Expr::Pipe(_)
            | Expr::Source(_)
            | Expr::TypeOf(_)
            | Expr::Error(_) => {}
        }
    }

    /// Long sums nest to the left: goes down in a loop.
    fn gather_chain(&self, binary: &Binary, out: &mut References) {
        let mut chain = vec![binary];
        let mut first = &binary.left;
        while let Expr::Binary(inner) = first {
            chain.push(inner);
            first = &inner.left;
        }
        self.gather(first, false, out);
        chain.iter().rev().for_each(|node| self.gather(&node.right, false, out));
    }
}

/// The column called `name` of the first table that has one.
pub(super) fn first_column(tables: &[Branch], name: &str) -> Option<Column> {
    tables.iter().find_map(|(table, _)| {
        let schema = &table.schema;
        schema.index_of(name).map(|index| schema.columns()[index].clone())
    })
}

/// A table with more columns behind its own.
fn extended(table: Relation, extras: Vec<(Column, ScalarExpr)>) -> Relation {
    let columns = table.targets().chain(extras).collect();
    table.project(columns)
}

/// Whether a constant that stands as a condition is a term; numbers are looked for as texts.
fn is_term(value: &Value) -> bool {
    matches!(
        value,
        Value::String(_) | Value::Int(_) | Value::Long(_) | Value::Real(_) | Value::Decimal(_)
    )
}

/// The operator and its text for a term with or without `*`, as Kusto's documentation of `search`
/// pairs them; `None` where any text fits.
fn term_operator(term: &str) -> Option<(&'static str, String)> {
    let parts: Vec<&str> = term.split('*').collect();
    Some(match parts.as_slice() {
        [whole] => ("has", (*whole).to_string()),
        parts if parts.iter().all(|part| part.is_empty()) => return None,
        [start, ""] => ("hasprefix", (*start).to_string()),
        ["", end] => ("hassuffix", (*end).to_string()),
        ["", inner, ""] => ("contains", (*inner).to_string()),
        [first, .., last] => {
            let boundary = |part: &str| if part.is_empty() { "" } else { r"\b" };
            let parts: Vec<String> = parts.iter().map(|part| regex::escape(part)).collect();
            let pattern = parts.join(".*");
            ("matches regex", format!("{}{pattern}{}", boundary(first), boundary(last)))
        }
        [] => return None,
    })
}
