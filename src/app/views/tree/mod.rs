//! The tree: references, referrers, or what leaves with what, opened line by line.

pub(crate) mod levels;
pub(crate) mod mode;
mod pane;
mod shape;

use crate::model::PathId;

use self::levels::Levels;
use self::mode::Mode;
use self::shape::Shape;
use super::outline::{Child, Outline};
use crate::app::cursor::Cursor;
use crate::app::facts::{Facts, Metric, Sort};

/// Most lines that *open all* adds at once.
const MOST_OPENED: usize = 2000;

/// The tree.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// What stands below a line.
    pub mode: Mode,
    /// The path at the top; `None`: the roots.
    pub top: Option<PathId>,
    /// Whether it was opened on the whole closure, rather than on one path.
    pub whole: bool,
    /// The lines.
    pub outline: Outline,
    /// What stands there in place of lines, in three columns.
    pub levels: Levels,
    /// What paths are sorted by below each, if the user chose.
    pub sort: Option<Sort>,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// How it was opened before the store was read again, until that is taken up.
    kept: Option<Shape>,
}

impl Tree {
    /// A tree from a path, or from the roots, the first line opened.
    pub fn of(facts: &Facts, mode: Mode, top: Option<PathId>) -> Self {
        Self::default().anew(facts, mode, top)
    }

    /// As [`Tree::of`], sorted as this one is.
    #[must_use]
    pub fn anew(&self, facts: &Facts, mode: Mode, top: Option<PathId>) -> Self {
        let mut tree = Self {
            mode,
            top,
            whole: top.is_none(),
            sort: self.sort,
            ..Self::default()
        };
        if mode == Mode::Levels {
            tree.levels = match top {
                Some(id) => Levels::to(facts, tree.sort, id),
                None => Levels::of_roots(facts),
            };
            return tree;
        }
        let ids = match (top, mode) {
            (Some(id), _) => vec![id],
            (None, Mode::Leaving) => {
                let top = facts.core().map(|core| core.dominator_tree.top().to_vec());
                tree.sorted(facts, top.unwrap_or_default())
            }
            (None, _) => facts.closure().roots().to_vec(),
        };
        tree.outline = Outline::of(&tree.children_of(facts, ids));
        if tree.outline.lines().len() == 1 {
            tree.open(facts, 0);
        }
        tree
    }

    /// The path a line stands for.
    pub fn id(&self, at: usize) -> Option<PathId> {
        self.outline.lines().get(at).map(|line| line.id)
    }

    /// The reference a line stands for.
    pub fn edge(&self, at: usize) -> Option<(PathId, PathId)> {
        let line = self.outline.lines().get(at)?;
        match self.mode {
            Mode::References => Some((line.parent?, line.id)),
            Mode::Referrers => Some((line.id, line.parent?)),
            Mode::Leaving | Mode::Levels => None,
        }
    }

    /// Opens a line; one that is open elsewhere is not opened twice, the line where it is comes back instead.
    pub fn open(&mut self, facts: &Facts, at: usize) -> Option<usize> {
        let id = self.id(at)?;
        if self.outline.is_repeated(at) {
            return self.outline.opened_at(id);
        }
        let below = below(facts, self.mode, id);
        let children = self.children_of(facts, self.sorted(facts, below));
        self.outline.open(at, &children);
        None
    }

    /// Opens a line and all below it, up to a number of lines.
    pub fn open_all(&mut self, facts: &Facts, at: usize) {
        let Some(depth) = self.outline.lines().get(at).map(|line| line.depth) else {
            return;
        };
        let before = self.outline.lines().len();
        let mut next = at;
        while let Some(line) = self.outline.lines().get(next) {
            if next > at && line.depth <= depth || self.outline.lines().len() > before + MOST_OPENED
            {
                break;
            }
            if !line.open && !self.outline.is_repeated(next) {
                self.open(facts, next);
            }
            next += 1;
        }
    }

    /// Opens what it takes to show a path, and gives its line. Follows one shortest chain.
    pub fn line_of(&mut self, facts: &Facts, id: PathId) -> Option<usize> {
        if let Some(at) = self.outline.lines().iter().position(|line| line.id == id) {
            return Some(at);
        }
        let chain = self.chain_to(facts, id)?;
        let mut at = self
            .outline
            .lines()
            .iter()
            .position(|line| line.id == chain[0])?;
        for &next in &chain[1..] {
            at = self.open(facts, at).unwrap_or(at);
            let depth = self.outline.lines()[at].depth;
            let below = self.outline.lines()[at + 1..]
                .iter()
                .take_while(|line| line.depth > depth);
            let found = below
                .enumerate()
                .find(|(_, line)| line.depth == depth + 1 && line.id == next);
            at += 1 + found.map(|(down, _)| down)?;
        }
        Some(at)
    }

    /// The tree in which a path stands: below the roots, or of what is gone below the root that had held it.
    #[must_use]
    pub(super) fn with(&self, facts: &Facts, id: PathId) -> Self {
        let gone = facts.is_gone(id).then(|| facts.shortest_chain(id));
        let top = gone.flatten().and_then(|chain| chain.first().copied());
        self.anew(facts, Mode::References, top)
    }

    /// By what the user chose, else heavy ones first.
    fn sorted(&self, facts: &Facts, mut ids: Vec<PathId>) -> Vec<PathId> {
        if let Some(sort) = self.sort {
            facts.sort(&mut ids, sort);
            return ids;
        }
        let wanted = self.barred();
        let ready = facts.is_ready(wanted);
        facts.largest_first(&mut ids, if ready { wanted } else { Metric::Nar });
        ids
    }

    /// Sorts what stands below each line; what is open stays open.
    pub fn sort_by(&mut self, facts: &Facts, sort: Sort) {
        self.sort = Some(sort);
        self.levels.sort(facts, self.sort);
        if self.mode == Mode::Levels {
            return;
        }
        let mut tree = self.anew(facts, self.mode, self.top);
        tree.whole = self.whole;
        tree.open_as(facts, &self.shape());
        *self = tree;
    }

    fn chain_to(&self, facts: &Facts, id: PathId) -> Option<Vec<PathId>> {
        match (self.mode, self.top) {
            (Mode::References, top) => {
                let chain = facts.shortest_chain(id)?;
                let begins = top.is_none_or(|top| chain.first() == Some(&top));
                begins.then_some(chain)
            }
            (Mode::Leaving, None) => {
                let mut chain = facts.core()?.dominators.strict(id);
                chain.push(id);
                Some(chain)
            }
            _ => None,
        }
    }

    fn children_of(&self, facts: &Facts, ids: Vec<PathId>) -> Vec<Child> {
        let leaf = |id| match self.mode {
            Mode::References => facts.graph().references(id).is_empty(),
            Mode::Referrers => facts
                .closure_with(id)
                .referrers(facts.graph(), id)
                .next()
                .is_none(),
            Mode::Levels => true,
            Mode::Leaving => facts
                .core()
                .is_none_or(|core| core.dominator_tree.children(id).is_empty()),
        };
        ids.into_iter()
            .map(|id| Child { id, leaf: leaf(id) })
            .collect()
    }
}

fn below(facts: &Facts, mode: Mode, id: PathId) -> Vec<PathId> {
    match mode {
        Mode::References => facts.graph().references(id).to_vec(),
        Mode::Referrers => facts
            .closure_with(id)
            .referrers(facts.graph(), id)
            .collect(),
        Mode::Leaving => facts
            .core()
            .map(|core| core.dominator_tree.children(id).to_vec())
            .unwrap_or_default(),
        Mode::Levels => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    fn facts(text: &str) -> Facts {
        Facts::in_test(graph(text))
    }

    fn shape(facts: &Facts, tree: &Tree) -> String {
        let line = |(at, line): (usize, &crate::app::views::outline::OutlineLine)| {
            let mark = match (line.open, line.leaf, tree.outline.is_repeated(at)) {
                (true, ..) => "-",
                (_, true, _) => "",
                (.., true) => "^",
                _ => "+",
            };
            format!(
                "{}{mark}{}",
                " ".repeat(line.depth.into()),
                facts.graph().name(line.id)
            )
        };
        tree.outline
            .lines()
            .iter()
            .enumerate()
            .map(line)
            .collect::<Vec<_>>()
            .join("|")
    }

    const SYSTEM: &str = "app 1 -> big small\nbig 9 -> libc\nsmall 2 -> big libc\nlibc 5";

    #[test]
    fn repeated_subtrees_are_opened_once() {
        let facts = facts(SYSTEM);
        let mut tree = Tree::of(&facts, Mode::References, None);
        assert_eq!(shape(&facts, &tree), "-app| +big| +small");
        assert_eq!(tree.open(&facts, 1), None);
        tree.open(&facts, 3);
        assert_eq!(
            shape(&facts, &tree),
            "-app| -big|  libc| -small|  ^big|  libc"
        );
        assert_eq!(tree.open(&facts, 4), Some(1));
        assert_eq!(
            tree.edge(2)
                .map(|(from, to)| (facts.graph().name(from), facts.graph().name(to))),
            Some(("big", "libc"))
        );
    }

    #[test]
    fn a_path_is_revealed_along_a_shortest_chain() {
        let facts = facts(SYSTEM);
        let libc = id(facts.graph(), "libc");
        for (mode, expected) in [
            (Mode::References, "-app| -big|  libc| +small"),
            (Mode::Leaving, "-app| big| libc| small"),
        ] {
            let mut tree = Tree::of(&facts, mode, None);
            let at = tree.line_of(&facts, libc).expect("in the tree");
            assert_eq!(
                (shape(&facts, &tree).as_str(), tree.id(at)),
                (expected, Some(libc))
            );
        }
        let up = Tree::of(&facts, Mode::Referrers, Some(libc));
        assert_eq!(shape(&facts, &up), "-libc| +big| +small");
    }

    #[test]
    fn opening_all_of_a_cycle_ends() {
        let facts = facts("app -> a\na -> b\nb -> a c\nc");
        let mut tree = Tree::of(&facts, Mode::References, None);
        tree.open_all(&facts, 0);
        assert_eq!(shape(&facts, &tree), "-app| -a|  -b|   ^a|   c");
    }

    #[test]
    fn another_order_leaves_open_what_is_open() {
        let facts = facts(SYSTEM);
        let mut tree = Tree::of(&facts, Mode::References, None);
        tree.open(&facts, 2);
        tree.cursor.at = 2;
        assert_eq!(shape(&facts, &tree), "-app| +big| -small|  +big|  libc");
        tree.sort_by(
            &facts,
            Sort {
                metric: Metric::Name,
                descending: true,
            },
        );
        assert_eq!(shape(&facts, &tree), "-app| -small|  libc|  +big| +big");
        let current = tree.id(tree.cursor.at);
        assert_eq!(current.map(|id| facts.graph().name(id)), Some("small"));
    }
}
