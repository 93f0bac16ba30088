//! `funnel_sequence`: what comes before and after a sequence of states.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, StringViewArray, UInt32Array};
use arrow::compute::{concat, take};

use super::axis::{self, Axis, Instant, instant};
use super::events::{Events, input, send};
use super::groups::NO_ID;
use super::sequences::states;
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::functions::kernel::{array_of, value_at};
use crate::types::{Type, Value};

/// How many ids pass a sequence between which states. Input: a timeline, an id, a state, the text of
/// the state. Constants: start, end and step of the analysis, the states of the sequence, the
/// longest step, nulls of the types of id and state, and whether the states before and after are
/// told apart.
pub static FUNNEL_SEQUENCE: TableFunction =
    TableFunction { name: "funnel_sequence", kernel: funnel_sequence };

/// The most ids that a row tells.
const SAMPLES: usize = 128;

/// Rows of one id and state that follow each other.
struct Run<'a> {
    state: &'a str,
    /// The first of the rows.
    row: u32,
    first: Instant,
    last: Instant,
}

/// The rows of a pair of states, where they are told apart and there.
#[derive(Default)]
struct Passed {
    before: Option<u32>,
    after: Option<u32>,
    /// The ids, each by a row.
    ids: Vec<(u32, u32)>,
}

fn funnel_sequence(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let events = Events::read(args, 2, out)?;
    let axis = Axis::new(instant(args.constants, 0)?, &args.constants[2])?;
    let sequence = states(args, 3)?;
    let longest = instant(args.constants, 4)?;
    let (tells_before, tells_after) =
        (args.constants[7] == Value::Bool(true), args.constants[8] == Value::Bool(true));
    let rows = input(args, 0)?;
    let texts = rows.column(3).as_string_view_opt();
    let texts = texts.ok_or_else(|| Error::Internal("states are no text".into()))?;
    let mut passed: BTreeMap<(i64, Option<&str>, Option<&str>), Passed> = BTreeMap::new();
    for (_, id, rows) in events.by_id() {
        if id == NO_ID {
            continue;
        }
        let runs = runs(&events, texts, rows);
        for (at, found) in runs.windows(sequence.len()).enumerate() {
            let states = found.iter().map(|run| run.state);
            let in_time = |pair: &[Run]| pair[1].first.since(pair[0].last).order(longest).is_le();
            if !states.eq(sequence.iter().map(String::as_str)) || !found.windows(2).all(in_time) {
                continue;
            }
            let before = at.checked_sub(1).map(|at| &runs[at]).filter(|_| tells_before);
            let after = runs.get(at + sequence.len()).filter(|_| tells_after);
            let bin = axis.bin(found[0].first);
            let key = (bin, before.map(|run| run.state), after.map(|run| run.state));
            let passed = passed.entry(key).or_insert_with(|| Passed {
                before: before.map(|run| run.row),
                after: after.map(|run| run.row),
                ids: vec![],
            });
            if passed.ids.last().is_none_or(|(last, _)| *last != id) {
                passed.ids.push((id, found[0].row));
            }
        }
    }
    let mut found: Vec<(i64, Passed)> =
        passed.into_iter().map(|((bin, _, _), passed)| (bin, passed)).collect();
    found.sort_by_key(|(bin, passed)| (*bin, Reverse(passed.ids.len())));
    let times: Vec<Instant> = found.iter().map(|(bin, _)| axis.start(*bin)).collect();
    let mut columns: Vec<ArrayRef> = vec![axis::column(&times, args.schema.field(0).data_type())];
    let state = |row: fn(&Passed) -> Option<u32>| -> Result<ArrayRef> {
        let (states, ty) = (rows.column(2), args.constants[6].ty());
        let all = concat(&[&**states, &*array_of(&[Value::null(ty)], ty)])?;
        let places = found.iter().map(|(_, p)| row(p).unwrap_or(states.len() as u32));
        Ok(take(&all, &UInt32Array::from_iter_values(places), None)?)
    };
    if tells_before {
        columns.push(state(|passed| passed.before)?);
    }
    if tells_after {
        columns.push(state(|passed| passed.after)?);
    }
    let counts = found.iter().map(|(_, passed)| passed.ids.len() as i64);
    columns.push(Arc::new(Int64Array::from_iter_values(counts)));
    let samples = found.iter().map(|(_, p)| samples(rows.column(1), args.constants[5].ty(), p));
    columns.push(Arc::new(StringViewArray::from_iter_values(samples)));
    send(args, out, columns)
}

/// The rows of one id in the order of time (of one time, by state), those of one state put together.
fn runs<'a>(events: &Events, texts: &'a StringViewArray, mut rows: Vec<u32>) -> Vec<Run<'a>> {
    let time = |row: u32| events.times[row as usize];
    let text = |row: u32| texts.value(row as usize);
    rows.sort_by(|&a, &b| time(a).order(time(b)).then_with(|| text(a).cmp(text(b))));
    let mut runs: Vec<Run> = vec![];
    for row in rows {
        match runs.last_mut() {
            Some(run) if run.state == text(row) => run.last = time(row),
            _ => runs.push(Run { state: text(row), row, first: time(row), last: time(row) }),
        }
    }
    runs
}

/// The first ids as an array.
fn samples(column: &ArrayRef, ty: Type, passed: &Passed) -> String {
    let ids = passed.ids.iter().take(SAMPLES).map(|(_, row)| {
        let id = value_at(column, ty, *row as usize);
        id.to_dynamic().to_json()
    });
    format!("[{}]", ids.collect::<Vec<_>>().join(","))
}
