//! Points on Earth, taken as a sphere: distances, directions, and the grids of geohash and S2.

pub mod geohash;

use std::f64::consts::TAU;

use arrow::array::{ArrayRef, StringViewBuilder};
use s2rst::s2::{CellId, Level};

use super::geo_cells::s2cell;
use super::geo_shape::{bools, geometries, reals};
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::{Geometry, Position, RADIUS, point, position};
use crate::functions::kernel::Reader;

scalar_functions! {
    family: Geo;

    /// The shortest distance between two points in metres, along a sphere.
    ///
    /// A point is a longitude and a latitude in degrees; null where one is out of range. Distances on
    /// a spheroid are not supported.
    ///
    /// ```kql
    /// print round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 3)     //=> 1546754.352
    /// print geo_distance_2points(300, 1, 1, 1)                                                 //=> null
    /// ```
    GEO_DISTANCE_2POINTS = "geo_distance_2points" {
        (p1_longitude: Real, p1_latitude: Real, p2_longitude: Real, p2_latitude: Real, [use_spheroid: Bool]) -> Real => geo_distance_2points;
    }

    /// The direction from one point to another: the angle from true north, clockwise, in radians.
    ///
    /// Null where a point is out of range, the two are the same, or lie opposite to each other.
    ///
    /// ```kql
    /// print round(geo_azimuth(5, 10, 10, -40), 9)                      //=> 3.054599398
    /// ```
    GEO_AZIMUTH = "geo_azimuth" {
        (p1_longitude: Real, p1_latitude: Real, p2_longitude: Real, p2_latitude: Real) -> Real => geo_azimuth;
    }

    /// The angle at the second point from the first to the third, clockwise, in radians.
    ///
    /// ```kql
    /// print round(geo_angle(0, 10, 0, 5, 3, -10), 9)                   //=> 2.944938434
    /// ```
    GEO_ANGLE = "geo_angle" {
        (p1_longitude: Real, p1_latitude: Real, p2_longitude: Real, p2_latitude: Real, p3_longitude: Real, p3_latitude: Real) -> Real => geo_angle;
    }

    /// Whether a point lies within a distance in metres of another one.
    ///
    /// ```kql
    /// print geo_point_in_circle(-122.143564, 47.535677, -122.100896, 47.527351, 3500)          //=> true
    /// print geo_point_in_circle(1, 1, 1, 1, -1)                                                //=> null
    /// ```
    GEO_POINT_IN_CIRCLE = "geo_point_in_circle" {
        (p_longitude: Real, p_latitude: Real, pc_longitude: Real, pc_latitude: Real, radius: Real) -> Bool => geo_point_in_circle;
    }

    /// The geohash of a point, of 1 to 18 characters and 5 unless given; empty for a point or an
    /// accuracy out of range.
    ///
    /// ```kql
    /// print geo_point_to_geohash(-80.195829, 25.802215, 8)             //=> dhwfz15h
    /// ```
    GEO_POINT_TO_GEOHASH = "geo_point_to_geohash" {
        (longitude: Real, latitude: Real, [accuracy: Long]) -> String => geo_point_to_geohash;
    }

    /// The centre of a geohash as a GeoJSON point.
    ///
    /// ```kql
    /// print geo_geohash_to_central_point("sunny")      //=> {"type":"Point","coordinates":[42.47314453125,23.70849609375]}
    /// print geo_geohash_to_central_point("a")          //=> null
    /// ```
    GEO_GEOHASH_TO_CENTRAL_POINT = "geo_geohash_to_central_point" {
        (geohash: String) -> Dynamic => geo_geohash_to_central_point;
    }

    /// The rectangle of a geohash as a GeoJSON polygon.
    ///
    /// ```kql
    /// print array_length(geo_geohash_to_polygon("dr5ru").coordinates[0])       //=> 5
    /// ```
    GEO_GEOHASH_TO_POLYGON = "geo_geohash_to_polygon" {
        (geohash: String) -> Dynamic => geo_geohash_to_polygon;
    }

    /// The S2 cell that holds a point, at a level from 0 to 30 and 11 unless given; empty for a point
    /// or a level out of range.
    ///
    /// ```kql
    /// print geo_point_to_s2cell(-80.195829, 25.802215, 8)              //=> 88d9b
    /// ```
    GEO_POINT_TO_S2CELL = "geo_point_to_s2cell" {
        (longitude: Real, latitude: Real, [level: Long]) -> String => geo_point_to_s2cell;
    }

    /// The centre of an S2 cell as a GeoJSON point.
    ///
    /// ```kql
    /// print round(toreal(geo_s2cell_to_central_point("1234567").coordinates[0]), 9)            //=> 9.868307319
    /// print geo_s2cell_to_central_point("a")                                                   //=> null
    /// ```
    GEO_S2CELL_TO_CENTRAL_POINT = "geo_s2cell_to_central_point" {
        (s2cell: String) -> Dynamic => geo_s2cell_to_central_point;
    }
}

impl Position {
    /// The angle between two points at Earth's centre.
    fn angle_to(self, other: Position) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let along = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let across = ((b - a) / 2.0).sin();
        let square = across * across + a.cos() * b.cos() * along * along;
        2.0 * square.min(1.0).sqrt().asin()
    }

    fn distance_to(self, other: Position) -> f64 {
        self.angle_to(other) * RADIUS
    }

    /// The direction to another point; `None` if every direction leads there.
    fn azimuth_to(self, other: Position) -> Option<f64> {
        let angle = self.angle_to(other);
        if angle < 1e-15 || (std::f64::consts::PI - angle) < 1e-15 {
            return None;
        }
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let turn = (other.longitude - self.longitude).to_radians();
        let east = turn.sin() * b.cos();
        let north = a.cos() * b.sin() - a.sin() * b.cos() * turn.cos();
        Some(east.atan2(north).rem_euclid(TAU))
    }
}

/// The reals that arguments give, row by row.
struct Reals<'a>(Vec<Reader<'a, f64>>);

impl<'a> Reals<'a> {
    fn new(args: &Args<'a>, count: usize) -> Result<Self> {
        Ok(Reals((0..count).map(|index| args.reader(index)).collect::<Result<_>>()?))
    }

    fn value(&self, index: usize, row: usize) -> Option<f64> {
        self.0.get(index)?.get(row)
    }

    /// The point that the arguments at `2 * index` and behind it make.
    fn point(&self, index: usize, row: usize) -> Option<Position> {
        Position::new(self.value(2 * index, row)?, self.value(2 * index + 1, row)?)
    }
}

fn texts(rows: usize, value: impl Fn(usize) -> Option<String>) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    (0..rows).for_each(|row| builder.append_option(value(row)));
    std::sync::Arc::new(builder.finish())
}

fn geo_distance_2points(args: &Args) -> Result<ArrayRef> {
    let points = Reals::new(args, 4)?;
    let spheroid = args.reader::<Option<bool>>(4)?;
    if (0..args.rows()).any(|row| spheroid.get(row).flatten() == Some(true)) {
        let message = "`geo_distance_2points` does not measure on a spheroid yet";
        return Err(Error::Execution(message.into()));
    }
    reals(args.rows(), |row| Some(points.point(0, row)?.distance_to(points.point(1, row)?)))
}

fn geo_azimuth(args: &Args) -> Result<ArrayRef> {
    let points = Reals::new(args, 4)?;
    reals(args.rows(), |row| points.point(0, row)?.azimuth_to(points.point(1, row)?))
}

fn geo_angle(args: &Args) -> Result<ArrayRef> {
    let points = Reals::new(args, 6)?;
    reals(args.rows(), |row| {
        let (first, corner) = (points.point(0, row)?, points.point(1, row)?);
        let to_third = corner.azimuth_to(points.point(2, row)?)?;
        Some((to_third - corner.azimuth_to(first)?).rem_euclid(TAU))
    })
}

fn geo_point_in_circle(args: &Args) -> Result<ArrayRef> {
    let points = Reals::new(args, 5)?;
    bools(args.rows(), |row| {
        let radius = points.value(4, row).filter(|radius| *radius > 0.0)?;
        Some(points.point(0, row)?.distance_to(points.point(1, row)?) <= radius)
    })
}

/// The name of a cell around a point at a level that must lie in `levels`.
fn cell(
    args: &Args,
    default: i64,
    levels: std::ops::RangeInclusive<i64>,
    name: impl Fn(Position, u32) -> String,
) -> Result<ArrayRef> {
    let points = Reals::new(args, 2)?;
    let given = args.reader::<Option<i64>>(2)?;
    Ok(texts(args.rows(), |row| {
        let level = if args.len() > 2 { given.get(row).flatten()? } else { default };
        let level = levels.contains(&level).then_some(level)?;
        Some(name(points.point(0, row)?, level as u32))
    }))
}

fn geo_point_to_geohash(args: &Args) -> Result<ArrayRef> {
    cell(args, 5, 1..=18, geohash::encode)
}

fn geo_point_to_s2cell(args: &Args) -> Result<ArrayRef> {
    cell(args, 11, 0..=30, s2_token)
}

/// The name of the S2 cell of a level up to 30 that holds a point.
fn s2_token(place: Position, level: u32) -> String {
    let level = Level::try_new(level as u8).unwrap_or(Level::MAX);
    CellId::from_point(&point(place)).parent_at_level(level).to_token()
}

/// The centre of the S2 cell of that name.
fn s2_center(name: &str) -> Option<Position> {
    s2cell(name).map(|cell| position(cell.to_point()))
}

/// A column of GeoJSON points.
fn points(args: &Args, find: impl Fn(&str) -> Option<Position>) -> Result<ArrayRef> {
    let names = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| find(names.get(row)?).map(Geometry::Point))
}

fn geo_geohash_to_central_point(args: &Args) -> Result<ArrayRef> {
    points(args, |name| geohash::decode(name).map(|cell| cell.center()))
}

fn geo_s2cell_to_central_point(args: &Args) -> Result<ArrayRef> {
    points(args, s2_center)
}

fn geo_geohash_to_polygon(args: &Args) -> Result<ArrayRef> {
    let names = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| {
        let cell = geohash::decode(names.get(row)?)?;
        let corners = [
            (cell.west, cell.south),
            (cell.east, cell.south),
            (cell.east, cell.north),
            (cell.west, cell.north),
            (cell.west, cell.south),
        ];
        let ring = corners.map(|(longitude, latitude)| Position { longitude, latitude });
        Some(Geometry::Polygon(vec![ring.to_vec()]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(longitude: f64, latitude: f64) -> Position {
        Position::new(longitude, latitude).unwrap()
    }

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= expected.abs() * 1e-13, "{value} is not {expected}");
    }

    #[test]
    fn directions_and_distances() {
        let (seattle, los_angeles) =
            (point(-122.407_628, 47.578_557), point(-118.275_287, 34.019_056));
        close(seattle.distance_to(los_angeles), 1_546_754.351_973_81);
        close(point(5.0, 10.0).azimuth_to(point(10.0, -40.0)).unwrap(), 3.054_599_397_964_49);
        assert_eq!(point(5.0, 10.0).azimuth_to(point(5.0, 10.0)), None);
        assert_eq!(point(0.0, 0.0).azimuth_to(point(180.0, 0.0)), None);
        assert_eq!(Position::new(300.0, 1.0), None);
        assert_eq!(Position::new(f64::NAN, 1.0), None);
    }

    #[test]
    fn grids() {
        assert_eq!(geohash::encode(point(-80.195_829, 25.802_215), 8), "dhwfz15h");
        assert_eq!(geohash::encode(point(139.806_115, 35.554_128), 12), "xn76m27ty9g4");
        assert_eq!(
            geohash::decode("sunny").map(|c| c.center()),
            Position::new(42.473_144_531_25, 23.708_496_093_75)
        );
        assert!(geohash::decode("a").is_none() && geohash::decode("").is_none());
        let corner =
            geohash::decode("dr5ru").map(|cell| (cell.west, cell.south, cell.east, cell.north));
        assert_eq!(corner, Some((-74.003_906_25, 40.737_304_687_5, -73.959_960_937_5, 40.781_25)));
        for (longitude, latitude, token) in [
            (-80.195_829, 25.802_215, "88d9b"),
            (10.123_4, 53.0, "47b1d"),
            (10.684_2, 53.0, "47ae3"),
        ] {
            assert_eq!(s2_token(point(longitude, latitude), 8), token);
        }
        let center = s2_center("1234567").unwrap();
        close(center.longitude, 9.868_307_318_504_08);
        close(center.latitude, 27.468_392_925_827_604);
        assert!(s2_center("a").is_none() && s2_center("").is_none() && s2_center("x1").is_none());
        for level in 0..=30 {
            for (longitude, latitude) in
                [(0.0, 0.0), (-179.5, -89.0), (120.25, 45.5), (33.0, -12.0)]
            {
                let token = s2_token(point(longitude, latitude), level);
                assert_eq!(s2_token(s2_center(&token).unwrap(), level), token);
            }
        }
    }
}
