//! Joins where rows of groups are on one side or on both.

use super::{Lift, Lifted, Refusal, take_any};
use crate::plan::{JoinKind as J, Node, Relation, ScalarExpr};
use crate::types::{Column, RowSchema, Type, Value};

type Pairs = [(ScalarExpr, ScalarExpr)];

impl Lift<'_, '_, '_> {
    /// Joins inside each group; `schema` is that of the join in the subquery.
    pub(super) fn join(
        &mut self,
        left: &Relation,
        right: &Relation,
        kind: J,
        on: &Pairs,
        schema: &RowSchema,
        marks: bool,
    ) -> Result<Lifted, Refusal> {
        match (self.leaf.is_in(left), self.leaf.is_in(right)) {
            (true, true) => {
                let left = self.relation(left, marks)?;
                let right = self.relation(right, marks)?;
                both(left, right, kind, on, schema)
            }
            (true, false) => {
                let left = self.relation(left, marks)?;
                self.with_table(left, right, kind, on, schema)
            }
            _ => Err(Refusal("a join whose left side is a table of its own")),
        }
    }

    /// Joins rows of groups with the rows of a table that are the same for all groups.
    fn with_table(
        &mut self,
        left: Lifted,
        right: &Relation,
        kind: J,
        on: &Pairs,
        schema: &RowSchema,
    ) -> Result<Lifted, Refusal> {
        let mut on: Vec<_> = on.iter().map(|(l, r)| (left.moved(l), r.clone())).collect();
        let own = left.relation.schema.len();
        let (left, kind) = match kind {
            J::InnerUnique => (one_per_key(left, &mut on)?, J::Inner),
            J::Inner | J::LeftOuter | J::LeftSemi | J::LeftAnti => (left, kind),
            J::RightOuter | J::FullOuter | J::RightSemi | J::RightAnti => {
                return Err(Refusal("a join that keeps rows of a table of its own"));
            }
        };
        if left.marked {
            // Marked rows find no partner.
            on.push((left.mark(), ScalarExpr::Literal(Value::Bool(false))));
        }
        if matches!(kind, J::LeftSemi | J::LeftAnti) {
            if left.marked && kind == J::LeftSemi {
                return Err(Refusal("a semi join below an aggregate without keys"));
            }
            let relation = joined(&left.relation, right, kind, on, left.schema(schema));
            return Ok(Lifted { relation, ordered: false, ..left });
        }
        let stays = left.marked && kind == J::Inner;
        let found = Column::new("$found", Type::Bool);
        let mut columns: Vec<_> = right.targets().collect();
        if stays {
            columns.push((found, ScalarExpr::Literal(Value::Bool(true))));
        }
        let right_width = right.schema.len();
        let right = right.clone().project(columns);
        let all = left.relation.schema.columns().iter().chain(right.schema.columns()).cloned();
        let kind = if stays { J::LeftOuter } else { kind };
        let mut rows = joined(&left.relation, &right, kind, on, all.collect());
        if stays {
            let kept = left.or_marked(rows.column(rows.schema.len() - 1));
            rows = rows.filter(kept);
        }
        let first = left.relation.schema.len();
        let order: Vec<usize> = (0..own).chain(first..first + right_width).collect();
        Ok(Lifted { relation: rows.select(&order), ordered: false, ..left })
    }
}

/// Joins rows of groups with rows of the same groups.
fn both(
    left: Lifted,
    right: Lifted,
    kind: J,
    on: &Pairs,
    schema: &RowSchema,
) -> Result<Lifted, Refusal> {
    if left.marked && matches!(kind, J::LeftAnti | J::RightAnti) {
        return Err(Refusal("an anti join below an aggregate without keys"));
    }
    let carried = left.relation.schema.columns()[..left.carried].to_vec();
    // Names are unique among both sides.
    let columns = right.relation.schema.columns().iter().cloned().enumerate();
    let columns = columns.map(|(index, Column { name, ty })| {
        let name = if index < right.carried { format!("{name}$right").into() } else { name };
        (Column { name, ty }, right.relation.column(index))
    });
    let renamed = right.relation.clone().project(columns.collect());
    let mut all = vec![(left.relation.column(0), renamed.column(0))];
    if left.marked {
        all.push((left.mark(), renamed.column(right.carried - 1)));
    }
    all.extend(on.iter().map(|(l, r)| (left.moved(l), right.moved(r))));
    match kind {
        J::LeftSemi | J::LeftAnti => {
            let full = left.schema(schema);
            let relation = joined(&left.relation, &renamed, kind, all, full);
            Ok(Lifted { relation, ordered: false, ..left })
        }
        J::RightSemi | J::RightAnti => {
            let inner = renamed.schema.clone();
            let rows = joined(&left.relation, &renamed, kind, all, inner);
            let columns = carried.into_iter().chain(schema.columns().iter().cloned()).enumerate();
            let columns = columns.map(|(index, column)| (column, rows.column(index))).collect();
            Ok(Lifted { relation: rows.project(columns), ordered: false, ..right })
        }
        J::RightOuter | J::FullOuter => Err(Refusal("a join that keeps rows of its right side")),
        J::InnerUnique | J::Inner | J::LeftOuter => {
            let middle = left.relation.schema.len();
            let columns = left.relation.schema.columns().iter();
            let full = columns.chain(renamed.schema.columns()).cloned().collect();
            let rows = joined(&left.relation, &renamed, kind, all, full);
            let mut order: Vec<usize> = (0..middle).collect();
            order.extend(middle + right.carried..rows.schema.len());
            Ok(Lifted { relation: rows.select(&order), ordered: false, ..left })
        }
    }
}

/// One row of each group for each combination of the left keys of `on`, which become columns.
fn one_per_key(left: Lifted, on: &mut [(ScalarExpr, ScalarExpr)]) -> Result<Lifted, Refusal> {
    let rows = &left.relation;
    let mut by = vec![rows.column(0)];
    by.extend(on.iter().map(|(key, _)| key.clone()));
    if left.marked {
        by.push(left.mark());
    }
    let names = (0..by.len()).map(|index| format!("$key{index}"));
    let by: Vec<_> = names.zip(by).map(|(name, key)| (Column::new(name, key.ty()), key)).collect();
    let (keys, width) = (by.len(), rows.schema.len());
    // A group and a value at least: a whole row, not the first value of each column.
    let mut call = take_any(rows.column(0)).ok_or(Refusal("a join"))?;
    call.args = (0..width).map(|index| rows.column(index)).collect();
    call.returns = rows.schema.columns().iter().map(|column| column.ty).collect();
    call.overload = usize::from(width > 1);
    let results = rows.schema.names().map(std::sync::Arc::from).collect();
    let grouped = left.relation.clone().aggregate(by, vec![call], results);
    let mut order: Vec<usize> = (keys..keys + width).collect();
    order.extend(0..keys);
    for (index, (key, _)) in on.iter_mut().enumerate() {
        *key = ScalarExpr::Column { index: width + 1 + index, ty: key.ty() };
    }
    let relation = grouped.select(&order);
    Ok(Lifted { relation, ordered: false, ..left })
}

fn joined(
    left: &Relation,
    right: &Relation,
    kind: J,
    on: Vec<(ScalarExpr, ScalarExpr)>,
    schema: RowSchema,
) -> Relation {
    let node = Node::Join { left: left.clone(), right: right.clone(), kind, on };
    Relation::new(node, schema)
}
