//! The changes of the configuration that a plan tries before its other steps.

use std::io::{self, Write};

use serde::Serialize;

use super::{Prediction, change};
use crate::analysis::{Difference, Total};
use crate::model::Closure;
use crate::report::json::Freed;
use crate::report::paper::{Ink, Paper};
use crate::text;

/// A change of the configuration, and what it gives after those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryEffect {
    /// Its position in the plan, from 1.
    pub step: usize,
    /// The change.
    pub change: String,
    /// What it frees; `None` if no configuration was evaluated.
    pub freed: Option<Difference>,
    /// Whether it changes nothing, because the configuration has it; `None` if none was evaluated.
    pub done: Option<bool>,
    /// The base names of what leaves with nothing in its place.
    pub leaves: Vec<String>,
}

impl Prediction<'_> {
    /// Takes the changes of the configuration that were tried first, and the closure before them: the subject is what they
    /// leave. `None` if none of them was evaluated.
    #[must_use]
    pub fn with_tries(mut self, tries: Vec<TryEffect>, before: Option<&Closure>) -> Self {
        self.tries = tries;
        if let Some(before) = before {
            let graph = self.subject.graph();
            let outcome = &mut self.outcome;
            let mut last = self.subject.closure().members().minus(&outcome.leaving);
            last.union_with(&outcome.arriving);
            outcome.before = Total::of_closure(before);
            outcome.freed = Difference::between(graph, before.members(), &last);
            outcome.leaving = before.members().minus(&last);
            outcome.arriving = last.minus(before.members());
        }
        self
    }

    pub(super) fn tries_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if self.tries.is_empty() {
            return Ok(());
        }
        paper.heading(out, "tried first: changes of the configuration")?;
        for one in &self.tries {
            let (bytes, ink) = match &one.freed {
                Some(freed) => change(paper, freed),
                None => ("not evaluated".to_owned(), Ink::Faint),
            };
            let note = if one.done == Some(true) {
                "  changes nothing: the configuration has it"
            } else {
                ""
            };
            let what = text::sanitise(one.change.trim()).into_owned();
            let used = 10 + text::width(&bytes) + text::width(note);
            let what = paper.fit(&what, used);
            writeln!(
                out,
                "    {}  {what}  {}{}",
                one.step,
                paper.paint(ink, &bytes),
                paper.paint(Ink::Faint, note)
            )?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
pub(super) struct TryBody<'a> {
    step: usize,
    change: &'a str,
    marginal: Option<Freed>,
    done: Option<bool>,
}

impl<'a> TryBody<'a> {
    pub(super) fn of(one: &'a TryEffect) -> Self {
        Self {
            step: one.step,
            change: &one.change,
            marginal: one.freed.as_ref().map(Freed::of),
            done: one.done,
        }
    }
}
