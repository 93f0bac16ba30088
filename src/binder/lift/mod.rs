//! Lifting a subquery: from a plan over one group of rows to one plan over all groups at once, after
//! Neumann and Kemper, *Unnesting Arbitrary Queries* (2015).
//!
//! The subquery is bound over a *leaf*, a relation known by its node. Lifting puts the rows of all
//! groups in the leaf's place, with columns that every node carries through in front of its own: the
//! group, the values that belong to it, and, where a group without rows must still give an answer
//! (an aggregate without keys), a mark of rows that only stand for their group.

mod join;
mod order;

pub(super) use order::{ascending, windows};

use std::sync::Arc;

use super::Binder;
use super::calls::Argument;
use crate::functions;
use crate::plan::{AggregateCall, Expansion, Node, Relation, ScalarExpr};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

/// Rows of all groups. Columns: the group, what is carried with it, the mark if there is one, then
/// those of the subquery.
#[derive(Clone)]
pub(super) struct Lifted {
    pub relation: Relation,
    /// How many columns are carried.
    pub carried: usize,
    /// Whether the last carried column marks rows that only stand for their group. They come last
    /// in it.
    pub marked: bool,
    /// Whether the rows of a group are side by side and in their order. The group is a long then.
    pub ordered: bool,
}

/// The name of the thing that keeps a subquery from being lifted.
pub(super) struct Refusal(pub &'static str);

/// What the rows in the leaf's place must have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    /// Groups at all: some node looks at more than one row.
    pub groups: bool,
    /// Marks of groups that may lose all their rows below an aggregate without keys.
    pub marks: bool,
    /// Rows in order: some node asks for it.
    pub order: bool,
}

/// The place in a subquery where the rows of one group go in.
pub(super) struct Leaf<'p> {
    pub relation: &'p Relation,
    /// Whether a group may have no rows.
    pub may_be_empty: bool,
}

impl Leaf<'_> {
    fn is(&self, relation: &Relation) -> bool {
        Arc::ptr_eq(&self.relation.node, &relation.node)
    }

    /// Whether the rows of a group go into `relation`.
    pub fn is_in(&self, relation: &Relation) -> bool {
        relation.reads(self.relation)
    }

    /// What lifting `relation` needs.
    pub fn needs(&self, relation: &Relation) -> Needs {
        if self.is(relation) {
            return Needs::default();
        }
        let mut needs = Needs::default();
        for input in relation.inputs() {
            let below = self.needs(input);
            needs.groups |= below.groups;
            needs.marks |= below.marks;
            needs.order |= below.order;
        }
        match &*relation.node {
            Node::Filter { .. }
            | Node::Project { .. }
            | Node::Expand { .. }
            | Node::Parse { .. } => {}
            Node::Sort { .. } | Node::Limit { .. } | Node::Window { .. } | Node::Steps(_) => {
                (needs.groups, needs.order) = (true, true);
            }
            Node::Aggregate { input, keys, .. } => {
                needs.groups = true;
                needs.marks |= keys.is_empty() && self.is_in(input) && self.may_be_empty(input);
            }
            _ => needs.groups = true,
        }
        needs
    }

    /// Whether a group may have no rows in `relation`.
    fn may_be_empty(&self, relation: &Relation) -> bool {
        if self.is(relation) {
            return self.may_be_empty;
        }
        match &*relation.node {
            Node::Project { input, .. }
            | Node::Align { input, .. }
            | Node::Sort { input, .. }
            | Node::Parse { input, .. }
            | Node::Window { input, .. } => self.may_be_empty(input),
            Node::Limit { input, count } => *count == 0 || self.may_be_empty(input),
            Node::Aggregate { input, keys, .. } => !keys.is_empty() && self.may_be_empty(input),
            Node::Union { inputs } => inputs.iter().all(|input| self.may_be_empty(input)),
            _ => true,
        }
    }
}

impl Binder<'_> {
    /// A name for the column of a group, which no query can write.
    pub(super) fn group_name(&mut self) -> Arc<str> {
        self.groups += 1;
        format!("$group{}", self.groups).into()
    }
}

/// Lifts subqueries over one leaf.
pub(super) struct Lift<'b, 'a, 'p> {
    pub cx: &'b mut Binder<'a>,
    pub leaf: Leaf<'p>,
    /// What stands in the leaf's place.
    pub base: Lifted,
    pub span: Span,
}

impl Lift<'_, '_, '_> {
    /// The rows that `relation` gives for each group.
    pub fn root(&mut self, relation: &Relation) -> Result<Lifted, Refusal> {
        let lifted = self.relation(relation, false)?;
        if !lifted.marked {
            return Ok(lifted);
        }
        let live = self.not(lifted.mark());
        Ok(lifted.map(|rows| rows.filter(live)))
    }

    /// Lifts a relation; with a marked row in every group if `marks`.
    fn relation(&mut self, relation: &Relation, marks: bool) -> Result<Lifted, Refusal> {
        if self.leaf.is(relation) {
            return Ok(self.base.clone());
        }
        if !self.leaf.is_in(relation) {
            return Err(Refusal("a table of its own"));
        }
        match &*relation.node {
            Node::Filter { input, predicate } => {
                let lifted = self.relation(input, marks)?;
                let predicate = lifted.moved(predicate);
                let kept = lifted.or_marked(predicate);
                Ok(lifted.map(|rows| rows.filter(kept)))
            }
            Node::Project { input, exprs } => {
                let lifted = self.relation(input, marks)?;
                let mut columns = lifted.carry();
                let own = relation.schema.columns().iter().cloned();
                columns.extend(own.zip(exprs.iter().map(|expr| lifted.moved(expr))));
                Ok(lifted.map(|rows| rows.project(columns)))
            }
            Node::Align { input, columns } => {
                let lifted = self.relation(input, marks)?;
                let mut all = lifted.carry();
                let own = relation.schema.columns().iter().cloned();
                let mut exprs: Vec<ScalarExpr> =
                    own.clone().map(|column| ScalarExpr::Literal(Value::null(column.ty))).collect();
                for (index, expr) in columns {
                    exprs[*index] = lifted.moved(expr);
                }
                all.extend(own.zip(exprs));
                Ok(lifted.map(|rows| rows.project(all)))
            }
            Node::Aggregate { input, keys, calls } if keys.is_empty() => {
                let below = self.leaf.may_be_empty(input);
                let lifted = self.relation(input, below)?;
                let lifted = self.aggregate(lifted, &[], calls, &relation.schema)?;
                if marks { Ok(self.mark(lifted)) } else { Ok(lifted) }
            }
            Node::Aggregate { input, keys, calls } => {
                let lifted = self.relation(input, marks)?;
                self.aggregate(lifted, keys, calls, &relation.schema)
            }
            Node::Sort { input, keys } => {
                let lifted = self.relation(input, marks)?;
                let keys = keys.iter().map(|key| lifted.moved_key(key)).collect();
                Ok(lifted.sorted(keys))
            }
            Node::Limit { input, count } => {
                let lifted = self.relation(input, marks)?;
                Ok(self.limit(lifted, *count))
            }
            Node::Window { input, calls } => {
                let lifted = self.relation(input, marks)?;
                Ok(self.window(lifted, calls, &relation.schema))
            }
            Node::Expand { input, expansions, position, limit } => {
                let lifted = self.relation(input, marks)?;
                Ok(self.expand(lifted, expansions, *position, *limit, &relation.schema))
            }
            Node::Parse { input, source, method } => {
                let lifted = self.relation(input, marks)?;
                let schema = lifted.schema(&relation.schema);
                let (source, method) = (lifted.moved(source), method.clone());
                Ok(lifted.node(|input| Node::Parse { input, source, method }, schema))
            }
            Node::Join { left, right, kind, on } => {
                self.join(left, right, *kind, on, &relation.schema, marks)
            }
            Node::Union { inputs } => {
                let mut legs = vec![];
                for input in inputs {
                    legs.push(self.relation(input, marks)?);
                }
                let Some(first) = legs.first().cloned() else { return Err(Refusal("no rows")) };
                let schema = first.schema(&relation.schema);
                let inputs = legs.into_iter().map(|leg| leg.relation).collect();
                let relation = Relation::new(Node::Union { inputs }, schema);
                Ok(Lifted { relation, ordered: false, ..first })
            }
            Node::Steps(scan) => {
                let lifted = self.relation(&scan.input, marks)?;
                Ok(self.scan(lifted, scan, &relation.schema))
            }
            Node::Consume { .. } => Err(Refusal("`consume`")),
            Node::TableFunction { .. } => Err(Refusal("an operator over whole tables")),
            Node::Scan { .. }
            | Node::External { .. }
            | Node::Values { .. }
            | Node::Void
            | Node::Range { .. } => Err(Refusal("a table of its own")),
        }
    }

    /// Groups by the group and by `keys`. Marked rows become groups of their own; without keys they
    /// only make sure that their group is there.
    fn aggregate(
        &mut self,
        lifted: Lifted,
        keys: &[ScalarExpr],
        calls: &[AggregateCall],
        schema: &RowSchema,
    ) -> Result<Lifted, Refusal> {
        let global = keys.is_empty();
        let marked = lifted.marked && !global;
        let names: Vec<Column> = lifted.relation.schema.columns()[..lifted.carried].to_vec();
        let mut by = vec![(names[0].clone(), lifted.relation.column(0))];
        if marked {
            by.push((names[lifted.carried - 1].clone(), lifted.mark()));
        }
        let own = schema.columns();
        by.extend(own.iter().cloned().zip(keys.iter().map(|key| lifted.moved(key))));
        // The values that belong to a group are the same in all its rows.
        let values = 1..lifted.carried - usize::from(lifted.marked);
        let mut all = vec![];
        for index in values.clone() {
            let value = lifted.relation.column(index);
            all.push(take_any(value).ok_or(Refusal("an aggregate"))?);
        }
        let live = (lifted.marked && global).then(|| self.not(lifted.mark()));
        for call in calls {
            let args = call.args.iter().map(|arg| lifted.moved(arg)).collect();
            let filter = call.filter.as_ref().map(|filter| lifted.moved(filter));
            let filter = match (filter, live.clone()) {
                (Some(filter), Some(live)) => Some(ScalarExpr::And(vec![live, filter])),
                (filter, live) => filter.or(live),
            };
            all.push(AggregateCall { args, filter, ..call.clone() });
        }
        let results = own[keys.len()..].iter().map(|column| column.name.clone());
        let results = values.clone().map(|index| names[index].name.clone()).chain(results);
        let results = results.collect();
        let first_value = by.len();
        let grouped = lifted.relation.aggregate(by, all, results);
        let mut order = vec![0];
        order.extend(first_value..first_value + values.len());
        let first_key = 1 + usize::from(marked);
        order.extend(1..first_key);
        let carried = order.len();
        order.extend(first_key..first_value);
        order.extend(first_value + values.len()..grouped.schema.len());
        Ok(Lifted { relation: grouped.select(&order), carried, marked, ordered: false })
    }

    /// One more row for every row, marked.
    pub fn mark(&mut self, lifted: Lifted) -> Lifted {
        let name = format!("{}$mark", lifted.relation.schema.columns()[0].name);
        let relation = mark(lifted.relation, name.into());
        let width = relation.schema.len();
        let mut order: Vec<usize> = (0..lifted.carried).collect();
        order.push(width - 1);
        order.extend(lifted.carried..width - 1);
        let relation = relation.select(&order);
        Lifted { relation, carried: lifted.carried + 1, marked: true, ..lifted }
    }

    fn expand(
        &mut self,
        lifted: Lifted,
        expansions: &[Expansion],
        position: bool,
        limit: Option<u64>,
        schema: &RowSchema,
    ) -> Lifted {
        let none = limit == Some(0) && lifted.marked;
        let mut moved = vec![];
        for expansion in expansions {
            let source = lifted.moved(&expansion.source);
            let source = if lifted.marked { self.null_if_marked(&lifted, source) } else { source };
            moved.push(Expansion { source, ..expansion.clone() });
        }
        let schema = lifted.schema(schema);
        let limit = if none { Some(1) } else { limit };
        let node = |input| Node::Expand { input, expansions: moved, position, limit };
        let expanded = lifted.node(node, schema);
        if none {
            let mark = expanded.mark();
            return expanded.map(|rows| rows.filter(mark));
        }
        expanded
    }

    /// The value where the row is not marked; a null expands to the one row that stays.
    pub fn null_if_marked(&mut self, lifted: &Lifted, value: ScalarExpr) -> ScalarExpr {
        let null = ScalarExpr::Literal(Value::null(Type::Dynamic));
        self.call("iff", vec![lifted.mark(), null, value])
    }

    fn not(&mut self, expr: ScalarExpr) -> ScalarExpr {
        self.cx.not(expr, self.span)
    }

    fn call(&mut self, name: &str, args: Vec<ScalarExpr>) -> ScalarExpr {
        let span = self.span;
        let args = args.into_iter().map(|arg| Argument::new(arg, span)).collect();
        self.cx.call(name, span, args)
    }
}

/// Every row twice, the second time with true in a new last column called `name`.
pub(super) fn mark(input: Relation, name: Arc<str>) -> Relation {
    let columns = input.schema.columns().iter().cloned();
    let schema = columns.chain([Column { name, ty: Type::Bool }]).collect();
    let serialized = input.serialized;
    let both = ScalarExpr::Literal(Value::Dynamic("[false,true]".into()));
    let expansions = vec![Expansion { source: both, array_pairs: false, ty: Type::Bool }];
    let node = Node::Expand { input, expansions, position: false, limit: None };
    Relation { serialized, ..Relation::new(node, schema) }
}

impl Lifted {
    /// The mark of a row.
    fn mark(&self) -> ScalarExpr {
        self.relation.column(self.carried - 1)
    }

    /// The condition, or that the row is marked.
    fn or_marked(&self, condition: ScalarExpr) -> ScalarExpr {
        if self.marked { ScalarExpr::Or(vec![condition, self.mark()]) } else { condition }
    }

    /// An expression of the subquery over the lifted rows.
    fn moved(&self, expr: &ScalarExpr) -> ScalarExpr {
        expr.map_columns(&|index, ty| ScalarExpr::Column { index: index + self.carried, ty })
    }

    /// The carried columns as targets of a projection.
    fn carry(&self) -> Vec<(Column, ScalarExpr)> {
        self.relation.targets().take(self.carried).collect()
    }

    /// The carried columns in front of those of `own`.
    fn schema(&self, own: &RowSchema) -> RowSchema {
        let carried = &self.relation.schema.columns()[..self.carried];
        carried.iter().chain(own.columns()).cloned().collect()
    }

    fn map(self, f: impl FnOnce(Relation) -> Relation) -> Lifted {
        Lifted { relation: f(self.relation), ..self }
    }

    /// A node over the rows that keeps their order.
    fn node(self, node: impl FnOnce(Relation) -> Node, schema: RowSchema) -> Lifted {
        self.map(|rows| {
            let serialized = rows.serialized;
            Relation { serialized, ..Relation::new(node(rows), schema) }
        })
    }
}

/// A call that gives the value of some row.
pub(super) fn take_any(value: ScalarExpr) -> Option<AggregateCall> {
    let returns = vec![value.ty()];
    let function = functions::aggregate("take_any")?;
    Some(AggregateCall { function, overload: 0, args: vec![value], filter: None, returns })
}
