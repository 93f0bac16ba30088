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
    /// What is known of the data.
    pub answers: Answers,
    /// The stored functions of the database.
    pub functions: Functions,
}

/// What the data answers to the questions of binding.
#[derive(Clone, Debug)]
pub enum Answers {
    /// Answers to the probes of earlier attempts; what is not among them is asked.
    Given(HashMap<usize, Answer>),
    /// There is no data, only its schema: every table is empty and nothing is asked.
    Empty,
}

impl Context {
    /// Whether the query is judged as Kusto's analyser judges it, without rows: what the service
    /// refuses while it runs passes, and columns have the types that the analyser gives them.
    pub fn analyses(&self) -> bool {
        matches!(self.answers, Answers::Empty)
    }
}

impl Default for Answers {
    fn default() -> Self {
        Answers::Given(HashMap::new())
    }
}
