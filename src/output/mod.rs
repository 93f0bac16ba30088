//! Results as text, JSON, CSV and tables.
