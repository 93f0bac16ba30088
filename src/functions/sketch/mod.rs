//! Sketches: small summaries of many values that can be stored, merged and asked later.
//!
//! They travel as dynamic values. Kusto's own form is not documented; ours resembles it, and the
//! two are not interchangeable.

pub mod digest;
pub mod hll;

/// A summary that can be merged with its like.
pub trait Sketch: Sized + Send + Sync + 'static {
    /// Takes in all that `other` has seen.
    fn merge(&mut self, other: &Self);

    /// Reads the JSON text that [`write`](Self::write) gives.
    fn parse(text: &str) -> Option<Self>;

    /// Appends the sketch as JSON.
    fn write(&self, json: &mut String);

    /// Bytes held.
    fn size(&self) -> usize;
}
