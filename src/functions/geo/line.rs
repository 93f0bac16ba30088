//! Lines whose edges are geodesics.

use std::collections::HashSet;

use s2rst::s1::Angle;
use s2rst::s2::closest_edge_query::{ClosestEdgeQuery, Options, PointTarget};
use s2rst::s2::polyline::Polyline;
use s2rst::s2::shape_index::ShapeIndex;
use s2rst::s2::{Point, edge_distances};

use super::{geojson, point};

/// How many edges are looked at one by one rather than through an index.
const FEW_EDGES: usize = 24;

/// One line or several.
pub struct Line {
    paths: Vec<Polyline>,
    /// All edges, where they are many.
    index: Option<ShapeIndex>,
}

impl Line {
    /// A line of GeoJSON; `None` unless each of its parts has two different points at least and
    /// edges shorter than 180 degrees.
    pub fn parse(json: &str) -> Option<Line> {
        let paths: Vec<Polyline> =
            geojson::lines(json)?.iter().map(|path| polyline(path)).collect::<Option<_>>()?;
        let edges: usize = paths.iter().map(|path| path.num_vertices() - 1).sum();
        let index = (edges > FEW_EDGES).then(|| index_of(&paths));
        Some(Line { paths, index })
    }

    /// The parts.
    pub fn paths(&self) -> &[Polyline] {
        &self.paths
    }

    /// The only part.
    pub fn single(&self) -> Option<&Polyline> {
        match self.paths.as_slice() {
            [path] => Some(path),
            _ => None,
        }
    }

    /// An index of all edges, to combine with other shapes.
    pub fn shape_index(&self) -> ShapeIndex {
        index_of(&self.paths)
    }

    /// The length; edges that several parts share count once.
    pub fn length(&self) -> Angle {
        let mut sum = 0.0;
        self.visit_edges(|a, b| sum += a.distance(b).radians());
        Angle::from_radians(sum)
    }

    /// The centre of mass on the surface; edges that several parts share count once.
    pub fn centroid(&self) -> Option<Point> {
        let mut sum = Point::from_coords(0.0, 0.0, 1.0).0 * 0.0;
        self.visit_edges(|a, b| sum = sum + Polyline::new(vec![a, b]).centroid().0);
        (sum.norm2() > 0.0).then(|| Point(sum).normalize())
    }

    fn visit_edges(&self, mut visit: impl FnMut(Point, Point)) {
        let key = |point: Point| [point.x(), point.y(), point.z()].map(f64::to_bits);
        let mut seen = HashSet::new();
        for path in &self.paths {
            for pair in path.vertices_vec().windows(2) {
                let (a, b) = (key(pair[0]), key(pair[1]));
                if self.paths.len() == 1 || seen.insert(if a < b { (a, b) } else { (b, a) }) {
                    visit(pair[0], pair[1]);
                }
            }
        }
    }

    /// The closest edge to a point.
    fn closest_edge(&self, to: Point) -> Option<(Point, Point)> {
        if let Some(index) = &self.index {
            let query = ClosestEdgeQuery::new(index);
            let options = Options { max_results: 1, ..Options::default() };
            let found = query.find_closest_edge_with_options(&PointTarget::new(to), &options);
            return query.get_edge(&found).map(|edge| (edge.v0, edge.v1));
        }
        let edges = self.paths.iter().flat_map(|path| path.vertices_vec().windows(2));
        let distance =
            |edge: &&[Point]| edge_distances::distance_from_segment(to, edge[0], edge[1]).radians();
        edges.min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|edge| (edge[0], edge[1]))
    }

    /// The distance to the closest point.
    pub fn distance(&self, to: Point) -> Option<Angle> {
        let (a, b) = self.closest_edge(to)?;
        Some(edge_distances::distance_from_segment(to, a, b))
    }

    /// The closest point to another one.
    pub fn closest(&self, to: Point) -> Option<Point> {
        let (a, b) = self.closest_edge(to)?;
        Some(edge_distances::project(to, a, b))
    }
}

fn index_of(paths: &[Polyline]) -> ShapeIndex {
    let mut index = ShapeIndex::new();
    for path in paths {
        index.add(Box::new(path.clone()));
    }
    index.build();
    index
}

fn polyline(path: &[geojson::Position]) -> Option<Polyline> {
    if path.len() < 2 {
        return None;
    }
    let mut points: Vec<Point> = path.iter().map(|place| point(*place)).collect();
    points.dedup();
    let antipodal = points.windows(2).any(|pair| pair[0] == Point(-pair[1].0));
    (points.len() > 1 && !antipodal).then(|| Polyline::new(points))
}
