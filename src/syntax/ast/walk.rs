//! One way through a syntax tree: every pipeline, operator and expression, parents first.

use super::{Expr, GraphMatch, LetValue, Operator, OperatorKind as O, PartitionBody, Statement};
use super::{Script, SortKey};

/// What is done on the way.
pub trait Visitor<'a> {
    /// Operators in a row, and what the first one reads; nothing where that is the input of the
    /// operator around them.
    fn pipeline(&mut self, source: Option<&'a Expr>, operators: &'a [Operator]) {
        let _ = (source, operators);
    }

    /// An operator, before its parts.
    fn operator(&mut self, operator: &'a Operator) {
        let _ = operator;
    }

    /// The end of the parts of an operator.
    fn operator_end(&mut self) {}

    fn expr(&mut self, expr: &'a Expr) {
        let _ = expr;
    }
}

/// Visits all statements of a query.
pub fn walk<'a>(visitor: &mut impl Visitor<'a>, script: &'a Script) {
    script.statements.iter().for_each(|statement| walk_statement(visitor, statement));
}

fn walk_statement<'a>(visitor: &mut impl Visitor<'a>, statement: &'a Statement) {
    match statement {
        Statement::Let(statement) => match &statement.value {
            LetValue::Expr(value) => walk_expr(visitor, value),
            LetValue::Function(function) => {
                function.statements.iter().for_each(|inner| walk_statement(visitor, inner));
                if let Some(body) = &function.body {
                    walk_expr(visitor, body);
                }
            }
        },
        Statement::Query(query) => walk_expr(visitor, query),
        Statement::Set(_)
        | Statement::Parameters(_)
        | Statement::Pattern(_)
        | Statement::Alias(_)
        | Statement::Restrict(_)
        | Statement::Command(_) => {}
    }
}

fn walk_all<'a>(visitor: &mut impl Visitor<'a>, exprs: impl IntoIterator<Item = &'a Expr>) {
    exprs.into_iter().for_each(|expr| walk_expr(visitor, expr));
}

/// Visits an expression and all below it.
pub fn walk_expr<'a>(visitor: &mut impl Visitor<'a>, expr: &'a Expr) {
    visitor.expr(expr);
    match expr {
        Expr::Literal(_)
        | Expr::Name(_)
        | Expr::Star(_)
        | Expr::Wildcard(_)
        | Expr::TypeOf(_)
        | Expr::Error(_) => {}
        Expr::Member(e) => walk_all(visitor, [&e.target, &e.member]),
        Expr::Index(e) => walk_all(visitor, [&e.target, &e.index]),
        Expr::Call(e) => walk_all(visitor, &e.args),
        Expr::Unary(e) => walk_expr(visitor, &e.operand),
        Expr::Binary(e) => walk_all(visitor, [&e.left, &e.right]),
        Expr::And(terms) | Expr::Or(terms) => walk_all(visitor, terms),
        Expr::Between(e) => walk_all(visitor, [&e.value, &e.low, &e.high]),
        Expr::In(e) => {
            walk_expr(visitor, &e.value);
            walk_all(visitor, &e.items);
        }
        Expr::Named(e) => walk_expr(visitor, &e.value),
        Expr::Paren(e) => walk_expr(visitor, &e.inner),
        Expr::Pipe(e) => {
            walk_expr(visitor, &e.source);
            walk_pipeline(visitor, Some(&e.source), &e.operators);
        }
        Expr::Source(e) => walk_operator(visitor, &e.operator),
        Expr::ColumnSearch(e) => walk_all(visitor, [&e.column, &e.text]),
    }
}

fn walk_pipeline<'a>(
    visitor: &mut impl Visitor<'a>,
    source: Option<&'a Expr>,
    operators: &'a [Operator],
) {
    visitor.pipeline(source, operators);
    operators.iter().for_each(|operator| walk_operator(visitor, operator));
}

fn walk_operator<'a>(visitor: &mut impl Visitor<'a>, operator: &'a Operator) {
    visitor.operator(operator);
    walk_parts(visitor, operator);
    visitor.operator_end();
}

fn walk_keys<'a>(visitor: &mut impl Visitor<'a>, keys: &'a [SortKey]) {
    walk_all(visitor, keys.iter().map(|key| &key.expr));
}

fn walk_parts<'a>(visitor: &mut impl Visitor<'a>, operator: &'a Operator) {
    match &operator.kind {
        O::As { .. }
        | O::AssertSchema { .. }
        | O::Consume
        | O::Count { .. }
        | O::ExecuteAndCache
        | O::ExternalData { .. }
        | O::GetSchema
        | O::GraphMarkComponents
        | O::GraphToTable { .. }
        | O::InlineExternalTable(_)
        | O::Render { .. } => {}
        O::Datatable { values: list, .. }
        | O::Distinct { columns: list }
        | O::EntityGroup { entities: list }
        | O::Extend { columns: list }
        | O::Print { columns: list }
        | O::Project { columns: list }
        | O::ProjectAway { columns: list }
        | O::ProjectByNames { columns: list }
        | O::ProjectKeep { columns: list }
        | O::ProjectRename { columns: list }
        | O::Serialize { columns: list }
        | O::Union { inputs: list } => walk_all(visitor, list),
        O::Evaluate { call: expr, .. }
        | O::GraphWhereEdges { predicate: expr }
        | O::GraphWhereNodes { predicate: expr }
        | O::Invoke { call: expr }
        | O::Take { count: expr }
        | O::Parse { source: expr, .. }
        | O::ParseKv { source: expr, .. }
        | O::Reduce { by: expr, .. }
        | O::Sample { count: expr }
        | O::Where { predicate: expr } => walk_expr(visitor, expr),
        O::Facet { columns, with } => {
            walk_all(visitor, columns);
            if let Some(body) = with {
                walk_pipeline(visitor, None, body);
            }
        }
        O::Find(find) => {
            walk_all(visitor, &find.tables);
            walk_expr(visitor, &find.predicate);
            walk_all(visitor, find.project.iter().map(|(expr, _)| expr));
        }
        O::Fork { branches } => {
            branches.iter().for_each(|(_, body)| walk_pipeline(visitor, None, body));
        }
        O::GraphMatch(parts) | O::GraphShortestPaths(parts) => walk_match(visitor, parts),
        O::Join { right, on } | O::Lookup { right, on } => {
            walk_expr(visitor, right);
            walk_all(visitor, on);
        }
        O::MacroExpand { group, body, .. } => {
            walk_expr(visitor, group);
            body.iter().for_each(|statement| walk_statement(visitor, statement));
        }
        O::MakeGraph(parts) => {
            walk_all(visitor, parts.nodes.iter().map(|node| &node.table));
            if let Some((_, body)) = &parts.partitioned_by {
                walk_pipeline(visitor, None, body);
            }
        }
        O::MakeSeries(parts) => {
            walk_all(visitor, parts.aggregates.iter().map(|(aggregate, _)| aggregate));
            walk_expr(visitor, &parts.on);
            let ends = [&parts.from, &parts.to, &parts.step, &parts.range];
            walk_all(visitor, ends.into_iter().flatten());
            walk_all(visitor, &parts.by);
        }
        O::MvApply { columns, limit, body } => {
            walk_all(visitor, columns.iter().map(|column| &column.expr).chain(limit));
            walk_pipeline(visitor, None, body);
        }
        O::MvExpand { columns, limit, .. } => {
            walk_all(visitor, columns.iter().map(|column| &column.expr).chain(limit));
        }
        O::Partition { by, body } => {
            walk_expr(visitor, by);
            match body {
                PartitionBody::Pipeline(body) => walk_pipeline(visitor, None, body),
                PartitionBody::Query(query) => walk_expr(visitor, query),
            }
        }
        O::ProjectReorder { columns } => walk_all(visitor, columns.iter().map(|(expr, _)| expr)),
        O::Range { from, to, step, .. } => walk_all(visitor, [from, to].into_iter().chain(step)),
        O::SampleDistinct { count, of } => walk_all(visitor, [count, of]),
        O::Scan(scan) => {
            walk_keys(visitor, &scan.order_by);
            walk_all(visitor, &scan.partition_by);
            for step in &scan.steps {
                walk_expr(visitor, &step.condition);
                walk_all(visitor, &step.assignments);
            }
        }
        O::Search { tables, predicate } => {
            walk_all(visitor, tables);
            walk_expr(visitor, predicate);
        }
        O::Sort { keys } => walk_keys(visitor, keys),
        O::Summarize { aggregates, by } => walk_all(visitor, aggregates.iter().chain(by)),
        O::Top { count, by } => walk_all(visitor, [count, &by.expr]),
        O::TopHitters { count, of, by } => walk_all(visitor, [count, of].into_iter().chain(by)),
        O::TopNested { levels } => {
            for level in levels {
                walk_all(visitor, level.count.iter().chain([&level.of, &level.by.expr]));
            }
        }
    }
}

fn walk_match<'a>(visitor: &mut impl Visitor<'a>, parts: &'a GraphMatch) {
    walk_all(visitor, parts.condition.iter().chain(&parts.project));
}
