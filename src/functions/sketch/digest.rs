//! A t-digest: percentiles and ranks of numbers. Few distinct values are kept exactly.

use serde_json::value::RawValue;

use super::Sketch;
use crate::types::real;

/// So many distinct values are kept as they are; beyond it neighbours share a centroid.
const CENTROIDS: usize = 1024;

/// Values and how often they were seen, in order once [`Digest::compress`] has run.
#[derive(Default)]
pub struct Digest {
    centroids: Vec<(f64, f64)>,
    /// How many centroids at the front are in order and distinct.
    ordered: usize,
}

impl Digest {
    /// Takes in a value that counts `weight` times; nothing where that is not positive.
    pub fn add(&mut self, value: f64, weight: f64) {
        if weight > 0.0 && !value.is_nan() {
            self.centroids.push((value, weight));
            if self.centroids.len() >= self.ordered + 4 * CENTROIDS {
                self.compress();
            }
        }
    }

    /// Orders the centroids, joins equal ones, and neighbours where there are too many.
    fn compress(&mut self) {
        if self.ordered == self.centroids.len() {
            return;
        }
        self.centroids.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.centroids.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        if self.centroids.len() > CENTROIDS {
            self.join_neighbours();
        }
        self.ordered = self.centroids.len();
    }

    /// Joins neighbours so that centroids stay small at both ends and may grow in the middle.
    fn join_neighbours(&mut self) {
        let total: f64 = self.centroids.iter().map(|centroid| centroid.1).sum();
        let scale = |seen: f64| {
            let share = (seen / total).clamp(0.0, 1.0);
            CENTROIDS as f64 / std::f64::consts::TAU * (2.0 * share - 1.0).asin()
        };
        let mut joined: Vec<(f64, f64)> = Vec::with_capacity(CENTROIDS);
        let (mut before, mut limit) = (0.0, scale(0.0) + 1.0);
        for &(value, weight) in &self.centroids {
            match joined.last_mut() {
                Some(last) if scale(before + last.1 + weight) <= limit => {
                    last.1 += weight;
                    last.0 += (value - last.0) * weight / last.1;
                }
                last => {
                    before += last.map_or(0.0, |last| last.1);
                    limit = scale(before) + 1.0;
                    joined.push((value, weight));
                }
            }
        }
        self.centroids = joined;
    }

    /// The value of nearest rank at a percentage.
    pub fn percentile(&self, percentage: f64) -> Option<f64> {
        let total = self.count();
        let exact = percentage * total / 100.0;
        let wanted = if (exact - exact.round()).abs() < 1e-9 * exact.abs().max(1.0) {
            exact.round()
        } else {
            exact.ceil()
        };
        let mut seen = 0.0;
        let found = self.centroids.iter().find(|centroid| {
            seen += centroid.1;
            seen >= wanted.max(1.0)
        });
        found.or(self.centroids.last()).map(|centroid| centroid.0)
    }

    /// How many values are not greater than `value`.
    pub fn rank(&self, value: f64) -> f64 {
        self.centroids
            .iter()
            .filter(|centroid| centroid.0 <= value)
            .map(|centroid| centroid.1)
            .sum()
    }

    /// How many values there are.
    pub fn count(&self) -> f64 {
        self.centroids.iter().map(|centroid| centroid.1).sum()
    }

    fn ordered(&self) -> Self {
        let mut digest = Self { centroids: self.centroids.clone(), ordered: self.ordered };
        digest.compress();
        digest
    }
}

/// Appends a number, without a point where it is whole.
pub fn write_number(value: f64, json: &mut String) {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json.push_str(&(value as i64).to_string());
    } else {
        real::write_json(value, json);
    }
}

/// Appends numbers with commas between them.
pub fn write_numbers(values: impl Iterator<Item = f64>, json: &mut String) {
    for (position, value) in values.enumerate() {
        if position > 0 {
            json.push(',');
        }
        write_number(value, json);
    }
}

impl Sketch for Digest {
    fn merge(&mut self, other: &Self) {
        other.centroids.iter().for_each(|&(value, weight)| self.add(value, weight));
    }

    /// `[[7],[values …],[weights …]]`.
    fn parse(text: &str) -> Option<Self> {
        let (_, values, weights): ([u64; 1], Vec<&RawValue>, Vec<f64>) =
            serde_json::from_str(text).ok()?;
        if values.len() != weights.len() {
            return None;
        }
        let mut digest = Self::default();
        for (value, weight) in values.into_iter().zip(weights) {
            // Infinities are strings.
            digest.add(real::parse(value.get().trim_matches('"'))?, weight);
        }
        digest.compress();
        Some(digest)
    }

    fn write(&self, json: &mut String) {
        let digest = self.ordered();
        json.push_str("[[7],[");
        write_numbers(digest.centroids.iter().map(|centroid| centroid.0), json);
        json.push_str("],[");
        write_numbers(digest.centroids.iter().map(|centroid| centroid.1), json);
        json.push_str("]]");
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.centroids.capacity() * size_of::<(f64, f64)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl Iterator<Item = u32>) -> Digest {
        let mut digest = Digest::default();
        values.for_each(|value| digest.add(f64::from(value), 1.0));
        digest.ordered()
    }

    #[test]
    fn few_are_exact_and_many_are_close() {
        let few = of((1..=1000).rev());
        assert_eq!(few.percentile(99.9), Some(999.0));
        assert_eq!(few.rank(250.0), 250.0);
        let many = of((0..200_000).map(|n| n * 7919 % 200_000));
        assert_eq!(many.count(), 200_000.0);
        assert!(many.centroids.len() <= 2 * CENTROIDS);
        for percentage in [0.1, 1.0, 50.0, 99.0, 99.9] {
            let found = many.percentile(percentage).unwrap();
            let error = (found / 2000.0 - percentage).abs();
            assert!(error < 0.2, "{percentage}: {found}");
        }
    }

    #[test]
    fn text_reads_back() {
        let mut digest = of(0..3000);
        digest.add(f64::INFINITY, 2.0);
        digest.add(0.25, 1.0);
        let mut text = String::new();
        digest.write(&mut text);
        let back = Digest::parse(&text).unwrap();
        assert_eq!(back.count(), 3003.0);
        assert_eq!(back.percentile(100.0), Some(f64::INFINITY));
        assert!(Digest::parse("[[7],[1],[]]").is_none());
    }
}
