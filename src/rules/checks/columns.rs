//! The columns of a query's result, as the rest of the rule names them.

use std::sync::Arc;

use super::{Subject, span_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::plan::{Node as Step, Relation, ScalarExpr};
use crate::rules::Analysis;
use crate::rules::document::Node;
use crate::syntax::lexer::lex;
use crate::syntax::token::{Token, TokenKind};
use crate::text::Span;
use crate::types::{Column, RowSchema, Value};

/// Hints list so many columns at most.
const LISTED: usize = 12;

/// The columns of a query's result, if there can be no others.
pub(super) fn all_columns(analysis: &Analysis) -> Option<&RowSchema> {
    let bound = analysis.bound.as_ref()?;
    let last = bound.statements.last()?;
    let all = !bound.partial && !may_have_more(&last.relation);
    analysis.columns.as_ref().filter(|columns| all && !columns.is_empty())
}

/// Whether any of the rows that go into a relation may have columns that are not known.
fn may_have_more(relation: &Relation) -> bool {
    matches!(&*relation.node, Step::Void) || relation.inputs().into_iter().any(may_have_more)
}

impl<'a> Subject<'a> {
    /// The column that a value names. Tells of one that the query does not give; `what` says what the
    /// column is for.
    pub fn column(&mut self, code: Code, what: &str, node: &'a Node) -> Option<&'a Column> {
        let name = node.text()?;
        self.column_at(code, what, name, span_of(node))
    }

    /// The column called `name`, which the file names at `span`.
    pub fn column_at(
        &mut self,
        code: Code,
        what: &str,
        name: &str,
        span: Span,
    ) -> Option<&'a Column> {
        let columns = self.columns?;
        if let Some(index) = columns.index_of(name) {
            return columns.columns().get(index);
        }
        let mut told =
            Diagnostic::error(code, span, format!("the query gives no column `{name}` for {what}"));
        if let Some(place) = self.last_use(name) {
            told = told
                .label(place, "here it is named last")
                .hint("the query names it, but its result does not have it: carry it to the end");
        }
        let mut other_case = columns.names().filter(|column| column.eq_ignore_ascii_case(name));
        if let (Some(column), None) = (other_case.next(), other_case.next()) {
            let told = told.hint(format!("the column is spelled `{column}`"));
            self.tell_and_mend(told, span, column);
            return None;
        }
        if !told.labels.is_empty() {
            self.tell(told);
            return None;
        }
        let suggested = told.clone().suggest("column", name, columns.names());
        if suggested.hints.len() > told.hints.len() || columns.len() > LISTED {
            self.tell(suggested);
        } else {
            let names: Vec<String> = columns.names().map(|name| format!("`{name}`")).collect();
            self.tell(told.hint(format!("it gives {}", names.join(", "))));
        }
        None
    }

    /// Where the query names something for the last time.
    fn last_use(&self, name: &str) -> Option<Span> {
        let scalar = self.entry("query")?.value.scalar()?;
        let tokens = lex(&scalar.value);
        let is_use = |token: &&Token| {
            token.kind == TokenKind::Name && &scalar.value[token.span.range()] == name
        };
        tokens.iter().rfind(is_use).map(|token| scalar.place(token.span))
    }
}

/// The texts that a column may hold, if the query tells all of them: constants, and choices between
/// such.
pub(super) fn constants(relation: &Relation, index: usize) -> Option<Vec<Arc<str>>> {
    match &*relation.node {
        Step::Filter { input, .. } | Step::Sort { input, .. } | Step::Limit { input, .. } => {
            constants(input, index)
        }
        Step::Expand { input, .. } | Step::Parse { input, .. } | Step::Window { input, .. }
            if index < input.schema.len() =>
        {
            constants(input, index)
        }
        Step::Project { input, exprs } => texts_of(input, exprs.get(index)?),
        Step::Aggregate { input, keys, .. } => texts_of(input, keys.get(index)?),
        _ => None,
    }
}

fn texts_of(input: &Relation, expr: &ScalarExpr) -> Option<Vec<Arc<str>>> {
    match expr {
        ScalarExpr::Column { index, .. } => constants(input, *index),
        ScalarExpr::Literal(Value::String(text)) => Some(vec![text.clone()]),
        ScalarExpr::Call(call) => {
            // The values among the arguments: behind a condition, and at the end.
            let values: Vec<&ScalarExpr> = match (call.function.name, &call.args[..]) {
                ("iff" | "iif", [_, yes, no]) => vec![yes, no],
                ("case", args) => {
                    let behind = args.iter().skip(1).step_by(2);
                    behind.chain(args.last().filter(|_| args.len() % 2 == 1)).collect()
                }
                _ => return None,
            };
            let texts: Option<Vec<_>> = values.into_iter().map(|v| texts_of(input, v)).collect();
            texts.map(|texts| texts.concat())
        }
        _ => None,
    }
}
