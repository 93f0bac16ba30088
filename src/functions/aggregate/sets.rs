//! Sets of 64-bit numbers, one per group, for very many numbers.
//!
//! Numbers come in any order of groups. They are appended to a log, and whenever the log has grown
//! as long as the sets together, it is sorted by group and each group is freed of repetitions in
//! turn. So memory is written in sequence, and the hash table that finds repetitions is that of a
//! single group.

/// Below this length the log is not worth sorting.
const LEAST_LOG: usize = 1 << 16;

/// Up to so many numbers, repetitions are found by looking at all.
const FEW: usize = 16;

/// The distinct numbers of every group.
#[derive(Default)]
pub struct Sets {
    /// The distinct numbers, ordered by group.
    values: Vec<i64>,
    /// Where the numbers of each group end in `values`.
    ends: Vec<usize>,
    /// The groups of what came since.
    log_groups: Vec<u32>,
    /// What came since.
    log_values: Vec<i64>,
    table: Table,
}

impl Sets {
    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.ends.len()
    }

    /// Makes room for groups up to `total`; whether there can be so many.
    #[must_use]
    pub fn resize(&mut self, total: usize) -> bool {
        if total > self.ends.len() {
            self.ends.resize(total, self.values.len());
        }
        u32::try_from(total).is_ok()
    }

    /// Adds a number to a group.
    #[inline]
    pub fn add(&mut self, group: usize, value: i64) {
        self.log_groups.push(group as u32);
        self.log_values.push(value);
    }

    /// Adds one number to each of `groups`.
    pub fn add_each(&mut self, groups: &[usize], values: &[i64]) {
        self.log_groups.extend(groups.iter().map(|&group| group as u32));
        self.log_values.extend_from_slice(values);
    }

    /// Adds many numbers to one group.
    pub fn add_all(&mut self, group: usize, values: &[i64]) {
        self.log_groups.resize(self.log_groups.len() + values.len(), group as u32);
        self.log_values.extend_from_slice(values);
    }

    /// Makes room for `additional` numbers.
    pub fn reserve(&mut self, additional: usize) {
        self.log_groups.reserve(additional);
        self.log_values.reserve(additional);
    }

    /// Whether the log is long enough to be [`settle`](Self::settle)d.
    pub fn is_due(&self) -> bool {
        self.log_values.len() >= LEAST_LOG.max(self.values.len())
    }

    /// Takes the log into the sets.
    pub fn settle(&mut self) {
        if self.log_values.is_empty() {
            return;
        }
        // Each group's old numbers and then its new ones.
        let mut counts = vec![0_usize; self.ends.len()];
        for &group in &self.log_groups {
            counts[group as usize] += 1;
        }
        let mut merged = vec![0; self.values.len() + self.log_values.len()];
        let (mut from, mut to) = (0, 0);
        let mut next = counts;
        for (&end, next) in self.ends.iter().zip(&mut next) {
            merged[to..to + end - from].copy_from_slice(&self.values[from..end]);
            to += end - from;
            from = end;
            to += std::mem::replace(next, to);
        }
        for (&group, &value) in self.log_groups.iter().zip(&self.log_values) {
            let place = &mut next[group as usize];
            merged[*place] = value;
            *place += 1;
        }
        self.log_groups.clear();
        self.log_values.clear();
        // Each group is written over the place where the former ones were longer.
        let (mut from, mut old, mut to) = (0, 0, 0);
        for (end, &until) in self.ends.iter_mut().zip(&next) {
            let known = *end - old;
            old = *end;
            to = self.table.distinct(&mut merged, to, from, known, until);
            *end = to;
            from = until;
        }
        merged.truncate(to);
        if merged.capacity() > 2 * to {
            merged.shrink_to_fit();
        }
        self.values = merged;
        self.table.shrink();
    }

    /// How many numbers a group has, without the log.
    pub fn count(&self, group: usize) -> usize {
        self.ends[group] - self.start(group)
    }

    /// The numbers of the first `groups` groups in their order, without the log.
    pub fn values(&self, groups: usize) -> &[i64] {
        &self.values[..self.start(groups)]
    }

    fn start(&self, group: usize) -> usize {
        if group == 0 { 0 } else { self.ends[group - 1] }
    }

    /// Empties the groups of which `take` says so, given their numbers without the log.
    pub fn drain(&mut self, mut take: impl FnMut(usize, &[i64]) -> bool) {
        let (mut from, mut to) = (0, 0);
        for (group, end) in self.ends.iter_mut().enumerate() {
            let until = *end;
            if !take(group, &self.values[from..until]) {
                if to < from {
                    self.values.copy_within(from..until, to);
                }
                to += until - from;
            }
            from = until;
            *end = to;
        }
        self.values.truncate(to);
    }

    /// Forgets the first `groups` groups; the log must have been settled.
    pub fn forget(&mut self, groups: usize) {
        if groups >= self.ends.len() {
            *self = Self::default();
            return;
        }
        let start = self.start(groups);
        self.values.drain(..start);
        self.ends.drain(..groups);
        self.ends.iter_mut().for_each(|end| *end -= start);
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        (self.values.capacity() + self.log_values.capacity() + self.table.slots.capacity())
            * size_of::<i64>()
            + self.ends.capacity() * size_of::<usize>()
            + self.log_groups.capacity() * size_of::<u32>()
    }
}

/// An open hash table for the numbers of one group at a time; zero marks a free slot.
#[derive(Default)]
struct Table {
    slots: Vec<i64>,
    /// The number of bits that choose a slot.
    bits: u32,
}

impl Table {
    /// Moves the numbers of `values[from..until]`, each once, to `to`, which is not beyond `from`.
    /// The first `known` of them are distinct. Returns where they end.
    fn distinct(
        &mut self,
        values: &mut [i64],
        to: usize,
        from: usize,
        known: usize,
        until: usize,
    ) -> usize {
        if to < from {
            values.copy_within(from..from + known, to);
        }
        let mut end = to + known;
        if until - from <= FEW {
            for at in from + known..until {
                let value = values[at];
                if !values[to..end].contains(&value) {
                    values[end] = value;
                    end += 1;
                }
            }
            return end;
        }
        if until == from + known {
            return end;
        }
        let mut zero = self.refill(&values[to..end]);
        for at in from + known..until {
            let value = values[at];
            let new =
                if value == 0 { !std::mem::replace(&mut zero, true) } else { self.add(value) };
            if new {
                values[end] = value;
                end += 1;
                if 4 * (end - to) > 3 * self.len() {
                    self.refill(&values[to..end]);
                }
            }
        }
        end
    }

    fn len(&self) -> usize {
        1 << self.bits
    }

    /// Gives memory back after a large group.
    fn shrink(&mut self) {
        if self.slots.len() > LEAST_LOG {
            self.slots = vec![];
        }
    }

    /// Holds `values`, with room for half as many again; whether zero is among them.
    fn refill(&mut self, values: &[i64]) -> bool {
        let len = (values.len() * 2).next_power_of_two().max(64);
        self.bits = len.trailing_zeros();
        self.slots.truncate(len);
        self.slots.fill(0);
        self.slots.resize(len, 0);
        let mut zero = false;
        for &value in values {
            if value == 0 {
                zero = true;
            } else {
                self.add(value);
            }
        }
        zero
    }

    /// Adds a number that is not zero; whether it is new.
    #[inline]
    fn add(&mut self, value: i64) -> bool {
        let product = u128::from(value as u64) * 0x9e37_79b9_7f4a_7c15;
        let folded = (product as u64) ^ ((product >> 64) as u64);
        let mask = self.len() - 1;
        let mut slot = (folded >> (64 - self.bits)) as usize;
        loop {
            match self.slots[slot] {
                0 => {
                    self.slots[slot] = value;
                    return true;
                }
                known if known == value => return false,
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    fn next(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    #[test]
    fn sets_are_those_of_the_standard_library() {
        let seed = &mut 42;
        for (groups, spread, shift) in
            [(1, 90_000, 0), (3, 50, 40), (40, 30_000, 1), (5_000, 20, 33), (90_000, 3, 0)]
        {
            let mut sets = Sets::default();
            let mut plain: HashMap<usize, BTreeSet<i64>> = HashMap::new();
            let mut total = 0;
            for round in 0..60 {
                total = (total + groups / 50 + 1).min(groups);
                assert!(sets.resize(total));
                let batch: Vec<(usize, i64)> = (0..4_000)
                    .map(|_| {
                        let value = (next(seed) % spread) as i64 - spread as i64 / 2;
                        // The first groups get most.
                        let group = next(seed) as usize % total;
                        (if round % 2 == 0 { group / 7 } else { group }, value << shift)
                    })
                    .collect();
                for &(group, value) in &batch {
                    plain.entry(group).or_default().insert(value);
                }
                let (of, values): (Vec<usize>, Vec<i64>) = batch.into_iter().unzip();
                match round % 3 {
                    0 => sets.add_each(&of, &values),
                    1 => of.iter().zip(&values).for_each(|(group, value)| sets.add(*group, *value)),
                    _ => of.iter().zip(values.chunks(1)).for_each(|(g, v)| sets.add_all(*g, v)),
                }
                if sets.is_due() {
                    sets.settle();
                }
            }
            sets.settle();
            let emptied = |group: usize| group % 5 == 3;
            sets.drain(|group, _| emptied(group));
            let forgotten = total / 3;
            sets.forget(forgotten);
            assert_eq!(sets.groups(), total - forgotten);
            for group in forgotten..total {
                let start = sets.values(group - forgotten).len();
                let end = sets.values(group - forgotten + 1).len();
                let found = &sets.values(sets.groups())[start..end];
                assert_eq!(found.len(), sets.count(group - forgotten));
                let found_set: BTreeSet<i64> = found.iter().copied().collect();
                assert_eq!(found_set.len(), found.len());
                let wanted = plain.remove(&group).filter(|_| !emptied(group));
                assert_eq!(found_set, wanted.unwrap_or_default(), "group {group} of {groups}");
            }
        }
    }
}
