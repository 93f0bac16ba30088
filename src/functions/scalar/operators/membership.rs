//! `in` and `in~`: equality with any value of a list.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder};
use hashbrown::HashSet;

use super::number;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::kernel::{Reader, value_at};
use crate::functions::text::{dynamic_text, json_elements};
use crate::types::dynamic::RawValue;
use crate::types::{Decimal, Type, Value, coerce, datetime, guid, integer, real, timespan};

scalar_functions! {
    family: Operators;

    /// Whether a value equals one of the values listed.
    ///
    /// An item that is a dynamic array stands for its elements. A null value is in no list, unless
    /// the list holds a null, which makes the answer null.
    ///
    /// ```kql
    /// print 2 in (1, 2)                            //=> true
    /// print 2 in (2.0)                             //=> true
    /// print 'a' in ('A', 'b')                      //=> false
    /// print 'a' in (dynamic(['a', 'b']))           //=> true
    /// print long(null) in (1, 2)                   //=> false
    /// ```
    IN = "in" {
        (value: Scalar, {values: Scalar}) -> Bool => is_in;
    }

    /// Whether a text equals one of the texts listed, whatever the case of letters.
    ///
    /// ```kql
    /// print 'a' in~ ('A', 'b')                     //=> true
    /// print 'c' in~ (dynamic(['a', 'b']))          //=> false
    /// ```
    IN_IGNORING_CASE = "in~" {
        (value: StringOrDynamic, {values: Scalar}) -> Bool => is_in_ignoring_case;
    }
}

fn is_in(args: &Args) -> Result<ArrayRef> {
    membership(args, false)
}

fn is_in_ignoring_case(args: &Args) -> Result<ArrayRef> {
    membership(args, true)
}

fn membership(args: &Args, fold: bool) -> Result<ArrayRef> {
    let ty = args.ty(0);
    let mut constant = List::new(ty, fold);
    let mut columns = Vec::new();
    for index in 1..args.len() {
        match args.constant(index) {
            Some(value) => constant.add(&value),
            None => columns.push(index),
        }
    }
    let value = ValueReader::open(args, ty)?;
    let mut builder = BooleanBuilder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let mut answer = value.test(row, &constant);
        for &index in &columns {
            if answer == Some(true) {
                break;
            }
            let mut single = List::new(ty, fold);
            single.add(&value_at(args.array(index), args.ty(index), row));
            answer = match (answer, value.test(row, &single)) {
                (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        builder.append_option(answer);
    }
    Ok(Arc::new(builder.finish()))
}

/// The items of a list, prepared for values of one type.
struct List {
    ty: Type,
    fold: bool,
    null: bool,
    longs: HashSet<i64>,
    /// Bits of doubles; zero without its sign, NaN left out.
    reals: HashSet<u64>,
    decimals: HashSet<Decimal>,
    texts: HashSet<Box<str>>,
    /// Items that a dynamic is compared with one by one.
    others: Vec<Value>,
}

impl List {
    fn new(ty: Type, fold: bool) -> Self {
        Self {
            ty,
            fold,
            null: false,
            longs: HashSet::new(),
            reals: HashSet::new(),
            decimals: HashSet::new(),
            texts: HashSet::new(),
            others: Vec::new(),
        }
    }

    fn add(&mut self, item: &Value) {
        match item {
            Value::Null(_) => self.null = true,
            Value::Dynamic(json) => match json_elements(json) {
                Some(elements) => elements.into_iter().for_each(|json| self.add_dynamic(json)),
                None => self.add_dynamic(json),
            },
            other => self.add_plain(other),
        }
    }

    fn add_text(&mut self, text: &str) {
        let text = if self.fold { fold(text) } else { Cow::Borrowed(text) };
        self.texts.insert(text.as_ref().into());
    }

    fn add_real(&mut self, value: f64) {
        if !value.is_nan() {
            self.reals.insert(bits(value));
        }
    }

    fn add_dynamic(&mut self, json: &str) {
        let held = RawValue::new(json);
        if held.is_null() {
            self.null = true;
            return;
        }
        match self.ty {
            Type::String => self.add_text(&dynamic_text(json)),
            Type::Guid => self.texts.extend(held.as_guid().map(Into::into)),
            Type::Real => held.as_real().into_iter().for_each(|v| self.add_real(v)),
            Type::Decimal => self.decimals.extend(held.as_decimal()),
            Type::Dynamic if number(json).is_some() => {
                held.as_real().into_iter().for_each(|v| self.add_real(v));
            }
            Type::Dynamic if matches!(json, "true" | "false") => {
                self.others.push(Value::Bool(json == "true"));
            }
            Type::Dynamic => self.add_text(&dynamic_text(json)),
            Type::Bool => self.longs.extend(held.as_bool().map(i64::from)),
            Type::DateTime => self.longs.extend(held.as_datetime()),
            Type::TimeSpan => self.longs.extend(held.as_timespan()),
            _ if number(json).is_some() && json.parse::<i64>().is_err() => {
                self.longs.extend(held.as_real().and_then(whole));
            }
            _ => self.longs.extend(held.as_long()),
        }
    }

    fn add_plain(&mut self, item: &Value) {
        match (self.ty, item) {
            (Type::String, Value::String(text) | Value::Guid(text)) => self.add_text(text),
            (Type::Guid, Value::String(text) | Value::Guid(text)) => {
                self.texts.extend(guid::parse(text).map(Into::into));
            }
            (Type::Dynamic, Value::String(text)) => self.add_text(text),
            (
                Type::Dynamic,
                Value::Int(_) | Value::Long(_) | Value::Real(_) | Value::Decimal(_),
            ) => {
                item.as_f64().into_iter().for_each(|v| self.add_real(v));
            }
            (Type::Dynamic, other) => self.others.push(other.clone()),
            (Type::Real, Value::Bool(value)) => self.add_real(f64::from(u8::from(*value))),
            (Type::Real, Value::String(text)) => {
                real::parse(text).into_iter().for_each(|v| self.add_real(v));
            }
            (Type::Real, number) => number.as_f64().into_iter().for_each(|v| self.add_real(v)),
            (Type::Decimal, Value::Decimal(value)) => self.decimals.extend([*value]),
            (Type::Decimal, Value::Real(value)) => self.decimals.extend(Decimal::from_f64(*value)),
            (Type::Decimal, Value::String(text)) => self.decimals.extend(Decimal::parse(text)),
            (Type::Decimal, Value::Int(_) | Value::Long(_)) => {
                self.decimals.extend(item.as_i64().map(Decimal::from_i64));
            }
            (Type::Bool, Value::String(text)) => {
                self.longs.extend(coerce::text_to_bool(text).map(i64::from))
            }
            (Type::DateTime, Value::String(text)) => self.longs.extend(datetime::parse(text)),
            (Type::TimeSpan, Value::String(text)) => self.longs.extend(timespan::parse(text)),
            (Type::Int | Type::Long, Value::String(text)) => {
                self.longs.extend(integer::parse_long(text))
            }
            (Type::Bool | Type::Int | Type::Long, Value::Bool(value)) => {
                self.longs.insert(i64::from(*value));
            }
            (Type::Bool | Type::Int | Type::Long, Value::Real(value)) => {
                self.longs.extend(whole(*value));
            }
            (Type::Bool | Type::Int | Type::Long, Value::Decimal(value)) => {
                let cut = value.to_f64() as i64;
                self.longs.extend((Decimal::from_i64(cut) == *value).then_some(cut));
            }
            (_, ticks) => self.longs.extend(ticks.as_i64()),
        }
    }

    fn has_text(&self, text: &str) -> bool {
        if self.fold { self.texts.contains(&*fold(text)) } else { self.texts.contains(text) }
    }

    fn has_dynamic(&self, json: &str) -> bool {
        let held = RawValue::new(json);
        self.has_text(&dynamic_text(json))
            || (!self.reals.is_empty()
                && held.as_real().is_some_and(|value| self.reals.contains(&bits(value))))
            || self.others.iter().any(|item| match item {
                Value::Bool(value) => held.as_bool() == Some(*value),
                Value::DateTime(ticks) => held.as_datetime() == Some(*ticks),
                Value::TimeSpan(ticks) => held.as_timespan() == Some(*ticks),
                Value::Guid(text) => held.as_guid().as_deref() == Some(&**text),
                _ => false,
            })
    }
}

fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn bits(value: f64) -> u64 {
    if value == 0.0 { 0 } else { value.to_bits() }
}

fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9.3e18).then_some(value as i64)
}

/// The values that are looked up.
enum ValueReader<'a> {
    Long(Reader<'a, i64>),
    Real(Reader<'a, f64>),
    Decimal(Reader<'a, Decimal>),
    Text(Reader<'a, &'a str>),
    Dynamic(Reader<'a, &'a str>),
}

impl<'a> ValueReader<'a> {
    fn open(args: &Args<'a>, ty: Type) -> Result<Self> {
        Ok(match ty {
            Type::Real => ValueReader::Real(args.reader(0)?),
            Type::Decimal => ValueReader::Decimal(args.reader(0)?),
            Type::String | Type::Guid => ValueReader::Text(args.reader(0)?),
            Type::Dynamic => ValueReader::Dynamic(args.reader(0)?),
            _ => ValueReader::Long(args.reader(0)?),
        })
    }

    fn test(&self, row: usize, list: &List) -> Option<bool> {
        let found = match self {
            ValueReader::Long(reader) => reader.get(row).map(|v| list.longs.contains(&v)),
            ValueReader::Real(reader) => reader.get(row).map(|v| list.reals.contains(&bits(v))),
            ValueReader::Decimal(reader) => reader.get(row).map(|v| list.decimals.contains(&v)),
            ValueReader::Text(reader) => reader.get(row).map(|v| list.has_text(v)),
            ValueReader::Dynamic(reader) => match reader.get(row) {
                Some(json) => Some(list.has_dynamic(json)),
                None => list.has_text("").then_some(true),
            },
        };
        found.or((!list.null).then_some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Int64Array, StringViewArray};

    fn run(
        kernel: fn(&Args) -> Result<ArrayRef>,
        arrays: Vec<ArrayRef>,
        types: &[Type],
    ) -> Vec<Option<bool>> {
        let rows = arrays[0].len();
        let scalars: Vec<_> = arrays.iter().map(|a| a.len() < rows).collect();
        let result = kernel(&Args::new(&arrays, &scalars, types, rows)).unwrap();
        result.as_any().downcast_ref::<BooleanArray>().unwrap().iter().collect()
    }

    fn longs(values: &[Option<i64>]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringViewArray::from(values.to_vec()))
    }

    const T: Option<bool> = Some(true);
    const F: Option<bool> = Some(false);

    #[test]
    fn nulls_follow_equality() {
        let column = longs(&[Some(1), Some(3), None]);
        let types = [Type::Long; 3];
        let with = |a, b| vec![column.clone(), longs(&[a]), longs(&[b])];
        assert_eq!(run(is_in, with(Some(1), Some(2)), &types), [T, F, F]);
        assert_eq!(run(is_in, with(Some(1), None), &types), [T, F, None]);
    }

    #[test]
    fn arrays_columns_and_types_mix() {
        let column = longs(&[Some(1), Some(3), Some(7)]);
        let list = texts(&[Some(r#"[1,"7"]"#)]);
        let others = longs(&[Some(0), Some(3), Some(0)]);
        let types = [Type::Long, Type::Dynamic, Type::Long];
        assert_eq!(run(is_in, vec![column, list, others], &types), [T, T, T]);
        let column = texts(&[Some("\"a\""), Some("2"), None]);
        let list = texts(&[Some(r#"["a",2.0]"#)]);
        assert_eq!(run(is_in, vec![column, list], &[Type::Dynamic; 2]), [T, T, F]);
    }

    #[test]
    fn case_is_folded() {
        let column = texts(&[Some("A"), Some("É"), Some("b")]);
        let list = texts(&[Some(r#"["a","é"]"#)]);
        let types = [Type::String, Type::Dynamic];
        assert_eq!(run(is_in_ignoring_case, vec![column, list], &types), [T, T, F]);
    }
}
