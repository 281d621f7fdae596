//! The view of what the bytes are: the files of the closure by category, and which paths have most of each.

pub(crate) mod identical;

use std::cmp::Reverse;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};
use crate::source::files::contents::Tally;
use crate::source::files::kinds::FileKinds;
use crate::source::files::places::StoreFiles;
use crate::source::files::survey::Survey;

use self::identical::SharedFiles;
use super::folds::{Folds, GroupRow};
use super::list::{Asked, Both, List, ScrollPlace};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

/// Paths that are listed below a category.
const MOST_PATHS: usize = 200;

/// Files and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Regular files.
    pub files: u64,
    /// Sum of their lengths.
    pub bytes: u64,
}

impl From<Tally> for Amount {
    fn from(Tally { files, bytes }: Tally) -> Self {
        Self { files, bytes }
    }
}

/// A category of files.
#[derive(Debug)]
pub struct Category {
    /// For people: `manual pages`.
    pub title: String,
    /// All its files.
    pub total: Amount,
    /// The paths that have most of it.
    pub paths: Vec<(PathId, Amount)>,
    /// How many paths have some of it.
    pub path_count: usize,
    /// Its place in the table of categories.
    number: usize,
}

/// What the bytes of a closure are.
#[derive(Debug)]
pub struct Files {
    /// The categories that hold something, the largest first.
    pub categories: Vec<Category>,
    /// All files together.
    pub total: Amount,
    /// What they take on disk in bytes; unknown unless all of them are there.
    pub allocated: Option<u64>,
    /// Whether there are files on this machine that can be compared with each other.
    pub comparable: bool,
    /// Of how many paths it is not known what the files are.
    pub absent: usize,
    /// Where they were looked for.
    pub places: String,
    /// The binary cache whose listings were looked into.
    pub cache: Option<String>,
    /// For each path one tally for each category, in the order of the table.
    paths: HashMap<PathId, Vec<Tally>>,
}

impl Files {
    /// Reads them.
    pub fn read(
        facts: &Facts,
        places: &StoreFiles,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let categories = Categories::built_in();
        let members = facts.closure().members();
        let graph = facts.graph();
        let survey = Survey::of(places, graph, members, HashMap::new(), progress)?;
        let (absent, allocated) = (survey.missing.len(), survey.allocated());
        let comparable = survey.is_on_disk();
        let FileKinds { paths, total } = survey.kinds;
        let all = total.iter().copied().map(Amount::from);
        let titles = categories.as_slice().iter().map(|c| c.title.clone());
        let mut found: Vec<Category> = titles
            .zip(all)
            .enumerate()
            .filter(|(_, (_, total))| total.files > 0)
            .map(|(number, (title, total))| category(number, title, total, &paths))
            .collect();
        found.sort_by_key(|category| (Reverse(category.total.bytes), category.number));
        let names = places
            .places()
            .iter()
            .map(|place| place.display().to_string());
        Ok(Self {
            total: found
                .iter()
                .fold(Amount::default(), |sum, category| Amount {
                    files: sum.files + category.total.files,
                    bytes: sum.bytes + category.total.bytes,
                }),
            categories: found,
            allocated,
            comparable,
            absent,
            places: names.collect::<Vec<_>>().join(", "),
            cache: places.archives().map(|archives| archives.url().to_owned()),
            paths,
        })
    }

    /// How much of a category a path has; `None` if its files are not on this machine.
    pub fn of_path(&self, category: &Category, id: PathId) -> Option<Amount> {
        let tallies = self.paths.get(&id)?;
        Some(tallies[category.number].into())
    }
}

fn category(
    number: usize,
    title: String,
    total: Amount,
    paths: &HashMap<PathId, Vec<Tally>>,
) -> Category {
    let some = paths
        .iter()
        .map(|(&id, tallies)| (id, Amount::from(tallies[number])))
        .filter(|(_, amount)| amount.files > 0);
    let mut some: Vec<(PathId, Amount)> = some.collect();
    some.sort_unstable_by_key(|&(id, amount)| (Reverse(amount.bytes), id));
    let path_count = some.len();
    some.truncate(MOST_PATHS);
    Category {
        title,
        total,
        paths: some,
        path_count,
        number,
    }
}

/// The categories, and behind them the identical files where there can be some: for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileGroups;

impl List for FileGroups {
    type Found = Arc<Files>;
    type Later = Arc<SharedFiles>;

    fn find(
        facts: &Facts,
        explore: &Explore,
        _asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let places = explore.files_to_fetch(&facts.snapshot);
        Ok(Arc::new(Files::read(facts, &places, progress)?))
    }

    fn folds(found: &Self::Found, _columns: u16) -> Folds {
        let categories = found.categories.iter().map(|category| category.paths.len());
        Folds::of(categories.chain(found.comparable.then_some(0)))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: GroupRow) -> Target {
        let GroupRow::Item(group, at) = row else {
            return Target::default();
        };
        let of_category = |category: &Category| category.paths.get(at).map(|&(id, _)| id);
        let identical = || groups.later?.groups.get(at).map(|copies| copies.first.0);
        Target::perhaps(match groups.found.categories.get(group) {
            Some(category) => of_category(category),
            None => identical(),
        })
    }

    fn name(files: &Self::Found, _graph: &StoreGraph, group: usize) -> String {
        let category = files.categories.get(group);
        category.map_or_else(String::new, |category| category.title.clone())
    }

    /// The row of a path: below the category it has most of, if it is listed there.
    fn row_of(files: &Self::Found, id: PathId) -> Option<GroupRow> {
        let bytes = |category: &Category| files.of_path(category, id).map(|amount| amount.bytes);
        let categories = files.categories.iter().enumerate();
        let (at, category) =
            categories.max_by_key(|&(at, category)| (bytes(category), Reverse(at)))?;
        let below = category.paths.iter().position(|&(path, _)| path == id)?;
        Some(GroupRow::Item(at, below))
    }

    /// The files of the category in the path.
    fn enter(groups: Both<'_, Self>, row: GroupRow) -> Option<Outcome> {
        let GroupRow::Item(group, at) = row else {
            return None;
        };
        let category = groups.found.categories.get(group)?;
        let &(id, _) = category.paths.get(at)?;
        let category = (category.number, category.title.clone());
        Some(Outcome::Files(id, Some(category)))
    }

    fn begins_at_top(row: GroupRow, place: ScrollPlace) -> bool {
        // Behind many paths of its category a path would hide what all the others are.
        matches!(row, GroupRow::Item(group, at) if group + at + 1 >= place.height)
    }

    fn has_later(found: &Self::Found) -> bool {
        found.comparable
    }

    fn find_later(
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Later, Cancelled> {
        let places = explore.files(&facts.snapshot);
        Ok(Arc::new(SharedFiles::read(facts, &places, progress)?))
    }

    fn later_rows(later: &Self::Later) -> usize {
        later.groups.len()
    }
}
