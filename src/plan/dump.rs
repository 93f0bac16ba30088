//! The text form of bound plans, for `explain` and snapshots: one line per node, inputs indented.

use std::fmt::{self, Display, Write};

use super::{AggregateCall, Node, ParseMethod, ParseStep, Relation, ScalarExpr};
use crate::types::{Column, RowSchema, Value};

/// Writes a relation as an indented tree.
pub fn dump(relation: &Relation) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_relation(&mut out, relation, 0);
    out
}

fn write_relation(out: &mut String, relation: &Relation, depth: usize) -> fmt::Result {
    write!(out, "{:1$}", "", depth * 2)?;
    let (head, inputs) = describe(relation);
    writeln!(out, "{head}  → {}", Columns(&relation.schema))?;
    inputs.into_iter().try_for_each(|input| write_relation(out, input, depth + 1))
}

fn describe(relation: &Relation) -> (String, Vec<&Relation>) {
    match &*relation.node {
        Node::Scan { database, table } => {
            let database = database.as_ref().map(|d| format!("{d}.")).unwrap_or_default();
            (format!("scan {database}{table}"), vec![])
        }
        Node::External { source } => {
            let places = source.files.iter().map(|file| file.place.text());
            (format!("external {}", join(places)), vec![])
        }
        Node::Void => ("no rows, open columns".to_string(), vec![]),
        Node::Values { rows } => (format!("values {} rows", rows.len()), vec![]),
        Node::Range { from, to, step } => (
            format!("range {} .. {} step {}", from.literal(), to.literal(), step.literal()),
            vec![],
        ),
        Node::Filter { input, predicate } => {
            (format!("filter {}", Over(predicate, &input.schema)), vec![input])
        }
        Node::Project { input, exprs } => {
            let named = relation.schema.names().zip(exprs);
            let list = named.map(|(name, expr)| format!("{name} = {}", Over(expr, &input.schema)));
            (format!("project {}", join(list)), vec![input])
        }
        Node::Aggregate { input, keys, calls } => {
            let keys = join(keys.iter().map(|key| Over(key, &input.schema)));
            let calls = join(calls.iter().map(|call| aggregate(call, &input.schema)));
            (format!("aggregate {calls} by {keys}"), vec![input])
        }
        Node::Sort { input, keys } => {
            let keys = keys.iter().map(|key| {
                let direction = if key.descending { "desc" } else { "asc" };
                let nulls = if key.nulls_first { "first" } else { "last" };
                format!("{} {direction} nulls {nulls}", Over(&key.expr, &input.schema))
            });
            (format!("sort {}", join(keys)), vec![input])
        }
        Node::Limit { input, count } => (format!("limit {count}"), vec![input]),
        Node::Join { left, right, kind, on } => {
            let on = on
                .iter()
                .map(|(l, r)| format!("{} = {}", Over(l, &left.schema), Over(r, &right.schema)));
            (format!("join {} on {}", kind.name(), join(on)), vec![left, right])
        }
        Node::Align { input, columns } => {
            let names: Vec<&str> = relation.schema.names().collect();
            let list = columns.iter().map(|(index, expr)| {
                format!("{} = {}", names.get(*index).unwrap_or(&"?"), Over(expr, &input.schema))
            });
            (format!("align {}", join(list)), vec![input])
        }
        Node::Union { inputs } => ("union".to_string(), inputs.iter().collect()),
        Node::Expand { input, expansions, position, limit } => {
            let list = expansions
                .iter()
                .map(|e| format!("{} to {}", Over(&e.source, &input.schema), e.ty));
            let position = if *position { " with position" } else { "" };
            let limit = limit.map(|n| format!(" limit {n}")).unwrap_or_default();
            (format!("expand {}{position}{limit}", join(list)), vec![input])
        }
        Node::Parse { input, source, method: ParseMethod::KeyValues(pattern) } => {
            let keys = join(pattern.keys.iter().map(|(key, ty)| format!("{key}:{ty}")));
            (format!("parse-kv {} as {keys}", Over(source, &input.schema)), vec![input])
        }
        Node::Parse { input, source, method: ParseMethod::Pattern(pattern) } => {
            let steps = pattern.steps.iter().map(|step| match step {
                ParseStep::Any => "*".to_string(),
                ParseStep::Text(text) => format!("{text:?}"),
                ParseStep::Column(ty) => format!(":{ty}"),
            });
            let steps = steps.collect::<Vec<_>>().join(" ");
            (format!("parse {} with {steps}", Over(source, &input.schema)), vec![input])
        }
        Node::Window { input, calls } => {
            let calls = calls.iter().map(|call| {
                let args = join(call.args.iter().map(|arg| Over(arg, &input.schema)));
                format!("{:?}({args})", call.function)
            });
            (format!("window {}", join(calls)), vec![input])
        }
        Node::TableFunction { inputs, function, constants } => {
            let constants = join(constants.iter().map(Value::literal));
            (format!("table function {}({constants})", function.name), inputs.iter().collect())
        }
        Node::Steps(scan) => (format!("scan of {} steps", scan.steps.len()), vec![&scan.input]),
        Node::Consume { input } => ("consume".to_string(), vec![input]),
    }
}

fn aggregate(call: &AggregateCall, schema: &RowSchema) -> String {
    let args = join(call.args.iter().map(|arg| Over(arg, schema)));
    let filter = call.filter.as_ref().map(|f| format!(" where {}", Over(f, schema)));
    format!("{}({args}){}", call.function.name, filter.unwrap_or_default())
}

fn join<T: Display>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// A schema as `name: type, …`.
struct Columns<'a>(&'a RowSchema);

impl Display for Columns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('(')?;
        for (index, Column { name, ty }) in self.0.columns().iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}: {ty}")?;
        }
        f.write_char(')')
    }
}

/// An expression with its columns spelled by the names of the schema it is over.
struct Over<'a>(&'a ScalarExpr, &'a RowSchema);

impl Display for Over<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Over(expr, schema) = *self;
        let list = |f: &mut fmt::Formatter<'_>, items: &[ScalarExpr], between: &str| {
            for (index, item) in items.iter().enumerate() {
                let between = if index == 0 { "" } else { between };
                write!(f, "{between}{}", Over(item, schema))?;
            }
            Ok(())
        };
        match expr {
            ScalarExpr::Column { index, .. } => match schema.columns().get(*index) {
                Some(column) => f.write_str(&column.name),
                None => write!(f, "#{index}"),
            },
            ScalarExpr::Literal(value) => f.write_str(&value.literal()),
            ScalarExpr::Pending { ty } => write!(f, "<pending {ty}>"),
            ScalarExpr::Call(call) => {
                write!(f, "{}(", call.function.name)?;
                list(f, &call.args, ", ")?;
                f.write_char(')')
            }
            ScalarExpr::And(terms) => {
                f.write_char('(')?;
                list(f, terms, " and ")?;
                f.write_char(')')
            }
            ScalarExpr::Or(terms) => {
                f.write_char('(')?;
                list(f, terms, " or ")?;
                f.write_char(')')
            }
        }
    }
}
