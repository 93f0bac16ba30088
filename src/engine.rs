//! The facade that joins the stages.
