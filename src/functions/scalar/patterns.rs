//! Compiling the regular expressions of queries, and keeping them.

use std::sync::{LazyLock, Mutex, PoisonError};

use hashbrown::HashMap;
use regex::{Regex, RegexBuilder};

use crate::error::{Error, Result};

/// The compiled size, in bytes, up to which a pattern is taken.
const SIZE_LIMIT: usize = 64 << 20;

/// How many patterns of a column are kept compiled.
const KEPT: usize = 256;

/// How many patterns of queries are kept compiled by the process. Stored functions bring the same
/// ones into query after query.
const SHARED: usize = 512;

/// A regular expression of the query language. Compiling costs far more than what it is often used
/// for, so the last ones are kept.
pub fn compile(pattern: &str) -> Result<Regex> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let compiled = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = compiled().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = build(pattern)?;
    let mut kept = compiled();
    if kept.len() >= SHARED {
        kept.clear();
    }
    kept.insert(pattern.to_string(), regex.clone());
    Ok(regex)
}

fn build(pattern: &str) -> Result<Regex> {
    let build =
        |pattern: &str| RegexBuilder::new(pattern).octal(true).size_limit(SIZE_LIMIT).build();
    build(pattern)
        .or_else(|error| build(&with_literal_brackets(pattern)).map_err(|_| error))
        .map_err(|error| Error::Execution(refusal(pattern, &error)))
}

/// The pattern with `{` escaped where no repetition follows, and `[` inside a class, where `\<` and
/// `\>` are signs.
///
/// Older patterns, made for a dialect that took these literally, can mean nothing else.
fn with_literal_brackets(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 2);
    let mut in_class = false;
    let mut class_start = 0;
    let mut chars = pattern.char_indices();
    while let Some((at, c)) = chars.next() {
        let rest = &pattern[at + c.len_utf8()..];
        match c {
            // No boundary of words can stand in a class.
            '\\' if in_class && rest.starts_with(['<', '>']) => {}
            '\\' => {
                out.push(c);
                if let Some((_, escaped)) = chars.next() {
                    out.push(escaped);
                    // Names of properties and code points stand in braces.
                    if matches!(escaped, 'p' | 'P' | 'x' | 'u' | 'U' | 'b')
                        && let Some(name) = pattern[at + 2..].strip_prefix('{')
                        && let Some(end) = name.find('}')
                    {
                        out.push_str(&pattern[at + 2..at + 4 + end]);
                        (0..name[..=end].chars().count() + 1).for_each(|_| {
                            chars.next();
                        });
                    }
                }
            }
            '[' if in_class => out.push_str(if rest.starts_with(':') { "[" } else { "\\[" }),
            '[' => {
                in_class = true;
                class_start = at + 1 + usize::from(rest.starts_with('^'));
                out.push(c);
            }
            // First in a class it stands for itself.
            ']' if in_class && at > class_start => {
                let closes_name = out.ends_with(':') && pattern[class_start..at].contains("[:");
                in_class = closes_name && rest.contains(']');
                out.push(c);
            }
            '{' if !in_class && !is_repetition(rest) => out.push_str("\\{"),
            _ => out.push(c),
        }
    }
    out
}

/// Whether `rest`, which follows a `{`, ends a repetition: `3}`, `3,}`, `3,5}`.
fn is_repetition(rest: &str) -> bool {
    let Some((counts, _)) = rest.split_once('}') else { return false };
    let (least, most) = counts.split_once(',').unwrap_or((counts, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
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
            self.kept.insert(pattern.to_string(), build(pattern)?);
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

    #[test]
    fn brackets_that_can_only_be_literal_are() {
        let matches = |pattern, text| compile(pattern).is_ok_and(|regex| regex.is_match(text));
        assert!(matches("^{(.*?):$", "{key:"));
        assert!(matches("^[[]$", "[") && matches("^[][]$", "]") && matches("^x{1-3}+$", "x{1-3}}"));
        assert!(matches(r"^\p{L}{2}{x$", "éé{x") && matches("^[[:alpha:][]{2}{$", "a[{"));
        assert!(matches(r"^[\w\<\>]+$", "a<>") && !matches(r"^[\w\<\>]+$", "\\"));
        assert!(!matches("a{2}{", "a{") && compile("[a").is_err());
    }
}
