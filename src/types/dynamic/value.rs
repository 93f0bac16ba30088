//! The parsed form of a dynamic: access, equality, ordering.

use std::cmp::Ordering;
use std::fmt;

/// A dynamic value.
#[derive(Clone, Debug, Default)]
pub enum Dynamic {
    #[default]
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    String(String),
    Array(Vec<Dynamic>),
    /// Members in the order of their first appearance; keys are unique.
    Bag(Vec<(String, Dynamic)>),
}

impl Dynamic {
    /// Reads JSON text; `None` when it is not JSON. The later of two members of one key wins, in
    /// the place of the first. Whole numbers beyond long are reals.
    pub fn parse(text: &str) -> Option<Dynamic> {
        super::json::parse(text)
    }

    /// The value of `parse_json(text)`: text that is not JSON is a string, no text is null.
    pub fn from_text(text: &str) -> Dynamic {
        if text.trim().is_empty() {
            return Dynamic::Null;
        }
        Dynamic::parse(text).unwrap_or_else(|| Dynamic::String(text.to_string()))
    }

    /// Compact JSON text, the canonical form of a dynamic.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        super::json::write(self, &mut out);
        out
    }

    /// Appends the compact JSON text.
    pub fn write_json(&self, out: &mut String) {
        super::json::write(self, out);
    }

    /// The form that `tostring` gives: strings bare, null empty, else compact JSON.
    pub fn text(&self) -> String {
        match self {
            Dynamic::Null => String::new(),
            Dynamic::String(text) => text.clone(),
            other => other.to_json(),
        }
    }

    /// The name that `gettype` gives for a value inside a dynamic.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Dynamic::Null => "null",
            Dynamic::Bool(_) => "bool",
            Dynamic::Long(_) => "long",
            Dynamic::Real(_) => "double",
            Dynamic::String(_) => "string",
            Dynamic::Array(_) => "array",
            Dynamic::Bag(_) => "dictionary",
        }
    }

    /// Whether this is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Dynamic::Null)
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Dynamic]> {
        match self {
            Dynamic::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members of a bag.
    pub fn as_bag(&self) -> Option<&[(String, Dynamic)]> {
        match self {
            Dynamic::Bag(members) => Some(members),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Dynamic::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a long or real.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Dynamic::Long(v) => Some(*v as f64),
            Dynamic::Real(v) => Some(*v),
            _ => None,
        }
    }

    /// The member of a bag.
    pub fn get(&self, key: &str) -> Option<&Dynamic> {
        self.as_bag()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The element of an array; a negative index counts from the end.
    pub fn index(&self, index: i64) -> Option<&Dynamic> {
        let items = self.as_array()?;
        let index = if index < 0 { index.checked_add(items.len() as i64)? } else { index };
        items.get(usize::try_from(index).ok()?)
    }

    /// The value at the end of a path.
    pub fn path(&self, steps: &[super::Step]) -> Option<&Dynamic> {
        steps.iter().try_fold(self, |value, step| match step {
            super::Step::Key(key) => value.get(key),
            super::Step::Index(index) => value.index(*index),
        })
    }

    /// Sets the member of a bag, in place where the key exists.
    pub fn set(members: &mut Vec<(String, Dynamic)>, key: String, value: Dynamic) {
        match members.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => members.push((key, value)),
        }
    }

    /// The ordering of `array_sort_asc`: null, numbers, strings, bools, arrays, bags; NaN is the
    /// smallest number.
    pub fn compare(&self, other: &Dynamic) -> Ordering {
        match (self, other) {
            (Dynamic::Long(a), Dynamic::Long(b)) => a.cmp(b),
            (Dynamic::Long(_) | Dynamic::Real(_), Dynamic::Long(_) | Dynamic::Real(_)) => {
                compare_reals(self.as_f64().unwrap_or(0.0), other.as_f64().unwrap_or(0.0))
            }
            (Dynamic::String(a), Dynamic::String(b)) => a.cmp(b),
            (Dynamic::Bool(a), Dynamic::Bool(b)) => a.cmp(b),
            (Dynamic::Array(a), Dynamic::Array(b)) => a
                .iter()
                .zip(b)
                .map(|(a, b)| a.compare(b))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            (Dynamic::Bag(_), Dynamic::Bag(_)) => self.to_json().cmp(&other.to_json()),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Dynamic::Null => 0,
            Dynamic::Long(_) | Dynamic::Real(_) => 1,
            Dynamic::String(_) => 2,
            Dynamic::Bool(_) => 3,
            Dynamic::Array(_) => 4,
            Dynamic::Bag(_) => 5,
        }
    }
}

/// The order of reals with NaN before all others; the two zeros are equal.
pub fn compare_reals(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// Sameness: long and real of one value are the same, the order of a bag's members is not seen.
impl PartialEq for Dynamic {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Dynamic::Null, Dynamic::Null) => true,
            (Dynamic::Bool(a), Dynamic::Bool(b)) => a == b,
            (Dynamic::String(a), Dynamic::String(b)) => a == b,
            (Dynamic::Array(a), Dynamic::Array(b)) => a == b,
            (Dynamic::Bag(a), Dynamic::Bag(b)) => {
                a.len() == b.len() && a.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            (Dynamic::Long(_) | Dynamic::Real(_), Dynamic::Long(_) | Dynamic::Real(_)) => {
                self.compare(other).is_eq()
            }
            _ => false,
        }
    }
}

/// Compact JSON text.
impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::*;

    fn d(text: &str) -> Dynamic {
        Dynamic::parse(text).unwrap()
    }

    #[test]
    fn access() {
        let bag = d(r#"{"a":{"b":[10,20,30]},"A":1}"#);
        let path = |steps: &[Step]| bag.path(steps).map(Dynamic::to_json);
        let (a, b) = (Step::Key("a".into()), Step::Key("b".into()));
        assert_eq!(path(&[a.clone(), b.clone(), Step::Index(-1)]).as_deref(), Some("30"));
        assert_eq!(path(&[a.clone(), b.clone(), Step::Index(3)]), None);
        assert_eq!(path(&[a.clone(), Step::Index(0)]), None);
        assert_eq!(path(&[a, b.clone(), b]), None);
        assert_eq!(bag.get("A").map(Dynamic::to_json).as_deref(), Some("1"));
    }

    #[test]
    fn sameness() {
        assert_eq!(d("[1,2.0]"), d("[1.0,2]"));
        assert_eq!(d(r#"{"a":1,"b":2}"#), d(r#"{"b":2,"a":1}"#));
        assert_ne!(d(r#"{"a":1}"#), d(r#"{"a":1,"b":2}"#));
        assert_ne!(d("1"), d(r#""1""#));
    }

    #[test]
    fn texts() {
        for (json, text, kind) in [
            ("null", "", "null"),
            (r#""x""#, "x", "string"),
            ("true", "true", "bool"),
            (r#"[1, "a"]"#, r#"[1,"a"]"#, "array"),
            (r#"{"a": 1}"#, r#"{"a":1}"#, "dictionary"),
            ("1.5", "1.5", "double"),
            ("15", "15", "long"),
        ] {
            assert_eq!((d(json).text().as_str(), d(json).type_name()), (text, kind), "{json}");
        }
        assert_eq!(Dynamic::from_text("abc"), Dynamic::String("abc".into()));
        assert_eq!(Dynamic::from_text(""), Dynamic::Null);
    }
}
