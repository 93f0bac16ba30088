//! Functions over rows in a defined order.

use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Window;

    /// The number of a row, counted from 1 or from a given start.
    ///
    /// Where `restart` is true the count begins again at the start.
    ///
    /// ```kql
    /// range x from 5 to 6 step 1 | serialize n = row_number() | where x == 6 | project n     //=> 2
    /// ```
    ROW_NUMBER = "row_number" {
        ([start: Long], [restart: Bool]) -> Long => window RowNumber;
    }

    /// The value of an expression some rows before, one unless an offset is given.
    ///
    /// Before the first row it is the default, else null; an empty text for strings.
    ///
    /// ```kql
    /// range x from 5 to 6 step 1 | serialize p = prev(x) | where x == 6 | project p     //=> 5
    /// ```
    PREV = "prev" {
        (value: Scalar, [offset: Long], [const default: Scalar]) -> First => window Prev;
    }

    /// The value of an expression some rows later, one unless an offset is given.
    ///
    /// Behind the last row it is the default, else null; an empty text for strings.
    ///
    /// ```kql
    /// range x from 5 to 6 step 1 | serialize n = next(x) | where x == 5 | project n     //=> 6
    /// ```
    NEXT = "next" {
        (value: Scalar, [offset: Long], [const default: Scalar]) -> First => window Next;
    }

    /// The sum of a term over all rows up to this one.
    ///
    /// Where `restart` is true the sum begins again with that row.
    ///
    /// ```kql
    /// range x from 5 to 6 step 1 | serialize s = row_cumsum(x) | where x == 6 | project s     //=> 11
    /// ```
    ROW_CUMSUM = "row_cumsum" {
        (term: Number, [restart: Bool]) -> First => window RowCumsum;
    }

    /// The rank of a row in sorted input where equal neighbours share a rank and the next rank
    /// follows at once.
    ///
    /// ```kql
    /// print v = dynamic([8,5,5,3]) | mv-expand v to typeof(long) | serialize r = row_rank_dense(v) | where v == 3 | project r     //=> 3
    /// ```
    ROW_RANK_DENSE = "row_rank_dense" {
        (term: Plain, [restart: Bool]) -> Long => window RowRankDense;
    }

    /// The rank of a row in sorted input where equal neighbours share the lowest of their
    /// positions.
    ///
    /// ```kql
    /// print v = dynamic([8,5,5,3]) | mv-expand v to typeof(long) | serialize r = row_rank_min(v) | where v == 3 | project r     //=> 4
    /// ```
    ROW_RANK_MIN = "row_rank_min" {
        (term: Plain, [restart: Bool]) -> Long => window RowRankMin;
    }

    /// The start of the session that a row belongs to.
    ///
    /// A session ends where the distance from its first time, or from the time of the row before,
    /// reaches a limit.
    ///
    /// ```kql
    /// print t = datetime(2020-01-01) | serialize s = row_window_session(t, 1h, 5m) | project s     //=> 2020-01-01T00:00:00.0000000Z
    /// ```
    ROW_WINDOW_SESSION = "row_window_session" {
        (time: DateTime, from_first: TimeSpan, between: TimeSpan, [restart: Bool]) -> DateTime
            => window RowWindowSession;
    }
}
