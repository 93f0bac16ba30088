//! The `mv-apply` operator: `T | mv-apply [with_itemindex=i] [x =] a [to typeof(t)], … [limit n] on
//! (subquery)`.
//!
//! Rows of the input are the groups: the subquery begins with the expansion of one row.

use super::mv_expand;
use crate::binder::Binder;
use crate::binder::lift::{Leaf, Lift, Lifted, Refusal, ascending, mark, windows};
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::def::WindowFunction;
use crate::plan::{Node, Relation, ScalarExpr, WindowCall};
use crate::syntax::ast::{Expr, MvColumn, Operator};
use crate::text::Span;
use crate::types::{Column, RowSchema, Type, Value};

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    operator: &'a Operator,
    columns: &'a [MvColumn],
    limit: Option<&'a Expr>,
    body: &'a [Operator],
) -> Relation {
    let Some(elements) = mv_expand::elements(cx, &input, operator, columns, limit) else {
        return cx.broken();
    };
    let width = input.schema.len();
    let outer: Vec<usize> = (0..width).filter(|&index| !elements.consumes(index)).collect();
    // A node of its own, which nothing else can be taken for.
    let row = input.clone().select(&(0..width).collect::<Vec<_>>());
    let bound = cx.subquery(Some(&row), elements.of(row.clone()), body, operator.keyword);
    if bound.schema.is_empty() && cx.quiet {
        return cx.broken();
    }
    if input.is_open() {
        return without_rows(&input, &outer, &bound);
    }
    let leaf = Leaf { relation: &row, may_be_empty: false };
    let needs = leaf.needs(&bound);
    // Values of the input that the subquery does not give itself.
    let (columns, given) = (input.schema.columns(), &bound.schema);
    let values: Vec<usize> =
        outer.iter().copied().filter(|&i| given.index_of(&columns[i].name).is_none()).collect();
    let group = cx.group_name();
    let mut rows = if needs.groups {
        let number =
            WindowCall { function: WindowFunction::RowNumber, args: vec![], ty: Type::Long };
        windows(input.clone(), vec![number])
    } else {
        let mut columns: Vec<_> = input.targets().collect();
        let none = ScalarExpr::Literal(Value::Long(0));
        columns.push((Column::new(format!("{group}$row"), Type::Long), none));
        input.clone().project(columns)
    };
    if needs.marks {
        rows = mark(rows, format!("{group}$mark").into());
    }
    let mut base = vec![(Column::new(group.clone(), Type::Long), rows.column(width))];
    for &index in &values {
        let column = Column::new(format!("{group}$value{index}"), columns[index].ty);
        base.push((column, rows.column(index)));
    }
    if needs.marks {
        let column = rows.schema.columns()[width + 1].clone();
        base.push((column, rows.column(width + 1)));
    }
    let carried = base.len();
    base.extend((0..width).map(|index| (columns[index].clone(), rows.column(index))));
    let base = Lifted {
        relation: rows.project(base),
        carried,
        marked: needs.marks,
        ordered: needs.groups,
    };
    let lifted = Lift { cx, leaf, base, span: operator.keyword }.root(&bound);
    let lifted = match lifted {
        Ok(lifted) => lifted,
        Err(refusal) => return refused(cx, operator.keyword, &refusal),
    };
    let mut rows = lifted.relation;
    if needs.groups && !lifted.ordered {
        rows = rows.clone().sort(vec![ascending(rows.column(0))]);
    }
    let mut result = vec![];
    for &index in &outer {
        let name = &columns[index].name;
        result.push(match given.index_of(name) {
            Some(own) => (given.columns()[own].clone(), rows.column(lifted.carried + own)),
            None => {
                let place = values.iter().position(|&value| value == index).unwrap_or_default();
                (columns[index].clone(), rows.column(1 + place))
            }
        });
    }
    for (index, column) in given.columns().iter().enumerate() {
        if !outer.iter().any(|&outer| columns[outer].name == column.name) {
            result.push((column.clone(), rows.column(lifted.carried + index)));
        }
    }
    Relation { serialized: input.serialized, ..rows.project(result) }
}

/// The result over no rows: the columns of the input that are left, the subquery's own first.
fn without_rows(input: &Relation, outer: &[usize], bound: &Relation) -> Relation {
    let given = &bound.schema;
    let columns = outer.iter().map(|&index| &input.schema.columns()[index]);
    let own = |column: &Column| given.index_of(&column.name).map(|own| &given.columns()[own]);
    let mut result: Vec<Column> =
        columns.map(|column| own(column).unwrap_or(column).clone()).collect();
    let further = given.columns().iter();
    let further = further.filter(|column| result.iter().all(|other| other.name != column.name));
    let further: Vec<Column> = further.cloned().collect();
    result.extend(further);
    Relation::new(Node::Void, RowSchema::new(result))
}

/// Reports what keeps a subquery from running.
pub(super) fn refused(cx: &mut Binder, keyword: Span, refusal: &Refusal) -> Relation {
    if !cx.quiet {
        let name = cx.source.slice(keyword).to_string();
        let message = format!("a subquery of `{name}` with {} is not supported yet", refusal.0);
        cx.diagnostics.push(Diagnostic::error(codes::UNSUPPORTED, keyword, message));
    }
    cx.broken()
}
