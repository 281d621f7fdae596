//! Maximum flow through a network (Dinic's algorithm), and the two minimum cuts nearest its ends.
//!
//! Iterative throughout: chains of references can be as long as the store is large.

use crate::job::{Cancelled, Progress};

/// A capacity that no flow exhausts.
pub(super) const ENDLESS: u64 = u64::MAX;

/// A directed network of nodes `0..nodes`, many sources and one sink.
#[derive(Debug)]
pub(super) struct Network {
    /// Tail and head of each edge.
    edges: Vec<(u32, u32)>,
    capacity: Vec<u64>,
    flow: Vec<u64>,
    /// The edges at each node: those that leave it as `2 × edge`, those that enter it as `2 × edge + 1`.
    starts: Vec<u32>,
    arcs: Vec<u32>,
    is_source: Vec<bool>,
    sink: u32,
}

impl Network {
    /// A network of edges `(tail, head)` with a capacity each. All that are not endless must stay below 2^63 together.
    pub(super) fn new(
        nodes: usize,
        edges: Vec<(u32, u32)>,
        capacity: Vec<u64>,
        sources: &[u32],
        sink: u32,
    ) -> Self {
        debug_assert_eq!(capacity.len(), edges.len());
        let mut starts = vec![0_u32; nodes + 1];
        for &(tail, head) in &edges {
            starts[tail as usize] += 1;
            starts[head as usize] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut arcs = vec![0_u32; edges.len() * 2];
        for (edge, &(tail, head)) in edges.iter().enumerate().rev() {
            for (node, arc) in [(tail, edge * 2), (head, edge * 2 + 1)] {
                let slot = &mut starts[node as usize];
                *slot -= 1;
                arcs[*slot as usize] = arc as u32;
            }
        }
        let mut is_source = vec![false; nodes];
        for &source in sources {
            is_source[source as usize] = true;
        }
        Self {
            flow: vec![0; edges.len()],
            edges,
            capacity,
            starts,
            arcs,
            is_source,
            sink,
        }
    }

    /// Tail and head of each edge, in the order in which they were given.
    pub(super) fn edges(&self) -> &[(u32, u32)] {
        &self.edges
    }

    /// Takes all flow out, and gives the edges other capacities, in the order in which they were given first.
    pub(super) fn refill(&mut self, capacities: impl Iterator<Item = u64>) {
        self.capacity.clear();
        self.capacity.extend(capacities);
        debug_assert_eq!(self.capacity.len(), self.edges.len());
        self.flow.fill(0);
    }

    /// Pushes as much as goes, and says how much that is; `None` if nothing limits it. Stops above `enough`.
    pub(super) fn saturate(
        &mut self,
        enough: u64,
        progress: &Progress,
    ) -> Result<Option<u64>, Cancelled> {
        if self.is_unlimited() {
            return Ok(None);
        }
        let mut total = 0;
        while let Some(level) = self.levels() {
            progress.check()?;
            let mut next = self.starts[..self.starts.len() - 1].to_vec();
            let sources: Vec<u32> = self.sources().collect();
            for source in sources {
                total += self.push(source, enough - total, &level, &mut next, progress)?;
                if total > enough {
                    return Ok(Some(total));
                }
            }
        }
        Ok(Some(total))
    }

    /// The nodes that the sources reach where the network is not saturated: edges that leave this set are the minimum cut
    /// nearest the sources.
    pub(super) fn source_side(&self) -> Vec<bool> {
        let mut side = self.is_source.clone();
        let mut stack: Vec<u32> = self.sources().collect();
        while let Some(node) = stack.pop() {
            for &arc in self.arcs(node) {
                let other = self.head(arc);
                if self.residual(arc) && !side[other as usize] {
                    side[other as usize] = true;
                    stack.push(other);
                }
            }
        }
        side
    }

    /// The nodes that still reach the sink: edges that enter this set are the minimum cut nearest the sink.
    pub(super) fn sink_side(&self) -> Vec<bool> {
        let mut side = vec![false; self.is_source.len()];
        side[self.sink as usize] = true;
        let mut stack = vec![self.sink];
        while let Some(node) = stack.pop() {
            for &arc in self.arcs(node) {
                let other = self.head(arc);
                // The same edge seen from its other end.
                if self.residual(arc ^ 1) && !side[other as usize] {
                    side[other as usize] = true;
                    stack.push(other);
                }
            }
        }
        side
    }

    /// A walk from a source to the sink along endless edges only.
    pub(super) fn unlimited_chain(&self) -> Option<Vec<u32>> {
        let mut came_from = vec![u32::MAX; self.is_source.len()];
        let mut queue: Vec<u32> = self.sources().collect();
        for &source in &queue {
            came_from[source as usize] = source;
        }
        let mut at = 0;
        while at < queue.len() {
            let node = queue[at];
            at += 1;
            if node == self.sink {
                let mut chain = vec![node];
                let mut down = node;
                while came_from[down as usize] != down {
                    down = came_from[down as usize];
                    chain.push(down);
                }
                chain.reverse();
                return Some(chain);
            }
            for &arc in self.arcs(node).iter().filter(|&&arc| arc % 2 == 0) {
                let other = self.head(arc);
                if self.capacity[arc as usize / 2] == ENDLESS
                    && came_from[other as usize] == u32::MAX
                {
                    came_from[other as usize] = node;
                    queue.push(other);
                }
            }
        }
        None
    }

    fn is_unlimited(&self) -> bool {
        self.capacity.contains(&ENDLESS) && self.unlimited_chain().is_some()
    }

    fn sources(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.is_source.len() as u32).filter(|&node| self.is_source[node as usize])
    }

    #[inline]
    fn arcs(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.arcs[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    #[inline]
    fn head(&self, arc: u32) -> u32 {
        let (tail, head) = self.edges[arc as usize / 2];
        if arc.is_multiple_of(2) { head } else { tail }
    }

    /// Whether the arc can carry more.
    #[inline]
    fn residual(&self, arc: u32) -> bool {
        let edge = arc as usize / 2;
        if arc.is_multiple_of(2) {
            self.flow[edge] < self.capacity[edge]
        } else {
            self.flow[edge] > 0
        }
    }

    /// Each node's distance from the sources in the residual network, up to the sink's; `None` if that is out of reach.
    fn levels(&self) -> Option<Vec<u32>> {
        let mut level = vec![u32::MAX; self.is_source.len()];
        let mut queue: Vec<u32> = self.sources().collect();
        for &source in &queue {
            level[source as usize] = 0;
        }
        let mut at = 0;
        while at < queue.len() {
            let node = queue[at];
            at += 1;
            if level[node as usize] >= level[self.sink as usize] {
                break;
            }
            for &arc in self.arcs(node) {
                let other = self.head(arc) as usize;
                if level[other] == u32::MAX && self.residual(arc) {
                    level[other] = level[node as usize] + 1;
                    queue.push(other as u32);
                }
            }
        }
        (level[self.sink as usize] != u32::MAX).then_some(level)
    }

    /// Sends what goes from `source` to the sink, each arc one level on, until it is more than `enough`. `next` remembers
    /// which arcs lead nowhere.
    fn push(
        &mut self,
        source: u32,
        enough: u64,
        level: &[u32],
        next: &mut [u32],
        progress: &Progress,
    ) -> Result<u64, Cancelled> {
        let mut path: Vec<u32> = Vec::new();
        let (mut node, mut total) = (source, 0);
        loop {
            if node == self.sink {
                progress.check()?;
                total += self.augment(&mut path);
                let Some(full) = path.pop() else {
                    return Ok(total);
                };
                if total > enough {
                    return Ok(total);
                }
                node = self.head(full ^ 1);
            }
            let slot = next[node as usize];
            if slot == self.starts[node as usize + 1] {
                let Some(arc) = path.pop() else {
                    return Ok(total);
                };
                node = self.head(arc ^ 1);
                next[node as usize] += 1;
                continue;
            }
            let arc = self.arcs[slot as usize];
            let other = self.head(arc);
            if level[other as usize] == level[node as usize] + 1 && self.residual(arc) {
                path.push(arc);
                node = other;
            } else {
                next[node as usize] += 1;
            }
        }
    }

    /// Sends as much along a path as its narrowest arc carries, and cuts the path behind the first arc that is full then.
    fn augment(&mut self, path: &mut Vec<u32>) -> u64 {
        let room = |arc: u32| {
            let edge = arc as usize / 2;
            match (arc.is_multiple_of(2), self.capacity[edge]) {
                (false, _) => self.flow[edge],
                (true, ENDLESS) => ENDLESS,
                (true, capacity) => capacity - self.flow[edge],
            }
        };
        let amount = path.iter().map(|&arc| room(arc)).min().unwrap_or(0);
        for &arc in &*path {
            let flow = &mut self.flow[arc as usize / 2];
            if arc.is_multiple_of(2) {
                *flow += amount;
            } else {
                *flow -= amount;
            }
        }
        let full = path.iter().position(|&arc| !self.residual(arc));
        path.truncate(full.map_or(0, |at| at + 1));
        amount
    }
}
