//! The interactive session: entries in, answers out, until the end of input.

pub mod answer;
mod directives;
mod history;
mod input;
mod prompt;

use std::io::{self, IsTerminal, Read, Write};
use std::sync::Arc;

use rustyline::error::ReadlineError;

use self::answer::{Outcome, Presentation, Runner};
use self::directives::Directive;
use crate::engine::{Memory, Request};
use crate::text::Source;

/// What a session starts with.
#[derive(Clone, Debug)]
pub struct Settings {
    pub presentation: Presentation,
    /// Values of query parameters, for every query.
    pub parameters: Vec<(String, String)>,
    /// The clock of every query, in ticks; the time of day when not given.
    pub now: Option<i64>,
}

/// Files that load files may nest this deep.
const NESTING: usize = 16;

/// Whether a session goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Continue,
    Quit,
}

struct Session {
    runner: Runner,
    settings: Settings,
    memory: Arc<Memory>,
}

/// Holds a session on the terminal, or over the whole of standard input where that is no terminal.
/// Gives the outcome of the last entry.
pub fn start(runner: Runner, settings: Settings) -> io::Result<Outcome> {
    let mut session = Session { runner, settings, memory: Arc::default() };
    let outcome = if io::stdin().is_terminal() {
        session.converse().map(|()| Outcome::Answered)
    } else {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        Ok(session.load("<stdin>", &text, 0).1)
    };
    session.runner.abandon();
    outcome
}

impl Session {
    fn converse(&mut self) -> io::Result<()> {
        let colors = self.settings.presentation.style.colors;
        let mut editor =
            prompt::editor(self.runner.engine(), &self.memory, colors).map_err(io::Error::other)?;
        let history = history::path();
        if let Some(path) = &history {
            // The first session has no history yet.
            let _ = editor.load_history(path);
        }
        self.say(&format!(
            "kqlite {}: .help lists the directives, .quit ends the session",
            env!("CARGO_PKG_VERSION")
        ));
        loop {
            match editor.readline("kql> ") {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => {
                    let text = text.trim();
                    // A session without history is still a session.
                    let _ = editor.add_history_entry(text);
                    if let Some(path) = &history {
                        let _ = history::prepare(path).map(|()| editor.append_history(path));
                    }
                    self.settings.presentation.fit();
                    if self.enter("<entry>", text, 0).0 == Next::Quit {
                        return Ok(());
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(()),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Takes all entries of a text in order; gives the worst outcome.
    fn load(&mut self, name: &str, text: &str, depth: usize) -> (Next, Outcome) {
        let mut worst = Outcome::Answered;
        for entry in input::entries(text) {
            let (next, outcome) = self.enter(name, entry, depth);
            match outcome {
                Outcome::Answered => {}
                Outcome::Failed => worst = Outcome::Failed,
                Outcome::Cancelled | Outcome::Closed => return (next, outcome),
            }
            if next == Next::Quit {
                return (next, worst);
            }
        }
        (Next::Continue, worst)
    }

    /// Takes one entry: a directive, a control command, or statements.
    fn enter(&mut self, name: &str, text: &str, depth: usize) -> (Next, Outcome) {
        let directive = match directives::parse(text) {
            None => return (Next::Continue, self.query(name, text)),
            Some(Ok(directive)) => directive,
            Some(Err(message)) => {
                self.complain(&message);
                return (Next::Continue, Outcome::Failed);
            }
        };
        match directive {
            Directive::Help => self.say(&directives::help()),
            Directive::Quit => return (Next::Quit, Outcome::Answered),
            Directive::Format(format) => self.settings.presentation.format = format,
            Directive::Timings(on) => self.settings.presentation.timings = on,
            Directive::Load(path) if depth < NESTING => match std::fs::read_to_string(&path) {
                Ok(text) => return self.load(&path, &text, depth + 1),
                Err(error) => {
                    self.complain(&format!("{path}: {error}"));
                    return (Next::Continue, Outcome::Failed);
                }
            },
            Directive::Load(path) => {
                self.complain(&format!("{path}: files load each other without end"));
                return (Next::Continue, Outcome::Failed);
            }
        }
        (Next::Continue, Outcome::Answered)
    }

    fn query(&self, name: &str, text: &str) -> Outcome {
        let request = Request {
            parameters: self.settings.parameters.clone(),
            now: self.settings.now,
            ..Request::new(Source::new(name, text))
        };
        let outcome = self.runner.run_with(request, &self.memory, &self.settings.presentation);
        if outcome == Outcome::Cancelled {
            self.complain("cancelled");
        }
        outcome
    }

    fn say(&self, text: &str) {
        // A closed terminal ends the session at the next entry.
        let _ = writeln!(io::stdout(), "{text}");
    }

    fn complain(&self, text: &str) {
        let _ = writeln!(io::stderr(), "error: {text}");
    }
}
