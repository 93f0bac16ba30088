//! Names of output columns: from what a clause writes and what its expressions suggest to unique
//! names (measured rules; `project abs(x), x` gives `x, x1`).

use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// What one target of a clause says about its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Written out, or a bare column.
    Explicit(Arc<str>),
    /// Derived from the expression.
    Suggested(Arc<str>),
    /// Nothing: `Column1`, `Column2` ….
    Unnamed,
}

/// How a clause treats names that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// `project`, `distinct`: collisions with generated names are numbered; `ColumnN` ignores the
    /// input's columns.
    Fresh,
    /// `summarize`: like `Fresh`, but `ColumnN` steps past columns of the input.
    Grouped,
    /// `extend`: every collision inside the clause is refused.
    InPlace,
}

/// A target whose name repeats that of an earlier one; its index and the name.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    pub index: usize,
    pub name: Arc<str>,
}

/// Gives every target its name, left to right.
pub fn assign<'a>(
    targets: &[Target],
    policy: Policy,
    input: impl IntoIterator<Item = &'a str>,
) -> (Vec<Arc<str>>, Vec<Repeated>) {
    let input: HashSet<&str> =
        if policy == Policy::Fresh { HashSet::new() } else { input.into_iter().collect() };
    let spelled: HashSet<&str> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Explicit(name) => Some(&**name),
            _ => None,
        })
        .collect();
    // Name → whether it was spelled out.
    let mut used: HashMap<Arc<str>, bool> = HashMap::new();
    let mut repeated = vec![];
    let mut number = 0;
    let mut names = Vec::with_capacity(targets.len());
    for (index, target) in targets.iter().enumerate() {
        let name: Arc<str> = match target {
            Target::Unnamed => {
                let name = loop {
                    number += 1;
                    let name: Arc<str> = format!("Column{number}").into();
                    if !input.contains(&*name) {
                        break name;
                    }
                };
                let taken = |name: &str| used.contains_key(name) || spelled.contains(name);
                if used.contains_key(&name) { numbered(&name, taken) } else { name }
            }
            Target::Suggested(name) | Target::Explicit(name) => match used.get(name) {
                None => name.clone(),
                Some(&by_hand) => {
                    let explicit = matches!(target, Target::Explicit(_));
                    if policy == Policy::InPlace || (explicit && by_hand) {
                        repeated.push(Repeated { index, name: name.clone() });
                    }
                    numbered(name, |candidate| {
                        used.contains_key(candidate) || spelled.contains(candidate)
                    })
                }
            },
        };
        used.insert(name.clone(), matches!(target, Target::Explicit(_)));
        names.push(name);
    }
    (names, repeated)
}

/// `name` with the first free number after it.
pub fn numbered(name: &str, taken: impl Fn(&str) -> bool) -> Arc<str> {
    let mut number = 1u64;
    loop {
        let candidate = format!("{name}{number}");
        if !taken(&candidate) {
            return candidate.into();
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(spec: &str) -> Vec<Target> {
        let target = |word: &str| match word.strip_prefix('~') {
            Some("") => Target::Unnamed,
            Some(name) => Target::Suggested(name.into()),
            None => Target::Explicit(word.into()),
        };
        spec.split(' ').map(target).collect()
    }

    fn names(spec: &str, policy: Policy, input: &[&str]) -> String {
        let (names, repeated) = assign(&targets(spec), policy, input.iter().copied());
        let names = names.join(" ");
        if repeated.is_empty() { names } else { format!("{names} !") }
    }

    #[test]
    fn measured_assignments() {
        let fresh = |spec| names(spec, Policy::Fresh, &["i", "Column1"]);
        assert_eq!(fresh("a ~ b ~"), "a Column1 b Column2");
        assert_eq!(fresh("~x ~x x1"), "x x2 x1");
        assert_eq!(fresh("x ~x"), "x x1");
        assert_eq!(fresh("~x x"), "x x1");
        assert_eq!(fresh("~ Column1"), "Column1 Column11");
        assert_eq!(fresh("~ ~ Column2"), "Column1 Column2 Column21");
        assert_eq!(fresh("~d_a d_a"), "d_a d_a1");
        assert_eq!(fresh("Column1 ~ Column11"), "Column1 Column12 Column11");
        assert_eq!(fresh("x x"), "x x1 !");
        assert_eq!(names("~ Column1", Policy::Grouped, &["i", "Column1"]), "Column2 Column1");
        assert_eq!(names("~x ~x", Policy::InPlace, &["x"]), "x x1 !");
        assert_eq!(names("~", Policy::InPlace, &["i", "Column1"]), "Column2");
    }
}
