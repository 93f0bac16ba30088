//! Polygons on a sphere: what is inside, measures, and other polygons and cells made of them.

use arrow::array::ArrayRef;
use s2rst::s2::Level;
use s2rst::s2::shape_index::ShapeIndex;

use super::geo_shape::{Places, Setting, Shapes, bools, geometries, reals};
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::buffer::Margin;
use crate::functions::geo::densify::{crosses, densify};
use crate::functions::geo::geojson::Path;
use crate::functions::geo::{
    Geometry, Polygons, RADIUS, cover, geojson, hexagons, metres, point, position, simplify,
};

scalar_functions! {
    family: Geo;

    /// Whether a point is inside a polygon or multipolygon.
    ///
    /// A polygon is a GeoJSON `Polygon` or `MultiPolygon`; what is none, crosses itself or is not
    /// closed gives null. Edges are geodesics, rings enclose half the sphere at most, and of
    /// polygons that share a border one has each point of it.
    ///
    /// ```kql
    /// print geo_point_in_polygon(2, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))        //=> true
    /// print geo_point_in_polygon(1, 2, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))        //=> false
    /// print geo_point_in_polygon(1, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]}))       //=> null
    /// ```
    GEO_POINT_IN_POLYGON = "geo_point_in_polygon" {
        (longitude: Real, latitude: Real, polygon: Dynamic) -> Bool => geo_point_in_polygon;
    }

    /// The shortest distance in metres between a point and a polygon or multipolygon; 0 inside.
    ///
    /// ```kql
    /// print round(geo_distance_point_to_polygon(-1, 0, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]})), 3)      //=> 111195.101
    /// print geo_distance_point_to_polygon(2, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))                //=> 0.0
    /// ```
    GEO_DISTANCE_POINT_TO_POLYGON = "geo_distance_point_to_polygon" {
        (longitude: Real, latitude: Real, polygon: Dynamic) -> Real => geo_distance_point_to_polygon;
    }

    /// The point of a polygon or multipolygon that is closest to a given one: itself inside.
    ///
    /// ```kql
    /// print geo_closest_point_on_polygon(-1, 0, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))       //=> {"type":"Point","coordinates":[0,0]}
    /// ```
    GEO_CLOSEST_POINT_ON_POLYGON = "geo_closest_point_on_polygon" {
        (longitude: Real, latitude: Real, polygon: Dynamic) -> Dynamic => geo_closest_point_on_polygon;
    }

    /// The area of a polygon, or of the union of a multipolygon's polygons, in square metres.
    ///
    /// ```kql
    /// print round(geo_polygon_area(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})) / 1e6, 3)    //=> 6182.489
    /// ```
    GEO_POLYGON_AREA = "geo_polygon_area" {
        (polygon: Dynamic) -> Real => geo_polygon_area;
    }

    /// The length of the boundary of a polygon, or of the union of a multipolygon's polygons, in
    /// metres.
    ///
    /// ```kql
    /// print round(geo_polygon_perimeter(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})), 3)     //=> 379639.83
    /// ```
    GEO_POLYGON_PERIMETER = "geo_polygon_perimeter" {
        (polygon: Dynamic) -> Real => geo_polygon_perimeter;
    }

    /// The centre of mass of a polygon, or of the union of a multipolygon's polygons, as a GeoJSON
    /// point.
    ///
    /// ```kql
    /// print round(toreal(geo_polygon_centroid(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})).coordinates[0]), 6)     //=> 0.66665
    /// ```
    GEO_POLYGON_CENTROID = "geo_polygon_centroid" {
        (polygon: Dynamic) -> Dynamic => geo_polygon_centroid;
    }

    /// A polygon with points added so that geodesics between them stay within `tolerance` metres
    /// (10 unless given, from 0.1 to 10000) of straight lines between coordinates.
    ///
    /// Edges across the antimeridian need `preserve_crossing`.
    ///
    /// ```kql
    /// print geo_polygon_densify(dynamic({"type":"Polygon","coordinates":[[[10,10],[11,10],[11,11],[10,10]]]}), 100).coordinates[0]     //=> [[10,10],[11,10],[11,11],[10.5,10.5],[10,10]]
    /// ```
    GEO_POLYGON_DENSIFY = "geo_polygon_densify" {
        (polygon: Dynamic, [tolerance: Real], [preserve_crossing: Bool]) -> Dynamic => geo_polygon_densify;
    }

    /// A polygon with fewer points: chains of short edges that are nearly straight become one edge.
    ///
    /// No two points of the result are closer than `tolerance` metres (10 unless given); null where
    /// nothing is left.
    ///
    /// ```kql
    /// print array_length(geo_polygon_simplify(dynamic({"type":"Polygon","coordinates":[[[0,0],[0.5,0],[1,0],[1,1],[0,0]]]})).coordinates[0])    //=> 4
    /// print geo_polygon_simplify(dynamic({"type":"Polygon","coordinates":[[[5,48],[0,50],[0,47],[4,47],[5,48]]]}), 1000000)                    //=> null
    /// ```
    GEO_POLYGON_SIMPLIFY = "geo_polygon_simplify" {
        (polygon: Dynamic, [tolerance: Real]) -> Dynamic => geo_polygon_simplify;
    }

    /// The polygon of all points of a polygon or within a radius in metres of it; `tolerance` as
    /// for `geo_point_buffer`.
    ///
    /// ```kql
    /// print geo_polygon_buffer(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}), 100).type     //=> Polygon
    /// ```
    GEO_POLYGON_BUFFER = "geo_polygon_buffer" {
        (polygon: Dynamic, radius: Real, [tolerance: Real]) -> Dynamic => geo_polygon_buffer;
    }

    /// The S2 cells of a level (11 unless given) that hold points of a polygon, or points within
    /// `radius` metres of it; null where they are more than 65536.
    ///
    /// ```kql
    /// print array_length(geo_polygon_to_s2cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[0,50],[100,50],[0,0]]]}), 5))    //=> 286
    /// print geo_polygon_to_s2cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[0,50],[100,50],[0,0]]]}), 30)                 //=> null
    /// ```
    GEO_POLYGON_TO_S2CELLS = "geo_polygon_to_s2cells" {
        (polygon: Dynamic, [level: Long], [radius: Real]) -> Dynamic => geo_polygon_to_s2cells;
    }

    /// The H3 cells of a resolution (6 unless given) whose centres are inside a polygon with
    /// straight edges; null where they are more than 61680.
    ///
    /// With a radius above 0 the polygon is first widened by so many metres.
    ///
    /// ```kql
    /// print geo_polygon_to_h3cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}), 4)      //=> ["84754ebffffffff","84754e3ffffffff","84754c5ffffffff","84754c7ffffffff"]
    /// ```
    GEO_POLYGON_TO_H3CELLS = "geo_polygon_to_h3cells" {
        (polygon: Dynamic, [resolution: Long], [radius: Real]) -> Dynamic => geo_polygon_to_h3cells;
    }
}

fn geo_point_in_polygon(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let mut polygons = Shapes::new(args, 2, Polygons::parse)?;
    bools(args.rows(), |row| {
        let place = point(places.get(row)?);
        Some(polygons.get(row)?.contains(place))
    })
}

fn geo_distance_point_to_polygon(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let mut polygons = Shapes::new(args, 2, Polygons::parse)?;
    reals(args.rows(), |row| {
        let place = point(places.get(row)?);
        Some(metres(polygons.get(row)?.distance(place)))
    })
}

fn geo_closest_point_on_polygon(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let mut polygons = Shapes::new(args, 2, Polygons::parse)?;
    geometries(args.rows(), |row| {
        let given = places.get(row)?;
        let place = point(given);
        let closest = polygons.get(row)?.closest(place)?;
        Some(Geometry::Point(if closest == place { given } else { position(closest) }))
    })
}

fn geo_polygon_area(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, Polygons::parse)?;
    reals(args.rows(), |row| Some(polygons.get(row)?.area() * RADIUS * RADIUS))
}

fn geo_polygon_perimeter(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, Polygons::parse)?;
    reals(args.rows(), |row| Some(metres(polygons.get(row)?.perimeter())))
}

fn geo_polygon_centroid(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, Polygons::parse)?;
    geometries(args.rows(), |row| Some(Geometry::Point(position(polygons.get(row)?.centroid()?))))
}

fn geo_polygon_densify(args: &Args) -> Result<ArrayRef> {
    let valid = |json: &str| Polygons::parse(json).and_then(|_| geojson::polygons(json));
    densified(args, valid, |parts, dense| {
        let rings = |rings: &Vec<Path>| rings.iter().map(dense).collect();
        Some(Geometry::from_polygons(parts.iter().map(rings).collect::<Option<_>>()?))
    })
}

/// Shapes with points added to their paths.
pub fn densified<T>(
    args: &Args,
    parse: fn(&str) -> Option<T>,
    map: impl Fn(&T, &dyn Fn(&Path) -> Option<Path>) -> Option<Geometry>,
) -> Result<ArrayRef> {
    let mut shapes = Shapes::new(args, 0, parse)?;
    let tolerances = Setting::new(args, 1, 10.0)?;
    let preserved = args.reader::<Option<bool>>(2)?;
    let refused = std::cell::Cell::new(false);
    let result = geometries(args.rows(), |row| {
        let tolerance = tolerances.get(row).filter(|value| (0.1..=10_000.0).contains(value))?;
        let preserve = preserved.get(row).flatten() == Some(true);
        map(shapes.get(row)?, &|path| {
            if !preserve && path.windows(2).any(|pair| crosses(pair[0], pair[1])) {
                refused.set(true);
                return None;
            }
            densify(path, tolerance)
        })
    })?;
    if refused.get() {
        let message = "edges across the antimeridian are densified only with `preserve_crossing`";
        return Err(Error::Execution(message.into()));
    }
    Ok(result)
}

fn geo_polygon_simplify(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, Polygons::parse)?;
    let tolerances = Setting::new(args, 1, 10.0)?;
    geometries(args.rows(), |row| {
        let region = polygons.get(row)?.union();
        simplify::polygons(std::iter::once(region), tolerances.get(row)?)
    })
}

fn geo_polygon_buffer(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, |json| Some(Polygons::parse(json)?.shape_index()))?;
    let radii = args.reader::<f64>(1)?;
    let tolerances = Setting::new(args, 2, 10.0)?;
    geometries(args.rows(), |row| {
        let margin = Margin::new(radii.get(row)?, tolerances.get(row)?)?;
        margin.around_shape(polygons.get(row)?)
    })
}

/// The covering cells of shapes.
pub fn cells(args: &Args, parse: fn(&str) -> Option<ShapeIndex>) -> Result<ArrayRef> {
    let mut shapes = Shapes::new(args, 0, parse)?;
    let levels = Setting::new(args, 1, 11.0)?;
    let radii = Setting::new(args, 2, 0.0)?;
    jsons(args.rows(), |row, out| {
        let level = levels.get(row).filter(|level| (0.0..=30.0).contains(level))?;
        let radius = radii.get(row).filter(|radius| *radius >= 0.0)?;
        let cells = cover::cover(shapes.get(row)?, Level::try_new(level as u8)?, radius)?;
        write_names(cells.iter().map(|cell| cell.to_token()), out);
        Some(())
    })
}

/// Appends a JSON array of names that need no escapes.
pub fn write_names(names: impl IntoIterator<Item = impl AsRef<str>>, out: &mut String) {
    out.push('[');
    for (index, name) in names.into_iter().enumerate() {
        out.push_str(if index > 0 { ",\"" } else { "\"" });
        out.push_str(name.as_ref());
        out.push('"');
    }
    out.push(']');
}

fn geo_polygon_to_s2cells(args: &Args) -> Result<ArrayRef> {
    cells(args, |json| Some(Polygons::parse(json)?.shape_index()))
}

fn geo_polygon_to_h3cells(args: &Args) -> Result<ArrayRef> {
    let mut polygons = Shapes::new(args, 0, |json| {
        let parts = geojson::polygons(json)?;
        Polygons::parse(json).map(|polygons| (parts, polygons))
    })?;
    let resolutions = Setting::new(args, 1, 6.0)?;
    let radii = Setting::new(args, 2, 0.0)?;
    jsons(args.rows(), |row, out| {
        let resolution = resolutions.get(row).filter(|value| (0.0..=15.0).contains(value))?;
        let resolution = h3o::Resolution::try_from(resolution as u8).ok()?;
        let radius = radii.get(row).filter(|radius| *radius >= 0.0)?;
        let (parts, polygons) = polygons.get(row)?;
        let mut wide = Vec::new();
        if radius > 0.0 {
            match Margin::new(radius, 10.0)?.around_shape(&polygons.shape_index())? {
                Geometry::Polygon(rings) => wide.push(rings),
                Geometry::MultiPolygon(more) => wide = more,
                _ => return None,
            }
        }
        let mut cells = Vec::new();
        for rings in if radius > 0.0 { &wide } else { &*parts } {
            cells.extend(hexagons::fill(rings, resolution)?);
        }
        if parts.len() > 1 {
            let mut seen = std::collections::HashSet::new();
            cells.retain(|cell| seen.insert(*cell));
        }
        if cells.len() > hexagons::MAX_CELLS {
            return None;
        }
        write_names(cells.iter().map(ToString::to_string), out);
        Some(())
    })
}
