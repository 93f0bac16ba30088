//! What was found, for people and for programs.

pub mod json;
pub mod text;
