//! The least and the greatest of a group, the rows that hold them, and any row at all.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StructArray};
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::keys::{Direction, First, Fixed, Greatest, Keys, Least, NOTHING, NULL, Text};
use super::rows::{argument, for_each, internal};
use super::winners::{Winners, without_nulls};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::functions::udaf::struct_fields;
use crate::types::Type;
use crate::types::arrow::data_type;

aggregate_functions! {
    /// The least value of a group.
    ///
    /// Nulls do not count; a NaN makes the result NaN. Strings are ordered by code point, false
    /// comes before true. Without values the result is null.
    ///
    /// ```kql
    /// datatable(x: long)[3, 1, long(null), 2] | summarize min(x)    //=> 1
    /// datatable(s: string)["pear", "apple"] | summarize min(s)    //=> apple
    /// ```
    MIN = "min", name "min_" {
        (value: Ordinal) -> First => native Min;
        (value: Orderable) -> First => groups min;
    }

    /// The least value among the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[3, 1, 2] | summarize minif(x, x > 1)    //=> 2
    /// ```
    MINIF = "minif", name "minif_" {
        (value: Orderable, predicate: Bool) -> First => filtered "min" 1;
    }

    /// The greatest value of a group.
    ///
    /// Nulls do not count; a NaN makes the result NaN. Strings are ordered by code point, true
    /// comes after false. Without values the result is null.
    ///
    /// ```kql
    /// datatable(x: real)[3, 1.5, real(null)] | summarize max(x)    //=> 3.0
    /// datatable(s: string)["pear", "apple"] | summarize max(s)    //=> pear
    /// ```
    MAX = "max", name "max_" {
        (value: Ordinal) -> First => native Max;
        (value: Orderable) -> First => groups max;
    }

    /// The greatest value among the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[3, 1, 2] | summarize maxif(x, x < 3)    //=> 2
    /// ```
    MAXIF = "maxif", name "maxif_" {
        (value: Orderable, predicate: Bool) -> First => filtered "max" 1;
    }

    /// The row with the greatest `by`: that value, and the `values` next to it.
    ///
    /// `*` stands for all other columns. Rows with a null in `by` win only over none; which of several
    /// equal rows wins is not defined. The result columns take the names of the arguments.
    ///
    /// ```kql
    /// datatable(k: long, s: string)[1, "a", 3, "b", 2, "c"] | summarize arg_max(k, s)    //=> 3, b
    /// ```
    ARG_MAX = "arg_max", name "max_" {
        (by: Orderable, {values: Scalar}) -> Many(types) => groups arg_max;
    }

    /// The old name of `arg_max`; its columns are named `max_` and the argument.
    ///
    /// ```kql
    /// datatable(k: long, s: string)[1, "a", 3, "b"] | summarize argmax(k, s)    //=> 3, b
    /// ```
    ARGMAX = "argmax", name "max_" {
        (by: Orderable, {values: Scalar}) -> Many(types) => groups arg_max;
    }

    /// The row with the least `by`: that value, and the `values` next to it.
    ///
    /// `*` stands for all other columns. Rows with a null in `by` win only over none; which of several
    /// equal rows wins is not defined. The result columns take the names of the arguments.
    ///
    /// ```kql
    /// datatable(k: long, s: string)[1, "a", 3, "b", 2, "c"] | summarize arg_min(k, s)    //=> 1, a
    /// ```
    ARG_MIN = "arg_min", name "min_" {
        (by: Orderable, {values: Scalar}) -> Many(types) => groups arg_min;
    }

    /// The old name of `arg_min`; its columns are named `min_` and the argument.
    ///
    /// ```kql
    /// datatable(k: long, s: string)[1, "a", 3, "b"] | summarize argmin(k, s)    //=> 1, a
    /// ```
    ARGMIN = "argmin", name "min_" {
        (by: Orderable, {values: Scalar}) -> Many(types) => groups arg_min;
    }

    /// The values of some row of a group: the first that arrives.
    ///
    /// With one argument, a row that is neither null nor empty is preferred. `*` stands for all
    /// columns. The result columns take the names of the arguments.
    ///
    /// ```kql
    /// datatable(x: long)[long(null), 5, 6] | summarize take_any(x)    //=> 5
    /// datatable(x: long, s: string)[1, "a", 2, "b"] | summarize take_any(x, s)    //=> 1, a
    /// ```
    TAKE_ANY = "take_any", name "" {
        (value: Scalar) -> First => groups take_one;
        (value: Scalar, second: Scalar, {more: Scalar}) -> Many(types) => groups take_row;
    }

    /// The old name of `take_any`; its columns are named `any_` and the argument.
    ///
    /// ```kql
    /// datatable(x: long)[5] | summarize any(x)    //=> 5
    /// ```
    ANY = "any", name "any_" {
        (value: Scalar) -> First => groups take_one;
        (value: Scalar, second: Scalar, {more: Scalar}) -> Many(types) => groups take_row;
    }

    /// The value of some row for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 5] | summarize take_anyif(x, x > 1)    //=> 5
    /// ```
    TAKE_ANYIF = "take_anyif", name "" {
        (value: Scalar, predicate: Bool) -> First => filtered "take_any" 1;
    }

    /// The old name of `take_anyif`; its column is named `anyif_` and the argument.
    ///
    /// ```kql
    /// datatable(x: long)[1, 5] | summarize anyif(x, x > 1)    //=> 5
    /// ```
    ANYIF = "anyif", name "anyif_" {
        (value: Scalar, predicate: Bool) -> First => filtered "take_any" 1;
    }
}

fn types(types: &[Type]) -> Vec<Type> {
    types.to_vec()
}

fn min(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    by_key::<Least>(args, Shape::Key)
}

fn max(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    by_key::<Greatest>(args, Shape::Key)
}

fn arg_min(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    by_key::<Least>(args, Shape::KeyAndRow)
}

fn arg_max(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    by_key::<Greatest>(args, Shape::KeyAndRow)
}

fn take_one(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let kept = args.types.iter().map(|ty| data_type(*ty)).collect();
    let keys = First::new(args.types.first() == Some(&Type::String));
    Ok(Extremum::boxed(args, keys, kept, Shape::One))
}

fn take_row(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let kept = args.types.iter().map(|ty| data_type(*ty)).collect();
    Ok(Extremum::boxed(args, First::new(false), kept, Shape::Row))
}

fn by_key<D: Direction>(
    args: &AggregateArgs,
    shape: Shape,
) -> crate::error::Result<Box<dyn Groups>> {
    let Some((key, kept)) = args.types.split_first() else {
        return Err(crate::error::Error::Internal("an extremum needs a value".into()));
    };
    let kept = kept.iter().map(|ty| data_type(*ty)).collect();
    let ty = data_type(*key);
    Ok(match key {
        Type::Bool | Type::Int => {
            Extremum::boxed(args, Fixed::<Int32Type, D>::new(ty), kept, shape)
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            Extremum::boxed(args, Fixed::<Int64Type, D>::new(ty), kept, shape)
        }
        Type::Real => Extremum::boxed(args, Fixed::<Float64Type, D>::new(ty), kept, shape),
        Type::Decimal => Extremum::boxed(args, Fixed::<Decimal256Type, D>::new(ty), kept, shape),
        Type::String | Type::Guid => Extremum::boxed(args, Text::<D>::new(), kept, shape),
        Type::Dynamic | Type::Unknown => {
            return Err(crate::error::Error::Internal(format!("`{key}` has no order")));
        }
    })
}

/// What the arguments and the result are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The best value alone.
    Key,
    /// The best value and the row that holds it.
    KeyAndRow,
    /// One value that is not compared.
    One,
    /// A row of which nothing is compared.
    Row,
}

/// The best value of every group, and the columns of the row that holds it.
struct Extremum<K> {
    keys: K,
    levels: Vec<u8>,
    winners: Winners,
    shape: Shape,
    returns: Vec<Type>,
    key: DataType,
}

impl<K: Keys> Extremum<K> {
    fn boxed(args: &AggregateArgs, keys: K, kept: Vec<DataType>, shape: Shape) -> Box<dyn Groups> {
        // Without a key of its own, the state says whether the row has a value.
        let key = match shape {
            Shape::Key | Shape::KeyAndRow => data_type(args.types[0]),
            Shape::One | Shape::Row => DataType::Boolean,
        };
        let (levels, winners, returns) = (vec![], Winners::new(kept), args.returns.clone());
        Box::new(Self { keys, levels, winners, shape, returns, key })
    }

    fn add(
        &mut self,
        key: &ArrayRef,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.levels.resize(total, NOTHING);
        self.keys.grow(total);
        self.winners.grow(total);
        let (keys, levels) = (&mut self.keys, &mut self.levels);
        // Of several values taken as a row, nulls are as good as any.
        let nulls = if self.shape == Shape::Row { None } else { key.nulls() };
        self.winners.update(columns, groups, |record| {
            let won = &mut |group, row| record.won(group, row);
            keys.compare(key, groups, (filter, nulls), levels, won)?;
            if nulls.is_some_and(|nulls| nulls.null_count() > 0) {
                for_each(groups, filter, None, |group, row| {
                    if levels[group] == NOTHING && key.is_null(row) {
                        levels[group] = NULL;
                        won(group, row);
                    }
                });
            }
            Ok(())
        })
    }
}

impl<K: Keys> GroupsAccumulator for Extremum<K> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        let columns = match self.shape {
            Shape::Key | Shape::KeyAndRow => values.get(1..).unwrap_or_default(),
            Shape::One | Shape::Row => values,
        };
        self.add(argument(values, 0)?, columns, groups, filter, total)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        let present = argument(values, 0)?.as_boolean_opt();
        let present = present.ok_or_else(|| internal("the state names no groups".into()))?;
        let (key, columns) = match self.shape {
            Shape::Key | Shape::KeyAndRow => (argument(values, 1)?, &values[2..]),
            Shape::One | Shape::Row => (argument(values, 2)?, &values[2..]),
        };
        self.add(key, columns, groups, Some(present), total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let levels = emit_to.take_needed(&mut self.levels);
        let key = self.keys.take(emit_to, &levels)?;
        let mut columns = self.winners.take(emit_to)?;
        if matches!(self.shape, Shape::Key | Shape::KeyAndRow) {
            columns.insert(0, key);
        }
        for (column, ty) in columns.iter_mut().zip(&self.returns) {
            if let (Type::String, Some(text)) = (ty, column.as_string_view_opt()) {
                *column = Arc::new(without_nulls(text));
            }
        }
        if matches!(self.shape, Shape::Key | Shape::One) {
            return Ok(columns.swap_remove(0));
        }
        let fields = struct_fields(&self.returns);
        Ok(Arc::new(StructArray::try_new_with_length(fields, columns, None, levels.len())?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let levels = emit_to.take_needed(&mut self.levels);
        let key = self.keys.take(emit_to, &levels)?;
        let present = levels.iter().map(|level| Some(*level != NOTHING));
        let mut state: Vec<ArrayRef> = vec![Arc::new(BooleanArray::from_iter(present)), key];
        state.extend(self.winners.take(emit_to)?);
        Ok(state)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let first = argument(values, 0)?;
        let present = match filter {
            Some(filter) => filter.iter().map(|passes| Some(passes == Some(true))).collect(),
            None => BooleanArray::from(vec![true; first.len()]),
        };
        let mut state: Vec<ArrayRef> = vec![Arc::new(present)];
        if matches!(self.shape, Shape::One | Shape::Row) {
            state.push(Arc::new(BooleanArray::from(vec![true; first.len()])));
        }
        state.extend(values.iter().cloned());
        Ok(state)
    }

    fn size(&self) -> usize {
        self.keys.size() + self.levels.capacity() + self.winners.size()
    }
}

impl<K: Keys> Groups for Extremum<K> {
    fn state_types(&self) -> Vec<DataType> {
        let mut types = vec![DataType::Boolean, self.key.clone()];
        types.extend(self.winners.types().iter().cloned());
        types
    }
}
