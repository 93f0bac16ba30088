//! The operands of an expression, to be put into columns.

use kqlite::syntax::{self, ast};
use kqlite::text::{Source, Span};

/// An expression some of whose operands are columns `a0`, `a1`, … instead.
pub struct OverColumns {
    /// Name and operand, as written, of every column.
    pub columns: Vec<(String, String)>,
    /// The expression that reads them.
    pub expression: String,
}

/// The expression with those of its operands in columns that `chosen` takes by their position.
/// `None` where it takes none, or the expression has none.
pub fn over_columns(expression: &str, chosen: impl Fn(usize) -> bool) -> Option<OverColumns> {
    let source = Source::new("test", format!("print {expression}"));
    let parsed = syntax::parse(&source);
    let ast::Statement::Query(statement) = parsed.script.statements.first()? else { return None };
    let ast::Expr::Source(print) = statement.unparenthesised() else { return None };
    let ast::OperatorKind::Print { columns } = &print.operator.kind else { return None };
    let operands = operands(columns.first()?.unparenthesised());
    let spans: Vec<Span> = operands
        .iter()
        .enumerate()
        .filter(|(index, e)| !matches!(e, ast::Expr::TypeOf(_)) && chosen(*index))
        .map(|(_, e)| e.span())
        .collect();
    if spans.is_empty() {
        return None;
    }
    let mut columns = vec![];
    let mut text = source.text().to_string();
    for (i, span) in spans.iter().enumerate().rev() {
        columns.push((format!("a{i}"), source.slice(*span).to_string()));
        text.replace_range(span.range(), &format!("a{i}"));
    }
    Some(OverColumns { columns, expression: text.strip_prefix("print ")?.to_string() })
}

fn operands(expr: &ast::Expr) -> Vec<&ast::Expr> {
    match expr {
        ast::Expr::Named(named) => operands(named.value.unparenthesised()),
        ast::Expr::Call(call) => call.args.iter().collect(),
        ast::Expr::Binary(binary) => vec![&binary.left, &binary.right],
        ast::Expr::Between(between) => vec![&between.value, &between.low, &between.high],
        ast::Expr::In(test) => vec![&test.value],
        ast::Expr::Unary(unary) => vec![&unary.operand],
        ast::Expr::Index(index) => vec![&index.target],
        ast::Expr::Member(member) => vec![&member.target],
        _ => vec![],
    }
}
