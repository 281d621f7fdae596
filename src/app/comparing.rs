//! The closure beside another: the generation before, one that the user names, or what a change of the configuration would
//! give.

use crate::analysis::origin::{Definition, quoted};
use crate::analysis::plan::{Plan, TryStep, in_one_line};
use crate::analysis::prediction::Basis;
use crate::source::watch::Stamp;
use crate::text;

use super::dialogs::lines::Lines;
use super::evaluation::{Attempting, Learned};
use super::facts::Facts;
use super::jobs::work::{Compare, Kind, Tried, Work};
use super::keys::command::Command;
use super::problem::Problem;
use super::prompt::Prompt;
use super::prompt::question::{FileQuestion, Question};
use super::{App, Focus};
use crate::model::Warning;

/// Lists that packages are named in, out of which one of them is taken.
const LISTS: [&str; 4] = [
    "environment.systemPackages",
    "environment.defaultPackages",
    "home.packages",
    "fonts.packages",
];

/// Other closures.
impl App {
    /// Compares with the generation before; what is compared already is compared with what the user names.
    pub(super) fn compare(&mut self) {
        let before = self.facts.as_ref().and_then(Facts::before);
        if let Some(before) = before {
            let question = FileQuestion::answered(Question::Compare, &before.name);
            self.overlay.prompt = Some(Prompt::File(question));
        } else {
            self.start(Work::Load(Some(Compare::Previous)));
        }
    }

    /// There is no generation before: the user names something to compare with.
    pub(super) fn ask_what_to_compare(&mut self) {
        self.said
            .say("no generation before this one is known".to_owned());
        if !self.overlay.is_busy() {
            let question = FileQuestion::new(Question::Compare);
            self.overlay.prompt = Some(Prompt::File(question));
        }
    }

    /// Shows the difference to what the closure was not compared with until now.
    pub(super) fn show_difference(&mut self, old: &Facts, new: &Facts) {
        let name = |facts: &Facts| facts.before().map(|before| before.name.clone());
        if let Some(now) = name(new).filter(|now| name(old).as_ref() != Some(now)) {
            self.act(Command::DIFF);
            self.said.say(format!("compared with {now}"));
        }
    }

    /// Reads everything again: the store, what it is compared with, and the configuration.
    pub(super) fn reload(&mut self) {
        self.loading.failure = None;
        self.shared.evaluation.anew();
        self.jobs.retry(Kind::Load);
        self.jobs.retry(Kind::Origins);
        let compared = self.facts.as_ref().and_then(Facts::before);
        let compared = compared.map(|before| Compare::With(before.name.clone()));
        self.start(Work::Load(compared));
    }
}

/// The configuration.
impl App {
    /// Asks for the change that is to be tried; what the row of the cursor speaks of is proposed.
    pub(super) fn ask_what_to_try(&mut self) {
        let proposed = self.proposed_change();
        let question = FileQuestion::answered(Question::Try, &proposed);
        self.overlay.prompt = Some(Prompt::File(question));
    }

    /// The change that a row speaks of: what an advice says, or what would leave the selected path out; else the last one.
    fn proposed_change(&self) -> String {
        let target = self.target(self.focus).unwrap_or_default();
        if let Some(change) = target.change {
            return in_one_line(&change);
        }
        let chains = self.shared.chains_to(self.shared.selected);
        let name = || {
            let graph = self.facts.as_ref()?.graph();
            Some(graph.package(self.shared.selected?).pname.to_owned())
        };
        let own = chains.and_then(|chains| {
            let mut origins = chains.origins.iter();
            origins.find_map(|(definition, via)| without(definition, &name()?, via.is_none()))
        });
        own.or_else(|| self.shared.evaluation.last.clone())
            .unwrap_or_default()
    }

    /// Tries a change.
    pub(super) fn try_out(&mut self, change: String) {
        let Some(facts) = &self.facts else { return };
        let graph = facts.graph();
        let roots = facts.closure().roots().iter();
        let roots = roots.map(|&root| graph.path(root).to_string()).collect();
        self.shared.evaluation.last = Some(change.clone());
        self.start(Work::Try(Attempting { change, roots }));
    }

    /// Shows what a change would give, or why it cannot be.
    pub(super) fn tried(&mut self, tried: Tried) {
        match tried {
            Ok((facts, rows)) => {
                let guess = facts.guess().cloned();
                self.loaded(*facts, Stamp::default(), rows);
                self.act(Command::DIFF);
                let Some(guess) = guess else { return };
                let found = TryStep::found(guess.typed, guess.gives.freed, &guess.gives.leaves);
                self.shared.plan.learn(&found);
                let shown = |command| self.shared.keys.shown(command);
                let (reload, keep) = (shown(Command::Reload), shown(Command::KeepTry));
                let is_kept = self.shared.plan.tries().contains(&found);
                let keeps = if is_kept {
                    String::new()
                } else {
                    format!(", {keep} puts it into the plan")
                };
                let basis = match guess.basis {
                    Basis::Evaluated => "never built here: both sides are predicted",
                    _ => "nothing was built",
                };
                let change = guess.changes.join(" and ");
                let change = text::sanitise(&change);
                self.said.say(format!(
                    "{basis}, {reload} goes back to what is there{keeps} · {change}"
                ));
            }
            Err(Problem { message, hint }) => {
                let mut lines = message;
                if let Some(hint) = hint {
                    lines = format!("{lines}\n\n{hint}");
                }
                self.open_box(Lines::text("It cannot be evaluated", lines));
            }
        }
    }

    /// The change that is put into the plan or taken out of it: that of the row of the plan, else the one that was tried.
    pub(super) fn kept(&self) -> Option<TryStep> {
        let target = self.target(Focus::Main);
        let planned = target.and_then(|target| target.planned);
        planned.or_else(|| {
            let guess = self.facts.as_ref()?.guess()?;
            let (freed, leaves) = (guess.gives.freed, &guess.gives.leaves);
            Some(TryStep::found(guess.typed.clone(), freed, leaves))
        })
    }

    /// Puts a change that was tried into the plan, or takes it out.
    pub(super) fn keep_try(&mut self) {
        let Some(one) = self.kept() else { return };
        let change = text::sanitise(&one.in_one_line()).into_owned();
        let mut is_kept = false;
        self.change_plan(|plan| {
            is_kept = plan.toggle_try(one);
            true
        });
        self.said.say(if is_kept {
            let save = self.shared.keys.shown(Command::SavePlan);
            format!("a step of the plan now, {save} saves it: {change}")
        } else {
            format!("no step of the plan any more: {change}")
        });
    }

    /// Takes everything out of the plan, and what is done out of its view.
    pub(super) fn clear_marks(&mut self) {
        self.shared.done.clear();
        self.change_plan(Plan::clear);
    }

    /// Asks the configuration about all options, not only those that paths usually come by; what was cancelled is asked again.
    pub(super) fn ask_all_options(&mut self) {
        self.jobs.retry(Kind::Origins);
        let evaluation = &mut self.shared.evaluation;
        evaluation.all = true;
        evaluation.is_told &= evaluation.found.as_ref().is_some_and(|&(_, all)| all);
        if evaluation.is_told {
            self.said.say("all options have been asked".to_owned());
        }
    }

    /// Takes where paths come from.
    pub(super) fn learned(&mut self, learned: Result<Learned, Problem>) {
        let learned = match learned {
            Ok(learned) => learned,
            Err(Problem { message, hint }) => {
                // What cannot be evaluated is not asked again by itself.
                self.jobs.note_cancelled(Kind::Origins);
                let config = self.shared.evaluation.config.clone().unwrap_or_default();
                let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                self.said.notes.push(Warning {
                    kind: format!("{config} cannot be evaluated: {message}{hint}"),
                    count: 1,
                    examples: Vec::new(),
                });
                let warnings = self.shared.keys.named(Command::Warnings);
                return self.said.say(format!(
                    "{config} cannot be evaluated, options are read off names: see {warnings}"
                ));
            }
        };
        let Some(facts) = &mut self.facts else { return };
        let left_out = learned.origins.not_evaluated().to_vec();
        let named = learned.origins.named().len();
        facts.take_origins(learned.origins, learned.missing);
        let evaluation = &mut self.shared.evaluation;
        let is_new = evaluation.found.is_none();
        evaluation.found = Some((learned.found, learned.all));
        evaluation.is_told = learned.all || !evaluation.all;
        self.shared.chains = None;
        self.views.learned();
        if !is_new {
            return;
        }
        self.note_left_out(&left_out);
        let config = self.shared.evaluation.config.clone().unwrap_or_default();
        let by_name = if learned.is_by_name {
            "; it is not what this closure was built from: paths that differ are matched by name"
        } else {
            ""
        };
        let count = text::counted(named, "path");
        self.said.say(format!("{config} names {count}{by_name}"));
    }

    /// Options that could not be evaluated are warnings.
    fn note_left_out(&mut self, left_out: &[(String, String)]) {
        if left_out.is_empty() {
            return;
        }
        let examples = left_out.iter().take(5);
        self.said.notes.push(Warning {
            kind: "options that could not be evaluated".to_owned(),
            count: left_out.len(),
            examples: examples
                .map(|(option, said)| format!("{option}: {said}"))
                .collect(),
        });
    }
}

/// A module that leaves a package out that a definition names, if one can be told: what is in a list is taken out of it, what
/// is switched on is switched off.
fn without(definition: &Definition, pname: &str, names_it: bool) -> Option<String> {
    if definition.is_read_off {
        return None;
    }
    if names_it && LISTS.contains(&definition.option.as_str()) {
        let option = &definition.option;
        let name = quoted(pname).trim_matches('"').to_owned();
        return Some(format!(
            "options.{option} = lib.mkOption {{ apply = builtins.filter (p: lib.getName p != \"{name}\"); }};"
        ));
    }
    let switch = definition.switches.first()?;
    Some(format!("{} = lib.mkForce false;", switch.option))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::origin::{Place, Switch};

    #[test]
    fn what_is_proposed_takes_out_of_lists_and_switches_off() {
        let place = Place {
            file: "host.nix".to_owned(),
            line: Some(3),
            is_likely: false,
            own: true,
        };
        let list = Definition {
            option: "environment.systemPackages".to_owned(),
            ..Definition::default()
        };
        assert_eq!(
            without(&list, "git", true).as_deref(),
            Some(
                "options.environment.systemPackages = lib.mkOption { apply = builtins.filter (p: lib.getName p != \"git\"); };"
            )
        );
        assert_eq!(without(&list, "git", false), None);
        let unit = Definition {
            option: "systemd.services.web.path".to_owned(),
            switches: vec![Switch {
                option: "services.web.enable".to_owned(),
                place,
                by_default: false,
                value: "true".to_owned(),
            }],
            ..Definition::default()
        };
        assert_eq!(
            without(&unit, "git", false).as_deref(),
            Some("services.web.enable = lib.mkForce false;")
        );
        let read_off = Definition {
            is_read_off: true,
            ..list
        };
        assert_eq!(without(&read_off, "git", true), None);
        assert_eq!(
            in_one_line("# why\na.b = 1;\n\n  c = 2;"),
            "a.b = 1; c = 2;"
        );
    }
}
