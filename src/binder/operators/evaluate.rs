//! The `evaluate` operator: `T | evaluate plugin(args) [: (schema)]`, and the plugins, one file per
//! plugin or family.

mod activity;
mod arguments;
mod bag_unpack;
mod dcount_intersect;
mod lookup;
mod narrow;
mod pivot;
mod plugin;
mod rows;
mod schema_merge;
mod sequences;
mod timeline;

pub use plugin::Plugin;

use crate::binder::Binder;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::Relation;
use crate::syntax::ast::{EvaluateSchema, Expr};

static FAMILIES: &[&[Plugin]] = &[
    activity::PLUGINS,
    bag_unpack::PLUGINS,
    dcount_intersect::PLUGINS,
    lookup::PLUGINS,
    narrow::PLUGINS,
    pivot::PLUGINS,
    rows::PLUGINS,
    schema_merge::PLUGINS,
    sequences::PLUGINS,
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
    if let Some(schema) = schema {
        let message = "a declared schema of a plugin is not supported yet";
        cx.error(codes::UNSUPPORTED, schema.span, message);
        return cx.broken();
    }
    (plugin.bind)(cx, input, call)
}
