//! Combining relations: the column rules of `join`, `lookup` and `union`, apart from their syntax.

use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

use super::naming::numbered;
use crate::plan::{JoinKind, Node, Relation, ScalarExpr};
use crate::types::{Column, RowSchema, Type, Value};

/// Unions of more columns keep only those that each table has.
const MAX_DENSE: usize = 256;

/// Joins two relations. Right columns whose names the left has get the first free number.
///
/// `on` holds positions in the left and in the right schema.
pub fn join(left: Relation, right: Relation, kind: JoinKind, on: &[(usize, usize)]) -> Relation {
    let keys = |right: &Relation| {
        on.iter().map(|&(l, r)| (left.column(l), right.column(r))).collect::<Vec<_>>()
    };
    match kind {
        JoinKind::LeftSemi | JoinKind::LeftAnti => {
            let right = disjoint(&left, right);
            let (on, schema) = (keys(&right), left.schema.clone());
            Relation::new(Node::Join { left, right, kind, on }, schema)
        }
        JoinKind::RightSemi | JoinKind::RightAnti => {
            let schema = right.schema.clone();
            let renamed = disjoint(&left, right);
            let on = keys(&renamed);
            let inner = renamed.schema.clone();
            let joined = Relation::new(Node::Join { left, right: renamed, kind, on }, inner);
            let columns = schema.columns().iter().cloned().enumerate();
            let columns = columns.map(|(i, column)| (column, joined.column(i))).collect();
            joined.project(columns)
        }
        _ => {
            let right = disjoint(&left, right);
            let on = keys(&right);
            let columns = left.schema.columns().iter().chain(right.schema.columns()).cloned();
            let schema = RowSchema::new(columns);
            Relation::new(Node::Join { left, right, kind, on }, schema)
        }
    }
}

/// `right` with every column renamed that `left` has as well.
fn disjoint(left: &Relation, right: Relation) -> Relation {
    let mut taken: HashSet<Arc<str>> =
        left.schema.columns().iter().map(|c| c.name.clone()).collect();
    if right.schema.columns().iter().all(|c| !taken.contains(&c.name)) {
        return right;
    }
    // A column that keeps its name comes before one that has to move.
    let kept = right.schema.columns().iter().filter(|c| !taken.contains(&c.name));
    let kept: Vec<_> = kept.map(|c| c.name.clone()).collect();
    let collides: Vec<bool> =
        right.schema.columns().iter().map(|c| taken.contains(&c.name)).collect();
    taken.extend(kept);
    let mut columns = Vec::with_capacity(right.schema.len());
    for (index, column) in right.schema.columns().iter().enumerate() {
        let name = if collides[index] {
            let name = numbered(&column.name, |candidate| taken.contains(candidate));
            taken.insert(name.clone());
            name
        } else {
            column.name.clone()
        };
        columns.push((Column { name, ty: column.ty }, right.column(index)));
    }
    right.project(columns)
}

/// Filters rows. Behind a default join, conditions on left columns come before the choice of one
/// left row per key, as in the answers that Kusto's documentation of the join prints.
pub fn filter(input: Relation, predicate: ScalarExpr) -> Relation {
    let Node::Join { left, right, kind: JoinKind::InnerUnique, on } = &*input.node else {
        return input.filter(predicate);
    };
    let width = left.schema.len();
    let terms = match predicate {
        ScalarExpr::And(terms) => terms,
        other => vec![other],
    };
    let (before, after): (Vec<_>, Vec<_>) = terms.into_iter().partition(|term| {
        let mut of_left = true;
        term.visit(&mut |e| {
            of_left &= !matches!(e, ScalarExpr::Column { index, .. } if *index >= width);
        });
        of_left
    });
    let mut relation = input.clone();
    if let Some(condition) = all(before) {
        let (left, right, on) = (left.clone().filter(condition), right.clone(), on.clone());
        let node = Node::Join { left, right, kind: JoinKind::InnerUnique, on };
        relation = Relation::new(node, input.schema.clone());
    }
    match all(after) {
        Some(condition) => relation.filter(condition),
        None => relation,
    }
}

/// The conjunction of conditions; `None` of none.
pub fn all(terms: Vec<ScalarExpr>) -> Option<ScalarExpr> {
    match <[ScalarExpr; 1]>::try_from(terms) {
        Ok([only]) => Some(only),
        Err(terms) if terms.is_empty() => None,
        Err(terms) => Some(ScalarExpr::And(terms)),
    }
}

/// One column of a union: its name, type, and where each input has it.
struct Slot {
    name: Arc<str>,
    ty: Type,
}

/// All rows of all inputs, columns paired by name. A name that appears with several types becomes
/// one column per type (`x_long`, `x_int`) in the place of the first.
///
/// `inner` keeps only the columns that all inputs have (by name and type).
pub fn union(inputs: Vec<Relation>, inner: bool) -> Relation {
    let inputs = super::open::agreed(inputs);
    let slots = slots(&inputs, inner);
    let schema: RowSchema =
        slots.iter().map(|slot| Column { name: slot.1.clone(), ty: slot.0.ty }).collect();
    let mut places: HashMap<(Arc<str>, Type), usize> = HashMap::new();
    for (place, (slot, _)) in slots.iter().enumerate() {
        places.insert((slot.name.clone(), slot.ty), place);
    }
    let aligned: Vec<Relation> = inputs
        .into_iter()
        .map(|input| {
            let own = input.schema.columns().iter().enumerate();
            let mut columns: Vec<(usize, ScalarExpr)> = own
                .filter_map(|(index, column)| {
                    let place = *places.get(&(column.name.clone(), column.ty))?;
                    Some((place, input.column(index)))
                })
                .collect();
            columns.sort_unstable_by_key(|(place, _)| *place);
            align(input, columns, &schema)
        })
        .collect();
    match <[Relation; 1]>::try_from(aligned) {
        Ok([only]) => Relation { serialized: false, ..only },
        Err(inputs) => Relation::new(Node::Union { inputs }, schema),
    }
}

/// The inputs of a union with the columns that Kusto's analyser sees: where the first two of a name
/// have one type, it overlooks those of other types.
pub fn overlooked(inputs: Vec<Relation>) -> Vec<Relation> {
    let mut seen: HashMap<Arc<str>, (Type, usize)> = HashMap::new();
    for column in inputs.iter().flat_map(|input| input.schema.columns()) {
        let (ty, same) = seen.entry(column.name.clone()).or_insert((column.ty, 0));
        match *same {
            0 => *same = 1,
            // Two of different types: each type has its column.
            1 if *ty != column.ty => *same = usize::MAX,
            1 => *same = 2,
            _ => {}
        }
    }
    let stays = |column: &Column| {
        seen.get(&column.name).is_none_or(|(ty, same)| *same != 2 || *ty == column.ty)
    };
    let narrowed = |input: Relation| {
        if input.schema.columns().iter().all(stays) {
            return input;
        }
        let columns = input.targets().filter(|(column, _)| stays(column)).collect();
        input.project(columns)
    };
    inputs.into_iter().map(narrowed).collect()
}

/// Gives `input` the columns of `schema`; those not listed are null.
fn align(input: Relation, columns: Vec<(usize, ScalarExpr)>, schema: &RowSchema) -> Relation {
    // A union of many wide tables has far more nulls than columns.
    if schema.len() > MAX_DENSE && columns.len() < schema.len() {
        let serialized = input.serialized;
        let node = Node::Align { input, columns };
        return Relation { serialized, ..Relation::new(node, schema.clone()) };
    }
    let mut given = columns.into_iter().peekable();
    let exprs = schema.columns().iter().enumerate().map(|(place, column)| {
        let expr = match given.next_if(|(own, _)| *own == place) {
            Some((_, expr)) => expr,
            None => ScalarExpr::Literal(Value::null(column.ty)),
        };
        (column.clone(), expr)
    });
    let exprs = exprs.collect();
    input.project(exprs)
}

/// The columns of a union in order of first appearance, with their final names.
fn slots(inputs: &[Relation], inner: bool) -> Vec<(Slot, Arc<str>)> {
    let mut order: Vec<(Arc<str>, Vec<Type>)> = vec![];
    let mut known: HashMap<Arc<str>, usize> = HashMap::new();
    for input in inputs {
        for column in input.schema.columns() {
            let at = *known.entry(column.name.clone()).or_insert_with(|| {
                order.push((column.name.clone(), vec![]));
                order.len() - 1
            });
            let types = &mut order[at].1;
            if !types.contains(&column.ty) {
                types.push(column.ty);
            }
        }
    }
    if inner {
        order.retain(|(name, types)| {
            types.len() == 1 && inputs.iter().all(|i| i.schema.index_of(name).is_some())
        });
    }
    let taken: HashSet<Arc<str>> = order.iter().map(|(name, _)| name.clone()).collect();
    let mut slots = vec![];
    for (name, types) in order {
        let split = types.len() > 1;
        for ty in types {
            let mut label = name.clone();
            if split {
                label = format!("{name}_{ty}").into();
                if taken.contains(&label) {
                    label = numbered(&label, |candidate| taken.contains(candidate));
                }
            }
            slots.push((Slot { name: name.clone(), ty }, label));
        }
    }
    slots
}
