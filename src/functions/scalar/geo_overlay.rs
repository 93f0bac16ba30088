//! Several lines and polygons on a sphere: whether they meet, where, and what they make together.

use arrow::array::ArrayRef;
use s2rst::s2::shape_index::ShapeIndex;

use super::geo_shape::{Setting, Shapes, bools, geometries};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::buffer::geometry;
use crate::functions::geo::{Line, Polygons, overlay, simplify};

scalar_functions! {
    family: Geo;

    /// Whether two lines or multilines have a point in common.
    ///
    /// ```kql
    /// print geo_intersects_2lines(dynamic({"type":"LineString","coordinates":[[0,0],[2,2]]}), dynamic({"type":"LineString","coordinates":[[0,2],[2,0]]}))     //=> true
    /// print geo_intersects_2lines(dynamic({"type":"LineString","coordinates":[[0,0],[2,2]]}), dynamic({"type":"LineString","coordinates":[[3,3],[4,4]]}))     //=> false
    /// ```
    GEO_INTERSECTS_2LINES = "geo_intersects_2lines" {
        (lineString1: Dynamic, lineString2: Dynamic) -> Bool => geo_intersects_2lines;
    }

    /// Whether a line or multiline and a polygon or multipolygon have a point in common; a polygon
    /// has the points of its border.
    ///
    /// ```kql
    /// print geo_intersects_line_with_polygon(dynamic({"type":"LineString","coordinates":[[-1,1],[3,1]]}), dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}))      //=> true
    /// ```
    GEO_INTERSECTS_LINE_WITH_POLYGON = "geo_intersects_line_with_polygon" {
        (lineString: Dynamic, polygon: Dynamic) -> Bool => geo_intersects_line_with_polygon;
    }

    /// Whether two polygons or multipolygons have a point in common; a polygon has the points of
    /// its border.
    ///
    /// ```kql
    /// print geo_intersects_2polygons(dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}), dynamic({"type":"Polygon","coordinates":[[[1,0],[3,0],[3,2],[1,0]]]}))     //=> true
    /// ```
    GEO_INTERSECTS_2POLYGONS = "geo_intersects_2polygons" {
        (polygon1: Dynamic, polygon2: Dynamic) -> Bool => geo_intersects_2polygons;
    }

    /// The points that two lines or multilines have in common, as a GeoJSON geometry: an empty
    /// collection where there are none.
    ///
    /// ```kql
    /// print geo_intersection_2lines(dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]}), dynamic({"type":"LineString","coordinates":[[3,3],[4,4]]}))      //=> {"type":"GeometryCollection","geometries":[]}
    /// print geo_intersection_2lines(dynamic({"type":"LineString","coordinates":[[0,0],[1,0]]}), dynamic({"type":"LineString","coordinates":[[1,0],[1,1]]}))      //=> {"type":"Point","coordinates":[1,0]}
    /// ```
    GEO_INTERSECTION_2LINES = "geo_intersection_2lines" {
        (lineString1: Dynamic, lineString2: Dynamic) -> Dynamic => geo_intersection_2lines;
    }

    /// The points that a line or multiline and a polygon or multipolygon have in common.
    ///
    /// ```kql
    /// print geo_intersection_line_with_polygon(dynamic({"type":"LineString","coordinates":[[1,0],[3,0]]}), dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}))      //=> {"type":"LineString","coordinates":[[1,0],[2,0]]}
    /// ```
    GEO_INTERSECTION_LINE_WITH_POLYGON = "geo_intersection_line_with_polygon" {
        (lineString: Dynamic, polygon: Dynamic) -> Dynamic => geo_intersection_line_with_polygon;
    }

    /// The points that two polygons or multipolygons have in common.
    ///
    /// ```kql
    /// print geo_intersection_2polygons(dynamic({"type":"Polygon","coordinates":[[[2,45],[0,45],[1,44],[2,45]]]}), dynamic({"type":"Polygon","coordinates":[[[3,44],[2,45],[2,43],[3,44]]]}))     //=> {"type":"Point","coordinates":[2,45]}
    /// ```
    GEO_INTERSECTION_2POLYGONS = "geo_intersection_2polygons" {
        (polygon1: Dynamic, polygon2: Dynamic) -> Dynamic => geo_intersection_2polygons;
    }

    /// The union of an array of lines and multilines; null if one of them is invalid.
    ///
    /// ```kql
    /// print geo_union_lines_array(dynamic([{"type":"LineString","coordinates":[[0,0],[1,0]]}, {"type":"LineString","coordinates":[[1,0],[2,0]]}]))     //=> {"type":"LineString","coordinates":[[0,0],[1,0],[2,0]]}
    /// ```
    GEO_UNION_LINES_ARRAY = "geo_union_lines_array" {
        (lineStrings: Dynamic) -> Dynamic => geo_union_lines_array;
    }

    /// The union of an array of polygons and multipolygons; null if one of them is invalid.
    ///
    /// ```kql
    /// print geo_union_polygons_array(dynamic([{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,1],[0,0]]]}])).type     //=> Polygon
    /// ```
    GEO_UNION_POLYGONS_ARRAY = "geo_union_polygons_array" {
        (polygons: Dynamic) -> Dynamic => geo_union_polygons_array;
    }

    /// The polygons of an array with fewer points, as one GeoJSON polygon or multipolygon.
    ///
    /// As `geo_polygon_simplify`, and common borders stay common; null if a polygon is invalid.
    ///
    /// ```kql
    /// print geo_simplify_polygons_array(dynamic([{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,1],[0,0]]]}]), 1000000)      //=> null
    /// ```
    GEO_SIMPLIFY_POLYGONS_ARRAY = "geo_simplify_polygons_array" {
        (polygons: Dynamic, [tolerance: Real]) -> Dynamic => geo_simplify_polygons_array;
    }
}

fn line(json: &str) -> Option<ShapeIndex> {
    Some(Line::parse(json)?.shape_index())
}

fn polygon(json: &str) -> Option<ShapeIndex> {
    Some(Polygons::parse(json)?.shape_index())
}

type Parse = fn(&str) -> Option<ShapeIndex>;

fn intersects(args: &Args, first: Parse, second: Parse) -> Result<ArrayRef> {
    let (mut first, mut second) = (Shapes::new(args, 0, first)?, Shapes::new(args, 1, second)?);
    bools(args.rows(), |row| Some(overlay::intersects(first.get(row)?, second.get(row)?)))
}

fn intersection(args: &Args, first: Parse, second: Parse) -> Result<ArrayRef> {
    let (mut first, mut second) = (Shapes::new(args, 0, first)?, Shapes::new(args, 1, second)?);
    geometries(args.rows(), |row| overlay::intersection(first.get(row)?, second.get(row)?))
}

fn geo_intersects_2lines(args: &Args) -> Result<ArrayRef> {
    intersects(args, line, line)
}

fn geo_intersects_line_with_polygon(args: &Args) -> Result<ArrayRef> {
    intersects(args, line, polygon)
}

fn geo_intersects_2polygons(args: &Args) -> Result<ArrayRef> {
    intersects(args, polygon, polygon)
}

fn geo_intersection_2lines(args: &Args) -> Result<ArrayRef> {
    intersection(args, line, line)
}

fn geo_intersection_line_with_polygon(args: &Args) -> Result<ArrayRef> {
    intersection(args, line, polygon)
}

fn geo_intersection_2polygons(args: &Args) -> Result<ArrayRef> {
    intersection(args, polygon, polygon)
}

fn geo_union_lines_array(args: &Args) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    geometries(args.rows(), |row| {
        let items = arrays.get(row).filter(|items| !items.is_empty())?;
        let lines: Vec<Line> =
            items.iter().map(|item| Line::parse(item.json())).collect::<Option<_>>()?;
        let mut all = ShapeIndex::new();
        for path in lines.iter().flat_map(Line::paths) {
            all.add(Box::new(path.clone()));
        }
        overlay::union(&mut all, &mut ShapeIndex::new())
    })
}

/// The valid polygons of an array.
fn polygons(items: &[crate::types::dynamic::RawValue]) -> Option<Vec<Polygons>> {
    let parsed: Vec<_> =
        items.iter().map(|item| Polygons::parse(item.json())).collect::<Option<_>>()?;
    (!parsed.is_empty()).then_some(parsed)
}

fn geo_union_polygons_array(args: &Args) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    geometries(args.rows(), |row| {
        let parts = polygons(arrays.get(row)?)?;
        geometry(&Polygons::union_of(parts.iter().map(Polygons::union)))
    })
}

fn geo_simplify_polygons_array(args: &Args) -> Result<ArrayRef> {
    let mut arrays = args.arrays(0)?;
    let tolerances = Setting::new(args, 1, 10.0)?;
    geometries(args.rows(), |row| {
        let parts = polygons(arrays.get(row)?)?;
        simplify::polygons(parts.iter().map(Polygons::union), tolerances.get(row)?)
    })
}
