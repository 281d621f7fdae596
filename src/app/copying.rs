//! What is put into the clipboard for the selected path.

use crate::gate;
use crate::model::PathId;
use crate::text;

use super::facts::Facts;
use super::keys::command::Command;
use super::outcome::Outcome;
use super::{App, Focus};

/// Copies what a command names of the selected path: its name, its hash part, its chain, else all of it.
pub(super) fn copy(app: &App, what: Command) -> Outcome {
    let (Some(facts), Some(id)) = (&app.facts, app.shared.selected) else {
        return Outcome::None;
    };
    let graph = facts.graph();
    let text = match what {
        Command::CopyChain => return copy_chain(facts, id),
        Command::CopyName => graph.name(id).to_owned(),
        Command::CopyHash => graph.hash_part(id).to_owned(),
        _ => graph.path(id).to_string(),
    };
    let text = gate::clipboard(&[text]);
    let said = format!("copied {}", text.as_str());
    Outcome::All(vec![Outcome::Say(said), Outcome::Copy(text)])
}

/// Copies lines of text: those of a row that tells how.
pub(super) fn lines(app: &App) -> Outcome {
    let target = app.target(Focus::Main).unwrap_or_default();
    let Some(text) = target.lines else {
        return Outcome::None;
    };
    let lines: Vec<&str> = text.lines().collect();
    let count = text::counted(lines.len(), "line");
    Outcome::All(vec![
        Outcome::Say(format!("copied {count}")),
        Outcome::Copy(gate::clipboard(&lines)),
    ])
}

fn copy_chain(facts: &Facts, id: PathId) -> Outcome {
    let Some(chain) = facts.shortest_chain(id) else {
        return Outcome::None;
    };
    let path = |&id: &PathId| facts.graph().path(id).to_string();
    let paths: Vec<String> = chain.iter().map(path).collect();
    let count = text::counted(paths.len(), "path");
    Outcome::All(vec![
        Outcome::Say(format!("copied a chain of {count}")),
        Outcome::Copy(gate::clipboard(&paths)),
    ])
}
