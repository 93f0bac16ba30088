//! `kqlite check`: rules and queries, judged without data.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::args::{CheckArguments, ReportName};
use super::{Exit, report as complain};
use crate::diagnostics::Severity;
use crate::engine::machine_clock;
use crate::home;
use crate::output::{Format, Layout};
use crate::repl::answer::Presentation;
use crate::rules::report::{json, text};
use crate::rules::{BuiltIn, Checker, Input, InputKind, Options, input};

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

/// What the paths lead to; `-` is standard input.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, String> {
    let mut inputs = vec![];
    for path in paths {
        if path.as_os_str() != "-" {
            continue;
        }
        let mut bytes = vec![];
        io::stdin().lock().read_to_end(&mut bytes).map_err(|e| format!("<stdin>: {e}"))?;
        inputs.extend(input::of_bytes("<stdin>", bytes, InputKind::File));
    }
    let named: Vec<PathBuf> =
        paths.iter().filter(|path| path.as_os_str() != "-").cloned().collect();
    inputs.extend(input::find(&named)?);
    Ok(inputs)
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
