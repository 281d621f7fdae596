//! What is there more than once: duplicates that could be one, who brings many of them, and what only looks like
//! duplicates, each as a group of its own.

use std::cmp::Reverse;

use crate::analysis::duplicates::{Aside, Brought, DuplicateGroup, Duplicates as Kinds};
use crate::analysis::what_if::{Difference, Step};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference, StoreGraph};
use crate::source::platform::platform;

use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::obstacle::Obstacle;
use crate::app::target::Target;

/// All groups, in the order they are listed.
#[derive(Debug)]
pub(crate) struct ListedDuplicates {
    kinds: Kinds,
    /// What could free something first, the most first; then the others, by kind.
    order: Vec<ListedEntry>,
}

/// A group by its kind and its number there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ListedEntry {
    Duplicates(usize),
    Brought(usize, Vec<Step>),
    /// With its members, the largest first.
    Aside(usize, Vec<PathId>),
}

/// A group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ListedGroup<'a> {
    /// Members that could be one.
    Duplicates(&'a DuplicateGroup),
    /// Groups of which one path brings what would go, and all the replacements.
    Brought(&'a Brought, &'a [Step]),
    /// What is no duplicate, and its members, the largest first.
    Aside(&'a Aside, &'a [PathId]),
}

/// A row below a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DuplicateItem {
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

impl DuplicateItem {
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

impl ListedDuplicates {
    /// Finds them.
    pub(super) fn find(
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let core = facts.core().ok_or(Cancelled)?;
        let (graph, files) = (facts.graph(), explore.files(&facts.snapshot));
        let known = |id| platform(&files, graph, id);
        let (order, dominators) = (core.order, core.dominators);
        let kinds = Kinds::of(graph, facts.closure(), order, dominators, &known, progress)?;
        Ok(Self::of(graph, kinds))
    }

    fn of(graph: &StoreGraph, kinds: Kinds) -> Self {
        let duplicates = (0..kinds.groups.len()).map(ListedEntry::Duplicates);
        let brought = kinds.brought.iter().enumerate();
        let brought = brought.map(|(at, one)| ListedEntry::Brought(at, one.steps(&kinds.groups)));
        let aside = kinds.aside.iter().enumerate().map(|(at, aside)| {
            let mut members = aside.paths.clone();
            graph.sort_largest_first(&mut members);
            ListedEntry::Aside(at, members)
        });
        let order: Vec<ListedEntry> = duplicates.chain(brought).chain(aside).collect();
        let mut listed = Self {
            kinds,
            order: Vec::new(),
        };
        let freed = |entry: &ListedEntry| listed.group(entry).and_then(ListedGroup::freed);
        let mut order: Vec<(Reverse<Option<i64>>, ListedEntry)> = order
            .into_iter()
            .map(|entry| (Reverse(freed(&entry).map(|freed| freed.nar_size)), entry))
            .collect();
        order.sort_by_key(|(freed, _)| *freed);
        listed.order = order.into_iter().map(|(_, entry)| entry).collect();
        listed
    }

    fn group<'a>(&'a self, entry: &'a ListedEntry) -> Option<ListedGroup<'a>> {
        Some(match entry {
            ListedEntry::Duplicates(at) => ListedGroup::Duplicates(self.kinds.groups.get(*at)?),
            ListedEntry::Brought(at, steps) => {
                ListedGroup::Brought(self.kinds.brought.get(*at)?, steps)
            }
            ListedEntry::Aside(at, members) => {
                ListedGroup::Aside(self.kinds.aside.get(*at)?, members)
            }
        })
    }

    /// The group of a number.
    pub(crate) fn get(&self, at: usize) -> Option<ListedGroup<'_>> {
        self.group(self.order.get(at)?)
    }

    /// All groups, in the order they are listed.
    pub(crate) fn groups(&self) -> impl Iterator<Item = ListedGroup<'_>> {
        self.order.iter().filter_map(|entry| self.group(entry))
    }

    /// The groups that could be one.
    pub(crate) fn unifiable(&self) -> &[DuplicateGroup] {
        &self.kinds.groups
    }

    /// The group of a path and its row there, rather in one that could be one.
    pub(super) fn row_of(&self, id: PathId) -> Option<(usize, usize)> {
        let has = |group: &ListedGroup| match group {
            ListedGroup::Duplicates(group) => group.paths.binary_search(&id).is_ok(),
            ListedGroup::Brought(..) => false,
            ListedGroup::Aside(aside, _) => aside.paths.binary_search(&id).is_ok(),
        };
        let groups = || self.groups().enumerate().filter(|(_, group)| has(group));
        let could_be_one =
            |(_, group): &(usize, ListedGroup)| matches!(group, ListedGroup::Duplicates(_));
        let (at, group) = groups().find(could_be_one).or_else(|| groups().next())?;
        let below = (0..group.size()).find(|&at| {
            let item = group.item(at);
            item.is_some_and(|item| !matches!(item, DuplicateItem::Brings(_)) && item.id() == id)
        });
        below.map(|item| (at, item))
    }
}

impl ListedGroup<'_> {
    /// What it would free; `None` where nothing is to be done.
    pub(crate) fn freed(self) -> Option<Difference> {
        match self {
            Self::Duplicates(group) => Some(group.savings),
            Self::Brought(brought, _) => Some(brought.savings),
            Self::Aside(aside, _) => aside.freed,
        }
    }

    /// What it is called among the others.
    pub(super) fn name(self, graph: &StoreGraph) -> String {
        match self {
            Self::Duplicates(group) => format!("{:?} {}", group.kind, group.package),
            Self::Brought(brought, _) => graph.base_name(brought.by).to_owned(),
            Self::Aside(aside, _) => format!("{:?} {}", aside.kind, aside.name),
        }
    }

    /// How many rows it has below its own.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Duplicates(group) => {
                let staying = group.refused.len() + group.roots.len();
                1 + group.replaced.len() + staying + group.referrers.len()
            }
            Self::Brought(_, steps) => 1 + steps.len(),
            Self::Aside(aside, members) => aside.brings.len() + members.len(),
        }
    }

    /// A row below it: of duplicates the kept member, those that go, those that stay, the referrers to change.
    pub(crate) fn item(self, at: usize) -> Option<DuplicateItem> {
        match self {
            Self::Duplicates(group) => member(group, at),
            Self::Brought(brought, steps) => match at.checked_sub(1) {
                None => Some(DuplicateItem::By(brought.by)),
                Some(at) => match *steps.get(at)? {
                    Step::Replace { old, new } => Some(DuplicateItem::Drop(old, new)),
                    _ => None,
                },
            },
            Self::Aside(aside, members) => match aside.brings.get(at) {
                Some(&reference) => Some(DuplicateItem::Brings(reference)),
                None => members
                    .get(at - aside.brings.len())
                    .copied()
                    .map(DuplicateItem::Member),
            },
        }
    }

    /// What can be done with all of it.
    pub(crate) fn steps(self) -> Vec<Step> {
        match self {
            Self::Duplicates(group) => group.steps().collect(),
            Self::Brought(_, steps) => steps.to_vec(),
            Self::Aside(aside, _) => Step::cuts(&aside.brings),
        }
    }

    /// What it stands for, or the row of this number below it.
    pub(super) fn target(self, below: Option<usize>) -> Target {
        match below.and_then(|at| self.item(at)) {
            Some(item) => self.target_of(item),
            None => match self {
                Self::Duplicates(group) => offering(group.keep, self.steps()),
                Self::Brought(brought, _) => offering(brought.by, self.steps()),
                Self::Aside(aside, members) => {
                    let only = match aside.brings[..] {
                        [only] => Some(only),
                        _ => None,
                    };
                    let first = aside.brings.first().map(|&(_, to)| to);
                    let first = first.or_else(|| members.first().copied());
                    bringing(aside, Target::perhaps(first).with_reference(only))
                }
            },
        }
    }

    /// What a row below it stands for.
    fn target_of(self, item: DuplicateItem) -> Target {
        match item {
            DuplicateItem::Drop(old, new) => offering(old, vec![Step::Replace { old, new }]),
            DuplicateItem::Root(id) => Target {
                instead: Some(Obstacle::ROOT),
                ..Target::path(id)
            },
            DuplicateItem::Stays(id, _) | DuplicateItem::Member(id) => Target::path(id),
            DuplicateItem::Keep(id) | DuplicateItem::Change(id) | DuplicateItem::By(id) => Target {
                marks_offers: false,
                ..offering(id, self.steps())
            },
            DuplicateItem::Brings(reference) => {
                let target = Target::path(reference.0).with_reference(Some(reference));
                match self {
                    Self::Aside(aside, _) => Target {
                        offers: Step::cuts(&[reference]).into(),
                        ..bringing(aside, target)
                    },
                    _ => target,
                }
            }
        }
    }
}

/// With the references that bring a set of another platform, all of which a mark takes; of other groups there are none.
fn bringing(aside: &Aside, target: Target) -> Target {
    Target {
        cut: aside.brings.as_slice().into(),
        offers: Step::cuts(&aside.brings).into(),
        marks_offers: true,
        instead: (aside.brings.len() > 1).then_some(Obstacle::SEVERAL_REFERENCES),
        ..target
    }
}

fn member(group: &DuplicateGroup, at: usize) -> Option<DuplicateItem> {
    let Some(mut at) = at.checked_sub(1) else {
        return Some(DuplicateItem::Keep(group.keep));
    };
    if let Some(&id) = group.replaced.get(at) {
        return Some(DuplicateItem::Drop(id, group.keep));
    }
    at -= group.replaced.len();
    if let Some(&(id, _)) = group.refused.get(at) {
        return Some(DuplicateItem::Stays(id, at));
    }
    at -= group.refused.len();
    if let Some(&id) = group.roots.get(at) {
        return Some(DuplicateItem::Root(id));
    }
    let referrer = group.referrers.get(at - group.roots.len());
    referrer.map(|&id| DuplicateItem::Change(id))
}

fn offering(id: PathId, steps: Vec<Step>) -> Target {
    Target {
        marks_offers: !steps.is_empty(),
        offers: steps.into(),
        ..Target::path(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id, names};

    fn listed(text: &str) -> (Facts, ListedDuplicates) {
        let facts = Facts::in_test(graph(text));
        let core = facts.core().expect("computed");
        let kinds = Kinds::of(
            facts.graph(),
            facts.closure(),
            core.order,
            core.dominators,
            &|_| None,
            &Progress::new(),
        )
        .expect("not cancelled");
        let listed = ListedDuplicates::of(facts.graph(), kinds);
        (facts, listed)
    }

    fn rows(facts: &Facts, listed: &ListedDuplicates) -> Vec<String> {
        let item = |item| {
            let verb = match item {
                DuplicateItem::Keep(_) => "keep",
                DuplicateItem::Drop(..) => "drop",
                DuplicateItem::Stays(..) | DuplicateItem::Root(_) => "stays",
                DuplicateItem::Change(_) => "change",
                DuplicateItem::By(_) => "by",
                DuplicateItem::Brings((_, to)) => {
                    return format!("cut {}", names(facts.graph(), &[item.id(), to]));
                }
                DuplicateItem::Member(_) => "member",
            };
            format!("{verb} {}", facts.graph().name(item.id()))
        };
        let items = |group: ListedGroup<'_>| {
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
        assert_eq!(listed.row_of(a2), Some((0, 0)));
    }

    #[test]
    fn what_is_no_duplicate_stands_behind_what_is() {
        let (facts, listed) = listed(
            "app 1 -> gtk+3-3.24 gtk4-4.14 a-1.0 tool openssl-3.0 libressl-3.9\ntool 1 -> a-1.2 b-1.0\na-1.0 10 -> b-1.2\na-1.2 20\nb-1.0 5\nb-1.2 5\ngtk+3-3.24 30\ngtk4-4.14 40\nopenssl-3.0 6\nlibressl-3.9 5",
        );
        let kinds: Vec<&str> = listed
            .groups()
            .map(|group| match group {
                ListedGroup::Duplicates(_) => "duplicates",
                ListedGroup::Brought(..) => "brought",
                ListedGroup::Aside(aside, _) => aside.kind.key(),
            })
            .collect();
        let first_aside = kinds.iter().position(|kind| *kind == "coexisting");
        assert!(first_aside.is_some_and(|at| at >= 2), "{kinds:?}");
        assert!(kinds.contains(&"alternatives"), "{kinds:?}");
        let gtk = id(facts.graph(), "gtk4-4.14");
        assert!(listed.row_of(gtk).is_some());
    }
}
