//! Projections that look alike and follow each other.
//!
//! DataFusion takes a projection for superfluous if its input is a projection of the same
//! expressions. That is wrong wherever one reads a column that it assigns: `extend a = a + 1` twice
//! adds two. Such a column gets a number that tells it from the one below.

use std::collections::HashSet;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, lit,
};

/// Gives its first argument; the second is a number that sets it apart from other calls.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Again {
    signature: Signature,
}

impl ScalarUDFImpl for Again {
    fn name(&self) -> &str {
        "again"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(FieldRef::clone(&args.arg_fields[0]))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(args.args.swap_remove(0))
    }
}

/// Which of the columns `name = expr` of one projection read a column that it changes.
pub fn readers_of_changes(columns: &[(&str, &Expr)]) -> Vec<bool> {
    let changed: HashSet<&str> = columns
        .iter()
        .filter(|(name, expr)| !matches!(expr, Expr::Column(column) if column.name == *name))
        .map(|(name, _)| *name)
        .collect();
    columns
        .iter()
        .map(|(name, expr)| {
            changed.contains(name)
                && expr.column_refs().iter().any(|column| changed.contains(&*column.name))
        })
        .collect()
}

/// `expr`, told from its namesakes `name = expr` among the projections of `below`; `None` if there
/// are none.
pub fn told_apart(name: &str, expr: &Expr, below: &LogicalPlan) -> Result<Option<Expr>> {
    let mut count = 0_i64;
    below.apply(|plan| {
        if let LogicalPlan::Projection(projection) = plan {
            let same = projection.expr.iter().any(|other| {
                matches!(other, Expr::Alias(alias) if alias.name == name && base(&alias.expr) == expr)
            });
            count += i64::from(same);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok((count > 0).then(|| {
        let again = Again { signature: Signature::any(2, Volatility::Immutable) };
        ScalarUDF::from(again).call(vec![expr.clone(), lit(count)])
    }))
}

/// An expression without the number that tells it apart.
fn base(expr: &Expr) -> &Expr {
    match expr {
        Expr::ScalarFunction(call) if call.func.inner().is::<Again>() => &call.args[0],
        other => other,
    }
}
