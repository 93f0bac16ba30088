//! The declaration macros. They only build records; kernels are ordinary functions.

/// Declares the scalar functions of one file as statics and collects them in `FUNCTIONS`.
///
/// ```ignore
/// scalar_functions! {
///     family: Strings;
///
///     /// Summary. Further text; examples in a `kql` block, their answers after `//=>`.
///     SUBSTRING = "substring" {
///         (source: String, start: Long, [length: Long]) -> String => substring;
///     }
///     /// Other spellings after `|`, then options.
///     TOREAL = "toreal" | "todouble", name First { (value: Scalar) -> Real => toreal; }
///     RAND = "rand", volatility Volatile { (const n: [Long]) -> Real => rand; }
/// }
/// ```
///
/// Parameters: `name: Kind` once, `[name: Kind]` optional, `{name: Kind}` any number of times;
/// `const` before the name where the argument must be constant. Kinds are the names in
/// [`kinds`](super::def::kinds), return types those in [`returns`](super::def::returns) or
/// `Computed(path)`. After `=>` stands a kernel, `binder`, or `window Variant`.
macro_rules! scalar_functions {
    (
        family: $family:ident;
        $(
            $(#[doc = $doc:literal])+
            $ident:ident = $name:literal $(| $alias:literal)*
                $(, name $result_name:ident $(($affix:literal))?)?
                $(, volatility $volatility:ident)?
            {
                $( ( $($params:tt)* ) -> $returns:ident $(($rule:path))? => $eval:ident $($window:ident)?; )+
            }
        )+
    ) => {
        $(
            $(#[doc = $doc])+
            pub static $ident: $crate::functions::def::ScalarFunction =
                $crate::functions::def::ScalarFunction {
                    name: $name,
                    family: $crate::functions::def::Family::$family,
                    docs: &[$($doc),+],
                    overloads: &[$(
                        $crate::functions::def::Overload {
                            params: $crate::functions::declare::params!([] $($params)*),
                            returns: $crate::functions::declare::returns!($returns $(($rule))?),
                            eval: $crate::functions::declare::eval!($eval $($window)?),
                        }
                    ),+],
                    aliases: &[$($alias),*],
                    result_name: $crate::functions::declare::result_name!($($result_name $(($affix))?)?),
                    volatility: $crate::functions::declare::volatility!($($volatility)?),
                };
        )+

        /// The functions of this file, in the order of their declaration.
        pub static FUNCTIONS: &[&$crate::functions::def::ScalarFunction] = &[$(&$ident),+];
    };
}

/// Declares the aggregation functions of one file and collects them in `AGGREGATES`.
///
/// ```ignore
/// aggregate_functions! {
///     /// Docs as for scalar functions.
///     DCOUNT = "dcount", name "dcount_" {
///         (value: Scalar, [const accuracy: Long]) -> Long => groups dcount;
///     }
///     COUNTIF = "countif", name "countif_" { (predicate: Bool) -> Long => filtered "count" 0; }
///     COUNT = "count", name "count_" { () -> Long => native Count; }
///     ARG_MAX = "arg_max", name "max_" { (by: Scalar, {values: Scalar}) -> Many(arg_types) => groups arg_max; }
/// }
/// ```
///
/// `name` is the prefix of the result column's name. After `=>` stands `native Variant`
/// ([`Native`](super::aggregate_def::Native)), `groups constructor`, or `filtered "base" index`: the base
/// aggregate over the rows where the argument at `index` holds.
macro_rules! aggregate_functions {
    (
        $(
            $(#[doc = $doc:literal])+
            $ident:ident = $name:literal $(| $alias:literal)*, name $prefix:literal
            {
                $( ( $($params:tt)* ) -> $returns:ident $(($rule:path))? => $kind:ident $how:tt $($index:literal)?; )+
            }
        )+
    ) => {
        $(
            $(#[doc = $doc])+
            pub static $ident: $crate::functions::aggregate_def::AggregateFunction =
                $crate::functions::aggregate_def::AggregateFunction {
                    name: $name,
                    docs: &[$($doc),+],
                    overloads: &[$(
                        $crate::functions::aggregate_def::AggregateOverload {
                            params: $crate::functions::declare::params!([] $($params)*),
                            returns: $crate::functions::declare::aggregate_returns!($returns $(($rule))?),
                            evaluate: $crate::functions::declare::evaluate!($kind $how $($index)?),
                        }
                    ),+],
                    aliases: &[$($alias),*],
                    prefix: $prefix,
                };
        )+

        /// The aggregation functions of this file, in the order of their declaration.
        pub static AGGREGATES: &[&$crate::functions::aggregate_def::AggregateFunction] = &[$(&$ident),+];
    };
}

macro_rules! params {
    ([$($done:tt)*]) => { &[$($done)*] };
    ([$($done:tt)*] const $name:ident : $kind:ident $(, $($rest:tt)*)?) => {
        $crate::functions::declare::params!([$($done)* $crate::functions::declare::param!($name, $kind, Once, true),] $($($rest)*)?)
    };
    ([$($done:tt)*] $name:ident : $kind:ident $(, $($rest:tt)*)?) => {
        $crate::functions::declare::params!([$($done)* $crate::functions::declare::param!($name, $kind, Once, false),] $($($rest)*)?)
    };
    ([$($done:tt)*] [const $name:ident : $kind:ident] $(, $($rest:tt)*)?) => {
        $crate::functions::declare::params!([$($done)* $crate::functions::declare::param!($name, $kind, Optional, true),] $($($rest)*)?)
    };
    ([$($done:tt)*] [$name:ident : $kind:ident] $(, $($rest:tt)*)?) => {
        $crate::functions::declare::params!([$($done)* $crate::functions::declare::param!($name, $kind, Optional, false),] $($($rest)*)?)
    };
    ([$($done:tt)*] {const $name:ident : $kind:ident} $(,)?) => {
        &[$($done)* $crate::functions::declare::param!($name, $kind, Repeated, true)]
    };
    ([$($done:tt)*] {$name:ident : $kind:ident} $(,)?) => {
        &[$($done)* $crate::functions::declare::param!($name, $kind, Repeated, false)]
    };
}

macro_rules! param {
    ($name:ident, $kind:ident, $occurs:ident, $constant:literal) => {
        $crate::functions::def::Param {
            name: stringify!($name),
            kind: $crate::functions::def::kinds::$kind,
            occurs: $crate::functions::def::Occurs::$occurs,
            constant: $constant,
        }
    };
}

macro_rules! returns {
    (Computed($rule:path)) => {
        $crate::functions::def::Returns::Computed($rule)
    };
    ($name:ident) => {
        $crate::functions::def::returns::$name
    };
}

macro_rules! aggregate_returns {
    (Many($rule:path)) => {
        $crate::functions::aggregate_def::AggregateReturns::Many($rule)
    };
    ($($one:tt)+) => {
        $crate::functions::aggregate_def::AggregateReturns::One(
            $crate::functions::declare::returns!($($one)+),
        )
    };
}

macro_rules! eval {
    (binder) => {
        $crate::functions::def::Eval::Binder
    };
    (window $variant:ident) => {
        $crate::functions::def::Eval::Window($crate::functions::def::WindowFunction::$variant)
    };
    ($kernel:ident) => {
        $crate::functions::def::Eval::Kernel($kernel)
    };
}

macro_rules! evaluate {
    (native $variant:ident) => {
        $crate::functions::aggregate_def::Evaluate::Native(
            $crate::functions::aggregate_def::Native::$variant,
        )
    };
    (groups $constructor:ident) => {
        $crate::functions::aggregate_def::Evaluate::Groups($constructor)
    };
    (filtered $base:literal $index:literal) => {
        $crate::functions::aggregate_def::Evaluate::Filtered { base: $base, predicate: $index }
    };
}

macro_rules! result_name {
    () => {
        $crate::functions::def::ResultName::None
    };
    (First) => {
        $crate::functions::def::ResultName::First
    };
    ($affix:ident($text:literal)) => {
        $crate::functions::def::ResultName::$affix($text)
    };
}

macro_rules! volatility {
    () => {
        $crate::functions::def::Volatility::Immutable
    };
    ($name:ident) => {
        $crate::functions::def::Volatility::$name
    };
}

pub(crate) use {
    aggregate_functions, aggregate_returns, eval, evaluate, param, params, result_name, returns,
    scalar_functions, volatility,
};
