//! `kqlite run` and `kqlite repl`.

use std::io::{self, Write};
use std::sync::Arc;

use super::args::{ReplArguments, RunArguments};
use super::{Exit, open, report};
use crate::output::Format;
use crate::repl::answer::{Outcome, Runner};
use crate::repl::{self, Settings};

/// Answers the queries one after another; one that fails does not keep back the next.
pub(super) fn run(arguments: &RunArguments) -> Exit {
    let presentation = arguments.present.presentation();
    let sources = match arguments.queries.sources() {
        Ok(sources) => sources,
        Err(exit) => return exit,
    };
    let engine = match open(&arguments.data, &presentation) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let runner = match runner(engine, &arguments.data) {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let headings =
        sources.len() > 1 && matches!(presentation.format, Format::Table | Format::Markdown);
    let mut exit = Exit::Answered;
    for (index, source) in sources.into_iter().enumerate() {
        if headings {
            let blank = if index > 0 { "\n" } else { "" };
            let mark = if presentation.format == Format::Markdown { "##" } else { "==" };
            if writeln!(io::stdout(), "{blank}{mark} {}", source.name()).is_err() {
                return exit;
            }
            if presentation.format == Format::Markdown && writeln!(io::stdout()).is_err() {
                return exit;
            }
        }
        let request = arguments.queries.context.request(source);
        match runner.run(request, &presentation) {
            Outcome::Answered => {}
            Outcome::Failed => exit = Exit::Failed,
            end @ (Outcome::Cancelled | Outcome::Closed) => {
                runner.abandon();
                return if exit == Exit::Failed { exit } else { end.into() };
            }
        }
    }
    runner.abandon();
    exit
}

/// Opens the interactive session.
pub(super) fn repl(arguments: &ReplArguments) -> Exit {
    let presentation = arguments.present.presentation();
    let engine = match open(&arguments.data, &presentation) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let runner = match runner(engine, &arguments.data) {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let settings = Settings {
        presentation,
        parameters: arguments.context.parameters.clone(),
        now: arguments.context.now,
    };
    match repl::start(runner, settings) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            report(error);
            Exit::Failed
        }
    }
}

fn runner(
    engine: crate::engine::Engine,
    data: &super::args::DataArguments,
) -> Result<Runner, Exit> {
    let threads = data.threads.map(std::num::NonZeroUsize::get);
    Runner::new(Arc::new(engine), threads).map_err(|error| {
        report(error);
        Exit::Failed
    })
}
