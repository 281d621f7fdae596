//! `what-if`: the effect of removing, cutting and replacing. Predicted: a rebuild may add other paths.
//!
//! ```text
//! 1.5 GiB → 1.0 GiB predicted, −543.5 MiB: 218 of 839 paths would leave
//!
//!   #  step                       marginal        alone
//!   3  remove   gimp-2.10.34    −430.2 MiB   −430.2 MiB
//!   4  remove   perl-5.36.0      −32.1 MiB    −21.2 MiB
//!      together 11.0 MiB more than the sum of each alone
//! ```

mod document;
mod tries;

use std::io::{self, Write};

use crate::analysis::heaviest_first;
use crate::analysis::plan::DoneStep;
use crate::analysis::remedies::Remedy;
use crate::analysis::what_if::what_if_grouped;
use crate::analysis::{Difference, Step, StepsOutcome, StillHeld, Total, WhatIfError};
use crate::model::{PathId, PathSet};
use crate::text;

pub(super) use self::document::WishBody;
pub use self::tries::TryEffect;
use super::lines::Lines;
use super::paper::{Ink, Paper, pad};
use super::remedies;
use crate::analysis::Analysed;
use crate::analysis::metric::Metric;

/// Paths of one kind that are listed for people.
const LISTED: usize = 20;

/// Something the user wants, with all the paths that the words mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// These paths may not be entered.
    Remove(Vec<PathId>),
    /// This reference is gone.
    Cut(PathId, PathId),
    /// Every reference to these paths leads to another.
    Replace(Vec<PathId>, PathId),
}

impl Wish {
    /// The wish of a single step.
    pub fn of(step: Step) -> Self {
        match step {
            Step::Remove(id) => Self::Remove(vec![id]),
            Step::Cut { from, to } => Self::Cut(from, to),
            Step::Replace { old, new } => Self::Replace(vec![old], new),
        }
    }

    /// The wish as steps.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Self::Remove(ids) => ids.iter().map(|&id| Step::Remove(id)).collect(),
            &Self::Cut(from, to) => vec![Step::Cut { from, to }],
            &Self::Replace(ref old, new) => {
                let steps = old.iter().map(|&old| Step::Replace { old, new });
                steps.collect()
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Remove(_) => "remove",
            Self::Cut(..) => "cut",
            Self::Replace(..) => "replace",
        }
    }
}

/// What the wishes give together, ready to be printed.
#[derive(Debug)]
pub struct Prediction<'a> {
    subject: &'a Analysed,
    wishes: Vec<Wish>,
    outcome: StepsOutcome,
    /// Of a plan the steps that were carried out before; `None` without a plan.
    done: Option<Vec<DoneStep>>,
    /// Lines of Nix, where they were asked for.
    remedies: Option<Vec<Remedy>>,
    /// The changes of the configuration that come first.
    tries: Vec<TryEffect>,
}

impl<'a> Prediction<'a> {
    /// Carries out the wishes in their order. Those that mean no path are left out.
    pub fn of(subject: &'a Analysed, mut wishes: Vec<Wish>) -> Result<Self, WhatIfError> {
        wishes.retain(|wish| !wish.steps().is_empty());
        let steps: Vec<Vec<Step>> = wishes.iter().map(Wish::steps).collect();
        let groups: Vec<&[Step]> = steps.iter().map(Vec::as_slice).collect();
        let (graph, closure) = (subject.graph(), subject.closure());
        let mut outcome = what_if_grouped(graph, closure, &groups, subject.progress())?;
        heaviest_first(subject, &mut outcome.held)?;
        Ok(Self {
            subject,
            wishes,
            outcome,
            done: None,
            remedies: None,
            tries: Vec::new(),
        })
    }

    /// Takes the steps of a plan that were carried out before.
    #[must_use]
    pub fn with_done(self, done: Option<Vec<DoneStep>>) -> Self {
        Self { done, ..self }
    }

    /// Takes the lines that do it and guard it.
    #[must_use]
    pub fn with_remedies(self, remedies: Option<Vec<Remedy>>) -> Self {
        Self { remedies, ..self }
    }

    /// Writes the prediction for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        self.summary(paper, out)?;
        self.done_text(paper, out)?;
        self.tries_text(paper, out)?;
        if !self.wishes.is_empty() || self.tries.is_empty() {
            self.steps(paper, out)?;
        }
        self.paths(paper, out, "leaves", &self.outcome.leaving)?;
        self.paths(paper, out, "arrives", &self.outcome.arriving)?;
        self.held(paper, out)?;
        remedies::text(self.remedies.as_deref().unwrap_or_default(), paper, out)
    }

    fn summary(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let StepsOutcome {
            before,
            after,
            freed,
            ..
        } = &self.outcome;
        let total = |total: &Total, other: &Total| {
            paper.total_beside(total.nar_size, total.unknown, other.nar_size)
        };
        let (change, ink) = change(paper, freed);
        let arriving = match self.outcome.arriving.len() {
            0 => String::new(),
            paths => format!(", {} would arrive", text::count(paths as u64)),
        };
        writeln!(
            out,
            "{} → {} predicted, {}: {} of {} would leave{arriving}",
            total(before, after),
            paper.paint(Ink::Strong, &total(after, before)),
            paper.paint(ink, &change),
            text::count(self.outcome.leaving.len() as u64),
            text::counted(before.paths, "path"),
        )
    }

    fn done_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        for done in self.done.iter().flatten() {
            let names: Vec<_> = done.what.iter().map(|name| text::sanitise(name)).collect();
            let promised = done.promised.map(|bytes| {
                format!(
                    " ({} were promised)",
                    paper.size_in_words(bytes.unsigned_abs())
                )
            });
            writeln!(
                out,
                "  {} step {}: {} gone{}",
                paper.paint(Ink::Good, "✓"),
                done.step,
                names.join(" → "),
                promised.unwrap_or_default()
            )?;
        }
        Ok(())
    }

    fn steps(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let words: Vec<String> = self.wishes.iter().map(|wish| self.words(wish)).collect();
        let widest = words.iter().map(|words| text::width(words)).max();
        let numbers = super::paper::digits(words.len() as u64);
        let size = paper.size_column(self.outcome.before.nar_size) + 1;
        let fixed = numbers + 2 * size + 17;
        let room = paper
            .width
            .map_or(usize::MAX, |width| width.saturating_sub(fixed));
        let width = widest.unwrap_or(0).min(room.max(12)).max("step".len());
        let heading = format!(
            "  {:>numbers$}  {:<7}  {:<width$}  {:>size$}  {:>size$}",
            "#", "step", "", "marginal", "alone"
        );
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        for (at, (wish, effect)) in self.wishes.iter().zip(&self.outcome.steps).enumerate() {
            let words = text::fit(&words[at], width);
            write!(
                out,
                "  {:>numbers$}  {:<7}  {words}{}",
                at + 1,
                wish.kind(),
                pad(&words, width)
            )?;
            for difference in [&effect.marginal, &effect.alone] {
                let (change, ink) = change(paper, difference);
                write!(out, "  {}{}", pad(&change, size), paper.paint(ink, &change))?;
            }
            writeln!(out)?;
        }
        self.synergy(paper, out, numbers)
    }

    fn synergy(&self, paper: Paper, out: &mut dyn Write, indent: usize) -> io::Result<()> {
        let synergy = self.outcome.synergy;
        if synergy == 0 || self.wishes.len() < 2 {
            return Ok(());
        }
        let bytes = paper.size_in_words(synergy.unsigned_abs());
        let which = if synergy > 0 { "more" } else { "less" };
        let line = format!("together {bytes} {which} than the sum of each alone");
        let indent = " ".repeat(indent + 4);
        writeln!(out, "{indent}{}", paper.paint(Ink::Faint, &line))
    }

    fn words(&self, wish: &Wish) -> String {
        let label = |id: PathId| self.subject.label(id);
        let several = |ids: &[PathId]| match ids {
            [only] => label(*only),
            [first, rest @ ..] => format!("{} and {} more", label(*first), rest.len()),
            [] => String::new(),
        };
        match wish {
            Wish::Remove(ids) => several(ids),
            Wish::Cut(from, to) => format!("{} → {}", label(*from), label(*to)),
            Wish::Replace(old, new) => format!("{} → {}", several(old), label(*new)),
        }
    }

    fn paths(
        &self,
        paper: Paper,
        out: &mut dyn Write,
        heading: &str,
        set: &PathSet,
    ) -> io::Result<()> {
        if set.is_empty() {
            return Ok(());
        }
        let ids = by_nar_size(self.subject, set);
        let count = text::count(ids.len() as u64);
        paper.heading(out, &format!("{heading} ({count})"))?;
        let lines = Lines::nar_only(self.subject, paper);
        let shown = &ids[..LISTED.min(ids.len())];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, ids.len() - shown.len())
    }

    fn held(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let held = &self.outcome.held;
        if held.is_empty() {
            return Ok(());
        }
        let count = text::count(held.len() as u64);
        paper.heading(
            out,
            &format!("stays, although it loses a reference ({count}): still held by"),
        )?;
        let lines = Lines::nar_only(self.subject, paper);
        let shown = &held[..LISTED.min(held.len())];
        let name = |one: &StillHeld| text::width(&self.subject.label(one.path));
        let widest = shown.iter().map(name).max().unwrap_or(0);
        for one in shown {
            let gap = " ".repeat(widest - name(one));
            let note = format!("{gap}  ← {}", self.holder(one));
            lines.line(out, one.path, "", Ink::Plain, &note)?;
        }
        lines.more(out, held.len().saturating_sub(LISTED))
    }

    /// What still holds a path, by the last link of the chain.
    fn holder(&self, held: &StillHeld) -> String {
        let label = |id: &PathId| self.subject.label(*id);
        let more = match held.holders {
            0 | 1 => String::new(),
            holders => format!(" and {} more", text::count(holders as u64 - 1)),
        };
        match &held.chain[..] {
            [] | [_] => "itself, a root".to_owned(),
            [.., holder, _] => format!("{}{more}", label(holder)),
        }
    }
}

/// A difference as a change of the closure, and how it looks: what is freed has a minus sign.
fn change(paper: Paper, freed: &Difference) -> (String, Ink) {
    let sign = if freed.known { "" } else { "at least " };
    let ink = match freed.nar_size {
        0 => Ink::Plain,
        1.. => Ink::Good,
        _ => Ink::Warn,
    };
    (format!("{sign}{}", paper.signed(-freed.nar_size)), ink)
}

fn by_nar_size(subject: &Analysed, set: &PathSet) -> Vec<PathId> {
    let mut ids: Vec<PathId> = set.iter().collect();
    Metric::Nar.sort_largest_first(subject, &mut ids);
    ids
}
