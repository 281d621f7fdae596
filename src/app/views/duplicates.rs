//! The view of what is there more than once: duplicates that could be one, who brings many of them, and what only looks
//! like duplicates, each as a group of its own.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::analysis::duplicates::{Aside, Brought, Duplicates as Kinds, TwinGroup};
use crate::analysis::what_if::{Difference, Step};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference, StoreGraph};
use crate::source::platform::platform;

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::shared::Context;
use crate::app::target::Target;

/// All groups, in the order they are listed.
#[derive(Debug)]
pub struct Listed {
    kinds: Kinds,
    /// What could free something first, the most first; then the others, by kind.
    order: Vec<Entry>,
}

/// A group by its kind and its number there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Twins(usize),
    Brought(usize, Vec<Step>),
    /// With its members, the largest first.
    Aside(usize, Vec<PathId>),
}

/// A group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Group<'a> {
    /// Members that could be one.
    Twins(&'a TwinGroup),
    /// Groups of which one path brings what would go, and all the replacements.
    Brought(&'a Brought, &'a [Step]),
    /// What is no duplicate, and its members, the largest first.
    Aside(&'a Aside, &'a [PathId]),
}

/// A row below a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// The member to keep.
    Keep(PathId),
    /// A member, and the kept one that can stand in for it.
    Drop(PathId, PathId),
    /// A member that cannot be replaced, by its number among those.
    Stays(PathId, usize),
    /// A member that stays because it is a root.
    Root(PathId),
    /// A path outside the group that would have to reference the kept one.
    Change(PathId),
    /// The path that brings all that would be replaced.
    By(PathId),
    /// A reference that brings the set of another platform.
    Brings(Reference),
    /// A member of what is no duplicate.
    Member(PathId),
}

impl Item {
    /// The path.
    pub(crate) fn id(self) -> PathId {
        match self {
            Self::Keep(id)
            | Self::Drop(id, _)
            | Self::Stays(id, _)
            | Self::Root(id)
            | Self::Change(id)
            | Self::By(id)
            | Self::Brings((id, _))
            | Self::Member(id) => id,
        }
    }
}

impl Listed {
    fn of(graph: &StoreGraph, kinds: Kinds) -> Self {
        let twins = (0..kinds.groups.len()).map(Entry::Twins);
        let brought = kinds.brought.iter().enumerate();
        let brought = brought.map(|(at, one)| Entry::Brought(at, one.steps(&kinds.groups)));
        let aside = kinds.aside.iter().enumerate().map(|(at, aside)| {
            let mut members = aside.paths.clone();
            members.sort_by_key(|&id| (Reverse(graph.info(id).nar_size.known()), id));
            Entry::Aside(at, members)
        });
        let order: Vec<Entry> = twins.chain(brought).chain(aside).collect();
        let mut listed = Self {
            kinds,
            order: Vec::new(),
        };
        let freed = |entry: &Entry| listed.group(entry).and_then(Group::freed);
        let mut order: Vec<(Reverse<Option<i64>>, Entry)> = order
            .into_iter()
            .map(|entry| (Reverse(freed(&entry).map(|freed| freed.nar_size)), entry))
            .collect();
        order.sort_by_key(|(freed, _)| *freed);
        listed.order = order.into_iter().map(|(_, entry)| entry).collect();
        listed
    }

    fn group<'a>(&'a self, entry: &'a Entry) -> Option<Group<'a>> {
        Some(match entry {
            Entry::Twins(at) => Group::Twins(self.kinds.groups.get(*at)?),
            Entry::Brought(at, steps) => Group::Brought(self.kinds.brought.get(*at)?, steps),
            Entry::Aside(at, members) => Group::Aside(self.kinds.aside.get(*at)?, members),
        })
    }

    /// The group of a number.
    pub(crate) fn get(&self, at: usize) -> Option<Group<'_>> {
        self.group(self.order.get(at)?)
    }

    /// All groups, in the order they are listed.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.order.iter().filter_map(|entry| self.group(entry))
    }

    /// How many groups could be one.
    pub(crate) fn twins(&self) -> usize {
        self.kinds.groups.len()
    }

    /// How many there are of whatever kind.
    pub(crate) fn count(&self) -> usize {
        self.order.len()
    }

    /// The row of a path that is a member of a group, rather of one that could be one.
    fn row_of(&self, id: PathId) -> Option<Row> {
        let has = |group: &Group| match group {
            Group::Twins(group) => group.paths.contains(&id),
            Group::Brought(..) => false,
            Group::Aside(aside, _) => aside.paths.binary_search(&id).is_ok(),
        };
        let groups = || self.groups().enumerate().filter(|(_, group)| has(group));
        let is_twin = |(_, group): &(usize, Group)| matches!(group, Group::Twins(_));
        let (at, group) = groups().find(is_twin).or_else(|| groups().next())?;
        let below = (0..group.size()).find(|&at| {
            let item = group.item(at);
            item.is_some_and(|item| !matches!(item, Item::Brings(_)) && item.id() == id)
        });
        below.map(|item| Row::Item(at, item))
    }
}

impl Group<'_> {
    /// What it would free; `None` where nothing is to be done.
    pub(crate) fn freed(self) -> Option<Difference> {
        match self {
            Self::Twins(group) => Some(group.savings),
            Self::Brought(brought, _) => Some(brought.savings),
            Self::Aside(aside, _) => aside.freed,
        }
    }

    /// How many rows it has below its own.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Twins(group) => {
                let staying = group.refused.len() + group.roots.len();
                1 + group.replaced.len() + staying + group.referrers.len()
            }
            Self::Brought(_, steps) => 1 + steps.len(),
            Self::Aside(aside, members) => aside.brings.len() + members.len(),
        }
    }

    /// A row below it: of twins the kept member, those that go, those that stay, the referrers to change.
    pub(crate) fn item(self, at: usize) -> Option<Item> {
        match self {
            Self::Twins(group) => twin(group, at),
            Self::Brought(brought, steps) => match at.checked_sub(1) {
                None => Some(Item::By(brought.by)),
                Some(at) => match *steps.get(at)? {
                    Step::Replace { old, new } => Some(Item::Drop(old, new)),
                    _ => None,
                },
            },
            Self::Aside(aside, members) => match aside.brings.get(at) {
                Some(&reference) => Some(Item::Brings(reference)),
                None => members
                    .get(at - aside.brings.len())
                    .copied()
                    .map(Item::Member),
            },
        }
    }

    /// What can be done with all of it.
    pub(crate) fn steps(self) -> Vec<Step> {
        match self {
            Self::Twins(group) => group.steps().collect(),
            Self::Brought(_, steps) => steps.to_vec(),
            Self::Aside(aside, _) => Step::cuts(&aside.brings),
        }
    }

    /// What its own row stands for.
    fn target(self) -> Target {
        match self {
            Self::Twins(group) => offering(group.keep, self.steps()),
            Self::Brought(brought, _) => offering(brought.by, self.steps()),
            Self::Aside(aside, members) => {
                let only = match aside.brings[..] {
                    [only] => Some(only),
                    _ => None,
                };
                let first = aside.brings.first().map(|&(_, to)| to);
                Target {
                    cut: aside.brings.as_slice().into(),
                    instead: (aside.brings.len() > 1).then_some(Obstacle::SEVERAL_REFERENCES),
                    ..Target::perhaps(first.or_else(|| members.first().copied()))
                        .with_reference(only)
                }
            }
        }
    }

    /// What a row below it stands for.
    fn target_of(self, item: Item) -> Target {
        match item {
            Item::Drop(old, new) => offering(old, vec![Step::Replace { old, new }]),
            Item::Root(id) => Target {
                instead: Some(Obstacle::ROOT),
                ..Target::path(id)
            },
            Item::Stays(id, _) | Item::Member(id) => Target::path(id),
            Item::Keep(id) | Item::Change(id) | Item::By(id) => offering(id, self.steps()),
            Item::Brings(reference) => Target {
                cut: match self {
                    Self::Aside(aside, _) => aside.brings.as_slice().into(),
                    _ => Arc::default(),
                },
                ..Target::path(reference.0).with_reference(Some(reference))
            },
        }
    }
}

fn twin(group: &TwinGroup, at: usize) -> Option<Item> {
    let Some(mut at) = at.checked_sub(1) else {
        return Some(Item::Keep(group.keep));
    };
    if let Some(&id) = group.replaced.get(at) {
        return Some(Item::Drop(id, group.keep));
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

fn offering(id: PathId, steps: Vec<Step>) -> Target {
    Target {
        offers: steps.into(),
        ..Target::path(id)
    }
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
        stands_for: Rows::Cuts,
        own: &[Command::Replace],
        hints: &[
            Command::Right,
            Command::Replace,
            Command::WHY,
            Command::Mark,
            Command::Details,
        ],
    };
    type Found = Arc<Listed>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let base = facts.base().ok_or(Cancelled)?;
        let (graph, files) = (facts.graph(), explore.files(&facts.snapshot));
        let known = |id| platform(&files, graph, id);
        let kinds = Kinds::of(
            graph,
            facts.closure(),
            base.order,
            base.dominators,
            &known,
            progress,
        )?;
        Ok(Arc::new(Listed::of(graph, kinds)))
    }

    fn folds(found: &Self::Found) -> Folds {
        Folds::of(found.groups().map(Group::size))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: Row) -> Target {
        let Some(group) = groups.found.get(row.group()) else {
            return Target::default();
        };
        match row {
            Row::Group(_) => group.target(),
            Row::Item(_, at) => {
                let item = group.item(at);
                item.map_or_else(Target::default, |item| group.target_of(item))
            }
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<Row> {
        found.row_of(id)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::duplicates::AsideKind;
    use crate::testing::{graph, id, names};

    fn listed(text: &str) -> (Facts, Listed) {
        let facts = Facts::in_test(graph(text));
        let base = facts.base().expect("computed");
        let kinds = Kinds::of(
            facts.graph(),
            facts.closure(),
            base.order,
            base.dominators,
            &|_| None,
            &Progress::new(),
        )
        .expect("not cancelled");
        let listed = Listed::of(facts.graph(), kinds);
        (facts, listed)
    }

    fn rows(facts: &Facts, listed: &Listed) -> Vec<String> {
        let item = |item| {
            let verb = match item {
                Item::Keep(_) => "keep",
                Item::Drop(..) => "drop",
                Item::Stays(..) | Item::Root(_) => "stays",
                Item::Change(_) => "change",
                Item::By(_) => "by",
                Item::Brings((_, to)) => {
                    return format!("cut {}", names(facts.graph(), &[item.id(), to]));
                }
                Item::Member(_) => "member",
            };
            format!("{verb} {}", facts.graph().name(item.id()))
        };
        let items = |group: Group<'_>| {
            let items = (0..group.size()).map(|at| group.item(at).expect("so many rows"));
            items.map(item).collect::<Vec<_>>()
        };
        listed.groups().flat_map(items).collect()
    }

    #[test]
    fn a_group_lists_what_happens_to_whom() {
        let (facts, listed) = listed(
            "app 1 -> a-1.0 a-1.2 tool\ntool 1 -> a-1.0 b-1.0\na-1.0 10\na-1.2 20 -> b-1.2\nb-1.0 5\nb-1.2 7 -> leaf\nleaf 1",
        );
        assert_eq!(
            rows(&facts, &listed),
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
        let a2 = id(facts.graph(), "a-1.2");
        assert_eq!(listed.row_of(a2), Some(Row::Item(0, 0)));
    }

    #[test]
    fn what_is_no_duplicate_stands_behind_what_is() {
        let (facts, listed) = listed(
            "app 1 -> gtk+3-3.24 gtk4-4.14 a-1.0 tool openssl-3.0 libressl-3.9\ntool 1 -> a-1.2 b-1.0\na-1.0 10 -> b-1.2\na-1.2 20\nb-1.0 5\nb-1.2 5\ngtk+3-3.24 30\ngtk4-4.14 40\nopenssl-3.0 6\nlibressl-3.9 5",
        );
        let kinds: Vec<&str> = listed
            .groups()
            .map(|group| match group {
                Group::Twins(_) => "twins",
                Group::Brought(..) => "brought",
                Group::Aside(aside, _) => match aside.kind {
                    AsideKind::Platforms => "platforms",
                    AsideKind::Coexisting => "coexisting",
                    AsideKind::Stages => "stages",
                    AsideKind::Alternatives => "alternatives",
                },
            })
            .collect();
        let first_aside = kinds.iter().position(|kind| *kind == "coexisting");
        assert!(first_aside.is_some_and(|at| at >= 2), "{kinds:?}");
        assert!(kinds.contains(&"alternatives"), "{kinds:?}");
        let gtk = id(facts.graph(), "gtk4-4.14");
        assert!(listed.row_of(gtk).is_some());
    }
}
