//! Shapes with fewer points.

use std::cell::RefCell;
use std::rc::Rc;

use s2rst::s2::Polygon;
use s2rst::s2::builder::layer::Layer;
use s2rst::s2::builder::polygon_layer::S2PolygonLayer;
use s2rst::s2::builder::polyline_vector_layer::S2PolylineVectorLayer;
use s2rst::s2::builder::snap::{IdentitySnapFunction, MAX_SNAP_RADIUS};
use s2rst::s2::builder::{Options, S2Builder};
use s2rst::s2::polyline::Polyline;

use super::overlay::{Shared, path_options, paths};
use super::{Geometry, angle, polygon};

/// A builder that merges points closer than `tolerance` metres; `None` if that is negative or too
/// far.
fn builder(tolerance: f64) -> Option<S2Builder> {
    let radius = angle(tolerance);
    if !(tolerance >= 0.0 && radius <= MAX_SNAP_RADIUS) {
        return None;
    }
    let mut options = Options::new(Box::new(IdentitySnapFunction::new(radius)));
    options.simplify_edge_chains = true;
    Some(S2Builder::new(options))
}

/// Lines with fewer points; `None` if nothing is left.
pub fn lines(lines: &[Polyline], tolerance: f64) -> Option<Geometry> {
    let mut builder = builder(tolerance)?;
    let layer = Rc::new(RefCell::new(S2PolylineVectorLayer::with_options(path_options())));
    builder.start_layer(Box::new(Shared(layer.clone())));
    for line in lines {
        builder.add_polyline(line);
    }
    builder.build().ok()?;
    let paths = paths(&layer.borrow_mut().take_output()?);
    (!paths.is_empty()).then(|| Geometry::from_lines(paths))
}

/// Polygons with fewer points, whose common borders stay common; `None` if nothing is left.
pub fn polygons<'a>(
    regions: impl Iterator<Item = &'a Polygon>,
    tolerance: f64,
) -> Option<Geometry> {
    let mut builder = builder(tolerance)?;
    let mut layers = Vec::new();
    for region in regions {
        let layer = Rc::new(RefCell::new(S2PolygonLayer::new()));
        let shared: Box<dyn Layer> = Box::new(Shared(layer.clone()));
        builder.start_layer(shared);
        builder.add_polygon(region);
        builder.add_is_full_polygon_predicate(S2Builder::is_full_polygon(false));
        layers.push(layer);
    }
    builder.build().ok()?;
    let regions = layers.iter().filter_map(|layer| layer.borrow_mut().take_output());
    let parts: Vec<_> = regions.flat_map(|region| polygon::rings(&region)).collect();
    (!parts.is_empty()).then(|| Geometry::from_polygons(parts))
}
