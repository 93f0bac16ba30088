//! Values of many groups in the order of their arrival, each stored as compactly as its type allows.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, PrimitiveArray};
use arrow::array::{StringViewArray, StringViewBuilder, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields, Int64Type, i256};
use datafusion::common::Result;
use hashbrown::DefaultHashBuilder;

use super::rows::{primitive, structure, text};

/// A growing column of values.
pub trait Values: Send + Sync + 'static {
    /// The column that values are taken from.
    type Column;

    /// Recognises the column.
    fn column(array: &ArrayRef) -> Result<Self::Column>;

    /// A column like this one without values.
    fn empty(&self) -> Self;

    /// The number of values.
    fn len(&self) -> usize;

    /// Appends the value at `row`.
    fn push(&mut self, column: &Self::Column, row: usize);

    /// Appends the value that `other` has at `index`.
    fn copy(&mut self, other: &Self, index: usize);

    /// A hash of a group and the value at `row`, alike for values that are the same.
    fn hash(column: &Self::Column, row: usize, group: usize, hasher: &DefaultHashBuilder) -> u64;

    /// A hash of a group and the value at `index`, as [`hash`](Self::hash) gives it.
    fn hash_at(&self, index: usize, group: usize, hasher: &DefaultHashBuilder) -> u64;

    /// Whether the value at `index` is the one at `row`.
    fn same(&self, index: usize, column: &Self::Column, row: usize) -> bool;

    /// The values at `order`, null where `nulls` says so.
    fn gather(&self, order: &[usize], nulls: Option<NullBuffer>) -> ArrayRef;

    /// The Arrow type of [`gather`](Self::gather)'s arrays.
    fn data_type(&self) -> DataType;

    /// Bytes held.
    fn size(&self) -> usize;
}

/// Values of fixed size that have bits to compare.
pub trait Bits: Copy {
    type Bits: Hash + Eq;

    /// The bits of the value; two zeros and two NaN have the same ones.
    fn bits(self) -> Self::Bits;
}

impl Bits for i32 {
    type Bits = i32;

    #[inline]
    fn bits(self) -> i32 {
        self
    }
}

impl Bits for i64 {
    type Bits = i64;

    #[inline]
    fn bits(self) -> i64 {
        self
    }
}

impl Bits for f64 {
    type Bits = u64;

    #[inline]
    fn bits(self) -> u64 {
        if self.is_nan() {
            f64::NAN.to_bits()
        } else if self == 0.0 {
            0
        } else {
            self.to_bits()
        }
    }
}

impl Bits for i256 {
    type Bits = (u128, i128);

    fn bits(self) -> (u128, i128) {
        self.to_parts()
    }
}

/// Values of fixed size.
pub struct Plain<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    ty: DataType,
}

impl<T: ArrowPrimitiveType> Plain<T> {
    /// No values; arrays have type `ty`.
    pub fn new(ty: DataType) -> Self {
        Self { values: vec![], ty }
    }

    /// The values.
    pub fn values(&self) -> &[T::Native] {
        &self.values
    }
}

impl<T: ArrowPrimitiveType> From<Vec<T::Native>> for Plain<T> {
    fn from(values: Vec<T::Native>) -> Self {
        Self { values, ty: T::DATA_TYPE }
    }
}

impl<T: ArrowPrimitiveType<Native: Bits>> Values for Plain<T> {
    type Column = PrimitiveArray<T>;

    fn column(array: &ArrayRef) -> Result<Self::Column> {
        Ok(primitive::<T>(std::slice::from_ref(array), 0)?.clone())
    }

    fn empty(&self) -> Self {
        Self::new(self.ty.clone())
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    fn push(&mut self, column: &Self::Column, row: usize) {
        self.values.push(column.value(row));
    }

    fn copy(&mut self, other: &Self, index: usize) {
        self.values.push(other.values[index]);
    }

    #[inline]
    fn hash(column: &Self::Column, row: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((group, column.value(row).bits()))
    }

    fn hash_at(&self, index: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((group, self.values[index].bits()))
    }

    #[inline]
    fn same(&self, index: usize, column: &Self::Column, row: usize) -> bool {
        self.values[index].bits() == column.value(row).bits()
    }

    fn gather(&self, order: &[usize], nulls: Option<NullBuffer>) -> ArrayRef {
        let values: Vec<T::Native> = order.iter().map(|&index| self.values[index]).collect();
        let array = PrimitiveArray::<T>::new(values.into(), nulls);
        Arc::new(array.with_data_type(self.ty.clone()))
    }

    fn data_type(&self) -> DataType {
        self.ty.clone()
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<T::Native>()
    }
}

/// Texts, one after the other in one buffer.
#[derive(Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The text at `index`.
    pub fn value(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}

impl Values for Texts {
    type Column = StringViewArray;

    fn column(array: &ArrayRef) -> Result<Self::Column> {
        Ok(text(std::slice::from_ref(array), 0)?.clone())
    }

    fn empty(&self) -> Self {
        Self::default()
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn push(&mut self, column: &Self::Column, row: usize) {
        self.bytes.push_str(column.value(row));
        self.ends.push(self.bytes.len());
    }

    fn copy(&mut self, other: &Self, index: usize) {
        self.bytes.push_str(other.value(index));
        self.ends.push(self.bytes.len());
    }

    fn hash(column: &Self::Column, row: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((group, column.value(row)))
    }

    fn hash_at(&self, index: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((group, self.value(index)))
    }

    fn same(&self, index: usize, column: &Self::Column, row: usize) -> bool {
        self.value(index) == column.value(row)
    }

    fn gather(&self, order: &[usize], nulls: Option<NullBuffer>) -> ArrayRef {
        let mut builder = StringViewBuilder::with_capacity(order.len());
        for (position, &index) in order.iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(position)) {
                builder.append_null();
            } else {
                builder.append_value(self.value(index));
            }
        }
        Arc::new(builder.finish())
    }

    fn data_type(&self) -> DataType {
        DataType::Utf8View
    }

    fn size(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Values with a weight each.
pub struct Weighted<T: ArrowPrimitiveType> {
    values: Plain<T>,
    weights: Vec<i64>,
}

impl<T: ArrowPrimitiveType> Weighted<T> {
    /// No values of type `ty`.
    pub fn new(ty: DataType) -> Self {
        Self { values: Plain::new(ty), weights: vec![] }
    }

    /// The value and the weight at `index`.
    pub fn value(&self, index: usize) -> (T::Native, i64) {
        (self.values.values[index], self.weights[index])
    }

    /// The struct that holds `values` and `weights`, null where either is.
    pub fn zip(values: &ArrayRef, weights: &ArrayRef) -> Result<ArrayRef> {
        let nulls = NullBuffer::union(values.nulls(), weights.nulls());
        let columns = vec![Arc::clone(values), Arc::clone(weights)];
        Ok(Arc::new(StructArray::try_new(fields(values.data_type()), columns, nulls)?))
    }
}

fn fields(value: &DataType) -> Fields {
    Fields::from(vec![
        Field::new("value", value.clone(), true),
        Field::new("weight", DataType::Int64, true),
    ])
}

impl<T: ArrowPrimitiveType<Native: Bits>> Values for Weighted<T> {
    type Column = (PrimitiveArray<T>, Int64Array);

    fn column(array: &ArrayRef) -> Result<Self::Column> {
        let parts = structure(std::slice::from_ref(array), 0)?.columns();
        let weights = primitive::<Int64Type>(parts, 1)?.clone();
        Ok((primitive::<T>(parts, 0)?.clone(), weights))
    }

    fn empty(&self) -> Self {
        Self::new(self.values.data_type())
    }

    fn len(&self) -> usize {
        self.weights.len()
    }

    fn push(&mut self, (values, weights): &Self::Column, row: usize) {
        self.values.push(values, row);
        self.weights.push(weights.value(row));
    }

    fn copy(&mut self, other: &Self, index: usize) {
        self.values.copy(&other.values, index);
        self.weights.push(other.weights[index]);
    }

    fn hash(column: &Self::Column, row: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        Plain::<T>::hash(&column.0, row, group, hasher)
    }

    fn hash_at(&self, index: usize, group: usize, hasher: &DefaultHashBuilder) -> u64 {
        self.values.hash_at(index, group, hasher)
    }

    fn same(&self, index: usize, (values, weights): &Self::Column, row: usize) -> bool {
        self.values.same(index, values, row) && self.weights[index] == weights.value(row)
    }

    fn gather(&self, order: &[usize], nulls: Option<NullBuffer>) -> ArrayRef {
        let values = self.values.gather(order, None);
        let weights = order.iter().map(|&index| self.weights[index]);
        let weights: ArrayRef = Arc::new(Int64Array::from_iter_values(weights));
        let fields = fields(values.data_type());
        Arc::new(StructArray::new(fields, vec![values, weights], nulls))
    }

    fn data_type(&self) -> DataType {
        DataType::Struct(fields(&self.values.data_type()))
    }

    fn size(&self) -> usize {
        self.values.size() + self.weights.capacity() * size_of::<i64>()
    }
}

/// Booleans and strings as columns that [`Values`] takes; other arrays are what they are.
pub fn storable(array: &ArrayRef) -> Result<ArrayRef> {
    match array.as_boolean_opt() {
        Some(_) => Ok(arrow::compute::cast(array, &DataType::Int32)?),
        None => Ok(Arc::clone(array)),
    }
}
