//! Functions of row order, evaluated batch by batch with what has to be known of earlier rows.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::kernels::cmp::distinct;
use arrow::compute::{concat, interleave};
use arrow::datatypes::{Int64Type, SchemaRef};

use super::exec::Work;
use super::logical::{Operand, WindowStep};
use crate::error::{Error, Result};
use crate::functions::def::WindowFunction;
use crate::functions::kernel::{array_of, value_at};
use crate::types::{Decimal, Type, Value};

/// The functions over one stream.
pub struct Window {
    calls: Vec<WindowStep>,
    states: Vec<State>,
    schema: SchemaRef,
    /// Batches that wait for rows after them, with the columns made so far; `None` stands where
    /// `next` has to look ahead.
    waiting: VecDeque<(RecordBatch, Vec<Option<ArrayRef>>)>,
    ended: bool,
}

/// What a function remembers of the rows so far.
enum State {
    /// The last rows of the first argument, at most as many as the offset.
    Previous {
        tail: Option<ArrayRef>,
    },
    /// Nothing: the rows after are looked at when they have come.
    Next,
    Number {
        last: Option<i64>,
    },
    Sum {
        last: Value,
    },
    Rank {
        last: Option<ArrayRef>,
        rank: i64,
        row: i64,
    },
    Session {
        first: Option<i64>,
        previous: Option<i64>,
    },
}

impl Window {
    pub fn new(calls: Vec<WindowStep>, schema: SchemaRef) -> Self {
        let state = |call: &WindowStep| match call.function {
            WindowFunction::Prev | WindowFunction::Next => match look(call) {
                Some(by) if by > 0 => State::Next,
                _ => State::Previous { tail: None },
            },
            WindowFunction::RowNumber => State::Number { last: None },
            WindowFunction::RowCumsum => State::Sum { last: Value::Null(call.ty) },
            WindowFunction::RowRankDense | WindowFunction::RowRankMin => {
                State::Rank { last: None, rank: 0, row: 0 }
            }
            WindowFunction::RowWindowSession => State::Session { first: None, previous: None },
        };
        let states = calls.iter().map(state).collect();
        Self { calls, states, schema, waiting: VecDeque::new(), ended: false }
    }

    /// How many rows must follow a batch before it is complete.
    fn ahead(&self) -> usize {
        let ahead = self.calls.iter().zip(&self.states);
        let ahead = ahead.filter(|(_, state)| matches!(state, State::Next));
        ahead.filter_map(|(call, _)| look(call)).max().map_or(0, |by| by as usize)
    }

    /// The column that `next` gives for the first batch that waits.
    fn next_column(&self, call: &WindowStep) -> Result<ArrayRef> {
        let by = look(call).map_or(0, |by| by as usize);
        let Some((batch, _)) = self.waiting.front() else {
            return Err(Error::Internal("no batch waits".into()));
        };
        let rows = batch.num_rows();
        let mut parts = vec![];
        let mut found = 0;
        for (batch, _) in &self.waiting {
            if found >= rows + by {
                break;
            }
            found += batch.num_rows();
            parts.push(column(&call.args, 0, batch)?);
        }
        let parts: Vec<&dyn Array> = parts.iter().map(|part| &**part).collect();
        let all = concat(&parts)?;
        let from = by.min(found);
        let known = all.slice(from, rows.min(found - from));
        let default = default(call, batch)?;
        let missing = rows - known.len();
        Ok(concat(&[&*known, &*default.slice(rows - missing, missing)])?)
    }
}

impl Work for Window {
    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        let mut columns = vec![];
        for (call, state) in self.calls.iter().zip(&mut self.states) {
            columns.push(evaluate(call, state, &batch)?);
        }
        self.waiting.push_back((batch, columns));
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<RecordBatch>> {
        let after: usize = self.waiting.iter().skip(1).map(|(batch, _)| batch.num_rows()).sum();
        if self.waiting.is_empty() || (!self.ended && after < self.ahead()) {
            return Ok(None);
        }
        let mut next = vec![];
        for (call, state) in self.calls.iter().zip(&self.states) {
            let is_next = matches!(state, State::Next);
            next.push(if is_next { Some(self.next_column(call)?) } else { None });
        }
        let Some((batch, columns)) = self.waiting.pop_front() else { return Ok(None) };
        let mut arrays = batch.columns().to_vec();
        arrays.extend(columns.into_iter().zip(next).filter_map(|(made, next)| made.or(next)));
        Ok(Some(RecordBatch::try_new(self.schema.clone(), arrays)?))
    }
}

/// How far `prev` and `next` look, forward if positive; `None` if the offset is null.
fn look(call: &WindowStep) -> Option<i64> {
    let offset = match call.args.get(1) {
        None => 1,
        Some(Operand::Constant(offset)) => offset.as_i64()?,
        Some(Operand::Column(..)) => return None,
    };
    // No stream is that long, and offsets of this size cannot overflow.
    let offset = offset.clamp(-(1 << 40), 1 << 40);
    Some(if call.function == WindowFunction::Next { offset } else { -offset })
}

/// The argument at `index` for all rows of a batch.
fn column(args: &[Operand], index: usize, batch: &RecordBatch) -> Result<ArrayRef> {
    match args.get(index) {
        Some(Operand::Column(name, _)) => batch
            .column_by_name(name)
            .cloned()
            .ok_or_else(|| Error::Internal(format!("no column `{name}`"))),
        Some(Operand::Constant(value)) => {
            Ok(array_of(&vec![value.clone(); batch.num_rows()], value.ty()))
        }
        None => Err(Error::Internal("a missing argument of a window function".into())),
    }
}

/// What stands where `prev` and `next` reach outside the rows.
fn default(call: &WindowStep, batch: &RecordBatch) -> Result<ArrayRef> {
    if call.args.len() > 2 {
        return column(&call.args, 2, batch);
    }
    Ok(array_of(&vec![Value::null(call.ty); batch.num_rows()], call.ty))
}

fn booleans(args: &[Operand], index: usize, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
    if args.len() <= index {
        return Ok(None);
    }
    Ok(column(args, index, batch)?.as_boolean_opt().cloned())
}

fn ticks(args: &[Operand], index: usize, batch: &RecordBatch) -> Result<Int64Array> {
    let column = column(args, index, batch)?;
    let ticks = column.as_primitive_opt::<Int64Type>().cloned();
    ticks.ok_or_else(|| Error::Internal(format!("{} is no instant", column.data_type())))
}

fn is_set(restarts: Option<&BooleanArray>, row: usize) -> bool {
    restarts.is_some_and(|restarts| restarts.is_valid(row) && restarts.value(row))
}

/// The result for one batch; `None` if it depends on rows to come.
fn evaluate(call: &WindowStep, state: &mut State, batch: &RecordBatch) -> Result<Option<ArrayRef>> {
    let rows = batch.num_rows();
    Ok(Some(match state {
        State::Next => return Ok(None),
        State::Previous { tail } => match look(call) {
            Some(by) => previous(call, tail, by.unsigned_abs() as usize, batch)?,
            None if matches!(call.args.get(1), Some(Operand::Column(..))) => {
                return Err(Error::Execution(
                    "an offset of `prev` or `next` is not a constant".into(),
                ));
            }
            None => array_of(&vec![Value::null(call.ty); rows], call.ty),
        },
        State::Number { last } => {
            let restarts = booleans(&call.args, 1, batch)?;
            let start = match call.args.first() {
                Some(_) => Some(column(&call.args, 0, batch)?),
                None => None,
            };
            let ty = match call.args.first() {
                Some(Operand::Column(_, ty)) => *ty,
                Some(Operand::Constant(value)) => value.ty(),
                None => Type::Long,
            };
            let number = (0..rows).map(|row| {
                let number = match *last {
                    Some(last) if !is_set(restarts.as_ref(), row) => last.wrapping_add(1),
                    _ => {
                        let start = start.as_ref().map(|start| value_at(start, ty, row));
                        start.map_or(1, |start| start.as_i64().unwrap_or(1))
                    }
                };
                *last = Some(number);
                number
            });
            Arc::new(Int64Array::from_iter_values(number))
        }
        State::Sum { last } => {
            let values = column(&call.args, 0, batch)?;
            let ty = match call.args.first() {
                Some(Operand::Column(_, ty)) => *ty,
                _ => call.ty,
            };
            let restarts = booleans(&call.args, 1, batch)?;
            let mut sums = Vec::with_capacity(rows);
            for row in 0..rows {
                let value = value_at(&values, ty, row);
                if is_set(restarts.as_ref(), row) || last.is_null() {
                    *last = value.cast(call.ty);
                } else if !value.is_null() {
                    *last = add(last, &value.cast(call.ty));
                }
                sums.push(last.clone());
            }
            array_of(&sums, call.ty)
        }
        State::Rank { last, rank, row } => {
            let values = column(&call.args, 0, batch)?;
            let restarts = booleans(&call.args, 1, batch)?;
            let dense = call.function == WindowFunction::RowRankDense;
            let changed = changes(last.as_ref(), &values)?;
            let ranks = (0..rows).map(|index| {
                if is_set(restarts.as_ref(), index) {
                    (*rank, *row) = (0, 0);
                }
                *row += 1;
                if *row == 1 || changed.value(index) {
                    *rank = if dense { *rank + 1 } else { *row };
                }
                *rank
            });
            let ranks = Int64Array::from_iter_values(ranks);
            if rows > 0 {
                *last = Some(values.slice(rows - 1, 1));
            }
            Arc::new(ranks)
        }
        State::Session { first, previous } => {
            let times = ticks(&call.args, 0, batch)?;
            let from_first = ticks(&call.args, 1, batch)?;
            let between = ticks(&call.args, 2, batch)?;
            let restarts = booleans(&call.args, 3, batch)?;
            let sessions = (0..rows).map(|row| {
                let time = times.is_valid(row).then(|| times.value(row));
                // A limit that is not known is never reached.
                let reached = |since: Option<i64>, limit: &Int64Array| match (time, since) {
                    (Some(time), Some(since)) if limit.is_valid(row) => {
                        time >= since.saturating_add(limit.value(row))
                    }
                    _ => false,
                };
                let starts = first.is_none()
                    || is_set(restarts.as_ref(), row)
                    || reached(*first, &from_first)
                    || reached(*previous, &between);
                if starts {
                    *first = time;
                }
                *previous = time;
                *first
            });
            Arc::new(Int64Array::from_iter(sessions))
        }
    }))
}

/// The rows `by` places before, the last of earlier batches included.
fn previous(
    call: &WindowStep,
    tail: &mut Option<ArrayRef>,
    by: usize,
    batch: &RecordBatch,
) -> Result<ArrayRef> {
    let values = column(&call.args, 0, batch)?;
    let rows = values.len();
    let all = match tail {
        Some(tail) => concat(&[&**tail, &*values])?,
        None => values,
    };
    let kept = all.len().min(by);
    // The wanted rows end `by` before the end; what lies before all rows is the default.
    let missing = (rows + by).saturating_sub(all.len()).min(rows);
    let known = rows - missing;
    let from = all.len() - (known + by).min(all.len());
    let found = all.slice(from, known);
    let result = if missing == 0 {
        found
    } else {
        concat(&[&*default(call, batch)?.slice(0, missing), &*found])?
    };
    // A copy, so that the whole batch need not stay.
    let last = all.slice(all.len() - kept, kept);
    let indices: Vec<(usize, usize)> = (0..kept).map(|row| (0, row)).collect();
    *tail = Some(interleave(&[&*last], &indices)?);
    Ok(result)
}

/// Whether each value differs from the one before.
fn changes(last: Option<&ArrayRef>, values: &ArrayRef) -> Result<BooleanArray> {
    let rows = values.len();
    if rows == 0 {
        return Ok(BooleanArray::from(Vec::<bool>::new()));
    }
    let first = match last {
        Some(last) => last.clone(),
        None => values.slice(0, 1),
    };
    let before = concat(&[&*first, &*values.slice(0, rows - 1)])?;
    Ok(distinct(&before, values)?)
}

fn add(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.wrapping_add(*b)),
        (Value::Long(a), Value::Long(b)) => Value::Long(a.wrapping_add(*b)),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Value::TimeSpan(a.wrapping_add(*b)),
        (Value::Real(a), Value::Real(b)) => Value::Real(a + b),
        (Value::Decimal(a), Value::Decimal(b)) => {
            Decimal::checked_add(*a, *b).map_or(Value::Null(Type::Decimal), Value::Decimal)
        }
        _ => Value::Null(left.ty()),
    }
}
