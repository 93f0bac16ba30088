//! The records that declare functions: the single source for the binder, the execution adapters,
//! documentation, completion and tests.

use arrow::array::ArrayRef;

use super::kernel::Args;
use crate::error::Result;
use crate::types::Type;

/// A scalar function or scalar operator of the language.
pub struct ScalarFunction {
    /// The name as written in KQL; operators go by their sign (`+`, `has`).
    pub name: &'static str,
    pub family: Family,
    /// The doc comment, line by line: summary, text, examples.
    pub docs: &'static [&'static str],
    /// Tried in order; the cheapest match wins, the first among equals.
    pub overloads: &'static [Overload],
    /// Other spellings of the same function.
    pub aliases: &'static [&'static str],
    pub result_name: ResultName,
    pub volatility: Volatility,
}

/// One signature of a scalar function.
pub struct Overload {
    pub params: &'static [Param],
    pub returns: Returns,
    pub eval: Eval,
}

/// One parameter.
pub struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub occurs: Occurs,
    /// Whether the argument must be known before the query runs.
    pub constant: bool,
}

/// How often a parameter may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurs {
    Once,
    Optional,
    /// Any number of times, none included. Only the last parameter repeats.
    Repeated,
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Exactly this type, and what converts to it without loss of meaning (int → long → real →
    /// decimal).
    Exact(Type),
    /// Any of these types, taken as it is.
    OneOf(&'static [Type]),
    /// Any type, taken as it is.
    Scalar,
    /// All arguments of this kind are converted to one common type.
    Common,
    /// Like [`Kind::Common`], but a dynamic gives way to any other type.
    Branch,
    /// Conditions and values in turn, a value at the end: bool and [`Kind::Branch`].
    Alternating,
}

/// The kinds and return types by the names that declarations use.
#[expect(non_upper_case_globals, reason = "declarations read like the language's type names")]
pub mod kinds {
    use super::Kind;
    use crate::types::Type;

    pub const Bool: Kind = Kind::Exact(Type::Bool);
    pub const Int: Kind = Kind::Exact(Type::Int);
    pub const Long: Kind = Kind::Exact(Type::Long);
    pub const Real: Kind = Kind::Exact(Type::Real);
    pub const Decimal: Kind = Kind::Exact(Type::Decimal);
    pub const String: Kind = Kind::Exact(Type::String);
    pub const DateTime: Kind = Kind::Exact(Type::DateTime);
    pub const TimeSpan: Kind = Kind::Exact(Type::TimeSpan);
    pub const Guid: Kind = Kind::Exact(Type::Guid);
    pub const Dynamic: Kind = Kind::Exact(Type::Dynamic);
    pub const Scalar: Kind = Kind::Scalar;
    pub const Common: Kind = Kind::Common;
    pub const Branch: Kind = Kind::Branch;
    pub const Alternating: Kind = Kind::Alternating;
    pub const Integer: Kind = Kind::OneOf(&[Type::Int, Type::Long]);
    pub const Number: Kind = Kind::OneOf(&[Type::Int, Type::Long, Type::Real, Type::Decimal]);
    /// A number to the math functions, which a bool is as well.
    pub const NumberOrBool: Kind =
        Kind::OneOf(&[Type::Bool, Type::Int, Type::Long, Type::Real, Type::Decimal]);
    /// What `bin` counts in whole numbers.
    pub const WholeOrBool: Kind = Kind::OneOf(&[Type::Bool, Type::Int, Type::Long]);
    /// Numbers below decimal, bools included.
    pub const RealOrLess: Kind = Kind::OneOf(&[Type::Bool, Type::Int, Type::Long, Type::Real]);
    /// What sums take.
    pub const Addable: Kind =
        Kind::OneOf(&[Type::Int, Type::Long, Type::Real, Type::Decimal, Type::TimeSpan]);
    /// What averages, percentiles and automatic bins take.
    pub const Averageable: Kind = Kind::OneOf(&[
        Type::Int,
        Type::Long,
        Type::Real,
        Type::Decimal,
        Type::TimeSpan,
        Type::DateTime,
    ]);
    /// The types whose order is that of integers.
    pub const Ordinal: Kind = Kind::OneOf(&[Type::Int, Type::Long, Type::DateTime, Type::TimeSpan]);
    /// Every type with an order.
    pub const Orderable: Kind = Kind::OneOf(&[
        Type::Bool,
        Type::Int,
        Type::Long,
        Type::Real,
        Type::Decimal,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Guid,
    ]);
    /// Every type but dynamic.
    pub const Plain: Kind = Orderable;
    pub const IntegerOrDynamic: Kind = Kind::OneOf(&[Type::Int, Type::Long, Type::Dynamic]);
    /// What `hash` takes: every type whose stored bytes are known.
    pub const Hashable: Kind = Kind::OneOf(&[
        Type::Bool,
        Type::Int,
        Type::Long,
        Type::Real,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Guid,
        Type::Dynamic,
    ]);
    /// What selects a member or an element of a dynamic.
    pub const KeyOrIndex: Kind = Kind::OneOf(&[Type::String, Type::Int, Type::Long, Type::Dynamic]);
    pub const BoolOrDynamic: Kind = Kind::OneOf(&[Type::Bool, Type::Dynamic]);
    /// int, long or real.
    pub const RealNumber: Kind = Kind::OneOf(&[Type::Int, Type::Long, Type::Real]);
    pub const TextOrWhole: Kind = Kind::OneOf(&[Type::String, Type::Int, Type::Long]);
    pub const NumberOrDynamic: Kind =
        Kind::OneOf(&[Type::Int, Type::Long, Type::Real, Type::Dynamic]);
    /// The types whose values take a known number of bytes.
    pub const Sized: Kind = Kind::OneOf(&[
        Type::Bool,
        Type::Int,
        Type::Long,
        Type::Real,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Guid,
    ]);
    pub const StringOrDynamic: Kind = Kind::OneOf(&[Type::String, Type::Dynamic]);
}

/// The type of a result.
#[derive(Clone, Copy, Debug)]
pub enum Returns {
    Exact(Type),
    /// The type of the argument at this position.
    Argument(usize),
    /// The common type of the [`Kind::Common`] or [`Kind::Branch`] arguments.
    Common,
    /// Computed from the argument types (before conversion).
    Computed(fn(&[Type]) -> Type),
}

/// The return types by the names that declarations use.
#[expect(non_upper_case_globals, reason = "declarations read like the language's type names")]
pub mod returns {
    use super::Returns;
    use crate::types::Type;

    pub const Bool: Returns = Returns::Exact(Type::Bool);
    pub const Int: Returns = Returns::Exact(Type::Int);
    pub const Long: Returns = Returns::Exact(Type::Long);
    pub const Real: Returns = Returns::Exact(Type::Real);
    pub const Decimal: Returns = Returns::Exact(Type::Decimal);
    pub const String: Returns = Returns::Exact(Type::String);
    pub const DateTime: Returns = Returns::Exact(Type::DateTime);
    pub const TimeSpan: Returns = Returns::Exact(Type::TimeSpan);
    pub const Guid: Returns = Returns::Exact(Type::Guid);
    pub const Dynamic: Returns = Returns::Exact(Type::Dynamic);
    /// The type of the first argument.
    pub const First: Returns = Returns::Argument(0);
    pub const Common: Returns = Returns::Common;
}

/// How a function is evaluated.
#[derive(Clone, Copy)]
pub enum Eval {
    /// Row by row over Arrow. `lower` may replace a kernel by an equivalent native expression.
    Kernel(fn(&Args) -> Result<ArrayRef>),
    /// The binder gives it its meaning (`now`, `column_ifexists`, `toscalar` …).
    Binder,
    /// Needs the order of rows.
    Window(WindowFunction),
}

/// Functions over serialized rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowFunction {
    Prev,
    Next,
    RowNumber,
    RowCumsum,
    RowRankDense,
    RowRankMin,
    RowWindowSession,
}

/// The name that an expression suggests for its column (SEMANTICS 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultName {
    /// None: the column becomes `ColumnN`.
    None,
    /// The name that the first argument suggests.
    First,
    /// A prefix before the name of the first argument: `strlen_` + name.
    Prefix(&'static str),
    /// The name of the first argument before a suffix: name + `_sorted`.
    Suffix(&'static str),
}

/// When results may differ for the same arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Never.
    Immutable,
    /// Between queries only.
    Stable,
    /// At every call.
    Volatile,
}

/// Chapters of the function reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Operators,
    Strings,
    Search,
    Regex,
    Encoding,
    Parsing,
    Conversion,
    Conditional,
    Testing,
    Binning,
    Math,
    Bitwise,
    DateTime,
    TimeSpan,
    Dynamic,
    Sets,
    Hash,
    Ip,
    Geo,
    Series,
    Sketches,
    Window,
    Units,
    Metadata,
    Aggregates,
}

impl Family {
    /// The chapter's title.
    pub const fn title(self) -> &'static str {
        match self {
            Family::Operators => "Scalar operators",
            Family::Strings => "Strings",
            Family::Search => "String search",
            Family::Regex => "Regular expressions",
            Family::Encoding => "Encoding and compression",
            Family::Parsing => "Parsing",
            Family::Conversion => "Conversion",
            Family::Conditional => "Conditional",
            Family::Testing => "Tests of values",
            Family::Binning => "Binning and rounding",
            Family::Math => "Mathematics",
            Family::Bitwise => "Bitwise",
            Family::DateTime => "Date and time",
            Family::TimeSpan => "Time spans",
            Family::Dynamic => "Dynamic arrays and property bags",
            Family::Sets => "Sets",
            Family::Hash => "Hashes",
            Family::Ip => "IP addresses",
            Family::Geo => "Geospatial",
            Family::Series => "Series",
            Family::Sketches => "Sketches",
            Family::Window => "Row order",
            Family::Units => "Unit conversion",
            Family::Metadata => "Metadata",
            Family::Aggregates => "Aggregation functions",
        }
    }

    /// Whether a call on a text mostly costs more than to find the answer of an earlier call.
    pub const fn is_costly(self) -> bool {
        use Family::{Conversion, Dynamic, Encoding, Hash, Ip, Parsing, Regex, Search, Strings};
        matches!(
            self,
            Strings | Search | Regex | Encoding | Parsing | Conversion | Dynamic | Hash | Ip
        )
    }
}

impl ScalarFunction {
    /// The first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.docs.first().map_or("", |line| line.trim())
    }
}

impl std::fmt::Debug for ScalarFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Records are unique: one function is the same as another when their names are.
impl PartialEq for ScalarFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ScalarFunction {}

impl std::hash::Hash for ScalarFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
