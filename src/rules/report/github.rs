//! Workflow commands of GitHub Actions: a line per finding, shown at its place in a pull request.

use super::Report;
use super::place::region;
use crate::diagnostics::Severity;
use crate::rules::baseline::portable;
use crate::rules::{Checked, Finding};

/// All new findings.
pub(super) fn commands(report: &Report<'_>) -> String {
    let mut text: String = report
        .rules()
        .flat_map(|(checked, findings)| {
            findings.into_iter().map(move |finding| command(checked, finding))
        })
        .collect();
    for problem in report.problems {
        text.push_str(&format!("::warning::{}\n", data(&problem.to_string())));
    }
    text
}

fn command(checked: &Checked, finding: &Finding) -> String {
    let found = &finding.diagnostic;
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "notice",
    };
    let mut properties = vec![("file", portable(checked.source.name()))];
    if let Some(region) = region(checked, found.span) {
        properties.push(("line", region.start_line.to_string()));
        // Columns of a range over several lines are refused.
        if region.start_line == region.end_line {
            properties.push(("col", region.start_column.to_string()));
        }
        properties.push(("endLine", region.end_line.to_string()));
        if region.start_line == region.end_line {
            properties.push(("endColumn", region.end_column.to_string()));
        }
    }
    properties.push(("title", format!("{} {}", found.code, found.code.title())));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let mut message = found.message.clone();
    for hint in &found.hints {
        message.push_str(&format!("\nhint: {hint}"));
    }
    format!("::{level} {}::{}\n", properties.join(","), data(&message))
}

/// A message with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property with what would end it escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(data("50%: a,\r\nb"), "50%25: a,%0D%0Ab");
        assert_eq!(property("50%: a,\r\nb"), "50%25%3A a%2C%0D%0Ab");
    }
}
