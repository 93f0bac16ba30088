//! Calls of functions that look at the columns of the input or of a table, and at what `set` says.

use super::Binder;
use super::calls::{Argument, unknown};
use super::functions::unnamed;
use super::scope::{Clause, Row};
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::ScalarExpr;
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::dynamic::write_string;
use crate::types::{Type, Value};

impl<'a> Binder<'a> {
    pub(super) fn column_ifexists(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let [name, default] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, "`column_ifexists` takes 2 arguments");
            return unknown();
        };
        let named = self.argument(&mut Clause::constant(), name);
        let default = self.argument(clause, default);
        let Some(Value::String(text)) = self.constant(&named.expr, named.span) else {
            return default.expr;
        };
        if let Row::Columns(schema) = &clause.row
            && let Some(index) = schema.index_of(&text)
        {
            let ty = schema.columns()[index].ty;
            let column = ScalarExpr::Column { index, ty };
            // The analyser types the call by what stands in for the column.
            return match self.context.analyses() {
                true => self.convert(column, default.expr.ty(), call.span),
                false => column,
            };
        }
        default.expr
    }

    pub(super) fn is_column(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let [name] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, "`iscolumnexists` takes 1 argument");
            return ScalarExpr::Pending { ty: Type::Bool };
        };
        let name = self.argument(&mut Clause::constant(), unnamed(name));
        match self.constant(&name.expr, name.span) {
            Some(Value::String(text)) => {
                let columns = clause.schema();
                let found = columns.is_some_and(|schema| schema.index_of(&text).is_some());
                ScalarExpr::Literal(Value::Bool(found))
            }
            Some(_) => {
                let message = "`iscolumnexists` takes the name of a column as a string";
                self.error(codes::ARGUMENT_TYPE, name.span, message);
                ScalarExpr::Pending { ty: Type::Bool }
            }
            None => ScalarExpr::Pending { ty: Type::Bool },
        }
    }

    pub(super) fn column_names_of(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let pending = ScalarExpr::Pending { ty: Type::Dynamic };
        let [table] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, "`column_names_of` takes 1 argument");
            return pending;
        };
        let table = unnamed(table);
        if !self.is_tabular(clause, table) {
            self.error(codes::EXPRESSION_TYPE, table.span(), "a table is expected here");
            return pending;
        }
        let relation = self.inner_relation(table);
        if relation.schema.is_empty() {
            return pending;
        }
        let mut json = String::new();
        for column in relation.schema.columns() {
            json.push(if json.is_empty() { '[' } else { ',' });
            write_string(&column.name, &mut json);
        }
        json.push(']');
        ScalarExpr::Literal(Value::Dynamic(json.into()))
    }

    /// `bin` or `bin_at` with what `set` said.
    pub(super) fn bin_auto(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let [value] = call.args.as_slice() else {
            self.error(codes::ARGUMENT_COUNT, call.span, "`bin_auto` takes 1 argument");
            return unknown();
        };
        let value = self.argument(clause, unnamed(value));
        let [Some(size), at] = self.auto_bins.clone() else {
            self.diagnostics.push(
                Diagnostic::error(codes::GENERIC, call.span, "`bin_auto` needs the size of bins")
                    .hint("put `set query_bin_auto_size = …;` before the query"),
            );
            return unknown();
        };
        let mut args = vec![value, Argument::new(size, call.span)];
        let name = if at.is_some() { "bin_at" } else { "bin" };
        args.extend(at.map(|at| Argument::new(at, call.span)));
        self.call(name, call.span, args)
    }

    pub(super) fn pack_all(&mut self, clause: &mut Clause, call: &'a FunctionCall) -> ScalarExpr {
        let Row::Columns(schema) = clause.row.clone() else {
            self.error(codes::EXPRESSION_TYPE, call.span, "`pack_all` needs a row");
            return unknown();
        };
        let filled = match call.args.first() {
            None => false,
            Some(arg) => {
                let flag = self.argument(clause, unnamed(arg));
                match self.constant(&flag.expr, flag.span) {
                    Some(Value::Bool(filled)) if call.args.len() == 1 => filled,
                    Some(_) => {
                        self.error(codes::ARGUMENT_TYPE, flag.span, "`pack_all` takes one bool");
                        return unknown();
                    }
                    None => return unknown(),
                }
            }
        };
        let mut args = vec![];
        for (index, column) in schema.columns().iter().enumerate() {
            let key = ScalarExpr::Literal(Value::String(column.name.clone()));
            args.push(Argument::new(key, call.span));
            args.push(Argument::new(ScalarExpr::Column { index, ty: column.ty }, call.span));
        }
        self.call(if filled { "bag_pack filled" } else { "bag_pack" }, call.span, args)
    }

    /// The arguments in a bag, under the names that they have as columns.
    pub(super) fn bag_pack_columns(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let mut args = vec![];
        for arg in &call.args {
            let Expr::Name(name) = arg.unparenthesised() else {
                self.error(codes::ARGUMENT_TYPE, arg.span(), "`bag_pack_columns` takes columns");
                return unknown();
            };
            let key = ScalarExpr::Literal(Value::String(name.text.clone()));
            args.push(Argument::new(key, arg.span()));
            args.push(self.argument(clause, arg));
        }
        self.call("bag_pack", call.span, args)
    }

    /// A call whose `*` stands for all columns.
    pub(super) fn call_of_all(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let columns = clause.schema().cloned().unwrap_or_default();
        let args = columns.columns().iter().enumerate();
        let args = args.map(|(index, column)| {
            Argument::new(ScalarExpr::Column { index, ty: column.ty }, call.span)
        });
        let args = args.collect();
        self.call(&call.name.text, call.span, args)
    }
}
