//! Scalar expressions: names, literals, paths, operators.

use super::Binder;
use super::calls::{Argument, unknown};
use super::env::Binding;
use super::operations::OperatorClass;
use super::scope::{Clause, Row};
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::ScalarExpr;
use crate::syntax::ast::{self, BinaryClass, Expr};
use crate::text::Span;
use crate::types::{Column, Type, Value};

impl<'a> Binder<'a> {
    /// Binds an expression that stands in `clause`.
    pub(super) fn expr(&mut self, clause: &mut Clause, expr: &'a Expr) -> ScalarExpr {
        match expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Name(name) => self.name(clause, name),
            Expr::Paren(paren) => self.expr(clause, &paren.inner),
            Expr::Member(_) | Expr::Index(_) => self.path(clause, expr),
            Expr::Call(call) => self.function_call(clause, call),
            Expr::Unary(unary) => self.unary(clause, unary),
            Expr::Binary(binary) => self.binary_expr(clause, binary),
            Expr::And(terms) => self.logic(clause, terms, true),
            Expr::Or(terms) => self.logic(clause, terms, false),
            Expr::Between(between) => {
                let value = self.argument(clause, &between.value);
                let low = self.argument(clause, &between.low);
                let high = self.argument(clause, &between.high);
                self.between(between.negated, between.span, value, low, high)
            }
            Expr::In(list) => self.in_list(clause, list),
            Expr::Named(named) => {
                // Kusto reads `where a = b` as a name for `b`.
                self.diagnostics.push(
                    Diagnostic::warning(
                        codes::DISCARDED,
                        named.span,
                        "this names a value and compares nothing",
                    )
                    .hint("comparison is `==`"),
                );
                self.expr(clause, &named.value)
            }
            Expr::Pipe(_) | Expr::Source(_) => {
                self.error(
                    codes::EXPRESSION_TYPE,
                    expr.span(),
                    "a scalar is expected, not a table",
                );
                unknown()
            }
            Expr::TypeOf(_) => {
                self.error(codes::EXPRESSION_TYPE, expr.span(), "a value is expected, not a type");
                unknown()
            }
            Expr::Star(span) => {
                self.error(codes::EXPRESSION_TYPE, *span, "`*` stands for no value here");
                unknown()
            }
            Expr::Wildcard(name) => {
                self.error(codes::EXPRESSION_TYPE, name.span, "a pattern of names is no value");
                unknown()
            }
            Expr::ColumnSearch(search) => {
                self.error(codes::SYNTAX, search.span, "`:` is an operator of `search` only");
                unknown()
            }
            Expr::Error(_) => unknown(),
        }
    }

    /// Binds an expression together with its place.
    pub(super) fn argument(&mut self, clause: &mut Clause, expr: &'a Expr) -> Argument {
        let bound = self.nested(expr.span(), |binder| binder.expr(clause, expr));
        Argument::new(bound, expr.span())
    }

    fn literal(&mut self, literal: &ast::Literal) -> ScalarExpr {
        match &literal.value {
            Some(value) => ScalarExpr::Literal(value.clone()),
            None => {
                let text = self.source.slice(literal.span);
                let message = format!("`{text}` is not a literal of its type");
                if self.context.analyses()
                    && let Some(ty) =
                        text.split_once('(').and_then(|(word, _)| Type::from_name(word.trim()))
                {
                    self.diagnostics.push(
                        Diagnostic::warning(codes::BAD_LITERAL, literal.span, message)
                            .hint("the analyser does not look into it, but no query runs with it"),
                    );
                    return ScalarExpr::Pending { ty };
                }
                let mut diagnostic = Diagnostic::error(codes::BAD_LITERAL, literal.span, message);
                if let Some((word, _)) = text.split_once('(') {
                    diagnostic = diagnostic.hint(format!("to convert a value, call `to{word}(…)`"));
                }
                self.diagnostics.push(diagnostic);
                unknown()
            }
        }
    }

    fn name(&mut self, clause: &mut Clause, name: &ast::Name) -> ScalarExpr {
        if clause.lets_first
            && let Some(found) = self.let_value(clause, name)
        {
            return found;
        }
        if let Some(element) = self.whole_element(clause, name) {
            return element;
        }
        match &clause.row {
            Row::Columns(schema) => {
                if let Some(index) = schema.index_of(&name.text) {
                    return ScalarExpr::Column { index, ty: schema.columns()[index].ty };
                }
            }
            Row::OutsideAggregate(schema) => {
                if schema.index_of(&name.text).is_some() {
                    let message =
                        format!("column `{}` stands outside an aggregation function", name.text);
                    self.diagnostics.push(
                        Diagnostic::error(codes::COLUMN_OUTSIDE_AGGREGATE, name.span, message)
                            .hint(format!("put it behind `by`, or into `take_any({})`", name.text)),
                    );
                    return unknown();
                }
            }
            Row::None => {}
        }
        if let Some(found) = self.let_value(clause, name) {
            return found;
        }
        match self.env.get(&name.text) {
            // A function may be called without its parentheses.
            Some(Binding::Function(function)) => {
                let function = function.clone();
                self.scalar_user_call(clause, &function, &[], name.span)
            }
            _ => self.unknown_name(clause, name),
        }
    }

    /// The value of a scalar `let` or parameter.
    fn let_value(&mut self, clause: &Clause, name: &ast::Name) -> Option<ScalarExpr> {
        match self.env.get(&name.text)? {
            Binding::Scalar(scalar) => {
                let expr = scalar.expr.clone();
                let mut reads_columns = false;
                expr.visit(&mut |e| reads_columns |= matches!(e, ScalarExpr::Column { .. }));
                if reads_columns && (scalar.level != self.level || clause.aggregates.is_some()) {
                    let message = format!("`{}` is a value of an outer row", name.text);
                    self.error(codes::OUTER_VALUE, name.span, message);
                    return Some(unknown());
                }
                Some(expr)
            }
            Binding::Tabular(_)
            | Binding::Graph(_)
            | Binding::Function(_)
            | Binding::Entities(_)
            | Binding::Database(_)
            | Binding::Pattern(_) => None,
        }
    }

    fn unknown_name(&mut self, clause: &Clause, name: &ast::Name) -> ScalarExpr {
        if self.quiet {
            return unknown();
        }
        if clause.open && self.env.get(&name.text).is_none() {
            self.open_column(&name.text, name.span);
            return unknown();
        }
        let columns: Vec<String> = clause
            .schema()
            .map(|schema| schema.names().map(str::to_string).collect())
            .unwrap_or_default();
        let lets: Vec<String> = self.env.frames().map(|(name, _)| name.to_string()).collect();
        let is_table = matches!(self.env.get(&name.text), Some(Binding::Tabular(_)))
            || self.table_schema(None, &name.text).is_some();
        let code = if is_table { codes::TABLE_AS_VALUE } else { codes::UNKNOWN_NAME };
        let message = if is_table {
            format!("`{}` is a table; a value is expected here", name.text)
        } else if clause.schema().is_some() {
            format!("unknown column `{}`", name.text)
        } else {
            format!("unknown name `{}`", name.text)
        };
        let known = columns.iter().chain(&lets).map(String::as_str).filter(|n| **n != *name.text);
        self.diagnostics
            .push(Diagnostic::error(code, name.span, message).suggest("column", &name.text, known));
        unknown()
    }

    fn unary(&mut self, clause: &mut Clause, unary: &'a ast::Unary) -> ScalarExpr {
        // The smallest long is no literal: its digits alone are out of range.
        let operand = self.argument(clause, &unary.operand);
        if !unary.negative {
            return operand.expr;
        }
        if let ScalarExpr::Literal(Value::Int(value)) = operand.expr {
            return match value.checked_neg() {
                Some(value) => ScalarExpr::Literal(Value::Int(value)),
                None => ScalarExpr::Literal(Value::Long(-i64::from(value))),
            };
        }
        self.call("unary -", unary.span, vec![operand])
    }

    fn binary_expr(&mut self, clause: &mut Clause, binary: &'a ast::Binary) -> ScalarExpr {
        if matches!(binary.left, Expr::Star(_)) {
            return self.any_column(clause, binary);
        }
        // Long sums and products nest to the left: go down in a loop.
        let mut chain = vec![];
        let mut node = binary;
        let first = loop {
            chain.push(node);
            match &node.left {
                Expr::Binary(next)
                    if next.op.class == BinaryClass::Arithmetic
                        && node.op.class == BinaryClass::Arithmetic =>
                {
                    node = next;
                }
                other => break other,
            }
        };
        let mut left = self.argument(clause, first);
        while let Some(node) = chain.pop() {
            let right = self.argument(clause, &node.right);
            let span = left.span.to(right.span);
            let class = match node.op.class {
                BinaryClass::Arithmetic => OperatorClass::Arithmetic,
                BinaryClass::Comparison => OperatorClass::Comparison,
                BinaryClass::Text => OperatorClass::Text,
            };
            let expr = self.binary(node.op.sign, class, node.op.negated, span, left, right);
            left = Argument::new(expr, span);
        }
        left.expr
    }

    /// `* has "x"`: any column as text.
    fn any_column(&mut self, clause: &mut Clause, binary: &'a ast::Binary) -> ScalarExpr {
        let right = self.argument(clause, &binary.right);
        let Some(schema) = clause.schema().cloned() else {
            self.error(codes::EXPRESSION_TYPE, binary.left.span(), "`*` needs a table");
            return unknown();
        };
        let span = binary.left.span();
        let mut terms = vec![];
        for (index, column) in schema.columns().iter().enumerate() {
            let text = binary.op.class == BinaryClass::Text;
            let comparable = match text {
                true => is_searched(column),
                false => {
                    column.ty == right.expr.ty()
                        || (column.ty.is_numeric() && right.expr.ty().is_numeric())
                }
            };
            if comparable {
                let left = Argument::new(ScalarExpr::Column { index, ty: column.ty }, span);
                let class = if text { OperatorClass::Text } else { OperatorClass::Comparison };
                terms.push(self.binary(binary.op.sign, class, false, span, left, right.clone()));
            }
        }
        let any = connect(terms, false);
        if binary.op.negated { self.not(any, span) } else { any }
    }

    fn logic(&mut self, clause: &mut Clause, terms: &'a [Expr], all: bool) -> ScalarExpr {
        let mut bound = Vec::with_capacity(terms.len());
        for term in terms {
            let argument = self.argument(clause, term);
            // The analyser takes a dynamic for a condition beside `and` and `or`.
            if self.context.analyses() && argument.expr.ty() == Type::Dynamic {
                self.refused_by_service(
                    if all { "and" } else { "or" },
                    &[Type::Dynamic],
                    argument.span,
                );
                bound.push(ScalarExpr::Pending { ty: Type::Bool });
                continue;
            }
            bound.push(self.condition(argument));
        }
        connect(bound, all)
    }

    fn in_list(&mut self, clause: &mut Clause, list: &'a ast::In) -> ScalarExpr {
        let value = self.argument(clause, &list.value);
        let mut items = vec![];
        for item in &list.items {
            if self.is_tabular(clause, item) {
                let relation = self.inner_relation(item);
                items.extend(self.list_of(&value, relation, item.span()));
            } else if let Some(name) = self.shadowed_table(item) {
                let message = format!(
                    "`{name}` is a column here, not the table of that name: a list is constant"
                );
                self.error(codes::CONSTANT_EXPECTED, item.span(), message);
                return unknown();
            } else {
                let argument = self.argument(clause, item);
                items.push(argument);
            }
        }
        if items.iter().any(|item| item.expr.ty() == Type::Unknown) {
            return ScalarExpr::Pending { ty: Type::Bool };
        }
        match list.sign {
            sign @ ("has_any" | "has_all") if self.case_sensitive => {
                let message = format!("`{sign}` has no form that heeds case");
                self.error(codes::UNSUPPORTED, list.op_span, message);
                unknown()
            }
            "has_any" | "has_all" => {
                let text = match value.expr.ty() {
                    Type::String | Type::Dynamic | Type::Unknown => value,
                    other => {
                        let message = format!("operator `{}` takes text, not {other}", list.sign);
                        self.error(codes::STRING_OPERAND, value.span, message);
                        return unknown();
                    }
                };
                let mut args = vec![text];
                args.extend(items);
                self.call(list.sign, list.span, args)
            }
            "in~" if self.case_sensitive => {
                self.membership("in", list.negated, list.span, value, items)
            }
            sign => self.membership(sign, list.negated, list.span, value, items),
        }
    }

    /// The name of a tabular `let` that a column hides, where [`Self::is_tabular`] has seen none.
    fn shadowed_table(&self, item: &Expr) -> Option<String> {
        let Expr::Name(name) = item else { return None };
        let binding = self.env.get(&name.text);
        matches!(binding, Some(Binding::Tabular(_))).then(|| name.text.to_string())
    }

    /// The first column of a table as list items.
    fn list_of(
        &mut self,
        value: &Argument,
        relation: crate::plan::Relation,
        span: Span,
    ) -> Vec<Argument> {
        let Some(first) = relation.schema.columns().first().cloned() else { return vec![] };
        let ty = value.expr.ty();
        let same = first.ty == ty
            || (first.ty.is_numeric() && ty.is_numeric())
            || first.ty == Type::Dynamic
            || ty == Type::Dynamic
            || first.ty == Type::Unknown
            || ty == Type::Unknown;
        if !same {
            let message = format!(
                "column `{}` of the list is of type {}, the value of type {ty}",
                first.name, first.ty
            );
            self.error(codes::IN_TYPE, span, message);
            return vec![Argument::new(unknown(), span)];
        }
        let keys = relation.select(&[0]);
        let keys = if first.ty == Type::Dynamic {
            keys
        } else {
            let column = (first.clone(), keys.column(0));
            keys.aggregate(vec![column], vec![], vec![])
        };
        match self.ask_rows(keys) {
            Some(rows) => rows
                .into_iter()
                .filter_map(|row| row.into_iter().next())
                .map(|value| Argument::new(ScalarExpr::Literal(value), span))
                .collect(),
            None => vec![Argument::new(ScalarExpr::Pending { ty: Type::Unknown }, span)],
        }
    }

    /// `scope.$current_database` inside `macro-expand`.
    fn entity_value(&mut self, expr: &Expr) -> Option<ScalarExpr> {
        let Expr::Member(member) = expr else { return None };
        let (Expr::Name(scope), Expr::Name(value)) = (&member.target, &member.member) else {
            return None;
        };
        let Some(Binding::Database(database)) = self.env.get(&scope.text) else { return None };
        match &*value.text {
            "$current_database" => Some(ScalarExpr::Literal(Value::String(database.clone()))),
            // There is no cluster: the function of that name gives the database as well.
            "$current_cluster_endpoint" => {
                let database = self.schemas.current_database();
                Some(ScalarExpr::Literal(Value::String(database.into())))
            }
            _ => None,
        }
    }

    /// `a.b`, `a['b']`, `a[0].c`: one access with all its steps.
    fn path(&mut self, clause: &mut Clause, expr: &'a Expr) -> ScalarExpr {
        enum Step<'a> {
            Constant(Value, Span),
            Computed(&'a Expr),
        }
        let span = expr.span();
        if let Some(value) = self.entity_value(expr) {
            return value;
        }
        if let Some((target, function, args)) = self.qualified_function(expr) {
            return match self.database_of(target) {
                Some(_) => self.scalar_user_call(clause, &function, args, span),
                None => unknown(),
            };
        }
        let mut steps = vec![];
        let mut node = expr;
        loop {
            match node {
                Expr::Member(member) => {
                    match &member.member {
                        Expr::Name(name) => {
                            steps.push(Step::Constant(Value::String(name.text.clone()), name.span))
                        }
                        other => {
                            self.error(codes::SYNTAX, other.span(), "a member name is expected");
                            return unknown();
                        }
                    }
                    node = &member.target;
                }
                Expr::Index(index) => {
                    match constant_index(&index.index) {
                        Some(value) => steps.push(Step::Constant(value, index.index.span())),
                        None => steps.push(Step::Computed(&index.index)),
                    }
                    node = &index.target;
                }
                Expr::Paren(paren) if matches!(paren.inner, Expr::Member(_) | Expr::Index(_)) => {
                    node = &paren.inner;
                }
                _ => break,
            }
        }
        let property = match (node, steps.last()) {
            (Expr::Name(name), Some(Step::Constant(Value::String(text), at))) => {
                match self.state_column(clause, name, text, *at) {
                    Some(column) => Some(column),
                    None => self.element_property(clause, name, text, *at),
                }
            }
            _ => None,
        };
        if property.is_some() {
            steps.pop();
        }
        let target = match property {
            Some(value) if steps.is_empty() => return value,
            Some(value) => Argument::new(value, node.span()),
            None => match self.sorted_together(clause, node) {
                Some(sorted) => sorted,
                None => self.argument(clause, node),
            },
        };
        match target.expr.ty() {
            Type::Dynamic | Type::Unknown => {}
            other => {
                let message = format!("a value of type {other} has no members");
                let mut diagnostic =
                    Diagnostic::error(codes::EXPRESSION_TYPE, target.span, message);
                if other == Type::String {
                    diagnostic = diagnostic.hint("read the text first: `parse_json(…)`");
                }
                self.diagnostics.push(diagnostic);
                return ScalarExpr::Pending { ty: Type::Dynamic };
            }
        }
        let mut current = target.expr;
        let mut fused: Vec<Argument> = vec![];
        while let Some(step) = steps.pop() {
            match step {
                Step::Constant(value, at) => {
                    fused.push(Argument::new(ScalarExpr::Literal(value), at));
                }
                Step::Computed(index) => {
                    current = self.access(current, std::mem::take(&mut fused), span);
                    let index = self.argument(clause, index);
                    let target = Argument::new(current, span);
                    current = self.call("[]", span, vec![target, index]);
                }
            }
        }
        self.access(current, fused, span)
    }

    /// `step.column` in a step of `scan`.
    fn state_column(
        &mut self,
        clause: &Clause,
        name: &ast::Name,
        column: &str,
        span: Span,
    ) -> Option<ScalarExpr> {
        if clause.schema().is_some_and(|schema| schema.index_of(&name.text).is_some()) {
            return None;
        }
        let step = clause.steps.iter().find(|step| step.name == name.text)?;
        let Some(index) = step.schema.index_of(column) else {
            let message = format!("step `{}` has no column `{column}`", step.name);
            self.diagnostics.push(Diagnostic::error(codes::UNKNOWN_NAME, span, message).suggest(
                "column",
                column,
                step.schema.names(),
            ));
            return Some(unknown());
        };
        let ty = step.schema.columns()[index].ty;
        Some(ScalarExpr::Column { index: step.first + index, ty })
    }

    fn access(&mut self, target: ScalarExpr, steps: Vec<Argument>, span: Span) -> ScalarExpr {
        if steps.is_empty() {
            return target;
        }
        // A path behind `parse_json(text)` is found in the text itself.
        let (name, target) = match target {
            ScalarExpr::Call(mut call)
                if call.function.name == "parse_json"
                    && call.args.len() == 1
                    && call.args[0].ty() == Type::String =>
            {
                ("parse_json.", call.args.remove(0))
            }
            other => (".", other),
        };
        let mut args = vec![Argument::new(target, span)];
        args.extend(steps);
        self.call(name, span, args)
    }
}

/// A literal key or position.
fn constant_index(expr: &Expr) -> Option<Value> {
    match expr.unparenthesised() {
        Expr::Literal(ast::Literal {
            value: Some(value @ (Value::String(_) | Value::Long(_) | Value::Int(_))),
            ..
        }) => Some(match value {
            Value::Int(v) => Value::Long(i64::from(*v)),
            other => other.clone(),
        }),
        Expr::Unary(unary) if unary.negative => match constant_index(&unary.operand)? {
            Value::Long(v) => v.checked_neg().map(Value::Long),
            _ => None,
        },
        _ => None,
    }
}

/// Whether bare search terms look into a column.
pub(super) fn is_searched(column: &Column) -> bool {
    matches!(column.ty, Type::String | Type::Dynamic) && !column.name.starts_with('$')
}

/// The conjunction of conditions if `all`, else the disjunction; constants decide at once.
pub(super) fn connect(mut terms: Vec<ScalarExpr>, all: bool) -> ScalarExpr {
    if terms.contains(&ScalarExpr::Literal(Value::Bool(!all))) {
        return ScalarExpr::Literal(Value::Bool(!all));
    }
    terms.retain(|term| *term != ScalarExpr::Literal(Value::Bool(all)));
    match <[ScalarExpr; 1]>::try_from(terms) {
        Ok([only]) => only,
        Err(terms) if terms.is_empty() => ScalarExpr::Literal(Value::Bool(all)),
        Err(terms) if all => ScalarExpr::And(terms),
        Err(terms) => ScalarExpr::Or(terms),
    }
}
