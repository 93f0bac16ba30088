//! Compiling the regular expressions of queries, and keeping those that come from columns.

use hashbrown::HashMap;
use regex::{Regex, RegexBuilder};

use crate::error::{Error, Result};

/// The compiled size, in bytes, up to which a pattern is taken.
const SIZE_LIMIT: usize = 64 << 20;

/// How many patterns of a column are kept compiled.
const KEPT: usize = 256;

/// Compiles a regular expression of the query language.
pub fn compile(pattern: &str) -> Result<Regex> {
    RegexBuilder::new(pattern)
        .octal(true)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| Error::Execution(refusal(pattern, &error)))
}

fn refusal(pattern: &str, error: &regex::Error) -> String {
    let reason = match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("it compiles to more than {} MB", limit >> 20)
        }
        regex::Error::Syntax(text) if text.contains("look-around") => {
            "look-ahead and look-behind are not part of the language".to_string()
        }
        // The first lines draw the pattern and point at the place; the last one says what is wrong.
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_string()
        }
    };
    format!("`{pattern}` is not a regular expression that KQL takes: {reason}")
}

/// The pattern of a call: compiled once if constant, else kept as it comes by.
pub struct Compiled {
    constant: Option<Regex>,
    kept: HashMap<String, Regex>,
}

impl Compiled {
    /// `constant` is the pattern if it is the same for all rows.
    pub fn new(constant: Option<&str>) -> Result<Self> {
        Ok(Self { constant: constant.map(compile).transpose()?, kept: HashMap::new() })
    }

    /// The pattern of a row.
    pub fn get(&mut self, pattern: &str) -> Result<&Regex> {
        if let Some(regex) = &self.constant {
            return Ok(regex);
        }
        if !self.kept.contains_key(pattern) {
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(pattern.to_string(), compile(pattern)?);
        }
        self.kept.get(pattern).ok_or_else(|| Error::Internal("a compiled pattern got lost".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_refuses_what_kusto_refuses_and_says_why() {
        let refusal = |pattern: &str| compile(pattern).err().map(|e| e.to_string());
        assert_eq!(
            refusal("a(?=b)").as_deref(),
            Some(
                "`a(?=b)` is not a regular expression that KQL takes: look-ahead and look-behind \
                 are not part of the language"
            )
        );
        assert!(refusal("(a").is_some_and(|text| text.ends_with("unclosed group")));
        assert!(compile(r"(?P<n>\d)(?<m>\101)\A\z\b{start}\<[a-z&&[^b]]").is_ok());
        assert!(compile(r"\101").is_ok_and(|regex| regex.is_match("A")));
    }
}
