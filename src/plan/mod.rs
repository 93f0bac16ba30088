//! The bound plan: typed, resolved, desugared.
