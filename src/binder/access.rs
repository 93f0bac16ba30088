//! `restrict access to (…)`: which tables, functions and `let`s the statements behind it see.
//!
//! The bodies of functions that are visible see what they saw before.

use std::sync::Arc;

use super::Binder;
use super::env::{Binding, Env};
use super::patterns::matches;
use crate::diagnostics::codes;
use crate::syntax::ast::{self, Expr};
use crate::types::TableSchema;

/// What is left of the databases: all that every list has.
#[derive(Clone, Default)]
pub struct Access {
    lists: Vec<Vec<Entity>>,
}

/// `database("d").T`, `database().*`: a database and a name, in which `*` stands for any text.
#[derive(Clone)]
struct Entity {
    database: String,
    name: Arc<str>,
}

impl Access {
    fn allows(&self, database: &str, name: &str) -> bool {
        let fits = |entity: &Entity| entity.database == database && matches(&entity.name, name);
        self.lists.iter().all(|list| list.iter().any(fits))
    }

    /// Whether a stored function is left; those belong to every database.
    pub fn allows_function(&self, name: &str) -> bool {
        self.lists.iter().all(|list| list.iter().any(|entity| matches(&entity.name, name)))
    }
}

impl<'a> Binder<'a> {
    /// Whether a table of a database, or of that at hand, may be used here.
    pub(super) fn allows(&self, database: Option<&str>, name: &str) -> bool {
        let database = database.unwrap_or_else(|| self.schemas.current_database());
        self.env.access().is_none_or(|access| access.allows(database, name))
    }

    /// A stored table that may be used here.
    pub(super) fn table_schema(
        &self,
        database: Option<&str>,
        name: &str,
    ) -> Option<Arc<TableSchema>> {
        let table = self.schemas.table(database, name)?;
        self.allows(database, name).then_some(table)
    }

    /// The names of the stored tables that may be used here.
    pub(super) fn visible_tables(&self, database: Option<&str>) -> Vec<Arc<str>> {
        let mut names = self.schemas.table_names(database);
        names.retain(|name| self.allows(database, name));
        names
    }

    /// Hides what the statement does not list.
    pub(super) fn restrict(&mut self, restrict: &'a ast::Restrict) {
        let mut listed = vec![];
        // The `let`s and patterns that stay.
        let mut kept: Vec<&str> = vec![];
        let current = self.schemas.current_database().to_string();
        for expr in &restrict.entities {
            let entity = match expr {
                Expr::Star(_) => {
                    kept.push("*");
                    continue;
                }
                Expr::Wildcard(name) => {
                    kept.push(&name.text);
                    continue;
                }
                Expr::Name(name) if self.env.get(&name.text).is_some() => {
                    kept.push(&name.text);
                    continue;
                }
                Expr::Name(name) => Some((current.clone(), name.text.clone(), name.span)),
                Expr::Member(_) => self.qualifier(expr).map(|(database, name, span)| {
                    (database.unwrap_or_else(|| current.clone()), name, span)
                }),
                other => {
                    let message = "a table, a function, a view or a pattern is expected";
                    self.error(codes::SYNTAX, other.span(), message);
                    None
                }
            };
            let Some((database, name, span)) = entity else { continue };
            if !name.contains('*') && self.stored_function(&name).is_none() {
                // Reports what does not exist.
                self.stored_table(Some(&database), &name, span);
            }
            listed.push(Entity { database, name });
        }
        let mut access = self.env.access().cloned().unwrap_or_default();
        access.lists.push(listed);
        let mut env = Env::default();
        let frames: Vec<_> = self.env.frames().collect();
        for (name, binding) in frames.into_iter().rev() {
            let is_table = match binding {
                Binding::Tabular(_) | Binding::Graph(_) | Binding::Pattern(_) => true,
                Binding::Function(function) => self.gives_table(function),
                Binding::Scalar(_) | Binding::Entities(_) | Binding::Database(_) => false,
            };
            if !is_table || kept.iter().any(|pattern| matches(pattern, name)) {
                env = env.with(name, binding.clone());
            }
        }
        self.env = env.with_access(Some(access));
    }
}
