//! Binding: from syntax tree to bound plan. Names, types, scopes, implicit conversions and
//! desugaring happen here, and every diagnostic about them.
//!
//! Binding never fails and does no I/O. Where the answer depends on the data (`toscalar`, the columns
//! of a `pivot`), it leaves a [`Probe`](crate::plan::Probe); the caller answers and binds again.

mod access;
mod aggregates;
mod analysis;
mod calls;
mod column_calls;
mod combine;
mod context;
mod env;
mod expr;
mod functions;
mod graph;
mod lift;
mod names;
mod naming;
mod open;
mod operations;
mod operators;
mod pattern;
mod patterns;
mod probes;
mod scope;
mod search;
mod statements;
mod stored;
mod tables;
mod tuples;
mod watchlist;

pub use context::{Answers, Context};
pub use operators::evaluate::{Plugin, plugins};

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::plan::{BoundQuery, InputRows, Probe, Relation, ScalarExpr, Visualization};
use crate::stored::Functions;
use crate::syntax::ast;
use crate::text::{Source, Span};
use crate::types::{Schemas, Type};
use env::Env;

/// Calls of user functions inside each other go no deeper.
const MAX_CALLS: usize = 64;

/// Expressions nest no deeper while binding.
const MAX_DEPTH: usize = 2000;

/// Binds a script. `prelude` are statements of the session (`let`, `set`) that come before it.
pub fn bind<'a>(
    source: &Source,
    script: &'a ast::Script,
    prelude: &'a [ast::Statement],
    schemas: &'a dyn Schemas,
    context: &'a Context,
) -> (BoundQuery, Diagnostics) {
    let mut binder = Binder {
        source: source.clone(),
        schemas,
        functions: &context.functions,
        context: context.clone(),
        diagnostics: Diagnostics::default(),
        env: Env::default(),
        level: 0,
        depth: 0,
        active: vec![],
        probes: vec![],
        next_probe: 0,
        partial: false,
        leaves: vec![],
        groups: 0,
        quiet: false,
        visualization: None,
        result_name: None,
        piped_name: None,
        auto_bins: [None, None],
        case_sensitive: false,
        declared: None,
        aliases: HashMap::new(),
        text: source.clone(),
        inputs: HashMap::new(),
    };
    let mut query = BoundQuery::default();
    for statement in prelude.iter().chain(&script.statements) {
        query.statements.extend(binder.statement(statement));
    }
    query.probes = std::mem::take(&mut binder.probes);
    query.partial = binder.partial;
    query.inputs = std::mem::take(&mut binder.inputs);
    (query, binder.diagnostics)
}

/// The state of binding one script.
pub(crate) struct Binder<'a> {
    source: Source,
    schemas: &'a dyn Schemas,
    functions: &'a Functions,
    context: Context,
    diagnostics: Diagnostics,
    env: Env<'a>,
    /// How many tabular expressions enclose the current place.
    level: usize,
    depth: usize,
    /// The user functions whose bodies are being bound, outermost first.
    active: Vec<&'a ast::Function>,
    probes: Vec<Probe>,
    next_probe: usize,
    /// Whether a union left out tables that do not resolve.
    partial: bool,
    /// What stands for the rows of a group in the subqueries around the current place, and where
    /// those are.
    leaves: Vec<(crate::plan::Relation, Span)>,
    /// How many operators apply a subquery so far; makes names of their columns unique.
    groups: usize,
    /// Set once a relation's columns are unknown (an error, or an answer still to come): names
    /// that do not resolve are no longer reported.
    quiet: bool,
    visualization: Option<Visualization>,
    result_name: Option<Arc<str>>,
    /// What `as` called the input of the operator being bound.
    piped_name: Option<Arc<str>>,
    /// Size and fixed point of `bin_auto`, as `set` gave them.
    auto_bins: [Option<ScalarExpr>; 2],
    /// Whether text operators that ignore case heed it (`search kind=case_sensitive`).
    case_sensitive: bool,
    /// The columns that the schema behind the plugin at hand lists.
    declared: Option<Vec<crate::types::Column>>,
    /// The databases that `alias database` gave other names.
    aliases: HashMap<Arc<str>, Arc<str>>,
    /// The text of the query, while `source` may be that of a function.
    text: Source,
    inputs: HashMap<Span, Option<InputRows>>,
}

impl<'a> Binder<'a> {
    /// Runs a production one level deeper.
    fn nested<T: From<Broken>>(&mut self, span: Span, f: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.error(codes::TOO_DEEP, span, "the expression is nested too deeply");
            return T::from(Broken);
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Keeps what the rows are like that are read at a place of the query.
    fn note_input(&mut self, place: Span, rows: &Relation, open: bool) {
        if !self.source.is(&self.text) {
            return;
        }
        let known = !open && !self.quiet;
        let (schema, serialized) = (rows.schema.clone(), rows.serialized);
        let rows = known.then_some(InputRows { schema, serialized });
        self.inputs
            .entry(place)
            .and_modify(|before| {
                if *before != rows {
                    *before = None;
                }
            })
            .or_insert(rows);
    }

    /// The type that a name in the query means, or a diagnostic.
    fn type_named(&mut self, name: &ast::TypeName) -> Type {
        Type::from_name(&name.text).unwrap_or_else(|| {
            let names = Type::ALL.iter().map(|ty| ty.name());
            self.diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_TYPE,
                    name.span,
                    format!("unknown type `{}`", name.text),
                )
                .suggest("type", &name.text, names),
            );
            Type::Unknown
        })
    }
}

/// The value of what could not be bound.
struct Broken;

impl From<Broken> for crate::plan::ScalarExpr {
    fn from(_: Broken) -> Self {
        calls::unknown()
    }
}
