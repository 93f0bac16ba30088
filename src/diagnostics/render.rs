//! Findings and failures as text for people: source line, caret range, hints.

use std::borrow::Cow;

use annotate_snippets::{
    AnnotationKind, Group, Level, Renderer, Snippet, Title, normalize_untrusted_str,
};

use super::{Diagnostic, Diagnostics, Severity};
use crate::error::Error;
use crate::text::{Source, Span};

/// More findings than this are counted, not shown.
const SHOWN: usize = 20;

/// How reports look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to write colour escapes.
    pub colors: bool,
    /// Columns at hand; long source lines are cut to fit.
    pub width: usize,
}

impl Style {
    fn renderer(self) -> Renderer {
        let renderer = if self.colors { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(self.width.clamp(40, 1000))
    }
}

/// All findings about one source, each ended by a line break.
pub fn render(diagnostics: &Diagnostics, source: &Source, style: Style) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        text.push_str(&render_finding(diagnostic, source, style));
        text.push('\n');
    }
    let rest = diagnostics.len().saturating_sub(SHOWN);
    if rest > 0 {
        text.push_str(&format!("… and {rest} more\n"));
    }
    text
}

/// A failure that has no place in the query, ended by a line break.
pub fn render_failure(error: &Error, style: Style) -> String {
    let message = normalize_untrusted_str(&error.to_string());
    let report = [Group::with_title(Level::ERROR.primary_title(message))];
    style.renderer().render(&report) + "\n"
}

/// A failure that keeps only part of the data away, ended by a line break.
pub fn render_problem(error: &Error, style: Style) -> String {
    let message = normalize_untrusted_str(&error.to_string());
    let report = [Group::with_title(Level::WARNING.primary_title(message))];
    style.renderer().render(&report) + "\n"
}

/// One finding, without a line break at the end.
pub fn render_finding(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let window = Window::around(diagnostic, source);
    let mut snippet = Snippet::source(window.text.as_ref())
        .path(source.name())
        .line_start(window.line)
        .annotation(AnnotationKind::Primary.span(window.range(diagnostic.span)));
    for label in &diagnostic.labels {
        let annotation = AnnotationKind::Context.span(window.range(label.span));
        snippet = snippet.annotation(annotation.label(normalize_untrusted_str(&label.message)));
    }
    let mut group = Group::with_title(title(diagnostic)).element(snippet);
    for hint in &diagnostic.hints {
        group = group
            .element(Level::HELP.with_name(Some("hint")).message(normalize_untrusted_str(hint)));
    }
    style.renderer().render(&[group])
}

fn title(diagnostic: &Diagnostic) -> Title<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO,
    };
    level.primary_title(normalize_untrusted_str(&diagnostic.message)).id(diagnostic.code.id())
}

/// The whole lines that a finding touches: a report costs what it shows, not the whole script.
struct Window<'a> {
    /// Without the carriage returns of line ends, which would be shown.
    text: Cow<'a, str>,
    /// The lines as they are.
    original: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    fn around(diagnostic: &Diagnostic, source: &'a Source) -> Self {
        let text = source.text();
        let spans = || diagnostic.labels.iter().map(|l| l.span).chain([diagnostic.span]);
        let first = boundary(text, spans().map(|s| s.start).min().unwrap_or(0));
        let last = boundary(text, spans().map(|s| s.end).max().unwrap_or(0)).max(first);
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
        let original = &text[start..end];
        let shown = match original.contains('\r') {
            true => Cow::Owned(original.replace('\r', "")),
            false => Cow::Borrowed(original),
        };
        Self { text: shown, original, start, line: source.location(start as u32).line }
    }

    /// `span` within the window, on character boundaries and at least one character wide where
    /// the text allows it.
    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let place = |at: u32| {
            let at = boundary(self.original, at.saturating_sub(self.start as u32));
            at - self.original[..at].matches('\r').count()
        };
        let (start, end) = (place(span.start), place(span.end));
        start..end.max(start)
    }
}

/// The nearest character boundary at or before `at`.
fn boundary(text: &str, at: u32) -> usize {
    let mut at = (at as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::codes;

    const STYLE: Style = Style { colors: false, width: 80 };

    fn report(text: &str, diagnostic: Diagnostic) -> String {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic);
        render(&diagnostics, &Source::new("q.kql", text), STYLE)
    }

    #[test]
    fn shows_line_carets_and_hint() {
        let text = "// héllo\nT\n| where Acount > 3\n| count";
        let found =
            Diagnostic::error(codes::UNKNOWN_NAME, Span::new(20, 26), "unknown column `Acount`")
                .suggest("column", "Acount", ["Account"]);
        insta::assert_snapshot!(report(text, found), @r"
        error[SEM0100]: unknown column `Acount`
         --> q.kql:3:9
          |
        3 | | where Acount > 3
          |         ^^^^^^
          |
          = hint: a similar column exists: `Account`
        ");
    }

    #[test]
    fn carriage_returns_are_not_shown() {
        let found = Diagnostic::error(codes::UNKNOWN_NAME, Span::new(11, 12), "unknown column `b`")
            .label(Span::new(0, 1), "of this");
        insta::assert_snapshot!(report("T\r\n| where b\r\n", found), @r"
        error[SEM0100]: unknown column `b`
         --> q.kql:2:9
          |
        1 | T
          | - of this
        2 | | where b
          |         ^
        ");
    }

    #[test]
    fn end_of_text_and_second_place() {
        let found = Diagnostic::error(codes::SYNTAX, Span::new(14, 14), "expected `)`")
            .label(Span::new(9, 10), "opened here");
        insta::assert_snapshot!(report("T | where (a >\n", found), @r"
        error[SYN0002]: expected `)`
         --> q.kql:1:15
          |
        1 | T | where (a >
          |          -    ^
          |          |
          |          opened here
        ");
    }

    #[test]
    fn long_lines_and_spans_beyond_the_text_are_cut() {
        let text = format!("print {} + missing", "1 + ".repeat(200));
        let at = text.find("missing").unwrap() as u32;
        let found = Diagnostic::error(codes::UNKNOWN_NAME, Span::new(at, at + 900), "unknown");
        let shown = report(&text, found);
        assert!(shown.contains("missing"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 90), "{shown}");
    }
}
