//! Places as programs name them: addresses of files, lines and columns.

use crate::rules::Checked;
use crate::rules::baseline::portable;
use crate::text::Span;

/// A range of text; lines and columns count from 1, the end is behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub start_line: usize,
    pub start_column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// The range in the file, with columns in UTF-16 code units; nothing where the text that was checked
/// is not the file's own, but a query in a line of it.
pub(super) fn region(checked: &Checked, span: Span) -> Option<Region> {
    let source = &checked.source;
    if [".jsonl", ".ndjson"].iter().any(|ending| source.name().ends_with(ending)) {
        return None;
    }
    let (start, end) = (source.utf16_location(span.start), source.utf16_location(span.end));
    Some(Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}

/// The file's address relative to the current folder, or an absolute one where it lies elsewhere.
pub(super) fn uri(name: &str) -> String {
    let path = portable(name);
    let mut text = match (path.starts_with('/'), path.as_bytes().get(1)) {
        (true, _) => "file://".to_string(),
        (false, Some(b':')) => "file:///".to_string(),
        (false, _) => String::new(),
    };
    let drive = text.len() == "file:///".len();
    for (at, byte) in path.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        match plain || (drive && at == 1) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(uri("./Analytic Rules/ä.yaml"), "Analytic%20Rules/%C3%A4.yaml");
        assert_eq!(uri("/elsewhere/a#b.yaml"), "file:///elsewhere/a%23b.yaml");
        assert_eq!(uri("C:/rules/a.yaml"), "file:///C:/rules/a.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
