//! Plugins that look for sequences along a timeline.

use super::arguments::Arguments;
use super::plugin::plugins;
use super::timeline::{Timeline, call as table_call, events};
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::sequences as kernels;
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::text::Span;
use crate::types::dynamic::Dynamic;
use crate::types::{Column, Type, Value, timespan};

plugins! {
    /// For bins of a timeline, how many ids reach each state of a sequence within given times.
    ///
    /// An id reaches a state if it passed all states up to it, in order, within the period from the
    /// first one; other states may come between. Every bin, beginning at `Start`, is looked at on its
    /// own, `End` is included. States are compared as texts. Bins without rows are left out. Ids are
    /// counted exactly.
    ///
    /// ```kql
    /// datatable(u: string, t: long, s: string)["a", 0, "x", "a", 3, "y", "b", 1, "x", "b", 9, "y"]
    /// | evaluate funnel_sequence_completion(u, t, 0, 10, 100, s, dynamic(["x", "y"]), dynamic([5]))    //=> 0, x, 5, 2; 0, y, 5, 1
    /// ```
    "funnel_sequence_completion" "funnel_sequence_completion(IdColumn, TimelineColumn, Start, End, BinSize, StateColumn, Sequence, MaxSequenceStepPeriods)" => funnel_sequence_completion;

    /// Every sequence of times at which named conditions hold one after the other.
    ///
    /// Each step comes later than the one before, by no more than `MaxSequenceStepWindow`; the last one
    /// is no more than `MaxSequenceSpan` behind the first. Sequences are looked for among rows that
    /// agree in the dimensions. Rows that meet a condition at the same time count once.
    ///
    /// ```kql
    /// datatable(t: long, x: string)[1, "a", 4, "b", 20, "b"]
    /// | evaluate sequence_detect(t, 5, 10, start = (x == "a"), stop = (x == "b"))    //=> 1, 4, 3
    /// ```
    "sequence_detect" "sequence_detect(TimelineColumn, MaxSequenceStepWindow, MaxSequenceSpan, name = condition, … [, dimensions, …])" => sequence_detect;
}

fn sequence_detect<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    bind_sequence_detect(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn bind_sequence_detect<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Relation> {
    let mut args = Arguments::with_names(call);
    let timeline = Timeline::read(cx, &mut args, &input)?;
    let step = timeline.distance(cx, &mut args, "MaxSequenceStepWindow")?;
    let longest = timeline.distance(cx, &mut args, "MaxSequenceSpan")?;
    let mut conditions: Vec<(Column, ScalarExpr)> = vec![];
    let mut dimensions = vec![];
    while let Some(arg) = args.next() {
        let mut clause = Clause::over(&input);
        clause.windows = None;
        match arg {
            Expr::Named(named) if !named.tuple => {
                let condition = cx.argument(&mut clause, &named.value);
                let condition = cx.condition(condition);
                let name = format!("{}_{}", named.names[0].text, timeline.column.name);
                conditions.push((Column::new(name, timeline.column.ty), condition));
            }
            other => {
                let value = cx.argument(&mut clause, other);
                match value.expr {
                    ScalarExpr::Column { index, ty } if ty != Type::Dynamic => {
                        dimensions.push(index);
                    }
                    ScalarExpr::Pending { .. } => return None,
                    _ => {
                        let message = "a condition needs a name, and a dimension is a column";
                        cx.diagnostics.push(
                            Diagnostic::error(codes::COLUMN_EXPECTED, value.span, message)
                                .hint("name it, as in `start = (State == \"begin\")`"),
                        );
                        return None;
                    }
                }
            }
        }
    }
    if conditions.is_empty() {
        let message = "`sequence_detect` misses its conditions";
        cx.error(codes::ARGUMENT_COUNT, args.span, message);
        return None;
    }
    let schema = input.schema.clone();
    let mut columns: Vec<Column> =
        dimensions.iter().map(|index| schema.columns()[*index].clone()).collect();
    columns.extend(conditions.iter().map(|(column, _)| column.clone()));
    columns.push(Column::new("Duration", timeline.distance_type()));
    let count = Value::Long(conditions.len() as i64);
    // The conditions, beside the timeline and the dimensions.
    let mut kept = vec![(timeline.column.clone(), input.column(timeline.index))];
    let mut any = vec![];
    for (nth, (_, condition)) in conditions.into_iter().enumerate() {
        any.push(condition.clone());
        kept.push((Column::new(format!("$condition{nth}"), Type::Bool), condition));
    }
    for (nth, index) in dimensions.iter().enumerate() {
        let ty = schema.columns()[*index].ty;
        kept.push((Column::new(format!("$dimension{nth}"), ty), input.column(*index)));
    }
    let width = kept.len();
    let any = match any.len() {
        1 => any.remove(0),
        _ => ScalarExpr::Or(any),
    };
    let rows = input.filter(any).project(kept);
    let place = Timeline { index: 0, ..timeline };
    let rest: Vec<usize> = (1..width).collect();
    let events = events(cx, rows, args.span, &place, (None, None), &rest);
    let constants = vec![step, longest, count];
    Some(table_call(cx, &kernels::SEQUENCE_DETECT, vec![events], constants, columns, args.span))
}

fn funnel_sequence_completion<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    bind_completion(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn bind_completion<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &[])?;
    let id = args.ordinary_column(cx, &input, "IdColumn")?;
    let timeline = Timeline::read(cx, &mut args, &input)?;
    let start = timeline.place(cx, &mut args, "Start")?;
    let end = timeline.place(cx, &mut args, "End")?;
    let step = timeline.step(cx, &mut args, "BinSize")?;
    let state = args.column(cx, &input, "StateColumn")?;
    let (sequence, span) = args.constant(cx, "Sequence")?;
    array(cx, &args, &sequence, span)?;
    let (periods, span) = args.constant(cx, "MaxSequenceStepPeriods")?;
    let mut lengths = vec![];
    for period in array(cx, &args, &periods, span)? {
        let length = match timeline.distance_type() {
            // A timespan in a dynamic literal is its ticks.
            Type::TimeSpan => match &period {
                Dynamic::String(text) => timespan::parse(text).map(Value::TimeSpan),
                other => other.text().parse().ok().map(Value::TimeSpan),
            },
            Type::Real => period.text().parse().ok().map(Value::Real),
            _ => period.text().parse().ok().map(Value::Long),
        };
        let Some(length) = length else {
            let message =
                format!("`{}` is no distance along a {}", period.text(), timeline.column.ty);
            cx.error(codes::ARGUMENT_TYPE, span, message);
            return None;
        };
        lengths.push(length);
    }
    args.end(cx)?;
    let name = input.schema.columns()[state].name.clone();
    let text = cx.call("tostring", span, vec![Argument::new(input.column(state), span)]);
    let period = match timeline.distance_type() {
        Type::Int => Type::Long,
        other => other,
    };
    let columns = vec![
        timeline.column.clone(),
        Column { name, ty: Type::String },
        Column::new("Period", period),
        Column::new("dcount", Type::Long),
    ];
    let kept = vec![
        (timeline.column.clone(), input.column(timeline.index)),
        (Column::new("$id", input.schema.columns()[id].ty), input.column(id)),
        (Column::new("$state", Type::String), text),
    ];
    let place = Timeline { index: 0, ..timeline };
    let range = (Some(start.clone()), Some(end.clone()));
    let events = events(cx, input.project(kept), args.span, &place, range, &[1, 2]);
    let mut constants = vec![start, end, step, sequence];
    constants.extend(lengths);
    let function = &kernels::FUNNEL_SEQUENCE_COMPLETION;
    Some(table_call(cx, function, vec![events], constants, columns, args.span))
}

/// The elements of a constant array, at least one.
fn array(cx: &mut Binder, args: &Arguments, value: &Value, span: Span) -> Option<Vec<Dynamic>> {
    match (value.ty(), value.to_dynamic()) {
        (Type::Dynamic, Dynamic::Array(elements)) if !elements.is_empty() => Some(elements),
        _ => {
            let message = format!("`{}` takes an array of values here", args.plugin);
            cx.error(codes::ARGUMENT_TYPE, span, message);
            None
        }
    }
}
