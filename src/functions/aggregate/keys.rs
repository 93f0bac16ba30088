//! The best value of every group, for the types that have an order.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::array::{BooleanArray, StringViewArray, StringViewBuilder};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, i256};
use datafusion::common::Result;
use datafusion::logical_expr::EmitTo;

use super::rows::{for_each, primitive, text};

/// How far a group has come: it has no row, one with a null, one with a value.
pub const NOTHING: u8 = 0;
/// See [`NOTHING`].
pub const NULL: u8 = 1;
/// See [`NOTHING`].
pub const VALUE: u8 = 2;

/// Which of two values wins.
pub trait Direction: Send + Sync + 'static {
    /// Whether the greater value wins.
    const GREATEST: bool;
}

/// The greatest wins.
pub struct Greatest;
/// The least wins.
pub struct Least;

impl Direction for Greatest {
    const GREATEST: bool = true;
}

impl Direction for Least {
    const GREATEST: bool = false;
}

/// The best value of every group. Among equals the first one stays.
pub trait Keys: Send + Sync + 'static {
    /// Makes room for `total` groups.
    fn grow(&mut self, total: usize);

    /// Compares the values of the passing rows, none of which is null, with the best so far, and
    /// calls `won(group, row)` for each that is better. Groups below [`VALUE`] have none.
    fn compare(
        &mut self,
        column: &ArrayRef,
        groups: &[usize],
        passing: (Option<&BooleanArray>, Option<&NullBuffer>),
        levels: &mut [u8],
        won: &mut impl FnMut(usize, usize),
    ) -> Result<()>;

    /// The values of the emitted groups, null for those below [`VALUE`].
    fn take(&mut self, emit_to: EmitTo, levels: &[u8]) -> Result<ArrayRef>;

    /// Bytes held.
    fn size(&self) -> usize;
}

fn valued(levels: &[u8]) -> Option<NullBuffer> {
    let nulls: NullBuffer = levels.iter().map(|level| *level == VALUE).collect();
    (nulls.null_count() > 0).then_some(nulls)
}

/// Numbers by which one beats another. A NaN beats every number in both directions.
pub trait Beats: Copy + Default + Send + Sync {
    fn beats<D: Direction>(self, other: Self) -> bool;
}

macro_rules! ordered {
    ($($ty:ty),+) => { $(
        impl Beats for $ty {
            #[inline]
            fn beats<D: Direction>(self, other: Self) -> bool {
                if D::GREATEST { self > other } else { self < other }
            }
        }
    )+ };
}

ordered!(i32, i64, i256);

impl Beats for f64 {
    #[inline]
    fn beats<D: Direction>(self, other: Self) -> bool {
        let loses = if D::GREATEST { self <= other } else { self >= other };
        !loses && !other.is_nan()
    }
}

/// Values of fixed size.
pub struct Fixed<T: ArrowPrimitiveType, D> {
    best: Vec<T::Native>,
    ty: DataType,
    direction: PhantomData<D>,
}

impl<T: ArrowPrimitiveType, D> Fixed<T, D> {
    /// No groups yet; results have type `ty`.
    pub fn new(ty: DataType) -> Self {
        Self { best: vec![], ty, direction: PhantomData }
    }
}

impl<T: ArrowPrimitiveType<Native: Beats>, D: Direction> Keys for Fixed<T, D> {
    fn grow(&mut self, total: usize) {
        self.best.resize(total, Default::default());
    }

    fn compare(
        &mut self,
        column: &ArrayRef,
        groups: &[usize],
        (filter, nulls): (Option<&BooleanArray>, Option<&NullBuffer>),
        levels: &mut [u8],
        won: &mut impl FnMut(usize, usize),
    ) -> Result<()> {
        let column = if column.data_type() == &DataType::Boolean {
            cast(column, &T::DATA_TYPE)?
        } else {
            Arc::clone(column)
        };
        let (values, best) = (primitive::<T>(&[column], 0)?.values().clone(), &mut self.best);
        for_each(groups, filter, nulls, |group, row| {
            let value = values[row];
            if value.beats::<D>(best[group]) || levels[group] != VALUE {
                best[group] = value;
                levels[group] = VALUE;
                won(group, row);
            }
        });
        Ok(())
    }

    fn take(&mut self, emit_to: EmitTo, levels: &[u8]) -> Result<ArrayRef> {
        let best = emit_to.take_needed(&mut self.best);
        let array = PrimitiveArray::<T>::new(best.into(), valued(levels));
        if self.ty == DataType::Boolean {
            return Ok(cast(&array, &self.ty)?);
        }
        Ok(Arc::new(array.with_data_type(self.ty.clone())))
    }

    fn size(&self) -> usize {
        self.best.capacity() * size_of::<T::Native>()
    }
}

/// The best text of one group: where it stands, and its first bytes as a number that orders alike.
#[derive(Clone, Copy, Default)]
struct Place {
    prefix: u64,
    start: usize,
    len: usize,
}

/// Text, ordered by code point; the best texts of all groups share one buffer.
pub struct Text<D> {
    best: Vec<Place>,
    bytes: Vec<u8>,
    /// Bytes in `bytes` that groups point to.
    live: usize,
    direction: PhantomData<D>,
}

impl<D> Text<D> {
    /// No groups yet.
    pub fn new() -> Self {
        Self { best: vec![], bytes: vec![], live: 0, direction: PhantomData }
    }

    fn collect_garbage(&mut self) {
        let mut kept = Vec::with_capacity(self.live * 2);
        for place in &mut self.best {
            let start = kept.len();
            kept.extend_from_slice(&self.bytes[place.start..place.start + place.len]);
            place.start = start;
        }
        self.bytes = kept;
    }
}

fn prefix(text: &[u8]) -> u64 {
    let mut first = [0; 8];
    let len = text.len().min(8);
    first[..len].copy_from_slice(&text[..len]);
    u64::from_be_bytes(first)
}

impl<D: Direction> Keys for Text<D> {
    fn grow(&mut self, total: usize) {
        self.best.resize(total, Place::default());
    }

    fn compare(
        &mut self,
        column: &ArrayRef,
        groups: &[usize],
        (filter, nulls): (Option<&BooleanArray>, Option<&NullBuffer>),
        levels: &mut [u8],
        won: &mut impl FnMut(usize, usize),
    ) -> Result<()> {
        let column = text(std::slice::from_ref(column), 0)?;
        for_each(groups, filter, nulls, |group, row| {
            let value = column.value(row).as_bytes();
            let (first, place) = (prefix(value), &mut self.best[group]);
            if levels[group] == VALUE {
                let better = if first == place.prefix {
                    let best = &self.bytes[place.start..place.start + place.len];
                    if D::GREATEST { value > best } else { value < best }
                } else {
                    (first > place.prefix) == D::GREATEST
                };
                if !better {
                    return;
                }
            }
            self.live += value.len();
            self.live -= place.len;
            *place = Place { prefix: first, start: self.bytes.len(), len: value.len() };
            self.bytes.extend_from_slice(value);
            levels[group] = VALUE;
            won(group, row);
        });
        if self.bytes.len() > 2 * self.live + 64 * 1024 {
            self.collect_garbage();
        }
        Ok(())
    }

    fn take(&mut self, emit_to: EmitTo, levels: &[u8]) -> Result<ArrayRef> {
        let best = emit_to.take_needed(&mut self.best);
        let mut texts = StringViewBuilder::with_capacity(best.len());
        for (place, level) in best.into_iter().zip(levels) {
            let bytes = &self.bytes[place.start..place.start + place.len];
            self.live -= place.len;
            // The bytes were those of a string; nothing is lost.
            texts.append_option((*level == VALUE).then(|| String::from_utf8_lossy(bytes)));
        }
        if self.best.is_empty() {
            self.bytes = vec![];
        }
        let texts: StringViewArray = texts.finish();
        Ok(Arc::new(texts))
    }

    fn size(&self) -> usize {
        self.bytes.capacity() + self.best.capacity() * size_of::<Place>()
    }
}

/// No order: the first row with a value wins, and its value is a column of the row.
pub struct First {
    groups: usize,
    /// Whether an empty string is as good as none.
    pub skip_empty: bool,
}

impl First {
    /// No groups yet.
    pub fn new(skip_empty: bool) -> Self {
        Self { groups: 0, skip_empty }
    }
}

impl Keys for First {
    fn grow(&mut self, total: usize) {
        self.groups = total;
    }

    fn compare(
        &mut self,
        column: &ArrayRef,
        groups: &[usize],
        (filter, nulls): (Option<&BooleanArray>, Option<&NullBuffer>),
        levels: &mut [u8],
        won: &mut impl FnMut(usize, usize),
    ) -> Result<()> {
        let text = column.as_string_view_opt().filter(|_| self.skip_empty);
        for_each(groups, filter, nulls, |group, row| {
            if levels[group] == VALUE {
                return;
            }
            let empty = text.is_some_and(|text| text.value(row).is_empty());
            let level = if empty { NULL } else { VALUE };
            if level > levels[group] {
                levels[group] = level;
                won(group, row);
            }
        });
        Ok(())
    }

    fn take(&mut self, emit_to: EmitTo, levels: &[u8]) -> Result<ArrayRef> {
        self.groups -= super::rows::emitted(emit_to, self.groups);
        let levels = levels.iter().map(|level| Some(*level == VALUE));
        Ok(Arc::new(BooleanArray::from_iter(levels)))
    }

    fn size(&self) -> usize {
        0
    }
}
