//! `.create function`, `.alter function`, `.drop function`, `.show functions`.

use super::{Table, Word, refused};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::stored::{Functions, Stored, Verb, head, is_built_in};
use crate::syntax;
use crate::text::Source;
use crate::types::Type;

use super::show::strings;

/// Whether a command, as far as it is written, lacks the body of the function that it creates.
pub(super) fn lacks_body(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let creates = matches!(verb, ".create" | ".create-or-alter" | ".alter");
    creates
        && words.next() == Some("function")
        && !(text.contains('{') && syntax::is_complete(text))
}

/// The answer to a command about stored functions; `None` where it is about something else.
pub(super) fn answer(
    source: &Source,
    texts: &[&str],
    words: &[Word],
    functions: &mut Functions,
) -> Option<Result<Table, Diagnostics>> {
    Some(match texts {
        [".create" | ".create-or-alter" | ".alter", "function", ..] => {
            let start = words[0].span.start;
            store(source, start, functions).map_err(|diagnostics| *diagnostics)
        }
        [".show", "functions"] => Ok(table(functions.iter())),
        [".show", "function", _] => {
            find(functions, &words[2]).map(|stored| table([stored].into_iter()))
        }
        [".drop", "function", _] | [".drop", "function", _, "ifexists"] => {
            drop_one(functions, &words[2], texts.len() == 4)
        }
        _ => return None,
    })
}

fn store(
    source: &Source,
    start: u32,
    functions: &mut Functions,
) -> Result<Table, Box<Diagnostics>> {
    let end = source.text().len() as u32;
    let head = head(source, start, end).map_err(|found| Box::new(refused(found)))?;
    let refuse = |code, message: String| {
        Err(Box::new(refused(Diagnostic::error(code, head.name_span, message))))
    };
    if is_built_in(&head.name) {
        let message = format!("`{}` is the name of a built-in function", head.name);
        return refuse(codes::BUILT_IN_NAME, message);
    }
    match (head.verb, functions.get(&head.name)) {
        (Verb::Create, Some(_)) => {
            return refuse(codes::ALREADY_BOUND, format!("function `{}` exists", head.name));
        }
        (Verb::CreateIfNotExists, Some(stored)) => return Ok(table([stored].into_iter())),
        (Verb::Alter, None) => {
            return refuse(codes::UNKNOWN_FUNCTION, format!("unknown function `{}`", head.name));
        }
        _ => {}
    }
    let (_, diagnostics) = syntax::parse_function(source, head.parameters, end);
    if diagnostics.has_errors() {
        return Err(Box::new(diagnostics));
    }
    let stored = Stored::created(source, &head);
    let answer = table([&stored].into_iter());
    *functions = functions.with(stored);
    Ok(answer)
}

fn drop_one(functions: &mut Functions, name: &Word, if_exists: bool) -> Result<Table, Diagnostics> {
    let found = find(functions, name).map(|stored| stored.name.clone());
    let names = match found {
        Ok(name) => vec![name],
        Err(_) if if_exists => vec![],
        Err(diagnostics) => return Err(diagnostics),
    };
    *functions = functions.without(&name.text);
    let columns = vec![("Name", Type::String, strings(names.iter().map(|name| &**name)))];
    Ok(Table::new(columns, names.len()))
}

fn find<'f>(functions: &'f Functions, name: &Word) -> Result<&'f Stored, Diagnostics> {
    functions.get(&name.text).ok_or_else(|| {
        let message = format!("unknown function `{}`", name.text);
        let known = functions.iter().map(|stored| &*stored.name);
        let unknown = Diagnostic::error(codes::UNKNOWN_FUNCTION, name.span, message);
        refused(unknown.suggest("function", &name.text, known))
    })
}

/// One row per function, as Kusto shows them. A text that cannot be read leaves its cells empty.
fn table<'f>(functions: impl Iterator<Item = &'f Stored>) -> Table {
    let rows: Vec<[&str; 5]> = functions
        .map(|stored| {
            let (parameters, body) = match stored.definition() {
                Ok(definition) => (definition.parameters.as_str(), definition.body.as_str()),
                Err(_) => ("", ""),
            };
            [&stored.name, parameters, body, &stored.folder, &stored.doc]
        })
        .collect();
    let column = |index: usize| strings(rows.iter().map(|row| row[index]));
    let names = ["Name", "Parameters", "Body", "Folder", "DocString"];
    let columns = names.iter().enumerate();
    Table::new(
        columns.map(|(index, name)| (*name, Type::String, column(index))).collect(),
        rows.len(),
    )
}
