//! Whether a typed text asks for more lines.

use super::operators;
use super::scan::{Class, scan, significant};

/// Words behind which something must follow.
const OPEN_WORDS: &[&str] = &[
    "and", "or", "not", "by", "on", "to", "from", "step", "with", "of", "let", "set", "declare", "in",
    "has", "contains", "startswith", "endswith", "matches", "regex", "between", "has_any", "has_all",
    "print", "range", "union", "search", "find", "alias", "restrict", "pattern",
];

/// Whether `text` is a whole entry: no bracket or fence is open, and it does not end where a query
/// has to go on (`|`, `,`, an operator without its operands). An empty text is whole.
pub fn is_complete(text: &str) -> bool {
    let pieces = significant(&scan(text));
    let mut depth = 0i32;
    for piece in &pieces {
        match (piece.class, piece.text) {
            (Class::Text { open: true }, _) => return false,
            (Class::Sign, "(" | "[" | "{") => depth += 1,
            (Class::Sign, ")" | "]" | "}") => depth -= 1,
            _ => {}
        }
    }
    if depth > 0 {
        return false;
    }
    let Some(last) = pieces.last() else { return true };
    match last.class {
        Class::Sign => matches!(last.text, ")" | "]" | "}" | ";" | "*"),
        Class::Word => {
            let before = pieces.len().checked_sub(2).map(|at| &pieces[at]);
            let operator = before.is_some_and(|piece| piece.is_sign("|"));
            let operand = operators::find(last.text).is_some_and(|o| o.syntax.contains(' '));
            !(operator && operand || OPEN_WORDS.contains(&last.text.trim_start_matches('!')))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn whole_entries_run_at_once() {
        for text in [
            "", "T | count", "print 1", "T | take 5;", "T\n\n| where a > 1\n\n| count",
            "T | project *", "print 'a|'", "T | count // what |", "let f = (x:long) { x + 1 };",
            "T | where s == 'unclosed", ".show tables", "T | getschema",
        ] {
            assert!(is_complete(text), "{text}");
        }
    }

    #[test]
    fn open_entries_ask_for_more() {
        for text in [
            "T |", "T | where", "T | where a and", "T | project a,", "T | where (a > 1", "print x =",
            "T | summarize count() by", "print ```one\ntwo", "let f = () {", "T | where a !has",
            "T | mv-expand", "union",
        ] {
            assert!(!is_complete(text), "{text}");
        }
    }
}
