//! What may be typed at a place in a query.

use std::sync::Arc;

use super::operators::OPERATORS;
use super::scan::{Class, Piece, scan, significant};
use super::signature;
use crate::binder::{Context, bind, plugins};
use crate::functions::{self, def::Family};
use crate::stored::Functions;
use crate::syntax;
use crate::text::Source;
use crate::types::{RowSchema, Schemas, Type};

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Column,
    Table,
    Operator,
    Keyword,
    Variable,
    AggregationFunction,
    Plugin,
    Function,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub kind: Kind,
    /// The text to insert in place of the word before the cursor.
    pub text: String,
    /// What it is: a type, a signature, a summary.
    pub detail: String,
}

/// Statements and sources that begin a query.
const STATEMENTS: &[&str] = &["let", "set", "declare query_parameters", "union"];

/// Words that go with an operator, in the order of use.
const CLAUSES: &[(&str, &[&str])] = &[
    ("summarize", &["by"]),
    ("sort", &["by", "asc", "desc", "nulls first", "nulls last"]),
    ("order", &["by", "asc", "desc", "nulls first", "nulls last"]),
    ("top", &["by", "asc", "desc", "nulls first", "nulls last"]),
    ("join", &["kind=", "on", "$left", "$right"]),
    ("lookup", &["kind=", "on", "$left", "$right"]),
    ("parse", &["kind=", "with"]),
    ("parse-where", &["kind=", "with"]),
    ("mv-expand", &["to typeof(", "limit", "with_itemindex="]),
    ("range", &["from", "to", "step"]),
    ("union", &["kind=", "withsource=", "isfuzzy="]),
    ("render", &["timechart", "barchart", "columnchart", "piechart", "linechart", "table", "with"]),
];

/// Operators between two scalars, spelled as words.
const CONNECTIVES: &[&str] = &["and", "or", "in", "between"];

/// Proposals for the word that ends at byte `offset`, and where that word begins. Sorted by kind,
/// then by name. `bound` are the names of earlier `let` statements, `stored` the functions of the
/// database.
pub fn complete(
    text: &str,
    offset: usize,
    schemas: &dyn Schemas,
    bound: &[Arc<str>],
    stored: &Functions,
) -> (usize, Vec<Item>) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let pieces = significant(&scan(before));
    let inside = scan(before).last().is_some_and(|piece| {
        matches!(piece.class, Class::Comment | Class::Number | Class::OpenText)
    });
    if inside {
        return (offset, vec![]);
    }
    let (word, context) = match pieces.split_last() {
        Some((last, rest)) if last.class == Class::Word && last.end() == offset => {
            (last.text, rest)
        }
        _ => ("", pieces.as_slice()),
    };
    let mut items = proposals(context, word, before, schemas, stored);
    if context.last().is_none_or(|last| !matches!(last.text, "|" | "." | "let")) {
        items.extend(bound.iter().map(|name| item(Kind::Variable, name, "let")));
        if !word.is_empty() {
            let named = stored.iter().filter(|stored| begins(&stored.name, word));
            items.extend(named.map(|stored| {
                let parameters = stored.definition().map_or("", |read| &read.parameters);
                item(Kind::Function, &format!("{}(", stored.name), parameters)
            }));
        }
    }
    items.retain(|item| begins(&item.text, word));
    items.sort();
    items.dedup_by(|a, b| a.text == b.text);
    (offset - word.len(), items)
}

/// Whether `name` begins with what is typed of it, in letters of either case.
fn begins(name: &str, word: &str) -> bool {
    name.to_lowercase().starts_with(&word.to_lowercase())
}

fn proposals(
    context: &[Piece<'_>],
    word: &str,
    text: &str,
    schemas: &dyn Schemas,
    stored: &Functions,
) -> Vec<Item> {
    let mut items = vec![];
    let pipeline = pipeline(context);
    match context.last() {
        Some(last) if last.is_sign("|") => {
            let piped = OPERATORS.iter().filter(|operator| !operator.source);
            items.extend(piped.map(|o| item(Kind::Operator, o.name, o.summary)));
        }
        Some(last) if last.is_sign(".") => {}
        last => {
            let starts = last.is_none_or(|last| last.is_sign(";"));
            if starts || takes_table(pipeline) {
                tables(&mut items, schemas);
                variables(&mut items, context);
            }
            if starts || pipeline.is_empty() {
                let sources = OPERATORS.iter().filter(|operator| operator.source);
                items.extend(sources.map(|o| item(Kind::Operator, o.name, o.summary)));
                items.extend(STATEMENTS.iter().map(|name| item(Kind::Keyword, name, "")));
            }
            if !starts {
                let columns = columns(pipeline, context, text, schemas, stored);
                scalars(&mut items, pipeline, context, &columns);
            }
        }
    }
    if word.is_empty() {
        // Hundreds of functions are no help before the first letter.
        items.retain(|item| item.kind != Kind::Function);
    }
    items
}

fn scalars(
    items: &mut Vec<Item>,
    pipeline: &[Piece<'_>],
    context: &[Piece<'_>],
    columns: &[(String, Type)],
) {
    items.extend(columns.iter().map(|(name, ty)| item(Kind::Column, name, ty.name())));
    variables(items, context);
    let operator = operator(pipeline);
    for (name, words) in CLAUSES {
        if operator == Some(*name) {
            items.extend(words.iter().map(|word| item(Kind::Keyword, word, "")));
        }
    }
    if operator == Some("evaluate") {
        items.extend(
            plugins()
                .map(|plugin| item(Kind::Plugin, &format!("{}(", plugin.name), plugin.summary())),
        );
    }
    items.extend(CONNECTIVES.iter().map(|word| item(Kind::Keyword, word, "")));
    if operator == Some("summarize") {
        items.extend(functions::aggregates().map(|function| {
            let detail = signature::aggregate(function).into_iter().next().unwrap_or_default();
            item(Kind::AggregationFunction, &format!("{}(", function.name), &detail)
        }));
    }
    for function in functions::scalars() {
        // A dot marks what cannot be called by name.
        if !function.name.starts_with(|c: char| c.is_ascii_alphabetic())
            || function.name.contains('.')
        {
            continue;
        }
        if function.family == Family::Operators {
            items.push(item(Kind::Keyword, function.name, function.summary()));
        } else {
            let detail = signature::scalar(function).into_iter().next().unwrap_or_default();
            items.push(item(Kind::Function, &format!("{}(", function.name), &detail));
        }
    }
}

fn item(kind: Kind, text: &str, detail: &str) -> Item {
    Item { kind, text: text.to_string(), detail: detail.to_string() }
}

fn tables(items: &mut Vec<Item>, schemas: &dyn Schemas) {
    let names = schemas.table_names(None);
    items.extend(names.iter().map(|name| item(Kind::Table, &quoted(name), "table")));
}

/// Names bound by `let` before the cursor.
fn variables(items: &mut Vec<Item>, context: &[Piece<'_>]) {
    for pair in context.windows(2) {
        if pair[0].text == "let" && pair[1].class == Class::Word {
            items.push(item(Kind::Variable, pair[1].text, "let"));
        }
    }
}

/// The pieces of the pipeline that the cursor is in: those behind the last open bracket that
/// begins a table, the last `;`, or the start.
fn pipeline<'p, 'a>(context: &'p [Piece<'a>]) -> &'p [Piece<'a>] {
    let mut depth = 0usize;
    for (index, piece) in context.iter().enumerate().rev() {
        match piece.text {
            _ if piece.class != Class::Sign => {}
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" if depth > 0 => depth -= 1,
            "(" | "{" if piece.text == "{" || opens_table(context, index) => {
                return &context[index + 1..];
            }
            ";" if depth == 0 => return &context[index + 1..],
            _ => {}
        }
    }
    context
}

/// Whether the bracket at `index` may hold a table: it follows `join`, `union` and their like, or
/// parameters of theirs, or another table of a `union`.
fn opens_table(context: &[Piece<'_>], index: usize) -> bool {
    let mut end = index;
    while end >= 3 && context[end - 2].is_sign("=") {
        end -= 3;
    }
    match context[..end].last() {
        None => true,
        Some(before) if before.is_sign(",") => operator(&context[..end]) == Some("union"),
        Some(before) => {
            let names = ["join", "lookup", "union", "in", "toscalar", "materialize"];
            names.contains(&before.text)
        }
    }
}

/// Whether a table may stand at the end of `pipeline`.
fn takes_table(pipeline: &[Piece<'_>]) -> bool {
    match pipeline.last() {
        None => true,
        Some(last) => {
            let union = operator(pipeline) == Some("union");
            matches!(last.text, "join" | "lookup" | "union") || union && last.is_sign(",")
        }
    }
}

/// The name of the operator that the cursor is in.
fn operator<'a>(pipeline: &[Piece<'a>]) -> Option<&'a str> {
    let index = last_pipe(pipeline).map_or(0, |pipe| pipe + 1);
    pipeline.get(index).map(|piece| piece.text)
}

/// Index of the last pipe that is in no bracket.
fn last_pipe(pipeline: &[Piece<'_>]) -> Option<usize> {
    let mut depth = 0usize;
    for (index, piece) in pipeline.iter().enumerate().rev() {
        match piece.text {
            _ if piece.class != Class::Sign => {}
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" => depth = depth.saturating_sub(1),
            "|" if depth == 0 => return Some(index),
            _ => {}
        }
    }
    None
}

/// Columns that an expression at the end of `pipeline` may name: those of the pipeline bound up to
/// its last operator, and those of tables named in that operator.
fn columns(
    pipeline: &[Piece<'_>],
    context: &[Piece<'_>],
    text: &str,
    schemas: &dyn Schemas,
    stored: &Functions,
) -> Vec<(String, Type)> {
    let mut found = vec![];
    let pipe = last_pipe(pipeline).unwrap_or(0);
    if let (Some(first), Some(last)) = (pipeline.first(), pipeline[..pipe].last()) {
        // Statements before the pipeline's own may bind names that it uses.
        let lets = context
            .iter()
            .rfind(|piece| piece.is_sign(";") && piece.end() <= first.start)
            .map_or("", |end| &text[..end.end()]);
        let script = format!("{lets}\n{}", &text[first.start..last.end()]);
        found.extend(bound_columns(script, schemas, stored));
    }
    let words = pipeline[pipe..].iter().filter(|piece| piece.class == Class::Word);
    let tables = words.filter_map(|piece| schemas.table(None, piece.text));
    found.extend(tables.map(|table| table.schema.clone()));
    let columns = found.iter().flat_map(|schema| schema.columns());
    columns.map(|column| (quoted(&column.name), column.ty)).collect()
}

/// The columns of a script's last statement, as far as it can be bound.
fn bound_columns(script: String, schemas: &dyn Schemas, stored: &Functions) -> Option<RowSchema> {
    let source = Source::new("<completion>", script);
    let parsed = syntax::parse(&source);
    let context = Context { functions: stored.clone(), ..Context::default() };
    let (mut query, _) = bind(&source, &parsed.script, &[], schemas, &context);
    query.statements.pop().map(|statement| statement.relation.schema)
}

/// A name as a query spells it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    if plain { name.to_string() } else { format!("['{}']", name.replace('\'', "\\'")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::stored::kept;
    use crate::types::{Column, TableSchema};

    struct Database;

    impl Schemas for Database {
        fn table(&self, _: Option<&str>, table: &str) -> Option<Arc<TableSchema>> {
            let columns = match table {
                "Users" => ["entity_id", "score"],
                "Events" => ["entity", "odd name"],
                _ => return None,
            };
            let columns = columns.map(|name| Column::new(name, Type::String));
            let schema = columns.into_iter().collect();
            Some(Arc::new(TableSchema { name: table.into(), schema }))
        }

        fn table_names(&self, _: Option<&str>) -> Vec<Arc<str>> {
            vec!["Events".into(), "Users".into()]
        }

        fn has_database(&self, _: &str) -> bool {
            false
        }

        fn current_database(&self) -> &str {
            "db"
        }
    }

    fn stored() -> Functions {
        let text = ".create function Weighted(factor:long) { Users | extend weight = 1.0 }";
        Functions::default().with_kept(kept(Path::new("f.kql"), text.into()).unwrap())
    }

    /// Proposals at the `^` of a text.
    fn at(text: &str) -> Vec<String> {
        let offset = text.find('^').unwrap();
        let (start, items) = complete(&text.replace('^', ""), offset, &Database, &[], &stored());
        assert!(start <= offset);
        items.into_iter().map(|item| item.text).collect()
    }

    #[test]
    fn tables_start_a_query() {
        assert_eq!(at("Us^"), ["Users"]);
        assert!(at("^").contains(&"Events".to_string()));
        assert_eq!(at("let x = 1;\nEve^ | count"), ["Events"]);
        assert_eq!(at("Users | join (Eve^"), ["Events"]);
        assert_eq!(at("Users | join kind=inner (Eve^"), ["Events"]);
        assert_eq!(at("Users | union Eve^"), ["Events"]);
    }

    #[test]
    fn stored_functions_are_tables_and_values() {
        assert_eq!(at("Weigh^"), ["Weighted("]);
        assert_eq!(at("Users | join (weigh^"), ["Weighted("]);
        assert_eq!(at("print Weigh^"), ["Weighted("]);
        assert_eq!(at("Users | Weigh^"), Vec::<String>::new());
        assert_eq!(at("Weighted(2) | where wei^"), ["weight", "Weighted("]);
    }

    #[test]
    fn operators_follow_a_pipe() {
        assert_eq!(at("Users | mv-e^"), ["mv-expand"]);
        assert_eq!(at("Users | su^ | count"), ["summarize"]);
        assert!(!at("Users | ^").contains(&"print".to_string()));
    }

    #[test]
    fn columns_of_the_pipeline_and_names() {
        assert_eq!(at("Users | where ent^"), ["entity_id"]);
        assert_eq!(at("Users | join (Events | where ent^"), ["entity"]);
        assert_eq!(at("Users | extend entitled = 1 | where ent^"), ["entitled", "entity_id"]);
        assert_eq!(at("Users | project a = score | where sco^"), Vec::<String>::new());
        assert_eq!(at("let T = Users | extend new_one = 1; T | where new_o^"), ["new_one"]);
        assert_eq!(
            at("Users | summarize top_one = max(score) by entity_id | sort by top^"),
            ["top_one"]
        );
        assert_eq!(at("Users | where (score + ent^"), ["entity_id"]);
        assert_eq!(at("Events | project ['odd^"), Vec::<String>::new());
        assert!(at("Events | project ^").contains(&"['odd name']".to_string()));
        assert_eq!(at("let limit_high = 64; Users | where score > limit^"), ["limit_high"]);
        assert_eq!(at("Users | summarize countif^"), ["countif("]);
        assert_eq!(at("Users | evaluate piv^"), ["pivot("]);
        assert_eq!(at("Users | where score == 'Us^'"), Vec::<String>::new());
        assert_eq!(at("Users // Us^"), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "Users", " | ", "where", "mv-", "(", ")", "[", "'", "\"", "```", "//", "\n", "é",
                    "datetime(", "!", "has", "let x=", ";", ",", "{", "}", "join", "=", "..", "@", "$",
                ]),
                0..24,
            ),
            offset in 0usize..90,
        ) {
            let text = parts.concat();
            let (start, _) = complete(&text, offset, &Database, &["kept".into()], &stored());
            proptest::prop_assert!(text.is_char_boundary(start));
            let whole: String =
                super::super::highlight::highlight(&text).iter().map(|(_, part)| *part).collect();
            proptest::prop_assert_eq!(whole, text.as_str());
            super::super::entry::is_complete(&text);
        }
    }
}
