//! Calls that give several columns at once: `series_stats(x)`, `array_sort_asc(a, b)`.

use super::Binder;
use super::calls::Argument;
use super::env::Binding;
use super::functions::unnamed;
use super::scope::Clause;
use crate::functions::ScalarFunction;
use crate::functions::tuples::{Tuple, tuple};
use crate::plan::ScalarExpr;
use crate::syntax::ast::{Expr, FunctionCall};
use crate::text::Span;
use crate::types::{Type, Value};

impl<'a> Binder<'a> {
    /// The columns of a call of several columns, under the names they have unless others are given;
    /// `None` for any other expression.
    pub(super) fn tuple_columns(
        &mut self,
        clause: &mut Clause,
        expr: &'a Expr,
    ) -> Option<Vec<(String, Argument)>> {
        let Expr::Call(call) = expr.unparenthesised() else { return None };
        if matches!(self.env.get(&call.name.text), Some(Binding::Function(_))) {
            return None;
        }
        let name = &*call.name.text;
        if let Some(tuple) = tuple(name) {
            let first = call.args.first().and_then(|arg| self.suggested(arg, clause.schema()));
            let first = first.unwrap_or_default();
            let packed = self.packed(clause, tuple.packed, call);
            let columns = tuple.columns.iter().enumerate().map(|(index, (suffix, ty))| {
                let value = self.component(packed.clone(), index, *ty, call.span);
                (format!("{name}_{first}_{suffix}"), Argument::new(value, call.span))
            });
            return Some(columns.collect());
        }
        let (function, count) = self.several_sorted(clause, call)?;
        let packed = self.packed(clause, function, call);
        let columns = (0..count).map(|index| {
            let name = match call.args[index].unparenthesised() {
                Expr::Name(name) => format!("{}_sorted", name.text),
                _ => format!("array{index}_sorted"),
            };
            let value = self.component(packed.clone(), index, Type::Dynamic, call.span);
            (name, Argument::new(value, call.span))
        });
        Some(columns.collect())
    }

    /// What stands before `[1]` in `array_sort_asc(a, b)[1]`: all sorted arrays in one array; `None`
    /// for any other expression.
    pub(super) fn sorted_together(
        &mut self,
        clause: &mut Clause,
        expr: &'a Expr,
    ) -> Option<Argument> {
        let Expr::Call(call) = expr.unparenthesised() else { return None };
        let (function, _) = self.several_sorted(clause, call)?;
        Some(Argument::new(self.packed(clause, function, call), call.span))
    }

    /// A call of several columns where one value is wanted: the first column.
    pub(super) fn first_of_tuple(
        &mut self,
        clause: &mut Clause,
        tuple: &Tuple,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let packed = self.packed(clause, tuple.packed, call);
        let ty = tuple.columns.first().map_or(Type::Dynamic, |column| column.1);
        self.component(packed, 0, ty, call.span)
    }

    /// The values of all columns in one array.
    fn packed(
        &mut self,
        clause: &mut Clause,
        function: &'static ScalarFunction,
        call: &'a FunctionCall,
    ) -> ScalarExpr {
        let args = call.args.iter().map(|arg| self.argument(clause, unnamed(arg))).collect();
        self.call_function(function, call.span, args)
    }

    fn component(&mut self, packed: ScalarExpr, index: usize, ty: Type, span: Span) -> ScalarExpr {
        let index = ScalarExpr::Literal(Value::Long(index as i64));
        let args = vec![Argument::new(packed, span), Argument::new(index, span)];
        let value = self.call(".", span, args);
        self.convert(value, ty, span)
    }

    /// The function that sorts several arrays at once, and how many, if this is such a call.
    fn several_sorted(
        &mut self,
        clause: &mut Clause,
        call: &'a FunctionCall,
    ) -> Option<(&'static ScalarFunction, usize)> {
        let name = &*call.name.text;
        let function = crate::functions::scalar(name)
            .filter(|_| matches!(name, "array_sort_asc" | "array_sort_desc"))?;
        let arrays = match call.args.as_slice() {
            [_, .., last] => {
                // The call itself reports what is wrong with its arguments.
                let reported = self.diagnostics.len();
                let flag = self.argument(clause, unnamed(last)).expr.ty() == Type::Bool;
                self.diagnostics.truncate(reported);
                call.args.len() - usize::from(flag)
            }
            _ => return None,
        };
        (arrays > 1).then_some((function, arrays))
    }
}
