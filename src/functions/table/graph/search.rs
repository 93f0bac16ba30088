//! The search for matches: depth first over the steps of a pattern, without recursion, so that long
//! paths need no deep stack.

use arrow::array::RecordBatch;

use super::adjacency::{Adjacency, NONE};
use super::breadth::{Breadth, Way};
use super::order::{Move, Step, steps};
use super::pattern::{Cycles, Path, Pattern};
use super::rules::{EdgeRules, Filter};
use crate::error::Result;
use crate::functions::table::Output;

/// How many edges are looked at between two questions whether the query was stopped.
const PATIENCE: u32 = 1 << 14;

/// What is bound so far.
pub struct Match {
    /// The node of each node of the pattern, and the edge of each single edge.
    pub nodes: Vec<u32>,
    pub edges: Vec<u32>,
    /// The path of each variable-length edge.
    pub walks: Vec<Walk>,
}

/// A path under way, from where it is followed.
#[derive(Default)]
pub struct Walk {
    pub edges: Vec<u32>,
    /// The nodes between the edges, and the two ends.
    stops: Vec<Stop>,
    /// Whether it is followed from right to left.
    pub reversed: bool,
    begun: bool,
    /// Whether its end is the node that the pattern wants.
    complete: bool,
}

/// A node on a path.
struct Stop {
    node: u32,
    cursor: usize,
    /// Whether this path is what marked the node as used.
    owned: bool,
    /// Whether nothing may follow.
    last: bool,
}

impl Match {
    /// Nothing bound yet of a pattern.
    pub fn of(nodes: usize, edges: usize) -> Self {
        Self {
            nodes: vec![NONE; nodes],
            edges: vec![NONE; edges],
            walks: (0..edges).map(|_| Walk::default()).collect(),
        }
    }
}

impl Walk {
    /// A path that is known, with the nodes at its edges.
    pub fn along(edges: Vec<u32>, nodes: impl Iterator<Item = u32>, reversed: bool) -> Self {
        let stops = nodes.map(|node| Stop { node, cursor: 0, owned: false, last: false });
        Self { edges, stops: stops.collect(), reversed, ..Self::default() }
    }

    /// The nodes between the first edge and the last one.
    pub fn inner(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let between = self.stops.len().saturating_sub(1).max(1);
        self.stops.get(1..between).unwrap_or_default().iter().map(|stop| stop.node)
    }
}

/// A search over one graph.
pub struct Search<'a> {
    graph: &'a Adjacency,
    pattern: &'a Pattern,
    nodes: Vec<Filter<'a>>,
    edges: Vec<EdgeRules<'a>>,
    steps: Vec<Step>,
    cursors: Vec<usize>,
    found: Match,
    used_edges: Vec<bool>,
    /// Only where nodes must be distinct.
    used_nodes: Vec<bool>,
    /// Least and greatest length of each path.
    lengths: Vec<(usize, usize)>,
    /// How far it is to where each path may end, where that is known beforehand.
    ahead: Vec<Option<Breadth>>,
    /// Whether a path without edges may join two nodes of the pattern though nodes are distinct.
    empty_paths: bool,
    seen: u32,
}

impl<'a> Search<'a> {
    pub fn new(
        graph: &'a Adjacency,
        pattern: &'a Pattern,
        nodes: &'a RecordBatch,
        edges: &'a RecordBatch,
        out: &mut dyn Output,
    ) -> Result<Self> {
        let node_filters = pattern.nodes.iter().map(|node| Filter::new(nodes, node.filter));
        let node_filters = node_filters.collect::<Result<Vec<_>>>()?;
        let rules = pattern.edges.iter().map(|edge| EdgeRules::new(edge, nodes, edges));
        let rules = rules.collect::<Result<Vec<_>>>()?;
        let candidates = |node: &usize| node_filters[*node].count(graph.nodes);
        let seed = (0..pattern.nodes.len()).min_by_key(candidates).unwrap_or(0);
        let steps = steps(pattern, seed);
        let mut ahead: Vec<Option<Breadth>> = pattern.edges.iter().map(|_| None).collect();
        for step in &steps {
            if let Step::Move(step) = step
                && let Some(path) = &pattern.edges[step.edge].path
                && node_filters[step.to].is_some()
                && !step.bound
            {
                out.reserve(8 * graph.nodes)?;
                let mut breadth = Breadth::new(graph.nodes);
                let (toward, rules) = (step.toward.opposite(), &rules[step.edge]);
                let way = Way { graph, toward, high: path.high, rules };
                let ends = node_filters[step.to];
                let ends = (0..graph.nodes as u32).filter(|node| ends.holds(*node));
                breadth.spread(way, ends, &mut |_| false, out)?;
                ahead[step.edge] = Some(breadth);
            }
        }
        let distinct = pattern.cycles == Cycles::None;
        let length = |path: &Option<Path>| path.as_ref().map_or((1, 1), |p| (p.low, p.high));
        Ok(Self {
            graph,
            pattern,
            nodes: node_filters,
            edges: rules,
            cursors: vec![0; steps.len()],
            steps,
            found: Match::of(pattern.nodes.len(), pattern.edges.len()),
            ahead,
            used_edges: vec![false; graph.sources.len()],
            used_nodes: vec![false; if distinct { graph.nodes } else { 0 }],
            lengths: pattern.edges.iter().map(|edge| length(&edge.path)).collect(),
            empty_paths: !distinct,
            seen: 0,
        })
    }

    /// What holds for a node of the pattern.
    pub fn filter(&self, node: usize) -> Filter<'a> {
        self.nodes[node]
    }

    /// How many nodes may stand for a node of the pattern.
    pub fn candidates(&self, node: usize) -> usize {
        self.nodes[node].count(self.graph.nodes)
    }

    /// What holds for an edge of the pattern.
    pub fn rules(&self, edge: usize) -> &EdgeRules<'a> {
        &self.edges[edge]
    }

    /// Least and greatest length of each edge of the pattern; a search may be narrowed.
    pub fn lengths(&mut self) -> &mut [(usize, usize)] {
        &mut self.lengths
    }

    /// Lets a path without edges join two nodes of the pattern though nodes are distinct.
    pub fn allow_empty_paths(&mut self) {
        self.empty_paths = true;
    }

    /// Hands every match to `take`.
    pub fn run(
        &mut self,
        out: &mut dyn Output,
        take: &mut dyn FnMut(&Match, &mut dyn Output) -> Result<()>,
    ) -> Result<()> {
        let mut depth = 0;
        self.enter(0);
        loop {
            if self.advance(depth, out)? {
                if depth + 1 == self.steps.len() {
                    take(&self.found, out)?;
                } else {
                    depth += 1;
                    self.enter(depth);
                }
            } else if depth == 0 {
                return Ok(());
            } else {
                depth -= 1;
            }
        }
    }

    fn enter(&mut self, depth: usize) {
        self.cursors[depth] = 0;
        if let Step::Move(step) = self.steps[depth]
            && step.is_path
        {
            self.found.walks[step.edge] = Walk { reversed: step.reversed, ..Walk::default() };
        }
    }

    /// Goes to the next alternative of a step; false when there is none, with nothing of the step
    /// bound.
    fn advance(&mut self, depth: usize, out: &dyn Output) -> Result<bool> {
        match self.steps[depth] {
            Step::Seed(node) => {
                self.release(node);
                while self.cursors[depth] < self.graph.nodes {
                    let candidate = self.cursors[depth] as u32;
                    self.cursors[depth] += 1;
                    self.tick(out)?;
                    if self.nodes[node].holds(candidate) {
                        self.bind(node, candidate);
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Step::Move(step) if step.is_path => self.next_path(step, out),
            Step::Move(step) => self.next_edge(depth, step, out),
        }
    }

    fn next_edge(&mut self, depth: usize, step: Move, out: &dyn Output) -> Result<bool> {
        let before = std::mem::replace(&mut self.found.edges[step.edge], NONE);
        if before != NONE {
            self.used_edges[before as usize] = false;
            if !step.bound {
                self.release(step.to);
            }
        }
        let from = self.found.nodes[step.at];
        while let Some((edge, other)) = self.graph.neighbour(from, step.toward, self.cursors[depth])
        {
            self.cursors[depth] += 1;
            self.tick(out)?;
            if !self.may_use(step.edge, edge) {
                continue;
            }
            if step.bound {
                if self.found.nodes[step.to] != other {
                    continue;
                }
            } else {
                if !self.nodes[step.to].holds(other) || self.is_taken(other) {
                    continue;
                }
                self.bind(step.to, other);
            }
            self.used_edges[edge as usize] = true;
            self.found.edges[step.edge] = edge;
            return Ok(true);
        }
        Ok(false)
    }

    fn next_path(&mut self, step: Move, out: &dyn Output) -> Result<bool> {
        let (low, high) = self.lengths[step.edge];
        let start = self.found.nodes[step.at];
        if std::mem::take(&mut self.found.walks[step.edge].complete) && !step.bound {
            self.found.nodes[step.to] = NONE;
        }
        let walk = &mut self.found.walks[step.edge];
        if !std::mem::replace(&mut walk.begun, true) {
            walk.stops.push(Stop { node: start, cursor: 0, owned: false, last: false });
            if low == 0 && self.completes(step, start) {
                return Ok(true);
            }
        }
        loop {
            match self.extension(step, high, out)? {
                Some((edge, stop)) => {
                    let node = stop.node;
                    self.used_edges[edge as usize] = true;
                    if stop.owned {
                        self.used_nodes[node as usize] = true;
                    }
                    let walk = &mut self.found.walks[step.edge];
                    walk.edges.push(edge);
                    walk.stops.push(stop);
                    if walk.edges.len() >= low && self.completes(step, node) {
                        return Ok(true);
                    }
                }
                None => {
                    let walk = &mut self.found.walks[step.edge];
                    if let Some(stop) = walk.stops.pop()
                        && stop.owned
                    {
                        self.used_nodes[stop.node as usize] = false;
                    }
                    match walk.edges.pop() {
                        Some(edge) => self.used_edges[edge as usize] = false,
                        None => return Ok(false),
                    }
                }
            }
        }
    }

    /// The next edge and node that make a path longer.
    fn extension(
        &mut self,
        step: Move,
        high: usize,
        out: &dyn Output,
    ) -> Result<Option<(u32, Stop)>> {
        let distinct = self.pattern.cycles == Cycles::None;
        let length = self.found.walks[step.edge].edges.len();
        loop {
            let Some(top) = self.found.walks[step.edge].stops.last_mut() else { return Ok(None) };
            let is_inner = length > 0;
            if length >= high
                || top.last
                || (is_inner && !self.edges[step.edge].inner.holds(top.node))
            {
                return Ok(None);
            }
            let found = self.graph.neighbour(top.node, step.toward, top.cursor);
            let Some((edge, node)) = found else { return Ok(None) };
            top.cursor += 1;
            self.tick(out)?;
            if !self.may_use(step.edge, edge) {
                continue;
            }
            if let Some(ahead) = &self.ahead[step.edge] {
                let rest = ahead.distance(node);
                if rest == NONE || length + 1 + rest as usize > high {
                    continue;
                }
            }
            let mut stop = Stop { node, cursor: 0, owned: distinct, last: false };
            if self.is_taken(node) {
                // A path may end at a node of the pattern, but not where it began.
                let closes = step.bound
                    && self.found.nodes[step.to] == node
                    && self.found.nodes[step.at] != node;
                if !closes {
                    continue;
                }
                (stop.owned, stop.last) = (false, true);
            }
            return Ok(Some((edge, stop)));
        }
    }

    /// Whether a path may end at `node`; if so, its end is bound there.
    fn completes(&mut self, step: Move, node: u32) -> bool {
        let walk = &self.found.walks[step.edge];
        let fits = if step.bound {
            self.found.nodes[step.to] == node
        } else {
            let empty = walk.edges.is_empty();
            self.nodes[step.to].holds(node) && (self.empty_paths || !empty)
        };
        let rules = &self.edges[step.edge];
        let fits = fits
            && rules.any_edge.iter().all(|any| walk.edges.iter().any(|&edge| any.holds(edge)))
            && rules.any_inner.iter().all(|any| walk.inner().any(|node| any.holds(node)));
        if fits {
            self.found.walks[step.edge].complete = true;
            if !step.bound {
                self.found.nodes[step.to] = node;
            }
        }
        fits
    }

    fn may_use(&self, rule: usize, edge: u32) -> bool {
        let used = self.pattern.cycles != Cycles::All && self.used_edges[edge as usize];
        !used && self.edges[rule].filter.holds(edge)
    }

    fn is_taken(&self, node: u32) -> bool {
        self.used_nodes.get(node as usize).copied().unwrap_or(false)
    }

    fn bind(&mut self, node: usize, to: u32) {
        self.found.nodes[node] = to;
        if let Some(used) = self.used_nodes.get_mut(to as usize) {
            *used = true;
        }
    }

    fn release(&mut self, node: usize) {
        let before = std::mem::replace(&mut self.found.nodes[node], NONE);
        if let Some(used) = self.used_nodes.get_mut(before as usize) {
            *used = false;
        }
    }

    fn tick(&mut self, out: &dyn Output) -> Result<()> {
        self.seen += 1;
        if self.seen < PATIENCE {
            return Ok(());
        }
        self.seen = 0;
        out.check()
    }
}
