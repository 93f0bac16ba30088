//! Binding: names, types, scopes and diagnostics; from AST to bound plan.
