//! What is known of the selected path: facts, choke points, referrers, references.

use std::sync::Arc;

use crate::model::{Output, PathId};
use crate::text::{self, Units};

use super::cursor::Cursor;
use super::facts::chains::Chains;
use super::facts::{Facts, Metric};
use super::outcome::Outcome;
use super::pane::{Folding, Pane, here, stand_on};
use super::shared::{Context, Shared};
use super::target::Target;

/// Lists longer than this stay in the order of the graph: they are not read to the end.
const MOST_SORTED: usize = 5000;

/// A closure of no more paths than this answers why each selected path is here without being asked.
const QUICK: usize = 60_000;

/// What the bytes of a path are is told in no more parts than this.
const MOST_PARTS: usize = 4;

/// Rows below the lists: a gap and what the sorted column means.
const FOOT: u16 = 3;
/// Fewer rows are no list.
const FEWEST: u16 = 4;

/// The pane.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    /// The path the lists are of.
    pub id: Option<PathId>,
    /// Every chain passes through these, root first.
    pub points: Vec<PathId>,
    /// What references it, the heaviest first.
    pub referrers: Vec<PathId>,
    /// What it references, the heaviest first.
    pub references: Vec<PathId>,
    /// When it was registered, who built it, who signed it: what the source tells, each under its name.
    pub provenance: Vec<(&'static str, String)>,
    /// What its own bytes are, once that is known.
    pub own: Option<String>,
    /// Where the configuration brings it in, once that is known.
    pub origin: Vec<(&'static str, String)>,
    /// Where the cursor is, in the lists.
    pub cursor: Cursor,
}

/// A row of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DetailsRow {
    /// A heading.
    Heading(Relation),
    /// A path.
    Path(Relation, PathId),
    /// An empty row.
    Blank,
}

/// What a listed path is to the selected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Every chain passes through it.
    Point,
    /// It references the selected path.
    Referrer,
    /// The selected path references it.
    Reference,
}

impl Details {
    /// Shows the selected path, and what is known of it by now.
    pub(super) fn follow(&mut self, facts: Option<&Facts>, shared: &Shared) {
        let (Some(facts), Some(id)) = (facts, shared.selected) else {
            if shared.selected.is_none() {
                // No rows of another path are left to act on.
                *self = Self::default();
            }
            return;
        };
        let units = shared.look.units;
        self.fill(facts, id, units);
        self.take_origin(shared.chains_to(Some(id)));
        let contents = shared.contents.as_ref();
        if let Some((_, contents)) = contents.filter(|(of, _)| *of == id) {
            self.take_contents(contents, units);
        }
    }

    /// Fills the lists for a path.
    fn fill(&mut self, facts: &Facts, id: PathId, units: Units) {
        if self.id == Some(id) {
            return;
        }
        let graph = facts.graph();
        self.cursor = Cursor::default();
        self.provenance = provenance(facts, id, units);
        // Of what is gone it is told what held it, of what would come what would hold it.
        let own = facts.closure_with(id);
        self.referrers = own.referrers(graph, id).collect();
        self.references = graph.references(id).to_vec();
        let ready = facts.is_ready(Metric::Retained);
        let metric = if ready { Metric::Retained } else { Metric::Nar };
        for list in [&mut self.referrers, &mut self.references] {
            if list.len() <= MOST_SORTED {
                facts.largest_first(list, metric);
            }
        }
        self.id = Some(id);
        self.own = None;
        self.origin.clear();
        self.points = facts
            .core()
            .map(|core| core.dominators.strict(id))
            .unwrap_or_default();
    }

    /// Takes what the files of a path are: titles with bytes, the largest first.
    fn take_contents(&mut self, contents: &[(String, u64)], units: Units) {
        let parts = contents.iter().take(MOST_PARTS);
        let parts: Vec<String> = parts
            .map(|(title, bytes)| format!("{title} {}", units.size(*bytes)))
            .collect();
        self.own = (!parts.is_empty()).then(|| parts.join(", "));
    }

    /// Takes where the configuration brings it in, once that is known.
    fn take_origin(&mut self, chains: Option<&Arc<Chains>>) {
        let first = chains.and_then(|chains| chains.origins.first());
        self.origin = first.map_or_else(Vec::new, |(definition, _)| {
            let place = definition.place.iter();
            let switch = definition.switches.iter().take(1);
            let switch = switch.map(|one| format!("{}, {}", one.option, one.place.shown()));
            let place = place.map(|place| ("set in", place.shown()));
            place
                .chain(switch.map(|switch| ("on by", switch)))
                .collect()
        });
    }

    /// Rows above and below the lists in a pane of this height: name, hash part, sizes, chains, cut, provenance, and gaps.
    /// If that leaves too few for the lists, they take all but the name as soon as the cursor goes down in them.
    pub(crate) fn frame(&self, height: u16) -> (u16, u16) {
        let rows = self.provenance.len() + self.origin.len() + usize::from(self.own.is_some());
        let head = 10 + rows as u16;
        if height >= head + FOOT + FEWEST {
            (head, FOOT)
        } else if self.cursor.at > 1 {
            (1, 0)
        } else {
            // What a column means is told elsewhere too.
            (head, 0)
        }
    }

    /// Rows for the lists in a pane of this many.
    pub(crate) fn room(&self, height: u16) -> usize {
        let (head, foot) = self.frame(height);
        usize::from(height.saturating_sub(head + foot))
    }

    fn list(&self, relation: Relation) -> &[PathId] {
        match relation {
            Relation::Point => &self.points,
            Relation::Referrer => &self.referrers,
            Relation::Reference => &self.references,
        }
    }

    /// How many paths there are of a kind.
    pub(crate) fn count(&self, relation: Relation) -> usize {
        self.list(relation).len()
    }

    /// How many paths the lists have in all.
    pub(crate) fn paths(&self) -> usize {
        RELATIONS.iter().map(|&relation| self.count(relation)).sum()
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        RELATIONS.iter().map(|&relation| self.part(relation)).sum()
    }

    fn part(&self, relation: Relation) -> usize {
        match self.count(relation) {
            0 => 0,
            count => count + 2,
        }
    }

    /// The row at a place.
    pub(crate) fn row(&self, mut at: usize) -> Option<DetailsRow> {
        for relation in RELATIONS {
            let part = self.part(relation);
            if at < part {
                return Some(match at {
                    0 => DetailsRow::Heading(relation),
                    _ if at + 1 == part => DetailsRow::Blank,
                    _ => DetailsRow::Path(relation, self.list(relation)[at - 1]),
                });
            }
            at -= part;
        }
        None
    }
}

/// Whether it is computed unasked why a path is here: in a large closure it takes a while, and is only computed when it is
/// asked for.
pub(crate) fn counts_chains(facts: &Facts) -> bool {
    facts.closure().len() <= QUICK
}

impl Pane for Details {
    fn len(&self, _cx: Context<'_>) -> usize {
        self.rows()
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn target(&self, _cx: Context<'_>, at: usize) -> Option<Target> {
        let DetailsRow::Path(relation, other) = self.row(at)? else {
            return None;
        };
        let id = self.id?;
        Some(Target::path(other).with_reference(match relation {
            Relation::Referrer => Some((other, id)),
            Relation::Reference => Some((id, other)),
            Relation::Point => None,
        }))
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        let stands =
            |&at: &usize| matches!(self.row(at), Some(DetailsRow::Path(_, other)) if other == id);
        let Some(at) = (0..self.rows()).find(stands) else {
            return false;
        };
        stand_on(self, cx, at);
        true
    }

    fn fold(&mut self, _cx: Context<'_>, how: Folding) -> Option<Outcome> {
        (how == Folding::Close).then_some(Outcome::Front)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        let path = here(self, cx).and_then(|target| target.path);
        path.map_or(Outcome::None, |id| Outcome::GoTo(id).remembered())
    }

    fn awaits_chains(&self, cx: Context<'_>) -> Option<PathId> {
        let missing = cx.shared.chains_to(self.id).is_none();
        let wanted = |id: &PathId| missing && counts_chains(cx.facts) && !cx.facts.is_gone(*id);
        self.id.filter(wanted)
    }
}

const RELATIONS: [Relation; 3] = [Relation::Point, Relation::Referrer, Relation::Reference];

fn provenance(facts: &Facts, id: PathId, units: Units) -> Vec<(&'static str, String)> {
    let graph = facts.graph();
    let mut lines = Vec::new();
    if graph.is_missing(id) {
        lines.push((
            "record",
            "none: only known because it is referenced".to_owned(),
        ));
    }
    if let Some(bytes) = graph.info(id).download_size.get() {
        lines.push(("download", format!("{} compressed", units.size(bytes))));
    }
    if let Some(source) = facts.named_source() {
        lines.push(("from", source));
    }
    if let Some(seconds) = graph.info(id).registered {
        lines.push(("registered", text::date(seconds.get())));
    }
    for (at, output) in graph.outputs(id).unwrap_or_default().iter().enumerate() {
        let label = if at == 0 { "makes" } else { "" };
        lines.push((label, made(output, units)));
    }
    let Some(details) = graph.details(id) else {
        return lines;
    };
    if let Some(deriver) = details.deriver {
        lines.push(("built by", deriver));
    }
    if let Some(address) = details.content_address {
        lines.push(("content", address));
    }
    let keys: Vec<&str> = details
        .signatures
        .iter()
        .map(|s| s.split(':').next().unwrap_or(s))
        .collect();
    if !keys.is_empty() {
        lines.push(("signed by", keys.join(", ")));
    } else if details.ultimate {
        lines.push(("signed by", "none: built here".to_owned()));
    }
    lines
}

/// An output with its size, or why it has none.
fn made(output: &Output, units: Units) -> String {
    match (output.valid, output.nar_size.get()) {
        (true, Some(bytes)) => format!("{}, {}", output.name, units.size(bytes)),
        (true, None) => format!("{}, of unknown size", output.name),
        (false, _) => format!("{}, not in the store", output.name),
    }
}
