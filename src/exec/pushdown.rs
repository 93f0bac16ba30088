//! Bounds on the pushdown of filters.
//!
//! DataFusion takes a filter below a projection by putting the projection's expressions in the place
//! of its columns. In a chain of projections that read a column twice, as `extend a = iff(c, f(a), a)`
//! does, the filter doubles with every step. Both of DataFusion's passes over a plan are held back
//! from that: [`BoundedPushDown`] the logical one, and [`Fences`](super::nodes::Fences) the physical
//! one. Filters over stored columns, and those that hardly grow, are pushed down as ever.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, Projection};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{Optimizer, OptimizerConfig, OptimizerRule};

/// The nodes of expressions that a filter may gain on its way below a projection.
pub const GROWTH: usize = 100;

/// DataFusion's rules for logical plans, with its pushdown of filters bounded.
pub fn logical_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let inner = PushDownFilter::new();
    let name = inner.name().to_string();
    let bounded: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(BoundedPushDown { inner });
    let rules = Optimizer::new().rules.into_iter();
    rules.map(|rule| if rule.name() == name { Arc::clone(&bounded) } else { rule }).collect()
}

/// DataFusion's rule, except for conditions that would grow beyond [`GROWTH`].
#[derive(Debug)]
struct BoundedPushDown {
    inner: PushDownFilter,
}

impl OptimizerRule for BoundedPushDown {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.inner.apply_order()
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let (conditions, below) = stacked(&plan);
        let LogicalPlan::Projection(projection) = below else {
            return self.inner.rewrite(plan, config);
        };
        let (pushed, kept): (Vec<&Expr>, Vec<&Expr>) =
            conditions.into_iter().partition(|condition| growth(condition, projection) <= GROWTH);
        if kept.is_empty() {
            return self.inner.rewrite(plan, config);
        }
        let over = |conditions: Vec<&Expr>, input: Arc<LogicalPlan>| match conjunction(
            conditions.into_iter().cloned(),
        ) {
            Some(condition) => Filter::try_new(condition, input).map(LogicalPlan::Filter),
            None => Ok(Arc::unwrap_or_clone(input)),
        };
        let lower = self.inner.rewrite(over(pushed, Arc::new(below.clone()))?, config)?;
        if !lower.transformed {
            return Ok(Transformed::no(plan));
        }
        over(kept, Arc::new(lower.data)).map(Transformed::yes)
    }
}

/// The conditions of filters that lie on each other, the lowest first, and what is below them.
fn stacked(plan: &LogicalPlan) -> (Vec<&Expr>, &LogicalPlan) {
    match plan {
        LogicalPlan::Filter(filter) => {
            let (mut conditions, below) = stacked(&filter.input);
            conditions.extend(split_conjunction(&filter.predicate));
            (conditions, below)
        }
        other => (vec![], other),
    }
}

/// By how many nodes a condition over a projection is larger below it.
fn growth(condition: &Expr, projection: &Projection) -> usize {
    let mut gained = 0_usize;
    // The walk itself cannot fail.
    let _ = condition.apply(|node| {
        if let Expr::Column(column) = node
            && let Ok(index) = projection.schema.index_of_column(column)
        {
            gained = gained.saturating_add(size(&projection.expr[index]) - 1);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    gained
}

/// The nodes of an expression, without the name it is given.
fn size(expr: &Expr) -> usize {
    let mut nodes = 0;
    let _ = expr.apply(|node| {
        nodes += usize::from(!matches!(node, Expr::Alias(_)));
        Ok(TreeNodeRecursion::Continue)
    });
    nodes
}
