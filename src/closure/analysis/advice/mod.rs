//! What could go from a closure, and how: one list, what frees most first.
//!
//! An advice is a few steps of a plan with what they free, by the same walk as a plan's. Bytes are exact for exactly these
//! steps; whether they can be done is another matter, of which confidence and risk speak. Nothing is promised twice: what an
//! advice adds to those above it stands beside what it frees alone.

mod accidents;
mod cuts;
mod duplicates;
mod options;
mod outputs;
mod ranked;
pub(super) mod words;

use crate::job::Cancelled;
use crate::model::{PathId, PathSet, StoreGraph};

use super::analysed::Analysed;
use super::duplicates::DuplicateGroup;
use super::hints::{Hints, Machine, Release};
use super::step::Step;
use super::waste::Waste;
use super::what_if::{Difference, after};

pub use super::hints::{Confidence, Risk};

/// Where an advice comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdviceKind {
    /// A line of configuration, or a smaller build, that is known to take references away.
    Option,
    /// A reference that stands only where nothing needs it to run.
    Accident,
    /// A compiler or a development output in a closure that only runs.
    Development,
    /// Outputs that document.
    Documentation,
    /// Members that could be one.
    Duplicates,
    /// A heavy path behind few references.
    BestCut,
    /// Files with the same content.
    IdenticalFiles,
    /// Files inside packages that document, translate or are for compilers.
    Content,
}

impl AdviceKind {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Accident => "accident",
            Self::Development => "development",
            Self::Documentation => "documentation",
            Self::Duplicates => "duplicates",
            Self::BestCut => "bestCut",
            Self::IdenticalFiles => "identicalFiles",
            Self::Content => "content",
        }
    }

    /// For people, in a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Accident => "accident",
            Self::Development => "development",
            Self::Documentation => "documentation",
            Self::Duplicates => "duplicates",
            Self::BestCut => "best cut",
            Self::IdenticalFiles => "identical files",
            Self::Content => "content",
        }
    }
}

/// Something that could go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Where it comes from.
    pub kind: AdviceKind,
    /// For people, in a line. Safe for a terminal.
    pub title: String,
    /// The entry of the knowledge base.
    pub hint: Option<String>,
    /// What it is about: the paths that go, or what holds them; the heaviest first.
    pub about: Vec<PathId>,
    /// The steps that a mark puts into a plan; none where no reference says it.
    pub steps: Vec<Step>,
    /// What these steps free. Without steps nothing leaves the closure.
    pub freed: Difference,
    /// What they free in addition to all that stands above; nothing for what is instead of something above.
    pub beyond: Difference,
    /// Bytes inside packages that no step takes away, where the files were read.
    pub inside: Option<u64>,
    /// How well it is founded.
    pub confidence: Confidence,
    /// What may go wrong.
    pub risk: Risk,
    /// What to do, in words or as lines of configuration. Safe for a terminal.
    pub how: String,
    /// What stops working, where that is known.
    pub effect: Option<String>,
    /// Why it is shown, where bytes cannot say so.
    pub condition: Option<String>,
    /// What still holds the paths, where nothing leaves; ascending.
    pub holders: Vec<PathId>,
    /// The file in nixpkgs, where there is one.
    pub source: Option<String>,
    /// What several suggestions do in different ways.
    pub alternatives: Option<String>,
    /// Those above with which it has bytes in common, ascending; of alternatives the one that is counted.
    pub shares: Vec<usize>,
    /// Whether it is instead of what is above: their bytes are not both to be had.
    pub instead: bool,
}

impl Suggestion {
    fn of(kind: AdviceKind, title: String, how: String) -> Self {
        Self {
            kind,
            title,
            hint: None,
            about: Vec::new(),
            steps: Vec::new(),
            freed: NOTHING,
            beyond: NOTHING,
            inside: None,
            confidence: Confidence::Likely,
            risk: Risk::Feature,
            how,
            effect: None,
            condition: None,
            holders: Vec::new(),
            source: None,
            alternatives: None,
            shares: Vec::new(),
            instead: false,
        }
    }

    /// Whether it takes a reference that is pinned.
    fn is_pinned(&self, pinned: &dyn Fn(PathId, PathId, PathId) -> bool) -> bool {
        self.steps.iter().any(|step| match *step {
            Step::Cut { from, to } => pinned(to, from, to),
            Step::Remove(_) | Step::Replace { .. } => false,
        })
    }

    /// What it is ranked by: bytes that leave, or that would leave the packages they are in.
    pub fn weight(&self) -> u64 {
        let freed = u64::try_from(self.freed.nar_size).unwrap_or(0);
        freed.max(self.inside.unwrap_or(0))
    }
}

/// Nothing is freed.
const NOTHING: Difference = Difference {
    paths: 0,
    nar_size: 0,
    known: true,
};

/// What was found in the files of a closure.
#[derive(Debug, Clone, Default)]
pub struct FromFiles {
    /// References that only accidents hold.
    pub waste: Option<Waste>,
    /// Bytes of the files that have another name with the same content, and how many names would become links.
    pub identical: Option<(u64, u64)>,
    /// Categories of files that programs do not need to run: what they are, with their bytes.
    pub contents: Vec<(String, u64)>,
}

/// What advice is given around.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Members that could be one, where they were found before.
    pub duplicates: Option<&'a [DuplicateGroup]>,
    /// Whether a reference, the second and the third, is never to be offered to make a path, the first, leave.
    pub pinned: &'a dyn Fn(PathId, PathId, PathId) -> bool,
    /// Whether paths that are advised against are listed too.
    pub others: bool,
}

impl Default for Around<'_> {
    fn default() -> Self {
        Self {
            duplicates: None,
            pinned: &|_, _, _| false,
            others: false,
        }
    }
}

/// All that could go.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The list: what frees most first, then what depends on a condition, then what frees nothing.
    pub list: Vec<Suggestion>,
    /// What following all of it would free, alternatives once.
    pub together: Difference,
    /// The machine that the closure seems to be for.
    pub machine: Machine,
    /// The releases of NixOS in it, ascending.
    pub releases: Vec<Release>,
    /// Paths behind few references that are advised against, or that leave with what is advised: what frees most
    /// first, where they were asked for. They are in no sum.
    pub others: Vec<Suggestion>,
}

impl Advice {
    /// Looks through the closure, and through what is known of its files.
    pub fn of(analysed: &Analysed, hints: &Hints, files: &FromFiles) -> Result<Self, Cancelled> {
        Self::around(analysed, hints, files, Around::default())
    }

    /// The same, and nothing that takes a pinned reference.
    pub fn around(
        analysed: &Analysed,
        hints: &Hints,
        files: &FromFiles,
        around: Around<'_>,
    ) -> Result<Self, Cancelled> {
        let (graph, closure) = (analysed.graph(), analysed.closure());
        let (mut list, machine, releases) = options::found(analysed, hints)?;
        if let Some(waste) = &files.waste {
            list.extend(accidents::found(analysed, waste));
        }
        list.extend(outputs::found(analysed)?);
        list.extend(match around.duplicates {
            Some(groups) => duplicates::of_groups(analysed, groups),
            None => duplicates::found(analysed)?,
        });
        list.extend(accidents::inside(files));
        list.retain(|advice| !advice.is_pinned(around.pinned));
        let mut taken = PathSet::empty(graph.len());
        for advice in &list {
            taken.union_with(&leaving(analysed, &advice.steps));
            // What others are to be replaced with stays.
            taken.extend(advice.steps.iter().filter_map(|step| match *step {
                Step::Replace { new, .. } => Some(new),
                Step::Remove(_) | Step::Cut { .. } => None,
            }));
        }
        let (cuts, others) = cuts::found(analysed, hints, &taken, &around)?;
        list.extend(cuts);
        debug_assert!(
            list.iter()
                .flat_map(|one| &one.about)
                .all(|&id| id.index() < graph.len())
        );
        let (list, together) = ranked::ranked(analysed, list)?;
        debug_assert!(together.paths <= closure.len().cast_signed() as i64);
        Ok(Self {
            list,
            together,
            machine,
            releases,
            others,
        })
    }
}

/// What leaves under some steps.
fn leaving(analysed: &Analysed, steps: &[Step]) -> PathSet {
    if steps.is_empty() {
        return PathSet::empty(analysed.graph().len());
    }
    let left = after(analysed.graph(), analysed.closure(), steps);
    analysed.closure().members().minus(&left)
}

/// What some steps free.
fn freed(analysed: &Analysed, steps: &[Step]) -> Difference {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    Difference::between(graph, closure.members(), &after(graph, closure, steps))
}

/// The references as steps.
fn cuts(references: &[(PathId, PathId)]) -> Vec<Step> {
    let cut = |&(from, to): &(PathId, PathId)| Step::Cut { from, to };
    references.iter().map(cut).collect()
}

/// What to do, each thing once.
fn lines(lines: impl IntoIterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for line in lines {
        if !once.contains(&line) {
            once.push(line);
        }
    }
    once.join("\n")
}

/// The heaviest first.
fn heaviest(graph: &StoreGraph, mut ids: Vec<PathId>) -> Vec<PathId> {
    ids.sort_unstable();
    ids.dedup();
    graph.sort_largest_first(&mut ids);
    ids
}

#[cfg(test)]
mod tests;
