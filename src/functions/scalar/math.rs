//! Mathematics. A bool counts as 0 or 1 wherever a number is asked for.

use arrow::array::{ArrayRef, Float64Array, Float64Builder};
use std::f64::consts::PI;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::special;
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::types::Decimal;

scalar_functions! {
    family: Math;

    /// The absolute value of a number or timespan; of an int a long.
    ///
    /// ```kql
    /// print abs(-5)                        //=> 5
    /// print abs(-1.5)                      //=> 1.5
    /// print abs(decimal(-1.5))             //=> 1.5
    /// print abs(-1h)                       //=> 01:00:00
    /// ```
    ABS = "abs", name First {
        (number: WholeOrBool) -> Long => abs_long;
        (number: Real) -> Real => abs_real;
        (number: Decimal) -> Decimal => abs_decimal;
        (number: TimeSpan) -> TimeSpan => abs_timespan;
    }

    /// The sign of a number as a real: -1, 0 or 1; 0 for null and NaN.
    ///
    /// ```kql
    /// print sign(-42)                      //=> -1.0
    /// print sign(real(null))               //=> 0.0
    /// ```
    SIGN = "sign" {
        (number: NumberOrBool) -> Real => sign;
    }

    /// The square root; NaN for negative numbers.
    ///
    /// ```kql
    /// print sqrt(256)                      //=> 16.0
    /// ```
    SQRT = "sqrt", name First {
        (number: NumberOrBool) -> Real => sqrt;
    }

    /// e to the power of a number.
    ///
    /// ```kql
    /// print exp(0)                         //=> 1.0
    /// ```
    EXP = "exp", name First {
        (number: NumberOrBool) -> Real => exp;
    }

    /// 2 to the power of a number.
    ///
    /// ```kql
    /// print exp2(10)                       //=> 1024.0
    /// ```
    EXP2 = "exp2", name First {
        (number: NumberOrBool) -> Real => exp2;
    }

    /// 10 to the power of a number.
    ///
    /// ```kql
    /// print exp10(3)                       //=> 1000.0
    /// ```
    EXP10 = "exp10" {
        (number: NumberOrBool) -> Real => exp10;
    }

    /// The natural logarithm; null for negative numbers.
    ///
    /// ```kql
    /// print log(1)                         //=> 0.0
    /// print log(-1.0)                      //=> null
    /// ```
    LOG = "log", name First {
        (number: NumberOrBool) -> Real => log;
    }

    /// The logarithm to base 2; null for negative numbers.
    ///
    /// ```kql
    /// print log2(1024)                     //=> 10.0
    /// ```
    LOG2 = "log2", name First {
        (number: NumberOrBool) -> Real => log2;
    }

    /// The logarithm to base 10; null for negative numbers.
    ///
    /// ```kql
    /// print log10(1000)                    //=> 3.0
    /// ```
    LOG10 = "log10", name First {
        (number: NumberOrBool) -> Real => log10;
    }

    /// A number to the power of another, as a real.
    ///
    /// ```kql
    /// print pow(2, 10)                     //=> 1024.0
    /// ```
    POW = "pow" {
        (base: NumberOrBool, exponent: NumberOrBool) -> Real => pow;
    }

    /// The sine of an angle in radians.
    ///
    /// ```kql
    /// print sin(0)                         //=> 0.0
    /// ```
    SIN = "sin", name First {
        (angle: NumberOrBool) -> Real => sin;
    }

    /// The cosine of an angle in radians.
    ///
    /// ```kql
    /// print cos(0)                         //=> 1.0
    /// ```
    COS = "cos", name First {
        (angle: NumberOrBool) -> Real => cos;
    }

    /// The tangent of an angle in radians.
    ///
    /// ```kql
    /// print tan(0)                         //=> 0.0
    /// ```
    TAN = "tan", name First {
        (angle: NumberOrBool) -> Real => tan;
    }

    /// The cotangent of an angle in radians.
    ///
    /// ```kql
    /// print isinf(cot(0))                  //=> true
    /// ```
    COT = "cot" {
        (angle: NumberOrBool) -> Real => cot;
    }

    /// The angle in radians whose sine is the number; null outside -1 to 1.
    ///
    /// ```kql
    /// print asin(0)                        //=> 0.0
    /// print asin(2)                        //=> null
    /// ```
    ASIN = "asin", name First {
        (number: NumberOrBool) -> Real => asin;
    }

    /// The angle in radians whose cosine is the number; null outside -1 to 1.
    ///
    /// ```kql
    /// print acos(1)                        //=> 0.0
    /// ```
    ACOS = "acos", name First {
        (number: NumberOrBool) -> Real => acos;
    }

    /// The angle in radians whose tangent is the number.
    ///
    /// ```kql
    /// print atan(0)                        //=> 0.0
    /// ```
    ATAN = "atan", name First {
        (number: NumberOrBool) -> Real => atan;
    }

    /// The angle in radians between the x axis and the point; y comes first.
    ///
    /// ```kql
    /// print atan2(0, 1)                    //=> 0.0
    /// ```
    ATAN2 = "atan2", name First {
        (y: NumberOrBool, x: NumberOrBool) -> Real => atan2;
    }

    /// An angle in radians as degrees; of a decimal a decimal.
    ///
    /// ```kql
    /// print degrees(pi())                  //=> 180.0
    /// print degrees(decimal(0))            //=> 0
    /// ```
    DEGREES = "degrees" {
        (radians: Decimal) -> Decimal => degrees_decimal;
        (radians: NumberOrBool) -> Real => degrees;
    }

    /// An angle in degrees as radians; of a decimal a decimal.
    ///
    /// ```kql
    /// print radians(180) == pi()           //=> true
    /// print radians(decimal(0))            //=> 0
    /// ```
    RADIANS = "radians" {
        (degrees: Decimal) -> Decimal => radians_decimal;
        (degrees: NumberOrBool) -> Real => radians;
    }

    /// The ratio of a circle's circumference to its diameter.
    ///
    /// ```kql
    /// print round(pi(), 5)                 //=> 3.14159
    /// ```
    PI_ = "pi" {
        () -> Real => pi;
    }

    /// A random number: at least 0 and below 1, or a whole one from 0 up to below N.
    ///
    /// ```kql
    /// print rand() < 1                     //=> true
    /// print rand(1)                        //=> 0.0
    /// ```
    RAND = "rand", name First, volatility Volatile {
        ([n: Long]) -> Real => rand;
    }

    /// The gamma function.
    ///
    /// ```kql
    /// print gamma(5)                       //=> 24.0
    /// ```
    GAMMA = "gamma", name First {
        (number: NumberOrBool) -> Real => gamma;
    }

    /// The natural logarithm of the gamma function.
    ///
    /// ```kql
    /// print loggamma(1)                    //=> 0.0
    /// ```
    LOGGAMMA = "loggamma", name First {
        (number: NumberOrBool) -> Real => loggamma;
    }

    /// The error function.
    ///
    /// ```kql
    /// print erf(0)                         //=> 0.0
    /// ```
    ERF = "erf", name First {
        (number: NumberOrBool) -> Real => erf;
    }

    /// One less the error function.
    ///
    /// ```kql
    /// print erfc(0)                        //=> 1.0
    /// ```
    ERFC = "erfc", name First {
        (number: NumberOrBool) -> Real => erfc;
    }

    /// The probability that a beta distribution gives to values up to x.
    ///
    /// ```kql
    /// print round(beta_cdf(0.9, 10.0, 20.0), 9)    //=> 1.0
    /// ```
    BETA_CDF = "beta_cdf" {
        (x: NumberOrBool, alpha: NumberOrBool, beta: NumberOrBool) -> Real => beta_cdf;
    }

    /// The value up to which a beta distribution has a probability.
    ///
    /// ```kql
    /// print round(beta_inv(0.1, 10.0, 20.0), 9)    //=> 0.226415022
    /// ```
    BETA_INV = "beta_inv" {
        (probability: NumberOrBool, alpha: NumberOrBool, beta: NumberOrBool) -> Real => beta_inv;
    }

    /// The density of a beta distribution.
    ///
    /// ```kql
    /// print round(beta_pdf(0.5, 2.0, 2.0), 3)      //=> 1.5
    /// ```
    BETA_PDF = "beta_pdf" {
        (x: NumberOrBool, alpha: NumberOrBool, beta: NumberOrBool) -> Real => beta_pdf;
    }

    /// The two-sided probability of Welch's test that two samples have the same mean.
    ///
    /// ```kql
    /// print welch_test(1, 1, 10, 1, 1, 10)         //=> 1.0
    /// ```
    WELCH_TEST = "welch_test" {
        (mean1: NumberOrBool, variance1: NumberOrBool, count1: NumberOrBool,
         mean2: NumberOrBool, variance2: NumberOrBool, count2: NumberOrBool) -> Real => welch_test;
    }
}

macro_rules! of_one {
    ($($kernel:ident $rule:expr;)+) => {
        $(
            fn $kernel(args: &Args) -> Result<ArrayRef> {
                args.map1(|x: f64| $rule(x))
            }
        )+
    };
}

of_one! {
    abs_real f64::abs;
    sqrt f64::sqrt;
    exp f64::exp;
    exp2 f64::exp2;
    exp10 |x| 10f64.powf(x);
    log |x: f64| (x.is_nan() || x >= 0.0).then(|| x.ln());
    log2 |x: f64| (x.is_nan() || x >= 0.0).then(|| x.log2());
    log10 |x: f64| (x.is_nan() || x >= 0.0).then(|| x.log10());
    sin f64::sin;
    cos f64::cos;
    tan f64::tan;
    cot |x: f64| 1.0 / x.tan();
    asin |x: f64| (x.is_nan() || x.abs() <= 1.0).then(|| x.asin());
    acos |x: f64| (x.is_nan() || x.abs() <= 1.0).then(|| x.acos());
    atan f64::atan;
    degrees f64::to_degrees;
    radians |x: f64| x * PI / 180.0;
    gamma special::gamma;
    loggamma special::log_gamma;
    erf special::erf;
    erfc special::erfc;
}

fn abs_long(args: &Args) -> Result<ArrayRef> {
    args.map1(i64::wrapping_abs)
}

fn abs_decimal(args: &Args) -> Result<ArrayRef> {
    args.map1(Decimal::abs)
}

fn abs_timespan(args: &Args) -> Result<ArrayRef> {
    args.map1(i64::checked_abs)
}

fn sign(args: &Args) -> Result<ArrayRef> {
    args.map1(|x: Option<f64>| match x {
        Some(x) if x > 0.0 => 1.0,
        Some(x) if x < 0.0 => -1.0,
        _ => 0.0,
    })
}

fn pow(args: &Args) -> Result<ArrayRef> {
    args.map2(f64::powf)
}

fn atan2(args: &Args) -> Result<ArrayRef> {
    args.map2(f64::atan2)
}

fn degrees_decimal(args: &Args) -> Result<ArrayRef> {
    args.map1(|x: Decimal| {
        x.checked_mul(Decimal::from_i64(180))?.checked_div(Decimal::from_f64(PI)?)
    })
}

fn radians_decimal(args: &Args) -> Result<ArrayRef> {
    args.map1(|x: Decimal| {
        x.checked_mul(Decimal::from_f64(PI)?)?.checked_div(Decimal::from_i64(180))
    })
}

fn pi(args: &Args) -> Result<ArrayRef> {
    Ok(Arc::new(Float64Array::from(vec![PI; args.rows()])))
}

/// A stream of random bits (splitmix64) from a seed of the system.
struct Random(u64);

impl Random {
    fn new() -> Self {
        Random(RandomState::new().hash_one(0))
    }

    /// At least 0 and below 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn rand(args: &Args) -> Result<ArrayRef> {
    let mut random = Random::new();
    if args.is_empty() {
        let values: Vec<f64> = (0..args.rows()).map(|_| random.next()).collect();
        return Ok(Arc::new(Float64Array::from(values)));
    }
    let bounds = args.reader::<i64>(0)?;
    let mut builder = Float64Builder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let bound = bounds.get(row).filter(|bound| *bound > 0);
        builder.append_option(bound.map(|bound| (random.next() * bound as f64).floor()));
    }
    Ok(Arc::new(builder.finish()))
}

fn beta_cdf(args: &Args) -> Result<ArrayRef> {
    args.map3(special::beta_cdf)
}

fn beta_inv(args: &Args) -> Result<ArrayRef> {
    args.map3(special::beta_inv)
}

fn beta_pdf(args: &Args) -> Result<ArrayRef> {
    args.map3(special::beta_pdf)
}

fn welch_test(args: &Args) -> Result<ArrayRef> {
    let readers = (0..6).map(|index| args.reader::<f64>(index)).collect::<Result<Vec<_>>>()?;
    let mut builder = Float64Builder::with_capacity(args.rows());
    for row in 0..args.rows() {
        let at = |index: usize| readers[index].get(row);
        let test = || {
            let (means, variances) = ([at(0)?, at(3)?], [at(1)?, at(4)?]);
            Some(special::welch_test(means, variances, [at(2)?, at(5)?]))
        };
        builder.append_option(test());
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Array;

    #[test]
    fn random_numbers_differ_and_stay_in_range() {
        let mut random = Random::new();
        let values: Vec<f64> = (0..1000).map(|_| random.next()).collect();
        assert!(values.iter().all(|v| (0.0..1.0).contains(v)));
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn domains() {
        let column: ArrayRef = Arc::new(Float64Array::from(vec![Some(-1.0), Some(0.0), None]));
        let arrays = [column];
        let types = [crate::types::Type::Real];
        let args = Args::new(&arrays, &[false], &types, 3);
        let logs = log(&args).unwrap();
        assert!(logs.is_null(0) && logs.is_valid(1) && logs.is_null(2));
        let signs = sign(&args).unwrap();
        let expected: ArrayRef = Arc::new(Float64Array::from(vec![-1.0, 0.0, 0.0]));
        assert_eq!(&signs, &expected);
    }
}
