//! What kernels see: [`Args`], typed access to arguments that may be columns or constants, and
//! `map1` … `map5`, which turn a closure over values into a kernel.
//!
//! ```ignore
//! fn substring(args: &Args) -> Result<ArrayRef> {
//!     args.map3(|source: &str, start: i64, length: Option<i64>| …)
//! }
//! ```
//!
//! A parameter of type `T` makes the result null where the argument is null; `Option<T>` hands the
//! null over, and is `None` as well where an optional argument was left out. `i64` reads int, long,
//! datetime and timespan, `f64` every number, `&str` string, guid and dynamic (as JSON text).

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Decimal256Array, Decimal256Builder,
    Float64Array, Float64Builder, Int32Array, Int32Builder, Int64Array, Int64Builder,
    StringViewArray, StringViewBuilder,
};
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int32Type, Int64Type};

use crate::error::{Error, Result};
use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::{Decimal, Type, Value};

/// The arguments of one kernel call, in canonical Arrow form.
pub struct Args<'a> {
    arrays: &'a [ArrayRef],
    scalars: &'a [bool],
    types: &'a [Type],
    rows: usize,
}

impl<'a> Args<'a> {
    /// `arrays[i]` has one value if `scalars[i]`, else `rows`.
    pub fn new(
        arrays: &'a [ArrayRef],
        scalars: &'a [bool],
        types: &'a [Type],
        rows: usize,
    ) -> Self {
        Self { arrays, scalars, types, rows }
    }

    /// How many values the result must have.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many arguments were given.
    pub fn len(&self) -> usize {
        self.arrays.len()
    }

    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// The KQL type of an argument.
    pub fn ty(&self, index: usize) -> Type {
        self.types.get(index).copied().unwrap_or(Type::Unknown)
    }

    /// The KQL types of all arguments.
    pub fn types(&self) -> &'a [Type] {
        self.types
    }

    /// The array of an argument; one value where it is constant.
    pub fn array(&self, index: usize) -> &'a ArrayRef {
        &self.arrays[index]
    }

    /// Whether an argument is the same for all rows.
    pub fn is_scalar(&self, index: usize) -> bool {
        self.scalars.get(index).copied().unwrap_or(true)
    }

    /// The value of a constant argument, for what is worth preparing once (a pattern, a size).
    pub fn constant(&self, index: usize) -> Option<Value> {
        (index < self.arrays.len() && self.is_scalar(index))
            .then(|| value_at(&self.arrays[index], self.ty(index), 0))
    }

    /// The text of a constant string, guid or dynamic argument.
    pub fn constant_str(&self, index: usize) -> Option<&'a str> {
        if index >= self.arrays.len() || !self.is_scalar(index) {
            return None;
        }
        let array = self.arrays[index].as_string_view_opt()?;
        array.is_valid(0).then(|| array.value(0))
    }

    /// Typed access to one argument, row by row.
    pub fn reader<T: FromArg<'a>>(&self, index: usize) -> Result<Reader<'a, T>> {
        let inner = match self.arrays.get(index) {
            Some(array) => T::open(array)?,
            None => T::missing()?,
        };
        Ok(Reader { inner, mask: if self.is_scalar(index) { 0 } else { usize::MAX } })
    }
}

/// Typed access to one argument; a constant answers every row alike.
pub struct Reader<'a, T: FromArg<'a>> {
    inner: T::Source,
    mask: usize,
}

impl<'a, T: FromArg<'a>> Reader<'a, T> {
    /// The value of `row`; `None` where it is null and `T` has no place for a null.
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        T::read(&self.inner, row & self.mask)
    }
}

/// A Rust type that an argument can be read as.
pub trait FromArg<'a>: Sized {
    type Source;

    fn open(array: &'a ArrayRef) -> Result<Self::Source>;

    /// The source of an optional argument that was left out.
    fn missing() -> Result<Self::Source> {
        Err(Error::Internal("a required argument is missing".into()))
    }

    /// `None` means: the whole result is null.
    fn read(source: &Self::Source, row: usize) -> Option<Self>;
}

fn mismatch(array: &ArrayRef, wanted: &str) -> Error {
    Error::Internal(format!("kernel wants {wanted}, got {}", array.data_type()))
}

impl<'a> FromArg<'a> for &'a str {
    type Source = &'a StringViewArray;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        array.as_string_view_opt().ok_or_else(|| mismatch(array, "text"))
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| source.value(row))
    }
}

impl<'a> FromArg<'a> for bool {
    type Source = &'a BooleanArray;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        array.as_boolean_opt().ok_or_else(|| mismatch(array, "bool"))
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| source.value(row))
    }
}

impl<'a> FromArg<'a> for Decimal {
    type Source = &'a Decimal256Array;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        array.as_primitive_opt::<Decimal256Type>().ok_or_else(|| mismatch(array, "a decimal"))
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| Decimal(source.value(row)))
    }
}

/// Any numeric array (a bool counts as 0 or 1).
pub enum Numbers<'a> {
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Real(&'a Float64Array),
    Decimal(&'a Decimal256Array),
    Bool(&'a BooleanArray),
}

impl<'a> Numbers<'a> {
    fn open(array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Int32 => Numbers::Int(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Numbers::Long(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Numbers::Real(array.as_primitive::<Float64Type>()),
            DataType::Decimal256(..) => Numbers::Decimal(array.as_primitive::<Decimal256Type>()),
            DataType::Boolean => Numbers::Bool(array.as_boolean()),
            _ => return Err(mismatch(array, "a number")),
        })
    }
}

impl<'a> FromArg<'a> for f64 {
    type Source = Numbers<'a>;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        Numbers::open(array)
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        match source {
            Numbers::Int(a) => a.is_valid(row).then(|| f64::from(a.value(row))),
            Numbers::Long(a) => a.is_valid(row).then(|| a.value(row) as f64),
            Numbers::Real(a) => a.is_valid(row).then(|| a.value(row)),
            Numbers::Decimal(a) => a.is_valid(row).then(|| Decimal(a.value(row)).to_f64()),
            Numbers::Bool(a) => a.is_valid(row).then(|| f64::from(u8::from(a.value(row)))),
        }
    }
}

/// An array of whole numbers or ticks (a bool counts as 0 or 1).
pub enum Integers<'a> {
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Bool(&'a BooleanArray),
}

impl<'a> FromArg<'a> for i64 {
    type Source = Integers<'a>;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        Ok(match array.data_type() {
            DataType::Int32 => Integers::Int(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Integers::Long(array.as_primitive::<Int64Type>()),
            DataType::Boolean => Integers::Bool(array.as_boolean()),
            _ => return Err(mismatch(array, "a whole number")),
        })
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        match source {
            Integers::Int(a) => a.is_valid(row).then(|| i64::from(a.value(row))),
            Integers::Long(a) => a.is_valid(row).then(|| a.value(row)),
            Integers::Bool(a) => a.is_valid(row).then(|| i64::from(a.value(row))),
        }
    }
}

/// Any canonical value; slow but general.
impl<'a> FromArg<'a> for Value {
    type Source = &'a ArrayRef;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        Ok(array)
    }

    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        let ty = match source.data_type() {
            DataType::Boolean => Type::Bool,
            DataType::Int32 => Type::Int,
            DataType::Int64 => Type::Long,
            DataType::Float64 => Type::Real,
            DataType::Decimal256(..) => Type::Decimal,
            _ => Type::String,
        };
        source.is_valid(row).then(|| value_at(source, ty, row))
    }
}

impl<'a, T: FromArg<'a>> FromArg<'a> for Option<T> {
    type Source = Option<T::Source>;

    fn open(array: &'a ArrayRef) -> Result<Self::Source> {
        T::open(array).map(Some)
    }

    fn missing() -> Result<Self::Source> {
        Ok(None)
    }

    #[inline]
    fn read(source: &Self::Source, row: usize) -> Option<Self> {
        Some(source.as_ref().and_then(|source| T::read(source, row)))
    }
}

/// The value at `row` of a canonical array of KQL type `ty`.
pub fn value_at(array: &ArrayRef, ty: Type, row: usize) -> Value {
    if array.is_null(row) {
        return Value::null(ty);
    }
    let text = || Arc::<str>::from(array.as_string_view_opt().map_or("", |a| a.value(row)));
    let long = || array.as_primitive_opt::<Int64Type>().map_or(0, |a| a.value(row));
    match ty {
        Type::Bool => Value::Bool(array.as_boolean_opt().is_some_and(|a| a.value(row))),
        Type::Int => Value::Int(array.as_primitive_opt::<Int32Type>().map_or(0, |a| a.value(row))),
        Type::Long => Value::Long(long()),
        Type::Real => {
            Value::Real(array.as_primitive_opt::<Float64Type>().map_or(f64::NAN, |a| a.value(row)))
        }
        Type::Decimal => match array.as_primitive_opt::<Decimal256Type>() {
            Some(a) => Value::Decimal(Decimal(a.value(row))),
            None => Value::Null(Type::Decimal),
        },
        Type::DateTime => Value::DateTime(long()),
        Type::TimeSpan => Value::TimeSpan(long()),
        Type::String | Type::Unknown => Value::String(text()),
        Type::Guid => Value::Guid(text()),
        Type::Dynamic => Value::Dynamic(text()),
    }
}

/// A canonical array of `values`, all of KQL type `ty` or its null.
pub fn array_of(values: &[Value], ty: Type) -> ArrayRef {
    match ty {
        Type::Bool => Arc::new(BooleanArray::from_iter(values.iter().map(Value::as_bool))),
        Type::Int => Arc::new(Int32Array::from_iter(
            values.iter().map(|v| v.as_i64().and_then(|v| i32::try_from(v).ok())),
        )),
        Type::Long | Type::DateTime | Type::TimeSpan => {
            Arc::new(Int64Array::from_iter(values.iter().map(Value::as_i64)))
        }
        Type::Real => Arc::new(Float64Array::from_iter(values.iter().map(Value::as_f64))),
        Type::Decimal => {
            let mut builder = decimal_builder(values.len());
            for value in values {
                builder.append_option(match value {
                    Value::Decimal(v) => Some(v.0),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Type::String | Type::Unknown => Arc::new(StringViewArray::from_iter_values(
            values.iter().map(|v| v.as_str().unwrap_or("")),
        )),
        Type::Guid | Type::Dynamic => {
            Arc::new(StringViewArray::from_iter(values.iter().map(Value::as_str)))
        }
    }
}

fn decimal_builder(capacity: usize) -> Decimal256Builder {
    Decimal256Builder::with_capacity(capacity)
        .with_data_type(DataType::Decimal256(DECIMAL_PRECISION, DECIMAL_SCALE))
}

/// A Rust type that a kernel's closure may return.
pub trait IntoResult: Sized {
    type Builder;

    fn builder(rows: usize) -> Self::Builder;
    fn push(self, builder: &mut Self::Builder);
    fn push_null(builder: &mut Self::Builder);
    fn finish(builder: Self::Builder) -> ArrayRef;
}

macro_rules! into_result {
    ($ty:ty, $builder:ty, $new:expr, |$value:ident| $append:expr) => {
        impl IntoResult for $ty {
            type Builder = $builder;

            fn builder(rows: usize) -> Self::Builder {
                let new: fn(usize) -> $builder = $new;
                new(rows)
            }

            #[inline]
            fn push(self, builder: &mut Self::Builder) {
                let $value = self;
                builder.append_value($append);
            }

            #[inline]
            fn push_null(builder: &mut Self::Builder) {
                builder.append_null();
            }

            fn finish(mut builder: Self::Builder) -> ArrayRef {
                Arc::new(builder.finish())
            }
        }
    };
}

into_result!(bool, BooleanBuilder, BooleanBuilder::with_capacity, |v| v);
into_result!(i32, Int32Builder, Int32Builder::with_capacity, |v| v);
into_result!(i64, Int64Builder, Int64Builder::with_capacity, |v| v);
into_result!(f64, Float64Builder, Float64Builder::with_capacity, |v| v);
into_result!(Decimal, Decimal256Builder, decimal_builder, |v| v.0);
into_result!(&str, StringViewBuilder, StringViewBuilder::with_capacity, |v| v);
into_result!(String, StringViewBuilder, StringViewBuilder::with_capacity, |v| v);
into_result!(Cow<'_, str>, StringViewBuilder, StringViewBuilder::with_capacity, |v| v);
into_result!(Arc<str>, StringViewBuilder, StringViewBuilder::with_capacity, |v| v);

impl<T: IntoResult> IntoResult for Option<T> {
    type Builder = T::Builder;

    fn builder(rows: usize) -> Self::Builder {
        T::builder(rows)
    }

    #[inline]
    fn push(self, builder: &mut Self::Builder) {
        match self {
            Some(value) => value.push(builder),
            None => T::push_null(builder),
        }
    }

    #[inline]
    fn push_null(builder: &mut Self::Builder) {
        T::push_null(builder);
    }

    fn finish(builder: Self::Builder) -> ArrayRef {
        T::finish(builder)
    }
}

macro_rules! maps {
    ($($name:ident($($ty:ident $reader:ident $index:literal),+);)+) => {
        impl<'a> Args<'a> {
            $(
                /// Applies a closure to every row.
                pub fn $name<$($ty: FromArg<'a>,)+ R: IntoResult>(
                    &self,
                    f: impl Fn($($ty),+) -> R,
                ) -> Result<ArrayRef> {
                    $(let $reader = self.reader::<$ty>($index)?;)+
                    let mut builder = R::builder(self.rows);
                    for row in 0..self.rows {
                        match ($($reader.get(row),)+) {
                            ($(Some($reader),)+) => f($($reader),+).push(&mut builder),
                            _ => R::push_null(&mut builder),
                        }
                    }
                    Ok(R::finish(builder))
                }
            )+
        }
    };
}

maps! {
    map1(A a 0);
    map2(A a 0, B b 1);
    map3(A a 0, B b 1, C c 2);
    map4(A a 0, B b 1, C c 2, D d 3);
    map5(A a 0, B b 1, C c 2, D d 3, E e 4);
}
