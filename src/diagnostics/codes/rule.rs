//! Codes about rules: what Sentinel or its repositories refuse, and what goes wrong once deployed.
//!
//! The doc comment of a code is its explanation (`kqlite check --explain`).

use super::codes;

codes! {
    /// A file was given to check that cannot be read as a rule: its text is not of the form that its
    /// name says, or it holds no query.
    RULE_FILE = "KQ100", "file that holds no rule";
}
