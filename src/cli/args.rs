//! The command line's grammar.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::{Options, Stage};
use crate::output::Format;
use crate::rules::report;
use crate::types::datetime;

/// Where data is looked for when none is given.
const DEFAULT_DATA: &str = "testdata";

/// Runs KQL, the Kusto Query Language, over local Parquet, CSV and JSON files.
#[derive(Debug, Parser)]
#[command(name = "kqlite", version, about, args_conflicts_with_subcommands = true)]
#[command(after_help = "Without a command, the interactive session opens.\n\
    Exit status: 0 answered, 1 the query or its data is at fault, 2 wrong usage, 130 interrupted.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub repl: ReplArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Answer queries from files, from standard input or from the command line.
    Run(RunArguments),
    /// Open the interactive session.
    Repl(ReplArguments),
    /// Check queries and the rules around them, without data.
    Check(CheckArguments),
    /// List, show or replace the tables that a check knows without being told.
    Schemas {
        #[command(subcommand)]
        command: SchemasCommand,
    },
    /// Turn exports (JSON arrays, NDJSON, CSV) into Parquet snapshots.
    Import(ImportArguments),
    /// Show what one stage makes of a query.
    Explain(ExplainArguments),
    /// List the functions, or show the documentation of one.
    Functions(LookupArguments),
    /// List the tabular operators, or show the documentation of one.
    Operators(LookupArguments),
    /// Show in Markdown what of the language runs, and what is refused and why.
    Support,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub queries: QueryArguments,
    #[command(flatten)]
    pub data: DataArguments,
    #[command(flatten)]
    pub present: PresentArguments,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files with rules or queries, folders of them, and patterns such as `rules/**/*.yaml`; `-` is
    /// standard input. Rules may be YAML, ARM templates, exports, Bicep or Terraform. A file that ends in
    /// `.jsonl` holds an object `{"id": …, "query": …}` per line.
    #[arg(required_unless_present = "explain", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A data file or a folder of tables, for their columns; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// A file that declares the columns of tables; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub schema: Vec<PathBuf>,
    /// Stored functions: a file, or a folder that is searched for KQL and YAML files; may be
    /// repeated.
    #[arg(long, value_name = "PATH")]
    pub functions: Vec<PathBuf>,
    /// A folder with the watchlists that `_GetWatchlist` reads: a CSV file per alias.
    #[arg(long, value_name = "DIR")]
    pub watchlists: Option<PathBuf>,
    /// Know only the tables given here, not those that every workspace may have.
    #[arg(long)]
    pub no_built_in_tables: bool,
    /// The time that `now()` and `ago()` read, such as 2024-05-01T12:00:00Z.
    #[arg(long, value_name = "DATETIME", value_parser = parse_now)]
    pub now: Option<i64>,
    /// The form of the report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: ReportName,
    /// Write the report to a file; the terminal gets the text.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What counts as an error besides errors.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<DenyName>,
    /// Findings that are known and do not count: a file that `--write-baseline` wrote.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to the file that `--baseline` names.
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
    /// Mend what can be mended without doubt: the files are changed.
    #[arg(long)]
    pub fix: bool,
    /// Show what `--fix` would change, and change nothing.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// Stay, and check again what changes.
    #[arg(long, conflicts_with_all = ["output", "baseline", "fix", "format"])]
    pub watch: bool,
    /// Leave out the summary.
    #[arg(short = 'Q', long)]
    pub quiet: bool,
    /// Tell what a code means; without one, list all codes.
    #[arg(long, value_name = "CODE", num_args = 0..=1)]
    pub explain: Option<Option<String>>,
}

/// What is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DenyName {
    /// Warnings end with exit status 1 too.
    Warnings,
}

#[derive(Debug, Subcommand)]
pub(super) enum SchemasCommand {
    /// List the names of all tables.
    List,
    /// Show the columns of a table.
    Show {
        #[arg(value_name = "TABLE")]
        table: String,
    },
    /// Replace the tables by those of a workspace, from its exports: the rows of `getschema` as CSV
    /// or JSON, `.show table T schema as json`, or the list of tables that Azure gives; also folders
    /// of them. They stay in the user's folder (KQLITE_HOME).
    Update {
        #[arg(required = true, value_name = "EXPORT")]
        exports: Vec<PathBuf>,
    },
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportName {
    /// For people: the place, what is wrong, what helps.
    Text,
    /// An object per rule and line.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

impl From<ReportName> for report::Format {
    fn from(name: ReportName) -> Self {
        match name {
            ReportName::Text => Self::Text,
            ReportName::Json => Self::Json,
            ReportName::Sarif => Self::Sarif,
            ReportName::Junit => Self::Junit,
            ReportName::Github => Self::Github,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ReplArguments {
    #[command(flatten)]
    pub data: DataArguments,
    #[command(flatten)]
    pub present: PresentArguments,
    #[command(flatten)]
    pub context: ContextArguments,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    pub queries: QueryArguments,
    #[command(flatten)]
    pub data: DataArguments,
    /// The stage whose result is shown.
    #[arg(long, value_enum, default_value = "logical")]
    pub stage: StageName,
}

#[derive(Debug, Args)]
pub(super) struct LookupArguments {
    /// What to look up; everything is listed when it is left out.
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Exported files or folders of them: JSON arrays, NDJSON or CSV, also compressed by gzip or
    /// zstd; `-` is standard input.
    #[arg(required = true, value_name = "SRC")]
    pub sources: Vec<PathBuf>,
    /// The table that all rows belong to. Default: each file's name gives its table.
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// The folder in which the snapshot is written.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Rename fields as Log Analytics does: `_s`, `_d`, `_b`, `_t`, `_g`; members of objects become
    /// columns.
    #[arg(long)]
    pub rename_suffixes: bool,
    /// A file with the names and types of the table's columns.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
}

/// What is asked, and the values it is asked with.
#[derive(Debug, Args)]
pub(super) struct QueryArguments {
    /// Files with queries, answered in order; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "query")]
    pub files: Vec<PathBuf>,
    /// A query given right here; it follows those of the files.
    #[arg(short, long, value_name = "QUERY")]
    pub query: Option<String>,
    #[command(flatten)]
    pub context: ContextArguments,
}

#[derive(Debug, Args)]
pub(super) struct ContextArguments {
    /// Value of a parameter that a query declares; may be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub parameters: Vec<(String, String)>,
    /// The time that `now()` and `ago()` read, such as 2024-05-01T12:00:00Z.
    #[arg(long, value_name = "DATETIME", value_parser = parse_now)]
    pub now: Option<i64>,
}

#[derive(Debug, Args)]
pub(super) struct DataArguments {
    /// A data file or a folder of tables; may be repeated. Default: the folder `testdata` of the
    /// current directory, if there is one and no `--schema` or `--write` says otherwise.
    #[arg(long, value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// A folder that commands such as `.set-or-append` and `.export` may change; its tables can be
    /// read as well. It is made if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    /// A file that fixes the column types of tables, and declares those without data; may be
    /// repeated. Without data every table is empty, files on the network among them.
    #[arg(long, value_name = "FILE")]
    pub schema: Vec<PathBuf>,
    /// Stored functions: a file, or a folder that is searched for KQL and YAML files; may be
    /// repeated.
    #[arg(long, value_name = "PATH")]
    pub functions: Vec<PathBuf>,
    /// A folder with the watchlists that `_GetWatchlist` reads: a CSV file per alias.
    #[arg(long, value_name = "DIR")]
    pub watchlists: Option<PathBuf>,
    /// A folder of downloads for `externaldata`: https://HOST/PATH/FILE is read from
    /// DIR/HOST/PATH/FILE or DIR/FILE. Nothing is downloaded.
    #[arg(long, value_name = "DIR")]
    pub external: Option<PathBuf>,
    /// Memory that a query may use, such as 512MB or 4GiB.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub memory_limit: Option<usize>,
    /// Threads that work on a query. Default: one per processor.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl DataArguments {
    pub(super) fn options(&self) -> Options {
        let default = PathBuf::from(DEFAULT_DATA);
        let data = match self.data.as_slice() {
            [] if self.write.is_none() && self.schema.is_empty() && default.is_dir() => {
                vec![default]
            }
            given => given.to_vec(),
        };
        Options {
            data,
            schemas: self.schema.clone(),
            functions: self.functions.clone(),
            watchlists: self.watchlists.clone(),
            external: self.external.clone(),
            write: self.write.clone(),
            memory_limit: self.memory_limit,
            threads: self.threads.map(NonZeroUsize::get),
            ..Options::default()
        }
    }
}

/// How answers look.
#[derive(Debug, Args)]
pub(super) struct PresentArguments {
    /// The form of the result tables.
    #[arg(long, value_enum, default_value = "table")]
    pub format: FormatName,
    /// Report the time that each answer took.
    #[arg(long)]
    pub timings: bool,
    /// Rows shown in table format, 0 for all.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub max_rows: usize,
}

/// [`Format`] as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormatName {
    Table,
    Json,
    Jsonl,
    Csv,
    Tsv,
    Markdown,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Table => Format::Table,
            FormatName::Json => Format::Json,
            FormatName::Jsonl => Format::Jsonl,
            FormatName::Csv => Format::Csv,
            FormatName::Tsv => Format::Tsv,
            FormatName::Markdown => Format::Markdown,
        }
    }
}

/// [`Stage`] as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StageName {
    Tokens,
    Ast,
    Bound,
    Logical,
    Physical,
}

impl From<StageName> for Stage {
    fn from(name: StageName) -> Stage {
        match name {
            StageName::Tokens => Stage::Tokens,
            StageName::Ast => Stage::Ast,
            StageName::Bound => Stage::Bound,
            StageName::Logical => Stage::Logical,
            StageName::Physical => Stage::Physical,
        }
    }
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().into(), value.into())),
        _ => Err("expected NAME=VALUE".into()),
    }
}

fn parse_now(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let inner = text.strip_prefix("datetime(").and_then(|rest| rest.strip_suffix(')'));
    datetime::parse(inner.unwrap_or(text)).ok_or_else(|| "expected a datetime".into())
}

/// Bytes of `512MB`, `4GiB`, `1.5g` or a bare number. The units are powers of 1024.
fn parse_size(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let power = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return Err("expected a size such as 512MB or 4GiB".into()),
    };
    let number: f64 = number.parse().map_err(|_| "expected a size such as 512MB or 4GiB")?;
    let bytes = number * 1024f64.powi(power);
    if bytes < 1.0 || bytes >= usize::MAX as f64 {
        return Err("the size is out of range".into());
    }
    Ok(bytes as usize)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn grammar_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("512MB"), Ok(512 << 20));
        assert_eq!(parse_size("1.5 GiB"), Ok(3 << 29));
        assert_eq!(parse_size("77"), Ok(77));
        assert!(parse_size("0").is_err());
        assert!(parse_size("-1k").is_err());
        assert!(parse_size("4 bananas").is_err());
    }

    #[test]
    fn run_needs_a_query() {
        assert!(Arguments::try_parse_from(["kqlite", "run"]).is_err());
        assert!(Arguments::try_parse_from(["kqlite", "run", "-"]).is_ok());
        assert!(Arguments::try_parse_from(["kqlite", "run", "-q", "print 1"]).is_ok());
        assert!(Arguments::try_parse_from(["kqlite", "--data", "x"]).is_ok());
    }
}
