//! The tree in three columns: what references the selected path, the paths of its level, what it references. One key goes
//! a level down or up.

use crate::app::cursor::Cursor;
use crate::app::facts::{Facts, Metric, Sort};
use crate::model::{PathId, Reference};

/// The paths of one level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Level {
    paths: Vec<PathId>,
    cursor: Cursor,
}

impl Level {
    fn current(&self) -> Option<PathId> {
        self.paths.get(self.cursor.at).copied()
    }
}

/// Where one is, and how one came there.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// The level of the cursor.
    here: Level,
    /// The levels above it, the highest first; the cursor of each is on the path that was gone into.
    above: Vec<Level>,
    /// What stands beside the level.
    beside: Option<Beside>,
}

/// What references a path, and what it references, in the order they are shown.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The path.
    of: Option<PathId>,
    /// Its referrers in the closure.
    pub referrers: Vec<PathId>,
    /// Its references.
    pub references: Vec<PathId>,
}

/// What paths are sorted by: what was chosen, else by what they need in all.
fn order(facts: &Facts, sort: Option<Sort>, mut paths: Vec<PathId>) -> Vec<PathId> {
    let ready = facts.is_ready(Metric::Closure);
    let usual = if ready { Metric::Closure } else { Metric::Nar };
    facts.sort(&mut paths, sort.unwrap_or(Sort::by(usual)));
    paths
}

fn referrers(facts: &Facts, sort: Option<Sort>, id: PathId) -> Vec<PathId> {
    let closure = facts.closure_with(id);
    let found = closure.referrers(facts.graph(), id).collect();
    order(facts, sort, found)
}

fn references(facts: &Facts, sort: Option<Sort>, id: PathId) -> Vec<PathId> {
    order(facts, sort, facts.graph().references(id).to_vec())
}

impl Levels {
    /// The roots.
    pub fn of_roots(facts: &Facts) -> Self {
        Self {
            here: Level {
                paths: facts.closure().roots().to_vec(),
                cursor: Cursor::default(),
            },
            ..Self::default()
        }
    }

    /// The way to a path along a shortest chain, the cursor on it.
    pub fn to(facts: &Facts, sort: Option<Sort>, id: PathId) -> Self {
        let way = facts.shortest_chain(id).unwrap_or_default();
        Self::along(facts, sort, facts.closure_with(id).roots(), &way)
    }

    /// The same way as before the store was read again, as far as there is one.
    pub fn again(facts: &Facts, sort: Option<Sort>, way: &[PathId]) -> Self {
        match *way {
            [first, ..] if facts.closure().is_root(first) => {
                Self::along(facts, sort, facts.closure().roots(), way)
            }
            // One had gone up from where one began.
            [.., last] => Self::to(facts, sort, last),
            [] => Self::of_roots(facts),
        }
    }

    /// From the highest level along some paths, each of which references the next.
    fn along(facts: &Facts, sort: Option<Sort>, top: &[PathId], way: &[PathId]) -> Self {
        let mut levels = Self::default();
        levels.here.paths = top.to_vec();
        for (at, &step) in way.iter().enumerate() {
            let is_level = at == 0 || levels.go_in(facts, sort);
            if !is_level || !levels.stand_on(step) {
                break;
            }
        }
        levels
    }

    /// The paths that were gone into, that of the cursor last.
    pub fn way(&self) -> Vec<PathId> {
        let levels = self.above.iter().chain([&self.here]);
        levels.filter_map(Level::current).collect()
    }

    /// Whether nothing is shown yet.
    pub fn is_empty(&self) -> bool {
        self.here.paths.is_empty()
    }

    /// The paths of the level of the cursor.
    pub fn paths(&self) -> &[PathId] {
        &self.here.paths
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> &Cursor {
        &self.here.cursor
    }

    /// The cursor, to be moved.
    pub fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.here.cursor
    }

    /// The path of the cursor.
    pub fn current(&self) -> Option<PathId> {
        self.here.current()
    }

    /// The reference by which one came to a path of this level; `None` at the top.
    pub fn edge(&self, at: usize) -> Option<Reference> {
        Some((self.above.last()?.current()?, *self.here.paths.get(at)?))
    }

    /// The path that was gone into on the level above.
    pub fn came_from(&self) -> Option<PathId> {
        self.above.last()?.current()
    }

    /// What stands beside the level, as far as it is about the path of the cursor.
    pub fn beside(&self) -> Option<&Beside> {
        let current = self.current();
        self.beside.as_ref().filter(|beside| beside.of == current)
    }

    /// Finds out what stands beside the level.
    pub fn look_beside(&mut self, facts: &Facts, sort: Option<Sort>) {
        if self.beside().is_none() {
            self.beside = self.current().map(|id| Beside {
                of: Some(id),
                referrers: referrers(facts, sort, id),
                references: references(facts, sort, id),
            });
        }
    }

    /// Puts the cursor on a path of this level; `false` if it is not there.
    pub fn stand_on(&mut self, id: PathId) -> bool {
        let at = self.here.paths.iter().position(|&path| path == id);
        self.here.cursor.at = at.unwrap_or(self.here.cursor.at);
        at.is_some()
    }

    /// Goes down to what the path of the cursor references; `false` if that is nothing.
    pub fn go_in(&mut self, facts: &Facts, sort: Option<Sort>) -> bool {
        let below = self.current().map(|id| references(facts, sort, id));
        let Some(paths) = below.filter(|paths| !paths.is_empty()) else {
            return false;
        };
        let level = Level {
            paths,
            cursor: Cursor::default(),
        };
        self.above.push(std::mem::replace(&mut self.here, level));
        true
    }

    /// Goes back up to where one came from; at the top to what references the path of the cursor. `false` if that is
    /// nothing.
    pub fn go_out(&mut self, facts: &Facts, sort: Option<Sort>) -> bool {
        if let Some(above) = self.above.pop() {
            self.here = above;
            return true;
        }
        let above = self.current().map(|id| referrers(facts, sort, id));
        let Some(paths) = above.filter(|paths| !paths.is_empty()) else {
            return false;
        };
        self.here = Level {
            paths,
            cursor: Cursor::default(),
        };
        true
    }

    /// Sorts the level of the cursor again; the cursor stays on its path.
    pub fn sort(&mut self, facts: &Facts, sort: Option<Sort>) {
        let current = self.current();
        for level in self.above.iter_mut().chain([&mut self.here]) {
            let current = level.current();
            level.paths = order(facts, sort, std::mem::take(&mut level.paths));
            let at = level.paths.iter().position(|&id| Some(id) == current);
            level.cursor.at = at.unwrap_or(0);
        }
        debug_assert_eq!(current, self.current());
        self.beside = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id, names};

    #[test]
    fn one_key_goes_down_a_level_and_one_comes_back() {
        let facts = Facts::in_test(graph(
            "app 1 -> big small\nbig 9 -> libc\nsmall 2 -> big libc\nlibc 5",
        ));
        let paths = |levels: &Levels| names(facts.graph(), levels.paths());
        let mut levels = Levels::of_roots(&facts);
        assert!(levels.go_in(&facts, None));
        levels.sort(&facts, Some(Sort::by(Metric::Name)));
        assert_eq!(paths(&levels), "big small");
        levels.stand_on(id(facts.graph(), "small"));
        levels.look_beside(&facts, None);
        let beside = levels.beside().expect("found out");
        assert_eq!(names(facts.graph(), &beside.referrers), "app");
        assert_eq!(beside.references.len(), 2);
        assert!(levels.go_in(&facts, None) && levels.stand_on(id(facts.graph(), "libc")));
        assert!(!levels.go_in(&facts, None), "it references nothing");
        let edge = levels.edge(levels.cursor().at).map(|(from, to)| [from, to]);
        assert_eq!(
            edge.map(|edge| names(facts.graph(), &edge)).as_deref(),
            Some("small libc")
        );
        assert!(levels.go_out(&facts, None) && levels.go_out(&facts, None));
        assert_eq!(paths(&levels), "app");
        assert!(!levels.go_out(&facts, None), "nothing references a root");
    }

    #[test]
    fn the_way_to_a_path_is_a_shortest_chain() {
        let facts = Facts::in_test(graph("app 1 -> a\na 1 -> b c\nb 1 -> c\nc 1"));
        let c = id(facts.graph(), "c");
        let levels = Levels::to(&facts, None, c);
        assert_eq!(levels.current(), Some(c));
        assert_eq!(levels.came_from(), Some(id(facts.graph(), "a")));
    }
}
