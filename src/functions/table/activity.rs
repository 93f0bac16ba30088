//! Kernels of user analytics: how many distinct ids are active, new, retained in the bins of a
//! timeline. Distinct ids are counted exactly.
//!
//! The first input holds a timeline, an id and dimensions, up to the end of the analysis. The
//! constants begin with the start, the end and the step.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array};
use hashbrown::HashSet;

use super::axis::{Axis, Instant, instant};
use super::events::{Events, input};
use super::groups::{Groups, NO_ID};
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};

/// Rows, ids, ids never seen before, and all ids so far in every bin.
pub static ACTIVITY_COUNTS_METRICS: TableFunction =
    TableFunction { name: "activity_counts_metrics", kernel: counts_metrics };

/// Ids, ids that the bin before lacks, retention and churn in every bin.
pub static ACTIVITY_METRICS: TableFunction =
    TableFunction { name: "activity_metrics", kernel: metrics };

/// Ids of every bin and of the bins that a lookback reaches, and their ratio.
pub static ACTIVITY_ENGAGEMENT: TableFunction =
    TableFunction { name: "activity_engagement", kernel: engagement };

/// Rows and ids of the bins that a lookback reaches.
pub static SLIDING_WINDOW_COUNTS: TableFunction =
    TableFunction { name: "sliding_window_counts", kernel: sliding_window_counts };

/// Ids that appeared in enough periods before.
pub static ACTIVE_USERS_COUNT: TableFunction =
    TableFunction { name: "active_users_count", kernel: active_users_count };

/// Cohorts of new ids, and what becomes of them.
pub static NEW_ACTIVITY_METRICS: TableFunction =
    TableFunction { name: "new_activity_metrics", kernel: new_activity_metrics };

/// Sessions that begin in every bin.
pub static SESSION_COUNT: TableFunction =
    TableFunction { name: "session_count", kernel: session_count };

/// Rows of an answer under construction.
#[derive(Default)]
struct Rows {
    times: Vec<Instant>,
    groups: Vec<u32>,
    longs: Vec<Vec<i64>>,
    reals: Vec<Vec<f64>>,
}

impl Rows {
    fn new(longs: usize, reals: usize) -> Self {
        Rows { longs: vec![vec![]; longs], reals: vec![vec![]; reals], ..Rows::default() }
    }

    fn push<const L: usize, const R: usize>(
        &mut self,
        time: Instant,
        group: u32,
        longs: [i64; L],
        reals: [f64; R],
    ) {
        self.times.push(time);
        self.groups.push(group);
        self.longs.iter_mut().zip(longs).for_each(|(column, value)| column.push(value));
        self.reals.iter_mut().zip(reals).for_each(|(column, value)| column.push(value));
    }

    fn send(self, events: &Events, args: &TableArgs, out: &mut dyn Output) -> Result<()> {
        let longs = self.longs.into_iter().map(|c| Arc::new(Int64Array::from(c)) as ArrayRef);
        let reals = self.reals.into_iter().map(|c| Arc::new(Float64Array::from(c)) as ArrayRef);
        let others = longs.chain(reals).collect();
        events.send(args, out, &[self.times], &self.groups, others)
    }
}

/// What is counted in the bins of a group.
type Bins<const N: usize> = BTreeMap<u32, BTreeMap<i64, [i64; N]>>;

fn axis(args: &TableArgs) -> Result<Axis> {
    let step = args.constants.get(2);
    let step = step.ok_or_else(|| Error::Internal("a timeline without step".into()))?;
    Axis::new(instant(args.constants, 0)?, step)
}

/// The bins in which the rows of one id lie, in order, once each.
fn bins_of(events: &Events, axis: Axis, rows: &[u32]) -> Vec<i64> {
    let mut bins: Vec<i64> = rows.iter().map(|row| axis.bin(events.times[*row as usize])).collect();
    bins.dedup();
    bins
}

fn counts_metrics(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let mut bins: Bins<3> = BTreeMap::new();
    for (group, id, rows) in events.by_id() {
        let counts = bins.entry(group).or_default();
        for row in &rows {
            counts.entry(axis.bin(events.times[*row as usize])).or_default()[0] += 1;
        }
        if id != NO_ID {
            for (nth, bin) in bins_of(&events, axis, &rows).into_iter().enumerate() {
                let counts = counts.entry(bin).or_default();
                counts[1] += 1;
                counts[2] += i64::from(nth == 0);
            }
        }
    }
    let mut answer = Rows::new(4, 0);
    for (group, bins) in bins {
        let mut so_far = 0;
        for (bin, [count, ids, new]) in bins {
            so_far += new;
            answer.push(axis.start(bin), group, [count, ids, new, so_far], []);
        }
    }
    answer.send(&events, args, out)
}

fn metrics(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let mut bins: Bins<2> = BTreeMap::new();
    for (group, id, rows) in events.by_id() {
        let counts = bins.entry(group).or_default();
        let mut before = None;
        for bin in bins_of(&events, axis, &rows) {
            let counts = counts.entry(bin).or_default();
            if id != NO_ID {
                counts[0] += 1;
                counts[1] += i64::from(before == Some(bin - 1));
            }
            before = Some(bin);
        }
    }
    let mut answer = Rows::new(2, 2);
    for (group, bins) in bins {
        let mut before = None;
        for (bin, [ids, returning]) in bins {
            let at_start = match before {
                Some((last, ids)) if last == bin - 1 => ids,
                _ => 0,
            };
            let retention = returning as f64 / at_start as f64;
            let churn = (at_start - returning) as f64 / at_start as f64;
            answer.push(axis.start(bin), group, [ids, ids - returning], [retention, churn]);
            before = Some((bin, ids));
        }
    }
    answer.send(&events, args, out)
}

/// How the counts of a group change from bin to bin: rows and ids of a bin, rows and ids within the
/// lookback.
fn windows(
    events: &Events,
    axis: Axis,
    lookback: Instant,
    within: RangeInclusive<i64>,
    out: &dyn Output,
) -> Result<Bins<4>> {
    let (first, last) = within.into_inner();
    let mut changes: Bins<4> = BTreeMap::new();
    for (nth, (group, id, rows)) in events.by_id().into_iter().enumerate() {
        if nth % 4096 == 0 {
            out.check()?;
        }
        let changes = changes.entry(group).or_default();
        let mut open: Option<(i64, i64)> = None;
        let mut bin_before = None;
        for row in rows {
            let bin = axis.bin(events.times[row as usize]);
            let until = axis.last_reaching(bin, lookback, last);
            let from = bin.max(first);
            let mut span = |column: usize, from: i64, until: i64| {
                if from <= until {
                    changes.entry(from).or_default()[column] += 1;
                    changes.entry(until + 1).or_default()[column] -= 1;
                }
            };
            span(2, from, until);
            if id == NO_ID {
                continue;
            }
            if bin >= first && bin_before != Some(bin) {
                span(1, bin, bin.min(last));
            }
            bin_before = Some(bin);
            open = match open {
                Some((first, reached)) if from <= reached + 1 => Some((first, reached.max(until))),
                Some((first, reached)) => {
                    span(3, first, reached);
                    Some((from, until))
                }
                None => Some((from, until)),
            };
        }
        if let Some((first, reached)) = open.filter(|(first, reached)| first <= reached) {
            changes.entry(first).or_default()[3] += 1;
            changes.entry(reached + 1).or_default()[3] -= 1;
        }
    }
    Ok(changes)
}

/// Calls `each` for every bin within which, or within the lookback of which, rows lie.
fn sweep(
    changes: BTreeMap<i64, [i64; 4]>,
    out: &mut dyn Output,
    mut each: impl FnMut(i64, [i64; 4]),
) -> Result<()> {
    let mut counts = [0; 4];
    let mut changes = changes.into_iter().peekable();
    while let Some((bin, change)) = changes.next() {
        counts.iter_mut().zip(change).for_each(|(count, change)| *count += change);
        if counts[2] == 0 {
            continue;
        }
        let until = changes.peek().map_or(bin + 1, |(next, _)| *next);
        for bin in bin..until {
            if (bin & 0xfff) == 0 {
                out.reserve(0x1000 * 64)?;
                out.check()?;
            }
            each(bin, counts);
        }
    }
    Ok(())
}

fn engagement(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let outer = instant(args.constants, 3)?;
    // Without an end the last row is the end.
    let end = args.constants.get(1).and_then(Instant::of);
    let end = end.or_else(|| events.times.iter().copied().max_by(|a, b| a.order(*b)));
    let Some(end) = end else { return Ok(()) };
    // Without a start all bins count.
    let first = if args.constants[1].is_null() { i64::MIN } else { 0 };
    let mut answer = Rows::new(2, 1);
    for (group, changes) in windows(&events, axis, outer, first..=axis.bin(end), out)? {
        sweep(changes, out, |bin, [_, inner, _, outer]| {
            let ratio = inner as f64 / outer as f64;
            answer.push(axis.start(bin), group, [inner, outer], [ratio]);
        })?;
    }
    answer.send(&events, args, out)
}

fn sliding_window_counts(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let last = axis.bin(instant(args.constants, 1)?);
    let lookback = instant(args.constants, 3)?;
    let mut answer = Rows::new(2, 0);
    for (group, changes) in windows(&events, axis, lookback, 0..=last, out)? {
        sweep(changes, out, |bin, [_, _, rows, ids]| {
            answer.push(axis.start(bin), group, [rows, ids], []);
        })?;
    }
    answer.send(&events, args, out)
}

/// The constants go on with the lookback, the period and how many periods make an id active.
fn active_users_count(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let start = instant(args.constants, 0)?;
    let lookback = instant(args.constants, 3)?;
    let periods = Axis::new(start, &args.constants[4])?;
    let enough = args.constants[5].as_f64().unwrap_or(f64::INFINITY);
    let mut counts: Bins<1> = BTreeMap::new();
    for (group, id, rows) in events.by_id() {
        if id == NO_ID {
            continue;
        }
        let times: Vec<Instant> = rows.iter().map(|row| events.times[*row as usize]).collect();
        // The rows are in order, so a period is new where it differs from the one before.
        let mut ordinal = 0;
        let mut ordinals = Vec::with_capacity(times.len());
        let mut before = None;
        for time in &times {
            let period = periods.bin(*time);
            ordinal += i64::from(before.is_some_and(|before| before != period));
            before = Some(period);
            ordinals.push(ordinal);
        }
        let mut first = 0;
        let mut active = BTreeSet::new();
        for (nth, time) in times.iter().enumerate() {
            while !time.since(times[first]).order(lookback).is_lt() && first < nth {
                first += 1;
            }
            let seen = ordinals[nth] - ordinals[first] + 1;
            if seen as f64 >= enough && !time.order(start).is_lt() {
                active.insert(axis.bin(*time));
            }
        }
        for bin in active {
            counts.entry(group).or_default().entry(bin).or_default()[0] += 1;
        }
    }
    let mut answer = Rows::new(1, 0);
    for (group, bins) in counts {
        for (bin, count) in bins {
            answer.push(axis.start(bin), group, count, []);
        }
    }
    answer.send(&events, args, out)
}

/// The constants go on with the lookback. The bins begin at multiples of the step.
fn session_count(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 0, out)?;
    let start = instant(args.constants, 0)?;
    let zero = match start {
        Instant::Whole(_) => Instant::Whole(0),
        Instant::Real(_) => Instant::Real(0.0),
    };
    let axis = Axis::new(zero, &args.constants[2])?;
    let lookback = instant(args.constants, 3)?;
    let mut counts: Bins<1> = BTreeMap::new();
    for (group, id, rows) in events.by_id() {
        if id == NO_ID {
            continue;
        }
        let mut before: Option<Instant> = None;
        for row in rows {
            let time = events.times[row as usize];
            let goes_on = before.is_some_and(|before| time.since(before).order(lookback).is_le());
            if !goes_on && time.order(start).is_gt() {
                counts.entry(group).or_default().entry(axis.bin(time)).or_default()[0] += 1;
            }
            before = Some(time);
        }
    }
    let mut answer = Rows::new(1, 0);
    for (group, bins) in counts {
        for (bin, count) in bins {
            answer.push(axis.start(bin), group, count, []);
        }
    }
    answer.send(&events, args, out)
}

/// The constants go on with the cohort that is wanted, or null for all. A second input holds ids
/// that are not new.
fn new_activity_metrics(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let mut events = Events::read(args, 0, out)?;
    let axis = axis(args)?;
    let bins = axis.bin(instant(args.constants, 1)?).saturating_add(1);
    let bins = usize::try_from(bins).unwrap_or(0);
    let cohort = Instant::of(&args.constants[3]).map(|cohort| axis.bin(cohort));
    if args.inputs.len() > 1 {
        known_ids(args, &mut events)?;
    }
    // How many ids that first came in one bin were there in another.
    let mut matrices: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    let cells = bins.checked_mul(bins).filter(|cells| *cells < 1 << 40);
    let cells =
        cells.ok_or_else(|| Error::Execution("the timeline has too many bins".to_string()))?;
    for (group, id, rows) in events.by_id() {
        if !matrices.contains_key(&group) {
            out.reserve(cells * 8 * 8)?;
        }
        let matrix = matrices.entry(group).or_insert_with(|| vec![0; cells]);
        if id == NO_ID {
            continue;
        }
        let seen = bins_of(&events, axis, &rows);
        let Some(first) = seen.first().and_then(|bin| usize::try_from(*bin).ok()) else { continue };
        for bin in &seen {
            if let Some(cell) = matrix.get_mut(first * bins + *bin as usize) {
                *cell += 1;
            }
        }
    }
    let mut froms = vec![];
    let mut rest = Rows::new(3, 2);
    for (group, matrix) in &matrices {
        // For every bin, the ids in it that came first after the cohort at hand.
        let mut newer: Vec<i64> =
            (0..bins).map(|to| (0..bins).map(|from| matrix[from * bins + to]).sum()).collect();
        for from in 0..bins {
            let row = &matrix[from * bins..(from + 1) * bins];
            newer.iter_mut().zip(row).for_each(|(newer, own)| *newer -= own);
            if cohort.is_some_and(|cohort| cohort != from as i64) {
                continue;
            }
            out.check()?;
            let size = row[from];
            for to in from..bins {
                let new = if to == from { size } else { newer[to] };
                let retained = row[to];
                let rates = [retained, size - retained].map(|part| part as f64 / size as f64);
                froms.push(axis.start(from as i64));
                rest.push(axis.start(to as i64), *group, [new, retained, size - retained], rates);
            }
        }
    }
    let Rows { times, groups, longs, reals } = rest;
    let longs = longs.into_iter().map(|c| Arc::new(Int64Array::from(c)) as ArrayRef);
    let reals = reals.into_iter().map(|c| Arc::new(Float64Array::from(c)) as ArrayRef);
    events.send(args, out, &[froms, times], &groups, longs.chain(reals).collect())
}

/// Takes the ids of the second input out of those that can be new.
fn known_ids(args: &TableArgs, events: &mut Events) -> Result<()> {
    let own = input(args, 0)?.column(1);
    let known = input(args, 1)?.column(0);
    let all = arrow::compute::concat(&[&**own, &**known])?;
    let numbers = Groups::new(&[all], own.len() + known.len())?.of_row;
    let known: HashSet<u32> = numbers[own.len()..].iter().copied().collect();
    for (id, number) in events.ids.iter_mut().zip(&numbers) {
        if known.contains(number) {
            *id = NO_ID;
        }
    }
    Ok(())
}
