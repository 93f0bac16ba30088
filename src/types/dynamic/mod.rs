//! Dynamic values: JSON-like scalars, arrays and property bags.
