//! Columns that cost too much to be computed unasked: they are when a query, a sort or the table wants them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::evidence_class::Class;
use crate::analysis::cut::cut_sizes;
use crate::analysis::leverage::near_misses;
use crate::analysis::query::Query;
use crate::analysis::share::Shares;
use crate::analysis::waste::accidental;
use crate::job::{Cancelled, Progress};
use crate::model::{Column, PathId, PathSet, Reference, Warning};
use crate::source::evidence::{self, Evidence, EvidenceError};
use crate::source::files::inventory::Inventory;
use crate::source::files::places::StoreFiles;

use crate::app::App;
use crate::app::facts::{Base, Facts, Field, Value};
use crate::app::jobs::work::{Kind, Work};
use crate::app::views::packages::rows;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extra {
    /// What each direct dependency of the roots is charged.
    Shares,
    /// Blocks on disk.
    Disk,
    /// How many references to cut; with the retained size that is the leverage too.
    Cuts,
    /// What only likely accidents hold.
    Accidents,
}

impl Extra {
    /// What a column is made of, if it is computed only when asked for.
    pub fn of(field: Field) -> Option<Self> {
        match field {
            Field::Share => Some(Self::Shares),
            Field::Disk => Some(Self::Disk),
            Field::Cut | Field::Leverage => Some(Self::Cuts),
            _ => None,
        }
    }
}

/// What was asked for and is known by now.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    shares: Option<Arc<Shares>>,
    disk: Option<Arc<Column<Option<u64>>>>,
    cuts: Option<Arc<Column<Option<(u32, u32)>>>>,
    accidents: Option<Arc<PathSet>>,
    evidence: Option<Arc<Evidence>>,
    /// What was said of single references.
    pub seen: Arc<HashMap<Reference, Class>>,
}

/// What came of asking.
#[derive(Debug)]
pub enum Found {
    /// What each direct dependency of the roots is charged.
    Shares(Arc<Shares>),
    /// Blocks on disk; how many paths' files are not on this machine; what was odd about the others.
    Disk(Column<Option<u64>>, usize, Vec<Warning>),
    /// Fewest references to cut, and those of the best cut.
    Cuts(Column<Option<(u32, u32)>>),
    /// What only likely accidents hold, and what makes the references.
    Accidents(PathSet, Box<Evidence>),
    /// It cannot be known, and why.
    Obstacle(String),
}

impl Extras {
    /// Is it known?
    pub fn has(&self, extra: Extra) -> bool {
        match extra {
            Extra::Shares => self.shares.is_some(),
            Extra::Disk => self.disk.is_some(),
            Extra::Cuts => self.cuts.is_some(),
            Extra::Accidents => self.accidents.is_some(),
        }
    }

    /// What each direct dependency of the roots is charged, if that is known.
    pub fn shares(&self) -> Option<Arc<Shares>> {
        self.shares.clone()
    }

    /// What only likely accidents hold, if that is known.
    pub fn accidents(&self) -> Option<&PathSet> {
        self.accidents.as_deref()
    }

    /// What makes each reference of the closure, if all files have been read for it.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_deref()
    }

    /// A path's share in bytes.
    pub fn share(&self, id: PathId) -> Value {
        let value = |shares: &Arc<Shares>| Value::size(shares.get(id));
        self.shares.as_ref().map_or(Value::Pending, value)
    }

    /// What a path takes on disk, in bytes.
    pub fn disk(&self, id: PathId) -> Value {
        let value = |disk: &Arc<Column<Option<u64>>>| Value::size(disk[id]);
        self.disk.as_ref().map_or(Value::Pending, value)
    }

    /// Fewest references to cut so that a path leaves.
    pub fn cut(&self, id: PathId) -> Value {
        let value = |cuts: &Arc<Column<Option<(u32, u32)>>>| match cuts[id] {
            Some((fewest, _)) => Value::Number(fewest.into()),
            None => Value::Unknown,
        };
        self.cuts.as_ref().map_or(Value::Pending, value)
    }

    /// Retained bytes for each reference of the best cut.
    pub fn leverage(&self, base: &Base, id: PathId) -> Value {
        let Some(cuts) = &self.cuts else {
            return Value::Pending;
        };
        let retained = base.dominators.retained_size(id);
        let leverage = |(retained, (_, best)): (u64, (u32, u32))| retained / u64::from(best.max(1));
        Value::size(retained.zip(cuts[id]).map(leverage))
    }

    fn take(&mut self, found: Found) {
        match found {
            Found::Shares(shares) => self.shares = Some(shares),
            Found::Disk(disk, ..) => self.disk = Some(Arc::new(disk)),
            Found::Cuts(cuts) => self.cuts = Some(Arc::new(cuts)),
            Found::Accidents(paths, evidence) => {
                self.accidents = Some(Arc::new(paths));
                self.evidence = Some(Arc::from(evidence));
            }
            Found::Obstacle(_) => {}
        }
    }
}

/// Computes it.
pub fn find(
    facts: &Facts,
    extra: Extra,
    places: &StoreFiles,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let (graph, closure) = (facts.graph(), facts.closure());
    let base = facts.base.as_ref().ok_or(Cancelled)?;
    Ok(match extra {
        Extra::Shares => {
            let shares = Shares::of(graph, closure, &base.order, progress)?;
            Found::Shares(Arc::new(shares))
        }
        Extra::Disk => {
            let inventory = Inventory::read(places, graph, closure.members().iter(), progress)?;
            let usage = inventory.usage(progress)?;
            let mut disk = Column::filled(graph.len(), None);
            for (&id, record) in &inventory.paths {
                let usage = usage.get(id).filter(|_| record.complete);
                disk[id] = usage.map(|usage| usage.allocated);
            }
            Found::Disk(disk, inventory.absent.len(), inventory.warnings)
        }
        Extra::Cuts => {
            let (order, dominators) = (&base.order, &base.dominators);
            let all = near_misses(graph, closure, order, dominators, closure.len(), progress)?;
            let fewest = cut_sizes(graph, closure, progress)?;
            let mut cuts = Column::filled(graph.len(), None);
            for one in all {
                cuts[one.path] = fewest[one.path].map(|fewest| (fewest, one.best_size));
            }
            Found::Cuts(cuts)
        }
        Extra::Accidents => accidents(facts, base, places, progress)?,
    })
}

/// What only likely accidents hold: the files of the whole closure are read to find out.
fn accidents(
    facts: &Facts,
    base: &Base,
    places: &StoreFiles,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let (graph, closure) = (facts.graph(), facts.closure());
    let here = places.without_archives();
    let found = match evidence::of_closure(&here, graph, closure, progress) {
        Ok(found) => found,
        Err(EvidenceError::Cancelled(cancelled)) => return Err(cancelled),
        // In one line, and a name would take most of it.
        Err(EvidenceError::NoFiles { .. }) => {
            let what = match places.archives() {
                None => "accidental: the files are not on this machine",
                Some(_) => {
                    "accidental: the files are in the cache only, `list --filter accidental` fetches them"
                }
            };
            return Ok(Found::Obstacle(what.to_owned()));
        }
    };
    let edges = found.edges.iter();
    let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
    let (dominators, incomplete) = (&base.dominators, &found.incomplete);
    let waste = accidental(graph, closure, dominators, edges, incomplete, progress)?;
    let paths = waste.paths.iter().map(|path| path.path);
    let paths = PathSet::of(graph.len(), paths);
    Ok(Found::Accidents(paths, Box::new(found)))
}

impl App {
    /// What the table needs next and nobody has computed yet.
    pub(crate) fn missing_extra(&self, facts: &Facts) -> Option<Extra> {
        let packages = &self.views.packages;
        let query = Query::parse(&packages.text).ok();
        let accidents = query.as_ref().is_some_and(Query::asks_for_accidents);
        if accidents && !facts.extras.has(Extra::Accidents) {
            return Some(Extra::Accidents);
        }
        let asked = query.map_or_else(Vec::new, |query| query.fields());
        let asked = asked.into_iter().map(rows::column);
        let shown = packages.fields.iter().copied().chain([packages.sort.field]);
        let mut wanted = asked.chain(shown).filter_map(Extra::of);
        wanted.find(|&extra| !facts.extras.has(extra))
    }

    /// Computes what the table needs next, unless the user called that off.
    pub(crate) fn ask_for_extra(&mut self) {
        let kind = Kind::Extra;
        if self.jobs.runs(kind) || self.has_given_up(kind) {
            return;
        }
        let ready = self.facts.as_ref().filter(|facts| facts.base.is_some());
        let wanted = ready.and_then(|facts| Some((facts.clone(), self.missing_extra(facts)?)));
        if let Some((facts, extra)) = wanted {
            self.start(Work::Extra(facts, extra));
        }
    }

    /// What was called off may be asked for again.
    pub(crate) fn forgive_extra(&mut self) {
        self.given_up.retain(|(kind, _)| *kind != Kind::Extra);
    }

    pub(crate) fn take_extra(&mut self, mut found: Found) {
        let Some(facts) = &mut self.facts else { return };
        if let Found::Accidents(_, evidence) = &mut found {
            self.notes.append(&mut evidence.warnings);
        }
        if let Found::Obstacle(obstacle) = found {
            // Nobody asks again before the query changes.
            self.given_up.push((Kind::Extra, None));
            self.message = Some(obstacle);
            return;
        }
        if let Found::Disk(_, absent, warnings) = &mut found {
            self.notes.append(warnings);
            let all = facts.closure().len();
            if *absent > 0 {
                let absent = crate::text::count(*absent as u64);
                let all = crate::text::counted(all, "path");
                let what = "on disk: the files of";
                self.message = Some(format!("{what} {absent} of {all} are not on this machine"));
            }
        }
        facts.extras.take(found);
        self.refresh_rows();
    }
}
