//! What each option, or each file of the configuration, brings in altogether.
//!
//! What a group of definitions *needs* is everything its paths reach. What it *retains* is what leaves when it goes: then
//! the paths that it alone names lose the references that generated paths have to them. What others name or need stays. Its
//! *share* splits every path evenly among the groups that reach it, rounded down.

use std::collections::BTreeMap;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::{Definition, Origins, is_part};
use crate::analysis::what_if::{Step, Total, after};

/// What definitions are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The option.
    Option,
    /// The file.
    File,
}

/// A group of definitions and what it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The option or the file; `None`: the file is not known.
    pub key: Option<String>,
    /// Whether a definition of it stands in the user's own files; unknown where no file is.
    pub own: Option<bool>,
    /// Whether all of it is inferred from names.
    pub is_inferred: bool,
    /// The paths it names, ascending.
    pub paths: Vec<PathId>,
    /// All that these need, themselves included.
    pub needs: Total,
    /// What leaves if the group goes.
    pub retained: Total,
    /// The references that go with it: those to paths that it alone names.
    pub steps: Vec<Step>,
    /// Bytes it is charged.
    pub share: u64,
}

/// All groups, what retains most first.
#[derive(Debug, Clone, Default)]
pub struct League(pub Vec<Standing>);

/// By option or file, and whether it is inferred from names: what only names say of an option that was evaluated is not
/// its own.
type Groups = BTreeMap<(Option<String>, bool), Standing>;

impl League {
    /// Ranks the groups of definitions that name paths of a closure.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        origins: &Origins,
        by: By,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (mut groups, named_by) = grouped(graph, closure, origins, by);
        progress.start("options", 2 * groups.len() as u64);
        let mut bearers: Column<u32> = Column::filled(graph.len(), 0);
        for group in groups.values() {
            progress.advance(1)?;
            for id in Closure::of(graph, &group.paths).members().iter() {
                bearers[id] += 1;
            }
        }
        let ground = ground(graph, closure, origins);
        for group in groups.values_mut() {
            progress.advance(1)?;
            let needed = Closure::of(graph, &group.paths);
            group.needs = Total::of_closure(&needed);
            let sizes = needed
                .members()
                .iter()
                .map(|id| (graph.nar_size(id), bearers[id]));
            group.share = sizes
                .map(|(size, bearers)| size.unwrap_or(0) / u64::from(bearers.max(1)))
                .sum();
            let alone = group.paths.iter().filter(|id| named_by.get(id) == Some(&1));
            let steps: Vec<Step> = alone
                .flat_map(|&to| {
                    holders(graph, closure, &ground, to).map(move |from| Step::Cut { from, to })
                })
                .collect();
            let left = closure.members().minus(&after(graph, closure, &steps));
            group.retained = Total::of(graph, &left);
            group.steps = steps;
        }
        let mut all: Vec<Standing> = groups.into_values().collect();
        all.sort_by(|a, b| {
            let weight = |one: &Standing| (one.retained.nar_size, one.share);
            weight(b).cmp(&weight(a)).then_with(|| a.key.cmp(&b.key))
        });
        Ok(Self(all))
    }
}

/// The groups with the paths each names, and how many groups name a path.
fn grouped(
    graph: &StoreGraph,
    closure: &Closure,
    origins: &Origins,
    by: By,
) -> (Groups, BTreeMap<PathId, usize>) {
    let mut groups = Groups::new();
    let mut named_by = BTreeMap::new();
    for path in origins.named() {
        if !closure.contains(path) {
            continue;
        }
        // What is made of much that was evaluated belongs to none of it.
        let definitions = origins.of(path);
        let is_made = |one: &&Definition| one.is_inferred || one.is_generated;
        let is_made = is_part(graph, closure, path) && definitions.iter().all(is_made);
        if is_made && origins.config().is_some() {
            continue;
        }
        let mut keys: Vec<Option<String>> = Vec::new();
        for definition in definitions {
            let place = definition.place.as_ref();
            let key = match by {
                By::Option => Some(definition.option.clone()),
                By::File => place.map(|place| place.file.clone()),
            };
            let of = (key.clone(), definition.is_inferred);
            let group = groups.entry(of).or_insert_with(|| Standing {
                key: key.clone(),
                own: None,
                is_inferred: definition.is_inferred,
                paths: Vec::new(),
                needs: Total::default(),
                retained: Total::default(),
                steps: Vec::new(),
                share: 0,
            });
            if let Some(place) = place {
                group.own = Some(group.own.unwrap_or(false) || place.own);
            }
            if !keys.contains(&key) {
                group.paths.push(path);
                keys.push(key);
            }
        }
        named_by.insert(path, keys.len());
    }
    (groups, named_by)
}

/// What the roots reach without going through a path that a definition names: the configuration itself.
fn ground(graph: &StoreGraph, closure: &Closure, origins: &Origins) -> PathSet {
    let mut ground = PathSet::of(graph.len(), closure.roots().iter().copied());
    let mut stack = closure.roots().to_vec();
    while let Some(id) = stack.pop() {
        if origins.of(id).is_empty() || is_part(graph, closure, id) {
            let references = graph.references(id).iter().copied();
            stack.extend(references.filter(|&to| ground.insert(to)));
        }
    }
    ground
}

/// What refers to a path because a definition names it: generated paths; where none does, what else is on the ground.
fn holders(
    graph: &StoreGraph,
    closure: &Closure,
    ground: &PathSet,
    id: PathId,
) -> impl Iterator<Item = PathId> + use<> {
    let referrers: Vec<PathId> = closure.referrers(graph, id).collect();
    let is_made = |id: &PathId| is_part(graph, closure, *id) || closure.is_root(*id);
    let mut made: Vec<PathId> = referrers.iter().copied().filter(is_made).collect();
    if made.is_empty() {
        made = referrers
            .into_iter()
            .filter(|&id| ground.contains(id))
            .collect();
    }
    made.into_iter()
}
