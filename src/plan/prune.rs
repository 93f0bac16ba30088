//! Leaves out columns that nothing above reads, from the top of a plan down to its scans, so that
//! planning and reading cost what a query asks for and not what its tables are wide.

use std::sync::Arc;

use super::{AggregateCall, JoinKind, Node, Relation, ScalarExpr, SortKey, StepScan};
use crate::types::{Column, RowSchema, Value};

/// The same rows with the same columns, computed from as few columns as possible.
pub fn prune(relation: &Relation) -> Relation {
    let width = relation.schema.len();
    let pruned = narrow(relation, &Needed::all(width));
    let same = pruned.width() == width
        && pruned.places.iter().enumerate().all(|(index, place)| *place == Some(index));
    match same {
        true => pruned.relation,
        false => pruned.select(&(0..width).collect::<Vec<_>>(), &relation.schema),
    }
}

/// Which columns of a relation are read.
#[derive(Clone)]
struct Needed(Vec<bool>);

impl Needed {
    fn none(width: usize) -> Self {
        Needed(vec![false; width])
    }

    fn all(width: usize) -> Self {
        Needed(vec![true; width])
    }

    fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }

    fn add(&mut self, index: usize) {
        if let Some(needed) = self.0.get_mut(index) {
            *needed = true;
        }
    }

    /// Adds the columns that an expression reads.
    fn reads(&mut self, expr: &ScalarExpr) {
        expr.visit(&mut |e| {
            if let ScalarExpr::Column { index, .. } = e {
                self.add(*index);
            }
        });
    }

    /// The needed ones among the columns from `from` on, `width` of them.
    fn part(&self, from: usize, width: usize) -> Needed {
        Needed((from..from + width).map(|index| self.has(index)).collect())
    }

    /// The positions that are needed.
    fn positions(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|&index| self.has(index)).collect()
    }
}

/// A relation with fewer columns, and where those of the original are now.
struct Narrow {
    relation: Relation,
    places: Vec<Option<usize>>,
}

impl Narrow {
    fn width(&self) -> usize {
        self.relation.schema.len()
    }

    /// Where a column is that was needed.
    fn place(&self, index: usize) -> usize {
        let place = self.places.get(index).copied().flatten();
        debug_assert!(place.is_some(), "column {index} was pruned although it is read");
        place.unwrap_or(index)
    }

    fn expr(&self, expr: &ScalarExpr) -> ScalarExpr {
        expr.map_columns(&|index, ty| ScalarExpr::Column { index: self.place(index), ty })
    }

    fn exprs(&self, exprs: &[ScalarExpr]) -> Vec<ScalarExpr> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn call(&self, call: &AggregateCall) -> AggregateCall {
        AggregateCall {
            args: self.exprs(&call.args),
            filter: call.filter.as_ref().map(|filter| self.expr(filter)),
            ..call.clone()
        }
    }

    /// The columns at `positions` of the original, named as in `schema`.
    fn select(self, positions: &[usize], schema: &RowSchema) -> Relation {
        let columns = positions.iter().map(|&index| {
            let column = schema.columns()[index].clone();
            (column, self.relation.column(self.place(index)))
        });
        let columns = columns.collect();
        self.relation.project(columns)
    }

    /// A node over this one that passes its columns on; `original` is the node before.
    fn pass(self, original: &Relation, node: impl FnOnce(Relation) -> Node) -> Narrow {
        let (schema, places) = (self.relation.schema.clone(), self.places);
        let node = Arc::new(node(self.relation));
        Narrow { relation: Relation { node, schema, serialized: original.serialized }, places }
    }

    /// A node over this one that passes its columns on and appends those of the original from
    /// position `from` on.
    fn append(self, original: &Relation, from: usize, node: impl FnOnce(Relation) -> Node) -> Self {
        let width = self.width();
        let added = original.schema.columns().get(from..).unwrap_or_default();
        let columns = self.relation.schema.columns().iter().chain(added).cloned();
        let schema = RowSchema::new(columns);
        let mut places = self.places;
        places.truncate(from);
        places.extend((0..added.len()).map(|index| Some(width + index)));
        let node = Arc::new(node(self.relation));
        Narrow { relation: Relation { node, schema, serialized: original.serialized }, places }
    }
}

/// The relation with the needed columns and perhaps others.
fn narrow(relation: &Relation, needed: &Needed) -> Narrow {
    match &*relation.node {
        Node::Scan { .. } => scan(relation, needed),
        Node::Filter { input, predicate } => {
            let mut below = needed.clone();
            below.reads(predicate);
            let input = narrow(input, &below);
            let predicate = input.expr(predicate);
            input.pass(relation, |input| Node::Filter { input, predicate })
        }
        Node::Project { input, exprs } => {
            let computed: Vec<(usize, &ScalarExpr)> = exprs.iter().enumerate().collect();
            project(relation, input, &computed, needed)
        }
        Node::Align { input, columns } => align(relation, input, columns, needed),
        Node::Aggregate { input, keys, calls } => aggregate(relation, input, keys, calls, needed),
        Node::Sort { input, keys } => {
            let mut below = needed.clone();
            keys.iter().for_each(|key| below.reads(&key.expr));
            let input = narrow(input, &below);
            let moved = |key: &SortKey| SortKey { expr: input.expr(&key.expr), ..key.clone() };
            let keys = keys.iter().map(moved).collect();
            input.pass(relation, |input| Node::Sort { input, keys })
        }
        Node::Limit { input, count } => {
            let count = *count;
            narrow(input, needed).pass(relation, |input| Node::Limit { input, count })
        }
        Node::Join { left, right, kind, on } => join(relation, left, right, *kind, on, needed),
        Node::Union { inputs } => {
            let mut positions = needed.positions();
            if positions.is_empty() && !relation.schema.is_empty() {
                positions.push(0);
            }
            let mut kept = Needed::none(relation.schema.len());
            positions.iter().for_each(|&index| kept.add(index));
            let inputs = inputs
                .iter()
                .map(|input| narrow(input, &kept).select(&positions, &relation.schema))
                .collect();
            narrowed(relation, Node::Union { inputs }, &positions)
        }
        Node::Expand { input, expansions, position, limit } => {
            let width = input.schema.len();
            let mut below = needed.part(0, width);
            expansions.iter().for_each(|expansion| below.reads(&expansion.source));
            let input = narrow(input, &below);
            let mut expansions = expansions.clone();
            for expansion in &mut expansions {
                expansion.source = input.expr(&expansion.source);
            }
            let (position, limit) = (*position, *limit);
            input.append(relation, width, |input| Node::Expand {
                input,
                expansions,
                position,
                limit,
            })
        }
        Node::Parse { input, source, method } => {
            let width = input.schema.len();
            let mut below = needed.part(0, width);
            below.reads(source);
            let input = narrow(input, &below);
            let (source, method) = (input.expr(source), method.clone());
            input.append(relation, width, |input| Node::Parse { input, source, method })
        }
        Node::Window { input, calls } => {
            let width = input.schema.len();
            let mut below = needed.part(0, width);
            calls.iter().flat_map(|call| &call.args).for_each(|arg| below.reads(arg));
            let input = narrow(input, &below);
            let mut calls = calls.clone();
            for call in &mut calls {
                call.args = input.exprs(&call.args);
            }
            input.append(relation, width, |input| Node::Window { input, calls })
        }
        Node::Consume { input } => whole(relation, Node::Consume { input: prune(input) }),
        Node::Steps(scan) => {
            let scan = StepScan { input: prune(&scan.input), ..scan.clone() };
            whole(relation, Node::Steps(scan))
        }
        Node::TableFunction { inputs, function, constants } => {
            let inputs = inputs.iter().map(prune).collect();
            whole(relation, Node::TableFunction { inputs, function, constants: constants.clone() })
        }
        Node::External { .. } | Node::Values { .. } | Node::Void | Node::Range { .. } => {
            let places = (0..relation.schema.len()).map(Some).collect();
            Narrow { relation: relation.clone(), places }
        }
    }
}

/// A node that gives all columns of the original.
fn whole(original: &Relation, node: Node) -> Narrow {
    narrowed(original, node, &(0..original.schema.len()).collect::<Vec<_>>())
}

/// A node that gives only the columns at `positions`.
fn narrowed(original: &Relation, node: Node, positions: &[usize]) -> Narrow {
    let mut places = vec![None; original.schema.len()];
    for (place, &index) in positions.iter().enumerate() {
        places[index] = Some(place);
    }
    let columns = positions.iter().map(|&index| original.schema.columns()[index].clone());
    let schema = RowSchema::new(columns);
    let node = Arc::new(node);
    Narrow { relation: Relation { node, schema, serialized: original.serialized }, places }
}

/// A scan gives the columns of its schema alone. Rows need at least one column to be counted by.
fn scan(relation: &Relation, needed: &Needed) -> Narrow {
    let mut positions = needed.positions();
    if positions.is_empty() {
        positions.extend((!relation.schema.is_empty()).then_some(0));
    }
    let node = Node::clone(&relation.node);
    narrowed(relation, node, &positions)
}

fn project(
    relation: &Relation,
    input: &Relation,
    computed: &[(usize, &ScalarExpr)],
    needed: &Needed,
) -> Narrow {
    let mut kept: Vec<&(usize, &ScalarExpr)> =
        computed.iter().filter(|(index, _)| needed.has(*index)).collect();
    if kept.is_empty() {
        // What costs least to compute.
        let cheap =
            |expr: &ScalarExpr| matches!(expr, ScalarExpr::Literal(_) | ScalarExpr::Column { .. });
        let cheapest = computed.iter().find(|(_, expr)| cheap(expr)).or(computed.first());
        kept.extend(cheapest);
    }
    let mut below = Needed::none(input.schema.len());
    kept.iter().for_each(|(_, expr)| below.reads(expr));
    let input = narrow(input, &below);
    let exprs = kept.iter().map(|(_, expr)| input.expr(expr)).collect();
    let positions: Vec<usize> = kept.iter().map(|(index, _)| *index).collect();
    narrowed(relation, Node::Project { input: input.relation, exprs }, &positions)
}

/// What is left of an alignment is an ordinary projection.
fn align(
    relation: &Relation,
    input: &Relation,
    columns: &[(usize, ScalarExpr)],
    needed: &Needed,
) -> Narrow {
    let nulls: Vec<(usize, ScalarExpr)> = needed
        .positions()
        .into_iter()
        .filter(|index| columns.binary_search_by_key(index, |(known, _)| *known).is_err())
        .map(|index| (index, null(&relation.schema.columns()[index])))
        .collect();
    let mut computed: Vec<(usize, &ScalarExpr)> =
        columns.iter().chain(&nulls).map(|(index, expr)| (*index, expr)).collect();
    computed.sort_unstable_by_key(|(index, _)| *index);
    project(relation, input, &computed, needed)
}

fn null(column: &Column) -> ScalarExpr {
    ScalarExpr::Literal(Value::null(column.ty))
}

fn aggregate(
    relation: &Relation,
    input: &Relation,
    keys: &[ScalarExpr],
    calls: &[AggregateCall],
    needed: &Needed,
) -> Narrow {
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    let mut kept = vec![];
    let mut at = keys.len();
    for call in calls {
        let own = at..at + call.returns.len();
        at = own.end;
        let last_hope = keys.is_empty() && kept.is_empty() && at == relation.schema.len();
        if last_hope || own.clone().any(|index| needed.has(index)) {
            let (call, results) = with_results(call, |result| needed.has(own.start + result));
            positions.extend(results.into_iter().map(|result| own.start + result));
            kept.push(call);
        }
    }
    let mut below = Needed::none(input.schema.len());
    keys.iter().for_each(|key| below.reads(key));
    kept.iter()
        .flat_map(|call| call.args.iter().chain(&call.filter))
        .for_each(|arg| below.reads(arg));
    let input = narrow(input, &below);
    let keys = input.exprs(keys);
    let calls = kept.iter().map(|call| input.call(call)).collect();
    narrowed(relation, Node::Aggregate { input: input.relation, keys, calls }, &positions)
}

/// A call with the results that are needed, and which those are: a row of `arg_max` need not carry
/// what nobody reads.
fn with_results(
    call: &AggregateCall,
    needed: impl Fn(usize) -> bool,
) -> (AggregateCall, Vec<usize>) {
    let all = call.returns.len();
    if all < 3 || all != call.args.len() || !matches!(call.function.name, "arg_max" | "arg_min") {
        return (call.clone(), (0..all).collect());
    }
    let mut kept: Vec<usize> = (0..all).filter(|&result| result == 0 || needed(result)).collect();
    if kept.len() == 1 {
        kept.push(1);
    }
    let call = AggregateCall {
        args: kept.iter().map(|&result| call.args[result].clone()).collect(),
        returns: kept.iter().map(|&result| call.returns[result]).collect(),
        ..call.clone()
    };
    (call, kept)
}

fn join(
    relation: &Relation,
    left: &Relation,
    right: &Relation,
    kind: JoinKind,
    on: &[(ScalarExpr, ScalarExpr)],
    needed: &Needed,
) -> Narrow {
    use JoinKind as K;
    let (lefts, rights) = (left.schema.len(), right.schema.len());
    let (mut of_left, mut of_right) = match kind {
        K::LeftSemi | K::LeftAnti => (needed.part(0, lefts), Needed::none(rights)),
        K::RightSemi | K::RightAnti => (Needed::none(lefts), needed.part(0, rights)),
        _ => (needed.part(0, lefts), needed.part(lefts, rights)),
    };
    for (l, r) in on {
        of_left.reads(l);
        of_right.reads(r);
    }
    let (left, right) = (narrow(left, &of_left), narrow(right, &of_right));
    let on = on.iter().map(|(l, r)| (left.expr(l), right.expr(r))).collect();
    let width = left.width();
    let places: Vec<Option<usize>> = match kind {
        K::LeftSemi | K::LeftAnti => left.places,
        K::RightSemi | K::RightAnti => right.places,
        _ => {
            let of_right = right.places.iter().map(|place| place.map(|place| width + place));
            left.places.iter().copied().chain(of_right).collect()
        }
    };
    // Every column that is left stands for one of the original, in the same order or not.
    let mut columns: Vec<(usize, Column)> = places
        .iter()
        .zip(relation.schema.columns())
        .filter_map(|(place, column)| Some(((*place)?, column.clone())))
        .collect();
    columns.sort_unstable_by_key(|(place, _)| *place);
    let node = Node::Join { left: left.relation, right: right.relation, kind, on };
    let schema = RowSchema::new(columns.into_iter().map(|(_, column)| column));
    let node = Arc::new(node);
    Narrow { relation: Relation { node, schema, serialized: relation.serialized }, places }
}
