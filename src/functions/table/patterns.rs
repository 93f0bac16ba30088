//! Kernels of pattern mining: values that many rows share.
//!
//! A pattern fixes the values of some columns; the rest are wildcards. It is closed if no further
//! column has one value in all rows that it holds; other patterns say less about the same rows and
//! are never given.
//!
//! Input: a weight, a bool that tells set A from set B, and the columns to look at. The constants
//! end with the wildcard of every column.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::Float64Type;
use hashbrown::{HashMap, HashSet};

use super::events::{input, send};
use super::groups::Groups;
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::functions::kernel::array_of;
use crate::types::Value;

/// All closed patterns that hold a part of the rows. Constants: the least part, and how many values
/// may be needed to tell a pattern.
pub static BASKET: TableFunction = TableFunction { name: "basket", kernel: basket };

/// Few patterns that hold many rows and fix many columns. Constants: how much size counts, and how
/// many rows to start from.
pub static AUTOCLUSTER: TableFunction = TableFunction { name: "autocluster", kernel: autocluster };

/// Patterns that hold different parts of set A and of set B. Constants as for [`BASKET`], the part
/// being the least difference.
pub static DIFFPATTERNS: TableFunction =
    TableFunction { name: "diffpatterns", kernel: diffpatterns };

/// A pattern covered by earlier ones to this part is left out of a difference.
const MOSTLY: f64 = 0.75;

/// The values of all columns, by number; `None` is a wildcard.
type Pattern = Vec<Option<u32>>;

/// The distinct rows, with the weight that each has in both sets.
struct Tuples<'a> {
    columns: &'a [ArrayRef],
    /// The numbers of the values, by column and tuple, and a row that has each value.
    values: Vec<Groups>,
    rows: Vec<u32>,
    weights: Vec<[f64; 2]>,
    total: [f64; 2],
}

/// A pattern with the weight and the tuples that it holds.
struct Found {
    pattern: Pattern,
    weight: [f64; 2],
    tuples: Vec<u32>,
}

impl Found {
    fn width(&self) -> usize {
        self.pattern.iter().flatten().count()
    }
}

impl<'a> Tuples<'a> {
    fn read(args: &TableArgs<'a>, out: &mut dyn Output) -> Result<Tuples<'a>> {
        let input = input(args, 0)?;
        let columns = &input.columns()[2..];
        out.reserve(input.num_rows() * (4 * columns.len() + 32))?;
        let weights = input.column(0).as_primitive_opt::<Float64Type>();
        let in_a = input.column(1).as_boolean_opt();
        let (Some(weights), Some(in_a)) = (weights, in_a) else {
            return Err(Error::Internal("patterns without weights".into()));
        };
        let all = Groups::new(columns, input.num_rows())?;
        let mut sums = vec![[0.0; 2]; all.rows.len()];
        let mut total = [0.0; 2];
        for (row, tuple) in all.of_row.iter().enumerate() {
            let weight = if weights.is_valid(row) { weights.value(row) } else { 0.0 };
            let side = usize::from(!in_a.value(row));
            sums[*tuple as usize][side] += weight;
            total[side] += weight;
        }
        let values = columns.iter().map(|c| Groups::new(std::slice::from_ref(c), c.len()));
        let values = values.collect::<Result<_>>()?;
        Ok(Tuples { columns, values, rows: all.rows, weights: sums, total })
    }

    fn value(&self, column: usize, tuple: u32) -> u32 {
        self.values[column].of_row[self.rows[tuple as usize] as usize]
    }

    /// The closed pattern of some tuples.
    fn found(&self, tuples: Vec<u32>) -> Found {
        let pattern = (0..self.columns.len()).map(|column| {
            let first = self.value(column, *tuples.first()?);
            tuples.iter().all(|tuple| self.value(column, *tuple) == first).then_some(first)
        });
        let pattern = pattern.collect();
        let mut weight = [0.0; 2];
        for tuple in &tuples {
            let own = self.weights[*tuple as usize];
            weight = [weight[0] + own[0], weight[1] + own[1]];
        }
        Found { pattern, weight, tuples }
    }

    /// The tuples that a pattern holds.
    fn holding(&self, pattern: &Pattern) -> Vec<u32> {
        let holds = |tuple: &u32| {
            let mut values = pattern.iter().enumerate();
            values.all(|(column, value)| value.is_none_or(|v| self.value(column, *tuple) == v))
        };
        (0..self.rows.len() as u32).filter(holds).collect()
    }

    /// All closed patterns with a value that `frequent` takes, which no larger pattern may lack, and
    /// that at most `most` values tell.
    fn closed(
        &self,
        most: usize,
        frequent: impl Fn([f64; 2]) -> bool,
        out: &mut dyn Output,
    ) -> Result<Vec<Found>> {
        let root = self.found((0..self.rows.len() as u32).collect());
        let mut seen: HashSet<Pattern> = HashSet::from([root.pattern.clone()]);
        let mut done = vec![];
        let mut level = vec![root];
        for _ in 0..most {
            let mut next = vec![];
            for found in &level {
                out.check()?;
                for column in (0..self.columns.len()).filter(|c| found.pattern[*c].is_none()) {
                    let mut parts: HashMap<u32, Vec<u32>> = HashMap::new();
                    for tuple in &found.tuples {
                        parts.entry(self.value(column, *tuple)).or_default().push(*tuple);
                    }
                    for tuples in parts.into_values() {
                        let found = self.found(tuples);
                        if frequent(found.weight) && seen.insert(found.pattern.clone()) {
                            out.reserve(4 * found.tuples.len() + 32 * found.pattern.len())?;
                            next.push(found);
                        }
                    }
                }
            }
            done.extend(std::mem::replace(&mut level, next));
        }
        done.extend(level);
        done.retain(|found| found.width() > 0 && frequent(found.weight));
        Ok(done)
    }

    /// Hands over patterns behind their numbers and other columns.
    fn send(
        &self,
        args: &TableArgs,
        out: &mut dyn Output,
        patterns: &[Found],
        others: Vec<ArrayRef>,
    ) -> Result<()> {
        let numbers = Int64Array::from_iter_values(0..patterns.len() as i64);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers)];
        columns.extend(others);
        let wildcards = &args.constants[args.constants.len() - self.columns.len()..];
        for (index, column) in self.columns.iter().enumerate() {
            let wildcard = array_of(&wildcards[index..=index], wildcards[index].ty());
            let all = concat(&[&**column, &*wildcard])?;
            let rows = patterns.iter().map(|found| match found.pattern[index] {
                Some(value) => self.values[index].rows[value as usize],
                None => column.len() as u32,
            });
            columns.push(take(&all, &UInt32Array::from_iter_values(rows), None)?);
        }
        send(args, out, columns)
    }
}

fn real(args: &TableArgs, index: usize) -> Result<f64> {
    let number = args.constants.get(index).and_then(Value::as_f64);
    number.ok_or_else(|| Error::Internal(format!("constant {index} is no number")))
}

fn reals(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn counts(patterns: &[Found], side: usize) -> ArrayRef {
    let counts = patterns.iter().map(|found| found.weight[side].round() as i64);
    Arc::new(Int64Array::from_iter_values(counts))
}

/// Greatest first, then by the values. The last bits of a score, which depend on how it was computed,
/// do not count.
fn sort(patterns: &mut [Found], score: impl Fn(&Found) -> f64) {
    let key = |found: &Found| (score(found) * 1e9).round();
    patterns.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.pattern.cmp(&b.pattern)));
}

fn basket(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let tuples = Tuples::read(args, out)?;
    let least = real(args, 0)? * tuples.total[0];
    let most = real(args, 1)? as usize;
    let mut found = tuples.closed(most, |[a, _]| a >= least && a > 0.0, out)?;
    sort(&mut found, |found| found.weight[0] * found.width() as f64);
    send_sized(&tuples, args, out, &found)
}

fn send_sized(
    tuples: &Tuples,
    args: &TableArgs,
    out: &mut dyn Output,
    found: &[Found],
) -> Result<()> {
    let percent = found.iter().map(|found| 100.0 * found.weight[0] / tuples.total[0]);
    tuples.send(args, out, found, vec![counts(found, 0), reals(percent)])
}

fn autocluster(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let tuples = Tuples::read(args, out)?;
    let size_weight = real(args, 0)?;
    let seeds = real(args, 1)? as usize;
    let width = tuples.columns.len() as f64;
    let score = |found: &Found| {
        let size = found.weight[0] / tuples.total[0];
        size.powf(size_weight) * (found.width() as f64 / width).powf(1.0 - size_weight)
    };
    let mut order: Vec<u32> = (0..tuples.rows.len() as u32).collect();
    let weight = |tuple: u32| tuples.weights[tuple as usize][0];
    order.sort_by(|a, b| weight(*b).total_cmp(&weight(*a)).then(a.cmp(b)));
    let mut seen: HashSet<Pattern> = HashSet::new();
    let mut found = vec![];
    for seed in order.into_iter().take(seeds) {
        let mut best = tuples.found(vec![seed]);
        loop {
            out.check()?;
            let wider = (0..tuples.columns.len()).filter(|c| best.pattern[*c].is_some());
            let wider = wider.map(|column| {
                let mut pattern = best.pattern.clone();
                pattern[column] = None;
                tuples.found(tuples.holding(&pattern))
            });
            let wider = wider
                .filter(|found| found.width() > 0)
                .max_by(|a, b| score(a).total_cmp(&score(b)));
            match wider {
                Some(wider) if score(&wider) > score(&best) + 1e-9 => best = wider,
                _ => break,
            }
        }
        if seen.insert(best.pattern.clone()) {
            found.push(best);
        }
    }
    sort(&mut found, score);
    let mut covered: HashSet<u32> = HashSet::new();
    found.retain(|found| {
        let new = found.tuples.iter().filter(|tuple| !covered.contains(*tuple));
        let new: f64 = new.map(|tuple| weight(*tuple)).sum();
        let kept = new > 0.0 && new * 2.0 >= found.weight[0];
        if kept {
            covered.extend(&found.tuples);
        }
        kept
    });
    send_sized(&tuples, args, out, &found)
}

fn diffpatterns(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let tuples = Tuples::read(args, out)?;
    let least = real(args, 0)?;
    let most = (real(args, 1)? as usize).min(tuples.columns.len());
    if tuples.total.contains(&0.0) {
        return Err(Error::Execution("`diffpatterns` needs rows in both sets".into()));
    }
    let parts = |weight: [f64; 2]| [weight[0] / tuples.total[0], weight[1] / tuples.total[1]];
    let difference = |found: &Found| {
        let [a, b] = parts(found.weight);
        a - b
    };
    let frequent = |weight| parts(weight).iter().any(|part| *part >= least);
    let mut found = tuples.closed(most, frequent, out)?;
    found.retain(|found| difference(found).abs() >= least);
    sort(&mut found, |found| difference(found).abs());
    let mut kept: Vec<Found> = vec![];
    for candidate in found {
        out.check()?;
        let side = usize::from(difference(&candidate) < 0.0);
        let own: HashSet<u32> = candidate.tuples.iter().copied().collect();
        let redundant = kept.iter().filter(|k| (difference(k) < 0.0) == (side == 1)).any(|k| {
            let common = k.tuples.iter().filter(|tuple| own.contains(*tuple));
            let mut weight = 0.0;
            let mut count = 0;
            for tuple in common {
                weight += tuples.weights[*tuple as usize][side];
                count += 1;
            }
            let comparable = count == k.tuples.len() || count == own.len();
            comparable || weight >= MOSTLY * candidate.weight[side]
        });
        if !redundant {
            kept.push(candidate);
        }
    }
    let percent = |side: usize| {
        let rounded = |part: f64| (10_000.0 * part).round() / 100.0;
        reals(kept.iter().map(move |found| rounded(parts(found.weight)[side])))
    };
    let differences = kept.iter().map(|f| (10_000.0 * difference(f).abs()).round() / 100.0);
    let others =
        vec![counts(&kept, 0), counts(&kept, 1), percent(0), percent(1), reals(differences)];
    tuples.send(args, out, &kept, others)
}
