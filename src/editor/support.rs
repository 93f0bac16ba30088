//! The page that says what of the language runs: generated from the records alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::operators::{self, OPERATORS};
use super::signature::PLUGINS_TITLE;
use crate::binder::plugins;
use crate::functions::{self, def::Family, unsupported};
use crate::syntax::operator_keywords;

/// The whole page in Markdown.
pub fn page() -> String {
    let mut out = String::from(INTRODUCTION);
    // Writing to a `String` cannot fail.
    let _ = write_page(&mut out);
    out
}

const INTRODUCTION: &str = "# What kqlite runs

Written by `kqlite support` from the records that the engine itself reads. What stands in a chapter
runs, with its example as a test; what does not run is refused by name, with the reason in the last
chapter. `kqlite functions NAME` and `kqlite operators NAME` give the documentation.
";

fn write_page(out: &mut String) -> std::fmt::Result {
    let mut chapters: BTreeMap<Family, Vec<(String, &str)>> = BTreeMap::new();
    for function in functions::scalars() {
        let names = spellings(function.name, function.aliases);
        chapters.entry(function.family).or_default().push((names, function.summary()));
    }
    for function in functions::aggregates() {
        let names = spellings(function.name, function.aliases);
        chapters.entry(Family::Aggregates).or_default().push((names, function.summary()));
    }
    let plugins: Vec<_> = plugins().map(|p| (format!("`{}`", p.name), p.summary())).collect();
    let refused: Vec<_> = operator_keywords()
        .filter(|keyword| operators::find(keyword).is_none())
        .filter(|keyword| unsupported::reason(keyword).is_none())
        .map(|keyword| (format!("operator `{keyword}`"), "is not supported"))
        .chain(unsupported::all().map(|(name, reason)| (format!("`{name}`"), reason)))
        .collect();
    let functions: usize = chapters.values().map(Vec::len).sum();
    writeln!(
        out,
        "\n{} tabular operators, {functions} functions and scalar operators, {} plugins; {} names \
         are refused.",
        OPERATORS.len(),
        plugins.len(),
        refused.len(),
    )?;
    let operators = OPERATORS.iter().map(|o| (spellings(o.name, o.aliases), o.summary));
    table(out, "Tabular operators", "operator", operators.collect())?;
    for (family, entries) in chapters {
        table(out, family.title(), "name", entries)?;
    }
    table(out, PLUGINS_TITLE, "plugin", plugins)?;
    table(out, "Refused by name", "name", refused)
}

fn spellings(name: &str, aliases: &[&str]) -> String {
    let names = std::iter::once(name).chain(aliases.iter().copied());
    names.map(|name| format!("`{}`", name.replace('|', "\\|"))).collect::<Vec<_>>().join(", ")
}

fn table(
    out: &mut String,
    title: &str,
    head: &str,
    mut entries: Vec<(String, &str)>,
) -> std::fmt::Result {
    entries.sort_unstable();
    writeln!(out, "\n## {title}\n\n| {head} | |\n|---|---|")?;
    for (name, text) in entries {
        writeln!(out, "| {name} | {} |", text.replace('|', "\\|"))?;
    }
    Ok(())
}
