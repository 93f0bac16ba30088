//! The query of a rule, parsed and bound without data.

use super::known::Known;
use crate::binder::{Answers, Context, bind};
use crate::diagnostics::Diagnostics;
use crate::plan::BoundQuery;
use crate::stored::Functions;
use crate::syntax::{self, ast};
use crate::text::Source;
use crate::types::RowSchema;

/// What parsing and binding tell of a query. Places are in the query's own text.
pub struct Analysis {
    pub source: Source,
    pub script: ast::Script,
    /// Nothing where the text does not parse.
    pub bound: Option<BoundQuery>,
    pub diagnostics: Diagnostics,
    /// The columns of the last tabular statement, if there are no errors.
    pub columns: Option<RowSchema>,
}

/// Parses and binds a query over tables of which only the columns are known.
pub(super) fn analyse(source: Source, known: &Known, functions: &Functions, now: i64) -> Analysis {
    let parsed = syntax::parse(&source);
    let (script, mut diagnostics) = (parsed.script, parsed.diagnostics);
    if diagnostics.has_errors() {
        return Analysis { source, script, bound: None, diagnostics, columns: None };
    }
    let context =
        Context { now, parameters: vec![], answers: Answers::Empty, functions: functions.clone() };
    let (bound, found) = bind(&source, &script, &[], known, &context);
    diagnostics.extend(found);
    let columns = match diagnostics.has_errors() {
        true => None,
        false => bound.statements.last().map(|last| last.relation.schema.clone()),
    };
    Analysis { source, script, bound: Some(bound), diagnostics, columns }
}
