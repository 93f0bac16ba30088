//! `kqlite functions` and `kqlite operators`: the reference, from the records.

use std::io::{self, Write};

use super::{Exit, report};
use crate::binder::plugins;
use crate::diagnostics::nearest;
use crate::editor::operators::{OPERATORS, find};
use crate::editor::signature::{self, PLUGINS_TITLE};
use crate::editor::support;
use crate::functions::{self, def::Family};

/// Lists all functions by chapter, or documents one.
pub(super) fn functions(name: Option<&str>) -> Exit {
    let Some(name) = name else {
        return print(&function_list());
    };
    let (signatures, docs) = if let Some(function) = functions::scalar(name) {
        (signature::scalar(function), function.docs)
    } else if let Some(function) = functions::aggregate(name) {
        (signature::aggregate(function), function.docs)
    } else if let Some(plugin) = plugins().find(|plugin| plugin.name == name) {
        (vec![format!("T | evaluate {}", plugin.syntax)], plugin.docs)
    } else {
        let names = functions::scalars().map(|f| f.name);
        let names = names.chain(functions::aggregates().map(|f| f.name));
        return unknown("function", name, names.chain(plugins().map(|plugin| plugin.name)));
    };
    print(&format!("{}\n\n{}", signatures.join("\n"), prose(docs)))
}

/// Lists the tabular operators, or documents one.
pub(super) fn operators(name: Option<&str>) -> Exit {
    let Some(name) = name else {
        let lines = OPERATORS.iter().map(|o| format!("{:<16} {}\n", o.name, o.summary));
        return print(&lines.collect::<String>());
    };
    let Some(operator) = find(name) else {
        return unknown("operator", name, OPERATORS.iter().map(|o| o.name));
    };
    let pipe = if operator.source { "" } else { "T | " };
    print(&format!(
        "{pipe}{}\n\n{}\n\n    {}\n",
        operator.syntax, operator.summary, operator.example
    ))
}

/// Writes the page of what runs.
pub(super) fn support() -> Exit {
    print(&support::page())
}

fn function_list() -> String {
    let mut entries: Vec<(Family, &str, &str)> = functions::scalars()
        .map(|f| (f.family, f.name, f.summary()))
        .chain(functions::aggregates().map(|f| (Family::Aggregates, f.name, f.summary())))
        .collect();
    entries.sort_unstable();
    let mut plugins: Vec<(&str, &str)> = plugins().map(|p| (p.name, p.summary())).collect();
    plugins.sort_unstable();
    let entries =
        entries.into_iter().map(|(family, name, summary)| (family.title(), name, summary));
    let plugins = plugins.into_iter().map(|(name, summary)| (PLUGINS_TITLE, name, summary));
    let mut text = String::new();
    let mut chapter = None;
    for (title, name, summary) in entries.chain(plugins) {
        if chapter != Some(title) {
            let blank = if chapter.is_some() { "\n" } else { "" };
            text.push_str(&format!("{blank}{title}\n"));
            chapter = Some(title);
        }
        text.push_str(&format!("  {name:<24} {summary}\n"));
    }
    text
}

/// A documentation comment without its Markdown fences; examples are indented instead.
fn prose(docs: &[&str]) -> String {
    let mut text = String::new();
    let mut code = false;
    for line in docs {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.trim_start().starts_with("```") {
            code = !code;
            continue;
        }
        let indent = if code { "    " } else { "" };
        text.push_str(format!("{indent}{line}").trim_end());
        text.push('\n');
    }
    text
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Exit {
    let hint = match nearest(name, known) {
        Some(found) => format!("; a similar {kind} exists: `{found}`"),
        None => String::new(),
    };
    report(format_args!("unknown {kind} `{name}`{hint}"));
    Exit::Failed
}

/// Writes an answer.
pub(super) fn print(text: &str) -> Exit {
    // A reader that has seen enough is content.
    let _ = io::stdout().write_all(text.as_bytes());
    Exit::Answered
}
