//! `geo_line_lookup` and `geo_polygon_lookup`: rows joined by the shapes near which or in which
//! their points lie.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::Float64Type;
use hashbrown::HashMap;
use s2rst::s2::region_coverer::RegionCoverer;
use s2rst::s2::shape_index::ShapeIndex;
use s2rst::s2::shape_index_buffered_region::ShapeIndexBufferedRegion;
use s2rst::s2::shape_index_region::ShapeIndexRegion;
use s2rst::s2::{CellId, Level, Point};

use super::events::input;
use super::prefix_lookup::{Beside, send};
use super::{Output, TableArgs, TableFunction};
use crate::error::{Error, Result};
use crate::functions::geo::{Line, Polygons, Position, angle, metres, point};
use crate::types::Value;

/// Every row of the first input, which is streamed, beside the rows of the second whose line or
/// polygon its point is near to.
///
/// Constants: whether the shapes are polygons, the columns of the longitude, the latitude and the
/// shape, the radius in metres or null for what a polygon contains, whether rows without shape stay,
/// and how many columns are given of the
/// first input and of the lookup table.
pub static SHAPE_LOOKUP: TableFunction = TableFunction { name: "shape_lookup", kernel: lookup };

/// How many cells cover a shape at most.
const CELLS: usize = 16;

enum Shape {
    Line(Line),
    Polygons(Polygons),
}

impl Shape {
    fn parse(json: &str, polygons: bool) -> Option<Shape> {
        match polygons {
            true => Polygons::parse(json).map(Shape::Polygons),
            false => Line::parse(json).map(Shape::Line),
        }
    }

    fn index(&self) -> ShapeIndex {
        match self {
            Shape::Line(line) => line.shape_index(),
            Shape::Polygons(polygons) => polygons.shape_index(),
        }
    }

    /// Whether a point lies within `radius` metres, or without one inside.
    fn holds(&self, place: Point, radius: Option<f64>) -> bool {
        match (self, radius) {
            (Shape::Polygons(polygons), None) => polygons.contains(place),
            (Shape::Polygons(polygons), Some(radius)) => metres(polygons.distance(place)) <= radius,
            (Shape::Line(line), radius) => line
                .distance(place)
                .is_some_and(|distance| metres(distance) <= radius.unwrap_or(0.0)),
        }
    }
}

/// The shapes of the lookup table, and which of them may hold the points of a cell.
struct Shapes {
    radius: Option<f64>,
    by_row: Vec<Option<Shape>>,
    /// By level, the rows whose covering has a cell.
    cells: BTreeMap<u8, HashMap<u64, Vec<u32>>>,
}

impl Shapes {
    fn new(
        table: &RecordBatch,
        column: usize,
        (polygons, radius): (bool, Option<f64>),
        out: &mut dyn Output,
    ) -> Result<Shapes> {
        let texts = table.column(column).as_string_view_opt();
        let texts = texts.ok_or_else(|| Error::Internal("shapes are no text".into()))?;
        let mut shapes = Shapes { radius, by_row: vec![], cells: BTreeMap::new() };
        for row in 0..texts.len() {
            out.check()?;
            let text = texts.is_valid(row).then(|| texts.value(row));
            let shape = text.and_then(|text| Shape::parse(text, polygons));
            if let Some(shape) = &shape {
                // The points, the index of their edges and the cells.
                out.reserve(text.map_or(0, str::len) * 8 + CELLS * 16)?;
                for cell in covering(&shape.index(), radius) {
                    let level = shapes.cells.entry(cell.level().as_u8()).or_default();
                    level.entry(cell.id()).or_default().push(row as u32);
                }
            }
            shapes.by_row.push(shape);
        }
        Ok(shapes)
    }

    /// Puts the rows whose shapes hold the point into `found`, in order.
    fn holding(&self, place: Point, found: &mut Vec<u32>) {
        found.clear();
        let leaf = CellId::from_point(&place);
        for (level, cells) in &self.cells {
            let cell = leaf.parent_at_level(Level::new(*level));
            found.extend(cells.get(&cell.id()).into_iter().flatten());
        }
        let holds = |row: &u32| {
            let shape = self.by_row[*row as usize].as_ref();
            shape.is_some_and(|shape| shape.holds(place, self.radius))
        };
        found.retain(holds);
        found.sort_unstable();
    }
}

/// Cells that hold every point of a shape or within the radius; none holds another one.
fn covering(index: &ShapeIndex, radius: Option<f64>) -> Vec<CellId> {
    let coverer = RegionCoverer::new().max_cells(CELLS);
    let cells = match radius {
        // A little wider, so that what the distance accepts is never outside.
        Some(radius) => {
            let wide = angle(radius * (1.0 + 1e-9) + 1e-3);
            coverer.covering(&ShapeIndexBufferedRegion::from_angle(index, wide))
        }
        None => coverer.covering(&ShapeIndexRegion::new(index)),
    };
    cells.cell_ids().to_vec()
}

fn lookup(args: &TableArgs, out: &mut dyn Output) -> Result<()> {
    let missing =
        |index: usize| Error::Internal(format!("constant {index} of a lookup is missing"));
    let number = |index: usize| -> Result<usize> {
        let constant = args.constants.get(index).and_then(Value::as_i64);
        constant.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| missing(index))
    };
    let polygons = number(0)? != 0;
    let (longitude, latitude, shape) = (number(1)?, number(2)?, number(3)?);
    let radius = match args.constants.get(4) {
        Some(Value::Real(radius)) => Some(*radius),
        Some(_) => None,
        None => return Err(missing(4)),
    };
    let (unmatched, own, given) = (number(5)? != 0, number(6)?, number(7)?);
    let table = input(args, 1)?;
    let shapes = Shapes::new(table, shape, (polygons, radius), out)?;
    let beside = Beside { table, given, first: false };
    let mut found = vec![];
    while let Some(batch) = out.next()? {
        let longitudes = reals(&batch, longitude)?;
        let latitudes = reals(&batch, latitude)?;
        let shown: Vec<usize> = (0..own).collect();
        let shown = batch.project(&shown)?;
        let mut left: Vec<u32> = vec![];
        let mut right: Vec<Option<u32>> = vec![];
        for row in 0..batch.num_rows() {
            found.clear();
            if longitudes.is_valid(row)
                && latitudes.is_valid(row)
                && let Some(place) = Position::new(longitudes.value(row), latitudes.value(row))
            {
                shapes.holding(point(place), &mut found);
            }
            for holder in &found {
                left.push(row as u32);
                right.push(Some(*holder));
            }
            if unmatched && found.is_empty() {
                left.push(row as u32);
                right.push(None);
            }
            if right.len() >= args.batch_rows {
                send(args, out, &shown, &beside, (&mut left, &mut right))?;
            }
        }
        send(args, out, &shown, &beside, (&mut left, &mut right))?;
    }
    Ok(())
}

fn reals(batch: &RecordBatch, column: usize) -> Result<&Float64Array> {
    let reals = batch.column(column).as_primitive_opt::<Float64Type>();
    reals.ok_or_else(|| Error::Internal("coordinates are no reals".into()))
}
