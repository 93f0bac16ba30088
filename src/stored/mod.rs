//! Stored functions: what a folder of KQL and YAML files, or `.create function`, defines.
//!
//! Opening only finds names. A body is parsed when its function is first called, and kept.

mod command;
mod folder;
mod json;
mod kql;
mod yaml;

pub use command::{Head, Verb, head};
pub use folder::{kept, open};

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::diagnostics::{Diagnostics, Severity};
use crate::functions;
use crate::syntax::{self, ast};
use crate::text::{Source, Span};
use crate::types::{RowSchema, Value};

/// The stored functions at hand. Clones share everything; a change gives a new collection.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    by_name: Arc<BTreeMap<Arc<str>, Arc<Stored>>>,
}

impl Functions {
    /// The function called exactly `name`.
    pub fn get(&self, name: &str) -> Option<&Stored> {
        self.by_name.get(name).map(|stored| &**stored)
    }

    /// All functions, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Stored> {
        self.by_name.values().map(|stored| &**stored)
    }

    /// These functions and `stored`, which takes the place of one of its name.
    #[must_use]
    pub fn with(&self, stored: Stored) -> Functions {
        let mut by_name = BTreeMap::clone(&self.by_name);
        by_name.insert(stored.name.clone(), Arc::new(stored));
        Functions { by_name: Arc::new(by_name) }
    }

    /// These functions, with `kept` in the place of those that are [`Stored::kept`].
    #[must_use]
    pub fn with_kept(&self, kept: Vec<Stored>) -> Functions {
        let mut by_name = BTreeMap::clone(&self.by_name);
        by_name.retain(|_, stored| !stored.kept);
        by_name.extend(kept.into_iter().map(|stored| (stored.name.clone(), Arc::new(stored))));
        Functions { by_name: Arc::new(by_name) }
    }

    /// The commands that create the functions which are [`Stored::kept`].
    pub fn kept_text(&self) -> String {
        self.iter().filter(|stored| stored.kept).map(Stored::command).collect()
    }

    /// These functions but for the one called `name`.
    #[must_use]
    pub fn without(&self, name: &str) -> Functions {
        let mut by_name = BTreeMap::clone(&self.by_name);
        by_name.remove(name);
        Functions { by_name: Arc::new(by_name) }
    }
}

/// A stored function: its name and where its text is.
#[derive(Debug)]
pub struct Stored {
    pub name: Arc<str>,
    /// Whether wildcards of `union` and `search` mean it too.
    pub view: bool,
    pub folder: String,
    pub doc: String,
    /// Whether a command created it, so that it stays in the folder that commands may change.
    pub kept: bool,
    text: Text,
    definition: OnceLock<Result<Definition, Fault>>,
}

/// The text of a function, not looked into yet.
#[derive(Debug)]
enum Text {
    /// `(parameters) { body }` between two bytes of a source.
    Function {
        source: Source,
        start: u32,
        end: u32,
    },
    /// A query; the function has no parameters.
    Query(Source),
    Yaml {
        file: Arc<str>,
        text: Arc<str>,
    },
    Json {
        file: Arc<str>,
        entry: json::Entry,
    },
    /// Two files define the name.
    Twice(Arc<str>, Arc<str>),
}

/// A function that has been read.
#[derive(Debug)]
pub struct Definition {
    pub function: ast::Function,
    /// What the spans of `function` refer to.
    pub source: Source,
    /// The columns that a function without a body declares.
    pub returns: Option<RowSchema>,
    /// Whether there may be more columns than those that it declares.
    pub open: bool,
    /// `(a:long, b:string = "x")`, as written.
    pub parameters: String,
    /// `{ … }`, as written.
    pub body: String,
    place: Place,
}

/// Why a function cannot be used, and where its text says so.
#[derive(Clone, Debug)]
pub struct Fault {
    pub message: String,
    pub place: Option<String>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None }
    }
}

/// Where the text of a definition stands in its file.
#[derive(Clone, Debug)]
struct Place {
    file: Arc<str>,
    /// Lines of the file before the first of the source, less lines that only the source has.
    lines: isize,
    /// Indentation that the source has lost.
    columns: usize,
}

impl Place {
    fn of(source: &Source) -> Self {
        Self { file: source.name().into(), lines: 0, columns: 0 }
    }

    fn at(&self, source: &Source, offset: u32) -> String {
        let location = source.location(offset);
        let line = location.line.saturating_add_signed(self.lines);
        format!("{}:{line}:{}", self.file, location.column + self.columns)
    }
}

impl Definition {
    /// `file:line:column` of a place in the source.
    pub fn place(&self, span: Span) -> String {
        self.place.at(&self.source, span.start)
    }
}

impl Stored {
    fn new(name: impl Into<Arc<str>>, text: Text) -> Self {
        Self {
            name: name.into(),
            view: false,
            folder: String::new(),
            doc: String::new(),
            kept: false,
            text,
            definition: OnceLock::new(),
        }
    }

    /// The function that the command in `source` creates.
    pub fn created(source: &Source, head: &Head) -> Self {
        let end = source.text().len() as u32;
        let text = Text::Function { source: source.clone(), start: head.parameters, end };
        Self {
            view: head.view,
            folder: head.folder.clone(),
            doc: head.doc.clone(),
            kept: true,
            ..Self::new(head.name.clone(), text)
        }
    }

    /// The command that creates a function which a command created.
    fn command(&self) -> String {
        let Text::Function { source, start, end } = &self.text else { return String::new() };
        let quoted = |text: &str| Value::String(text.into()).literal();
        format!(
            ".create-or-alter function with (folder = {}, docstring = {}, view = {}) [{}]{}\n",
            quoted(&self.folder),
            quoted(&self.doc),
            self.view,
            quoted(&self.name),
            source.slice(Span::new(*start, *end)).trim_end(),
        )
    }

    /// What the function is; its text is parsed the first time.
    pub fn definition(&self) -> Result<&Definition, &Fault> {
        self.definition.get_or_init(|| self.read()).as_ref()
    }

    fn read(&self) -> Result<Definition, Fault> {
        match &self.text {
            Text::Function { source, start, end } => {
                function(source.clone(), *start, *end, Place::of(source))
            }
            Text::Query(source) => query(source.clone()),
            Text::Yaml { file, text } => yaml::read(file, text),
            Text::Json { file, entry } => entry.read(&self.name, file),
            Text::Twice(first, second) => Err(Fault::new(format!(
                "function `{}` is defined twice: in {first} and in {second}",
                self.name
            ))),
        }
    }

    /// The file that defines the function.
    fn file(&self) -> Arc<str> {
        match &self.text {
            Text::Function { source, .. } | Text::Query(source) => source.name().into(),
            Text::Yaml { file, .. } | Text::Json { file, .. } | Text::Twice(file, _) => {
                file.clone()
            }
        }
    }
}

/// Whether a name belongs to a function of the language, which none that is stored may take.
pub fn is_built_in(name: &str) -> bool {
    functions::scalar(name).is_some() || functions::aggregate(name).is_some()
}

/// Reads `(parameters) { body }` between two bytes of a source.
fn function(source: Source, start: u32, end: u32, place: Place) -> Result<Definition, Fault> {
    let (function, diagnostics) = syntax::parse_function(&source, start, end);
    check(&diagnostics, &source, &place)?;
    let brace = function.braces.map_or(end, |span| span.start);
    let parameters = source.slice(Span::new(start, brace)).trim().to_string();
    let body = function.braces.map_or("", |span| source.slice(span)).to_string();
    Ok(Definition { function, source, returns: None, open: false, parameters, body, place })
}

/// Reads a function that is only a body.
fn query(source: Source) -> Result<Definition, Fault> {
    let place = Place::of(&source);
    let parsed = syntax::parse(&source);
    check(&parsed.diagnostics, &source, &place)?;
    let whole = Span::new(0, source.text().len() as u32);
    let mut statements = parsed.script.statements;
    let body = match statements.pop() {
        Some(ast::Statement::Query(body)) => Some(Box::new(body)),
        other => {
            statements.extend(other);
            None
        }
    };
    let function = ast::Function {
        view: false,
        parameters: vec![],
        statements,
        body,
        braces: None,
        span: whole,
    };
    let body = format!("{{{}}}", source.text());
    Ok(Definition {
        function,
        source,
        returns: None,
        open: false,
        parameters: "()".into(),
        body,
        place,
    })
}

/// The first syntax error, as a fault.
fn check(diagnostics: &Diagnostics, source: &Source, place: &Place) -> Result<(), Fault> {
    match diagnostics.iter().find(|found| found.severity == Severity::Error) {
        Some(found) => Err(Fault {
            message: found.message.clone(),
            place: Some(place.at(source, found.span.start)),
        }),
        None => Ok(()),
    }
}
