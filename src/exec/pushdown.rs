//! Bounds on the pushdown of filters.
//!
//! DataFusion takes a filter below a projection by putting the projection's expressions in the place
//! of its columns. In a chain of projections that read a column twice, as `extend a = iff(c, f(a), a)`
//! does, the filter doubles with every step. Both of DataFusion's passes over a plan are held back
//! from that: [`BoundedPushDown`] the logical one, and [`Fences`](super::nodes::Fences) the physical
//! one. Filters over stored columns, and those that hardly grow, are pushed down as ever.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, Projection};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{Optimizer, OptimizerConfig, OptimizerRule};

/// The nodes of expressions that a filter may gain on its way below a projection.
pub const GROWTH: usize = 32;

/// The nodes of an expression that a filter may rather evaluate twice than wait for.
const CHEAP: usize = 3;

/// DataFusion's rules for logical plans, with its pushdown of filters bounded.
pub fn logical_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let inner = PushDownFilter::new();
    let name = inner.name().to_string();
    let bounded: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(BoundedPushDown { inner });
    let rules = Optimizer::new().rules.into_iter();
    rules.map(|rule| if rule.name() == name { Arc::clone(&bounded) } else { rule }).collect()
}

/// DataFusion's rule, except for conditions that would grow beyond [`GROWTH`] or evaluate twice what
/// the projection evaluates once.
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
            conditions.into_iter().partition(|condition| stays_small(condition, projection));
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

/// Whether a condition over a projection is about as large below it.
fn stays_small(condition: &Expr, projection: &Projection) -> bool {
    let mut gained = 0_usize;
    let mut reads = HashSet::new();
    let mut again = false;
    // The walk itself cannot fail.
    let _ = condition.apply(|node| {
        if let Expr::Column(column) = node
            && let Ok(index) = projection.schema.index_of_column(column)
        {
            let size = size(&projection.expr[index]);
            gained = gained.saturating_add(size - 1);
            again |= size > CHEAP && !reads.insert(index);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    gained <= GROWTH && !again
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
