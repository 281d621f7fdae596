//! The view of packages that are there more than once: what stands in its groups, and planning to keep one of each.

use std::sync::Arc;

use crate::analysis::duplicates::TwinGroup;
use crate::analysis::what_if::Step;
use crate::model::PathId;

use super::folds::{Folds, Row};
use crate::app::commands::OF_ROOT;
use crate::app::{App, View};

/// The groups, the largest savings first.
pub type Groups = Arc<[TwinGroup]>;

/// A row below a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
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
    pub fn id(self) -> PathId {
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
pub fn item(group: &TwinGroup, at: usize) -> Option<Item> {
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
pub fn steps(group: &TwinGroup) -> Vec<Step> {
    let new = group.keep;
    let replaced = group.replaced.iter();
    replaced.map(|&old| Step::Replace { old, new }).collect()
}

/// Groups, all closed.
pub fn folds(groups: &[TwinGroup]) -> Folds {
    Folds::of(groups.iter().map(size))
}

/// The row of a path that is a member of a group.
pub fn row_of(groups: &[TwinGroup], id: PathId) -> Option<Row> {
    let group = groups.iter().position(|group| group.paths.contains(&id))?;
    let below = (0..size(&groups[group])).find(|&at| {
        let item = item(&groups[group], at);
        item.is_some_and(|item| item.id() == id)
    });
    below.map(|item| Row::Item(group, item))
}

impl App {
    /// The group under the cursor of the view.
    fn current_twins(&self) -> Option<(&TwinGroup, Row)> {
        let row = self.views.duplicates.folds.current()?;
        let groups = self.views.duplicates.found.as_ref()?;
        Some((groups.get(row.group())?, row))
    }

    /// The replacements that the row under the cursor stands for: one on a member that goes, else all of its group.
    pub(crate) fn replacements(&self) -> Vec<Step> {
        let Some((group, row)) = self.current_twins() else {
            return Vec::new();
        };
        let steps = || steps(group);
        match row {
            Row::Item(_, at) => match item(group, at) {
                Some(Item::Drop(id)) => {
                    let own = |step: &Step| matches!(*step, Step::Replace { old, .. } if old == id);
                    steps().into_iter().filter(own).collect()
                }
                Some(Item::Stays(..) | Item::Root(_)) => Vec::new(),
                _ => steps(),
            },
            Row::Group(_) => steps(),
        }
    }

    /// Why nothing can be replaced here.
    pub(crate) fn replace_obstacle(&self) -> Option<&'static str> {
        let none = "nothing to replace in this row";
        if self.view != View::Twins {
            return Some("only in twins (5)");
        }
        let Some((group, row)) = self.current_twins() else {
            return Some(none);
        };
        let is_root = match row {
            Row::Item(_, at) => matches!(item(group, at), Some(Item::Root(_))),
            Row::Group(_) => false,
        };
        match self.replacements()[..] {
            [] if is_root => Some(OF_ROOT),
            [] => Some(none),
            _ => None,
        }
    }

    /// Puts the replacements of the row into the plan, or takes them out if they are all in it.
    pub(crate) fn replace(&mut self) {
        let steps = self.replacements();
        self.toggle_all(steps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::duplicates::twins;
    use crate::analysis::order::Order;
    use crate::job::Progress;
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
