//! The `evaluate` operator: `T | evaluate plugin(args) [: (schema)]`, and the plugins.

mod bag_unpack;
mod narrow;
mod pivot;

use crate::binder::Binder;
use crate::diagnostics::{Diagnostic, codes};
use crate::plan::Relation;
use crate::syntax::ast::{EvaluateSchema, Expr, FunctionCall};

/// A plugin's binding function.
type Bind = for<'a> fn(&mut Binder<'a>, Relation, &'a FunctionCall) -> Relation;

const PLUGINS: &[(&str, Bind)] =
    &[("bag_unpack", bag_unpack::bind), ("narrow", narrow::bind), ("pivot", pivot::bind)];

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
    let Some((_, bind)) = PLUGINS.iter().find(|(plugin, _)| *plugin == name) else {
        if cx.refuse_known("plugin ", &call.name) {
            return cx.broken();
        }
        let message = format!("unknown plugin `{name}`");
        cx.diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_FUNCTION, call.name.span, message).suggest(
                "plugin",
                name,
                PLUGINS.iter().map(|(plugin, _)| *plugin),
            ),
        );
        return cx.broken();
    };
    if let Some(schema) = schema {
        let message = "a declared schema of a plugin is not supported yet";
        cx.error(codes::UNSUPPORTED, schema.span, message);
        return cx.broken();
    }
    match input {
        Some(input) => bind(cx, input, call),
        None => {
            let message = format!("plugin `{name}` needs a table before it");
            cx.error(codes::SYNTAX, call.span, message);
            cx.broken()
        }
    }
}
