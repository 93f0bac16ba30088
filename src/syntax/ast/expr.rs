//! Expressions, scalar and tabular: the grammar alone cannot tell a table from a column.

use super::{Name, Operator, Parameter, TypeName};
use crate::syntax::ast::ColumnDeclaration;
use crate::text::Span;
use crate::types::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Literal(Literal),
    /// A bare name: column, table, `let`.
    Name(Name),
    /// `*`.
    Star(Span),
    /// A name with `*` in it: `Citrix*`.
    Wildcard(Name),
    /// `a.b`.
    Member(Box<Member>),
    /// `a[b]`.
    Index(Box<Index>),
    /// `f(a, b)`.
    Call(Box<FunctionCall>),
    /// `-a` or `+a`.
    Unary(Box<Unary>),
    /// `a + b`, `a == b`, `a has b`.
    Binary(Box<Binary>),
    /// `a and b and c`: two or more terms.
    And(Vec<Expr>),
    /// `a or b or c`: two or more terms.
    Or(Vec<Expr>),
    /// `a between (b .. c)`.
    Between(Box<Between>),
    /// `a in (b, c)`, `a has_any (b, c)`.
    In(Box<In>),
    /// `name = a`, or `(a, b) = f()` in lists.
    Named(Box<Named>),
    /// A parenthesised expression, kept for its span.
    Paren(Box<Paren>),
    /// `source | operator | …`.
    Pipe(Box<Pipe>),
    /// An operator that stands at the start: `print`, `range`, `union`, `datatable` ….
    Source(Box<Source>),
    /// `typeof(long)`.
    TypeOf(TypeOf),
    /// `column:"text"` in `search`.
    ColumnSearch(Box<ColumnSearch>),
    /// What could not be read; reported already.
    Error(Span),
}

/// A constant with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// `None` where the text does not read as a value of its type; binding reports it.
    pub value: Option<Value>,
    pub span: Span,
}

/// `target.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub target: Expr,
    /// A name, or a call in `database("d").T("x")`; `Star`/`Wildcard` in table references.
    pub member: Expr,
}

/// `target[index]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    pub target: Expr,
    pub index: Expr,
    pub span: Span,
}

/// `name(args)`.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    pub name: Name,
    pub args: Vec<Expr>,
    pub span: Span,
}

/// `-operand` or `+operand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    pub negative: bool,
    pub operand: Expr,
    pub span: Span,
}

/// `left operator right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    pub op: BinaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    pub left: Expr,
    pub right: Expr,
}

/// A binary operator: its plain form, and whether it is negated (`!has`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryOp {
    /// The positive, current spelling: `has` for `!has`, `contains` for `notcontains`, `==` for `!=`.
    pub sign: &'static str,
    pub negated: bool,
    pub class: BinaryClass,
}

impl BinaryOp {
    /// The operator as KQL spells it.
    pub fn text(self) -> String {
        match (self.negated, self.sign) {
            (false, sign) => sign.to_string(),
            (true, "==") => "!=".to_string(),
            (true, "=~") => "!~".to_string(),
            (true, sign @ ("like" | "likecs")) => format!("not{sign}"),
            (true, sign) => format!("!{sign}"),
        }
    }
}

/// The families of binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryClass {
    Arithmetic,
    Comparison,
    /// `=~`, `has`, `contains`, `matches regex` ….
    Text,
}

/// `value between (low .. high)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Between {
    pub value: Expr,
    pub negated: bool,
    pub low: Expr,
    pub high: Expr,
    pub span: Span,
}

/// `value in (items)` and relatives.
#[derive(Clone, Debug, PartialEq)]
pub struct In {
    pub value: Expr,
    /// `in`, `in~`, `has_any` or `has_all`.
    pub sign: &'static str,
    pub negated: bool,
    pub op_span: Span,
    pub items: Vec<Expr>,
    pub span: Span,
}

/// `name = value`, `(a, b) = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// One name, or those of the parenthesised list.
    pub names: Vec<Name>,
    /// Whether the names stood in parentheses.
    pub tuple: bool,
    pub value: Expr,
    pub span: Span,
}

/// `(inner)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    pub inner: Expr,
    pub span: Span,
}

/// `source | operators`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    pub source: Expr,
    pub operators: Vec<Operator>,
    pub span: Span,
}

/// An operator without input.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub operator: Operator,
}

/// `typeof(type)` or `typeof(*, name: type, …)`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeOf {
    pub ty: Option<TypeName>,
    /// Whether `*`, the columns of the input, comes first.
    pub star: bool,
    pub columns: Vec<ColumnDeclaration>,
    pub span: Span,
}

/// `column:"text"`.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSearch {
    pub column: Expr,
    pub text: Expr,
    pub span: Span,
}

impl Expr {
    /// Where the expression stands.
    pub fn span(&self) -> Span {
        match self {
            Expr::Literal(e) => e.span,
            Expr::Name(e) | Expr::Wildcard(e) => e.span,
            Expr::Star(span) | Expr::Error(span) => *span,
            Expr::Member(e) => e.target.span().to(e.member.span()),
            Expr::Index(e) => e.span,
            Expr::Call(e) => e.span,
            Expr::Unary(e) => e.span,
            Expr::Binary(e) => e.left.span().to(e.right.span()),
            Expr::And(terms) | Expr::Or(terms) => match (terms.first(), terms.last()) {
                (Some(first), Some(last)) => first.span().to(last.span()),
                _ => Span::default(),
            },
            Expr::Between(e) => e.span,
            Expr::In(e) => e.span,
            Expr::Named(e) => e.span,
            Expr::Paren(e) => e.span,
            Expr::Pipe(e) => e.span,
            Expr::Source(e) => e.operator.span,
            Expr::TypeOf(e) => e.span,
            Expr::ColumnSearch(e) => e.span,
        }
    }

    /// The expression without parentheses around it.
    pub fn unparenthesised(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Paren(paren) = expr {
            expr = &paren.inner;
        }
        expr
    }
}

/// The value of an operator parameter that is a bare word: `kind=inner`.
pub fn word(parameter: &Parameter) -> Option<&str> {
    match &parameter.value {
        Expr::Name(name) => Some(&name.text),
        Expr::Literal(Literal { value: Some(Value::String(text)), .. }) => Some(text),
        _ => None,
    }
}
