//! Where the arguments of a function stand makes no difference: constants, columns and both mixed
//! give the same, in every example of every function.

use kqlite::functions::scalars;
use kqlite::syntax::{self, ast};
use kqlite::text::Source;

use crate::docs::examples;
use crate::operands::over_columns;
use crate::support::{Runner, Table};

/// The values of `print` in an example that is nothing but a `print`.
fn printed(query: &str) -> Vec<String> {
    let source = Source::new("test", query);
    let parsed = syntax::parse(&source);
    let [ast::Statement::Query(statement)] = parsed.script.statements.as_slice() else {
        return vec![];
    };
    let ast::Expr::Source(print) = statement.unparenthesised() else { return vec![] };
    let ast::OperatorKind::Print { columns } = &print.operator.kind else { return vec![] };
    let value = |column: &ast::Expr| match column {
        ast::Expr::Named(named) => named.value.span(),
        other => other.span(),
    };
    columns.iter().map(|column| source.slice(value(column)).to_string()).collect()
}

/// Examples whose answer depends on the place: a number is read as a bool only beside a bool column.
const READ_BY_PLACE: &[&str] = &["2 != true", "2 <= true", "2 > true"];

/// A null of the type of a constant: the empty string has none.
fn null(runner: &Runner, operand: &str) -> String {
    let header = runner.tables(&format!("print a = {operand}"), 0).ok();
    let ty = header.and_then(|t| t[0].header.split_once(':').map(|(_, ty)| ty.to_string()));
    match ty.as_deref() {
        None => operand.into(),
        Some("string") => "''".into(),
        Some(ty) => format!("{ty}(null)"),
    }
}

fn first(tables: &[Table]) -> String {
    tables[0].rows.first().map_or("no row".into(), |row| row[0].literal())
}

#[test]
fn arguments_may_stand_anywhere() {
    let runner = Runner::new(2, 1);
    let mut wrong = vec![];
    let mut compared = 0;
    for function in scalars() {
        for example in examples(function.docs) {
            for expression in printed(&example.query) {
                if READ_BY_PLACE.contains(&expression.as_str()) {
                    continue;
                }
                let constant = format!("print r = {expression}");
                let Ok(once) = runner.tables(&constant, 0) else { continue };
                let again = runner.tables(&constant, 0).expect("it ran before");
                let (expected, stable) = (first(&once), first(&once) == first(&again));
                let operands = over_columns(&expression, |_| true).map_or(0, |o| o.columns.len());
                let alone = if operands > 1 { 0..6 } else { 0..0 };
                let choices = std::iter::once(None).chain(alone.map(Some));
                for chosen in choices {
                    let taken = |index: usize| chosen.is_none_or(|chosen| chosen == index);
                    let Some(over) = over_columns(&expression, taken) else { continue };
                    let columns: Vec<String> = over
                        .columns
                        .iter()
                        .map(|(name, operand)| {
                            let null = null(&runner, operand);
                            format!("{name} = iff(row % 2 == 0, {null}, {operand})")
                        })
                        .collect();
                    let query = |last: usize| {
                        format!(
                            "range row from 1 to {last} step 1 | extend {} | project r = {}",
                            columns.join(", "),
                            over.expression
                        )
                    };
                    // Some arguments must be constants.
                    let rows = match runner.tables(&query(5), 0) {
                        Ok(tables) => tables,
                        Err(text) if text.starts_with("panicked") || text.contains("internal") => {
                            wrong.push(format!("{}\n    {text}", query(5)));
                            continue;
                        }
                        Err(_) => continue,
                    };
                    compared += 1;
                    let answers: Vec<String> =
                        rows[0].rows.iter().map(|row| row[0].literal()).collect();
                    for row in [0, 2, 4] {
                        if stable && answers.get(row) != Some(&expected) {
                            wrong.push(format!(
                                "{}\n    constants give {expected}, columns {answers:?}",
                                query(5)
                            ));
                            break;
                        }
                    }
                    if answers.get(1) != answers.get(3) && stable {
                        wrong.push(format!("{}\n    nulls give {answers:?}", query(5)));
                    }
                    if once[0].header != rows[0].header {
                        wrong.push(format!(
                            "{}\n    a constant is {}, a column {}",
                            query(5),
                            once[0].header,
                            rows[0].header
                        ));
                    }
                    if chosen.is_some() {
                        continue;
                    }
                    match runner.tables(&query(0), 0) {
                        Ok(none) if none[0].rows.is_empty() => {}
                        Ok(_) => wrong.push(format!("{}\n    gives rows", query(0))),
                        Err(text) => wrong.push(format!("{}\n    {text}", query(0))),
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 1000, "{compared}");
}
