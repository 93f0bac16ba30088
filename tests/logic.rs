//! The logic tests: Markdown files under `tests/logic`, one trial per heading.
//!
//! `tests/README.md` describes the format. Every query runs twice, over batches of two rows on
//! four threads and over large batches on one; the answers must be the same. Every line of an
//! `eval` block runs over constants and over columns.

#[path = "support/operands.rs"]
mod operands;
#[path = "support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kqlite::engine::{Request, Stage};
use kqlite::rules::{Checker, Input, InputKind};
use kqlite::text::Source;
use libtest_mimic::{Arguments, Failed, Trial};
use support::{Runner, checks, diagnostic_text, failure_text};

/// One fenced block: where it stands in the file, its words after the fence, its text.
#[derive(Clone)]
struct Block {
    kind: String,
    attributes: Vec<String>,
    text: String,
    /// Lines of the text in the file: first and one past the last.
    lines: (usize, usize),
}

impl Block {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|other| other == attribute)
    }
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

/// Engines that must agree.
struct Runners {
    small: Runner,
    large: Runner,
    checker: Checker,
}

impl Runners {
    /// The rows of every tabular statement, or what went wrong. `sort` tells that the rows have no
    /// order.
    fn tables(&self, query: &str, skip: usize, sort: bool) -> Result<Vec<String>, String> {
        let texts = |runner: &Runner| {
            let tables = runner.tables(query, skip)?;
            Ok(tables
                .iter()
                .map(|table| if sort { sorted(&table.text()) } else { table.text() })
                .collect::<Vec<_>>())
        };
        let large: Result<Vec<String>, String> = texts(&self.large);
        let small = texts(&self.small);
        if large == small {
            return large;
        }
        let show = |answer: &Result<Vec<String>, String>| match answer {
            Ok(tables) => tables.join("\n"),
            Err(text) => text.clone(),
        };
        Err(format!("large batches: {}\nsmall batches: {}", show(&large), show(&small)))
    }

    fn explain(&self, query: &str, stage: Stage) -> String {
        let source = Source::new("test", query);
        let answer = self.large.block_on(|engine| async move {
            let request = Request::new(source.clone());
            let explained = engine.explain(&request, stage).await;
            explained.map_err(|failure| failure_text(&source, 0, &failure))
        });
        match answer {
            Ok(text) | Err(text) => text.trim_end().to_string(),
        }
    }

    /// What the blocks of a case should say, aligned with `case.blocks`.
    fn answers(&self, setup: &str, case: &Case) -> Vec<Option<String>> {
        let skip = if setup.is_empty() { 0 } else { setup.lines().count() };
        let mut query = String::new();
        let mut tables: Option<(Result<Vec<String>, String>, usize)> = None;
        let mut answers = vec![];
        let mut files: Vec<Input> = vec![];
        for (index, block) in case.blocks.iter().enumerate() {
            answers.push(match block.kind.as_str() {
                "check" => {
                    if index > 0 && case.blocks[index - 1].kind != "check" {
                        files.clear();
                    }
                    let ending = block.attributes.first().map_or("", String::as_str);
                    let name = match ending.contains('/') {
                        true => ending.to_string(),
                        false => format!("{}.{ending}", files.len() + 1),
                    };
                    let source = Source::new(name, &*block.text);
                    files.push(Input { source, kind: InputKind::File });
                    None
                }
                "findings" => Some(self.findings(&files)),
                "kql" => {
                    query = if setup.is_empty() {
                        block.text.clone()
                    } else {
                        format!("{setup}\n{}", block.text)
                    };
                    tables = None;
                    None
                }
                "table" | "diagnostics" | "kusto" => {
                    let (result, next) = tables.get_or_insert_with(|| {
                        (self.tables(&query, skip, block.has("unordered")), 0)
                    });
                    // Kusto's answer stands behind the one it differs from.
                    *next += usize::from(block.kind != "kusto");
                    Some(match result {
                        Ok(tables) => match tables.get(*next - 1) {
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

    /// What `kqlite check` finds in files, told as `failure_text` does.
    fn findings(&self, files: &[Input]) -> String {
        let mut text = String::new();
        for checked in self.checker.check_all(files, &|| {}) {
            if files.len() > 1 && !checked.findings.is_empty() {
                writeln!(text, "{}", checked.source.name()).unwrap();
            }
            for found in &checked.findings {
                text.push_str(&diagnostic_text(&checked.source, 0, &found.diagnostic));
            }
        }
        text.trim_end().to_string()
    }

    /// The lines of an `eval` block with their answers.
    fn evaluate(&self, text: &str) -> String {
        let expressions: Vec<&str> = text.lines().map(|line| split_line(line).0.trim()).collect();
        let together = |over: fn(&str) -> Option<String>| {
            let queries: Option<Vec<String>> = expressions.iter().map(|e| over(e)).collect();
            let tables = self.tables(&queries?.join(";\n"), 0, false).ok()?;
            tables.iter().map(|table| first_row(table)).collect::<Option<Vec<_>>>()
        };
        let alone = |query: &str| match self.tables(query, 0, false) {
            Ok(tables) => first_row(&tables[0]).unwrap_or("no row".into()),
            Err(text) => {
                let first = text.lines().next().unwrap_or_default();
                first.split_once(' ').map_or(first.to_string(), |(_, rest)| rest.to_string())
            }
        };
        let constants = together(over_constants)
            .unwrap_or_else(|| expressions.iter().map(|e| alone(&format!("print {e}"))).collect());
        let mut out = vec![];
        for (line, constant) in text.lines().zip(constants) {
            let expression = split_line(line).0;
            let over_columns = match over_columns(expression.trim()) {
                // Some arguments must be constants.
                Some(query) if !constant.starts_with("error") => {
                    Some(alone(&query)).filter(|answer| !answer.starts_with("error"))
                }
                _ => None,
            };
            out.push(match over_columns {
                Some(answer) if answer != constant => {
                    format!("{expression} => {constant}, but {answer} over columns")
                }
                _ => format!("{expression} => {constant}"),
            });
        }
        out.join("\n")
    }
}

fn split_line(line: &str) -> (&str, &str) {
    line.rsplit_once(" => ").unwrap_or((line, ""))
}

fn first_row(table: &str) -> Option<String> {
    table.split_once('\n').map(|(_, rows)| rows.to_string())
}

fn over_constants(expression: &str) -> Option<String> {
    Some(format!("print {expression}"))
}

/// A query that evaluates an expression with its operands taken from columns, and the query's
/// answer on every of three rows. `None` where the expression has no operands.
fn over_columns(expression: &str) -> Option<String> {
    let over = operands::over_columns(expression, |_| true)?;
    let column =
        |(name, operand): &(String, String)| format!("{name} = iff(row > 0, {operand}, {operand})");
    let columns: Vec<String> = over.columns.iter().map(column).collect();
    Some(format!(
        "range row from 1 to 3 step 1 | extend {} | project r = {} | take 1",
        columns.join(", "),
        over.expression
    ))
}

fn sorted(table: &str) -> String {
    let mut lines: Vec<&str> = table.lines().collect();
    if let Some(rows) = lines.get_mut(1..) {
        rows.sort_unstable();
    }
    lines.join("\n")
}

/// The codes that the files before a `findings` block promise to be without.
fn absent<'a>(case: &'a Case, findings: &Block) -> impl Iterator<Item = &'a str> {
    let files = case.blocks.iter().filter(|block| block.kind == "check");
    let attributes = files.flat_map(|block| &block.attributes);
    let codes = attributes.filter_map(|attribute| attribute.strip_prefix("without="));
    codes.filter({
        let asked = findings.kind == "findings";
        move |_| asked
    })
}

fn check(runner: &Runners, path: &Path, setup: &str, case: &Case) -> Result<(), Failed> {
    let answers = runner.answers(setup, case);
    let mut wrong = String::new();
    for (block, answer) in case.blocks.iter().zip(answers) {
        let Some(answer) = answer else { continue };
        let expected =
            if block.has("unordered") { sorted(&block.text) } else { block.text.clone() };
        if let Some(code) = absent(case, block).find(|code| answer.contains(&format!(" {code} "))) {
            writeln!(wrong, "{}:{}: {code} is found", path.display(), block.lines.0)?;
        }
        if block.kind == "kusto" {
            if expected == answer {
                let line = block.lines.0;
                writeln!(
                    wrong,
                    "{}:{line}: the answers agree by now; this is no divergence any more",
                    path.display()
                )?;
            }
        } else if expected != answer {
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
fn update(runner: &Runners, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let (setup, cases) = parse_file(&text);
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let mut edits: Vec<((usize, usize), String)> = vec![];
    for case in &cases {
        let blocks = case.blocks.iter().zip(runner.answers(&setup, case));
        for (block, answer) in blocks.filter(|(block, _)| block.kind != "kusto") {
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
    let (checker, problems) = Checker::open(&checks());
    assert!(problems.is_empty(), "{problems:?}");
    let runner =
        Arc::new(Runners { small: Runner::new(2, 4), large: Runner::new(8192, 1), checker });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logic");
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
