//! The words of a control command.

use crate::text::Span;

/// A word or a quoted name, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The text without quotes.
    pub text: String,
    pub span: Span,
}

/// Splits at white space; `['…']`, `["…"]`, `'…'` and `"…"` are one word each, comments and a
/// closing `;` are none.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = vec![];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(comment) = rest.strip_prefix("//") {
            at += 2 + comment.find('\n').unwrap_or(comment.len());
            continue;
        }
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() || first == ';' {
            at += first.len_utf8();
            continue;
        }
        let (inner, len) = quoted(rest).unwrap_or_else(|| {
            let len = rest.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(rest.len());
            (&rest[..len], len)
        });
        let span = Span::new(at as u32, (at + len) as u32);
        words.push(Word { text: inner.to_string(), span });
        at += len;
    }
    words
}

/// The name inside the quotes at the start of `text`, and the length with quotes.
fn quoted(text: &str) -> Option<(&str, usize)> {
    [("['", "']"), ("[\"", "\"]"), ("'", "'"), ("\"", "\"")].iter().find_map(|(open, close)| {
        let rest = text.strip_prefix(open)?;
        let end = rest.find(close)?;
        Some((&rest[..end], open.len() + end + close.len()))
    })
}
