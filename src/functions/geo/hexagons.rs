//! The H3 cells whose centres lie in a polygon with straight edges between coordinates.

use h3o::{CellIndex, LatLng, Resolution};

use super::geojson::{Path, Position};

/// The most cells of one shape.
pub const MAX_CELLS: usize = 61_680;

/// The cells of one polygon's rings, in the order of their places in a table by number; `None`
/// where they are too many.
pub fn fill(rings: &[Path], resolution: Resolution) -> Option<Vec<CellIndex>> {
    let shell = rings.first()?;
    let bounds = Bounds::of(shell);
    let estimate = bounds.estimate(resolution)?;
    let corners: usize = rings.iter().map(|ring| ring.len() - 1).sum();
    let size = estimate.max(corners).checked_add(12).filter(|size| *size <= 1 << 24)?;
    let mut found = Table::new(size);
    let mut edge = Vec::new();
    trace(rings, resolution, size, &mut edge)?;
    while !edge.is_empty() {
        let mut next = Vec::new();
        for cell in edge {
            for (neighbour, _) in cell.grid_disk_distances::<Vec<_>>(1) {
                if !found.has(neighbour)
                    && contains(rings, &bounds, LatLng::from(neighbour))
                    && found.insert(neighbour)?
                {
                    next.push(neighbour);
                }
            }
        }
        if found.len > MAX_CELLS {
            return None;
        }
        edge = next;
    }
    Some(found.slots.into_iter().flatten().collect())
}

/// A table of cells by number, with open addressing.
struct Table {
    slots: Vec<Option<CellIndex>>,
    len: usize,
}

impl Table {
    fn new(size: usize) -> Self {
        Table { slots: vec![None; size], len: 0 }
    }

    fn place(&self, cell: CellIndex) -> Option<usize> {
        let size = self.slots.len();
        let first = (u64::from(cell) % size as u64) as usize;
        let mut places = (first..size).chain(0..first);
        places.find(|place| self.slots[*place].is_none_or(|other| other == cell))
    }

    fn has(&self, cell: CellIndex) -> bool {
        self.place(cell).is_some_and(|place| self.slots[place].is_some())
    }

    /// Whether the cell is new; `None` if there is no place left.
    fn insert(&mut self, cell: CellIndex) -> Option<bool> {
        let place = self.place(cell)?;
        let new = self.slots[place].replace(cell).is_none();
        self.len += usize::from(new);
        Some(new)
    }
}

/// The distance from a cell's centre to a corner in kilometres, for the smallest kind of cell.
fn pentagon_radius(resolution: Resolution) -> Option<f64> {
    let pentagon = resolution.pentagons().next()?;
    let corner = pentagon.boundary();
    Some(LatLng::from(pentagon).distance_km(*corner.first()?))
}

/// The cells on the rings' edges.
fn trace(
    rings: &[Path],
    resolution: Resolution,
    size: usize,
    out: &mut Vec<CellIndex>,
) -> Option<()> {
    let step = 2.0 * pentagon_radius(resolution)?;
    let mut seen = Table::new(size);
    for pair in rings.iter().flat_map(|ring| ring.windows(2)) {
        let (from, to) = (pair[0], pair[1]);
        let distance = place(from)?.distance_km(place(to)?);
        let steps = (distance / step).ceil().max(1.0);
        for index in 0..steps as usize {
            let part = |from: f64, to: f64| {
                from * (steps - index as f64) / steps + to * index as f64 / steps
            };
            let position = Position {
                longitude: part(from.longitude, to.longitude),
                latitude: part(from.latitude, to.latitude),
            };
            let cell = place(position)?.to_cell(resolution);
            if seen.insert(cell)? {
                out.push(cell);
            }
        }
    }
    Some(())
}

fn place(position: Position) -> Option<LatLng> {
    LatLng::new(position.latitude, position.longitude).ok()
}

/// The rectangle around a ring.
struct Bounds {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
    /// Whether the ring crosses the antimeridian; longitudes then run from 0 to 360.
    wraps: bool,
}

impl Bounds {
    fn of(ring: &Path) -> Bounds {
        let wraps = wraps(ring);
        let mut bounds = Bounds {
            west: f64::INFINITY,
            east: f64::NEG_INFINITY,
            south: f64::INFINITY,
            north: f64::NEG_INFINITY,
            wraps,
        };
        for position in ring {
            let longitude = unwrap(position.longitude, wraps);
            bounds.west = bounds.west.min(longitude);
            bounds.east = bounds.east.max(longitude);
            bounds.south = bounds.south.min(position.latitude);
            bounds.north = bounds.north.max(position.latitude);
        }
        bounds
    }

    /// How many cells fit in at most.
    fn estimate(&self, resolution: Resolution) -> Option<usize> {
        let radius = pentagon_radius(resolution)?;
        // A hexagon's area, less a fifth for the most distorted cells.
        let area = 0.8 * (2.598_076_211_35 * radius * radius);
        let corner = |latitude: f64, longitude: f64| {
            let longitude = if longitude > 180.0 { longitude - 360.0 } else { longitude };
            LatLng::new(latitude, longitude).ok()
        };
        let diagonal = corner(self.north, self.east)?.distance_km(corner(self.south, self.west)?);
        let (width, height) = (self.east - self.west, self.north - self.south);
        let (long, short) = (width.max(height), width.min(height));
        if short <= 0.0 {
            return None;
        }
        let cells = (diagonal * diagonal / (long / short).min(3.0) / area).ceil();
        Some((cells.min(1e12) as usize).max(1))
    }

    fn contains(&self, longitude: f64, latitude: f64) -> bool {
        (self.west..=self.east).contains(&longitude)
            && (self.south..=self.north).contains(&latitude)
    }
}

fn wraps(ring: &Path) -> bool {
    ring.windows(2).any(|pair| (pair[0].longitude - pair[1].longitude).abs() > 180.0)
}

fn unwrap(longitude: f64, wraps: bool) -> f64 {
    if wraps && longitude < 0.0 { longitude + 360.0 } else { longitude }
}

fn contains(rings: &[Path], bounds: &Bounds, center: LatLng) -> bool {
    let inside_bounds = bounds.contains(unwrap(center.lng(), bounds.wraps), center.lat());
    inside_bounds
        && inside(&rings[0], center)
        && !rings[1..].iter().any(|hole| inside(hole, center))
}

/// Whether a straight line from a place to the east meets the ring an odd number of times.
fn inside(ring: &Path, center: LatLng) -> bool {
    let wraps = wraps(ring);
    let (x, y) = (unwrap(center.lng(), wraps), center.lat());
    let mut inside = false;
    for pair in ring.windows(2) {
        let (mut low, mut high) = (pair[0], pair[1]);
        if low.latitude > high.latitude {
            std::mem::swap(&mut low, &mut high);
        }
        if y < low.latitude || y >= high.latitude {
            continue;
        }
        let (from, to) = (unwrap(low.longitude, wraps), unwrap(high.longitude, wraps));
        let part = (y - low.latitude) / (high.latitude - low.latitude);
        inside ^= from + (to - from) * part > x;
    }
    inside
}
