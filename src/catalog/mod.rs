//! Files on disk as tables.
