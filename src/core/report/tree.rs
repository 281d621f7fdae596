//! `tree`: what references what, from the roots down or from a target up.
//!
//! ```text
//!          nar    retained
//!      6.2 KiB   517.4 MiB  nixos-system-worker-23.11
//!     40.9 KiB   170.2 MiB  ├─ etc
//!        248 B   170.1 MiB  │  ├─ etc-nix-registry.json
//!    170.1 MiB   170.1 MiB  │  │  └─ source
//!    912.0 KiB    66.5 MiB  │  ├─ system-path
//!     55.6 MiB    55.8 MiB  │  │  ├─ perl-5.38.2
//!     28.7 MiB    30.9 MiB  │  │  │  ├─ glibc-2.38-27
//! ```
//!
//! A path's references are printed once; where it occurs again, it is marked. The walk keeps its own stack, so a long
//! chain cannot exhaust the thread's.

use std::io::{self, Write};

use crate::job::Cancelled;
use crate::model::{PathId, PathSet};
use crate::text;

use super::json;
use super::lines::Lines;
use super::paper::{Ink, Paper};
use crate::analysis::Analysed;
use crate::analysis::metric::Metric;

/// Which way a tree grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From each root to what it references.
    References,
    /// From each target to what refers to it.
    Referrers,
}

/// Levels that are printed without a limit. The tree of a chain takes room that grows with the square of its
/// length, and is not read that deep.
pub const DEEPEST: usize = 1000;

/// A tree, ready to be printed.
#[derive(Debug)]
pub struct Tree<'a> {
    subject: &'a Analysed,
    direction: Direction,
    tops: Vec<PathId>,
    depth: usize,
    /// What the neighbours of a path are sorted by.
    sort: Metric,
}

/// What follows below a place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    /// Its neighbours, or nothing if it has none.
    Neighbours,
    /// Nothing: they are printed further up.
    Repeated,
    /// Nothing: the tree ends at this depth.
    CutOff(usize),
}

/// A place in the tree.
struct TreePlace {
    id: PathId,
    level: usize,
    /// Whether nothing follows on its level.
    last: bool,
    below: Below,
}

/// The walk comes to a place, or has been everywhere below one.
enum TreeStep {
    Enter(TreePlace),
    Leave,
}

impl<'a> Tree<'a> {
    /// The tree from `tops` in a direction, `depth` levels below them (all levels, up to [`DEEPEST`], if `None`).
    pub fn of(
        subject: &'a Analysed,
        direction: Direction,
        tops: &[PathId],
        depth: Option<usize>,
    ) -> Result<Self, Cancelled> {
        subject.dominators()?;
        Ok(Self {
            subject,
            direction,
            tops: tops.to_vec(),
            depth: depth.unwrap_or(DEEPEST).min(DEEPEST),
            sort: Metric::Retained,
        })
    }

    /// With the neighbours of each path by another metric, what that needs being computed.
    #[must_use]
    pub fn sorted_by(self, sort: Metric) -> Self {
        Self { sort, ..self }
    }

    /// Writes the tree for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        Lines::new(self.subject, paper).heading(out)?;
        self.body(paper, out)
    }

    /// Writes the tree for people, without a heading.
    pub fn body(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let lines = Lines::new(self.subject, paper);
        let mut indent = Indent::default();
        for step in self.walk() {
            let TreeStep::Enter(place) = step else {
                continue;
            };
            let rules = indent.next(place.level, place.last);
            let (ink, note) = match place.below {
                Below::Neighbours => (Ink::Plain, String::new()),
                Below::Repeated => (Ink::Faint, " (above)".to_owned()),
                Below::CutOff(count) => (Ink::Plain, format!(" … {}", text::count(count as u64))),
            };
            lines.line(out, place.id, &rules, ink, &note)?;
        }
        Ok(())
    }

    /// Writes the JSON document: one object per top, each with its neighbours inside.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::begin(out, self.subject, "tree")?;
        out.write_all(b",\"tree\":[")?;
        let inside = match self.direction {
            Direction::References => "references",
            Direction::Referrers => "referrers",
        };
        let graph = self.subject.graph();
        let mut first = true;
        for step in self.walk() {
            let TreeStep::Enter(TreePlace { id, below, .. }) = step else {
                out.write_all(b"]}")?;
                first = false;
                continue;
            };
            out.write_all(if first { b"{\"path\":" } else { b",{\"path\":" })?;
            serde_json::to_writer(&mut *out, &json::Path(graph, id))?;
            out.write_all(b",\"narSize\":")?;
            serde_json::to_writer(&mut *out, &graph.nar_size(id))?;
            if let Some(outputs) = json::outputs(graph, id) {
                out.write_all(b",\"outputs\":")?;
                serde_json::to_writer(&mut *out, &outputs)?;
            }
            let repeated = below == Below::Repeated;
            write!(out, ",\"repeated\":{repeated},\"{inside}\":")?;
            if let Below::CutOff(_) = below {
                out.write_all(b"null}")?;
                first = false;
            } else {
                out.write_all(b"[")?;
                first = true;
            }
        }
        out.write_all(b"]}\n")
    }

    /// The neighbours of a path in the tree's direction, ascending.
    fn neighbours(&self, id: PathId) -> Vec<PathId> {
        let (graph, closure) = (self.subject.graph(), self.subject.closure());
        match self.direction {
            Direction::References => graph.references(id).to_vec(),
            Direction::Referrers => closure.referrers(graph, id).collect(),
        }
    }

    /// The largest value first, names in their order; equal ones by base name.
    fn largest_first(&self, mut ids: Vec<PathId>) -> Vec<PathId> {
        let graph = self.subject.graph();
        if self.sort.is_number() {
            self.sort.sort_largest_first(self.subject, &mut ids);
        } else {
            ids.sort_by_key(|&id| (graph.name(id), id));
        }
        ids
    }

    fn walk(&self) -> TreeWalk<'_> {
        TreeWalk {
            tree: self,
            tops: self.tops.iter().copied(),
            open: Vec::new(),
            printed: PathSet::empty(self.subject.graph().len()),
        }
    }
}

/// The tree, depth first.
struct TreeWalk<'a> {
    tree: &'a Tree<'a>,
    tops: std::iter::Copied<std::slice::Iter<'a, PathId>>,
    /// What is still to come on each level below the current top.
    open: Vec<std::vec::IntoIter<PathId>>,
    /// Paths whose neighbours have been printed.
    printed: PathSet,
}

impl TreeWalk<'_> {
    fn enter(&mut self, id: PathId, last: bool) -> TreeStep {
        let level = self.open.len();
        let neighbours = self.tree.neighbours(id);
        let below = if neighbours.is_empty() {
            Below::Neighbours
        } else if self.printed.contains(id) {
            Below::Repeated
        } else if level >= self.tree.depth {
            Below::CutOff(neighbours.len())
        } else {
            self.printed.insert(id);
            Below::Neighbours
        };
        match below {
            Below::Neighbours => {
                let neighbours = self.tree.largest_first(neighbours);
                self.open.push(neighbours.into_iter());
            }
            Below::Repeated => self.open.push(Vec::new().into_iter()),
            Below::CutOff(_) => {}
        }
        TreeStep::Enter(TreePlace {
            id,
            level,
            last,
            below,
        })
    }
}

impl Iterator for TreeWalk<'_> {
    type Item = TreeStep;

    fn next(&mut self) -> Option<TreeStep> {
        let Some(level) = self.open.last_mut() else {
            let top = self.tops.next()?;
            return Some(self.enter(top, true));
        };
        if let Some(id) = level.next() {
            let last = level.as_slice().is_empty();
            return Some(self.enter(id, last));
        }
        self.open.pop();
        Some(TreeStep::Leave)
    }
}

/// The lines to the left of a name: for each level, whether the place on it is the last.
#[derive(Default)]
struct Indent(Vec<bool>);

impl Indent {
    /// The lines for the next place.
    fn next(&mut self, level: usize, last: bool) -> String {
        self.0.truncate(level.saturating_sub(1));
        let rules = self.0.iter().map(|&last| if last { "   " } else { "│  " });
        let mut text: String = rules.collect();
        if level > 0 {
            text.push_str(if last { "└─ " } else { "├─ " });
            self.0.push(last);
        }
        text
    }
}
