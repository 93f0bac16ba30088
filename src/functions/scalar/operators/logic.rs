//! `and`, `or` and `not`: three-valued logic.

use arrow::array::{ArrayRef, BooleanBuilder};
use std::sync::Arc;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Operators;

    /// Negates a truth value; the negation of null is null.
    ///
    /// A number counts as true unless it is zero.
    ///
    /// ```kql
    /// print not(true)      //=> false
    /// print not(1)         //=> false
    /// ```
    NOT = "not" {
        (value: Bool) -> Bool => not;
        (value: Number) -> Bool => not_number;
    }

    /// True when every operand is true.
    ///
    /// One false operand makes it false; otherwise one null makes it null.
    ///
    /// ```kql
    /// print true and false             //=> false
    /// print false and bool(null)       //=> false
    /// print true and bool(null)        //=> null
    /// ```
    AND = "and" {
        ({operands: Bool}) -> Bool => and;
    }

    /// True when at least one operand is true.
    ///
    /// One true operand makes it true; otherwise one null makes it null.
    ///
    /// ```kql
    /// print true or false              //=> true
    /// print true or bool(null)         //=> true
    /// print false or bool(null)        //=> null
    /// ```
    OR = "or" {
        ({operands: Bool}) -> Bool => or;
    }
}

fn not(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: bool| !value)
}

fn not_number(args: &Args) -> Result<ArrayRef> {
    args.map1(|value: f64| value == 0.0)
}

fn and(args: &Args) -> Result<ArrayRef> {
    chain(args, false)
}

fn or(args: &Args) -> Result<ArrayRef> {
    chain(args, true)
}

/// `decisive` settles the result whatever the other operands are.
fn chain(args: &Args, decisive: bool) -> Result<ArrayRef> {
    let readers =
        (0..args.len()).map(|i| args.reader::<Option<bool>>(i)).collect::<Result<Vec<_>>>()?;
    let mut builder = BooleanBuilder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let mut result = Some(!decisive);
        for reader in &readers {
            match reader.get(row).flatten() {
                Some(value) if value == decisive => {
                    result = Some(decisive);
                    break;
                }
                Some(_) => {}
                None => result = None,
            }
        }
        builder.append_option(result);
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Type;
    use arrow::array::BooleanArray;

    #[test]
    fn null_is_decided_only_by_the_decisive_value() {
        let column: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]));
        let null: ArrayRef = Arc::new(BooleanArray::from(vec![None::<bool>]));
        let arrays = [column, null];
        let types = [Type::Bool, Type::Bool];
        let args = Args::new(&arrays, &[false, true], &types, 3);
        let expected: ArrayRef = Arc::new(BooleanArray::from(vec![None, Some(false), None]));
        assert_eq!(&and(&args).unwrap(), &expected);
        let expected: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, None]));
        assert_eq!(&or(&args).unwrap(), &expected);
    }
}
