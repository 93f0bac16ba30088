//! Statements.

use super::{ColumnDeclaration, Expr, Name, TypeName};
use crate::text::Span;

/// A whole query text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    pub statements: Vec<Statement>,
}

/// One statement, ended by `;` or the end of the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    Let(Let),
    Set(Set),
    /// `declare query_parameters(…)`.
    Parameters(DeclareParameters),
    /// `declare pattern name …`.
    Pattern(Pattern),
    /// `alias database name = …`.
    Alias(Alias),
    /// `restrict access to (…)`.
    Restrict(Restrict),
    /// `.show tables`: control commands, kept as text.
    Command(Opaque),
    Query(Expr),
}

/// `let name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    pub name: Name,
    pub value: LetValue,
    pub span: Span,
}

/// The right side of a `let`.
#[derive(Clone, Debug, PartialEq)]
pub enum LetValue {
    Expr(Expr),
    Function(Function),
}

/// `(a: long, T: (*), b: string = "x") { body }`, `view () { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub view: bool,
    pub parameters: Vec<FunctionParameter>,
    /// `let` statements inside the braces.
    pub statements: Vec<Statement>,
    /// The last expression; absent in an empty body.
    pub body: Option<Box<Expr>>,
    /// From the opening brace to the closing one.
    pub braces: Option<Span>,
    pub span: Span,
}

/// A parameter of a function or query.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionParameter {
    pub name: Name,
    pub ty: ParameterType,
    pub default: Option<Expr>,
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterType {
    Scalar(TypeName),
    /// `(*)`: any table.
    AnyTable,
    /// `(a: long, b: string)`; a table with at least these columns.
    Table(Vec<ColumnDeclaration>),
}

/// `set option [= value]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    pub name: Name,
    pub value: Option<Expr>,
    pub span: Span,
}

/// `declare query_parameters(…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclareParameters {
    pub parameters: Vec<FunctionParameter>,
    pub span: Span,
}

/// `declare pattern name = (a: string)[b: string] { ("x").["y"] = { body }; … }`; without `=` and
/// what follows it has neither parameters nor clauses.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub name: Name,
    pub parameters: Vec<FunctionParameter>,
    /// The parameter in square brackets.
    pub path: Option<FunctionParameter>,
    pub clauses: Vec<PatternClause>,
    pub span: Span,
}

/// `("x").["y"] = { body };`
#[derive(Clone, Debug, PartialEq)]
pub struct PatternClause {
    pub values: Vec<Expr>,
    pub path: Option<Expr>,
    /// A function without parameters.
    pub body: Function,
    pub span: Span,
}

/// A statement of which only extent and first words are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Opaque {
    pub text: String,
    pub span: Span,
}

/// `alias database name = expr`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    pub name: Name,
    pub value: Expr,
    pub span: Span,
}

/// `restrict access to (entities)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Restrict {
    pub entities: Vec<Expr>,
    pub span: Span,
}

impl Statement {
    /// Where the statement stands.
    pub fn span(&self) -> Span {
        match self {
            Statement::Let(s) => s.span,
            Statement::Set(s) => s.span,
            Statement::Parameters(s) => s.span,
            Statement::Pattern(s) => s.span,
            Statement::Command(s) => s.span,
            Statement::Alias(s) => s.span,
            Statement::Restrict(s) => s.span,
            Statement::Query(e) => e.span(),
        }
    }
}
