//! Where Kusto's analyser judges otherwise than its service: it lets values of any two types be
//! compared for equality, counts with datetimes as numbers of ticks, and gives branches of several
//! types the type dynamic. A check without data follows it.

use crate::types::Type;

/// The type that the analyser gives a call which the service refuses for the types of its arguments.
pub fn allowed(name: &str, given: &[Type]) -> Option<Type> {
    match (name, given) {
        ("==" | "!=" | "in", _) | ("in~", [Type::String, ..]) => Some(Type::Bool),
        ("<" | "<=" | ">" | ">=", [Type::Dynamic, Type::Dynamic]) | ("has", [_, Type::Dynamic]) => {
            Some(Type::Bool)
        }
        ("between", _) => {
            let counts = |ty: &Type| ty.is_numeric() || *ty == Type::Dynamic;
            let dynamics = given.iter().filter(|ty| **ty == Type::Dynamic).count();
            (given.iter().all(counts) && dynamics < given.len()).then_some(Type::Bool)
        }
        ("+" | "-" | "*" | "/" | "%", [left, right]) => arithmetic(name, *left, *right),
        ("iff" | "iif" | "case", _) => branches(given),
        _ => None,
    }
}

fn arithmetic(sign: &str, left: Type, right: Type) -> Option<Type> {
    use Type::{DateTime, Dynamic, Real, TimeSpan};
    match (sign, left, right) {
        ("+", DateTime, DateTime) | ("-", TimeSpan, DateTime) => Some(DateTime),
        ("+", DateTime, Dynamic) | ("+", Dynamic, DateTime) => Some(DateTime),
        ("+" | "-", TimeSpan, Dynamic) | ("+" | "-", Dynamic, TimeSpan) => Some(TimeSpan),
        ("*", number, DateTime) if number.is_numeric() => Some(DateTime),
        ("*" | "/" | "%", DateTime, number) if number.is_numeric() => Some(DateTime),
        ("%", TimeSpan, number) if number.is_numeric() => Some(TimeSpan),
        ("%", Dynamic, Dynamic) => Some(Dynamic),
        ("*", TimeSpan, TimeSpan) => Some(TimeSpan),
        ("/", DateTime, DateTime | TimeSpan) => Some(Real),
        ("%", DateTime, DateTime | TimeSpan) => Some(TimeSpan),
        _ => None,
    }
}

/// Conditions that hold, and values of any types.
fn branches(given: &[Type]) -> Option<Type> {
    let conditions = given.len().checked_sub(1)? / 2;
    let holds = (0..conditions).all(|index| given[2 * index] == Type::Bool);
    (given.len() % 2 == 1 && conditions > 0 && holds).then_some(Type::Dynamic)
}
