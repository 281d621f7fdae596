//! What boxes and lines being typed may ask the explorer about.

use super::dialogs::Host;
use super::facts::Metric;
use super::jobs::work::JobKind;
use super::keys::command::Command;
use super::{App, able};

/// What is known of a path that was searched for by its full name and is not there, in sentences.
pub(crate) fn absent_said(app: &App) -> Vec<String> {
    let label = |id| {
        let facts = app.facts.as_ref();
        facts.map_or_else(String::new, |facts| facts.label(id))
    };
    let absent = app.views.packages.absent();
    absent.map_or_else(Vec::new, |absent| absent.sentences(&label))
}

impl Host for App {
    fn why_not(&self, command: Command) -> Option<String> {
        let obstacle = able::obstacle(self, command);
        obstacle.map(|obstacle| obstacle.say(&self.shared.keys))
    }

    fn columns(&self) -> (Vec<Metric>, Vec<Metric>) {
        let Some(facts) = &self.facts else {
            return (Vec::new(), Vec::new());
        };
        let width = self.areas().map_or(0, |areas| areas.main.width);
        let (table, units) = (&self.views.packages, self.shared.look.units);
        let columns = table.columns(facts, width, units);
        let placed = columns.places.iter().map(|place| place.metric);
        (table.shown(facts), placed.collect())
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.warnings();
        warnings.into_iter().map(ToString::to_string).collect()
    }

    fn messages(&self) -> Vec<String> {
        self.said.messages.iter().map(str::to_owned).collect()
    }

    fn trouble(&self) -> Option<&str> {
        self.views.packages.trouble()
    }

    fn absent(&self) -> Option<String> {
        let said = absent_said(self);
        (!said.is_empty()).then(|| said.join("; "))
    }

    fn is_mistaken(&self) -> bool {
        let found = self.views.packages.found.as_ref();
        // What is searched for is what the view in front shows.
        let answered = !self.jobs.runs(JobKind::View(self.view));
        found.is_some_and(|found| found.mistaken && answered)
    }
}
