//! `narrow()`: one row per cell, as `Row`, `Column`, `Value`.

use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::diagnostics::codes;
use crate::functions::def::WindowFunction;
use crate::plan::{Expansion, Node, Relation, ScalarExpr, WindowCall};
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, RowSchema, Type, Value};

plugins! {
    /// One row per cell: the number of its row, the name of its column, its value as text.
    ///
    /// ```kql
    /// datatable(a: long, b: string)[1, "x"] | evaluate narrow()    //=> 0, a, 1; 0, b, x
    /// ```
    "narrow" "narrow()" => bind;
}

fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    let span = call.span;
    if !call.args.is_empty() {
        cx.error(codes::ARGUMENT_COUNT, span, "`narrow` takes no arguments");
        return cx.broken();
    }
    let width = input.schema.len();
    let number = WindowCall {
        function: WindowFunction::RowNumber,
        args: vec![ScalarExpr::Literal(Value::Long(0))],
        ty: Type::Long,
    };
    let mut columns: Vec<Column> = input.schema.columns().to_vec();
    columns.push(Column::new("$row", Type::Long));
    let names = input.schema.clone();
    let numbered =
        Relation::new(Node::Window { input, calls: vec![number] }, RowSchema::new(columns));
    let texts = (0..width)
        .map(|i| Argument::new(cx.convert(numbered.column(i), Type::String, span), span))
        .collect();
    let values = cx.call("pack_array", span, texts);
    let labels = names
        .names()
        .map(|name| Argument::new(ScalarExpr::Literal(Value::String(name.into())), span))
        .collect();
    let labels = cx.call("pack_array", span, labels);
    let number = numbered.column(width);
    let row = numbered.project(vec![
        (Column::new("Row", Type::Long), number),
        (Column::new("$labels", Type::Dynamic), labels),
        (Column::new("$values", Type::Dynamic), values),
    ]);
    let expansions = vec![
        Expansion { source: row.column(1), array_pairs: false, ty: Type::String },
        Expansion { source: row.column(2), array_pairs: false, ty: Type::String },
    ];
    let mut inner: Vec<Column> = row.schema.columns().to_vec();
    inner.push(Column::new("Column", Type::String));
    inner.push(Column::new("Value", Type::String));
    let node = Node::Expand { input: row, expansions, position: false, limit: None };
    Relation::new(node, RowSchema::new(inner)).select(&[0, 3, 4])
}
