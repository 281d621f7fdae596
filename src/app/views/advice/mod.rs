//! The view of advice: what could go and how, the largest savings first. Each kind of advice has a section: options,
//! heavy paths behind few references, duplicates, likely accidents, compilers, documentation.

pub(crate) mod accidents;
pub(crate) mod advised;
pub(crate) mod duplicates;
mod inside;

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use crate::analysis::advice::{Advice, AdviceKind, Around, FromFiles, Suggestion};
use crate::analysis::what_if::Step;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};

use self::accidents::Accidents;
use self::duplicates::ListedDuplicates;
use super::folds::{Folds, GroupRow, Section};
use super::list::{Asked, Both, List, Nothing, ScrollPlace};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

/// Groups of a section, and references of a class, that are shown before it is asked for all.
const SHOWN: usize = 10;

/// What the advice of a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// Lines of configuration.
    Options,
    /// Heavy paths behind few references.
    NearMisses,
    /// What is there more than once.
    Duplicates,
    /// References that are likely accidents.
    Accidents,
    /// What is for compilers.
    Development,
    /// What is to be read.
    Documentation,
}

impl Topic {
    /// All of them, in the order of their equals.
    const ALL: [Self; 6] = [
        Self::Options,
        Self::NearMisses,
        Self::Duplicates,
        Self::Accidents,
        Self::Development,
        Self::Documentation,
    ];

    /// The heading of its section.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Options => "Options",
            Self::NearMisses => "Heavy paths behind few references",
            Self::Duplicates => "Duplicates",
            Self::Accidents => "Accidental references",
            Self::Development => "Compilers and development outputs",
            Self::Documentation => "Documentation and files inside packages",
        }
    }

    /// The command that shows its section: those of such have one even where there is nothing in it.
    pub(crate) fn command(self) -> Option<Command> {
        Some(match self {
            Self::NearMisses => Command::NearMisses,
            Self::Duplicates => Command::Duplicates,
            Self::Accidents => Command::Accidents,
            Self::Options | Self::Development | Self::Documentation => return None,
        })
    }

    /// Where advice of a kind stands.
    fn of(kind: AdviceKind) -> Self {
        match kind {
            AdviceKind::Option => Self::Options,
            AdviceKind::Accident => Self::Accidents,
            AdviceKind::Development => Self::Development,
            AdviceKind::Duplicates => Self::Duplicates,
            AdviceKind::BestCut => Self::NearMisses,
            AdviceKind::Documentation | AdviceKind::IdenticalFiles | AdviceKind::Content => {
                Self::Documentation
            }
        }
    }
}

/// What a group of the view is, by its number among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdviceEntry {
    /// An advice.
    Advised(usize),
    /// A path behind few references that is not advised on.
    Other(usize),
    /// A group of duplicates, and the advice that says the same.
    Duplicates(usize, Option<usize>),
    /// A class of accidents.
    Accidents(usize),
    /// There is nothing, or it is not known yet.
    Note,
}

/// A group of the view.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AdvicePiece<'a> {
    /// An advice.
    Advised(&'a Suggestion),
    /// A group of duplicates, and the advice that says the same.
    Duplicates(duplicates::ListedGroup<'a>, Option<&'a Suggestion>),
    /// All accidents, and a class of them.
    Accidents(&'a Accidents, &'a accidents::AccidentClass),
    /// There is nothing, or it is not known yet.
    Note,
}

impl AdvicePiece<'_> {
    /// How many rows it has below its own on a screen of this many columns.
    fn size(self, columns: u16) -> usize {
        match self {
            Self::Advised(one) => advised::items(one, columns).count(),
            Self::Duplicates(group, _) => group.size(),
            Self::Accidents(_, kind) => kind.size(columns),
            Self::Note => 0,
        }
    }

    /// How many of them are shown before it is asked for all.
    fn first(self, columns: u16) -> usize {
        match self {
            Self::Accidents(_, kind) => kind.above(columns) + SHOWN,
            _ => usize::MAX,
        }
    }

    /// The bytes that it frees, as far as that is known.
    fn frees(self) -> i64 {
        match self {
            Self::Advised(one) => i64::try_from(one.weight()).unwrap_or(i64::MAX),
            Self::Duplicates(group, _) => group.freed().map_or(0, |freed| freed.nar_size),
            Self::Accidents(_, kind) => kind.freed.nar_size,
            Self::Note => -1,
        }
    }

    /// What it is called among the others of its section.
    fn name(self, graph: &StoreGraph) -> String {
        match self {
            Self::Advised(one) => {
                let first = one.about.first().map(|&id| graph.base_name(id));
                format!("{} {}", one.title, first.unwrap_or_default())
            }
            Self::Duplicates(group, _) => group.name(graph),
            Self::Accidents(_, kind) => format!("{:?}", kind.class),
            Self::Note => String::new(),
        }
    }

    /// What it stands for, or the row of this number below it.
    fn target(self, cx: Context<'_>, below: Option<usize>) -> Target {
        match self {
            Self::Advised(one) => advised::target(cx.facts, one, below, cx.room.0),
            Self::Duplicates(group, same) => Target {
                lines: same.map(|one| one.how.as_str().into()),
                ..group.target(below)
            },
            Self::Accidents(all, kind) => kind.target(all, cx, below),
            Self::Note => Target::default(),
        }
    }
}

/// All advice, in sections.
#[derive(Debug)]
pub struct FoundAdvice {
    /// Options, what is for compilers, documentation, heavy paths behind few references; and what all of it frees.
    pub(crate) advice: Advice,
    /// What is there more than once.
    pub(crate) duplicates: ListedDuplicates,
    /// What the files say, if they were read.
    pub(crate) accidents: Option<Accidents>,
    /// The groups, section by section.
    entries: Vec<AdviceEntry>,
    /// The sections with their groups, those in which most is to be had first.
    sections: Vec<(Topic, Range<usize>)>,
}

impl FoundAdvice {
    fn of(advice: Advice, duplicates: ListedDuplicates, accidents: Option<Accidents>) -> Self {
        let mut found = Self {
            advice,
            duplicates,
            accidents,
            entries: Vec::new(),
            sections: Vec::new(),
        };
        let all = Topic::ALL.map(|topic| (topic, found.of_topic(topic)));
        let mut all: Vec<(Topic, Vec<AdviceEntry>)> = all.into();
        all.retain(|(_, entries)| !entries.is_empty());
        let most = |entries: &[AdviceEntry]| found.piece(entries[0]).map_or(-1, AdvicePiece::frees);
        all.sort_by_key(|(topic, entries)| (Reverse(most(entries)), *topic));
        for (topic, entries) in all {
            let start = found.entries.len();
            found.entries.extend(entries);
            found.sections.push((topic, start..found.entries.len()));
        }
        found
    }

    /// The groups of a section, what frees most first.
    fn of_topic(&self, topic: Topic) -> Vec<AdviceEntry> {
        let list = self.advice.list.iter().enumerate();
        let advised = list.filter(|(_, one)| Topic::of(one.kind) == topic);
        let mut entries: Vec<AdviceEntry> = match topic {
            Topic::Duplicates => self.of_duplicates(),
            Topic::Accidents => {
                let kinds = self.accidents.iter().flat_map(|found| &found.kinds);
                kinds
                    .enumerate()
                    .map(|(at, _)| AdviceEntry::Accidents(at))
                    .collect()
            }
            _ => advised.map(|(at, _)| AdviceEntry::Advised(at)).collect(),
        };
        if topic == Topic::NearMisses {
            entries.extend((0..self.advice.others.len()).map(AdviceEntry::Other));
        }
        if entries.is_empty() && topic.command().is_some() {
            entries.push(AdviceEntry::Note);
        }
        entries
    }

    fn of_duplicates(&self) -> Vec<AdviceEntry> {
        let groups = self.duplicates.groups().enumerate();
        let same = |group: duplicates::ListedGroup<'_>| {
            let steps = group.steps();
            let mut list = self.advice.list.iter();
            list.position(|one| one.kind == AdviceKind::Duplicates && one.steps == steps)
        };
        groups
            .map(|(at, group)| AdviceEntry::Duplicates(at, same(group)))
            .collect()
    }

    fn piece(&self, entry: AdviceEntry) -> Option<AdvicePiece<'_>> {
        Some(match entry {
            AdviceEntry::Advised(at) => AdvicePiece::Advised(self.advice.list.get(at)?),
            AdviceEntry::Other(at) => AdvicePiece::Advised(self.advice.others.get(at)?),
            AdviceEntry::Duplicates(at, same) => {
                let same = same.and_then(|same| self.advice.list.get(same));
                AdvicePiece::Duplicates(self.duplicates.get(at)?, same)
            }
            AdviceEntry::Accidents(at) => {
                let all = self.accidents.as_ref()?;
                AdvicePiece::Accidents(all, all.kinds.get(at)?)
            }
            AdviceEntry::Note => AdvicePiece::Note,
        })
    }

    /// The group of a number.
    pub(crate) fn get(&self, group: usize) -> Option<AdvicePiece<'_>> {
        self.piece(*self.entries.get(group)?)
    }

    /// How many groups of a section are shown at first: what is not advised only where nothing else is.
    fn shown(&self, groups: &Range<usize>) -> usize {
        let advised = groups.clone().filter(|&group| !self.is_uncounted(group));
        match advised.count() {
            0 => SHOWN,
            // In place of a single further one, that one is shown.
            count if count == SHOWN + 1 && count == groups.len() => count,
            count => count.min(SHOWN),
        }
    }

    /// Whether a group is counted in no sum, since it is not advised.
    pub(crate) fn is_uncounted(&self, group: usize) -> bool {
        matches!(self.entries.get(group), Some(AdviceEntry::Other(_)))
    }

    /// All groups.
    fn pieces(&self) -> impl Iterator<Item = AdvicePiece<'_>> {
        self.entries.iter().filter_map(|&entry| self.piece(entry))
    }

    /// A section: what it is about, and its groups.
    pub(crate) fn section(&self, at: usize) -> Option<(Topic, Range<usize>)> {
        self.sections.get(at).cloned()
    }

    /// What the section of a group is about.
    pub(crate) fn topic(&self, group: usize) -> Option<Topic> {
        let mut sections = self.sections.iter();
        let section = sections.find(|(_, groups)| groups.contains(&group));
        section.map(|(topic, _)| *topic)
    }

    /// The most that a group frees, in bytes.
    pub(crate) fn most(&self) -> i64 {
        self.pieces().map(AdvicePiece::frees).max().unwrap_or(0)
    }

    /// The row that stands for a path: an advice about it, else where it is a member or dragged in.
    fn row_of(&self, id: PathId) -> Option<GroupRow> {
        let is_about = |at: &usize| matches!(self.get(*at), Some(AdvicePiece::Advised(one)) if one.about.first() == Some(&id));
        let mut advised = (0..self.entries.len()).filter(|&at| !self.is_uncounted(at));
        if let Some(at) = advised.find(is_about) {
            return Some(GroupRow::Group(at));
        }
        let duplicate = self.duplicates.row_of(id);
        let below = |(at, &entry): (usize, &AdviceEntry)| match entry {
            AdviceEntry::Duplicates(group, _) => {
                let (_, item) = duplicate.filter(|(of, _)| *of == group)?;
                Some(GroupRow::Item(at, item))
            }
            _ => None,
        };
        self.entries.iter().enumerate().find_map(below)
    }
}

/// The advice, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct AdviceGroups;

impl List for AdviceGroups {
    type Found = Arc<FoundAdvice>;
    type Later = Nothing;
    const HEEDS_PINS: bool = true;
    const HEEDS_ORIGINS: bool = true;
    const WRAPS: bool = true;

    fn find(
        facts: &Facts,
        explore: &Explore,
        asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let reads = asked.files || facts.evidence.is_some();
        let accidents = reads.then(|| Accidents::read(facts, explore, progress));
        let accidents = accidents.transpose()?;
        let duplicates = ListedDuplicates::find(facts, explore, progress)?;
        let inside = || {
            let files = explore.files(&facts.snapshot);
            inside::read(&files, facts.graph(), facts.closure().members(), progress)
        };
        let inside = asked.files.then(inside).transpose()?;
        let files = FromFiles {
            waste: accidents.as_ref().and_then(|found| found.waste.clone()),
            ..inside.unwrap_or_default()
        };
        let around = Around {
            duplicates: Some(duplicates.unifiable()),
            pinned: &|target, from, to| asked.pins.hold(target, from, to),
            others: true,
        };
        let analysed = facts.analysed(progress);
        let advice = Advice::around(&analysed, &facts.hints(), &files, around)?;
        Ok(Arc::new(FoundAdvice::of(advice, duplicates, accidents)))
    }

    fn folds(found: &Self::Found, columns: u16) -> Folds {
        let sizes = found.pieces().map(|piece| piece.size(columns));
        let part = |(_, groups): &(Topic, Range<usize>)| Section {
            end: groups.end,
            shown: found.shown(groups),
        };
        let first = found.pieces().map(|piece| piece.first(columns));
        let folds = Folds::of(sizes).with_first(first);
        folds.in_sections(found.sections.iter().map(part))
    }

    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: GroupRow) -> Target {
        let below = match row {
            GroupRow::Group(_) => None,
            GroupRow::Item(_, at) => Some(at),
        };
        let piece = groups.found.get(row.group());
        piece.map_or_else(Target::default, |piece| piece.target(cx, below))
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<GroupRow> {
        found.row_of(id)
    }

    fn name(found: &Self::Found, graph: &StoreGraph, group: usize) -> String {
        let topic = found.topic(group);
        let own = found.get(group).map(|piece| piece.name(graph));
        format!("{topic:?} {}", own.unwrap_or_default())
    }

    fn arrived(_cx: Context<'_>, found: &Self::Found) -> Outcome {
        let accidents = found.accidents.as_ref();
        accidents.map_or(Outcome::None, Accidents::learned)
    }

    fn section(found: &Self::Found, command: Command) -> Option<usize> {
        let mut sections = found.sections.iter();
        sections.position(|(topic, _)| topic.command() == Some(command))
    }

    fn reads_files(command: Command) -> bool {
        command == Command::Accidents
    }

    fn begins_at_top(_row: GroupRow, place: ScrollPlace) -> bool {
        // It is read from the top, where most is to be had.
        place.group >= place.height
    }

    fn enter(groups: Both<'_, Self>, row: GroupRow) -> Option<Outcome> {
        let topic = groups.found.topic(row.group());
        let is_note = matches!(groups.found.get(row.group()), Some(AdvicePiece::Note));
        (is_note && topic == Some(Topic::Accidents)).then_some(Outcome::Give(Command::Accidents))
    }

    fn obstacle(command: Command, here: &Target) -> Option<Obstacle> {
        let replaces = here.offers.iter().any(Step::is_replacement) || here.path.is_some();
        let none = Obstacle::Says("nothing to replace in this row");
        let no_lines = Obstacle::Says("this row has no lines to copy");
        match command {
            Command::Replace => (!replaces).then(|| here.instead.unwrap_or(none)),
            Command::CopyLines => here.lines.is_none().then_some(no_lines),
            _ => None,
        }
    }
}
