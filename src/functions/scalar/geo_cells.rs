//! Cells of grids over Earth: H3's hexagons, and the neighbours and outlines of S2 cells and
//! geohashes.

use std::collections::HashSet;

use arrow::array::{ArrayRef, StringViewBuilder};
use h3o::{CellIndex, LatLng, Resolution};
use s2rst::s2::{Cell, CellId, CellVertex};

use super::geo_point::geohash;
use super::geo_polygon::write_names;
use super::geo_shape::{Places, Setting, geometries};
use crate::error::Result;
use crate::functions::Args;
use crate::functions::columns::jsons;
use crate::functions::declare::scalar_functions;
use crate::functions::geo::{Geometry, Position, position};

scalar_functions! {
    family: Geo;

    /// The H3 cell that holds a point, at a resolution from 0 to 15 and 6 unless given; empty for a
    /// point or a resolution out of range.
    ///
    /// ```kql
    /// print geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)     //=> 862a1072fffffff
    /// ```
    GEO_POINT_TO_H3CELL = "geo_point_to_h3cell" {
        (longitude: Real, latitude: Real, [resolution: Long]) -> String => geo_point_to_h3cell;
    }

    /// The centre of an H3 cell as a GeoJSON point.
    ///
    /// ```kql
    /// print round(toreal(geo_h3cell_to_central_point("862a1072fffffff").coordinates[0]), 9)     //=> -74.01600848
    /// print geo_h3cell_to_central_point("1")                                                    //=> null
    /// ```
    GEO_H3CELL_TO_CENTRAL_POINT = "geo_h3cell_to_central_point" {
        (h3cell: String) -> Dynamic => geo_h3cell_to_central_point;
    }

    /// The outline of an H3 cell as a GeoJSON polygon with straight edges.
    ///
    /// ```kql
    /// print array_length(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0])     //=> 7
    /// ```
    GEO_H3CELL_TO_POLYGON = "geo_h3cell_to_polygon" {
        (h3cell: String) -> Dynamic => geo_h3cell_to_polygon;
    }

    /// The resolution of an H3 cell, from 0 to 15.
    ///
    /// ```kql
    /// print geo_h3cell_level("862a1072fffffff")       //=> 6
    /// print geo_h3cell_level("abc")                   //=> null
    /// ```
    GEO_H3CELL_LEVEL = "geo_h3cell_level" {
        (h3cell: String) -> Int => geo_h3cell_level;
    }

    /// The H3 cell of a coarser resolution that a cell belongs to: the next one unless given; empty
    /// for a resolution that is not coarser.
    ///
    /// ```kql
    /// print geo_h3cell_parent("862a1072fffffff")          //=> 852a1073fffffff
    /// print geo_h3cell_parent("862a1072fffffff", 1)       //=> 812a3ffffffffff
    /// ```
    GEO_H3CELL_PARENT = "geo_h3cell_parent" {
        (h3cell: String, [resolution: Long]) -> String => geo_h3cell_parent;
    }

    /// The H3 cells of a finer resolution that make up a cell: the next one unless given, five
    /// steps finer at most.
    ///
    /// ```kql
    /// print geo_h3cell_children("862a1072fffffff")[0]                     //=> 872a10728ffffff
    /// print array_length(geo_h3cell_children("862a1072fffffff", 9))       //=> 343
    /// ```
    GEO_H3CELL_CHILDREN = "geo_h3cell_children" {
        (h3cell: String, [resolution: Long]) -> Dynamic => geo_h3cell_children;
    }

    /// The H3 cells around a cell.
    ///
    /// ```kql
    /// print geo_h3cell_neighbors("862a1072fffffff")       //=> ["862a10727ffffff","862a10707ffffff","862a1070fffffff","862a10777ffffff","862a100dfffffff","862a100d7ffffff"]
    /// ```
    GEO_H3CELL_NEIGHBORS = "geo_h3cell_neighbors" {
        (h3cell: String) -> Dynamic => geo_h3cell_neighbors;
    }

    /// The H3 cells around a cell by their distance from it, from 0 to the one given (142 at most).
    ///
    /// ```kql
    /// print geo_h3cell_rings("861f8894fffffff", 1)      //=> [["861f8894fffffff"],["861f88947ffffff","861f8895fffffff","861f88867ffffff","861f8d497ffffff","861f8d4b7ffffff","861f8896fffffff"]]
    /// print geo_h3cell_rings("861f8894fffffff", 150)    //=> null
    /// ```
    GEO_H3CELL_RINGS = "geo_h3cell_rings" {
        (h3cell: String, distance: Long) -> Dynamic => geo_h3cell_rings;
    }

    /// The S2 cells of the same level that touch a cell.
    ///
    /// ```kql
    /// print geo_s2cell_neighbors("89c259")      //=> ["89c25d","89c2f9","89c251","89c257","89c25f","89c25b","89c2f7","89c2f5"]
    /// ```
    GEO_S2CELL_NEIGHBORS = "geo_s2cell_neighbors" {
        (s2cell: String) -> Dynamic => geo_s2cell_neighbors;
    }

    /// The outline of an S2 cell as a GeoJSON polygon whose edges are geodesics.
    ///
    /// ```kql
    /// print array_length(geo_s2cell_to_polygon("89c259").coordinates[0])      //=> 5
    /// ```
    GEO_S2CELL_TO_POLYGON = "geo_s2cell_to_polygon" {
        (s2cell: String) -> Dynamic => geo_s2cell_to_polygon;
    }

    /// The geohashes of the same length that touch a geohash.
    ///
    /// ```kql
    /// print geo_geohash_neighbors("sunny")      //=> ["sunnt","sunpj","sunnx","sunpn","sunnv","sunpp","sunnz","sunnw"]
    /// print geo_geohash_neighbors("a")          //=> null
    /// ```
    GEO_GEOHASH_NEIGHBORS = "geo_geohash_neighbors" {
        (geohash: String) -> Dynamic => geo_geohash_neighbors;
    }
}

fn h3cell(name: &str) -> Option<CellIndex> {
    let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits { name.parse().ok() } else { None }
}

fn resolution(value: f64) -> Option<Resolution> {
    let valid = (0.0..=15.0).contains(&value);
    if valid { Resolution::try_from(value as u8).ok() } else { None }
}

/// A column of cell names: empty where there is none.
fn names(rows: usize, find: impl Fn(usize) -> Option<CellIndex>) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        builder.append_option(find(row).map(|cell| cell.to_string()));
    }
    Ok(std::sync::Arc::new(builder.finish()))
}

fn geo_point_to_h3cell(args: &Args) -> Result<ArrayRef> {
    let places = Places::new(args, 0)?;
    let resolutions = Setting::new(args, 2, 6.0)?;
    names(args.rows(), |row| {
        let place = places.get(row)?;
        let place = LatLng::new(place.latitude, place.longitude).ok()?;
        Some(place.to_cell(resolution(resolutions.get(row)?)?))
    })
}

fn h3_position(place: LatLng) -> Position {
    Position { longitude: place.lng(), latitude: place.lat() }
}

fn geo_h3cell_to_central_point(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| {
        Some(Geometry::Point(h3_position(LatLng::from(h3cell(cells.get(row)?)?))))
    })
}

fn geo_h3cell_to_polygon(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| {
        let outline = h3cell(cells.get(row)?)?.boundary();
        let mut ring: Vec<_> = outline.iter().map(|corner| h3_position(*corner)).collect();
        ring.extend(ring.first().copied());
        Some(Geometry::Polygon(vec![ring]))
    })
}

fn geo_h3cell_level(args: &Args) -> Result<ArrayRef> {
    args.map1(|name: &str| h3cell(name).map(|cell| i32::from(u8::from(cell.resolution()))))
}

fn geo_h3cell_parent(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    let resolutions = Setting::new(args, 1, f64::NAN)?;
    names(args.rows(), |row| {
        let cell = h3cell(cells.get(row)?)?;
        let wanted = resolutions.get(row)?;
        let coarser = f64::from(u8::from(cell.resolution())) - 1.0;
        cell.parent(resolution(if wanted.is_nan() { coarser } else { wanted })?)
    })
}

fn geo_h3cell_children(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    let resolutions = Setting::new(args, 1, f64::NAN)?;
    jsons(args.rows(), |row, out| {
        let cell = h3cell(cells.get(row)?)?;
        let wanted = resolutions.get(row)?;
        let own = f64::from(u8::from(cell.resolution()));
        let wanted = if wanted.is_nan() { own + 1.0 } else { wanted };
        if !(own..=own + 5.0).contains(&wanted) {
            return None;
        }
        write_names(cell.children(resolution(wanted)?).map(|child| child.to_string()), out);
        Some(())
    })
}

fn geo_h3cell_neighbors(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    jsons(args.rows(), |row, out| {
        let disk: Vec<_> = h3cell(cells.get(row)?)?.grid_disk_distances(1);
        let ring = disk.iter().filter(|(_, distance)| *distance == 1);
        write_names(ring.map(|(cell, _)| cell.to_string()), out);
        Some(())
    })
}

fn geo_h3cell_rings(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    let distances = args.reader::<i64>(1)?;
    jsons(args.rows(), |row, out| {
        let cell = h3cell(cells.get(row)?)?;
        let distance = distances.get(row).filter(|distance| (0..=142).contains(distance))?;
        let mut rings = vec![Vec::new(); distance as usize + 1];
        for (cell, ring) in cell.grid_disk_distances::<Vec<_>>(distance as u32) {
            rings[ring as usize].push(cell.to_string());
        }
        out.push('[');
        for (index, ring) in rings.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_names(ring, out);
        }
        out.push(']');
        Some(())
    })
}

/// The S2 cell of that name.
pub fn s2cell(name: &str) -> Option<CellId> {
    let cell = CellId::from_token(name);
    cell.is_valid().then_some(cell)
}

/// Up to eight names in the order in which Kusto gives neighbours: that of a hash table with eight
/// buckets, which come as they were first filled, the latest name first.
fn in_buckets(names: Vec<String>) -> Vec<String> {
    let bucket = |name: &str| {
        let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        name.bytes().fold(0xcbf2_9ce4_8422_2325, fnv) & 7
    };
    let mut ordered: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let own = bucket(&name);
        let place = ordered.iter().position(|other| bucket(other) == own);
        ordered.insert(place.unwrap_or(ordered.len()), name);
    }
    ordered
}

fn geo_s2cell_neighbors(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    jsons(args.rows(), |row, out| {
        let cell = s2cell(cells.get(row)?)?;
        let mut neighbors = cell.all_neighbors(cell.level())?;
        let mut seen = HashSet::new();
        neighbors.retain(|neighbor| *neighbor != cell && seen.insert(*neighbor));
        write_names(in_buckets(neighbors.iter().map(|cell| cell.to_token()).collect()), out);
        Some(())
    })
}

fn geo_s2cell_to_polygon(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    geometries(args.rows(), |row| {
        let cell = Cell::from_cell_id(s2cell(cells.get(row)?)?);
        let mut ring = CellVertex::ALL.map(|corner| position(cell.vertex(corner))).to_vec();
        ring.extend(ring.first().copied());
        Some(Geometry::Polygon(vec![ring]))
    })
}

fn geo_geohash_neighbors(args: &Args) -> Result<ArrayRef> {
    let cells = args.reader::<&str>(0)?;
    jsons(args.rows(), |row, out| {
        write_names(in_buckets(geohash::neighbors(cells.get(row)?)?), out);
        Some(())
    })
}
