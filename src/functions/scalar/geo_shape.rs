//! Geometries from text, and what the functions on GeoJSON shapes share.

use arrow::array::{ArrayRef, BooleanBuilder, Float64Builder};

use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::buffer::Margin;
use crate::functions::geo::{Geometry, Position, point, wkt};
use crate::functions::kernel::Reader;

scalar_functions! {
    family: Geo;

    /// The GeoJSON geometry of a well-known text (WKT); null for what is not one.
    ///
    /// ```kql
    /// print geo_from_wkt("POINT (1 2)")                        //=> {"type":"Point","coordinates":[1,2]}
    /// print geo_from_wkt("POLYGON ((0 0, 2 0, 2 2, 0 0))")     //=> {"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}
    /// print geo_from_wkt("LINESTRING")                         //=> null
    /// ```
    GEO_FROM_WKT = "geo_from_wkt" {
        (wkt: String) -> Dynamic => geo_from_wkt;
    }

    /// The polygon of all points within a radius in metres of a point.
    ///
    /// The boundary lies within `tolerance` metres (10 unless given) of that distance; a tolerance
    /// above the radius counts as the radius, and one below a millionth of it gives null, as does
    /// a point out of range.
    ///
    /// ```kql
    /// print geo_point_buffer(-115.17, 36.15, 20000).type               //=> Polygon
    /// print round(geo_polygon_area(geo_point_buffer(0, 0, 1000, 0.01)) / 1000000, 3)    //=> 3.142
    /// print geo_point_buffer(10, 10, -1)                               //=> null
    /// ```
    GEO_POINT_BUFFER = "geo_point_buffer" {
        (longitude: Real, latitude: Real, radius: Real, [tolerance: Real]) -> Dynamic => geo_point_buffer;
    }
}

/// Shapes that an argument holds, parsed when the text changes.
pub struct Shapes<'a, T> {
    texts: Reader<'a, &'a str>,
    parse: fn(&str) -> Option<T>,
    last: Option<(&'a str, Option<T>)>,
}

impl<'a, T> Shapes<'a, T> {
    /// The shapes of the argument at `index`.
    pub fn new(args: &Args<'a>, index: usize, parse: fn(&str) -> Option<T>) -> Result<Self> {
        Ok(Shapes { texts: args.reader(index)?, parse, last: None })
    }

    /// The shape of a row; `None` where there is none.
    pub fn get(&mut self, row: usize) -> Option<&mut T> {
        let text = self.texts.get(row)?;
        if self.last.as_ref().is_none_or(|(last, _)| *last != text) {
            self.last = Some((text, (self.parse)(text)));
        }
        self.last.as_mut()?.1.as_mut()
    }
}

/// Points of two arguments: a longitude and a latitude.
pub struct Places<'a> {
    longitudes: Reader<'a, f64>,
    latitudes: Reader<'a, f64>,
}

impl<'a> Places<'a> {
    /// The points of the argument at `index` and the next one.
    pub fn new(args: &Args<'a>, index: usize) -> Result<Self> {
        Ok(Places { longitudes: args.reader(index)?, latitudes: args.reader(index + 1)? })
    }

    /// The point of a row; `None` where it is out of range or null.
    pub fn get(&self, row: usize) -> Option<Position> {
        Position::new(self.longitudes.get(row)?, self.latitudes.get(row)?)
    }
}

/// An optional number; the default where it was left out, `None` where it is null.
pub struct Setting<'a> {
    given: Option<Reader<'a, f64>>,
    default: f64,
}

impl<'a> Setting<'a> {
    /// The argument at `index`.
    pub fn new(args: &Args<'a>, index: usize, default: f64) -> Result<Self> {
        let given = if index < args.len() { Some(args.reader(index)?) } else { None };
        Ok(Setting { given, default })
    }

    pub fn get(&self, row: usize) -> Option<f64> {
        self.given.as_ref().map_or(Some(self.default), |given| given.get(row))
    }
}

/// A column of GeoJSON geometries.
pub fn geometries(
    rows: usize,
    mut find: impl FnMut(usize) -> Option<Geometry>,
) -> Result<ArrayRef> {
    jsons(rows, |row, out| {
        find(row)?.write(out);
        Some(())
    })
}

/// A column of reals.
pub fn reals(rows: usize, mut value: impl FnMut(usize) -> Option<f64>) -> Result<ArrayRef> {
    let mut builder = Float64Builder::with_capacity(rows);
    (0..rows).for_each(|row| builder.append_option(value(row)));
    Ok(std::sync::Arc::new(builder.finish()))
}

/// A column of bools.
pub fn bools(rows: usize, mut value: impl FnMut(usize) -> Option<bool>) -> Result<ArrayRef> {
    let mut builder = BooleanBuilder::with_capacity(rows);
    (0..rows).for_each(|row| builder.append_option(value(row)));
    Ok(std::sync::Arc::new(builder.finish()))
}

fn geo_from_wkt(args: &Args) -> Result<ArrayRef> {
    let texts = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| wkt::parse(texts.get(row)?))
}

fn geo_point_buffer(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let radii = args.reader::<f64>(2)?;
    let tolerances = Setting::new(args, 3, 10.0)?;
    geometries(args.rows(), |row| {
        let margin = Margin::new(radii.get(row)?, tolerances.get(row)?)?;
        margin.around_point(point(places.get(row)?))
    })
}
