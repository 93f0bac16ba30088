//! Everything within a distance of a shape.

use std::cell::RefCell;
use std::rc::Rc;

use s2rst::s2::buffer_operation::{BufferOptions, MIN_ERROR_FRACTION, S2BufferOperation};
use s2rst::s2::builder::polygon_layer::S2PolygonLayer;
use s2rst::s2::shape_index::ShapeIndex;
use s2rst::s2::{Point, Polygon};

use super::overlay::Shared;
use super::{Geometry, angle, polygon};

/// A distance in metres, and how far from it the result's boundary may lie.
pub struct Margin(BufferOptions);

impl Margin {
    /// `None` unless both are above zero and the tolerance is a millionth of the radius at least;
    /// one above the radius counts as the radius.
    pub fn new(radius: f64, tolerance: f64) -> Option<Margin> {
        let fraction = (tolerance / radius).min(1.0);
        let valid = radius.is_finite() && radius > 0.0 && fraction >= MIN_ERROR_FRACTION;
        if !valid {
            return None;
        }
        let mut options = BufferOptions::new(angle(radius));
        options.set_error_fraction(fraction);
        Some(Margin(options))
    }

    /// The surroundings of a point.
    pub fn around_point(self, point: Point) -> Option<Geometry> {
        self.around(|operation| operation.add_point(point))
    }

    /// A shape with its surroundings.
    pub fn around_shape(self, index: &ShapeIndex) -> Option<Geometry> {
        self.around(|operation| operation.add_shape_index(index))
    }

    fn around(self, add: impl FnOnce(&mut S2BufferOperation)) -> Option<Geometry> {
        let layer = Rc::new(RefCell::new(S2PolygonLayer::new()));
        let mut operation = S2BufferOperation::new(Box::new(Shared(layer.clone())), self.0);
        add(&mut operation);
        operation.build().ok()?;
        geometry(&layer.borrow_mut().take_output()?)
    }
}

/// A region as a geometry; `None` if it is nothing or everything.
pub fn geometry(region: &Polygon) -> Option<Geometry> {
    let something = !region.is_empty_polygon() && !region.is_full_polygon();
    something.then(|| Geometry::from_polygons(polygon::rings(region)))
}
