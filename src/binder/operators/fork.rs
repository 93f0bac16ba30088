//! The operators that give several results: `fork [name =] (…) …`, `facet by columns [with (…)]`, and
//! `evaluate` of the plugins that do.

use super::evaluate::several;
use super::stands_inside;
use crate::binder::Binder;
use crate::binder::aggregates::aggregate_of;
use crate::binder::graph::Flow;
use crate::binder::probes::expressions;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::Volatility;
use crate::plan::{BoundStatement, Node, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, Name, Operator, OperatorKind as O};
use crate::text::Span;
use crate::types::{Column, Type};

/// Binds what gives several results, and what follows them; gives back any other flow.
pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    flow: Flow,
    operator: &'a Operator,
) -> Result<Flow, Flow> {
    match (flow, &operator.kind) {
        (Flow::Table(input), O::Fork { branches }) => {
            let input = settled(cx, input);
            let legs = branches.iter();
            let results =
                legs.map(|(name, operators)| leg(cx, &input, name.as_ref(), operators)).collect();
            Ok(Flow::Several(results))
        }
        (Flow::Table(input), O::Facet { columns, with }) => {
            let input = settled(cx, input);
            let mut results: Vec<BoundStatement> =
                with.iter().map(|operators| leg(cx, &input, None, operators)).collect();
            results.extend(columns.iter().filter_map(|column| facet(cx, &input, column)));
            Ok(Flow::Several(results))
        }
        (Flow::Table(input), O::Evaluate { call, schema: None })
            if let Some(call) = several::call_of(call) =>
        {
            let input = settled(cx, input);
            let tables = several::bind(cx, input, call).into_iter();
            let results =
                tables.map(|relation| BoundStatement { relation, visualization: None, name: None });
            Ok(Flow::Several(results.collect()))
        }
        (Flow::Several(mut results), O::Render { chart, properties }) => {
            let Some(first) = results.first() else { return Ok(Flow::Several(results)) };
            super::rows::render(cx, first.relation.clone(), chart, properties);
            let visualization = cx.visualization.take();
            results.iter_mut().for_each(|result| result.visualization = visualization.clone());
            Ok(Flow::Several(results))
        }
        (Flow::Several(results), _) => {
            let message = "an operator that gives several results must be the last one";
            cx.error(codes::SYNTAX, operator.keyword, message);
            cx.quiet = true;
            Ok(Flow::Several(results))
        }
        (flow, _) => Err(flow),
    }
}

/// One result: the input through operators of its own.
fn leg<'a>(
    cx: &mut Binder<'a>,
    input: &Relation,
    name: Option<&Name>,
    operators: &'a [Operator],
) -> BoundStatement {
    for operator in operators.iter().filter(|operator| !stands_in_leg(&operator.kind)) {
        let keyword = cx.source.slice(operator.keyword).to_string();
        cx.diagnostics.push(
            Diagnostic::error(
                codes::SYNTAX,
                operator.keyword,
                format!("`{keyword}` cannot stand in a part of `fork` or `facet`"),
            )
            .hint("the rows of a `materialize` can be read by several statements"),
        );
    }
    let env = cx.env.clone();
    let outer = cx.result_name.take();
    let flow = cx.pipeline(Flow::Table(input.clone()), operators);
    let span = operators.last().map_or(Span::default(), |operator| operator.span);
    let relation = cx.expect_table(flow, span);
    let given = std::mem::replace(&mut cx.result_name, outer);
    cx.env = env;
    let name = name.map(|name| name.text.clone()).or(given);
    BoundStatement { relation, visualization: None, name }
}

/// The operators that Kusto's grammar admits there.
fn stands_in_leg(kind: &O) -> bool {
    stands_inside(kind) || matches!(kind, O::As { .. } | O::ExecuteAndCache | O::Invoke { .. })
}

/// The values of a column and how often each occurs.
fn facet<'a>(cx: &mut Binder<'a>, input: &Relation, column: &'a Expr) -> Option<BoundStatement> {
    let Expr::Name(name) = column else {
        cx.error(codes::COLUMN_EXPECTED, column.span(), "a column is expected");
        return None;
    };
    let mut clause = crate::binder::scope::Clause::over(input);
    let key = cx.argument(&mut clause, column).expr;
    if key.ty() == Type::Dynamic {
        let message = format!("column `{}` is dynamic and cannot be a facet", name.text);
        cx.error(codes::GENERIC, name.span, message);
        return None;
    }
    let ScalarExpr::Column { ty, .. } = key else {
        if !cx.quiet && key.ty() != Type::Unknown {
            cx.error(codes::COLUMN_EXPECTED, name.span, "a column is expected");
        }
        return None;
    };
    let count = aggregate_of("count", vec![])?;
    let key = (Column { name: name.text.clone(), ty }, key);
    let label = format!("count_{}", name.text).into();
    let relation = input.clone().aggregate(vec![key], vec![count], vec![label]);
    Some(BoundStatement { relation, visualization: None, name: None })
}

/// The input as every result sees it. It is read once per result, so that rows which another reading
/// may choose or make otherwise are kept, and so is what a `summarize` leaves of many.
fn settled(cx: &mut Binder, input: Relation) -> Relation {
    let small = matches!(&*input.node, Node::Aggregate { .. });
    let chosen = !input.serialized
        && (small || any_node(&input, &|relation| matches!(&*relation.node, Node::Limit { .. })));
    match chosen || any_node(&input, &is_volatile) {
        true => cx.ask_table(input),
        false => input,
    }
}

/// Whether a relation's own node computes what another reading computes otherwise.
fn is_volatile(relation: &Relation) -> bool {
    let mut found = false;
    for expr in expressions(relation) {
        expr.visit(&mut |e| {
            found |= matches!(e, ScalarExpr::Call(call)
                if call.function.volatility == Volatility::Volatile);
        });
    }
    found
}

/// Whether `holds` of a relation or any that it reads.
fn any_node(relation: &Relation, holds: &dyn Fn(&Relation) -> bool) -> bool {
    holds(relation) || relation.inputs().into_iter().any(|input| any_node(input, holds))
}
