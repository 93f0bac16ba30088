//! The integration tests: one binary, one module per concern.

mod answers;
mod check;
mod codes;
mod docs;
mod external;
mod late;
#[path = "../support/operands.rs"]
mod operands;
mod places;
mod properties;
mod queries;
mod reports;
mod store;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod tidy;
