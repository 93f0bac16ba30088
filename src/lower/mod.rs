//! Lowering: from bound plan to DataFusion logical plan.
//!
//! Every KQL column becomes an unqualified DataFusion column of the same name. Columns straight from
//! a file may stay in the file's own Arrow type ([`scope::LoweredColumn::raw`]) for as long as
//! nothing needs the canonical form, so that filters, sort keys and extrema reach the file's
//! statistics.

mod again;
mod aggregate;
mod convert;
mod dynamic;
mod join;
mod late;
mod literal;
mod parse;
mod predicate;
mod range;
mod relation;
mod scalar;
mod scope;
mod steps;
mod tables;
#[cfg(test)]
mod tests;

pub use convert::Conversion;

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::logical_expr::LogicalPlan;

use crate::catalog::addressed::Addressed;
use crate::error::Result;
use crate::plan::{Relation, prune};
use crate::types::RowSchema;
use crate::types::external::External;

/// The tables that scans name.
pub trait Tables {
    /// The table called exactly `name`; `None` is the database in scope.
    fn table(&self, database: Option<&str>, name: &str) -> Result<TableSource>;

    /// The files that a query names, each with the columns of `schema` in order.
    fn external(&self, source: &External, schema: &RowSchema) -> Result<Vec<TableSource>>;
}

/// A table that can be read.
#[derive(Clone)]
pub struct TableSource {
    pub provider: Arc<dyn TableProvider>,
    /// The provider's first columns, in order, by the names they have in KQL. How the stored form
    /// becomes the canonical one, if they differ.
    pub columns: Vec<(Arc<str>, Option<Conversion>)>,
    /// Set where rows can be read again by their address.
    pub addressed: Option<Arc<dyn Addressed>>,
}

/// The logical plan of a relation; its columns are canonical and in the relation's order.
pub fn lower(relation: &Relation, tables: &dyn Tables) -> Result<LogicalPlan> {
    relation::Lowering::new(tables).top(&prune(relation))
}
