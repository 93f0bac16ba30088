//! `kqlite check --fix`: files are mended, checked again, and only then written.

use std::fs;
use std::io;
use std::path::Path;

use similar::TextDiff;

use crate::catalog::parquet_file::{hidden_file, publish};
use crate::diagnostics::Severity;
use crate::rules::fix::apply;
use crate::rules::{Checked, Checker, Input, InputKind};
use crate::text::Source;

/// A fix may uncover another; no chain is longer.
const ROUNDS: usize = 10;

/// What became of the fixes.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The changed files, as they are now.
    pub inputs: Vec<Input>,
    /// What would change, as a diff.
    pub diff: String,
    pub applied: usize,
    /// Files that were left as they are, and why.
    pub refused: Vec<String>,
}

/// Mends all files that fixes exist for; writes them unless it is only a try.
pub(super) fn mend(checker: &Checker, all: &[Checked], dry_run: bool) -> Mended {
    let mut mended = Mended::default();
    for rules in all.chunk_by(|a, b| a.source.name() == b.source.name()) {
        let name = rules[0].source.name();
        // Standard input and lines of a batch are no files to write to.
        let is_file = rules.iter().all(|rule| rule.source.is(&rules[0].source));
        if !is_file || !Path::new(name).is_file() || name.ends_with(".jsonl") {
            continue;
        }
        let (text, applied) = match mend_one(checker, rules) {
            Ok(Some(done)) => done,
            Ok(None) => continue,
            Err(message) => {
                mended.refused.push(format!("{name}: {message}"));
                continue;
            }
        };
        let before = rules[0].source.text();
        let diff = TextDiff::from_lines(before, &text);
        mended.diff.push_str(&diff.unified_diff().context_radius(2).header(name, name).to_string());
        if !dry_run && let Err(error) = write(Path::new(name), before, &text) {
            mended.refused.push(format!("{name}: {error}"));
            continue;
        }
        mended.applied += applied;
        mended.inputs.push(Input { source: Source::new(name, text), kind: InputKind::File });
    }
    mended
}

/// The text of a file with its fixes, and how many there were; nothing where there are none.
fn mend_one(checker: &Checker, rules: &[Checked]) -> Result<Option<(String, usize)>, String> {
    let errors =
        |rules: &[Checked]| -> usize { rules.iter().map(|rule| rule.count(Severity::Error)).sum() };
    let before = errors(rules);
    let source = rules[0].source.clone();
    let mut rules = rules.to_vec();
    let mut text = source.text().to_string();
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let findings = rules.iter().flat_map(|rule| &rule.findings);
        let fixed = apply(&text, findings.filter_map(|finding| finding.fix.as_ref()));
        if fixed.applied == 0 || fixed.text == text {
            break;
        }
        let input = Input {
            source: Source::new(source.name(), fixed.text.as_str()),
            kind: InputKind::File,
        };
        rules = checker.check_all(&[input], &|| {});
        if errors(&rules) > before {
            return Err("left as it is, since its fixes would bring new errors".to_string());
        }
        text = fixed.text;
        applied += fixed.applied;
    }
    Ok((applied > 0).then_some((text, applied)))
}

/// Replaces a file by its new text, at once.
fn write(path: &Path, before: &str, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let now = fs::read_to_string(&path)?;
    let (mark, now) = match now.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", now.as_str()),
    };
    if now.trim_start_matches('\u{feff}') != before {
        return Err(io::Error::other("left as it is, since it has changed meanwhile"));
    }
    write_whole(&path, &format!("{mark}{text}"))
}

/// Writes a file so that it is there whole or not at all. It keeps its permissions.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = hidden_file(folder, &name)?;
    fs::write(temporary.path(), text)?;
    if let Ok(about) = fs::metadata(path) {
        fs::set_permissions(temporary.path(), about.permissions())?;
    }
    publish(temporary, path).map(drop)
}
