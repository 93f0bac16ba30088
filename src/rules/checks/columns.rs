//! The columns of a query's result, as the rest of the rule names them.

use super::{Subject, span_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::plan::{Node as Step, Relation};
use crate::rules::Analysis;
use crate::rules::document::Node;
use crate::text::Span;
use crate::types::{Column, RowSchema};

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
        let told =
            Diagnostic::error(code, span, format!("the query gives no column `{name}` for {what}"));
        let mut other_case = columns.names().filter(|column| column.eq_ignore_ascii_case(name));
        if let (Some(column), None) = (other_case.next(), other_case.next()) {
            let told = told.hint(format!("the column is spelled `{column}`"));
            self.tell_and_mend(told, span, column);
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
}
