//! Codes of advice about queries that run, but not as well as they could, or not as they read.
//!
//! The doc comment of a code is its explanation (`kqlite check --explain`): the reason, an example of
//! what is told, and what to write instead.

use super::codes;

codes! {}
