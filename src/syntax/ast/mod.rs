//! The syntax tree: the shape of the source, names unresolved. Every node knows its span.

mod expr;
mod graph;
mod operator;
mod statement;
mod walk;

pub use expr::*;
pub use graph::*;
pub use operator::*;
pub use statement::*;
pub use walk::{Visitor, walk, walk_expr};

use std::sync::Arc;

use crate::text::Span;

/// A name as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The text without brackets and quotes.
    pub text: Arc<str>,
    pub span: Span,
    /// Whether it was written `['like this']`.
    pub quoted: bool,
}

/// A type as written: `long`, `datetime`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    pub text: Arc<str>,
    pub span: Span,
}

/// A column of a schema: `name: type`.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDeclaration {
    pub name: Name,
    pub ty: TypeName,
}

/// A parameter of an operator: `kind=inner`, `hint.strategy=shuffle`, `withsource=Source`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The whole dotted name.
    pub name: Name,
    pub value: Expr,
}
