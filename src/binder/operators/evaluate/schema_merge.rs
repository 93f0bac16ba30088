//! `schema_merge`: one schema out of several that `getschema` described.

use std::sync::Arc;

use super::arguments::Arguments;
use super::plugin::plugins;
use crate::binder::Binder;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation};
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, RowSchema, Type, Value};

plugins! {
    /// One schema out of several, each as `getschema` describes it.
    ///
    /// Columns of one name become one, of the type that all of theirs convert to. With `PreserveOrder`,
    /// which is the default, a column that does not have the same place in all schemas that have it
    /// is an error; without it a column stands at the last of its places. What cannot be merged is
    /// told in the row of the column.
    ///
    /// ```kql
    /// let a = datatable(x: int)[] | getschema;
    /// let b = datatable(x: long, y: string)[] | getschema;
    /// union a, b | evaluate schema_merge() | project ColumnName, ColumnOrdinal, ColumnType    //=> x, 0, long; y, 1, string
    /// ```
    "schema_merge" "schema_merge([PreserveOrder])" => bind;
}

/// A column of the merged schema.
struct Merged {
    name: Arc<str>,
    ordinals: Vec<i64>,
    /// `None` once two types have nothing in common.
    ty: Option<Type>,
}

fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    merge(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn merge<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &["PreserveOrder"])?;
    let ordered = match args.by_name("PreserveOrder").or_else(|| args.next()) {
        Some(arg) => args.constant_as(cx, arg, Type::Bool)?.0 == Value::Bool(true),
        None => true,
    };
    args.end(cx)?;
    let wanted =
        [("ColumnName", Type::String), ("ColumnOrdinal", Type::Long), ("ColumnType", Type::String)];
    let mut places = vec![];
    for (name, ty) in wanted {
        let found = input.schema.index_of(name).map(|i| (i, input.schema.columns()[i].ty));
        match found {
            Some((index, given)) if given == ty || (given.is_integer() && ty == Type::Long) => {
                places.push(index);
            }
            _ if cx.quiet => return None,
            _ => {
                cx.diagnostics.push(
                    Diagnostic::error(
                        codes::UNKNOWN_NAME,
                        call.span,
                        format!("`schema_merge` needs a column `{name}` of type {ty}"),
                    )
                    .hint("its input is what `getschema` gives"),
                );
                return None;
            }
        }
    }
    let mut columns: Vec<Merged> = vec![];
    for row in cx.ask_rows(input.select(&places))? {
        let [Value::String(name), ordinal, Value::String(ty)] = row.as_slice() else { continue };
        let ordinal = ordinal.as_i64().unwrap_or(-1);
        let ty = Type::from_name(ty);
        match columns.iter_mut().find(|column| column.name == *name) {
            Some(column) => {
                column.ordinals.push(ordinal);
                column.ty = column.ty.zip(ty).and_then(|(a, b)| common(a, b));
            }
            None => columns.push(Merged { name: name.clone(), ordinals: vec![ordinal], ty }),
        }
    }
    let misplaced = |column: &Merged| {
        ordered && column.ordinals.iter().any(|ordinal| *ordinal != column.ordinals[0])
    };
    columns.sort_by_key(|column| {
        (misplaced(column), column.ordinals.iter().max().copied().unwrap_or(0))
    });
    let text = |text: &str| Value::String(text.into());
    let rows = columns.iter().enumerate().map(|(place, column)| {
        let wrong = match column.ty {
            _ if misplaced(column) => "columns are out of order",
            None => "column types cannot be merged",
            Some(ty) => {
                let place = Value::Long(place as i64);
                return vec![text(&column.name), place, text(ty.clr_name()), text(ty.name())];
            }
        };
        let wrong = format!("ERROR({wrong})");
        let data = format!("ERROR(unknown CSL type:{wrong})");
        vec![text(&column.name), Value::Long(-1), text(&data), text(&wrong)]
    });
    let rows = rows.collect();
    let schema = RowSchema::new([
        Column::new("ColumnName", Type::String),
        Column::new("ColumnOrdinal", Type::Long),
        Column::new("DataType", Type::String),
        Column::new("ColumnType", Type::String),
    ]);
    Some(Relation::new(Node::Values { rows }, schema))
}

/// The type that values of both types convert to.
fn common(a: Type, b: Type) -> Option<Type> {
    if a == b { Some(a) } else { a.promote(b) }
}
