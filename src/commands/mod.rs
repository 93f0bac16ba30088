//! Control commands (`.show tables` …).
