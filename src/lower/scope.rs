//! The columns of a lowered relation as expressions.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::Expr;

use super::convert::{Conversion, canonical};

/// A column of a DataFusion plan.
#[derive(Clone, Debug)]
pub struct LoweredColumn {
    /// Its name in the DataFusion plan.
    pub name: Arc<str>,
    /// How the stored form becomes the canonical one, if they differ.
    pub raw: Option<Conversion>,
}

/// The columns that an expression may read.
pub struct Scope<'a> {
    columns: &'a [LoweredColumn],
}

impl<'a> Scope<'a> {
    pub fn new(columns: &'a [LoweredColumn]) -> Self {
        Self { columns }
    }

    /// The column at `index` in canonical form.
    pub fn canonical(&self, index: usize) -> Expr {
        let column = &self.columns[index];
        match &column.raw {
            None => reference(&column.name),
            Some(conversion) => canonical(reference(&column.name), conversion),
        }
    }

    /// The column at `index` as stored, if that differs from the canonical form.
    pub fn raw(&self, index: usize) -> Option<(Expr, &'a Conversion)> {
        let column = &self.columns[index];
        column.raw.as_ref().map(|conversion| (reference(&column.name), conversion))
    }
}

/// A column by its exact name.
pub fn reference(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
