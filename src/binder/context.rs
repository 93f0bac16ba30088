//! What a request tells the binder beside the query's text.

use std::collections::HashMap;

use crate::plan::Answer;
use crate::stored::Functions;

/// The properties of a request that binding reads.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The query's one clock, in ticks.
    pub now: i64,
    /// Values of query parameters by name, as KQL literals or plain text.
    pub parameters: Vec<(String, String)>,
    /// What the data answered to the probes of earlier attempts.
    pub answers: HashMap<usize, Answer>,
    /// The stored functions of the database.
    pub functions: Functions,
}
