//! Polygons whose edges are geodesics and whose rings enclose half the sphere at most.

use std::cell::OnceCell;

use s2rst::s1::Angle;
use s2rst::s2::closest_edge_query::{ClosestEdgeQuery, Options, PointTarget};
use s2rst::s2::shape_index::ShapeIndex;
use s2rst::s2::{Loop, Point, Polygon, Region, shape_measures, shape_util};

use super::geojson::{self, Path, Position};
use super::{point, position};

/// One polygon or several.
pub struct Polygons {
    parts: Vec<Polygon>,
    union: OnceCell<Polygon>,
}

impl Polygons {
    /// A polygon of GeoJSON; `None` if one of its rings is not closed, has less than three points
    /// or one of them twice, or crosses itself or another ring of the same polygon.
    pub fn parse(json: &str) -> Option<Polygons> {
        let parts = geojson::polygons(json)?;
        let parts = parts.iter().map(|rings| polygon(rings)).collect::<Option<_>>()?;
        Some(Polygons { parts, union: OnceCell::new() })
    }

    /// The union of all parts.
    pub fn union(&self) -> &Polygon {
        match self.parts.as_slice() {
            [part] => part,
            parts => self.union.get_or_init(|| Polygons::union_of(parts.iter())),
        }
    }

    /// The union of regions.
    pub fn union_of<'a>(regions: impl Iterator<Item = &'a Polygon>) -> Polygon {
        Polygon::union_all(regions.cloned().collect())
    }

    /// An index of the edges of the union, to combine with other shapes.
    pub fn shape_index(&self) -> ShapeIndex {
        let mut index = ShapeIndex::new();
        index.add(Box::new(self.union().clone()));
        index.build();
        index
    }

    /// Whether a point is inside; of polygons that share a point one has it.
    pub fn contains(&self, place: Point) -> bool {
        self.parts.iter().any(|part| part.contains_point(&place))
    }

    /// The area, as a part of the unit sphere's.
    pub fn area(&self) -> f64 {
        self.union().area()
    }

    /// The length of the boundary.
    pub fn perimeter(&self) -> Angle {
        shape_measures::get_perimeter(self.union())
    }

    /// The centre of mass on the surface.
    pub fn centroid(&self) -> Option<Point> {
        let sum = self.union().centroid();
        (sum.0.norm2() > 0.0).then(|| sum.normalize())
    }

    /// The distance to the closest point: none from inside.
    pub fn distance(&self, to: Point) -> Angle {
        if self.contains(to) {
            return Angle::from_radians(0.0);
        }
        self.closest_on_boundary(to)
            .map_or(Angle::from_radians(f64::NAN), |closest| closest.distance(to))
    }

    /// The closest point to another one: itself if it is inside.
    pub fn closest(&self, to: Point) -> Option<Point> {
        if self.contains(to) { Some(to) } else { self.closest_on_boundary(to) }
    }

    fn closest_on_boundary(&self, to: Point) -> Option<Point> {
        let boundaries = self.parts.iter().map(|part| {
            let query = ClosestEdgeQuery::new(part.shape_index());
            let options =
                Options { max_results: 1, include_interiors: false, ..Options::default() };
            let found = query.find_closest_edge_with_options(&PointTarget::new(to), &options);
            query.project(to, &found)
        });
        let distance = |closest: &Point| closest.distance(to).radians();
        boundaries.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

fn polygon(rings: &[Path]) -> Option<Polygon> {
    let loops: Vec<Loop> = rings.iter().map(|ring| ring_loop(ring)).collect::<Option<_>>()?;
    let polygon = Polygon::from_loops(loops);
    shape_util::find_self_intersection(polygon.shape_index()).is_none().then_some(polygon)
}

fn ring_loop(ring: &[Position]) -> Option<Loop> {
    let (last, open) = ring.split_last()?;
    if open.len() < 3 || open[0] != *last {
        return None;
    }
    let points: Vec<Point> = open.iter().map(|place| point(*place)).collect();
    let next = |index: usize| points[(index + 1) % points.len()];
    let degenerate =
        (0..points.len()).any(|i| points[i] == next(i) || points[i] == Point(-next(i).0));
    if degenerate {
        return None;
    }
    let mut ring = Loop::new(points);
    ring.normalize();
    Some(ring)
}

/// The rings of each polygon that a region consists of: shells counterclockwise, holes clockwise.
pub fn rings(region: &Polygon) -> Vec<Vec<Path>> {
    let mut parts: Vec<Vec<Path>> = Vec::new();
    for ring in region.loops() {
        let vertices = 0..=ring.num_vertices();
        let path = vertices
            .map(|index| position(ring.oriented_vertex(index % ring.num_vertices())))
            .collect();
        match parts.last_mut() {
            Some(part) if ring.is_hole() => part.push(path),
            _ => parts.push(vec![path]),
        }
    }
    parts
}
