//! Shapes on a sphere: lines and polygons of GeoJSON whose edges are geodesics, after the rules of
//! S2.

pub mod buffer;
pub mod cover;
pub mod densify;
pub mod geojson;
pub mod hexagons;
pub mod line;
pub mod overlay;
pub mod polygon;
pub mod simplify;
pub mod wkt;

pub use geojson::{Geometry, Position};
pub use line::Line;
pub use polygon::Polygons;

use s2rst::s1::Angle;
use s2rst::s2::{LatLng, Point};

/// The radius of the sphere in metres.
pub const RADIUS: f64 = 6_371_010.0;

/// The point at a position in degrees.
pub fn point(position: Position) -> Point {
    LatLng::from_degrees(position.latitude, position.longitude).to_point()
}

/// The position of a point.
pub fn position(point: Point) -> Position {
    let place = LatLng::from_point(point);
    Position { longitude: place.lng.degrees(), latitude: place.lat.degrees() }
}

/// The angle at the centre of a distance on the sphere.
pub fn angle(metres: f64) -> Angle {
    Angle::from_radians(metres / RADIUS)
}

/// The distance on the sphere of an angle at the centre.
pub fn metres(angle: Angle) -> f64 {
    angle.radians() * RADIUS
}
