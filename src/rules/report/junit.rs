//! JUnit XML: a suite per file, a case per rule, a failure per finding that must not be.

use super::Report;
use crate::diagnostics::Diagnostic;
use crate::rules::baseline::portable;
use crate::rules::{Checked, Finding};
use crate::types::datetime;

type Rule<'a> = (&'a Checked, Vec<&'a Finding>);

/// The whole document.
pub(super) fn suites(report: &Report<'_>) -> String {
    let rules: Vec<Rule<'_>> = report.rules().collect();
    // The root has no attributes: the schema of Ant's reports knows none.
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_string();
    let files = rules.chunk_by(|(a, _), (b, _)| a.source.name() == b.source.name());
    for (id, rules) in files.enumerate() {
        text.push_str(&suite(report, id, rules));
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(report: &Report<'_>, id: usize, rules: &[Rule<'_>]) -> String {
    let file =
        rules.first().map_or_else(String::new, |(checked, _)| portable(checked.source.name()));
    let file = attribute(&file);
    let failures = rules.iter().map(|rule| denied(report, rule).count()).sum::<usize>();
    let time: String = datetime::format(report.now).chars().take(19).collect();
    let mut text = format!(
        "  <testsuite id=\"{id}\" name=\"{file}\" package=\"{file}\" tests=\"{}\" \
         failures=\"{failures}\" errors=\"0\" skipped=\"0\" timestamp=\"{time}\" \
         hostname=\"localhost\" time=\"0\">\n    <properties/>\n",
        rules.len()
    );
    let mut others = String::new();
    for rule in rules {
        let (checked, findings) = rule;
        let name = checked.name.as_ref().or(checked.id.as_ref());
        let name = name.map_or_else(|| file.clone(), |name| attribute(name));
        text.push_str(&format!("    <testcase name=\"{name}\" classname=\"{file}\" time=\"0\""));
        text.push_str(if denied(report, rule).next().is_some() { ">\n" } else { "/>\n" });
        let mut failed = false;
        for finding in denied(report, rule) {
            let found = &finding.diagnostic;
            failed = true;
            text.push_str(&format!(
                "      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                found.code,
                attribute(&found.message),
                content(&told(checked, found))
            ));
        }
        if failed {
            text.push_str("    </testcase>\n");
        }
        for finding in findings.iter().filter(|finding| !report.denies(finding)) {
            others.push_str(&content(&told(checked, &finding.diagnostic)));
            others.push('\n');
        }
    }
    text.push_str(&format!("    <system-out>{others}</system-out>\n    <system-err/>\n"));
    text.push_str("  </testsuite>\n");
    text
}

fn denied<'a>(report: &Report<'_>, rule: &Rule<'a>) -> impl Iterator<Item = &'a Finding> {
    rule.1.iter().copied().filter(|finding| report.denies(finding))
}

/// A finding as lines of text: its place, what is wrong, the line of the file, hints.
fn told(checked: &Checked, found: &Diagnostic) -> String {
    let at = checked.source.location(found.span.start);
    let (file, severity) = (portable(checked.source.name()), found.severity.name());
    let mut text = format!("{file}:{at}: {severity}[{}]: {}", found.code, found.message);
    if let Some(line) = checked.source.text().lines().nth(at.line - 1) {
        text.push_str(&format!("\n  {}", line.trim()));
    }
    for hint in &found.hints {
        text.push_str(&format!("\n  hint: {hint}"));
    }
    text
}

/// Text as the content of an element. What XML has no way to spell becomes U+FFFD.
fn content(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as the value of an attribute.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(content("a < b && \"c\"\u{1b}\n"), "a &lt; b &amp;&amp; \"c\"\u{fffd}\n");
        assert_eq!(attribute("a\n\"b\"\t"), "a&#10;&quot;b&quot;&#9;");
    }
}
