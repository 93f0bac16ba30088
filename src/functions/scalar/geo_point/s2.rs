//! S2 cells: the faces of a cube around Earth, divided in four again and again along a curve.

use super::Point;

/// The deepest level.
const LEVELS: u32 = 30;

/// Where a quarter (by its two coordinate bits) comes on the curve, by the curve's orientation.
const POSITIONS: [[u64; 4]; 4] = [[0, 1, 3, 2], [0, 3, 1, 2], [2, 3, 1, 0], [2, 1, 3, 0]];
/// How the orientation changes in the quarter at a position.
const TURNS: [usize; 4] = [1, 0, 0, 3];

/// The name of the cell of `level` that holds a point.
pub fn token(point: Point, level: u32) -> String {
    let lowest = 1_u64 << (2 * (LEVELS - level));
    let id = (leaf(point) & lowest.wrapping_neg()) | lowest;
    format!("{id:016x}").trim_end_matches('0').to_string()
}

/// The number of the cell of the deepest level.
fn leaf(point: Point) -> u64 {
    let (latitude, longitude) = (point.latitude.to_radians(), point.longitude.to_radians());
    let (x, y, z) =
        (longitude.cos() * latitude.cos(), longitude.sin() * latitude.cos(), latitude.sin());
    let (face, u, v) = if x.abs() >= y.abs() && x.abs() >= z.abs() {
        if x >= 0.0 { (0_u64, y / x, z / x) } else { (3, z / x, y / x) }
    } else if y.abs() >= z.abs() {
        if y >= 0.0 { (1, -x / y, z / y) } else { (4, z / y, -x / y) }
    } else if z >= 0.0 {
        (2, -x / z, -y / z)
    } else {
        (5, -y / z, -x / z)
    };
    let (i, j) = (grid(u), grid(v));
    let mut orientation = (face & 1) as usize;
    let mut curve = 0;
    for level in (0..LEVELS).rev() {
        let quarter = ((i >> level & 1) << 1 | (j >> level & 1)) as usize;
        let position = POSITIONS[orientation][quarter];
        curve = curve << 2 | position;
        orientation ^= TURNS[position as usize];
    }
    face << 61 | curve << 1 | 1
}

/// The step on the grid of the deepest level of a coordinate on a face, which is bent so that cells
/// get similar areas.
fn grid(coordinate: f64) -> u32 {
    let bent = if coordinate >= 0.0 {
        0.5 * (1.0 + 3.0 * coordinate).sqrt()
    } else {
        1.0 - 0.5 * (1.0 - 3.0 * coordinate).sqrt()
    };
    let size = f64::from(1_u32 << LEVELS);
    (size * bent).floor().clamp(0.0, size - 1.0) as u32
}

/// The centre of the cell of that name.
pub fn center(token: &str) -> Option<Point> {
    if !(1..=16).contains(&token.len()) || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let id = u64::from_str_radix(&format!("{token:0<16}"), 16).ok()?;
    let face = id >> 61;
    let lowest = id & id.wrapping_neg();
    if face > 5 || lowest & 0x1555_5555_5555_5555 == 0 {
        return None;
    }
    let level = LEVELS - lowest.trailing_zeros() / 2;
    let mut orientation = (face & 1) as usize;
    let (mut i, mut j) = (0_u32, 0_u32);
    for step in 0..level {
        let position = id >> (59 - 2 * step) & 3;
        let quarter = POSITIONS[orientation].iter().position(|p| *p == position)?;
        i = i << 1 | (quarter >> 1) as u32;
        j = j << 1 | (quarter & 1) as u32;
        orientation ^= TURNS[position as usize];
    }
    let flat = |step: u32| {
        let bent = (f64::from(step) + 0.5) / f64::from(1_u32 << level);
        if bent >= 0.5 {
            (4.0 * bent * bent - 1.0) / 3.0
        } else {
            (1.0 - 4.0 * (1.0 - bent) * (1.0 - bent)) / 3.0
        }
    };
    let (u, v) = (flat(i), flat(j));
    let (x, y, z) = match face {
        0 => (1.0, u, v),
        1 => (-u, 1.0, v),
        2 => (-u, -v, 1.0),
        3 => (-1.0, -v, -u),
        4 => (v, -1.0, -u),
        _ => (v, u, -1.0),
    };
    Some(Point { longitude: y.atan2(x).to_degrees(), latitude: z.atan2(x.hypot(y)).to_degrees() })
}
