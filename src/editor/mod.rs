//! What an editor asks about KQL: completion, highlighting, completeness, signatures.
//!
//! Works on text that is being typed, so it reads pieces of text, not an AST; names come from the
//! records of functions and operators and from the schemas at hand.

pub mod completion;
pub mod entry;
pub mod highlight;
pub mod operators;
mod scan;
pub mod signature;
pub mod support;
