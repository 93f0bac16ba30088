//! Wildcard names (`a*`, `*_b`) of columns and tables, and the orders of `project-reorder`.

use std::cmp::Ordering;

/// Whether `name` fits a pattern in which `*` stands for any text. Case counts.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Compares names with runs of digits by their value: `a20` before `a100`.
pub fn granny(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (digits(a), digits(b));
        if !x.is_empty() && !y.is_empty() {
            let (value_x, value_y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
            let order = value_x.len().cmp(&value_y.len()).then_with(|| value_x.cmp(value_y));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[x.len()..], &b[y.len()..]);
            continue;
        }
        match (a.chars().next(), b.chars().next()) {
            (Some(x), Some(y)) if x == y => {
                (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
            }
            (x, y) => return x.cmp(&y),
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        assert!(matches("a*", "abc") && matches("*c", "abc") && matches("a*c", "abc"));
        assert!(matches("*", "") && matches("a*b*c", "a-b-b-c") && matches("abc", "abc"));
        assert!(!matches("a*", "ba") && !matches("ab*ba", "aba") && !matches("abc", "abcd"));
    }

    #[test]
    fn granny_order_counts() {
        let mut names = ["a100", "a20", "a3b", "a3a"];
        names.sort_by(|a, b| granny(a, b));
        assert_eq!(names, ["a3a", "a3b", "a20", "a100"]);
    }
}
