//! The plugins of pattern mining: `autocluster`, `basket`, `diffpatterns`.

use super::arguments::{Arguments, column, constant};
use super::plugin::plugins;
use super::timeline::unique;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::diagnostics::codes;
use crate::functions::table::{TableFunction, patterns as kernels};
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::text::Span;
use crate::types::{Column, Type, Value};

plugins! {
    /// A few patterns that many rows share and that tell much about them.
    ///
    /// A pattern fixes the values of some columns. Its score is the part of the rows that it holds, to
    /// the power of `SizeWeight`, times the part of the columns that it fixes, to the power of 1 -
    /// `SizeWeight`. From each of the `NumSeeds` most frequent rows, columns are given up one by one as
    /// long as that raises the score; of the patterns found, best first, those stay half of whose rows
    /// are in no better one. Kusto describes this aim, not its way there, so its answer may differ
    /// in which patterns it shows; counts are exact and the answer is always the same. A column that a
    /// pattern leaves open has the wildcard of its type, null or an empty text unless one is given.
    /// The weight is no column of the answer. `'~'` stands for an argument's default.
    ///
    /// ```kql
    /// datatable(s: string, k: string)["x", "a", "x", "a", "y", "b", "x", "a"]
    /// | evaluate autocluster()    //=> 0, 3, 75.0, x, a; 1, 1, 25.0, y, b
    /// ```
    "autocluster" "autocluster([SizeWeight [, WeightColumn [, NumSeeds [, CustomWildcard, …]]]])" => autocluster;

    /// All patterns of values that at least a part of the rows share.
    ///
    /// A pattern fixes the values of some columns, and all columns that have one value in its rows. It
    /// is given if it holds `Threshold` of the rows (0.015 to 1, by default 0.05) and `MaxDimensions`
    /// values (5) are enough to tell it. Order is by the part of the rows times the number of
    /// columns fixed. Wildcards and the weight are as in `autocluster`. No rows are sampled.
    ///
    /// ```kql
    /// datatable(s: string, k: string)["x", "a", "x", "a", "y", "a", "z", "b"]
    /// | evaluate basket(0.5)    //=> 0, 2, 50.0, x, a; 1, 3, 75.0, , a
    /// ```
    "basket" "basket([Threshold [, WeightColumn [, MaxDimensions [, CustomWildcard, …]]]])" => basket;

    /// Patterns of values that two sets of rows share to different parts.
    ///
    /// Set A are the rows whose split column reads as the first text, set B those with the second.
    /// A pattern is given if the parts that it holds of both differ by `Threshold` (0.015 to 1, by
    /// default 0.05), greatest difference first, unless one given before on the same side is
    /// narrower, wider, or holds three quarters of its rows. Which patterns Kusto leaves out is not
    /// described, so its answer may differ in that; counts are exact. The split column and
    /// the weight are no columns of the answer. Percentages have two decimals. Wildcards are as in
    /// `autocluster`.
    ///
    /// ```kql
    /// datatable(set: string, s: string)["a", "x", "a", "x", "b", "y", "b", "x"]
    /// | evaluate diffpatterns(['set'], "a", "b")    //=> 0, 2, 1, 100.0, 50.0, 50.0, x; 1, 0, 1, 0.0, 50.0, 50.0, y
    /// ```
    "diffpatterns" "diffpatterns(SplitColumn, SplitValueA, SplitValueB [, WeightColumn [, Threshold [, MaxDimensions [, CustomWildcard, …]]]])" => diffpatterns;
}

/// Whether an argument is the sign for its default.
fn is_default(arg: &Expr) -> bool {
    matches!(
        arg.unparenthesised(),
        Expr::Literal(literal) if literal.value == Some(Value::String("~".into()))
    )
}

/// The next argument, if it is given and not `'~'`.
fn optional<'a>(args: &mut Arguments<'a>) -> Option<&'a Expr> {
    args.next().filter(|arg| !is_default(arg))
}

/// The next argument as a number from `least` to `most`.
fn number<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    default: f64,
    (least, most): (f64, f64),
) -> Option<Value> {
    let Some(arg) = optional(args) else { return Some(Value::Real(default)) };
    let (value, span) = args.constant_as(cx, arg, Type::Real)?;
    if value.as_f64().is_some_and(|value| (least..=most).contains(&value)) || cx.context.analyses()
    {
        return Some(value);
    }
    let range = match most.is_finite() {
        true => format!("from {least} to {most}"),
        false => format!("of {least} or more"),
    };
    let message = format!("`{}` takes a number {range} here", args.plugin);
    cx.error(codes::GENERIC, span, message);
    None
}

/// The next argument as the column of weights.
fn weight<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    input: &Relation,
) -> Option<Option<usize>> {
    let Some(arg) = optional(args) else { return Some(None) };
    let index = column(cx, input, arg)?;
    let ty = input.schema.columns()[index].ty;
    if ty.is_numeric() {
        return Some(Some(index));
    }
    let message = format!("`{}` takes weights that are numbers, not {ty}", args.plugin);
    cx.error(codes::ARGUMENT_TYPE, arg.span(), message);
    None
}

/// All further arguments as wildcards, by their types.
fn wildcards<'a>(cx: &mut Binder<'a>, args: &mut Arguments<'a>) -> Option<Vec<Value>> {
    let mut wildcards = vec![];
    while let Some(arg) = args.next() {
        if !is_default(arg) {
            wildcards.push(constant(cx, arg)?.0);
        }
    }
    Some(wildcards)
}

/// What is mined: the set of each row, its weight, and the columns that are looked at.
struct Mined {
    in_a: ScalarExpr,
    weight: Option<usize>,
    hidden: Option<usize>,
    /// Constants of the table function, before the wildcards.
    constants: Vec<Value>,
    wildcards: Vec<Value>,
}

/// The table function over the columns of the input, with `given` before them.
fn mine(
    cx: &mut Binder,
    input: Relation,
    span: Span,
    function: &'static TableFunction,
    mined: Mined,
    given: &[(&str, Type)],
) -> Relation {
    let mut constants = mined.constants;
    let weight = match mined.weight {
        Some(index) => cx.convert(input.column(index), Type::Real, span),
        None => ScalarExpr::Literal(Value::Real(1.0)),
    };
    let mut kept = vec![
        (Column::new("$weight", Type::Real), weight),
        (Column::new("$in_a", Type::Bool), mined.in_a),
    ];
    let mut columns: Vec<Column> = given.iter().map(|(name, ty)| Column::new(*name, *ty)).collect();
    for (index, column) in input.schema.columns().iter().enumerate() {
        if mined.weight == Some(index) || mined.hidden == Some(index) {
            continue;
        }
        kept.push((column.clone(), input.column(index)));
        columns.push(column.clone());
        let own = mined.wildcards.iter().find(|wildcard| wildcard.ty() == column.ty);
        constants.push(own.cloned().unwrap_or_else(|| Value::null(column.ty)));
    }
    let rows = input.project(kept);
    let exact: Vec<Column> = unique(columns);
    // Decimals are values like others here.
    let node = Node::TableFunction { inputs: vec![rows], function, constants };
    Relation::new(node, exact.into_iter().collect())
}

const SIZED: [(&str, Type); 3] =
    [("SegmentId", Type::Long), ("Count", Type::Long), ("Percent", Type::Real)];

fn autocluster<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    sized(cx, input, call, &kernels::AUTOCLUSTER).unwrap_or_else(|| cx.broken())
}

fn basket<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    sized(cx, input, call, &kernels::BASKET).unwrap_or_else(|| cx.broken())
}

fn sized<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
    function: &'static TableFunction,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &[])?;
    let clusters = function.name == kernels::AUTOCLUSTER.name;
    let (default, range) = if clusters { (0.5, (0.0, 1.0)) } else { (0.05, (0.015, 1.0)) };
    let first = number(cx, &mut args, default, range)?;
    let weight = weight(cx, &mut args, &input)?;
    let default = if clusters { 25.0 } else { 5.0 };
    let second = number(cx, &mut args, default, (1.0, f64::INFINITY))?;
    let wildcards = wildcards(cx, &mut args)?;
    let in_a = ScalarExpr::Literal(Value::Bool(true));
    let constants = vec![first, second];
    let mined = Mined { in_a, weight, hidden: None, constants, wildcards };
    Some(mine(cx, input, args.span, function, mined, &SIZED))
}

fn diffpatterns<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    bind_diffpatterns(cx, input, call).unwrap_or_else(|| cx.broken())
}

fn bind_diffpatterns<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &[])?;
    let split = args.column(cx, &input, "SplitColumn")?;
    let (a, _) = args.constant_of(cx, Type::String, "SplitValueA")?;
    let (b, _) = args.constant_of(cx, Type::String, "SplitValueB")?;
    let weight = weight(cx, &mut args, &input)?;
    let threshold = number(cx, &mut args, 0.05, (0.015, 1.0))?;
    let most = number(cx, &mut args, 1e6, (1.0, f64::INFINITY))?;
    let wildcards = wildcards(cx, &mut args)?;
    let span = args.span;
    let is = |cx: &mut Binder, value: Value| {
        let text = cx.call("tostring", span, vec![Argument::new(input.column(split), span)]);
        let value = ScalarExpr::Literal(value);
        cx.call("==", span, vec![Argument::new(text, span), Argument::new(value, span)])
    };
    let in_a = is(cx, a);
    let in_b = is(cx, b);
    let rows = input.clone().filter(ScalarExpr::Or(vec![in_a.clone(), in_b]));
    let constants = vec![threshold, most];
    let mined = Mined { in_a, weight, hidden: Some(split), constants, wildcards };
    let given = [
        ("SegmentId", Type::Long),
        ("CountA", Type::Long),
        ("CountB", Type::Long),
        ("PercentA", Type::Real),
        ("PercentB", Type::Real),
        ("PercentDiffAB", Type::Real),
    ];
    let function = &kernels::DIFFPATTERNS;
    Some(mine(cx, rows, span, function, mined, &given))
}
