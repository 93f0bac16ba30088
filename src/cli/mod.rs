//! The command line: arguments in, exit status out.

mod args;
mod check;
mod explain;
mod import;
mod lookup;
mod run;
mod schemas;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Arguments, Command, ContextArguments, PresentArguments, QueryArguments};
use crate::engine::{Engine, Request};
use crate::output::{Format, Layout};
use crate::repl::answer::{Outcome, Presentation};
use crate::text::Source;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Answered,
    /// The query or its data is at fault.
    Failed,
    /// The command line is at fault.
    Usage,
    Interrupted,
}

impl Exit {
    fn from_failure(failed: bool) -> Exit {
        if failed { Exit::Failed } else { Exit::Answered }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Answered => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Interrupted => 130,
        })
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Exit {
        match outcome {
            // A reader that has seen enough is content.
            Outcome::Answered | Outcome::Closed => Exit::Answered,
            Outcome::Failed => Exit::Failed,
            Outcome::Cancelled => Exit::Interrupted,
        }
    }
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    run_with(std::env::args_os()).into()
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe behind `--help` is no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Answered };
        }
    };
    match arguments.command {
        None => run::repl(&arguments.repl),
        Some(Command::Repl(arguments)) => run::repl(&arguments),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Check(arguments)) => check::check(&arguments),
        Some(Command::Schemas { command }) => schemas::schemas(&command),
        Some(Command::Import(arguments)) => import::import(&arguments),
        Some(Command::Explain(arguments)) => explain::explain(&arguments),
        Some(Command::Functions(arguments)) => lookup::functions(arguments.name.as_deref()),
        Some(Command::Support) => lookup::support(),
        Some(Command::Operators(arguments)) => lookup::operators(arguments.name.as_deref()),
    }
}

impl PresentArguments {
    fn presentation(&self) -> Presentation {
        let format = Format::from(self.format);
        let max_rows = (self.max_rows > 0).then_some(self.max_rows);
        let mut presentation =
            Presentation::detect(format, Layout { max_rows, ..Layout::default() });
        presentation.timings = self.timings;
        presentation
    }
}

impl QueryArguments {
    /// The texts of all queries in order; an unreadable file is reported here.
    fn sources(&self) -> Result<Vec<Source>, Exit> {
        let mut sources = vec![];
        for path in &self.files {
            let stdin = path.as_os_str() == "-";
            let read = if stdin {
                let mut bytes = vec![];
                io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            } else {
                std::fs::read(path)
            };
            let name = if stdin { "<stdin>".into() } else { path.display().to_string() };
            let text = read.map_err(|error| error.to_string()).and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| "the file is not UTF-8 text".to_string())
            });
            match text {
                Ok(text) => sources.push(Source::new(name, text.trim_start_matches('\u{feff}'))),
                Err(error) => {
                    report(format_args!("{name}: {error}"));
                    return Err(Exit::Usage);
                }
            }
        }
        sources.extend(self.query.as_ref().map(|text| Source::new("<query>", text)));
        Ok(sources)
    }
}

impl ContextArguments {
    fn request(&self, source: Source) -> Request {
        Request { parameters: self.parameters.clone(), now: self.now, ..Request::new(source) }
    }
}

/// Opens the engine; what it cannot open at all is reported here.
fn open(data: &args::DataArguments, presentation: &Presentation) -> Result<Engine, Exit> {
    let engine = Engine::open(data.options()).map_err(|error| {
        presentation.report_failure(&error, None);
        Exit::Failed
    })?;
    for problem in engine.problems() {
        presentation.report_problem(problem);
    }
    Ok(engine)
}

/// Writes an error line that concerns the command line.
fn report(message: impl std::fmt::Display) {
    // There is nowhere left to report a broken standard error.
    let _ = writeln!(io::stderr(), "error: {message}");
}
