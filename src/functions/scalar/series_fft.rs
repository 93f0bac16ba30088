//! The Fourier transform of series.

use std::f64::consts::PI;

use arrow::array::ArrayRef;

use super::series_values::{Number, reals, write_numbers};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Series;

    /// The discrete Fourier transform of a series of real or complex numbers: the columns are the
    /// real and the imaginary parts.
    ///
    /// Null where an element is no number or the two parts differ in length.
    ///
    /// ```kql
    /// print x = dynamic([1, 1, 1, 1]) | project series_fft(x) | project series_fft_x_real       //=> [4.0,0.0,0.0,0.0]
    /// ```
    SERIES_FFT = "series_fft" {
        (series: Dynamic, [series_imaginary: Dynamic]) -> Dynamic => binder;
    }

    /// The values of `series_fft` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 0, 0, 0]) | project series_fft(x) | project series_fft_x_real       //=> [1.0,1.0,1.0,1.0]
    /// ```
    SERIES_FFT_PACKED = "series_fft packed" {
        (series: Dynamic, [series_imaginary: Dynamic]) -> Dynamic => series_fft_packed;
    }

    /// The inverse of `series_fft`: the columns are the real and the imaginary parts.
    ///
    /// ```kql
    /// print x = dynamic([4, 0, 0, 0]) | project series_ifft(x) | project series_ifft_x_real     //=> [1.0,1.0,1.0,1.0]
    /// ```
    SERIES_IFFT = "series_ifft" {
        (series: Dynamic, [series_imaginary: Dynamic]) -> Dynamic => binder;
    }

    /// The values of `series_ifft` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 1, 1, 1]) | project series_ifft(x) | project series_ifft_x_real     //=> [1.0,0.0,0.0,0.0]
    /// ```
    SERIES_IFFT_PACKED = "series_ifft packed" {
        (series: Dynamic, [series_imaginary: Dynamic]) -> Dynamic => series_ifft_packed;
    }
}

fn series_fft_packed(args: &Args) -> Result<ArrayRef> {
    transformed(args, false)
}

fn series_ifft_packed(args: &Args) -> Result<ArrayRef> {
    transformed(args, true)
}

fn transformed(args: &Args, inverse: bool) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    let mut imaginary = (args.len() > 1).then(|| args.arrays(1)).transpose()?;
    jsons(args.rows(), |row, out| {
        let real = reals(series.get(row)?)?;
        let imaginary = match &mut imaginary {
            Some(series) => reals(series.get(row)?)?,
            None => vec![0.0; real.len()],
        };
        if real.len() != imaginary.len() {
            return None;
        }
        let mut values: Vec<Complex> =
            real.into_iter().zip(imaginary).map(|(re, im)| Complex { re, im }).collect();
        if inverse {
            inverse_transform(&mut values);
        } else {
            transform(&mut values);
        }
        out.push('[');
        write_numbers(values.iter().map(|value| Some(Number::Real(value.re))), out);
        out.push(',');
        write_numbers(values.iter().map(|value| Some(Number::Real(value.im))), out);
        out.push(']');
        Some(())
    })
}

#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    const ZERO: Complex = Complex { re: 0.0, im: 0.0 };

    /// The point of the unit circle at a fraction of the way around it.
    fn turn(part: usize, whole: usize) -> Complex {
        // The quarters are exact; sine and cosine of π are not.
        if part.is_multiple_of(whole) {
            return Complex { re: 1.0, im: 0.0 };
        }
        if (part * 2).is_multiple_of(whole) {
            return Complex { re: -1.0, im: 0.0 };
        }
        if (part * 4).is_multiple_of(whole) {
            let im = if (part * 4 / whole) % 4 == 1 { 1.0 } else { -1.0 };
            return Complex { re: 0.0, im };
        }
        let (im, re) = (2.0 * PI * part as f64 / whole as f64).sin_cos();
        Complex { re, im }
    }

    fn conjugate(self) -> Complex {
        Complex { re: self.re, im: -self.im }
    }

    fn times(self, other: Complex) -> Complex {
        Complex {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn plus(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }

    fn minus(self, other: Complex) -> Complex {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }

    fn scaled(self, factor: f64) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }
}

/// The transform of any length in place.
fn transform(values: &mut [Complex]) {
    let length = values.len();
    if length < 2 {
        return;
    }
    if length.is_power_of_two() {
        radix2(values);
        return;
    }
    // Bluestein: the transform as a convolution, whose length may be a power of two. A square is
    // taken modulo two turns so that the angle stays small.
    let chirp: Vec<Complex> = (0..length)
        .map(|at| {
            Complex::turn((at as u128 * at as u128 % (2 * length as u128)) as usize, 2 * length)
        })
        .collect();
    let size = (2 * length - 1).next_power_of_two();
    let mut left = vec![Complex::ZERO; size];
    let mut right = vec![Complex::ZERO; size];
    for at in 0..length {
        left[at] = values[at].times(chirp[at].conjugate());
        right[at] = chirp[at];
        right[(size - at) % size] = chirp[at];
    }
    radix2(&mut left);
    radix2(&mut right);
    left.iter_mut().zip(&right).for_each(|(a, b)| *a = a.times(*b));
    inverse_transform(&mut left);
    for at in 0..length {
        values[at] = left[at].times(chirp[at].conjugate());
    }
}

fn inverse_transform(values: &mut [Complex]) {
    let factor = 1.0 / values.len() as f64;
    values.iter_mut().for_each(|value| *value = value.conjugate());
    transform(values);
    values.iter_mut().for_each(|value| *value = value.conjugate().scaled(factor));
}

/// The transform of a length that is a power of two.
fn radix2(values: &mut [Complex]) {
    let length = values.len();
    let bits = length.trailing_zeros();
    for at in 0..length {
        let mirrored = at.reverse_bits() >> (usize::BITS - bits);
        if at < mirrored {
            values.swap(at, mirrored);
        }
    }
    let turns: Vec<Complex> =
        (0..length / 2).map(|at| Complex::turn(at, length).conjugate()).collect();
    let mut half = 1;
    while half < length {
        let stride = length / (2 * half);
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (at, (a, b)) in low.iter_mut().zip(high).enumerate() {
                let turned = b.times(turns[at * stride]);
                (*a, *b) = (a.plus(turned), a.minus(turned));
            }
        }
        half *= 2;
    }
}

/// The sums of the products of elements that lie 0, 1, … apart.
pub(super) fn autocovariance(values: &[f64]) -> Vec<f64> {
    let size = (2 * values.len().max(1)).next_power_of_two();
    let mut spectrum = vec![Complex::ZERO; size];
    spectrum.iter_mut().zip(values).for_each(|(slot, value)| slot.re = *value);
    radix2(&mut spectrum);
    spectrum.iter_mut().for_each(|value| *value = value.times(value.conjugate()));
    inverse_transform(&mut spectrum);
    spectrum[..values.len()].iter().map(|value| value.re).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(values: &[Complex]) -> Vec<Complex> {
        let length = values.len();
        let term = |k: usize, at: usize| {
            values[at].times(Complex::turn(k * at % length, length).conjugate())
        };
        (0..length)
            .map(|k| (0..length).map(|at| term(k, at)).fold(Complex::ZERO, Complex::plus))
            .collect()
    }

    #[test]
    fn every_length_transforms_and_returns() {
        for length in 1..40 {
            let value = |at: usize| Complex { re: (at * 7 % 11) as f64, im: (at * 5 % 13) as f64 };
            let values: Vec<Complex> = (0..length).map(value).collect();
            let mut fast = values.clone();
            transform(&mut fast);
            let close =
                |a: &Complex, b: &Complex| (a.re - b.re).abs() < 1e-9 && (a.im - b.im).abs() < 1e-9;
            assert!(fast.iter().zip(&slow(&values)).all(|(a, b)| close(a, b)), "{length}");
            inverse_transform(&mut fast);
            assert!(fast.iter().zip(&values).all(|(a, b)| close(a, b)), "{length}");
        }
    }

    #[test]
    fn autocovariance_of_a_short_series() {
        let found = autocovariance(&[1.0, 2.0, 3.0]);
        assert!(found.iter().zip([14.0, 8.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
