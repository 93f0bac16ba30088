//! `ipv4_lookup` and `ipv6_lookup`: rows beside those of a lookup table whose network holds their
//! address.

use super::arguments::{Arguments, column};
use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::naming::numbered;
use crate::binder::scope::Clause;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::table::prefix_lookup::PREFIX_LOOKUP;
use crate::plan::{Node, Relation};
use crate::syntax::ast::{Expr, FunctionCall};
use crate::types::{Column, RowSchema, Type, Value};

plugins! {
    /// Rows beside the rows of a lookup table whose IPv4 network holds their address.
    ///
    /// A row comes once for every network that holds its address and agrees in the extra keys, which
    /// are columns of both tables; the columns of the lookup table follow, without the extra keys.
    /// With `return_unmatched` rows without network stay. An address with a prefix stands for its
    /// network address; what is no address matches nothing.
    ///
    /// ```kql
    /// datatable(ip: string)["10.1.2.3", "11.0.0.1"]
    /// | evaluate ipv4_lookup((datatable(net: string, zone: string)["10.0.0.0/8", "lan"]), ip, net)    //=> 10.1.2.3, 10.0.0.0/8, lan
    /// ```
    "ipv4_lookup" "ipv4_lookup(LookupTable, SourceIPv4Key, IPv4LookupKey [, ExtraKey, …] [, return_unmatched])" => ipv4_lookup;

    /// Rows beside the rows of a lookup table whose IPv6 network holds their address.
    ///
    /// As `ipv4_lookup`, but without extra keys, and the columns of the lookup table come first.
    /// Addresses of version 4 count as the version 6 addresses that they are mapped to.
    ///
    /// ```kql
    /// datatable(ip: string)["2001:db8::7"]
    /// | evaluate ipv6_lookup((datatable(net: string, zone: string)["2001:db8::/48", "lan"]), ip, net)    //=> 2001:db8::/48, lan, 2001:db8::7
    /// ```
    "ipv6_lookup" "ipv6_lookup(LookupTable, SourceIPv6Key, IPv6LookupKey [, return_unmatched])" => ipv6_lookup;
}

fn ipv4_lookup<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    lookup(cx, input, call, 4).unwrap_or_else(|| cx.broken())
}

fn ipv6_lookup<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    lookup(cx, input, call, 6).unwrap_or_else(|| cx.broken())
}

fn lookup<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
    version: i64,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &["return_unmatched"])?;
    let table = table(cx, &mut args, &input)?;
    let address = args.column_of(cx, &input, Type::String, "SourceKey")?;
    let network = args.column_of(cx, &table, Type::String, "LookupKey")?;
    let mut keys: Vec<(usize, usize)> = vec![];
    let mut unmatched = args.by_name("return_unmatched");
    while let Some(arg) = args.next() {
        let is_column = match arg.unparenthesised() {
            Expr::Name(name) => input.schema.index_of(&name.text).is_some(),
            _ => false,
        };
        if is_column && version == 4 {
            keys.push(key(cx, &input, &table, arg)?);
        } else {
            unmatched = Some(arg);
            args.end(cx)?;
        }
    }
    let unmatched = match unmatched {
        Some(arg) => args.constant_as(cx, arg, Type::Bool)?.0 == Value::Bool(true),
        None => false,
    };
    // Keys go behind the columns that are given.
    let hidden: Vec<usize> = keys.iter().map(|(_, right)| *right).collect();
    let given: Vec<usize> = (0..table.schema.len()).filter(|i| !hidden.contains(i)).collect();
    let order: Vec<usize> = given.iter().chain(&hidden).copied().collect();
    let place = |index: usize| order.iter().position(|i| *i == index).unwrap_or_default();
    let network = place(network);
    let table = table.select(&order);
    let table_first = version == 6;
    let own = input.schema.columns().to_vec();
    let others = renamed(&own, &table.schema.columns()[..given.len()]);
    let columns: Vec<Column> = match table_first {
        true => others.into_iter().chain(own).collect(),
        false => own.into_iter().chain(others).collect(),
    };
    let long = |number: usize| Value::Long(number as i64);
    let mut constants = vec![
        Value::Long(version),
        long(address),
        long(network),
        long(usize::from(unmatched)),
        long(usize::from(table_first)),
        long(given.len()),
    ];
    for (left, right) in keys {
        constants.extend([long(left), long(place(right))]);
    }
    let node =
        Node::TableFunction { inputs: vec![input, table], function: &PREFIX_LOOKUP, constants };
    Some(Relation::new(node, RowSchema::new(columns)))
}

/// Columns of a lookup table, with new names where those looked up have them already.
pub(super) fn renamed(own: &[Column], given: &[Column]) -> Vec<Column> {
    let mut others: Vec<Column> = vec![];
    for column in given {
        let taken = |name: &str| own.iter().chain(&others).any(|known| *known.name == *name);
        let name = match taken(&column.name) {
            true => numbered(&column.name, taken),
            false => column.name.clone(),
        };
        others.push(Column { name, ty: column.ty });
    }
    others
}

/// The next argument as a table.
pub(super) fn table<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    input: &Relation,
) -> Option<Relation> {
    let arg = args.required(cx, "LookupTable")?;
    if !cx.is_tabular(&Clause::constant(), arg) {
        let shadowed = match arg.unparenthesised() {
            Expr::Name(name) => input.schema.index_of(&name.text).is_some(),
            _ => false,
        };
        if let (Expr::Name(_), false) = (arg.unparenthesised(), shadowed) {
            // Reports the unknown name.
            cx.inner_relation(arg);
        } else {
            let message = format!("`{}` takes a table here", args.plugin);
            cx.error(codes::EXPRESSION_TYPE, arg.span(), message);
        }
        return None;
    }
    let table = cx.inner_relation(arg);
    (!table.schema.is_empty()).then_some(table)
}

/// A column of both tables.
fn key<'a>(
    cx: &mut Binder<'a>,
    input: &Relation,
    table: &Relation,
    arg: &'a Expr,
) -> Option<(usize, usize)> {
    let left = column(cx, input, arg)?;
    let right = column(cx, table, arg)?;
    let types = [input.schema.columns()[left].ty, table.schema.columns()[right].ty];
    if types[0] == types[1] && types[0] != Type::Dynamic {
        return Some((left, right));
    }
    let message = format!("a key of type {} does not match one of type {}", types[0], types[1]);
    cx.diagnostics.push(
        Diagnostic::error(codes::JOIN_KEY_TYPES, arg.span(), message)
            .hint("convert one side before, as in `extend k = tostring(k)`"),
    );
    None
}
