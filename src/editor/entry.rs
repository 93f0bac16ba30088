//! Whether a typed text asks for more lines.

use super::operators;
use super::scan::{Class, scan, significant};
use crate::syntax;

/// Words that the grammar's own test does not count as open.
const OPEN_WORDS: &[&str] = &[
    "not",
    "to",
    "from",
    "step",
    "of",
    "let",
    "set",
    "declare",
    "in",
    "has",
    "contains",
    "startswith",
    "endswith",
    "matches",
    "regex",
    "between",
    "has_any",
    "has_all",
    "print",
    "range",
    "union",
];

/// Whether `text` is a whole entry: nothing is open, and it does not end with an operator that
/// lacks its operands. An empty text is whole.
pub fn is_complete(text: &str) -> bool {
    let pieces = significant(&scan(text));
    let waits = match pieces.as_slice() {
        [.., before, last] if last.class == Class::Word && before.is_sign("|") => {
            operators::find(last.text).is_some_and(|operator| operator.syntax.contains(' '))
        }
        [.., last] if last.class == Class::Word => {
            OPEN_WORDS.contains(&last.text.trim_start_matches('!'))
        }
        _ => false,
    };
    !waits && syntax::is_complete(text)
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn whole_entries_run_at_once() {
        for text in [
            "",
            "T | count",
            "print 1",
            "T | take 5;",
            "T\n\n| where a > 1\n\n| count",
            "T | project *",
            "print 'a|'",
            "T | count // what |",
            "let f = (x:long) { x + 1 };",
            "T | where s == 'unclosed",
            ".show tables",
            "T | getschema",
        ] {
            assert!(is_complete(text), "{text}");
        }
    }

    #[test]
    fn open_entries_ask_for_more() {
        for text in [
            "T |",
            "T | where",
            "T | where a and",
            "T | project a,",
            "T | where (a > 1",
            "print x =",
            "T | summarize count() by",
            "print ```one\ntwo",
            "let f = () {",
            "T | where a !has",
            "T | mv-expand",
            "union",
        ] {
            assert!(!is_complete(text), "{text}");
        }
    }
}
