//! The records of plugins: one per plugin, with its documentation and the function that binds it.

use crate::binder::Binder;
use crate::plan::Relation;
use crate::syntax::ast::FunctionCall;

/// Binds a call of a plugin over the rows before it; `None` where it begins the query.
pub(crate) type Bind = for<'a> fn(&mut Binder<'a>, Option<Relation>, &'a FunctionCall) -> Relation;

/// A plugin of `evaluate`.
pub struct Plugin {
    /// The name in queries.
    pub name: &'static str,
    /// How it is called: `pivot(column [, aggregate [, keys, …]])`.
    pub syntax: &'static str,
    /// Documentation: a summary line, text, and examples in a `kql` block.
    pub docs: &'static [&'static str],
    pub(crate) bind: Bind,
}

impl Plugin {
    /// The first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.docs.first().map_or("", |line| line.trim())
    }
}

/// Declares the plugins of one file and collects them in `PLUGINS`.
///
/// ```ignore
/// plugins! {
///     /// Summary. Further text; an example in a `kql` block.
///     "narrow()" narrow => bind;
/// }
/// ```
///
/// The function behind `=>` binds the rows before `evaluate`, which there must be; behind `=> any`
/// stands one that takes an `Option` of them.
macro_rules! plugins {
    ($(
        $(#[doc = $doc:literal])+
        $name:literal $syntax:literal => $($bind:ident)+;
    )+) => {
        /// The plugins of this file.
        pub(super) static PLUGINS: &[$crate::binder::Plugin] = &[$(
            $crate::binder::Plugin {
                name: $name,
                syntax: $syntax,
                docs: &[$($doc),+],
                bind: $crate::binder::operators::evaluate::plugin::bind!($name, $($bind)+),
            }
        ),+];
    };
}

macro_rules! bind {
    ($name:literal, any $bind:ident) => {
        $bind
    };
    ($name:literal, $bind:ident) => {
        |cx, input, call| match input {
            Some(input) => $bind(cx, input, call),
            None => {
                let message = concat!("plugin `", $name, "` needs a table before it");
                cx.error($crate::diagnostics::codes::SYNTAX, call.span, message);
                cx.broken()
            }
        }
    };
}

pub(super) use {bind, plugins};
