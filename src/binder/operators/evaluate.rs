//! The `evaluate` operator: `T | evaluate plugin(args) [: (schema)]`, and the plugins, one file per
//! plugin or family.

mod activity;
mod arguments;
mod bag_unpack;
mod dcount_intersect;
mod geo_lookup;
mod lookup;
mod narrow;
mod patterns;
mod pivot;
mod plugin;
mod rows;
mod schema_merge;
mod sequences;
pub(super) mod several;
mod timeline;

pub use plugin::Plugin;

use crate::binder::Binder;
use crate::binder::tables::declared;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::{EvaluateSchema, Expr, StarPlace};
use crate::types::{Column, RowSchema, Type, Value};

static FAMILIES: &[&[Plugin]] = &[
    activity::PLUGINS,
    bag_unpack::PLUGINS,
    dcount_intersect::PLUGINS,
    geo_lookup::PLUGINS,
    lookup::PLUGINS,
    narrow::PLUGINS,
    patterns::PLUGINS,
    pivot::PLUGINS,
    rows::PLUGINS,
    schema_merge::PLUGINS,
    sequences::PLUGINS,
    several::PLUGINS,
];

/// All plugins.
pub fn plugins() -> impl Iterator<Item = &'static Plugin> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

pub(super) fn bind<'a>(
    cx: &mut Binder<'a>,
    input: Option<Relation>,
    call: &'a Expr,
    schema: Option<&'a EvaluateSchema>,
) -> Relation {
    let Expr::Call(call) = call else {
        cx.error(codes::SYNTAX, call.span(), "`evaluate` needs a plugin and its arguments");
        return cx.broken();
    };
    let name = &*call.name.text;
    let Some(plugin) = plugins().find(|plugin| plugin.name == name) else {
        if cx.refuse_known("plugin ", &call.name) {
            return cx.broken();
        }
        let message = format!("unknown plugin `{name}`");
        cx.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_FUNCTION, call.name.span, message).suggest(
                "plugin",
                name,
                plugins().map(|plugin| plugin.name),
            ),
        );
        return cx.broken();
    };
    let Some(schema) = schema else { return (plugin.bind)(cx, input, call) };
    let source = input.as_ref().map(|input| input.schema.clone()).unwrap_or_default();
    let columns = declared(cx, &schema.columns);
    let outer = cx.declared.replace(columns.clone());
    let output = (plugin.bind)(cx, input, call);
    cx.declared = outer;
    as_declared(cx, output, &source, schema, columns)
}

/// The columns that the schema behind a plugin lists, and for its `*` those that come from `source`.
/// Each must be among the columns of the plugin, in the declared type.
fn as_declared(
    cx: &mut Binder,
    output: Relation,
    source: &RowSchema,
    schema: &EvaluateSchema,
    columns: Vec<Column>,
) -> Relation {
    if cx.quiet && output.schema.is_empty() {
        let node = Node::Values { rows: vec![] };
        return Relation::new(node, RowSchema::new(columns));
    }
    let mut kept = vec![];
    if schema.star.is_some() {
        for (index, column) in output.schema.columns().iter().enumerate() {
            let listed = columns.iter().any(|known| known.name == column.name);
            if !listed && source.index_of(&column.name).is_some() {
                kept.push((column.clone(), output.column(index)));
            }
        }
    }
    let mut listed = vec![];
    for (column, declaration) in columns.into_iter().zip(&schema.columns) {
        let value = match output.schema.index_of(&column.name) {
            Some(index) => output.column(index),
            None => {
                if !output.is_open() && !cx.quiet {
                    let message = format!("the plugin gives no column `{}`", column.name);
                    cx.error(codes::UNKNOWN_NAME, declaration.name.span, message);
                }
                ScalarExpr::Literal(Value::null(column.ty))
            }
        };
        if value.ty() != column.ty && column.ty != Type::Unknown {
            let message =
                format!("the plugin gives `{}` as {}, not {}", column.name, value.ty(), column.ty);
            cx.error(codes::EXPRESSION_TYPE, declaration.name.span, message);
        }
        listed.push((column, value));
    }
    match schema.star {
        Some(StarPlace::After) => output.project(listed.into_iter().chain(kept).collect()),
        _ => output.project(kept.into_iter().chain(listed).collect()),
    }
}
