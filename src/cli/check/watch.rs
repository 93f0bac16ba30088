//! `kqlite check --watch`: files are checked again whenever they change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{complain, inputs, out, styles};
use crate::cli::Exit;
use crate::cli::args::CheckArguments;
use crate::error::Error;
use crate::rules::report::{Format, Report};
use crate::rules::{Checked, Checker};

/// How often files are looked at.
const PAUSE: Duration = Duration::from_millis(300);

/// The state of files: size and time of the last change.
type Stamps = HashMap<PathBuf, (u64, Option<SystemTime>)>;

/// Checks all, and then what changes, until the user stops it or the files are gone.
pub(super) fn watch(arguments: &CheckArguments) -> Exit {
    let mut known: Option<(Checker, Vec<Error>)> = None;
    let mut checked: Vec<Checked> = vec![];
    let (mut rules, mut tables) = (Stamps::new(), Stamps::new());
    loop {
        let now_rules = stamps(&arguments.paths);
        let now_tables = stamps(&tables_of(arguments));
        if known.is_some() && now_rules == rules && now_tables == tables {
            thread::sleep(PAUSE);
            continue;
        }
        let first = known.is_none();
        if now_tables != tables || first {
            known = Some(Checker::open(&arguments.options()));
            checked.clear();
        }
        (rules, tables) = (now_rules, now_tables);
        let Some((checker, problems)) = &known else { continue };
        match inputs(&arguments.paths) {
            Ok(inputs) => {
                let before = std::mem::take(&mut checked);
                let told = round(arguments, checker, problems, &inputs, before, &mut checked);
                if !told {
                    return Exit::Answered;
                }
            }
            Err(message) if first => {
                complain(message);
                return Exit::Usage;
            }
            // A file may be gone for the moment in which an editor writes it.
            Err(message) => complain(message),
        }
        thread::sleep(PAUSE);
    }
}

/// Checks the inputs that are not as before, and tells of those. False once nobody listens.
fn round(
    arguments: &CheckArguments,
    checker: &Checker,
    problems: &[Error],
    inputs: &[crate::rules::Input],
    before: Vec<Checked>,
    checked: &mut Vec<Checked>,
) -> bool {
    let mut old: HashMap<(String, String), Vec<Checked>> = HashMap::new();
    for rule in before {
        let key = (rule.source.name().to_string(), rule.source.text().to_string());
        old.entry(key).or_default().push(rule);
    }
    let is_old = |input: &&crate::rules::Input| {
        let key = (input.source.name().to_string(), input.source.text().to_string());
        old.contains_key(&key)
    };
    let changed: Vec<_> = inputs.iter().filter(|input| !is_old(input)).cloned().collect();
    let kept: Vec<_> = inputs.iter().filter(is_old).collect();
    let new = checker.check_all(&changed, &|| {});
    let (_, style) = styles();
    let mut text = Report::new(&new, &[], 0).write(Format::Text, style);
    for input in kept {
        let key = (input.source.name().to_string(), input.source.text().to_string());
        checked.extend(old.remove(&key).unwrap_or_default());
    }
    checked.extend(new);
    let all = Report::new(checked, problems, 0).deny_warnings(arguments.denies_warnings());
    text.push_str(&all.summary(style));
    out(&text)
}

/// What the tables, functions and watchlists are read from.
fn tables_of(arguments: &CheckArguments) -> Vec<PathBuf> {
    let lists = [&arguments.data, &arguments.schema, &arguments.functions];
    lists.into_iter().flatten().chain(&arguments.watchlists).cloned().collect()
}

/// The state of all files that the paths lead to.
fn stamps(paths: &[PathBuf]) -> Stamps {
    let mut stamps = Stamps::new();
    for path in paths {
        // A pattern is watched from the last folder that it names in full.
        let exists = |path: &&Path| !path.as_os_str().is_empty() && path.exists();
        collect(path.ancestors().find(exists).unwrap_or(Path::new(".")), &mut stamps);
    }
    stamps
}

fn collect(path: &Path, stamps: &mut Stamps) {
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), stamps);
        }
    } else {
        stamps.insert(path.to_path_buf(), (about.len(), about.modified().ok()));
    }
}
