//! What a rule may not read, or has no use for.

use super::Sink;
use super::query::{Place, Query};
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Operator, OperatorKind, Statement, Visitor, walk};
use crate::text::Span;

/// As many workspaces as the service recommends, and as it allows.
const MANY_WORKSPACES: usize = 20;
const MOST_WORKSPACES: usize = 100;

/// Operators over all tables, and plugins that are not allowed in rules.
pub(super) fn refused(_: &Query, operator: &Operator, sink: &mut Sink) {
    match &operator.kind {
        OperatorKind::Search { tables, .. } if tables.is_empty() => {
            all_tables(sink, operator.keyword, "`search` without tables", "`search in (T1, T2) …`");
        }
        OperatorKind::Find(find) if find.tables.is_empty() => {
            all_tables(sink, operator.keyword, "`find` without tables", "`find in (T1, T2) …`");
        }
        OperatorKind::Union { inputs } => {
            for input in inputs {
                let is_all = match input {
                    Expr::Star(_) => true,
                    Expr::Wildcard(name) => &*name.text == "*",
                    _ => false,
                };
                if is_all {
                    all_tables(sink, input.span(), "`union *`", "`union T1, T2`");
                }
            }
        }
        OperatorKind::Evaluate { call: Expr::Call(call), .. }
            if matches!(&*call.name.text, "python" | "r") =>
        {
            let message = format!("the plugin `{}` does not run in rules", call.name.text);
            sink.tell(Diagnostic::error(codes::NOT_IN_RULES, call.name.span, message));
        }
        _ => {}
    }
}

fn all_tables(sink: &mut Sink, place: Span, what: &str, instead: &str) {
    let message = format!("{what} reads all tables, which a rule may not");
    let told = Diagnostic::error(codes::ALL_TABLES, place, message);
    sink.tell(told.hint(format!("name the tables: {instead}")));
}

/// Data of other services.
pub(super) fn remote(_: &Query, _: Place, expr: &Expr, sink: &mut Sink) {
    let Expr::Call(call) = expr else { return };
    if matches!(&*call.name.text, "cluster" | "adx" | "arg") && call.args.len() == 1 {
        let message = format!("a rule cannot read what `{}()` names", call.name.text);
        let told = Diagnostic::error(codes::NOT_IN_RULES, call.span, message);
        sink.tell(told.hint("only tables of workspaces can be read: `workspace(\"…\").T`"));
    }
}

/// Commands instead of queries.
pub(super) fn commands(query: &Query, sink: &mut Sink) {
    for statement in &query.script.statements {
        if let Statement::Command(command) = statement {
            let message = "a rule runs a query, not a command";
            sink.tell(Diagnostic::error(codes::NOT_IN_RULES, command.span, message));
        }
    }
}

/// `render`, which draws nothing in a rule.
pub(super) fn render(_: &Query, source: Option<&Expr>, operators: &[Operator], sink: &mut Sink) {
    for (index, operator) in operators.iter().enumerate() {
        let OperatorKind::Render { .. } = operator.kind else { continue };
        let end = match index.checked_sub(1) {
            Some(before) => operators[before].span.end,
            None => match source {
                Some(source) => source.span().end,
                None => continue,
            },
        };
        let message = "`render` has no effect in a rule";
        let told = Diagnostic::information(codes::RENDER_IN_RULE, operator.keyword, message);
        let edit = Span::new(end, operator.span.end);
        sink.tell_and_mend(told, "remove `render`".to_string(), vec![(edit, String::new())]);
    }
}

/// Calls of `workspace`.
#[derive(Default)]
struct Workspaces<'a> {
    found: Vec<&'a Expr>,
}

impl<'a> Visitor<'a> for Workspaces<'a> {
    fn expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && &*call.name.text == "workspace"
        {
            self.found.push(expr);
        }
    }
}

/// How many workspaces a rule reads.
pub(super) fn workspaces(query: &Query, sink: &mut Sink) {
    if !query.source.text().contains("workspace") {
        return;
    }
    let mut workspaces = Workspaces::default();
    walk(&mut workspaces, query.script);
    let mut names: Vec<&str> =
        workspaces.found.iter().map(|call| query.source.slice(call.span())).collect();
    names.sort_unstable();
    names.dedup();
    let Some(first) = workspaces.found.first() else { return };
    let count = names.len();
    let told = if count > MOST_WORKSPACES {
        let message = format!("{count} workspaces, where a query reads {MOST_WORKSPACES} at most");
        Diagnostic::error(codes::WORKSPACES, first.span(), message)
    } else if count > MANY_WORKSPACES {
        let message = format!("{count} workspaces: beyond {MANY_WORKSPACES}, queries become slow");
        Diagnostic::warning(codes::WORKSPACES, first.span(), message)
    } else {
        return;
    };
    sink.tell(told.hint("several rules, each over some of them"));
}
