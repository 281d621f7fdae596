//! The JSON document of `what-if`, and what a wish is in documents.

use std::io::{self, Write};

use serde::Serialize;

use super::tries::TryBody;
use super::{Prediction, Wish};
use crate::analysis::plan::DoneStep;
use crate::analysis::{Step, StillHeld, Total};
use crate::model::{PathId, StoreGraph};
use crate::report::json::{self, Freed, Path, Paths, Totals};
use crate::report::remedies::RemedyBody;

impl Prediction<'_> {
    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let leaving: Vec<PathId> = self.outcome.leaving.iter().collect();
        let arriving: Vec<PathId> = self.outcome.arriving.iter().collect();
        let steps = self.wishes.iter().zip(&self.outcome.steps);
        let body = Body {
            before: totals(&self.outcome.before),
            after: totals(&self.outcome.after),
            freed: Freed::of(&self.outcome.freed),
            synergy: self.synergy_exact(),
            steps: steps
                .map(|(wish, effect)| StepBody {
                    wish: self.wish_body(wish),
                    marginal: Freed::of(&effect.marginal),
                    alone: Freed::of(&effect.alone),
                })
                .collect(),
            leaving: Paths(graph, &leaving),
            arriving: Paths(graph, &arriving),
            held: self
                .outcome
                .held
                .iter()
                .map(|held| self.held_body(held))
                .collect(),
            remedies: self
                .remedies
                .as_ref()
                .map(|all| all.iter().map(RemedyBody::of).collect()),
            done: self
                .done
                .as_ref()
                .map(|done| done.iter().map(done_body).collect()),
            tries: self.tries.iter().map(TryBody::of).collect(),
        };
        json::write(out, self.subject, "what-if", body)
    }

    /// The synergy, if every size it is made of is known.
    fn synergy_exact(&self) -> Option<i64> {
        let steps = &self.outcome.steps;
        let known = self.outcome.freed.known && steps.iter().all(|effect| effect.alone.known);
        known.then_some(self.outcome.synergy)
    }

    fn wish_body<'b>(&'b self, wish: &'b Wish) -> WishBody<'b> {
        let graph = self.subject.graph();
        match wish {
            Wish::Remove(ids) => WishBody::Remove {
                paths: Paths(graph, ids),
            },
            &Wish::Cut(from, to) => WishBody::Cut {
                from: Path(graph, from),
                to: Path(graph, to),
            },
            &Wish::Replace(ref old, new) => WishBody::Replace {
                paths: Paths(graph, old),
                with: Path(graph, new),
            },
        }
    }

    fn held_body<'b>(&'b self, held: &'b StillHeld) -> HeldBody<'b> {
        let graph = self.subject.graph();
        HeldBody {
            path: Path(graph, held.path),
            holders: held.holders,
            chain: Paths(graph, &held.chain),
        }
    }
}

fn totals(total: &Total) -> Totals {
    Totals::new(total.paths, total.nar_size, total.unknown)
}

#[derive(Serialize)]
struct Body<'a> {
    before: Totals,
    after: Totals,
    freed: Freed,
    synergy: Option<i64>,
    steps: Vec<StepBody<'a>>,
    leaving: Paths<'a>,
    arriving: Paths<'a>,
    held: Vec<HeldBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedies: Option<Vec<RemedyBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<Vec<DoneBody<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tries: Vec<TryBody<'a>>,
}

fn done_body(done: &DoneStep) -> DoneBody<'_> {
    DoneBody {
        step: done.step,
        gone: &done.what,
        promised: done.promised,
    }
}

#[derive(Serialize)]
struct DoneBody<'a> {
    step: usize,
    gone: &'a [String],
    promised: Option<i64>,
}

#[derive(Serialize)]
struct StepBody<'a> {
    #[serde(flatten)]
    wish: WishBody<'a>,
    marginal: Freed,
    alone: Freed,
}

/// A wish, or a step, in a document.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum WishBody<'a> {
    Remove { paths: Paths<'a> },
    Cut { from: Path<'a>, to: Path<'a> },
    Replace { paths: Paths<'a>, with: Path<'a> },
}

impl<'a> WishBody<'a> {
    /// A single step.
    pub(crate) fn of(graph: &'a StoreGraph, step: &'a Step) -> Self {
        match step {
            Step::Remove(id) => Self::Remove {
                paths: Paths(graph, std::slice::from_ref(id)),
            },
            &Step::Cut { from, to } => Self::Cut {
                from: Path(graph, from),
                to: Path(graph, to),
            },
            Step::Replace { old, new } => Self::Replace {
                paths: Paths(graph, std::slice::from_ref(old)),
                with: Path(graph, *new),
            },
        }
    }
}

#[derive(Serialize)]
struct HeldBody<'a> {
    path: Path<'a>,
    holders: usize,
    chain: Paths<'a>,
}
