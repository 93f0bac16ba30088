//! Variance, standard deviation and covariance.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::rows::{argument, for_each, primitive, rowwise};
use crate::functions::aggregate_def::{AggregateArgs, Groups};
use crate::functions::declare::aggregate_functions;
use crate::types::Decimal;

aggregate_functions! {
    /// The sample variance of the values of a group, with n - 1 in the denominator.
    ///
    /// Nulls do not count. Fewer than two values give 0. The result is rounded to ten decimals, as
    /// Kusto does.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize variance(x)    //=> 1.6666666667
    /// datatable(x: real)[7.5] | summarize variance(x)    //=> 0.0
    /// ```
    VARIANCE = "variance", name "variance_" {
        (value: Number) -> Real => groups variance;
    }

    /// The sample variance over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 100] | summarize varianceif(x, x < 100)    //=> 1.0
    /// ```
    VARIANCEIF = "varianceif", name "varianceif_" {
        (value: Number, predicate: Bool) -> Real => filtered "variance" 1;
    }

    /// The population variance of the values of a group, with n in the denominator.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 4] | summarize variancep(x)    //=> 1.25
    /// ```
    VARIANCEP = "variancep", name "variancep_" {
        (value: Number) -> Real => groups variancep;
    }

    /// The population variance over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 3, 100] | summarize variancepif(x, x < 100)    //=> 1.0
    /// ```
    VARIANCEPIF = "variancepif", name "variancepif_" {
        (value: Number, predicate: Bool) -> Real => filtered "variancep" 1;
    }

    /// The sample standard deviation: the root of `variance`.
    ///
    /// ```kql
    /// datatable(x: real)[1.5, 2.5, 3.5] | summarize stdev(x)    //=> 1.0
    /// ```
    STDEV = "stdev", name "stdev_" {
        (value: Number) -> Real => groups stdev;
    }

    /// The sample standard deviation over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, 3, 100] | summarize stdevif(x, x < 100)    //=> 1.0
    /// ```
    STDEVIF = "stdevif", name "stdevif_" {
        (value: Number, predicate: Bool) -> Real => filtered "stdev" 1;
    }

    /// The population standard deviation: the root of `variancep`.
    ///
    /// ```kql
    /// datatable(x: long)[2, 4] | summarize stdevp(x)    //=> 1.0
    /// ```
    STDEVP = "stdevp", name "stdevp_" {
        (value: Number) -> Real => groups stdevp;
    }

    /// The sample covariance of pairs of values, with n - 1 in the denominator.
    ///
    /// Pairs with a null do not count. Fewer than two pairs give 0.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 2, 4, 3, 6] | summarize covariance(x, y)    //=> 2.0
    /// ```
    COVARIANCE = "covariance", name "covariance_" {
        (x: Number, y: Number) -> Real => groups covariance;
    }

    /// The sample covariance over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 2, 4, 3, 6, 9, 0] | summarize covarianceif(x, y, x < 9)    //=> 2.0
    /// ```
    COVARIANCEIF = "covarianceif", name "covarianceif_" {
        (x: Number, y: Number, predicate: Bool) -> Real => filtered "covariance" 2;
    }

    /// The population covariance of pairs of values, with n in the denominator.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 3, 6] | summarize covariancep(x, y)    //=> 2.0
    /// ```
    COVARIANCEP = "covariancep", name "covariancep_" {
        (x: Number, y: Number) -> Real => groups covariancep;
    }

    /// The population covariance over the rows for which `predicate` is true.
    ///
    /// ```kql
    /// datatable(x: long, y: long)[1, 2, 3, 6, 9, 0] | summarize covariancepif(x, y, x < 9)    //=> 2.0
    /// ```
    COVARIANCEPIF = "covariancepif", name "covariancepif_" {
        (x: Number, y: Number, predicate: Bool) -> Real => filtered "covariancep" 2;
    }
}

fn variance(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, |sum, n| to_ten_decimals(over(sum, n - 1))))
}

fn variancep(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, over))
}

fn stdev(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, |sum, n| to_ten_decimals(over(sum, n - 1)).sqrt()))
}

fn stdevp(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, |sum, n| over(sum, n).sqrt()))
}

fn covariance(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, |sum, n| over(sum, n - 1)))
}

fn covariancep(args: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(args, over))
}

fn over(sum: f64, n: i64) -> f64 {
    if n <= 0 { 0.0 } else { sum / n as f64 }
}

fn to_ten_decimals(value: f64) -> f64 {
    let scaled = value * 1e10;
    // From here on a double has no eleventh decimal to lose.
    if scaled.abs() < 9e15 { scaled.round() / 1e10 } else { value }
}

/// The count, means and sum of products of deviations of one group, updated without cancellation
/// (Welford). Of a single argument `y` is `x`.
#[derive(Clone, Copy, Default)]
struct Moment {
    count: i64,
    mean_x: f64,
    mean_y: f64,
    products: f64,
}

impl Moment {
    #[inline]
    fn add(&mut self, x: f64) {
        self.count += 1;
        let deviation = x - self.mean_x;
        self.mean_x += deviation / self.count as f64;
        self.products += deviation * (x - self.mean_x);
    }

    #[inline]
    fn add_pair(&mut self, x: f64, y: f64) {
        self.count += 1;
        let n = self.count as f64;
        let from_x = x - self.mean_x;
        self.mean_x += from_x / n;
        self.mean_y += (y - self.mean_y) / n;
        self.products += from_x * (y - self.mean_y);
    }

    fn merge(&mut self, other: Moment, single: bool) {
        if self.count == 0 {
            *self = other;
            return;
        }
        if other.count == 0 {
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let from_x = other.mean_x - self.mean_x;
        let from_y = if single { from_x } else { other.mean_y - self.mean_y };
        self.products += other.products + from_x * from_y * a * b / (a + b);
        self.mean_x += from_x * b / (a + b);
        self.mean_y += from_y * b / (a + b);
        self.count += other.count;
    }
}

struct Moments {
    groups: Vec<Moment>,
    /// Whether there is one argument.
    single: bool,
    /// From the sum of products and the count to the result.
    finish: fn(f64, i64) -> f64,
}

impl Moments {
    fn boxed(args: &AggregateArgs, finish: fn(f64, i64) -> f64) -> Box<dyn Groups> {
        Box::new(Self { groups: vec![], single: args.types.len() == 1, finish })
    }
}

/// A numeric column as doubles.
pub fn doubles(array: &ArrayRef) -> Result<Float64Array> {
    if let Some(decimals) = array.as_any().downcast_ref::<PrimitiveArray<Decimal256Type>>() {
        return Ok(decimals.unary(|value| Decimal(value).to_f64()));
    }
    let cast = cast(array, &DataType::Float64)?;
    Ok(primitive::<Float64Type>(&[cast], 0)?.clone())
}

impl GroupsAccumulator for Moments {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.groups.resize(total, Moment::default());
        let moments = &mut self.groups;
        let x = doubles(argument(values, 0)?)?;
        if self.single {
            let numbers = x.values();
            for_each(groups, filter, x.nulls(), |group, row| moments[group].add(numbers[row]));
            return Ok(());
        }
        let y = doubles(argument(values, 1)?)?;
        let nulls = NullBuffer::union(x.nulls(), y.nulls());
        for_each(groups, filter, nulls.as_ref(), |group, row| {
            moments[group].add_pair(x.value(row), y.value(row));
        });
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.groups.resize(total, Moment::default());
        let counts = primitive::<Int64Type>(values, 0)?;
        let x = primitive::<Float64Type>(values, 1)?;
        let y = primitive::<Float64Type>(values, 2)?;
        let products = primitive::<Float64Type>(values, 3)?;
        for_each(groups, None, counts.nulls(), |group, row| {
            let other = Moment {
                count: counts.value(row),
                mean_x: x.value(row),
                mean_y: y.value(row),
                products: products.value(row),
            };
            self.groups[group].merge(other, self.single);
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups).into_iter();
        let results = groups.map(|moment| (self.finish)(moment.products, moment.count));
        Ok(Arc::new(Float64Array::from_iter_values(results)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit_to.take_needed(&mut self.groups);
        let reals = |part: fn(&Moment) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(groups.iter().map(part)))
        };
        let counts = Int64Array::from_iter_values(groups.iter().map(|moment| moment.count));
        Ok(vec![
            Arc::new(counts),
            reals(|moment| moment.mean_x),
            reals(|moment| moment.mean_y),
            reals(|moment| moment.products),
        ])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let empty = Self { groups: vec![], single: self.single, finish: self.finish };
        rowwise(empty, values, filter)
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<Moment>()
    }
}

impl Groups for Moments {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64, DataType::Float64, DataType::Float64, DataType::Float64]
    }
}
