//! `dcount_intersect(hll1, hll2, …)`: how many values all of the first sketches have seen.

use std::sync::Arc;

use super::arguments::Arguments;
use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::calls::Argument;
use crate::binder::scope::Clause;
use crate::diagnostics::codes;
use crate::plan::{Relation, ScalarExpr};
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, Type, Value};

plugins! {
    /// How many distinct values the first one, two, three … of several `hll` sketches have in common.
    ///
    /// Appends `s0` (the values of the first sketch), `s1` (those of the first that the second has
    /// too), and so on. Takes 2 to 16 sketches. Exact while each has seen no more than 1,024 values,
    /// beyond that an estimate by inclusion and exclusion.
    ///
    /// ```kql
    /// range x from 1 to 100 step 1 | summarize a = hll(x), b = hll(x * 2)
    /// | evaluate dcount_intersect(a, b) | project s0, s1    //=> 100, 50
    /// ```
    "dcount_intersect" "dcount_intersect(hll1, hll2, …)" => bind;
}

fn bind<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    let Some(mut args) = Arguments::new(cx, call, &[]) else { return cx.broken() };
    let span = args.span;
    let count = args.left();
    if !(2..=16).contains(&count) {
        let message = format!("`dcount_intersect` takes 2 to 16 sketches, not {count}");
        cx.error(codes::ARGUMENT_COUNT, span, message);
        return cx.broken();
    }
    let mut clause = Clause::over(&input);
    clause.windows = None;
    let mut sketches = vec![];
    while let Some(arg) = args.next() {
        sketches.push(cx.argument(&mut clause, arg));
    }
    let all = cx.call("hll intersections", span, sketches);
    let width = input.schema.len();
    let mut columns: Vec<_> = input.targets().collect();
    columns.push((Column::new("$intersections", Type::Dynamic), all));
    let counted = input.project(columns);
    let mut columns: Vec<_> = counted.targets().take(width).collect();
    for index in 0..count {
        let position = ScalarExpr::Literal(Value::Long(index as i64));
        let args = [counted.column(width), position].map(|expr| Argument::new(expr, span));
        let value = cx.call(".", span, args.into());
        let value = cx.convert(value, Type::Long, span);
        let taken = |name: &str| counted.schema.index_of(name).is_some();
        let name = format!("s{index}");
        let name: Arc<str> = match taken(&name) {
            true => crate::binder::naming::numbered(&name, taken),
            false => name.into(),
        };
        columns.push((Column { name, ty: Type::Long }, value));
    }
    counted.project(columns)
}
