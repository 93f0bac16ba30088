//! What a lint may ask about a query.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Purpose;
use crate::plan::InputRows;
use crate::rules::Analysis;
use crate::stored::Functions;
use crate::syntax::ast::{Expr, LetValue, Operator, Script, Statement};
use crate::syntax::lexer::lex;
use crate::syntax::token::TokenKind;
use crate::text::{Source, Span};
use crate::types::{Type, Value};

/// Functions that always give a text.
const TEXTS: &[&str] = &[
    "base64_decode_tostring",
    "extract",
    "format_datetime",
    "hash_sha256",
    "parse_json_tostring",
    "replace_regex",
    "replace_string",
    "strcat",
    "strcat_array",
    "strcat_delim",
    "substring",
    "tolower",
    "tostring",
    "toupper",
    "trim",
    "trim_end",
    "trim_start",
    "url_decode",
];

/// Functions that give another value each time, or one that depends on the row's place.
const FICKLE: &[&str] = &[
    "rand",
    "new_guid",
    "prev",
    "next",
    "row_number",
    "row_cumsum",
    "row_rank_dense",
    "row_rank_min",
    "row_window_session",
];

/// A query and what is known of it.
pub(in crate::rules) struct Query<'a> {
    pub purpose: Purpose,
    pub source: &'a Source,
    pub script: &'a Script,
    pub analysis: &'a Analysis,
    pub functions: &'a Functions,
    /// The scalar `let`s of the query's own statements.
    lets: HashMap<&'a str, &'a Expr>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Place<'a> {
    /// The innermost operator around it.
    pub operator: Option<&'a Operator>,
}

/// A constant that conditions compare with.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::rules) enum Constant {
    Number(f64),
    Text(String),
    DateTime(i64),
    TimeSpan(i64),
    /// Ticks after `now()`; mostly below zero.
    FromNow(i64),
    Bool(bool),
    Guid(String),
}

impl<'a> Query<'a> {
    pub fn new(purpose: Purpose, analysis: &'a Analysis, functions: &'a Functions) -> Self {
        let mut lets = HashMap::new();
        for statement in &analysis.script.statements {
            if let Statement::Let(statement) = statement
                && let LetValue::Expr(value) = &statement.value
            {
                lets.insert(&*statement.name.text, value);
            }
        }
        let (source, script) = (&analysis.source, &analysis.script);
        Query { purpose, source, script, analysis, functions, lets }
    }

    /// What is known of the rows that an operator, or a join from its right side, reads.
    pub fn rows(&self, place: Span) -> Option<&'a InputRows> {
        self.analysis.bound.as_ref()?.inputs.get(&place)?.as_ref()
    }

    /// Whether an expression certainly gives a text.
    pub fn is_text(&self, place: Place, expr: &Expr) -> bool {
        match expr.unparenthesised() {
            Expr::Name(name) => {
                let rows = place.operator.and_then(|operator| self.rows(operator.span));
                rows.and_then(|rows| {
                    let index = rows.schema.index_of(&name.text)?;
                    Some(rows.schema.columns()[index].ty == Type::String)
                })
                .unwrap_or(false)
            }
            Expr::Call(call) => TEXTS.contains(&&*call.name.text),
            _ => false,
        }
    }

    /// The type of a column that an operator reads.
    pub fn column_type(&self, operator: &Operator, name: &str) -> Option<Type> {
        let rows = self.rows(operator.span)?;
        rows.schema.index_of(name).map(|index| rows.schema.columns()[index].ty)
    }

    /// The value of an expression that is written as a constant: a literal, a `let` of one, `ago(1d)`.
    pub fn constant(&self, expr: &Expr) -> Option<Constant> {
        self.constant_within(expr, 8)
    }

    fn constant_within(&self, expr: &Expr, depth: u8) -> Option<Constant> {
        let depth = depth.checked_sub(1)?;
        Some(match expr.unparenthesised() {
            Expr::Literal(literal) => match literal.value.as_ref()? {
                Value::Bool(value) => Constant::Bool(*value),
                Value::Int(value) => Constant::Number(f64::from(*value)),
                // Beyond this, neighbours become equal.
                Value::Long(value) if value.unsigned_abs() < 1 << 53 => {
                    Constant::Number(*value as f64)
                }
                Value::Real(value) if value.is_finite() => Constant::Number(*value),
                Value::String(value) => Constant::Text(value.to_string()),
                Value::DateTime(value) => Constant::DateTime(*value),
                Value::TimeSpan(value) => Constant::TimeSpan(*value),
                Value::Guid(value) => Constant::Guid(value.to_string()),
                _ => return None,
            },
            Expr::Name(name) => self.constant_within(self.lets.get(&*name.text)?, depth)?,
            Expr::Unary(unary) => {
                match (self.constant_within(&unary.operand, depth)?, unary.negative) {
                    (value, false) => value,
                    (Constant::Number(value), true) => Constant::Number(-value),
                    (Constant::TimeSpan(value), true) => Constant::TimeSpan(-value),
                    _ => return None,
                }
            }
            Expr::Call(call) => match (&*call.name.text, &call.args[..]) {
                ("ago", [span]) => match self.constant_within(span, depth)? {
                    Constant::TimeSpan(span) => Constant::FromNow(span.checked_neg()?),
                    _ => return None,
                },
                ("now", []) => Constant::FromNow(0),
                ("now", [span]) => match self.constant_within(span, depth)? {
                    Constant::TimeSpan(span) => Constant::FromNow(span),
                    _ => return None,
                },
                _ => return None,
            },
            Expr::Binary(binary) => {
                let left = self.constant_within(&binary.left, depth)?;
                let right = self.constant_within(&binary.right, depth)?;
                let sign = match binary.op.sign {
                    "+" => 1,
                    "-" => -1,
                    _ => return None,
                };
                match (left, right) {
                    (Constant::FromNow(time), Constant::TimeSpan(span)) => {
                        Constant::FromNow(time.checked_add(span.checked_mul(sign)?)?)
                    }
                    (Constant::DateTime(time), Constant::TimeSpan(span)) => {
                        Constant::DateTime(time.checked_add(span.checked_mul(sign)?)?)
                    }
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// An expression as text that is the same for the same tokens, if it gives the same value
    /// each time.
    pub fn spelling(&self, expr: &Expr) -> Option<Cow<'a, str>> {
        let expr = expr.unparenthesised();
        let text = self.source.slice(expr.span());
        if let Expr::Name(name) = expr
            && !name.quoted
        {
            return Some(Cow::Borrowed(text));
        }
        let tokens = lex(text);
        let mut spelling = String::with_capacity(text.len());
        for token in tokens {
            let word = &text[token.span.range()];
            if token.kind == TokenKind::Name && FICKLE.contains(&word) {
                return None;
            }
            spelling.push_str(word);
            spelling.push(' ');
        }
        Some(Cow::Owned(spelling))
    }

    /// What `name` was bound to by a `let` of the query.
    pub fn bound(&self, name: &str) -> Option<&'a Expr> {
        self.lets.get(name).copied()
    }
}

/// The terms that all have to hold for a condition, through parentheses.
pub(super) fn conjuncts<'e>(expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
    match expr.unparenthesised() {
        Expr::And(inner) => inner.iter().for_each(|term| conjuncts(term, terms)),
        other => terms.push(other),
    }
}

/// A name that an expression reads.
pub(super) struct Read<'e> {
    pub name: &'e str,
    /// Whether it is read only if it is there, by `column_ifexists`.
    pub guarded: bool,
}

/// The columns and other names that an expression reads; nothing where some of it cannot be told.
pub(super) fn reads<'e>(expr: &'e Expr, found: &mut Vec<Read<'e>>) -> Option<()> {
    let mut all = |exprs: &[&'e Expr]| exprs.iter().try_for_each(|expr| reads(expr, found));
    match expr {
        Expr::Literal(_) | Expr::TypeOf(_) => Some(()),
        Expr::Name(name) => {
            found.push(Read { name: &name.text, guarded: false });
            Some(())
        }
        Expr::Member(member) => reads(&member.target, found),
        Expr::Index(index) => all(&[&index.target, &index.index]),
        Expr::Call(call) => match (&*call.name.text, &call.args[..]) {
            ("pack_all" | "bag_pack_columns", _) => None,
            ("column_ifexists" | "columnifexists", [Expr::Literal(name), default]) => {
                if let Some(Value::String(name)) = &name.value {
                    found.push(Read { name, guarded: true });
                }
                reads(default, found)
            }
            (_, args) => args.iter().try_for_each(|arg| reads(arg, found)),
        },
        Expr::Unary(unary) => reads(&unary.operand, found),
        Expr::Binary(binary) => all(&[&binary.left, &binary.right]),
        Expr::And(terms) | Expr::Or(terms) => terms.iter().try_for_each(|term| reads(term, found)),
        Expr::Between(between) => all(&[&between.value, &between.low, &between.high]),
        Expr::In(list) => {
            reads(&list.value, found)?;
            list.items.iter().try_for_each(|item| reads(item, found))
        }
        Expr::Named(named) => reads(&named.value, found),
        Expr::Paren(paren) => reads(&paren.inner, found),
        Expr::Star(_)
        | Expr::Wildcard(_)
        | Expr::Pipe(_)
        | Expr::Source(_)
        | Expr::ColumnSearch(_)
        | Expr::Error(_) => None,
    }
}
