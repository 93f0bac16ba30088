//! Nodes that look at the order of rows: within each group.

use super::{Lift, Lifted};
use crate::functions::def::WindowFunction as W;
use crate::plan::{Node, Relation, ScalarExpr, ScanRule, SortKey, StepScan, WindowCall};
use crate::types::{Column, RowSchema, Type, Value};

impl Lifted {
    pub(super) fn moved_key(&self, key: &SortKey) -> SortKey {
        SortKey { expr: self.moved(&key.expr), ..key.clone() }
    }

    /// The rows by group, and by `keys` inside; marked ones last.
    pub fn sorted(self, keys: Vec<SortKey>) -> Lifted {
        let mut all = vec![ascending(self.relation.column(0))];
        if self.marked {
            all.push(ascending(self.mark()));
        }
        all.extend(keys);
        Lifted { ordered: true, ..self.map(|rows| rows.sort(all)) }
    }

    /// The rows by group, in the order they had inside.
    pub fn in_order(self) -> Lifted {
        if self.ordered { self } else { self.sorted(vec![]) }
    }
}

impl Lift<'_, '_, '_> {
    /// The first `count` rows of each group.
    pub(super) fn limit(&mut self, lifted: Lifted, count: u64) -> Lifted {
        let lifted = lifted.in_order();
        let width = lifted.relation.schema.len();
        let (rows, starts) = self.with_starts(lifted.relation.clone());
        let number = WindowCall {
            function: W::RowNumber,
            args: vec![ScalarExpr::Literal(Value::Long(1)), starts],
            ty: Type::Long,
        };
        let rows = windows(rows, vec![number]);
        let number = rows.column(rows.schema.len() - 1);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let count = ScalarExpr::Literal(Value::Long(count));
        let first = self.call("<=", vec![number, count]);
        let kept = lifted.or_marked(first);
        let relation = rows.filter(kept).select(&(0..width).collect::<Vec<_>>());
        Lifted { relation, ..lifted }
    }

    /// Functions of row order, which begin anew with each group.
    pub(super) fn window(
        &mut self,
        lifted: Lifted,
        calls: &[WindowCall],
        schema: &RowSchema,
    ) -> Lifted {
        let lifted = lifted.in_order();
        let width = lifted.relation.schema.len();
        let (rows, starts) = self.with_starts(lifted.relation.clone());
        let mut all = vec![];
        // Where the result of each call is, and where the group of the row that it looked at.
        let mut places = vec![];
        for call in calls {
            let mut args: Vec<_> = call.args.iter().map(|arg| lifted.moved(arg)).collect();
            let result = rows.schema.len() + all.len();
            let WindowCall { function, ty, .. } = *call;
            let restart = match function {
                W::Prev | W::Next => {
                    let offset = args.get(1).cloned().unwrap_or(literal(1));
                    let default = (args.len() > 2).then(|| args.remove(2));
                    all.push(WindowCall { function, args, ty });
                    let look = |expr: ScalarExpr| {
                        let ty = expr.ty();
                        WindowCall { function, args: vec![expr, offset.clone()], ty }
                    };
                    all.push(look(lifted.relation.column(0)));
                    if lifted.marked {
                        all.push(look(lifted.mark()));
                    }
                    let default = default.unwrap_or(ScalarExpr::Literal(Value::null(ty)));
                    places.push((result, Some(default)));
                    continue;
                }
                W::RowNumber => {
                    if args.is_empty() {
                        args.push(literal(1));
                    }
                    1
                }
                W::RowCumsum | W::RowRankDense | W::RowRankMin => 1,
                W::RowWindowSession => 3,
            };
            let restarts = if args.len() > restart {
                ScalarExpr::Or(vec![starts.clone(), args.remove(restart)])
            } else {
                starts.clone()
            };
            args.push(restarts);
            all.push(WindowCall { function, args, ty });
            places.push((result, None));
        }
        let rows = windows(rows, all);
        let mut columns: Vec<_> = rows.targets().take(width).collect();
        let own = schema.columns();
        let added = own[own.len() - calls.len()..].iter().cloned();
        for (column, (result, default)) in added.zip(places) {
            let value = rows.column(result);
            let value = match default {
                None => value,
                Some(default) => {
                    let mut same =
                        vec![self.call("==", vec![rows.column(result + 1), rows.column(0)])];
                    if lifted.marked {
                        same.push(self.not(rows.column(result + 2)));
                    }
                    let same = match same.len() {
                        1 => same.remove(0),
                        _ => ScalarExpr::And(same),
                    };
                    self.call("iff", vec![same, value, default])
                }
            };
            columns.push((column, value));
        }
        Lifted { relation: rows.project(columns), ..lifted }
    }

    /// The steps of `scan`, which begin anew with each group.
    pub(super) fn scan(&mut self, lifted: Lifted, scan: &StepScan, schema: &RowSchema) -> Lifted {
        let lifted = lifted.in_order();
        let carried = lifted.carried;
        let (rows, starts) = self.with_starts(lifted.relation.clone());
        let (old, new) = (scan.input.schema.len(), rows.schema.len());
        let declared = scan.declared.len();
        // Rows are wider now, those of the state too.
        let place = |index: usize| match index.checked_sub(old) {
            None => index + carried,
            Some(index) => {
                let (step, index) = (index / (old + declared), index % (old + declared));
                let index = if index < old { index + carried } else { index - old + new };
                new + step * (new + declared) + index
            }
        };
        let moved = |expr: &ScalarExpr| {
            expr.map_columns(&|index, ty| ScalarExpr::Column { index: place(index), ty })
        };
        let steps = scan.steps.iter().map(|step| ScanRule {
            condition: moved(&step.condition),
            assignments: step.assignments.iter().map(|(at, expr)| (*at, moved(expr))).collect(),
            output: step.output,
        });
        let restart = match &scan.restart {
            Some(restart) => ScalarExpr::Or(vec![starts, moved(restart)]),
            None => starts,
        };
        let through = match (&scan.through, lifted.marked) {
            (Some(through), true) => Some(ScalarExpr::Or(vec![lifted.mark(), moved(through)])),
            (Some(through), false) => Some(moved(through)),
            (None, marked) => marked.then(|| lifted.mark()),
        };
        let (all, given) = (rows.schema.columns().to_vec(), schema.columns()[old..].to_vec());
        let count = given.len();
        let node = Node::Steps(StepScan {
            input: rows,
            steps: steps.collect(),
            declared: scan.declared.clone(),
            match_id: scan.match_id,
            restart: Some(restart),
            through,
        });
        let schema = all.into_iter().chain(given).collect();
        let rows = Relation { serialized: true, ..Relation::new(node, schema) };
        let order: Vec<usize> = (0..carried + old).chain(new..new + count).collect();
        Lifted { relation: rows.select(&order), ..lifted }
    }

    /// The rows with one more column, and the condition that a row is the first of its group.
    fn with_starts(&mut self, rows: Relation) -> (Relation, ScalarExpr) {
        let group = rows.column(0);
        let before = WindowCall { function: W::Prev, args: vec![group.clone()], ty: group.ty() };
        let rows = windows(rows, vec![before]);
        let before = rows.column(rows.schema.len() - 1);
        let starts = self.call("!=", vec![group, before]);
        (rows, starts)
    }
}

/// The rows with one more column per call.
pub(in crate::binder) fn windows(input: Relation, calls: Vec<WindowCall>) -> Relation {
    let group = input.schema.columns().first().map(|column| column.name.clone());
    let group = group.unwrap_or_default();
    let width = input.schema.len();
    let added = calls
        .iter()
        .enumerate()
        .map(|(index, call)| Column::new(format!("{group}$row{}", width + index), call.ty));
    let schema = input.schema.columns().iter().cloned().chain(added).collect();
    Relation { serialized: true, ..Relation::new(Node::Window { input, calls }, schema) }
}

/// An ascending key.
pub(in crate::binder) fn ascending(expr: ScalarExpr) -> SortKey {
    SortKey { expr, descending: false, nulls_first: true }
}

fn literal(value: i64) -> ScalarExpr {
    ScalarExpr::Literal(Value::Long(value))
}
