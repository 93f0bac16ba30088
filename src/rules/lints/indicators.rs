//! Threat indicators, of which the table keeps every version.

use super::Sink;
use super::query::Query;
use crate::diagnostics::{Diagnostic, codes};
use crate::syntax::ast::{Expr, Name, Operator, OperatorKind, Visitor, walk};

/// Tables of indicators, and the column that tells one from another.
const TABLES: &[(&str, &str)] =
    &[("ThreatIntelligenceIndicator", "IndicatorId"), ("ThreatIntelIndicators", "Id")];

#[derive(Default)]
struct Finder<'a> {
    tables: Vec<&'a Name>,
    /// Whether the latest row of something is taken anywhere.
    latest_of: Vec<&'a str>,
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr
            && TABLES.iter().any(|(table, _)| *table == &*name.text)
        {
            self.tables.push(name);
        }
    }

    fn operator(&mut self, operator: &'a Operator) {
        let OperatorKind::Summarize { aggregates, by } = &operator.kind else { return };
        let is_latest = aggregates.iter().any(|aggregate| {
            let value = match aggregate {
                Expr::Named(named) => &named.value,
                other => other,
            };
            matches!(value, Expr::Call(call) if &*call.name.text == "arg_max")
        });
        if is_latest {
            self.latest_of.extend(by.iter().filter_map(|key| match key {
                Expr::Name(name) => Some(&*name.text),
                _ => None,
            }));
        }
    }
}

pub(super) fn check(query: &Query, sink: &mut Sink) {
    let text = query.source.text();
    if !TABLES.iter().any(|(table, _)| text.contains(table)) {
        return;
    }
    let mut finder = Finder::default();
    walk(&mut finder, query.script);
    for table in finder.tables {
        let Some((_, id)) = TABLES.iter().find(|(name, _)| *name == &*table.text) else { continue };
        if finder.latest_of.contains(id) {
            continue;
        }
        let message = format!(
            "`{}` keeps every version of an indicator, revoked and expired ones too",
            table.text
        );
        sink.tell(
            Diagnostic::warning(codes::INDICATOR_VERSIONS, table.span, message)
                .hint(format!("keep the latest: `| summarize arg_max(TimeGenerated, *) by {id}`")),
        );
        return;
    }
}
