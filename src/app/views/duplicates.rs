//! The view of packages that are there more than once: what stands in its groups, and planning to keep one of each.

use std::sync::Arc;

use crate::analysis::duplicates::{TwinGroup, twins};
use crate::analysis::what_if::Step;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::shared::Context;
use crate::app::target::Target;

/// A row below a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// The member to keep.
    Keep(PathId),
    /// A member that the kept one can stand in for.
    Drop(PathId),
    /// A member that cannot be replaced, by its number among those.
    Stays(PathId, usize),
    /// A member that stays because it is a root.
    Root(PathId),
    /// A path outside the group that would have to reference the kept one.
    Change(PathId),
}

impl Item {
    /// The path.
    pub(crate) fn id(self) -> PathId {
        match self {
            Self::Keep(id)
            | Self::Drop(id)
            | Self::Stays(id, _)
            | Self::Root(id)
            | Self::Change(id) => id,
        }
    }
}

/// How many rows a group has below its own.
fn size(group: &TwinGroup) -> usize {
    1 + group.replaced.len() + group.refused.len() + group.roots.len() + group.referrers.len()
}

/// A row of a group: the kept member, those that go, those that stay, the referrers to change.
pub(crate) fn item(group: &TwinGroup, at: usize) -> Option<Item> {
    let Some(mut at) = at.checked_sub(1) else {
        return Some(Item::Keep(group.keep));
    };
    if let Some(&id) = group.replaced.get(at) {
        return Some(Item::Drop(id));
    }
    at -= group.replaced.len();
    if let Some(&(id, _)) = group.refused.get(at) {
        return Some(Item::Stays(id, at));
    }
    at -= group.refused.len();
    if let Some(&id) = group.roots.get(at) {
        return Some(Item::Root(id));
    }
    let referrer = group.referrers.get(at - group.roots.len());
    referrer.map(|&id| Item::Change(id))
}

/// The replacements that make one of a group.
pub(crate) fn steps(group: &TwinGroup) -> Vec<Step> {
    let new = group.keep;
    let replaced = group.replaced.iter();
    replaced.map(|&old| Step::Replace { old, new }).collect()
}

/// The row of a path that is a member of a group.
fn row_of(groups: &[TwinGroup], id: PathId) -> Option<Row> {
    let group = groups.iter().position(|group| group.paths.contains(&id))?;
    let below = (0..size(&groups[group])).find(|&at| {
        let item = item(&groups[group], at);
        item.is_some_and(|item| item.id() == id)
    });
    below.map(|item| Row::Item(group, item))
}

/// The groups, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Duplicates;

impl List for Duplicates {
    const SPEC: ViewSpec = ViewSpec {
        id: "twins",
        title: "Twins",
        place: "twins",
        command: "twins",
        keys: &["5"],
        help: "Show what is there more than once, and what keeping one of each would free.",
        head: 2,
        opens: true,
        stands_for: Rows::Paths,
        own: &[Command::Replace],
        hints: &[
            Command::Right,
            Command::Replace,
            Command::WHY,
            Command::Mark,
            Command::Details,
        ],
    };
    type Found = Arc<[TwinGroup]>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let base = facts.base().ok_or(Cancelled)?;
        let groups = twins(facts.graph(), facts.closure(), base.order, progress)?;
        Ok(groups.into())
    }

    fn folds(found: &Self::Found) -> Folds {
        Folds::of(found.iter().map(size))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: Row) -> Target {
        let Some(group) = groups.found.get(row.group()) else {
            return Target::default();
        };
        let Row::Item(_, at) = row else {
            return offering(group.keep, steps(group));
        };
        match item(group, at) {
            Some(Item::Drop(old)) => {
                let new = group.keep;
                offering(old, vec![Step::Replace { old, new }])
            }
            Some(Item::Root(id)) => Target {
                instead: Some(Obstacle::ROOT),
                ..Target::path(id)
            },
            Some(Item::Stays(id, _)) => Target::path(id),
            Some(Item::Keep(id) | Item::Change(id)) => offering(id, steps(group)),
            None => Target::default(),
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<Row> {
        row_of(found, id)
    }

    fn begins_at_top(_row: Row, place: Place) -> bool {
        // It is read from the top, where most is to be had.
        place.group >= place.height
    }

    fn obstacle(command: Command, here: &Target) -> Option<Obstacle> {
        let none = Obstacle::Says("nothing to replace in this row");
        (command == Command::Replace && here.offers.is_empty())
            .then(|| here.instead.unwrap_or(none))
    }
}

fn offering(id: PathId, steps: Vec<Step>) -> Target {
    Target {
        offers: steps.into(),
        ..Target::path(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::order::Order;
    use crate::testing::graph;

    #[test]
    fn a_group_lists_what_happens_to_whom() {
        let (graph, closure) = graph(
            "app 1 -> a-1.0 a-1.2 tool\ntool 1 -> a-1.0 b-1.0\na-1.0 10\na-1.2 20 -> b-1.2\nb-1.0 5\nb-1.2 7 -> leaf\nleaf 1",
        );
        let order = Order::of(&graph, &closure);
        let groups = twins(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        let table: Vec<String> = groups
            .iter()
            .flat_map(|group| (0..).map_while(|at| item(group, at)))
            .map(|item| {
                let verb = match item {
                    Item::Keep(_) => "keep",
                    Item::Drop(_) => "drop",
                    Item::Stays(..) | Item::Root(_) => "stays",
                    Item::Change(_) => "change",
                };
                format!("{verb} {}", graph.name(item.id()))
            })
            .collect();
        assert_eq!(
            table,
            [
                "keep a-1.2",
                "drop a-1.0",
                "change app",
                "change tool",
                "keep b-1.2",
                "drop b-1.0",
                "change tool"
            ]
        );
        let ids: usize = groups.iter().map(size).sum();
        assert_eq!(ids, table.len());
        let a2 = crate::testing::id(&graph, "a-1.2");
        assert_eq!(row_of(&groups, a2), Some(Row::Item(0, 0)));
    }
}
