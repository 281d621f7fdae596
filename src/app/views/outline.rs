//! An indented list of which only the opened parts exist: what trees are made of.

use std::collections::HashSet;

use crate::model::PathId;

/// A line of an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutlineLine {
    /// The path.
    pub id: PathId,
    /// The path above it, whose reference (or referrer, or dominated path) it is.
    pub parent: Option<PathId>,
    /// How far it is indented.
    pub depth: u16,
    /// Bit *n*: the path above it at depth *n* has more below.
    pub guides: u64,
    /// Whether it is the last one below its parent.
    pub last: bool,
    /// Whether there is nothing below it.
    pub leaf: bool,
    /// Whether what is below it is shown.
    pub open: bool,
}

/// What stands below a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    /// The path.
    pub id: PathId,
    /// Whether there is nothing below it.
    pub leaf: bool,
}

/// The lines there are.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    lines: Vec<OutlineLine>,
    opened: HashSet<PathId>,
}

impl Outline {
    /// An outline of these paths, nothing opened.
    pub fn of(top: &[Child]) -> Self {
        let lines = lines(None, 0, 0, top).collect();
        Self {
            lines,
            opened: HashSet::new(),
        }
    }

    /// The lines from top to bottom.
    pub fn lines(&self) -> &[OutlineLine] {
        &self.lines
    }

    /// Opens a line with what is below it.
    pub fn open(&mut self, at: usize, children: &[Child]) {
        let Some(line) = self
            .lines
            .get_mut(at)
            .filter(|line| !line.open && !line.leaf)
        else {
            return;
        };
        line.open = true;
        let OutlineLine {
            id,
            depth,
            guides,
            last,
            ..
        } = *line;
        let guides = if last || depth >= 64 {
            guides
        } else {
            guides | 1 << depth
        };
        self.opened.insert(id);
        self.lines
            .splice(at + 1..=at, lines(Some(id), depth + 1, guides, children));
    }

    /// Closes a line and everything below it.
    pub fn close(&mut self, at: usize) {
        let Some(line) = self.lines.get_mut(at).filter(|line| line.open) else {
            return;
        };
        line.open = false;
        let (id, depth) = (line.id, line.depth);
        let below = self.lines[at + 1..]
            .iter()
            .take_while(|line| line.depth > depth)
            .count();
        for line in self.lines.drain(at + 1..=at + below) {
            if line.open {
                self.opened.remove(&line.id);
            }
        }
        self.opened.remove(&id);
    }

    /// Whether what is below this line is shown at another line.
    pub fn is_repeated(&self, at: usize) -> bool {
        let line = self.lines[at];
        !line.open && !line.leaf && self.opened.contains(&line.id)
    }

    /// The line at which a path is open.
    pub fn opened_at(&self, id: PathId) -> Option<usize> {
        self.lines
            .iter()
            .position(|line| line.open && line.id == id)
    }

    /// The line above which this one is.
    pub fn parent_of(&self, at: usize) -> Option<usize> {
        let depth = self.lines.get(at)?.depth;
        self.lines[..at].iter().rposition(|line| line.depth < depth)
    }
}

fn lines(
    parent: Option<PathId>,
    depth: u16,
    guides: u64,
    children: &[Child],
) -> impl Iterator<Item = OutlineLine> {
    children
        .iter()
        .enumerate()
        .map(move |(at, child)| OutlineLine {
            id: child.id,
            parent,
            depth,
            guides,
            last: at + 1 == children.len(),
            leaf: child.leaf,
            open: false,
        })
}

#[cfg(test)]
mod tests {
    use crate::model::{GraphBuilder, PathInfo, StoreDir, StoreGraph};

    use super::*;

    fn four() -> StoreGraph {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        for name in ["a", "b", "c", "d"] {
            builder.add(&format!("{}-{name}", "0".repeat(32)), PathInfo::default());
        }
        builder.finish(&[]).graph
    }

    #[test]
    fn opening_and_closing_leave_no_trace() {
        let ids: Vec<PathId> = four().ids().collect();
        let child = |at: usize, leaf| Child { id: ids[at], leaf };
        let mut outline = Outline::of(&[child(0, false), child(3, false)]);
        let closed = outline.lines().to_vec();
        outline.open(0, &[child(1, false), child(2, true)]);
        outline.open(1, &[child(2, true)]);
        outline.open(4, &[child(1, false)]);
        let shape: Vec<_> = outline
            .lines()
            .iter()
            .map(|l| (l.id.index(), l.depth, l.last))
            .collect();
        assert_eq!(
            shape,
            [
                (0, 0, false),
                (1, 1, false),
                (2, 2, true),
                (2, 1, true),
                (3, 0, true),
                (1, 1, true)
            ]
        );
        assert_eq!(outline.lines()[2].guides, 0b11);
        assert!(outline.is_repeated(5) && !outline.is_repeated(3));
        assert_eq!(
            (outline.opened_at(ids[1]), outline.parent_of(2)),
            (Some(1), Some(1))
        );
        outline.close(4);
        outline.close(0);
        assert_eq!(outline.lines(), closed);
        assert!(!outline.is_repeated(0) && outline.opened_at(ids[1]).is_none());
    }
}
