//! Execution: the DataFusion session and custom plan nodes.

pub mod nodes;
mod planner;
mod pushdown;
mod rows;
mod session;
mod small;

pub use rows::{Stored, collect, store, values};
pub use session::{Limits, Session, failure, logical_text, physical_text};
