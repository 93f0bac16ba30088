//! Lines on a sphere: lengths, points on them, and other lines and cells made of them.

use arrow::array::ArrayRef;

use super::geo_polygon::{cells, densified};
use super::geo_shape::{Places, Setting, Shapes, geometries, reals};
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::buffer::Margin;
use crate::functions::geo::{Geometry, Line, geojson, metres, point, position, simplify};

scalar_functions! {
    family: Geo;

    /// The length of a line or multiline in metres; what several of its lines share counts once.
    ///
    /// A line is a GeoJSON `LineString` or `MultiLineString`; what is none gives null.
    ///
    /// ```kql
    /// print round(geo_line_length(dynamic({"type":"LineString","coordinates":[[0,0],[1,0],[1,1]]})), 3)      //=> 222390.202
    /// print geo_line_length(dynamic({"type":"LineString","coordinates":[[1,1]]}))                           //=> null
    /// ```
    GEO_LINE_LENGTH = "geo_line_length" {
        (lineString: Dynamic) -> Real => geo_line_length;
    }

    /// The centre of mass of a line or multiline as a GeoJSON point.
    ///
    /// ```kql
    /// print round(toreal(geo_line_centroid(dynamic({"type":"LineString","coordinates":[[-73.95796,40.80042],[-73.97317,40.764486]]})).coordinates[0]), 9)     //=> -73.965567057
    /// ```
    GEO_LINE_CENTROID = "geo_line_centroid" {
        (lineString: Dynamic) -> Dynamic => geo_line_centroid;
    }

    /// The point at a fraction, from 0 to 1, of the way along a line.
    ///
    /// ```kql
    /// print geo_line_interpolate_point(dynamic({"type":"LineString","coordinates":[[0,0],[90,0]]}), 0)      //=> {"type":"Point","coordinates":[0,0]}
    /// print geo_line_interpolate_point(dynamic({"type":"LineString","coordinates":[[0,0],[90,0]]}), 2)      //=> null
    /// ```
    GEO_LINE_INTERPOLATE_POINT = "geo_line_interpolate_point" {
        (lineString: Dynamic, fraction: Real) -> Dynamic => geo_line_interpolate_point;
    }

    /// How far along a line, from 0 to 1, its closest point to a given one lies.
    ///
    /// Measuring on a spheroid is not supported.
    ///
    /// ```kql
    /// print round(geo_line_locate_point(dynamic({"type":"LineString","coordinates":[[-73.95796,40.80042],[-73.97317,40.764486]]}), -73.965, 40.792), 9)      //=> 0.255601351
    /// ```
    GEO_LINE_LOCATE_POINT = "geo_line_locate_point" {
        (lineString: Dynamic, longitude: Real, latitude: Real, [use_spheroid: Bool]) -> Real => geo_line_locate_point;
    }

    /// The shortest distance in metres between a point and a line or multiline.
    ///
    /// ```kql
    /// print round(geo_distance_point_to_line(0.5, 1, dynamic({"type":"LineString","coordinates":[[0,0],[1,0]]})), 3)     //=> 111195.101
    /// print geo_distance_point_to_line(1, 1, dynamic({"type":"LineString"}))                                            //=> null
    /// ```
    GEO_DISTANCE_POINT_TO_LINE = "geo_distance_point_to_line" {
        (longitude: Real, latitude: Real, lineString: Dynamic) -> Real => geo_distance_point_to_line;
    }

    /// The point of a line or multiline that is closest to a given one.
    ///
    /// ```kql
    /// print geo_closest_point_on_line(-1, 0, dynamic({"type":"LineString","coordinates":[[0,0],[1,0]]}))        //=> {"type":"Point","coordinates":[0,0]}
    /// ```
    GEO_CLOSEST_POINT_ON_LINE = "geo_closest_point_on_line" {
        (longitude: Real, latitude: Real, lineString: Dynamic) -> Dynamic => geo_closest_point_on_line;
    }

    /// A line with points added so that geodesics between them stay within `tolerance` metres (10
    /// unless given, from 0.1 to 10000) of straight lines between coordinates.
    ///
    /// Edges across the antimeridian need `preserve_crossing`.
    ///
    /// ```kql
    /// print geo_line_densify(dynamic({"type":"LineString","coordinates":[[50,50],[51,51]]}), 100)       //=> {"type":"LineString","coordinates":[[50,50],[50.25,50.25],[50.5,50.5],[50.75,50.75],[51,51]]}
    /// print geo_line_densify(dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]}), 0)            //=> null
    /// ```
    GEO_LINE_DENSIFY = "geo_line_densify" {
        (lineString: Dynamic, [tolerance: Real], [preserve_crossing: Bool]) -> Dynamic => geo_line_densify;
    }

    /// A line with fewer points: chains of short edges that are nearly straight become one edge.
    ///
    /// No two points of the result are closer than `tolerance` metres (10 unless given); null where
    /// nothing is left.
    ///
    /// ```kql
    /// print geo_line_simplify(dynamic({"type":"LineString","coordinates":[[0,0],[0.5,0],[1,0]]}), 10).coordinates[1][0]     //=> 1
    /// print geo_line_simplify(dynamic({"type":"LineString","coordinates":[[1.1,1.1],[1.2,1.2]]}), 100000)                  //=> null
    /// ```
    GEO_LINE_SIMPLIFY = "geo_line_simplify" {
        (lineString: Dynamic, [tolerance: Real]) -> Dynamic => geo_line_simplify;
    }

    /// The polygon of all points within a radius in metres of a line; `tolerance` as for
    /// `geo_point_buffer`.
    ///
    /// ```kql
    /// print geo_line_buffer(dynamic({"type":"LineString","coordinates":[[0,0],[1,1]]}), 100).type     //=> Polygon
    /// print geo_line_buffer(dynamic({"type":"LineString","coordinates":[[0,0],[1,1]]}), 0)            //=> null
    /// ```
    GEO_LINE_BUFFER = "geo_line_buffer" {
        (lineString: Dynamic, radius: Real, [tolerance: Real]) -> Dynamic => geo_line_buffer;
    }

    /// The S2 cells of a level (11 unless given) that hold points of a line, or points within
    /// `radius` metres of it; null where they are more than 65536.
    ///
    /// ```kql
    /// print geo_line_to_s2cells(dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]}), 6)     //=> ["1001","1003","1005"]
    /// ```
    GEO_LINE_TO_S2CELLS = "geo_line_to_s2cells" {
        (lineString: Dynamic, [level: Long], [radius: Real]) -> Dynamic => geo_line_to_s2cells;
    }
}

fn geo_line_length(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, Line::parse)?;
    reals(args.rows(), |row| Some(metres(lines.get(row)?.length())))
}

fn geo_line_centroid(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, Line::parse)?;
    geometries(args.rows(), |row| Some(Geometry::Point(position(lines.get(row)?.centroid()?))))
}

fn geo_line_interpolate_point(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, Line::parse)?;
    let fractions = args.reader::<f64>(1)?;
    geometries(args.rows(), |row| {
        let fraction = fractions.get(row).filter(|part| (0.0..=1.0).contains(part))?;
        let (point, _) = lines.get(row)?.single()?.interpolate(fraction);
        Some(Geometry::Point(position(point)))
    })
}

fn geo_line_locate_point(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, Line::parse)?;
    let places = Places::new(args, 1)?;
    let spheroid = args.reader::<Option<bool>>(3)?;
    if (0..args.rows()).any(|row| spheroid.get(row).flatten() == Some(true)) {
        let message = "`geo_line_locate_point` does not measure on a spheroid yet";
        return Err(Error::Execution(message.into()));
    }
    reals(args.rows(), |row| {
        let place = point(places.get(row)?);
        let line = lines.get(row)?.single()?;
        let (closest, next) = line.project(place);
        Some(line.uninterpolate(closest, next))
    })
}

fn geo_distance_point_to_line(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let mut lines = Shapes::new(args, 2, Line::parse)?;
    reals(args.rows(), |row| {
        let place = point(places.get(row)?);
        Some(metres(lines.get(row)?.distance(place)?))
    })
}

fn geo_closest_point_on_line(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let mut lines = Shapes::new(args, 2, Line::parse)?;
    geometries(args.rows(), |row| {
        let place = point(places.get(row)?);
        Some(Geometry::Point(position(lines.get(row)?.closest(place)?)))
    })
}

fn geo_line_densify(args: &Args) -> Result<ArrayRef> {
    let valid = |json: &str| Line::parse(json).and_then(|_| geojson::lines(json));
    densified(args, valid, |paths, dense| {
        Some(Geometry::from_lines(paths.iter().map(dense).collect::<Option<_>>()?))
    })
}

fn geo_line_simplify(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, Line::parse)?;
    let tolerances = Setting::new(args, 1, 10.0)?;
    geometries(args.rows(), |row| simplify::lines(lines.get(row)?.paths(), tolerances.get(row)?))
}

fn geo_line_buffer(args: &Args) -> Result<ArrayRef> {
    let mut lines = Shapes::new(args, 0, |json| Some(Line::parse(json)?.shape_index()))?;
    let radii = args.reader::<f64>(1)?;
    let tolerances = Setting::new(args, 2, 10.0)?;
    geometries(args.rows(), |row| {
        let margin = Margin::new(radii.get(row)?, tolerances.get(row)?)?;
        margin.around_shape(lines.get(row)?)
    })
}

fn geo_line_to_s2cells(args: &Args) -> Result<ArrayRef> {
    cells(args, |json| Some(Line::parse(json)?.shape_index()))
}
