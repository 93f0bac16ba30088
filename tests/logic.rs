//! The logic tests: Markdown files under `tests/logic`, one trial per heading.
//!
//! A heading is a test. Its ` ```kql ` block is the query; the block after it is the expectation:
//!
//! - ` ```table `: the rows. First line `name:type, …`, then one line per row of KQL literals.
//!   `unordered` after `table` compares them as a bag. Several tables in a row belong to several
//!   statements.
//! - ` ```diagnostics `: every diagnostic as `line:column CODE message`, hints indented.
//! - ` ```ast `, ` ```bound `, ` ```logical `, ` ```physical `: what `kqlite explain` prints.
//!
//! A ` ```setup ` block before the first query of a file is put before every query of that file.
//! An ` ```eval ` block holds lines `expression => literal` or `expression => error CODE`.
//!
//! `UPDATE=1 cargo test --test logic` rewrites the expectations; review the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use kqlite::diagnostics::Diagnostics;
use kqlite::engine::{Engine, Failure, Options, Request, Stage};
use kqlite::functions::kernel::value_at;
use kqlite::text::Source;
use kqlite::types::RowSchema;
use libtest_mimic::{Arguments, Failed, Trial};

/// One fenced block: where it stands in the file, its words after the fence, its text.
#[derive(Clone)]
struct Block {
    kind: String,
    attributes: Vec<String>,
    text: String,
    /// Lines of the text in the file: first and one past the last.
    lines: (usize, usize),
}

/// One heading with its blocks.
struct Case {
    name: String,
    blocks: Vec<Block>,
}

fn parse_file(text: &str) -> (String, Vec<Case>) {
    let mut setup = String::new();
    let mut cases: Vec<Case> = vec![];
    let mut headings: Vec<(usize, String)> = vec![];
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.starts_with('#') {
            let level = line.chars().take_while(|c| *c == '#').count();
            headings.retain(|(other, _)| *other < level);
            headings.push((level, line.trim_start_matches('#').trim().to_string()));
            let name = headings.iter().skip(1).map(|(_, h)| h.as_str()).collect::<Vec<_>>();
            cases.push(Case { name: name.join("::"), blocks: vec![] });
        } else if let Some(info) = line.strip_prefix("```") {
            let mut words = info.split_whitespace().map(str::to_string);
            let kind = words.next().unwrap_or_default();
            let start = number + 1;
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let block = Block {
                kind,
                attributes: words.collect(),
                text: body.join("\n"),
                lines: (start, start + body.len()),
            };
            if block.kind == "setup" {
                setup = block.text;
            } else if let Some(case) = cases.last_mut() {
                case.blocks.push(block);
            }
        }
    }
    cases.retain(|case| !case.blocks.is_empty());
    (setup, cases)
}

fn render_diagnostics(source: &Source, skip: usize, diagnostics: &Diagnostics) -> String {
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let mut out = String::new();
    for d in &sorted {
        let at = source.location(d.span.start);
        let line = at.line - skip;
        writeln!(out, "{line}:{} {} {} {}", at.column, d.severity.name(), d.code, d.message).unwrap();
        for hint in &d.hints {
            writeln!(out, "  hint: {hint}").unwrap();
        }
    }
    out.trim_end().to_string()
}

struct Runner {
    runtime: tokio::runtime::Runtime,
    engine: Engine,
}

impl Runner {
    /// The rows of every tabular statement, or what went wrong.
    fn tables(&self, query: &str, skip: usize) -> Result<Vec<String>, String> {
        let source = Source::new("test", query);
        let request = Request::new(source.clone()).at("2026-01-15T12:00:00Z");
        self.runtime.block_on(async {
            let failed = |failure| match failure {
                Failure::Query(diagnostics) => render_diagnostics(&source, skip, &diagnostics),
                Failure::Run(error) => format!("failed: {error}"),
            };
            let response = self.engine.run(&request).await.map_err(failed)?;
            let mut tables = vec![];
            for mut result in response.results {
                let mut table = header(&result.schema);
                while let Some(batch) = result.stream.next().await {
                    let batch = batch.map_err(|error| format!("failed: {error}"))?;
                    for row in 0..batch.num_rows() {
                        let cells: Vec<_> = (0..batch.num_columns())
                            .map(|i| {
                                let ty = result.schema.columns()[i].ty;
                                value_at(batch.column(i), ty, row).literal()
                            })
                            .collect();
                        write!(table, "\n{}", cells.join(", ")).unwrap();
                    }
                }
                tables.push(table);
            }
            Ok(tables)
        })
    }

    fn explain(&self, query: &str, stage: Stage) -> String {
        let request = Request::new(Source::new("test", query));
        let explained = self.runtime.block_on(self.engine.explain(&request, stage));
        match explained {
            Ok(text) => text.trim_end().to_string(),
            Err(Failure::Query(diagnostics)) => {
                render_diagnostics(&Source::new("test", query), 0, &diagnostics)
            }
            Err(Failure::Run(error)) => format!("failed: {error}"),
        }
    }

    /// What the blocks of a case should say, aligned with `case.blocks`.
    fn answers(&self, setup: &str, case: &Case) -> Vec<Option<String>> {
        let skip = if setup.is_empty() { 0 } else { setup.lines().count() };
        let mut query = String::new();
        let mut tables: Option<(Result<Vec<String>, String>, usize)> = None;
        let mut answers = vec![];
        for block in &case.blocks {
            answers.push(match block.kind.as_str() {
                "kql" => {
                    query = if setup.is_empty() {
                        block.text.clone()
                    } else {
                        format!("{setup}\n{}", block.text)
                    };
                    tables = None;
                    None
                }
                "table" | "diagnostics" => {
                    let (result, next) =
                        tables.get_or_insert_with(|| (self.tables(&query, skip), 0));
                    *next += 1;
                    Some(match result {
                        Ok(tables) => match tables.get(*next - 1) {
                            Some(table) if block.attributes.iter().any(|a| a == "unordered") => {
                                sorted(table)
                            }
                            Some(table) => table.clone(),
                            None => "no such table".to_string(),
                        },
                        Err(text) => text.clone(),
                    })
                }
                "ast" => Some(self.explain(&query, Stage::Ast)),
                "bound" => Some(self.explain(&query, Stage::Bound)),
                "logical" => Some(self.explain(&query, Stage::Logical)),
                "physical" => Some(self.explain(&query, Stage::Physical)),
                "eval" => Some(self.evaluate(&block.text)),
                other => Some(format!("unknown block `{other}`")),
            });
        }
        answers
    }

    fn evaluate(&self, text: &str) -> String {
        let line = |line: &str| {
            let Some((expression, _)) = line.rsplit_once(" => ") else { return line.to_string() };
            let answer = match self.tables(&format!("print {}", expression.trim()), 0) {
                Ok(tables) => tables[0].lines().nth(1).unwrap_or("no row").to_string(),
                Err(text) => {
                    let first = text.lines().next().unwrap_or_default().to_string();
                    first.split_once(' ').map_or(first.clone(), |(_, rest)| rest.to_string())
                }
            };
            format!("{expression} => {answer}")
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn header(schema: &RowSchema) -> String {
    let columns: Vec<_> =
        schema.columns().iter().map(|column| format!("{}:{}", column.name, column.ty)).collect();
    columns.join(", ")
}

fn sorted(table: &str) -> String {
    let mut lines: Vec<&str> = table.lines().collect();
    if let Some(rows) = lines.get_mut(1..) {
        rows.sort_unstable();
    }
    lines.join("\n")
}

fn check(runner: &Runner, path: &Path, setup: &str, case: &Case) -> Result<(), Failed> {
    let answers = runner.answers(setup, case);
    let mut wrong = String::new();
    for (block, answer) in case.blocks.iter().zip(answers) {
        let Some(answer) = answer else { continue };
        let unordered = block.attributes.iter().any(|a| a == "unordered");
        let expected = if unordered { sorted(&block.text) } else { block.text.clone() };
        if expected != answer {
            let line = block.lines.0;
            write!(
                wrong,
                "{}:{line}\n--- expected\n{expected}\n--- actual\n{answer}\n",
                path.display()
            )?;
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

/// Rewrites the expectations of one file.
fn update(runner: &Runner, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let (setup, cases) = parse_file(&text);
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let mut edits: Vec<((usize, usize), String)> = vec![];
    for case in &cases {
        for (block, answer) in case.blocks.iter().zip(runner.answers(&setup, case)) {
            edits.extend(answer.map(|answer| (block.lines, answer)));
        }
    }
    edits.sort_by_key(|((start, _), _)| std::cmp::Reverse(*start));
    for ((start, end), answer) in edits {
        lines.splice(start..end, answer.lines().map(str::to_string));
    }
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(markdown_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(32 << 20)
        .build()
        .unwrap();
    let options = Options { data: vec![root.join("testdata")], ..Options::default() };
    let engine = Engine::open(options).unwrap();
    let runner = Arc::new(Runner { runtime, engine });
    let folder = root.join("tests/logic");
    if std::env::var_os("UPDATE").is_some() {
        markdown_files(&folder).iter().for_each(|path| update(&runner, path));
    }
    let mut trials = vec![];
    for path in markdown_files(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        let (setup, cases) = parse_file(&text);
        let stem = path.strip_prefix(&folder).unwrap().with_extension("");
        for case in cases {
            let name = format!("{}::{}", stem.display(), case.name);
            let (runner, path, setup) = (runner.clone(), path.clone(), setup.clone());
            trials.push(Trial::test(name, move || check(&runner, &path, &setup, &case)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
