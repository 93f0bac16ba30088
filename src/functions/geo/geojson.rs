//! GeoJSON geometries, read and written.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::types::real;

/// Longitude and latitude in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    pub longitude: f64,
    pub latitude: f64,
}

impl Position {
    /// `None` if a coordinate is out of range.
    pub fn new(longitude: f64, latitude: f64) -> Option<Position> {
        let valid = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        valid.then_some(Position { longitude, latitude })
    }

    fn is_valid(self) -> bool {
        Position::new(self.longitude, self.latitude).is_some()
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;

        impl<'de> Visitor<'de> for Pair {
            type Value = Position;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a longitude and a latitude")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Position, A::Error> {
                let missing = || serde::de::Error::custom("two numbers are needed");
                let longitude = seq.next_element()?.ok_or_else(missing)?;
                let latitude = seq.next_element()?.ok_or_else(missing)?;
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Position { longitude, latitude })
            }
        }

        deserializer.deserialize_seq(Pair)
    }
}

/// One line, or one ring of a polygon.
pub type Path = Vec<Position>;

/// A geometry of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    Point(Position),
    MultiPoint(Vec<Position>),
    LineString(Path),
    MultiLineString(Vec<Path>),
    /// A shell and its holes.
    Polygon(Vec<Path>),
    MultiPolygon(Vec<Vec<Path>>),
    Collection(Vec<Geometry>),
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: &'a RawValue,
}

fn coordinates<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// The lines of a `LineString` or a `MultiLineString`, if their coordinates are in range.
pub fn lines(json: &str) -> Option<Vec<Path>> {
    let members: Members = serde_json::from_str(json).ok()?;
    let text = members.coordinates.get();
    let paths: Vec<Path> = match &*members.kind {
        "LineString" => vec![coordinates(text)?],
        "MultiLineString" => coordinates(text)?,
        _ => return None,
    };
    let valid = !paths.is_empty() && paths.iter().flatten().all(|position| position.is_valid());
    valid.then_some(paths)
}

/// The polygons of a `Polygon` or a `MultiPolygon`, if their coordinates are in range.
pub fn polygons(json: &str) -> Option<Vec<Vec<Path>>> {
    let members: Members = serde_json::from_str(json).ok()?;
    let text = members.coordinates.get();
    let parts: Vec<Vec<Path>> = match &*members.kind {
        "Polygon" => vec![coordinates(text)?],
        "MultiPolygon" => coordinates(text)?,
        _ => return None,
    };
    let valid = !parts.is_empty()
        && parts.iter().all(|rings| !rings.is_empty())
        && parts.iter().flatten().flatten().all(|position| position.is_valid());
    valid.then_some(parts)
}

impl Geometry {
    /// The lines as one `LineString`, or as a `MultiLineString`.
    pub fn from_lines(mut paths: Vec<Path>) -> Geometry {
        match (paths.len(), paths.pop()) {
            (1, Some(path)) => Geometry::LineString(path),
            (_, last) => {
                paths.extend(last);
                Geometry::MultiLineString(paths)
            }
        }
    }

    /// The polygons as one `Polygon`, or as a `MultiPolygon`.
    pub fn from_polygons(mut parts: Vec<Vec<Path>>) -> Geometry {
        match (parts.len(), parts.pop()) {
            (1, Some(rings)) => Geometry::Polygon(rings),
            (_, last) => {
                parts.extend(last);
                Geometry::MultiPolygon(parts)
            }
        }
    }

    /// Appends the JSON text.
    pub fn write(&self, out: &mut String) {
        let kind = match self {
            Geometry::Point(_) => "Point",
            Geometry::MultiPoint(_) => "MultiPoint",
            Geometry::LineString(_) => "LineString",
            Geometry::MultiLineString(_) => "MultiLineString",
            Geometry::Polygon(_) => "Polygon",
            Geometry::MultiPolygon(_) => "MultiPolygon",
            Geometry::Collection(geometries) => {
                out.push_str(r#"{"type":"GeometryCollection","geometries":"#);
                write_list(geometries, out, |geometry, out| geometry.write(out));
                out.push('}');
                return;
            }
        };
        // Writing to a string cannot fail.
        let _ = write!(out, r#"{{"type":"{kind}","coordinates":"#);
        match self {
            Geometry::Point(position) => write_position(position, out),
            Geometry::MultiPoint(path) | Geometry::LineString(path) => write_path(path, out),
            Geometry::MultiLineString(paths) | Geometry::Polygon(paths) => write_paths(paths, out),
            Geometry::MultiPolygon(parts) => {
                write_list(parts, out, |paths, out| write_paths(paths, out));
            }
            Geometry::Collection(_) => {}
        }
        out.push('}');
    }
}

fn write_list<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn write_paths(paths: &[Path], out: &mut String) {
    write_list(paths, out, |path, out| write_path(path, out));
}

fn write_path(path: &[Position], out: &mut String) {
    write_list(path, out, write_position);
}

fn write_position(position: &Position, out: &mut String) {
    write_list(&[position.longitude, position.latitude], out, |value, out| {
        // Kusto writes whole coordinates without a point.
        if value.fract() == 0.0 && value.abs() < 1e15 {
            let _ = write!(out, "{}", *value as i64);
        } else {
            real::write_json(*value, out);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading() {
        let line = r#"{"type":"LineString","coordinates":[[1,2.5],[3,4,99]]}"#;
        let path = lines(line).unwrap();
        assert_eq!(path[0][1], Position { longitude: 3.0, latitude: 4.0 });
        assert_eq!(polygons(line), None);
        assert_eq!(lines(r#"{"type":"LineString"}"#), None);
        assert_eq!(lines(r#"{"type":"LineString","coordinates":[[181,0],[1,1]]}"#), None);
        assert_eq!(lines(r#"{"type":"MultiLineString","coordinates":[]}"#), None);
        assert_eq!(polygons(r#"{"type":"MultiPolygon","coordinates":[[]]}"#), None);
        assert_eq!(lines("[1]"), None);
    }

    #[test]
    fn writing() {
        let mut out = String::new();
        let position = Position { longitude: -1.0, latitude: 2.25 };
        Geometry::from_lines(vec![vec![position; 2]]).write(&mut out);
        assert_eq!(out, r#"{"type":"LineString","coordinates":[[-1,2.25],[-1,2.25]]}"#);
    }
}
