//! Well-known text of geometries.

use super::geojson::{Geometry, Path, Position};

/// How deep collections may lie in each other.
const DEPTH: usize = 64;

/// The geometry of a well-known text; `None` if it is not one, is empty, or has more than two
/// coordinates to a point.
pub fn parse(text: &str) -> Option<Geometry> {
    let mut reader = Reader { rest: text };
    let geometry = reader.geometry(0)?;
    reader.rest.trim().is_empty().then_some(geometry)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn geometry(&mut self, depth: usize) -> Option<Geometry> {
        let word = self.word();
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        Some(if is("POINT") {
            let mut path = self.list(Self::position)?;
            let position = path.pop().filter(|_| path.is_empty())?;
            Geometry::Point(position)
        } else if is("LINESTRING") {
            Geometry::LineString(self.path()?)
        } else if is("POLYGON") {
            Geometry::Polygon(self.list(Self::path)?)
        } else if is("MULTIPOINT") {
            Geometry::MultiPoint(self.list(Self::bracketed_position)?)
        } else if is("MULTILINESTRING") {
            Geometry::MultiLineString(self.list(Self::path)?)
        } else if is("MULTIPOLYGON") {
            Geometry::MultiPolygon(self.list(|reader| reader.list(Self::path))?)
        } else if is("GEOMETRYCOLLECTION") && depth < DEPTH {
            Geometry::Collection(self.list(|reader| reader.geometry(depth + 1))?)
        } else {
            return None;
        })
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    fn take(&mut self, symbol: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take('(')?;
        let mut items = vec![item(self)?];
        while self.take(',').is_some() {
            items.push(item(self)?);
        }
        self.take(')')?;
        Some(items)
    }

    fn path(&mut self) -> Option<Path> {
        self.list(Self::position)
    }

    fn bracketed_position(&mut self) -> Option<Position> {
        if self.take('(').is_none() {
            return self.position();
        }
        let position = self.position()?;
        self.take(')')?;
        Some(position)
    }

    fn position(&mut self) -> Option<Position> {
        Some(Position { longitude: self.number()?, latitude: self.number()? })
    }

    fn number(&mut self) -> Option<f64> {
        let text = self.rest.trim_start();
        let part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let end = text.find(|c: char| !part(c)).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        number.parse().ok().filter(|value: &f64| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::new();
        if let Some(geometry) = parse(text) {
            geometry.write(&mut out);
        }
        assert_eq!(out, expected);
    }

    #[test]
    fn texts() {
        check("POINT (1 2)", r#"{"type":"Point","coordinates":[1,2]}"#);
        check("point(1.5 -2e1)", r#"{"type":"Point","coordinates":[1.5,-20]}"#);
        let points = r#"{"type":"MultiPoint","coordinates":[[1,1],[2,2]]}"#;
        check("MULTIPOINT (1 1, 2 2)", points);
        check("MULTIPOINT ((1 1), (2 2))", points);
        for wrong in ["LINESTRING", "POINT EMPTY", "POINT (1)", "POINT (1 2 3)", "POINT (1 2) x"] {
            check(wrong, "");
        }
        check("POINT (1 2, 3 4)", "");
    }
}
