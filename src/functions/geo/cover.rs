//! The S2 cells of one level that a shape touches.

use s2rst::s2::shape_index::ShapeIndex;
use s2rst::s2::shape_index_buffered_region::ShapeIndexBufferedRegion;
use s2rst::s2::shape_index_region::ShapeIndexRegion;
use s2rst::s2::{Cell, CellId, Face, Level, Region};

use super::angle;

/// The most cells of one shape.
pub const MAX_CELLS: usize = 65_536;

/// The cells that hold points of a shape or within `radius` metres of it, in the order of the
/// curve; `None` where they are too many.
pub fn cover(index: &ShapeIndex, level: Level, radius: f64) -> Option<Vec<CellId>> {
    let mut cells = Vec::new();
    let region: &dyn Region = if radius > 0.0 {
        &ShapeIndexBufferedRegion::from_angle(index, angle(radius))
    } else {
        &ShapeIndexRegion::new(index)
    };
    for face in 0..6 {
        collect(region, CellId::from_face(Face::from_u8(face)), level, &mut cells)?;
    }
    Some(cells)
}

fn collect(region: &dyn Region, id: CellId, level: Level, cells: &mut Vec<CellId>) -> Option<()> {
    let cell = Cell::from_cell_id(id);
    if !region.intersects_cell(&cell) {
        return Some(());
    }
    if id.level() == level {
        cells.push(id);
    } else if region.contains_cell(&cell) {
        let end = id.child_end_at_level(level);
        let mut next = id.child_begin_at_level(level);
        while next != end && cells.len() <= MAX_CELLS {
            cells.push(next);
            next = next.next();
        }
    } else {
        for child in id.children() {
            collect(region, child, level, cells)?;
        }
    }
    (cells.len() <= MAX_CELLS).then_some(())
}
