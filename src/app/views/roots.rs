//! The view of roots: what each holds, what several of them share, and what direct dependencies share and free.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::analysis::sets::{Overlap, Region};
use crate::analysis::what_if::Total;
use crate::analysis::{Need, Shares};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

/// A group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A root, by its position among the holdings; below it what it shares with each other one.
    Root(usize),
    /// What two roots or more hold; below it what exactly these hold.
    Shared,
    /// What the direct dependencies are charged.
    Costs,
}

/// A row of a group.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A root, by its position, with what it shares with the one above.
    With(usize, Total),
    /// What exactly some roots hold.
    Region(&'a Region),
    /// A direct dependency with the bytes it is charged.
    Cost(PathId, u64),
}

/// What there is to say about the roots.
#[derive(Debug)]
pub struct Roots {
    /// How they overlap.
    pub overlap: Overlap,
    /// What their direct dependencies cost.
    pub shares: Arc<Shares>,
    groups: Vec<Group>,
    /// For each root what it shares with others, the most first; empty with too many roots.
    pairs: Vec<Vec<(usize, Total)>>,
    /// Where in the overlap the regions of several roots are.
    common: Vec<usize>,
}

/// The roots of a closure, once they were compared.
pub(crate) type Found = Arc<Roots>;

impl Roots {
    /// Compares them.
    pub fn of(facts: &Facts, progress: &Progress) -> Result<Self, Cancelled> {
        let analysed = facts.analysed(progress);
        let overlap = Overlap::of(facts.graph(), facts.closure(), analysed.order(), progress)?;
        let shares = Arc::clone(analysed.shares()?);
        let mut roots: Vec<usize> = (0..overlap.holdings.len()).collect();
        roots.sort_by_key(|&at| {
            let holding = &overlap.holdings[at];
            Reverse((holding.alone.nar_size, holding.closure.nar_size))
        });
        let several = roots.len() > 1;
        let mut groups: Vec<Group> = roots.into_iter().map(Group::Root).collect();
        groups.extend(several.then_some(Group::Shared));
        groups.extend((!shares.charged().is_empty()).then_some(Group::Costs));
        let regions = overlap.regions.iter().enumerate();
        let common = regions.filter(|(_, region)| region.roots.len() > 1);
        Ok(Self {
            common: common.map(|(at, _)| at).collect(),
            pairs: pairs(&overlap),
            groups,
            shares,
            overlap,
        })
    }

    /// The groups from top to bottom.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The root at a position.
    pub fn root(&self, at: usize) -> PathId {
        self.overlap.holdings[at].root
    }

    /// How many rows a group has below its own.
    fn size(&self, group: Group) -> usize {
        match group {
            Group::Root(at) => self.pairs.get(at).map_or(0, Vec::len),
            Group::Shared => self.common.len(),
            Group::Costs => self.shares.charged().len(),
        }
    }

    /// A row of a group.
    pub fn item(&self, group: usize, at: usize) -> Option<Item<'_>> {
        Some(match *self.groups.get(group)? {
            Group::Root(root) => {
                let &(other, both) = self.pairs.get(root)?.get(at)?;
                Item::With(other, both)
            }
            Group::Shared => Item::Region(&self.overlap.regions[*self.common.get(at)?]),
            Group::Costs => {
                let &(id, bytes) = self.shares.charged().get(at)?;
                Item::Cost(id, bytes)
            }
        })
    }

    /// The path a row stands for.
    pub fn id(&self, row: Row) -> Option<PathId> {
        match row {
            Row::Group(at) => match *self.groups.get(at)? {
                Group::Root(root) => Some(self.root(root)),
                Group::Shared | Group::Costs => None,
            },
            Row::Item(group, at) => match self.item(group, at)? {
                Item::With(other, _) => Some(self.root(other)),
                Item::Region(_) => None,
                Item::Cost(id, _) => Some(id),
            },
        }
    }

    /// The row of a root or of a direct dependency.
    pub fn row_of(&self, id: PathId) -> Option<Row> {
        let of_root = |&group: &Group| matches!(group, Group::Root(at) if self.root(at) == id);
        if let Some(at) = self.groups.iter().position(of_root) {
            return Some(Row::Group(at));
        }
        let costs = self.groups.iter().position(|&g| g == Group::Costs)?;
        let mut charged = self.shares.charged().iter();
        let at = charged.position(|&(other, _)| other == id)?;
        Some(Row::Item(costs, at))
    }
}

/// The roots, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RootGroups;

impl List for RootGroups {
    const SPEC: ViewSpec = ViewSpec {
        id: "roots",
        title: "Roots",
        place: "roots",
        command: "roots",
        keys: &["9"],
        help: "Show what each root holds, what several share, what each dependency has and frees.",
        head: 2,
        opens: true,
        stands_for: Rows::References,
        own: &[],
        hints: &[
            Command::Right,
            Command::ExpandAll,
            Command::Evidence,
            Command::WHY,
            Command::Mark,
            Command::Details,
        ],
    };
    type Found = Found;
    type Later = Nothing;

    fn find(facts: &Facts, _explore: &Explore, progress: &Progress) -> Result<Found, Cancelled> {
        Ok(Arc::new(Roots::of(facts, progress)?))
    }

    fn folds(found: &Found) -> Folds {
        folds(found)
    }

    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: Row) -> Target {
        let target = Target::perhaps(groups.found.id(row));
        match row {
            Row::Item(group, at) => match groups.found.item(group, at) {
                Some(Item::Cost(id, _)) => of_roots(cx, id, target),
                _ => target,
            },
            Row::Group(_) => target,
        }
    }

    fn row_of(found: &Found, id: PathId) -> Option<Row> {
        found.row_of(id)
    }

    fn arrived(cx: Context<'_>, found: &Found) -> Outcome {
        let known = cx.facts.has(Need::Shares);
        let learned = (!known).then(|| Outcome::Shares(Arc::clone(&found.shares)));
        Outcome::All(learned.into_iter().chain([Outcome::Reveal]).collect())
    }

    fn begins_at_top(row: Row, _place: Place) -> bool {
        // Of several roots each comes before what it needs.
        row.group() > 1 && matches!(row, Row::Item(..))
    }
}

/// With the reference from a root to a direct dependency, if there is but one.
fn of_roots(cx: Context<'_>, id: PathId, target: Target) -> Target {
    let closure = cx.facts.closure();
    let referrers = closure.referrers(cx.facts.graph(), id);
    let roots = referrers.filter(|&referrer| closure.is_root(referrer));
    match roots.take(2).collect::<Vec<_>>()[..] {
        [only] => target.with_reference(Some((only, id))),
        [] => target,
        _ => Target {
            instead: Some(Obstacle::SEVERAL_ROOTS),
            ..target
        },
    }
}

fn pairs(overlap: &Overlap) -> Vec<Vec<(usize, Total)>> {
    let roots = overlap.holdings.len();
    let with_others = |a: usize| {
        let others = (0..roots).filter(|&b| b != a);
        let mut pairs: Vec<(usize, Total)> = others
            .filter_map(|b| Some((b, overlap.both(a, b)?)))
            .filter(|(_, both)| both.paths > 0)
            .collect();
        pairs.sort_by_key(|&(_, both)| Reverse(both.nar_size));
        pairs
    };
    (0..roots).map(with_others).collect()
}

/// Closed groups; with few roots, what everything costs is open.
fn folds(roots: &Roots) -> Folds {
    let mut folds = Folds::of(roots.groups.iter().map(|&group| roots.size(group)));
    if roots.overlap.holdings.len() <= 3 {
        for (at, group) in roots.groups.iter().enumerate() {
            if *group != Group::Costs || roots.shares.charged().len() <= 1000 {
                folds.open(at);
            }
        }
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    #[test]
    fn roots_list_what_they_share_and_what_costs_what() {
        let (graph, closure) = graph("*old 1 -> lib perl\n*new 2 -> lib\n*odd 3\nlib 30\nperl 50");
        let facts = Facts::in_test((graph, closure));
        let roots = Roots::of(&facts, &Progress::new()).expect("not cancelled");
        let name = |id| facts.graph().name(id);
        let mut table = Vec::new();
        let folds = folds(&roots);
        for row in (0..folds.len()).filter_map(|at| folds.row(at)) {
            table.push(match row {
                Row::Group(at) => match roots.groups()[at] {
                    Group::Root(root) => name(roots.root(root)).to_owned(),
                    other => format!("{other:?}"),
                },
                Row::Item(group, at) => match roots.item(group, at).expect("a row") {
                    Item::With(other, both) => {
                        format!(" {} {}", name(roots.root(other)), both.nar_size)
                    }
                    Item::Region(region) => {
                        format!(" {:?} {}", region.roots, region.total.nar_size)
                    }
                    Item::Cost(id, bytes) => format!(" {} {bytes}", name(id)),
                },
            });
        }
        let expected = [
            "old",
            " new 30",
            "odd",
            "new",
            " old 30",
            "Shared",
            " [0, 1] 30",
            "Costs",
            " perl 50",
            " lib 30",
            " odd 3",
            " new 2",
            " old 1",
        ];
        assert_eq!(table, expected);
        let graph = facts.graph();
        assert_eq!(roots.row_of(id(graph, "odd")), Some(Row::Group(1)));
        assert_eq!(roots.row_of(id(graph, "lib")), Some(Row::Item(4, 1)));
        assert_eq!(roots.id(Row::Item(0, 0)), Some(id(graph, "new")));
    }
}
