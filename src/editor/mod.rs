//! Completion and highlighting for editors and the REPL.
