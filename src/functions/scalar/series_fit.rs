//! Lines and polynomials fitted to series by least squares.

use arrow::array::ArrayRef;

use super::series_stats::write_open_bag;
use super::series_values::{Number, reals, write_numbers};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Series;

    /// Fits a line to a series, whose positions count from 1: the columns are r-square, slope,
    /// variance of the series, variance around the line, interception, and the line's points.
    ///
    /// ```kql
    /// print x = dynamic([2, 4, 6]) | project series_fit_line(x) | project series_fit_line_x_slope      //=> 2.0
    /// ```
    SERIES_FIT_LINE = "series_fit_line" {
        (series: Dynamic) -> Dynamic => binder;
    }

    /// The values of `series_fit_line` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([2, 4, 6]) | project series_fit_line(x) | project series_fit_line_x_rsquare    //=> 1.0
    /// ```
    SERIES_FIT_LINE_PACKED = "series_fit_line packed" {
        (series: Dynamic) -> Dynamic => series_fit_line_packed;
    }

    /// The values of `series_fit_line` in a bag.
    ///
    /// ```kql
    /// print series_fit_line_dynamic(dynamic([2, 4, 6])).slope      //=> 2.0
    /// ```
    SERIES_FIT_LINE_DYNAMIC = "series_fit_line_dynamic" {
        (series: Dynamic) -> Dynamic => series_fit_line_dynamic;
    }

    /// Fits two lines to a series, one to its start and one to the rest, parted where they fit best
    /// together.
    ///
    /// Each part has two elements at least and is fitted as `series_fit_line` fits a whole series,
    /// positions counted from 1 at its start. The columns: r-square of both lines together, the
    /// position in the series, counted from 0, at which the right part starts, variance of the series,
    /// variance around the lines, the points of both lines; then r-square, slope, interception,
    /// variance and variance around the line of the right part, and the same of the left part.
    ///
    /// ```kql
    /// print x = dynamic([1, 2, 3, 9, 7, 5]) | project series_fit_2lines(x) | project series_fit_2lines_x_split_idx     //=> 3
    /// ```
    SERIES_FIT_2LINES = "series_fit_2lines" {
        (series: Dynamic) -> Dynamic => binder;
    }

    /// The values of `series_fit_2lines` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print x = dynamic([1, 2, 3, 9, 7, 5]) | project series_fit_2lines(x) | project series_fit_2lines_x_right_slope   //=> -2.0
    /// ```
    SERIES_FIT_2LINES_PACKED = "series_fit_2lines packed" {
        (series: Dynamic) -> Dynamic => series_fit_2lines_packed;
    }

    /// The values of `series_fit_2lines` in a bag, those of the two parts in bags `right` and `left`.
    ///
    /// ```kql
    /// print series_fit_2lines_dynamic(dynamic([1, 2, 3, 9, 7, 5])).left.slope      //=> 1.0
    /// ```
    SERIES_FIT_2LINES_DYNAMIC = "series_fit_2lines_dynamic" {
        (series: Dynamic) -> Dynamic => series_fit_2lines_dynamic;
    }

    /// Fits a polynomial to a series: the columns are r-square, the coefficients from the highest
    /// power down, variance of the series, variance around the polynomial, and the polynomial's
    /// values.
    ///
    /// The values stand at the positions counted from 1 unless a second series says where. The degree
    /// is 1 unless given. All are null where an element is no number, the two series differ in
    /// length, or the points are too few for the degree.
    ///
    /// ```kql
    /// print y = dynamic([3, 5, 7]) | project series_fit_poly(y) | project series_fit_poly_y_rsquare     //=> 1.0
    /// ```
    SERIES_FIT_POLY = "series_fit_poly" {
        (y_series: Dynamic, [x_series: Dynamic], [degree: Integer]) -> Dynamic => binder;
    }

    /// The values of `series_fit_poly` in an array, in the order of its columns.
    ///
    /// It cannot be called by name.
    ///
    /// ```kql
    /// print y = dynamic([0, 1, 4, 9]), x = dynamic([0, 1, 2, 3]) | project series_fit_poly(y, x, 2) | project round(todouble(series_fit_poly_y_coefficients[0]), 6)     //=> 1.0
    /// ```
    SERIES_FIT_POLY_PACKED = "series_fit_poly packed" {
        (y_series: Dynamic, [x_series: Dynamic], [degree: Integer]) -> Dynamic => series_fit_poly_packed;
    }
}

/// A line fitted by least squares, positions counted from 1.
pub(super) struct Line {
    slope: f64,
    interception: f64,
    /// The sum of squares around the mean.
    squares: f64,
    /// The sum of squares around the line.
    rest: f64,
    count: usize,
}

impl Line {
    /// `None` for fewer than two values.
    pub(super) fn new(values: &[f64]) -> Option<Line> {
        let count = values.len() as f64;
        if values.len() < 2 {
            return None;
        }
        let middle = (count + 1.0) / 2.0;
        let mean = values.iter().sum::<f64>() / count;
        let (mut both, mut width, mut height) = (0.0, 0.0, 0.0);
        for (at, value) in values.iter().enumerate() {
            let (x, y) = ((at + 1) as f64 - middle, value - mean);
            both += x * y;
            width += x * x;
            height += y * y;
        }
        let slope = both / width;
        let mut line = Line {
            slope,
            interception: mean - slope * middle,
            squares: height,
            rest: 0.0,
            count: values.len(),
        };
        let rest = |(at, value): (usize, &f64)| (value - line.at(at)) * (value - line.at(at));
        line.rest = values.iter().enumerate().map(rest).sum();
        Some(line)
    }

    /// The line's value at a position counted from 0.
    pub(super) fn at(&self, position: usize) -> f64 {
        self.slope * (position + 1) as f64 + self.interception
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        (0..self.count).map(|position| self.at(position))
    }

    fn rsquare(&self) -> f64 {
        1.0 - self.rest / self.squares
    }

    fn variance(&self, squares: f64) -> f64 {
        squares / (self.count - 1) as f64
    }

    /// The columns of `series_fit_line` but the points.
    fn columns(&self) -> [(&'static str, Number); 5] {
        let columns = [
            ("rsquare", self.rsquare()),
            ("slope", self.slope),
            ("variance", self.variance(self.squares)),
            ("rvariance", self.variance(self.rest)),
            ("interception", self.interception),
        ];
        columns.map(|(name, value)| (name, Number::Real(value)))
    }

    /// The columns of one of two lines.
    fn part(&self) -> [(&'static str, Number); 5] {
        let [rsquare, slope, variance, rvariance, interception] = self.columns();
        [rsquare, slope, interception, variance, rvariance]
    }
}

fn write_reals(values: impl Iterator<Item = f64>, out: &mut String) {
    write_numbers(values.map(|value| Some(Number::Real(value))), out);
}

/// Appends values and what separates them from the next.
fn write_each(columns: &[(&str, Number)], out: &mut String) {
    for (_, value) in columns {
        value.write(out);
        out.push(',');
    }
}

fn fit_line(args: &Args, write: impl Fn(&Line, &mut String)) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        write(&Line::new(&reals(series.get(row)?)?)?, out);
        Some(())
    })
}

fn series_fit_line_packed(args: &Args) -> Result<ArrayRef> {
    fit_line(args, |line, out| {
        out.push('[');
        write_each(&line.columns(), out);
        write_reals(line.points(), out);
        out.push(']');
    })
}

fn series_fit_line_dynamic(args: &Args) -> Result<ArrayRef> {
    fit_line(args, |line, out| {
        write_open_bag(&line.columns(), out);
        out.push_str(",\"line_fit\":");
        write_reals(line.points(), out);
        out.push('}');
    })
}

/// The sums of squares around the lines through the first 1, 2, … values.
fn rests(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let (mut count, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    let (mut both, mut width, mut height) = (0.0, 0.0, 0.0);
    let step = |y: f64| {
        let x = count;
        count += 1.0;
        let (from_x, from_y) = (x - mean_x, y - mean_y);
        mean_x += from_x / count;
        mean_y += from_y / count;
        width += from_x * (x - mean_x);
        height += from_y * (y - mean_y);
        both += from_x * (y - mean_y);
        if width > 0.0 { height - both * both / width } else { 0.0 }
    };
    values.map(step).collect()
}

/// Two lines, one after the other.
struct Lines {
    left: Line,
    right: Line,
    /// The sum of squares of the whole series around its mean.
    squares: f64,
}

impl Lines {
    /// `None` for fewer than four values.
    fn new(values: &[f64]) -> Option<Lines> {
        let left = rests(values.iter().copied());
        let mut right = rests(values.iter().rev().copied());
        right.reverse();
        let rest = |split: usize| left[split - 1] + right[split];
        let splits = 2..values.len().checked_sub(1)?;
        let split =
            splits.reduce(|best, split| if rest(split) < rest(best) { split } else { best })?;
        let (start, end) = values.split_at(split);
        let squares = Line::new(values)?.squares;
        Some(Lines { left: Line::new(start)?, right: Line::new(end)?, squares })
    }

    fn columns(&self) -> [(&'static str, Number); 4] {
        let rest = self.left.rest + self.right.rest;
        let degrees = (self.left.count + self.right.count - 1) as f64;
        [
            ("rsquare", Number::Real(1.0 - rest / self.squares)),
            ("split_idx", Number::Long(self.left.count as i64)),
            ("variance", Number::Real(self.squares / degrees)),
            ("rvariance", Number::Real(rest / degrees)),
        ]
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        self.left.points().chain(self.right.points())
    }
}

fn fit_lines(args: &Args, write: impl Fn(&Lines, &mut String)) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    jsons(args.rows(), |row, out| {
        write(&Lines::new(&reals(series.get(row)?)?)?, out);
        Some(())
    })
}

fn series_fit_2lines_packed(args: &Args) -> Result<ArrayRef> {
    fit_lines(args, |lines, out| {
        out.push('[');
        write_each(&lines.columns(), out);
        write_reals(lines.points(), out);
        out.push(',');
        write_each(&lines.right.part(), out);
        write_each(&lines.left.part(), out);
        out.pop();
        out.push(']');
    })
}

fn series_fit_2lines_dynamic(args: &Args) -> Result<ArrayRef> {
    fit_lines(args, |lines, out| {
        write_open_bag(&lines.columns(), out);
        out.push_str(",\"line_fit\":");
        write_reals(lines.points(), out);
        out.push_str(",\"right\":");
        write_open_bag(&lines.right.part(), out);
        out.push_str("},\"left\":");
        write_open_bag(&lines.left.part(), out);
        out.push_str("}}");
    })
}

/// The highest degree that is fitted; far above what reals can tell apart.
const MAX_DEGREE: i64 = 64;

fn series_fit_poly_packed(args: &Args) -> Result<ArrayRef> {
    let mut series = args.arrays(0)?;
    let mut places = (args.len() > 1).then(|| args.arrays(1)).transpose()?;
    let degrees = args.reader::<Option<i64>>(2)?;
    jsons(args.rows(), |row, out| {
        let values = reals(series.get(row)?)?;
        let places = match &mut places {
            Some(places) => reals(places.get(row)?)?,
            None => (1..=values.len()).map(|x| x as f64).collect(),
        };
        let degree = if args.len() > 2 { degrees.get(row)?? } else { 1 };
        if places.len() != values.len() || !(0..=MAX_DEGREE).contains(&degree) {
            return None;
        }
        let coefficients = polynomial(&places, &values, degree as usize)?;
        let fitted: Vec<f64> = places
            .iter()
            .map(|x| coefficients.iter().fold(0.0, |sum, factor| sum * x + factor))
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
        let rest: f64 = values.iter().zip(&fitted).map(|(y, fit)| (y - fit) * (y - fit)).sum();
        let variance = |squares: f64| Number::Real(squares / (count - 1.0));
        out.push('[');
        Number::Real(1.0 - rest / squares).write(out);
        out.push(',');
        write_reals(coefficients.into_iter(), out);
        out.push(',');
        variance(squares).write(out);
        out.push(',');
        variance(rest).write(out);
        out.push(',');
        write_reals(fitted.into_iter(), out);
        out.push(']');
        Some(())
    })
}

/// The coefficients of the polynomial through the points, the highest power first; `None` where
/// the points do not tell them.
///
/// Householder's reflections on the powers, each scaled to length 1.
fn polynomial(places: &[f64], values: &[f64], degree: usize) -> Option<Vec<f64>> {
    let rows = places.len();
    if rows <= degree || rows < 2 {
        return None;
    }
    let power = |of: usize| places.iter().map(|x| x.powi((degree - of) as i32)).collect();
    let mut powers: Vec<Vec<f64>> = (0..=degree).map(power).collect();
    let length = |column: &[f64]| column.iter().map(|v| v * v).sum::<f64>().sqrt();
    let scales: Vec<f64> = powers.iter().map(|column| length(column)).collect();
    for (column, scale) in powers.iter_mut().zip(&scales) {
        column.iter_mut().for_each(|v| *v /= scale);
    }
    let mut target = values.to_vec();
    let mut diagonal = vec![0.0; degree + 1];
    for at in 0..=degree {
        let (done, rest) = powers.split_at_mut(at + 1);
        let mirror = &mut done[at][at..];
        let size = length(mirror);
        // As many digits as a real has are gone: the powers depend on each other.
        if !size.is_finite() || size < f64::EPSILON * rows as f64 {
            return None;
        }
        diagonal[at] = if mirror[0] > 0.0 { -size } else { size };
        mirror[0] -= diagonal[at];
        let norm = mirror.iter().map(|v| v * v).sum::<f64>();
        let reflect = |column: &mut [f64]| {
            let along: f64 = mirror.iter().zip(&column[at..]).map(|(m, v)| m * v).sum();
            let factor = 2.0 * along / norm;
            column[at..].iter_mut().zip(mirror.iter()).for_each(|(v, m)| *v -= factor * m);
        };
        rest.iter_mut().for_each(|column| reflect(column));
        reflect(&mut target);
    }
    let mut result = vec![0.0; degree + 1];
    for at in (0..=degree).rev() {
        let known: f64 = (at + 1..=degree).map(|later| powers[later][at] * result[later]).sum();
        result[at] = (target[at] - known) / diagonal[at];
    }
    result.iter_mut().zip(&scales).for_each(|(factor, scale)| *factor /= scale);
    result.iter().all(|factor| factor.is_finite()).then_some(result)
}
