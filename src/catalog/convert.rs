//! From the Arrow types that files hold to the canonical form of each KQL type.
//!
//! A [`Conversion`] is decided once per column, when a table is opened; [`canonicalise`] applies it
//! to batches. Scans deliver the raw form, so that conditions on raw columns still prune files.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveArray, StringViewBuilder};
use arrow::array::{ArrowPrimitiveType, StringViewArray, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Field, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};

use super::nested;
use crate::error::{Error, Result};
use crate::functions::kernel::{array_of, value_at};
use crate::types::arrow::{data_type, marked_type};
use crate::types::datetime::{TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH, checked_add};
use crate::types::dynamic::Dynamic;
use crate::types::{Type, guid};

/// How the raw form of a column becomes canonical.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// The raw form is the canonical one.
    Canonical,
    /// `Utf8View` in which null means the empty string.
    Text,
    /// Bytes read as UTF-8; what is not UTF-8 becomes U+FFFD.
    Bytes,
    /// A timestamp of any zone to datetime.
    Timestamp(TimeUnit),
    /// Days since 1970 to datetime.
    Date32,
    /// Milliseconds since 1970 to datetime.
    Date64,
    /// A time of day to timespan.
    Time(TimeUnit),
    /// A duration to timespan.
    Duration(TimeUnit),
    /// A small integer to int.
    Int,
    /// An unsigned integer to long; what does not fit is null.
    Long,
    /// A float of 16 or 32 bits to real.
    Real,
    /// A decimal of another scale; what does not fit is null.
    Decimal,
    /// 16 bytes in the order they are written to guid.
    GuidBytes,
    /// Lists, structs and maps to dynamic.
    Json,
    /// JSON text of any origin to dynamic.
    JsonText,
    /// What has no KQL type (calendar intervals) to its Arrow text.
    Display,
    /// The result of another conversion, of type `from`, to the type a schema file names.
    Cast { inner: Box<Conversion>, from: Type, to: Type },
}

/// What a file column is to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The KQL type.
    pub ty: Type,
    /// The Arrow type in which the scan delivers the column.
    pub raw: DataType,
    /// From `raw` to the canonical form of `ty`.
    pub conversion: Conversion,
}

impl Reading {
    /// The reading of an Arrow field: the type its metadata names, else the natural one.
    pub fn of(field: &Field) -> Result<Reading> {
        let natural = Reading::natural(field.data_type())?;
        let Some(ty) = marked_type(field) else {
            return Ok(natural);
        };
        if data_type(ty) == natural.raw {
            return Ok(Reading::canonical(ty));
        }
        Ok(natural.pinned(ty))
    }

    /// This reading with the type a schema file names.
    pub fn pinned(self, ty: Type) -> Reading {
        if self.ty == ty {
            return self;
        }
        let conversion = match (&self.conversion, ty) {
            (Conversion::Text, Type::Dynamic) => Conversion::JsonText,
            _ => Conversion::Cast { inner: Box::new(self.conversion), from: self.ty, to: ty },
        };
        Reading { ty, raw: self.raw, conversion }
    }

    /// The reading of a column in the canonical form of `ty`, in which text may be null.
    pub fn canonical(ty: Type) -> Reading {
        let conversion = if ty == Type::String { Conversion::Text } else { Conversion::Canonical };
        Reading { ty, raw: data_type(ty), conversion }
    }

    /// The reading of an Arrow type.
    fn natural(raw: &DataType) -> Result<Reading> {
        let (ty, conversion) = match raw {
            DataType::Boolean => (Type::Bool, Conversion::Canonical),
            DataType::Int32 => (Type::Int, Conversion::Canonical),
            DataType::Int64 => (Type::Long, Conversion::Canonical),
            DataType::Float64 => (Type::Real, Conversion::Canonical),
            DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => {
                (Type::Int, Conversion::Int)
            }
            DataType::UInt32 | DataType::UInt64 => (Type::Long, Conversion::Long),
            DataType::Float16 | DataType::Float32 => (Type::Real, Conversion::Real),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
                return Ok(Reading {
                    ty: Type::String,
                    raw: DataType::Utf8View,
                    conversion: Conversion::Text,
                });
            }
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                return Ok(Reading {
                    ty: Type::String,
                    raw: DataType::BinaryView,
                    conversion: Conversion::Bytes,
                });
            }
            DataType::FixedSizeBinary(16) => (Type::Guid, Conversion::GuidBytes),
            DataType::FixedSizeBinary(_) => (Type::String, Conversion::Bytes),
            DataType::Timestamp(unit, _) => (Type::DateTime, Conversion::Timestamp(*unit)),
            DataType::Date32 => (Type::DateTime, Conversion::Date32),
            DataType::Date64 => (Type::DateTime, Conversion::Date64),
            DataType::Time32(unit) | DataType::Time64(unit) => {
                (Type::TimeSpan, Conversion::Time(*unit))
            }
            DataType::Duration(unit) => (Type::TimeSpan, Conversion::Duration(*unit)),
            raw if *raw == data_type(Type::Decimal) => (Type::Decimal, Conversion::Canonical),
            DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => (Type::Decimal, Conversion::Decimal),
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
            | DataType::Struct(_)
            | DataType::Map(..) => (Type::Dynamic, Conversion::Json),
            DataType::Dictionary(_, values) => return Reading::natural(values),
            DataType::RunEndEncoded(_, values) => return Reading::natural(values.data_type()),
            DataType::Interval(_) => (Type::String, Conversion::Display),
            DataType::Union(..) => {
                return Err(Error::Execution("the Arrow type `Union` is not supported".into()));
            }
        };
        Ok(Reading { ty, raw: raw.clone(), conversion })
    }
}

impl Conversion {
    /// A text form that [`Conversion::from_name`] reads.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// Reads what [`Conversion::name`] gives.
    pub fn from_name(name: &str) -> Option<Conversion> {
        if let Some((rest, to)) = name.rsplit_once('>') {
            let (inner, from) = rest.rsplit_once('>')?;
            return Some(Conversion::Cast {
                inner: Box::new(Conversion::from_name(inner)?),
                from: Type::from_name(from)?,
                to: Type::from_name(to)?,
            });
        }
        let (word, unit) = match name.split_once('_') {
            Some((word, unit)) => (word, Some(unit_from_name(unit)?)),
            None => (name, None),
        };
        Some(match (word, unit) {
            ("canonical", None) => Conversion::Canonical,
            ("text", None) => Conversion::Text,
            ("bytes", None) => Conversion::Bytes,
            ("timestamp", Some(unit)) => Conversion::Timestamp(unit),
            ("date32", None) => Conversion::Date32,
            ("date64", None) => Conversion::Date64,
            ("time", Some(unit)) => Conversion::Time(unit),
            ("duration", Some(unit)) => Conversion::Duration(unit),
            ("int", None) => Conversion::Int,
            ("long", None) => Conversion::Long,
            ("real", None) => Conversion::Real,
            ("decimal", None) => Conversion::Decimal,
            ("guidbytes", None) => Conversion::GuidBytes,
            ("json", None) => Conversion::Json,
            ("jsontext", None) => Conversion::JsonText,
            ("display", None) => Conversion::Display,
            _ => return None,
        })
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Conversion::Canonical => f.write_str("canonical"),
            Conversion::Text => f.write_str("text"),
            Conversion::Bytes => f.write_str("bytes"),
            Conversion::Timestamp(unit) => write!(f, "timestamp_{}", unit_name(*unit)),
            Conversion::Date32 => f.write_str("date32"),
            Conversion::Date64 => f.write_str("date64"),
            Conversion::Time(unit) => write!(f, "time_{}", unit_name(*unit)),
            Conversion::Duration(unit) => write!(f, "duration_{}", unit_name(*unit)),
            Conversion::Int => f.write_str("int"),
            Conversion::Long => f.write_str("long"),
            Conversion::Real => f.write_str("real"),
            Conversion::Decimal => f.write_str("decimal"),
            Conversion::GuidBytes => f.write_str("guidbytes"),
            Conversion::Json => f.write_str("json"),
            Conversion::JsonText => f.write_str("jsontext"),
            Conversion::Display => f.write_str("display"),
            Conversion::Cast { inner, from, to } => write!(f, "{inner}>{from}>{to}"),
        }
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

fn unit_from_name(name: &str) -> Option<TimeUnit> {
    [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond]
        .into_iter()
        .find(|unit| unit_name(*unit) == name)
}

/// The canonical form of a raw column.
pub fn canonicalise(array: &ArrayRef, conversion: &Conversion) -> Result<ArrayRef> {
    Ok(match conversion {
        Conversion::Canonical => Arc::clone(array),
        Conversion::Text => text(&raw(array, &DataType::Utf8View)?),
        Conversion::Bytes => bytes(array)?,
        Conversion::Timestamp(unit) => {
            let wall = match array.data_type() {
                DataType::Timestamp(_, _) => Arc::clone(array),
                _ => raw(array, &DataType::Timestamp(*unit, None))?,
            };
            let ticks = match unit {
                TimeUnit::Second => ticks::<TimestampSecondType>(&wall, *unit),
                TimeUnit::Millisecond => ticks::<TimestampMillisecondType>(&wall, *unit),
                TimeUnit::Microsecond => ticks::<TimestampMicrosecondType>(&wall, *unit),
                TimeUnit::Nanosecond => ticks::<TimestampNanosecondType>(&wall, *unit),
            };
            datetimes(ticks?)
        }
        Conversion::Date32 => {
            let days = primitive::<Date32Type>(array)?;
            Arc::new(days.unary_opt::<_, Int64Type>(|day| {
                i64::from(day)
                    .checked_mul(TICKS_PER_DAY)
                    .and_then(|ticks| checked_add(UNIX_EPOCH, ticks))
            }))
        }
        Conversion::Date64 => datetimes(ticks::<Date64Type>(array, TimeUnit::Millisecond)?),
        Conversion::Time(unit) => Arc::new(match unit {
            TimeUnit::Second => small_ticks::<Time32SecondType>(array, *unit)?,
            TimeUnit::Millisecond => small_ticks::<Time32MillisecondType>(array, *unit)?,
            TimeUnit::Microsecond => ticks::<Time64MicrosecondType>(array, *unit)?,
            TimeUnit::Nanosecond => ticks::<Time64NanosecondType>(array, *unit)?,
        }),
        Conversion::Duration(unit) => Arc::new(match unit {
            TimeUnit::Second => ticks::<DurationSecondType>(array, *unit)?,
            TimeUnit::Millisecond => ticks::<DurationMillisecondType>(array, *unit)?,
            TimeUnit::Microsecond => ticks::<DurationMicrosecondType>(array, *unit)?,
            TimeUnit::Nanosecond => ticks::<DurationNanosecondType>(array, *unit)?,
        }),
        Conversion::Int => raw(array, &DataType::Int32)?,
        Conversion::Long => raw(array, &DataType::Int64)?,
        Conversion::Real => raw(array, &DataType::Float64)?,
        Conversion::Decimal => raw(array, &data_type(Type::Decimal))?,
        Conversion::GuidBytes => guids(array)?,
        Conversion::Json => nested::json(array)?,
        Conversion::JsonText => json_texts(&raw(array, &DataType::Utf8View)?),
        Conversion::Display => text(&raw(&raw(array, &DataType::Utf8)?, &DataType::Utf8View)?),
        Conversion::Cast { inner, from, to } => cast(&canonicalise(array, inner)?, *from, *to),
    })
}

/// The array in another Arrow type; values that do not fit are null.
pub(super) fn raw(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    if array.data_type() == ty {
        return Ok(Arc::clone(array));
    }
    if *array.data_type() == DataType::Null {
        return Ok(new_null_array(ty, array.len()));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    Ok(cast_with_options(array, ty, &options)?)
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<&PrimitiveArray<T>> {
    array.as_primitive_opt::<T>().ok_or_else(|| {
        Error::Internal(format!("expected {}, found {}", T::DATA_TYPE, array.data_type()))
    })
}

/// Text in which null becomes the empty string.
fn text(array: &ArrayRef) -> ArrayRef {
    let Some(strings) = array.as_string_view_opt().filter(|strings| strings.null_count() > 0)
    else {
        return Arc::clone(array);
    };
    // The view of twelve zero bytes and a zero length is the empty string.
    let views = match strings.nulls() {
        Some(nulls) => strings
            .views()
            .iter()
            .zip(nulls.iter())
            .map(|(view, valid)| if valid { *view } else { 0 })
            .collect::<Vec<u128>>(),
        None => strings.views().to_vec(),
    };
    match StringViewArray::try_new(views.into(), strings.data_buffers().to_vec(), None) {
        Ok(texts) => Arc::new(texts),
        // Views are checked again when an array is built; these were valid before.
        Err(_) => Arc::new(StringViewArray::from_iter_values(
            strings.iter().map(Option::unwrap_or_default),
        )),
    }
}

fn bytes(array: &ArrayRef) -> Result<ArrayRef> {
    let array = raw(array, &DataType::BinaryView)?;
    let Some(values) = array.as_binary_view_opt() else {
        return Err(Error::Internal("expected bytes".into()));
    };
    if let Ok(texts) = values.clone().to_string_view() {
        return Ok(text(&(Arc::new(texts) as ArrayRef)));
    }
    Ok(Arc::new(StringViewArray::from_iter_values(
        values.iter().map(|value| String::from_utf8_lossy(value.unwrap_or_default()).into_owned()),
    )))
}

/// Counts of `unit` as ticks; what does not fit is null.
fn ticks<T>(array: &ArrayRef, unit: TimeUnit) -> Result<Int64Array>
where
    T: ArrowPrimitiveType<Native = i64>,
{
    Ok(scaled(&primitive::<T>(array)?.reinterpret_cast::<Int64Type>(), unit))
}

fn small_ticks<T>(array: &ArrayRef, unit: TimeUnit) -> Result<Int64Array>
where
    T: ArrowPrimitiveType<Native = i32>,
{
    Ok(scaled(&primitive::<T>(array)?.unary::<_, Int64Type>(i64::from), unit))
}

fn scaled(counts: &Int64Array, unit: TimeUnit) -> Int64Array {
    match unit {
        TimeUnit::Second => counts.unary_opt(|v| v.checked_mul(TICKS_PER_SECOND)),
        TimeUnit::Millisecond => counts.unary_opt(|v| v.checked_mul(TICKS_PER_SECOND / 1_000)),
        TimeUnit::Microsecond => counts.unary_opt(|v| v.checked_mul(TICKS_PER_SECOND / 1_000_000)),
        TimeUnit::Nanosecond => counts.unary(|v| v.div_euclid(100)),
    }
}

/// Ticks since 1970 as datetime.
fn datetimes(ticks: Int64Array) -> ArrayRef {
    Arc::new(ticks.unary_opt::<_, Int64Type>(|v| checked_add(UNIX_EPOCH, v)))
}

fn guids(array: &ArrayRef) -> Result<ArrayRef> {
    let Some(values) = array.as_fixed_size_binary_opt() else {
        return Err(Error::Internal("expected 16 bytes".into()));
    };
    let mut builder = StringViewBuilder::with_capacity(values.len());
    let mut hex = String::with_capacity(32);
    for value in values.iter() {
        builder.append_option(value.and_then(|value| {
            hex.clear();
            for byte in value {
                for nibble in [byte >> 4, byte & 15] {
                    hex.extend(char::from_digit(u32::from(nibble), 16));
                }
            }
            guid::parse(&hex)
        }));
    }
    Ok(Arc::new(builder.finish()))
}

fn json_texts(array: &ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_view_opt() else {
        return Arc::clone(array);
    };
    Arc::new(StringViewArray::from_iter(texts.iter().map(
        |text| match text.map(Dynamic::from_text) {
            None | Some(Dynamic::Null) => None,
            Some(value) => Some(value.to_json()),
        },
    )))
}

fn cast(array: &ArrayRef, from: Type, to: Type) -> ArrayRef {
    let values = (0..array.len()).map(|row| value_at(array, from, row).cast(to));
    array_of(&values.collect::<Vec<_>>(), to)
}
