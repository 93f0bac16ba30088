//! `geo_line_lookup` and `geo_polygon_lookup`: rows beside those of a lookup table whose shape is
//! where their point is.

use super::arguments::{Arguments, column};
use super::lookup::{renamed, table};
use super::plugin::plugins;
use crate::binder::Binder;
use crate::binder::naming::numbered;
use crate::diagnostics::codes;
use crate::functions::table::shape_lookup::SHAPE_LOOKUP;
use crate::plan::{Node, Relation, ScalarExpr};
use crate::syntax::ast::FunctionCall;
use crate::types::{Column, RowSchema, Type, Value};

plugins! {
    /// Rows beside the rows of a lookup table whose line is within a radius of their point.
    ///
    /// The radius is in metres. A row comes once for every line or multiline that is near enough;
    /// the columns of the lookup table follow, and among them that of the lines with
    /// `return_lookup_key`. With `return_unmatched` rows without line stay. What is no line matches
    /// nothing. `lookup_area_radius` is accepted and changes nothing.
    ///
    /// ```kql
    /// datatable(x: real, y: real)[0.5, 0.001, 0.5, 1]
    /// | evaluate geo_line_lookup((datatable(road: string, line: dynamic)["A1", dynamic({"type":"LineString","coordinates":[[0,0],[1,0]]})]), line, x, y, 200)    //=> 0.5, 0.001, A1
    /// ```
    "geo_line_lookup" "geo_line_lookup(LookupTable, LookupLineKey, SourceLongitude, SourceLatitude, radius [, return_unmatched [, lookup_area_radius [, return_lookup_key]]])" => geo_line_lookup;

    /// Rows beside the rows of a lookup table whose polygon contains their point.
    ///
    /// With a radius in metres, points that are not further from the polygon match too. Otherwise as
    /// `geo_line_lookup`.
    ///
    /// ```kql
    /// datatable(x: real, y: real)[0.5, 0.2, 0.5, 2]
    /// | evaluate geo_polygon_lookup((datatable(area: string, polygon: dynamic)["A", dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})]), polygon, x, y)    //=> 0.5, 0.2, A
    /// ```
    "geo_polygon_lookup" "geo_polygon_lookup(LookupTable, LookupPolygonKey, SourceLongitude, SourceLatitude [, radius [, return_unmatched [, lookup_area_radius [, return_lookup_key]]]])" => geo_polygon_lookup;
}

/// What both plugins take behind the coordinates, by name or in this order.
const OPTIONS: [(&str, Type); 4] = [
    ("radius", Type::Real),
    ("return_unmatched", Type::Bool),
    ("lookup_area_radius", Type::Real),
    ("return_lookup_key", Type::Bool),
];

fn geo_line_lookup<'a>(cx: &mut Binder<'a>, input: Relation, call: &'a FunctionCall) -> Relation {
    lookup(cx, input, call, false).unwrap_or_else(|| cx.broken())
}

fn geo_polygon_lookup<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
) -> Relation {
    lookup(cx, input, call, true).unwrap_or_else(|| cx.broken())
}

fn lookup<'a>(
    cx: &mut Binder<'a>,
    input: Relation,
    call: &'a FunctionCall,
    polygons: bool,
) -> Option<Relation> {
    let mut args = Arguments::new(cx, call, &OPTIONS.map(|(name, _)| name))?;
    let table = table(cx, &mut args, &input)?;
    let shape = args.column_of(cx, &table, Type::Dynamic, "LookupKey")?;
    let own = input.schema.columns().to_vec();
    let coordinates = ["SourceLongitude", "SourceLatitude"];
    let mut places = vec![];
    let mut seen: Vec<(Column, ScalarExpr)> = input.targets().collect();
    for what in coordinates {
        let value = coordinate(cx, &mut args, &input, what)?;
        places.push(seen.len());
        let taken = |name: &str| seen.iter().any(|(column, _)| *column.name == *name);
        let name = if taken(what) { numbered(what, taken) } else { what.into() };
        seen.push((Column::new(name, Type::Real), value));
    }
    let mut options = [const { None }; 4];
    for ((name, ty), value) in OPTIONS.into_iter().zip(&mut options) {
        if let Some(arg) = args.by_name(name).or_else(|| args.next()) {
            let (option, span) = args.constant_as(cx, arg, ty)?;
            if matches!(option, Value::Real(length) if length.is_nan() || length < 0.0) {
                let message = format!("`{name}` is a length in metres and not below zero");
                cx.error(codes::ARGUMENT_TYPE, span, message);
                return None;
            }
            *value = Some(option);
        }
    }
    args.end(cx)?;
    let [radius, unmatched, _, with_key] = options;
    if radius.is_none() && !polygons {
        let message = format!("`{}` misses its argument `radius`", args.plugin);
        cx.error(codes::ARGUMENT_COUNT, args.span, message);
        return None;
    }
    let with_key = with_key == Some(Value::Bool(true));
    // The key goes behind the columns that are given.
    let given = (0..table.schema.len()).filter(|index| with_key || *index != shape);
    let mut order: Vec<usize> = given.collect();
    let count = order.len();
    if !with_key {
        order.push(shape);
    }
    let shape = order.iter().position(|index| *index == shape).unwrap_or_default();
    let table = table.select(&order);
    let others = renamed(&own, &table.schema.columns()[..count]);
    let (given, longitude, latitude) = (own.len(), places[0], places[1]);
    let columns: Vec<Column> = own.into_iter().chain(others).collect();
    let constants = vec![
        Value::Long(i64::from(polygons)),
        Value::Long(longitude as i64),
        Value::Long(latitude as i64),
        Value::Long(shape as i64),
        radius.unwrap_or(Value::Null(Type::Real)),
        Value::Long(i64::from(unmatched == Some(Value::Bool(true)))),
        Value::Long(given as i64),
        Value::Long(count as i64),
    ];
    let inputs = vec![input.project(seen), table];
    let node = Node::TableFunction { inputs, function: &SHAPE_LOOKUP, constants };
    Some(Relation::new(node, RowSchema::new(columns)))
}

/// The next argument: a column of numbers, as reals.
fn coordinate<'a>(
    cx: &mut Binder<'a>,
    args: &mut Arguments<'a>,
    input: &Relation,
    what: &str,
) -> Option<ScalarExpr> {
    let arg = args.required(cx, what)?;
    let index = column(cx, input, arg)?;
    let given = input.schema.columns()[index].ty;
    if given.is_numeric() {
        return Some(cx.convert(input.column(index), Type::Real, arg.span()));
    }
    let message = format!("`{}` takes a column of type real here, not {given}", args.plugin);
    cx.error(codes::ARGUMENT_TYPE, arg.span(), message);
    None
}
