//! Counting rows.

use crate::functions::declare::aggregate_functions;

aggregate_functions! {
    /// Counts the rows of a group.
    ///
    /// ```kql
    /// datatable(x: long)[1, 2, long(null)] | summarize count()    //=> 3
    /// ```
    COUNT = "count", name "count_" {
        () -> Long => native Count;
    }

    /// Counts the rows of a group for which `predicate` is true.
    COUNTIF = "countif", name "countif_" {
        (predicate: Bool) -> Long => filtered "count" 0;
    }
}
