//! Patterns as one regular expression.

use std::ops::Range;

use regex::Regex;

use super::{Mode, Step, refused};
use crate::error::{Error, Result};
use crate::functions::scalar::patterns::compile;
use crate::types::Type;

/// A compiled pattern.
pub(super) struct Expression {
    regex: Regex,
    /// The capture group of each column.
    groups: Vec<usize>,
}

impl Expression {
    pub(super) fn new(mode: Mode, flags: &str, steps: &[Step]) -> Result<Self> {
        if let Some(unknown) = flags.chars().find(|c| !matches!(c, 'i' | 'm' | 's' | 'U' | 'x')) {
            return Err(Error::Execution(format!("`{unknown}` is not a flag of `parse`")));
        }
        let mut pattern = match (mode, flags) {
            (Mode::Regex, "") => String::new(),
            (Mode::Regex, flags) => format!("(?{flags})"),
            (Mode::Simple | Mode::Relaxed, _) => "(?s)".to_string(),
        };
        let mut count = 0;
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Any => pattern.push_str(".*?"),
                Step::Text(text) if mode == Mode::Regex => {
                    pattern.push_str(&format!("(?:{})", with_literal_parentheses(text)));
                }
                Step::Text(text) => pattern.push_str(&regex::escape(text)),
                Step::Column(ty) => {
                    let follows = steps.get(at + 1);
                    let bounded = matches!(follows, None | Some(Step::Text(_)));
                    let inner = match mode {
                        Mode::Regex => shape(*ty).unwrap_or(".*"),
                        Mode::Simple | Mode::Relaxed if bounded => ".*?",
                        Mode::Simple | Mode::Relaxed => shape(*ty).unwrap_or(".*?"),
                    };
                    pattern.push_str(&format!("(?P<{PREFIX}{count}>{inner})"));
                    count += 1;
                }
            }
        }
        if mode != Mode::Regex {
            pattern.push_str(if steps.last() == Some(&Step::Any) { "" } else { r"\z" });
        }
        let regex = compile(&pattern)?;
        let group = |column| {
            let name = format!("{PREFIX}{column}");
            let group = regex.capture_names().position(|own| own == Some(name.as_str()));
            group.ok_or_else(|| refused("the pattern of `parse` has a group of a reserved name"))
        };
        let groups = (0..count).map(group).collect::<Result<_>>()?;
        Ok(Self { regex, groups })
    }

    /// Finds the texts of the columns; false if the pattern does not match.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) -> bool {
        let Some(captures) = self.regex.captures(text) else { return false };
        let range = |group: &usize| captures.get(*group).map_or(0..0, |found| found.range());
        found.extend(self.groups.iter().map(range));
        true
    }
}

/// Starts the names of the groups that hold columns.
const PREFIX: &str = "__column_";

/// What a column takes where no literal ends it; `None` for those that take anything.
fn shape(ty: Type) -> Option<&'static str> {
    Some(match ty {
        Type::Int | Type::Long => r"\s*[-+]?\d+",
        Type::Real | Type::Decimal => r"\s*[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?",
        Type::Bool => r"\s*(?i:true|false)",
        Type::DateTime => {
            r"\s*\d{1,4}[-/]\d{1,2}[-/]\d{1,4}(?:[T ]+\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?(?:\s*(?:Z|[-+]\d{1,2}:\d{2}|[AP]M))?)?"
        }
        Type::TimeSpan => r"\s*[-+]?(?:\d+\.)?\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?",
        Type::Guid => {
            r"\s*[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"
        }
        Type::String | Type::Dynamic | Type::Unknown => return None,
    })
}

/// The expression with closing parentheses that close nothing made literal.
fn with_literal_parentheses(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut depth, mut in_class) = (0, false);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class && depth == 0 => out.push('\\'),
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        out.push(c);
    }
    out
}
