//! What the physical nodes have in common.

use std::sync::Arc;

use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::Partitioning;
use datafusion::physical_plan::PlanProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};

/// The methods of `ExecutionPlan` that say the same for every node with `inputs` and `properties`;
/// after `single`, also those of a node that wants each of its inputs in one stream.
macro_rules! common_methods {
    () => {
        fn properties(&self) -> &std::sync::Arc<datafusion::physical_plan::PlanProperties> {
            &self.properties
        }

        fn children(&self) -> Vec<&std::sync::Arc<dyn ExecutionPlan>> {
            self.inputs.iter().collect()
        }

        fn apply_expressions(
            &self,
            _f: &mut dyn FnMut(
                &std::sync::Arc<dyn datafusion::physical_expr::PhysicalExpr>,
            ) -> Result<datafusion::common::tree_node::TreeNodeRecursion>,
        ) -> Result<datafusion::common::tree_node::TreeNodeRecursion> {
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        }
    };
    (single) => {
        common_methods!();

        fn input_distribution_requirements(
            &self,
        ) -> datafusion::physical_plan::InputDistributionRequirements {
            let single = datafusion::physical_plan::Distribution::SinglePartition;
            datafusion::physical_plan::InputDistributionRequirements::new(vec![
                single;
                self.inputs.len()
            ])
        }

        fn benefits_from_input_partitioning(&self) -> Vec<bool> {
            vec![false; self.inputs.len()]
        }
    };
}
pub(super) use common_methods;

/// The properties of a node over finite inputs that gives so many streams.
pub fn properties(
    equivalence: EquivalenceProperties,
    partitions: usize,
    emission: EmissionType,
) -> Arc<PlanProperties> {
    let partitioning = Partitioning::UnknownPartitioning(partitions);
    Arc::new(PlanProperties::new(equivalence, partitioning, emission, Boundedness::Bounded))
}
