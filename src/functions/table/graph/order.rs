//! In which order a search binds the elements of a pattern.

use super::pattern::{Direction, Pattern};

/// One step of a search.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Takes the candidates of a node one by one.
    Seed(usize),
    /// Follows an edge, or a path, from a node that is bound.
    Move(Move),
}

/// An edge of the pattern, as it is followed.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Its position in the pattern.
    pub edge: usize,
    /// The node that it leaves and the one that it reaches.
    pub at: usize,
    pub to: usize,
    pub toward: Direction,
    /// Whether the node that it reaches is bound before.
    pub bound: bool,
    /// Whether it is followed from right to left.
    pub reversed: bool,
    pub is_path: bool,
}

/// The steps of a search that begins at the node `seed`: at each turn an edge between bound nodes
/// if there is one, else a single edge, else a path.
pub fn steps(pattern: &Pattern, seed: usize) -> Vec<Step> {
    let mut bound = vec![false; pattern.nodes.len()];
    let mut left: Vec<usize> = (0..pattern.edges.len()).collect();
    let mut steps = vec![Step::Seed(seed)];
    bound[seed] = true;
    loop {
        let moves = left.iter().filter_map(|&edge| {
            let found = &pattern.edges[edge];
            let reversed = !bound[found.left];
            if reversed && !bound[found.right] {
                return None;
            }
            let (at, to) =
                if reversed { (found.right, found.left) } else { (found.left, found.right) };
            let toward = if reversed { found.direction.opposite() } else { found.direction };
            let is_path = found.path.is_some();
            Some(Move { edge, at, to, toward, bound: bound[to], reversed, is_path })
        });
        let Some(next) = moves.min_by_key(|m| (m.is_path, !m.bound, m.edge)) else { return steps };
        bound[next.to] = true;
        left.retain(|edge| *edge != next.edge);
        steps.push(Step::Move(next));
    }
}
