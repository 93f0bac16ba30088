//! `kqlite check`: rules and queries, judged without data.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::{CheckArguments, ReportName};
use super::{Exit, report as complain};
use crate::diagnostics::Severity;
use crate::engine::machine_clock;
use crate::home;
use crate::output::{Format, Layout};
use crate::repl::answer::Presentation;
use crate::rules::report::{json, text};
use crate::rules::{BuiltIn, Checker, Input, InputKind, Options};
use crate::text::Source;

/// Checks everything that the paths hold and reports what was found.
pub(super) fn check(arguments: &CheckArguments) -> Exit {
    let inputs = match inputs(&arguments.paths) {
        Ok(inputs) => inputs,
        Err(message) => {
            complain(message);
            return Exit::Usage;
        }
    };
    let presentation = Presentation::detect(Format::Table, Layout::default());
    let (checker, problems) = Checker::open(&arguments.options());
    for problem in &problems {
        presentation.report_problem(problem);
    }
    let all = checker.check_all(&inputs, &|| {});
    let report: String = match arguments.format {
        ReportName::Json => all.iter().map(json::line).collect(),
        ReportName::Text => {
            let style = presentation.style;
            let findings = all.iter().map(|checked| text::findings(checked, style));
            findings.collect::<String>() + &text::summary(&all)
        }
    };
    // A reader that has seen enough is content; the exit status tells the rest.
    let _ = io::stdout().write_all(report.as_bytes());
    match all.iter().any(|checked| checked.count(Severity::Error) > 0) || !problems.is_empty() {
        true => Exit::Failed,
        false => Exit::Answered,
    }
}

/// A line of a batch.
#[derive(Deserialize)]
struct Line {
    id: String,
    query: String,
}

/// The texts that the paths lead to.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, String> {
    let mut inputs = vec![];
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map_err(|e| format!("<stdin>: {e}"))?;
            add("<stdin>", text, &mut inputs)?;
            continue;
        }
        let mut files = vec![];
        find(path, true, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
        for file in files {
            let name = file.display().to_string();
            let text = fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
            add(&name, text, &mut inputs)?;
        }
    }
    Ok(inputs)
}

/// The files that rules are read from: one named by the user whatever its ending, those of folders
/// by their endings.
fn find(path: &Path, named: bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| find(path, false, files));
    }
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if named || ["yaml", "yml", "kql"].contains(&ending) {
        files.push(path.to_path_buf());
    }
    Ok(())
}

fn add(name: &str, text: String, inputs: &mut Vec<Input>) -> Result<(), String> {
    if !name.ends_with(".jsonl") {
        let source = Source::new(name, text.trim_start_matches('\u{feff}'));
        inputs.push(Input { source, kind: InputKind::File });
        return Ok(());
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line)
            .map_err(|error| format!("{name}:{}: {error}", number + 1))?;
        inputs.push(Input {
            source: Source::new(name, line.query),
            kind: InputKind::Query { id: line.id },
        });
    }
    Ok(())
}

impl CheckArguments {
    fn options(&self) -> Options {
        Options {
            data: self.data.clone(),
            schemas: self.schema.clone(),
            functions: self.functions.clone(),
            watchlists: self.watchlists.clone(),
            built_in: match home::folder() {
                _ if self.no_built_in_tables => BuiltIn::None,
                Some(folder) => BuiltIn::Home(folder),
                None => BuiltIn::Shipped,
            },
            now: self.now.unwrap_or_else(machine_clock),
        }
    }
}
