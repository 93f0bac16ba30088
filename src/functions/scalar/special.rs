//! Special functions of a real: gamma, error function, incomplete beta.

use std::f64::consts::PI;

/// Coefficients of Lanczos' approximation for g = 7.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// The sum and the base of Lanczos' approximation at `x + 1`.
fn lanczos(x: f64) -> (f64, f64) {
    let sum = LANCZOS.iter().enumerate().skip(1).map(|(i, c)| c / (x + i as f64)).sum::<f64>();
    (LANCZOS[0] + sum, x + 7.5)
}

/// The gamma function; NaN at its poles.
pub fn gamma(x: f64) -> f64 {
    if x.fract() == 0.0 {
        if x <= 0.0 {
            return f64::NAN;
        }
        if x <= 171.0 {
            return (2..x as u32).map(f64::from).product();
        }
    }
    if x < 0.5 {
        return PI / ((PI * x).sin() * gamma(1.0 - x));
    }
    if x > 172.0 {
        return if x.is_nan() { x } else { f64::INFINITY };
    }
    let (sum, base) = lanczos(x - 1.0);
    // Halving the power keeps it finite up to the largest result.
    let power = base.powf((x - 0.5) / 2.0);
    (2.0 * PI).sqrt() * power * (-base).exp() * power * sum
}

/// The logarithm of the gamma function's magnitude.
pub fn log_gamma(x: f64) -> f64 {
    if x.fract() == 0.0 {
        if x <= 0.0 {
            return f64::INFINITY;
        }
        if x <= 171.0 {
            return gamma(x).ln();
        }
    }
    if x < 0.5 {
        return (PI / (PI * x).sin().abs()).ln() - log_gamma(1.0 - x);
    }
    if x.is_infinite() {
        return x;
    }
    let (sum, base) = lanczos(x - 1.0);
    0.5 * (2.0 * PI).ln() + (x - 0.5) * base.ln() - base + sum.ln()
}

/// The error function.
pub fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let size = x.abs();
    let value = if size < 2.5 { erf_series(size) } else { 1.0 - erfc_fraction(size) };
    value.copysign(x)
}

/// The complementary error function, exact in its tail.
pub fn erfc(x: f64) -> f64 {
    if x >= 2.5 { erfc_fraction(x) } else { 1.0 - erf(x) }
}

/// The series without cancellation, for small arguments.
fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > sum.abs() * 1e-17 {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// The continued fraction of the tail, evaluated from its end.
fn erfc_fraction(x: f64) -> f64 {
    if x > 27.5 {
        return 0.0;
    }
    let tail = (1..=120).rev().fold(x, |below, k| x + f64::from(k) / 2.0 / below);
    (-x * x).exp() / PI.sqrt() / tail
}

/// The regularised incomplete beta function: the distribution function of a beta distribution.
///
/// NaN outside 0 to 1 and for parameters that are not positive or above 10,000.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if !is_parameter(a) || !is_parameter(b) || !(0.0..=1.0).contains(&x) {
        return f64::NAN;
    }
    incomplete_beta(x, a, b)
}

fn is_parameter(value: f64) -> bool {
    value > 0.0 && value <= 10_000.0
}

fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return x;
    }
    let front = (a * x.ln() + b * (-x).ln_1p() - log_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

fn log_beta(a: f64, b: f64) -> f64 {
    log_gamma(a) + log_gamma(b) - log_gamma(a + b)
}

/// The continued fraction of the incomplete beta function by Lentz' method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..=500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            step = c * d;
            value *= step;
        }
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The density of a beta distribution; NaN unless x lies between 0 and 1.
pub fn beta_pdf(x: f64, a: f64, b: f64) -> f64 {
    if a <= 0.0 || b <= 0.0 || x <= 0.0 || x >= 1.0 {
        return f64::NAN;
    }
    ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - log_beta(a, b)).exp()
}

/// The value below which a beta distribution has the given probability; none for what is no
/// probability, NaN for parameters out of range.
pub fn beta_inv(probability: f64, a: f64, b: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    if !is_parameter(a) || !is_parameter(b) {
        return Some(f64::NAN);
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if middle == low || middle == high {
            break;
        }
        if incomplete_beta(middle, a, b) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((low + high) / 2.0)
}

/// The two-sided probability of Welch's test for equal means of two samples.
pub fn welch_test(means: [f64; 2], variances: [f64; 2], counts: [f64; 2]) -> f64 {
    let error = [variances[0] / counts[0], variances[1] / counts[1]];
    let total = error[0] + error[1];
    let t = (means[0] - means[1]) / total.sqrt();
    let freedom = total * total
        / (error[0] * error[0] / (counts[0] - 1.0) + error[1] * error[1] / (counts[1] - 1.0));
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= expected.abs() * 1e-13, "{value} is not {expected}");
    }

    #[test]
    fn known_values() {
        assert_eq!(gamma(5.0), 24.0);
        assert_eq!(gamma(1.0), 1.0);
        close(gamma(0.5), PI.sqrt());
        close(gamma(-1.5), 2.363_271_801_207_355);
        assert!(gamma(-1.0).is_nan() && gamma(171.5).is_finite() && gamma(180.0).is_infinite());
        close(log_gamma(100.5), 361.435_540_467_777_6);
        close(log_gamma(0.25), 1.288_022_524_698_077_5);
        // The example of Wikipedia's page on the test.
        let probability = welch_test([20.82, 22.986_666_7], [7.862_428_6, 3.862_666_7], [15.0; 2]);
        assert!((probability - 0.021).abs() < 0.001, "{probability}");
        close(erf(0.5), 0.520_499_877_813_046_5);
        close(erf(-1.0), -0.842_700_792_949_714_9);
        close(erf(3.0), 0.999_977_909_503_001_4);
        close(erfc(5.0), 1.537_459_794_428_035e-12);
        close(beta_cdf(0.9, 10.0, 20.0), 0.999_999_999_999_959);
        close(beta_cdf(0.2, 2.0, 3.0), 0.180_8);
        close(beta_inv(0.1, 10.0, 20.0).unwrap(), 0.226_415_022_388_749);
        close(beta_pdf(0.5, 2.0, 2.0), 1.5);
        close(beta_pdf(0.5, 10.0, 20.0), 0.746_176_019_310_951);
        assert!(beta_cdf(1.5, 1.0, 1.0).is_nan() && beta_pdf(0.1, -1.0, 20.0).is_nan());
        assert_eq!(beta_inv(1.5, 10.0, 20.0), None);
        assert!(beta_inv(0.1, -1.0, 20.0).is_some_and(f64::is_nan));
    }
}
