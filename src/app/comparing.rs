//! The closure beside another: the generation before, one that the user names, or what a change of the configuration would
//! give. What is wanted done for that is looked up here, and carried out elsewhere.

use crate::analysis::origin::{Definition, quoted};
use crate::analysis::plan::{Plan, TryStep, in_one_line};
use crate::analysis::prediction::Basis;
use crate::text;

use super::explore::Compare;
use super::facts::Facts;
use super::jobs::work::Tried;
use super::keys::command::Command;
use super::keys::table::KeyTable;
use super::outcome::Outcome;
use super::problem::Problem;
use super::prompt::question::Question;
use super::{App, Focus, planning};

/// Lists that packages are named in, out of which one of them is taken.
const LISTS: [&str; 4] = [
    "environment.systemPackages",
    "environment.defaultPackages",
    "home.packages",
    "fonts.packages",
];

/// Compares with the generation before; what is compared already is compared with what the user names.
pub(super) fn compare(app: &App) -> Outcome {
    match app.facts.as_ref().and_then(Facts::before) {
        Some(before) => Outcome::Question(Question::Compare, before.name.clone()),
        None => Outcome::Compare(Compare::Previous),
    }
}

/// There is no generation before: the user names something to compare with, unless other things are asked.
pub(super) fn nothing_before(app: &App) -> Outcome {
    let said = Outcome::Say("no generation before this one is known".to_owned());
    if app.overlay.is_busy() {
        return said;
    }
    let question = Outcome::Question(Question::Compare, String::new());
    Outcome::All(vec![said, question])
}

/// Shows the difference to what the closure was not compared with until now.
pub(super) fn difference(old: &Facts, new: &Facts) -> Outcome {
    let name = |facts: &Facts| facts.before().map(|before| before.name.clone());
    match name(new).filter(|now| name(old).as_ref() != Some(now)) {
        Some(now) => shown(format!("compared with {now}")),
        None => Outcome::None,
    }
}

/// Shows what a change would give, or why it cannot be; `is_kept`: whether it is a step of the plan.
pub(super) fn tried(tried: &Tried, is_kept: bool, keys: &KeyTable) -> Outcome {
    match tried {
        Ok((facts, _)) => {
            let changes = facts.guess().map(|guess| guess.changes.join(" and "));
            let changes = changes.unwrap_or_default();
            let (reload, changes) = (keys.shown(Command::Reload), text::sanitise(&changes));
            let keep = keys.shown(Command::KeepTry);
            let keeps = if is_kept {
                String::new()
            } else {
                format!(", {keep} puts it into the plan")
            };
            let basis = match facts.guess().map(|guess| guess.basis) {
                Some(Basis::Evaluated) => "never built here: both sides are predicted",
                _ => "nothing was built",
            };
            shown(format!(
                "{basis}, {reload} goes back to what is there{keeps} · {changes}"
            ))
        }
        Err(Problem { message, hint }) => {
            let lines: Vec<&str> = [message]
                .into_iter()
                .chain(hint)
                .map(String::as_str)
                .collect();
            Outcome::Text("It cannot be evaluated", lines.join("\n\n"))
        }
    }
}

fn shown(said: String) -> Outcome {
    Outcome::All(vec![Outcome::Give(Command::DIFF), Outcome::Say(said)])
}

/// Asks for the change that is to be tried; what the row of the cursor speaks of is proposed.
pub(super) fn ask_what_to_try(app: &App) -> Outcome {
    Outcome::Question(Question::Try, proposed_change(app))
}

/// The change that a row speaks of: what an advice says, or what would leave the selected path out; else the last one.
fn proposed_change(app: &App) -> String {
    let target = app.target(app.focus).unwrap_or_default();
    if let Some(change) = target.change {
        return in_one_line(&change);
    }
    let selected = app.shared.selected;
    let chains = app.shared.chains_to(selected);
    let name = || {
        Some(
            app.facts
                .as_ref()?
                .graph()
                .package(selected?)
                .pname
                .to_owned(),
        )
    };
    let own = chains.and_then(|chains| {
        let mut origins = chains.origins.iter();
        origins.find_map(|(definition, via)| without(definition, &name()?, via.is_none()))
    });
    let last = || app.shared.evaluation.last.clone();
    own.or_else(last).unwrap_or_default()
}

/// A module that leaves a package out that a definition names, if one can be told: what is in a list is taken out of it, what
/// is switched on is switched off.
fn without(definition: &Definition, pname: &str, names_it: bool) -> Option<String> {
    if definition.is_inferred {
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

/// Puts a change that was tried into the plan, or takes it out.
pub(super) fn keep_try(app: &App) -> Outcome {
    let Some(one) = planning::kept(app.target(Focus::Main), app.facts.as_ref()) else {
        return Outcome::None;
    };
    let is_kept = !app.shared.plan.tries().contains(&one);
    let said = said_of_try(&one, is_kept, &app.shared.keys);
    Outcome::All(vec![Outcome::ToggleTry(one), Outcome::Say(said)])
}

/// What is said once a change was put into the plan, or taken out of it.
fn said_of_try(one: &TryStep, is_kept: bool, keys: &KeyTable) -> String {
    let change = text::sanitise(&one.in_one_line()).into_owned();
    if is_kept {
        let save = keys.shown(Command::SavePlan);
        format!("a step of the plan now, {save} saves it: {change}")
    } else {
        format!("no step of the plan any more: {change}")
    }
}

/// Tells the plan what a change gives; whether it is a step of it.
pub(super) fn learn_try(plan: &mut Plan, tried: &Tried) -> bool {
    let found = tried
        .as_ref()
        .ok()
        .and_then(|(facts, _)| planning::found(facts));
    found.is_some_and(|found| {
        plan.learn(&found);
        plan.tries().contains(&found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::origin::{DefinitionPlace, Switch};

    #[test]
    fn what_is_proposed_takes_out_of_lists_and_switches_off() {
        let place = DefinitionPlace {
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
        let inferred = Definition {
            is_inferred: true,
            ..list
        };
        assert_eq!(without(&inferred, "git", true), None);
        assert_eq!(
            in_one_line("# why\na.b = 1;\n\n  c = 2;"),
            "a.b = 1; c = 2;"
        );
    }
}
