//! Lowering: from bound plan to DataFusion logical plan.
//!
//! Every KQL column becomes an unqualified DataFusion column of the same name. Columns straight from
//! a file may stay in the file's own Arrow type ([`scope::LoweredColumn::raw`]) for as long as
//! nothing needs the canonical form, so that filters, sort keys and extrema reach the file's
//! statistics.

mod aggregate;
mod convert;
mod literal;
mod predicate;
mod relation;
mod scalar;
mod scope;

use datafusion::logical_expr::LogicalPlan;

use crate::catalog::Catalog;
use crate::error::Result;
use crate::plan::Relation;

/// The logical plan of a relation; its columns are canonical and in the relation's order.
pub fn lower(relation: &Relation, catalog: &Catalog) -> Result<LogicalPlan> {
    relation::Lowering::new(catalog).top(relation)
}
