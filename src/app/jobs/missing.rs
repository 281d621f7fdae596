//! What is missing: why the selected path is here, what the view at the front shows, what the plan gives, what columns need.

use super::work::Work;
use crate::app::details::counts_chains;
use crate::app::frame::layout::Side;
use crate::app::{App, Focus};
use crate::model::PathId;

/// The jobs that would find what is missing, one of each kind.
pub(crate) fn missing(app: &App) -> Vec<Work> {
    let mut wanted = Vec::new();
    let Some(facts) = app.facts.clone().filter(|facts| facts.core().is_some()) else {
        return wanted;
    };
    let unexplained = |focus| {
        let (pane, cx) = app.pane(focus)?;
        let id = pane.awaits_chains(cx)?;
        (!app.shared.unexplained.contains(&id)).then_some(id)
    };
    let sees_details = app.side.on(app.shared.size.0) != Side::Hidden;
    let of_details = || unexplained(Focus::Side).filter(|_| sees_details);
    if let Some(id) = unexplained(Focus::Main).or_else(of_details) {
        wanted.push(Work::Chains(facts.clone(), id));
    }
    let known = app.shared.contents.as_ref().map(|(id, _)| *id);
    if let Some(id) = app
        .details
        .id
        .filter(|id| sees_details && known != Some(*id))
    {
        wanted.push(Work::Contents(facts.clone(), id));
    }
    let cut_of = app
        .details
        .id
        .filter(|&id| sees_details && counts_chains(&facts) && !facts.is_gone(id));
    let explained = |id: &PathId| app.shared.chains_to(Some(*id)).is_some();
    if let Some(id) = cut_of.filter(explained)
        && app.shared.best_of(id).is_none()
    {
        wanted.push(Work::BestCut(facts.clone(), id, app.shared.pins.clone()));
    }
    if let Some(absent) = app.views.packages.unsought() {
        wanted.push(Work::Elsewhere(Box::new(absent.clone())));
    }
    if let Some((all, known)) = app.shared.evaluation.wanted() {
        wanted.push(Work::Origins(facts.clone(), all, known));
    }
    let needs = |(_, cx)| app.views.needs(app.view(), cx);
    if let Some(missing) = app.pane(Focus::Main).and_then(needs) {
        wanted.push(Work::Fill(facts.clone(), missing));
    }
    let steps = app.shared.plan.steps();
    let effect = app.shared.effect.as_ref();
    if effect.map_or(!steps.is_empty(), |effect| effect.steps != steps) {
        wanted.push(Work::Effect(facts.clone(), steps.to_vec()));
    }
    if let Some(need) = app.views.packages.missing(&facts) {
        wanted.push(Work::Extra(facts, need));
    }
    wanted
}
