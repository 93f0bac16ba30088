//! `kqlite explain`: the result of one stage as text.

use std::io::{self, Write};
use std::sync::Arc;

use super::args::ExplainArguments;
use super::{Exit, open, report};
use crate::output::{Format, Layout};
use crate::repl::answer::{Outcome, Presentation, Runner};

/// Shows what the chosen stage makes of every query.
pub(super) fn explain(arguments: &ExplainArguments) -> Exit {
    let presentation = Presentation::detect(Format::Table, Layout::default());
    let sources = match arguments.queries.sources() {
        Ok(sources) => sources,
        Err(exit) => return exit,
    };
    let engine = match open(&arguments.data, &presentation) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let runner = match Runner::new(Arc::new(engine), None) {
        Ok(runner) => runner,
        Err(error) => {
            report(error);
            return Exit::Failed;
        }
    };
    let mut exit = Exit::Answered;
    for source in sources {
        let request = arguments.queries.context.request(source);
        match runner.explain(request, arguments.stage.into(), &presentation) {
            Ok(text) => {
                if writeln!(io::stdout(), "{}", text.trim_end()).is_err() {
                    return exit;
                }
            }
            Err(Outcome::Cancelled) => return Exit::Interrupted,
            Err(_) => exit = Exit::Failed,
        }
    }
    exit
}
