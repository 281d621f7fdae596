//! Options of NixOS that do what a plan says: those of the knowledge base, and those that the name of a unit tells.

use std::collections::BTreeSet;

use crate::analysis::analysed::Analysed;
use crate::analysis::hints::{Hints, held};
use crate::analysis::step::Step;
use crate::job::Cancelled;
use crate::model::{PathId, StoreGraph};

use super::nix::{attribute, comment};
use super::{Remedy, RemedyKind};

/// The entries of the knowledge base all of whose references the plan takes away.
pub(super) fn known(
    analysed: &Analysed,
    hints: &Hints,
    steps: &[Step],
) -> Result<Vec<Remedy>, Cancelled> {
    let (mut cut, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        match *step {
            Step::Cut { from, to } => {
                cut.insert((from, to));
            }
            // Every reference to what is replaced goes, too.
            Step::Remove(id) | Step::Replace { old: id, .. } => {
                gone.insert(id);
            }
        }
    }
    let goes = |&(from, to): &(PathId, PathId)| cut.contains(&(from, to)) || gone.contains(&to);
    let (held, _, _) = held(analysed, hints)?;
    let covered = held
        .into_iter()
        .filter(|held| !held.references.is_empty() && held.references.iter().all(goes));
    let remedies = covered.map(|held| {
        let hint = &hints.entries()[held.hint];
        Remedy {
            kind: RemedyKind::Option,
            title: hint.title.clone(),
            nix: hint.how.clone(),
            note: hint.effect.clone(),
        }
    });
    Ok(remedies.collect())
}

/// One remedy for all units of systemd that the plan takes away.
pub(super) fn units(graph: &StoreGraph, steps: &[Step]) -> Option<Remedy> {
    let named: BTreeSet<(&str, &str)> = steps
        .iter()
        .filter_map(|step| match *step {
            Step::Remove(id) | Step::Cut { to: id, .. } => unit(graph.name(id)),
            Step::Replace { .. } => None,
        })
        .collect();
    if named.is_empty() {
        return None;
    }
    let lines = named.iter().map(|(set, name)| {
        let (set, name) = (comment(set), attribute(name));
        format!("systemd.{set}.{name}.enable = lib.mkForce false;")
    });
    Some(Remedy {
        kind: RemedyKind::Option,
        title: "Units of systemd that are disabled".to_owned(),
        nix: lines.collect::<Vec<_>>().join("\n"),
        note: "The units become links to nothing. Where a module has an option of its own for it, that one takes away more. \
               Units of users are below systemd.user."
            .to_owned(),
    })
}

/// The set of options that a unit is defined in, and what it is called there.
fn unit(name: &str) -> Option<(&'static str, &str)> {
    let plain = name.strip_prefix("unit-")?;
    let (stem, end) = plain.rsplit_once('.')?;
    let set = match end {
        "service" => "services",
        "socket" => "sockets",
        "timer" => "timers",
        "path" => "paths",
        "target" => "targets",
        _ => return None,
    };
    // What a name escapes is not what an option is called.
    (!stem.is_empty() && !stem.contains(['\\', '@'])).then_some((set, stem))
}
