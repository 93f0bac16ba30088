//! Custom plan nodes, logical and physical together, one file each.

use std::sync::Arc;

use datafusion::physical_planner::ExtensionPlanner;

/// The planners of all custom nodes.
pub fn planners() -> Vec<Arc<dyn ExtensionPlanner + Send + Sync>> {
    vec![]
}
