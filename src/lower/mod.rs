//! Lowering: from bound plan to DataFusion logical plan.
