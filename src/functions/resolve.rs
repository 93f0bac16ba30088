//! Overload resolution: from argument types to one signature and the conversions it needs.

use super::def::{Kind, Occurs, Param, Returns};
use crate::types::Type;

/// The outcome of matching arguments against one signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Which overload.
    pub overload: usize,
    /// Argument types after conversion: what the kernel sees.
    pub types: Vec<Type>,
    /// The common type of the [`Kind::Common`] arguments.
    pub common: Option<Type>,
}

/// Why no signature fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Mismatch {
    /// The number of arguments fits no signature; `max: None` is open-ended.
    Count { min: usize, max: Option<usize> },
    /// The argument at `index` fits no signature that its predecessors fit.
    Argument { index: usize, expected: Vec<Type> },
}

/// Finds the signature among `signatures` that takes arguments of these `types` at the least cost.
///
/// [`Type::Unknown`] fits everything.
pub fn resolve<'p>(
    signatures: impl Iterator<Item = &'p [Param]> + Clone,
    types: &[Type],
) -> Result<Match, Mismatch> {
    let mut best: Option<(u32, Match)> = None;
    let mut farthest: Option<(usize, Vec<Type>)> = None;
    let mut count_fits = false;
    for (overload, params) in signatures.clone().enumerate() {
        if !accepts_count(params, types.len()) {
            continue;
        }
        count_fits = true;
        match fit(params, types) {
            Ok((cost, converted, common)) => {
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, Match { overload, types: converted, common }));
                }
            }
            Err((index, expected)) => match &mut farthest {
                Some((at, all)) if *at == index => all.extend(expected),
                Some((at, _)) if *at > index => {}
                _ => farthest = Some((index, expected)),
            },
        }
    }
    if let Some((_, found)) = best {
        return Ok(found);
    }
    if !count_fits {
        let counts: Vec<_> = signatures.map(count_range).collect();
        let min = counts.iter().map(|c| c.0).min().unwrap_or(0);
        let max = counts.iter().map(|c| c.1).max_by_key(|m| m.unwrap_or(usize::MAX)).flatten();
        return Err(Mismatch::Count { min, max });
    }
    let (index, mut expected) = farthest.unwrap_or_default();
    expected.sort();
    expected.dedup();
    Err(Mismatch::Argument { index, expected })
}

/// The parameter that takes the argument at `index`.
pub fn param_at(params: &[Param], index: usize) -> Option<&Param> {
    params.get(index).or_else(|| params.last().filter(|p| p.occurs == Occurs::Repeated))
}

/// The result type of a resolved signature.
///
/// `given` are the argument types before conversion.
pub fn result_type(returns: Returns, found: &Match, given: &[Type]) -> Type {
    match returns {
        Returns::Exact(ty) => ty,
        Returns::Argument(index) => found.types.get(index).copied().unwrap_or(Type::Unknown),
        Returns::Common => found.common.unwrap_or(Type::Unknown),
        Returns::Computed(rule) => rule(given),
    }
}

fn count_range(params: &[Param]) -> (usize, Option<usize>) {
    let once = params.iter().filter(|p| p.occurs == Occurs::Once).count();
    let min = once + usize::from(alternates(params));
    let open = params.last().is_some_and(|p| p.occurs == Occurs::Repeated);
    (min, (!open).then_some(params.len()))
}

fn accepts_count(params: &[Param], count: usize) -> bool {
    let (min, max) = count_range(params);
    let paired = !alternates(params) || count % 2 == 1;
    count >= min && max.is_none_or(|max| count <= max) && paired
}

fn alternates(params: &[Param]) -> bool {
    params.last().is_some_and(|p| p.kind == Kind::Alternating)
}

/// The kind that the argument at `index` of `count` has to be of.
fn kind_at(params: &[Param], index: usize, count: usize) -> Option<Kind> {
    let param = param_at(params, index)?;
    Some(match param.kind {
        Kind::Alternating if index % 2 == 1 || index + 1 == count => Kind::Branch,
        Kind::Alternating => Kind::Exact(Type::Bool),
        kind => kind,
    })
}

type Fit = (u32, Vec<Type>, Option<Type>);

fn fit(params: &[Param], types: &[Type]) -> Result<Fit, (usize, Vec<Type>)> {
    let mut cost = 0;
    let mut converted = types.to_vec();
    let mut common: Option<Type> = None;
    for (index, &ty) in types.iter().enumerate() {
        let Some(kind) = kind_at(params, index, types.len()) else {
            return Err((index, vec![]));
        };
        match kind {
            Kind::Scalar => cost += 1,
            Kind::Exact(wanted) => match widening(ty, wanted) {
                Some(step) => {
                    cost += step;
                    converted[index] = wanted;
                }
                None => return Err((index, vec![wanted])),
            },
            Kind::OneOf(wanted) => {
                if ty != Type::Unknown && !wanted.contains(&ty) {
                    return Err((index, wanted.to_vec()));
                }
            }
            Kind::Common | Kind::Branch | Kind::Alternating => {
                common = Some(match common {
                    None | Some(Type::Unknown) => ty,
                    Some(Type::Dynamic) if kind == Kind::Branch => ty,
                    Some(so_far) if kind == Kind::Branch && ty == Type::Dynamic => so_far,
                    Some(so_far) => meet(so_far, ty).ok_or((index, vec![so_far]))?,
                });
            }
        }
    }
    if let Some(meeting) = common {
        for (index, ty) in converted.iter_mut().enumerate() {
            if matches!(kind_at(params, index, types.len()), Some(Kind::Common | Kind::Branch)) {
                *ty = meeting;
            }
        }
    }
    Ok((cost, converted, common))
}

/// The type in which two branches or operands meet.
fn meet(a: Type, b: Type) -> Option<Type> {
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Type::Unknown, other) | (other, Type::Unknown) => Some(other),
        (Type::Dynamic, _) | (_, Type::Dynamic) => Some(Type::Dynamic),
        (a, b) => a.promote(b),
    }
}

/// The cost of taking `from` where `to` is wanted, if that loses no meaning.
fn widening(from: Type, to: Type) -> Option<u32> {
    if from == to || from == Type::Unknown {
        return Some(0);
    }
    match (from, to) {
        (Type::Int, Type::Long) => Some(1),
        (Type::Int | Type::Long, Type::Real) => Some(2),
        (Type::Int | Type::Long | Type::Real, Type::Decimal) => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::scalar as function;

    fn types_of(name: &str, types: &[Type]) -> Result<Vec<Type>, Mismatch> {
        let found = function(name).unwrap();
        resolve(found.overloads.iter().map(|o| o.params), types).map(|found| found.types)
    }

    #[test]
    fn case_alternates_conditions_and_values() {
        use Type::{Bool, Long, Real, String};
        assert_eq!(
            types_of("case", &[Bool, Long, Bool, Real, Long]),
            Ok(vec![Bool, Real, Bool, Real, Real])
        );
        assert_eq!(types_of("case", &[Bool, Long, Long]), Ok(vec![Bool, Long, Long]));
        assert!(matches!(
            types_of("case", &[Bool, Long, Long, Long]),
            Err(Mismatch::Count { min: 3, max: None })
        ));
        assert!(matches!(
            types_of("case", &[Bool, String, String, String, String]),
            Err(Mismatch::Argument { index: 2, .. })
        ));
    }

    #[test]
    fn numbers_meet_and_dynamics_stay() {
        use Type::{Dynamic, Int, Long, Real};
        assert_eq!(types_of("+", &[Int, Int]), Ok(vec![Long, Long]));
        assert_eq!(types_of("+", &[Int, Real]), Ok(vec![Real, Real]));
        assert_eq!(types_of("==", &[Dynamic, Long]), Ok(vec![Dynamic, Long]));
        assert_eq!(types_of("==", &[Int, Long]), Ok(vec![Long, Long]));
        assert!(types_of("+", &[Type::String, Type::String]).is_err());
        assert!(types_of("<", &[Type::String, Type::String]).is_err());
    }
}
