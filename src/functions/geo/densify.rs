//! Straight lines between coordinates as chains of geodesics.

use s2rst::r2;
use s2rst::s2::edge_tessellator::EdgeTessellator;
use s2rst::s2::projections::PlateCarreeProjection;

use super::angle;
use super::geojson::{Path, Position};

/// The most points a result may have.
pub const MAX_POINTS: usize = 10_485_760;

/// Adds points to `path` so that its geodesics stay within `tolerance` metres of straight lines
/// between coordinates; `None` if that takes too many points. Edges take the shorter way around.
pub fn densify(path: &[Position], tolerance: f64) -> Option<Path> {
    let tessellator = EdgeTessellator::new(PlateCarreeProjection::new(180.0), angle(tolerance));
    let mut out: Path = path.first().copied().into_iter().collect();
    for pair in path.windows(2) {
        let (from, mut to) = (pair[0], pair[1]);
        if crosses(from, to) {
            to.longitude += 360_f64.copysign(from.longitude);
        }
        let from = r2::Point::new(from.longitude, from.latitude);
        divide(&tessellator, from, r2::Point::new(to.longitude, to.latitude), &mut out)?;
        // The end as given, not as moved around the sphere.
        if let Some(last) = out.last_mut() {
            *last = pair[1];
        }
    }
    Some(out)
}

/// Whether the shorter way between two positions crosses the antimeridian.
pub fn crosses(from: Position, to: Position) -> bool {
    (from.longitude - to.longitude).abs() > 180.0
}

fn divide(
    tessellator: &EdgeTessellator<PlateCarreeProjection>,
    from: r2::Point,
    to: r2::Point,
    out: &mut Path,
) -> Option<()> {
    let mut chain = Vec::new();
    tessellator.append_unprojected(from, to, &mut chain);
    if chain.len() > MAX_POINTS || out.len() >= MAX_POINTS {
        return None;
    }
    if chain.len() <= 2 {
        let longitude = if to.x.abs() > 180.0 { to.x - 360_f64.copysign(to.x) } else { to.x };
        out.push(Position { longitude, latitude: to.y });
        return Some(());
    }
    // The chain halves straight lines; doing so here keeps their coordinates exact.
    let middle = r2::Point::new(f64::midpoint(from.x, to.x), f64::midpoint(from.y, to.y));
    divide(tessellator, from, middle, out)?;
    divide(tessellator, middle, to, out)
}
