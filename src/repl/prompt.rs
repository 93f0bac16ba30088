//! The line editor: completeness, completion and colours.

use std::borrow::Cow;
use std::sync::Arc;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper, Hinter};

use super::directives::DIRECTIVES;
use crate::commands::{COMMANDS, is_whole};
use crate::editor::completion::complete;
use crate::editor::entry::is_complete;
use crate::editor::highlight::{Token, highlight};
use crate::engine::{Engine, Memory};

/// What the line editor asks about an entry.
#[derive(Helper, Hinter)]
pub(super) struct Assistant {
    engine: Arc<Engine>,
    memory: Arc<Memory>,
    colors: bool,
}

/// A line editor over the names that `engine` knows.
pub(super) fn editor(
    engine: &Arc<Engine>,
    memory: &Arc<Memory>,
    colors: bool,
) -> rustyline::Result<Editor<Assistant, DefaultHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .bracketed_paste(true)
        .max_history_size(10_000)?
        .tab_stop(4)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant {
        engine: Arc::clone(engine),
        memory: Arc::clone(memory),
        colors,
    }));
    Ok(editor)
}

impl Validator for Assistant {
    fn validate(&self, cx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = cx.input();
        // An empty line ends an entry even where more was expected: its diagnostics say what.
        let forced = text.lines().next_back().is_some_and(|line| line.trim().is_empty())
            && text.ends_with('\n');
        let whole = match text.trim_start().starts_with('.') {
            true => is_whole(text),
            false => is_complete(text),
        };
        let whole = whole || forced;
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.trim_start().starts_with('.') {
            return Ok(complete_directive(line, at));
        }
        let (start, items) = complete(
            line,
            at,
            &self.engine.catalog(),
            &self.memory.names(),
            &self.engine.functions(),
        );
        let pair = |text: String| Pair { display: text.clone(), replacement: text };
        Ok((start, items.into_iter().map(|item| pair(item.text)).collect()))
    }
}

/// Proposals for a directive or control command: the fixed words of those that begin alike.
fn complete_directive(line: &str, at: usize) -> (usize, Vec<Pair>) {
    let start = line.len() - line.trim_start().len();
    let typed = line.get(start..at).unwrap_or("");
    let fixed = DIRECTIVES.iter().chain(COMMANDS).map(|(name, _)| {
        let words = name.split(' ');
        let plain = words.take_while(|word| !word.contains(|c: char| c.is_uppercase() || c == '|'));
        plain.collect::<Vec<_>>().join(" ")
    });
    let mut proposals: Vec<String> = fixed.filter(|name| name.starts_with(typed)).collect();
    proposals.sort();
    proposals.dedup();
    let pairs = proposals.into_iter().map(|name| Pair { display: name.clone(), replacement: name });
    (start, pairs.collect())
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.colors || line.trim_start().starts_with('.') {
            return line.into();
        }
        let mut text = String::with_capacity(line.len() * 2);
        for (token, stretch) in highlight(line) {
            match color(token) {
                Some(code) => text.push_str(&format!("\x1b[{code}m{stretch}\x1b[0m")),
                None => text.push_str(stretch),
            }
        }
        text.into()
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.colors { format!("\x1b[1m{prompt}\x1b[0m").into() } else { prompt.into() }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.colors
    }
}

/// The colour of a class, as the number in its escape sequence.
fn color(token: Token) -> Option<&'static str> {
    match token {
        Token::Plain | Token::Punctuation => None,
        Token::Comment => Some("90"),
        Token::String => Some("32"),
        Token::Number => Some("36"),
        Token::Operator => Some("1;34"),
        Token::Keyword => Some("34"),
        Token::Function => Some("35"),
    }
}
