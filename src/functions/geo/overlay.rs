//! What two shapes have in common, and what shapes make together.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use s2rst::s2::Point;
use s2rst::s2::boolean_operation::{OpType, Options, PolygonModel, S2BooleanOperation};
use s2rst::s2::builder::S2Error;
use s2rst::s2::builder::closed_set_normalizer::{self, normalize_closed_set};
use s2rst::s2::builder::graph::{DuplicateEdges, Graph, GraphOptions, PolylineType};
use s2rst::s2::builder::layer::Layer;
use s2rst::s2::builder::point_vector_layer::S2PointVectorLayer;
use s2rst::s2::builder::polygon_layer::S2PolygonLayer;
use s2rst::s2::builder::polyline_vector_layer::{self, S2PolylineVectorLayer};
use s2rst::s2::builder::snap::IdentitySnapFunction;
use s2rst::s2::edge_crossings::intersection_merge_radius;
use s2rst::s2::polyline::Polyline;
use s2rst::s2::shape_index::ShapeIndex;

use super::geojson::Path;
use super::{Geometry, polygon, position};

/// A layer whose output can be taken while an operation owns it.
#[derive(Debug)]
pub struct Shared<L>(pub Rc<RefCell<L>>);

impl<L: Layer + 'static> Layer for Shared<L> {
    fn graph_options(&self) -> GraphOptions {
        self.0.borrow().graph_options()
    }

    fn build(&mut self, graph: &Graph, error: &mut S2Error) {
        self.0.borrow_mut().build(graph, error);
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any> {
        self
    }
}

/// How edges become lines: each edge once, as few lines as possible.
pub fn path_options() -> polyline_vector_layer::Options {
    polyline_vector_layer::Options {
        polyline_type: PolylineType::Walk,
        duplicate_edges: DuplicateEdges::Merge,
        ..Default::default()
    }
}

/// The positions of lines, which break where an edge comes again in the other direction.
pub fn paths(lines: &[Polyline]) -> Vec<Path> {
    let key = |point: Point| [point.x(), point.y(), point.z()].map(f64::to_bits);
    let mut seen = HashSet::new();
    let mut paths: Vec<Path> = Vec::new();
    for line in lines {
        let mut broken = true;
        for pair in line.vertices_vec().windows(2) {
            let (from, to) = (key(pair[0]), key(pair[1]));
            if !seen.insert(if from < to { (from, to) } else { (to, from) }) {
                broken = true;
                continue;
            }
            match paths.last_mut() {
                Some(path) if !broken => path.push(position(pair[1])),
                _ => paths.push(vec![position(pair[0]), position(pair[1])]),
            }
            broken = false;
        }
    }
    paths
}

/// Polygons have their boundaries, lines their ends.
fn closed() -> Options {
    Options {
        snap_function: Box::new(IdentitySnapFunction::new(intersection_merge_radius())),
        polygon_model: PolygonModel::Closed,
        ..Options::default()
    }
}

/// Whether two shapes have a point in common.
pub fn intersects(a: &mut ShapeIndex, b: &mut ShapeIndex) -> bool {
    S2BooleanOperation::intersects(a, b, closed())
}

/// The points that two shapes have in common: an empty collection where there are none.
pub fn intersection(a: &mut ShapeIndex, b: &mut ShapeIndex) -> Option<Geometry> {
    operation(OpType::Intersection, a, b)
}

/// The points of either shape.
pub fn union(a: &mut ShapeIndex, b: &mut ShapeIndex) -> Option<Geometry> {
    operation(OpType::Union, a, b)
}

fn operation(kind: OpType, a: &mut ShapeIndex, b: &mut ShapeIndex) -> Option<Geometry> {
    let points = Rc::new(RefCell::new(S2PointVectorLayer::new()));
    let lines = Rc::new(RefCell::new(S2PolylineVectorLayer::with_options(path_options())));
    let regions = Rc::new(RefCell::new(S2PolygonLayer::new()));
    let layers: Vec<Box<dyn Layer>> = vec![
        Box::new(Shared(points.clone())),
        Box::new(Shared(lines.clone())),
        Box::new(Shared(regions.clone())),
    ];
    let layers = normalize_closed_set(layers, closed_set_normalizer::Options::default());
    S2BooleanOperation::multi(kind, layers, closed()).build(a, b).ok()?;

    let mut geometries = Vec::new();
    let mut points: Vec<_> = points.borrow_mut().take_output()?.into_iter().map(position).collect();
    match (points.len(), points.pop()) {
        (0, _) => {}
        (1, Some(point)) => geometries.push(Geometry::Point(point)),
        (_, last) => {
            points.extend(last);
            geometries.push(Geometry::MultiPoint(points));
        }
    }
    let paths = paths(&lines.borrow_mut().take_output()?);
    if !paths.is_empty() {
        geometries.push(Geometry::from_lines(paths));
    }
    let parts = polygon::rings(&regions.borrow_mut().take_output()?);
    if !parts.is_empty() {
        geometries.push(Geometry::from_polygons(parts));
    }
    Some(match (geometries.len(), geometries.pop()) {
        (1, Some(geometry)) => geometry,
        (_, last) => {
            geometries.extend(last);
            Geometry::Collection(geometries)
        }
    })
}
