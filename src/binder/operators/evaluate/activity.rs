//! The plugins of user analytics that count ids in the bins of a timeline.

use super::arguments::{Arguments, column, constant};
use super::plugin::plugins;
use super::timeline::{Timeline, before, call as table_call, events};
use crate::binder::Binder;
use crate::binder::scope::Clause;
use crate::diagnostics::codes;
use crate::functions::table::TableFunction;
use crate::functions::table::activity as kernels;
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::{Column, Type, Value};

plugins! {
    /// In every bin of a timeline, how many ids are active that were seen in enough periods before.
    ///
    /// An appearance of an id is active if in the `LookbackWindow` up to it (that long before not
    /// included) the id was seen in at least `ActivePeriodsCount` periods of length `Period`.
    /// Appearances before `Start` count in lookbacks only. The bins begin at `Start`; those without
    /// active ids are left out. `Bin` may be `week`, `month` or `year` along datetimes. Ids are counted
    /// exactly.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 1, "a", 12, "b", 3, "b", 4]
    /// | evaluate active_users_count(u, t, 0, 20, 20, 10, 2, 5)    //=> 10, 1
    /// ```
    "active_users_count" "active_users_count(IdColumn, TimelineColumn, Start, End, LookbackWindow, Period, ActivePeriodsCount, Bin [, dimensions, …])" => active_users_count;

    /// In every bin of a timeline, how many rows, ids and new ids there are, and all ids so far.
    ///
    /// An id is new in the first bin in which it appears. The bins begin at `Start`; `End` is
    /// included. `Step` may be `week`, `month` or `year` along datetimes. Bins without rows are left
    /// out. Ids are counted exactly.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 0, "b", 1, "a", 10, "c", 11, "c", 12]
    /// | evaluate activity_counts_metrics(u, t, 0, 20, 10)    //=> 0, 2, 2, 2, 2; 10, 3, 2, 1, 3
    /// ```
    "activity_counts_metrics" "activity_counts_metrics(IdColumn, TimelineColumn, Start, End, Step [, dimensions, …])" => activity_counts_metrics;

    /// In every bin of a timeline, how many ids are active in it and in a longer window that ends with
    /// it, and the ratio of the two.
    ///
    /// The bins are as long as the inner window and begin at `Start`, or at its multiples where no
    /// start is given. The outer window counts in whole bins. Rows before `Start` count in outer
    /// windows. Bins whose outer window is empty are left out.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 0, "b", 1, "a", 10]
    /// | evaluate activity_engagement(u, t, 0, 19, 10, 20)    //=> 0, 2, 2, 1.0; 10, 1, 2, 0.5
    /// ```
    "activity_engagement" "activity_engagement(IdColumn, TimelineColumn, [Start, End,] InnerActivityWindow, OuterActivityWindow [, dimensions, …])" => activity_engagement;

    /// In every bin of a timeline, how many ids there are, how many of them the bin before lacks, and
    /// the rates of retention and churn.
    ///
    /// The retention rate is the part of the ids of the bin before that are there again, the churn
    /// rate the part that is not; both are NaN where the bin before is empty. The bins begin at
    /// `Start`; `End` is included. `Window` may be `week`, `month` or `year` along datetimes. Without
    /// `Start` and `End` the bins begin at multiples of the window.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 0, "b", 1, "a", 10, "c", 11]
    /// | evaluate activity_metrics(u, t, 0, 20, 10) | where t > 0    //=> 10, 2, 1, 0.5, 0.5
    /// ```
    "activity_metrics" "activity_metrics(IdColumn, TimelineColumn, [Start, End,] Window [, dimensions, …])" => activity_metrics;

    /// For every cohort of new ids and every later bin of a timeline, how many of the cohort are still
    /// there.
    ///
    /// A cohort are the ids that first appear in one bin. `dcount_new_values` are the ids of the later
    /// bin that no bin up to the cohort's has seen (in the cohort's own bin, the cohort). `Cohort` is a
    /// place in the bin of the only cohort wanted. `Lookback` is a table of ids that are not new. Rates
    /// of an empty cohort are NaN.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 0, "b", 1, "a", 10, "c", 11]
    /// | evaluate new_activity_metrics(u, t, 0, 19, 10, 0)    //=> 0, 0, 2, 2, 0, 1.0, 0.0; 0, 10, 1, 1, 1, 0.5, 0.5
    /// ```
    "new_activity_metrics" "new_activity_metrics(IdColumn, TimelineColumn, Start, End, Window [, Cohort] [, dimensions, …] [, Lookback])" => new_activity_metrics;

    /// In every bin of a timeline, how many sessions begin.
    ///
    /// An appearance of an id begins a session unless the same id appeared not longer than
    /// `LookBackWindow` before. The bins begin at multiples of `Bin`. What lies at `Start` or before
    /// counts in lookbacks only.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 1, "a", 4, "a", 9, "b", 12]
    /// | evaluate session_count(u, t, 0, 20, 10, 3)    //=> 0, 2; 10, 1
    /// ```
    "session_count" "session_count(IdColumn, TimelineColumn, Start, End, Bin, LookBackWindow [, dimensions, …])" => session_count;

    /// In every bin of a timeline, how many rows and ids there are in a window that ends with the bin.
    ///
    /// The window counts in whole bins, at least one; of calendar periods it holds those that begin
    /// less than its length before the last one. Rows before `Start` count in windows. Bins with
    /// an empty window are left out. `Bin` may be `week`, `month` or `year` along datetimes.
    ///
    /// ```kql
    /// datatable(u: string, t: long)["a", 0, "b", 1, "a", 10]
    /// | evaluate sliding_window_counts(u, t, 0, 29, 20, 10)    //=> 0, 2, 2; 10, 3, 2; 20, 1, 1
    /// ```
    "sliding_window_counts" "sliding_window_counts(IdColumn, TimelineColumn, Start, End, LookbackWindow, Bin [, dimensions, …])" => sliding_window_counts;
}

/// The id, the timeline and where the analysis starts and ends.
struct Head {
    id: usize,
    timeline: Timeline,
    start: Value,
    end: Value,
}

impl Head {
    fn read<'a>(cx: &mut Binder<'a>, args: &mut Arguments<'a>, input: &Relation) -> Option<Head> {
        let (id, timeline) = id_and_timeline(cx, args, input)?;
        let start = timeline.place(cx, args, "Start")?;
        let end = timeline.place(cx, args, "End")?;
        Some(Head { id, timeline, start, end })
    }
}

fn id_and_timeline<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    input: &Relation,
) -> Option<(usize, Timeline)> {
    let id = args.ordinary_column(cx, input, "IdColumn")?;
    Some((id, Timeline::read(cx, args, input)?))
}

/// A result column.
type Given = (&'static str, Type);

/// A table function over the events of a timeline.
struct Analysis<'g> {
    function: &'static TableFunction,
    head: Head,
    /// Where the first event lies that counts.
    from: Option<Value>,
    /// The constants behind the start and the end.
    constants: Vec<Value>,
    /// The columns behind the timeline and the dimensions.
    given: &'g [Given],
}

impl Analysis<'_> {
    /// The call over the rows of `input`; the rest of the arguments are its dimensions.
    fn call<'a>(
        self,
        cx: &mut Binder<'a>,
        input: Relation,
        mut args: Arguments<'a>,
    ) -> Option<Relation> {
        let Analysis { function, head, from, constants, given } = self;
        let dimensions = args.columns(cx, &input)?;
        let mut columns = vec![head.timeline.column.clone()];
        columns.extend(dimensions.iter().map(|index| input.schema.columns()[*index].clone()));
        columns.extend(given.iter().map(|(name, ty)| Column::new(*name, *ty)));
        let mut kept = vec![head.id];
        kept.extend(dimensions);
        let to = Some(head.end.clone()).filter(|end| !end.is_null());
        let events = events(cx, input, args.span, &head.timeline, (from, to), &kept);
        let mut all = vec![head.start, head.end];
        all.extend(constants);
        Some(table_call(cx, function, vec![events], all, columns, args.span))
    }
}

/// Gives the relation, or one that stands for it.
fn or_broken<'a>(
    cx: &mut Binder<'a>,
    bind: impl FnOnce(&mut Binder<'a>) -> Option<Relation>,
) -> Relation {
    match bind(cx) {
        Some(relation) => relation,
        None => cx.broken(),
    }
}

fn active_users_count<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = Head::read(cx, &mut args, &input)?;
        let lookback = head.timeline.distance(cx, &mut args, "LookbackWindow")?;
        let period = head.timeline.step(cx, &mut args, "Period")?;
        let (enough, span) = args.constant(cx, "ActivePeriodsCount")?;
        if !enough.ty().is_numeric() {
            let message = "`active_users_count` takes a number of periods here";
            cx.error(codes::ARGUMENT_TYPE, span, message);
            return None;
        }
        let step = head.timeline.step(cx, &mut args, "Bin")?;
        let from = before(cx, args.span, &head.start, &lookback);
        let constants = vec![step, lookback, period, enough];
        let function = &kernels::ACTIVE_USERS_COUNT;
        let given = [("dcount", Type::Long)];
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

fn activity_counts_metrics<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = Head::read(cx, &mut args, &input)?;
        let step = head.timeline.step(cx, &mut args, "Step")?;
        let from = Some(head.start.clone());
        let constants = vec![step];
        let given = ["count", "dcount", "new_dcount", "aggregated_dcount"];
        let given = given.map(|name| (name, Type::Long));
        let function = &kernels::ACTIVITY_COUNTS_METRICS;
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

/// Reads `[Start, End,] Step`, as far as the next two arguments are places on the timeline rather
/// than distances, of which `least` follow. Without a start the bins begin at multiples of the step.
fn optional_head<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    input: &Relation,
    least: usize,
) -> Option<Head> {
    let (id, timeline) = id_and_timeline(cx, args, input)?;
    let given = match (args.peek(), timeline.kernel_type()) {
        // A distance along datetimes is no datetime.
        (Some(arg), Type::DateTime) => {
            let argument = cx.argument(&mut Clause::constant(), arg);
            argument.expr.ty() == Type::DateTime
        }
        // Of one type both: how many constants there are tells.
        _ => constants_ahead(cx, args, input) >= least + 2,
    };
    let (start, end) = match given {
        true => (timeline.place(cx, args, "Start")?, timeline.place(cx, args, "End")?),
        false => {
            let zero = match timeline.kernel_type() {
                Type::Real => Value::Real(0.0),
                Type::DateTime => Value::DateTime(0),
                Type::TimeSpan => Value::TimeSpan(0),
                Type::Int => Value::Int(0),
                _ => Value::Long(0),
            };
            (zero, Value::null(timeline.kernel_type()))
        }
    };
    Some(Head { id, timeline, start, end })
}

/// How many of the next arguments are no plain column of the input.
fn constants_ahead(cx: &Binder, args: &Arguments, input: &Relation) -> usize {
    let is_column = |arg: &Expr| match arg.unparenthesised() {
        Expr::Name(name) => {
            input.schema.index_of(&name.text).is_some() && cx.env.get(&name.text).is_none()
        }
        _ => false,
    };
    args.rest().iter().take_while(|arg| !is_column(arg)).count()
}

fn activity_metrics<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = optional_head(cx, &mut args, &input, 1)?;
        let step = head.timeline.step(cx, &mut args, "Window")?;
        let from = Some(head.start.clone()).filter(|_| !head.end.is_null());
        let constants = vec![step];
        let given = [
            ("dcount_values", Type::Long),
            ("dcount_newvalues", Type::Long),
            ("retention_rate", Type::Real),
            ("churn_rate", Type::Real),
        ];
        let function = &kernels::ACTIVITY_METRICS;
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

fn activity_engagement<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = optional_head(cx, &mut args, &input, 2)?;
        let inner = head.timeline.distance(cx, &mut args, "InnerActivityWindow")?;
        let outer = head.timeline.distance(cx, &mut args, "OuterActivityWindow")?;
        let from = match head.end.is_null() {
            true => None,
            false => before(cx, args.span, &head.start, &outer),
        };
        let constants = vec![inner, outer];
        let given = [
            ("dcount_activities_inner", Type::Long),
            ("dcount_activities_outer", Type::Long),
            ("activity_ratio", Type::Real),
        ];
        let function = &kernels::ACTIVITY_ENGAGEMENT;
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

fn sliding_window_counts<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = Head::read(cx, &mut args, &input)?;
        let lookback = head.timeline.distance(cx, &mut args, "LookbackWindow")?;
        let step = head.timeline.step(cx, &mut args, "Bin")?;
        let from = before(cx, args.span, &head.start, &lookback);
        let constants = vec![step, lookback];
        let given = [("Count", Type::Long), ("dcount", Type::Long)];
        let function = &kernels::SLIDING_WINDOW_COUNTS;
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

fn session_count<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let head = Head::read(cx, &mut args, &input)?;
        let step = head.timeline.step(cx, &mut args, "Bin")?;
        let lookback = head.timeline.distance(cx, &mut args, "LookBackWindow")?;
        let from = before(cx, args.span, &head.start, &lookback);
        let constants = vec![step, lookback];
        let given = [("count_sessions", Type::Long)];
        let function = &kernels::SESSION_COUNT;
        let analysis = Analysis { function, head, from, constants, given: &given };
        analysis.call(cx, input, args)
    })
}

fn new_activity_metrics<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    or_broken(cx, |cx| {
        let mut args = Arguments::new(cx, call, &[])?;
        let Head { id, timeline, start, end } = Head::read(cx, &mut args, &input)?;
        let step = timeline.step(cx, &mut args, "Window")?;
        let clause = Clause::over(&input);
        let mut cohort = Value::null(timeline.kernel_type());
        if let Some(arg) = args.peek()
            && !cx.is_tabular(&clause, arg)
            && constants_ahead(cx, &args, &input) > 0
        {
            args.next();
            // A null cohort is none, as where it is left out.
            let (value, _) = constant(cx, arg)?;
            if !value.is_null() {
                cohort = args.constant_as(cx, arg, timeline.kernel_type())?.0;
            }
        }
        let mut dimensions = vec![];
        let mut known = None;
        while let Some(arg) = args.next() {
            if cx.is_tabular(&clause, arg) {
                known = Some(ids_of(cx, arg, &input, id)?);
                args.end(cx)?;
            } else {
                dimensions.push(column(cx, &input, arg)?);
            }
        }
        let name = &timeline.column.name;
        let mut columns = ["from", "to"]
            .map(|side| Column { name: format!("{side}_{name}").into(), ty: timeline.column.ty })
            .to_vec();
        columns.extend(dimensions.iter().map(|index| input.schema.columns()[*index].clone()));
        for name in ["dcount_new_values", "dcount_retained_values", "dcount_churn_values"] {
            columns.push(Column::new(name, Type::Long));
        }
        columns.extend(["retention_rate", "churn_rate"].map(|n| Column::new(n, Type::Real)));
        let mut kept = vec![id];
        kept.extend(&dimensions);
        let range = (Some(start.clone()), Some(end.clone()));
        let mut inputs = vec![events(cx, input, args.span, &timeline, range, &kept)];
        inputs.extend(known);
        let constants = vec![start, end, step, cohort];
        let function = &kernels::NEW_ACTIVITY_METRICS;
        Some(table_call(cx, function, inputs, constants, columns, args.span))
    })
}

/// The ids in a table: its column called as the id of `input`, or its only one.
fn ids_of<'a>(cx: &mut Binder<'a>, arg: &'a Expr, input: &Relation, id: usize) -> Option<Relation> {
    let id = &input.schema.columns()[id];
    let table = cx.inner_relation(arg);
    let columns = table.schema.columns();
    let found = table.schema.index_of(&id.name).or((columns.len() == 1).then_some(0));
    let Some(index) = found else {
        if !cx.quiet {
            let message = format!("the lookback table has no column `{}`", id.name);
            cx.error(codes::UNKNOWN_NAME, arg.span(), message);
        }
        return None;
    };
    if columns[index].ty != id.ty {
        let (known, own) = (columns[index].ty, id.ty);
        let message = format!("the lookback table has ids of type {known}, not {own}");
        cx.error(codes::ARGUMENT_TYPE, arg.span(), message);
        return None;
    }
    let ids: (Column, ScalarExpr) = (columns[index].clone(), table.column(index));
    Some(table.aggregate(vec![ids], vec![], vec![]))
}
