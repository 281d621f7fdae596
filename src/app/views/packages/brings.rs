//! The table grouped by what brings its paths: by options of the configuration, or by its files.

use std::sync::Arc;

use crate::analysis::origin::{By, League, Standing};
use crate::analysis::what_if::Step;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};

use crate::app::explore::Explore;
use crate::app::facts::{Facts, Metric};
use crate::app::obstacle::Obstacle;
use crate::app::shared::Context;
use crate::app::target::Target;
use crate::app::views::folds::{Folds, GroupRow};
use crate::app::views::list::{Asked, Both, List, Nothing, ScrollPlace};

/// The groups, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Brings<const BY_FILE: bool>;

/// Groups by option.
pub(crate) type ByOption = Brings<false>;
/// Groups by file.
pub(crate) type ByFile = Brings<true>;

/// What each option or file brings, what retains most first.
#[derive(Debug)]
pub struct Ranked {
    /// The groups, the paths of each by what leaves with them.
    pub standings: Vec<Standing>,
    /// The configuration that was evaluated; `None`: options are inferred from names.
    pub config: Option<String>,
}

impl Ranked {
    fn of(facts: &Facts, by: By, progress: &Progress) -> Result<Self, Cancelled> {
        let analysed = facts.analysed(progress);
        let origins = analysed.origins();
        let (graph, closure) = (facts.graph(), facts.closure());
        let mut standings = League::of(graph, closure, origins, by, progress)?.0;
        for one in &mut standings {
            facts.largest_first(&mut one.paths, Metric::Retained);
        }
        Ok(Self {
            standings,
            config: origins.config().map(str::to_owned),
        })
    }
}

impl<const BY_FILE: bool> List for Brings<BY_FILE> {
    type Found = Arc<Ranked>;
    type Later = Nothing;
    const HEEDS_ORIGINS: bool = true;

    fn find(
        facts: &Facts,
        _explore: &Explore,
        _asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let by = if BY_FILE { By::File } else { By::Option };
        Ok(Arc::new(Ranked::of(facts, by, progress)?))
    }

    fn folds(found: &Self::Found, _columns: u16) -> Folds {
        Folds::of(found.standings.iter().map(|one| one.paths.len()))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: GroupRow) -> Target {
        let Some(one) = groups.found.standings.get(row.group()) else {
            return Target::default();
        };
        match row {
            GroupRow::Item(_, at) => Target::perhaps(one.paths.get(at).copied()),
            GroupRow::Group(_) => Target {
                cut: one.steps.iter().filter_map(Step::reference).collect(),
                offers: one.steps.clone().into(),
                marks_offers: true,
                instead: Some(Obstacle::SEVERAL_REFERENCES),
                ..Target::perhaps(one.paths.first().copied())
            },
        }
    }

    fn name(found: &Self::Found, _graph: &StoreGraph, group: usize) -> String {
        let standing = found.standings.get(group);
        standing.and_then(|one| one.key.clone()).unwrap_or_default()
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<GroupRow> {
        let mut all = found.standings.iter().enumerate();
        all.find_map(|(group, one)| {
            let at = one.paths.iter().position(|&path| path == id)?;
            Some(GroupRow::Item(group, at))
        })
    }

    fn begins_at_top(_row: GroupRow, place: ScrollPlace) -> bool {
        // It is read from the top, where what retains most stands.
        place.group >= place.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    #[test]
    fn options_stand_in_the_order_of_what_leaves_with_them() {
        let facts = Facts::in_test(graph(
            "nixos-system-web 1 -> system-path etc\nsystem-path 1 -> git-2\ngit-2 50 -> libc\nlibc 5\n\
             etc 1 -> etc-hosts\netc-hosts 2 -> libc",
        ));
        let found = Brings::<false>::find(
            &facts,
            &Explore::new(
                Box::new(crate::testing::Given::of(graph("a 1"))),
                crate::source::Request::default(),
            ),
            &Asked::default(),
            &Progress::new(),
        );
        let found = found.expect("not cancelled");
        let git = id(facts.graph(), "git-2");
        let first = &found.standings[0];
        assert_eq!(first.key.as_deref(), Some("environment.systemPackages"));
        assert!(first.paths.contains(&git));
        assert!(
            first
                .steps
                .iter()
                .any(|step| matches!(*step, Step::Cut { to, .. } if to == git))
        );
        assert_eq!(
            Brings::<false>::folds(&found, 80).len(),
            found.standings.len()
        );
        assert!(matches!(
            Brings::<false>::row_of(&found, git),
            Some(GroupRow::Item(0, _))
        ));
    }
}
