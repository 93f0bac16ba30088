//! The `reduce` operator: `T | reduce [kind=source] by x [with threshold=…, characters=…]`.

use super::{report_repeated, unknown_property, word_parameter};
use crate::binder::Binder;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::reduce::{REDUCE, REDUCE_SOURCE};
use crate::plan::{Node, Relation};
use crate::syntax::ast::{Expr, Operator, Parameter};
use crate::types::{Column, RowSchema, Type, Value};

/// The share of the rows that a word and a group must exceed, unless given.
const THRESHOLD: f64 = 0.1;

const PROPERTIES: [&str; 2] = ["threshold", "characters"];

/// Binds the operator. Kusto publishes no exact method, so the query gets a warning.
pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    by: &'a Expr,
    properties: &'a [Parameter],
) -> Relation {
    let source = word_parameter(cx, operator, &["kind"], &["source"]).is_some();
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let text = cx.argument(&mut clause, by);
    if !matches!(text.expr.ty(), Type::String | Type::Unknown) {
        let message = format!("`reduce` groups strings, not {}", text.expr.ty());
        cx.diagnostics.push(
            Diagnostic::error(codes::EXPRESSION_TYPE, text.span, message)
                .hint("convert the value with `tostring()`"),
        );
        return cx.broken();
    }
    let mut threshold = THRESHOLD;
    let mut characters = Value::Null(Type::String);
    for property in properties {
        set(cx, &mut threshold, &mut characters, property);
    }
    cx.diagnostics.push(
        Diagnostic::warning(
            codes::METHOD,
            operator.keyword,
            "the groups of `reduce` may differ from Kusto's, which publishes no exact method",
        )
        .hint("they are those of the SLCT algorithm, which Kusto's documentation names"),
    );
    let value = (Column::new("$text", Type::String), text.expr);
    let pattern = Column::new("Pattern", Type::String);
    let (function, columns, schema) = if source {
        if input.schema.index_of("Pattern").is_some() {
            report_repeated(cx, "Pattern", operator.keyword);
            return cx.broken();
        }
        let all = input.schema.columns().iter().cloned();
        let schema = RowSchema::new(all.chain([pattern]));
        (&REDUCE_SOURCE, input.targets().chain([value]).collect(), schema)
    } else {
        let count = Column::new("Count", Type::Long);
        let first = Column::new("Representative", Type::String);
        (&REDUCE, vec![value], RowSchema::new([pattern, count, first]))
    };
    let inputs = vec![input.project(columns)];
    let constants = vec![Value::Real(threshold), characters];
    Relation::new(Node::TableFunction { inputs, function, constants }, schema)
}

/// Takes one property over.
fn set<'a>(
    cx: &mut Binder<'a>,
    threshold: &mut f64,
    characters: &mut Value,
    property: &'a Parameter,
) {
    let name = &*property.name.text;
    if !PROPERTIES.contains(&name) {
        cx.diagnostics.push(unknown_property(property, "reduce", &PROPERTIES));
        return;
    }
    let bound = cx.argument(&mut Clause::constant(), &property.value);
    let Some(value) = cx.constant(&bound.expr, bound.span) else { return };
    match (name, value) {
        ("threshold", value @ (Value::Real(_) | Value::Long(_) | Value::Int(_))) => {
            match value.as_f64().filter(|share| (0.0..=1.0).contains(share)) {
                Some(share) => *threshold = share,
                None => cx.error(codes::GENERIC, bound.span, "`threshold` is from 0 to 1"),
            }
        }
        ("threshold", _) => {
            cx.error(codes::EXPRESSION_TYPE, bound.span, "`threshold` is a number");
        }
        (_, text @ Value::String(_)) => *characters = text,
        (_, _) => cx.error(codes::EXPRESSION_TYPE, bound.span, "`characters` is a string"),
    }
}
