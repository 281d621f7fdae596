//! Marking: what a row's target puts into the plan, whether the plan is in some file, and the plan as text.

pub(crate) mod best_cut;
pub(crate) mod effect;
pub(crate) mod marking;
pub(crate) mod pins;

use std::fmt::Write as _;

use crate::analysis::plan::{DoneStep, Marked, PlanFile, TryStep};
use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference, Warning};

use self::pins::Pin;
use super::facts::Facts;
use super::keys::command::Command;
use super::keys::table::KeyTable;
use super::obstacle::Obstacle;
use super::shared::Shared;
use super::target::{Costs, Target};
use crate::text::{self, Units, sanitise};

/// Whether the plan is in a file, and whether its loss was spoken of.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    /// The steps that are in some file.
    marked: Marked,
    /// The steps that are being written to one.
    pub(crate) writing: Option<Marked>,
    /// Whether it was asked if the plan should be lost.
    asked: bool,
    /// Whether the key is the answer, or one that is never asked about.
    sure: bool,
}

impl Saved {
    /// Before a key does what it does: it may be the second of two that quit, or one that always does.
    pub(crate) fn weigh(&mut self, always: bool) {
        self.sure = std::mem::take(&mut self.asked) || always;
    }

    /// Whether quitting loses nothing, or was asked about; if not, it is asked about now.
    pub(crate) fn lets_quit(&mut self, marked: &Marked) -> bool {
        let lets = self.sure || marked.is_empty() || self.is(marked);
        self.asked = !lets;
        lets
    }

    /// Whether these steps are in a file.
    pub(crate) fn is(&self, marked: &Marked) -> bool {
        self.marked == *marked
    }

    /// These steps are in a file.
    pub(crate) fn note(&mut self, marked: &Marked) {
        self.marked = marked.clone();
    }

    /// A file was written, perhaps the plan's.
    pub(crate) fn written(&mut self) {
        if let Some(marked) = self.writing.take() {
            self.marked = marked;
        }
    }
}

/// What marking a row puts into the plan, or takes out of it.
pub(crate) fn step_of(target: &Target) -> Option<Step> {
    target.step.or_else(|| target.path.map(Step::Remove))
}

/// What pinning a row keeps from being offered: its reference, else its path.
pub(crate) fn pin_of(target: &Target) -> Option<Pin> {
    let reference = target.reference.map(Pin::Reference);
    reference.or_else(|| target.path.map(Pin::Path))
}

/// What is said when something was pinned, or its pin taken out.
pub(crate) fn said_of_pin(facts: &Facts, pin: Pin, added: bool, keys: &KeyTable) -> String {
    let what = pinned(facts, pin);
    let key = keys.shown(Command::Pin);
    if added {
        format!("pinned {what}: never cut until {key} unpins it")
    } else {
        format!("unpinned {what}")
    }
}

/// What is pinned, in words.
fn pinned(facts: &Facts, pin: Pin) -> String {
    match pin {
        Pin::Path(id) => facts.label(id),
        Pin::Reference((from, to)) => format!("{} → {}", facts.label(from), facts.label(to)),
    }
}

/// The title and the words of the question that is asked before cuts are marked that take much along.
pub(crate) fn ask_about(costs: Costs, references: usize, units: Units) -> (String, String) {
    let references = text::counted(references, "reference");
    let along = units.size(costs.bytes.max(0).cast_unsigned());
    let paths = text::counted(usize::try_from(costs.paths).unwrap_or(0), "other path");
    let own = units.size(costs.own.max(0).cast_unsigned());
    let question = format!(
        "They take along {along} in {paths}. What is meant to leave frees {own} by itself; other answers may take less along."
    );
    (format!("Cut {references}?"), question)
}

/// The title and the words of the question that is asked before a root is marked.
pub(crate) fn ask_about_root(facts: &Facts, id: PathId, units: Units) -> (String, String) {
    let label = facts.label(id);
    let holds = match facts.core() {
        Some(core) => {
            let paths = text::counted(core.dominators.retained_count(id) as usize, "path");
            let size = units.known(core.dominators.retained_size(id));
            format!("{size} in {paths} would leave with it.")
        }
        None => "What would leave with it is still being computed.".to_owned(),
    };
    let question = format!("It is a root: you asked about it. {holds} Mark it anyway?");
    (format!("Mark {label}?"), question)
}

/// Which of some references are to be cut: those that are not cut yet and whose referrers do not leave anyway. If there is
/// none left, those that are cut, to be taken back.
pub(crate) fn cuts_needed(shared: &Shared, references: &[Reference]) -> Vec<Step> {
    let planned = shared.plan.steps();
    let (marked, others): (Vec<Step>, Vec<Step>) = Step::cuts(references)
        .into_iter()
        .partition(|step| planned.contains(step));
    let leaves = |step: &Step| match *step {
        Step::Cut { from, .. } => shared.plan.removes(from) || shared.leaves(from),
        _ => false,
    };
    let needed: Vec<Step> = others.into_iter().filter(|step| !leaves(step)).collect();
    if needed.is_empty() { marked } else { needed }
}

/// What was tried, with what it was found to give.
pub(crate) fn found(facts: &Facts) -> Option<TryStep> {
    let guess = facts.guess()?;
    let (freed, leaves) = (guess.gives.freed, &guess.gives.leaves);
    Some(TryStep::found(guess.typed.clone(), freed, leaves))
}

/// The change that is put into the plan or taken out of it: that of the row of the plan, else the one that was tried.
pub(crate) fn kept(row: Option<Target>, facts: Option<&Facts>) -> Option<TryStep> {
    let planned = row.and_then(|target| target.planned);
    planned.or_else(|| found(facts?))
}

/// The plan as text: a line a step, and what it gives; `None` if it is empty.
pub(crate) fn text(facts: &Facts, shared: &Shared) -> Option<String> {
    let graph = facts.graph();
    let mut out = String::new();
    for one in shared.plan.tries() {
        let _ = writeln!(out, "try {}", sanitise(&one.in_one_line()));
    }
    for step in shared.plan.steps() {
        let _ = match *step {
            Step::Remove(id) => writeln!(out, "remove {}", graph.path(id)),
            Step::Cut { from, to } => {
                writeln!(out, "cut {} -> {}", graph.path(from), graph.path(to))
            }
            Step::Replace { old, new } => {
                writeln!(out, "replace {} with {}", graph.path(old), graph.path(new))
            }
        };
    }
    if let Some(Ok(outcome)) = shared.effect.as_ref().map(|effect| &effect.outcome) {
        let units = shared.look.units;
        let _ = writeln!(
            out,
            "# {} -> {} predicted ({})",
            units.size_beside(outcome.before.nar_size, outcome.after.nar_size),
            units.size_beside(outcome.after.nar_size, outcome.before.nar_size),
            // It stands beside an arrow of ASCII, in what may be a file.
            units.signed(-outcome.freed.nar_size).replace('−', "-")
        );
        if !shared.plan.tries().is_empty() {
            out.push_str("# what is to be tried is not in these sizes\n");
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Asks whether a plan that is in no file is to be lost.
pub(crate) fn ask_to_quit(plan: &Marked, keys: &KeyTable) -> String {
    let marks = text::counted(plan.len(), "mark");
    let verb = if plan.len() == 1 { "is" } else { "are" };
    let quit = keys.shown(Command::Quit);
    let write = keys.shown(Command::SavePlan);
    let print = keys.shown(Command::QuitPrinting);
    format!("{marks} {verb} not saved: {quit} again quits, {write} saves, {print} prints")
}

/// What becomes of a plan that was read.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The steps that apply here, and what is to be tried.
    pub marked: Marked,
    /// Those that were carried out before.
    pub done: Vec<DoneStep>,
    /// Why the others do not apply.
    pub notes: Vec<Warning>,
}

/// Which steps of a plan apply here.
pub(crate) fn applied(plan: &PlanFile, facts: &Facts, keys: &KeyTable) -> Applied {
    let applied = plan.apply(facts.graph(), facts.closure());
    let of_root =
        |step: &Step| matches!(*step, Step::Replace { old, .. } if facts.closure().is_root(old));
    let (refused, steps): (Vec<Step>, Vec<Step>) = applied.steps.into_iter().partition(of_root);
    let why = Obstacle::ROOT.say(keys);
    let refused = refused.iter().filter_map(|step| match *step {
        Step::Replace { old, .. } => Some(format!("replace {}: {why}", facts.label(old))),
        _ => None,
    });
    let notes = applied.notes.iter().map(ToString::to_string);
    let warning = |note: String| Warning {
        kind: "left out of the plan".to_owned(),
        count: 1,
        examples: vec![note],
    };
    let tries = plan.try_steps();
    Applied {
        marked: Marked { tries, steps },
        done: applied.done,
        notes: notes.chain(refused).map(warning).collect(),
    }
}

/// What is said of the steps of a plan that do not become steps here; `None` if there are none.
pub(crate) fn said_of_others(done: usize, left_out: usize, keys: &KeyTable) -> Option<String> {
    let done = (done > 0).then(|| format!("{} done already", text::count(done as u64)));
    let left_out = (left_out > 0).then(|| {
        let count = text::count(left_out as u64);
        format!("{count} left out: see {}", keys.named(Command::Warnings))
    });
    let said: Vec<String> = done.into_iter().chain(left_out).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The changes of a plan that are to be tried, in another reading of the store: what they were found to give was found for the
/// one before, unless that or this only shows what a change would give.
fn tries(shared: &Shared, old: &Facts, new: &Facts) -> Vec<TryStep> {
    let tries = shared.plan.tries().iter().cloned();
    if old.guess().is_some() || new.guess().is_some() {
        return tries.collect();
    }
    tries.map(TryStep::of_before).collect()
}

/// A plan in another reading of the store.
#[derive(Debug, Default)]
pub(crate) struct Renewed {
    /// The same steps about the same paths, and the changes to be tried.
    pub marked: Marked,
    /// Those that have been carried out meanwhile.
    pub done: Vec<DoneStep>,
    /// How many do not apply any more though they were not carried out.
    pub lost: usize,
}

impl Renewed {
    /// What becomes of the plan, and what the steps that are done were said to free.
    pub(crate) fn of(
        shared: &Shared,
        (old, new): (&Facts, &Facts),
        renewed: impl Fn(PathId) -> Option<PathId>,
    ) -> Self {
        let steps = shared.plan.steps();
        let effect = shared.effect.as_ref();
        let effect = effect.filter(|effect| effect.steps == steps);
        let outcome = effect.and_then(|effect| effect.outcome.as_ref().ok());
        let promised = |at: usize| outcome?.steps.get(at)?.marginal.exact();
        let mut plan = Self::default();
        plan.marked.tries = tries(shared, old, new);
        for (at, &step) in steps.iter().enumerate() {
            let moved = step.renewed(&renewed);
            let is_there = |step: &Step| match *step {
                Step::Cut { from, to } => new.graph().references(from).contains(&to),
                _ => true,
            };
            let gone: Vec<PathId> = match step {
                Step::Remove(id) | Step::Replace { old: id, .. } => vec![id],
                Step::Cut { from, to } => vec![from, to],
            };
            let is_gone = gone.iter().any(|&id| renewed(id).is_none());
            match moved {
                Some(step) if is_there(&step) => plan.marked.steps.push(step),
                None if !is_gone => plan.lost += 1,
                _ => plan.done.push(DoneStep {
                    step: at + 1,
                    what: gone
                        .iter()
                        .map(|&id| old.graph().name(id).to_owned())
                        .collect(),
                    promised: promised(at),
                }),
            }
        }
        plan
    }

    /// What is said of it.
    pub(crate) fn said(&self) -> String {
        let mut said = "reloaded".to_owned();
        if !self.done.is_empty() {
            let done = text::counted(self.done.len(), "step");
            let verb = if self.done.len() == 1 { "is" } else { "are" };
            let _ = write!(said, "; {done} of the plan {verb} done");
        }
        if self.lost > 0 {
            let lost = text::counted(self.lost, "step");
            let _ = write!(said, "; {lost} of the plan no longer apply");
        }
        said
    }
}
