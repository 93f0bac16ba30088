//! Text form of timespan.
