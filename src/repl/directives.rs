//! Directives: what steers the session itself. Control commands (`.show …`) are none of them.

use crate::commands::COMMANDS;
use crate::output::Format;

/// A directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Help,
    Quit,
    Format(Format),
    Timings(bool),
    Load(String),
}

/// The directives with what they do.
pub(super) const DIRECTIVES: &[(&str, &str)] = &[
    (".help", "this list"),
    (".format F", "answer as table, json, jsonl, csv, tsv or markdown"),
    (".timings on|off", "report the time of every answer"),
    (".load FILE", "take the entries of a file"),
    (".quit", "end the session; so does Ctrl-D"),
];

/// The directive that `text` spells; `None` where it is a query or a control command, an error
/// message where a directive lacks what it needs.
pub(super) fn parse(text: &str) -> Option<Result<Directive, String>> {
    let text = text.trim().trim_end_matches(';').trim_end();
    let (name, argument) = match text.split_once(char::is_whitespace) {
        Some((name, argument)) => (name, argument.trim()),
        None => (text, ""),
    };
    let plain = |directive| match argument {
        "" => Ok(directive),
        _ => Err(format!("`{name}` takes no argument")),
    };
    Some(match name {
        ".help" => plain(Directive::Help),
        ".quit" | ".exit" => plain(Directive::Quit),
        ".format" => Format::from_name(argument).map(Directive::Format).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
            format!("`.format` takes one of {}", names.join(", "))
        }),
        ".timings" => match argument {
            "on" => Ok(Directive::Timings(true)),
            "off" => Ok(Directive::Timings(false)),
            _ => Err("`.timings` takes `on` or `off`".into()),
        },
        ".load" => {
            let quoted = |quote| argument.strip_prefix(quote).and_then(|a| a.strip_suffix(quote));
            match quoted('"').or_else(|| quoted('\'')).unwrap_or(argument) {
                "" => Err("`.load` takes the name of a file".into()),
                path => Ok(Directive::Load(path.into())),
            }
        }
        _ => return None,
    })
}

/// The list of directives, control commands and keys.
pub(super) fn help() -> String {
    let entries = DIRECTIVES.iter().chain(COMMANDS);
    let mut text = String::new();
    for (name, summary) in entries {
        text.push_str(&format!("{name:<23} {summary}\n"));
    }
    text.push_str(
        "\n\
         A query runs when Enter finds it complete; an open bracket or a trailing `|`\n\
         asks for more. `let` and `set` last for the session.\n\
         Tab completes, Ctrl-R searches the history, Ctrl-C stops a running query.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_and_what_is_none() {
        assert_eq!(parse(".format csv"), Some(Ok(Directive::Format(Format::Csv))));
        assert_eq!(parse(".load 'a b.kql';"), Some(Ok(Directive::Load("a b.kql".into()))));
        assert!(matches!(parse(".format xls"), Some(Err(_))));
        assert!(matches!(parse(".quit now"), Some(Err(_))));
        assert_eq!(parse(".show tables"), None);
        assert_eq!(parse("T | count"), None);
    }
}
