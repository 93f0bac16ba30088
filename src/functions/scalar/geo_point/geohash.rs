//! Geohash: rectangles found by halving longitudes and latitudes in turn.

use crate::functions::geo::Position;

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// The rectangle of a geohash.
pub struct Cell {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Cell {
    const WORLD: Cell = Cell { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };

    pub fn center(&self) -> Position {
        Position {
            longitude: f64::midpoint(self.west, self.east),
            latitude: f64::midpoint(self.south, self.north),
        }
    }

    /// Keeps one half; which one is `choose`'s to say, by the middle.
    fn halve(&mut self, by_longitude: bool, choose: impl Fn(f64) -> bool) -> bool {
        let (low, high) = if by_longitude {
            (&mut self.west, &mut self.east)
        } else {
            (&mut self.south, &mut self.north)
        };
        let middle = f64::midpoint(*low, *high);
        let upper = choose(middle);
        *(if upper { low } else { high }) = middle;
        upper
    }
}

/// The geohash of a point with `length` characters.
pub fn encode(point: Position, length: u32) -> String {
    let mut cell = Cell::WORLD;
    let mut by_longitude = true;
    let mut text = String::new();
    for _ in 0..length {
        let mut digit = 0;
        for _ in 0..5 {
            let coordinate = if by_longitude { point.longitude } else { point.latitude };
            let upper = cell.halve(by_longitude, |middle| coordinate >= middle);
            digit = digit << 1 | usize::from(upper);
            by_longitude = !by_longitude;
        }
        text.push(char::from(DIGITS[digit]));
    }
    text
}

/// The rectangle of a geohash of 1 to 18 characters.
pub fn decode(text: &str) -> Option<Cell> {
    if !(1..=18).contains(&text.len()) {
        return None;
    }
    let mut cell = Cell::WORLD;
    let mut by_longitude = true;
    for byte in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        for bit in (0..5).rev() {
            cell.halve(by_longitude, |_| digit >> bit & 1 == 1);
            by_longitude = !by_longitude;
        }
    }
    Some(cell)
}

/// Where neighbours lie, by cells to the east and to the north.
const NEIGHBORS: [(f64, f64); 8] = [
    (-1.0, 1.0),
    (0.0, 1.0),
    (1.0, 1.0),
    (-1.0, 0.0),
    (1.0, 0.0),
    (-1.0, -1.0),
    (0.0, -1.0),
    (1.0, -1.0),
];

/// The geohashes of the same length around one: less than eight near a pole.
pub fn neighbors(text: &str) -> Option<Vec<String>> {
    let cell = decode(text)?;
    let (center, width, height) = (cell.center(), cell.east - cell.west, cell.north - cell.south);
    let mut names: Vec<String> = Vec::with_capacity(NEIGHBORS.len());
    for (east, north) in NEIGHBORS {
        let latitude = center.latitude + north * height;
        if latitude.abs() > 90.0 {
            continue;
        }
        let longitude = center.longitude + east * width;
        let turns = if longitude.abs() > 180.0 { 360_f64.copysign(longitude) } else { 0.0 };
        let name = encode(Position { longitude: longitude - turns, latitude }, text.len() as u32);
        if name != text && !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}
