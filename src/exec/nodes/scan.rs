//! The operator `scan`, row by row. Expressions that read only the row are columns of the input
//! already; what is left reads the state, and runs kernels over single values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::{concat, interleave};
use arrow::datatypes::SchemaRef;

use super::exec::Work;
use crate::error::{Error, Result};
use crate::functions::ScalarFunction;
use crate::functions::kernel::{Args, array_of};
use crate::functions::udf;
use crate::plan::ScanOutput;
use crate::types::{Type, Value};

/// The steps of a `scan`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScanStep {
    pub rules: Vec<ScanRule>,
    /// The columns of the input that are read.
    pub columns: Vec<(String, Type)>,
    /// Those of `columns` that are part of the state.
    pub kept: Vec<usize>,
    /// Names and default values of the declared columns.
    pub declared: Vec<(String, Value)>,
    /// The name of the column that numbers matches.
    pub match_id: Option<String>,
    /// The one of `columns` that is true where everything begins anew.
    pub restart: Option<usize>,
    /// The one of `columns` that is true of rows that pass by the steps.
    pub through: Option<usize>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScanRule {
    pub condition: Formula,
    pub assignments: Vec<(usize, Formula)>,
    pub output: ScanOutput,
}

/// An expression over one row and the state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Formula {
    /// One of the step's `columns`.
    Column(usize),
    Literal(Value),
    /// One of the kept columns in the last row of a step.
    Kept {
        step: usize,
        index: usize,
    },
    /// A declared column in the last row of a step.
    Declared {
        step: usize,
        index: usize,
    },
    Call {
        function: &'static ScalarFunction,
        overload: usize,
        args: Vec<Formula>,
        types: Vec<Type>,
        ty: Type,
    },
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// The row that a step matched last: arrays of one value.
struct Record {
    kept: Vec<ArrayRef>,
    declared: Vec<ArrayRef>,
}

/// The state of a step: the last row of it and of each step before.
struct State {
    records: Vec<Option<Arc<Record>>>,
    match_id: i64,
}

/// A row to give.
#[derive(Clone)]
struct Given {
    place: Place,
    record: Arc<Record>,
    match_id: i64,
    /// Its place among all rows.
    number: u64,
}

#[derive(Clone)]
enum Place {
    /// In the batch at hand.
    Row(usize),
    /// A row of an earlier batch.
    Earlier(RecordBatch),
}

/// The steps over one stream.
pub struct Scan {
    step: ScanStep,
    schema: SchemaRef,
    states: Vec<Option<State>>,
    /// Rows of `output=last` that are the last ones so far.
    waiting: Vec<Option<Given>>,
    /// What the state holds where there is none.
    nothing: Arc<Record>,
    matches: i64,
    rows: u64,
    ready: Option<RecordBatch>,
    ended: bool,
}

impl Scan {
    pub fn new(step: ScanStep, schema: SchemaRef) -> Self {
        let count = step.rules.len();
        let kept = step.kept.iter().map(|&index| {
            let ty = step.columns[index].1;
            array_of(&[Value::null(ty)], ty)
        });
        let declared = step.declared.iter().map(|(_, value)| {
            let ty = value.ty();
            array_of(std::slice::from_ref(value), ty)
        });
        let nothing = Arc::new(Record { kept: kept.collect(), declared: declared.collect() });
        Self {
            states: (0..count).map(|_| None).collect(),
            waiting: vec![None; count],
            step,
            schema,
            nothing,
            matches: 0,
            rows: 0,
            ready: None,
            ended: false,
        }
    }

    fn row(&mut self, row: &Row, given: &mut Vec<Given>) -> Result<()> {
        self.rows += 1;
        if row.is_true(self.step.restart) {
            self.flush(0..self.waiting.len(), given);
            self.states.iter_mut().for_each(|state| *state = None);
            self.matches = 0;
        }
        if row.is_true(self.step.through) {
            self.flush(0..self.waiting.len(), given);
            given.push(self.given(row, self.nothing.clone(), 0));
            return Ok(());
        }
        for index in (0..self.step.rules.len()).rev() {
            let before = index.checked_sub(1).filter(|&before| self.states[before].is_some());
            if let Some(before) = before
                && self.holds(index, row, self.states[before].as_ref())?
            {
                self.flush(before..index + 1, given);
                self.states[index] = self.states[before].take();
                self.matched(index, row, given)?;
                continue;
            }
            let active = index == 0 || self.states[index].is_some();
            if active && self.holds(index, row, self.states[index].as_ref())? {
                self.matched(index, row, given)?;
            }
        }
        Ok(())
    }

    fn holds(&self, index: usize, row: &Row, state: Option<&State>) -> Result<bool> {
        let value = self.value(&self.step.rules[index].condition, row, state)?;
        Ok(value.as_boolean_opt().is_some_and(|value| value.is_valid(0) && value.value(0)))
    }

    /// The row matches a step, whose state is in place.
    fn matched(&mut self, index: usize, row: &Row, given: &mut Vec<Given>) -> Result<()> {
        let mut declared = self.nothing.declared.clone();
        for (at, formula) in &self.step.rules[index].assignments {
            declared[*at] = self.value(formula, row, self.states[index].as_ref())?;
        }
        let kept = self.step.kept.iter().map(|&column| row.cell(column)).collect();
        let record = Arc::new(Record { kept, declared });
        let count = self.step.rules.len();
        let matches = &mut self.matches;
        let state = self.states[index].get_or_insert_with(|| {
            *matches += 1;
            State { records: vec![None; count], match_id: *matches - 1 }
        });
        state.records[index] = Some(record.clone());
        let match_id = state.match_id;
        let row = self.given(row, record, match_id);
        match self.step.rules[index].output {
            ScanOutput::All => given.push(row),
            ScanOutput::Last => self.waiting[index] = Some(row),
            ScanOutput::None => {}
        }
        Ok(())
    }

    fn given(&self, row: &Row, record: Arc<Record>, match_id: i64) -> Given {
        Given { place: Place::Row(row.index), record, match_id, number: self.rows }
    }

    /// Gives the rows that wait in some steps.
    fn flush(&mut self, steps: std::ops::Range<usize>, given: &mut Vec<Given>) {
        let mut rows: Vec<Given> =
            self.waiting[steps].iter_mut().filter_map(Option::take).collect();
        rows.sort_by_key(|row| row.number);
        given.extend(rows);
    }

    fn record<'s>(&'s self, state: Option<&'s State>, step: usize) -> &'s Record {
        state.and_then(|state| state.records[step].as_ref()).unwrap_or(&self.nothing)
    }

    fn value(&self, formula: &Formula, row: &Row, state: Option<&State>) -> Result<ArrayRef> {
        Ok(match formula {
            Formula::Column(index) => row.cell(*index),
            Formula::Literal(value) => array_of(std::slice::from_ref(value), value.ty()),
            Formula::Kept { step, index } => self.record(state, *step).kept[*index].clone(),
            Formula::Declared { step, index } => self.record(state, *step).declared[*index].clone(),
            Formula::Call { function, overload, args, types, ty } => {
                let mut values = Vec::with_capacity(args.len());
                let mut scalars = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.value(arg, row, state)?);
                    scalars.push(matches!(arg, Formula::Literal(_)));
                }
                let args = Args::new(&values, &scalars, types, 1);
                udf::evaluate(function, *overload, &args, *ty)?
            }
            Formula::And(terms) => self.logic(terms, false, row, state)?,
            Formula::Or(terms) => self.logic(terms, true, row, state)?,
        })
    }

    /// `and` or `or`, which are settled by a term that is `settles`.
    fn logic(
        &self,
        terms: &[Formula],
        settles: bool,
        row: &Row,
        state: Option<&State>,
    ) -> Result<ArrayRef> {
        let mut result = Some(!settles);
        for term in terms {
            let value = self.value(term, row, state)?;
            let value = value.as_boolean_opt().filter(|v| v.is_valid(0)).map(|v| v.value(0));
            match value {
                Some(value) if value == settles => {
                    result = Some(settles);
                    break;
                }
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(Arc::new(BooleanArray::from(vec![result])))
    }

    /// The given rows as a batch.
    fn batch(&self, batch: Option<&RecordBatch>, given: &[Given]) -> Result<RecordBatch> {
        let mut sources: Vec<&RecordBatch> = batch.into_iter().collect();
        let mut indices = Vec::with_capacity(given.len());
        for row in given {
            indices.push(match &row.place {
                Place::Row(row) => (0, *row),
                Place::Earlier(batch) => {
                    sources.push(batch);
                    (sources.len() - 1, 0)
                }
            });
        }
        let width = sources.first().map_or(0, |source| source.num_columns());
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for column in 0..width {
            let parts: Vec<&dyn Array> =
                sources.iter().map(|source| source.column(column).as_ref()).collect();
            arrays.push(interleave(&parts, &indices)?);
        }
        for column in 0..self.step.declared.len() {
            let parts: Vec<&dyn Array> =
                given.iter().map(|row| row.record.declared[column].as_ref()).collect();
            arrays.push(concat(&parts)?);
        }
        if self.step.match_id.is_some() {
            let ids = given.iter().map(|row| row.match_id);
            arrays.push(Arc::new(Int64Array::from_iter_values(ids)));
        }
        Ok(RecordBatch::try_new(self.schema.clone(), arrays)?)
    }
}

impl Work for Scan {
    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        let mut columns = vec![];
        for (name, _) in &self.step.columns {
            let column = batch.column_by_name(name).cloned();
            columns.push(column.ok_or_else(|| Error::Internal(format!("no column `{name}`")))?);
        }
        let mut given = vec![];
        for index in 0..batch.num_rows() {
            self.row(&Row { columns: &columns, index }, &mut given)?;
        }
        if !given.is_empty() {
            self.ready = Some(self.batch(Some(&batch), &given)?);
        }
        // Copies, so that the batch need not stay.
        for row in self.waiting.iter_mut().flatten() {
            if let Place::Row(index) = row.place {
                let arrays = batch
                    .columns()
                    .iter()
                    .map(|column| interleave(&[column.as_ref()], &[(0, index)]));
                let arrays = arrays.collect::<std::result::Result<Vec<_>, _>>()?;
                row.place = Place::Earlier(RecordBatch::try_new(batch.schema(), arrays)?);
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<RecordBatch>> {
        if self.ready.is_none() && self.ended {
            let mut given = vec![];
            self.flush(0..self.waiting.len(), &mut given);
            if !given.is_empty() {
                return self.batch(None, &given).map(Some);
            }
        }
        Ok(self.ready.take())
    }
}

/// A row at hand.
struct Row<'b> {
    columns: &'b [ArrayRef],
    index: usize,
}

impl Row<'_> {
    /// The value of a column, as an array of one.
    fn cell(&self, column: usize) -> ArrayRef {
        self.columns[column].slice(self.index, 1)
    }

    fn is_true(&self, column: Option<usize>) -> bool {
        let column = column.and_then(|column| self.columns[column].as_boolean_opt());
        column.is_some_and(|values| values.is_valid(self.index) && values.value(self.index))
    }
}
