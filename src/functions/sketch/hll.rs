//! HyperLogLog: how many distinct values there are. Few values are counted exactly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hashbrown::HashSet;

use super::Sketch;

/// So many hashes are kept as they are before registers take over.
const EXACT: usize = 1024;

/// The number of distinct hashes seen.
#[derive(Clone)]
pub struct Hll {
    /// The number of bits that choose a register.
    precision: u8,
    /// All hashes, until there are too many.
    hashes: HashSet<u64>,
    /// The greatest rank in each register; empty while the hashes are kept.
    registers: Vec<u8>,
}

impl Hll {
    /// An empty sketch for an accuracy of 0 to 4, as `hll` and `dcount` number them.
    pub fn new(accuracy: i64) -> Option<Self> {
        let precision = match accuracy {
            0 => 12,
            1 => 14,
            2 => 16,
            3 => 17,
            4 => 18,
            _ => return None,
        };
        Some(Self::with_precision(precision))
    }

    fn with_precision(precision: u8) -> Self {
        Self { precision, hashes: HashSet::new(), registers: vec![] }
    }

    /// Takes in a value by its hash.
    pub fn add(&mut self, hash: u64) {
        if !self.registers.is_empty() {
            return self.register(hash);
        }
        self.hashes.insert(hash);
        if self.hashes.len() > EXACT {
            self.promote();
        }
    }

    fn promote(&mut self) {
        self.registers = vec![0; 1 << self.precision];
        for hash in std::mem::take(&mut self.hashes) {
            self.register(hash);
        }
    }

    fn register(&mut self, hash: u64) {
        let index = (hash >> (64 - self.precision)) as usize;
        let rest = hash << self.precision;
        let rank = rest.leading_zeros().min(u32::from(64 - self.precision)) as u8 + 1;
        self.registers[index] = self.registers[index].max(rank);
    }

    /// Halves the registers until there are `2^precision`.
    fn fold(&mut self, precision: u8) {
        let bits = self.precision - precision;
        if bits == 0 {
            return;
        }
        if !self.registers.is_empty() {
            let mut folded = vec![0; 1 << precision];
            for (index, &rank) in self.registers.iter().enumerate().filter(|(_, rank)| **rank > 0) {
                let dropped = (index & ((1 << bits) - 1)) as u64;
                let rank = match dropped {
                    0 => rank + bits,
                    dropped => (dropped << (64 - bits)).leading_zeros() as u8 + 1,
                };
                let register: &mut u8 = &mut folded[index >> bits];
                *register = (*register).max(rank);
            }
            self.registers = folded;
        }
        self.precision = precision;
    }

    /// How many values the first one, two, three … of the sketches have in common: exact while all
    /// keep their hashes, else by inclusion and exclusion over the counts of their unions.
    pub fn intersections(sketches: Vec<Hll>) -> Vec<i64> {
        if sketches.iter().all(|sketch| sketch.registers.is_empty()) {
            let mut common: Option<HashSet<u64>> = None;
            let counts = sketches.into_iter().map(|sketch| {
                let kept = match common.take() {
                    None => sketch.hashes,
                    Some(mut common) => {
                        common.retain(|hash| sketch.hashes.contains(hash));
                        common
                    }
                };
                common.insert(kept).len() as i64
            });
            return counts.collect();
        }
        let mut sum = 0;
        let mut counts: Vec<i64> = vec![];
        for (index, sketch) in sketches.iter().enumerate() {
            sum += signed_unions(sketch, &sketches[..index]);
            let most = counts.last().copied().unwrap_or(i64::MAX);
            counts.push(sum.clamp(0, most));
        }
        counts
    }

    /// The number of distinct values: exact while there are few, else an estimate (Ertl 2017).
    pub fn count(&self) -> i64 {
        if self.registers.is_empty() {
            return self.hashes.len() as i64;
        }
        let m = self.registers.len() as f64;
        let top = usize::from(64 - self.precision) + 1;
        let mut of_rank = vec![0.0; top + 1];
        for &rank in &self.registers {
            of_rank[usize::from(rank).min(top)] += 1.0;
        }
        let mut z = m * tau(1.0 - of_rank[top] / m);
        for count in of_rank[1..top].iter().rev() {
            z = 0.5 * (z + count);
        }
        z += m * sigma(of_rank[0] / m);
        (m * m / (2.0 * std::f64::consts::LN_2 * z)).round() as i64
    }
}

/// The counts of the unions of `union` with every subset of `rest`, negative where the subset has
/// an odd number of members, in sum.
fn signed_unions(union: &Hll, rest: &[Hll]) -> i64 {
    let mut sum = union.count();
    for (index, next) in rest.iter().enumerate() {
        let mut wider = union.clone();
        wider.merge(next);
        sum -= signed_unions(&wider, &rest[index + 1..]);
    }
    sum
}

fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

impl Sketch for Hll {
    fn merge(&mut self, other: &Self) {
        let precision = self.precision.min(other.precision);
        self.fold(precision);
        if other.registers.is_empty() {
            other.hashes.iter().for_each(|hash| self.add(*hash));
            return;
        }
        if self.registers.is_empty() {
            self.promote();
        }
        let mut other = Self {
            precision: other.precision,
            hashes: HashSet::new(),
            registers: other.registers.clone(),
        };
        other.fold(precision);
        for (register, rank) in self.registers.iter_mut().zip(other.registers) {
            *register = (*register).max(rank);
        }
    }

    /// `[[1024,precision],["hash", …],["registers"]]`.
    fn parse(text: &str) -> Option<Self> {
        let (head, hashes, registers): ([u64; 2], Vec<String>, Vec<String>) =
            serde_json::from_str(text).ok()?;
        let precision = u8::try_from(head[1]).ok().filter(|bits| (12..=18).contains(bits))?;
        let mut hll = Self::with_precision(precision);
        if let [registers] = registers.as_slice() {
            hll.registers = STANDARD.decode(registers).ok()?;
            if hll.registers.len() != 1 << precision {
                return None;
            }
        }
        for hash in hashes {
            hll.add(hash.parse::<i64>().ok()? as u64);
        }
        Some(hll)
    }

    fn write(&self, json: &mut String) {
        json.push_str(&format!("[[{EXACT},{}],[", self.precision));
        let mut hashes: Vec<i64> = self.hashes.iter().map(|hash| *hash as i64).collect();
        hashes.sort_unstable();
        for (position, hash) in hashes.into_iter().enumerate() {
            json.push_str(if position > 0 { ",\"" } else { "\"" });
            json.push_str(&hash.to_string());
            json.push('"');
        }
        json.push_str("],[");
        if !self.registers.is_empty() {
            json.push('"');
            STANDARD.encode_string(&self.registers, json);
            json.push('"');
        }
        json.push_str("]]");
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.hashes.allocation_size() + self.registers.capacity()
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh64::xxh64;

    use super::*;

    fn of(values: std::ops::Range<u64>, accuracy: i64) -> Hll {
        let mut hll = Hll::new(accuracy).unwrap();
        values.for_each(|value| hll.add(xxh64(&value.to_le_bytes(), 0)));
        hll
    }

    #[test]
    fn few_are_exact_and_many_are_close() {
        assert_eq!(of(0..1000, 1).count(), 1000);
        for (count, accuracy, error) in
            [(1500, 1, 0.03), (100_000, 0, 0.06), (100_000, 1, 0.03), (300_000, 4, 0.01)]
        {
            let found = of(0..count, accuracy).count() as f64;
            assert!((found / count as f64 - 1.0).abs() < error, "{found} for {count}");
        }
    }

    #[test]
    fn merging_is_the_same_as_seeing_all() {
        for (accuracy, other) in [(1, 1), (3, 0), (0, 2)] {
            for middle in [10, 900, 5000] {
                let mut merged = of(0..middle, accuracy);
                merged.merge(&of(middle / 2..6000, other));
                let all = of(0..6000, accuracy.min(other));
                assert_eq!(merged.registers, all.registers);
            }
        }
    }

    #[test]
    fn text_reads_back() {
        for count in [0, 5, 2000] {
            let hll = of(0..count, 1);
            let mut text = String::new();
            hll.write(&mut text);
            assert_eq!(Hll::parse(&text).unwrap().count(), hll.count());
        }
        assert!(Hll::parse("[1]").is_none());
    }
}
