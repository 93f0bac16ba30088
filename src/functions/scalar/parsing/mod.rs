//! Functions that take texts of a known format apart: URLs, paths, CSV, XML, JSON, versions.

pub(super) mod json;
mod url;
mod words;
mod xml;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal256Builder};
use arrow::datatypes::{DataType, i256};

use self::json::{canonical, parse_path as parse_json_path};
use crate::error::{Error, Result};
use crate::functions::declare::scalar_functions;
use crate::functions::{Args, columns};
use crate::types::Type;
use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::dynamic::path::extract_text;
use crate::types::dynamic::{RawValue, write_string};

scalar_functions! {
    family: Parsing;

    /// Takes an absolute URL apart.
    ///
    /// The bag has the keys `Scheme`, `Host`, `Port`, `Path`, `Username`, `Password`,
    /// `Query Parameters` and `Fragment`, all texts but the parameters, which are a bag themselves.
    /// Nothing is decoded. What is no URL gives empty texts.
    ///
    /// ```kql
    /// print parse_url("https://user:secret@host:1234/a/b?k=v#f")
    /// //=> {"Scheme":"https","Host":"host","Port":"1234","Path":"/a/b","Username":"user","Password":"secret","Query Parameters":{"k":"v"},"Fragment":"f"}
    /// ```
    PARSE_URL = "parse_url" | "parseurl" { (url: String) -> Dynamic => parse_url; }

    /// Takes the query part of a URL apart, into a bag with the one key `Query Parameters`.
    ///
    /// ```kql
    /// print parse_urlquery("k1=v1&k2=v2")      //=> {"Query Parameters":{"k1":"v1","k2":"v2"}}
    /// ```
    PARSE_URLQUERY = "parse_urlquery" | "parseurlquery" {
        (query: String) -> Dynamic => parse_urlquery;
    }

    /// Takes a file path apart.
    ///
    /// The bag has the keys `Scheme`, `RootPath`, `DirectoryPath`, `DirectoryName`, `Filename`,
    /// `Extension` and `AlternateDataStreamName`.
    ///
    /// ```kql
    /// print parse_path("/usr/lib/file.txt")
    /// //=> {"Scheme":"","RootPath":"","DirectoryPath":"/usr/lib","DirectoryName":"lib","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}
    /// ```
    PARSE_PATH = "parse_path" { (path: String) -> Dynamic => parse_path; }

    /// The fields of the first record of a CSV text, as an array of texts.
    ///
    /// ```kql
    /// print parse_csv('aa,"b,b",cc')                  //=> ["aa","b,b","cc"]
    /// print parse_csv("record1,a\nrecord2,x")         //=> ["record1","a"]
    /// ```
    PARSE_CSV = "parse_csv", name First { (csv_text: StringOrDynamic) -> Dynamic => parse_csv; }

    /// An XML text as a bag; null if it is not well-formed.
    ///
    /// Elements become keys, attributes keys with `@` before the name, text beside them `#text`;
    /// an element that repeats becomes an array. All values are texts.
    ///
    /// ```kql
    /// print parse_xml('<e a="1">text<b/></e>')      //=> {"e":{"@a":"1","#text":"text","b":null}}
    /// ```
    PARSE_XML = "parse_xml", name First { (xml_text: StringOrDynamic) -> Dynamic => parse_xml; }

    /// Splits a command line into an array of arguments, by the rules of Windows.
    ///
    /// ```kql
    /// print parse_command_line('echo "hello world!"', "windows")      //=> ["echo","hello world!"]
    /// ```
    PARSE_COMMAND_LINE = "parse_command_line" {
        (command: Scalar, parser: String) -> Dynamic => parse_command_line;
    }

    /// A version of up to four parts as a number that orders versions; null if it is none.
    ///
    /// Each part may have eight digits.
    ///
    /// ```kql
    /// print parse_version("0.0.3")          //=> 300000000
    /// print parse_version("1.2.3.4")        //=> 1000000020000000300000004
    /// ```
    PARSE_VERSION = "parse_version" { (version: String) -> Decimal => parse_version; }

    /// What a JSON text holds at a path, as text; empty where there is nothing.
    ///
    /// A third argument `typeof(T)` converts the result.
    ///
    /// ```kql
    /// print extract_json("$.a[1].b", '{"a": [1, {"b": "x"}]}')      //=> x
    /// ```
    EXTRACT_JSON = "extract_json" | "extractjson" {
        (const jsonPath: String, jsonText: StringOrDynamic) -> String => extract_json;
    }

    /// The one canonical text of a value: JSON with the keys of bags in order.
    ///
    /// ```kql
    /// print dynamic_to_json(dynamic({"b": 1, "a": [2]}))      //=> {"a":[2],"b":1}
    /// ```
    DYNAMIC_TO_JSON = "dynamic_to_json" { (value: Scalar) -> String => dynamic_to_json; }
}

fn parse_url(args: &Args) -> Result<ArrayRef> {
    args.map1(url::parse)
}

fn parse_urlquery(args: &Args) -> Result<ArrayRef> {
    args.map1(|query: &str| format!("{{\"Query Parameters\":{}}}", url::parameters(query)))
}

fn parse_path(args: &Args) -> Result<ArrayRef> {
    args.map1(url::parse_path)
}

fn parse_csv(args: &Args) -> Result<ArrayRef> {
    text_function(args, |text| Some(json_array(&words::first_record(text))))
}

fn parse_xml(args: &Args) -> Result<ArrayRef> {
    text_function(args, xml::parse)
}

/// A function of a text to a dynamic value.
fn text_function(args: &Args, f: fn(&str) -> Option<String>) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    columns::dynamics((0..args.rows()).map(|row| Ok(f(texts.get(row)))))
}

fn parse_command_line(args: &Args) -> Result<ArrayRef> {
    let parsers = args.texts(1)?;
    let commands = args.texts(0)?;
    columns::dynamics((0..args.rows()).map(|row| match parsers.get(row) {
        "windows" => Ok(Some(json_array(&words::arguments(commands.get(row))))),
        other => Err(Error::Execution(format!(
            "`{other}` is not a parser of `parse_command_line`: the only one is \"windows\""
        ))),
    }))
}

fn json_array(texts: &[String]) -> String {
    let mut json = String::from("[");
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        write_string(text, &mut json);
    }
    json.push(']');
    json
}

/// A bag of texts, in the order given.
fn json_bag(entries: &[(&str, &str)]) -> String {
    let mut json = String::from("{");
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        write_string(key, &mut json);
        json.push(':');
        write_string(value, &mut json);
    }
    json.push('}');
    json
}

fn parse_version(args: &Args) -> Result<ArrayRef> {
    let texts = args.texts(0)?;
    let one = i256::from_i128(10_i128.pow(u32::from(DECIMAL_SCALE.unsigned_abs())));
    let mut builder = Decimal256Builder::with_capacity(args.rows())
        .with_data_type(DataType::Decimal256(DECIMAL_PRECISION, DECIMAL_SCALE));
    for row in 0..args.rows() {
        let number = version_number(texts.get(row));
        builder.append_option(number.and_then(|n| i256::from_i128(n).checked_mul(one)));
    }
    Ok(Arc::new(builder.finish()))
}

fn version_number(version: &str) -> Option<i128> {
    const PARTS: usize = 4;
    const PART: i128 = 100_000_000;
    let mut number = 0;
    let mut count = 0;
    for part in version.trim().split('.') {
        let digits = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        count += 1;
        if !digits || count > PARTS {
            return None;
        }
        number = number * PART + part.parse::<i128>().ok()?;
    }
    Some((count..PARTS).fold(number, |number, _| number * PART))
}

fn extract_json(args: &Args) -> Result<ArrayRef> {
    let (paths, texts) = (args.texts(0)?, args.texts(1)?);
    let constant = paths.constant().map(parse_json_path).transpose()?;
    columns::texts((0..args.rows()).map(|row| {
        let own;
        let steps = match &constant {
            Some(steps) => steps,
            None => {
                own = parse_json_path(paths.get(row))?;
                &own
            }
        };
        Ok(extract_text(texts.get(row), steps).map(RawValue::to_kql_string).unwrap_or_default())
    }))
}

fn dynamic_to_json(args: &Args) -> Result<ArrayRef> {
    let array = args.array(0);
    let Some(values) = array.as_string_view_opt().filter(|_| args.ty(0) == Type::Dynamic) else {
        let texts = args.texts(0)?;
        return columns::texts((0..args.rows()).map(|row| Ok(texts.get(row).to_string())));
    };
    let constant = args.is_scalar(0);
    columns::texts((0..args.rows()).map(|row| {
        let row = if constant { 0 } else { row };
        let json = values.is_valid(row).then(|| values.value(row));
        Ok(json.map(canonical).unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_numbers() {
        assert_eq!(version_number("0.0.3"), Some(300_000_000));
        assert_eq!(version_number("0.0.0.5"), Some(5));
        assert_eq!(version_number("1"), Some(10_i128.pow(24)));
        assert_eq!(version_number("1.2.3.4"), Some(1_00000002_00000003_00000004));
        for bad in ["", "1.", "1.2.3.4.5", "a.1", "123456789"] {
            assert_eq!(version_number(bad), None, "{bad}");
        }
    }
}
