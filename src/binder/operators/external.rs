//! Tables of files that the query names: `externaldata` and `inline_external_table`.

use crate::binder::Binder;
use crate::binder::scope::Clause;
use crate::binder::tables::declared;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation};
use crate::syntax::ast::{self, ColumnDeclaration, Expr, InlineExternalTable, Operator, Parameter};
use crate::text::Span;
use crate::types::external::{External, ExternalFile, ExternalFormat, Place};
use crate::types::{RowSchema, Value};

/// Formats that Kusto reads and we do not, by name or extension.
const OTHER_FORMATS: [&str; 8] =
    ["apacheavro", "avro", "azmonstream", "log", "orc", "sstream", "tsve", "w3clogfile"];

/// How files are to be read.
#[derive(Default)]
struct Reading {
    /// Nothing where the extension of each file decides.
    format: Option<ExternalFormat>,
    /// Where it is said that the first record is no row.
    skip_first: Option<Span>,
    /// Where it is said which files of an archive are meant.
    zip: Option<Span>,
}

/// `externaldata (columns) [locations] with (properties)`
pub(super) fn externaldata<'a>(
    cx: &mut Binder<'a>,
    operator: &'a Operator,
    columns: &'a [ColumnDeclaration],
    uris: &'a [Expr],
    properties: &'a [Parameter],
) -> Relation {
    let mut reading = Reading::default();
    let known = ["format", "ignoreFirstRecord", "zipPattern"];
    for property in properties {
        let name = &property.name;
        match &*name.text.to_ascii_lowercase() {
            "format" => reading.format = format(cx, property),
            "ignorefirstrecord" => {
                reading.skip_first = truth(cx, property).then_some(name.span);
            }
            "zippattern" => reading.zip = Some(name.span),
            "ingestionmapping" => {
                cx.error(
                    codes::UNSUPPORTED,
                    name.span,
                    "mappings of columns are not supported yet",
                );
            }
            _ => unknown(cx, property, "externaldata", &known),
        }
    }
    table(cx, operator, columns, uris, &reading)
}

/// `inline_external_table (columns) kind=storage dataformat=… (locations) with (properties)`
pub(super) fn inline_external_table<'a>(
    cx: &mut Binder<'a>,
    operator: &'a Operator,
    parts: &'a InlineExternalTable,
) -> Relation {
    let kind = super::word_parameter(cx, operator, &["kind"], &["storage", "delta"]);
    if kind == Some("delta") {
        let message = "`kind=delta` is not supported: the log of a Delta table is not read";
        cx.error(codes::UNSUPPORTED, operator.keyword, message);
        return cx.broken();
    }
    if kind.is_none() {
        if super::parameter(operator, &["kind"]).is_none() {
            let message = "`inline_external_table` needs `kind=storage`";
            cx.error(codes::UNKNOWN_PARAMETER, operator.keyword, message);
        }
        return cx.broken();
    }
    if !parts.partition_by.is_empty() || !parts.path_format.is_empty() {
        let message = "columns that the folders of a file give are not supported yet";
        cx.error(codes::UNSUPPORTED, operator.keyword, message);
    }
    let mut reading = Reading::default();
    match super::parameter(operator, &["dataformat"]) {
        Some(parameter) => reading.format = format(cx, parameter),
        None => {
            let message = "`inline_external_table` needs a `dataformat`";
            cx.error(codes::UNKNOWN_PARAMETER, operator.keyword, message);
        }
    }
    for property in &parts.properties {
        let word = ast::word(property).unwrap_or_default().to_ascii_lowercase();
        match (&*property.name.text.to_ascii_lowercase(), &*word) {
            ("includeheaders", "all") => reading.skip_first = Some(property.name.span),
            ("includeheaders", "none") => reading.skip_first = None,
            ("encoding", "utf8nobom" | "utf8bom") => {}
            ("includeheaders" | "encoding" | "nameprefix" | "fileextension", _) => {
                let text = cx.source.slice(property.value.span());
                let message = format!("`{} = {text}` is not supported yet", property.name.text);
                cx.error(codes::UNSUPPORTED, property.name.span, message);
            }
            _ => unknown(cx, property, "inline_external_table", &["includeHeaders", "encoding"]),
        }
    }
    table(cx, operator, &parts.columns, &parts.uris, &reading)
}

/// Whether a property is true; it may be written as in Python, `True`.
fn truth<'a>(cx: &mut Binder<'a>, property: &'a Parameter) -> bool {
    match ast::word(property) {
        Some(word) if word.eq_ignore_ascii_case("true") => return true,
        Some(word) if word.eq_ignore_ascii_case("false") => return false,
        _ => {}
    }
    let bound = cx.argument(&mut Clause::constant(), &property.value);
    match cx.constant(&bound.expr, bound.span) {
        Some(Value::Bool(value)) => value,
        Some(_) => {
            let message = format!("`{}` is true or false", property.name.text);
            cx.error(codes::EXPRESSION_TYPE, bound.span, message);
            false
        }
        None => false,
    }
}

fn unknown(cx: &mut Binder, property: &Parameter, operator: &str, known: &[&str]) {
    let refusal = super::unknown_property(property, operator, known);
    cx.diagnostics.push(refusal.hint(format!("it has {}", known.join(", "))));
}

/// The format that a property names.
fn format<'a>(cx: &mut Binder<'a>, property: &'a Parameter) -> Option<ExternalFormat> {
    let span = property.value.span();
    let name = match ast::word(property) {
        Some(word) => word.to_string(),
        None => {
            let bound = cx.argument(&mut Clause::constant(), &property.value);
            cx.constant(&bound.expr, bound.span)?.text()
        }
    };
    let found = ExternalFormat::from_name(&name);
    if found.is_none() {
        unreadable(cx, &name, span);
    }
    found
}

/// Reports a format that is not read.
fn unreadable(cx: &mut Binder, name: &str, span: Span) {
    let known: Vec<&str> = ExternalFormat::NAMES.iter().map(|(name, _)| *name).collect();
    let is_kusto = OTHER_FORMATS.iter().any(|other| other.eq_ignore_ascii_case(name));
    let diagnostic = if is_kusto {
        let message = format!("files of the format `{name}` are not supported yet");
        Diagnostic::error(codes::UNSUPPORTED, span, message)
    } else {
        Diagnostic::error(codes::UNKNOWN_PARAMETER, span, format!("unknown format `{name}`"))
            .suggest("format", name, known.iter().copied())
    };
    cx.diagnostics.push(diagnostic.hint(format!("formats are {}", known.join(", "))));
}

/// The rows of all files.
fn table<'a>(
    cx: &mut Binder<'a>,
    operator: &'a Operator,
    columns: &'a [ColumnDeclaration],
    uris: &'a [Expr],
    reading: &Reading,
) -> Relation {
    let schema = RowSchema::new(declared(cx, columns));
    if uris.is_empty() {
        let name = cx.source.slice(operator.keyword);
        let message = format!("`{name}` needs a location");
        cx.error(codes::GENERIC, operator.keyword, message);
    }
    if schema.is_empty() {
        return cx.broken();
    }
    let mut files = vec![];
    for uri in uris {
        let Some((file, span)) = file(cx, uri, reading) else { continue };
        if file.format.is_one_column() && schema.len() > 1 {
            let message = format!("a file of text gives one column, not {}", schema.len());
            cx.error(codes::GENERIC, span, message);
        }
        files.push(file);
    }
    if let Some(skip) = reading.skip_first
        && files.iter().any(|file| !file.format.has_first())
    {
        let message = format!("`{}` goes with lines and delimited values", cx.source.slice(skip));
        cx.error(codes::UNKNOWN_PARAMETER, skip, message);
    }
    if let Some(zip) = reading.zip
        && files.iter().any(|file| !file.place.is_zip())
    {
        cx.error(codes::UNKNOWN_PARAMETER, zip, "`zipPattern` goes with `.zip` files only");
    }
    if files.len() < uris.len() || cx.diagnostics.has_errors() {
        return Relation::new(Node::Values { rows: vec![] }, schema);
    }
    let source = External { files, skip_first: reading.skip_first.is_some() };
    Relation::new(Node::External { source }, schema)
}

/// The file at a location.
fn file<'a>(cx: &mut Binder<'a>, uri: &'a Expr, reading: &Reading) -> Option<(ExternalFile, Span)> {
    let bound = cx.argument(&mut Clause::constant(), uri);
    let span = bound.span;
    let place = match cx.constant(&bound.expr, span)? {
        Value::String(text) => Place::of(&text),
        other => {
            let message = format!("a location is a string, not {}", other.ty());
            cx.error(codes::EXPRESSION_TYPE, span, message);
            return None;
        }
    };
    let is_url = matches!(place, Place::Url(_));
    if is_url && !cx.schemas.has_downloads() && cx.schemas.is_only_declared() {
        let message = format!("`{}` is not read, and taken for empty as every table", place.text());
        cx.diagnostics.push(
            Diagnostic::warning(codes::NOT_READ, span, message)
                .hint("give data with `--data`, or a folder of downloads with `--external`"),
        );
        return None;
    }
    if is_url && !cx.schemas.has_downloads() {
        let message =
            format!("`{}` is not on this machine; only local files are read", place.text());
        cx.diagnostics.push(
            Diagnostic::error(codes::CLOUD_ONLY, span, message)
                .hint("download the file and give its path in a data folder")
                .hint("or give a folder of downloads with `--external`; see `kqlite run --help`"),
        );
        return None;
    }
    if !is_url && place.is_zip() {
        cx.diagnostics.push(
            Diagnostic::error(codes::UNSUPPORTED, span, "`.zip` files are not supported yet")
                .hint("unpack it, and give the path of a file in it"),
        );
        return None;
    }
    let format = match (reading.format, place.extension()) {
        (Some(format), _) => format,
        (None, Some(extension)) if OTHER_FORMATS.contains(&&*extension) => {
            unreadable(cx, &extension, span);
            return None;
        }
        (None, Some(extension)) if matches!(&*extension, "ndjson" | "jsonl") => {
            ExternalFormat::Json
        }
        // Any other extension means nothing.
        (None, extension) => extension
            .and_then(|extension| ExternalFormat::from_name(&extension))
            .unwrap_or(ExternalFormat::Delimited(b',')),
    };
    Some((ExternalFile { place, format }, span))
}
