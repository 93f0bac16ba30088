//! Dynamic values: JSON-like scalars, arrays and property bags.
//!
//! A dynamic travels as compact JSON text, so a datetime, timespan or guid inside one is a string
//! in its text form. [`Dynamic`] is the parsed form, [`path`] reads members straight from text.

mod convert;
mod json;
pub mod path;
mod scanner;
mod value;

pub use json::write_string;
pub use path::{RawValue, Step};
pub use value::{Dynamic, compare_reals};
