//! Text functions: lengths, parts, concatenation, replacement.

mod parts;
mod rewrite;

use arrow::array::{ArrayRef, AsArray};

pub use self::parts::{Window, char_offset};
use self::parts::{countof, indexof, split, substring};
use self::rewrite::{replace_string, replace_strings, reverse, tolower, toupper, translate};
use crate::error::{Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::text::{Texts, dynamic_text, json_elements};
use crate::functions::{Args, columns};

scalar_functions! {
    family: Strings;

    /// Joins the texts of its arguments.
    ///
    /// Values of other types are spelled as `tostring` does it; a null adds nothing. At most 64
    /// arguments.
    ///
    /// ```kql
    /// print strcat("a", 1, true)      //=> a1True
    /// ```
    STRCAT = "strcat" { (value: Scalar, {values: Scalar}) -> String => strcat; }

    /// Joins the texts of its arguments with a delimiter, which is the first argument.
    ///
    /// A null keeps its place.
    ///
    /// ```kql
    /// print strcat_delim("-", 1, "2", "A")            //=> 1-2-A
    /// print strcat_delim("-", "a", int(null), "b")    //=> a--b
    /// ```
    STRCAT_DELIM = "strcat_delim" {
        (delimiter: Scalar, value: Scalar, {values: Scalar}) -> String => strcat_delim;
    }

    /// Joins the elements of an array with a delimiter.
    ///
    /// ```kql
    /// print strcat_array(dynamic([1, "a", true]), "->")      //=> 1->a->true
    /// ```
    STRCAT_ARRAY = "strcat_array" | "array_strcat" {
        (array: Dynamic, delimiter: Scalar) -> String => strcat_array;
    }

    /// Compares two texts by their bytes: -1, 0 or 1.
    ///
    /// ```kql
    /// print strcmp("abc", "ABC")      //=> 1
    /// ```
    STRCMP = "strcmp" { (left: Scalar, right: Scalar) -> Long => strcmp; }

    /// Repeats the text of a value, at most 1024 times.
    ///
    /// ```kql
    /// print strrep("ABC", 2)              //=> ABCABC
    /// print strrep(123, 3, ".")           //=> 123.123.123
    /// ```
    STRREP = "strrep" {
        (value: Scalar, multiplier: Long, [delimiter: Scalar]) -> String => strrep;
    }

    /// The length of a text in Unicode code points.
    ///
    /// ```kql
    /// print strlen("hello")      //=> 5
    /// ```
    STRLEN = "strlen", name Prefix("strlen_") {
        (text: StringOrDynamic) -> Long => strlen;
    }

    /// The length of a text in bytes of UTF-8.
    ///
    /// ```kql
    /// print string_size("é")      //=> 2
    /// ```
    STRING_SIZE = "string_size", name Prefix("string_size_") {
        (text: StringOrDynamic) -> Long => string_size;
    }

    /// A text in upper case, one character to one.
    ///
    /// ```kql
    /// print toupper("hello")      //=> HELLO
    /// ```
    TOUPPER = "toupper" { (value: Scalar) -> String => toupper; }

    /// A text in lower case, one character to one.
    ///
    /// ```kql
    /// print tolower("Hello")      //=> hello
    /// ```
    TOLOWER = "tolower" { (value: Scalar) -> String => tolower; }

    /// The text of a value, its characters in reverse order.
    ///
    /// ```kql
    /// print reverse("hello")      //=> olleh
    /// print reverse(123)          //=> 321
    /// ```
    REVERSE = "reverse" { (value: Scalar) -> String => reverse; }

    /// Part of a text, from a 0-based position on.
    ///
    /// Positions and lengths count code points. A negative start counts from the end; one before
    /// the start of the text gives the empty text.
    ///
    /// ```kql
    /// print substring("123456", 1)          //=> 23456
    /// print substring("ABCD", 1, 2)         //=> BC
    /// print substring("hello", -3, 2)       //=> ll
    /// ```
    SUBSTRING = "substring" {
        (source: Scalar, start: Long, [length: Long]) -> String => substring;
    }

    /// The 0-based position of a text in another, or -1.
    ///
    /// Optional: where to start (negative counts from the end), how many characters to look at
    /// (-1: all), and which occurrence to find.
    ///
    /// ```kql
    /// print indexof("abcdefg", "cde")              //=> 2
    /// print indexof("abcdefg", "cde", 1, 4)        //=> 2
    /// print indexof("abcdefg", "cde", 1, 2)        //=> -1
    /// print indexof("abcdefg", "cde", -5)          //=> 2
    /// ```
    INDEXOF = "indexof" {
        (source: Scalar, match: Scalar, [start: Long], [length: Long], [occurrence: Long])
            -> Long => indexof;
    }

    /// Splits a text at a delimiter into an array.
    ///
    /// With an index, the array holds that part alone; it is null where there is no such part.
    ///
    /// ```kql
    /// print split("aaa_bbb_ccc", "_")         //=> ["aaa","bbb","ccc"]
    /// print split("aaa_bbb_ccc", "_", 1)      //=> ["bbb"]
    /// ```
    SPLIT = "split", name First {
        (source: Scalar, delimiter: String, [requestedIndex: Long]) -> Dynamic => split;
    }

    /// Replaces every occurrence of a text.
    ///
    /// ```kql
    /// print replace_string("A cat", "cat", "dog")      //=> A dog
    /// ```
    REPLACE_STRING = "replace_string" {
        (text: String, lookup: String, rewrite: String) -> String => replace_string;
    }

    /// Replaces every occurrence of several texts in one pass.
    ///
    /// Where two of them match at the same place, the one that comes first in the array wins.
    ///
    /// ```kql
    /// print replace_strings("cat and dog", dynamic(["cat", "dog"]), dynamic(["dog", "pigeon"]))
    /// //=> dog and pigeon
    /// ```
    REPLACE_STRINGS = "replace_strings" {
        (text: String, lookups: Dynamic, rewrites: Dynamic) -> String => replace_strings;
    }

    /// Replaces characters by those at the same place in a second list, whose last one repeats.
    ///
    /// An empty second list removes the characters.
    ///
    /// ```kql
    /// print translate("krasp", "otsku", "spark")      //=> kusto
    /// print translate("abc", "x", "abc")              //=> xxx
    /// ```
    TRANSLATE = "translate" {
        (searchList: String, replacementList: String, source: String) -> String => translate;
    }

    /// How often a text occurs in another; occurrences may overlap.
    ///
    /// With the kind `"regex"` the second argument is a regular expression, whose matches do not
    /// overlap.
    ///
    /// ```kql
    /// print countof("aaaa", "aa")                 //=> 3
    /// print countof("hello", "l+", "regex")       //=> 1
    /// ```
    COUNTOF = "countof" {
        (source: String, search: String, [const kind: String]) -> Long => countof;
    }

    /// The Unicode code points of a text, as an array.
    ///
    /// ```kql
    /// print unicode_codepoints_from_string("Kusto")      //=> [75,117,115,116,111]
    /// ```
    UNICODE_CODEPOINTS_FROM_STRING = "unicode_codepoints_from_string" | "to_utf8" {
        (value: Scalar) -> Dynamic => codepoints;
    }

    /// The text that Unicode code points spell; arrays count as their elements.
    ///
    /// ```kql
    /// print unicode_codepoints_to_string(dynamic([75, 117, 115]), 116, 111)      //=> Kusto
    /// ```
    UNICODE_CODEPOINTS_TO_STRING = "unicode_codepoints_to_string" | "make_string" {
        (value: IntegerOrDynamic, {values: IntegerOrDynamic}) -> String => from_codepoints;
    }
}

/// The texts of the arguments from `first` on.
fn all_texts(args: &Args, first: usize) -> Result<Vec<Texts>> {
    const MOST: usize = 64;
    if args.len() > MOST + first {
        return Err(Error::Execution(format!("at most {MOST} texts can be joined")));
    }
    (first..args.len()).map(|index| args.texts(index)).collect()
}

fn strcat(args: &Args) -> Result<ArrayRef> {
    let parts = all_texts(args, 0)?;
    columns::written(args.rows(), |row, text| {
        parts.iter().for_each(|part| text.push_str(part.get(row)));
    })
}

fn strcat_delim(args: &Args) -> Result<ArrayRef> {
    let delimiter = args.texts(0)?;
    let parts = all_texts(args, 1)?;
    columns::written(args.rows(), |row, text| {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                text.push_str(delimiter.get(row));
            }
            text.push_str(part.get(row));
        }
    })
}

fn strcat_array(args: &Args) -> Result<ArrayRef> {
    let delimiter = args.texts(1)?;
    let arrays = args.reader::<Option<&str>>(0)?;
    columns::written(args.rows(), |row, text| {
        let json = arrays.get(row).flatten().unwrap_or("null");
        let Some(elements) = json_elements(json) else {
            text.push_str(&dynamic_text(json));
            return;
        };
        for (at, element) in elements.into_iter().enumerate() {
            if at > 0 {
                text.push_str(delimiter.get(row));
            }
            text.push_str(&dynamic_text(element));
        }
    })
}

fn strcmp(args: &Args) -> Result<ArrayRef> {
    let (left, right) = (args.texts(0)?, args.texts(1)?);
    columns::longs((0..args.rows()).map(|row| Ok(Some(left.get(row).cmp(right.get(row)) as i64))))
}

fn strrep(args: &Args) -> Result<ArrayRef> {
    const MOST: i64 = 1024;
    let values = args.texts(0)?;
    let counts = args.reader::<i64>(1)?;
    let delimiters = if args.len() > 2 { Some(args.texts(2)?) } else { None };
    columns::written(args.rows(), |row, text| {
        let count = counts.get(row).unwrap_or(0).clamp(0, MOST);
        for at in 0..count {
            if let Some(delimiters) = delimiters.as_ref().filter(|_| at > 0) {
                text.push_str(delimiters.get(row));
            }
            text.push_str(values.get(row));
        }
    })
}

fn strlen(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::longs((0..args.rows()).map(|row| Ok(Some(texts.get(row).chars().count() as i64))))
}

fn string_size(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::longs((0..args.rows()).map(|row| Ok(Some(texts.get(row).len() as i64))))
}

fn codepoints(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::dynamics((0..args.rows()).map(|row| {
        let points: Vec<_> = texts.get(row).chars().map(|c| u32::from(c).to_string()).collect();
        Ok(Some(format!("[{}]", points.join(","))))
    }))
}

fn from_codepoints(args: &Args) -> Result<ArrayRef> {
    let texts = all_texts(args, 0)?;
    columns::texts((0..args.rows()).map(|row| {
        let mut text = String::new();
        for (index, points) in texts.iter().enumerate() {
            let json = points.get(row);
            let array = match args.array(index).as_string_view_opt() {
                Some(_) => json_elements(json),
                None => None,
            };
            for point in array.unwrap_or_else(|| vec![json]) {
                if point.is_empty() || point == "null" {
                    continue;
                }
                let c = point.parse().ok().and_then(char::from_u32).ok_or_else(|| {
                    Error::Execution(format!("`{point}` is not a Unicode code point"))
                })?;
                text.push(c);
            }
        }
        Ok(text)
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringViewArray};

    use super::*;
    use crate::types::Type;

    #[test]
    fn constants_and_columns_mix() -> Result<()> {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringViewArray::from_iter_values(["-"])),
            Arc::new(StringViewArray::from_iter_values(["a", "b"])),
            Arc::new(Int64Array::from(vec![None, Some(7)])),
        ];
        let types = [Type::String, Type::String, Type::Long];
        let args = Args::new(&arrays, &[true, false, false], &types, 2);
        let joined = strcat_delim(&args)?;
        assert_eq!(joined.as_string_view().iter().flatten().collect::<Vec<_>>(), ["a-", "b-7"]);
        Ok(())
    }

    #[test]
    fn array_elements_join_without_quotes() -> Result<()> {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringViewArray::from_iter([
                Some(r#"["a",null,true,[1,"x"]]"#),
                Some("[]"),
                Some(r#""text""#),
                None,
            ])),
            Arc::new(Int64Array::from(vec![5])),
        ];
        let args = Args::new(&arrays, &[false, true], &[Type::Dynamic, Type::Long], 4);
        let joined = strcat_array(&args)?;
        let joined: Vec<_> = joined.as_string_view().iter().flatten().collect();
        assert_eq!(joined, [r#"a55true5[1,"x"]"#, "", "text", ""]);
        Ok(())
    }
}
