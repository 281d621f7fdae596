//! When a command can be given, and when it is worth a hint. All of it is read off what the row of the cursor stands for.

use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference};

use super::keys::command::{COMMANDS, Command, Scope};
use super::keys::keymap::Key;
use super::obstacle::Obstacle;
use super::target::Target;
use super::{App, Focus, View, planning};

/// Why a command cannot be given now; `None` if it can.
pub(crate) fn obstacle(app: &App, command: Command) -> Option<Obstacle> {
    use Command as C;
    let unless = |holds: bool, obstacle| (!holds).then_some(obstacle);
    let spec = command.spec();
    match command {
        C::Quit
        | C::QuitPrinting
        | C::Redraw
        | C::Suspend
        | C::Reload
        | C::Help
        | C::Welcome
        | C::Palette
        | C::Escape => None,
        _ if app.facts.is_none() => Some(Obstacle::NOTHING_LOADED),
        _ if spec.scope == Scope::Own => {
            only_elsewhere(command, app.view).or_else(|| obstacle_of_view(app, command))
        }
        _ if command.needs_path() && stands_for_many(app) => Some(Obstacle::MANY_PATHS),
        _ if let Some(gone) = gone(app, command) => Some(gone),
        C::Mark => {
            let target = app.target(app.focus).unwrap_or_default();
            let nothing = Obstacle::Says("this row has no reference to mark");
            if target.marks_offers {
                unless(!target.offers.is_empty(), nothing)
            } else {
                let marks = target.planned.is_some() || planning::step_of(&target).is_some();
                unless(marks, Obstacle::NO_PATH)
            }
        }
        C::Pin => {
            let target = app.target(app.focus).unwrap_or_default();
            unless(planning::pin_of(&target).is_some(), Obstacle::NO_PATH)
        }
        C::Try | C::AllOptions => {
            let known = app.shared.evaluation.config.is_some();
            unless(known, Obstacle::NO_CONFIGURATION)
        }
        C::KeepTry => unless(
            planning::kept(app.target(Focus::Main), app.facts.as_ref()).is_some(),
            Obstacle::Says("nothing was tried yet"),
        ),
        C::Details => unless(app.shared.selected.is_some(), Obstacle::NOTHING_SELECTED),
        C::CopyChain => {
            let core = app.facts.as_ref().and_then(super::facts::Facts::core);
            unless(
                core.is_some(),
                Obstacle::Says("chains are still being computed"),
            )
        }
        _ if command.needs_path() && app.shared.selected.is_none() => {
            Some(Obstacle::NOTHING_SELECTED)
        }
        C::ReplaceBy => {
            let root = app.shared.selected.is_some_and(|id| is_root(app, id));
            root.then_some(Obstacle::ROOT)
        }
        C::ExpandAll | C::CollapseAll if !app.view.spec().opens => Some(Obstacle::NOTHING_OPENS),
        C::ExpandAll | C::CollapseAll => obstacle_of_view(app, command),
        C::CutAll => {
            let target = app.target(Focus::Main).unwrap_or_default();
            unless(!target.cut.is_empty(), Obstacle::NO_CUT)
        }
        C::Cut => no_reference(app, |target| target.reference),
        C::Evidence => no_reference(app, |target| target.evidence),
        C::Undo => unless(
            app.shared.plan.can_undo(),
            Obstacle::Says("nothing to undo"),
        ),
        C::Redo => unless(
            app.shared.plan.can_redo(),
            Obstacle::Says("nothing was undone"),
        ),
        C::ClearMarks | C::SavePlan => {
            let is_done = command == C::ClearMarks && !app.shared.done.is_empty();
            let marked = is_done || !app.shared.plan.is_empty();
            unless(marked, Obstacle::Says("nothing is marked"))
        }
        C::NextMatch | C::PreviousMatch => unless(!app.searched().is_empty(), Obstacle::NO_SEARCH),
        C::Warnings => unless(!app.warnings().is_empty(), Obstacle::Says("there are none")),
        C::Messages => {
            let nothing = Obstacle::Says("nothing was said yet");
            unless(!app.said.messages.is_empty(), nothing)
        }
        C::Back => {
            let here = Obstacle::Says("this is where you came from");
            unless(!app.places.is_empty(), here)
        }
        _ => None,
    }
}

fn obstacle_of_view(app: &App, command: Command) -> Option<Obstacle> {
    let (pane, cx) = app.pane(Focus::Main)?;
    pane.obstacle(cx, command)
}

/// Why the row of the cursor has not the one reference that a command needs.
fn no_reference(app: &App, reference: impl Fn(&Target) -> Option<Reference>) -> Option<Obstacle> {
    let target = app.target(app.focus).unwrap_or_default();
    let instead = match app.focus {
        Focus::Main if Command::Cut.spec().is_heard(app.view) => target.instead,
        _ => None,
    };
    let missing = reference(&target).is_none();
    missing.then(|| instead.unwrap_or(Obstacle::NO_REFERENCE))
}

/// Whether the row of the cursor stands for many paths in place of one.
fn stands_for_many(app: &App) -> bool {
    let target = app.target(Focus::Main).unwrap_or_default();
    app.focus == Focus::Main && target.many.is_some()
}

/// Whether a command does something for the row of the cursor, and not only for the selection elsewhere.
pub(crate) fn helps(app: &App, command: Command) -> bool {
    if app.focus == Focus::Side {
        return true;
    }
    let target = app.target(Focus::Main).unwrap_or_default();
    match command {
        Command::WHY => target.path.is_some(),
        Command::Right if app.view.spec().opens => target.opens(),
        Command::Replace => target.offers.iter().any(Step::is_replacement),
        // What can be done with what was found matters more.
        Command::Details => !app.is_narrowed(),
        _ => true,
    }
}

/// Why nothing can be done with what only the other closure has: what the row of the cursor stands for, or what is selected;
/// and of a reference what makes it.
fn gone(app: &App, command: Command) -> Option<Obstacle> {
    let target = || app.target(app.focus).unwrap_or_default();
    let id = match command {
        Command::Mark | Command::Pin | Command::ReplaceBy | Command::CutAll => {
            target().path.or(app.shared.selected)?
        }
        Command::Cut => target().reference?.0,
        _ => return None,
    };
    let facts = app.facts.as_ref()?;
    let other = facts
        .guess()
        .map_or(Obstacle::GONE, |_| Obstacle::NOT_BUILT);
    facts.is_gone(id).then_some(other)
}

/// Whether the user asked about this very path.
fn is_root(app: &App, id: PathId) -> bool {
    let closure = app.facts.as_ref().map(super::facts::Facts::closure);
    closure.is_some_and(|closure| closure.is_root(id))
}

/// Why a command of few views cannot be given in another one.
fn only_elsewhere(command: Command, view: View) -> Option<Obstacle> {
    let spec = command.spec();
    let mut views = View::ALL.iter();
    let other = views.find(|&&other| spec.is_heard(other))?;
    let here = spec.is_heard(view);
    (!here).then(|| Obstacle::OnlyIn(other.spec().place, other.command()))
}

/// Why a key does nothing here: what it means elsewhere, or where all keys are listed.
pub(super) fn explain(app: &App, key: Key) -> String {
    let known = COMMANDS.iter().map(|spec| spec.command);
    let meant: Vec<Command> = known
        .filter(|&command| app.shared.keys.keys(command).contains(&key.to_string()))
        .collect();
    let reason = meant
        .iter()
        .find_map(|&command| Some((command, obstacle(app, command)?)));
    match (reason, meant.first()) {
        (Some((command, obstacle)), _) => refusal(app, command, obstacle),
        (None, Some(command)) => format!("{}: not in this view", command.spec().title),
        (None, None) => {
            let help = app.shared.keys.shown(Command::Help);
            format!("{key} does nothing here, {help} lists the keys")
        }
    }
}

/// What is said when a command cannot be given.
pub(super) fn refusal(app: &App, command: Command, obstacle: Obstacle) -> String {
    let why = obstacle.say(&app.shared.keys);
    format!("{}: {why}", command.spec().title)
}
