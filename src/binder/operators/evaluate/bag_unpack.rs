//! `bag_unpack(column [, prefix [, conflict [, ignored]]])`: one column per top-level key of a bag.
//!
//! Keys and their types are asked of the data, unless a schema is declared; columns come sorted by
//! name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Expansion, Node, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::dynamic::Dynamic;
use crate::types::{Column, RowSchema, Type, Value};

/// What becomes of a key that is a column already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conflict {
    Error,
    ReplaceSource,
    KeepSource,
}

plugins! {
    /// A column per top-level key of the bags in a dynamic column, which goes away.
    ///
    /// A column has the type on which the values of its key agree, else dynamic; the columns are in
    /// the order of their names. `columnsConflict` says what becomes of a key that is a column
    /// already: `error`, `replace_source` or `keep_source`. `ignoredProperties` is an array of keys
    /// to leave out.
    ///
    /// ```kql
    /// datatable(id: long, d: dynamic)[1, dynamic({"a": 7, "b": "x"})] | evaluate bag_unpack(d)    //=> 1, 7, x
    /// ```
    "bag_unpack" "bag_unpack(column [, OutputColumnPrefix [, columnsConflict [, ignoredProperties]]])" => bind;
}

fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    let span = call.span;
    let [bag, prefix, conflict, ignored] = match arguments(cx, call) {
        Some(arguments) => arguments,
        None => return cx.broken(),
    };
    let Some(bag) = bag else {
        cx.error(codes::ARGUMENT_COUNT, span, "`bag_unpack` needs a dynamic column");
        return cx.broken();
    };
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let column = cx.argument(&mut clause, bag);
    if input.is_open() && column.expr.ty() == Type::Unknown {
        return input;
    }
    let ScalarExpr::Column { index: bag, ty } = column.expr else {
        if column.expr.ty() != Type::Unknown {
            cx.error(codes::COLUMN_EXPECTED, column.span, "a column is expected");
        }
        return cx.broken();
    };
    if ty != Type::Dynamic {
        let message = format!("a dynamic column is expected, not {ty}");
        cx.error(codes::ARGUMENT_TYPE, column.span, message);
        return cx.broken();
    }
    let prefix = constant(cx, prefix).map(|value| value.text()).unwrap_or_default();
    let conflict = match constant(cx, conflict).map(|value| value.text()).as_deref() {
        None | Some("error" | "") => Conflict::Error,
        Some("replace_source") => Conflict::ReplaceSource,
        Some("keep_source") => Conflict::KeepSource,
        Some(other) => {
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::GENERIC,
                    span,
                    format!("`columnsConflict` cannot be `{other}`"),
                )
                .hint("it is one of error, replace_source, keep_source"),
            );
            return cx.broken();
        }
    };
    let ignored: Vec<String> = match constant(cx, ignored).map(|value| value.to_dynamic()) {
        Some(Dynamic::Array(items)) => items.iter().map(Dynamic::text).collect(),
        _ => vec![],
    };
    let declared = cx.declared.take();
    let open = declared.is_none();
    let mut keys = match declared {
        Some(columns) => columns
            .into_iter()
            .filter(|column| input.schema.index_of(&column.name).is_none_or(|index| index == bag))
            .filter_map(|column| Some((column.name.strip_prefix(&*prefix)?.into(), column.ty)))
            .collect(),
        None => match keys(cx, &input, bag, call) {
            Some(keys) => keys,
            None => return cx.broken(),
        },
    };
    if keys.is_empty() && open {
        let Some(rows) = cx.ask_rows(input.clone().select(&[bag]).limit(1)) else {
            return cx.broken();
        };
        if rows.is_empty() {
            let kept: Vec<usize> = (0..input.schema.len()).filter(|index| *index != bag).collect();
            return input.select(&kept).void();
        }
    }
    keys.retain(|key, _| !ignored.iter().any(|name| **name == **key));
    let mut columns: Vec<(Column, ScalarExpr)> = vec![];
    let mut replaced: Vec<usize> = vec![];
    for (key, ty) in keys {
        let name: Arc<str> = format!("{prefix}{key}").into();
        if let Some(index) = input.schema.index_of(&name).filter(|index| *index != bag) {
            match conflict {
                Conflict::KeepSource => continue,
                Conflict::ReplaceSource => replaced.push(index),
                Conflict::Error => {
                    let message = format!("key `{key}` is a column already");
                    cx.diagnostics.push(
                        Diagnostic::error(codes::DUPLICATE_COLUMN, span, message)
                            .hint("give a prefix: `bag_unpack(column, \"prefix_\")`"),
                    );
                    return cx.broken();
                }
            }
        }
        let args = vec![
            Argument::new(input.column(bag), span),
            Argument::new(ScalarExpr::Literal(Value::String(key.clone())), span),
        ];
        let value = cx.call(".", span, args);
        let value = cx.convert(value, ty, span);
        columns.push((Column { name, ty }, value));
    }
    // A key called like a column that goes away stands where that was.
    let mut result: Vec<(Column, ScalarExpr)> = vec![];
    for (index, column) in input.schema.columns().iter().enumerate() {
        if index != bag && !replaced.contains(&index) {
            result.push((column.clone(), input.column(index)));
        } else if let Some(at) = columns.iter().position(|(new, _)| new.name == column.name) {
            result.push(columns.remove(at));
        }
    }
    result.extend(columns);
    input.project(result)
}

/// The arguments by position or by name.
fn arguments<'a>(cx: &mut Binder<'a>, call: &'a FunctionCall) -> Option<[Option<&'a Expr>; 4]> {
    const NAMES: [&str; 4] =
        ["column", "OutputColumnPrefix", "columnsConflict", "ignoredProperties"];
    let mut arguments = [None; 4];
    for (position, arg) in call.args.iter().enumerate() {
        let (index, value) = match arg {
            Expr::Named(named) => {
                let name = &named.names[0];
                let index = NAMES.iter().position(|known| **known == *name.text);
                if index.is_none() {
                    let message = format!("`bag_unpack` has no parameter `{}`", name.text);
                    cx.diagnostics.push(
                        Diagnostic::error(codes::UNKNOWN_NAME, name.span, message).suggest(
                            "parameter",
                            &name.text,
                            NAMES,
                        ),
                    );
                }
                (index?, &named.value)
            }
            other => (position, other),
        };
        match arguments.get_mut(index) {
            Some(slot) => *slot = Some(value),
            None => {
                cx.error(
                    codes::ARGUMENT_COUNT,
                    call.span,
                    "`bag_unpack` takes at most 4 arguments",
                );
                return None;
            }
        }
    }
    Some(arguments)
}

fn constant<'a>(cx: &mut Binder<'a>, arg: Option<&'a Expr>) -> Option<Value> {
    let arg = cx.argument(&mut Clause::constant(), arg?);
    cx.constant(&arg.expr, arg.span)
}

/// The keys of all bags, with the type on which their values agree.
fn keys<'a>(
    cx: &mut Binder<'a>,
    input: &Relation,
    bag: usize,
    call: &FunctionCall,
) -> Option<BTreeMap<Arc<str>, Type>> {
    let span = call.span;
    let only = input.clone().select(&[bag]);
    let is_bag = {
        let ty = cx.call("gettype", span, vec![Argument::new(only.column(0), span)]);
        let bag = ScalarExpr::Literal(Value::String("dictionary".into()));
        cx.call("==", span, vec![Argument::new(ty, span), Argument::new(bag, span)])
    };
    let only = only.filter(is_bag);
    let source = only.column(0);
    let inner =
        RowSchema::new([only.schema.columns()[0].clone(), Column::new("$pair", Type::Dynamic)]);
    let expansion = Expansion { source, array_pairs: true, ty: Type::Dynamic };
    let node =
        Node::Expand { input: only, expansions: vec![expansion], position: false, limit: None };
    let pairs = Relation::new(node, inner);
    let part = |cx: &mut Binder<'a>, position: i64| {
        let args = vec![
            Argument::new(pairs.column(1), span),
            Argument::new(ScalarExpr::Literal(Value::Long(position)), span),
        ];
        cx.call(".", span, args)
    };
    let key = part(cx, 0);
    let key = cx.convert(key, Type::String, span);
    let value = part(cx, 1);
    let ty = cx.call("gettype", span, vec![Argument::new(value, span)]);
    let kinds = pairs.aggregate(
        vec![(Column::new("key", Type::String), key), (Column::new("type", Type::String), ty)],
        vec![],
        vec![],
    );
    let rows = cx.ask_rows(kinds)?;
    let mut keys: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    for row in rows {
        let [Value::String(key), Value::String(kind)] = row.as_slice() else { continue };
        let ty = match &**kind {
            "long" => Type::Long,
            "int" => Type::Int,
            "double" | "real" => Type::Real,
            "bool" => Type::Bool,
            "string" => Type::String,
            "datetime" => Type::DateTime,
            "null" => Type::Unknown,
            _ => Type::Dynamic,
        };
        keys.entry(key.clone())
            .and_modify(|so_far| {
                *so_far = match (*so_far, ty) {
                    (a, b) if a == b => a,
                    (Type::Unknown, other) | (other, Type::Unknown) => other,
                    _ => Type::Dynamic,
                }
            })
            .or_insert(ty);
    }
    for ty in keys.values_mut() {
        if *ty == Type::Unknown {
            *ty = Type::Dynamic;
        }
    }
    Some(keys)
}
