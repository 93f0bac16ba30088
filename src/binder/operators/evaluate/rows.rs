//! Plugins that pass rows on: `rows_near`, `rolling_percentile`, `identity`, `estimate_rows_count`.

use super::arguments::Arguments;
use super::plugin::plugins;
use super::timeline::{Timeline, call as table_call};
use crate::binder::Binder;
use crate::binder::operators::rows as row_operators;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::neighbours::{ROLLING_PERCENTILE, ROWS_NEAR};
use crate::plan::Relation;
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, RowSchema, Type, Value};

plugins! {
    /// How many rows there are, as a table of one cell. The number is exact.
    ///
    /// ```kql
    /// range x from 1 to 5 step 1 | evaluate estimate_rows_count()    //=> 5
    /// ```
    "estimate_rows_count" "estimate_rows_count()" => estimate_rows_count;

    /// The rows as they are.
    ///
    /// ```kql
    /// print x = 1 | evaluate identity()    //=> 1
    /// ```
    "identity" "identity()" => identity;

    /// The percentile of a column in a window that rolls along another one, bin by bin.
    ///
    /// A row tells the percentile, by nearest rank, of the values in a bin and in the
    /// `BinsPerWindow` - 1 bins before it. Bins begin at multiples of `BinSize`, run to the last one
    /// that holds a row, and are left out while their window is empty.
    ///
    /// ```kql
    /// range t from 0 to 5 step 1 | extend v = t * 10
    /// | evaluate rolling_percentile(v, 50, t, 2, 2)    //=> 0, 0; 2, 10; 4, 30
    /// ```
    "rolling_percentile" "rolling_percentile(ValueColumn, Percentile, IndexColumn, BinSize, BinsPerWindow [, dimensions, …])" => rolling_percentile;

    /// The rows that are near one for which a condition holds, and that row itself.
    ///
    /// Near are `NumRows` rows before and after, or after it `RowsAfter` if that is given. The rows
    /// must have an order, and every one comes once.
    ///
    /// ```kql
    /// range x from 1 to 9 step 1 | evaluate rows_near(x == 4, 1, 2)    //=> 3; 4; 5; 6
    /// ```
    "rows_near" "rows_near(Condition, NumRows [, RowsAfter])" => rows_near;
}

fn identity<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    match Arguments::new(cx, call, &[]).and_then(|args| args.end(cx)) {
        Some(()) => Relation { serialized: false, ..input },
        None => cx.broken(),
    }
}

fn estimate_rows_count<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    match Arguments::new(cx, call, &[]).and_then(|args| args.end(cx)) {
        Some(()) => {
            let counted = row_operators::count(input, None);
            let count = (Column::new("EstimatedRowsCount", Type::Long), counted.column(0));
            counted.project(vec![count])
        }
        None => cx.broken(),
    }
}

/// A constant number of rows or bins, not negative.
fn number<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    what: &str,
    least: i64,
) -> Option<Value> {
    let (value, span) = args.constant_of(cx, Type::Long, what)?;
    if value.as_i64().is_some_and(|value| value >= least) {
        return Some(value);
    }
    let message = format!("`{}` takes a number of {least} or more here", args.plugin);
    cx.error(codes::GENERIC, span, message);
    None
}

fn rows_near<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    bind_rows_near(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn bind_rows_near<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &[])?;
    if !input.serialized {
        cx.diagnostics.push(
            Diagnostic::error(
                codes::NOT_SERIALIZED,
                call.name.span,
                "`rows_near` needs rows in a defined order",
            )
            .hint("put `sort by …` or `serialize` before it"),
        );
        return None;
    }
    let condition = args.required(cx, "Condition")?;
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let condition = cx.argument(&mut clause, condition);
    let condition = cx.condition(condition);
    let before = number(cx, &mut args, "NumRows", 0)?;
    let after = match args.left() {
        0 => before.clone(),
        _ => number(cx, &mut args, "RowsAfter", 0)?,
    };
    args.end(cx)?;
    let schema: RowSchema = input.schema.clone();
    let mut columns: Vec<_> = input.targets().collect();
    columns.push((Column::new("$near", Type::Bool), condition));
    let marked = input.project(columns);
    let columns = schema.columns().to_vec();
    let constants = vec![before, after];
    let near = table_call(cx, &ROWS_NEAR, vec![marked], constants, columns, args.span);
    Some(Relation { serialized: true, ..near })
}

fn rolling_percentile<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    bind_rolling_percentile(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn bind_rolling_percentile<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &[])?;
    let value = args.timeline(cx, &input, "ValueColumn")?;
    let (percentage, span) = args.constant(cx, "Percentile")?;
    let in_range = percentage.as_f64().is_some_and(|p| (0.0..=100.0).contains(&p));
    if !percentage.ty().is_numeric() || !in_range {
        let message = "`rolling_percentile` takes a percentage from 0 to 100 here";
        cx.error(codes::ARGUMENT_TYPE, span, message);
        return None;
    }
    let timeline = Timeline::read(cx, &mut args, &input)?;
    let step = timeline.distance(cx, &mut args, "BinSize")?;
    let bins = number(cx, &mut args, "BinsPerWindow", 1)?;
    let dimensions = args.columns(cx, &input)?;
    let value_column = input.schema.columns()[value].clone();
    let name =
        format!("rolling_{}_percentile_{}_{}", bins.text(), value_column.name, percentage.text());
    let mut columns = vec![timeline.column.clone()];
    columns.extend(dimensions.iter().map(|index| input.schema.columns()[*index].clone()));
    columns.push(Column { name: name.into(), ty: value_column.ty });
    let mut kept = vec![value];
    kept.extend(&dimensions);
    let events = super::timeline::events(cx, input, args.span, &timeline, (None, None), &kept);
    let constants = vec![step, bins, percentage];
    Some(table_call(cx, &ROLLING_PERCENTILE, vec![events], constants, columns, args.span))
}
