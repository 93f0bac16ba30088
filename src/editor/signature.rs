//! Signatures of functions as people read them: `substring(source: string, [length: long]) → string`.

use crate::functions::aggregate_def::{AggregateOverload, AggregateReturns};
use crate::functions::def::{Family, Kind, Occurs, Overload, Param, Returns};
use crate::functions::{AggregateFunction, ScalarFunction};

/// The chapter of the plugins in lists of functions.
pub const PLUGINS_TITLE: &str = "Plugins of evaluate";

/// One line per signature of a scalar function; operators are written between their operands.
pub fn scalar(function: &ScalarFunction) -> Vec<String> {
    let line = |overload: &Overload| {
        let returns = returns(overload.returns, overload.params);
        let infix = function.family == Family::Operators
            && !function.name.starts_with(|c: char| c == '_' || c.is_alphabetic());
        match overload.params {
            [left, right] if infix => {
                format!("{} {} {} → {returns}", kind(left.kind), function.name, kind(right.kind))
            }
            [operand] if infix => format!("{}{} → {returns}", function.name, kind(operand.kind)),
            params => format!("{}({}) → {returns}", function.name, parameters(params)),
        }
    };
    distinct(function.overloads.iter().map(line))
}

/// One line per signature of an aggregation function.
pub fn aggregate(function: &AggregateFunction) -> Vec<String> {
    let line = |overload: &AggregateOverload| {
        let returns = match overload.returns {
            AggregateReturns::One(one) => returns(one, overload.params),
            AggregateReturns::Many(_) => "several columns".into(),
        };
        format!("{}({}) → {returns}", function.name, parameters(overload.params))
    };
    distinct(function.overloads.iter().map(line))
}

/// The parameters of one signature: `source: string, [length: long]`.
pub fn parameters(params: &[Param]) -> String {
    let text = |param: &Param| {
        let constant = if param.constant { "constant " } else { "" };
        let plain = format!("{}: {constant}{}", param.name, kind(param.kind));
        match param.occurs {
            Occurs::Once => plain,
            Occurs::Optional => format!("[{plain}]"),
            Occurs::Repeated => format!("{plain}, …"),
        }
    };
    params.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn distinct(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = vec![];
    lines.for_each(|line| {
        if !seen.contains(&line) {
            seen.push(line);
        }
    });
    seen
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Exact(ty) => ty.name().into(),
        Kind::OneOf(types) => types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" or "),
        Kind::Scalar => "scalar".into(),
        Kind::Common | Kind::Branch => "scalar of a common type".into(),
        Kind::Alternating => "bool and scalar in turn".into(),
    }
}

fn returns(returns: Returns, params: &[Param]) -> String {
    match returns {
        Returns::Exact(ty) => ty.name().into(),
        Returns::Argument(index) => match params.get(index) {
            Some(param) => format!("type of {}", param.name),
            None => "scalar".into(),
        },
        Returns::Common => "the common type".into(),
        Returns::Computed(_) => "scalar".into(),
    }
}
