//! Findings that are known and accepted: a baseline names them so that they are told no more.
//!
//! A finding is known again by its code, its file, its rule and the text of its line, not by the
//! number of the line: what is written above it may change.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Checked, Finding};

/// The form of the file.
const VERSION: u32 = 1;

/// Known findings, as a file keeps them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// Findings that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub fingerprint: String,
    pub code: String,
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub message: String,
    /// How many there are.
    pub count: usize,
}

impl Baseline {
    /// A baseline of all findings.
    pub fn of(all: &[Checked]) -> Self {
        let mut known: BTreeMap<(String, String), Known> = BTreeMap::new();
        for (checked, finding) in all.iter().flat_map(|c| c.findings.iter().map(move |f| (c, f))) {
            let file = portable(checked.source.name());
            let fingerprint = fingerprint(checked, finding);
            let entry = known.entry((file.clone(), fingerprint.clone())).or_insert_with(|| Known {
                fingerprint,
                code: finding.diagnostic.code.id().to_string(),
                file,
                rule: checked.id.clone().or_else(|| checked.name.clone()),
                message: finding.diagnostic.message.clone(),
                count: 0,
            });
            entry.count += 1;
        }
        Self { version: VERSION, findings: known.into_values().collect() }
    }

    /// The baseline that a file's text holds.
    pub fn read(text: &str) -> Result<Self, String> {
        let baseline: Baseline =
            serde_json::from_str(text).map_err(|error| format!("is no baseline: {error}"))?;
        match baseline.version {
            VERSION => Ok(baseline),
            other => Err(format!("is a baseline of version {other}, which is not known")),
        }
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        // Texts and numbers always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Which findings it holds, rule by rule, and those of it that are found no more.
    pub(super) fn compare(&self, all: &[Checked]) -> (Vec<Vec<bool>>, Vec<Known>) {
        let mut left: HashMap<&str, usize> = HashMap::new();
        for known in &self.findings {
            *left.entry(&known.fingerprint).or_default() += known.count;
        }
        let mut is_known = |checked: &Checked, finding: &Finding| match left
            .get_mut(&*fingerprint(checked, finding))
        {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        };
        let marks = all.iter().map(|checked| {
            checked.findings.iter().map(|finding| is_known(checked, finding)).collect()
        });
        let marks = marks.collect();
        let gone = self.findings.iter().filter_map(|known| {
            let count = left.remove(&*known.fingerprint).filter(|&count| count > 0)?;
            Some(Known { count, ..known.clone() })
        });
        (marks, gone.collect())
    }
}

/// What a finding is known by, as 32 hexadecimal digits.
pub fn fingerprint(checked: &Checked, finding: &Finding) -> String {
    let source = &checked.source;
    let found = &finding.diagnostic;
    let (before, after) = source.text().split_at(boundary(source.text(), found.span.start));
    let start = before.rsplit('\n').next().unwrap_or_default();
    let end = after.split('\n').next().unwrap_or_default();
    let line = format!("{start}{end}").split_whitespace().collect::<Vec<_>>().join(" ");
    let rule = checked.id.as_deref().or(checked.name.as_deref()).unwrap_or_default();
    let parts = [found.code.id(), &portable(source.name()), rule, &line];
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn boundary(text: &str, at: u32) -> usize {
    let mut at = (at as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The name of a file as it is everywhere: from the current folder if it lies in there, with
/// slashes.
pub(super) fn portable(name: &str) -> String {
    let path = Path::new(name);
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let path = path.strip_prefix(".").unwrap_or(path);
    let text = path.to_string_lossy();
    match std::path::MAIN_SEPARATOR {
        '\\' => text.replace('\\', "/"),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Diagnostic, codes};
    use crate::text::{Source, Span};

    fn checked(text: &str, places: &[&str]) -> Checked {
        let finding = |place: &&str| {
            let at = text.find(place).unwrap() as u32;
            let span = Span::new(at, at + place.len() as u32);
            Finding::from(Diagnostic::error(codes::UNKNOWN_NAME, span, format!("no `{place}`")))
        };
        Checked {
            source: Source::new("./rules/a.kql", text),
            id: None,
            name: None,
            findings: places.iter().map(finding).collect(),
            columns: None,
        }
    }

    #[test]
    fn lines_may_move() {
        let before = [checked("T\n| where a > 1\n| where b > 1\n", &["a", "b"])];
        let baseline = Baseline::read(&Baseline::of(&before).write()).unwrap();
        assert_eq!(baseline.len(), 2);
        let after = [checked("T\n// new\n\n  | where  a > 1\n| where c > 1\n", &["a", "c"])];
        let (marks, gone) = baseline.compare(&after);
        assert_eq!(marks, [[true, false]]);
        let gone: Vec<_> = gone.iter().map(|known| known.message.as_str()).collect();
        assert_eq!(gone, ["no `b`"]);
    }

    #[test]
    fn repetitions_count() {
        let one = [checked("T | where a + a > 1", &["a"])];
        let two = [checked("T | where a + a > 1", &["a", "a"])];
        assert_eq!(Baseline::of(&one).compare(&two).0, [[true, false]]);
        assert_eq!(Baseline::of(&two).compare(&two).0, [[true, true]]);
    }
}
