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

fn variance(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(|sum, n| to_ten_decimals(over(sum, n - 1))))
}

fn variancep(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(over))
}

fn stdev(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(|sum, n| to_ten_decimals(over(sum, n - 1)).sqrt()))
}

fn stdevp(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(|sum, n| over(sum, n).sqrt()))
}

fn covariance(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(|sum, n| over(sum, n - 1)))
}

fn covariancep(_: &AggregateArgs) -> crate::error::Result<Box<dyn Groups>> {
    Ok(Moments::boxed(over))
}

fn over(sum: f64, n: i64) -> f64 {
    if n <= 0 { 0.0 } else { sum / n as f64 }
}

fn to_ten_decimals(value: f64) -> f64 {
    let scaled = value * 1e10;
    // From here on a double has no eleventh decimal to lose.
    if scaled.abs() < 9e15 { scaled.round() / 1e10 } else { value }
}

/// Counts, means and sums of products of deviations, updated without cancellation (Welford).
struct Moments {
    counts: Vec<i64>,
    means_x: Vec<f64>,
    means_y: Vec<f64>,
    products: Vec<f64>,
    /// From the sum of products and the count to the result.
    finish: fn(f64, i64) -> f64,
}

impl Moments {
    fn new(finish: fn(f64, i64) -> f64) -> Self {
        Self { counts: vec![], means_x: vec![], means_y: vec![], products: vec![], finish }
    }

    fn boxed(finish: fn(f64, i64) -> f64) -> Box<dyn Groups> {
        Box::new(Self::new(finish))
    }

    fn grow(&mut self, total: usize) {
        self.counts.resize(total, 0);
        self.means_x.resize(total, 0.0);
        self.means_y.resize(total, 0.0);
        self.products.resize(total, 0.0);
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
        self.grow(total);
        let x = doubles(argument(values, 0)?)?;
        let y = if values.len() > 1 { doubles(argument(values, 1)?)? } else { x.clone() };
        let nulls = NullBuffer::union(x.nulls(), y.nulls());
        for_each(groups, filter, nulls.as_ref(), |group, row| {
            self.counts[group] += 1;
            let n = self.counts[group] as f64;
            let from_x = x.value(row) - self.means_x[group];
            self.means_x[group] += from_x / n;
            let from_y = y.value(row) - self.means_y[group];
            self.means_y[group] += from_y / n;
            self.products[group] += from_x * (y.value(row) - self.means_y[group]);
        });
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.grow(total);
        let counts = primitive::<Int64Type>(values, 0)?;
        let x = primitive::<Float64Type>(values, 1)?;
        let y = primitive::<Float64Type>(values, 2)?;
        let products = primitive::<Float64Type>(values, 3)?;
        for_each(groups, None, counts.nulls(), |group, row| {
            let (a, b) = (self.counts[group], counts.value(row));
            if b == 0 {
                return;
            }
            let (weight_a, weight_b) = (a as f64, b as f64);
            let n = weight_a + weight_b;
            let from_x = x.value(row) - self.means_x[group];
            let from_y = y.value(row) - self.means_y[group];
            self.products[group] += products.value(row) + from_x * from_y * weight_a * weight_b / n;
            self.means_x[group] += from_x * weight_b / n;
            self.means_y[group] += from_y * weight_b / n;
            self.counts[group] = a + b;
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let counts = emit_to.take_needed(&mut self.counts);
        let products = emit_to.take_needed(&mut self.products);
        emit_to.take_needed(&mut self.means_x);
        emit_to.take_needed(&mut self.means_y);
        let results = products.into_iter().zip(counts).map(|(sum, n)| (self.finish)(sum, n));
        Ok(Arc::new(Float64Array::from_iter_values(results)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            Arc::new(Int64Array::from(emit_to.take_needed(&mut self.counts))),
            Arc::new(Float64Array::from(emit_to.take_needed(&mut self.means_x))),
            Arc::new(Float64Array::from(emit_to.take_needed(&mut self.means_y))),
            Arc::new(Float64Array::from(emit_to.take_needed(&mut self.products))),
        ])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        rowwise(Self::new(self.finish), values, filter)
    }

    fn size(&self) -> usize {
        self.counts.capacity() * 4 * size_of::<f64>()
    }
}

impl Groups for Moments {
    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64, DataType::Float64, DataType::Float64, DataType::Float64]
    }
}
