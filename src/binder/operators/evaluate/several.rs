//! The plugins that give several tables: `preview` and `funnel_sequence`.

use super::arguments::Arguments;
use super::plugin::plugins;
use super::timeline::{Timeline, call as table_call, events};
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::operators::rows::count;
use crate::diagnostics::codes;
use crate::functions::table::funnel::FUNNEL_SEQUENCE;
use crate::plan::Relation;
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::dynamic::Dynamic;
use crate::types::{Column, Type, Value};

plugins! {
    /// How many ids pass a sequence of states, by what comes before and after it, as three tables.
    ///
    /// The first tells the states before and after (`prev`, `next`), the second the one before, the
    /// third the one after; where there is none it is empty. A state that repeats counts once. The
    /// states of the sequence follow each other directly, with no more than `MaxSequenceStepWindow`
    /// between two. A row belongs to the bin, from `Start` on, in which its sequences begin. `samples`
    /// holds up to 128 of the ids, which are counted exactly. Nothing may follow the plugin.
    ///
    /// ```kql
    /// datatable(u: string, t: long, s: string)["a", 0, "x", "a", 3, "y", "b", 1, "y", "b", 9, "z"]
    /// | evaluate funnel_sequence(u, t, 0, 10, 5, 100, s, dynamic(["y"]))    //=> 0, , z, 1, ["b"]; 0, x, , 1, ["a"]; 0, , 1, ["b"]; 0, x, 1, ["a"]; 0, , 1, ["a"]; 0, z, 1, ["b"]
    /// ```
    "funnel_sequence" "funnel_sequence(IdColumn, TimelineColumn, Start, End, MaxSequenceStepWindow, Step, StateColumn, Sequence)" => one;

    /// The first rows and the number of all rows, as two tables. Nothing may follow the plugin.
    ///
    /// ```kql
    /// range x from 1 to 9 step 1 | evaluate preview(2)    //=> 1; 2; 9
    /// ```
    "preview" "preview(NumberOfRows)" => one;
}

/// Binds the plugin where one table is expected.
fn one<'a>(cx: &mut Binder<'a>, _: Relation, call: &'a FunctionCall) -> Relation {
    let message = format!("plugin `{}` gives several tables and cannot stand here", call.name.text);
    cx.error(codes::SYNTAX, call.span, message);
    cx.broken()
}

/// The call of a plugin that gives several tables.
pub(in crate::binder::operators) fn call_of(call: &Expr) -> Option<&FunctionCall> {
    match call {
        Expr::Call(call) if PLUGINS.iter().any(|plugin| plugin.name == &*call.name.text) => {
            Some(call)
        }
        _ => None,
    }
}

/// The tables that such a plugin gives.
pub(in crate::binder::operators) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Vec<Relation> {
    let tables = match &*call.name.text {
        "preview" => preview(cx, input, call),
        _ => funnel_sequence(cx, input, call),
    };
    tables.unwrap_or_else(|| vec![cx.broken()])
}

fn preview<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Vec<Relation>> {
    let mut args = Arguments::new(cx, call, &[])?;
    let (rows, span) = args.constant_of(cx, Type::Long, "NumberOfRows")?;
    args.end(cx)?;
    let Some(rows) = rows.as_i64().and_then(|rows| u64::try_from(rows).ok()) else {
        cx.error(codes::GENERIC, span, "`preview` takes a number of 0 or more here");
        return None;
    };
    Some(vec![input.clone().limit(rows), count(input, None)])
}

fn funnel_sequence<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Vec<Relation>> {
    let mut args = Arguments::new(cx, call, &[])?;
    let id = args.ordinary_column(cx, &input, "IdColumn")?;
    let timeline = Timeline::read(cx, &mut args, &input)?;
    let start = timeline.place(cx, &mut args, "Start")?;
    let end = timeline.place(cx, &mut args, "End")?;
    let longest = timeline.distance(cx, &mut args, "MaxSequenceStepWindow")?;
    let step = timeline.step(cx, &mut args, "Step")?;
    let state = args.ordinary_column(cx, &input, "StateColumn")?;
    let (sequence, span) = args.constant(cx, "Sequence")?;
    args.end(cx)?;
    if !matches!(sequence.to_dynamic(), Dynamic::Array(states) if !states.is_empty()) {
        let message = "`funnel_sequence` takes an array of states here";
        cx.error(codes::ARGUMENT_TYPE, span, message);
        return None;
    }
    let types = [id, state].map(|index| input.schema.columns()[index].ty);
    let text = cx.call("tostring", span, vec![Argument::new(input.column(state), span)]);
    let kept = vec![
        (timeline.column.clone(), input.column(timeline.index)),
        (Column::new("$id", types[0]), input.column(id)),
        (Column::new("$state", types[1]), input.column(state)),
        (Column::new("$text", Type::String), text),
    ];
    let place = Timeline { index: 0, ..timeline.clone() };
    let range = (Some(start.clone()), Some(end.clone()));
    let events = events(cx, input.project(kept), args.span, &place, range, &[1, 2, 3]);
    let tables = [(true, true), (true, false), (false, true)].map(|(before, after)| {
        let mut columns = vec![timeline.column.clone()];
        for (name, told) in [("prev", before), ("next", after)] {
            columns.extend(told.then(|| Column::new(name, types[1])));
        }
        columns.push(Column::new("dcount", Type::Long));
        columns.push(Column::new("samples", Type::Dynamic));
        let mut constants = vec![start.clone(), end.clone(), step.clone(), sequence.clone()];
        constants.push(longest.clone());
        constants.extend(types.map(Value::null));
        constants.extend([before, after].map(Value::Bool));
        let inputs = vec![events.clone()];
        table_call(cx, &FUNNEL_SEQUENCE, inputs, constants, columns, args.span)
    });
    Some(tables.into())
}
