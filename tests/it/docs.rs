//! The documentation of every function: it is there, and its examples give what they say.

use std::collections::HashSet;
use std::path::Path;

use kqlite::binder::plugins;
use kqlite::diagnostics::Severity;
use kqlite::functions::{aggregates, scalars};
use kqlite::types::Value;

use crate::codes::logic_text;
use crate::support::{Runner, Table};

/// One example of a record: a query and the answer that its comment states.
pub struct Example {
    pub query: String,
    answer: String,
}

/// The examples of a documentation: in `kql` blocks, a query and its answer behind `//=>`, on the
/// query's last line or on the next one.
pub fn examples(docs: &[&str]) -> Vec<Example> {
    let mut examples = vec![];
    let mut query: Option<String> = None;
    for line in docs {
        let line = line.trim();
        match (&mut query, line) {
            (None, "```kql") => query = Some(String::new()),
            (Some(_), "```") => query = None,
            (Some(text), line) => match line.split_once("//=>") {
                Some((rest, answer)) => {
                    text.push_str(rest.trim_end());
                    let answer = answer.trim().to_string();
                    examples.push(Example { query: std::mem::take(text), answer });
                }
                None => {
                    text.push_str(line);
                    text.push('\n');
                }
            },
            (None, _) => {}
        }
    }
    examples
}

/// A cell as the documentation spells it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null(_) => "null".into(),
        Value::Bool(value) => value.to_string(),
        value => value.text(),
    }
}

fn spelled(table: &Table) -> String {
    let row = |row: &Vec<Value>| row.iter().map(cell).collect::<Vec<_>>().join(", ");
    table.rows.iter().map(row).collect::<Vec<_>>().join("; ")
}

fn records() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let functions = scalars().map(|f| (f.name, f.docs));
    functions
        .chain(aggregates().map(|f| (f.name, f.docs)))
        .chain(plugins().map(|p| (p.name, p.docs)))
}

#[test]
fn examples_give_their_answers() {
    let runner = Runner::new(8192, 1);
    let mut wrong = vec![];
    for (name, docs) in records() {
        for example in examples(docs) {
            let found = match runner.tables(&example.query, 0) {
                Ok(tables) => tables.iter().map(spelled).collect::<Vec<_>>().join("; "),
                Err(text) => text,
            };
            if found.trim() != example.answer {
                wrong.push(format!(
                    "`{name}`: {}\n    says  {}\n    gives {found}",
                    example.query, example.answer
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_function_is_documented() {
    let mut wrong = vec![];
    for (name, docs) in records() {
        let paragraph: Vec<&str> =
            docs.iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).collect();
        let summary = paragraph.join(" ");
        if summary.is_empty() || !summary.ends_with('.') {
            wrong.push(format!("`{name}`: no summary sentence: {summary}"));
        }
        if examples(docs).is_empty() && !docs.iter().any(|line| line.contains("```kql")) {
            wrong.push(format!("`{name}`: no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_unique_and_lower_case() {
    let mut seen = HashSet::new();
    let names = scalars()
        .map(|f| ("scalar", f.name, f.aliases))
        .chain(aggregates().map(|f| ("aggregate", f.name, f.aliases)))
        .chain(plugins().map(|p| ("plugin", p.name, &[][..])));
    for (kind, name, aliases) in names {
        for name in std::iter::once(&name).chain(aliases) {
            assert!(seen.insert((kind, *name)), "{kind} `{name}` is declared twice");
            assert!(!name.contains(char::is_uppercase), "{kind} `{name}` is not lower-case");
        }
    }
}

#[test]
fn examples_of_operators_run() {
    let runner = Runner::new(8192, 1);
    for operator in kqlite::editor::operators::OPERATORS {
        if let Err(text) = runner.tables(operator.example, 0) {
            panic!("{}: {text}", operator.name);
        }
    }
}

/// The page at `path` in the repository is `page`; `UPDATE` writes it.
fn is_up_to_date(path: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "run `UPDATE=1 cargo test --test it docs` for {}", path.display());
}

#[test]
fn the_support_page_is_up_to_date() {
    is_up_to_date("SUPPORT.md", &kqlite::editor::support::page());
}

/// The severities are those that logic tests show.
#[test]
fn the_page_of_checks_is_up_to_date() {
    let shown = logic_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logic/rules"));
    let levels = |code: &str| {
        let levels = [Severity::Error, Severity::Warning, Severity::Information];
        let is_shown = |level: &Severity| shown.contains(&format!(" {} {code} ", level.name()));
        levels.into_iter().filter(is_shown).collect::<Vec<_>>()
    };
    is_up_to_date("CHECKS.md", &kqlite::rules::explain::page(&levels));
}
