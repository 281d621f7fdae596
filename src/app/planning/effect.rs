//! What the plan gives.

use crate::analysis::heaviest_first;
use crate::analysis::what_if::{self, Step, WhatIfError};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::text::sanitise;

use crate::app::facts::{Facts, Metric};

/// The plan's effect, or why it has none, and for which steps that was computed.
#[derive(Debug)]
pub struct PlanEffect {
    /// The steps.
    pub steps: Vec<Step>,
    /// What they do; the text says why they cannot be done.
    pub outcome: Result<Box<what_if::StepsOutcome>, String>,
    /// What leaves, the largest first.
    pub leaving: Vec<PathId>,
}

impl PlanEffect {
    /// What steps give.
    pub fn of(facts: &Facts, steps: Vec<Step>, progress: &Progress) -> Result<Self, Cancelled> {
        let outcome = match what_if::what_if(facts.graph(), facts.closure(), &steps, progress) {
            Ok(mut outcome) => {
                heaviest_first(&facts.analysed(progress), &mut outcome.held)?;
                outcome
            }
            Err(WhatIfError::Cancelled(cancelled)) => return Err(cancelled),
            Err(error) => {
                let outcome = Err(refusal(facts, &error));
                return Ok(Self {
                    steps,
                    outcome,
                    leaving: Vec::new(),
                });
            }
        };
        let mut leaving: Vec<PathId> = outcome.leaving.iter().collect();
        facts.largest_first(&mut leaving, Metric::Nar);
        Ok(Self {
            steps,
            outcome: Ok(Box::new(outcome)),
            leaving,
        })
    }
}

/// Why a plan cannot be, in one line; hash parts would take most of it.
fn refusal(facts: &Facts, error: &WhatIfError) -> String {
    let WhatIfError::Cycle { cycle, .. } = error else {
        return error.to_string();
    };
    let around = cycle.iter().chain(cycle.first());
    let names: Vec<_> = around.map(|&id| sanitise(facts.graph().name(id))).collect();
    format!("a replacement closes a cycle: {}", names.join(" → "))
}
