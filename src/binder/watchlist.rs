//! `_GetWatchlist('alias' [, keys])` and `_GetWatchlistAlias()`: the watchlists of Sentinel, here CSV
//! files.

use super::Binder;
use super::calls::Argument;
use super::scope::Clause;
use super::tables::scan;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::FunctionCall;
use crate::text::Span;
use crate::types::dynamic::Dynamic;
use crate::types::{Column, RowSchema, Type, Value};

/// The columns that every watchlist has, before its own.
const COLUMNS: [(&str, Type); 3] = [
    ("_DTItemId", Type::String),
    ("LastUpdatedTimeUTC", Type::DateTime),
    ("SearchKey", Type::String),
];

impl<'a> Binder<'a> {
    /// The rows of a watchlist; all of its own columns are texts.
    pub(super) fn watchlist(&mut self, call: &'a FunctionCall) -> Relation {
        if !(1..=2).contains(&call.args.len()) {
            self.error(codes::ARGUMENT_COUNT, call.span, "`_GetWatchlist` takes 1 or 2 arguments");
            return self.broken();
        }
        let mut constants = vec![];
        for arg in &call.args {
            let arg = self.argument(&mut Clause::constant(), super::functions::unnamed(arg));
            match self.constant(&arg.expr, arg.span) {
                Some(value) => constants.push(value),
                None => return self.broken(),
            }
        }
        let Value::String(alias) = &constants[0] else {
            self.error(codes::ARGUMENT_TYPE, call.span, "the alias of a watchlist is a text");
            return self.broken();
        };
        let keys = match constants.get(1).map(Value::to_dynamic) {
            Some(Dynamic::Array(keys)) => keys.iter().map(Dynamic::text).collect(),
            Some(Dynamic::Null) | None => vec![],
            Some(_) => {
                self.error(codes::ARGUMENT_TYPE, call.span, "the keys of a watchlist are an array");
                return self.broken();
            }
        };
        let relation = match self.schemas.watchlist(alias) {
            Some(Ok(table)) => self.with_item_columns(scan(None, &table), call.span),
            Some(Err(reason)) => {
                let message = format!("watchlist `{alias}` cannot be read: {reason}");
                self.error(codes::UNKNOWN_NAME, call.span, message);
                return self.broken();
            }
            None if self.schemas.watchlists().is_none() => {
                self.no_watchlists(call);
                return self.broken();
            }
            None => {
                // As in the service, which only looks for rows with the alias.
                let message = format!("there is no watchlist `{alias}`; it has no rows");
                let known = self.schemas.watchlists().unwrap_or_default();
                self.diagnostics.push(
                    Diagnostic::warning(codes::DISCARDED, call.span, message).suggest(
                        "watchlist",
                        alias,
                        known.iter().map(|known| &**known),
                    ),
                );
                let columns = COLUMNS.map(|(name, ty)| Column::new(name, ty));
                return Relation::new(Node::Void, RowSchema::new(columns));
            }
        };
        if keys.is_empty() {
            return relation;
        }
        let conditions: Vec<ScalarExpr> = keys
            .into_iter()
            .map(|key: String| {
                let key = ScalarExpr::Literal(Value::String(key.into()));
                let args = [relation.column(2), key].map(|expr| Argument::new(expr, call.span));
                self.call("==", call.span, args.into())
            })
            .collect();
        relation.filter(ScalarExpr::Or(conditions))
    }

    /// The aliases of all watchlists.
    pub(super) fn watchlist_aliases(&mut self, call: &FunctionCall) -> Relation {
        if !call.args.is_empty() {
            self.error(codes::ARGUMENT_COUNT, call.span, "`_GetWatchlistAlias` takes no arguments");
            return self.broken();
        }
        let Some(aliases) = self.schemas.watchlists() else {
            self.no_watchlists(call);
            return self.broken();
        };
        let literal = |alias| vec![Value::String(alias)];
        let rows = aliases.into_iter().map(literal).collect();
        let schema = RowSchema::new([Column::new("WatchlistAlias", Type::String)]);
        Relation::new(Node::Values { rows }, schema)
    }

    fn no_watchlists(&mut self, call: &FunctionCall) {
        let message = format!("`{}` needs a folder of watchlists", call.name.text);
        self.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_NAME, call.name.span, message)
                .hint("give one with `--watchlists`; a watchlist is the file `alias.csv` in it"),
        );
    }

    /// Puts the columns of every watchlist before those of the file, which may give them itself. The
    /// search key is the first column.
    fn with_item_columns(&mut self, file: Relation, span: Span) -> Relation {
        let all = file.schema.columns().iter().enumerate().flat_map(|(index, column)| {
            let name = ScalarExpr::Literal(Value::String(column.name.clone()));
            [name, file.column(index)].map(|expr| Argument::new(expr, span))
        });
        let all: Vec<Argument> = all.collect();
        let mut columns = vec![];
        for (name, ty) in COLUMNS {
            let value = match (file.schema.index_of(name), name) {
                (Some(index), _) => self.convert(file.column(index), ty, span),
                (None, "SearchKey") => file.column(0),
                (None, "_DTItemId") => {
                    let row = self.call("bag_pack", span, all.clone());
                    let row = self.convert(row, Type::String, span);
                    self.call("hash_md5", span, vec![Argument::new(row, span)])
                }
                (None, _) => ScalarExpr::Literal(Value::null(ty)),
            };
            columns.push((Column::new(name, ty), value));
        }
        for (index, column) in file.schema.columns().iter().enumerate() {
            if COLUMNS.iter().all(|(name, _)| *name != &*column.name) {
                columns.push((column.clone(), file.column(index)));
            }
        }
        file.project(columns)
    }
}
