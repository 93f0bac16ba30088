//! Conversion between types. Nothing here fails: what cannot be read is null.

mod json;

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, StringViewBuilder};

use crate::error::Result;
use crate::functions::ScalarFunction;
use crate::functions::declare::scalar_functions;
use crate::functions::kernel::{Args, FromArg};
use crate::functions::text::text_array;
use crate::types::dynamic::{RawValue, write_string};
use crate::types::{Decimal, Type, coerce, datetime, guid, integer, real, timespan};

scalar_functions! {
    family: Conversion;

    /// The text of a value of any type.
    ///
    /// Never null: the text of a null is the empty string. Datetimes have seven digits of fraction,
    /// truth values a capital letter; a dynamic string loses its quotes, other dynamics become
    /// compact JSON.
    ///
    /// ```kql
    /// print tostring(123)                          //=> 123
    /// print tostring(true)                         //=> True
    /// print tostring(6.0)                          //=> 6.0
    /// print tostring(90m)                          //=> 01:30:00
    /// print tostring(dynamic([1, "a"]))            //=> [1,"a"]
    /// ```
    TOSTRING = "tostring", name First {
        (value: Scalar) -> String => tostring;
    }

    /// Converts to a long.
    ///
    /// Text must be an integer, decimal or hexadecimal after `0x`; a real is cut towards zero; a
    /// datetime or timespan gives its ticks.
    ///
    /// ```kql
    /// print tolong('123')                          //=> 123
    /// print tolong('0x10')                         //=> 16
    /// print tolong('5.7')                          //=> null
    /// print tolong(-5.7)                           //=> -5
    /// print tolong(1s)                             //=> 10000000
    /// ```
    TOLONG = "tolong", name First {
        (value: Scalar) -> Long => tolong;
    }

    /// Converts to an int.
    ///
    /// A long out of range wraps, a real saturates, text out of range is null.
    ///
    /// ```kql
    /// print toint('123')                           //=> 123
    /// print toint(9999999999)                      //=> 1410065407
    /// print toint('9999999999')                    //=> null
    /// ```
    TOINT = "toint", name First {
        (value: Scalar) -> Int => toint;
    }

    /// Converts to a real.
    ///
    /// ```kql
    /// print toreal('1e3')                          //=> 1000.0
    /// print todouble(7)                            //=> 7.0
    /// print toreal('abc')                          //=> null
    /// ```
    TOREAL = "toreal" | "todouble", name First {
        (value: Scalar) -> Real => toreal;
    }

    /// Converts to a decimal.
    ///
    /// ```kql
    /// print todecimal('1.10')                      //=> 1.1
    /// print todecimal(7)                           //=> 7
    /// ```
    TODECIMAL = "todecimal", name First {
        (value: Scalar) -> Decimal => todecimal;
    }

    /// Converts to a truth value.
    ///
    /// Numbers other than zero are true. Text must be `true` or `false` in any case, or an integer.
    ///
    /// ```kql
    /// print tobool('TRUE')                         //=> true
    /// print tobool(0)                              //=> false
    /// print tobool('yes')                          //=> null
    /// ```
    TOBOOL = "tobool" | "toboolean", name First {
        (value: Scalar) -> Bool => tobool;
    }

    /// Converts to a datetime.
    ///
    /// Reads ISO 8601 and common American and internet forms; the month comes first where the order
    /// is in doubt. Other text is null.
    ///
    /// ```kql
    /// print todatetime('2022-12-02 13:45:56')      //=> 2022-12-02T13:45:56.0000000Z
    /// print todatetime('12/02/2022')               //=> 2022-12-02T00:00:00.0000000Z
    /// print todatetime('not a date')               //=> null
    /// ```
    TODATETIME = "todatetime", name First {
        (value: Scalar) -> DateTime => todatetime;
    }

    /// Converts to a timespan; a number counts ticks of 100 nanoseconds.
    ///
    /// ```kql
    /// print totimespan('1.02:03:04')               //=> 1.02:03:04
    /// print totimespan(1230)                       //=> 00:00:00.0001230
    /// print totimespan('10')                       //=> null
    /// ```
    TOTIMESPAN = "totimespan" | "totime", name First {
        (value: Scalar) -> TimeSpan => totimespan;
    }

    /// Converts to a guid.
    ///
    /// ```kql
    /// print toguid('74BE27DE1E4E49D9B579FE0B331D3642')     //=> 74be27de-1e4e-49d9-b579-fe0b331d3642
    /// print toguid('abc')                                  //=> null
    /// ```
    TOGUID = "toguid", name First {
        (value: Scalar) -> Guid => toguid;
    }

    /// Reads a text as JSON; other values become the dynamic value of the same content.
    ///
    /// A text that is not JSON becomes a dynamic string; the empty text is null.
    ///
    /// ```kql
    /// print parse_json('{"a": [1, 2]}')            //=> {"a":[1,2]}
    /// print parse_json('abc')                      //=> abc
    /// print todynamic('17') + 1                    //=> 18
    /// ```
    PARSE_JSON = "parse_json" | "parsejson" | "todynamic" | "toobject", name First {
        (value: Scalar) -> Dynamic => parse_json;
    }

    /// The name of a value's type; of a dynamic, the kind of its content.
    ///
    /// ```kql
    /// print gettype(1.5)                           //=> real
    /// print gettype(dynamic({"a": 1}))             //=> dictionary
    /// print gettype(dynamic([1]))                  //=> array
    /// print gettype(dynamic(1.5))                  //=> double
    /// ```
    GETTYPE = "gettype", name Prefix("type_") {
        (value: Scalar) -> String => gettype;
    }

    /// The dynamic value of any value, as the engine makes it where types have to meet.
    ///
    /// Unlike `todynamic` it does not read a text as JSON. It cannot be called by name.
    ///
    /// ```kql
    /// print coalesce(dynamic(null), '5')           //=> 5
    /// ```
    AS_DYNAMIC = "as dynamic" {
        (value: Scalar) -> Dynamic => as_dynamic;
    }
}

/// The function that converts any value to `to` where the language does so on its own.
pub fn implicit(to: Type) -> &'static ScalarFunction {
    match to {
        Type::Bool => &TOBOOL,
        Type::Int => &TOINT,
        Type::Long => &TOLONG,
        Type::Real => &TOREAL,
        Type::Decimal => &TODECIMAL,
        Type::DateTime => &TODATETIME,
        Type::TimeSpan => &TOTIMESPAN,
        Type::Guid => &TOGUID,
        Type::Dynamic => &AS_DYNAMIC,
        Type::String | Type::Unknown => &TOSTRING,
    }
}

/// The argument as it is, one value per row.
fn same(args: &Args) -> Result<ArrayRef> {
    expand(args.array(0).clone(), args.rows())
}

/// The values of an argument, that of a constant repeated for every row.
fn expand(array: ArrayRef, rows: usize) -> Result<ArrayRef> {
    if array.len() == rows {
        return Ok(array);
    }
    let zeros = arrow::array::UInt32Array::from(vec![0; rows]);
    Ok(arrow::compute::take(&array, &zeros, None)?)
}

fn nulls(args: &Args, ty: Type) -> ArrayRef {
    arrow::array::new_null_array(&crate::types::arrow::data_type(ty), args.rows())
}

/// Text for every row from one reused buffer; nulls stay.
fn texts<'a, T: FromArg<'a>>(args: &Args<'a>, write: impl Fn(&mut String, T)) -> Result<ArrayRef> {
    let reader = args.reader::<T>(0)?;
    let mut builder = StringViewBuilder::with_capacity(args.rows());
    let mut buffer = String::new();
    for row in 0..args.rows() {
        match reader.get(row) {
            Some(value) => {
                buffer.clear();
                write(&mut buffer, value);
                builder.append_value(&buffer);
            }
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn digits(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

fn tostring(args: &Args) -> Result<ArrayRef> {
    expand(Arc::new(text_array(args.array(0), args.ty(0))?), args.rows())
}

fn tolong(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Long | Type::DateTime | Type::TimeSpan => same(args),
        Type::Real => args.map1(coerce::real_to_long),
        Type::Decimal => args.map1(Decimal::to_i64),
        Type::String => args.map1(integer::parse_long),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_long()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::Long)),
        Type::Bool | Type::Int => args.map1(|v: i64| v),
    }
}

fn toint(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Int => same(args),
        Type::Real => args.map1(coerce::real_to_int),
        Type::Decimal => args.map1(|v: Decimal| v.to_i64().map(|v| v as i32)),
        Type::String => args.map1(integer::parse_int),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_int()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::Int)),
        _ => args.map1(|v: i64| v as i32),
    }
}

fn toreal(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Real => same(args),
        Type::String => args.map1(real::parse),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_real()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::Real)),
        _ => args.map1(|v: f64| v),
    }
}

fn todecimal(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Decimal => same(args),
        Type::Real => args.map1(Decimal::from_f64),
        Type::String => args.map1(Decimal::parse),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_decimal()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::Decimal)),
        _ => args.map1(Decimal::from_i64),
    }
}

fn tobool(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Bool => same(args),
        Type::String => args.map1(coerce::text_to_bool),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_bool()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::Bool)),
        _ => args.map1(|v: f64| v != 0.0),
    }
}

pub(super) fn todatetime(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::DateTime => same(args),
        Type::String => args.map1(datetime::parse),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_datetime()),
        Type::Real => args.map1(|v: f64| coerce::real_to_ticks(v).and_then(datetime::checked)),
        Type::Int | Type::Long | Type::TimeSpan => args.map1(datetime::checked),
        _ => Ok(nulls(args, Type::DateTime)),
    }
}

pub(super) fn totimespan(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::TimeSpan | Type::DateTime | Type::Long => same(args),
        Type::String => args.map1(timespan::parse),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_timespan()),
        Type::Guid | Type::Unknown => Ok(nulls(args, Type::TimeSpan)),
        Type::Real => args.map1(coerce::real_to_ticks),
        Type::Decimal => args.map1(Decimal::to_i64),
        Type::Bool | Type::Int => args.map1(|v: i64| v),
    }
}

fn toguid(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Guid => same(args),
        Type::String => args.map1(guid::parse),
        Type::Dynamic => args.map1(|v: &str| RawValue::new(v).as_guid()),
        _ => Ok(nulls(args, Type::Guid)),
    }
}

fn parse_json(args: &Args) -> Result<ArrayRef> {
    if args.ty(0) != Type::String {
        return as_dynamic(args);
    }
    let reader = args.reader::<&str>(0)?;
    let mut builder = StringViewBuilder::with_capacity(args.rows());
    let mut buffer = String::new();
    for row in 0..args.rows() {
        let text = reader.get(row).unwrap_or("");
        if text.trim_ascii().is_empty() {
            builder.append_null();
            continue;
        }
        buffer.clear();
        match json::canonical(text, &mut buffer) {
            Some(()) if buffer == "null" => builder.append_null(),
            Some(()) => builder.append_value(&buffer),
            None => {
                buffer.clear();
                write_string(text, &mut buffer);
                builder.append_value(&buffer);
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn as_dynamic(args: &Args) -> Result<ArrayRef> {
    let quoted = |out: &mut String, text: &str| {
        out.push('"');
        out.push_str(text);
        out.push('"');
    };
    match args.ty(0) {
        Type::Dynamic | Type::Unknown => same(args),
        Type::Bool => args.map1(|v: bool| if v { "true" } else { "false" }),
        Type::Int | Type::Long => texts(args, |out, v: i64| digits(out, v)),
        Type::Real => texts(args, |out, v: f64| real::write_json(v, out)),
        Type::Decimal => texts(args, |out, v: Decimal| quoted(out, &v.to_string())),
        Type::DateTime => texts(args, |out, v: i64| quoted(out, &datetime::format(v))),
        Type::TimeSpan => texts(args, |out, v: i64| quoted(out, &timespan::format(v))),
        Type::Guid => texts(args, |out, v: &str| quoted(out, v)),
        Type::String => texts(args, |out, v: &str| write_string(v, out)),
    }
}

fn gettype(args: &Args) -> Result<ArrayRef> {
    match args.ty(0) {
        Type::Dynamic => {
            args.map1(|v: Option<&str>| v.map_or("null", |v| RawValue::new(v).type_name()))
        }
        ty => Ok(Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n(
            ty.name(),
            args.rows(),
        )))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::kernel::{array_of, value_at};
    use crate::types::Value;

    fn one(kernel: fn(&Args) -> Result<ArrayRef>, value: Value, returns: Type) -> Value {
        let ty = value.ty();
        let arrays = [array_of(&[value], ty)];
        let result = kernel(&Args::new(&arrays, &[true], &[ty], 1)).unwrap();
        value_at(&result, returns, 0)
    }

    fn text(value: &str) -> Value {
        Value::String(value.into())
    }

    fn dynamic(value: &str) -> Value {
        Value::Dynamic(value.into())
    }

    #[test]
    fn numbers() {
        assert_eq!(one(toint, Value::Long(9_999_999_999), Type::Int), Value::Int(1_410_065_407));
        assert_eq!(one(toint, Value::Real(1e10), Type::Int), Value::Int(i32::MAX));
        assert_eq!(
            one(toint, Value::TimeSpan(864_000_000_000), Type::Int),
            Value::Int(711_573_504)
        );
        assert_eq!(one(toint, Value::Real(f64::NAN), Type::Int), Value::Null(Type::Int));
        assert_eq!(one(tolong, Value::Real(1e30), Type::Long), Value::Long(i64::MAX));
        assert_eq!(one(tolong, Value::Real(-2.9), Type::Long), Value::Long(-2));
        assert_eq!(one(tolong, dynamic("\"0x10\""), Type::Long), Value::Long(16));
        assert_eq!(one(tolong, dynamic("[1]"), Type::Long), Value::Null(Type::Long));
        assert_eq!(one(toint, dynamic("2147483648"), Type::Int), Value::Int(i32::MIN));
        assert_eq!(one(tolong, dynamic("true"), Type::Long), Value::Long(1));
        assert_eq!(one(tobool, Value::Real(1.5), Type::Bool), Value::Bool(true));
        assert_eq!(one(totimespan, Value::Bool(true), Type::TimeSpan), Value::TimeSpan(1));
    }

    #[test]
    fn json() {
        let parse = |s: &str| one(parse_json, text(s), Type::Dynamic);
        assert_eq!(parse("{ \"a\" : 1 }"), dynamic("{\"a\":1}"));
        assert_eq!(parse("abc"), dynamic("\"abc\""));
        assert_eq!(parse(""), Value::Null(Type::Dynamic));
        assert_eq!(parse("null"), Value::Null(Type::Dynamic));
        assert_eq!(one(as_dynamic, text("5"), Type::Dynamic), dynamic("\"5\""));
        assert_eq!(one(as_dynamic, text("a\"b"), Type::Dynamic), dynamic("\"a\\\"b\""));
        assert_eq!(one(as_dynamic, Value::Real(f64::NAN), Type::Dynamic), dynamic("\"NaN\""));
        assert_eq!(one(tostring, dynamic("\"x\""), Type::String), text("x"));
        assert_eq!(one(tostring, Value::Null(Type::Dynamic), Type::String), text(""));
        assert_eq!(one(tostring, Value::Bool(true), Type::String), text("True"));
        assert_eq!(one(gettype, dynamic("1.5"), Type::String), text("double"));
        assert_eq!(one(gettype, Value::Null(Type::Int), Type::String), text("int"));
    }
}
