//! The relational nodes of the bound plan.

use std::sync::Arc;

use super::{AggregateCall, Relation, ScalarExpr, WindowCall};
use crate::functions::key_values::KeyValuePattern;
use crate::functions::table::TableFunction;
use crate::types::external::External;
use crate::types::{Type, Value};

/// One step of a bound plan. The schema stands in the [`Relation`] around it.
#[derive(Clone, Debug)]
pub enum Node {
    /// All columns and rows of a stored or temporary table.
    Scan {
        database: Option<Arc<str>>,
        table: Arc<str>,
    },
    /// All rows of files that the query names; the schema says which columns.
    External {
        source: External,
    },
    /// Rows of constants.
    Values {
        rows: Vec<Vec<Value>>,
    },
    /// No rows, of columns that only rows could have told: names beyond the schema are unknown, not
    /// wrong.
    Void,
    /// One column that runs from `from` to `to`, both included, by `step` (all of one type).
    Range {
        from: Value,
        to: Value,
        step: Value,
    },
    /// The rows for which `predicate` is true.
    Filter {
        input: Relation,
        predicate: ScalarExpr,
    },
    /// One column per expression.
    Project {
        input: Relation,
        exprs: Vec<ScalarExpr>,
    },
    /// The columns of the schema: those listed, in the order of their positions, are computed, all
    /// others are null. The form that unions of many wide tables take; pruning makes a projection
    /// of it.
    Align {
        input: Relation,
        columns: Vec<(usize, ScalarExpr)>,
    },
    /// Groups; without keys exactly one row. Columns: the keys, then each call's results.
    Aggregate {
        input: Relation,
        keys: Vec<ScalarExpr>,
        calls: Vec<AggregateCall>,
    },
    /// Stable order by `keys`, the first one first.
    Sort {
        input: Relation,
        keys: Vec<SortKey>,
    },
    Limit {
        input: Relation,
        count: u64,
    },
    /// `on` pairs an expression over the left rows with one over the right rows; pairs of nulls are
    /// equal. Columns: those of the left, then those of the right; for semi and anti joins those
    /// of one side. The right side's names were made unique before.
    Join {
        left: Relation,
        right: Relation,
        kind: JoinKind,
        on: Vec<(ScalarExpr, ScalarExpr)>,
    },
    /// All rows of all inputs, which have the same columns.
    Union {
        inputs: Vec<Relation>,
    },
    /// One row per element. Columns: those of the input, one per expansion, and the zero-based
    /// position as long if `position`.
    Expand {
        input: Relation,
        expansions: Vec<Expansion>,
        position: bool,
        limit: Option<u64>,
    },
    /// Columns: those of the input, one per column of the method, and a bool that tells whether
    /// the text matched (always, for relaxed patterns and keys).
    Parse {
        input: Relation,
        source: ScalarExpr,
        method: ParseMethod,
    },
    /// Functions of row order. Columns: those of the input, then one per call.
    Window {
        input: Relation,
        calls: Vec<WindowCall>,
    },
    /// What a table function gives for its inputs. `constants` are laid out as the function's
    /// kernel wants them.
    TableFunction {
        inputs: Vec<Relation>,
        function: &'static TableFunction,
        constants: Vec<Value>,
    },
    /// The operator `scan`.
    Steps(super::StepScan),
    /// No rows, but the input is read to its end.
    Consume {
        input: Relation,
    },
}

/// A key of a sort.
#[derive(Clone, Debug)]
pub struct SortKey {
    pub expr: ScalarExpr,
    pub descending: bool,
    pub nulls_first: bool,
}

/// The kinds of join once flavours that only swap sides are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Inner after keeping one left row per key; the default of KQL.
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    LeftAnti,
    RightSemi,
    RightAnti,
}

impl JoinKind {
    /// The name in plans.
    pub const fn name(self) -> &'static str {
        match self {
            JoinKind::InnerUnique => "innerunique",
            JoinKind::Inner => "inner",
            JoinKind::LeftOuter => "leftouter",
            JoinKind::RightOuter => "rightouter",
            JoinKind::FullOuter => "fullouter",
            JoinKind::LeftSemi => "leftsemi",
            JoinKind::LeftAnti => "leftanti",
            JoinKind::RightSemi => "rightsemi",
            JoinKind::RightAnti => "rightanti",
        }
    }
}

/// One expanded column of an [`Node::Expand`].
#[derive(Clone, Debug)]
pub struct Expansion {
    /// A dynamic: arrays give their elements, bags what `array_pairs` says, other values
    /// themselves.
    pub source: ScalarExpr,
    /// Bags give `["key", value]` pairs instead of single-member bags.
    pub array_pairs: bool,
    /// The type that elements are converted to.
    pub ty: Type,
}

/// How columns are read out of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ParseMethod {
    /// `parse` and `parse-where`: a column per [`ParseStep::Column`].
    Pattern(ParsePattern),
    /// `parse-kv`: a column per key.
    KeyValues(KeyValuePattern),
}

/// The pattern of `parse`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParsePattern {
    pub kind: ParseKind,
    /// Flags of the regex mode (`i`, `m`, `s`, `U`).
    pub flags: Arc<str>,
    pub steps: Vec<ParseStep>,
}

/// The modes of `parse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParseKind {
    Simple,
    Regex,
    Relaxed,
}

/// One step of a `parse` pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ParseStep {
    /// `*`: anything.
    Any,
    /// Literal text, or a regular expression in regex mode.
    Text(Arc<str>),
    /// A column to fill.
    Column(Type),
}
