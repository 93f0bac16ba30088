//! Kernels that look for sequences of states along a timeline.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray};
use serde_json::Value as Json;

use super::axis::{self, Axis, Instant, instant};
use super::events::{Events, input, send};
use super::groups::{Groups, NO_ID};
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::types::Value;

/// Every sequence of times at which conditions hold one after the other. Input: a timeline, a bool
/// per condition, dimensions. Constants: the longest step, the longest sequence, how many conditions.
pub static SEQUENCE_DETECT: TableFunction =
    TableFunction { name: "sequence_detect", kernel: sequence_detect };

/// How many ids come how far in a sequence of states. Input: a timeline, an id, the text of a state.
/// Constants: start, end and step of the analysis, the states, how long all of them may take.
pub static FUNNEL_SEQUENCE_COMPLETION: TableFunction =
    TableFunction { name: "funnel_sequence_completion", kernel: funnel_sequence_completion };

fn sequence_detect(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let input = input(args, 0)?;
    let rows = input.num_rows();
    out.reserve(rows * 48)?;
    let times = axis::instants(input.column(0))?;
    let (step, span) = (instant(args.constants, 0)?, instant(args.constants, 1)?);
    let count = args.constants.get(2).and_then(Value::as_i64).unwrap_or(0) as usize;
    let conditions: Option<Vec<&BooleanArray>> =
        input.columns()[1..=count].iter().map(|column| column.as_boolean_opt()).collect();
    let conditions = conditions.ok_or_else(|| Error::Internal("a condition is no bool".into()))?;
    let dimensions = &input.columns()[1 + count..];
    let groups = Groups::new(dimensions, rows)?;
    let mut places: BTreeMap<u32, Vec<Vec<Instant>>> = BTreeMap::new();
    for (row, time) in times.iter().enumerate() {
        let of_group =
            places.entry(groups.of_row[row]).or_insert_with(|| vec![vec![]; conditions.len()]);
        for (condition, times_of) in conditions.iter().zip(of_group) {
            if condition.is_valid(row) && condition.value(row) {
                times_of.push(*time);
            }
        }
    }
    let mut search =
        Search { step, span, found: vec![vec![]; count], groups: vec![], chain: vec![] };
    for (group, mut steps) in places {
        for times in &mut steps {
            times.sort_by(|a, b| a.order(*b));
            times.dedup();
        }
        search.run(group, &steps, out)?;
    }
    let mut columns: Vec<ArrayRef> = vec![];
    for dimension in dimensions {
        columns.push(groups.values(dimension, &search.groups)?);
    }
    let found = &search.found;
    for (nth, times) in found.iter().enumerate() {
        let ty = args.schema.field(dimensions.len() + nth).data_type();
        columns.push(axis::column(times, ty));
    }
    let lasts = found[count - 1].iter().zip(&found[0]);
    let durations: Vec<Instant> = lasts.map(|(last, first)| last.since(*first)).collect();
    columns.push(axis::column(&durations, args.schema.field(columns.len()).data_type()));
    send(args, out, columns)
}

/// The sequences found, a column of times per step.
struct Search {
    step: Instant,
    span: Instant,
    found: Vec<Vec<Instant>>,
    groups: Vec<u32>,
    chain: Vec<Instant>,
}

impl Search {
    /// Extends the chain by every time of the next step that is late enough and not too late.
    fn run(&mut self, group: u32, steps: &[Vec<Instant>], out: &mut dyn Output) -> Result<()> {
        let Some((times, rest)) = steps.split_first() else {
            if self.groups.len().is_multiple_of(4096) {
                out.reserve(4096 * 16 * (self.chain.len() + 1))?;
                out.check()?;
            }
            self.groups.push(group);
            self.found.iter_mut().zip(&self.chain).for_each(|(column, time)| column.push(*time));
            return Ok(());
        };
        let from = match self.chain.last() {
            Some(last) => times.partition_point(|time| !time.order(*last).is_gt()),
            None => 0,
        };
        for &time in &times[from..] {
            let late = |since: Option<&Instant>, limit: Instant| {
                since.is_some_and(|since| time.since(*since).order(limit).is_gt())
            };
            if late(self.chain.last(), self.step) || late(self.chain.first(), self.span) {
                break;
            }
            self.chain.push(time);
            self.run(group, rest, out)?;
            self.chain.pop();
        }
        Ok(())
    }
}

/// The elements of a constant array.
fn elements(args: &TableArgs, index: usize) -> Result<Vec<Json>> {
    let text = args.constants.get(index).and_then(Value::as_str).unwrap_or("");
    match serde_json::from_str(text) {
        Ok(Json::Array(elements)) => Ok(elements),
        _ => Err(Error::Internal(format!("constant {index} is no array"))),
    }
}

/// The states of a sequence as texts.
pub fn states(args: &TableArgs, index: usize) -> Result<Vec<String>> {
    let text = |element: Json| match element {
        Json::String(text) => text,
        other => other.to_string(),
    };
    Ok(elements(args, index)?.into_iter().map(text).collect())
}

fn funnel_sequence_completion(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 1, out)?;
    let step = &args.constants[2];
    let axis = Axis::new(instant(args.constants, 0)?, step)?;
    let states = states(args, 3)?;
    let periods = args.constants[4..].iter().map(|period| {
        Instant::of(period).ok_or_else(|| Error::Internal("a period is no distance".into()))
    });
    let periods = periods.collect::<Result<Vec<_>>>()?;
    let texts = input(args, 0)?.column(2).as_string_view_opt();
    let texts = texts.ok_or_else(|| Error::Internal("states are no text".into()))?;
    // For every bin and period, how many ids reach each state.
    let mut reached: BTreeMap<i64, Vec<Vec<i64>>> = BTreeMap::new();
    for (_, id, rows) in events.by_id() {
        let bin_of = |row: u32| axis.bin(events.times[row as usize]);
        for rows in rows.chunk_by(|a, b| bin_of(*a) == bin_of(*b)) {
            let counts = reached
                .entry(bin_of(rows[0]))
                .or_insert_with(|| vec![vec![0; states.len()]; periods.len()]);
            if id == NO_ID {
                continue;
            }
            for (period, counts) in periods.iter().zip(counts) {
                let depth = depth(&events, texts, &states, *period, rows);
                counts[..depth].iter_mut().for_each(|count| *count += 1);
            }
        }
    }
    let mut times = vec![];
    let (mut labels, mut lengths, mut counts) = (vec![], vec![], vec![]);
    for (bin, of_bin) in reached {
        for (period, of_period) in periods.iter().zip(of_bin) {
            for (state, count) in states.iter().zip(of_period) {
                times.push(axis.start(bin));
                labels.push(state.as_str());
                lengths.push(*period);
                counts.push(count);
            }
        }
    }
    let columns: Vec<ArrayRef> = vec![
        axis::column(&times, args.schema.field(0).data_type()),
        Arc::new(StringViewArray::from_iter_values(labels)),
        axis::column(&lengths, args.schema.field(2).data_type()),
        Arc::new(Int64Array::from(counts)),
    ];
    send(args, out, columns)
}

/// How many states of a sequence some rows of one id pass, in order and within a period from the
/// first one. Rows of one time pass in the order of the states.
fn depth(
    events: &Events,
    texts: &StringViewArray,
    states: &[String],
    period: Instant,
    rows: &[u32],
) -> usize {
    let first_place = |row: u32| {
        let text = texts.value(row as usize);
        states.iter().position(|state| state == text)
    };
    let mut rows: Vec<(Instant, usize)> = rows
        .iter()
        .filter_map(|row| Some((events.times[*row as usize], first_place(*row)?)))
        .collect();
    rows.sort_by(|a, b| a.0.order(b.0).then(a.1.cmp(&b.1)));
    // The latest time at which a chain that has come so far began.
    let mut begun: Vec<Option<Instant>> = vec![None; states.len()];
    let mut depth = 0;
    for (now, place) in rows {
        // The last place first: a row stands for one state of a chain.
        for nth in (0..states.len()).rev().filter(|nth| states[*nth] == states[place]) {
            let began = if nth == 0 { Some(now) } else { begun[nth - 1] };
            if let Some(began) = began
                && now.since(began).order(period).is_le()
            {
                begun[nth] = Some(began);
                depth = depth.max(nth + 1);
            }
        }
    }
    depth
}
