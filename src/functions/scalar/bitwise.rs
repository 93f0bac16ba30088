//! Operations on the bits of whole numbers.

use arrow::array::ArrayRef;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Bitwise;

    /// The bits set in both numbers.
    ///
    /// ```kql
    /// print binary_and(6, 3)                       //=> 2
    /// ```
    BINARY_AND = "binary_and", name First {
        (left: WholeOrBool, right: WholeOrBool) -> Long => binary_and;
    }

    /// The bits set in either number.
    ///
    /// ```kql
    /// print binary_or(4, 1)                        //=> 5
    /// ```
    BINARY_OR = "binary_or", name First {
        (left: WholeOrBool, right: WholeOrBool) -> Long => binary_or;
    }

    /// The bits set in one of the numbers but not the other.
    ///
    /// ```kql
    /// print binary_xor(6, 3)                       //=> 5
    /// ```
    BINARY_XOR = "binary_xor", name First {
        (left: WholeOrBool, right: WholeOrBool) -> Long => binary_xor;
    }

    /// The number with every bit flipped.
    ///
    /// ```kql
    /// print binary_not(5)                          //=> -6
    /// ```
    BINARY_NOT = "binary_not", name First {
        (value: WholeOrBool) -> Long => binary_not;
    }

    /// The number with its bits moved left; the count is taken modulo 64, a negative one gives null.
    ///
    /// ```kql
    /// print binary_shift_left(5, 2)                //=> 20
    /// ```
    BINARY_SHIFT_LEFT = "binary_shift_left", name First {
        (value: WholeOrBool, shift: WholeOrBool) -> Long => shift_left;
    }

    /// The number with its bits moved right, its sign kept; the count is taken modulo 64, a negative
    /// one gives null.
    ///
    /// ```kql
    /// print binary_shift_right(-8, 1)              //=> -4
    /// ```
    BINARY_SHIFT_RIGHT = "binary_shift_right", name First {
        (value: WholeOrBool, shift: WholeOrBool) -> Long => shift_right;
    }

    /// How many bits of the number are set.
    ///
    /// ```kql
    /// print bitset_count_ones(42)                  //=> 3
    /// ```
    BITSET_COUNT_ONES = "bitset_count_ones", name First {
        (value: WholeOrBool) -> Long => count_ones;
    }
}

fn binary_and(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: i64, b: i64| a & b)
}

fn binary_or(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: i64, b: i64| a | b)
}

fn binary_xor(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: i64, b: i64| a ^ b)
}

fn binary_not(args: &Args) -> Result<ArrayRef> {
    args.map1(|a: i64| !a)
}

fn shift_left(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: i64, count: i64| (count >= 0).then(|| a.wrapping_shl((count & 63) as u32)))
}

fn shift_right(args: &Args) -> Result<ArrayRef> {
    args.map2(|a: i64, count: i64| (count >= 0).then(|| a.wrapping_shr((count & 63) as u32)))
}

fn count_ones(args: &Args) -> Result<ArrayRef> {
    args.map1(|a: i64| i64::from(a.count_ones()))
}
