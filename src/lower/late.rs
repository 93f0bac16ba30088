//! The newest rows of a wide table: `top` and `sort | take` read the columns that decide, and fetch
//! the others for the rows that won.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::logical_expr::{Extension, LogicalPlan};

use super::TableSource;
use super::relation::{Lowered, Lowering, project};
use super::scope::{LoweredColumn, reference};
use crate::catalog::addressed::{FILE, ROW};
use crate::error::Result;
use crate::exec::failure;
use crate::exec::nodes::{Fetch, FetchNode};
use crate::plan::{AggregateCall, Node, Relation, ScalarExpr, SortKey, prune};
use crate::types::{Column, RowSchema, Type};

/// The most rows for which columns are fetched: beyond, reading all is as cheap.
const MAX_ROWS: u64 = 10_000;

/// The first `count` rows of `input` sorted by `keys`, if they come of one table whose rows can be
/// read again, and that is worth it.
pub fn top(
    lowering: &Lowering,
    input: &Relation,
    keys: &[SortKey],
    count: u64,
) -> Result<Option<Lowered>> {
    if count > MAX_ROWS {
        return Ok(None);
    }
    let Some(mut trail) = Trail::of(input) else { return Ok(None) };
    let source = lowering.table(trail.database, trail.table)?;
    let Some(rows) = source.addressed.clone() else { return Ok(None) };

    keys.iter().for_each(|key| trail.read(&key.expr));
    let late = |origin: &Option<usize>| source.stored((*origin)?, &trail);
    let origins: Vec<Option<usize>> = trail.origins.iter().map(late).collect();
    if !is_worth_it(&source, &origins) {
        return Ok(None);
    }

    let eager: Vec<usize> = (0..origins.len()).filter(|&i| origins[i].is_none()).collect();
    let addressed = with_address(input);
    let width = addressed.schema.len();
    let places: Vec<usize> = eager.iter().copied().chain([width - 2, width - 1]).collect();
    let narrow = prune(&addressed.select(&places));
    let keys = keys.iter().map(|key| {
        let moved = |index: usize, ty: Type| ScalarExpr::Column {
            index: eager.iter().position(|&e| e == index).unwrap_or(index),
            ty,
        };
        SortKey { expr: key.expr.map_columns(&moved), ..key.clone() }
    });
    let keys: Vec<SortKey> = keys.collect();
    let winners = lowering.sort(&narrow, &keys, usize::try_from(count).ok())?.serial()?;

    let schema = input.schema.columns();
    let late = origins.iter().enumerate().filter_map(|(i, origin)| Some((i, (*origin)?)));
    let columns = late.map(|(i, origin)| (origin, schema[i].name.to_string())).collect();
    let fetch = Fetch { table: trail.table.to_string(), rows, columns };
    let node = FetchNode::try_new(winners.plan, fetch).map_err(failure)?;
    let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
    let mut eager = winners.columns.into_iter();
    let columns: Vec<LoweredColumn> = origins
        .iter()
        .zip(schema)
        .filter_map(|(origin, column)| match origin {
            Some(origin) => {
                let raw = source.columns[*origin].1.clone();
                Some(LoweredColumn { name: column.name.clone(), raw })
            }
            None => eager.next(),
        })
        .collect();
    let exprs = columns.iter().map(|column| reference(&column.name)).collect();
    Ok(Some(Lowered { plan: project(plan, exprs)?, columns }))
}

/// Whether enough is left out of the first reading.
fn is_worth_it(source: &TableSource, late: &[Option<usize>]) -> bool {
    let stored = source.provider.schema();
    let late: HashSet<usize> = late.iter().flatten().copied().collect();
    let wide = late.iter().filter(|&&index| !stored.field(index).data_type().is_primitive());
    wide.count() > 0 || late.len() > 3
}

impl TableSource {
    /// The position in the table of a column of a scan. A text that a table may store as null
    /// becomes canonical above the fetch; one that needs no conversion is never null.
    fn stored(&self, index: usize, trail: &Trail) -> Option<usize> {
        let column = &trail.scanned.columns()[index];
        let at = self.columns.iter().position(|(name, _)| *name == column.name)?;
        (column.ty != Type::String || self.columns[at].1.is_some()).then_some(at)
    }
}

/// How the rows of a relation come from those of one table.
struct Trail<'a> {
    database: Option<&'a str>,
    table: &'a str,
    /// The columns of the scan.
    scanned: &'a RowSchema,
    /// For each column of the relation the scan's column that it is, unless it is computed or read
    /// on the way.
    origins: Vec<Option<usize>>,
}

impl<'a> Trail<'a> {
    fn of(relation: &'a Relation) -> Option<Self> {
        match &*relation.node {
            Node::Scan { database, table } => Some(Trail {
                database: database.as_deref(),
                table,
                scanned: &relation.schema,
                origins: (0..relation.schema.len()).map(Some).collect(),
            }),
            Node::Filter { input, predicate } => {
                let mut below = Trail::of(input)?;
                // What a filter has read need not be read again.
                below.read(predicate);
                Some(below)
            }
            Node::Project { input, exprs } => {
                let below = Trail::of(input)?;
                let origins = exprs.iter().map(|expr| below.origin(expr)).collect();
                Some(Trail { origins, ..below })
            }
            Node::Aggregate { input, keys, calls } => {
                let [call] = calls.as_slice() else { return None };
                if !picks_a_row(call) {
                    return None;
                }
                let below = Trail::of(input)?;
                // The extremum is computed of all rows; what comes with it is of one.
                let payload = call.args.iter().skip(1).map(|expr| below.origin(expr));
                let origins = keys.iter().map(|_| None).chain([None]).chain(payload).collect();
                Some(Trail { origins, ..below })
            }
            _ => None,
        }
    }

    /// Takes the columns that an expression reads off the trail.
    fn read(&mut self, expr: &ScalarExpr) {
        expr.visit(&mut |expr| {
            if let ScalarExpr::Column { index, .. } = expr {
                self.origins[*index] = None;
            }
        });
    }

    fn origin(&self, expr: &ScalarExpr) -> Option<usize> {
        match expr {
            ScalarExpr::Column { index, .. } => self.origins[*index],
            _ => None,
        }
    }
}

/// Whether a call gives columns of one row of a group.
fn picks_a_row(call: &AggregateCall) -> bool {
    matches!(call.function.name, "arg_max" | "arg_min") && call.args.len() > 1
}

/// The relation with the address of each row as its last two columns. It [has a trail](Trail::of).
fn with_address(relation: &Relation) -> Relation {
    let more = [FILE, ROW].map(|name| Column::new(name, Type::Long));
    let schema = RowSchema::new(relation.schema.columns().iter().cloned().chain(more));
    let address = |input: &Relation| {
        let width = input.schema.len();
        [input.column(width - 2), input.column(width - 1)]
    };
    let node = match &*relation.node {
        Node::Filter { input, predicate } => {
            Node::Filter { input: with_address(input), predicate: predicate.clone() }
        }
        Node::Project { input, exprs } => {
            let input = with_address(input);
            let exprs = exprs.iter().cloned().chain(address(&input)).collect();
            Node::Project { input, exprs }
        }
        Node::Aggregate { input, keys, calls } => {
            let input = with_address(input);
            let calls = calls.iter().map(|call| AggregateCall {
                args: call.args.iter().cloned().chain(address(&input)).collect(),
                returns: call.returns.iter().copied().chain([Type::Long; 2]).collect(),
                ..call.clone()
            });
            let calls = calls.collect();
            Node::Aggregate { input, keys: keys.clone(), calls }
        }
        other => other.clone(),
    };
    Relation { node: Arc::new(node), schema, serialized: relation.serialized }
}
