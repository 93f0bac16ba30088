//! Execution: the DataFusion session and custom plan nodes.
