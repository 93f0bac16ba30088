//! The integration tests: one binary, one module per concern.

mod docs;
mod properties;
mod queries;
#[path = "../support/mod.rs"]
mod support;
mod tidy;
