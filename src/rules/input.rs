//! The texts that a check reads: files by name, those in folders, those that patterns match, and
//! batches of queries.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::Fault;
use crate::text::{Source, Span};

/// The endings of files in folders that may hold rules.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "tf", "bicep", "kql", "kusto", "csl"];

/// A piece of text to check, and how it is to be read.
#[derive(Clone, Debug)]
pub struct Input {
    pub source: Source,
    pub kind: InputKind,
}

/// How the text of an [`Input`] is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// By what it holds: YAML, JSON, Terraform, Bicep or KQL. It must be a rule.
    File,
    /// The same, where what holds no rule is passed over: the file was not asked for by its name.
    Found,
    /// One query, known by an id.
    Query { id: String },
    /// Not at all.
    Unreadable(Fault),
}

/// What the paths lead to, in order, no file twice: files, folders, and patterns such as
/// `rules/**/*.yaml`. What cannot be read is an input that says so; a path that leads nowhere is an
/// error.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Input>, String> {
    let mut finder = Finder::default();
    for path in paths {
        let missing = |error| format!("{}: {error}", path.display());
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => finder.folder(path),
            Ok(_) => finder.file(path, InputKind::File),
            Err(error) => match Pattern::new(path) {
                Some(pattern) => {
                    let before = finder.seen.len();
                    finder.matching(&pattern.base, &pattern);
                    if finder.seen.len() == before {
                        return Err(missing("no file matches the pattern".to_string()));
                    }
                }
                None => return Err(missing(error.to_string())),
            },
        }
    }
    Ok(finder.inputs)
}

/// The inputs in the bytes of a file or a stream. A batch has an object `{"id": …, "query": …}` in
/// every line; it is known by its name's ending, or where there is none by its first line.
pub fn of_bytes(name: &str, bytes: Vec<u8>, kind: InputKind) -> Vec<Input> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let wide = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
            let message = match wide {
                true => "the file is UTF-16, not UTF-8".to_string(),
                false => {
                    let at = error.utf8_error().valid_up_to();
                    format!("the file is not UTF-8: byte {at} belongs to no character")
                }
            };
            return vec![unreadable(name, message)];
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_batch = match ending.as_deref() {
        Some("jsonl" | "ndjson") => true,
        None => text.lines().next().is_some_and(|line| Line::read(line).is_ok()),
        Some(_) => false,
    };
    match is_batch {
        true => batch(&Source::new(name, text)),
        false => vec![Input { source: Source::new(name, text), kind }],
    }
}

fn unreadable(name: &str, message: String) -> Input {
    let fault = Fault { message, span: Span::default() };
    Input { source: Source::new(name, ""), kind: InputKind::Unreadable(fault) }
}

/// A line of a batch.
#[derive(Deserialize)]
struct Line {
    id: Id,
    query: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

impl Line {
    fn read(text: &str) -> Result<(String, String), serde_json::Error> {
        let line: Line = serde_json::from_str(text)?;
        let id = match line.id {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        };
        Ok((id, line.query))
    }
}

fn batch(source: &Source) -> Vec<Input> {
    let mut inputs = vec![];
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        if span.is_empty() {
            continue;
        }
        inputs.push(match Line::read(line) {
            Ok((id, query)) => {
                Input { source: Source::new(source.name(), query), kind: InputKind::Query { id } }
            }
            Err(error) => {
                let message = format!("not a line with `id` and `query`: {error}");
                let kind = InputKind::Unreadable(Fault { message, span });
                Input { source: source.clone(), kind }
            }
        });
    }
    inputs
}

#[derive(Default)]
struct Finder {
    inputs: Vec<Input>,
    seen: HashSet<PathBuf>,
}

impl Finder {
    fn file(&mut self, path: &Path, kind: InputKind) {
        if !self.seen.insert(path.to_path_buf()) {
            return;
        }
        let name = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => self.inputs.extend(of_bytes(&name, bytes, kind)),
            Err(error) => self.inputs.push(unreadable(&name, error.to_string())),
        }
    }

    /// A file that was not named, if its ending is one of rules.
    fn found(&mut self, path: &Path) {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) {
            self.file(path, InputKind::Found);
        }
    }

    fn folder(&mut self, folder: &Path) {
        for (path, is_folder) in self.inside(folder) {
            match is_folder {
                true => self.folder(&path),
                false => self.found(&path),
            }
        }
    }

    /// Everything below a folder that a pattern matches, and what matching folders hold.
    fn matching(&mut self, folder: &Path, pattern: &Pattern) {
        for (path, is_folder) in self.inside(folder) {
            match (is_folder, pattern.matches(&path)) {
                (true, true) => self.folder(&path),
                (true, false) => self.matching(&path, pattern),
                (false, true) => self.found(&path),
                (false, false) => {}
            }
        }
    }

    /// What stands in a folder, by name, and which of it are folders. Hidden folders, those of
    /// packages, and links to folders are left out.
    fn inside(&mut self, folder: &Path) -> Vec<(PathBuf, bool)> {
        let read = || -> io::Result<Vec<(PathBuf, bool)>> {
            let mut inside = vec![];
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let (path, ty) = (entry.path(), entry.file_type()?);
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let is_left_out = match ty.is_symlink() {
                    true => path.is_dir(),
                    false => ty.is_dir() && (name.starts_with('.') || name == "node_modules"),
                };
                if !is_left_out {
                    inside.push((path, ty.is_dir()));
                }
            }
            inside.sort();
            Ok(inside)
        };
        read().unwrap_or_else(|error| {
            self.inputs.push(unreadable(&folder.display().to_string(), error.to_string()));
            vec![]
        })
    }
}

/// A pattern of paths: `*` and `?` within a name, `**` over folders, `[ab]`, `{yaml,yml}`.
struct Pattern {
    /// The folder below which everything stands that can match.
    base: PathBuf,
    regex: Regex,
}

impl Pattern {
    /// The pattern that a path is, if it is one.
    fn new(path: &Path) -> Option<Self> {
        let text = slashes(path);
        if !text.contains(['*', '?', '[', '{']) {
            return None;
        }
        let is_plain =
            |part: &Component| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
        let base: PathBuf = path.components().take_while(is_plain).collect();
        let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
        let regex = RegexBuilder::new(&regex_of(text.trim_start_matches("./"))).build().ok()?;
        Some(Self { base, regex })
    }

    fn matches(&self, path: &Path) -> bool {
        self.regex.is_match(slashes(path).trim_start_matches("./"))
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn regex_of(pattern: &str) -> String {
    let mut regex = "^".to_string();
    let mut rest = pattern;
    let mut braces = 0;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        match c {
            '*' if rest.starts_with("**/") => {
                regex.push_str("(?:.*/)?");
                len = 3;
            }
            '*' if rest.starts_with("**") => {
                regex.push_str(".*");
                len = 2;
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => match rest.find(']') {
                Some(end) => {
                    let class =
                        rest[1..end].replacen('!', "^", usize::from(rest[1..].starts_with('!')));
                    regex.push_str(&format!("[{class}]"));
                    len = end + 1;
                }
                None => regex.push_str("\\["),
            },
            '{' => {
                braces += 1;
                regex.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                regex.push(')');
            }
            ',' if braces > 0 => regex.push('|'),
            _ => regex.push_str(&regex::escape(&rest[..len])),
        }
        rest = &rest[len..];
    }
    regex + "$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("rules/**/*.yaml", "rules/a.yaml", true),
            ("rules/**/*.yaml", "rules/a/b/c.yaml", true),
            ("rules/**/*.yaml", "rules/a.yml", false),
            ("./rules/*.{yaml,yml}", "rules/a.yml", true),
            ("rules/*.yaml", "rules/a/b.yaml", false),
            ("rules/[!a]?.kql", "rules/bc.kql", true),
            ("rules/[!a]?.kql", "rules/ac.kql", false),
            ("**", "x/y", true),
        ];
        for (pattern, path, expected) in cases {
            let pattern = Pattern::new(Path::new(pattern)).unwrap();
            assert_eq!(pattern.matches(Path::new(path)), expected, "{path}");
        }
        assert_eq!(Pattern::new(Path::new("a/b/*.kql")).unwrap().base, Path::new("a/b"));
        assert!(Pattern::new(Path::new("a/b.kql")).is_none());
    }

    #[test]
    fn batches() {
        let text = "{\"id\": 7, \"query\": \"T\"}\n\n{\"id\": \"x\"}\n";
        let inputs = of_bytes("a.jsonl", text.into(), InputKind::File);
        assert_eq!(inputs[0].kind, InputKind::Query { id: "7".into() });
        let InputKind::Unreadable(fault) = &inputs[1].kind else { panic!() };
        assert_eq!(inputs[1].source.slice(fault.span), "{\"id\": \"x\"}");
        assert_eq!(of_bytes("<stdin>", text.into(), InputKind::File).len(), 2);
        assert_eq!(of_bytes("<stdin>", "T".into(), InputKind::File)[0].kind, InputKind::File);
        let wide = of_bytes("a.json", vec![0xff, 0xfe, b'{', 0], InputKind::Found);
        assert!(matches!(&wide[0].kind, InputKind::Unreadable(_)));
    }
}
