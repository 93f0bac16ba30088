//! What an editor asks about KQL: completion, highlighting, signatures.
//!
//! Everything derives from the records of functions and operators and from the schemas at hand.

pub mod signature;
