//! A text from a file or a pipe cut into the entries that a person would have typed.

use super::directives;
use crate::commands::{is_command, is_whole};
use crate::editor::entry::is_complete;

/// The entries of `text` in order.
///
/// A line with a directive or a control command is an entry; a command that creates a function goes
/// on to the end of its body. Statements go on until a `;` ends a
/// line, or until a complete query is followed by a line that cannot go on with it.
pub(super) fn entries(text: &str) -> Vec<&str> {
    let mut entries = vec![];
    // Where the entry under way begins, and where its last line with meaning ends.
    let mut open: Option<(usize, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        if is_blank(line) {
            continue;
        }
        if let Some((from, until)) = open {
            let so_far = &text[from..until];
            let whole = is_complete(so_far) && (!is_command(so_far) || is_whole(so_far));
            if whole && !goes_on(so_far, line) {
                entries.push(so_far.trim());
                open = None;
            }
        }
        let from = open.map_or(start, |(from, _)| from);
        let entry = text[from..end].trim();
        let directive = from == start && directives::parse(entry).is_some();
        if directive || (is_command(entry) && is_whole(entry)) {
            entries.push(entry);
            open = None;
        } else {
            open = Some((from, end));
        }
    }
    if let Some((from, until)) = open {
        entries.push(text[from..until].trim());
    }
    entries
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("//")
}

/// Whether `line` may go on with the complete entry `so_far`.
fn goes_on(so_far: &str, line: &str) -> bool {
    let line = line.trim_start();
    if so_far.trim_end().ends_with(';') {
        return false;
    }
    let sign = line.starts_with(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '[')));
    let word = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    sign || matches!(
        word.trim_start_matches('!'),
        "and"
            | "or"
            | "by"
            | "on"
            | "with"
            | "in"
            | "has"
            | "contains"
            | "between"
            | "asc"
            | "desc"
            | "from"
            | "to"
            | "step"
            | "nulls"
            | "limit"
            | "kind"
    )
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn one_line_queries_are_entries_of_their_own() {
        assert_eq!(entries("print 1\nprint 2\n"), ["print 1", "print 2"]);
        assert_eq!(entries(".format csv\nT | count\n.quit"), [".format csv", "T | count", ".quit"]);
    }

    #[test]
    fn blank_lines_and_comments_do_not_end_a_query() {
        let query = "T\n\n| where a > 1\n// a note\n\n| where b\n and c\n\n| count";
        assert_eq!(entries(query), [query]);
        assert_eq!(entries("let x = 1;\nprint x"), ["let x = 1;", "print x"]);
        assert_eq!(entries("let f = () {\n T\n};\nf"), ["let f = () {\n T\n};", "f"]);
    }
}
