//! Sums and averages.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowNativeType, DataType, Decimal128Type, Decimal256Type, Float64Type, Int32Type, Int64Type,
    i256,
};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::rows::{external, for_each, primitive, rowwise};
use crate::error::Error;
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::arrow::{DECIMAL_PRECISION, DECIMAL_SCALE};
use crate::types::{Decimal, Type};

aggregate_functions! {
    /// Adds up the values of a group.
    ///
    /// Nulls do not count; a group without values sums to 0. Sums of int are long, and a sum
    /// beyond the range of long wraps around.
    ///
    /// ```kql
    /// datatable(x: int)[1, int(null), 3] | summarize sum(x)    //=> 4
    /// datatable(x: real)[0.5, 1.25] | summarize sum(x)    //=> 1.75
    /// datatable(x: decimal)[1.1, 2.2] | summarize sum(x)    //=> 3.3
    /// datatable(x: timespan)[1h, 30m] | summarize sum(x)    //=> 01:30:00
    /// ```
    SUM = "sum", name "sum_" {
        (value: Addable) -> Computed(sum_type) => groups sum;
    }

    /// Adds up the values of the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3] | summarize sumif(x, x > 1)    //=> 5
    /// datatable(x: real)[1.5] | summarize sumif(x, x > 2)    //=> 0.0
    /// ```
    SUMIF = "sumif", name "sumif_" {
        (value: Addable, predicate: Bool) -> Computed(sum_type) => filtered "sum" 1;
    }

    /// The mean of the values of a group.
    ///
    /// Nulls do not count. The mean of no numbers is NaN; of no decimals, datetimes or timespans
    /// it is null. The mean of int and long is real.
    ///
    /// ```kql
    /// datatable(x: long)[1, long(null), 2] | summarize avg(x)    //=> 1.5
    /// datatable(x: datetime)[datetime(2020-01-01), datetime(2020-01-03)] | summarize avg(x)    //=> 2020-01-02T00:00:00.0000000Z
    /// datatable(x: timespan)[1h, 2h] | summarize avg(x)    //=> 01:30:00
    /// datatable(x: decimal)[1.1, 2.3] | summarize avg(x)    //=> 1.7
    /// datatable(x: long)[] | summarize avg(x)    //=> NaN
    /// ```
    AVG = "avg", name "avg_" {
        (value: Averageable) -> Computed(average_type) => groups average;
    }

    /// The mean of the values of the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3] | summarize avgif(x, x > 1)    //=> 2.5
    /// ```
    AVGIF = "avgif", name "avgif_" {
        (value: Averageable, predicate: Bool) -> Computed(average_type) => filtered "avg" 1;
    }
}

fn sum_type(types: &[Type]) -> Type {
    match types.first() {
        Some(Type::Int) => Type::Long,
        Some(ty) => *ty,
        None => Type::Unknown,
    }
}

fn average_type(types: &[Type]) -> Type {
    match types.first() {
        Some(Type::Int | Type::Long) => Type::Real,
        Some(ty) => *ty,
        None => Type::Unknown,
    }
}

fn sum(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(match args.types.first() {
        Some(Type::Int) => Totals::<Int32Type, i64>::boxed(i64::from, None, |t, _| plain(t)),
        Some(Type::Long | Type::TimeSpan) => {
            Totals::<Int64Type, i64>::boxed(|v| v, None, |t, _| plain(t))
        }
        Some(Type::Real) => Totals::<Float64Type, f64>::boxed(|v| v, None, |t, _| plain(t)),
        Some(Type::Decimal) => {
            Totals::<Decimal256Type, i256>::boxed(|v| v, None, |t, _| decimals(t))
        }
        other => return Err(Error::Internal(format!("no sum of {other:?}"))),
    })
}

fn average(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    let counts = Some(vec![]);
    Ok(match args.types.first() {
        // The mean divides the sum as `sum` gives it, wrapped around where it is out of range.
        Some(Type::Int) => Totals::<Int32Type, i64>::boxed(i64::from, counts, |t, n| {
            means(t.into_iter().map(|t| t as f64), n)
        }),
        Some(Type::Long) => Totals::<Int64Type, i64>::boxed(
            |v| v,
            counts,
            |t, n| means(t.into_iter().map(|t| t as f64), n),
        ),
        Some(Type::Real) => {
            Totals::<Float64Type, f64>::boxed(|v| v, counts, |t, n| means(t.into_iter(), n))
        }
        Some(Type::DateTime | Type::TimeSpan) => {
            Totals::<Int64Type, i128>::boxed(i128::from, counts, |t, n| {
                let mean = |(t, n): (i128, i64)| {
                    if n == 0 { None } else { i64::try_from(t / i128::from(n)).ok() }
                };
                let means = t.into_iter().zip(n).map(mean);
                Ok(Arc::new(means.collect::<PrimitiveArray<Int64Type>>()))
            })
        }
        Some(Type::Decimal) => Totals::<Decimal256Type, i256>::boxed(
            |v| v,
            counts,
            |t, n| {
                decimals_in_range(&t)?;
                let mean = |(t, n): (i256, i64)| {
                    Decimal(t).checked_div(Decimal::from_i64(n)).map(|mean| mean.0)
                };
                let means =
                    t.into_iter().zip(n).map(mean).collect::<PrimitiveArray<Decimal256Type>>();
                Ok(Arc::new(means.with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE)?))
            },
        ),
        other => return Err(Error::Internal(format!("no average of {other:?}"))),
    })
}

fn plain<T: Total>(totals: Vec<T>) -> Result<ArrayRef> {
    Ok(Arc::new(T::array(totals)))
}

fn decimals(totals: Vec<i256>) -> Result<ArrayRef> {
    decimals_in_range(&totals)?;
    plain(totals)
}

/// The means of doubles; of none it is 0.0 / 0, which is NaN.
fn means(totals: impl Iterator<Item = f64>, counts: Vec<i64>) -> Result<ArrayRef> {
    let means = totals.zip(counts).map(|(total, count)| total / count as f64);
    Ok(Arc::new(PrimitiveArray::<Float64Type>::from_iter_values(means)))
}

fn decimals_in_range(totals: &[i256]) -> Result<()> {
    if totals.iter().all(|total| Decimal(*total).checked_add(Decimal::ZERO).is_some()) {
        return Ok(());
    }
    Err(external(Error::Execution("the sum of decimals is beyond the range of `decimal`".into())))
}

/// What values are added up in.
trait Total: ArrowNativeType {
    type Arrow: ArrowPrimitiveType<Native = Self>;

    fn plus(self, other: Self) -> Self;

    fn array(totals: Vec<Self>) -> PrimitiveArray<Self::Arrow> {
        PrimitiveArray::new(totals.into(), None).with_data_type(Self::data_type())
    }

    fn data_type() -> DataType {
        Self::Arrow::DATA_TYPE
    }
}

impl Total for i64 {
    type Arrow = Int64Type;

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

impl Total for f64 {
    type Arrow = Float64Type;

    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Total for i128 {
    type Arrow = Decimal128Type;

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn data_type() -> DataType {
        DataType::Decimal128(38, 0)
    }
}

/// Beyond the range it stays at the maximum, which no decimal is.
impl Total for i256 {
    type Arrow = Decimal256Type;

    fn plus(self, other: Self) -> Self {
        if self == i256::MAX || other == i256::MAX {
            return i256::MAX;
        }
        self.checked_add(other).unwrap_or(i256::MAX)
    }

    fn data_type() -> DataType {
        DataType::Decimal256(DECIMAL_PRECISION, DECIMAL_SCALE)
    }
}

/// From totals and counts (empty where they are not kept) to results.
type Finish<T> = fn(Vec<T>, Vec<i64>) -> Result<ArrayRef>;

/// A total per group, and where wanted the count of its values.
struct Totals<I: ArrowPrimitiveType, T: Total> {
    totals: Vec<T>,
    counts: Option<Vec<i64>>,
    widen: fn(I::Native) -> T,
    finish: Finish<T>,
}

impl<I: ArrowPrimitiveType, T: Total> Totals<I, T> {
    fn boxed(
        widen: fn(I::Native) -> T,
        counts: Option<Vec<i64>>,
        finish: Finish<T>,
    ) -> Box<dyn Groups> {
        Box::new(Self { totals: vec![], counts, widen, finish })
    }

    fn grow(&mut self, total: usize) {
        self.totals.resize(total, T::default());
        if let Some(counts) = &mut self.counts {
            counts.resize(total, 0);
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> (Vec<T>, Option<Vec<i64>>) {
        let counts = self.counts.as_mut().map(|counts| emit_to.take_needed(counts));
        (emit_to.take_needed(&mut self.totals), counts)
    }
}

impl<I: ArrowPrimitiveType, T: Total> GroupsAccumulator for Totals<I, T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.grow(total);
        let array = primitive::<I>(values, 0)?;
        let (input, widen, totals) = (array.values(), self.widen, &mut self.totals);
        match &mut self.counts {
            None => for_each(groups, filter, array.nulls(), |group, row| {
                totals[group] = totals[group].plus(widen(input[row]));
            }),
            Some(counts) => for_each(groups, filter, array.nulls(), |group, row| {
                totals[group] = totals[group].plus(widen(input[row]));
                counts[group] += 1;
            }),
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.grow(total);
        let (input, totals) = (primitive::<T::Arrow>(values, 0)?, &mut self.totals);
        for_each(groups, None, input.nulls(), |group, row| {
            totals[group] = totals[group].plus(input.value(row));
        });
        if let Some(counts) = &mut self.counts {
            let input = primitive::<Int64Type>(values, 1)?;
            for_each(groups, None, input.nulls(), |group, row| counts[group] += input.value(row));
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (totals, counts) = self.take(emit_to);
        (self.finish)(totals, counts.unwrap_or_default())
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (totals, counts) = self.take(emit_to);
        let mut state: Vec<ArrayRef> = vec![Arc::new(T::array(totals))];
        if let Some(counts) = counts {
            state.push(Arc::new(i64::array(counts)));
        }
        Ok(state)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let counts = self.counts.as_ref().map(|_| vec![]);
        let empty = Self { totals: vec![], counts, widen: self.widen, finish: self.finish };
        rowwise(empty, values, filter)
    }

    fn size(&self) -> usize {
        let counts = self.counts.as_ref().map_or(0, Vec::capacity);
        self.totals.capacity() * size_of::<T>() + counts * size_of::<i64>()
    }
}

impl<I: ArrowPrimitiveType, T: Total> Groups for Totals<I, T> {
    fn state_types(&self) -> Vec<DataType> {
        let mut types = vec![T::data_type()];
        if self.counts.is_some() {
            types.push(DataType::Int64);
        }
        types
    }
}
