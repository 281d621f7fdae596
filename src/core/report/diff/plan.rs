//! A plan compared with the outcome.

use std::io::{self, Write};

use serde::Serialize;

use super::{Comparison, lines};
use crate::analysis::diff::plan::{Held, TryVerdict, Verdict};
use crate::analysis::step::Step;
use crate::model::PathId;
use crate::report::json::{DeltaBody, Freed, Path, Paths, Totals};
use crate::report::paper::{Ink, Paper, pad};
use crate::text as words;

impl Comparison<'_> {
    /// What became of the steps of a plan.
    pub(super) fn plan_text(
        &self,
        held: &Held,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let done = held.verdicts.iter().filter(|one| one.done).count() + held.earlier.len();
        let tried = held.tries.iter().filter(|one| one.done == Some(true));
        let done = done + tried.count();
        let all = held.verdicts.len() + held.earlier.len() + held.notes.len() + held.tries.len();
        let (done, all) = (words::count(done as u64), words::counted(all, "step"));
        paper.heading(out, &format!("the plan: {done} of {all} done"))?;
        for one in &held.tries {
            Self::try_text(one, paper, out)?;
        }
        for verdict in &held.verdicts {
            let (sign, ink) = mark(verdict.done);
            let gone = paper.total(verdict.gone.nar_size, verdict.gone.unknown);
            let predicted = paper.signed(-verdict.predicted.nar_size);
            let tail = format!("{predicted} predicted, {gone} gone for good");
            let step = format!("{}  {}", verdict.number, self.step(verdict.step));
            step_line(paper, out, (sign, ink), &step, &tail)?;
        }
        for one in &held.earlier {
            let (sign, ink) = mark(true);
            let names: Vec<_> = one.what.iter().map(|name| words::sanitise(name)).collect();
            let note = paper.paint(Ink::Faint, "gone before").to_string();
            let sign = paper.paint(ink, sign);
            writeln!(
                out,
                "    {sign} {}  {}  {note}",
                one.step,
                names.join(" → ")
            )?;
        }
        let predicted = paper.total(held.predicted.nar_size, held.predicted.unknown);
        let (beyond, ink) = lines::change(paper, &held.beyond);
        let beyond = paper.paint(ink, &beyond);
        writeln!(out, "    predicted {predicted}, {beyond} against that")?;
        self.some(paper, out, "was to leave, but is still there", &held.stayed)?;
        self.some(paper, out, "left without being asked to", &held.lost)?;
        let news = held.news.iter().map(|&at| self.diff.arrivals[at].top);
        let news: Vec<PathId> = news.collect();
        self.some(paper, out, "came, which the plan could not predict", &news)
    }

    fn try_text(one: &TryVerdict, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let (sign, ink) = one.done.map_or(("?", Ink::Faint), mark);
        let tail = match (&one.predicted, one.planned.promised, one.done) {
            (Some(predicted), _, _) => {
                let gone = paper.total(one.gone.nar_size, one.gone.unknown);
                let predicted = paper.signed(-predicted.nar_size.cast_signed());
                format!("{predicted} predicted, {gone} gone for good")
            }
            (None, Some(promised), _) => format!("{} predicted", paper.signed(-promised)),
            (None, None, Some(true)) => "the configuration has it".to_owned(),
            (None, None, Some(false)) => "the configuration does not have it".to_owned(),
            (None, None, None) => "not known: --config names the configuration".to_owned(),
        };
        let change = words::sanitise(one.planned.change.trim()).into_owned();
        let step = format!("{}  try {change}", one.planned.step);
        step_line(paper, out, (sign, ink), &step, &tail)
    }

    fn some(
        &self,
        paper: Paper,
        out: &mut dyn Write,
        what: &str,
        ids: &[PathId],
    ) -> io::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let shown = ids.iter().take(self.most());
        let names: Vec<String> = shown.map(|&id| self.label(id)).collect();
        let more = match ids.len() - names.len() {
            0 => String::new(),
            more => format!(" and {} more", words::count(more as u64)),
        };
        let line = format!("{what}: {}{more}", names.join(", "));
        writeln!(out, "    {}", paper.fit(&line, 4))
    }

    fn step(&self, step: Step) -> String {
        match step {
            Step::Remove(id) => format!("remove {}", self.label(id)),
            Step::Cut { from, to } => format!("cut {} → {}", self.label(from), self.label(to)),
            Step::Replace { old, new } => {
                format!("replace {} → {}", self.label(old), self.label(new))
            }
        }
    }

    /// The plan as JSON.
    pub(super) fn plan_body(&self) -> Option<PlanBody<'_>> {
        let held = self.held?;
        let graph = self.graph();
        let news = held.news.iter().map(|&at| self.diff.arrivals[at].top);
        Some(PlanBody {
            steps: held
                .verdicts
                .iter()
                .map(|one| self.verdict_body(one))
                .collect(),
            done_before: held.earlier.iter().map(|done| done.step).collect(),
            left_out: held.notes.iter().map(|note| note.step).collect(),
            tries: held.tries.iter().map(TryBody::of).collect(),
            predicted: totals(&held.predicted),
            beyond: DeltaBody::of(&held.beyond),
            stayed: Paths(graph, &held.stayed),
            lost: Paths(graph, &held.lost),
            news: news.map(|id| Path(graph, id)).collect(),
        })
    }

    fn verdict_body(&self, verdict: &Verdict) -> VerdictBody<'_> {
        let graph = self.graph();
        let path = |id| Some(Path(graph, id));
        let (kind, paths) = match verdict.step {
            Step::Remove(id) => ("remove", [path(id), None, None, None]),
            Step::Cut { from, to } => ("cut", [None, path(from), path(to), None]),
            Step::Replace { old, new } => ("replace", [path(old), None, None, path(new)]),
        };
        let [path, from, to, with] = paths;
        VerdictBody {
            step: verdict.number,
            kind,
            path,
            from,
            to,
            with,
            done: verdict.done,
            predicted: Freed::of(&verdict.predicted),
            gone: totals(&verdict.gone),
        }
    }
}

/// A step behind its mark, cut to the paper, and what is said of it.
fn step_line(
    paper: Paper,
    out: &mut dyn Write,
    (sign, ink): (&str, Ink),
    step: &str,
    tail: &str,
) -> io::Result<()> {
    let used = 8 + words::width(tail);
    let step = paper.fit(step, used);
    let width = 48.min(paper.width.map_or(48, |width| width.saturating_sub(used)));
    writeln!(
        out,
        "    {} {step}{}  {}",
        paper.paint(ink, sign),
        pad(&step, width),
        paper.paint(Ink::Faint, tail)
    )
}

fn mark(done: bool) -> (&'static str, Ink) {
    if done {
        ("✓", Ink::Good)
    } else {
        ("✗", Ink::Bad)
    }
}

fn totals(total: &crate::analysis::what_if::Total) -> Totals {
    Totals::new(total.paths, total.nar_size, total.unknown)
}

/// What became of a plan.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanBody<'a> {
    steps: Vec<VerdictBody<'a>>,
    done_before: Vec<usize>,
    left_out: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tries: Vec<TryBody<'a>>,
    predicted: Totals,
    beyond: DeltaBody,
    stayed: Paths<'a>,
    lost: Paths<'a>,
    news: Vec<Path<'a>>,
}

/// What became of a try.
#[derive(Serialize)]
struct TryBody<'a> {
    step: usize,
    change: &'a str,
    done: Option<bool>,
    promised: Option<i64>,
    predicted: Option<Totals>,
    gone: Totals,
}

impl<'a> TryBody<'a> {
    fn of(one: &'a TryVerdict) -> Self {
        Self {
            step: one.planned.step,
            change: &one.planned.change,
            done: one.done,
            promised: one.planned.promised,
            predicted: one.predicted.as_ref().map(totals),
            gone: totals(&one.gone),
        }
    }
}

#[derive(Serialize)]
struct VerdictBody<'a> {
    step: usize,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Path<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Path<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Path<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Path<'a>>,
    done: bool,
    predicted: Freed,
    gone: Totals,
}
