//! `parse`: a pattern becomes one regular expression, and that a function of text which gives the
//! captured columns and whether the text matched.

use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result as DataFusionResult, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use regex::Regex;

use super::relation::{Lowered, project};
use super::scalar;
use super::scope::{LoweredColumn, reference};
use crate::error::{Error, Result};
use crate::functions::kernel::array_of;
use crate::functions::key_values::KeyValues;
use crate::plan::{ParseKind, ParseMethod, ParsePattern, ParseStep, ScalarExpr};
use crate::types::arrow::data_type;
use crate::types::coerce::text_to_bool;
use crate::types::dynamic::Dynamic;
use crate::types::{Decimal, RowSchema, Type, Value, datetime, guid, integer, real, timespan};

/// Appends the columns that `method` finds in `source`, and whether the text matched.
pub fn lower(
    input: Lowered,
    source: &ScalarExpr,
    method: &ParseMethod,
    schema: &RowSchema,
) -> Result<Lowered> {
    let function = ParseFunction::new(method.clone())?;
    let outputs = function.types.len() + 1;
    let parsed =
        ScalarUDF::new_from_impl(function).call(vec![scalar::value(source, &input.scope())?]);
    let columns = input.columns.iter().enumerate();
    let mut exprs: Vec<_> =
        columns.map(|(index, column)| reference(&column.name).alias(format!("c{index}"))).collect();
    exprs.push(parsed.alias("parsed"));
    let plan = project(input.plan, exprs)?;
    let inputs = input.columns.len();
    let kept = (0..inputs).map(|index| reference(&format!("c{index}")));
    let found = (0..outputs).map(|index| get_field(reference("parsed"), format!("c{index}")));
    let mut exprs = vec![];
    let mut columns = vec![];
    for (index, (expr, column)) in kept.chain(found).zip(schema.columns()).enumerate() {
        exprs.push(expr.alias(&*column.name));
        let raw = input.columns.get(index).and_then(|column| column.raw.clone());
        columns.push(LoweredColumn { name: Arc::clone(&column.name), raw });
    }
    Ok(Lowered { plan: project(plan, exprs)?, columns })
}

/// The regular expression of a pattern; its captures are named `c0`, `c1` ….
fn expression(pattern: &ParsePattern) -> String {
    let regex = pattern.kind == ParseKind::Regex;
    let mut out = String::new();
    if !regex {
        out.push_str("(?s)");
    } else if !pattern.flags.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = write!(out, "(?{})", pattern.flags);
    }
    let mut columns = 0;
    for (index, step) in pattern.steps.iter().enumerate() {
        match step {
            ParseStep::Any => out.push_str(".*?"),
            ParseStep::Text(text) if regex => {
                let _ = write!(out, "(?:{text})");
            }
            ParseStep::Text(text) => out.push_str(&regex::escape(text)),
            ParseStep::Column(ty) => {
                let before_any = matches!(pattern.steps.get(index + 1), Some(ParseStep::Any));
                let capture = match shape(*ty, pattern.kind) {
                    Some(shape) if regex || before_any => shape,
                    _ if regex => ".*",
                    _ => ".*?",
                };
                let _ = write!(out, "(?P<c{columns}>{capture})");
                columns += 1;
            }
        }
    }
    if !regex {
        out.push_str(r"\z");
    }
    out
}

/// What values of a type look like where nothing else bounds them.
fn shape(ty: Type, kind: ParseKind) -> Option<&'static str> {
    Some(match ty {
        Type::Int | Type::Long => r"(?-Ux:\s*[-+]?\d+)",
        Type::Real | Type::Decimal => r"(?-Ux:\s*[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)",
        Type::Bool if kind == ParseKind::Regex => r"(?i-Ux:\s*(?:true|false))",
        Type::Bool => r"(?i-Ux:\s*(?:true|false|[-+]?\d+))",
        Type::Guid => {
            r"(?i-Ux:\s*[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})"
        }
        Type::DateTime => {
            r"(?-Ux:\s*\d{1,4}[-/]\d{1,2}[-/]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[-+]\d{2}:?\d{2})?)"
        }
        Type::TimeSpan => r"(?-Ux:\s*-?(?:(?:\d+\.)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|\d+))",
        Type::String | Type::Dynamic | Type::Unknown => return None,
    })
}

/// A method, ready to read texts.
enum Reader {
    Pattern { regex: Regex, kind: ParseKind },
    KeyValues(KeyValues),
}

/// The function behind one method.
struct ParseFunction {
    method: ParseMethod,
    reader: Reader,
    types: Vec<Type>,
    signature: Signature,
}

impl ParseFunction {
    fn new(method: ParseMethod) -> Result<Self> {
        let (reader, types) = match &method {
            ParseMethod::Pattern(pattern) => {
                let regex = Regex::new(&expression(pattern)).map_err(|error| {
                    let message = "the pattern of `parse` is no regular expression";
                    Error::Execution(format!("{message}: {error}"))
                })?;
                let types = pattern.steps.iter().filter_map(|step| match step {
                    ParseStep::Column(ty) => Some(*ty),
                    _ => None,
                });
                (Reader::Pattern { regex, kind: pattern.kind }, types.collect())
            }
            ParseMethod::KeyValues(pattern) => {
                let types = pattern.keys.iter().map(|(_, ty)| *ty).collect();
                (Reader::KeyValues(KeyValues::new(pattern)?), types)
            }
        };
        let signature = Signature::user_defined(Volatility::Immutable);
        Ok(Self { method, reader, types, signature })
    }

    fn fields(&self) -> Fields {
        let types = self.types.iter().copied().chain([Type::Bool]);
        let fields = types.enumerate();
        fields.map(|(index, ty)| Field::new(format!("c{index}"), data_type(ty), true)).collect()
    }

    fn apply(&self, texts: &ArrayRef) -> Result<StructArray> {
        let texts = texts.as_string_view_opt();
        let texts = texts.ok_or_else(|| Error::Internal("`parse` takes text".into()))?;
        let (regex, kind) = match &self.reader {
            Reader::Pattern { regex, kind } => (regex, *kind),
            Reader::KeyValues(reader) => {
                let mut arrays = reader.parse(texts);
                arrays.push(Arc::new(BooleanArray::from(vec![true; texts.len()])));
                return Ok(StructArray::try_new(self.fields(), arrays, None)?);
            }
        };
        let names: Vec<String> = (0..self.types.len()).map(|index| format!("c{index}")).collect();
        let places: Vec<usize> = names
            .iter()
            .filter_map(|name| regex.capture_names().position(|n| n == Some(name.as_str())))
            .collect();
        let each_alone = kind == ParseKind::Relaxed;
        let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(texts.len()); self.types.len()];
        let mut matched = Vec::with_capacity(texts.len());
        let mut captures = regex.capture_locations();
        for text in texts {
            let text = text.unwrap_or("");
            let mut found = regex.captures_read(&mut captures, text).is_some();
            for ((column, ty), place) in columns.iter_mut().zip(&self.types).zip(&places) {
                let part = captures.get(*place).filter(|_| found);
                let value = part.and_then(|(from, to)| convert(&text[from..to], *ty));
                if value.is_none() && !each_alone {
                    found = false;
                }
                column.push(value.unwrap_or_else(|| Value::null(*ty)));
            }
            if !found {
                // All or nothing: what was read before the failure goes too.
                for (column, ty) in columns.iter_mut().zip(&self.types) {
                    if let Some(last) = column.last_mut() {
                        *last = Value::null(*ty);
                    }
                }
            }
            matched.push(found);
        }
        let arrays = columns.iter().zip(&self.types).map(|(column, ty)| array_of(column, *ty));
        let matched: ArrayRef = Arc::new(BooleanArray::from(matched));
        let arrays = arrays.chain([matched]).collect();
        Ok(StructArray::try_new(self.fields(), arrays, None)?)
    }
}

/// A captured text as a value of the column's type.
fn convert(text: &str, ty: Type) -> Option<Value> {
    Some(match ty {
        Type::String | Type::Unknown => Value::String(text.into()),
        Type::Int => Value::Int(whole(text)?.try_into().ok()?),
        Type::Long => Value::Long(whole(text)?),
        Type::Real => Value::Real(real::parse(text.trim())?),
        Type::Decimal => Value::Decimal(Decimal::parse(text.trim())?),
        Type::Bool => match whole(text) {
            Some(number) => Value::Bool(number != 0),
            None => Value::Bool(text_to_bool(text.trim())?),
        },
        Type::DateTime => Value::DateTime(datetime::parse(text)?),
        Type::TimeSpan => Value::TimeSpan(timespan::parse(text)?),
        Type::Guid => Value::Guid(guid::parse(text.trim())?.into()),
        Type::Dynamic => Value::from_dynamic(&Dynamic::from_text(text)),
    })
}

/// Digits with a sign and blanks around them, nothing else.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { integer::parse_long(text.strip_prefix('+').unwrap_or(text)) } else { None }
}

impl std::fmt::Debug for ParseFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ParseFunction").field(&self.method).finish()
    }
}

impl PartialEq for ParseFunction {
    fn eq(&self, other: &Self) -> bool {
        self.method == other.method
    }
}

impl Eq for ParseFunction {}

impl Hash for ParseFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.method.hash(state);
    }
}

impl ScalarUDFImpl for ParseFunction {
    fn name(&self) -> &str {
        "parse"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn coerce_types(&self, types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let external = |error: Error| DataFusionError::External(Box::new(error));
        match args.args.as_slice() {
            [ColumnarValue::Scalar(value)] => {
                let parsed: ArrayRef = Arc::new(self.apply(&value.to_array()?).map_err(external)?);
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&parsed, 0)?))
            }
            [ColumnarValue::Array(array)] => {
                Ok(ColumnarValue::Array(Arc::new(self.apply(array).map_err(external)?)))
            }
            _ => Err(external(Error::Internal("`parse` takes one text".into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;

    use super::*;

    /// A pattern in the words of KQL: `*`, a literal in quotes, `name` or `:type`.
    fn steps(words: &[&str]) -> Vec<ParseStep> {
        let step = |word: &&str| match *word {
            "*" => ParseStep::Any,
            word => match word.strip_prefix(':') {
                Some(name) => ParseStep::Column(Type::from_name(name).unwrap()),
                None => ParseStep::Text(word.into()),
            },
        };
        words.iter().map(step).collect()
    }

    fn parse_flags(kind: ParseKind, flags: &str, text: &str, words: &[&str]) -> String {
        let pattern = ParsePattern { kind, flags: flags.into(), steps: steps(words) };
        let function = ParseFunction::new(ParseMethod::Pattern(pattern)).unwrap();
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values([text]));
        let parsed = function.apply(&texts).unwrap();
        let values = function.types.iter().zip(parsed.columns());
        let values = values.map(|(ty, array)| crate::functions::kernel::value_at(array, *ty, 0));
        let shown: Vec<String> =
            values.map(|v| if v.is_null() { "∅".into() } else { v.text() }).collect();
        shown.join("|")
    }

    fn simple(text: &str, words: &[&str]) -> String {
        parse_flags(ParseKind::Simple, "", text, words)
    }

    fn regex(text: &str, words: &[&str]) -> String {
        parse_flags(ParseKind::Regex, "", text, words)
    }

    #[test]
    fn simple_patterns() {
        let s = ":string";
        assert_eq!(simple("aXcYc", &["a", s, "c"]), "XcY");
        assert_eq!(simple("aXcYc", &["a", s, "c", "*"]), "X");
        assert_eq!(simple("abcbd", &["a", s, "b"]), "");
        assert_eq!(simple("aXc\n", &["a", s, "c"]), "");
        assert_eq!(simple("y=1,x=2,x=9", &["*", "x=", s, ",", "*"]), "2");
        assert_eq!(simple("a=1, b=xy", &["a=", s]), "1, b=xy");
        assert_eq!(simple("n=27 junk m=23", &["n=", ":long", "*", "m=", ":long"]), "27|23");
        let four = ["a=", ":long", ",b=", s, ",c=", ":long", ",d=", ":long"];
        assert_eq!(simple("a=1,b=2,c=zz,d=4", &four), "∅||∅|∅");
        assert_eq!(parse_flags(ParseKind::Relaxed, "", "a=1,b=2,c=zz,d=4", &four), "1|2|∅|4");
        for (text, value) in [
            ("1.5", "∅"),
            (".5", "∅"),
            ("1e3", "∅"),
            (" 9", "9"),
            ("+5", "5"),
            ("012", "12"),
            ("", "∅"),
        ] {
            assert_eq!(simple(&format!("n={text}"), &["n=", ":long"]), value, "{text}");
        }
        assert_eq!(
            simple("d=02/17/2016 08:40:01", &["d=", ":datetime"]),
            "2016-02-17T08:40:01.0000000Z"
        );
        assert_eq!(
            simple("2020-01-02 rest", &[":datetime", " ", s]),
            "2020-01-02T00:00:00.0000000Z|rest"
        );
        assert_eq!(simple("q=-42 x=t", &["=", ":int", " x=", s]), "-42|t");
        assert_eq!(simple("n=27x", &["n=", ":long"]), "∅");
        assert_eq!(simple("b=True", &["b=", ":bool"]), "True");
        assert_eq!(simple("b=12", &["b=", ":bool"]), "True");
    }

    #[test]
    fn regex_patterns() {
        let s = ":string";
        assert_eq!(regex("abcbd", &["a", s, "b"]), "bc");
        assert_eq!(regex("k=1,k=2,end", &["k=", s, ","]), "1,k=2");
        assert_eq!(regex("axbZ", &["a.b", s]), "Z");
        assert_eq!(regex("n=27x", &["n=", ":long"]), "27");
        assert_eq!(regex("abc123def", &[s, r"\d+", s]), "abc12|def");
        assert_eq!(regex("b=12", &["b=", ":bool"]), "∅");
        assert_eq!(regex("r=.5", &["r=", ":real"]), "∅");
        assert_eq!(regex("xay", &["(x)(a)", s]), "y");
        let words = ["*", "x=", s, ","];
        assert_eq!(parse_flags(ParseKind::Regex, "U", "y=1,x=2,x=9,", &words), "9");
        assert_eq!(parse_flags(ParseKind::Regex, "i", "K=1", &["k=", s]), "1");
    }
}
