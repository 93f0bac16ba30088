//! Text form of guid.
