//! `kqlite check`: rules and queries, judged without data.

mod fix;
mod progress;
mod watch;

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use super::args::CheckArguments;
use super::lookup::print;
use super::{Exit, report as complain};
use crate::diagnostics::render::Style;
use crate::engine::machine_clock;
use crate::home;
use crate::output::{Format, Layout};
use crate::repl::answer::Presentation;
use crate::rules::baseline::Baseline;
use crate::rules::report::{self, Report, plural};
use crate::rules::{BuiltIn, Checked, Checker, Input, InputKind, Options, explain, input};
use progress::Progress;

/// Checks everything that the paths hold and reports what was found.
pub(super) fn check(arguments: &CheckArguments) -> Exit {
    if let Some(code) = &arguments.explain {
        return explain(code.as_deref());
    }
    if arguments.watch {
        return watch::watch(arguments);
    }
    match check_once(arguments) {
        Ok(exit) => exit,
        Err(message) => {
            complain(message);
            Exit::Usage
        }
    }
}

fn check_once(arguments: &CheckArguments) -> Result<Exit, String> {
    let inputs = inputs(&arguments.paths)?;
    let baseline = match &arguments.baseline {
        Some(path) if !arguments.write_baseline => Some(read_baseline(path)?),
        _ => None,
    };
    let options = arguments.options();
    let (checker, problems) = Checker::open(&options);
    let presentation = Presentation::detect(Format::Table, Layout::default());
    for problem in &problems {
        presentation.report_problem(problem);
    }
    let progress = Progress::new(inputs.len(), arguments.quiet);
    let mut all = checker.check_all(&inputs, &|| progress.step());
    progress.finish();
    let (stdout_style, plain) = (styles().1, Style { colors: false, width: 100 });

    if arguments.fix {
        let mended = fix::mend(&checker, &all, arguments.dry_run);
        mended.refused.iter().for_each(complain);
        if arguments.dry_run {
            out(&mended.diff);
            return Ok(Exit::from_failure(!mended.refused.is_empty()));
        }
        check_again(&checker, &mended.inputs, &mut all);
        if mended.applied > 0 && !arguments.quiet {
            note(&format!(
                "{} mended in {}",
                plural(mended.applied, "finding"),
                plural(mended.inputs.len(), "file")
            ));
        }
    }
    if let Some(path) = arguments.baseline.as_ref().filter(|_| arguments.write_baseline) {
        let baseline = Baseline::of(&all);
        write(path, &baseline.write())?;
        let count = plural(baseline.len(), "finding");
        return Ok(print(&format!("{count} written to {}\n", path.display())));
    }
    let mut told =
        Report::new(&all, &problems, options.now).deny_warnings(arguments.denies_warnings());
    if let Some(baseline) = &baseline {
        told = told.against(baseline);
    }
    let format = report::Format::from(arguments.format);
    let mut on_stdout = format;
    if let Some(path) = &arguments.output {
        write(path, &told.write(format, plain))?;
        on_stdout = report::Format::Text;
    }
    let mut text = told.write(on_stdout, stdout_style);
    if on_stdout == report::Format::Text && !arguments.quiet {
        text.push_str(&told.summary(stdout_style));
    }
    // A reader that has seen enough is content; the exit status tells the rest.
    out(&text);
    Ok(Exit::from_failure(told.fails()))
}

/// Puts what is found now in the place of what was found in the files before.
fn check_again(checker: &Checker, changed: &[Input], all: &mut Vec<Checked>) {
    for input in changed {
        let name = input.source.name();
        let Some(at) = all.iter().position(|rule| rule.source.name() == name) else { continue };
        all.retain(|rule| rule.source.name() != name);
        all.splice(at..at, checker.check_all(std::slice::from_ref(input), &|| {}));
    }
}

/// Tells what a code means, or lists all of them.
fn explain(code: Option<&str>) -> Exit {
    let Some(code) = code else { return print(&explain::list()) };
    let found = explain::find(code);
    if found.is_empty() {
        let hint = match explain::suggest(code) {
            Some(other) => format!("; a similar code exists: `{other}`"),
            None => String::new(),
        };
        complain(format_args!("unknown code `{code}`{hint}"));
        return Exit::Usage;
    }
    let style = styles().1;
    let texts: Vec<String> =
        found.into_iter().map(|code| explain::explanation(code, style)).collect();
    print(&texts.join("\n"))
}

fn read_baseline(path: &Path) -> Result<Baseline, String> {
    let failed = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    Baseline::read(&text).map_err(failed)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fix::write_whole(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// How text looks on standard error and on standard output.
fn styles() -> (Style, Style) {
    let presentation = Presentation::detect(Format::Table, Layout::default());
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colors = io::stdout().is_terminal() && !plain;
    (presentation.style, Style { colors, width: presentation.layout.width.unwrap_or(140) })
}

/// Writes to standard output; false if nobody reads it.
fn out(text: &str) -> bool {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_ok()
}

fn note(text: &str) {
    // There is nowhere left to report a broken standard error.
    let _ = writeln!(io::stderr(), "{text}");
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
    fn denies_warnings(&self) -> bool {
        self.deny.is_some()
    }

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
