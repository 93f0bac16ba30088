//! Tabular operators, in files by what they do to a table. Each parsing method is called behind the
//! operator's keyword.

mod columns;
mod combine;
mod graph;
mod group;
mod nested;
mod reshape;
mod rows;
mod sources;

use super::{OPERATOR_DEPTH, Parser};
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::syntax::ast::{Operator, OperatorKind, Parameter};
use crate::syntax::token::TokenKind as T;

/// What a parsing method of an operator gives.
type Parsed = (Vec<Parameter>, OperatorKind);

/// Operators by keyword. The first group may stand behind a pipe only.
type Production = fn(&mut Parser<'_>) -> Parsed;

const OPERATORS: &[(&str, Production)] = &[
    ("__partitionby", nested::partition_by),
    ("as", rows::as_),
    ("assert-schema", rows::assert_schema),
    ("consume", rows::consume),
    ("count", rows::count),
    ("distinct", columns::distinct),
    ("evaluate", reshape::evaluate),
    ("execute_and_cache", rows::execute_and_cache),
    ("extend", columns::extend),
    ("facet", nested::facet),
    ("filter", rows::where_),
    ("find", combine::find),
    ("fork", nested::fork),
    ("getschema", rows::getschema),
    ("graph-mark-components", graph::mark_components),
    ("graph-match", graph::match_),
    ("graph-shortest-paths", graph::shortest_paths),
    ("graph-to-table", graph::to_table),
    ("graph-where-edges", graph::where_edges),
    ("graph-where-nodes", graph::where_nodes),
    ("invoke", reshape::invoke),
    ("join", combine::join),
    ("limit", rows::take),
    ("lookup", combine::lookup),
    ("make-graph", graph::make),
    ("make-series", group::make_series),
    ("mv-apply", reshape::mv_apply),
    ("mv-expand", reshape::mv_expand),
    ("mvapply", reshape::mv_apply),
    ("mvexpand", reshape::mvexpand),
    ("order", rows::sort),
    ("parse", reshape::parse),
    ("parse-kv", reshape::parse_kv),
    ("parse-where", reshape::parse_where),
    ("partition", nested::partition),
    ("project", columns::project),
    ("project-away", columns::project_away),
    ("project-by-names", columns::project_by_names),
    ("project-keep", columns::project_keep),
    ("project-rename", columns::project_rename),
    ("project-reorder", columns::project_reorder),
    ("reduce", group::reduce),
    ("render", rows::render),
    ("sample", rows::sample),
    ("sample-distinct", rows::sample_distinct),
    ("scan", nested::scan),
    ("search", combine::search),
    ("serialize", columns::serialize),
    ("sort", rows::sort),
    ("summarize", group::summarize),
    ("take", rows::take),
    ("top", rows::top),
    ("top-hitters", group::top_hitters),
    ("top-nested", group::top_nested),
    ("union", combine::union),
    ("where", rows::where_),
];

const SOURCES: &[(&str, Production)] = &[
    ("datatable", sources::datatable),
    ("evaluate", reshape::evaluate),
    ("entity_group", sources::entity_group),
    ("external_data", sources::externaldata),
    ("externaldata", sources::externaldata),
    ("find", combine::find),
    ("inline_external_table", sources::inline_external_table),
    ("macro-expand", sources::macro_expand),
    ("print", sources::print),
    ("range", sources::range),
    ("search", combine::search),
    ("union", combine::union),
];

/// The words that begin an operator or a source, each once.
pub fn operator_keywords() -> impl Iterator<Item = &'static str> {
    let behind_pipes = |name: &str| OPERATORS.iter().any(|(other, _)| *other == name);
    let sources = SOURCES.iter().filter(move |(name, _)| !behind_pipes(name));
    OPERATORS.iter().chain(sources).map(|(name, _)| *name)
}

/// Whether a word begins an operator or a source.
pub(super) fn is_keyword(word: &str) -> bool {
    OPERATORS.iter().chain(SOURCES).any(|(name, _)| *name == word)
}

impl Parser<'_> {
    /// `| operator | operator …`, as long as there are pipes.
    pub(super) fn pipeline(&mut self) -> Vec<Operator> {
        let mut operators = vec![];
        while self.eat(T::Pipe) {
            operators.extend(self.operator());
        }
        operators
    }

    /// `operator | operator …`, inside the parentheses of another operator.
    pub(super) fn sub_pipeline(&mut self) -> Vec<Operator> {
        let mut operators: Vec<Operator> = self.operator().into_iter().collect();
        operators.extend(self.pipeline());
        operators
    }

    fn operator(&mut self) -> Option<Operator> {
        let length = self.keyword_length();
        let start = self.span();
        let end = self.nth(length.saturating_sub(1)).span;
        let keyword = if length == 0 { "" } else { self.slice(start.to(end)) };
        let Some((_, production)) = OPERATORS.iter().find(|(name, _)| *name == keyword) else {
            self.no_operator(keyword, length);
            return None;
        };
        Some(self.run(length, *production))
    }

    fn run(&mut self, length: usize, production: Production) -> Operator {
        let start = self.span();
        (0..length).for_each(|_| {
            self.bump();
        });
        let keyword = self.since(start);
        self.depth += OPERATOR_DEPTH;
        let (parameters, kind) = production(self);
        self.depth -= OPERATOR_DEPTH;
        let ends = matches!(
            self.kind(),
            T::Pipe
                | T::Semicolon
                | T::End
                | T::CloseParen
                | T::CloseBrace
                | T::CloseBracket
                | T::Comma
        );
        if !ends && !self.goes_on() {
            self.expected("`|` or the end of the operator");
            self.recover();
        }
        Operator { kind, keyword, span: self.since(start), parameters }
    }

    /// Words that may follow an operator that stands inside another clause.
    fn goes_on(&self) -> bool {
        matches!(
            self.word(),
            "on" | "with"
                | "as"
                | "by"
                | "to"
                | "limit"
                | "step"
                | "from"
                | "asc"
                | "desc"
                | "and"
                | "or"
        )
    }

    /// How many tokens the (possibly dashed) keyword here has.
    fn keyword_length(&self) -> usize {
        if self.kind() != T::Name {
            return 0;
        }
        let mut length = 1;
        while self.nth(length).kind == T::Minus
            && self.nth(length + 1).kind == T::Name
            && self.touches(length - 1)
            && self.touches(length)
        {
            length += 2;
        }
        length
    }

    fn no_operator(&mut self, keyword: &str, length: usize) {
        if keyword.is_empty() {
            self.missing(codes::NO_OPERATOR, "an operator");
        } else {
            let span = self.span().to(self.nth(length - 1).span);
            let names = OPERATORS.iter().map(|(name, _)| *name);
            let mut diagnostic =
                Diagnostic::error(codes::NO_OPERATOR, span, format!("`{keyword}` is no operator"));
            if let Some(found) = nearest(keyword, names) {
                diagnostic = diagnostic.hint(format!("a similar operator exists: `{found}`"));
            }
            self.report(diagnostic);
        }
        self.recover();
    }

    /// An operator that needs no input, if one stands here.
    pub(super) fn opt_source(&mut self) -> Option<Operator> {
        let length = self.keyword_length();
        if length == 0 {
            return None;
        }
        let keyword = self.slice(self.span().to(self.nth(length - 1).span));
        let (_, production) = SOURCES.iter().find(|(name, _)| *name == keyword)?;
        let next = self.nth(length);
        let is_source = match keyword {
            "range" => next.kind == T::Name || next.kind == T::OpenBracket,
            "datatable" | "externaldata" | "external_data" => next.kind == T::OpenParen,
            "entity_group" => next.kind == T::OpenBracket,
            "inline_external_table" => next.kind == T::OpenParen || next.kind == T::Name,
            "evaluate" => next.kind == T::Name,
            _ => !matches!(
                next.kind,
                T::Pipe
                    | T::Semicolon
                    | T::End
                    | T::CloseParen
                    | T::CloseBracket
                    | T::Comma
                    | T::Dot
                    | T::Assign
                    | T::Equal
                    | T::NotEqual
                    | T::EqualTilde
                    | T::Less
                    | T::LessEqual
                    | T::Greater
                    | T::GreaterEqual
            ),
        };
        is_source.then(|| self.run(length, *production))
    }
}
