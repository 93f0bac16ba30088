//! What the codes mean: for the terminal, and as a page.

use std::fmt::Write;

use crate::diagnostics::render::Style;
use crate::diagnostics::{Code, Severity, nearest};

/// The chapters of the page: the first number of their own codes, title.
const CHAPTERS: [(&str, &str, &str); 3] = [
    (
        "KQ1",
        "Rules",
        "What Sentinel, its repositories or a deployment refuse, and what goes wrong once a rule runs.",
    ),
    ("KQ3", "Advice", "Queries that run, but not as well as they could, or not as they read."),
    (
        "",
        "Queries",
        "Errors in the query itself. Codes that do not begin with KQ are those of the service.",
    ),
];

/// The codes that a name means: the code itself, or a number of Kusto's analyser (`KS142`).
pub fn find(name: &str) -> Vec<Code> {
    let by = |of: fn(Code) -> &'static str| -> Vec<Code> {
        Code::all().filter(|code| of(*code).eq_ignore_ascii_case(name)).collect()
    };
    let own = by(Code::id);
    if own.is_empty() { by(Code::analyser) } else { own }
}

/// The code that is nearest to one that is not known.
pub fn suggest(name: &str) -> Option<&'static str> {
    nearest(name, Code::all().map(Code::id))
}

/// All codes with their titles, a line each.
pub fn list() -> String {
    let mut text = String::new();
    for (_, title, _, codes) in chapters() {
        let blank = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{blank}{title}\n"));
        for code in codes {
            text.push_str(&format!("  {:<8} {}\n", code.id(), code.title()));
        }
    }
    text
}

/// One code in full.
pub fn explanation(code: Code, style: Style) -> String {
    let editors = match code.analyser() {
        same if same == code.id() => String::new(),
        other => format!(" ({other} in editors)"),
    };
    let id = paint(code.id(), "1", style);
    let mut text = format!("{id}{editors}: {}\n", inline(code.title(), style));
    let mut block = false;
    if !code.docs().is_empty() {
        text.push('\n');
    }
    for line in code.docs() {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        if line.trim_start().starts_with("```") {
            block = !block;
        } else if block {
            text.push_str(&format!("{}\n", paint(&format!("    {line}"), "36", style)));
        } else if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            text.push_str(&format!("{}\n", paint(heading, "1", style)));
        } else {
            text.push_str(&format!("{}\n", inline(line, style)));
        }
    }
    text
}

/// A line with its code and its emphasis in colours, if there are any.
fn inline(line: &str, style: Style) -> String {
    if !style.colors {
        return line.to_string();
    }
    let parts = line.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { paint(part, "36", style) } else { part.into() })
        .collect()
}

fn paint(text: &str, color: &str, style: Style) -> String {
    match style.colors && !text.trim().is_empty() {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_string(),
    }
}

/// The page of all codes in Markdown; `levels` are the severities that a code is told with, where
/// that is known.
pub fn page(levels: &dyn Fn(&str) -> Vec<Severity>) -> String {
    let mut out = String::from(
        "# What `kqlite check` finds\n\n\
         Written from the table of codes that the program itself reads: `UPDATE=1 cargo test --test it \
         docs`.\n`kqlite check --explain CODE` shows the same. A line `// kqlite: allow(CODE)` in a query \
         silences a code.\n",
    );
    // Writing to a `String` cannot fail.
    let _ = write_page(&mut out, levels);
    out
}

fn write_page(out: &mut String, levels: &dyn Fn(&str) -> Vec<Severity>) -> std::fmt::Result {
    for (prefix, title, introduction, codes) in chapters() {
        writeln!(out, "\n## {title}\n\n{introduction}")?;
        if prefix.is_empty() {
            writeln!(out, "\n| code | in editors | what |\n|---|---|---|")?;
        }
        for code in codes {
            if prefix.is_empty() {
                writeln!(out, "| {} | {} | {} |", code.id(), code.analyser(), code.title())?;
                continue;
            }
            writeln!(out, "\n### {}: {}\n", code.id(), code.title())?;
            let levels: Vec<&str> = levels(code.id()).iter().map(|level| level.name()).collect();
            if !levels.is_empty() {
                writeln!(out, "*{}*\n", levels.join(", "))?;
            }
            for line in code.docs() {
                writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
            }
        }
    }
    Ok(())
}

/// The chapters with their codes, in order.
fn chapters() -> impl Iterator<Item = (&'static str, &'static str, &'static str, Vec<Code>)> {
    let chapter_of = |code: &Code| {
        let id = code.id();
        let number = CHAPTERS.iter().position(|(prefix, ..)| id.starts_with(prefix));
        match id {
            // The last hundred numbers of rules are theirs as well.
            _ if id.starts_with("KQ2") => Some(0),
            _ => number,
        }
    };
    CHAPTERS.into_iter().enumerate().map(move |(number, (prefix, title, introduction))| {
        let mut codes: Vec<Code> =
            Code::all().filter(|code| chapter_of(code) == Some(number)).collect();
        codes.sort_by_key(|code| code.id());
        (prefix, title, introduction, codes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_by_any_of_their_names() {
        assert_eq!(find("kq100").len(), 1);
        assert!(find("SYN0002").len() > 1);
        assert!(find("KS142").iter().any(|code| code.id() == "SEM0100"));
        assert!(find("KQ999").is_empty());
        assert_eq!(suggest("SEM010"), Some("SEM0100"));
    }

    #[test]
    fn every_code_is_listed_once() {
        let listed = list();
        assert_eq!(
            listed.lines().filter(|line| line.starts_with("  ")).count(),
            Code::all().count()
        );
    }
}
