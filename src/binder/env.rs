//! What `let`, parameters and declarations bind: a persistent environment, so that a function keeps
//! the one it was defined in.

use std::rc::Rc;
use std::sync::Arc;

use super::access::Access;
use super::graph::Graph;
use crate::plan::{Relation, ScalarExpr};
use crate::stored::Definition;
use crate::syntax::ast;
use crate::text::Source;

/// Bindings in scope, innermost first. Cheap to clone.
#[derive(Clone, Default)]
pub struct Env<'a> {
    innermost: Option<Rc<Frame<'a>>>,
    /// What is left of the databases.
    access: Option<Rc<Access>>,
}

struct Frame<'a> {
    name: Arc<str>,
    binding: Binding<'a>,
    outer: Env<'a>,
}

/// What a name stands for.
#[derive(Clone)]
pub enum Binding<'a> {
    Scalar(ScalarBinding),
    Tabular(TabularBinding),
    /// A graph: `let G = E | make-graph s --> t`.
    Graph(Rc<Graph>),
    Function(Rc<UserFunction<'a>>),
    /// `let g = entity_group [database("d")]`
    Entities(&'a [ast::Expr]),
    /// The name that `macro-expand` gives to the database at hand.
    Database(Arc<str>),
    Pattern(Rc<Pattern<'a>>),
}

/// What `declare pattern` declares.
pub struct Pattern<'a> {
    pub definition: &'a ast::Pattern,
    /// The environment of the declaration.
    pub env: Env<'a>,
    /// The text that it stands in.
    pub source: Source,
}

/// A scalar `let`, parameter or query parameter: substituted where it is used.
#[derive(Clone)]
pub struct ScalarBinding {
    pub expr: ScalarExpr,
    /// How many tabular expressions enclosed the place of binding: columns of `expr` mean rows of
    /// that level and cannot be read from another.
    pub level: usize,
}

/// A tabular `let` or parameter.
#[derive(Clone)]
pub struct TabularBinding {
    pub relation: Relation,
    /// The table that this is another name for; labels rows of `union withsource`.
    pub table: Option<Arc<str>>,
}

/// A function defined by `let`, or a stored one.
pub struct UserFunction<'a> {
    pub name: Arc<str>,
    pub definition: &'a ast::Function,
    /// The environment of the definition. A stored function has none: it is bound in the caller's.
    pub env: Option<Env<'a>>,
    pub stored: Option<&'a Definition>,
    /// The text that the definition stands in.
    pub source: Source,
    /// Whether wildcards mean it.
    pub view: bool,
}

impl<'a> Env<'a> {
    /// This environment with one more binding.
    #[must_use]
    pub fn with(&self, name: impl Into<Arc<str>>, binding: Binding<'a>) -> Env<'a> {
        let frame = Frame { name: name.into(), binding, outer: self.clone() };
        Env { innermost: Some(Rc::new(frame)), access: self.access.clone() }
    }

    /// This environment with access to parts of the databases only; `None` for all of them.
    #[must_use]
    pub fn with_access(&self, access: Option<Access>) -> Env<'a> {
        Env { innermost: self.innermost.clone(), access: access.map(Rc::new) }
    }

    /// What is left of the databases where access is restricted.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_deref()
    }

    /// The innermost binding of `name`.
    pub fn get(&self, name: &str) -> Option<&Binding<'a>> {
        self.frames().find(|(bound, _)| *bound == name).map(|(_, binding)| binding)
    }

    /// All bindings, innermost first; outer ones may be hidden.
    pub fn frames(&self) -> impl Iterator<Item = (&str, &Binding<'a>)> {
        let mut env = self;
        std::iter::from_fn(move || {
            let frame = env.innermost.as_ref()?;
            env = &frame.outer;
            Some((&*frame.name, &frame.binding))
        })
    }
}

impl Drop for Env<'_> {
    /// Frees long chains without recursion.
    fn drop(&mut self) {
        let mut next = self.innermost.take();
        while let Some(frame) = next {
            match Rc::try_unwrap(frame) {
                Ok(mut frame) => next = frame.outer.innermost.take(),
                Err(_) => break,
            }
        }
    }
}
