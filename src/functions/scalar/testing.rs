//! Tests of single values: null, empty, ASCII.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};

use crate::error::Result;
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};
use crate::types::Type;

scalar_functions! {
    family: Testing;

    /// Whether a value is null. A string never is.
    ///
    /// ```kql
    /// print isnull(long(null))      //=> true
    /// print isnull("")              //=> false
    /// ```
    ISNULL = "isnull" { (value: Scalar) -> Bool => isnull; }

    /// Whether a value is not null. A string never is null.
    ///
    /// ```kql
    /// print isnotnull(5)      //=> true
    /// ```
    ISNOTNULL = "isnotnull" | "notnull" { (value: Scalar) -> Bool => isnotnull; }

    /// Whether a value is null or its text is empty.
    ///
    /// ```kql
    /// print isempty("")                //=> true
    /// print isempty(long(null))        //=> true
    /// print isempty(dynamic([]))       //=> false
    /// ```
    ISEMPTY = "isempty" { (value: Scalar) -> Bool => isempty; }

    /// Whether a value is neither null nor an empty text.
    ///
    /// ```kql
    /// print isnotempty("a")      //=> true
    /// ```
    ISNOTEMPTY = "isnotempty" | "notempty" { (value: Scalar) -> Bool => isnotempty; }

    /// Whether a text holds ASCII characters only.
    ///
    /// ```kql
    /// print isascii("some string")      //=> true
    /// ```
    ISASCII = "isascii" { (value: Scalar) -> Bool => isascii; }

    /// Whether a text is valid UTF-8, which every text here is.
    ///
    /// ```kql
    /// print isutf8("some string")      //=> true
    /// ```
    ISUTF8 = "isutf8" { (value: Scalar) -> Bool => isutf8; }
}

/// A test of the values of one argument, which may be constant.
fn test(args: &Args, holds: impl Fn(usize) -> bool) -> Result<ArrayRef> {
    if args.is_scalar(0) {
        let answer = holds(0);
        return columns::truths((0..args.rows()).map(|_| Ok(answer)));
    }
    columns::truths((0..args.rows()).map(|row| Ok(holds(row))))
}

fn isnull(args: &Args) -> Result<ArrayRef> {
    null_test(args, true)
}

fn isnotnull(args: &Args) -> Result<ArrayRef> {
    null_test(args, false)
}

fn null_test(args: &Args, wanted: bool) -> Result<ArrayRef> {
    let array = args.array(0);
    if args.ty(0) == Type::String || array.null_count() == 0 {
        return test(args, |_| !wanted);
    }
    test(args, |row| array.is_null(row) == wanted)
}

fn isempty(args: &Args) -> Result<ArrayRef> {
    empty_test(args, true)
}

fn isnotempty(args: &Args) -> Result<ArrayRef> {
    empty_test(args, false)
}

fn empty_test(args: &Args, wanted: bool) -> Result<ArrayRef> {
    let array = args.array(0);
    // An empty string inside a dynamic is its JSON text.
    let empty = if args.ty(0) == Type::Dynamic { "\"\"" } else { "" };
    match array.as_string_view_opt() {
        Some(text) => test(args, |row| (array.is_null(row) || text.value(row) == empty) == wanted),
        None => test(args, |row| array.is_null(row) == wanted),
    }
}

fn isascii(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::truths((0..args.rows()).map(|row| Ok(texts.get(row).is_ascii())))
}

fn isutf8(args: &Args) -> Result<ArrayRef> {
    Ok(Arc::new(BooleanArray::from(vec![true; args.rows()])))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringViewArray};

    use super::*;

    fn answers(
        kernel: fn(&Args) -> Result<ArrayRef>,
        array: ArrayRef,
        ty: Type,
    ) -> Result<Vec<bool>> {
        let (rows, arrays) = (array.len(), [array]);
        let result = kernel(&Args::new(&arrays, &[false], &[ty], rows))?;
        assert_eq!(result.null_count(), 0);
        Ok(result.as_boolean().values().iter().collect())
    }

    #[test]
    fn strings_are_empty_but_never_null() -> Result<()> {
        let text: ArrayRef = Arc::new(StringViewArray::from_iter([Some("a"), Some(""), None]));
        assert_eq!(answers(isnull, text.clone(), Type::String)?, [false; 3]);
        assert_eq!(answers(isempty, text.clone(), Type::String)?, [false, true, true]);
        assert_eq!(answers(isnotempty, text, Type::String)?, [true, false, false]);
        Ok(())
    }

    #[test]
    fn other_types_are_empty_where_null() -> Result<()> {
        let longs: ArrayRef = Arc::new(Int64Array::from(vec![Some(0), None]));
        assert_eq!(answers(isnull, longs.clone(), Type::Long)?, [false, true]);
        assert_eq!(answers(isempty, longs, Type::Long)?, [false, true]);
        let json = [Some("[]"), Some("\"\""), Some("0"), None];
        let json: ArrayRef = Arc::new(StringViewArray::from_iter(json));
        assert_eq!(answers(isempty, json.clone(), Type::Dynamic)?, [false, true, false, true]);
        assert_eq!(answers(isnotnull, json, Type::Dynamic)?, [true, true, true, false]);
        Ok(())
    }
}
