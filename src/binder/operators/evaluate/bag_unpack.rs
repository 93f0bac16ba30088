//! `bag_unpack(column [, prefix])`: one column per top-level key of a bag.
//!
//! Keys and their types are asked of the data; columns come sorted by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Expansion, Node, Relation, ScalarExpr};
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, RowSchema, Type, Value};

pub(super) fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    let span = call.span;
    if call.args.is_empty() || call.args.len() > 2 {
        let (code, message) = if call.args.is_empty() {
            (codes::ARGUMENT_COUNT, "`bag_unpack` needs a dynamic column")
        } else {
            (codes::UNSUPPORTED, "`bag_unpack` takes a column and a prefix so far")
        };
        cx.error(code, span, message);
        return cx.broken();
    }
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let bag = cx.argument(&mut clause, &call.args[0]);
    let ScalarExpr::Column { index: bag, ty } = bag.expr else {
        if bag.expr.ty() != Type::Unknown {
            cx.error(codes::COLUMN_EXPECTED, bag.span, "a column is expected");
        }
        return cx.broken();
    };
    if ty != Type::Dynamic {
        let message = format!("a dynamic column is expected, not {ty}");
        cx.error(codes::ARGUMENT_TYPE, call.args[0].span(), message);
        return cx.broken();
    }
    let prefix = match call.args.get(1) {
        Some(arg) => {
            let arg = cx.argument(&mut Clause::constant(), arg);
            cx.constant(&arg.expr, arg.span).map(|value| value.text()).unwrap_or_default()
        }
        None => String::new(),
    };
    let Some(keys) = keys(cx, &input, bag, call) else { return cx.broken() };
    let mut columns: Vec<(Column, ScalarExpr)> = vec![];
    for (key, ty) in keys {
        let name: Arc<str> = format!("{prefix}{key}").into();
        let taken = input.schema.index_of(&name).is_some_and(|index| index != bag);
        if taken {
            cx.diagnostics.push(
                Diagnostic::error(
                    codes::DUPLICATE_COLUMN,
                    span,
                    format!("key `{key}` is a column already"),
                )
                .hint("give a prefix: `bag_unpack(column, \"prefix_\")`"),
            );
            return cx.broken();
        }
        let args = vec![
            Argument::new(input.column(bag), span),
            Argument::new(ScalarExpr::Literal(Value::String(key.clone())), span),
        ];
        let value = cx.call(".", span, args);
        let value = cx.convert(value, ty, span);
        columns.push((Column { name, ty }, value));
    }
    // A key called like the unpacked column stands where that was.
    let own = input.schema.columns()[bag].name.clone();
    let mut result: Vec<(Column, ScalarExpr)> = vec![];
    for (index, column) in input.schema.columns().iter().enumerate() {
        if index != bag {
            result.push((column.clone(), input.column(index)));
        } else if let Some(at) = columns.iter().position(|(column, _)| column.name == own) {
            result.push(columns.remove(at));
        }
    }
    result.extend(columns);
    input.project(result)
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
                    (Type::Long, Type::Real) | (Type::Real, Type::Long) => Type::Real,
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
