//! What is known of the closure so far, and the columns it fills.

pub(crate) mod chains;
pub(crate) mod on_demand;
pub(crate) mod origin;
pub(crate) mod reasons;

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::Shares;
use crate::analysis::analysed::{Analysed, Core, Need};
use crate::analysis::evidence_class::Class;
use crate::analysis::hints::Hints;
pub(crate) use crate::analysis::metric::{Metric, Value};
use crate::analysis::origin::Origins;
use crate::analysis::path_change::PathChange;
use crate::analysis::prediction::{Basis, Certainty, Gives};
use crate::analysis::sorted;
use crate::job::Progress;
use crate::model::{Closure, PathId, PathSet, Reference, StoreGraph, Warning};
use crate::source::Loaded;
use crate::source::evidence::Evidence;
use crate::source::evidence::findings::SavedFindings;
use crate::source::open::sides::Sides;
use crate::text;

/// What was loaded.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The graph.
    pub graph: Arc<StoreGraph>,
    /// The closure everything is about.
    pub closure: Arc<Closure>,
    /// What was unexpected in it.
    pub warnings: Vec<Warning>,
    /// Where it came from.
    pub origin: String,
    /// What was found in its files and saved with it.
    pub found: Arc<SavedFindings>,
    /// What it is compared with.
    pub before: Option<Before>,
    /// What a change of the configuration would make of it.
    pub guess: Option<Guess>,
}

/// What a change of the configuration is predicted to give: another closure of the same graph.
#[derive(Debug, Clone)]
pub struct Guess {
    /// The changes in words, in their order.
    pub changes: Vec<String>,
    /// What was typed.
    pub typed: String,
    /// What it frees, leaves out and brings.
    pub gives: Gives,
    /// The closure that it would be.
    pub after: Arc<Closure>,
    /// The new paths, each with how sure it is; all else is exact.
    pub new: HashMap<PathId, Certainty>,
    /// What it is compared with.
    pub basis: Basis,
}

/// What the closure is compared with: another closure of the same graph.
#[derive(Debug, Clone)]
pub struct Before {
    /// What was typed for it, or found.
    pub name: String,
    /// The closure.
    pub closure: Arc<Closure>,
    /// What either of the two has.
    pub both: Arc<Closure>,
}

impl Before {
    /// A closure that another one of the same graph is compared with.
    pub fn of(name: String, closure: Arc<Closure>, graph: &StoreGraph, after: &Closure) -> Self {
        let roots = [closure.roots(), after.roots()].concat();
        Self {
            both: Arc::new(Closure::of(graph, &roots)),
            name,
            closure,
        }
    }
}

impl Snapshot {
    /// The closure of what a source delivered.
    pub fn of(loaded: Loaded) -> Self {
        Self {
            closure: Arc::new(Closure::of(&loaded.graph, &loaded.roots)),
            graph: loaded.graph,
            warnings: loaded.warnings,
            origin: loaded.origin,
            found: loaded.found,
            before: None,
            guess: None,
        }
    }

    /// A closure with what it is compared with.
    pub fn of_sides(sides: Sides, name: String) -> Self {
        let [_, origin] = sides.origins;
        let before = Before::of(name, sides.before, &sides.graph, &sides.after);
        Self {
            graph: sides.graph,
            closure: sides.after,
            warnings: sides.warnings,
            origin,
            found: sides.found,
            before: Some(before),
            guess: None,
        }
    }
}

/// All that is known; what is missing is still being computed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What was loaded.
    pub snapshot: Arc<Snapshot>,
    analysed: Analysed,
    /// What makes each reference of the closure, if all files have been read for it.
    pub evidence: Option<Arc<Evidence>>,
    /// What was said of single references.
    pub seen: Arc<HashMap<Reference, Class>>,
    /// Options of hints that the configuration does not have.
    missing_options: Arc<[String]>,
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub metric: Metric,
    /// Whether the largest or last comes first.
    pub descending: bool,
}

impl Sort {
    /// The usual direction of a column.
    pub fn by(metric: Metric) -> Self {
        Self {
            metric,
            descending: metric.largest_first(),
        }
    }

    /// By the column that follows another one among some, the first after the last.
    pub fn after(metric: Metric, among: &[Metric]) -> Self {
        let at = among.iter().position(|&one| one == metric);
        let next = at.map_or(0, |at| (at + 1) % among.len());
        Self::by(among.get(next).copied().unwrap_or(metric))
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            descending: !self.descending,
            ..self
        }
    }
}

impl Facts {
    /// Only what was loaded.
    pub fn of(snapshot: Snapshot) -> Self {
        let (graph, closure) = (Arc::clone(&snapshot.graph), Arc::clone(&snapshot.closure));
        let before = snapshot.before.as_ref();
        let shown = before.map_or(&closure, |before| &before.both);
        let shown = Arc::clone(shown);
        Self {
            snapshot: Arc::new(snapshot),
            analysed: Analysed::new(graph, closure).shown_with(shown),
            evidence: None,
            seen: Arc::default(),
            missing_options: Arc::default(),
        }
    }

    /// The graph.
    pub fn graph(&self) -> &StoreGraph {
        self.analysed.graph()
    }

    /// The closure.
    pub fn closure(&self) -> &Closure {
        self.analysed.closure()
    }

    /// What the closure is compared with.
    pub fn before(&self) -> Option<&Before> {
        self.snapshot.before.as_ref()
    }

    /// What a change of the configuration would make of the closure, if one was tried.
    pub fn guess(&self) -> Option<&Guess> {
        self.snapshot.guess.as_ref()
    }

    /// The two closures that are compared, before and after.
    pub fn sides(&self) -> Option<(&Closure, &Closure)> {
        let tried = self.guess().map(|guess| (self.closure(), &*guess.after));
        tried.or_else(|| Some((&*self.before()?.closure, self.closure())))
    }

    /// The closure beside the one that is looked at.
    pub fn other(&self) -> Option<&Arc<Closure>> {
        let guess = self.guess().map(|guess| &guess.after);
        guess.or_else(|| self.before().map(|before| &before.closure))
    }

    /// Whether a path is only in what the closure is compared with: it is gone, or of a try, it is not built.
    pub fn is_gone(&self, id: PathId) -> bool {
        self.other().is_some_and(|other| other.contains(id)) && !self.closure().contains(id)
    }

    /// What became of a path since what the closure is compared with, as far as that is known.
    pub fn change(&self, id: PathId) -> Option<PathChange> {
        self.analysed.known_deltas()?.change(id)
    }

    /// How sure a path is that a change of the configuration would bring.
    pub fn certainty(&self, id: PathId) -> Certainty {
        let known = self.guess().and_then(|guess| guess.new.get(&id));
        known.copied().unwrap_or(Certainty::Exact)
    }

    /// Takes which definitions bring what.
    pub fn take_origins(&mut self, origins: Arc<Origins>, missing: Vec<String>) {
        self.analysed.take_origins(origins);
        self.missing_options = missing.into();
    }

    /// What is known of NixOS that can be followed here.
    pub fn hints(&self) -> Hints {
        Hints::built_in().without(&self.missing_options)
    }

    /// The closure that has a path: where only what this one is compared with has it, that one.
    pub fn closure_with(&self, id: PathId) -> &Arc<Closure> {
        let gone = self.other().filter(|_| self.is_gone(id));
        gone.unwrap_or(&self.snapshot.closure)
    }

    /// The closure with all that is gone of what it is compared with: what there is to be looked at.
    pub fn everything(&self) -> &Closure {
        self.before().map_or(self.closure(), |before| &before.both)
    }

    /// What is known so far, for a job that needs more of it and is cancelled by `progress`.
    pub fn analysed(&self, progress: &Progress) -> Analysed {
        self.analysed.attached(progress)
    }

    /// What is known so far.
    pub fn computed(&self) -> Analysed {
        self.analysed.clone()
    }

    /// Cycles of references, and whatever else is unexpected about the closure, become warnings of the store.
    pub(crate) fn warn_of_unexpected(&mut self, analysed: &Analysed) {
        let odd = analysed.warnings().into_vec();
        if !odd.is_empty() {
            let mut snapshot = (*self.snapshot).clone();
            snapshot.warnings.extend(odd);
            self.snapshot = Arc::new(snapshot);
        }
    }

    /// Takes over what a job has computed.
    pub fn absorb(&mut self, analysed: &Analysed) {
        self.analysed.absorb(analysed);
    }

    /// Takes what each direct dependency of the roots is charged.
    pub fn take_shares(&mut self, shares: Arc<Shares>) {
        self.analysed.take_shares(shares);
    }

    /// Takes what makes each reference, and what only accidents hold.
    pub fn take_evidence(&mut self, evidence: Arc<Evidence>, accidental: PathSet) {
        self.evidence = Some(evidence);
        self.analysed.take_accidents(accidental);
    }

    /// What was loaded, with nothing computed.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            analysed: self.analysed.afresh(),
            ..self.clone()
        }
    }

    /// What most questions rest on, once it is computed.
    pub fn core(&self) -> Option<Core<'_>> {
        self.analysed.known_core()
    }

    /// Whether something is computed.
    pub fn has(&self, need: Need) -> bool {
        self.analysed.has(need)
    }

    /// What only likely accidents hold, if that is known.
    pub fn accidents(&self) -> Option<&PathSet> {
        self.analysed.known_accidents()
    }

    /// What tells a path from others of its name; empty if nothing has to.
    pub fn hash_prefix(&self, id: PathId) -> &str {
        let labels = self.analysed.known_labels();
        labels.map_or("", |labels| labels.hash_prefix(self.graph(), id))
    }

    /// What tells a path from others of its name, as it stands behind the name; empty if nothing has to.
    pub fn told_apart(&self, id: PathId) -> String {
        match self.hash_prefix(id) {
            "" => String::new(),
            letters => format!("({letters}…)"),
        }
    }

    /// What a path is called on every screen: its name, and what tells it from others of that name.
    pub fn label(&self, id: PathId) -> String {
        let name = text::sanitise(self.graph().name(id));
        match self.told_apart(id) {
            told if told.is_empty() => name.into_owned(),
            told => format!("{name} {told}"),
        }
    }

    /// A cell.
    pub fn value(&self, metric: Metric, id: PathId) -> Value {
        if self.is_gone(id) {
            metric.value_beside(&self.analysed, id)
        } else {
            metric.value(&self.analysed, id)
        }
    }

    /// Whether the column is computed.
    pub fn is_ready(&self, metric: Metric) -> bool {
        metric.is_ready(&self.analysed)
    }

    /// Sorts paths; unknown values come last in both directions, equal ones by name.
    pub fn sort(&self, ids: &mut [PathId], sort: Sort) {
        let graph = self.graph();
        if sort.metric == Metric::Name {
            return sorted::by_name(graph, ids, sort.descending);
        }
        let value = |id| self.value(sort.metric, id).signed();
        sorted::by_value(graph, ids, sort.descending, &value);
    }

    /// The largest of some paths' values by a metric first.
    pub fn largest_first(&self, ids: &mut [PathId], metric: Metric) {
        metric.sort_largest_first(&self.analysed, ids);
    }
}

#[cfg(test)]
impl Facts {
    /// A graph with all that most questions rest on.
    pub(crate) fn in_test((graph, closure): (StoreGraph, Closure)) -> Self {
        let snapshot = Snapshot {
            graph: graph.into(),
            closure: closure.into(),
            warnings: Vec::new(),
            origin: String::new(),
            found: Arc::default(),
            before: None,
            guess: None,
        };
        let mut facts = Self::of(snapshot);
        let analysed = facts.computed();
        analysed.core().expect("not cancelled");
        facts.absorb(&analysed);
        facts
    }
}
