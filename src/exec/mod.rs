//! Execution: the DataFusion session and custom plan nodes.

pub mod nodes;
mod planner;
mod session;

pub use session::{Limits, Session, failure};
